"""A point well inside {R symmetric : A·R = b, R ⪰ 0}, in floats: it proposes, and rationals nearby are verified.

R(y) = R₀ + Σ y_k N_k runs through the solutions of the equations. A barrier method maximises t with R(y) ⪰ t·I; its
limit has the greatest rank among the solutions, so the kernel it shows is that of all of them.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

MAX_UNKNOWNS: Final = 220
_NEWTON, _LAST = 40, 10**11


def well_inside(size: int, rows: Any, right: Any) -> tuple[Any, Any] | None:
    """The matrix R (size, size) and the t reached; None where the equations have no solution or there are too many.

    Row e of `rows` (equations, size·(size + 1)/2) holds the coefficients of the entries R_ij, i ≤ j, in the order of
    `numpy.triu_indices`, an entry off the diagonal counted once.

    >>> matrix, reached = well_inside(2, [[1, 0, 0], [0, 2, 0], [0, 0, 1]], [2, 2, 2])
    >>> [[round(x) for x in row] for row in matrix], round(reached)
    ([[2, 1], [1, 2]], 1)
    """
    equations, values = np.array(rows, dtype=np.float64), np.array(right, dtype=np.float64)
    start, _, rank, _ = np.linalg.lstsq(equations, values, rcond=None)
    scale = 1 + np.abs(values).max()
    if np.abs(equations @ start - values).max() * 10**7 > scale:
        return None
    directions = np.linalg.svd(equations)[2][rank:]
    if len(directions) > MAX_UNKNOWNS:
        return None
    first, moves = _square(start, size), np.array([_square(v, size) for v in directions]).reshape(-1, size, size)
    y, t = np.zeros(len(moves)), np.linalg.eigvalsh(first)[0] - scale
    weight = scale
    while True:
        y, t = _centre(first, moves, y, t, weight)
        if t > scale / 100 or weight * _LAST < scale:
            break
        weight = weight / 8
    return first + np.tensordot(y, moves, 1), t


def _centre(first: Any, moves: Any, y: Any, t: Any, weight: Any) -> tuple[Any, Any]:
    """Newton's method for the least −t/weight − log det(R(y) − t·I), damped to stay inside."""
    size, identity = len(first), np.eye(len(first))
    for _ in range(_NEWTON):
        inside = np.linalg.inv(first + np.tensordot(y, moves, 1) - t * identity)
        turned = np.array([inside @ move @ inside for move in [*moves, -identity]]).reshape(-1, size * size)
        flat = np.array([*moves, -identity]).reshape(-1, size * size)
        slope = -flat @ inside.reshape(-1)
        slope[-1] -= 1 / weight
        try:
            step = np.linalg.solve(turned @ flat.T, -slope)
        except np.linalg.LinAlgError:
            break
        decrement = -slope @ step
        if not decrement * 10**6 > 1:
            break
        length = 1 if decrement * 4 < 1 else 1 / (1 + np.sqrt(decrement))
        y, t = y + length * step[:-1], t + length * step[-1]
    return y, t


def _square(entries: Any, size: int) -> Any:
    found = np.zeros((size, size))
    found[np.triu_indices(size)] = entries
    return found + np.triu(found, 1).T
