"""The numbers a claim takes of matrices, by arithmetic on their entries. One entry a word of `vocabulary`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from geomcheck.claims.evidence import AbstractEvaluation
from geomcheck.claims.matrices import build, shape

if TYPE_CHECKING:
    from geomcheck.claims.scalar_value import Value
    from geomcheck.claims.tree import Tree


def _entry(at: AbstractEvaluation, tree: Tree) -> Value:
    _, matrix, i, j = tree
    return at.computed(lambda d: build(matrix, d)[i, j])


def _trace(at: AbstractEvaluation, tree: Tree) -> Value:
    every = np.arange(shape(tree[1], at.problem)[0])
    return at.computed(lambda d: d.field.total(build(tree[1], d)[every, every]))


def _determinant(at: AbstractEvaluation, tree: Tree) -> Value:
    at.rank(tree[1])  # 0 below full rank, and a proof about generic points rests on the rank at its witness
    return at.computed(lambda d: d.field.determinant(build(tree[1], d)))


MATRIX_NUMBERS: Mapping[str, Callable[[AbstractEvaluation, Tree], Value]] = MappingProxyType(
    {"entry": _entry, "trace": _trace, "det": _determinant}
)
"""Head of a term -> its value at an instance; raises ``Undecided`` where it is out of reach."""
