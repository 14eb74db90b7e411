"""Every point is in the set its strategy names, as the judge sees it; sets are more than fits; examples shrink."""

import pytest
from hypothesis import given, settings
from hypothesis.errors import InvalidArgument

from geomcheck import check, parse_claim, problem_from
from geomcheck.claims.judge import judge
from geomcheck.search.units import read, units
from geomcheck.testing import critical_points, degenerate_points, from_claim, global_minima, perfect_fits, points
from geomcheck.testing.degenerate import KINDS
from geomcheck.truth import Truth
from tests.testing.minimal import SHRINKING, examples, minimal

SETS = {"perfect_fits": perfect_fits, "critical_points": critical_points, "global_minima": global_minima}
SETTINGS = [
    {},
    {"network": "2-3-1 tanh"},
    {"network": "1-2-1 relu"},
    {"network": "2-1-2 linear, no bias"},
    {"network": "2-1", "reduction": "mean"},
    {"loss": "softmax_cross_entropy"},
    {"loss": "bce", "behaviour": "probabilities"},
    {"model": {"parameters": ["a", "b"], "inputs": ["x"], "outputs": ["a*b*x"]}, "loss": "quartic"},
    {"network": "1-1-1 linear", "inputs": [[1], [2]]},
    {"network": "3-1", "targets": [[1], [2], [4]]},
    {"network": "1-1", "parameters": [1, 2]},
]
OFF_THE_FIT = [
    (critical_points, {"network": "1-2-1 tanh", "samples": 2}),
    (critical_points, {"network": "1-2-1 linear", "weight_decay": 1}),
    (critical_points, {"network": "2-2-2 linear, no bias"}),
    (critical_points, {"network": "1-1-1 linear", "targets": [[1], [2], [4]]}),
    (global_minima, {"network": "2-1-2 linear, no bias"}),
    (global_minima, {"network": "2-1", "weight_decay": "1/2"}),
    (global_minima, {"network": "1-1, no bias", "samples": 3}),
]


def in_set(problem, point_set):
    return judge(parse_claim(f"P == P at {point_set}"), problem).scope is Truth.TRUE


def fits(problem):
    return in_set(problem, "perfect_fits")


@pytest.mark.parametrize("parts", SETTINGS, ids=str)
@pytest.mark.parametrize("point_set", SETS)
def test_points_are_in_their_set(point_set, parts):
    for problem in examples(SETS[point_set](**parts), 20):
        assert problem.is_instance
        assert in_set(problem, point_set)


@pytest.mark.parametrize(("strategy", "parts"), OFF_THE_FIT)
def test_sets_are_more_than_perfect_fits(strategy, parts):
    drawn = examples(strategy(**parts), 40)
    off = [problem for problem in drawn if not fits(problem)]
    name = next(name for name, made in SETS.items() if made is strategy)
    assert off and all(in_set(problem, name) for problem in off)


def test_linear_networks_have_saddles_and_ties():
    drawn = examples(critical_points(network="2-2-2 linear, no bias"), 40)
    assert any(judge(parse_claim("index(H) > 0"), problem).holds is Truth.TRUE for problem in drawn)
    assert any(not fits(problem) and not any(problem.parameters) for problem in drawn)


def test_units_are_split():
    drawn = examples(critical_points(network="2-3-1 tanh", samples=2), 80)
    own = [[read(list(problem.parameters), unit.own) for unit in units(problem.model, 1)] for problem in drawn]
    assert any(first == last and all(first) for first, _, last in own)


def test_given_targets_are_reached():
    for problem in examples(perfect_fits(network="1-2-1 tanh", targets=[[1], [1]]), 20):
        assert problem.targets == ((1,), (1,))
        assert fits(problem)


def test_smallest_points():
    pixel = {"network": "1-1 linear, no bias", "samples": 1, "inputs": [0], "parameters": [0]}
    for strategy in SETS.values():
        assert minimal(strategy()) == problem_from({**pixel, "targets": "perfect_fit"})
    off = minimal(critical_points(), lambda problem: not fits(problem))
    assert off.P == 1 and off.samples == 1 and off.parameters == (0,) and abs(off.targets[0][0]) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_degenerate_points_are_what_their_kind_says(kind):
    drawn = examples(degenerate_points(kind=kind, network="2-2-1 tanh", samples=2), 20)
    assert any(any(problem.parameters) for problem in drawn)
    assert all(is_kind(kind, problem) for problem in drawn)


def is_kind(kind, problem):
    theta, hidden = list(problem.parameters), units(problem.model, 1)
    own, out = [read(theta, unit.own) for unit in hidden], [read(theta, unit.outgoing) for unit in hidden]
    signs = [[sum(a * b for a, b in zip(unit, (*x, 1), strict=True)) for x in problem.inputs] for unit in own]
    both, (first, second) = zip(own, out, strict=True), own
    match kind:
        case "silent unit":
            return any(not any(a) for a in out)
        case "zero unit":
            return any(not any(w) and not any(a) for w, a in both)
        case "constant unit":
            return any(not any(w[:-1]) for w in own)
        case "negative unit":
            return any(all(z < 0 for z in row) for row in signs)
        case "positive unit":
            return any(all(z > 0 for z in row) for row in signs)
        case "equal units":
            return first == second
        case "opposite units":
            return first == [-w for w in second]
        case "proportional units":
            return any(first == [c * w for w in second] for c in (1, 2, 3)) or any(
                second == [c * w for w in first] for c in (2, 3)
            )
        case "cancelling units":
            return first == second and out[0] == [-a for a in out[1]]


