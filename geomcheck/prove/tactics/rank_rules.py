"""Linear algebra that holds for all matrices: bounds by shape, products, sums, transposes, kernels."""

from collections.abc import Iterator
from typing import final

from geomcheck.claims.kinds import kind_of
from geomcheck.claims.matrices import ambient_dimension, shape
from geomcheck.claims.tree import Tree, is_constant, unparse
from geomcheck.problem.numbers import space_text
from geomcheck.prove.knowledge import NAMED, ZERO, AbstractRule, Fact, Knowledge, Scope
from geomcheck.prove.linear_arithmetic import scalar_form


def is_symmetric(matrix: Tree) -> bool:
    """Whether a matrix term is symmetric by its structure: D, H, H_o, H_f, and sums, multiples and transposes of such,
    and products that read the same from behind, such as GᵀDG.

    >>> is_symmetric(("-", NAMED["H"], NAMED["H_o"])), is_symmetric(("*", NAMED["H"], NAMED["H_o"]))
    (True, False)
    >>> is_symmetric(("*", ("transpose", NAMED["G"]), NAMED["G"]))
    True
    """
    head = matrix[0]
    if head == "matrix":
        return matrix[1] in ("D", "H", "H_o", "H_f")
    if head == "@":
        return is_symmetric(matrix[1])
    if head == "*" and is_constant(matrix[1]):
        return is_symmetric(matrix[2])
    if head == "*":
        factors = _factors(matrix)
        return [_turned(factor) for factor in reversed(factors)] == factors
    return head in ("+", "-", "neg", "transpose") and all(is_symmetric(part) for part in matrix[1:])


def _factors(term: Tree) -> list[Tree]:
    return [*_factors(term[1]), *_factors(term[2])] if term[0] == "*" else [term]


def _turned(term: Tree) -> Tree:
    if term[0] == "transpose":
        return term[1]  # type: ignore[no-any-return]
    return term if is_symmetric(term) else ("transpose", term)


@final
class RankNullity(AbstractRule):
    """rank(M) + nullity(M) = columns of M."""

    name = "rank-nullity"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The equation for every matrix whose nullity matters."""
        for matrix in known.arguments("nullity"):
            columns = shape(matrix, scope.problem)[1]
            text = unparse(matrix)
            yield Fact(
                self.name,
                ("==", ("+", ("rank", matrix), ("nullity", matrix)), _number(columns)),
                f"rank({text}) + nullity({text}) = {columns}, the number of columns.",
            )


@final
class ShapeBounds(AbstractRule):
    """0 ≤ rank(M) ≤ rows, columns; 0 ≤ nullity(M); dim(S) ≤ dimension of the space around S."""

    name = "shape"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The bounds for every rank, nullity and dimension that matters."""
        for matrix in known.arguments("rank"):
            term, text = ("rank", matrix), unparse(matrix)
            rows, columns = shape(matrix, scope.problem)
            reason = f"{text} has shape {rows} × {columns}, so rank({text}) ≤ {min(rows, columns)}."
            yield Fact(self.name, ("<=", term, _number(min(rows, columns))), reason)
            yield Fact(self.name, ("<=", ZERO, term), f"rank({text}) ≥ 0.")
        for matrix in known.arguments("nullity"):
            yield Fact(self.name, ("<=", ZERO, ("nullity", matrix)), f"nullity({unparse(matrix)}) ≥ 0.")
        for space in known.arguments("dim"):
            around = ambient_dimension(space, scope.problem)
            reason = f"{unparse(space)} lies in {space_text(around)}, so its dimension is at most {around}."
            yield Fact(self.name, ("<=", ("dim", space), _number(around)), reason)


