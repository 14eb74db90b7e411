"""Smaller shapes, and counterexamples of which nothing can be taken away."""

from __future__ import annotations

import contextlib
import json
import time
from fractions import Fraction

import pytest

import geomcheck as gc
from geomcheck.claims.claim import parse_claim
from geomcheck.claims.judge import judge
from geomcheck.engine import refutation
from geomcheck.errors import InputError
from geomcheck.problem.read import problem_from
from geomcheck.search.shapes import all_smaller, one_smaller, size
from geomcheck.search.shrink import simpler
from geomcheck.search.smallest_shape import smallest
from geomcheck.truth import Truth
from geomcheck.verdict import Verdict

EQUAL = "rank(H) == rank(G)"
LATER = 10**18


def problem(network="2-3-1 tanh", samples=2, **parts):
    return problem_from({"network": network, "samples": samples, **parts})


def shape(about):
    return (*about.model.widths, about.N)


def test_cuts_take_one_thing_away():
    smaller = [shape(p) for p, _ in one_smaller(problem("2-3-2-1 tanh", 2))]
    assert smaller == [
        (2, 3, 2, 1, 1),
        (1, 3, 2, 1, 2),
        (2, 2, 2, 1, 2),
        (2, 3, 1, 1, 2),
        (2, 2, 1, 2),
        (2, 3, 1, 2),
    ]


def test_a_cut_is_always_smaller_and_cuts_lead_everywhere():
    start = problem("2-2-2 square", 2)
    below = all_smaller(start)
    assert len(below) == len(set(below)) == 2 * 2 * 2 * 2 - 1 + 2 * 2 * 2
    assert list(map(size, below)) == sorted(map(size, below)) and size(below[-1]) < size(start)
    # removing the narrow layer of 5-1-5 makes the network larger, so it is no cut
    assert all(len(p.model.layers) == 2 for p, _ in one_smaller(problem("5-1-5 linear", 1)))


def test_too_many_shapes_are_not_listed():
    assert all_smaller(problem("20-20-20 tanh", 20)) is None


def test_residual_links_hold_widths_together():
    layers = [{"width": 2, "activation": "tanh"}, {"width": 2, "activation": "tanh", "residual": 1}, {"width": 1}]
    start = problem({"inputs": 2, "layers": layers}, 1)
    assert [shape(p) for p, _ in one_smaller(start)] == [(1, 2, 2, 1, 1), (2, 1, 1, 1, 1), (2, 2, 1, 1)]
    last = next(p for p, _ in one_smaller(start) if len(p.model.layers) == 2)
    assert last.model.layers[0].residual is None
    inner = [{"width": 2}, {"width": 2}, {"width": 2, "residual": 2}]
    without_first = [p for p, _ in one_smaller(problem({"inputs": 2, "layers": inner}, 1)) if len(p.model.layers) == 2]
    assert [p.model.layers[1].residual for p in without_first] == [1]


@pytest.mark.parametrize(
    ("parts", "fewest"),
    [
        ({"network": "1-2 linear", "samples": 1, "loss": "softmax_cross_entropy"}, 2),
        ({"network": "1-2 linear", "samples": 1, "behaviour": "probabilities"}, 2),
        ({"network": "1-2 linear", "samples": 1, "loss": "bce_logits"}, 1),
        ({"network": "1-2 linear", "samples": 1}, 1),
        (
            {
                "network": "1-2 linear",
                "samples": 1,
                "loss": {"outputs": ["f", "g"], "targets": ["y", "z"], "value": "(f-y)^2+(g-z)^4"},
            },
            2,
        ),
        ({"model": {"parameters": ["a"], "outputs": ["a", "a^2"]}, "samples": 1}, 1),
    ],
)
def test_fewest_outputs(parts, fewest):
    start = problem_from(parts)
    assert min(p.K for p in (start, *all_smaller(start))) == fewest


def test_an_instance_follows_its_shape():
    """The function on the remaining data is that of the network without the unit (here a silent one)."""
    instance = problem(
        "2-2-1 square",
        parameters=[1, 2, 3, 4, 5, 6, 0, 1, 7],
        inputs=[[1, 0], [2, 1]],
        targets=[[1], [2]],
    )
    start = problem("2-2-1 square")
    narrow = next(images for p, images in one_smaller(start, instance) if shape(p) == (2, 1, 1, 2))
    assert [tuple(map(int, image.parameters)) for image in narrow] == [(3, 4, 6, 1, 7), (1, 2, 5, 0, 7)]
    values = [gc.evaluate(["F[0, 0]", "F[1, 0]"], image) for image in (narrow[0], instance)]
    assert values[0] == values[1]
    fewer = next(images for p, images in one_smaller(start, instance) if p.N == 1)
    assert [image.inputs for image in fewer] == [((2, 1),), ((1, 0),)]
    assert [image.targets for image in fewer] == [((2,),), ((1,),)]
    slim = next(images for p, images in one_smaller(start, instance) if shape(p) == (1, 2, 1, 2))
    assert slim[0].parameters == (2, 4, 5, 6, 0, 1, 7) and slim[0].inputs == ((0,), (1,))


def test_given_data_lose_rows():
    start = problem("1-1 linear", 3, inputs=[1, 2, 2])
    assert [p.inputs for p, _ in one_smaller(start)] == [((2,), (2,)), ((1,), (2,))]


def test_labels_keep_their_sum():
    start = problem("1-3 linear", 1, loss="softmax_cross_entropy", targets=[["1/2", "1/4", "1/4"]])
    assert list(one_smaller(start)) == []


