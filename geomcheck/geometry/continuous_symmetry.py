"""Continuous symmetries of a dense network, as kernel fields: vector fields v(θ) with G(θ) v(θ) = 0 everywhere.

A one-parameter group θ ↦ φ_s(θ) that leaves F unchanged for all inputs has velocity v = dφ_s/ds at 0 with G v = 0, so
each field below lowers the rank of G (and of GᵀDG) without any elimination. For a hidden layer l whose output feeds
layer l+1 only, written z = W a′ + b, a = σ(z), next weights V:

* rescaling, σ(λz) = λ^d σ(z) for λ > 0:   δ(W_i, b_i) = (W_i, b_i),      δV_{·i} = −d V_{·i}          (each unit i)
* GL(m), σ linear:                         δ(W_i, b_i) = (W_j, b_j),      δV_{·j} = −V_{·i}            (each i, j)
* translation, σ linear, both biases:      δb_i = 1,                     δ(next bias) = −V_{·i}        (each unit i)
* shift, σ = exp, with a bias:           δb_i = 1,                     δV_{·i} = −V_{·i}              (each unit i)
* O(p, q), σ square, V with one row v:     δ(W_i, b_i) = v_j (W_j, b_j),  δ(W_j, b_j) = −v_i (W_i, b_i) (each i < j)

The first includes the diagonal of the second. For the last, δ Σ v_i z_i² = 2 v_i v_j z_i z_j − 2 v_j v_i z_j z_i = 0.
Sources: Dinh et al. 2017 (rescaling); Kileel, Trager and Bruna 2019 (polynomial networks).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, final

import flint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from geomcheck.problem.network import DenseNetwork

Family = Literal["rescaling", "general-linear", "translation", "rotation", "shift"]


@final
@dataclass(frozen=True)
class KernelField:
    """One field of the families above, on hidden layer ``layer`` (from 1) and units ``first``, ``second`` (from 0)."""

    family: Family
    layer: int
    first: int
    second: int
    degree: int = 1

    def at(self, network: DenseNetwork, theta: Sequence[Any]) -> list[Any]:
        """v(θ) as a list of P numbers: 0, 1, and numbers of the kind θ has.

        >>> from geomcheck.problem.shorthand import parse_network
        >>> network = parse_network("1-1-1 relu, no bias")
        >>> KernelField("rescaling", 1, 0, 0).at(network, [2, 3])
        [2, -3]
        """
        vector: list[Any] = [0] * network.n_parameters
        rows = incoming(network, self.layer)
        columns = outgoing(network, self.layer)
        i, j = self.first, self.second
        if self.family == "translation":
            vector[rows[i][-1]] = 1
            for row, column in zip(incoming(network, self.layer + 1), columns[i], strict=True):
                vector[row[-1]] = -theta[column]
            return vector
        if self.family == "shift":
            vector[rows[i][-1]] = 1
            for column in columns[i]:
                vector[column] = -theta[column]
            return vector
        if self.family == "rotation":
            v_i, v_j = theta[columns[i][0]], theta[columns[j][0]]
            for a, b in zip(rows[i], rows[j], strict=True):
                vector[a] = v_j * theta[b]
                vector[b] = -v_i * theta[a]
            return vector
        for a, b in zip(rows[i], rows[j], strict=True):
            vector[a] = theta[b]
        for a, b in zip(columns[j], columns[i], strict=True):
            vector[a] = vector[a] - theta[b] * self.degree
        return vector


def kernel_fields(network: DenseNetwork) -> tuple[KernelField, ...]:
    """Every kernel field of these families that ``network`` has."""
    return tuple(_fields(network))


def orbit_dimension(
    network: DenseNetwork,
    theta: Sequence[Fraction],
    free: Sequence[int] = (),
    slopes: Mapping[tuple[int, int], Fraction] = MappingProxyType({}),
) -> int:
    """The dimension of the orbit of θ under the groups above: the rank of the kernel fields at θ.

    The parameters with indices ``free``, of which F does not depend near θ, may also move. ``slopes`` gives units by
    layer (from 1) and place (from 0) that are linear near θ on all samples, a = s z with s ≠ 0, in layers that feed the
    next one only: they have the fields of linear units, δV_{·j} = −(s_i/s_j) V_{·i} and δ(next bias) = −s_i V_{·i}.

    >>> from geomcheck.problem.shorthand import parse_network
    >>> orbit_dimension(parse_network("1-2-1 relu, no bias"), [Fraction(1), Fraction(0), Fraction(3), Fraction(0)])
    1
    """
    exact = [flint.fmpq(x.numerator, x.denominator) for x in theta]
    rows = [field.at(network, exact) for field in kernel_fields(network)]
    rows += [[flint.fmpq(int(i == j)) for i in range(len(theta))] for j in free]
    rows += [list(row) for row in _of_linear_units(network, exact, slopes)]
    return int(flint.fmpq_mat(rows).rank()) if rows else 0


def _of_linear_units(
    network: DenseNetwork, theta: Sequence[Any], slopes: Mapping[tuple[int, int], Fraction]
) -> Iterator[list[Any]]:
    size = network.n_parameters
    for (number, i), slope in slopes.items():
        rows, columns = incoming(network, number), outgoing(network, number)
        for other, j in slopes:
            if other != number or i == j:
                continue
            vector: list[Any] = [flint.fmpq(0)] * size
            ratio = slope / slopes[number, j]
            for a, b in zip(rows[i], rows[j], strict=True):
                vector[a] = theta[b]
            for a, b in zip(columns[j], columns[i], strict=True):
                vector[a] = -theta[b] * flint.fmpq(ratio.numerator, ratio.denominator)
            yield vector
        if network.layers[number - 1].bias and network.layers[number].bias:
            vector = [flint.fmpq(0)] * size
            vector[rows[i][-1]] = flint.fmpq(1)
            for row, column in zip(incoming(network, number + 1), columns[i], strict=True):
                vector[row[-1]] = -theta[column] * flint.fmpq(slope.numerator, slope.denominator)
            yield vector


def families(network: DenseNetwork) -> Iterator[tuple[Family, int, int]]:
    """The families ``network`` has, each with its hidden layer (from 1) and the degree d of the activation."""
    for number, layer in enumerate(network.layers[:-1], start=1):
        following = network.layers[number]
        leaks = layer.residual is not None or any(later.residual == number for later in network.layers)
        degree = layer.activation.homogeneity
        if not leaks and layer.activation.name == "exp" and layer.bias:
            yield "shift", number, 1
        if leaks or degree is None:
            continue
        if layer.activation.polynomial_degree == 1:
            yield "general-linear", number, degree
            if layer.bias and following.bias:
                yield "translation", number, degree
            continue
        yield "rescaling", number, degree
        if layer.activation.polynomial_degree == 2 and following.width == 1:
            yield "rotation", number, degree


def _fields(network: DenseNetwork) -> Iterator[KernelField]:
    for family, number, degree in families(network):
        width = network.layers[number - 1].width
        for i in range(width):
            match family:
                case "rescaling" | "translation" | "shift":
                    seconds = range(i, i + 1)
                case "rotation":
                    seconds = range(i + 1, width)
                case _:
                    seconds = range(width)
            for j in seconds:
                yield KernelField(family, number, i, j, degree if family == "rescaling" else 1)


def of_unit(network: DenseNetwork, number: int, unit: int) -> list[int]:
    """Indices of all parameters of one unit (from 0) of hidden layer ``number`` (from 1): its row and its column."""
    return [*incoming(network, number)[unit], *outgoing(network, number)[unit]]


def incoming(network: DenseNetwork, number: int) -> list[list[int]]:
    """Parameter indices of each unit's own row (W_i, b_i) in layer ``number``."""
    weights, bias, fan_in, width = _layout(network, number)
    rows = [[weights + i * fan_in + j for j in range(fan_in)] for i in range(width)]
    return rows if bias is None else [[*row, bias + i] for i, row in enumerate(rows)]


def outgoing(network: DenseNetwork, number: int) -> list[list[int]]:
    """Parameter indices of each unit's column V_{·i} in layer ``number`` + 1."""
    weights, _, fan_in, width = _layout(network, number + 1)
    return [[weights + k * fan_in + i for k in range(width)] for i in range(fan_in)]


def _layout(network: DenseNetwork, number: int) -> tuple[int, int | None, int, int]:
    """Start of W, start of b (or None), fan-in and width of layer ``number``."""
    start, fan_in = 0, network.n_inputs
    for layer in network.layers[: number - 1]:
        start += layer.width * (fan_in + layer.bias)
        fan_in = layer.width
    layer = network.layers[number - 1]
    return start, (start + layer.width * fan_in if layer.bias else None), fan_in, layer.width
