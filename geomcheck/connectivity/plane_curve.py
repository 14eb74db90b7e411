"""Two parameters: the components of a plane algebraic curve, from its branches over a line and where they end.

g(a, b) is the equation, or the sum of the squares of several. After a shear (a, b) ↦ (a + k·b, b) its degree in b is
its total degree, with a constant coefficient, so branches stay bounded over bounded a. Let s be its squarefree part.
Away from the real roots of disc_b s ∈ ℚ[a] the real roots of s(a, ·) are disjoint continuous branches. Over a root α
of it, the real roots of s(α, ·) are separated by rational numbers, over which nothing vanishes near α: between two of
them all branches end at the one root. Statement and proof: `proofs/lemmas/components.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import flint

from geomcheck.connectivity.algebraic_number import Element, RealRoot, Row, Rows, at, below, cuts_between, sturm
from geomcheck.connectivity.count import Components, unknown
from geomcheck.connectivity.polynomials import Exponents, Polynomial

MAX_DEGREE = 6
MAX_BITS = 3000
MAX_SIZE = 3_000_000  # degree³ · bits
SIMPLER = "give a curve of lower degree, or simpler numbers"

Bivariate: TypeAlias = Any
"""A flint `fmpq_mpoly` in a and b."""


def components(equations: Sequence[Polynomial]) -> Components | None:
    """The components of {all equations = 0} in two variables; None for other numbers of them, or an empty set.

    Raises Undecided beyond the limits: degree, and length of the critical values.

    >>> from fractions import Fraction
    >>> one = Fraction(1)  # b² = a³ − a: an oval and a branch
    >>> components([Polynomial({(0, 2): one, (3, 0): -one, (1, 0): one})]).count
    2
    """
    used = sorted({i for equation in equations for exponents in equation.terms for i, e in enumerate(exponents) if e})
    if len(used) != 2:
        return None
    degree = max(equation.degree for equation in equations) * min(len(equations), 2)
    if degree > MAX_DEGREE:
        what = "the sum of the squares of the equations" if len(equations) > 1 else "the plane curve"
        raise unknown(f"{what} has degree {degree}; curves are counted up to degree {MAX_DEGREE}", SIMPLER)
    context = flint.fmpq_mpoly_ctx.get(["a", "b"], "lex")
    found = [context.from_dict(_in_plane(equation, used)) for equation in equations]
    g = found[0] if len(found) == 1 else sum((f * f for f in found[1:]), found[0] * found[0])
    rows = _rows(_squarefree(_sheared(g, context)))
    m = _critical(rows)
    bits = max(abs(int(c)).bit_length() for c in m.numer().coeffs())
    limit = min(MAX_BITS, MAX_SIZE // max(m.degree(), 1) ** 3)
    if bits > limit:
        known = f"{m.degree()} critical values of the plane curve, real and complex, take {bits} bits"
        raise unknown(f"{known}; so many are looked at up to {limit} bits", SIMPLER)
    count = _count(rows, m)
    why = f"a plane curve of degree {len(rows) - 1}, cut into branches at its critical points"
    return Components(count, "curve", why) if count else None


def _in_plane(equation: Polynomial, used: Sequence[int]) -> dict[Exponents, Element]:
    return {(e[used[0]], e[used[1]]): flint.fmpq(c.numerator, c.denominator) for e, c in equation.terms.items()}


def _sheared(g: Bivariate, context: Any) -> Bivariate:
    """g(a + k·b, b), with the first k ≥ 0 for which its degree in b is its total degree d; one of 0, …, d is fine."""
    a, b = context.gens()
    degree = g.total_degree()
    return next(f for k in range(degree + 1) if (f := g.compose(a + k * b, b)).degrees()[1] == degree)


def _squarefree(g: Bivariate) -> Bivariate:
    _, factors = g.factor_squarefree()
    product = factors[0][0]
    for factor, _ in factors[1:]:
        product = product * factor
    return product


def _rows(g: Bivariate) -> Rows:
    rows: list[list[Element]] = [[flint.fmpq(0)] * (g.degrees()[0] + 1) for _ in range(g.degrees()[1] + 1)]
    for (i, j), c in g.to_dict().items():
        rows[j][i] = c
    return [flint.fmpq_poly(row) for row in rows]


def _critical(s: Rows) -> Row:
    """The squarefree part of disc_b s: by its values at 0, …, d(d − 1), d(d − 1) bounding its degree."""
    degree = len(s) - 1
    total, nodes = flint.fmpq_poly([0]), flint.fmpq_poly([1])
    for x in range(degree * (degree - 1) + 1):
        f = at(s, flint.fmpq(x))
        value = f.resultant(f.derivative()) if degree > 1 else flint.fmpq(1)
        total += (value - total(x)) / nodes(x) * nodes
        nodes *= flint.fmpq_poly([-x, 1])
    return total // total.gcd(total.derivative()) if total.degree() else flint.fmpq_poly([1])


def _count(s: Rows, m: Row) -> int:
    """The components of {s = 0}: classes of branches and of points over the roots of m, joined where branches end."""
    chain = sturm(m)
    (total,) = below(chain, [])
    ends = cuts_between(lambda x: below(chain, [x])[0] if m(x) != 0 else None, total)
    parts: list[set[int]] = [{i} for i in range(below(sturm(at(s, ends[0])), [])[0])]
    branches = list(range(len(parts)))
    names = len(parts)
    factors = m.factor()[1]
    for low, high in pairwise(ends) if total else ():
        factor = next(f for f, _ in factors if f(low) * f(high) < 0)
        root = RealRoot(flint.fmpq_poly(factor), low, high)
        cuts = root.cuts(s)
        left, right = (below(sturm(at(s, x)), cuts) for x in (root.low, root.high))
        after = list(range(names, names + right[-1]))
        names += right[-1]
        inside = [0, 0]
        for i in range(len(cuts) - 1):
            old, new = branches[left[i] : left[i + 1]], after[right[i] : right[i + 1]]
            inside = [inside[0] + len(old), inside[1] + len(new)]
            met = [part for part in parts if part & set(old)]
            parts = [part for part in parts if not part & set(old)] + [set(new).union(*met)]
        assert inside == [len(branches), len(after)], "every branch ends at a point"
        branches = after
    return len(parts)
