"""Networks and data sets: what is studied, before anything is known of parameters."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.strategies import DrawFn, SearchStrategy

from geomcheck.errors import GeomcheckError
from geomcheck.problem.activation import Activation
from geomcheck.problem.loss import Domain, FormulaLoss, Loss
from geomcheck.problem.losses import named_loss
from geomcheck.problem.network import DenseNetwork, Layer
from geomcheck.problem.shorthand import parse_activation
from geomcheck.testing.linear_algebra import Matrix, matrices
from geomcheck.testing.numbers import rationals, small_rationals
from geomcheck.testing.validation import (
    check_count,
    check_elements,
    check_interval,
    check_type,
    one_or_strategy,
    refuse,
)

ACTIVATIONS = ("linear", "relu", "square", "tanh")
MAX_WIDTH = 3
Row: TypeAlias = tuple[Fraction, ...]

_size = check_count(1)


def networks(
    *,
    inputs: int | SearchStrategy[int] | None = None,
    outputs: int | SearchStrategy[int] | None = None,
    min_layers: int = 1,
    max_layers: int = 2,
    min_width: int = 1,
    max_width: int = MAX_WIDTH,
    activations: Sequence[str] = ACTIVATIONS,
    biases: bool | None = None,
    residuals: bool = False,
) -> SearchStrategy[DenseNetwork]:
    """Dense networks with a linear output layer, to be given as ``network=`` to geomcheck.check.

    `min_width` and `max_width` bound the hidden layers, and the numbers of inputs and outputs where those are left out
    (from 1 on). Each hidden layer has one of the `activations`, written as in a problem file. `biases` says whether
    layers have one; None draws it. `residuals` allows links between hidden layers of equal width. Shrinks to one layer,
    width 1, the first activation, no bias, no link.

    Raises InvalidArgument for bounds that cross, an unknown activation, or none.

    >>> from hypothesis import find
    >>> find(networks(), lambda net: len(net.layers) == 2 and any(layer.bias for layer in net.layers)).widths
    (1, 1, 1)
    """
    depth = (_size(min_layers, "min_layers"), _size(max_layers, "max_layers"))
    width = (_size(min_width, "min_width"), _size(max_width, "max_width"))
    check_interval(*depth, "min_layers", "max_layers")
    check_interval(*width, "min_width", "max_width")
    if biases is not None:
        check_type(bool, biases, "biases")
    free = st.integers(1, max_width)
    return _networks(
        free if inputs is None else one_or_strategy(inputs, "inputs", _size),
        free if outputs is None else one_or_strategy(outputs, "outputs", _size),
        st.integers(*depth),
        st.integers(*width),
        st.sampled_from(_activations(activations)),
        st.booleans() if biases is None else st.just(biases),
        check_type(bool, residuals, "residuals"),
    )


def datasets(
    samples: int | SearchStrategy[int],
    inputs: int | SearchStrategy[int],
    outputs: int | SearchStrategy[int] = 1,
    *,
    rank: int | SearchStrategy[int] | None = None,
    loss: str = "mse",
    elements: SearchStrategy[Fraction] | SearchStrategy[int] | None = None,
) -> SearchStrategy[tuple[Matrix, Matrix]]:
    """Pairs (X, Y) with X (samples, inputs) of the given rank and Y (samples, outputs) in the loss's domain.

    Y has any numbers for mse, quartic and logcosh, numbers in [0, 1] for bce, rows of sum 1 for the cross-entropies,
    and ±1 for logistic, exponential and squared_hinge. `elements` are the factors of X, as for :func:`matrices`, and
    the numbers of Y where any are allowed. Shrinks to X of rank 0 and Y = 0 (uniform labels, or 1).

    Raises InvalidArgument for a rank above min(samples, inputs) and for an unknown loss.

    >>> from hypothesis import find
    >>> find(datasets(2, 1, 2, rank=1, loss="cross_entropy"), lambda data: True)[1][0]
    (Fraction(1, 2), Fraction(1, 2))
    """
    try:
        domain = domain_of(named_loss(check_type(str, loss, "loss")))
    except GeomcheckError as error:
        raise InvalidArgument(str(error)) from error
    n, d = one_or_strategy(samples, "samples", _size), one_or_strategy(inputs, "inputs", _size)
    if not any(isinstance(given, SearchStrategy) for given in (samples, inputs, rank)):
        matrices(samples, inputs, rank=rank)  # only for its complaint about a rank that is too large
    return _datasets(
        n,
        d,
        one_or_strategy(outputs, "outputs", _size),
        rank,
        domain,
        None if elements is None else check_elements(elements, small_rationals),
    )


def domain_of(loss: Loss) -> Domain:
    """Which targets a loss allows."""
    return "any" if isinstance(loss, FormulaLoss) else loss.domain


@st.composite
def labels(draw: DrawFn, samples: int, outputs: int, domain: Domain, elements: SearchStrategy[Fraction]) -> Matrix:
    """Targets (samples, outputs) in a loss's domain."""
    return tuple(draw(_label_row(outputs, domain, elements)) for _ in range(samples))


