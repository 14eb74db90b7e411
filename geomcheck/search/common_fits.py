"""Different networks that fit the same data: structured hidden layers, and output layers solved for common targets.

A hidden layer is made of small rows ±e_i and ±e_i ± e_j, often in opposite pairs, so that two units form an |x_i|. The
inputs are corners of a cube, the targets all 1 or all 0. What the output layer has to be is then linear, and solved
exactly. Where activations are irrational on rational inputs, the targets are 0: equal units whose outputs cancel,
units without output, and units without input.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import count, islice, permutations, product

from geomcheck.errors import OutsideField
from geomcheck.fields.rationals import RationalField, to_fraction
from geomcheck.geometry.network import forward
from geomcheck.problem.activation import Activation
from geomcheck.problem.loss import NamedLoss
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Point, Problem
from geomcheck.search.draws import Random, Rows, Vector
from geomcheck.search.rational_algebra import column, flat, matrix, solution
from geomcheck.search.targets import plain_outputs_for

_FITS = 12
_TRIES = 120


def applies(problem: Problem) -> bool:
    """Whether the network has a linear output layer after a hidden one, and outputs that are fitted as they are."""
    model, loss = problem.model, problem.loss
    if not isinstance(model, DenseNetwork) or len(model.layers) < 2 or problem.squash is not None:
        return False
    plain = not isinstance(loss, NamedLoss) or loss.link == "identity"
    linear = model.layers[-1].activation.polynomial_degree == 1
    return plain and linear and all(layer.residual is None for layer in model.layers)


def common_fits(problem: Problem, names: tuple[str, ...], rng: Random) -> Iterator[Problem | None]:
    """Instances in which all named points that are not given fit the same data, no two of them equal."""
    for n in count():
        inputs = _corners(problem, n) if problem.inputs is None else [list(row) for row in problem.inputs]
        found = list(islice(_fits(problem, inputs, n, rng), _FITS))
        pairs = list(permutations(found, min(2, len(names))))
        rng.shuffle(pairs)
        for chosen in pairs[: 4 * _FITS]:
            (targets, _), points = chosen[0], [point for _, point in chosen]
            if any(other != targets for other, _ in chosen):
                continue
            given = dict(problem.points)
            fresh = {name: points[k % len(points)] for k, name in enumerate(names) if name not in given}
            yield problem.with_(inputs=inputs, targets=targets, points=given | fresh)
        yield None


def _corners(problem: Problem, n: int) -> Rows:
    """Corners of the cube, all different where there are enough; later multiples and sums of two of them."""
    d = problem.model.n_inputs
    corners = [[Fraction(x) for x in row] for row in islice(product((1, -1), repeat=d), 64)]
    rows: Rows = []
    for k in range(problem.N):
        size = 1 + (k // len(corners)) + (n // 3) * (k % 2)
        rows.append([size * x for x in corners[k % len(corners)]])
    return rows


def _fits(problem: Problem, inputs: Rows, n: int, rng: Random) -> Iterator[tuple[Rows, Point]]:
    """Targets and points that fit them, the targets the same for all."""
    network = problem.model
    assert isinstance(network, DenseNetwork)
    wanted = plain_outputs_for(problem) if isinstance(problem.targets, tuple) else None
    if problem.targets is None:
        wanted = [[Fraction((n + 1) % 2)] * problem.K for _ in inputs]
    if wanted is None:
        return
    seen: set[Point] = set()
    for attempt in range(_TRIES):
        hidden = _hidden(network, rng)
        output = _solved(network, hidden, inputs, wanted)
        if output is None and not any(x for row in wanted for x in row):
            hidden, output = _silent(network, hidden, attempt)
        if output is not None and (point := (*hidden, *output)) not in seen:
            seen.add(point)
            yield wanted, point


def _hidden(network: DenseNetwork, rng: Random) -> tuple[Fraction, ...]:
    """The parameters of all layers but the last."""
    theta: list[Fraction] = []
    fan = network.n_inputs
    for layer in network.layers[:-1]:
        rows: Rows = []
        while len(rows) < layer.width:
            if rows and len(rows) % 2 == 1 and rng.random() * 4 < 3:
                rows.append([-x for x in rows[-1]])
            else:
                rows.append(_row(fan, rng))
        theta += [x for row in rows for x in row]
        if layer.bias:
            theta += [Fraction(rng.choice((0, 0, 0, 1, -1))) for _ in range(layer.width)]
        fan = layer.width
    return tuple(theta)


def _row(fan: int, rng: Random) -> Vector:
    row = [Fraction(0)] * fan
    for place in rng.sample(range(fan), min(fan, rng.choice((1, 1, 1, 2)))):
        row[place] = Fraction(rng.choice((1, -1)))
    return row


def _solved(network: DenseNetwork, hidden: tuple[Fraction, ...], inputs: Rows, wanted: Rows) -> Vector | None:
    """The output layer with these outputs, W row-major and then b; None where there is none in ℚ."""
    field, last = RationalField(), network.layers[-1]
    try:
        active = forward(network.layers[:-1], field, field.array(list(hidden)), field.array(inputs))[1][-1]
    except OutsideField:
        return None
    rows = [[to_fraction(x) for x in row] + [Fraction(1)] * last.bias for row in active]
    size, solved = len(rows[0]), []
    for k in range(last.width):
        found = solution(matrix(rows, size), column([row[k] for row in wanted]))
        if found is None:
            return None
        solved.append(flat(found))
    width = size - last.bias
    return [x for row in solved for x in row[:width]] + [row[width] for row in solved if last.bias]


def _silent(network: DenseNetwork, hidden: tuple[Fraction, ...], attempt: int) -> tuple[tuple[Fraction, ...], Vector]:
    """A network that is 0: in turn without output, with pairs of equal units whose outputs cancel, without input."""
    before, last = network.layers[-2], network.layers[-1]
    fan = network.widths[-3]
    theta = list(hidden)
    start = len(theta) - before.width * (fan + before.bias)
    row = [Fraction(0)] * before.width
    level = _at_zero(before.activation) if attempt % 4 == 2 else None
    shift = Fraction(0)
    if level is not None and (level == 0 or last.bias):
        theta[start:] = [Fraction(0)] * (len(theta) - start)
        row, shift = [Fraction(1)] * before.width, -level * before.width
    elif attempt % 2:
        for i in range(0, before.width - 1, 2):
            theta[start + (i + 1) * fan : start + (i + 2) * fan] = theta[start + i * fan : start + (i + 1) * fan]
            if before.bias:
                theta[len(theta) - before.width + i + 1] = theta[len(theta) - before.width + i]
            row[i], row[i + 1] = Fraction(1), Fraction(-1)
    return tuple(theta), row * last.width + [shift] * (last.width * last.bias)


def _at_zero(activation: Activation) -> Fraction | None:
    """σ(0), what a unit without input gives; None where it is not rational."""
    field = RationalField()
    try:
        return to_fraction(activation.value(field, field.array([Fraction(0)]))[0])
    except OutsideField:
        return None
