"""First and second derivatives of a dense network, layer by layer, over any field.

One closed form serves exact rationals, residues, balls, polynomials and batches of floats: only ``+ - *`` and the
field's ``matmul`` occur. Nothing is differentiated automatically, and no block known to be zero is multiplied.

Notation, for layer l with weights W (m × m'), bias b, input a' (the previous output) and z = W a' + b, a = σ(z) + a_s:

* ã is a' with a one appended when the layer has a bias, so that row i of (W | b) meets ã;
* B = ∂F/∂a and Δ = ∂F/∂z = B ⊙ σ′(z) are the backward sensitivities, per sample and output;
* T_sl = ∂a_s/∂z_l and J_tl = ∂z_t/∂z_l = W_t T_{t−1,l} are the forward ones, per sample; T_ll = diag(σ′(z_l)).

For a cotangent ρ (one number per sample and output), with β = Σ_k ρ_k B_k and δ = Σ_k ρ_k Δ_k, F depends on θ through
σ and through the products W a' only, so

    Σ_k ρ_k ∇²F_k = Σ_layers  Σ_i β_i σ″(z_i) ∇z_i ∇z_iᵀ  +  sym Σ_ij δ_i e_{W_ij} ⊗ ∇a'_j .

A row p of (W | b) of layer l moves z_lp by ã_l, hence the block of layers k ≥ l is, summed over samples,

    [(i, j), (p, q)]  =  (Q_kl)_ip ã_kj ã_lq  +  δ_ki (T_{k−1,l})_jp ã_lq   (the second for k > l),
    Q_kl  =  Σ_{t ≥ k} J_tkᵀ diag(β_t σ″(z_t)) J_tl ,   J_kk = I.

No ∇z is ever formed: what is multiplied for a sample has the size of two layers, and of the block itself.

Inside this file a layer's parameters are ordered unit by unit (row of W, then bias), which makes own blocks
contiguous; ``_torch_order`` maps to the order of DESIGN: weight matrix row-major, then bias.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import accumulate
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
        self._known_moves: dict[tuple[int, int], Array] = {}

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
        bends = [
            adjoint * trace.slopes[1] if trace.bends else None
            for trace, adjoint in zip(self._traces, adjoints, strict=True)
        ]
        starts = list(accumulate((t.layer.width * t.extended.shape[-1] for t in self._traces), initial=0))
        for later, (trace, adjoint) in enumerate(zip(self._traces, adjoints, strict=True)):
            bend = bends[later]
            if bend is not None:
                self._add_own(total, trace, bend, starts[later])
            delta = adjoint * trace.slopes[0] if later else None
            for earlier in range(later + 1):
                block = self._bent(later, earlier, bends)
                if delta is not None and earlier == later - 1:
                    self._add_neighbours(total, trace, delta, starts[later], starts[earlier])
                elif delta is not None and earlier < later:
                    moved = self._bilinear(trace, delta, earlier)
                    block = moved if block is None else block + moved
                if block is not None:
                    rows, columns = slice(starts[later], starts[later + 1]), slice(starts[earlier], starts[earlier + 1])
                    _accumulate(total, rows, columns, block)
                    if earlier < later:
                        _accumulate(total, columns, rows, block.mT)
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

    def _moves(self, number: int, earlier: int) -> Array:
        """J = ∂z/∂z' of the layer at place ``number`` by that at ``earlier`` < ``number``, (…, N, m, m')."""
        key = number, earlier
        if key not in self._known_moves:
            weights = self._traces[number].weights[..., None, :, :]
            if number == earlier + 1:
                self._known_moves[key] = weights * self._traces[earlier].slopes[0][..., :, None, :]
            else:
                self._known_moves[key] = self.field.matmul(weights, self._outputs_move(number - 1, earlier))
        return self._known_moves[key]

    def _outputs_move(self, number: int, earlier: int) -> Array:
        """T = ∂a/∂z' of the layer at place ``number`` by that at ``earlier`` ≤ ``number``, (…, N, m, m')."""
        slope = self._traces[number].slopes[0]
        if number == earlier:
            return self.field.diagonal(slope)
        moves = self._moves(number, earlier) * slope[..., :, :, None]
        source = self._traces[number].layer.residual
        return moves + self._outputs_move(source - 1, earlier) if source and source > earlier else moves

    def _bent(self, later: int, earlier: int, bends: Sequence[Array | None]) -> Array | None:
        """Σ_n Q ⊗ ã ãᵀ as (…, m r, m' r'), without the diagonal part of Q that a layer has on itself."""
        total: Array | None = None
        for number in range(later, len(bends)):
            bend = bends[number]
            if bend is None or number == earlier:
                continue
            right = self._moves(number, earlier) * bend[..., :, :, None]
            part = right if number == later else self.field.matmul(self._moves(number, later).mT, right)
            total = part if total is None else total + part
        if total is None:
            return None
        mine, theirs = self._traces[later].extended, self._traces[earlier].extended
        product = self._over_samples(_flat(total), _flat(self.field.outer(mine, theirs)))
        shape = total.shape[-2], total.shape[-1], mine.shape[-1], theirs.shape[-1]
        return self._as_block(product.reshape((*self._lead, *shape)).swapaxes(-3, -2))

    def _bilinear(self, trace: LayerTrace, delta: Array, earlier: int) -> Array:
        """Σ_n δ_i T_jp ã_q as (…, m r, m' r') for layers that are not neighbours; the bias row of (W | b) is zero."""
        moves = self._outputs_move(trace.number - 2, earlier)
        theirs = self._traces[earlier].extended
        product = self._over_samples(_flat(moves), _flat(self.field.outer(delta, theirs)))
        fan_in, width = moves.shape[-2:]
        shape = fan_in, width, trace.layer.width, theirs.shape[-1]
        block = product.reshape((*self._lead, *shape)).swapaxes(-4, -2).swapaxes(-3, -2)
        if trace.layer.bias:
            row = self.field.zeros((*self._lead, trace.layer.width, 1, width, theirs.shape[-1]))
            block = self.field.concatenate([block, row], axis=-3)
        return self._as_block(block)

    def _as_block(self, block: Array) -> Array:
        """(…, m, r, m', r') as (…, m r, m' r')."""
        width, row, their_width, their_row = block.shape[-4:]
        return block.reshape((*self._lead, width * row, their_width * their_row))

    def _add_own(self, total: Array, trace: LayerTrace, curvature: Array, start: int) -> None:
        """Add Σ_n c_i ã ãᵀ, c = β σ″, to the block of every unit of a layer on itself."""
        extended, row = trace.extended, trace.extended.shape[-1]
        for i in range(trace.layer.width):
            mine = slice(start + i * row, start + (i + 1) * row)
            _accumulate(total, mine, mine, self.field.gram(extended * curvature[..., :, i, None], extended))

    def _add_neighbours(self, total: Array, trace: LayerTrace, delta: Array, start: int, their_start: int) -> None:
        """Add sym Σ_n Σ_ij δ_i e_{W_ij} ⊗ ∇a'_j on the layer before; ∇a'_j is σ′(z'_j) ã' on the row of unit j."""
        previous = self._traces[trace.number - 2]
        width, row, their_row = trace.layer.width, trace.extended.shape[-1], previous.extended.shape[-1]
        fan_in = trace.weights.shape[-1]
        pair = delta[..., :, :, None] * previous.slopes[0][..., :, None, :]
        block = self._over_samples(_flat(pair), previous.extended)
        block = block.reshape((*self._lead, width, fan_in, their_row))
        for j in range(fan_in):
            theirs = slice(their_start + j * their_row, their_start + (j + 1) * their_row)
            column = slice(start + j, start + (width - 1) * row + j + 1, row)
            _accumulate(total, column, theirs, block[..., :, j, :])
            _accumulate(total, theirs, column, block[..., :, j, :].mT)

    def _over_samples(self, left: Array, right: Array) -> Array:
        """Σ_n left_np right_nq, (…, p, q)."""
        return self.field.matmul(left.mT, right)


def _flat(array: Array) -> Array:
    """The last two axes as one."""
    return array.reshape((*array.shape[:-2], array.shape[-2] * array.shape[-1]))


def _add(pending: dict[int, Array], number: int, value: Array) -> None:
    pending[number] = pending[number] + value if number in pending else value


def _accumulate(total: Array, rows: slice, columns: slice, block: Array) -> None:
    total[..., rows, columns] = total[..., rows, columns] + block
