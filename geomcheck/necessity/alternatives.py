"""Examples outside a hypothesis: losses that are not convex or whose D is singular, other activations and widths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from geomcheck.problem.activation import Activation
from geomcheck.problem.loss import FormulaLoss, Loss, formula_loss
from geomcheck.problem.losses import LOSSES
from geomcheck.problem.network import DenseNetwork

if TYPE_CHECKING:
    from geomcheck.problem.problem import Problem


def singular_losses(outputs: int) -> Iterator[tuple[str, Loss]]:
    """Losses least at f = y whose D is singular there: D = 0, and for two outputs or more D of corank 1 in two ways.

    >>> [words for words, _ in singular_losses(2)]
    ['quartic: D = 0 at a fit', '(f1-y1)^2/2 + (f2-y2)^4/4: D singular', '(f1-y1+f2-y2)^2/2: D singular']
    """
    yield "quartic: D = 0 at a fit", LOSSES["quartic"]
    if outputs >= 2:
        squares = [f"{_gap(k)}^2/2" for k in range(1, outputs)]
        for text in (
            " + ".join([*squares, f"{_gap(outputs)}^4/4"]),
            " + ".join(["(f1-y1+f2-y2)^2/2", *squares[2:], *([f"{_gap(outputs)}^2/2"] if outputs > 2 else [])]),
        ):
            yield f"{text}: D singular", _formula(outputs, text)


def nonconvex_losses(outputs: int) -> Iterator[tuple[str, Loss, bool]]:
    """Losses that are not convex, with D definite at f = y; last, whether they are seen to be least there.

    Source of the saturating one: Geman and McClure (1987), Bulletin of the ISI 52.

    >>> [words for words, _, _ in nonconvex_losses(1)]
    ['(f1-y1)^2/(1 + (f1-y1)^2): not convex']
    """
    if outputs >= 2:
        squares = " + ".join(f"{_gap(k)}^2/2" for k in range(1, outputs + 1))
        text = f"{squares} + {_gap(1)}^2*{_gap(2)}^2"
        yield f"{text}: not convex", _formula(outputs, text), True
    else:
        text = f"{_gap(1)}^2/(1 + {_gap(1)}^2)"
        yield f"{text}: not convex", _formula(outputs, text), False


def nonlinearities(problem: Problem) -> list[str]:
    """The activations other than the identity, each once."""
    model = problem.model
    if not isinstance(model, DenseNetwork):
        return []
    return list(dict.fromkeys(str(layer.activation) for layer in model.layers if layer.activation.name != "linear"))


def piecewise(problem: Problem) -> bool:
    """Whether some activation has a kink."""
    model = problem.model
    return isinstance(model, DenseNetwork) and any(layer.activation.piecewise for layer in model.layers)


def activated(problem: Problem, name: str) -> DenseNetwork:
    """The network with another activation wherever it is not linear; in its hidden layers where it is linear."""
    model = problem.model
    assert isinstance(model, DenseNetwork)
    other = Activation(name)
    if nonlinearities(problem):
        layers = [
            layer if layer.activation.name == "linear" else replace(layer, activation=other) for layer in model.layers
        ]
    else:
        layers = [*(replace(layer, activation=other) for layer in model.layers[:-1]), model.layers[-1]]
    return replace(model, layers=tuple(layers))


def with_bias(model: DenseNetwork, bias: bool) -> DenseNetwork:
    """The network with a bias in every layer, or in none."""
    return replace(model, layers=tuple(replace(layer, bias=bias) for layer in model.layers))


def other_widths(model: DenseNetwork) -> Iterator[tuple[str, DenseNetwork]]:
    """Every hidden layer with one unit only, and every hidden layer one unit wider; not where residual links tie them.

    >>> from geomcheck.problem.shorthand import parse_network
    >>> [words for words, _ in other_widths(parse_network("2-3-3-1 tanh"))]
    ['hidden width 1, 1', 'hidden width 4, 4']
    """
    *hidden, last = model.layers
    if not hidden or any(layer.residual is not None for layer in model.layers):
        return
    for widths in ([1] * len(hidden), [layer.width + 1 for layer in hidden]):
        layers = [replace(layer, width=width) for layer, width in zip(hidden, widths, strict=True)]
        if layers != hidden:
            yield f"hidden width {', '.join(map(str, widths))}", replace(model, layers=(*layers, last))


def _gap(k: int) -> str:
    return f"(f{k}-y{k})"


def _formula(outputs: int, text: str) -> FormulaLoss:
    numbers = range(1, outputs + 1)
    return formula_loss([f"f{k}" for k in numbers], [f"y{k}" for k in numbers], text)
