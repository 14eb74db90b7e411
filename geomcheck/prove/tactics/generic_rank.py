"""Generic ranks: bounded below by one exact point, above by shapes, symmetries and the space of functions.

generic_rank(M) is the greatest rank of M over all parameters and over the data the problem leaves open; it is the rank
off a proper algebraic subset when the model is analytic. A proof that uses a point uses one point for all its matrices,
and that point is the witness of the proof.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final, final

from geomcheck.claims.evaluation import Evaluation
from geomcheck.claims.matrices import build, shape
from geomcheck.claims.tree import Tree, is_constant, unparse
from geomcheck.errors import Kink, OutsideField, Undecided
from geomcheck.geometry.ambient_dimension import ambient_dimension
from geomcheck.geometry.generic import POINTS, generic_points, ranks_at, symmetry_dimension, tried_in_balls
from geomcheck.geometry.probability_simplex import in_a_simplex
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem
from geomcheck.prove.knowledge import NAMED, ZERO, AbstractRule, Fact, Knowledge, Scope

Matrices = tuple[Tree, ...]
POINTED: Final = ("generic-lower", "kernel-fields")
"""The rules whose facts rest on the witness."""
_DRAWS: Final = 60
GENERIC_HEADS: Final = ("generic_rank", "rank", "nullity", "det")
"""The terms that at generic points speak of a generic rank; elsewhere only the first does."""


@final
@dataclass(frozen=True)
class GenericPoint:
    """A point of general position, and the rank of each matrix modulo a prime there."""

    problem: Problem
    ranks: tuple[int, ...]


def speaks_of(scope: Scope, known: Knowledge) -> Matrices:
    """The matrices of whose generic rank the claim speaks; at generic points every rank is one."""
    heads = GENERIC_HEADS if scope.point_set == "generic_points" else GENERIC_HEADS[:1]
    return tuple(dict.fromkeys(matrix for head in heads for matrix in known.claimed(head)))


def witness_of(scope: Scope, matrices: Matrices) -> GenericPoint | None:
    """The point of general position when it lies in the scope, so that it can be the proof's witness."""
    anywhere = scope.point_set in ("all_points", "generic_points") or scope.problem.targets == "perfect_fit"
    return generic_point(scope.problem, matrices) if anywhere and not scope.assumed else None


@lru_cache(maxsize=64)
def generic_point(problem: Problem, matrices: Matrices) -> GenericPoint | None:
    """Among a few random points the one where the ranks are greatest together; None where none can be evaluated."""
    best: GenericPoint | None = None
    if not matrices or (problem.parameters is not None and not problem.is_instance):
        return None
    for in_balls in (False, True) if tried_in_balls(problem, found=False) else (False,):
        for point in (problem,) if problem.is_instance else _in_domain(problem, small=in_balls):
            ranks = ranks_at(point, [partial(build, matrix) for matrix in matrices], in_balls=in_balls)
            if ranks is not None and (best is None or sum(ranks) > sum(best.ranks)):
                best = GenericPoint(point, ranks)
        if best is not None:
            break
    return best


def _in_domain(problem: Problem, *, small: bool) -> Iterator[Problem]:
    """Random points at which the loss is defined: one on probabilities takes more draws, for F is to be one there."""
    found = 0
    drawn = () if small else generic_points(problem, draws=_DRAWS)
    for point in (*drawn, *generic_points(problem, draws=_DRAWS, small=True)):
        with suppress(Kink, OutsideField, Undecided):
            Evaluation(point).require_in_domain()
            found += 1
            yield point
        if found == POINTS:
            return


@final
class GenericLower(AbstractRule):
    """k ≤ generic_rank(M), when a k × k minor of M is nonzero at one exact point: it is nonzero generically."""

    name = "generic-lower"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The bound for every matrix whose generic rank the claim speaks of."""
        matrices = speaks_of(scope, known)
        point = witness_of(scope, matrices)
        if point is None:
            return
        for matrix, rank in zip(matrices, point.ranks, strict=True):
            term = ("generic_rank", matrix)
            minor = f"A {rank} × {rank} minor of {unparse(matrix)} is nonzero at the witness"
            reason = f"{minor}, so {unparse(term)} ≥ {rank}."
            yield Fact(self.name, ("<=", ("number", str(rank)), term), reason)


@final
class GenericUpper(AbstractRule):
    """What bounds a rank everywhere bounds the generic one: shapes, products, sums, transposes."""

    name = "generic-upper"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The bounds for every generic rank that matters."""
        for matrix in known.arguments("generic_rank"):
            term, text = ("generic_rank", matrix), unparse(matrix)
            least = min(shape(matrix, scope.problem))
            rows, columns = shape(matrix, scope.problem)
            yield Fact(self.name, ("<=", term, ("number", str(least))), f"{text} has shape {rows} × {columns}.")
            yield Fact(self.name, ("<=", ZERO, term), f"{unparse(term)} ≥ 0.")
            for bound, reason in self._structure(matrix, scope):
                yield Fact(self.name, ("<=", term, bound), reason)

    def _structure(self, matrix: Tree, scope: Scope) -> Iterator[tuple[Tree, str]]:
        head = matrix[0]
        if matrix == NAMED["H_o"]:
            for factor in ("G", "D"):
                yield ("generic_rank", NAMED[factor]), f"H_o = GᵀDG, so its rank is at most that of {factor}."
        elif matrix == NAMED["H"] and scope.problem.weight_decay == 0:
            parts = ("+", ("generic_rank", NAMED["H_o"]), ("generic_rank", NAMED["H_f"]))
            yield parts, "H = H_o + H_f, and rank is subadditive everywhere."
        elif head == "transpose":
            yield ("generic_rank", matrix[1]), "A transpose has the same rank."
        elif head in ("+", "-"):
            yield ("+", *(("generic_rank", part) for part in matrix[1:])), "Rank is subadditive everywhere."
        elif head == "*" and not is_constant(matrix[1]):
            for part in matrix[1:]:
                yield ("generic_rank", part), "A product has at most the rank of a factor, everywhere."


