"""A network whose units carry names: σ(z), σ′(z), σ″(z) of each unit and sample become generators with definitions.

Written so, an entry of H is a short sum of products; written out it has a term for every pair of terms of every σ′.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final, cast, final

import numpy as np

from geomcheck.fields.symbols import Polynomial, SymbolField
from geomcheck.geometry.symbolic.terms import Definition, Template, Terms
from geomcheck.problem.activation import Activation
from geomcheck.problem.network import DenseNetwork

if TYPE_CHECKING:
    from geomcheck.fields.base import AbstractField

LETTERS: Final = {
    "exp": "e",
    "log": "l",
    "tanh": "t",
    "sigmoid": "s",
    "softplus": "u",
    "sin": "s",
    "cos": "c",
    "normal_cdf": "Phi",
    "normal_pdf": "phi",
    "logcosh": "u",
    "step": "h",
    "reciprocal": "q",
}
"""The letter that names a value of each function."""


@cache
def unit_template(activation: Activation) -> Template:
    """σ, σ′ and σ″ of one unit in the local names z, a, da, dda.

    >>> template = unit_template(Activation("tanh"))
    >>> [definition.name for definition in template.definitions]
    ['a', 'da', 'dda']
    """
    field = SymbolField(("z",), 4)
    z = field.variables(("z",))
    first, second = activation.slopes(field, z)
    outputs = {"a": activation.value(field, z)[0], "da": first[0], "dda": second[0]}
    return Template.of(outputs, field.special_values, lambda function, _: LETTERS[function])


def abstract_template(function: str) -> Template:
    """The same for a function nothing is known of but its name."""
    local = ("a", "da", "dda")
    definitions = tuple(Definition(name, function + "'" * order, Terms.name("z")) for order, name in enumerate(local))
    return Template(definitions, {name: Terms.name(name) for name in local})


@final
@dataclass(frozen=True)
class NamedUnits:
    """The units of one layer on N samples; the local name c of unit i on sample n is ``c{layer}_{n}_{i}``."""

    activation: Activation
    template: Template
    layer: int
    shape: tuple[int, int]
    smooth: bool = False

    def symbols(self) -> list[str]:
        """The generators that entries can contain."""
        return [f"{c}{self.layer}_{n}_{i}" for n, i in np.ndindex(*self.shape) for c in sorted(self.template.names)]

    def definitions(self, pre: Any) -> Iterator[Definition]:
        """What they stand for, given the pre-activations (N, m)."""
        for n, i in np.ndindex(*self.shape):
            yield Definition(f"z{self.layer}_{n}_{i}", None, Terms.of(pre[n, i]))
            yield from self.template.written(partial(self._global, n, i))

    # -- what a layer asks of its activation ------------------------------------------------------------------------

    def value(self, field: AbstractField, z: Any) -> Any:
        """σ(z) by name."""
        return self._by_name("a", field)

    def slopes(self, field: AbstractField, z: Any) -> tuple[Any, Any]:
        """σ′(z) and σ″(z) by name."""
        return self._by_name("da", field), self._by_name("dda", field)

    @property
    def piecewise(self) -> bool:
        """Whether σ″ is 0 off the kinks."""
        return self.activation.piecewise and not self.smooth

    @property
    def polynomial_degree(self) -> int | None:
        """The degree where σ is a monomial."""
        return None if self.smooth else self.activation.polynomial_degree

    def _global(self, sample: int, unit: int, name: str) -> str:
        return f"{name}{self.layer}_{sample}_{unit}"

    def _by_name(self, output: str, field: AbstractField) -> Any:
        assert isinstance(field, SymbolField)
        value = self.template.values[output]
        result = np.empty(self.shape, dtype=object)
        for n, i in np.ndindex(*self.shape):
            result[n, i] = as_polynomial(field, value.renamed(partial(self._global, n, i)))
        return result


def named_layers(network: DenseNetwork, samples: int, abstract: bool) -> tuple[NamedUnits | None, ...]:
    """The units of every layer; None for a linear output layer, whose outputs are written out."""
    bent = [layer.activation for layer in network.layers if layer.activation.polynomial_degree != 1]
    found: list[NamedUnits | None] = []
    for number, layer in enumerate(network.layers, start=1):
        activation = layer.activation
        if number == len(network.layers) and activation.polynomial_degree == 1:
            found.append(None)
            continue
        hidden = abstract and activation.polynomial_degree != 1
        function = "sigma" if len(set(bent)) == 1 else f"sigma{number}"
        template = abstract_template(function) if hidden else unit_template(activation)
        found.append(NamedUnits(activation, template, number, (samples, layer.width), hidden))
    return tuple(found)


def with_names(network: DenseNetwork, units: Sequence[NamedUnits | None]) -> DenseNetwork:
    """The network whose layers give names instead of values."""
    layers = tuple(
        layer if own is None else replace(layer, activation=cast("Activation", own))
        for layer, own in zip(network.layers, units, strict=True)
    )
    return DenseNetwork(network.n_inputs, layers)


def as_polynomial(field: SymbolField, terms: Terms) -> Polynomial:
    """A sum of products as an element of the ring."""
    total = field.element(Fraction(0))
    for coefficient, factors in terms.terms:
        product = field.element(coefficient)
        for generator, (_, exponent) in zip(field.variables([n for n, _ in factors]), factors, strict=True):
            product = product * generator**exponent
        total = total + product
    return cast("Polynomial", total)
