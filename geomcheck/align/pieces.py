"""Tensors cut into pieces whose every dimension is moved by at most one group of permutations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

import numpy as np

from geomcheck.align.axes import Axes

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Dimension", "Piece", "Step", "cut_up", "permuted", "view_of"]

Step = tuple[str, int, tuple[int, ...]]


@final
@dataclass(frozen=True)
class Dimension:
    """One dimension of a piece: the atom that moves it, or None, and the dimensions that index its family."""

    group: int | None
    suppliers: tuple[int, ...] = ()


@final
@dataclass(frozen=True)
class Piece:
    """A part of a tensor: how to cut it out, and its dimensions; ``axes`` says which axis each came from."""

    steps: tuple[Step, ...]
    dimensions: tuple[Dimension, ...]
    axes: tuple[int, ...]


def view_of(array: NDArray[Any], steps: Iterable[Step]) -> NDArray[Any]:
    """The piece of an array, as a view.

    >>> view_of(np.arange(6), [("split", 0, (2, 3)), ("take", 0, (1,))]).tolist()
    [3, 4, 5]
    """
    for kind, place, numbers in steps:
        before: tuple[Any, ...] = (slice(None),) * place
        match kind:
            case "narrow":
                array = array[(*before, slice(numbers[0], numbers[0] + numbers[1]))]
            case "take":
                array = array[(*before, numbers[0])]
            case _:
                # Splitting a dimension never copies, even of an array that is not contiguous.
                array = array.reshape(array.shape[:place] + numbers + array.shape[place + 1 :])
    return array


def permuted(
    array: NDArray[Any], dimensions: Sequence[Dimension], permutations: Mapping[int, NDArray[np.int64]]
) -> NDArray[Any]:
    """T'[i, j, ...] = T[p(i), q_i(j), ...]: every dimension with a permutation of its group, families along suppliers.

    A permutation of a group with a context has one leading dimension for every supplier. Groups that ``permutations``
    lacks stay where they are.
    """
    waiting = [place for place, dimension in enumerate(dimensions) if dimension.group in permutations]
    done = {place for place in range(len(dimensions)) if place not in waiting}
    while waiting:
        place = next(k for k in waiting if done.issuperset(dimensions[k].suppliers))
        waiting.remove(place)
        done.add(place)
        dimension = dimensions[place]
        assert dimension.group is not None
        permutation = permutations[dimension.group]
        if not dimension.suppliers:
            array = array.take(permutation, axis=place)
            continue
        where = (*dimension.suppliers, place)
        shape = [1] * array.ndim
        for position in where:
            shape[position] = array.shape[position]
        index = permutation.transpose(np.argsort(where)).reshape(shape)
        array = np.take_along_axis(array, index, axis=place)
    return array


class _Unsettled(Exception):
    """A family was restricted on the way, so that what was cut before may be out of date."""


def cut_up(axes: Axes, tensors: Sequence[Sequence[int]]) -> list[list[Piece]]:
    """The pieces of tensors with these axes; families that a tensor cannot index are restricted."""
    while True:
        for tensor in tensors:
            axes.settle(tensor)
        try:
            answer = [list(_cut(axes, (), [(node, k) for k, node in enumerate(tensor)])) for tensor in tensors]
        except _Unsettled:
            continue
        groups = {dim.group for pieces in answer for piece in pieces for dim in piece.dimensions} - {None}
        if all(axes.find(group) == group and axes.kind(group) == "atom" for group in groups if group is not None):
            return answer


def _cut(axes: Axes, steps: tuple[Step, ...], dims: list[tuple[int, int]]) -> Iterable[Piece]:
    for place, (node, origin) in enumerate(dims):
        root = axes.find(node)
        before, after = dims[:place], dims[place + 1 :]
        match axes.kind(root):
            case "concatenation":
                start = 0
                for segment in axes.segments(root):
                    size = axes.size(segment)
                    inner: Step = ("narrow", place, (start, size))
                    yield from _cut(axes, (*steps, inner), [*before, (segment, origin), *after])
                    start += size
                return
            case "product":
                factors = axes.factors(root)
                split: Step = ("split", place, tuple(axes.size(factor) for factor in factors))
                yield from _cut(axes, (*steps, split), [*before, *((f, origin) for f in factors), *after])
                return
    for place, (node, origin) in enumerate(dims):
        root = axes.find(node)
        selector = None
        if axes.kind(root) == "case":
            selector = axes.selector(root)
        elif axes.kind(root) == "atom":
            selector = next((member for member in axes.context(root) if axes.kind(member) == "fixed"), None)
        if selector is None:
            continue
        # One permutation for every index of a fixed axis: one piece for every index.
        where = _supplier(axes, dims, place, origin, selector)
        for index in range(axes.size(selector)):
            rest = [
                (axes.specialised(other, selector, index), its) for k, (other, its) in enumerate(dims) if k != where
            ]
            yield from _cut(axes, (*steps, ("take", where, (index,))), rest)
        return
    dimensions = []
    for place, (node, origin) in enumerate(dims):
        root = axes.find(node)
        if axes.kind(root) == "fixed":
            dimensions.append(Dimension(None))
            continue
        context = sorted(axes.context(root))
        dimensions.append(Dimension(root, tuple(_supplier(axes, dims, place, origin, c) for c in context)))
    yield Piece(steps, tuple(dimensions), tuple(origin for _, origin in dims))


def _supplier(axes: Axes, dims: Sequence[tuple[int, int]], place: int, origin: int, member: int) -> int:
    """The one dimension that indexes the family at ``place``: in the same axis, or else anywhere."""
    found = [k for k, (node, _) in enumerate(dims) if axes.find(node) == member and k != place]
    near = [k for k in found if dims[k][1] == origin]
    if len(near) == 1:
        return near[0]
    if len(found) == 1:
        return found[0]
    node = dims[place][0]
    allowed = axes.context(node) - {member} if axes.kind(node) == "atom" else frozenset[int]()
    axes.restrict(node, allowed)
    raise _Unsettled