@final
class KernelFields(AbstractRule):
    """generic_rank(G) ≤ P − s, for s independent vector fields v with G v ≡ 0 from the network's symmetries."""

    name = "kernel-fields"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The bound, where the network has continuous symmetries."""
        term = ("generic_rank", NAMED["G"])
        point = witness_of(scope, speaks_of(scope, known))
        if point is None or not known.mentions(term):
            return
        dimension = symmetry_dimension(point.problem)
        if dimension:
            reason = (
                "Rescaling of units, GL of linear layers, rotations of square units and shifts of exponential ones "
                f"leave F unchanged; their {dimension} velocity fields are independent at the witness, and G "
                f"annihilates them: rank(G) ≤ P − {dimension} generically."
            )
            yield Fact(self.name, ("<=", term, ("number", str(scope.problem.P - dimension))), reason)


@final
class Ambient(AbstractRule):
    """rank(G) ≤ K · (number of monomials) at every point, for a network that is a polynomial in its inputs."""

    name = "ambient"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The bound on the rank and on the generic rank of G."""
        dimension = ambient_dimension(scope.problem)
        if dimension is None:
            return
        for head in ("rank", "generic_rank"):
            if known.mentions((head, NAMED["G"])):
                reason = f"F is a polynomial in the inputs with {dimension} coefficients, so {head}(G) ≤ {dimension}."
                yield Fact(self.name, ("<=", (head, NAMED["G"]), ("number", str(dimension))), reason)


@final
class Normalised(AbstractRule):
    """rank(G) ≤ N·(K − 1) where Σ_k F_k ≡ 1 on every sample: the K rows of G of a sample sum to 0."""

    name = "normalised"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The bound on the rank and on the generic rank of G."""
        problem = scope.problem
        if not in_a_simplex(problem):
            return
        bound = problem.N * (problem.K - 1)
        for head in ("rank", "generic_rank"):
            if known.mentions((head, NAMED["G"])):
                reason = f"Σ_k F_k = 1 on every sample, so the rows of G of a sample sum to 0: {head}(G) ≤ {bound}."
                yield Fact(self.name, ("<=", (head, NAMED["G"]), ("number", str(bound))), reason)


@final
class Semicontinuity(AbstractRule):
    """rank(M) ≤ generic_rank(M) at every point; equality at generic points of an analytic model."""

    name = "semicontinuity"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The relation for every matrix of which both ranks matter."""
        if scope.problem.parameters is not None:
            return
        for matrix in (*known.arguments("generic_rank"), *speaks_of(scope, known)):
            rank, generic = ("rank", matrix), ("generic_rank", matrix)
            if not known.mentions(rank):
                continue
            if scope.point_set == "generic_points" and is_analytic(scope.problem):
                reason = f"At generic points {unparse(rank)} is the generic one: its minors are analytic."
                yield Fact(self.name, ("==", rank, generic), reason)
            else:
                reason = f"{unparse(rank)} ≤ {unparse(generic)}, the greatest rank attained."
                yield Fact(self.name, ("<=", rank, generic), reason)


def is_analytic(problem: Problem) -> bool:
    """Whether the model and its loss are analytic in everything they depend on (dense networks and named losses), and
    what is open is connected: at other labels ±1 a rank may be another one.
    """
    network = problem.model
    smooth = isinstance(network, DenseNetwork) and not any(layer.activation.piecewise for layer in network.layers)
    apart = getattr(problem.loss, "domain", "any") == "signs" and problem.targets is None  # labels that stay open
    return smooth and not apart and not getattr(problem.loss, "piecewise", True)
