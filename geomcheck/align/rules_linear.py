"""How axes move through sums of products: linear maps, convolutions, matrix products, attention, embedding."""

from __future__ import annotations

from geomcheck.align.errors import UnknownOperation
from geomcheck.align.layout import Tensor, contract, elementwise, fixed_axes, reduce_over, reshaped
from geomcheck.align.operation import Call, Value, rule

__all__: list[str] = []


def _places(rank: int, prefix: str = "d") -> list[str]:
    return [f"{prefix}{place}" for place in range(rank)]


@rule("linear")
def _linear(call: Call) -> Tensor:
    source, weight, bias = call.tensor("input"), call.tensor("weight"), call.arguments.get("bias")
    batch = _places(len(source.shape) - 1)
    operands = [(source.axes, [*batch, "in"]), (weight.axes, ["out", "in"])]
    if bias is not None:
        operands.append((bias.axes, ["out"]))
    return contract(call.axes, operands, [*batch, "out"] if len(weight.shape) > 1 else batch)


@rule("conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
def _convolution(call: Call) -> Tensor:
    axes, source, weight = call.axes, call.tensor("input"), call.tensor("weight")
    groups, kernel = call["groups"], len(weight.shape) - 2
    lead = len(source.shape) - kernel - 1
    for node in (*source.axes[lead + 1 :], *weight.axes[2:]):
        axes.fix(node)
    channels = reshaped(axes, [source.axes[lead]], [groups, source.shape[lead] // groups])
    first, second = weight.shape[:2]
    parted = reshaped(axes, weight.axes, [groups, first // groups, second, *weight.shape[2:]])
    names = ["in", "out"] if "transpose" in call.name else ["out", "in"]
    batch, spots = _places(lead), _places(kernel, "s")
    operands = [
        ((*source.axes[:lead], *channels), [*batch, "group", "in"]),
        (parted[:3], ["group", *names]),
    ]
    bias = call.arguments.get("bias")
    out_channels = call.shape[lead]
    if isinstance(bias, Value):
        operands.append((reshaped(axes, bias.axes, [groups, out_channels // groups]), ["group", "out"]))
    result = contract(axes, operands, [*batch, "group", "out"])
    merged = reshaped(axes, result, [*call.shape[: lead + 1]])
    return (*merged, *fixed_axes(axes, call.shape[lead + 1 : lead + 1 + len(spots)]))


@rule("matmul", "mm", "bmm", "mv", "dot")
def _product(call: Call) -> Tensor:
    return _matmul(call, call.tensor("self"), call.tensor("other", "mat2", "vec", "tensor"))


def _matmul(call: Call, left: Value, right: Value) -> Tensor:
    ranks = len(left.shape), len(right.shape)
    depth = max(*ranks, 2) - 2
    batch = _places(depth)
    mine = [*batch[depth - max(ranks[0] - 2, 0) :], *(["row"] if ranks[0] > 1 else []), "sum"]
    theirs = [*batch[depth - max(ranks[1] - 2, 0) :], "sum", *(["column"] if ranks[1] > 1 else [])]
    output = [*batch, *(["row"] if ranks[0] > 1 else []), *(["column"] if ranks[1] > 1 else [])]
    return contract(call.axes, [(left.axes, mine), (right.axes, theirs)], output)


@rule("addmm", "addbmm", "baddbmm", "addmv")
def _added_product(call: Call) -> Tensor:
    if call.name == "addbmm":
        raise UnknownOperation("aten.addbmm")
    left = call.tensor("mat1", "batch1", "mat")
    right = call.tensor("mat2", "batch2", "vec")
    return elementwise(call.axes, [_matmul(call, left, right), call.tensor("self").axes])


@rule("einsum")
def _einsum(call: Call) -> Tensor:
    equation = str(call["equation"]).replace(" ", "")
    if "..." in equation or "->" not in equation:
        raise UnknownOperation("aten.einsum with an ellipsis or without an arrow", equation)
    inputs, output = equation.split("->")
    tensors = call.tensors()
    operands = [(value.axes, list(labels)) for value, labels in zip(tensors, inputs.split(","), strict=True)]
    return contract(call.axes, operands, list(output))


@rule("scaled_dot_product_attention")
def _attention(call: Call) -> Tensor:
    axes, query, key, value = call.axes, call.tensor("query"), call.tensor("key"), call.tensor("value")
    if call.arguments.get("enable_gqa"):
        raise UnknownOperation("aten.scaled_dot_product_attention with enable_gqa")
    rank = len(call.shape)
    batch = _places(rank - 2)
    scores = contract(
        axes,
        [
            (query.axes, [*batch[rank - len(query.shape) :], "query", "inside"]),
            (key.axes, [*batch[rank - len(key.shape) :], "key", "inside"]),
        ],
        [*batch, "query", "key"],
    )
    if call.arguments.get("is_causal"):
        axes.fix(scores[-1])
        axes.fix(scores[-2])
    if isinstance(mask := call.arguments.get("attn_mask"), Value):
        scores = elementwise(axes, [scores, mask.axes])
    reduce_over(axes, scores, [-1])
    operands = [(scores, [*batch, "query", "key"]), (value.axes, [*batch[rank - len(value.shape) :], "key", "inside"])]
    return contract(axes, operands, [*batch, "query", "inside"])


@rule("embedding")
def _embedding(call: Call) -> Tensor:
    weight, indices = call.tensor("weight"), call.tensor("indices")
    call.axes.fix(weight.axes[0])
    result = (*indices.axes, weight.axes[1])
    call.axes.settle(result)
    return result


@rule("bilinear")
def _bilinear(call: Call) -> Tensor:
    left, right, weight = call.tensor("input1"), call.tensor("input2"), call.tensor("weight")
    batch = _places(len(left.shape) - 1)
    operands = [
        (left.axes, [*batch, "left"]),
        (right.axes, [*batch, "right"]),
        (weight.axes, ["out", "left", "right"]),
    ]
    if isinstance(bias := call.arguments.get("bias"), Value):
        operands.append((bias.axes, ["out"]))
    return contract(call.axes, operands, [*batch, "out"])
