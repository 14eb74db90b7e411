"""How axes move through operations that only move entries: reshapes, transposes, slices, concatenation, padding."""

from __future__ import annotations

from math import prod

from geomcheck.align.errors import UnknownOperation
from geomcheck.align.layout import Tensor, contract, elementwise, fixed_axes, reshaped, sliced
from geomcheck.align.operation import Call, Value, rule

__all__: list[str] = []


@rule("view", "reshape", "_unsafe_view", "flatten", "unflatten", "squeeze", "unsqueeze", "view_as", "reshape_as")
def _reshape(call: Call) -> Tensor:
    return reshaped(call.axes, call.tensor("self").axes, call.shape)


@rule("permute", "transpose", "t", "numpy_T", "mT", "swapaxes", "movedim", "moveaxis", "swapdims", "adjoint")
def _permute(call: Call) -> Tensor:
    source = call.tensor("self").axes
    rank = len(source)
    order = list(range(rank))
    if call.name == "permute":
        order = [place % rank for place in call["dims"]]
    elif call.name in ("movedim", "moveaxis"):
        one = isinstance(call["source"], int)
        origin = [place % rank for place in ([call["source"]] if one else call["source"])]
        target = [place % rank for place in ([call["destination"]] if one else call["destination"])]
        rest = iter(place for place in range(rank) if place not in origin)
        order = [origin[target.index(place)] if place in target else next(rest) for place in range(rank)]
    elif call.name in ("numpy_T", "t"):
        order.reverse()
    else:
        first, second = {
            "transpose": ("dim0", "dim1"),
            "swapaxes": ("axis0", "axis1"),
            "swapdims": ("dim0", "dim1"),
        }.get(call.name, ("", ""))
        a, b = (call[first] % rank, call[second] % rank) if first else (rank - 2, rank - 1)
        order[a], order[b] = order[b], order[a]
    return tuple(source[place] for place in order)


