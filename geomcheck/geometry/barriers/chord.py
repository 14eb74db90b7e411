"""Segments on which the excess of the loss is greatest at an end.

Statement. (1) If F((1 − λ) A + λ B) = (1 − λ) F(A) + λ F(B) and ℓ is convex in F, then L(λ) ≤ (1 − λ) L(A) + λ L(B),
weight decay included. F is so on every segment where it is affine in θ, and on those that move the parameters of a
linear output layer alone, and of hidden units whose outgoing weights are zero at both ends. (2) If the excess does not
rise on [0, u], does not fall on [v, 1], and is at most its greater end in between, it is greatest at that end. So the
barrier is 0 over the linear baseline, and |L(A) − L(B)|/2 over the mean. Proof: proofs/lemmas/barriers.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from geomcheck.errors import OutsideField
from geomcheck.fields.algebraic import ends
from geomcheck.geometry.affine import is_affine
from geomcheck.geometry.barriers.segment import loss_value
from geomcheck.geometry.instance import Denominators
from geomcheck.geometry.loss_facts import loss_facts
from geomcheck.problem.network import DenseNetwork

if TYPE_CHECKING:
    from geomcheck.fields.duals import Dual
    from geomcheck.problem.problem import Problem

MOST_PARTS = 200
_SHORTEST = Fraction(1, 1 << 24)


def below_line(problem: Problem, start: Sequence[Fraction], end: Sequence[Fraction]) -> bool:
    """Whether F is seen to be affine on the segment, and the loss to be convex in F; or F to be constant.

    >>> from geomcheck.problem.read import problem_from
    >>> p = problem_from({"network": "1-2-1 tanh, no bias", "inputs": [[1]], "targets": [[1]]})
    >>> a, b, c = ([Fraction(x) for x in row] for row in ([1, 1, 2, 0], [1, 1, 0, 2], [1, 7, 3, 0]))
    >>> below_line(p, a, b), below_line(p, a, c), below_line(p, b, c)
    (True, True, False)
    """
    moving = moving_layers(problem, start, end)
    if not moving and not problem.weight_decay:
        return True
    network = problem.model
    last = (
        isinstance(network, DenseNetwork)
        and network.layers[-1].activation.name == "linear"
        and problem.squash is None
        and moving <= {len(network.layers)}
    )
    return loss_facts(problem).convex and (is_affine(problem) or last)


def equal_ends(problem: Problem, start: Sequence[Fraction], end: Sequence[Fraction], field: Denominators) -> bool:
    """Whether L is seen to be the same at both ends, over the field that ``field`` grows to."""
    if not moving_layers(problem, start, end) and not problem.weight_decay:
        return True

    def same() -> bool:
        exact = field.field
        first, last = (loss_value(problem, exact, exact.array(list(point))) for point in (start, end))
        return bool(exact.is_zero(first - last))

    try:
        return field.growing(same)
    except OutsideField:
        return False


def greatest_at_an_end(on: Callable[[Fraction, Fraction], Dual], top: Fraction) -> tuple[Fraction, ...]:
    """Cuts between which the function is seen to be at most its greater end, which is at least ``top``; () if not seen.

    ``on(a, b)`` encloses its values and slopes on [a, b].
    """
    cuts, waiting = {Fraction(0), Fraction(1)}, [(Fraction(0), Fraction(1))]
    while waiting:
        a, b = waiting.pop()
        try:
            found = on(a, b)
            low, high = ends(found.slope) if found.slope.is_finite() else (Fraction(-1), Fraction(1))
            if (a == 0 and high <= 0) or (b == 1 and low >= 0):
                continue
            if found.value.is_finite() and ends(found.value)[1] <= top:
                continue
            middle = on((a + b) / 2, (a + b) / 2).value
            if found.slope.is_finite() and ends(middle)[1] + max(-low, high) * (b - a) / 2 <= top:
                continue
            if ends(middle)[0] > top:
                return ()
        except OutsideField:
            pass
        if len(cuts) > MOST_PARTS or b - a < _SHORTEST:
            return ()
        cuts.add((a + b) / 2)
        waiting += [((a + b) / 2, b), (a, (a + b) / 2)]
    return tuple(sorted(cuts))


def moving_layers(problem: Problem, start: Sequence[Fraction], end: Sequence[Fraction]) -> set[int]:
    """The layers (from 1) with parameters that differ and that F depends on; {0} for an explicit model.

    It does not depend on those of a hidden unit whose outgoing weights are 0 at both ends, and so all along.
    """
    network = problem.model
    if not isinstance(network, DenseNetwork):
        return {0}
    blocks = {block.name: block for block in network.blocks()}
    moving = set[int]()
    for number, layer in enumerate(network.layers, 1):
        linked = number == len(network.layers) or any(other.residual == number for other in network.layers)
        for i in range(layer.width):
            if not linked:
                after = blocks[f"W{number + 1}"]
                leaving = slice(after.start + i, after.stop, layer.width)
                if not any(start[leaving]) and not any(end[leaving]):
                    continue
            fan_in = network.widths[number - 1]
            entering = blocks[f"W{number}"].start + i * fan_in
            own = [*range(entering, entering + fan_in), *([blocks[f"b{number}"].start + i] if layer.bias else [])]
            if any(start[k] != end[k] for k in own):
                moving.add(number)
    return moving
