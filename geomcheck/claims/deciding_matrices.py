"""What a refutation shows: the small matrices its numbers come from, entry by entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geomcheck.claims.tree import Tree, points_in, subtrees, unparse
from geomcheck.errors import GeomcheckError

if TYPE_CHECKING:
    from geomcheck.claims.claim import Claim
    from geomcheck.claims.judge import Judgement

MOST_ENTRIES = 400
LONGEST_ENTRY = 40


def deciding_matrices(claim: Claim, judgement: Judgement) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Every named matrix in the claim's formula at the judged instance, as rows of exact entries.

    Left out: matrices too large to read, or whose entries are too long or not exact.
    """
    evaluation = judgement.evaluation
    shown: dict[str, tuple[tuple[str, ...], ...]] = {}
    if evaluation is None:
        return shown
    for tree in _named(claim.formula):
        try:
            matrix = np.asarray(evaluation.exact(tree), dtype=object)
        except GeomcheckError:
            continue
        if matrix.size > MOST_ENTRIES:
            continue
        rows = tuple(tuple(str(entry) for entry in row) for row in matrix)
        if all(len(entry) <= LONGEST_ENTRY for row in rows for entry in row):
            shown[unparse(tree)] = rows
    return shown


def _named(formula: Tree) -> list[Tree]:
    found = subtrees(formula)
    placed = [tree for tree in found if tree[0] == "@" and tree[1][0] in ("matrix", "activations")]
    return placed if points_in(formula) else [tree for tree in found if tree[0] in ("matrix", "activations")]
