"""The values of terms of the claim language at one instance, and of generic ranks, which are of no instance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal, final

from geomcheck.claims.cross_check import CrossCheck, cross_check
from geomcheck.claims.evaluation import Evaluation
from geomcheck.claims.grammar import parse_term
from geomcheck.claims.judge import holds
from geomcheck.claims.matrices import check_shapes
from geomcheck.claims.named_points import is_instance, not_given, open_names, theta_at, with_some_data
from geomcheck.claims.required_keys import completion
from geomcheck.claims.tree import Tree, unparse
from geomcheck.errors import InputError, Kink, OutsideField, Undecided
from geomcheck.problem.problem import Problem
from geomcheck.problem.read import KEYS, problem_from
from geomcheck.problem.scanner import suggest
from geomcheck.prove import generic_bounds
from geomcheck.truth import Truth

if TYPE_CHECKING:
    from geomcheck.linear_algebra.evidence import Inertia
    from geomcheck.problem.problem import Problem


@final
@dataclass(frozen=True)
class Value:
    """One evaluated term: ``value`` as text, and how it is known."""

    value: str
    status: Literal["exact", "enclosed", "numeric", "undecided"]
    reason: str = ""
    rows: tuple[tuple[str, ...], ...] = field(default=(), repr=False)
    """The entries of a matrix, each as text."""
    numeric: CrossCheck | None = field(default=None, repr=False)
    """A rank beside the one that floats find, where that was asked for."""


def evaluate(
    terms: str | Sequence[str],
    problem: Problem | Mapping[str, Any] | None = None,
    *,
    numeric: bool = False,
    **parts: Any,
) -> dict[str, Value]:
    """Evaluate terms, such as ``"rank(G)"`` or ``"L"``, at a fully given instance; one term may come without a list.

    With ``numeric`` each term rank(M) also comes with the rank that floats find, and why that differs where it does.

    >>> evaluate(["rank(H)", "L"], model={"parameters": ["a"], "inputs": [], "outputs": ["a^2"]}, samples=1,
    ...          parameters=[0], targets=[-1])["L"]
    Value(value='1/2', status='exact', reason='')
    """
    parsed = {term: parse_term(term) for term in ([terms] if isinstance(terms, str) else terms)}
    about = problem_of(problem, parts, *(tree for tree, _ in parsed.values()))
    for tree, _ in parsed.values():
        check_shapes(tree, about)
    generic = {term: _generic(tree, about) for term, (tree, _) in parsed.items() if tree[0] == "generic_rank"}
    others = {term: tree_and_kind for term, tree_and_kind in parsed.items() if term not in generic}
    if not about.is_instance and all(is_instance(tree, about) for tree, _ in others.values()):
        about = with_some_data(about)
    for tree, _ in parsed.values():
        _require_names(tree, about)
    at = Evaluation(about)
    values = {term: generic[term] if term in generic else _value(*parsed[term], at) for term in parsed}
    return _with_numeric(values, {term: tree for term, (tree, _) in parsed.items()}, at) if numeric else values


_ARGUMENTS: Final = ("problem", "trials", "seconds", "seed", "progress", "smallest", "time", "workers", "radius")
"""What calls take beside the parts of a problem; a slip in one of them would else be called an unknown part."""


def _require_names(tree: Tree, problem: Problem) -> None:
    """Raise where the problem does not give a point or permutation that a term names."""
    points, permutations = open_names(tree, problem)
    for name in points:
        raise not_given("point", name, dict(problem.points or ()))
    for name in permutations:
        raise not_given("permutation", name, dict(problem.permutations or ()))


def problem_of(problem: Problem | Mapping[str, Any] | None, parts: Mapping[str, Any], *claims: Tree) -> Problem:
    """The problem that :func:`check` is given, whole or in parts, without what no claim speaks of if so wished."""
    complete = completion(*claims) if claims else None
    stray = next((key for key in parts if key not in KEYS), None)
    if stray is not None and (meant := suggest(stray, (*KEYS, *_ARGUMENTS))) in _ARGUMENTS:
        raise InputError(f"unknown argument '{stray}'; did you mean '{meant}'?")
    if problem is None:
        return problem_from(parts, complete=complete)
    if parts:
        raise InputError(f"expected a problem or its parts, got both: problem and {', '.join(parts)}; leave one out")
    return problem if isinstance(problem, Problem) else problem_from(problem, complete=complete)


def _generic(term: Tree, problem: Problem) -> Value:
    """A generic rank, which is about all parameters and open data, whatever else is given."""
    low, high = generic_bounds(term[1], problem)
    if low == high:
        return Value(str(low), "exact")
    return Value(f"{low}..{high}", "undecided", "the lower and the upper bound differ")


def _value(term: Tree, kind: str, at: Evaluation) -> Value:
    try:
        if kind == "formula":
            truth = holds(term, at)
            return Value(truth.value, "undecided" if truth is Truth.UNKNOWN else "exact")
        if kind == "subspace":
            raise InputError(
                f"expected a number, a matrix or a statement, got the subspace {unparse(term)}; write dim(...)"
            )
        if kind == "matrix":
            return Value(*at.matrix_text(term), rows=at.matrix_entries(term)[0])
        if kind == "permutation":
            raise InputError(f"expected a number, a matrix, a point or a statement, got {unparse(term)}, a permutation")
        if kind == "point":
            row = tuple(str(x) for x in theta_at(term, at.problem))
            return Value(f"[{', '.join(row)}]", "exact", rows=(row,))
        if kind == "triple":
            return _counts(at.inertia(term[1]))
        value = at.scalar(term)
    except (Kink, OutsideField, Undecided) as error:
        return Value("", "undecided", str(error))
    if value.is_exact or not at.is_whole(term):
        return Value(value.text(), value.status)
    low, high = at.whole_range(term)
    return Value(f"{low}..{high}", "undecided", "the lower and the upper bound differ")


def _counts(inertia: Inertia) -> Value:
    """The numbers of positive, negative and zero eigenvalues, each with its range where it is open."""
    if inertia.decided is not None:
        return Value(str(inertia.decided), "exact")
    low = (inertia.positive, inertia.negative, inertia.size - inertia.rank_upper)
    ranges = ", ".join(f"{least}..{least + inertia.slack}" for least in low)
    return Value(f"({ranges})", "undecided", "the lower and the upper bound of the rank differ")


def _with_numeric(values: Mapping[str, Value], trees: Mapping[str, Tree], at: Evaluation) -> dict[str, Value]:
    if at.problem.points:
        raise InputError("expected no named points for numeric ranks; give one instance by its parameters")
    return {
        term: replace(value, numeric=cross_check(trees[term][1], at))
        if trees[term][0] == "rank" and value.status != "undecided"
        else value
        for term, value in values.items()
    }
