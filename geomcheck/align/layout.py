"""What reshaping, slicing and contracting do to the axes of tensors.

A tensor is seen as the tuple of its axes, one node of `Axes` a dimension. All functions first shrink the group of
symmetries until the operation commutes with it, and then return the axes of the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from geomcheck.align.axes import Axes

__all__ = ["contract", "elementwise", "fixed_axes", "reduce_over", "reshaped", "sliced"]

Tensor = tuple[int, ...]


def fixed_axes(axes: Axes, shape: Sequence[int]) -> Tensor:
    """Axes that only the identity acts on."""
    return tuple(axes.fixed(size) for size in shape)


def reshaped(axes: Axes, tensor: Sequence[int], shape: Sequence[int]) -> Tensor:
    """The axes of a row-major reshape: factors are regrouped, and split where the new shape cuts through them.

    >>> axes = Axes()
    >>> width = axes.atom(6)
    >>> heads, inside = reshaped(axes, [width], [2, 3])
    >>> axes.context(inside) == {heads}
    True
    """
    if 0 in shape or prod(shape) != prod(axes.size(node) for node in tensor):
        for node in tensor:
            axes.fix(node)
        return fixed_axes(axes, shape)
    waiting = [factor for node in tensor for factor in axes.factors(node)][::-1]
    answer: list[int] = []
    for size in shape:
        taken: list[int] = []
        needed = size
        while needed > 1:
            factor = waiting.pop()
            if needed % axes.size(factor) == 0:
                taken.append(factor)
                needed //= axes.size(factor)
                continue
            pieces = axes.split(factor, needed)
            if pieces is None:
                for node in (*tensor, *answer):
                    axes.fix(node)
                return fixed_axes(axes, shape)
            waiting.extend(pieces[::-1])
        answer.append(axes.product(taken) if taken else axes.fixed(size))
    axes.settle(answer)
    return tuple(answer)


def sliced(axes: Axes, tensor: Sequence[int], dimension: int, bounds: Sequence[int]) -> list[Tensor]:
    """The axes of the pieces of a tensor that is cut at these places of one dimension."""
    pieces = axes.cut(tensor[dimension], bounds)
    answer = []
    for piece in pieces:
        result = (*tensor[:dimension], piece, *tensor[dimension + 1 :])
        axes.settle(result)
        answer.append(result)
    return answer


def contract(axes: Axes, operands: Sequence[tuple[Sequence[int], Sequence[str]]], output: Sequence[str]) -> Tensor:
    """The axes of out[output] = sum over all other labels of the product of the operands, one label a dimension.

    Dimensions of length 1 are broadcast. Dimensions with one label move together. A family of permutations of a shared
    label may depend only on labels that all operands with it have: the sum over j of x[i, j] y[j, k] is unchanged by a
    permutation of j that is the same for all i and k, while in the sum over j of x[i, j] y[i, j] it may depend on i.

    >>> axes = Axes()
    >>> i, j, k = axes.atom(2), axes.atom(3), axes.atom(4)
    >>> contract(axes, [((i, j), "ij"), ((axes.atom(3), k), "jk")], "ik") == (i, k)
    True
    """
    holders: dict[str, list[tuple[int, int]]] = {}
    single: dict[str, int] = {}
    present: list[set[str]] = []
    for number, (tensor, labels) in enumerate(operands):
        axes.settle(tensor)
        present.append({label for node, label in zip(tensor, labels, strict=True) if axes.size(node) != 1})
        for node, label in zip(tensor, labels, strict=True):
            if axes.size(node) != 1:
                holders.setdefault(label, []).append((number, node))
            single[label] = node
    for found in holders.values():
        for _, node in found[1:]:
            axes.unify(found[0][1], node)
        numbers = {number for number, _ in found}
        if len(numbers) < len(found):  # a diagonal
            axes.fix(found[0][1])
        elif len(numbers) > 1:
            shared = set.intersection(*(present[number] for number in numbers))
            axes.restrict(found[0][1], [holders[other][0][1] for other in shared])
    result = tuple(holders[label][0][1] if label in holders else single[label] for label in output)
    axes.settle(result)
    return result


def elementwise(axes: Axes, tensors: Sequence[Sequence[int]]) -> Tensor:
    """The axes of an operation on entries, with the broadcasting of torch (dimensions aligned at the right)."""
    rank = max((len(tensor) for tensor in tensors), default=0)
    labels = [str(place) for place in range(rank)]
    return contract(axes, [(tensor, labels[rank - len(tensor) :]) for tensor in tensors], labels)


def reduce_over(axes: Axes, tensor: Sequence[int], dimensions: Sequence[int]) -> Tensor:
    """Make the other axes independent of these, so that a statistic over them may be taken; return the other axes."""
    gone = {dimension % len(tensor) for dimension in dimensions}
    axes.settle(tensor)
    rest = tuple(node for place, node in enumerate(tensor) if place not in gone)
    axes.settle(rest)
    return rest