# -- the smallest shape, with answers known beforehand ---------------------------------------------------------------


def verdict(about, outcome, witness=None):
    return Verdict(outcome, "claim", about, witness=witness)


def refuted_from(least):
    """Refuted for every shape with all sizes at least `least` and the same depth."""

    def attempt(about, images):
        enough = len(shape(about)) == len(least) and all(a >= b for a, b in zip(shape(about), least, strict=True))
        return verdict(about, "REFUTED", about) if enough else verdict(about, "PROVED")

    return attempt


def test_it_ends_at_the_least_shape():
    start = problem("3-4-2 tanh", 4)
    found = smallest(start, start, refuted_from((2, 2, 1, 3)), LATER)
    assert shape(found.verdict.problem) == (2, 2, 1, 3)
    assert found.complete and set(found.outcomes) == {"PROVED"}
    below = all_smaller(found.verdict.problem)
    assert sum(found.outcomes.values()) == len(below)


def test_it_finds_a_shape_that_lies_behind_larger_ones():
    """No single cut leaves a refuted claim, two cuts do."""
    start = problem("3-3-1 tanh", 2)

    def attempt(about, images):
        return verdict(about, "REFUTED", about) if shape(about) == (1, 1, 1, 1) else verdict(about, "SURVIVED")

    assert shape(smallest(start, start, attempt, LATER).verdict.problem) == (1, 1, 1, 1)


def test_what_makes_no_sense_for_a_shape_is_no_outcome():
    start = problem("2-1 linear", 1)

    def attempt(about, images):
        raise InputError("no such entry")

    found = smallest(start, start, attempt, LATER)
    assert (found.verdict, found.outcomes, found.complete) == (None, {}, True)


def test_without_time_nothing_is_claimed():
    start = problem("2-2-1 tanh", 2)
    found = smallest(start, start, refuted_from((1, 1, 1, 1)), time.monotonic_ns())
    assert (found.verdict, found.complete) == (None, False)
    assert "not all were tried" in found.words


# -- minimality, by the engine ---------------------------------------------------------------------------------------

CASES = [
    (f"{EQUAL} at perfect_fits", {"network": "2-2-1 square", "samples": 2, "loss": "quartic"}),
    (f"{EQUAL} at global_minima", {"network": "2-1-2 linear, no bias", "samples": 2}),
    (f"{EQUAL} at critical_points", {"network": "1-2-1 relu", "samples": 2}),
    (f"{EQUAL} at perfect_fits", {"network": "2-3 linear", "samples": 2, "loss": "softmax_cross_entropy"}),
    ("rank(G) == N", {"model": {"parameters": ["a", "b"], "inputs": ["x"], "outputs": ["a*b*x"]}, "samples": 2}),
]


@pytest.mark.parametrize(("text", "parts"), CASES)
def test_nothing_can_be_taken_away(text, parts):
    claim, start = parse_claim(text), problem_from(parts)
    answer = gc.check(text, problem=start, smallest=True, trials=60, seconds=8)
    assert answer.refuted and answer.problem == start
    least = answer if answer.smaller is None else answer.smaller
    assert least.refuted and size(least.problem) <= size(start)
    assert least.certificate is not None
    for smaller, images in one_smaller(least.problem, least.witness):  # no layer, unit, sample, input, output
        assert all(refutation(claim, smaller, image) is None for image in images)
        assert not gc.check(text, problem=smaller, trials=60, seconds=8).refuted
    for candidate in simpler_numbers(least):  # no number
        judgement = judge(claim, candidate)
        assert not (judgement.scope is Truth.TRUE and judgement.holds is Truth.FALSE)


def simpler_numbers(found):
    """The instance with one number replaced by a simpler one, in all ways."""
    about, witness = found.problem, found.witness
    for name in ("parameters", "inputs", "targets"):
        rows = getattr(witness, name)
        if getattr(about, name) is not None or not isinstance(rows, tuple):
            continue
        rows = [list(rows)] if name == "parameters" else [list(row) for row in rows]
        for row in rows:
            for j, value in enumerate(row):
                for candidate in simpler(Fraction(value)):
                    row[j] = candidate
                    with contextlib.suppress(InputError):
                        yield witness.with_(**{name: rows[0] if name == "parameters" else rows})
                row[j] = value


def test_the_smaller_shape_is_a_claim_of_its_own(tmp_path, capsys):
    from geomcheck.cli import main

    arguments = [
        "check",
        f"{EQUAL} at perfect_fits",
        "--network",
        "2-2-1 square",
        "--loss",
        "quartic",
        "--samples",
        "2",
    ]
    assert main([*arguments, "--smallest", "--save", str(tmp_path)]) == 1
    text = capsys.readouterr().out
    assert text.count("REFUTED") == 2 and "Smallest found" in text and "Smaller shapes" in text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["claim-smallest.json", "claim.json"]
    for path in tmp_path.iterdir():
        assert gc.verify(path).startswith("REFUTED")
    assert main([*arguments, "--smallest", "--format", "json"]) == 1
    answer = json.loads(capsys.readouterr().out)["claims"][0]
    assert answer["problem"]["samples"] == 2 and answer["smaller"]["problem"]["samples"] == 1
    assert main(arguments) == 1
    assert "Smallest found" not in capsys.readouterr().out


def test_a_claim_that_holds_has_no_smallest_shape():
    assert gc.check("rank(H) <= P", network="1-1 linear", samples=1, smallest=True).smaller is None
