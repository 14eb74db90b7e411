"""Krawczyk's test: a zero of f: ℝⁿ → ℝⁿ proved to exist, and to be the only one, in a box of balls.

Theorem (Krawczyk 1969; Moore 1977; Rump 1983). Let X be the box |x_i − x̂_i| ≤ ρ_i, f continuously differentiable on X,
C any (n, n) matrix, and A a matrix of intervals that contains every f′(x), x ∈ X. Put
    K(X) = x̂ − C f(x̂) + (I − C A)(X − x̂).
If K(X) lies in the interior of X, then X contains exactly one zero of f, it lies in K(X), and f′(x) is nonsingular at
every x ∈ X; so are all matrices in A, and C.

Proof. Let M be any matrix in A. By hypothesis Σ_j |I − C M|_ij ρ_j < ρ_i for every i, since the set x̂ − C f(x̂) +
(I − C M)(X − x̂) is centred at x̂ − C f(x̂), has this radius in coordinate i, and lies inside (x̂_i − ρ_i, x̂_i + ρ_i).
So ‖I − C M‖ < 1 in the norm max_i |v_i|/ρ_i, and C M, hence C and M, is nonsingular. For x ∈ X the mean of f′ along
the segment from x̂ to x lies in the convex hull of A, which is A: f(x) = f(x̂) + M(x − x̂) for such an M. The map
g(x) = x − C f(x) therefore sends X into K(X) ⊂ X, and has a fixed point (Brouwer); as C is nonsingular, it is a zero
of f. Any zero in X is a fixed point of g, hence lies in K(X). Two zeros x, x′ would give M(x − x′) = 0 for an M in A. ∎

All of it is computed in balls, so rounding cannot make the test pass. x̂, ρ and C are exact dyadic numbers, proposed by
Newton's method, and nothing depends on how they were found. f need only be differentiable on X: a piecewise function
whose kink meets X has no A: asking for it raises Undecided, and the test does not pass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, final

import flint

from geomcheck.errors import InputError, Kink, OutsideField, Undecided, described
from geomcheck.fields.enclosures import working_precision
from geomcheck.linear_algebra.dyadic import dyadic

FIRST_PRECISION: Final = 128
LAST_PRECISION: Final = 1024
NEWTON_STEPS: Final = 60
STALLED_STEPS: Final = 12
STALLED_AT_THE_END: Final = 2
FAR: Final = 2**64
NEAR: Final = 2**8  # Newton's method converges when its last correction is this much smaller than the point
SLACK_BITS: Final = (3, 8, 16, 28, 40)  # ρ is the size of the last correction times these powers of two
SETTLED: Final = 24  # bits that a last correction may leave unsettled


@final
@dataclass(frozen=True)
class System:
    """f: ℝⁿ → ℝⁿ with its derivative, over balls.

    value(x, precision) gives n balls around f(x) for every x in n balls; jacobian(x, precision) gives n rows of n balls
    around f′(x). Either may raise Undecided (a sign is not certain) or Kink.
    """

    size: int
    value: Callable[[Sequence[Any], int], Sequence[Any]]
    jacobian: Callable[[Sequence[Any], int], Sequence[Sequence[Any]]]


@final
@dataclass(frozen=True)
class Zero:
    """Exactly one zero of a system lies within ``radius`` of ``centre`` in every coordinate; f′ is nonsingular there.

    ``image``: n balls, K(X), that contain it too. ``precision``: bits of the arithmetic.
    """

    centre: tuple[Fraction, ...]
    radius: Fraction
    image: tuple[Any, ...]
    precision: int

    @property
    def box(self) -> list[Any]:
        """X as n balls."""
        return _box(_exact(self.centre), flint.arb(flint.fmpq(self.radius.numerator, self.radius.denominator)))


def krawczyk(
    system: System, centre: Sequence[Fraction], radius: Fraction, precision: int = FIRST_PRECISION, inverse: Any = None
) -> tuple[Any, ...] | None:
    """K(X), n balls, when it lies in the interior of X = {|x_i − centre_i| ≤ radius}; None when the test does not pass.

    ``centre`` is dyadic. ``inverse`` is C as an arb_mat of exact entries; without it, an approximate
    inverse of f′(centre). Raises InputError for sizes that differ and for a radius that is not positive. Sources:
    Krawczyk, Computing 4 (1969) 187–201; Moore, SIAM J. Numer. Anal. 14 (1977) 611–615; Rump, Acta Numerica 19 (2010),
    section 13.

    >>> two = System(1, lambda x, _: [x[0] * x[0] - 2], lambda x, _: [[2 * x[0]]])
    >>> krawczyk(two, [Fraction(181, 128)], Fraction(1, 512))[0].contains(flint.arb(2).sqrt())
    True
    >>> krawczyk(two, [Fraction(3, 2)], Fraction(1, 512)) is None
    True
    """
    if len(centre) != system.size or radius <= 0:
        raise InputError(
            f"expected {system.size} coordinates and a positive radius, "
            f"got {len(centre)} and {described('radius', radius)}"
        )
    with working_precision(precision):
        point = _exact(centre)
        if not all(x.is_exact() for x in point):
            raise InputError(f"expected a centre that is dyadic in {precision} bits; round it, or raise precision")
        if inverse is None:
            inverse = _inverse(system, point, precision)
        return None if inverse is None else _test(system, point, radius, inverse, precision)


def isolated_zero(system: System, near: Sequence[Fraction], precision: int = FIRST_PRECISION) -> Zero:
    """A zero of ``system`` that Newton's method finds from ``near``, enclosed and proved isolated.

    The zero need not be the nearest one. The radius is as small as the precision allows; the precision is doubled,
    up to LAST_PRECISION, when rounding keeps the test from passing. Raises Undecided with one of the reasons
    "newton-diverges", "singular-jacobian", "kink-or-pole" and "krawczyk-fails"; whatever ``system`` raises at ``near``.

    >>> two = System(1, lambda x, _: [x[0] * x[0] - 2], lambda x, _: [[2 * x[0]]])
    >>> zero = isolated_zero(two, [Fraction(1)])
    >>> zero.radius < Fraction(1, 10**30), zero.box[0].contains(flint.arb(2).sqrt())
    (True, True)
    """
    if len(near) != system.size:
        raise InputError(f"expected {system.size} coordinates, got {len(near)}; give one for each unknown")
    while True:
        with working_precision(precision):
            newton = _newton(system, _exact([_rounded(Fraction(x), precision) for x in near]), precision)
            found = _enclosed(system, newton, precision) if isinstance(newton, _Newton) else newton
        if isinstance(found, Zero):
            return found
        may_help = newton.settled if isinstance(newton, _Newton) else newton.reason == "singular-jacobian"
        if not may_help or 2 * precision > LAST_PRECISION:
            raise found
        precision *= 2


def isolation_radius(system: System, zero: Zero, limit: Fraction = Fraction(1)) -> Fraction:
    """A radius 2^−k, at most ``limit``, within which the test shows that ``zero`` has no other zero beside it.

    It is ``zero.radius`` when no larger one is found. Every candidate is tested; they are chosen by bisection of k.
    """
    with working_precision(zero.precision):
        point = _exact(zero.centre)
        inverse = _inverse(system, point, zero.precision)
        if inverse is None:
            return zero.radius
        best = zero.radius
        low, high = _exponent(zero.radius), _exponent(limit)
        while low < high:
            middle = (low + high + 1) // 2
            radius = Fraction(2) ** middle
            if radius > best and _passes(system, point, radius, inverse, zero.precision):
                best, low = radius, middle
            else:
                high = middle - 1
    return best


@dataclass(frozen=True)
class _Newton:
    """Where Newton's method ended: the best point, an approximate inverse of f′ there, the size of the correction."""

    point: list[Any]
    inverse: Any
    correction: Fraction
    settled: bool  # whether the corrections shrank to about half the bits: more precision may then help


