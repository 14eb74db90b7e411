"""Dense networks: a_l = σ_l(W_l a_{l-1} + b_l) + a_s, with a_0 the input and an optional residual link from a_s."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, final

from geomcheck.errors import InputError, LimitError, described
from geomcheck.problem.activation import Activation
from geomcheck.problem.numbers import count

MAX_WIDTH: Final = 100_000
MAX_LAYERS: Final = 1000
MAX_PARAMETERS: Final = 10_000_000
LINEAR: Final = Activation("linear")


@final
@dataclass(frozen=True, slots=True)
class Layer:
    """One dense layer: `width` outputs, with or without a bias, then an activation, then an optional residual link.

    `residual` is the index s of the layer output a_s that is added after the activation; 0 is the input itself.
    """

    width: int
    bias: bool = True
    activation: Activation = LINEAR
    residual: int | None = None


@final
@dataclass(frozen=True, slots=True)
class Block:
    """A parameter block, `W<l>` of shape (out, in) or `b<l>` of shape (out,), at θ[start : start + size], row-major."""

    name: str
    layer: int
    start: int
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """The number of entries."""
        return self.shape[0] * (self.shape[1] if len(self.shape) == 2 else 1)

    @property
    def stop(self) -> int:
        """One past the last index in θ."""
        return self.start + self.size


@final
@dataclass(frozen=True, slots=True)
class DenseNetwork:
    """A dense network; layers are numbered from 1, and the last one is the output layer.

    θ is ordered as torch orders parameters(): layer by layer, W (out x in, row-major), then b. Raises InputError for a
    width below 1, no layer, or a residual link between different widths or forwards in the network; LimitError beyond
    MAX_LAYERS, MAX_WIDTH or MAX_PARAMETERS.

    >>> net = DenseNetwork(2, (Layer(3, activation=Activation("tanh")), Layer(1)))
    >>> net.n_parameters, [block.name for block in net.blocks()]
    (13, ['W1', 'b1', 'W2', 'b2'])
    """

    n_inputs: int
    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        count(self.n_inputs, "network: inputs", 1, MAX_WIDTH)
        if not self.layers:
            raise InputError("network: expected at least one layer, got none; give at least the output layer")
        if len(self.layers) > MAX_LAYERS:
            raise LimitError(f"network: expected at most {MAX_LAYERS} layers, got {len(self.layers)}")
        for number, layer in enumerate(self.layers, 1):
            count(layer.width, f"network: layer {number}: width", 1, MAX_WIDTH)
            self._check_residual(number, layer)
        if self.n_parameters > MAX_PARAMETERS:
            raise LimitError(f"network: expected at most {MAX_PARAMETERS} parameters, got {self.n_parameters}")

    def _check_residual(self, number: int, layer: Layer) -> None:
        if layer.residual is None:
            return
        where = f"network: layer {number}: residual"
        source = count(layer.residual, where, 0, MAX_LAYERS)
        if source >= number:
            raise InputError(
                f"{where}: expected an earlier layer, 0 (the input) to {number - 1}, "
                f"got {described('residual', source)}"
            )
        if self.widths[source] != layer.width:
            raise InputError(
                f"{where}: expected a source of width {layer.width}, "
                f"got width {self.widths[source]} (of layer {source}); a residual link joins equal widths"
            )

    @property
    def widths(self) -> tuple[int, ...]:
        """(d, m_1, ..., m_{L-1}, K)."""
        return (self.n_inputs, *(layer.width for layer in self.layers))

    @property
    def n_outputs(self) -> int:
        """K, the width of the last layer."""
        return self.layers[-1].width

    @property
    def n_parameters(self) -> int:
        """P = Σ_l m_l (m_{l-1} + [bias])."""
        return sum(m * (d + layer.bias) for (d, m), layer in zip(pairwise(self.widths), self.layers, strict=True))

    def blocks(self) -> tuple[Block, ...]:
        """The parameter blocks W1, b1, W2, ... in the order of θ; a layer without bias has no b."""
        blocks: list[Block] = []
        start = 0
        for number, layer in enumerate(self.layers, 1):
            shapes: list[tuple[str, tuple[int, ...]]] = [("W", (layer.width, self.widths[number - 1]))]
            if layer.bias:
                shapes.append(("b", (layer.width,)))
            for letter, shape in shapes:
                blocks.append(Block(f"{letter}{number}", number, start, shape))
                start = blocks[-1].stop
        return tuple(blocks)
