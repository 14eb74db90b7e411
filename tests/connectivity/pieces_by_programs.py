"""Components of the fits of one hidden layer by linear programs over all sign patterns: slow, and by another way."""

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
from scipy.optimize import linprog

Type = tuple[int, tuple[int, ...]]


def count(
    samples: Sequence[Sequence[float]], targets: Sequence[float], m: int, slopes: tuple[float, float], bias: bool
) -> int:
    """Pieces are tuples of (sign of a_i, signs of all pre-activations), joined where two that differ once meet."""
    data = np.array(samples, dtype=float)
    types = list(product((1, -1), product((1, -1), repeat=len(data))))
    tuples = product(types, repeat=m)
    pieces = [piece for piece in tuples if _meet([[one] for one in piece], data, targets, slopes, bias)]
    parent = {piece: piece for piece in pieces}

    def root(piece: tuple[Type, ...]) -> tuple[Type, ...]:
        while parent[piece] != piece:
            piece = parent[piece]
        return piece

    for piece in pieces:
        for i, other in _neighbours(piece, types):
            if other in parent and other > piece and root(piece) != root(other):
                both = [[one] if k != i else [one, other[i]] for k, one in enumerate(piece)]
                if _meet(both, data, targets, slopes, bias):
                    parent[root(piece)] = root(other)
    return len({root(piece) for piece in pieces})


def _neighbours(piece: tuple[Type, ...], types: Sequence[Type]) -> Iterator[tuple[int, tuple[Type, ...]]]:
    for i in range(len(piece)):
        for one in types:
            yield i, (*piece[:i], one, *piece[i + 1 :])


def _meet(
    units: Sequence[Sequence[Type]],
    data: np.ndarray,
    targets: Sequence[float],
    slopes: tuple[float, float],
    bias: bool,
) -> bool:
    N, D = data.shape
    size = len(units) * D + bias
    below, fit = [], np.zeros((N, size))
    zero = []
    for i, types in enumerate(units):
        own = slice(i * D, (i + 1) * D)
        if len({sign for sign, _ in types}) > 1:
            zero += [np.eye(size)[i * D + k] for k in range(D)]
        for _, pattern in types:
            for j, s in enumerate(pattern):
                row = np.zeros(size)
                row[own] = -s * data[j]
                below.append(row)
        sign, pattern = types[0]
        for j, s in enumerate(pattern):
            fit[j, own] = sign * slopes[s < 0] * data[j]
    if bias:
        fit[:, -1] = 1
    equal = np.vstack([fit, *zero])
    right = [*targets, *([0] * len(zero))]
    found = linprog(np.zeros(size), below, np.zeros(len(below)), equal, right, bounds=[(None, None)] * size)
    return bool(found.status == 0)