def _newton(system: System, point: list[Any], precision: int) -> _Newton | Undecided:
    best: _Newton | None = None
    stalled = 0
    for _ in range(NEWTON_STEPS):
        try:
            inverse = _inverse(system, point, precision)
            step = [] if inverse is None else _product(inverse, system.value(point, precision))
        except (Kink, OutsideField, Undecided):
            if best is None:
                raise
            break  # the next point meets a kink or leaves the domain
        if inverse is None or not all(s.is_finite() for s in step):
            break
        size = max(abs(dyadic(s, 16)) for s in step)
        scale = _scale(point)
        settled = size * 2 ** (precision // 2) <= scale
        stalled = 0 if best is None or 4 * size < 3 * best.correction else stalled + 1
        if best is None or size < best.correction:
            best = _Newton(point, inverse, size, settled)
        if size > FAR * scale or stalled >= (STALLED_AT_THE_END if settled else STALLED_STEPS):
            break
        if size * 2 ** (precision - SETTLED) <= scale:
            break
        point = [_midpoint(x - s, precision) for x, s in zip(point, step, strict=True)]
    if best is None:
        return Undecided(
            "singular-jacobian",
            "the derivative is singular where Newton's method starts",
            "start elsewhere, or remove a symmetry",
        )
    if best.correction * NEAR > _scale(best.point):
        return Undecided("newton-diverges", "Newton's method does not converge", "start closer to a zero")
    return best


def _enclosed(system: System, newton: _Newton, precision: int) -> Zero | Undecided:
    """The test around the limit of Newton's method, with ever larger boxes."""
    floor = Fraction(1, 2 ** (precision - 8)) * _scale(newton.point)
    smallest = max(2 * newton.correction, floor)
    for bits in SLACK_BITS:
        radius = Fraction(2) ** (_exponent(smallest) + bits)
        try:
            image = _test(system, newton.point, radius, newton.inverse, precision)
        except (Kink, OutsideField, Undecided):
            return Undecided(
                "kink-or-pole",
                "Newton's method ends closer to a kink, or to a zero of a denominator, than the precision resolves",
                "start elsewhere, or use a smooth activation",
            )
        if image is not None:
            return Zero(tuple(dyadic(x, precision) for x in newton.point), radius, image, precision)
    return Undecided(
        "krawczyk-fails",
        f"no box around the limit of Newton's method passes Krawczyk's test at {precision} bits",
        "the derivative may be singular there: start elsewhere, or remove a symmetry",
    )


def _passes(system: System, point: list[Any], radius: Fraction, inverse: Any, precision: int) -> bool:
    try:
        return _test(system, point, radius, inverse, precision) is not None
    except (Kink, OutsideField, Undecided):
        return False


def _test(system: System, point: list[Any], radius: Fraction, inverse: Any, precision: int) -> tuple[Any, ...] | None:
    """The test itself; ``point``, ``radius`` and ``inverse`` are exact, everything else is enclosed."""
    n = system.size
    rho = flint.arb(flint.fmpq(radius.numerator, radius.denominator))
    value = flint.arb_mat(n, 1, list(system.value(point, precision)))
    rows = system.jacobian(_box(point, rho), precision)
    enclosing = flint.arb_mat(n, n, [entry for row in rows for entry in row])
    contraction = flint.arb_mat(n, n, 1) - inverse * enclosing
    offsets = flint.arb_mat(n, 1, [flint.arb(0, rho)] * n)
    moves = (contraction * offsets - inverse * value).entries()
    if not all(abs(move) < rho for move in moves):  # false also for what is not finite
        return None
    return tuple(x + move for x, move in zip(point, moves, strict=True))


def _inverse(system: System, point: list[Any], precision: int) -> Any:
    """Exact entries close to f′(point)⁻¹, or None where that is singular."""
    rows = system.jacobian(point, precision)
    n = system.size
    try:
        inverse = flint.arb_mat(n, n, [entry.mid() for row in rows for entry in row]).inv()
    except ZeroDivisionError:
        return None
    if not all(x.is_finite() for x in inverse.entries()):
        return None
    return inverse.mid()


def _scale(point: Sequence[Any]) -> Fraction:
    return max([Fraction(1), *(abs(dyadic(x, 16)) for x in point)])


def _product(matrix: Any, vector: Sequence[Any]) -> list[Any]:
    return list((matrix * flint.arb_mat(len(vector), 1, list(vector))).entries())


def _exact(values: Sequence[Fraction]) -> list[Any]:
    return [flint.arb(flint.fmpq(x.numerator, x.denominator)) for x in values]


def _box(point: Sequence[Any], radius: Any) -> list[Any]:
    return [flint.arb(x, radius) for x in point]


def _midpoint(x: Any, precision: int) -> Any:
    value = dyadic(x, precision)
    return flint.arb(flint.fmpq(value.numerator, value.denominator))


def _rounded(value: Fraction, precision: int) -> Fraction:
    """A dyadic number of at most ``precision`` bits near ``value``."""
    return dyadic(flint.fmpq(value.numerator, value.denominator), precision)


def _exponent(value: Fraction) -> int:
    """The e with 2^e ≤ value < 2^(e+1), for positive value."""
    exponent = value.numerator.bit_length() - value.denominator.bit_length()
    return exponent if Fraction(2) ** exponent <= value else exponent - 1