@pytest.mark.parametrize("at", ["all_points", "perfect_fits", "critical_points", "global_minima", "local_minima"])
def test_degenerate_points_in_a_set(at):
    drawn = examples(degenerate_points(at=at), 25)
    assert all(len(problem.model.layers) >= 2 and in_set(problem, at) for problem in drawn)
    assert any(is_kind("silent unit", p) for p in examples(degenerate_points(at=at, network="1-2-1 tanh"), 40))


def test_the_smallest_degenerate_point():
    smallest = minimal(degenerate_points())
    assert (smallest.P, smallest.samples, set(smallest.parameters)) == (2, 1, {0})


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("rank(H) == rank(G) at perfect_fits", {"network": "2-2-1 relu", "samples": 2}),
        ("L == 0 at local_minima", {"network": "1-1-1 linear, no bias"}),
        ("index(H) == 0 given critical_point", {}),
        ("perfect_fit implies r == 0", {"network": "1-1-1 tanh"}),
        ("rank(H) == 0 at global_minima given rank(G) == 1", {}),
        ("nullity(G) >= 0", {"network": "1-1-1 relu"}),
    ],
)
def test_instances_of_a_claim_are_in_its_scope(text, parts):
    claim = parse_claim(text)
    drawn = examples(from_claim(text, **parts), 15)
    assert all(judge(claim, problem).scope is Truth.TRUE for problem in drawn)


def test_the_smallest_counterexample_to_a_claim():
    claim = "rank(H) == rank(G) at perfect_fits"
    broken = minimal(from_claim(claim, loss="quartic"), lambda p: judge(parse_claim(claim), p).holds is Truth.FALSE)
    assert broken == problem_from(
        {
            "network": "1-1 linear, no bias",
            "loss": "quartic",
            "inputs": [1],
            "targets": "perfect_fit",
            "parameters": [0],
        }
    )
    assert check(claim, problem=broken).refuted


def test_a_falsifying_example_is_printed_as_code():
    @settings(SHRINKING)
    @given(perfect_fits(network="1-1 linear, no bias"))
    def broken(problem):
        raise AssertionError

    with pytest.raises(AssertionError) as caught:
        broken()
    (note,) = [note for note in caught.value.__notes__ if "geomcheck.problem_from" in note]
    code = note[note.index("geomcheck.problem_from(") + len("geomcheck.problem_from(") : note.rindex("})") + 1]
    assert problem_from(eval(code)).parameters == (0,)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: perfect_fits(loss="logistic"), "Cannot construct perfect fits: logistic has no finite minimiser"),
        (
            lambda: perfect_fits(network="1-1", loss="bce_logits", targets=[[1]]),
            "Cannot construct perfect fits: targets[0][0] = 1 is a hard label",
        ),
        (
            lambda: global_minima(network="1-1-1 tanh", weight_decay=1),
            "Cannot construct global minima with weight_decay=1",
        ),
        (
            lambda: critical_points(network="1-1, no bias", inputs=[1], targets=[1], parameters=[0]),
            "The given instance is not known to be in critical_points",
        ),
        (lambda: from_claim("rank(H) == at"), "text, line 1"),
        (lambda: from_claim("rank(G) == P at generic_points"), "Cannot construct generic points"),
        (lambda: from_claim("A[5] == 0", network="1-1", samples=1), ""),
        (lambda: from_claim(3), "Expected str but got text=3 (type=int)"),
        (lambda: degenerate_points(kind="twins"), "Unknown kind='twins'; there are silent unit"),
        (lambda: degenerate_points(at="minima"), "Unknown at='minima'; there are perfect_fits"),
        (lambda: degenerate_points(network="1-1"), "There is no hidden unit"),
        (lambda: degenerate_points(network="1-1-1 relu", kind="zero unit"), "There is no hidden unit"),
        (lambda: degenerate_points(network="1-1-1", parameters=[0] * 4), "Cannot have parameters in degenerate_points"),
    ],
)
def test_impossible_combinations_are_refused_at_once(make, message):
    with pytest.raises(InvalidArgument) as caught:
        make()
    assert str(caught.value).startswith(message)


def test_the_judge_has_the_last_word(monkeypatch):
    """A construction that goes wrong gives no example, never a wrong one."""
    monkeypatch.setitem(points.COMPLETIONS, "critical_points", lambda draw: iter([draw.start.with_(targets=[[9]])]))
    drawn = examples(critical_points(network="1-1-1 linear, no bias", samples=1).filter(lambda p: True), 10)
    assert all(in_set(problem, "critical_points") for problem in drawn)
