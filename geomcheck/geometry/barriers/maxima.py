"""The greatest value over all of [0, 1]: exactly, of a piecewise polynomial; within a requested width, of the rest."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, final

import flint

from geomcheck.errors import OutsideField
from geomcheck.fields.algebraic import RealAlgebraic, ball_at, ends, real_roots, value_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geomcheck.fields.duals import Dual
    from geomcheck.geometry.barriers.segment import Piece

MAX_BOXES = 4000
_BITS = 128
_NARROW = Fraction(1, 1 << 40)


@final
@dataclass(frozen=True)
class Maximum:
    """max over [0, 1] lies in [low, high], and is ``value`` where that is known; ``place`` is a λ where it is taken.

    With ``value`` unknown, the function exceeds low at the rational ``place``. ``cuts`` are the λ between which
    the bound above was found.
    """

    low: Fraction
    high: Fraction
    value: RealAlgebraic | None
    place: RealAlgebraic
    cuts: tuple[Fraction, ...] = ()


def exact_maximum(pieces: Sequence[Piece]) -> Maximum:
    """The maximum of a continuous piecewise polynomial: at an end of a piece, or where the derivative vanishes in one.

    Candidates are compared by enclosures first, and exactly, as algebraic numbers, where those overlap.

    >>> from geomcheck.geometry.barriers.segment import Piece
    >>> whole = [Piece(RealAlgebraic.of(0), RealAlgebraic.of(1), flint.fmpq_poly([0, 1, 0, -1]))]
    >>> exact_maximum(whole).value, exact_maximum(whole).place
    (0.38490017945… (root of 27 x^2 - 4), 0.57735026918… (root of 3 x^2 - 1))
    """
    candidates: list[tuple[Any, Any, RealAlgebraic]] = []
    for piece in pieces:
        places = [piece.left, piece.right]
        slope = piece.polynomial.derivative()
        if slope.degree() > 0:
            places += [root for root in real_roots(slope) if piece.left < root < piece.right]
        candidates += [(ball_at(piece.polynomial, place, _BITS), piece.polynomial, place) for place in places]
    best = max(candidates, key=lambda entry: entry[0].mid())
    value, place = value_at(best[1], best[2]), best[2]
    tried = {(str(best[1]), best[2])}
    for ball, polynomial, other in candidates:
        if ball < best[0] or (str(polynomial), other) in tried:
            continue
        tried.add((str(polynomial), other))
        rival = value_at(polynomial, other)
        if rival > value or (rival == value and place.rational is None and other.rational is not None):
            value, place = rival, other
    low, high = value.bounds(_BITS)
    return Maximum(low, high, value, place)


def enclosed_maximum(on: Callable[[Fraction, Fraction], Dual], width: Fraction, most: int = MAX_BOXES) -> Maximum:
    """An enclosure of max f over [0, 1], at most 2 w wide, w = width · max(1, max f), where ``most`` intervals suffice.

    Half of it is room above the bound that was found, so that coarser enclosures than these can show it, too.

    ``on(a, b)`` encloses values and slopes of f on [a, b]. On an interval with middle m and radius r, f ≤ f(m) + r
    max|slope| and f ≤ the greatest enclosed value; the interval of the greatest bound is halved, again and again.
    """
    lower, place = None, Fraction(0)
    heap: list[tuple[bool, Fraction, Fraction, Fraction]] = []  # bounded, −bound, and the interval

    def seen(at: Fraction) -> Any:
        nonlocal lower, place
        ball = on(at, at).value
        low = ends(ball)[0]
        if lower is None or low > lower:
            lower, place = low, at
        return ball

    def push(a: Fraction, b: Fraction) -> None:
        middle, bound = seen((a + b) / 2), None
        try:
            whole = on(a, b)
        except OutsideField:  # on an interval too wide for the enclosure of a logarithm or a quotient
            if b - a < _NARROW:
                raise
            heappush(heap, (False, Fraction(0), a, b))
            return
        bound = ends(whole.value)[1] if whole.value.is_finite() else None
        if whole.slope.is_finite():
            radius = flint.arb(flint.fmpq((b - a).numerator, 2 * (b - a).denominator))
            mean = ends(middle + abs(whole.slope) * radius)[1]
            bound = mean if bound is None else min(bound, mean)
        heappush(heap, (bound is not None, -(bound or Fraction(0)), a, b))

    seen(Fraction(0))
    seen(Fraction(1))
    push(Fraction(0), Fraction(1))
    while True:
        assert lower is not None, "the ends have been seen"
        bounded, top, a, b = heap[0]
        room = width * max(Fraction(1), lower)
        if bounded and (-top - lower <= room or len(heap) >= most):
            break
        if len(heap) >= 2 * most:
            raise OutsideField("an interval on which the function is not enclosed")
        heappop(heap)
        push(a, (a + b) / 2)
        push((a + b) / 2, b)
    cuts = {end for _, _, a, b in heap for end in (a, b)} | {place}
    return Maximum(lower, max(lower, -heap[0][1]) + room, None, RealAlgebraic.of(place), tuple(sorted(cuts)))
