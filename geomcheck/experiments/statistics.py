"""Paired comparisons over seeds: an exact sign-flip test, Holm's correction, Student's intervals."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Final

import numpy as np

__all__ = ["ENUMERATED", "holm", "interval", "least_p", "sign_flip_p"]

ENUMERATED: Final = 18
_DRAWN: Final = 2**18
_ROUNDING: Final = 1e-9


def sign_flip_p(differences: Sequence[float]) -> float:
    """The two-sided p-value of the hypothesis that paired differences are symmetric about 0.

    p = the share of the 2^n choices of signs whose |sum of ± d_i| is at least |sum of d_i|. Exact up to n = 18; beyond
    that 2^18 choices are drawn (always the same), and (1 + count) / (1 + 2^18) is a valid p-value. Nothing is assumed
    of the distribution but that symmetry. Source: Fisher 1935, The Design of Experiments, section 21.

    >>> sign_flip_p([1.0, 2.0, 3.0, 4.0]), sign_flip_p([0.0, 0.0]), sign_flip_p([1.0, -1.0])
    (0.125, 1.0, 1.0)
    """
    values = np.asarray(differences, dtype=np.float64)
    # What rounding could have made smaller counts as being as large: p errs upwards.
    limit = abs(values.sum()) - _ROUNDING * np.abs(values).sum()
    if len(values) <= ENUMERATED:
        sums = np.zeros(1)
        for value in values:
            sums = np.concatenate([sums + value, sums - value])
        return float((np.abs(sums) >= limit).mean())
    rng = np.random.default_rng(0)
    sums = np.zeros(_DRAWN)
    for value in values:
        sums += value * rng.choice([-1.0, 1.0], _DRAWN)
    return float((1 + (np.abs(sums) >= limit).sum()) / (1 + _DRAWN))


def least_p(count: int) -> float:
    """The smallest p-value that so many differences can have.

    >>> least_p(3), least_p(12)
    (0.25, 0.00048828125)
    """
    return 2.0 ** (1 - count) if count <= ENUMERATED else 1 / (1 + _DRAWN)


def holm(values: Sequence[float]) -> list[float]:
    """Adjusted p-values: the chance of any false finding among all of them is kept. Source: Holm 1979.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    adjusted = [1.0] * len(values)
    worst = 0.0
    for rank, place in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        worst = max(worst, min(1.0, (len(values) - rank) * values[place]))
        adjusted[place] = worst
    return adjusted


def interval(values: Sequence[float], confidence: float = 0.95) -> tuple[float, float, float]:
    """(mean, low, high): Student's confidence interval of the mean, for at least two values.

    >>> mean, low, high = interval([1.0, 2.0, 3.0])
    >>> mean, round(low, 3), round(high, 3)
    (2.0, -0.484, 4.484)
    """
    from scipy.stats import t

    found = np.asarray(values, dtype=np.float64)
    mean = float(found.mean())
    half = float(t.ppf((1 + confidence) / 2, len(found) - 1)) * float(found.std(ddof=1)) / sqrt(len(found))
    return mean, mean - half, mean + half
