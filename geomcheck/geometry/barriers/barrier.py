"""The barrier between two points of parameter space: how far the loss rises above its ends on the segment between.

With L(λ) the loss at (1 − λ) A + λ B, the barrier is the maximum over all λ of [0, 1] of

* baseline "mean" (Frankle et al. 2020, arXiv 1912.05671): L(λ) − (L(A) + L(B))/2, never below |L(A) − L(B)|/2;
* baseline "linear" (Entezari et al. 2021, arXiv 2110.06296): L(λ) − (1 − λ) L(A) − λ L(B), never negative.

They agree where L(A) = L(B). The maximum is exact where L(λ) is a piecewise polynomial and enclosed elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, final

import flint

from geomcheck.errors import InputError, OutsideField, Undecided, described
from geomcheck.fields.algebraic import RealAlgebraic, ends, value_at
from geomcheck.fields.duals import Dual
from geomcheck.fields.enclosures import working_precision
from geomcheck.geometry.barriers.chord import below_line, equal_ends, greatest_at_an_end
from geomcheck.geometry.barriers.maxima import Maximum, enclosed_maximum, exact_maximum
from geomcheck.geometry.barriers.segment import Piece, bracket, check_segment, loss_on, polynomial_pieces
from geomcheck.geometry.instance import Denominators
from geomcheck.problem.read import problem_from
from geomcheck.problem.read_parameters import parameters_from

if TYPE_CHECKING:
    from geomcheck.problem.problem import Problem

Baseline = Literal["mean", "linear"]
BASELINES: tuple[Baseline, ...] = ("mean", "linear")
WIDTH = Fraction(1, 1 << 38)
MAX_BITS = 12_000  # of what is written into a certificate: rationals of up to 4,000 digits
_BITS = 128


@final
@dataclass(frozen=True)
class Barrier:
    """A barrier: ``value`` where it is known exactly, and rationals low ≤ barrier ≤ high, equal where it is rational.

    ``place`` is a λ at which it is reached (where enclosed: at which low is). ``cuts`` are the rational λ a checker
    needs to show both bounds: between two of them no breakpoint lies, except in tiny intervals around irrational ones.
    With ``at_an_end`` the excess is shown to be greatest at ``place``, 0 or 1: over the mean, |L(A) − L(B)|/2.
    """

    low: Fraction
    high: Fraction
    value: RealAlgebraic | None
    place: RealAlgebraic
    baseline: Baseline
    cuts: tuple[Fraction, ...]
    pieces: tuple[Piece, ...] = ()
    at_an_end: bool = False

    def compare(self, number: Fraction | int) -> int | None:
        """The sign of barrier − number, exactly; None where the enclosure holds the number."""
        if self.value is not None:
            return self.value.compare(number)
        return -1 if self.high < number else 1 if self.low > number else 0 if self.low == self.high else None

    def above(self, number: Fraction) -> Fraction | None:
        """A rational λ at which the excess is at least the number, near the place of the maximum; None without one."""
        place = self.place.rational
        if place is not None:
            return place
        for bits in (8, 16, 32, 64):
            for near in self.place.bounds(bits):
                short = Fraction(round(near * (1 << bits)), 1 << bits)
                if 0 <= short <= 1 and self._excess_at(short) >= number:
                    return short
        return None

    def _excess_at(self, place: Fraction) -> Fraction:
        here = RealAlgebraic.of(place)
        polynomial = next(piece.polynomial for piece in self.pieces if piece.left <= here <= piece.right)
        value = value_at(polynomial, here).rational
        assert value is not None, "a polynomial at a rational place"
        return value

    def text(self) -> str:
        """``15/4``; ``0.38490017945… (root of …)``; or ``[m ± r]``."""
        if self.value is not None:
            return self.value.text()
        with working_precision(_BITS):
            middle, radius = (self.low + self.high) / 2, (self.high - self.low) / 2
            ball = flint.arb(flint.fmpq(middle.numerator, middle.denominator), _arb(radius))
        return str(ball.str(12, radius=True)).replace("+/-", "±")

    def __repr__(self) -> str:
        return f"{self.text()} at λ = {self.place} (baseline {self.baseline})"


def exact_barrier(
    problem: Problem | Mapping[str, Any],
    start: Any,
    end: Any,
    baseline: Baseline = "mean",
    width: Fraction = WIDTH,
) -> Barrier:
    """The barrier between two points of a problem: exact, or enclosed within ``width`` where the loss is no polynomial.

    Args:
        problem: a Problem, or its keys as a mapping; inputs and targets must be given.
        start: the point at λ = 0, as ``parameters`` of a problem: numbers in torch order, or blocks by name.
        end: the point at λ = 1.
        baseline: "mean" (Frankle et al. 2020) or "linear" (Entezari et al. 2021).
        width: of the enclosure.

    Raises:
        InputError: for open data, points of the wrong size, an unknown baseline.
        Undecided: where the loss is not enclosed on the segment.

    >>> about = {"network": "1-1-1 relu, no bias", "inputs": [[1]], "targets": [[1]]}
    >>> found = exact_barrier(about, [2, "1/2"], ["1/2", 2])
    >>> found.value, found.place, found.compare(Fraction(81, 512))
    (81/512, 1/2, 0)
    """
    if isinstance(problem, Mapping):
        about = problem_from({**problem, "points": {"A": start, "B": end}})
        points = dict(about.points)
        return barrier_between(about, points["A"], points["B"], baseline, width)
    first = parameters_from(start, problem.model, "start")
    return barrier_between(problem, first, parameters_from(end, problem.model, "end"), baseline, width)


def barrier_between(
    problem: Problem,
    start: Sequence[Fraction],
    end: Sequence[Fraction],
    baseline: Baseline = "mean",
    width: Fraction = WIDTH,
    field: Denominators | None = None,
) -> Barrier:
    """The barrier between two points θ (P,) of a problem with given inputs and targets.

    Where the loss is no polynomial but its excess is greatest at an end, equal ends are seen over the field that
    ``field`` grows to.
    Raises InputError for missing data, sizes that do not fit, an unknown baseline; Undecided where the loss is not
    enclosed on the segment.

    >>> from geomcheck.problem.read import problem_from
    >>> p = problem_from({"model": {"parameters": ["t"], "inputs": [], "outputs": ["t"]}, "loss":
    ...     {"outputs": ["f"], "targets": ["y"], "value": "f^2"}, "samples": 1, "targets": [[0]]})
    >>> barrier_between(p, [Fraction(0)], [Fraction(1)]), barrier_between(p, [Fraction(0)], [Fraction(1)], "linear")
    (1/2 at λ = 1 (baseline mean), 0 at λ = 0 (baseline linear))
    """
    if baseline not in BASELINES:
        raise InputError(f"baseline: expected mean or linear, got {described('baseline', baseline)}")
    check_segment(problem, start, end)
    if tuple(start) == tuple(end):
        _exists(problem, start)
        return _nothing(baseline)
    try:
        pieces = polynomial_pieces(problem, start, end)
    except OutsideField:
        return _written(_smooth(problem, start, end, baseline, width, field or Denominators()))
    return _written(_exact(excess(pieces, baseline), baseline))


def _nothing(baseline: Baseline) -> Barrier:
    zero = RealAlgebraic.of(0)
    return Barrier(Fraction(0), Fraction(0), zero, zero, baseline, (Fraction(0), Fraction(1)))


def _exists(problem: Problem, theta: Sequence[Fraction]) -> None:
    try:
        polynomial_pieces(problem, theta, theta)
    except OutsideField:
        try:
            found = loss_on(problem, theta, theta, Fraction(0), Fraction(0)).value.is_finite()
        except OutsideField:
            found = False
        if not found:
            raise Undecided("outside-exact-fields", "the loss is not enclosed at the point") from None


def _written(barrier: Barrier) -> Barrier:
    if any(abs(x.numerator) >> MAX_BITS or x.denominator >> MAX_BITS for x in (barrier.low, barrier.high)):
        raise Undecided("outside-exact-fields", f"the bounds of the barrier are rationals of more than {MAX_BITS} bits")
    return barrier


def excess(pieces: Sequence[Piece], baseline: Baseline) -> list[Piece]:
    """The loss minus the baseline, on the same pieces."""
    first, last = (value_at(pieces[i].polynomial, RealAlgebraic.of(-i)).rational for i in (0, -1))
    assert first is not None, "the loss at a rational point"
    assert last is not None, "the loss at a rational point"
    line = [(first + last) / 2] if baseline == "mean" else [first, last - first]
    base = flint.fmpq_poly([flint.fmpq(c.numerator, c.denominator) for c in line])
    return [Piece(piece.left, piece.right, piece.polynomial - base) for piece in pieces]


def _exact(pieces: list[Piece], baseline: Baseline) -> Barrier:
    found = exact_maximum(pieces)
    assert found.value is not None, "an exact maximum has a value"
    low, high = found.value.bounds(_BITS)
    cuts = {bound for piece in pieces for bound in (*bracket(piece.left, _BITS), *bracket(piece.right, _BITS))}
    if found.place.rational is None and any(found.place in (piece.left, piece.right) for piece in pieces):
        low, high = low - Fraction(1, 1 << 64), high + Fraction(1, 1 << 64)  # a checker sees this place from both sides
    if found.place.rational is not None:
        cuts.add(found.place.rational)
    return Barrier(low, high, found.value, found.place, baseline, tuple(sorted(cuts)), tuple(pieces))


def _smooth(
    problem: Problem,
    start: Sequence[Fraction],
    end: Sequence[Fraction],
    baseline: Baseline,
    width: Fraction,
    field: Denominators,
) -> Barrier:
    """The barrier of a loss that is no piecewise polynomial: at an end where this is seen, else within ``width``."""
    line = below_line(problem, start, end)
    try:
        first, last = (loss_on(problem, start, end, Fraction(i), Fraction(i)).value for i in (0, 1))

        def on(low: Fraction, high: Fraction) -> Dual:
            loss = loss_on(problem, start, end, low, high)
            if baseline == "mean":
                return loss.__sub__((first + last) / 2)
            place = Dual(flint.arb(_arb((low + high) / 2), _arb((high - low) / 2)), flint.arb(1))
            return loss.__sub__(place * (last - first) + first)

        if not (first.is_finite() and last.is_finite()):
            raise Undecided("outside-exact-fields", "the loss is not enclosed at the point")
        top = Fraction(0) if baseline == "linear" else ends(abs(first - last) / 2)[0]
        cuts = (Fraction(0), Fraction(1)) if line else greatest_at_an_end(on, top)
        if cuts:
            if baseline == "linear" or (top <= 0 and equal_ends(problem, start, end, field)):
                return replace(_nothing(baseline), cuts=cuts, at_an_end=True)
            if top > 0:
                place = RealAlgebraic.of(0 if first > last else 1)
                return Barrier(top, ends(abs(first - last) / 2)[1], None, place, baseline, cuts, (), at_an_end=True)
        found: Maximum = enclosed_maximum(on, width)
    except OutsideField as error:
        raise Undecided("outside-exact-fields", f"the loss is not enclosed on the segment: {error}") from None
    return Barrier(max(Fraction(0), found.low), max(Fraction(0), found.high), None, found.place, baseline, found.cuts)


def _arb(value: Fraction) -> Any:
    return flint.arb(flint.fmpq(value.numerator, value.denominator))
