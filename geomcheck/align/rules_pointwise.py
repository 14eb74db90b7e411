"""How axes move through operations on single entries, statistics over axes, normalisations and pooling."""

from __future__ import annotations

from math import prod

from geomcheck.align.layout import Tensor, elementwise, fixed_axes, reduce_over, reshaped
from geomcheck.align.operation import Call, Value, rule

__all__: list[str] = []

_UNARY = (
    "relu relu6 elu selu celu gelu silu mish tanh sigmoid softplus softsign leaky_relu hardtanh hardswish "
    "hardsigmoid log_sigmoid logsigmoid hardshrink softshrink tanhshrink threshold sin cos tan asin acos "
    "atan sinh cosh asinh acosh atanh exp exp2 expm1 log log2 log10 log1p sqrt rsqrt abs neg negative sign square "
    "reciprocal erf erfc floor ceil round trunc frac clamp clamp_min clamp_max clip nan_to_num isnan isinf "
    "isfinite logical_not "
    "bitwise_not positive dropout feature_dropout alpha_dropout feature_alpha_dropout clone contiguous "
    "lift_fresh_copy lift_fresh lift pow float_power"
)
_BINARY = (
    "add sub rsub mul multiply subtract div divide true_divide floor_divide remainder fmod maximum minimum fmax fmin "
    "eq ne lt le gt ge logical_and logical_or logical_xor bitwise_and bitwise_or bitwise_xor atan2 hypot xlogy lerp "
    "where masked_fill addcmul addcdiv copy _weight_norm heaviside"
)


@rule(*_UNARY.split(), *_BINARY.split())
def _pointwise(call: Call) -> Tensor:
    return elementwise(call.axes, [value.axes for value in call.tensors()])


@rule("zeros", "ones", "full", "empty", "scalar_tensor", "new_zeros", "new_ones", "new_full", "new_empty")
def _constant(call: Call) -> Tensor:
    # All entries are equal, so that any permutation changes nothing.
    return tuple(call.axes.atom(size) for size in call.shape)


@rule("to", "_to_copy", "type_as", "detach", "alias")
def _same(call: Call) -> Tensor:
    return call.tensor("self").axes


@rule("zeros_like", "ones_like", "full_like", "empty_like", "zero", "fill")
def _constant_like(call: Call) -> Tensor:
    return call.tensor("self").axes


@rule("arange", "linspace", "eye", "tril_indices", "triu_indices", "logspace")
def _counting(call: Call) -> Tensor:
    return fixed_axes(call.axes, call.shape)


@rule("prelu")
def _prelu(call: Call) -> Tensor:
    source, weight = call.tensor("self"), call.tensor("weight")
    if prod(weight.shape) == 1:
        return source.axes
    lead = 1 if len(source.shape) > 1 else 0
    spots = [call.axes.fixed(1)] * (len(source.shape) - lead - 1)
    return elementwise(call.axes, [source.axes, (*weight.axes, *spots)])


@rule("batch_norm", "instance_norm")
def _batch_norm(call: Call) -> Tensor:
    axes, source = call.axes, call.tensor("input")
    channel: Tensor = (source.axes[1],)
    if call.name == "batch_norm" or call["use_input_stats"]:
        others = [place for place in range(len(source.shape)) if place != 1 and (call.name == "batch_norm" or place)]
        reduce_over(axes, source.axes, others)
    for name in ("weight", "bias", "running_mean", "running_var"):
        if isinstance(value := call.arguments.get(name), Value):
            channel = elementwise(axes, [channel, value.axes])
            if name.startswith("running"):
                call.running.update(value.axes)
    axes.restrict(source.axes[1], [])
    return source.axes


@rule("layer_norm", "rms_norm", "_fused_rms_norm")
def _layer_norm(call: Call) -> Tensor:
    axes, source = call.axes, call.tensor("input")
    width = len(call["normalized_shape"])
    reduce_over(axes, source.axes, range(-width, 0))
    tensors = [value.axes for name in ("weight", "bias") if isinstance(value := call.arguments.get(name), Value)]
    return elementwise(axes, [source.axes, *tensors])


