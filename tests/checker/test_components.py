"""The checker's own count of the components of the global minima, against geomcheck's: the same or a refusal."""

import json
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from geomcheck import checker
from geomcheck.certificate import accepted
from geomcheck.connectivity import expansions
from geomcheck.connectivity.components import components
from geomcheck.engine import check
from geomcheck.errors import GeomcheckError, InputError, Undecided
from geomcheck.problem.canonical import problem_to_json
from geomcheck.problem.read import problem_from
from geomcheck.render.latex import verdict_latex
from geomcheck.render.python import as_test
from geomcheck.render.text import verdict_text
from geomcheck.values import evaluate


def counts(problem: Any) -> tuple[int | None, int | None]:
    """What geomcheck and the checker say; None for a refusal."""
    checker.WORK[0] = 0
    try:
        own: int | None = components(problem).count
    except Undecided:
        own = None
    try:
        theirs: int | None = checker.components(checker.Problem(problem_to_json(problem)))
    except checker.Reject:
        theirs = None
    return own, theirs


def network(rng: Random) -> dict[str, Any]:
    kind, d = rng.choice(["units", "units", "linear", "powers"]), rng.choice([1, 2])
    bias = kind != "powers"
    activation = {
        "units": rng.choice(["relu", "abs", "leaky_relu(1/3)", "leaky_relu(-1/2)", "leaky_relu(0)", "linear"]),
        "linear": "linear",
        "powers": rng.choice(["square", "power(3)"]),
    }[kind]
    widths = [rng.choice([1, 2, 3])] + [
        rng.choice([1, 2]) for _ in range(rng.choice([0, 1]) if kind == "linear" else 0)
    ]
    layers = [{"width": w, "activation": activation, "bias": bias and rng.random() < 0.4} for w in widths]
    outputs = 1 if kind == "units" else rng.choice([1, 2])
    return {"inputs": d, "layers": [*layers, {"width": outputs, "bias": bias and rng.random() < 0.4}]}


def model(rng: Random) -> dict[str, Any]:
    names = [f"p{i}" for i in range(rng.choice([1, 1, 2, 3]))]

    def monomial() -> str:
        return f"{rng.choice([1, 2, -3])}*x" + "".join(f"*{name}^{rng.choice([0, 1, 1, 2, 3])}" for name in names)

    def quadric() -> str:
        pairs = [f"({rng.randint(-2, 2)})*{a}*{b}" for a in names for b in names]
        return " + ".join([*pairs, *(f"({rng.choice([0, 1, -2])})*{a}" for a in names), "x"])

    def roots() -> str:
        return "*".join(f"({names[0]} - ({rng.randint(-2, 2)}))" for _ in range(3))

    written = rng.choice([monomial, monomial, quadric, roots])
    outputs = [written() for _ in range(1 if written is quadric else rng.choice([1, 2]))]
    return {"parameters": names, "inputs": ["x"], "outputs": outputs}


@pytest.mark.parametrize("seed", range(8))
def test_both_counts_agree(seed: int) -> None:
    rng, known = Random(seed), 0
    for _ in range(60):
        about = {"network": network(rng)} if rng.random() < 0.5 else {"model": model(rng)}
        d = about["network"]["inputs"] if "network" in about else 1
        K = about["network"]["layers"][-1]["width"] if "network" in about else len(about["model"]["outputs"])
        n = rng.choice([1, 1, 2, 3])
        numbers = [0, 0, 1, 1, -1, 2, Fraction(1, 2)]
        inputs = [[rng.choice(numbers) for _ in range(d)] for _ in range(n)]
        targets = [[rng.choice(numbers) for _ in range(K)] for _ in range(n)]
        loss = rng.choice(["mse", "mse", "quartic", "logcosh"])
        own, theirs = counts(problem_from({**about, "inputs": inputs, "targets": targets, "loss": loss}))
        assert own == theirs
        known += own is not None
    assert known > 10


@pytest.mark.parametrize("change", [{"weight_decay": 1}, {"loss": "logistic"}, {"loss": "bce_logits"}])
def test_what_no_theorem_covers_is_refused(change: dict[str, Any]) -> None:
    about = {"network": "1-1-1 linear, no bias", "inputs": [1], "targets": [1], **change}
    assert counts(problem_from(about)) == (None, None)


@pytest.mark.parametrize(("entry", "expected"), [(1, None), (2, 2)])
def test_narrow_networks_need_one_best_approximation(entry: int, expected: int | None) -> None:
    identity = [[1, 0], [0, 1]]
    about = {"network": "2-1-2 linear, no bias", "inputs": identity, "targets": [[entry, 0], [0, 1]]}
    assert counts(problem_from(about)) == (expected, expected)


