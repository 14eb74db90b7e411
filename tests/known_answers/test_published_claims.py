"""Published claims about ranks, minima and dimensions, settled with no instance given.

What is false as worded is refuted, and holds once the missing hypothesis is added; what is true is never refuted and
mostly proved; and what fails on a thin set only is never proved.
"""

from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest

from geomcheck.claims.claim import parse_claim
from geomcheck.claims.files import ClaimEntry, shipped_claims
from geomcheck.engine import check
from geomcheck.problem.read import problem_from
from geomcheck.prove import disprove, prove

SHIPPED = {entry.id: entry for entry in shipped_claims()}

LEAST_FALSE, LEAST_TRUE, LEAST_PROVED = 20, 25, 15


def claim(says: str, network: str | None = None, loss: str = "mse", **parts: Any) -> ClaimEntry:
    given = parts if network is None else {"network": network, **parts}
    return ClaimEntry("", parse_claim(says), problem_from({"loss": loss, **given}))


def model(outputs: str, parameters: str = "a", inputs: str = "") -> dict[str, Any]:
    return {"parameters": list(parameters), "inputs": list(inputs), "outputs": [outputs]}


@dataclass(frozen=True)
class Row:
    """A published claim that is false as worded, and the same with the missing hypothesis."""

    name: str
    worded: str | ClaimEntry
    repaired: str | ClaimEntry
    repair: str = field(compare=False)


IDENTITY = {"inputs": [[1, 0], [0, 1]], "targets": [[1, 0], [0, 1]]}
EQUAL_RANKS = "rank(H) == rank(G) at perfect_fits"
CIRCLE = {"parameters": ["t"], "inputs": [], "outputs": ["(1 - t^2)/(1 + t^2)", "2*t/(1 + t^2)"]}

FALSE = [
    # A. rank equality
    Row(
        "rank-equality-perfect-fit",
        claim(EQUAL_RANKS, loss="quartic", model=model("a*b*x", "ab", "x"), samples=1),
        "rank-equality-perfect-fit",
        "D positive definite",
    ),
    Row("rank-equality-any-global-min", "rank-equality-any-global-min-2", "rank-equality-perfect-fit", "perfect fit"),
    Row("perfect-fit-residual-zero", "perfect-fit-residual-zero-3", "perfect-fit-residual-zero-2", "not cross-entropy"),
    Row("diagonal-D-suffices", "diagonal-D-suffices-5", "diagonal-D-suffices-6", "positive definite D"),
    Row(
        "separable-loss-suffices",
        "separable-loss-suffices",
        claim(EQUAL_RANKS, "1-2-1 tanh", "logcosh", samples=2),
        "φ'' > 0 at the fit",
    ),
    Row("softmax-logit-ce", "softmax-logit-ce", "softmax-logit-ce-2", "less im(G) & ker(D)"),
    Row(
        "local-min-left-null-space",
        claim("r == 0 at local_minima", model=model("a^2"), samples=1, targets=[[-1]]),
        claim("G.T*r == 0 at local_minima", model=model("a^2"), samples=1),
        "only the part of r that G sees",
    ),
    Row(
        "rankH-can-exceed-rankG",
        "rankH-can-exceed-rankG",
        claim("rank(H) <= rank(G) at perfect_fits", model=model("a^2"), samples=1),
        "perfect fit",
    ),
    Row(
        "behaviour-fixed-at-constant-loss",
        "behaviour-fixed-at-constant-loss-4",
        claim(EQUAL_RANKS, model=CIRCLE, samples=1),
        "zero loss",
    ),
    Row(
        "high-dim-implies-low-rank",
        claim("rank(G) <= P - 2 at global_minima", "2-1-2 linear, no bias", **IDENTITY),
        claim("rank(H) <= P - 2 at global_minima", "2-1-2 linear, no bias", **IDENTITY),
        "H in place of G",
    ),
    Row(
        "submersion-dimension",
        "submersion-dimension-2",
        claim("rank(G) == N*K at perfect_fits", model=model("a*b", "ab"), samples=1, targets=[[1]]),
        "a regular value",
    ),
    Row("rank-bound-NK", "rank-bound-NK-2", "rank-bound-NK", "perfect fit"),
    Row(
        "weight-decay-adds-cI",
        claim(
            "det(H) == 33/16 at critical_points", model=model("a*b", "ab"), samples=1, targets=[[1]], weight_decay="3/4"
        ),
        claim("det(H) == 7/4 at critical_points", model=model("a"), samples=1, targets=[[1]], weight_decay="3/4"),
        "a model affine in its parameters",
    ),
    # B. information loss
    Row(
        "low-rank-implies-information-loss",
        claim("rank(A[1]) < 3 given rank(G) < P", "2-3-1 relu", samples=14),
        claim("rank(G) < P given rank(A[1]) < 2", "1-2-1 tanh", samples=7),
        "the converse",
    ),
    Row(
        "dependent-activations",
        claim("rank(G) == P - nullity(A[1])", "1-2-1 relu", samples=8),
        claim("rank(G) <= P - nullity(A[1])", "1-2-1 tanh", samples=8),
        "an upper bound",
    ),
    # C. deep linear networks
    Row("dln-outer-rank", "dln-outer-rank-5", "dln-outer-rank-7", "generic points"),
    Row("dln-functional-rank", "dln-functional-rank-6", "dln-functional-rank-7", "an upper bound"),
    Row("dln-total-rank", "dln-total-rank-5", "dln-total-rank-6", "generic points"),
    Row("hessian-rank-linear-in-width", "hessian-rank-linear-in-width-5", "hessian-rank-linear-in-width-4", "one less"),
    Row("sharpness-not-invariant", "sharpness-not-invariant", "sharpness-not-invariant-7", "rank in place of trace"),
    # D. spaces of functions
    Row("neurovariety-high-degree", "neurovariety-high-degree-5", "neurovariety-high-degree", "high degree"),
    Row("neurovariety-naive-count", "neurovariety-naive-count", "neurovariety-naive-count-3", "high degree"),
    Row(
        "alexander-hirschowitz-exceptions",
        "alexander-hirschowitz-exceptions-2",
        "alexander-hirschowitz-exceptions-3",
        "one more unit",
    ),
    Row("fibre-equals-symmetry-orbit", "fibre-equals-symmetry-orbit", "fibre-equals-symmetry-orbit-7", "high degree"),
    Row("relu-functional-dimension", "relu-functional-dimension-3", "relu-functional-dimension-4", "as a bound"),
    # H. critical points
    Row("kawaguchi-no-bad-local-min", "kawaguchi-no-bad-local-min-5", "kawaguchi-no-bad-local-min-4", "depth two"),
    Row("baldi-hornik-levels", "baldi-hornik-levels-8", "baldi-hornik-levels-10", "no negative curvature"),
    Row("yun-relu-linear-fit", "yun-relu-linear-fit-3", "yun-relu-linear-fit-4", "local minima, second order only"),
    Row("dead-relu-plateau", "dead-relu-plateau-3", "dead-relu-plateau-4", "a unit alive"),
    Row(
        "no-bad-minima-of-relu",
        claim("global_minimum at local_minima", "2-3-1 relu", samples=4),
        claim("global_minimum at local_minima given rank(G) == N*K", "2-3-1 relu", samples=4),
        "G of full row rank",
    ),
    Row("exact-spurious-quadratic", "exact-spurious-quadratic-4", "exact-spurious-quadratic-5", "second order only"),
    Row("overparam-no-bad-minima", "overparam-no-bad-minima", "overparam-no-bad-minima-3", "G of full row rank"),
]

