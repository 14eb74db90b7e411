"""Proofs of claims that quantify over parameters or data: one tactic a file, every step replayed by the checker."""

from dataclasses import replace

from geomcheck.claims.claim import Claim
from geomcheck.claims.evidence import generic_range
from geomcheck.claims.named_points import stripped
from geomcheck.claims.tree import Tree, negation_normal_form, points_in, unparse
from geomcheck.problem.problem import Problem
from geomcheck.prove.engine import Prover
from geomcheck.prove.knowledge import Scope
from geomcheck.prove.least_point import LeastPoint, least_point
from geomcheck.prove.logic import assumptions
from geomcheck.prove.proof import Proof, assemble

__all__ = ["LeastPoint", "Proof", "disprove", "generic_bounds", "least_point", "prove"]


def generic_bounds(matrix: Tree, problem: Problem) -> tuple[int, int]:
    """The least and greatest generic rank of a matrix term: a rank that is attained, and what can be proved.

    >>> from geomcheck.problem.read import problem_from
    >>> generic_bounds(("matrix", "G"), problem_from({"network": "2-3-1 relu, no bias", "samples": 20}))
    (6, 6)
    """
    about = replace(problem, parameters=None, points=(), permutations=())
    low, high = generic_range(matrix, about)
    formula = ("<=", ("generic_rank", matrix), ("number", str(low)))
    proof = prove(Claim(unparse(formula), ("claim", formula, None, None)), about) if low < high else None
    return low, high if proof is None else low


def disprove(claim: Claim, problem: Problem) -> Proof | None:
    """A proof that the claim's formula fails at every point in its scope, or None where none is found.

    >>> from geomcheck.claims.claim import parse_claim
    >>> from geomcheck.problem.read import problem_from
    >>> problem = problem_from({"network": "2-3-1 relu, no bias", "samples": 20})
    >>> disprove(parse_claim("generic_rank(G) == P"), problem).lines[-1]
    'Therefore generic_rank(G) != P.'
    """
    return prove(Claim(claim.text, ("claim", ("not", claim.formula), claim.point_set, claim.given)), problem)


def prove(claim: Claim, problem: Problem, least: LeastPoint | None = None) -> Proof | None:
    """A proof that the claim holds for everything the problem leaves open, or None where none is found.

    `least` is a point of least loss, on which the proof may rest; then it is the witness. None says nothing about the
    truth of the claim. Raises InputError where matrices of the claim do not fit together.

    >>> from geomcheck.claims.claim import parse_claim
    >>> from geomcheck.problem.read import problem_from
    >>> problem = problem_from({"network": "2-3-1 tanh", "loss": "mse", "samples": 4})
    >>> proof = prove(parse_claim("rank(H) == rank(G) at perfect_fits"), problem)
    >>> proof.lines[-1]
    'Therefore rank(H) == rank(G).'
    >>> prove(parse_claim("rank(H) < rank(G) at perfect_fits"), problem) is None
    True
    """
    about = problem
    if points_in(claim.tree):  # facts are found for every θ in the point set, and then taken to the named points
        about = replace(problem, points=(), permutations=())
    scope = Scope(about, claim.point_set or "all_points", (), None if claim.given else least)
    formulas: tuple[Tree, ...] = (claim.formula,)
    if claim.given is not None:
        scope = Scope(about, scope.point_set, tuple(assumptions(claim.given, scope)))
        formulas = (claim.formula, claim.given)
    if points_in(claim.tree):
        formulas = (*formulas, *map(stripped, formulas), ("global_minimum",))
    leaves = Prover(scope, formulas).prove(negation_normal_form(claim.formula))
    if leaves is None and claim.given is not None:  # φ given ψ is ψ → φ, which may follow from its contrary
        implication = ("implies", claim.given, claim.formula)
        leaves = Prover(replace(scope, assumed=()), formulas).prove(negation_normal_form(implication))
    return None if leaves is None else assemble(claim, problem, leaves, scope.least)
