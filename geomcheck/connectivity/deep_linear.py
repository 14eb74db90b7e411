"""Deep linear networks: the fibre {W_L ⋯ W_1 = T} has 2^b components (Trager, Kohn and Bruna 2020, arXiv 1910.01671).

b is the number of hidden layers whose width is exactly r = rank T; r = 0 gives b = 0. With data, T is the least-squares
map on the row space of the inputs, where it has rank r = rank(XᵀY), X and Y centred if the output layer has a bias;
the rest of W_1, the output bias (then determined) and hidden biases (then free) change nothing. The fits are the global
minima if r is at most every hidden width q and, for a loss other than mse, if they fit the data exactly. For mse and
r > q the minima are the fibre of the best approximation of rank q where there is only one: where λ_q > λ_{q+1} for the
squared singular values (Eckart and Young 1936).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from geomcheck.connectivity.count import Components, unknown
from geomcheck.connectivity.equations import require_data
from geomcheck.connectivity.quadric import inertia
from geomcheck.connectivity.rational_matrices import ZERO, Vector, echelon, product, rank
from geomcheck.problem.loss import NamedLoss
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem

_HALVINGS = 100


def applies(problem: Problem) -> bool:
    """Whether the model is a linear network without links whose biases, if any, include the output's."""
    network = problem.model
    return (
        isinstance(network, DenseNetwork)
        and all(layer.activation.name == "linear" and layer.residual is None for layer in network.layers)
        and (network.layers[-1].bias or not any(layer.bias for layer in network.layers))
    )


def fibre_components(hidden: Sequence[int], r: int) -> int:
    """The components of {W_L ⋯ W_1 = T}, rank T = r, for these hidden widths; 0 if a hidden width is below r.

    >>> [fibre_components(hidden, 1) for hidden in ((1,), (2,), (1, 1, 1), (1, 2, 1))], fibre_components((2,), 0)
    ([2, 1, 8, 4], 1)
    """
    return 0 if min(hidden, default=r) < r else 2 ** sum(width == r for width in hidden)


def components(problem: Problem) -> Components:
    """The components of the global minima of a linear network; raises Undecided where they are no such fibre.

    >>> from geomcheck.problem.read import problem_from
    >>> components(problem_from({"network": "1-1-1-1 linear, no bias", "inputs": [1], "targets": [1]})).count
    4
    """
    inputs, targets = require_data(problem)
    network = problem.model
    assert isinstance(network, DenseNetwork) and isinstance(problem.loss, NamedLoss)
    x, y = (centred(inputs), centred(targets)) if network.layers[-1].bias else (list(inputs), list(targets))
    r = rank(product(list(zip(*x, strict=True)), y))
    hidden = [layer.width for layer in network.layers[:-1]]
    count = fibre_components(hidden, r)
    if problem.loss.name != "mse" and rank([a + b for a, b in zip(x, y, strict=True)]) > rank(x):
        raise unknown("no linear map fits the data, so the global minima of this loss are not known", "use mse")
    if count == 0 and (problem.loss.name != "mse" or not parted(spectrum_of(x, y), min(hidden))):
        raise unknown(f"the least-squares map has rank {r}, and its best approximations of rank {min(hidden)} are many")
    r = min([r, *hidden])
    count = fibre_components(hidden, r)
    b = sum(width == r for width in hidden)
    layers = "no hidden layer is" if b == 0 else "1 hidden layer is" if b == 1 else f"{b} hidden layers are"
    many = f": 2^{b} = {count} components" if b else ", so there is one component"
    why = f"the map is determined and of rank {r}, and {layers} exactly that wide{many}"
    return Components(count, "linear", why)


def spectrum_of(x: Sequence[Vector], y: Sequence[Vector]) -> list[Vector]:
    """YᵀQY, Q the projection onto im X: its eigenvalues are the squared singular values of the least-squares fit."""
    columns = echelon(x)[0]
    some = [tuple(row[j] for row in x) for j in columns]
    cross = product(some, y)
    joint = [a + b for a, b in zip(product(some, list(zip(*some, strict=True))), cross, strict=True)]
    solution = [tuple(row[len(columns) :]) for _, row in sorted(zip(*echelon(joint), strict=True))]
    return product(list(zip(*cross, strict=True)), solution)


def parted(form: Sequence[Vector], q: int) -> bool:
    """Whether λ_q > λ_{q+1} is found for the eigenvalues λ_1 ≥ λ_2 ≥ … ≥ 0, by halving an interval around the two.

    >>> rows = [(Fraction(2), ZERO), (ZERO, Fraction(1))]
    >>> parted(rows, 1), parted([(Fraction(1), ZERO), (ZERO, Fraction(1))], 1)
    (True, False)
    """
    low, high = ZERO, sum((row[i] for i, row in enumerate(form)), Fraction(1))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        above, _ = inertia([[v - middle * (i == j) for j, v in enumerate(row)] for i, row in enumerate(form)])
        if above == q:
            return True
        low, high = (middle, high) if above > q else (low, middle)
    return False


def centred(rows: Sequence[Sequence[Fraction]]) -> list[Vector]:
    """The rows less their mean."""
    means = [sum(column, ZERO) / len(rows) for column in zip(*rows, strict=True)]
    return [tuple(entry - mean for entry, mean in zip(row, means, strict=True)) for row in rows]
