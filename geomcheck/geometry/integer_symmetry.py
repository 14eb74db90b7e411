"""The kernel fields of a network at an integer point, all of them at once in machine words.

The vectors are those of ``KernelField.at``, written down family by family. With each comes a column on which it is
expected to be pivotal: row i of (W | b) is moved by B (W | b), B in the Lie algebra of the group, so the columns (i, j)
at which B may be nonzero are enough to know B where the first columns of (W | b), in some order, have nonzero leading
minors. For rotations and rescalings B is a diagonal times a symmetric matrix, known by its lower triangle. Floats
choose the order of the columns; the caller verifies what comes of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, final

import numpy as np

from geomcheck.fields.integers import PRODUCT_LIMIT, Ints, magnitude
from geomcheck.geometry.continuous_symmetry import families, incoming, outgoing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geomcheck.problem.network import DenseNetwork

Columns = list[int]


def kernel_words(network: DenseNetwork, theta: Sequence[int]) -> tuple[Ints, Columns] | None:
    """Every kernel field at θ as the rows of (c, P), and c columns expected to be independent on them.

    None where an entry could leave a machine word. The columns are fewer than c where no guess is made.

    >>> from geomcheck.problem.shorthand import parse_network
    >>> vectors, columns = kernel_words(parse_network("1-1-1 relu, no bias"), [2, 3])
    >>> vectors.tolist(), columns
    ([[2, -3]], [0])
    """
    try:
        values = np.array(theta, dtype=np.int64)
    except OverflowError:
        return None
    largest, parts, columns = magnitude(values), [], []
    for family, number, degree in families(network):
        if max(largest, 1) * max(largest, degree) >= PRODUCT_LIMIT:
            return None
        layer = _Layer(network, number, values, degree)
        match family:
            case "rescaling":
                vectors, guesses = layer.rescalings()
            case "rotation":
                vectors, guesses = layer.rotations()
            case "general-linear":
                vectors, guesses = layer.general_linear()
            case "translation":
                vectors, guesses = layer.translations()
            case "shift":
                vectors, guesses = layer.shifts()
        parts.append(vectors)
        columns += guesses
    return (np.concatenate(parts) if parts else np.zeros((0, len(values)), dtype=np.int64)), columns


@final
class _Layer:
    """One hidden layer of width m: ``rows`` (m, fan-in + bias) and ``out`` (m, next width) index θ."""

    def __init__(self, network: DenseNetwork, number: int, theta: Ints, degree: int) -> None:
        self.rows, self.out = np.array(incoming(network, number)), np.array(outgoing(network, number))
        self.theta, self.degree, self.width = theta, degree, len(self.rows)
        self._next = network, number + 1
        self.places = _pivots(theta[self.rows])

    def rescalings(self) -> tuple[Ints, Columns]:
        """One field a unit."""
        units = np.arange(self.width)
        vectors = self._none(self.width)
        vectors[units[:, None], self.rows] = self.theta[self.rows]
        vectors[units[:, None], self.out] = -self.degree * self.theta[self.out]
        return vectors, self.rows[units, self.places].tolist()

    def rotations(self) -> tuple[Ints, Columns]:
        """One field a pair of units i < j."""
        i, j = np.triu_indices(self.width, 1)
        own, other = self.theta[self.out[i, 0]][:, None], self.theta[self.out[j, 0]][:, None]
        pairs = np.arange(len(i))[:, None]
        vectors = self._none(len(i))
        vectors[pairs, self.rows[i]] = other * self.theta[self.rows[j]]
        vectors[pairs, self.rows[j]] = -own * self.theta[self.rows[i]]
        return vectors, self._at(j, i)

    def general_linear(self) -> tuple[Ints, Columns]:
        """One field an ordered pair of units."""
        i, j = (index.reshape(-1) for index in np.indices((self.width, self.width)))
        pairs = np.arange(len(i))[:, None]
        vectors = self._none(len(i))
        vectors[pairs, self.rows[i]] = self.theta[self.rows[j]]
        vectors[pairs, self.out[j]] = -self.theta[self.out[i]]
        return vectors, self._at(i, j)

    def translations(self) -> tuple[Ints, Columns]:
        """One field a unit."""
        units = np.arange(self.width)[:, None]
        biases = np.array(incoming(*self._next))[:, -1]
        vectors = self._none(self.width)
        vectors[units, self.rows[:, -1:]] = 1
        vectors[units, biases] = -self.theta[self.out]
        return vectors, self.rows[:, -1].tolist()

    def shifts(self) -> tuple[Ints, Columns]:
        """One field a unit."""
        units = np.arange(self.width)[:, None]
        vectors = self._none(self.width)
        vectors[units, self.rows[:, -1:]] = 1
        vectors[units, self.out] = -self.theta[self.out]
        return vectors, self.rows[:, -1].tolist()

    def _none(self, count: int) -> Ints:
        return np.zeros((count, len(self.theta)), dtype=np.int64)

    def _at(self, units: Ints, numbers: Ints) -> Columns:
        """The columns of the given units' weights at the pivots of the given numbers, where there are that many."""
        inside = numbers < self.rows.shape[1]
        columns: Columns = self.rows[units[inside], self.places[numbers[inside]]].tolist()
        return columns


def _pivots(matrix: Ints) -> Ints:
    """For each row the column of its largest entry after elimination with the rows before it, as floats see it."""
    work = np.array(matrix, dtype=np.float64)
    places: Ints = np.abs(work).argmax(axis=1)
    for i in range(min(work.shape)):
        column = int(np.abs(work[i]).argmax())
        pivot = work[i, column]
        if abs(pivot) * (1 << 20) <= abs(matrix[i, places[i]]):
            break
        places[i] = column
        work[i + 1 :] -= np.outer(work[i + 1 :, column] / pivot, work[i])
        work[:, column] = 0
    return places
