"""Parameters and inputs together: families of starting points, degenerate ones among them, before targets are chosen.

A family is an iterator of pairs (θ, X), smallest first; it may end. What the problem gives is never changed: given
inputs come in through the data iterator, and given parameters overrule a family's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Final, TypeAlias, final

from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem
from geomcheck.search import input_data
from geomcheck.search.draws import Random, Rows, Vector, grid, integers, nonzero, rationals, sparse
from geomcheck.search.units import PAIRS, SINGLE, Scene, UnitChange, units

Point: TypeAlias = tuple[Vector, Rows]
Starts: TypeAlias = Callable[[Problem, Random], Iterator[Point]]


@final
@dataclass(frozen=True)
class Family:
    """A named way of starting; `varies` says which open part it needs in order to be of use."""

    name: str
    starts: Starts
    varies: str = "parameters"
    needs_width: int = 0

    def applies(self, problem: Problem) -> bool:
        """Whether this family has anything to vary in this problem."""
        if self.varies not in problem.open_parts:
            return False
        return not self.needs_width or _widest(problem) >= self.needs_width


def _zero(problem: Problem, rng: Random) -> Iterator[Point]:
    """All zero; but 1 at the biases of piecewise units, which would sit at a kink."""
    theta = [Fraction(0)] * problem.P
    network = problem.model
    layers = network.layers[:-1] if isinstance(network, DenseNetwork) else ()
    for block in network.blocks() if isinstance(network, DenseNetwork) else ():
        if len(block.shape) == 1 and block.layer <= len(layers) and layers[block.layer - 1].activation.piecewise:
            theta[block.start : block.stop] = [Fraction(1)] * block.size
    for inputs in islice(input_data.varied(problem, rng), 6):
        yield list(theta), inputs


def _all_equal(problem: Problem, rng: Random) -> Iterator[Point]:
    for n, inputs in enumerate(islice(input_data.varied(problem, rng), 24)):
        yield [Fraction((1, 2, -1, 3)[n % 4])] * problem.P, inputs


def _grid(problem: Problem, rng: Random) -> Iterator[Point]:
    inputs = input_data.varied(problem, rng)
    for size in (1, 2, 3):
        for theta in islice(grid(problem.P, size), 2000):
            if max(map(abs, theta), default=Fraction(0)) == size:
                yield theta, next(inputs)


def _drawn(draw: Callable[[Random, int, int], Vector]) -> Starts:
    def starts(problem: Problem, rng: Random) -> Iterator[Point]:
        for n, inputs in enumerate(input_data.varied(problem, rng)):
            yield draw(rng, problem.P, input_data.size_at(n, problem)), inputs

    return starts


def _general_position(problem: Problem, rng: Random) -> Iterator[Point]:
    """Parameters and inputs without zeros, large from the start: where ranks are as large as they get."""
    size = 9 if input_data.polynomial(problem) else 2
    given = problem.inputs
    while True:
        theta = [nonzero(rng, size) / rng.choice((1, 1, 2)) for _ in range(problem.P)]
        fresh = [[nonzero(rng, size) for _ in range(problem.model.n_inputs)] for _ in range(problem.N)]
        yield theta, fresh if given is None else [list(row) for row in given]


def _on_data(kind: input_data.DataMaker) -> Starts:
    """General parameters, degenerate inputs."""

    def starts(problem: Problem, rng: Random) -> Iterator[Point]:
        for n, inputs in enumerate(input_data.of_kinds(problem, rng, (kind,))):
            yield integers(rng, problem.P, 1 + input_data.size_at(n, problem)), inputs

    return starts


def _with_units(change: UnitChange, at_least: int) -> Starts:
    """General parameters, with degenerate units in one hidden layer, or twice so."""

    def starts(problem: Problem, rng: Random) -> Iterator[Point]:
        network = problem.model
        assert isinstance(network, DenseNetwork)
        layers = [number for number, width in enumerate(network.widths[1:-1], 1) if width >= at_least]
        for n, inputs in enumerate(input_data.varied(problem, rng)):
            size = input_data.size_at(n, problem)
            theta = [nonzero(rng, size) for _ in range(problem.P)]
            for _ in range(1 + n % 2):
                hidden = units(network, rng.choice(layers))
                unit, other = rng.sample(hidden, 2) if len(hidden) > 1 else (hidden[0], hidden[0])
                change(Scene(rng, theta, unit, other, inputs, size))
            yield theta, inputs

    return starts


def _idle_units(problem: Problem, rng: Random) -> Iterator[Point]:
    """Units that no input reaches and units that reach no output, in turn: F is the same everywhere, whatever σ is."""
    network = problem.model
    assert isinstance(network, DenseNetwork)
    for n, inputs in enumerate(input_data.varied(problem, rng)):
        theta = [nonzero(rng, 1 + input_data.size_at(n, problem)) for _ in range(problem.P)]
        for number in range(1, len(network.layers)):
            for i, unit in enumerate(units(network, number)):
                idle = unit.own if (i + n) % 2 else unit.outgoing
                for place in idle:
                    theta[place] = Fraction(0)
        yield theta, inputs


def _linear_on_data(problem: Problem, rng: Random) -> Iterator[Point]:
    """Every hidden unit above 0 on every sample: rectifiers are linear there (Yun, Sra and Jadbabaie 2019)."""
    network = problem.model
    assert isinstance(network, DenseNetwork)
    if not all(layer.bias for layer in network.layers[:-1]):
        return
    for n, inputs in enumerate(input_data.varied(problem, rng)):
        rows = inputs
        if len({tuple(row) for row in rows}) < problem.N and n % 20 != 19:  # a linear map fits equal inputs too well
            continue
        theta = [nonzero(rng, 1 + n % 2) for _ in range(problem.P)]
        for number in range(1, len(network.layers)):
            outputs = []
            for unit in units(network, number):
                weights = [theta[i] for i in unit.incoming]
                sums = [sum((w * x for w, x in zip(weights, row, strict=True)), Fraction(0)) for row in rows]
                assert unit.bias is not None
                theta[unit.bias] = 1 - min(sums)
                outputs.append([value + theta[unit.bias] for value in sums])
            rows = [list(row) for row in zip(*outputs, strict=True)]
        yield theta, inputs


def _low_rank(problem: Problem, rng: Random) -> Iterator[Point]:
    """Every weight matrix has rank one, and biases are small."""
    network = problem.model
    assert isinstance(network, DenseNetwork)
    for n, inputs in enumerate(input_data.varied(problem, rng)):
        size = input_data.size_at(n, problem)
        theta: Vector = []
        for block in network.blocks():
            if len(block.shape) == 1:
                theta += integers(rng, block.size, 1)
                continue
            left, right = integers(rng, block.shape[0], size), integers(rng, block.shape[1], size)
            theta += [a * b for a in left for b in right]
        yield theta, inputs


def _zero_layer(problem: Problem, rng: Random) -> Iterator[Point]:
    """One layer is zero (the last one first), the others are general."""
    network = problem.model
    assert isinstance(network, DenseNetwork)
    depth = len(network.layers)
    for n, inputs in enumerate(input_data.varied(problem, rng)):
        theta = integers(rng, problem.P, input_data.size_at(n, problem))
        for block in network.blocks():
            if block.layer == depth - n % depth and (n // depth) % 2 <= len(block.shape) - 1:
                theta[block.start : block.stop] = [Fraction(0)] * block.size
        yield theta, inputs


def _as_given(problem: Problem, rng: Random) -> Iterator[Point]:
    """Nothing but targets is open, or inputs without a family of their own."""
    assert problem.parameters is not None
    for inputs in input_data.varied(problem, rng):
        yield list(problem.parameters), inputs


FAMILIES: Final[tuple[Family, ...]] = (
    Family("zero parameters", _zero),
    Family("integer grid", _grid),
    Family("equal parameters", _all_equal),
    Family("zero layer", _zero_layer, needs_width=1),
    *(Family(name, _with_units(change, 2), needs_width=2) for name, change in PAIRS.items()),
    *(Family(name, _with_units(change, 1), needs_width=1) for name, change in SINGLE.items()),
    Family("idle units", _idle_units, needs_width=2),
    Family("linear on the data", _linear_on_data, needs_width=1),
    Family("rank-one weights", _low_rank, needs_width=1),
    Family("duplicated samples", _on_data(input_data.duplicated), "inputs"),
    Family("rank-one data", _on_data(input_data.rank_one), "inputs"),
    Family("opposite samples", _on_data(input_data.opposite), "inputs"),
    Family("zero data", _on_data(input_data.all_zero), "inputs"),
    Family("sparse integers", _drawn(sparse)),
    Family("integers", _drawn(integers)),
    Family("rationals", _drawn(rationals)),
    Family("general position", _general_position),
)
"""All families, degenerate ones first; to add one is to add an entry."""

AS_GIVEN: Final = Family("as given", _as_given)


def families(problem: Problem) -> tuple[Family, ...]:
    """The families that have something to vary; the given point itself when parameters are given."""
    found = tuple(family for family in FAMILIES if family.applies(problem))
    return found if problem.parameters is None else (AS_GIVEN, *(f for f in found if f.varies == "inputs"))


def placed(problem: Problem, point: Point) -> Problem:
    """The problem at a starting point; whatever the problem gives stays."""
    theta, inputs = point
    return problem.with_(
        parameters=theta if problem.parameters is None else None, inputs=inputs if problem.inputs is None else None
    )


def _widest(problem: Problem) -> int:
    return max(problem.model.widths[1:-1], default=0) if isinstance(problem.model, DenseNetwork) else 0
