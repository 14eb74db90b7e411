"""Equal matrices have equal rank, nullity, index, trace and determinant; and which matrices are equal."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, final

from geomcheck.claims.matrices import shape
from geomcheck.claims.tree import Tree, subtrees, unparse
from geomcheck.prove.knowledge import NAMED, ZERO, AbstractRule, Fact, Knowledge, Scope
from geomcheck.prove.linear_arithmetic import LinearForm, matrix_form
from geomcheck.prove.tactics.decomposition import GRAM
from geomcheck.prove.tactics.rank_rules import is_symmetric

FUNCTIONS: Final = ("rank", "nullity", "index", "trace", "det")
Combination = dict[Fact, Fraction]


@final
@dataclass(frozen=True)
class MatrixSpan:
    """The linear span of matrix equations, in echelon form over matrix atoms.

    Law: form = reduced + Σ multiplier·(lhs − rhs) over the equations, and forms that differ by an element of the span
    have the same reduced form.
    """

    rows: tuple[tuple[Tree, LinearForm, Combination], ...]

    @classmethod
    def of(cls, equations: Iterable[Fact]) -> "MatrixSpan":
        """The span of the given facts A == B."""
        rows: tuple[tuple[Tree, LinearForm, Combination], ...] = ()
        for fact in equations:
            form, used = cls(rows).reduce(matrix_form(fact.statement[1]) - matrix_form(fact.statement[2]))
            if form.terms:
                pivot = min(form.terms, key=_eliminated_first)
                scale = 1 / form[pivot]
                row = {fact: scale} | {other: -scale * m for other, m in used.items()}
                form = form.times(scale)
                cleared = ((p, f - form.times(f[pivot]), _added(c, row, -f[pivot])) for p, f, c in rows)
                rows = (*cleared, (pivot, form, row))
        return cls(rows)

    def reduce(self, form: LinearForm) -> tuple[LinearForm, Combination]:
        """The reduced form, and the multipliers that lead to it."""
        used: Combination = {}
        for pivot, row, combination in self.rows:
            if factor := form[pivot]:
                form = form - row.times(factor)
                used = _added(used, combination, factor)
        return form, used

    def difference(self, left: Tree, right: Tree) -> Combination | None:
        """Multipliers with left − right = Σ multiplier·(lhs − rhs); None where the difference is not in the span."""
        form, used = self.reduce(matrix_form(left) - matrix_form(right))
        return None if form.terms else used


@final
class EqualMatrices(AbstractRule):
    """left = right by the matrix equations known, so f(left) = f(right) for f = rank, nullity, index, trace, det."""

    name = "equal-matrices"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """f(left) == f(right) for every f of a matrix that matters, right being the simplest equal of left."""
        equations = [fact for fact in known if fact.about_matrices]
        if not equations:
            return
        span = MatrixSpan.of(equations)
        classes: dict[frozenset[tuple[Tree, Fraction]], list[Tree]] = {}
        for matrix in dict.fromkeys((*_spoken_of(known), *_sides(equations))):
            form, _ = span.reduce(matrix_form(matrix))
            classes.setdefault(frozenset(form.terms.items()), []).append(matrix)
        for key, members in classes.items():
            functions = [f for f in FUNCTIONS if any(known.mentions((f, member)) for member in members)]
            simplest = min(members, key=_complexity) if key else ZERO
            for function in functions:
                for member in members:
                    if member != simplest and _worth_saying(function, member, known):
                        yield self._fact(function, member, simplest, span, scope)
        yield from self._inside(known, span)

    def _inside(self, known: Knowledge, span: MatrixSpan) -> Iterator[Fact]:
        """Dimensions of subspaces that speak of H or H_o, with an equal matrix, GᵀDG at best, in its place."""
        for space in known.arguments("dim"):
            for left in (NAMED["H"], NAMED["H_o"]):
                if left not in subtrees(space):
                    continue
                for right in (GRAM, NAMED["H_o"]):
                    used = span.difference(left, right) if left != right else None
                    if used is not None:
                        other = replaced(("dim", space), left, right)
                        reason = (
                            f"{unparse(left)} = {unparse(right)}, hence {unparse(('dim', space))} = {unparse(other)}."
                        )
                        multipliers = tuple(used.values())
                        statement = ("==", ("dim", space), other)
                        yield Fact(self.name, statement, reason, tuple(used), (left, right), multipliers)

    def _fact(self, function: str, left: Tree, right: Tree, span: MatrixSpan, scope: Scope) -> Fact:
        used = span.difference(left, right)
        if used is None:
            raise AssertionError("equal reduced forms whose difference is not in the span")
        value: Tree = (function, right)
        if right == ZERO:
            value = ("number", str(shape(left, scope.problem)[1])) if function == "nullity" else ZERO
        reason = f"{unparse(left)} = {unparse(right)}, hence {unparse((function, left))} = {unparse(value)}."
        return Fact(
            self.name, ("==", (function, left), value), reason, tuple(used), (left, right), tuple(used.values())
        )


def equal_fact(function: str, left: Tree, right: Tree, used: Combination) -> Fact:
    """f(left) == f(right), as left − right = Σ multiplier·(lhs − rhs) over these matrix facts."""
    reason = f"{unparse(left)} = {unparse(right)}, hence {unparse((function, left))} = {unparse((function, right))}."
    statement = ("==", (function, left), (function, right))
    return Fact("equal-matrices", statement, reason, tuple(used), (left, right), tuple(used.values()))


def replaced(tree: Tree, left: Tree, right: Tree) -> Tree:
    """The tree with `right` for `left` everywhere but under '@': what holds in scope need not hold at such a point.

    >>> replaced(("dim", ("ker", ("matrix", "H"))), ("matrix", "H"), ("matrix", "H_o"))
    ('dim', ('ker', ('matrix', 'H_o')))
    """
    if tree == left:
        return right
    if tree[0] == "@":
        return tree
    return tuple(replaced(part, left, right) if isinstance(part, tuple) else part for part in tree)


def _worth_saying(function: str, matrix: Tree, known: Knowledge) -> bool:
    # A sum that nobody asked about only helps as rank and index are subadditive and the trace is linear.
    if function == "index" and not is_symmetric(matrix):
        return False
    return function in ("rank", "index", "trace") or matrix[0] not in ("+", "-") or known.mentions((function, matrix))


def _spoken_of(known: Knowledge) -> Iterator[Tree]:
    for function in FUNCTIONS:
        yield from known.arguments(function)


def _sides(equations: Iterable[Fact]) -> Iterator[Tree]:
    """The matrices that equations equate, and with A == B + C also A − B and A − C."""
    for fact in equations:
        for one, other in (fact.statement[1:], fact.statement[:0:-1]):
            if one != ZERO:
                yield one
            if other[0] == "+" and one != ZERO:
                yield from (("-", one, part) for part in other[1:])


def _complexity(matrix: Tree) -> tuple[int, bool]:
    return len(subtrees(matrix)), matrix == NAMED["H"]


def _eliminated_first(atom: Tree) -> tuple[int, int]:
    order = [NAMED["H"], NAMED["H_f"]]
    return order.index(atom) if atom in order else len(order), -len(subtrees(atom))


def _added(first: Combination, second: Combination, factor: Fraction) -> Combination:
    zero = Fraction(0)
    total = {fact: first.get(fact, zero) + factor * second.get(fact, zero) for fact in {**first, **second}}
    return {fact: value for fact, value in total.items() if value}