TRUE = [
    "rank-equality-perfect-fit",
    "rank-equality-perfect-fit-2",
    "gauss-newton-decomposition",
    "perfect-fit-residual-zero-2",
    "perfect-fit-residual-zero-4",
    "ce-mse-bce-list",
    "ce-mse-bce-list-2",
    "ce-mse-bce-list-3",
    "diagonal-D-suffices-3",
    "softmax-logit-ce-2",
    "softmax-logit-ce-3",
    "rankH-can-exceed-rankG-6",
    "linear-model-equality",
    "rank-bound-NK",
    "dln-outer-rank-3",
    "dln-functional-rank-2",
    "dln-total-rank",
    "dln-total-rank-2",
    "dln-total-rank-7",
    "hessian-rank-linear-in-width-2",
    "sharpness-not-invariant-7",
    "neurovariety-high-degree",
    "neurovariety-naive-count-2",
    "alexander-hirschowitz-exceptions",
    "alexander-hirschowitz-exceptions-4",
    "fibre-equals-symmetry-orbit-2",
    "fibre-equals-symmetry-orbit-6",
    "relu-functional-dimension",
    "relu-functional-dimension-2",
    "kawaguchi-no-bad-local-min-4",
    "kawaguchi-no-bad-local-min-6",
    "baldi-hornik-levels-10",
    "yun-relu-linear-fit-4",
    claim("generic_rank(G) == P - 2", "2-2-1 exp", samples=20),
    claim("not critical_point", "1-1 linear, no bias", "bce_logits", inputs=[[1]], targets=[[1]]),
    claim("rank(H) == 4 at perfect_fits given rank(A[1]) == 2", "2-2-2 linear, no bias", inputs=[[1, 0], [0, 1]],
          targets=[[0, 0], [0, 0]]),
]  # fmt: skip