def _label_row(
    outputs: int, domain: Domain, elements: SearchStrategy[Fraction]
) -> SearchStrategy[tuple[Fraction, ...]]:
    entries = {
        "any": elements,
        "unit": rationals(min_value=0, max_value=1, max_height=4, max_denominator=4),
        "simplex": rationals(min_value=0, max_height=3, max_denominator=1),
        "signs": st.sampled_from((Fraction(1), Fraction(-1))),
    }[domain]
    rows = st.tuples(*[entries] * outputs)
    return rows.map(_normalised) if domain == "simplex" else rows


def _normalised(weights: Row) -> Row:
    total = sum(weights, Fraction(0))
    return tuple(w / total for w in weights) if total else (Fraction(1, len(weights)),) * len(weights)


@st.composite
def _datasets(
    draw: DrawFn,
    samples: SearchStrategy[int],
    inputs: SearchStrategy[int],
    outputs: SearchStrategy[int],
    rank: int | SearchStrategy[int] | None,
    domain: Domain,
    elements: SearchStrategy[Fraction] | None,
) -> tuple[Matrix, Matrix]:
    n = draw(samples)
    x = draw(matrices(n, draw(inputs), rank=rank, elements=elements))
    return x, draw(labels(n, draw(outputs), domain, elements or small_rationals()))


@st.composite
def _networks(
    draw: DrawFn,
    inputs: SearchStrategy[int],
    outputs: SearchStrategy[int],
    depths: SearchStrategy[int],
    widths: SearchStrategy[int],
    activations: SearchStrategy[Activation],
    biases: SearchStrategy[bool],
    residuals: bool,
) -> DenseNetwork:
    hidden = draw(depths) - 1
    n_inputs, n_outputs = draw(inputs), draw(outputs)
    layers: list[Layer] = []
    for _ in range(hidden):
        width = draw(widths)
        source = draw(_sources([n_inputs, *(layer.width for layer in layers)], width)) if residuals else None
        layers.append(Layer(width, draw(biases), draw(activations), source))
    return DenseNetwork(n_inputs, (*layers, Layer(n_outputs, draw(biases))))


def _sources(widths: list[int], width: int) -> SearchStrategy[int | None]:
    """No link, or one from an earlier layer (0 is the input) of the same width."""
    return st.sampled_from([None, *(number for number, other in enumerate(widths) if other == width)])


def _activations(given: object) -> list[Activation]:
    if isinstance(given, str) or not isinstance(given, Sequence):
        refuse("a sequence of names", given, "activations")
    if not given:
        raise InvalidArgument(f"Expected at least one activation but got activations={given!r}")
    names = [check_type(str, name, f"activations[{i}]") for i, name in enumerate(given)]
    try:
        return [parse_activation(name, "activations") for name in names]
    except GeomcheckError as error:
        raise InvalidArgument(str(error)) from error
