"""The propositional side of a proof: what an assumption gives, and what a goal asks for."""

from collections.abc import Iterator
from typing import Final

from geomcheck.claims.kinds import kind_of
from geomcheck.claims.tree import COMPARISONS, Tree, negation_normal_form, subtrees, unparse
from geomcheck.prove.knowledge import PREDICATES, ZERO, Fact, Scope
from geomcheck.prove.linear_arithmetic import scalar_form
from geomcheck.prove.tactics.rank_rules import is_symmetric

ONE: Final[Tree] = ("number", "1")
_SWAPPED: Final = {">=": "<=", ">": "<"}


def assumptions(formula: Tree, scope: Scope) -> Iterator[Fact]:
    """The facts that assuming a formula gives: its literals, `and` taken apart; other parts give nothing.

    A strict x < y gives x + 1 <= y where both sides take integer values only, and stays as it is elsewhere.
    """
    formula = negation_normal_form(formula)
    if formula[0] == "and":
        yield from assumptions(formula[1], scope)
        yield from assumptions(formula[2], scope)
        return
    for statement in _literals(formula, scope):
        yield Fact("assume", statement, f"Assumed: {unparse(statement)}.")


def _literals(literal: Tree, scope: Scope) -> Iterator[Tree]:
    head = literal[0]
    if is_determinant(literal):
        nullity = ("nullity", literal[1][1])
        yield ("<=", ONE, nullity) if head == "==" else ("==", nullity, ZERO)
    elif literal in PREDICATES or head == "==" or (head == "@" and literal[1] in PREDICATES):
        yield literal
    elif head in ("positive_definite", "positive_semidefinite") and is_symmetric(literal[1]):
        yield ("==", ("index", literal[1]), ZERO)
        if head == "positive_definite":
            yield ("==", ("nullity", literal[1]), ZERO)
    elif head in ("<=", "<", ">=", ">"):
        head, low, high = oriented(literal)
        if head == "<=":
            yield ("<=", low, high)
        elif all(scalar_form(side, scope.sizes).is_integer_valued for side in (low, high)):
            yield ("<=", ("+", low, ONE), high)
        else:
            yield ("<", low, high)


def oriented(comparison: Tree) -> Tree:
    """Turn x >= y into y <= x, and x > y into y < x.

    >>> oriented((">", ("word", "P"), ("word", "N")))
    ('<', ('word', 'N'), ('word', 'P'))
    """
    head, left, right = comparison
    return (_SWAPPED[head], right, left) if head in _SWAPPED else comparison


def simpler(goal: Tree) -> Tree:
    """An equivalent goal made of `and`, `or`, `implies` and leaves only: one step, at the root.

    Leaves are x <= y, x < y, matrix equations and point predicates; other literals (a negated predicate) stay as they
    are, and no proof is found for them.
    """
    head = goal[0]
    if head in COMPARISONS and not is_determinant(goal):
        return _comparison(goal)
    if is_determinant(goal):
        return ("<=", ONE, ("nullity", goal[1][1])) if head == "==" else _regular(goal[1][1])
    if head in ("positive_definite", "positive_semidefinite") and is_symmetric(goal[1]):
        none_negative = ("<=", ("index", goal[1]), ZERO)
        return none_negative if head == "positive_semidefinite" else ("and", none_negative, _regular(goal[1]))
    if head == "not" and goal[1][0] in ("positive_definite", "positive_semidefinite") and is_symmetric(goal[1][1]):
        some_negative = ("<", ZERO, ("index", goal[1][1]))
        singular = ("<", ZERO, ("nullity", goal[1][1]))
        return some_negative if goal[1][0] == "positive_semidefinite" else ("or", some_negative, singular)
    return goal


def is_determinant(literal: Tree) -> bool:
    """Whether a literal is det(M) == 0 or det(M) != 0, which speaks of the nullity of M."""
    return literal[0] in ("==", "!=") and literal[1][0] == "det" and bool(literal[2] == ZERO)


def implied_terms(formula: Tree) -> Iterator[Tree]:
    """The indices and nullities that the definiteness predicates and determinants inside a formula are about."""
    for part in subtrees(formula):
        if part[0] == "det":
            yield ("nullity", part[1])
        if part[0] in ("positive_definite", "positive_semidefinite"):
            yield from (("index", part[1]), ("nullity", part[1]))


def _regular(matrix: Tree) -> Tree:
    return ("<=", ("nullity", matrix), ZERO)


def _comparison(goal: Tree) -> Tree:
    head, left, right = oriented(goal)
    if kind_of(left) == "matrix" or head in ("<=", "<"):
        return (head, left, right)
    if head == "==":
        return ("and", ("<=", left, right), ("<=", right, left))
    return ("or", ("<", left, right), ("<", right, left))
