"""The truth of a claim at one instance: is the instance in scope, and does the formula hold there?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, final

from geomcheck.claims.evaluation import Evaluation
from geomcheck.claims.kinds import kind_of
from geomcheck.claims.matrices import shape
from geomcheck.claims.named_points import needs_data
from geomcheck.claims.point_sets import POINT_SETS, PREDICATES, Membership, all_zero
from geomcheck.claims.tree import COMPARISONS, Tree, is_constant, points_in, subtrees, unparse
from geomcheck.errors import Kink, OutsideField, Undecided
from geomcheck.truth import Truth

if TYPE_CHECKING:
    from geomcheck.claims.claim import Claim
    from geomcheck.problem.problem import Problem

ZERO, ONE = ("number", "0"), ("number", "1")
_MORE_BITS = (512, 2048)
_SKIPPING = ("and", "or", "implies")  # a part of these may be left unseen


@final
@dataclass(frozen=True)
class Judgement:
    """Both answers at one instance, with the words and values behind them.

    scope: whether the instance is in the point set and satisfies ``given``. holds: whether the formula is true there.
    reason: a stable code when either is unknown. quantities: the value of every term compared, as text.
    minimum: why the instance is a global minimum, in the certificate's terms, where that was used; by the text of the
    point where several are named.
    """

    scope: Truth
    holds: Truth
    reason: str | None = None
    explanation: str = ""
    quantities: Mapping[str, str] = field(default_factory=dict)
    minimum: Mapping[str, Any] | None = None
    evaluation: Evaluation | None = field(default=None, repr=False)


def judge(claim: Claim, problem: Problem, *, rational: bool = False) -> Judgement:
    """Decide a claim at an instance (a problem that leaves nothing open).

    Undecidable things come back as UNKNOWN with a reason; raises ``InputError`` only for terms that make no sense for
    this problem, such as a sum of matrices of different shapes. With ``rational`` what is not rational is enclosed.
    """
    at = Evaluation(problem, rational=rational)
    notes = _Notes()
    scope = _guarded(lambda: _scope(claim, at, notes), notes)
    if scope is Truth.FALSE:
        return Judgement(scope, Truth.UNKNOWN, notes.reason, notes.why, {}, notes.minimum, at)
    member, notes.why = notes.why, ""
    holds = _guarded(lambda: _formula(claim.formula, at, notes), notes)
    if holds is not Truth.UNKNOWN and not problem.points and any(part[0] in _SKIPPING for part in subtrees(claim.tree)):
        holds = _guarded(lambda: _where_all_exists(claim.tree, holds, at), notes)
    why = notes.why if notes.why and scope is Truth.TRUE and holds is Truth.UNKNOWN else member
    return Judgement(scope, holds, notes.reason, why, dict(notes.quantities), notes.minimum, at)


def holds(formula: Tree, at: Evaluation) -> Truth:
    """The truth of a formula at an instance; raises ``Kink``, ``OutsideField`` or ``Undecided`` where it has none."""
    return _formula(formula, at, _Notes())


class _Notes:
    """What is worth telling about how the truth was found."""

    def __init__(self) -> None:
        self.why = ""
        self.reason: str | None = None
        self.minimum: Mapping[str, Any] | None = None
        self.quantities: dict[str, str] = {}

    def unknown(self, reason: str, why: str) -> Truth:
        self.reason, self.why = reason, why
        return Truth.UNKNOWN

    def explain(self, minimum: Mapping[str, Any] | None, place: Tree | None) -> None:
        """Keep why a point is a minimum; with named points one account for each."""
        if minimum is not None:
            self.minimum = minimum if place is None else {**(self.minimum or {}), unparse(place): minimum}

    def member(self, membership: Membership, place: Tree | None) -> Truth:
        self.why = membership.why
        if membership.truth is Truth.UNKNOWN:
            self.reason = membership.reason
        self.explain(membership.minimum, place)
        return membership.truth


def _guarded(decide: Any, notes: _Notes) -> Truth:
    try:
        answer: Truth = decide()
    except Kink as kink:
        return notes.unknown("kink", str(kink))
    except OutsideField as error:
        return notes.unknown("outside-exact-fields", str(error))
    except Undecided as error:
        return notes.unknown(error.reason, error.known)
    return answer


def _scope(claim: Claim, at: Evaluation, notes: _Notes) -> Truth:
    if not at.problem.points:
        at.require_in_domain()
    for name in points_in(claim.tree) if needs_data(claim.tree) else ():
        at.at(("point", name)).require_in_domain()
    answer = _membership(claim, at, notes)
    why = notes.why
    if answer is Truth.FALSE or claim.given is None:
        return answer
    answer &= _formula(claim.given, at, notes)
    notes.why = f"{why}; {unparse(claim.given)}" if answer is not Truth.FALSE else f"not {unparse(claim.given)}"
    return answer


def _membership(claim: Claim, at: Evaluation, notes: _Notes) -> Truth:
    """Whether the instance, or every point that the claim names, lies in the point set."""
    belongs = POINT_SETS[claim.point_set or "all_points"]
    if not at.problem.points:
        return notes.member(belongs(at), None)
    answer, reasons = Truth.TRUE, []
    for name in points_in(claim.tree):
        place = ("point", name)
        answer &= notes.member(belongs(at.at(place)), place)
        reasons.append(f"{name}: {notes.why}")
        if answer is Truth.FALSE:
            break
    notes.why = "every point is in scope" if claim.point_set in (None, "all_points") else "; ".join(reasons)
    return answer


def _where_all_exists(tree: Tree, holds: Truth, at: Evaluation) -> Truth:
    """The truth of a formula of which parts were not looked at; ``Kink`` where something it names does not exist."""
    named = {part[1] for part in subtrees(tree) if part[0] == "matrix"}
    if named & {"G", "H", "H_o", "H_f"} or any(part[0] == "critical_point" for part in subtrees(tree)):
        at.require(lambda d: d.G)
    if named & {"D", "H", "H_o"}:
        at.require(lambda d: d.output_hessian)
    return holds


def _formula(tree: Tree, at: Evaluation, notes: _Notes) -> Truth:
    head = tree[0]
    if head == "not":
        return ~_formula(tree[1], at, notes)
    if head in ("and", "or", "implies"):
        left = _formula(tree[1], at, notes)
        if (head, left) in (("and", Truth.FALSE), ("or", Truth.TRUE)):
            return left
        if head == "implies" and left is Truth.FALSE:
            return Truth.TRUE
        right = _formula(tree[2], at, notes)
        return left & right if head == "and" else left | right if head == "or" else left.implies(right)
    if head in COMPARISONS:
        return _comparison(tree, at, notes)
    if head in PREDICATES or head == "@":
        place = tree[2] if head == "@" else None
        membership = PREDICATES[head](at) if place is None else PREDICATES[tree[1][0]](at.at(place))
        notes.explain(membership.minimum, place)
        if membership.truth is Truth.UNKNOWN:
            notes.reason = notes.reason or membership.reason
        return membership.truth
    return _definiteness(head, tree[1], at, notes)


def _definiteness(head: str, matrix: Tree, at: Evaluation, notes: _Notes) -> Truth:
    inertia = at.inertia(matrix)
    index = ("index", matrix)
    notes.quantities[unparse(index)] = at.shown(index)
    size = shape(matrix, at.problem)[0]
    if head == "positive_definite":
        return Truth.of(True if inertia.positive == size else False if inertia.most_positive < size else None)
    return Truth.of(False if inertia.negative > 0 else True if inertia.most_negative == 0 else None)


def _comparison(tree: Tree, at: Evaluation, notes: _Notes) -> Truth:
    operator, left, right = tree
    if operator in ("==", "!=") and left[0] == "det" and right == ZERO:  # whether M is singular: no value is needed
        return _comparison((">=" if operator == "==" else "<", ("nullity", left[1]), ONE), at, notes)
    if kind_of(left) == "matrix":
        return _matrix_comparison(operator, left, right, at)
    difference = at.scalar(("-", left, right))
    for term in (left, right):
        for part in at.quantities_in(term):
            notes.quantities.setdefault(unparse(part), at.shown(part))
        if term[0] not in ("number", "word"):
            notes.quantities.setdefault(unparse(term), at.shown(term))
    answer = difference.compared_with_zero(operator)
    for bits in _MORE_BITS:  # terms that nearly cancel, such as the loss of an output that is very sure
        if answer is Truth.UNKNOWN and not at.is_whole(("-", left, right)):
            answer = at.closer(("-", left, right), bits).compared_with_zero(operator)
    if answer is Truth.UNKNOWN:
        notes.reason = at.reason_for(left, right)
        notes.why = notes.why or f"{unparse(tree)} is not decided by the bounds and enclosures that were found"
    return answer


def _matrix_comparison(operator: str, left: Tree, right: Tree, at: Evaluation) -> Truth:
    difference = left if is_constant(right) else ("-", left, right)
    shape(difference, at.problem)
    try:
        equal = Truth.of(at.exactly_zero(difference))
    except OutsideField:
        equal = all_zero(at.enclosed(difference))
    return equal if operator == "==" else ~equal
