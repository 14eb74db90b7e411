"""First and second derivatives of a dense network, layer by layer, over any field.

One closed form serves exact rationals, residues, balls, polynomials and batches of floats: only ``+ - *`` and the
field's ``matmul`` occur. Nothing is differentiated automatically, and no block known to be zero is multiplied.

Notation, for layer l with weights W (m × m'), bias b, input a' (the previous output) and z = W a' + b, a = σ(z) + a_s:

* ã is a' with a one appended when the layer has a bias, so that row i of (W | b) meets ã;
* B = ∂F/∂a and Δ = ∂F/∂z = B ⊙ σ′(z) are the backward sensitivities, per sample and output;
* J = ∂a/∂θ and E = W J′ are the forward ones. The part of ∂z_i/∂θ on the layer's own row is just ã, so it is never
  stored: only E, the part on earlier layers, is.

For a cotangent ρ (one number per sample and output), with β = Σ_k ρ_k B_k and δ = Σ_k ρ_k Δ_k,

    Σ_k ρ_k ∇²F_k = Σ_layers  Σ_i β_i σ″(z_i) ∇z_i ∇z_iᵀ  +  sym Σ_ij δ_i e_{W_ij} ⊗ ∇a'_j .

Inside this file a layer's parameters are ordered unit by unit (row of W, then bias), which makes own blocks
contiguous; ``_torch_order`` maps to the order of DESIGN: weight matrix row-major, then bias.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, final

from geomcheck.errors import Kink
from geomcheck.problem.activation import Activation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geomcheck.fields.base import AbstractField
    from geomcheck.problem.network import DenseNetwork, Layer

Array = Any


@dataclass(frozen=True)
class LayerTrace:
    """What one layer did on the way forward: its input a' (…, N, m'), weights W (…, m, m') and z (…, N, m)."""

    layer: Layer
    number: int
    extended: Array
    weights: Array
    pre: Array
    field: AbstractField

    @cached_property
    def slopes(self) -> tuple[Array, Array]:
        """σ′(z) and σ″(z), each (…, N, m); raises ``Kink`` where they do not exist."""
        try:
            return self.layer.activation.slopes(self.field, self.pre)
        except Kink as kink:
            raise kink.in_layer(self.number) from None

    @property
    def bends(self) -> bool:
        """Whether σ″ can differ from zero off the kinks."""
        return not self.layer.activation.piecewise and self.layer.activation.polynomial_degree != 1


@dataclass(frozen=True)
class Tangent:
    """∂a/∂θ of one layer in two parts.

    ``dense`` (…, N, m, q) is the part on the first q parameters; when ``own`` is given, own_i ã is that on unit i's.
    """

    dense: Array | None
    own: Array | None


def forward(
    layers: Sequence[Layer],
    field: AbstractField,
    theta: Array,
    inputs: Array,
    shadow: Callable[[int], Array] | None = None,
) -> tuple[list[LayerTrace], list[Array]]:
    """Run some first layers: θ (…, P) in torch order and inputs (…, N, d) to the traces and outputs a_0, a_1, ….

    ``shadow(l)`` gives the exact pre-activations of layer l to a field that cannot decide signs by itself.
    """
    outputs = [inputs]
    traces: list[LayerTrace] = []
    start = 0
    lead = tuple(theta.shape[:-1])
    for number, layer in enumerate(layers, start=1):
        previous = outputs[-1]
        width, fan_in = layer.width, previous.shape[-1]
        weights = theta[..., start : start + width * fan_in].reshape((*lead, width, fan_in))
        start += width * fan_in
        pre = field.matmul(previous, weights.mT)
        extended = previous
        if layer.bias:
            pre = pre + theta[..., start : start + width].reshape((*lead, 1, width))
            start += width
            extended = field.concatenate([previous, field.ones((*previous.shape[:-1], 1))], axis=-1)
        if shadow is not None:
            pre = field.attach(pre, partial(shadow, number))
        output = layer.activation.value(field, pre)
        if layer.residual is not None:
            output = output + outputs[layer.residual]
        traces.append(LayerTrace(layer, number, extended, weights, pre, field))
        outputs.append(output)
    return traces, outputs


def pre_activation(network: DenseNetwork, field: AbstractField, theta: Array, inputs: Array, number: int) -> Array:
    """The z of layer ``number``, (…, N, m), computing no later layer and no activation of this one."""
    linear = replace(network.layers[number - 1], activation=Activation("linear"), residual=None)
    return forward([*network.layers[: number - 1], linear], field, theta, inputs)[1][-1]


@final
class NetworkDerivatives:
    """F, ∂F/∂θ and Σ ρ ∇²F of a dense network at θ (…, P) on inputs (…, N, d).

    Shapes: ``outputs`` (…, N, K), ``jacobian`` (…, N, K, P), ``contracted_hessian(ρ)`` (…, P, P) for ρ (…, N, K).
    Raises ``Kink`` from the last two where an activation has no derivative.
    """

    def __init__(
        self,
        network: DenseNetwork,
        field: AbstractField,
        theta: Array,
        inputs: Array,
        shadow: Callable[[int], Array] | None = None,
    ) -> None:
        self.network = network
        self.field = field
        self._lead = tuple(theta.shape[:-1])
        self._traces, self._outputs = forward(network.layers, field, theta, inputs, shadow)

    @property
    def outputs(self) -> Array:
        """F before any squash, (…, N, K)."""
        return self._outputs[-1]

    def activations(self, layer: int) -> Array:
        """A[l], the outputs of layer l, (…, N, m_l); A[0] is the input."""
        return self._outputs[layer]

    def pre_activations(self, layer: int) -> Array:
        """Pre-activations z of layer l ≥ 1, (…, N, m_l)."""
        return self._traces[layer - 1].pre

    @cached_property
    def jacobian(self) -> Array:
        """∂F/∂θ by one backward sweep that carries all K outputs, (…, N, K, P)."""
        field, n_outputs = self.field, self.outputs.shape[-1]
        samples = self.outputs.shape[-2]
        seed = field.identity(n_outputs) + field.zeros((*self._lead, samples, n_outputs, n_outputs))
        pending: dict[int, Array] = {len(self._traces): seed}
        blocks: list[Array] = []
        for trace in reversed(self._traces):
            sensitivity = pending.pop(trace.number)
            through = sensitivity * trace.slopes[0][..., :, None, :]
            width, extended = trace.layer.width, trace.extended
            own = through[..., :, :, :, None] * extended[..., :, None, None, :]
            blocks.append(own.reshape((*self._lead, samples, n_outputs, width * extended.shape[-1])))
            if trace.number > 1:
                _add(pending, trace.number - 1, field.matmul(through, trace.weights[..., None, :, :]))
            if trace.layer.residual:
                _add(pending, trace.layer.residual, sensitivity)
        return field.concatenate(blocks[::-1], axis=-1)[..., self._torch_order]

    def contracted_hessian(self, cotangent: Array) -> Array:
        """Σ_{i,k} ρ_ik ∇²F_ik, (…, P, P), for ρ of shape (…, N, K)."""
        field, size = self.field, self.network.n_parameters
        total = field.zeros((*self._lead, size, size))
        adjoints = self._adjoints(cotangent)
        tangents: list[Tangent] = [Tangent(None, None)]
        last_needed = self._last_layer_whose_tangent_matters()
        start = 0
        for trace, adjoint in zip(self._traces, adjoints, strict=True):
            before = tangents[-1]
            early = self._early(trace, before) if trace.bends or trace.number <= last_needed else None
            if trace.bends:
                self._add_bending(total, trace, adjoint * trace.slopes[1], early, start)
            if trace.number > 1:
                self._add_bilinear(total, trace, adjoint * trace.slopes[0], before, start)
            if trace.number <= last_needed:
                tangents.append(self._tangent(trace, early, tangents))
            start += trace.layer.width * trace.extended.shape[-1]
        order = self._torch_order
        return total[..., order, :][..., :, order]

    # -- pieces -----------------------------------------------------------------------------------------------------

    @cached_property
    def _torch_order(self) -> list[int]:
        """Position, in the internal order, of each parameter in torch order."""
        order: list[int] = []
        start = 0
        for trace in self._traces:
            width, row = trace.layer.width, trace.extended.shape[-1]
            fan_in = row - 1 if trace.layer.bias else row
            order += [start + i * row + j for i in range(width) for j in range(fan_in)]
            if trace.layer.bias:
                order += [start + i * row + fan_in for i in range(width)]
            start += width * row
        return order

    def _last_layer_whose_tangent_matters(self) -> int:
        """The last layer read by a later one; the output layer's ∂a/∂θ is never needed."""
        return len(self._traces) - 1

    def _adjoints(self, cotangent: Array) -> list[Array]:
        """β = Σ_k ρ_k ∂F_k/∂a of every layer, (…, N, m) each."""
        pending: dict[int, Array] = {len(self._traces): cotangent}
        found: list[Array] = []
        for trace in reversed(self._traces):
            adjoint = pending.pop(trace.number)
            found.append(adjoint)
            if trace.number > 1:
                _add(pending, trace.number - 1, self.field.matmul(adjoint * trace.slopes[0], trace.weights))
            if trace.layer.residual:
                _add(pending, trace.layer.residual, adjoint)
        return found[::-1]

    def _early(self, trace: LayerTrace, before: Tangent) -> Array | None:
        """E = W J′, (…, N, m, q): how z moves with the parameters of earlier layers."""
        parts = []
        if before.dense is not None:
            parts.append(self.field.matmul(trace.weights[..., None, :, :], before.dense))
        if before.own is not None:
            previous = self._traces[trace.number - 2]
            row = before.own[..., :, :, None] * previous.extended[..., :, None, :]
            block = trace.weights[..., None, :, :, None] * row[..., :, None, :, :]
            parts.append(block.reshape((*block.shape[:-2], block.shape[-2] * block.shape[-1])))
        if not parts:
            return None
        return parts[0] if len(parts) == 1 else self.field.concatenate(parts, axis=-1)

    def _tangent(self, trace: LayerTrace, early: Array | None, tangents: list[Tangent]) -> Tangent:
        slope = trace.slopes[0]
        dense = None if early is None else early * slope[..., :, :, None]
        source = trace.layer.residual
        if source:
            skipped = self._materialised(source, tangents[source])
            dense = skipped if dense is None else self._plus_skipped(dense, skipped)
        return Tangent(dense, slope)

    def _materialised(self, number: int, tangent: Tangent) -> Array:
        """The whole ∂a/∂θ of layer ``number`` on the parameters of layers 1 … number."""
        trace, field = self._traces[number - 1], self.field
        width, row = trace.layer.width, trace.extended.shape[-1]
        assert tangent.own is not None, "every layer's tangent has its own part"
        block = tangent.own[..., :, :, None] * trace.extended[..., :, None, :]
        spread = field.identity(width)[:, :, None] * block[..., :, :, None, :]
        own = spread.reshape((*spread.shape[:-2], width * row))
        return own if tangent.dense is None else field.concatenate([tangent.dense, own], axis=-1)

    def _plus_skipped(self, dense: Array, skipped: Array) -> Array:
        """The sum of a tangent and one of an earlier layer, which knows fewer parameters."""
        missing = dense.shape[-1] - skipped.shape[-1]
        if missing:
            skipped = self.field.concatenate([skipped, self.field.zeros((*skipped.shape[:-1], missing))], axis=-1)
        return dense + skipped

    def _add_bending(self, total: Array, trace: LayerTrace, curvature: Array, early: Array | None, start: int) -> None:
        """Add Σ_n Σ_i c_i ∇z_i ∇z_iᵀ, c = β σ″, to ``total``: own × own, own × early and early × early blocks."""
        extended, row = trace.extended, trace.extended.shape[-1]
        for i in range(trace.layer.width):
            mine = slice(start + i * row, start + (i + 1) * row)
            weighted = extended * curvature[..., :, i, None]
            _accumulate(total, mine, mine, self.field.gram(weighted, extended))
            if early is not None:
                theirs = slice(0, early.shape[-1])
                block = self._over_samples(weighted, early[..., :, i, :])
                _accumulate(total, mine, theirs, block)
                _accumulate(total, theirs, mine, block.mT)
        if early is not None:
            width = early.shape[-1]
            flat = (*early.shape[:-3], early.shape[-3] * early.shape[-2], width)
            weighted = (early * curvature[..., :, :, None]).reshape(flat)
            block = self.field.gram(weighted, early.reshape(flat))
            _accumulate(total, slice(0, width), slice(0, width), block)

    def _add_bilinear(self, total: Array, trace: LayerTrace, delta: Array, before: Tangent, start: int) -> None:
        """Add sym Σ_n Σ_ij δ_i e_{W_ij} ⊗ ∇a'_j to ``total``; the bias row of (W | b) takes no part."""
        width, row = trace.layer.width, trace.extended.shape[-1]
        fan_in = trace.weights.shape[-1]
        if before.dense is not None:
            early = before.dense
            reach = early.shape[-1]
            flat = early.reshape((*early.shape[:-2], fan_in * reach))
            block = self._over_samples(delta, flat).reshape((*self._lead, width, fan_in, reach))
            for i in range(width):
                mine, theirs = slice(start + i * row, start + i * row + fan_in), slice(0, reach)
                _accumulate(total, mine, theirs, block[..., i, :, :])
                _accumulate(total, theirs, mine, block[..., i, :, :].mT)
        if before.own is not None:
            previous = self._traces[trace.number - 2]
            their_row = previous.extended.shape[-1]
            their_start = start - previous.layer.width * their_row
            pair = delta[..., :, :, None] * before.own[..., :, None, :]
            flat = pair.reshape((*pair.shape[:-2], width * fan_in))
            block = self._over_samples(flat, previous.extended).reshape((*self._lead, width, fan_in, their_row))
            for j in range(fan_in):
                theirs = slice(their_start + j * their_row, their_start + (j + 1) * their_row)
                column = slice(start + j, start + (width - 1) * row + j + 1, row)
                _accumulate(total, column, theirs, block[..., :, j, :])
                _accumulate(total, theirs, column, block[..., :, j, :].mT)

    def _over_samples(self, left: Array, right: Array) -> Array:
        """Σ_n left_np right_nq, (…, p, q)."""
        return self.field.matmul(left.mT, right)


def _add(pending: dict[int, Array], number: int, value: Array) -> None:
    pending[number] = pending[number] + value if number in pending else value


def _accumulate(total: Array, rows: slice, columns: slice, block: Array) -> None:
    total[..., rows, columns] = total[..., rows, columns] + block