@rule("channel_shuffle", "native_channel_shuffle")
def _channel_shuffle(call: Call) -> Tensor:
    source, groups = call.tensor("self"), call["groups"]
    batch, channels, *places = source.shape
    parts = reshaped(call.axes, source.axes, (batch, groups, channels // groups, *places))
    return reshaped(call.axes, (parts[0], parts[2], parts[1], *parts[3:]), call.shape)


@rule("pixel_shuffle", "pixel_unshuffle")
def _pixel_shuffle(call: Call) -> Tensor:
    source = call.tensor("self")
    *batch, channels, height, width = source.shape
    first, k = source.axes[: len(batch)], len(batch)
    if call.name == "pixel_shuffle":
        r = call["upscale_factor"]
        parts = reshaped(call.axes, source.axes, (*batch, channels // r**2, r, r, height, width))
        order = (k, k + 3, k + 1, k + 4, k + 2)
    else:
        r = call["downscale_factor"]
        parts = reshaped(call.axes, source.axes, (*batch, channels, height // r, r, width // r, r))
        order = (k, k + 2, k + 4, k + 1, k + 3)
    return reshaped(call.axes, (*first, *(parts[place] for place in order)), call.shape)


@rule("cat", "concat", "concatenate")
def _cat(call: Call) -> Tensor:
    axes = call.axes
    tensors = [value for value in call["tensors"] if prod(value.shape)]
    place = call.dimension(of=len(call.shape))
    labels = [str(k) if k != place else "" for k in range(len(call.shape))]
    kept = [label for label in labels if label]
    for value in tensors:
        axes.settle(value.axes)
    rest = [((*value.axes[:place], *value.axes[place + 1 :]), kept) for value in tensors]
    others = list(contract(axes, rest, kept))
    segments = []
    for value in tensors:
        axes.settle(value.axes)
        axes.restrict(value.axes[place], others)
        segments.append(value.axes[place])
    result = (*others[:place], axes.concatenation(segments), *others[place:])
    axes.settle(result)
    return result


@rule("stack")
def _stack(call: Call) -> Tensor:
    tensors = [value.axes for value in call["tensors"]]
    labels = [str(k) for k in range(len(tensors[0]))]
    others = contract(call.axes, [(tensor, labels) for tensor in tensors], labels)
    place = call.dimension(of=len(call.shape))
    return (*others[:place], call.axes.fixed(len(tensors)), *others[place:])


@rule("split", "split_with_sizes", "chunk", "tensor_split", "unsafe_chunk", "unsafe_split")
def _split(call: Call) -> list[Tensor]:
    source = call.tensor("self").axes
    place = call.dimension()
    ends, end = [], 0
    for shape in call.shapes:
        end += shape[place]
        ends.append(end)
    return sliced(call.axes, source, place, ends[:-1])


@rule("glu")
def _glu(call: Call) -> Tensor:
    source = call.tensor("self")
    place = call.dimension()
    return elementwise(call.axes, sliced(call.axes, source.axes, place, [source.shape[place] // 2]))


@rule("slice", "narrow")
def _slice(call: Call) -> Tensor:
    source = call.tensor("self")
    place = call.dimension()
    size = source.shape[place]
    if call.arguments.get("step", 1) != 1:
        return _gathered(call, place)
    start = call["start"] or 0
    start = min(max(start + size if start < 0 else start, 0), size)
    if call.shape[place] == size:
        return source.axes
    end = start + call.shape[place]
    return sliced(call.axes, source.axes, place, [start, end])[1]


@rule("select")
def _select(call: Call) -> Tensor:
    source = call.tensor("self")
    place = call.dimension()
    return _selected(call, source, place, call["index"] % source.shape[place])


@rule("unbind")
def _unbind(call: Call) -> list[Tensor]:
    source = call.tensor("self")
    place = call.dimension()
    return [_selected(call, source, place, index) for index in range(source.shape[place])]


def _selected(call: Call, source: Value, place: int, index: int) -> Tensor:
    axes = call.axes
    axes.settle(source.axes)
    selector = source.axes[place]
    axes.fix(selector)
    rest = (*source.axes[:place], *source.axes[place + 1 :])
    result = tuple(axes.specialised(node, selector, index) for node in rest)
    axes.settle(result)
    return result


def _gathered(call: Call, place: int) -> Tensor:
    source = call.tensor("self").axes
    call.axes.fix(source[place])
    result = (*source[:place], call.axes.fixed(call.shape[place]), *source[place + 1 :])
    call.axes.settle(result)
    return result


@rule("flip", "roll", "cumsum", "cumprod", "triu", "tril", "index_select", "logcumsumexp")
def _ordered(call: Call) -> Tensor:
    source = call.tensor("self")
    rank = len(source.shape)
    if call.name == "index_select":
        return _gathered(call, call.dimension())
    if call.name in ("triu", "tril"):
        places = [rank - 2, rank - 1]
    else:
        given = call["dims"] if "dims" in call.arguments else [call["dim"]]
        places = [place % rank for place in given] or list(range(rank))
    call.axes.settle(source.axes)
    for place in places:
        call.axes.fix(source.axes[place])
    call.axes.settle([node for k, node in enumerate(source.axes) if k not in places])
    return source.axes


@rule("index")
def _index(call: Call) -> Tensor:
    source, given = call.tensor("self"), list(call["indices"])
    used = [place for place, index in enumerate(given) if index is not None]
    if used != list(range(used[0], used[-1] + 1)):
        raise UnknownOperation("aten.index with indices that are not next to each other")
    if any(len(value.shape) == len(source.shape) and value.shape == source.shape for value in call.tensors()[1:]):
        raise UnknownOperation("aten.index with a mask")
    for place in used:
        call.axes.fix(source.axes[place])
    width = len(call.shape) - (len(source.shape) - len(used))
    for value in call.tensors()[1:]:
        for node in value.axes:
            call.axes.fix(node)
    middle = fixed_axes(call.axes, call.shape[used[0] : used[0] + width])
    result = (*source.axes[: used[0]], *middle, *source.axes[used[-1] + 1 :])
    call.axes.settle(result)
    return result


@rule("expand", "expand_as", "broadcast_to")
def _expand(call: Call) -> Tensor:
    source = call.tensor("self")
    lead = len(call.shape) - len(source.shape)
    # Along a broadcast axis all entries are equal, so that any permutation of it changes nothing.
    return tuple(
        source.axes[place - lead] if place >= lead and source.shape[place - lead] == size else call.axes.atom(size)
        for place, size in enumerate(call.shape)
    )


@rule("repeat", "tile")
def _repeat(call: Call) -> Tensor:
    source = call.tensor("self")
    padded = (*[call.axes.fixed(1)] * (len(call.shape) - len(source.shape)), *source.axes)
    answer = []
    for node, size in zip(padded, call.shape, strict=True):
        times = size // max(call.axes.size(node), 1)
        answer.append(node if times == 1 else call.axes.product([call.axes.atom(times), node]))
    call.axes.settle(answer)
    return tuple(answer)


@rule("pad", "constant_pad_nd")
def _pad(call: Call) -> Tensor:
    source = call.tensor("self")
    given = list(call["pad"])
    constant = call.arguments.get("mode", "constant") == "constant"
    answer = list(source.axes)
    for k in range(len(given) // 2):
        before, after = given[2 * k], given[2 * k + 1]
        place = len(answer) - 1 - k
        if not (before or after):
            continue
        if not constant or before < 0 or after < 0:
            call.axes.fix(answer[place])
            answer[place] = call.axes.fixed(call.shape[place])
        else:
            answer[place] = call.axes.concatenation([call.axes.atom(before), answer[place], call.axes.atom(after)])
    call.axes.settle(answer)
    return tuple(answer)
