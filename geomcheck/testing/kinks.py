"""Parameters drawn unit by unit, so that no pre-activation of a piecewise activation is exactly 0."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from geomcheck.errors import OutsideField
from geomcheck.fields.rationals import RationalField, to_fraction
from geomcheck.problem.activation import Activation
from geomcheck.problem.network import DenseNetwork

Rows: TypeAlias = Sequence[Sequence[Fraction]]
Unit: TypeAlias = tuple[Fraction, ...]

_QQ = RationalField()
_ZERO, _ONE = Fraction(0), Fraction(1)


def is_piecewise(network: DenseNetwork) -> bool:
    """Whether some layer has an activation with a kink."""
    return any(layer.activation.piecewise for layer in network.layers)


def needs_nonzero_rows(network: DenseNetwork) -> bool:
    """Whether a sample of zeros puts every unit of the first layer at its kink."""
    return network.layers[0].activation.piecewise and not network.layers[0].bias


@st.composite
def smooth_parameters(
    draw: DrawFn, network: DenseNetwork, inputs: Rows, elements: SearchStrategy[Fraction]
) -> tuple[Fraction, ...]:
    """θ (P,) in torch order, off every kink on these inputs (N, d).

    Exact as long as the activations are rational; behind a layer that leaves ℚ a unit is only drawn, and the caller
    checks the instance as a whole.
    """
    activations: list[Rows | None] = [inputs]
    theta: list[Fraction] = []
    for number, layer in enumerate(network.layers, 1):
        fan_in, before = network.widths[number - 1], activations[-1]
        unit: SearchStrategy[Unit] = st.tuples(*[elements] * (fan_in + layer.bias))
        extended = None if before is None else [(*row, _ONE) if layer.bias else tuple(row) for row in before]
        if layer.activation.piecewise and extended is not None:
            if not all(map(any, extended)):
                reject()
            unit = unit.filter(_off_kink(extended))
        units = [draw(unit) for _ in range(layer.width)]
        theta += [weight for row in units for weight in row[:fan_in]]
        theta += [row[-1] for row in units] if layer.bias else []
        after = None
        if extended is not None:
            after = _activated(layer.activation, [[_dot(u, x) for u in units] for x in extended])
        activations.append(after if layer.residual is None else _sum(after, activations[layer.residual]))
    return tuple(theta)


def _off_kink(rows: Rows) -> Callable[[Unit], bool]:
    return lambda unit: all(_dot(unit, row) for row in rows)


def _activated(activation: Activation, rows: Rows) -> Rows | None:
    try:
        values: Any = activation.value(_QQ, _QQ.array(rows))
    except OutsideField:
        return None
    return [[to_fraction(x) for x in row] for row in values]


def _sum(left: Rows | None, right: Rows | None) -> Rows | None:
    if left is None or right is None:
        return None
    return [[a + b for a, b in zip(*pair, strict=True)] for pair in zip(left, right, strict=True)]


def _dot(left: Sequence[Fraction], right: Sequence[Fraction]) -> Fraction:
    return sum((a * b for a, b in zip(left, right, strict=True)), _ZERO)
