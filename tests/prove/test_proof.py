"""What a finished proof looks like: steps that add up, words a person can read, bounded work."""

import json
import time
from fractions import Fraction as Q
from typing import Any

import pytest

from geomcheck.claims.kinds import kind_of, tree_from_json
from geomcheck.claims.tree import Tree
from geomcheck.engine import check
from geomcheck.prove import Proof
from geomcheck.prove.linear_arithmetic import ONE, LinearForm, matrix_form, scalar_form

from .problems import model, problem, proof

SIZES = {"P": 13, "N": 4, "K": 1}
CLAIMS = [
    "rank(H) == rank(G) at perfect_fits",
    "rank(H) <= rank(G) - dim(im(G) & ker(D)) and rank(H) != P at perfect_fits",
    "H == G.T*D*G and index(H) == 0 at perfect_fits",
    "perfect_fit implies (rank(G) == 2 implies nullity(H) == P - 2)",
    "critical_point at local_minima given rank(H) < 3 and positive_definite(D)",
    "rank(H) < 4 at perfect_fits given rank(G) <= 3",
    "rank(H - H_o) <= rank(H_f)",
]


def tree(data: Any) -> Tree:
    """A tree back from JSON, number trees included."""
    return tree_from_json(json.loads(json.dumps(data)))


def total(entries: list[list[Any]], facts: list[Tree], form: Any) -> LinearForm:
    result = LinearForm.of({})
    for index, multiplier in entries:
        head, left, right = facts[index]
        assert head == "==" or Q(multiplier) >= 0
        result = result + (form(right) - form(left)).times(Q(multiplier))
    return result


def scalar(term: Tree) -> LinearForm:
    return scalar_form(term, SIZES)


@pytest.mark.parametrize("says", CLAIMS)
def test_leaves_are_the_sums_they_say_they_are(says: str) -> None:
    found = proof(says)
    assert found is not None
    facts = [tree(step["fact"]) for step in found.steps]
    for entry in found.conclusion:
        leaf, entries = tree(entry["leaf"]), entry["combination"]
        if len(leaf) == 1:
            assert entries == [[facts.index(leaf), "1"]]
        elif leaf[0] == "==":
            assert total(entries, facts, matrix_form) == matrix_form(leaf[2]) - matrix_form(leaf[1])
        else:
            rest = scalar(leaf[2]) - scalar(leaf[1]) - total(entries, facts, scalar)
            assert set(rest.terms) <= {ONE}
            assert rest.constant >= (1 if leaf[0] == "<" else 0)


@pytest.mark.parametrize("says", CLAIMS)
def test_premises_come_first_and_every_step_is_used(says: str) -> None:
    found = proof(says)
    assert found is not None
    used = {index for entry in found.conclusion for index, _ in entry["combination"]}
    for number, step in reversed(list(enumerate(found.steps))):
        assert number in used
        assert set(step) == {"rule", "args", "fact"}
        assert all(premise < number for premise in step["args"]["uses"])
        used |= set(step["args"]["uses"])


@pytest.mark.parametrize("says", CLAIMS)
def test_equal_matrices_differ_by_their_premises(says: str) -> None:
    found = proof(says)
    assert found is not None
    facts = [tree(step["fact"]) for step in found.steps]
    for step in found.steps:
        if step["rule"] == "equal-matrices":
            arguments = step["args"]
            assert [index for index, _ in arguments["combination"]] == arguments["uses"]
            left, right = (matrix_form(tree(arguments[side])) for side in ("left", "right"))
            assert total(arguments["combination"], facts, matrix_form) == right - left
            assert all(kind_of(facts[index][1]) == "matrix" for index in arguments["uses"])


def test_a_proof_reads_like_one() -> None:
    found = proof("rank(H) == rank(G) at perfect_fits")
    assert found is not None
    assert found.lines == (
        "By the chain rule H = H_o + H_f with H_o = GᵀDG and H_f = Σ r_j ∇²F_j. "
        "SymPy derived ∇²L for this network with abstract σ, σ′, σ″ and all 91 entries agree.",
        "At a perfect fit f = y, where the gradient r of mse vanishes: r = 0, so H_f = Σ r_j ∇²F_j = 0.",
        "H = H_o, hence rank(H) = rank(H_o).",
        "D ≻ 0: the Hessian of mse in F is positive definite everywhere.",
        "D ≻ 0 factors as SᵀS with S invertible, so rank(H_o) = rank(GᵀDG) = rank((SG)ᵀ(SG)) = rank(SG) = rank(G).",
        "Therefore rank(H) == rank(G).",
    )
    assert found.witness is None


def scope_of(found: Proof | None) -> tuple[str, str]:
    assert found is not None
    return found.holds_for, found.does_not_claim


def test_what_a_proof_covers() -> None:
    holds_for, _ = scope_of(proof("rank(H) == rank(G) at perfect_fits"))
    assert holds_for == (
        "all θ ∈ ℝ¹³, all inputs of 4 samples in ℝ², all targets in ℝ¹: at every perfect fit where H exists"
    )
    fixed = problem(model=model("a*b"), inputs=[[1]], targets=[[2]], samples=1, parameters=[1, 2])
    assert scope_of(proof("rank(H) <= P", fixed))[0].startswith("the data given: at every point")
    labels = problem("2-2-2 tanh", loss="softmax_cross_entropy")
    assert "that softmax_cross_entropy allows" in scope_of(proof("rank(H) <= P", labels))[0]


def test_a_proof_at_generic_points_leaves_out_a_thin_set() -> None:
    # rank(G) = 0 at θ = 0 and at inputs 0, so "every point" would be false.
    free = problem("1-1-1 square, no bias", samples=2)
    holds_for, not_claimed = scope_of(proof("rank(G) == 1 at generic_points", free))
    assert holds_for.endswith(
        ", off a proper analytic subset of these taken together: at every other point where H exists"
    )
    assert "special inputs" in not_claimed
    verdict = check("rank(G) == 1 at generic_points", network="1-1-1 square, no bias", samples=2)
    assert verdict.scope_reason == "it is proved off a proper analytic subset, which is never everything"


def test_what_a_proof_does_not_claim() -> None:
    smooth = scope_of(proof("rank(H) <= P at perfect_fits given rank(G) > 1"))[1]
    assert "not perfect fits" in smooth
    assert "rank(G) > 1 fails" in smooth
    assert "kink" not in smooth
    assert "kink" in scope_of(proof("rank(H) <= P", problem("2-3-1 relu")))[1]
    assert "kink" in scope_of(proof("rank(H) <= P", problem("2-3-1 tanh", loss="squared_hinge")))[1]
    assert "kink" in scope_of(proof("rank(H) <= P", problem(model=model("a*relu(b*x)"))))[1]


@pytest.mark.parametrize(
    "says",
    [
        " + ".join(f"rank({i + 2}*H_o + {i + 3}*H_f - H)" for i in range(48)) + " >= 0",
        "rank(" + "*".join(["H", "H_o"] * 48) + ") <= rank(G)",
        "dim(" + " & ".join(f"ker({i + 1}*H + H_f)" for i in range(48)) + ") <= 1",
        " implies ".join(["rank(H) == rank(G) + 1"] * 45),
    ],
)
def test_long_claims_take_seconds(says: str) -> None:
    started = time.perf_counter()
    proof(says)
    assert time.perf_counter() - started < 20
