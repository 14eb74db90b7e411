"""Segments on which the loss lies below the line between its ends: F is affine there, and the loss convex in F.

Statement. If F((1 − λ) A + λ B) = (1 − λ) F(A) + λ F(B) and ℓ is convex in F, then L(λ) ≤ (1 − λ) L(A) + λ L(B), weight
decay included. So the barrier over the linear baseline is 0, and so is the one over the mean where L(A) = L(B). F is
affine on every segment where it is affine in θ, and on those that move the parameters of a linear output layer alone,
as from a point of two equal units to one with their output weights shifted. Proof: proofs/lemmas/barriers.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from geomcheck.errors import OutsideField
from geomcheck.geometry.affine import is_affine
from geomcheck.geometry.barriers.segment import loss_value
from geomcheck.geometry.instance import Denominators
from geomcheck.geometry.loss_facts import loss_facts
from geomcheck.problem.network import DenseNetwork

if TYPE_CHECKING:
    from geomcheck.problem.problem import Problem


def below_line(
    problem: Problem, start: Sequence[Fraction], end: Sequence[Fraction], baseline: str, field: Denominators
) -> bool:
    """Whether the excess over the baseline is seen to be at most 0 on the whole segment; False where it is not seen.

    >>> from geomcheck.problem.read import problem_from
    >>> p = problem_from({"network": "1-2-1 tanh, no bias", "inputs": [[1]], "targets": [[1]]})
    >>> a, b, c = ([Fraction(x) for x in row] for row in ([1, 1, 2, 0], [1, 1, 0, 2], [1, 1, 0, 3]))
    >>> [below_line(p, a, x, how, Denominators()) for x, how in ((b, "mean"), (c, "mean"), (c, "linear"))]
    [True, False, True]
    """
    if not (loss_facts(problem).convex and (is_affine(problem) or _only_outputs_move(problem, start, end))):
        return False
    if baseline == "linear":
        return True
    try:
        return field.growing(lambda: bool(_equal(problem, start, end, field)))
    except OutsideField:
        return False


def _only_outputs_move(problem: Problem, start: Sequence[Fraction], end: Sequence[Fraction]) -> bool:
    network = problem.model
    if not isinstance(network, DenseNetwork) or problem.squash is not None:
        return False
    if network.layers[-1].activation.name != "linear":
        return False
    hidden = [block for block in network.blocks() if block.layer < len(network.layers)]
    return all(start[block.start : block.stop] == end[block.start : block.stop] for block in hidden)


def _equal(problem: Problem, start: Sequence[Fraction], end: Sequence[Fraction], field: Denominators) -> bool:
    exact = field.field
    first, last = (loss_value(problem, exact, exact.array(list(point))) for point in (start, end))
    return bool(exact.is_zero(first - last))
