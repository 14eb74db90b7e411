"""A real algebraic number as the root of an irreducible polynomial in an interval, and polynomials over it (Sturm)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, TypeAlias, final

import flint

Element: TypeAlias = Any
"""A flint `fmpq`."""
Row: TypeAlias = Any
"""A flint `fmpq_poly`."""
Rows: TypeAlias = Sequence[Row]
"""A polynomial in b: the coefficients of 1, b, b², …, which are polynomials in a."""


def changes(signs: Iterable[Any]) -> int:
    """How often the sign changes, zeros left out.

    >>> changes([1, 0, -1, -1, 1])
    2
    """
    kept = [x for x in signs if x]
    return sum((x < 0) != (y < 0) for x, y in pairwise(kept))


def at(f: Rows, a: Element) -> Row:
    """f(a, ·)."""
    return flint.fmpq_poly([row(a) for row in f])


def put(f: Rows, b: Element) -> Row:
    """f(·, b)."""
    total = flint.fmpq_poly([0])
    for row in reversed(f):
        total = total * b + row
    return total


def sturm(f: Row) -> list[Row]:
    """Sturm's sequence of f ≠ 0, its members scaled by positive numbers."""
    chain = [f]
    following = f.derivative()
    while following != 0:
        chain.append(following / abs(following.leading_coefficient()))
        following = -(chain[-2] % chain[-1])
    return chain


def below(chain: Sequence[Row], cuts: Sequence[Element]) -> list[int]:
    """The numbers of distinct real roots below each cut, none of which is a root, and of all.

    >>> below(sturm(flint.fmpq_poly([0, -1, 0, 1])), [flint.fmpq(1, 2)])
    [2, 3]
    """
    first = changes(f.leading_coefficient() * (-1) ** f.degree() for f in chain)
    return [first - changes(f(x) for f in chain) for x in cuts] + [
        first - changes(f.leading_coefficient() for f in chain)
    ]


def cuts_between(count: Callable[[Element], int | None], total: int) -> list[Element]:
    """Rational numbers below, between and above all roots; count(x) of them are below x, None: x is a root.

    >>> chain = sturm(flint.fmpq_poly([-2, 0, 1]))
    >>> [str(x) for x in cuts_between(lambda x: below(chain, [x])[0], 2)]
    ['-2', '0', '2']
    """
    size = flint.fmpq(1)
    while count(-size) != 0 or count(size) != total:
        size *= 2
    found, parts = [-size, size], [(-size, 0, size, total)]
    while parts:
        u, first, v, last = parts.pop()
        if last - first < 2:
            continue
        k, n = 2, None
        while n is None:  # the middle, or other places nearby where that is a root
            x = u + (v - u) * flint.fmpq(k, 2 * k + k % 2)
            n, k = count(x), k + 1
        found += [x] if first < n < last else []
        parts += [(u, first, x, n), (x, n, v, last)]
    return sorted(found)


@final
class RealRoot:
    """The only root of an irreducible m between low and high; the interval becomes smaller when asked for signs."""

    def __init__(self, m: Row, low: Element, high: Element) -> None:
        self.m, self.low, self.high = m, low, high

    def sign(self, f: Row) -> int:
        """0 if f vanishes at the root; else the sign of f on all of low ≤ a ≤ high, made small enough.

        >>> root = RealRoot(flint.fmpq_poly([-2, 0, 1]), flint.fmpq(1), flint.fmpq(2))
        >>> root.sign(flint.fmpq_poly([-7, 5])), root.sign(flint.fmpq_poly([-2, 0, 1]))
        (1, 0)
        """
        if f % self.m == 0:
            return 0
        slope = flint.fmpq_poly([abs(c) for c in f.derivative().coeffs()])
        while True:
            middle, half = (self.low + self.high) / 2, (self.high - self.low) / 2
            value = f(middle)
            if abs(value) > half * slope(max(abs(self.low), abs(self.high))):  # the mean value theorem
                return 1 if value > 0 else -1
            here = self.m(middle)
            if here == 0:
                self.low, self.high = middle - half / 2, middle + half / 2
            elif here * self.m(self.high) > 0:
                self.high = middle
            else:
                self.low = middle

    def cuts(self, s: Rows) -> list[Element]:
        """Numbers below, between and above the real roots of s(root, ·), no roots of s(a, ·) for low ≤ a ≤ high.

        Empty if there is no real root. The leading coefficient of s is constant.
        """
        chain = [self._unit(s), self._unit([i * row for i, row in enumerate(s)][1:])]
        while chain[-1]:
            rest, by = list(chain[-2]), chain[-1]
            while len(rest) >= len(by):
                shift = len(rest) - len(by)
                factor = rest[-1] * by[-1]
                rest = [*rest[:shift], *((c - factor * d) % self.m for c, d in zip(rest[shift:], by, strict=True))][:-1]
            chain.append(self._unit([-c for c in rest]))
        del chain[-1]
        leading = [(int(f[-1](0)), len(f) - 1) for f in chain]
        first = changes(c * (-1) ** n for c, n in leading)

        def count(x: Element) -> int | None:
            return first - changes(self.sign(put(f, x)) for f in chain) if self.sign(put(s, x)) else None

        total = first - changes(c for c, _ in leading)
        return cuts_between(count, total) if total else []

    def _unit(self, f: Rows) -> list[Row]:
        """The polynomial over ℚ(root) divided by the absolute value of its leading coefficient."""
        rest = [row % self.m for row in f]
        while rest and rest[-1] == 0:
            rest.pop()
        if not rest:
            return rest
        sign = self.sign(rest[-1])
        _, inverse, _ = rest[-1].xgcd(self.m)
        return [*(row * inverse * sign % self.m for row in rest[:-1]), flint.fmpq_poly([sign])]