@final
class ProductRank(AbstractRule):
    """rank(XY) ≤ rank(X), rank(Y); in particular for H_o = GᵀDG; rank(cM) = rank(M) for a number c ≠ 0.

    rank(MᵀM) = rank(MMᵀ) = rank(M), as |Mv|² = 0 wherever MᵀMv = 0; so rank(M²) = rank(M) for symmetric M.
    """

    name = "product"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The bounds for every product whose rank matters."""
        for matrix in known.arguments("rank"):
            if matrix == NAMED["H_o"]:
                for factor in (NAMED["G"], NAMED["D"]):
                    yield self._bound(matrix, factor, f"H_o = GᵀDG, so rank(H_o) ≤ rank({factor[1]}).")
            elif matrix[0] == "neg":
                yield self._multiple(matrix, matrix[1])
            elif matrix[0] == "*" and is_constant(matrix[1]):
                if scalar_form(matrix[1], {}).constant:
                    yield self._multiple(matrix, matrix[2])
            elif matrix[0] == "*":
                if (root := _root(matrix)) is not None:
                    reason = f"{unparse(matrix)} has the rank of {unparse(root)}: MᵀMv = 0 gives |Mv|² = 0."
                    yield Fact(self.name, ("==", ("rank", matrix), ("rank", root)), reason)
                for factor in matrix[1:]:
                    yield self._bound(matrix, factor, f"rank({unparse(matrix)}) ≤ rank({unparse(factor)}): a factor.")

    def _bound(self, matrix: Tree, factor: Tree, reason: str) -> Fact:
        return Fact(self.name, ("<=", ("rank", matrix), ("rank", factor)), reason)

    def _multiple(self, matrix: Tree, inner: Tree) -> Fact:
        reason = f"{unparse(matrix)} is a nonzero multiple of {unparse(inner)}, so their ranks agree."
        return Fact(self.name, ("==", ("rank", matrix), ("rank", inner)), reason)


def _root(product: Tree) -> Tree | None:
    """The M of MᵀM, of MMᵀ, or of MM for a symmetric M; None for other products."""
    left, right = product[1:]
    if left == ("transpose", right) or (left == right and is_symmetric(left)):
        return right  # type: ignore[no-any-return]
    return left if right == ("transpose", left) else None


@final
class ZeroRank(AbstractRule):
    """rank(M) ≤ 0 only for M = 0."""

    name = "product"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """M == 0 for every matrix that the claim, or a part of it, says to be 0."""
        for term in known.terms:
            if term[0] != "==" or term[2] != ZERO or kind_of(term[1]) != "matrix" or known.find(term):
                continue
            vanishes = known.find(("<=", ("rank", term[1]), ZERO))
            if vanishes is not None:
                yield Fact(self.name, term, f"A matrix of rank 0 is 0: {unparse(term[1])} = 0.", (vanishes,))


@final
class SumRank(AbstractRule):
    """rank(A ± B) ≤ rank(A) + rank(B)."""

    name = "sum"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The bound for every sum whose rank matters."""
        for matrix in known.arguments("rank"):
            if matrix[0] in ("+", "-"):
                first, second = (("rank", part) for part in matrix[1:])
                reason = f"{unparse(('rank', matrix))} ≤ {unparse(first)} + {unparse(second)}: rank is subadditive."
                yield Fact(self.name, ("<=", ("rank", matrix), ("+", first, second)), reason)


@final
class TransposeRank(AbstractRule):
    """rank(Mᵀ) = rank(M)."""

    name = "transpose"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The equation for every transpose whose rank matters."""
        for matrix in known.arguments("rank"):
            if matrix[0] == "transpose":
                reason = f"{unparse(matrix)} has the rank of {unparse(matrix[1])}."
                yield Fact(self.name, ("==", ("rank", matrix), ("rank", matrix[1])), reason)


@final
class Symmetric(AbstractRule):
    """Mᵀ = M for D, H, H_o and H_f, and for what is symmetric by its form, as GᵀDG."""

    name = "symmetric"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The equation for every transpose of a symmetric matrix that matters."""
        for matrix in known.arguments("transpose"):
            if is_symmetric(matrix):
                reason = f"{unparse(matrix)} is symmetric: second derivatives commute."
                yield Fact(self.name, ("==", ("transpose", matrix), matrix), reason)


def _number(value: int) -> Tree:
    return ("number", str(value))
