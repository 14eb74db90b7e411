"""The loss along a segment (1 − λ) A + λ B of parameters: piece by piece a polynomial in λ, or enclosed on intervals.

On [0, 1] the loss of a network of polynomial and piecewise-linear activations is continuous and piecewise polynomial: a
breakpoint is a root in λ of a pre-activation (or of the argument of abs, relu or a hinge) on the piece it lies in.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, final

import flint
import numpy as np

from geomcheck.errors import InputError, LimitError, Undecided, described
from geomcheck.fields.algebraic import RealAlgebraic, ends
from geomcheck.fields.duals import Dual, DualField
from geomcheck.fields.enclosures import working_precision
from geomcheck.fields.polynomials import NeedsCuts, PolynomialField
from geomcheck.geometry.jets import Jet, evaluate
from geomcheck.geometry.network import forward
from geomcheck.geometry.squash import SQUASHES
from geomcheck.problem.loss import FormulaLoss
from geomcheck.problem.network import DenseNetwork

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geomcheck.fields.base import AbstractField
    from geomcheck.problem.problem import Problem

MAX_PIECES = 20_000
MAX_DEGREE = 200
_ZERO, _ONE = RealAlgebraic.of(0), RealAlgebraic.of(1)


@final
@dataclass(frozen=True)
class Piece:
    """On left ≤ λ ≤ right the function is this polynomial in λ (`fmpq_poly`)."""

    left: RealAlgebraic
    right: RealAlgebraic
    polynomial: Any


def loss_value(problem: Problem, field: AbstractField, theta: Any) -> Any:
    """L at θ (P,) over a field, values only; inputs and targets must be given."""
    model, loss, samples = problem.model, problem.loss, problem.N
    inputs = field.array(problem.inputs).reshape((samples, model.n_inputs))
    if isinstance(model, DenseNetwork):
        f = forward(model.layers, field, theta, inputs)[1][-1]
    else:
        values = {name: Jet(field.ones((samples,)) * theta[i : i + 1]) for i, name in enumerate(model.parameters)}
        values |= {name: Jet(inputs[:, i]) for i, name in enumerate(model.inputs)}
        f = field.stack([evaluate(formula, field, values, samples).value for formula in model.outputs])
    if problem.squash is not None:
        f = SQUASHES[problem.squash](field, f).probabilities()
    y = field.array(problem.targets).reshape((samples, problem.K))
    if isinstance(loss, FormulaLoss):
        names = {name: Jet(f[:, k]) for k, name in enumerate(loss.outputs)}
        names |= {name: Jet(y[:, k]) for k, name in enumerate(loss.targets)}
        each = evaluate(loss.value, field, names, samples).value
    else:
        each = loss.value(field, f, y)
    total = field.total(each[None])
    if problem.reduction == "mean":
        total = field.divide(total, field.constant(Fraction(samples)))
    if problem.weight_decay:
        total = total + field.total((theta * theta)[None]) * field.constant(problem.weight_decay / 2)
    return total[0]


def check_segment(problem: Problem, start: Sequence[Fraction], end: Sequence[Fraction]) -> None:
    """Raise InputError unless data and both points are given, of the right sizes."""
    if problem.inputs is None or not isinstance(problem.targets, tuple):
        raise InputError(
            "barrier: expected inputs and targets, both given; along a segment the data stay what they are"
        )
    for name, point in (("A", start), ("B", end)):
        if len(point) != problem.P:
            raise InputError(f"barrier: expected {problem.P} parameters, got {described(name, len(point))}")


def polynomial_pieces(problem: Problem, start: Sequence[Fraction], end: Sequence[Fraction]) -> list[Piece]:
    """The loss along the segment, exactly; OutsideField where it is no piecewise polynomial.

    >>> from geomcheck.problem.read import problem_from
    >>> p = problem_from({"network": "1-1-1 relu, no bias", "inputs": [[1]], "targets": [[0]]})
    >>> pieces = polynomial_pieces(p, [Fraction(-1), Fraction(1)], [Fraction(1), Fraction(1)])
    >>> [(piece.left, piece.right, piece.polynomial) for piece in pieces]
    [(0, 1/2, 0), (1/2, 1, 2*x^2 + (-2)*x + 1/2)]
    """
    check_segment(problem, start, end)
    return list(_pieces(problem, start, end, _ZERO, _ONE, [MAX_PIECES]))


def _pieces(
    problem: Problem,
    start: Sequence[Fraction],
    end: Sequence[Fraction],
    left: RealAlgebraic,
    right: RealAlgebraic,
    budget: list[int],
) -> Iterator[Piece]:
    field = PolynomialField(left, right)
    try:
        polynomial = loss_value(problem, field, field.line(start, end))
    except NeedsCuts as cuts:
        budget[0] -= len(cuts.at)
        if budget[0] < 0:
            raise LimitError(f"barrier: expected at most {MAX_PIECES} breakpoints along the segment") from None
        places = [left, *cuts.at, right]
        for a, b in pairwise(places):
            yield from _pieces(problem, start, end, a, b, budget)
    else:
        piece = flint.fmpq_poly(polynomial)
        if piece.degree() > MAX_DEGREE:
            known = f"the loss along the segment is a polynomial of degree {piece.degree()}, the limit is {MAX_DEGREE}"
            raise Undecided("outside-exact-fields", known, "use activations or formulas of lower degree")
        yield Piece(left, right, piece)


def loss_on(
    problem: Problem, start: Sequence[Fraction], end: Sequence[Fraction], low: Fraction, high: Fraction, bits: int = 128
) -> Dual:
    """Enclosures of L and of its slope for all λ of [low, high]; OutsideField where a primitive has no value there."""
    field = DualField(bits)
    with working_precision(bits):
        middle, radius = (low + high) / 2, (high - low) / 2
        place = Dual(flint.arb(_fmpq(middle), _fmpq(radius)), flint.arb(1))
        theta = np.empty(len(start), dtype=object)
        theta[:] = [place * flint.arb(_fmpq(b - a)) + flint.arb(_fmpq(a)) for a, b in zip(start, end, strict=True)]
        value: Dual = loss_value(problem, field, theta)
    return value


def _fmpq(value: Fraction) -> Any:
    return flint.fmpq(value.numerator, value.denominator)


def bracket(number: RealAlgebraic, bits: int) -> tuple[Fraction, Fraction]:
    """Rationals around a breakpoint, strictly inside (0, 1); the number itself where it is rational."""
    if number.rational is not None:
        return number.rational, number.rational
    low, high = ends(number.enclosure(bits))
    scale = 1 << bits
    below, above = Fraction(int(low * scale) - 1, scale), Fraction(int(high * scale) + 2, scale)
    return max(below, Fraction(0)), min(above, Fraction(1))
