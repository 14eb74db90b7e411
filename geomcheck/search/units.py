"""The hidden units of a dense network by parameter index, and what makes a unit or a pair of units degenerate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, final

from geomcheck.problem.network import Block, DenseNetwork
from geomcheck.search.draws import Random, Rows, Vector, integers, nonzero


@final
@dataclass(frozen=True)
class Unit:
    """One hidden unit: indices of its incoming weights, of its bias (or None), and of its outgoing weights."""

    incoming: tuple[int, ...]
    bias: int | None
    outgoing: tuple[int, ...]

    @property
    def own(self) -> tuple[int, ...]:
        """Incoming weights, then the bias."""
        return self.incoming if self.bias is None else (*self.incoming, self.bias)


def units(network: DenseNetwork, number: int) -> tuple[Unit, ...]:
    """The units of hidden layer `number` (1-based).

    >>> from geomcheck.problem.shorthand import parse_network
    >>> units(parse_network("1-2-1 tanh"), 1)[1]
    Unit(incoming=(1,), bias=3, outgoing=(5,))
    """
    blocks: dict[str, Block] = {block.name: block for block in network.blocks()}
    weights, bias, following = blocks[f"W{number}"], blocks.get(f"b{number}"), blocks[f"W{number + 1}"]
    width, fan_in = weights.shape
    return tuple(
        Unit(
            tuple(range(weights.start + i * fan_in, weights.start + (i + 1) * fan_in)),
            None if bias is None else bias.start + i,
            tuple(following.start + k * width + i for k in range(following.shape[0])),
        )
        for i in range(width)
    )


def set_to(theta: Vector, places: tuple[int, ...], values: Vector) -> None:
    """θ at some places."""
    for place, value in zip(places, values, strict=True):
        theta[place] = value


def read(theta: Vector, places: tuple[int, ...]) -> Vector:
    """θ at some places, as a list."""
    return [theta[place] for place in places]


# -- degenerate units and pairs: each changes θ in place ------------------------------------------------------------


@final
@dataclass(frozen=True)
class Scene:
    """θ to be changed, a unit and another of its layer (the same one in a layer of width 1), and the inputs."""

    rng: Random
    theta: Vector
    unit: Unit
    other: Unit
    inputs: Rows
    size: int


UnitChange = Callable[[Scene], None]


def zero_unit(at: Scene) -> None:
    """No weight in, none out."""
    set_to(at.theta, at.unit.own, [Fraction(0)] * len(at.unit.own))
    set_to(at.theta, at.unit.outgoing, [Fraction(0)] * len(at.unit.outgoing))


def silent_unit(at: Scene) -> None:
    """No weight out."""
    set_to(at.theta, at.unit.outgoing, [Fraction(0)] * len(at.unit.outgoing))


def constant_unit(at: Scene) -> None:
    """No weight in: the bias alone decides."""
    set_to(at.theta, at.unit.incoming, [Fraction(0)] * len(at.unit.incoming))


def negative_unit(at: Scene) -> None:
    """A pre-activation below 0 on every sample: a dead rectifier."""
    _push(at, at.unit, Fraction(-1))


def positive_unit(at: Scene) -> None:
    """A pre-activation above 0 on every sample: a rectifier that is linear on the data."""
    _push(at, at.unit, Fraction(1))


def all_positive(at: Scene) -> None:
    """Both units above 0 on every sample."""
    _push(at, at.unit, Fraction(1))
    _push(at, at.other, Fraction(1))


def equal_units(at: Scene) -> None:
    """The same incoming weights and bias."""
    set_to(at.theta, at.other.own, read(at.theta, at.unit.own))


def opposite_units(at: Scene) -> None:
    """Opposite incoming weights and biases."""
    set_to(at.theta, at.other.own, [-x for x in read(at.theta, at.unit.own)])


def proportional_units(at: Scene) -> None:
    """Incoming weights and biases in a positive proportion."""
    factor = at.rng.choice((Fraction(2), Fraction(1, 2), Fraction(3)))
    set_to(at.theta, at.other.own, [factor * x for x in read(at.theta, at.unit.own)])


def cancelling_units(at: Scene) -> None:
    """Equal units with opposite outgoing weights: together they compute nothing."""
    set_to(at.theta, at.other.own, read(at.theta, at.unit.own))
    set_to(at.theta, at.other.outgoing, [-x for x in read(at.theta, at.unit.outgoing)])


SINGLE: Final[dict[str, UnitChange]] = {
    "zero unit": zero_unit,
    "silent unit": silent_unit,
    "constant unit": constant_unit,
    "unit negative on all data": negative_unit,
    "unit positive on all data": positive_unit,
}
PAIRS: Final[dict[str, UnitChange]] = {
    "equal units": equal_units,
    "opposite units": opposite_units,
    "proportional units": proportional_units,
    "cancelling units": cancelling_units,
    "units positive on all data": all_positive,
}


def _push(at: Scene, unit: Unit, sign: Fraction) -> None:
    """Give all pre-activations one sign: by the bias, else by random weights that happen to do it."""
    first_layer = len(at.inputs[0]) == len(unit.incoming)
    if unit.bias is not None:
        weights = read(at.theta, unit.incoming)
        reach = max(abs(_dot(weights, x)) for x in at.inputs) if first_layer else Fraction(10)
        at.theta[unit.bias] = sign * (reach + 1)
        return
    if not first_layer:
        set_to(at.theta, unit.incoming, [sign * abs(nonzero(at.rng, at.size)) for _ in unit.incoming])
        return
    for _ in range(20):
        weights = integers(at.rng, len(unit.incoming), at.size)
        set_to(at.theta, unit.incoming, weights)
        if all(sign * _dot(weights, x) > 0 for x in at.inputs):
            return


def _dot(a: Vector, b: Vector) -> Fraction:
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))
