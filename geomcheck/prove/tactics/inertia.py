"""Signs of eigenvalues: what an index says of ranks, sums, traces, determinants and diagonal entries."""

from collections.abc import Iterable, Iterator
from typing import Final, final

from geomcheck.claims.kinds import kind_of
from geomcheck.claims.tree import Tree, is_constant, unparse
from geomcheck.prove.knowledge import NAMED, ZERO, AbstractRule, Fact, Knowledge, Scope
from geomcheck.prove.linear_arithmetic import scalar_form
from geomcheck.prove.tactics.equal_matrices import MatrixSpan, equal_fact
from geomcheck.prove.tactics.first_order import combination
from geomcheck.prove.tactics.rank_rules import is_symmetric

ONE: Final[Tree] = ("number", "1")
_PARTS: Final = tuple(NAMED[name] for name in ("H", "H_o", "H_f"))


def is_square_form(matrix: Tree) -> bool:
    """Whether a term is MᵀM, MMᵀ, or M² for a symmetric M: vᵀMᵀMv = |Mv|² ≥ 0.

    >>> G = NAMED["G"]
    >>> is_square_form(("*", G, ("transpose", G))), is_square_form(("*", G, G))
    (True, False)
    """
    if matrix[0] != "*" or is_constant(matrix[1]):
        return False
    left, right = matrix[1:]
    return left == ("transpose", right) or right == ("transpose", left) or (left == right and is_symmetric(left))


@final
class Inertia(AbstractRule):
    """For symmetric X, Y: index(X) + index(−X) = rank(X), index(X ± Y) ≤ index(X) + index(±Y), index(cX) = index(X) for
    c > 0, index(MᵀM) = 0, index(MᵀXM) = 0 if index(X) = 0.
    """

    name = "inertia"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """These about every index that matters."""
        for matrix in known.arguments("index"):
            if not is_symmetric(matrix):
                continue
            index, text = ("index", matrix), unparse(matrix)
            reason = f"Negative eigenvalues are nonzero, so index({text}) ≤ rank({text})."
            yield Fact(self.name, ("<=", index, ("rank", matrix)), reason)
            yield Fact(self.name, ("<=", ZERO, index), f"index({text}) ≥ 0.")
            yield from self._of_form(matrix, known)

    def _of_form(self, matrix: Tree, known: Knowledge) -> Iterator[Fact]:
        index, head = ("index", matrix), matrix[0]
        if head == "neg":
            both = ("+", ("index", matrix[1]), index)
            reason = f"{unparse(both)} counts the nonzero eigenvalues: it is {unparse(('rank', matrix[1]))}."
            yield Fact(self.name, ("==", both, ("rank", matrix[1])), reason)
        elif head in ("+", "-"):
            first, second = ("index", matrix[1]), ("index", matrix[2] if head == "+" else ("neg", matrix[2]))
            whole = unparse(index)
            reason = f"{whole} ≤ {unparse(first)} + {unparse(second)}: where both forms are ≥ 0, so is their sum."
            yield Fact(self.name, ("<=", index, ("+", first, second)), reason)
        elif head == "*" and is_constant(matrix[1]):
            factor = scalar_form(matrix[1], {}).constant
            if factor > 0:
                reason = f"A positive multiple: {unparse(index)} = {unparse(('index', matrix[2]))}."
                yield Fact(self.name, ("==", index, ("index", matrix[2])), reason)
            elif factor < 0:
                other = ("neg", matrix[2])
                turned = other if factor == -1 else ("*", ("number", str(-factor)), other)
                yield equal_fact("index", matrix, turned, {})
        elif is_square_form(matrix):
            yield Fact(self.name, ("==", index, ZERO), f"{unparse(matrix)} ⪰ 0: its form is a square |Mv|².")
        elif head == "*" and matrix[1][0] == "*" and is_square_form(("*", matrix[1][1], matrix[2])):
            middle = known.find(("==", ("index", matrix[1][2]), ZERO))
            yield Fact(self.name, ("<=", ZERO, ("index", matrix[1][2])), f"index({unparse(matrix[1][2])}) ≥ 0.")
            if middle is not None:
                reason = f"{unparse(matrix[1][2])} ⪰ 0, and so is {unparse(matrix)}."
                yield Fact(self.name, ("==", index, ZERO), reason, (middle,))


