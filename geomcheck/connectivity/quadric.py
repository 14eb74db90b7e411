"""One equation of degree 2: the components of a real affine quadric, from the inertia of its form.

q(θ) = θᵀQθ + 2b·θ + c with Q ≠ 0. If b is not in the image of Q there is a direction v with Qv = 0, b·v ≠ 0, and the
set is a graph over the other coordinates: connected. Otherwise a translation makes it {yᵀQy = s}, s = b·Q⁺b − c. Say
that Q has p positive eigenvalues (−Q, for s < 0). For s = 0 the set is a cone, connected. Else it is homotopic to the
sphere S^{p−1}: empty for p = 0, two components for p = 1, one for p ≥ 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from geomcheck.connectivity.count import Components
from geomcheck.connectivity.polynomials import Polynomial
from geomcheck.connectivity.rational_matrices import ZERO, dot, echelon, rank


def components(equations: Sequence[Polynomial]) -> Components | None:
    """The components of {all equations = 0} where all are multiples of one of degree 2; None otherwise, or if empty.

    >>> one = Fraction(1)
    >>> [components([Polynomial({(2, 0): one, (0, 2): s * one, (0, 0): -one})]).count for s in (1, -1)]
    [1, 2]
    """
    rows = [equation for equation in equations if equation.terms]
    if not rows or rows[0].degree != 2 or not all(_proportional(rows[0], row) for row in rows[1:]):
        return None
    terms, size = rows[0].terms, len(next(iter(rows[0].terms)))
    form, linear, constant = [[ZERO] * size for _ in range(size)], [ZERO] * size, ZERO
    for exponents, c in terms.items():
        places = [i for i, e in enumerate(exponents) for _ in range(e)]
        if not places:
            constant = c
        elif len(places) == 1:
            linear[places[0]] = c / 2
        else:
            form[places[0]][places[1]] += c / 2
            form[places[1]][places[0]] += c / 2
    extended = [[*row, b] for row, b in zip(form, linear, strict=True)]
    if rank(extended) > rank(form):
        return Components(1, "quadric", "the equation has a linear part that its form does not see: the set is a graph")
    pivots, reduced = echelon(extended)
    centre = [ZERO] * size  # z with Qz = b; the centre is −z
    for column, row in zip(pivots, reduced, strict=True):
        centre[column] = row[-1]
    value = dot(centre, linear) - constant
    positive, negative = inertia(form)
    if value < 0:
        positive, negative = negative, positive
    if value == 0:
        return Components(1, "quadric", "the set is a quadratic cone, which is star-shaped")
    if positive == 0:
        return None
    why = f"a quadric with {positive} eigenvalues of the sign of its value: homotopic to the sphere S^{positive - 1}"
    return Components(2 if positive == 1 else 1, "quadric", why)


def _proportional(a: Polynomial, b: Polynomial) -> bool:
    if set(a.terms) != set(b.terms):
        return False
    ratios = {b.terms[exponents] / c for exponents, c in a.terms.items()}
    return len(ratios) == 1


def inertia(form: Sequence[Sequence[Fraction]]) -> tuple[int, int]:
    """How many positive and negative eigenvalues a symmetric matrix has, by Lagrange's reduction.

    >>> one, none = Fraction(1), Fraction(0)
    >>> inertia([[none, one], [one, none]]), inertia([[one, one], [one, one]])
    ((1, 1), (1, 0))
    """
    matrix, counts = [list(row) for row in form], [0, 0]
    while matrix:
        size = range(len(matrix))
        pivot = next((i for i in size if matrix[i][i]), None)
        if pivot is None:
            off = next(((i, j) for i in size for j in size if matrix[i][j]), None)
            if off is None:
                break
            i, j = off  # x_i ↦ x_i + x_j makes the diagonal entry 2 m_ij
            matrix[i] = [a + b for a, b in zip(matrix[i], matrix[j], strict=True)]
            for row in matrix:
                row[i] += row[j]
            pivot = i
        top = matrix[pivot]
        counts[0 if top[pivot] > 0 else 1] += 1
        matrix = [
            [row[k] - row[pivot] * top[k] / top[pivot] for k in size if k != pivot]
            for i, row in enumerate(matrix)
            if i != pivot
        ]
    return counts[0], counts[1]
