"""The letters that name points of parameter space and permutations of hidden units, in problems and in claims."""

from __future__ import annotations

from typing import Final

POINT_LETTERS: Final = "a point is one capital letter other than P, N, K, L, F, G, D, H, which mean something else"
PERMUTATION_LETTERS: Final = "a permutation is one small letter other than r, which means something else"


def is_point_letter(name: str) -> bool:
    """Whether a name can stand for a point: one capital letter that means nothing else in a claim.

    >>> [name for name in ("A", "B", "H", "b", "AB") if is_point_letter(name)]
    ['A', 'B']
    """
    return len(name) == 1 and name in "ABCEIJMOQRSTUVWXYZ"


def is_permutation_letter(name: str) -> bool:
    """Whether a name can stand for a permutation of hidden units: one small letter other than r.

    >>> [name for name in ("s", "t", "r", "S") if is_permutation_letter(name)]
    ['s', 't']
    """
    return len(name) == 1 and name in "abcdefghijklmnopqstuvwxyz"
