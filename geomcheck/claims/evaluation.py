"""The values of terms of the claim language at one instance, and how they are written.

Whole numbers are ranges that the evidence leaves; the rest is exact where the number system allows and enclosed
otherwise.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Literal, final

import numpy as np

from geomcheck.claims.evidence import AbstractEvaluation, generic_range
from geomcheck.claims.matrices import shape
from geomcheck.claims.matrix_quantities import MATRIX_NUMBERS
from geomcheck.claims.named_points import stripped
from geomcheck.claims.point_quantities import POINT_NUMBERS
from geomcheck.claims.scalar_value import Value
from geomcheck.claims.set_quantities import SET_NUMBERS
from geomcheck.claims.tree import Tree, subtrees, unparse
from geomcheck.errors import InputError, OutsideField, Undecided
from geomcheck.fields.enclosures import working_precision

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Evaluation"]

_NUMBERS: Final = {**MATRIX_NUMBERS, **POINT_NUMBERS, **SET_NUMBERS}
_COUNTED: Final = ("rank", "generic_rank", "nullity", "index", "dim")
_SIZES: Final = (("word", "P"), ("word", "N"), ("word", "K"))


@final
class Evaluation(AbstractEvaluation):
    """The quantities of one instance, as exact as its numbers allow.

    Raises ``Kink`` where H or G does not exist, ``OutsideField`` and ``Undecided`` where a value is out of reach. With
    ``rational`` what is not rational is enclosed.

    >>> from geomcheck.problem.read import problem_from
    >>> about = {"network": "1-1 linear", "inputs": [[2]], "targets": [[0]], "parameters": [1, 0]}
    >>> at = Evaluation(problem_from(about))
    >>> at.shown(("rank", ("matrix", "H"))), at.shown(("trace", ("matrix", "H"))), at.shown(("word", "L"))
    ('1', '5', '2')
    """

    # -- scalars -----------------------------------------------------------------------------------------------------

    def loss(self) -> Value:
        """L."""
        return self.computed(lambda d: d.loss)

    def scalar(self, tree: Tree) -> Value:
        """A scalar term. Terms to be compared are subtracted first: all of one term lives in one field."""
        while True:
            field = self.instance.exact_field
            value = self._term(tree)
            if self.instance.exact_field == field:
                return value

    def closer(self, tree: Tree, bits: int) -> Value:
        """A scalar term, in balls of ``bits`` bits where it is enclosed."""
        before, self.bits = self.bits, bits
        try:
            with working_precision(bits):
                return self.scalar(tree)
        finally:
            self.bits = before

    def _term(self, tree: Tree) -> Value:
        head = tree[0]
        if head == "number":
            return self.rational(Fraction(tree[1]))
        if head == "word":
            return self.loss() if tree[1] == "L" else self.rational(getattr(self.problem, tree[1]))
        if head == "neg":
            return -self._term(tree[1])
        if head in ("+", "-", "*"):
            left, right = self._term(tree[1]), self._term(tree[2])
            return left + right if head == "+" else left - right if head == "-" else left * right
        if head == "@":
            return self.computed(lambda d: d.place(tree[2]).loss)
        if head in _COUNTED:
            low, high = self._counted(tree)
            return Value.between(self.instance.exact_field, low, high)
        return _NUMBERS[head](self, tree)

    def _counted(self, tree: Tree) -> tuple[int, int]:
        """The least and greatest value of a whole-number quantity that the evidence leaves."""
        head, argument = tree
        if head == "dim":
            whole, part = self.rank(("stack", argument)), self.rank(("constraint", argument))
            return max(0, whole.lower.value - part.upper.value), whole.upper.value - part.lower.value
        if head == "index":
            self._require_symmetric(argument)
            inertia = self.inertia(argument)
            return inertia.negative, inertia.most_negative
        if head == "generic_rank":
            self.rank(argument)  # a proof about generic ranks rests on the rank at its witness
            return generic_range(argument, self.problem)
        bounds = self.rank(argument)
        low, high = bounds.lower.value, bounds.upper.value
        if head == "rank":
            return low, high
        columns = shape(argument, self.problem)[1]
        return columns - high, columns - low

    def _require_symmetric(self, tree: Tree) -> None:
        rows, columns = shape(tree, self.problem)
        if rows == columns and (stripped(tree)[0] == "matrix" or self._is_symmetric(tree)):
            return
        raise InputError(f"expected a symmetric matrix, got {unparse(tree)} ({rows}×{columns}); use H, H_o, H_f or D")

    def _is_symmetric(self, tree: Tree) -> bool:
        try:
            return self.exactly_zero(("-", tree, ("transpose", tree)))
        except OutsideField:
            raise Undecided(
                "outside-exact-fields", f"whether {unparse(tree)} is symmetric is not decided here"
            ) from None

    def is_whole(self, tree: Tree) -> bool:
        """Whether a scalar term is made of quantities counted in whole numbers."""
        if tree[0] in ("+", "-", "*", "neg"):
            return all(self.is_whole(part) for part in tree[1:])
        return tree[0] in _COUNTED or (tree[0] == "number" and "/" not in tree[1]) or tree[:2] in _SIZES

    def whole_range(self, tree: Tree) -> tuple[int, int]:
        """The least and greatest value the evidence leaves to such a term."""
        head = tree[0]
        if head in ("number", "word"):
            number = int(tree[1]) if head == "number" else getattr(self.problem, tree[1])
            return number, number
        if head not in ("+", "-", "*", "neg"):
            return self._counted(tree)
        low, high = self.whole_range(tree[-1])
        if head in ("-", "neg"):
            low, high = -high, -low
        if head == "neg":
            return low, high
        other = self.whole_range(tree[1])
        ends = [a * b for a in other for b in (low, high)] if head == "*" else [other[0] + low, other[1] + high]
        return min(ends), max(ends)

    # -- words -------------------------------------------------------------------------------------------------------

    def quantities_in(self, term: Tree) -> tuple[Tree, ...]:
        """The named quantities a scalar term is made of, in reading order."""
        heads = (*_COUNTED, *_NUMBERS)
        loss = ("word", "L")
        found = [part for part in subtrees(term) if part[0] in heads or part == loss or part[:2] == ("@", loss)]
        return tuple(part for part in found if not any(part in subtrees(other)[1:] for other in found))

    def shown(self, term: Tree) -> str:
        """A scalar term's value as text: exact, a range of whole numbers, or an enclosure."""
        value = self.scalar(term)
        if value.is_exact or not self.is_whole(term):
            return value.text()
        return "{}..{}".format(*self.whole_range(term))

    def matrix_text(self, tree: Tree) -> tuple[str, Literal["exact", "enclosed"]]:
        """A matrix term as ``[[a, b], [c, d]]``, with how its entries are known."""
        entries, status = self.matrix_entries(tree)
        rows = ", ".join(f"[{', '.join(row)}]" for row in entries)
        return f"[{rows}]", status

    def matrix_entries(self, tree: Tree) -> tuple[tuple[tuple[str, ...], ...], Literal["exact", "enclosed"]]:
        """The entries of a matrix term as text, row by row, with how they are known."""
        try:
            entries = self.exact(tree)
        except OutsideField:
            return _rows(self.enclosed(tree), lambda entry: str(entry.str(12)).replace("+/-", "±")), "enclosed"
        values = np.vectorize(lambda entry: Value(self.instance.exact_field, entry), otypes=[object])(entries)
        readable = all(value.status == "exact" for value in values.reshape(-1))
        return _rows(values, lambda value: value.text()), "exact" if readable else "enclosed"

    def reason_for(self, left: Tree, right: Tree) -> str:
        """Why a comparison of two scalar terms was not decided."""
        heads = {part[0] for term in (left, right) for part in self.quantities_in(term)}
        if "generic_rank" in heads:
            return "generic-rank-open"
        return "rank-bounds-differ" if heads & {"rank", "nullity", "dim", "index"} else "sign-unknown"


def _rows(matrix: Any, written: Callable[[Any], str]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(written(entry) for entry in row) for row in np.asarray(matrix, dtype=object))
