"""The behaviour as polynomials in θ, sample by sample, where the model is polynomial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias, final

from geomcheck.connectivity.count import unknown
from geomcheck.connectivity.rational_matrices import ONE, ZERO, Vector
from geomcheck.problem.formula import Add, Call, Div, Formula, Mul, Name, Neg, Number, Power, Sub
from geomcheck.problem.model import ExplicitModel
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem

Exponents: TypeAlias = tuple[int, ...]
MAX_TERMS = 20_000


@final
@dataclass(frozen=True, eq=False)
class Polynomial:
    """Σ coefficient · θ^exponents, with no zero coefficient stored."""

    terms: Mapping[Exponents, Fraction]

    def __add__(self, other: Polynomial) -> Polynomial:
        terms = dict(self.terms)
        for exponents, c in other.terms.items():
            terms[exponents] = terms.get(exponents, ZERO) + c
        return _cleaned(terms)

    def __mul__(self, other: Polynomial) -> Polynomial:
        if len(self.terms) * len(other.terms) > MAX_TERMS:
            raise unknown("the behaviour has too many terms in the parameters")
        terms: dict[Exponents, Fraction] = {}
        for a, x in self.terms.items():
            for b, y in other.terms.items():
                exponents = tuple(map(int.__add__, a, b))
                terms[exponents] = terms.get(exponents, ZERO) + x * y
        return _cleaned(terms)

    def times(self, c: Fraction) -> Polynomial:
        """The multiple c · self."""
        return _cleaned({exponents: c * x for exponents, x in self.terms.items()})

    @property
    def degree(self) -> int:
        """The total degree; 0 for constants."""
        return max(map(sum, self.terms), default=0)


def _cleaned(terms: Mapping[Exponents, Fraction]) -> Polynomial:
    return Polynomial({exponents: c for exponents, c in terms.items() if c})


def equations(problem: Problem, inputs: Sequence[Vector], targets: Sequence[Vector]) -> list[Polynomial]:
    """The polynomials F_k(θ; x) − y_k; raises Undecided for a model that is not polynomial in θ.

    >>> from geomcheck.problem.read import problem_from
    >>> about = problem_from({"network": "1-1-1 linear, no bias", "inputs": [2], "targets": [3]})
    >>> [(e, str(c)) for e, c in sorted(equations(about, about.inputs, about.targets)[0].terms.items())]
    [((0, 0), '-3'), ((1, 1), '2')]
    """
    found = []
    for x, y in zip(inputs, targets, strict=True):
        outputs = _network(problem.model, x) if isinstance(problem.model, DenseNetwork) else _explicit(problem.model, x)
        size = problem.P
        found += [f + _constant(-value, size) for f, value in zip(outputs, y, strict=True)]
    return found


def _constant(c: Fraction, size: int) -> Polynomial:
    return _cleaned({(0,) * size: c})


def _variable(i: int, size: int) -> Polynomial:
    return Polynomial({tuple(int(j == i) for j in range(size)): ONE})


def _network(network: DenseNetwork, x: Vector) -> list[Polynomial]:
    size, start = network.n_parameters, 0
    layers = [[_constant(entry, size) for entry in x]]
    for layer in network.layers:
        degree = layer.activation.polynomial_degree
        if degree is None:
            raise unknown(f"{layer.activation} is no polynomial")
        entering, units = layers[-1], []
        bias = start + layer.width * len(entering)
        for o in range(layer.width):
            z = _variable(bias + o, size) if layer.bias else _constant(ZERO, size)
            for i, a in enumerate(entering):
                z = z + a * _variable(start + o * len(entering) + i, size)
            units.append(_power(z, degree, size))
        if layer.residual is not None:
            units = [a + b for a, b in zip(units, layers[layer.residual], strict=True)]
        layers.append(units)
        start = bias + layer.width * layer.bias
    return layers[-1]


def _power(base: Polynomial, n: int, size: int) -> Polynomial:
    result = _constant(ONE, size)
    for _ in range(n):
        result = result * base
    return result


def _explicit(model: ExplicitModel, x: Vector) -> list[Polynomial]:
    size = model.n_parameters
    names = {name: _variable(i, size) for i, name in enumerate(model.parameters)}
    names |= {name: _constant(value, size) for name, value in zip(model.inputs, x, strict=True)}
    return [_value(formula, names, size) for formula in model.outputs]


def _value(formula: Formula, names: Mapping[str, Polynomial], size: int) -> Polynomial:
    match formula:
        case Number(value):
            return _constant(value, size)
        case Name(name):
            return names[name]
        case Neg(a):
            return _value(a, names, size).times(-ONE)
        case Add(a, b):
            return _value(a, names, size) + _value(b, names, size)
        case Sub(a, b):
            return _value(a, names, size) + _value(b, names, size).times(-ONE)
        case Mul(a, b):
            return _value(a, names, size) * _value(b, names, size)
        case Div(a, b):
            below = _value(b, names, size)
            if below.degree or not below.terms:
                raise unknown("the model divides by an expression in the parameters")
            return _value(a, names, size).times(1 / below.terms[(0,) * size])
        case Power(a, n):
            return _power(_value(a, names, size), n, size)
        case Call(fn, _):
            raise unknown(f"the model contains {fn}, which is no polynomial")
