"""The truth of a fact at one instance, by plain arithmetic: what a step of a proof says, held against numbers.

A scalar is known to lie in [low, high]; both ends agree unless it is a generic rank (at least the greatest rank seen)
or a barrier (the greatest excess seen, and that plus what a polynomial can rise between two samples).
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import permutations, product
from typing import Any, final

from geomcheck.selftest import elimination as plain
from geomcheck.selftest.elimination import Rows, combined, kernel, rank, transposed
from geomcheck.selftest.naive_derivatives import Case, Known, Net, Unknown, quantities, value_of_loss

Tree = tuple[Any, ...]
Range = tuple[Fraction | None, Fraction | None]
PARTS = 24  # of the segment, for barriers
OTHERS = 8  # instances for a generic rank


@final
@dataclass(frozen=True)
class Scene:
    """A case, points with names, what is left open, and what is known of the predicates at each place.

    `sure` maps a place ("" for the case's own parameters) to the predicates that hold or fail there for a reason that
    no arithmetic at the place shows.
    """

    case: Case
    points: Mapping[str, tuple[Fraction, ...]] = field(default_factory=dict)
    orders: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # permutations of the one hidden layer
    linear_baseline: bool = False
    sure: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    free: frozenset[str] = frozenset()
    witness: Case | None = None  # another instance of the same problem, for a certificate about it

    @property
    def net(self) -> Net:
        """The network; a closed formula has no units."""
        if not isinstance(self.case.net, Net):
            raise Unknown("a closed formula")
        return self.case.net

    @cached_property
    def known(self) -> Known:
        """The quantities at the case."""
        return quantities(self.case)

    def at(self, place: Tree) -> Scene:
        """The scene of one point alone."""
        name, key = place[1] if place[0] == "point" else "?", ("at", place)
        if key not in self.seen:
            self.seen[key] = Scene(replace(self.case, theta=self.theta(place)), sure={"": self.sure.get(name, {})})
        found: Scene = self.seen[key]
        return found

    def theta(self, place: Tree) -> tuple[Fraction, ...]:
        """The parameters of a point term."""
        head, *parts = place
        if head == "point":
            return self.points[parts[0]]
        if head == "permuted":
            return self.net.moved(self.theta(parts[0]), self.orders[parts[1][1]])
        if head == "*":
            return tuple(Fraction(parts[0][1]) * x for x in self.theta(parts[1]))
        if head == "neg":
            return tuple(-x for x in self.theta(parts[0]))
        a, b = map(self.theta, parts)
        return tuple(x + y if head == "+" else x - y for x, y in zip(a, b, strict=True))

    # -- matrices and subspaces ---------------------------------------------------------------------------------------

    def matrix(self, tree: Tree) -> Rows:
        """The rows of a matrix term."""
        if tree not in self.seen:
            self.seen[tree] = self._matrix(tree)
        found: Rows = self.seen[tree]
        return found

    @cached_property
    def seen(self) -> dict[Tree, Any]:
        """Matrices and numbers that are known already."""
        return {}

    def _matrix(self, tree: Tree) -> Rows:
        head = tree[0]
        if head == "matrix":
            return self.known.matrices[tree[1]]
        if head == "activations":
            case = self.case
            found = [self.net.layers(case.theta, row, bare=True)[tree[1]] for row in case.inputs]
            return [[unit.a for unit in row] for row in found]
        if head == "@":
            return self.at(tree[2]).matrix(tree[1])
        if head == "transpose":
            return transposed(self.matrix(tree[1]))
        if head == "neg":
            return [[-x for x in row] for row in self.matrix(tree[1])]
        if head == "*" and not _is_matrix(tree[1]):
            factor = self.scalar(tree[1])[0] or Fraction(0)
            return [[factor * x for x in row] for row in self.matrix(tree[2])]
        left, right = self.matrix(tree[1]), self.matrix(tree[2])
        return plain.product(left, right) if head == "*" else combined(left, right, 1 if head == "+" else -1)

    def span(self, tree: Tree) -> Rows:
        """A basis of a subspace, one vector a row."""
        head = tree[0]
        if head == "ker":
            matrix = self.matrix(tree[1])
            return kernel(matrix, len(matrix[0]))
        if head == "im":
            return transposed(self.matrix(tree[1]))
        left, right = self.span(tree[1]), self.span(tree[2])
        if head == "+" or not left or not right:
            return left + right if head == "+" else []
        found = kernel(transposed(left + right), len(left) + len(right))  # Σ aᵢ lᵢ + Σ bⱼ rⱼ = 0
        return plain.product([row[: len(left)] for row in found], left)

    # -- scalars ------------------------------------------------------------------------------------------------------

    def scalar(self, tree: Tree) -> Range:
        """Where a number lies; the upper end is None where it is not bounded."""
        head, net = tree[0], self.case.net
        if head == "number":
            return (Fraction(tree[1]),) * 2
        if head in ("+", "-", "*", "neg"):
            return _joined(head, [self.scalar(part) for part in tree[1:]])
        if head == "generic_rank":
            if tree not in self.seen:
                self.seen[tree] = Fraction(max(rank(scene.matrix(tree[1])) for scene in [self, *self.others]))
            whole = isinstance(net, Net) and all(name[:3] in ("lin", "squ", "pow") for name in net.activations)
            return self.seen[tree], self.seen[tree] if whole and len(self.others) == OTHERS else None
        if head == "word" and tree[1] == "L":
            return self.loss()
        if head == "@":
            return self.at(tree[2]).scalar(tree[1])
        if head in ("barrier", "min_barrier"):
            return self.barrier(tree)
        if head == "word":
            sizes = {"P": net.size, "N": len(self.case.inputs), "K": net.widths[-1]}
            return (Fraction(sizes[tree[1]]),) * 2
        if tree not in self.seen:
            self.seen[tree] = Fraction(self.number(head, *tree[1:]))
        return (self.seen[tree],) * 2

    def loss(self) -> Range:
        """L, or bounds by 1 − 1/f ≤ log f ≤ f − 1 of cross-entropy."""
        case, F = self.case, [row[0] for row in self.known.matrices["F"]]
        if self.known.loss is not None:
            return (self.known.loss,) * 2
        if case.loss != "cross_entropy" or case.decay or case.mean:
            raise Unknown("an irrational loss")
        pairs = [(f, y) for f, y in zip(F, (y for row in case.targets for y in row), strict=True)]
        return sum((y - y * f for f, y in pairs), Fraction(0)), sum((y / f - y for f, y in pairs), Fraction(0))

    def number(self, head: str, *parts: Any) -> Fraction | int:
        """A number that plain arithmetic decides."""
        if head == "dim":
            basis = self.span(parts[0])
            return rank(basis) if basis else 0
        if head in ("overlap", "max_overlap"):
            a, b = map(self.theta, parts)
            ways = [b] if head == "overlap" else [self.net.moved(b, s) for s in self.ways]
            return max(sum((x * y for x, y in zip(a, way, strict=True)), Fraction(0)) for way in ways)
        if head == "orbit_size":
            return len({self.net.moved(self.theta(parts[0]), s) for s in self.ways})
        if head == "signed_orbit_size":
            return len({self.net.moved(theta, s) for theta in self.flipped(parts[0]) for s in self.ways})
        if head not in ("rank", "nullity", "index", "trace", "det", "entry"):
            raise Unknown(head)
        matrix = self.matrix(parts[0])
        if head == "entry":
            return Fraction(matrix[parts[1]][parts[2]])
        if head == "trace":
            return sum((row[i] for i, row in enumerate(matrix)), Fraction(0))
        if head == "det":
            return plain.determinant(matrix)
        if head == "index":
            return plain.pivoted_inertia(matrix)[1]
        return rank(matrix) if head == "rank" else len(matrix[0]) - rank(matrix)

    def flipped(self, place: Tree) -> list[tuple[Fraction, ...]]:
        """All copies with signs of units changed that leave F unchanged, one hidden layer being odd or even."""
        net, theta = self.net, self.theta(place)
        if len(net.widths) != 3:
            raise Unknown("several hidden layers")
        name, (d, m, k), found = net.activations[0], net.widths, [theta]
        odd, even = name in ("linear", "tanh", "sin", "power(3)", "power(1)"), name in ("square", "abs", "gaussian")
        column = m * (d + net.biases[0])
        for i in range(m if (odd or even or name == "leaky_relu(-1)") else 0):
            own = {*range(i * d, i * d + d), *([m * d + i] if net.biases[0] else [])}
            own |= {column + row * m + i for row in range(k)} if odd else set()
            found += [tuple(-x if j in own else x for j, x in enumerate(values)) for values in found]
        return found

    @cached_property
    def ways(self) -> list[tuple[int, ...]]:
        """All orders of the units of the one hidden layer."""
        if len(self.net.widths) != 3 or any(link is not None for link in self.net.links):
            raise Unknown("several hidden layers, or linked ones")
        return list(permutations(range(self.case.net.widths[1])))

    @cached_property
    def others(self) -> list[Scene]:
        """Random instances of what is left open."""
        draw, found = random.Random(repr(self.case)), list[Scene]()
        for _ in range(10 * OTHERS if "parameters" in self.free else 0):

            def fresh(count: int) -> tuple[Fraction, ...]:
                return tuple(Fraction(draw.randint(-99, 99), draw.randint(1, 9)) for _ in range(count))

            case = replace(self.case, theta=fresh(self.case.net.size))
            if "inputs" in self.free:
                case = replace(case, inputs=tuple(fresh(len(row)) for row in case.inputs))
            scene = Scene(case)
            try:
                scene.known  # noqa: B018
            except Unknown:
                continue
            found.append(scene)
            if len(found) == OTHERS:
                break
        return found

    def barrier(self, tree: Tree) -> Range:
        """Between the greatest excess at rational places and that plus what the polynomial can still rise."""
        net, (a, b) = self.net, map(self.theta, tree[1:])
        degrees = [{"linear": 1, "square": 2, "power(3)": 3}.get(name) for name in net.activations]
        if None in degrees or self.case.loss not in ("mse", "quartic", "cubic"):
            raise Unknown("no polynomial")
        degree = 0
        for power in degrees:
            degree = (degree + 1) * int(power or 0)
        degree *= {"mse": 2, "quartic": 4, "cubic": 3}[self.case.loss]
        degree = max(degree, 2)
        if degree > 16:
            raise Unknown("too high a degree")
        ends = [self._excess(a, way, degree) for way in (self.moved(b) if tree[0] == "min_barrier" else [b])]
        return min(low for low, _ in ends), min(high for _, high in ends)

    def moved(self, theta: tuple[Fraction, ...]) -> list[tuple[Fraction, ...]]:
        """All permuted copies."""
        return [self.net.moved(theta, s) for s in self.ways]

    def _excess(self, a: Sequence[Fraction], b: Sequence[Fraction], degree: int) -> tuple[Fraction, Fraction]:
        def loss(x: Fraction) -> Fraction:
            theta = tuple((1 - x) * u + x * v for u, v in zip(a, b, strict=True))
            return value_of_loss(replace(self.case, theta=theta))

        first, last = loss(Fraction(0)), loss(Fraction(1))
        count = max(PARTS, degree)
        places = [Fraction(i, count) for i in range(count + 1)]
        base = [first + x * (last - first) if self.linear_baseline else (first + last) / 2 for x in places]
        excess = [loss(x) - y for x, y in zip(places, base, strict=True)]
        rows = [[x**i for i in range(degree + 1)] + [y] for x, y in zip(places, excess, strict=True)]
        reduced, _ = plain.echelon(rows[: degree + 1])
        bends = sum((abs(row[-1]) * i * (i - 1) for i, row in enumerate(reduced)), Fraction(0))
        return max(excess), max(excess) + bends / (8 * count * count)  # between neighbours: at most ⅛ h² max|e″|

    # -- formulas -----------------------------------------------------------------------------------------------------

    def holds(self, tree: Tree) -> bool | None:
        """Whether a formula holds; None where it is not known."""
        head, *parts = tree
        if head == "@":
            return self.at(parts[1]).holds(parts[0])
        if head in ("perfect_fit", "critical_point", "local_minimum", "global_minimum"):
            return self.predicate(head)
        if _is_matrix(parts[0]):
            if tree not in self.seen:
                self.seen[tree] = self.matrix(parts[0] if parts[1] == ("number", "0") else ("-", *parts))
            matrix: Rows = self.seen[tree]
            return bool(any(any(row) for row in matrix) == (head == "!="))
        low, high = _joined("-", [self.scalar(parts[1]), self.scalar(parts[0])])  # right − left
        if head == "==":
            apart = (low is not None and low > 0) or (high is not None and high < 0)
            return False if apart else True if low == high == 0 else None
        if head in ("<=", "<"):
            if low is not None and (low > 0 or (low == 0 and head == "<=")):
                return True
            return False if high is not None and (high < 0 or (high == 0 and head == "<")) else None
        raise Unknown(head)

    def predicate(self, name: str) -> bool | None:
        """By what is known, a gradient, a direction downwards, or a point below."""
        case, M = self.case, self.known.matrices
        if name in (own := self.sure.get("", {})):
            return own[name]
        if name == "critical_point":
            return not any(self.known.gradient)
        if name == "perfect_fit":
            flat = [y for row in case.targets for y in row]
            fits = ("mse", "quartic", "flat", "raised", "sunk", "mixed")
            return [row[0] for row in M["F"]] == flat if case.loss in fits else None
        if any(self.known.gradient) or plain.pivoted_inertia(M["H"])[1]:
            return False
        if self.predicate("perfect_fit") and not case.decay:
            return True
        if name == "local_minimum" and rank(M["H"]) == case.net.size:
            return True
        if self.known.loss is not None and any(x < self.known.loss for x in self.elsewhere):
            return False if name == "global_minimum" else None
        return None

    @cached_property
    def elsewhere(self) -> list[Fraction]:
        """The loss at other parameters."""
        draw, found = random.Random(repr(self.case.theta)), list[Fraction]()
        for spread in (1, 2, 5) * 5:
            theta = tuple(Fraction(draw.randint(-spread, spread), draw.choice((1, 2))) for _ in self.case.theta)
            with suppress(Unknown):
                found.append(value_of_loss(replace(self.case, theta=theta)))
        return found


def _is_matrix(tree: Tree) -> bool:
    if tree[0] in ("matrix", "transpose", "activations"):
        return True
    return tree[0] in ("+", "-", "*", "neg", "@") and any(_is_matrix(part) for part in tree[1:] if type(part) is tuple)


def _joined(head: str, values: Sequence[Range]) -> Range:
    if head == "neg":
        return _negated(values[0])
    (a, b), (c, d) = values if head != "-" else (values[0], _negated(values[1]))
    if head in "+-":
        return None if a is None or c is None else a + c, None if b is None or d is None else b + d
    if a is None or b is None or c is None or d is None:
        raise Unknown("a product without bounds")
    ends = [x * y for x, y in product((a, b), (c, d))]
    return min(ends), max(ends)


def _negated(values: Range) -> Range:
    low, high = values
    return None if high is None else -high, None if low is None else -low