@final
class HessianInertia(AbstractRule):
    """The ways to read H = H_o + H_f as a sum, for claims about indices of several of these or their opposites."""

    name = "equal-matrices"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """index(M) == index(X + Y) for M, X, Y among ±H, ±H_o, ±H_f with M = X + Y."""
        claimed = known.claimed("index")
        turned = any(matrix[0] == "neg" and matrix[1] in _PARTS for matrix in claimed)
        if not turned and len({*claimed} & {*_PARTS}) < 2:
            return
        span = MatrixSpan.of(fact for fact in known if fact.about_matrices)
        H, H_o, H_f = _PARTS
        for whole, first, second in ((H_o, H, ("neg", H_f)), (H_f, H, ("neg", H_o)), (H, H_o, H_f)):
            for sign in (1, -1):
                M, X, Y = (part if sign == 1 else _opposite(part) for part in (whole, first, second))
                used = span.difference(M, ("+", X, Y))
                if used is not None:
                    yield equal_fact("index", M, ("+", X, Y), used)


def _opposite(matrix: Tree) -> Tree:
    return matrix[1] if matrix[0] == "neg" else ("neg", matrix)


@final
class NoneNegative(AbstractRule):
    """index(X) ≤ 0 and 1 ≤ rank(X), where the facts about numbers give them and a trace, determinant or entry asks."""

    name = "combine"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The facts index(X) <= 0, trace(X) <= 0 and 1 <= rank(X)."""
        for matrix in _measured(known.claimed_terms):
            semidefinite = known.find(("==", ("index", matrix), ZERO))
            wanted = [] if semidefinite else [("<=", ("index", matrix), ZERO)] * known.mentions(("index", matrix))
            if semidefinite and matrix in known.arguments("trace"):
                wanted += [("<=", ("trace", matrix), ZERO)] * bool(scope.assumed)
                wanted += [("<=", ONE, ("rank", matrix))] * known.mentions(("rank", matrix))
            for statement in wanted:
                combined = None if known.find(statement) else combination(statement, scope, known)
                if combined is not None:
                    reason = f"Hence {unparse(statement)}."
                    yield Fact(self.name, statement, reason, combined[0], None, combined[1])


@final
class Semidefinite(AbstractRule):
    """X ⪰ 0 gives tr X, det X, X_ii ≥ 0; tr X = 0 only for X = 0; X ≻ 0 gives det X, X_ii > 0."""

    name = "inertia"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """These about every trace, determinant and diagonal entry that matters."""
        for matrix in _measured(known.terms):
            index, text = ("index", matrix), unparse(matrix)
            bounded = known.find(("<=", index, ZERO))
            if bounded is not None:
                yield Fact(self.name, ("==", index, ZERO), f"index({text}) = 0, as it is not negative.", (bounded,))
            if is_square_form(matrix):
                yield Fact(self.name, ("==", index, ZERO), f"{text} ⪰ 0: its form is a square |Mv|².")
            semidefinite = known.find(("==", index, ZERO))
            if semidefinite is None:
                continue
            regular = known.find(("==", ("nullity", matrix), ZERO))
            values = [(head, matrix) for head in ("trace", "det") if known.mentions((head, matrix))]
            entries = [t for t in known.terms if t[:2] == ("entry", matrix) and t[2] == t[3]]
            for value in (*values, *entries):
                reason = f"{text} ⪰ 0, so {unparse(value)} ≥ 0."
                yield Fact(self.name, ("<=", ZERO, value), reason, (semidefinite,))
                if regular is not None and value[0] != "trace":
                    reason = f"{text} ≻ 0, so {unparse(value)} > 0."
                    yield Fact(self.name, ("<", ZERO, value), reason, (semidefinite, regular))
            some, none = known.find(("<=", ONE, ("rank", matrix))), known.find(("<=", ("trace", matrix), ZERO))
            if some is not None and ("trace", matrix) in values:
                reason = f"{text} ⪰ 0 is not 0, so the sum of its eigenvalues is > 0."
                yield Fact(self.name, ("<", ZERO, ("trace", matrix)), reason, (semidefinite, some))
            if none is not None:
                reason = f"{text} ⪰ 0 and its eigenvalues add up to 0: {text} = 0."
                yield Fact(self.name, ("==", matrix, ZERO), reason, (semidefinite, none))


@final
class SymmetricEntries(AbstractRule):
    """X_ij = X_ji for symmetric X."""

    name = "symmetric"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The equation where both entries are spoken of."""
        for term in known.terms:
            if term[0] == "entry" and term[2] < term[3] and is_symmetric(term[1]):
                turned = (*term[:2], term[3], term[2])
                if known.mentions(turned):
                    reason = f"{unparse(term[1])} is symmetric, so {unparse(term)} = {unparse(turned)}."
                    yield Fact(self.name, ("==", term, turned), reason)


def _measured(terms: Iterable[Tree]) -> tuple[Tree, ...]:
    """The symmetric matrices of which a trace, a determinant or an entry occurs among terms."""
    found = (t[1] for t in terms if t[0] in ("trace", "det", "entry") and kind_of(t[1]) == "matrix")
    return tuple(dict.fromkeys(matrix for matrix in found if is_symmetric(matrix)))