# Each holds off a thin set, which need not contain a rational point, and fails on it.
THIN = [
    claim("rank(G) == 1", model=model("a*(b - 1)^2*x", "ab", "x"), inputs=[[1]]),
    claim("rank(G) == 1", model=model("a*(b - 1/3)^2*x", "ab", "x"), inputs=[[1]]),
    claim("rank(G) == 1", model=model("a*(b^2 - 2)^2", "ab"), samples=1),
    claim("rank(G) == generic_rank(G)", model=model("a*(b^2 - 2)^2", "ab"), samples=1),
    claim("rank(G) >= 1 at perfect_fits", model=model("a*(b - 1)^2", "ab"), samples=1),
    claim("nullity(G) == 1", model=model("a*(b^3 - 3)^2", "ab"), samples=1),
    claim("rank(H) == 2 at perfect_fits", model=model("(a - 17/19)^3*x + b", "ab", "x"), inputs=[[0], [1]]),
    claim("rank(G) == 2", model=model("(a - 17/19)^3*x + b", "ab", "x"), inputs=[[0], [1]]),
    claim("det(H) != 0", model=model("a^3/3 - 2*a"), samples=1, targets=[[0]]),
    claim("H != 0", model=model("(a - 123/1000)^4"), samples=1, targets=[[0]]),
    claim("rank(G) == 1", model=model("relu(a - 5)^2*(b - 1/3)^2 + (b - 1/3)^3", "ab"), samples=1),
    claim("rank(G) == 1", model=model("(a^2 + b^2 - 3)^2", "ab"), samples=1),
    claim("rank(H_o) == 4", "2-2-2 linear, no bias", samples=3),
    claim("rank(H) == 16", "4-3-2 linear, no bias", samples=4),
    claim("rank(G) == 2", "1-1 linear", samples=2),
    claim("rank(G) == P - 3", "2-3-1 relu", samples=16),
    claim("rank(G) == 5", "3-2-1 square, no bias", samples=8),
    claim("rank(A[1]) == 2", "1-2-1 tanh", samples=3),
    claim("index(H) == 0 at critical_points", model=model("a^3 - 3*a"), samples=1),
    claim("L > 0", model=model("a^2 - 2"), samples=1, targets=[[0]]),
    claim("not critical_point", model=model("a^3/3 - 2*a"), samples=1, targets=[[100]]),
]


@cache
def outcome(entry: str | ClaimEntry) -> str:
    """The verdict in lower case."""
    about = SHIPPED[entry] if isinstance(entry, str) else entry
    assert not about.problem.is_instance
    verdict = check(about.claim, problem=about.problem, trials=60, seconds=3)
    return verdict.outcome.lower()


@pytest.mark.parametrize("row", FALSE, ids=lambda row: row.name)
def test_false_as_worded_and_true_with_the_hypothesis(row: Row) -> None:
    assert outcome(row.worded) == "refuted"
    assert outcome(row.repaired) in ("proved", "survived")


def test_groups_c_d_and_h_ship() -> None:
    stems = {
        *("dln-outer-rank", "dln-functional-rank", "dln-total-rank", "hessian-rank-linear-in-width"),
        *("sharpness-not-invariant", "neurovariety-high-degree", "neurovariety-naive-count"),
        *("alexander-hirschowitz-exceptions", "fibre-equals-symmetry-orbit", "relu-functional-dimension"),
        *("kawaguchi-no-bad-local-min", "baldi-hornik-levels", "yun-relu-linear-fit", "dead-relu-plateau"),
        *("exact-spurious-quadratic", "overparam-no-bad-minima"),
    }
    assert stems <= set(SHIPPED)


def test_enough_false_claims() -> None:
    assert len({row.name for row in FALSE}) == len(FALSE) >= LEAST_FALSE


def test_true_claims_are_mostly_proved_and_never_refuted() -> None:
    found = Counter(outcome(entry) for entry in TRUE)
    assert set(found) <= {"proved", "survived"}
    assert found["proved"] >= LEAST_PROVED
    assert found.total() >= LEAST_TRUE


def test_what_ships_agrees_with_these_tables() -> None:
    for row in FALSE:
        if isinstance(row.worded, str):
            assert SHIPPED[row.worded].expect == "refuted"
        if isinstance(row.repaired, str):
            assert SHIPPED[row.repaired].expect in ("proved", "survived")
    for entry in TRUE:
        if isinstance(entry, str):
            assert SHIPPED[entry].expect in ("proved", "survived")


@pytest.mark.parametrize("entry", THIN, ids=lambda entry: entry.says)
def test_what_fails_on_a_thin_set_is_never_proved(entry: ClaimEntry) -> None:
    assert prove(entry.claim, entry.problem) is None
    assert check(entry.claim, problem=entry.problem, trials=5, seconds=1).outcome != "PROVED"


def test_the_same_at_generic_points_is_not_refuted() -> None:
    for says, outputs in [("generic_rank(G) == 1", "a*(b^2 - 2)^2*x"), ("generic_rank(G) == 1", "a*(b - 1/3)^2*x")]:
        about = claim(says, model=model(outputs, "ab", "x"), samples=3)
        assert disprove(about.claim, about.problem) is None
        assert check(about.claim, problem=about.problem, trials=5, seconds=1).outcome != "REFUTED"
