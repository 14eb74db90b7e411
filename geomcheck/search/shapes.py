"""Smaller shapes of a problem: one sample, unit, input, output or layer fewer, and what an instance becomes there.

A claim about a network and N samples quantifies over that shape and no other, so a smaller shape is always another
claim. Units that a residual link ties together go together. A softmax over one class is constant, so two outputs are
the fewest there; a loss given as a formula keeps its outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Final, TypeAlias, TypeVar

from geomcheck.errors import InputError
from geomcheck.problem.loss import FormulaLoss, NamedLoss
from geomcheck.problem.model import ExplicitModel
from geomcheck.problem.network import DenseNetwork, Layer
from geomcheck.problem.problem import Problem, Targets

Cut: TypeAlias = Callable[[Problem], Problem | None]
"""Takes a problem to a smaller one; given data and parameters lose what belongs to the part cut off."""

T = TypeVar("T")

MOST_SHAPES: Final = 3000


def size(problem: Problem) -> tuple[int, int, int, int]:
    """(P + N·(d + K), P, N, layers): how many numbers an instance has, then what tells equal ones apart.

    >>> from geomcheck.problem.read import problem_from
    >>> size(problem_from({"network": "2-3-1 tanh", "samples": 4}))
    (25, 13, 4, 2)
    """
    layers = len(problem.model.layers) if isinstance(problem.model, DenseNetwork) else 1
    numbers = problem.P + problem.N * (problem.model.n_inputs + problem.K)
    return numbers, problem.P, problem.N, layers


def one_smaller(problem: Problem, instance: Problem | None = None) -> Iterator[tuple[Problem, tuple[Problem, ...]]]:
    """Every problem one cut smaller, with what the cuts that lead there make of an instance of the problem.

    >>> from geomcheck.problem.read import problem_from
    >>> problem = problem_from({"network": "2-3-1 tanh", "samples": 2})
    >>> [(p.N, getattr(p.model, "widths")) for p, _ in one_smaller(problem)]
    [(1, (2, 3, 1)), (2, (1, 3, 1)), (2, (2, 2, 1)), (2, (2, 1))]
    """
    for cuts in _cuts(problem):
        found: dict[Problem, list[Problem]] = {}
        for cut in cuts if instance is not None or _has_data(problem) else cuts[:1]:
            smaller = _attempted(cut, problem)
            if smaller is None or size(smaller) >= size(problem):
                continue
            images = found.setdefault(smaller, [])
            image = None if instance is None else _attempted(cut, instance)
            if image is not None and image.is_instance:
                images.append(image)
        for smaller, images in found.items():
            yield smaller, tuple(images)


def all_smaller(problem: Problem) -> tuple[Problem, ...] | None:
    """Every problem that cuts lead to, smallest first; None where there are more than MOST_SHAPES."""
    reached: set[Problem] = set()
    front = [problem]
    while front:
        for smaller, _ in one_smaller(front.pop()):
            if smaller not in reached:
                reached.add(smaller)
                front.append(smaller)
        if len(reached) > MOST_SHAPES:
            return None
    return tuple(sorted(reached, key=lambda smaller: (size(smaller), repr((smaller.model, smaller.samples)))))


def _cuts(problem: Problem) -> Iterator[tuple[Cut, ...]]:
    """The cuts of a problem; those of one tuple all lead to the same shape."""
    if problem.N > 1:
        yield tuple(partial(_without_sample, at=i) for i in range(problem.N))
    model = problem.model
    if isinstance(model, ExplicitModel):
        if _may_lose_output(problem):
            yield tuple(partial(_without_output, at=k) for k in range(problem.K))
        return
    for tied in _tied(model):
        width = model.widths[min(tied)]
        if width > 1 and (len(model.layers) not in tied or _may_lose_output(problem)):
            yield tuple(partial(_without_unit, layers=tied, at=j) for j in range(width))
    for number in range(1, len(model.layers)):
        yield (partial(_without_layer, number=number),)


def _attempted(cut: Cut, problem: Problem) -> Problem | None:
    try:
        smaller = cut(problem)
    except InputError:  # labels that no longer sum to one, widths that a residual link does not join
        return None
    return None if smaller is None or smaller.squash != problem.squash else smaller


def _has_data(problem: Problem) -> bool:
    return problem.parameters is not None or problem.inputs is not None or isinstance(problem.targets, tuple)


def _may_lose_output(problem: Problem) -> bool:
    loss = problem.loss
    if isinstance(loss, FormulaLoss):
        return False
    simplex = (isinstance(loss, NamedLoss) and loss.domain == "simplex") or problem.squash == "softmax"
    return problem.K not in ((1, 2) if simplex else (1,))


def _without_sample(problem: Problem, at: int) -> Problem:
    return replace(
        problem,
        samples=problem.N - 1,
        inputs=None if problem.inputs is None else _without(problem.inputs, at),
        targets=_without(problem.targets, at) if isinstance(problem.targets, tuple) else problem.targets,
    )


def _without_output(problem: Problem, at: int) -> Problem:
    model = problem.model
    assert isinstance(model, ExplicitModel)
    return replace(problem, model=replace(model, outputs=_without(model.outputs, at)), targets=_columns(problem, at))


def _without_unit(problem: Problem, layers: frozenset[int], at: int) -> Problem:
    """One unit fewer in every layer named; 0 is the input, the last one the output."""
    network = problem.model
    assert isinstance(network, DenseNetwork)
    narrow = DenseNetwork(
        network.n_inputs - (0 in layers),
        tuple(replace(layer, width=layer.width - (number in layers)) for number, layer in enumerate(network.layers, 1)),
    )
    theta = problem.parameters
    if theta is not None:
        kept = []
        for block in network.blocks():
            columns = block.shape[1] if len(block.shape) == 2 else 1
            for k in range(block.size):
                row, column = divmod(k, columns)
                own = block.layer in layers and row == at
                source = len(block.shape) == 2 and block.layer - 1 in layers and column == at
                if not own and not source:
                    kept.append(theta[block.start + k])
        theta = tuple(kept)
    inputs = problem.inputs
    if inputs is not None and 0 in layers:
        inputs = tuple(_without(row, at) for row in inputs)
    targets = _columns(problem, at) if len(network.layers) in layers else problem.targets
    return replace(problem, model=narrow, parameters=theta, inputs=inputs, targets=targets)


def _without_layer(problem: Problem, number: int) -> Problem | None:
    """Without one hidden layer; parameters cannot follow, nor can links that start there."""
    network = problem.model
    assert isinstance(network, DenseNetwork)
    if problem.parameters is not None or any(layer.residual == number for layer in network.layers):
        return None
    layers = tuple(_relinked(layer, number) for layer in _without(network.layers, number - 1))
    return replace(problem, model=DenseNetwork(network.n_inputs, layers))


def _relinked(layer: Layer, removed: int) -> Layer:
    if layer.residual is None or layer.residual < removed:
        return layer
    return replace(layer, residual=layer.residual - 1)


def _tied(network: DenseNetwork) -> list[frozenset[int]]:
    """The layers, 0 for the input, in classes that residual links hold at one width."""
    classes = [{number} for number in range(len(network.layers) + 1)]
    for number, layer in enumerate(network.layers, 1):
        if layer.residual is not None:
            own = next(c for c in classes if number in c)
            other = next(c for c in classes if layer.residual in c)
            if own is not other:
                own |= other
                classes.remove(other)
    return [frozenset(tied) for tied in sorted(classes, key=min)]


def _columns(problem: Problem, at: int) -> Targets:
    targets = problem.targets
    return tuple(_without(row, at) for row in targets) if isinstance(targets, tuple) else targets


def _without(entries: Sequence[T], at: int) -> tuple[T, ...]:
    return (*entries[:at], *entries[at + 1 :])
