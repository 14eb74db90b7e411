"""Plane curves whose components are known: drawn by hand, built of lines, circles and points, or counted on a grid."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from random import Random

import numpy as np
from scipy.ndimage import label

from geomcheck.problem.problem import Problem
from geomcheck.problem.read import problem_from

# Equations in a and b, and the number of components of their common zeros; 0: there are none.
KNOWN: list[tuple[str, int]] = [
    ("a^2 + b^2 - 1", 1),
    ("(a^2 + b^2 - 1)*(a^2 + b^2 - 4)", 2),  # one in the other
    ("(a^2 + b^2 - 1)*((a - 2)^2 + b^2 - 1)", 1),  # tangent from outside
    ("(a^2 + b^2 - 4)*(a^2 + (b - 1)^2 - 1)", 1),  # tangent from inside
    ("(a^2 + b^2 - 1)*((a - 3)^2 + b^2 - 1)", 2),
    ("(a^2 + b^2 - 1)*((a - 1)^2 + b^2 - 1)", 1),
    ("(a^2 + b^2 - 1)*((a - 3)^2 + b^2 - 1)*(a^2 + (b - 3)^2 - 1)", 3),
    ("b^2 - a^3", 1),  # a cusp
    ("b^2 - a^5", 1),
    ("b^2 - a^2*(a + 1)", 1),  # a node
    ("a^2*(a - 1) - b^2", 2),  # a branch and a point beside it
    ("a^3 - a - b^2", 2),  # an oval and a branch
    ("a^3 - b^2", 1),
    ("a^3 + a + 1 - b^2", 1),
    ("a^3 - 3*a + 1 - b^2", 2),  # critical values that are irrational, of degree 3
    ("a^3 - 3*a + 2 - b^2", 1),
    ("a^3 - 3*a - 2 - b^2", 2),
    ("(a^2 - 2)*(a^2 - 3)*(a^2 - 5) + b^2", 3),
    ("(a^2 + b^2)^2 - 2*(a^2 - b^2)", 1),  # the lemniscate
    ("((a - 1)^2 + b^2)*((a + 1)^2 + b^2) - 9/10", 2),  # ovals of Cassini
    ("((a - 1)^2 + b^2)*((a + 1)^2 + b^2) - 1", 1),
    ("((a - 1)^2 + b^2)*((a + 1)^2 + b^2) - 11/10", 1),
    ("a^3 + b^3 - 1", 1),  # Fermat's
    ("a^4 + b^4 - 1", 1),
    ("a^5 + b^5 - 1", 1),
    ("a^6 + b^6 - 1", 1),
    ("a^4 + b^4 + 1", 0),
    ("a^3 + b^3 - 3*a*b", 1),  # the folium: a node on a branch
    ("a^3 + b^3 - 3*a*b + 1", 2),  # a line and a point beside it
    ("(a^2 + b^2)^3 - 4*a^2*b^2", 1),  # four leaves
    ("(a^2 + b^2 - 1)^3 - a^2*b^3", 1),  # a heart
    ("(a^2 + 4*b^2 - 4)*(4*a^2 + b^2 - 4) + 1/10", 4),  # two crossed ellipses, and four ovals of them
    ("(a^2 + 4*b^2 - 4)*(4*a^2 + b^2 - 4) - 1/10", 2),
    ("4*(a^4 + b^4) - 5*(a^2 + b^2) + 1", 2),
    ("b*(b - 1)*(b - 2)*(a + b)^2", 1),
    ("(b - a)*(b - a - 1)*(b - a - 2)*(b - a - 3)", 4),
    ("(a - b)^2*(a + b)^3", 1),
    ("(a + b)^2*(a + b - 1)^2*(a + b + 7)", 3),
    ("((a + b)^2 - 2)*((a + b)^2 - 3)", 4),
    ("(a^2 - 2)*(b^2 - 2)", 1),
    ("(a^2 - 2)^2*(a^2 + b^2)", 3),  # two vertical lines and a point between them
    ("(a^2 - 2)*(a^2 + b^2 - 2)", 1),  # two vertical tangents
    ("(a^2 - 2)*(a^2 + b^2 - 1)", 3),
    ("a*(a*b - 1)", 3),  # a hyperbola and its asymptote, which do not meet
    ("a*b*(a*b - 1)", 3),
    ("(a*b - 1)*(a^2 + b^2 - 1)", 3),
    ("(a*b - 1)*(a^2 + b^2 - 2)", 1),  # two tangent points
    ("(a*b - 1)*(a^2 + b^2 - 3)", 1),
    ("a^2*b^2 + a^2 + 1", 0),
    ("(a^2 + b^2 + 1)*(a^2 + 2*b^2 + 3)", 0),
    ("a^2*b^4 + a^4*b^2 - 3*a^2*b^2 + 1", 4),  # Motzkin's form, which is no sum of squares
    ("a^2*b^4 + a^4*b^2 - 3*a^2*b^2 + 2", 0),
    ("(a^2 - 1)^2 + (b^2 - 1)^2", 4),  # points alone
    ("(a^2 - 2)^2 + (b^2 - 3)^2", 4),
    ("(a - b)^2 + (a^2 + b^2 - 1)^2", 2),
    ("(a^2 + b^2)*((a - 1)^2 + b^2)*(a^2 + (b - 1)^2)", 3),
    ("(a^2 + b^2 - 1)^2", 1),
    ("(a^2 + b^2)^3", 1),
    ("(b^2 - a^3)^2 + a^2*b^2", 1),
    ("b^3 - 3*b + a^2*b", 1),
    ("b^5 - b^2 - a^2", 2),  # over a = 0 the remainders fall by two and more degrees
    ("b^5 - b^2 + a^2", 1),
    ("b^6 - b^2 - a^2", 3),
    ("b^6 - b^2 + a^2", 1),
    ("(b^3 - 1)^2 - a^2", 1),
    ("(b^3 - 1)^2 + a^2", 1),
    ("b^2*(b^4 + 1) - a^4", 1),
    ("(b^2 + 1)^2*(b^2 - 2) + a^2", 1),
    ("(b^2 + 1)^2*(b^2 - 2) - a^2", 2),
    ("a^2 + b^2 - 4; a*b - 1", 4),
    ("a^2 + b^2 - 2; a*b - 1", 2),
    ("a^2 + b^2 - 1; a*b - 1", 0),
    ("a^2 + b^2 - 1; (a - 2)^2 + b^2 - 1", 1),
    ("a^3 - a - b^2; b^2 + a*b", 5),
    ("a^2 + b^2 - 1; (a^2 + b^2 - 1)*a", 1),  # a common factor
    ("(a^2 - b^2)*a; (a^2 - b^2)*(b - 1)", 2),
    ("(a^2 + b^2 - 1)*(a - 2); (a^2 + b^2 - 1)*(b - 2)", 2),
    ("a*b; a^2 + b^2 - 1; a^2 - a + b^2 - b", 2),
]

MAPS = ("(b)", "(a)", "(2*a - 3*b + 1)", "(a + b)", "(1/2*b - 2)", "(a - b)", "(-a - 4)")
PAIRS = ((0, 1), (2, 3), (6, 4), (3, 5), (5, 2))
"""Pairs of `MAPS` that are invertible affine maps of the plane."""


def problem_of(equations: str) -> Problem:
    """The model whose minima are the zeros of equations in a and b with ';' between them."""
    outputs = equations.split(";")
    model = {"parameters": ["a", "b"], "inputs": [], "outputs": outputs}
    return problem_from({"model": model, "samples": 1, "targets": [[0] * len(outputs)], "loss": "mse"})


def moved(equations: str, first: str, second: str) -> str:
    """The equations with expressions in place of a and b."""
    return equations.translate({ord("a"): first, ord("b"): second})


@dataclass(frozen=True)
class Part:
    """A line u·x = c, or a circle about u of the squared radius c², a point for c = 0."""

    round: bool
    u: tuple[int, int]
    c: int

    @property
    def degree(self) -> int:
        return 1 + self.round

    def written(self) -> str:
        (x, y), c = self.u, self.c
        return f"(({x})*a + ({y})*b - ({c}))" if not self.round else f"((a - ({x}))^2 + (b - ({y}))^2 - {c**2})"

    def meets(self, other: "Part") -> bool:
        if self.round and not other.round:
            return other.meets(self)
        (x, y), (z, w) = self.u, other.u
        if not self.round and not other.round:
            return x * w != y * z or (self.c * z == other.c * x and self.c * w == other.c * y)
        if not self.round:
            return (x * z + y * w - self.c) ** 2 <= other.c**2 * (x * x + y * y)
        return (self.c - other.c) ** 2 <= (x - z) ** 2 + (y - w) ** 2 <= (self.c + other.c) ** 2


def arrangement(rng: Random) -> tuple[str, int]:
    """A product of lines, circles and points, of degree at most 6, and the number of its components."""
    parts, slope = list[Part](), (rng.randint(-2, 2), 1)
    while sum(part.degree for part in parts) < rng.choice([3, 4, 5, 6]) and sum(part.degree for part in parts) < 5:
        kind = rng.choice(["line", "parallel", "vertical", "circle", "circle", "circle", "point"])
        u = (rng.randint(-3, 3), rng.randint(-3, 3))
        if kind in ("circle", "point"):
            parts.append(Part(True, u, rng.choice([1, 1, 2, 3]) if kind == "circle" else 0))
        else:
            normal = {"line": (u[0], u[1] or 1), "parallel": slope, "vertical": (1, 0)}[kind]
            parts.append(Part(False, normal, rng.randint(-3, 3)))
    parent = list(range(len(parts)))
    for (i, one), (j, other) in combinations(enumerate(parts), 2):
        if one.meets(other):
            parent = [parent[i] if k == parent[j] else k for k in parent]
    return "*".join(part.written() for part in parts), len(set(parent))


def graphs(rng: Random) -> tuple[str, int]:
    """A product of three parabolas or lines b = f(a), and the number of its components."""
    chosen = [[Fraction(rng.randint(-2, 2), rng.choice([1, 1, 3])) for _ in range(3)] for _ in range(3)]
    parent = list(range(3))
    for (i, f), (j, h) in combinations(enumerate(chosen), 2):
        c, b, a = (x - y for x, y in zip(f, h, strict=True))
        if b * b - 4 * a * c >= 0 if a else (b != 0 or c == 0):
            parent = [parent[i] if k == parent[j] else k for k in parent]
    return "*".join(f"(b - ({f[0]}) - ({f[1]})*a - ({f[2]})*a^2)" for f in chosen), len(set(parent))


def polynomial(rng: Random, degree: int) -> str:
    """A polynomial with small random coefficients."""
    exponents = [(i, j) for i in range(degree + 1) for j in range(degree + 1 - i)]
    return " + ".join(f"({rng.randint(-3, 3)})*a^{i}*b^{j}" for i, j in exponents)


def bounded(rng: Random) -> tuple[str, dict[tuple[int, int], int | Fraction]]:
    """A polynomial of degree 4 whose leading form is positive; its curve is bounded and smooth at small integers."""
    terms: dict[tuple[int, int], int | Fraction] = {
        (4, 0): rng.randint(1, 3),
        (2, 2): rng.choice([1, -1]),
        (0, 4): 1,
        (0, 0): Fraction(rng.choice([8, -6, 15]), 7),
    }
    terms |= {(i, j): rng.choice([0, 0, 1, -1, 3, -5]) for i in range(4) for j in range(4 - i) if i + j}
    return " + ".join(f"({c})*a^{i}*b^{j}" for (i, j), c in terms.items()), terms


def regions(terms: dict[tuple[int, int], int | Fraction], sizes: Sequence[int] = (400, 700)) -> int | None:
    """The number of connected regions of f > 0 and of f < 0 in the plane, on a grid; None if two grids do not agree.

    A smooth bounded curve of n components leaves n + 1 regions. The grid is fine at 0 and coarse far away.
    """
    found = set()
    for size in sizes:
        line = np.tan(np.linspace(-1.5, 1.5, size))
        x, y = line[:, None], line[None, :]
        values = sum(float(c) * x**i * y**j for (i, j), c in terms.items())
        found.add(int(label(values > 0)[1] + label(values < 0)[1]))
    return found.pop() if len(found) == 1 else None
