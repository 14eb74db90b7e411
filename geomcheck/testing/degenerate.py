"""Points at which a hidden unit is dead, constant or a copy of another: the strata on which ranks drop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Final, Unpack, final

from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.strategies import DrawFn, SearchStrategy

from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem
from geomcheck.search import units
from geomcheck.search.points import COMPLETIONS
from geomcheck.testing.points import chance, check_possible, completed, member
from geomcheck.testing.problems import Elements, Parts, elements_of, exists, open_problems, placed
from geomcheck.testing.shapes import networks
from geomcheck.testing.validation import check_type


@final
@dataclass(frozen=True)
class Degeneracy:
    """What is done to θ, how many units it takes, and in which layers (1-based) it is off every kink."""

    change: units.UnitChange
    width: int = 1
    possible: Callable[[DenseNetwork, int], bool] = lambda network, number: True


def _without_kink(network: DenseNetwork, number: int) -> bool:
    return not network.layers[number - 1].activation.piecewise


def _biased_or_without_kink(network: DenseNetwork, number: int) -> bool:
    return network.layers[number - 1].bias or _without_kink(network, number)


def _pushed_by_bias(network: DenseNetwork, number: int) -> bool:
    return number == 1 and network.layers[0].bias


KINDS: Final = {
    "silent unit": Degeneracy(units.silent_unit),
    "zero unit": Degeneracy(units.zero_unit, possible=_without_kink),
    "constant unit": Degeneracy(units.constant_unit, possible=_biased_or_without_kink),
    "negative unit": Degeneracy(units.negative_unit, possible=_pushed_by_bias),
    "positive unit": Degeneracy(units.positive_unit, possible=_pushed_by_bias),
    "equal units": Degeneracy(units.equal_units, 2),
    "opposite units": Degeneracy(units.opposite_units, 2),
    "proportional units": Degeneracy(units.proportional_units, 2),
    "cancelling units": Degeneracy(units.cancelling_units, 2),
}
"""Every kind by name; to add one is to add an entry."""


def degenerate_points(
    *,
    kind: str | None = None,
    at: str = "all_points",
    elements: SearchStrategy[Fraction] | SearchStrategy[int] | None = None,
    kinks: bool = False,
    **parts: Unpack[Parts],
) -> SearchStrategy[Problem]:
    """Instances of networks in which some hidden unit, or pair of units, is degenerate; in a point set if wanted.

    | kind | what holds |
    | --- | --- |
    | silent unit | no weight out |
    | zero unit | no weight in or out, no bias |
    | constant unit | no weight in |
    | negative unit, positive unit | its pre-activation is below, above 0 on every sample (first layer, with bias) |
    | equal, opposite, proportional units | weights in and biases equal, opposite, in a positive proportion |
    | cancelling units | equal units with opposite weights out |

    Without `kind` every kind that the network allows is drawn. `at` is a point set. The other arguments are those of
    :func:`instances`; parameters cannot be given. Shrinks to one silent unit and zeros.

    Raises InvalidArgument for an unknown kind or point set, and for a network that does not allow the kind.

    >>> from hypothesis import find
    >>> twins = find(degenerate_points(kind="equal units", network="1-2-1 tanh, no bias", samples=1),
    ...              lambda problem: any(problem.parameters))
    >>> twins.parameters[0] == twins.parameters[1]
    True
    """
    if kind is not None and check_type(str, kind, "kind") not in KINDS:
        raise InvalidArgument(f"Unknown kind={kind!r}; there are {', '.join(KINDS)}")
    point_sets = [name for name in COMPLETIONS if name != "generic_points"]
    if check_type(str, at, "at") not in point_sets:
        raise InvalidArgument(f"Unknown at={at!r}; there are {', '.join(point_sets)}")
    if parts.get("parameters") is not None:
        raise InvalidArgument("Cannot have parameters in degenerate_points: they are what is drawn")
    check_type(bool, kinks, "kinks")

    def check(problem: Problem) -> None:
        check_possible(problem, at)
        if problem.parameters is not None:
            raise InvalidArgument("Cannot have parameters in degenerate_points: they are what is drawn")
        if not _choices(problem, kind, kinks):
            raise InvalidArgument(f"There is no hidden unit that can be made a degenerate one with kind={kind!r}")

    width = 1 if kind is None else KINDS[kind].width
    biases = True if kind in ("negative unit", "positive unit", "constant unit") else None
    smooth = ("tanh", "linear", "square") if kind == "zero unit" else ("linear", "relu", "square", "tanh")
    problems = open_problems(
        parts,
        check,
        lambda outputs: networks(outputs=outputs, min_layers=2, min_width=width, biases=biases, activations=smooth),
        "1-2-{} tanh",
    )
    return _degenerate_points(problems, kind, at, elements_of(elements), kinks)


def _choices(problem: Problem, kind: str | None, kinks: bool) -> list[tuple[str, int]]:
    """(kind, hidden layer) that go together in a network, in the order of the table."""
    network = problem.model
    if not isinstance(network, DenseNetwork):
        return []
    wide_enough = [
        (name, number)
        for name, entry in KINDS.items()
        if kind in (None, name)
        for number, width in enumerate(network.widths[1:-1], 1)
        if width >= entry.width
    ]
    return [(name, number) for name, number in wide_enough if _allowed(KINDS[name], network, number, kinks)]


def _allowed(kind: Degeneracy, network: DenseNetwork, number: int, kinks: bool) -> bool:
    return kind.possible(network, number) or (kinks and kind.possible is not _pushed_by_bias)


@st.composite
def _degenerate_points(
    draw: DrawFn, problems: SearchStrategy[Problem], kind: str | None, at: str, elements: Elements, kinks: bool
) -> Problem:
    problem = draw(problems)
    name, number = draw(st.sampled_from(_choices(problem, kind, kinks)))
    start = draw(placed(problem, elements, kinks))
    start = start.with_(parameters=draw(_changed(start, number, KINDS[name])))
    found = completed(draw, problem, start, at)
    if found is None or found.parameters != start.parameters or not exists(found, kinks) or not member(found, at):
        reject()
    return found


@st.composite
def _changed(draw: DrawFn, start: Problem, number: int, kind: Degeneracy) -> list[Fraction]:
    assert isinstance(start.model, DenseNetwork) and start.parameters is not None and start.inputs is not None
    theta = list(start.parameters)
    hidden = units.units(start.model, number)
    first = draw(st.integers(0, len(hidden) - 1))
    second = (first + draw(st.integers(1, len(hidden) - 1))) % len(hidden) if kind.width > 1 else first
    rng: Random = draw(chance())
    inputs = [list(row) for row in start.inputs]
    kind.change(units.Scene(rng, theta, hidden[first], hidden[second], inputs, 1))
    return theta
