"""``gc.certified_barrier``: a proven interval for the barrier between two relu networks, over all t of [0, 1].

On an interval [a, b] of t a quantity g(t) is known as its two end values and a deviation: for s = (t − a)/(b − a),

    g(t) ∈ (1 − s) g(a) + s g(b) + [−low, high]        (the chord, and what leaves it).

* A product with an affine weight w: w u = chord(w u) − s(1 − s) (w(b) − w(a)) (u(b) − u(a)) + w e, where e is the
  deviation of u; sums over units are taken before the sign of the middle term is, so that what cancels cancels.
* relu: where a pre-activation surely keeps its sign, nothing changes; elsewhere relu is convex and 1-Lipschitz, so the
  chord of relu lies above relu of the chord by at most z₊ z₋ / (z₊ + z₋), z₊ and −z₋ its end values.
* A loss ℓ convex in f: ℓ(chord + e) ≤ chord(ℓ) + what e adds, (2 c e + e²) for squares, max e − e_y for cross-entropy.

So on [a, b] the excess is at most the greater of its two end values plus a deviation that shrinks like (b − a)²; the
interval with the greatest bound is halved until bound and best value are as near as requested.

**What is certified.** Weights, biases, inputs and targets are the dyadic rationals that their floats are; the loss and
f are those of real arithmetic, the maximum is over all real t. Every rounding error of the computation in float64 is
bounded: a sum of n products in any order errs by at most γ_n Σ|products|, γ_n = n u/(1 − n u), u = 2⁻⁵³ (Higham 2002,
section 3.1); such bounds are then inflated by a factor that covers their own rounding. Assumed: IEEE double precision,
a matrix product that adds products (not Strassen's), and, for cross-entropy alone, exp and log within 16 ulp.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, Final, Literal, final

import numpy as np
import numpy.typing as npt

from geomcheck.align.alignment import check_architectures
from geomcheck.align.data import data_set
from geomcheck.align.relu_network import Affine, Layer, Relu, layers_of
from geomcheck.errors import InputError, described

if TYPE_CHECKING:
    from torch import nn

__all__ = ["CertifiedBarrier", "certified_barrier", "certified_loss"]

Array = npt.NDArray[np.float64]

_U: Final = 2.0**-53
_MORE: Final = 1 + 1e-9  # covers the rounding of sums of at most 10^5 nonnegative numbers
_TINY: Final = 1e-300  # covers what underflows
_START: Final = 16
_EXP_ULPS: Final = 16


@final
@dataclass(frozen=True)
class CertifiedBarrier:
    """low ≤ barrier ≤ high; the loss exceeds the baseline by at least low at t = ``place``.

    ``intervals`` is how many intervals the bound above needed, ``complete`` whether the width asked for was reached.
    """

    low: float
    high: float
    place: float
    baseline: Literal["mean", "linear"]
    intervals: int
    complete: bool

    @property
    def width(self) -> float:
        """How far the bounds are apart, at most."""
        return (self.high - self.low) * _MORE


def certified_barrier(
    model_a: nn.Module,
    model_b: nn.Module,
    data: Any,
    *,
    loss: Literal["mse", "cross_entropy"] | None = None,
    baseline: Literal["mean", "linear"] = "linear",
    width: float = 1e-4,
    intervals: int = 4096,
) -> CertifiedBarrier:
    """A proven interval for the greatest excess of the loss over its baseline on the whole segment between two models.

    Args:
        model_a: the model at t = 0: an ``nn.Sequential`` of Linear and ReLU (Flatten, Identity, Dropout do nothing).
        model_b: the model at t = 1.
        data: (inputs, targets).
        loss: "mse" (mean over samples and outputs) or "cross_entropy" (on logits, mean over samples), as torch's.
        baseline: "mean", L(t) − (L(0) + L(1))/2, or "linear", L(t) − (1 − t) L(0) − t L(1).
        width: how far the bounds may be apart, relative to the greater of the loss at the ends and the barrier.
        intervals: stop after so many, with ``complete`` False.

    Raises:
        InputError: for other layers, models that differ in shape, weights or data that are not finite, other losses.

    >>> import torch, geomcheck as gc
    >>> a, b = (torch.nn.Sequential(torch.nn.Linear(1, 1, bias=False)) for _ in range(2))
    >>> with torch.no_grad():
    ...     _ = a[0].weight.fill_(-1.0), b[0].weight.fill_(1.0)
    >>> found = gc.certified_barrier(a, b, (torch.ones(1, 1), torch.ones(1, 1)), baseline="mean")
    >>> found.low <= 2.0 <= found.high, found.width < 1e-3, found.place
    (True, True, 0.0)
    """
    check_architectures(model_a, model_b)
    if baseline not in ("mean", "linear"):
        raise InputError(f"baseline: expected mean or linear, got {described('baseline', baseline)}")
    if not width > 0:
        raise InputError(f"width: expected a positive number, got {described('width', width)}")
    segment = _Segment(layers_of(model_a, model_b), *_numbers(data, loss))
    return _maximum(segment, baseline, width, intervals)


def certified_loss(
    model: nn.Module, data: Any, *, loss: Literal["mse", "cross_entropy"] | None = None
) -> tuple[float, float]:
    """Proven bounds of the loss of one relu network, in real arithmetic on the dyadic numbers that its floats are.

    >>> import torch
    >>> low, high = certified_loss(torch.nn.Sequential(torch.nn.Linear(2, 1)), (torch.zeros(1, 2), torch.zeros(1, 1)))
    >>> 0 <= high - low < 1e-9
    True
    """
    found = _Segment(layers_of(model, model), *_numbers(data, loss)).point(0.0)
    error = found.error * _MORE + _U * abs(found.loss) * 4 + _TINY
    return found.loss - error, found.loss + error


def _numbers(data: Any, loss: str | None) -> tuple[Array, Array, str]:
    """Inputs (N, d), targets (N, K) or class numbers (N,), and the name of the loss; floats become float64 exactly."""
    import torch

    given = data_set(data)
    if given.targets is None or len(given.inputs) != 1:
        raise InputError("data: expected (inputs, targets) with one tensor of inputs; give both")
    whole = not given.targets.is_floating_point() and given.targets.dtype != torch.bool
    name = loss or ("cross_entropy" if whole else "mse")
    if name not in ("mse", "cross_entropy"):
        raise InputError(f"loss: expected mse or cross_entropy to be certified, got {described('loss', loss)}")
    if name == "cross_entropy" and not (whole and given.targets.ndim == 1):
        raise InputError("loss: expected one class number a sample for cross_entropy, got other targets; use mse")
    inputs, targets = (t.detach().to("cpu", torch.float64).numpy() for t in (given.inputs[0], given.targets))
    inputs = inputs.reshape(len(inputs), -1)
    if not (np.isfinite(inputs).all() and np.isfinite(targets).all()):
        raise InputError("data: expected finite numbers, got inf or nan; clean the data")
    return inputs, targets if name == "cross_entropy" else targets.reshape(len(inputs), -1), name


def _gamma(terms: int) -> float:
    """γ_n with room to spare, for sums of n products."""
    return 1.01 * (terms + 4) * _U


@final
@dataclass
class _Point:
    """What is known at one t: per layer the values (N, m), per layer a bound of their errors (N, 1), and the loss."""

    values: list[Array]
    errors: list[Array]
    each: Array  # ℓ of each sample (N,)
    loss: float
    error: float


@final
class _Segment:
    """The networks between A and B on one data set."""

    def __init__(self, layers: list[Layer], inputs: Array, targets: Array, loss: str) -> None:
        self.layers, self.inputs, self.targets, self.loss = layers, inputs, targets, loss
        size = next(layer for layer in reversed(layers) if isinstance(layer, Affine)).end.shape[0]
        first = next(layer for layer in layers if isinstance(layer, Affine)).end.shape[1]
        if inputs.shape[1] != first:
            raise InputError(f"data: expected inputs with {first} features, got {inputs.shape[1]}")
        if loss == "mse" and targets.shape[1] != size:
            raise InputError(f"data: expected targets with {size} columns, got {targets.shape[1]}")
        if loss == "cross_entropy" and not ((targets >= 0) & (targets < size)).all():
            raise InputError(f"data: expected class numbers from 0 to {size - 1}")
        self.scale = inputs.shape[0] * (size if loss == "mse" else 1)
        self._start: tuple[Array, Array, Array] | None = None

    # -- at one t ----------------------------------------------------------------------------------------------------

    def point(self, t: float) -> _Point:
        """Values and bounds of their errors at t, a number whose 1 − t is exact."""
        values, errors = [self.inputs], [np.zeros((len(self.inputs), 1))]
        for number, layer in enumerate(self.layers):
            u, e = values[-1], errors[-1]
            if isinstance(layer, Relu):
                values.append(np.maximum(u, 0))
                errors.append(e)
                continue
            if number == 0:
                value, error = self._first(layer, t)
            else:
                value, error = _affine_at(layer, t, u, e)
            values.append(value)
            errors.append(error)
        each, error = self._losses(values[-1], errors[-1])
        total = float(each.sum())
        spread = (float(error.sum()) * _MORE + _gamma(len(each)) * float(np.abs(each).sum())) / self.scale
        return _Point(
            values, errors, each, total / self.scale, spread * _MORE + 4 * _U * abs(total / self.scale) + _TINY
        )

    def _first(self, layer: Affine, t: float) -> tuple[Array, Array]:
        """(1 − t)(W_A x + b_A) + t (W_B x + b_B): both products are computed once."""
        if self._start is None:
            (a, ea), (b, eb) = (
                _affine(w, c, self.inputs) for w, c in ((layer.start, layer.start_bias), (layer.end, layer.end_bias))
            )
            size = np.maximum(np.abs(a).max(1, keepdims=True), np.abs(b).max(1, keepdims=True))
            self._start = a, b, (np.maximum(ea, eb) + 8 * _U * size) * _MORE + _TINY
        a, b, error = self._start
        return (1 - t) * a + t * b, error

    def _losses(self, f: Array, e: Array) -> tuple[Array, Array]:
        """ℓ (N,) before the mean, and bounds of the errors."""
        if self.loss == "mse":
            r = f - self.targets
            size = np.abs(r)
            e = e + 2 * _U * size
            each = (r * r).sum(1)
            return each, ((2 * size * e + e * e).sum(1) + _gamma(f.shape[1]) * each) * _MORE + _TINY
        top = f.max(1, keepdims=True)
        powers = np.exp(f - top)
        y = self.targets.astype(np.int64)
        chosen = np.take_along_axis(f, y[:, None], 1)
        each = (np.log(powers.sum(1, keepdims=True)) + (top - chosen))[:, 0]
        size = np.abs(f).max(1) + np.abs(top - chosen)[:, 0] + np.log(f.shape[1]) + 1
        # 2e: the loss moves at most so far when f does; the rest: exp, its argument, the sum, log, two additions
        return each, (2 * e[:, 0] + (_gamma(f.shape[1]) + (8 * _EXP_ULPS + 16) * _U) * (1 + size)) * _MORE + _TINY

    # -- on an interval ----------------------------------------------------------------------------------------------

    def deviation(self, a: float, b: float, at_a: _Point, at_b: _Point) -> float:
        """How far the loss may rise, on [a, b], above the line between its true end values."""
        low: Array | float = 0.0
        high: Array | float = 0.0
        flat = True  # no deviation so far
        for number, layer in enumerate(self.layers):
            u, v = at_a.values[number], at_b.values[number]
            error = np.maximum(at_a.errors[number], at_b.errors[number]) * _MORE + _TINY
            if isinstance(layer, Relu):
                low, high, flat = self._bent(u, v, error, low, high, flat)
            else:
                low, high = self._product(layer, a, b, u, v, error, low, high, flat, number == 0)
                flat = flat and number == 0
        u, v = at_a.values[-1], at_b.values[-1]
        error = np.maximum(at_a.errors[-1], at_b.errors[-1]) * _MORE + _TINY
        if flat:
            low = high = np.zeros(u.shape)
        if self.loss == "cross_entropy":
            chosen = np.take_along_axis(np.asarray(low), self.targets.astype(np.int64)[:, None], 1)[:, 0]
            return float((np.asarray(high).max(1) + chosen).sum() / self.scale) * _MORE + _TINY
        r, s = u - self.targets, v - self.targets
        slack = error + 4 * _U * np.maximum(np.abs(r), np.abs(s))
        above = np.maximum(np.maximum(r, s) + slack, 0)
        below = np.maximum(np.maximum(-r, -s) + slack, 0)
        # r² ≤ chord(r²) + 2 c e + e² for r = c + e: c > 0 gains by e = high, c < 0 by e = −low
        rise = np.maximum(above * 2 * high + high * high, below * 2 * low + low * low)
        return float(rise.sum() / self.scale) * _MORE + _TINY

    def _bent(
        self, u: Array, v: Array, error: Array, low: Array | float, high: Array | float, flat: bool
    ) -> tuple[Array | float, Array | float, bool]:
        """Through relu; where no unit may change its sign nothing happens to the deviation but where it is cut off."""
        below, above = np.minimum(u, v), np.maximum(u, v)
        if flat:
            turning = (below <= error) & (above >= -error)
            if not turning.any():
                return 0.0, 0.0, True
            gap = np.zeros(u.shape)
            gap[turning] = _gap(below[turning], above[turning], np.broadcast_to(error, u.shape)[turning])
            return gap, 0.0, False
        off = above + high + error < 0
        on = below - low - error > 0
        gap = np.where(on | off, 0.0, _gap(below, above, np.broadcast_to(error, u.shape)))
        return np.where(off, 0.0, low + gap) * _MORE, np.where(off, 0.0, high) * _MORE, False

    def _product(
        self,
        layer: Affine,
        a: float,
        b: float,
        u: Array,
        v: Array,
        error: Array,
        low: Array | float,
        high: Array | float,
        flat: bool,
        first: bool,
    ) -> tuple[Array | float, Array | float]:
        """Through (1 − t)(W_A u + b_A) + t (W_B u + b_B)."""
        if first:
            return 0.0, 0.0  # the inputs do not move: affine in t
        move = (b - a) * (layer.end - layer.start)
        step = v - u
        middle = (step @ move.T) / 4
        slack = (
            np.linalg.norm(step, axis=1, keepdims=True) * np.linalg.norm(move, axis=1) * (_gamma(u.shape[1]) + 16 * _U)
            + 2 * error * np.abs(move).sum(1)
        ) * _MORE + _TINY
        slack = slack + 8 * _U * (b - a) * np.abs(step).sum(1, keepdims=True) * np.maximum(
            np.abs(layer.end), np.abs(layer.start)
        ).max(1)
        falls, rises = np.maximum(middle, 0) + slack, np.maximum(-middle, 0) + slack
        if not flat:
            one, other = layer.at(a), layer.at(b)
            up, down = np.maximum(np.maximum(one, other), 0), np.maximum(-np.minimum(one, other), 0)
            pad = 8 * _U * np.maximum(np.abs(layer.end), np.abs(layer.start))
            up, down = (up + pad).T, (down + pad).T
            lows, highs = np.broadcast_to(low, u.shape), np.broadcast_to(high, u.shape)
            falls = falls + lows @ up
            rises = rises + lows @ down
            if np.any(highs):
                falls, rises = falls + highs @ down, rises + highs @ up
        return falls * _MORE + _TINY, rises * _MORE + _TINY


def _gap(below: Array, above: Array, error: Array) -> Array:
    """How far relu of a chord may lie below the chord of relu: z₊ z₋/(z₊ + z₋), and the errors of the ends."""
    up, down = np.maximum(above, 0), np.maximum(-below, 0)
    both = up + down
    gap: Array = np.where(both > 0, up * down / np.where(both > 0, both, 1.0), 0.0) + 2 * error
    return gap * _MORE + _TINY


def _affine(weights: Array, bias: Array | None, u: Array) -> tuple[Array, Array]:
    """W u + b for exact u, and a bound (N, 1) of the errors: γ ‖W_i‖ ‖u‖ (Cauchy and Schwarz)."""
    value = u @ weights.T
    rows = np.linalg.norm(weights, axis=1).max()
    error = _gamma(u.shape[1]) * np.linalg.norm(u, axis=1, keepdims=True) * rows
    if bias is not None:
        value = value + bias
        error = error + 2 * _U * np.abs(value).max(1, keepdims=True)
    return value, error * _MORE + _TINY


def _affine_at(layer: Affine, t: float, u: Array, e: Array) -> tuple[Array, Array]:
    """((1 − t) W_A + t W_B) u + bias for u with errors e (N, 1)."""
    weights, bias = layer.at(t), layer.bias_at(t)
    value, error = _affine(weights, bias, u)
    size = np.maximum(np.abs(layer.start), np.abs(layer.end)).sum(1).max()
    spread = (
        4
        * _U
        * np.linalg.norm(u, axis=1, keepdims=True)
        * max(np.linalg.norm(layer.start, axis=1).max(), np.linalg.norm(layer.end, axis=1).max())
    )
    if layer.start_bias is not None and layer.end_bias is not None:
        spread = spread + 4 * _U * max(np.abs(layer.start_bias).max(), np.abs(layer.end_bias).max())
    return value, (error + spread + e * size * _MORE) * _MORE + _TINY


def _maximum(segment: _Segment, baseline: str, width: float, most: int) -> CertifiedBarrier:
    """Halve the interval with the greatest bound until the best value seen is near enough."""
    with np.errstate(all="ignore"):
        return _searched(segment, baseline, width, most)


def _searched(segment: _Segment, baseline: str, width: float, most: int) -> CertifiedBarrier:
    points = {t / _START: segment.point(t / _START) for t in range(_START + 1)}
    first, last = points[0.0], points[1.0]
    ends = first.error + last.error
    scale = max(abs(first.loss), abs(last.loss))

    def excess(t: float) -> tuple[float, float]:
        """Bounds of the excess at t."""
        here = points[t]
        share = 0.5 if baseline == "mean" else t
        middle = here.loss - ((1 - share) * first.loss + share * last.loss)
        error = here.error + ends + 8 * _U * (abs(here.loss) + scale)
        return middle - error * _MORE, middle + error * _MORE

    best, place = max((excess(t)[0], t) for t in points)
    if baseline == "linear" and not best >= 0:
        best, place = 0.0, 0.0  # by definition, at the ends
    heap: list[tuple[float, float, float]] = []

    def push(a: float, b: float) -> None:
        end, rise = max(excess(a)[1], excess(b)[1]), segment.deviation(a, b, points[a], points[b])
        bound = end + rise + 4 * _U * (abs(end) + rise) + _TINY
        if not np.isfinite(bound):
            raise InputError("expected weights and data whose loss float64 can hold, got an overflow; scale them down")
        heappush(heap, (-bound, a, b))

    for k in range(_START):
        push(k / _START, (k + 1) / _START)
    while True:
        top, a, b = heap[0]
        goal = width * max(scale, abs(best))
        if -top - best <= goal or len(heap) >= most or b - a < 2.0**-40:
            break
        heappop(heap)
        middle = (a + b) / 2
        points[middle] = segment.point(middle)
        if excess(middle)[0] > best:
            best, place = excess(middle)[0], middle
        push(a, middle)
        push(middle, b)
        for t in (a, b):  # the arrays of points that no interval needs any more are dropped
            if not any(t in (low, high) for _, low, high in heap) and t not in (0.0, 1.0):
                del points[t]
    return CertifiedBarrier(
        best, max(best, -top), place, "mean" if baseline == "mean" else "linear", len(heap), -top - best <= goal
    )