def test_the_numbers_of_expansions() -> None:
    for m in range(7):
        for r in range(m + 1):
            assert checker.surjections(r, m) == expansions.surjections(r, m)
            assert checker.expansions(r, m) == expansions.expansions(r, m)


RAMP = {"network": "1-2-1 relu, no bias", "inputs": [1, -1], "targets": [1, 1]}
TEACHER = {"network": "2-2-1 tanh, no bias", "teacher": 2, "samples": 1}


@pytest.mark.parametrize(
    ("claim", "about", "outcome"),
    [
        ("components(minima) == 2", RAMP, "PROVED"),
        ("components(minima) < 2", RAMP, "REFUTED"),
        ("components(minima) == 8", TEACHER, "PROVED"),
        ("components(minima) == 2 at all_points", TEACHER, "REFUTED"),
        ("components(minima) == 1", {"network": "1-1-1 linear, no bias", "samples": 1}, "REFUTED"),
        ("components(minima) == 1", {**TEACHER, "network": "2-2-1 relu, no bias"}, "UNDECIDED"),
        ("expansions(2, 3) == 12 and surjections(2, 1 + 2) == 6", {"network": "1-1 linear", "samples": 1}, "PROVED"),
    ],
)
def test_claims_about_components(claim: str, about: dict[str, Any], outcome: str) -> None:
    verdict = check(claim, **about)
    assert verdict.outcome == outcome
    if verdict.certificate is not None:
        forged = {**verdict.certificate, "verdict": "PROVED" if outcome == "REFUTED" else "REFUTED"}
        assert not accepted(forged)[0]


def certificate() -> dict[str, Any]:
    verdict = check("components(minima) == 2", **RAMP)
    assert verdict.certificate is not None
    assert accepted(verdict.certificate)[0]
    return json.loads(json.dumps(verdict.certificate))


@pytest.mark.parametrize(
    "change",
    [
        {"targets": [["1"], ["0"]]},
        {"inputs": None},
        {"targets": None},
        {"weight_decay": "1"},
        {"loss": "logistic"},
        {"teacher": 2},
    ],
)
def test_another_problem_is_another_claim(change: dict[str, Any]) -> None:
    forged = certificate()
    forged["problem"] |= change
    assert not accepted(forged)[0]


def test_a_loss_against_a_teacher_has_no_value_in_a_sample() -> None:
    with pytest.raises(InputError, match="teacher"):
        check("L == 0", **TEACHER)
    verdict = check("L == 0 or components(minima) == 2", **RAMP, parameters=[0, 0, 0, 0])
    assert verdict.certificate is not None
    forged = json.loads(json.dumps(verdict.certificate))
    assert accepted(forged)[0]
    forged["problem"]["teacher"] = 2
    assert not accepted(forged)[0]


@pytest.mark.parametrize(
    "claim",
    ["components(A) == 1", "expansions(1, N) == 1", "surjections(1/2, 2) == 1", "minima == 2", "rank(minima) == 1"],
)
def test_words_in_the_wrong_place(claim: str) -> None:
    with pytest.raises(GeomcheckError):
        check(claim, **RAMP)
    with pytest.raises(checker.Reject):
        tree = checker.parse_claim(claim)
        checker.sort_of(tree[1], checker.Problem(certificate()["problem"]))


def test_values_without_parameters() -> None:
    assert evaluate(["components(minima)", "expansions(2, 4)"], **RAMP)["components(minima)"].value == "2"
    assert evaluate(["components(minima)"], **TEACHER)["components(minima)"].value == "8"
    with pytest.raises(InputError, match="open"):
        evaluate(["components(minima)"], network="1-1-1 linear", samples=1)
    with pytest.raises(InputError, match="open"):
        evaluate(["components(minima)", "L"], **RAMP)


def test_it_is_printed_in_every_format() -> None:
    verdict = check("components(minima) == expansions(2, 2)", **RAMP)
    assert "\\operatorname{components}(minima) = \\operatorname{expansions}(2, 2)" in verdict_latex(verdict)
    assert "components(minima) = 2" in verdict_text(verdict)


@pytest.mark.parametrize("about", [RAMP, TEACHER])
def test_a_refutation_shows_what_matters_and_runs_as_a_test(about: dict[str, Any]) -> None:
    verdict = check("components(minima) == 1", **about)
    assert "W1" not in verdict_text(verdict)
    names: dict[str, Any] = {}
    exec(as_test(verdict, "refuted"), names)
    names["refuted"]()