@rule("group_norm")
def _group_norm(call: Call) -> Tensor:
    axes, source, groups = call.axes, call.tensor("input"), call["num_groups"]
    # The statistics are those of (channels of one group, places), so groups move as blocks, channels inside a group.
    parted = reshaped(axes, source.axes, [source.shape[0], groups, source.shape[1] // groups, *source.shape[2:]])
    reduce_over(axes, parted, range(2, len(parted)))
    channel = parted[1:3]
    for name in ("weight", "bias"):
        if isinstance(value := call.arguments.get(name), Value):
            channel = elementwise(axes, [channel, reshaped(axes, value.axes, [groups, source.shape[1] // groups])])
    axes.restrict(parted[2], [parted[1]])
    return (source.axes[0], axes.product(channel), *source.axes[2:])


@rule("softmax", "log_softmax", "_softmax", "_log_softmax")
def _softmax(call: Call) -> Tensor:
    source = call.tensor("self").axes
    reduce_over(call.axes, source, [call.dimension()])
    return source


@rule(
    "mean",
    "sum",
    "amax",
    "amin",
    "var",
    "std",
    "logsumexp",
    "prod",
    "norm",
    "linalg_vector_norm",
    "any",
    "all",
    "nansum",
)
def _statistic(call: Call) -> Tensor:
    source = call.tensor("self")
    given = call.arguments.get("dim")
    rank = len(source.shape)
    places = list(range(rank)) if given is None or given == [] else [given] if isinstance(given, int) else list(given)
    places = [place % max(rank, 1) for place in places]
    rest = iter(reduce_over(call.axes, source.axes, places))
    if len(call.shape) == rank:
        return tuple(call.axes.fixed(1) if place in places else next(rest) for place in range(rank))
    return tuple(rest)


@rule("max", "min", "median", "mode", "argmax", "argmin", "sort", "topk", "argsort", "aminmax")
def _ranked(call: Call) -> list[Tensor] | Tensor:
    source = call.tensor("self")
    if "other" in call.arguments:
        return elementwise(call.axes, [value.axes for value in call.tensors()])
    if call.arguments.get("dim") is None:
        # The extreme value itself does not depend on the order, its place in the flat tensor does.
        if call.name in ("max", "min", "median") and call.shape == ():
            return ()
        return call.fix_all()
    place = call.dimension()
    call.axes.settle(source.axes)
    call.axes.fix(source.axes[place])
    answer = []
    for shape in call.shapes:
        kept = list(source.axes)
        if len(shape) < len(kept):
            del kept[place]
        else:
            kept[place] = call.axes.fixed(shape[place])
        call.axes.settle(kept)
        answer.append(tuple(kept))
    return answer if len(answer) > 1 else answer[0]


_POOLS = "max_pool avg_pool adaptive_avg_pool"


@rule(
    *(f"{pool}{rank}d" for pool in _POOLS.split() for rank in (1, 2, 3)),
    *(f"max_pool{rank}d_with_indices" for rank in (2, 3)),
    *(f"adaptive_max_pool{rank}d" for rank in (1, 2, 3)),
    *(f"upsample_{kind}" for kind in ("nearest1d", "nearest2d", "nearest3d", "linear1d", "bilinear2d", "bicubic2d")),
    *(f"{kind}_pad{rank}d" for kind in ("reflection", "replication") for rank in (1, 2, 3)),
)
def _pool(call: Call) -> list[Tensor] | Tensor:
    source = call.tensor("self", "input")
    rank = next(int(letter) for letter in call.name if letter.isdigit())
    lead = len(source.shape) - rank
    for node in source.axes[lead:]:
        call.axes.fix(node)
    kept = source.axes[:lead]
    call.axes.settle(kept)
    answer: list[Tensor] = [(*kept, *fixed_axes(call.axes, shape[lead:])) for shape in call.shapes]
    return answer if len(answer) > 1 else answer[0]
