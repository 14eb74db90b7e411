"""∇²ℓ of a dense network at one sample as polynomials, computed in two ways. Needs SymPy; see chain_rule.py."""

from collections.abc import Iterable, Mapping
from itertools import combinations_with_replacement
from typing import Any, final

from sympy.polys.domains import ZZ
from sympy.polys.rings import ring

from geomcheck.problem.network import DenseNetwork

Poly = Any
Index = tuple[Any, ...]


def entries_agree(network: DenseNetwork, squashed: bool) -> bool:
    """Whether ∂_i∂_jℓ = (GᵀDG)_ij + Σ_k r_k ∂_i∂_jF_k as polynomials for all i ≤ j.

    `squashed`: F = p(z) for an abstract smooth p of the outputs z, in place of F = z.
    """
    symbols = _Symbols(network, squashed)
    derivation = _Derivation(symbols)
    form = _ClosedForm(symbols)
    first = [derivation.of_loss(i) for i in range(network.n_parameters)]
    return all(
        derivation(first[i], j) == form.outer(i, j) + form.functional(i, j)
        for i, j in combinations_with_replacement(range(network.n_parameters), 2)
    )


@final
class _Symbols:
    """The polynomial ring: θ, the inputs, σ⁽ᵐ⁾ of every unit, ∂p and ∂²p of the squash, r and D of the loss."""

    def __init__(self, network: DenseNetwork, squashed: bool) -> None:
        self.network = network
        outputs = range(network.n_outputs)
        names: list[Index] = [("θ", i) for i in range(network.n_parameters)]
        names += [("x", i) for i in range(network.n_inputs)]
        for number, layer in enumerate(network.layers, 1):
            if layer.activation.name != "linear":
                names += [("σ", number, u, m) for u in range(layer.width) for m in range(3)]
        names += [("r", k) for k in outputs]
        names += [("D", *pair) for pair in combinations_with_replacement(outputs, 2)]
        if squashed:
            names += [("p", k, a) for k in outputs for a in outputs]
            names += [("q", k, *pair) for k in outputs for pair in combinations_with_replacement(outputs, 2)]
        self.squashed = squashed
        self.ring, *generators = ring(["_".join(map(str, name)) for name in names], ZZ)
        self.of: Mapping[Index, Poly] = dict(zip(names, generators, strict=True))
        self.index = {generator: i for i, generator in enumerate(generators)}
        self.own = self._own_parameters()
        self.pre, self.post = self._forward()

    def activation(self, layer: int, unit: int, order: int) -> Poly:
        """σ⁽ᵐ⁾(z) of one unit (1-based layer); for the identity z, 1, 0."""
        if self.network.layers[layer - 1].activation.name == "linear":
            return (self.pre[layer][unit], self.ring.one, self.ring.zero)[order]
        return self.of["σ", layer, unit, order]

    def output_hessian(self, k: int, m: int) -> Poly:
        """D_km, symmetric."""
        return self.of["D", min(k, m), max(k, m)]

    def squash_hessian(self, k: int, a: int, b: int) -> Poly:
        """∂²p_k/∂z_a∂z_b, symmetric."""
        return self.of["q", k, min(a, b), max(a, b)]

    def _own_parameters(self) -> dict[int, tuple[int, int, int | None]]:
        """For each parameter i: (layer, unit, input), the input of a bias being None."""
        own: dict[int, tuple[int, int, int | None]] = {}
        for block in self.network.blocks():
            for position in range(block.size):
                if block.name.startswith("W"):
                    unit, source = divmod(position, block.shape[1])
                    own[block.start + position] = (block.layer, unit, source)
                else:
                    own[block.start + position] = (block.layer, position, None)
        return own

    def _forward(self) -> tuple[dict[int, list[Poly]], dict[int, list[Poly]]]:
        self.pre = {}
        self.post = {0: [self.of["x", i] for i in range(self.network.n_inputs)]}
        for number, layer in enumerate(self.network.layers, 1):
            self.pre[number] = [self.ring.zero] * layer.width
            for i, (where, unit, source) in self.own.items():
                if where == number:
                    value = self.ring.one if source is None else self.post[number - 1][source]
                    self.pre[number][unit] += self.of["θ", i] * value
            outputs = [self.activation(number, unit, 0) for unit in range(layer.width)]
            if layer.residual is not None:
                outputs = [a + b for a, b in zip(outputs, self.post[layer.residual], strict=True)]
            self.post[number] = outputs
        return self.pre, self.post


@final
class _Derivation:
    """∂/∂θ_i on the ring: the derivation that the chain rule dictates on the generators."""

    def __init__(self, symbols: _Symbols) -> None:
        self._symbols = symbols
        network = symbols.network
        self._table: list[dict[int, Poly]] = [{i: symbols.ring.one} for i in range(network.n_parameters)]
        self._behaviour: list[list[Poly]] = []
        for i in range(network.n_parameters):
            self._extend(i)

    def _extend(self, i: int) -> None:
        """∂_i of σ⁽ᵐ⁾, layer by layer; then of the outputs, of ∂p and of r."""
        s, table = self._symbols, self._table[i]
        network = s.network
        for number, layer in enumerate(network.layers, 1):
            if layer.activation.name != "linear":
                for unit in range(layer.width):
                    if slope := self(s.pre[number][unit], i):
                        for order in range(2):
                            generator = s.index[s.of["σ", number, unit, order]]
                            table[generator] = s.of["σ", number, unit, order + 1] * slope
        outputs = range(network.n_outputs)
        moved = [self(value, i) for value in s.post[len(network.layers)]]
        if s.squashed:
            for k in outputs:
                for a in outputs:
                    table[s.index[s.of["p", k, a]]] = _total(s, (s.squash_hessian(k, a, b) * moved[b] for b in outputs))
            moved = [_total(s, (s.of["p", k, a] * moved[a] for a in outputs)) for k in outputs]
        self._behaviour.append(moved)
        for k in outputs:
            table[s.index[s.of["r", k]]] = _total(s, (s.output_hessian(k, m) * moved[m] for m in outputs))

    def __call__(self, value: Poly, i: int) -> Poly:
        table, zero = self._table[i], self._symbols.ring.zero
        result: dict[int, Poly] = {}
        for exponents, coefficient in value.terms():
            for generator, power in enumerate(exponents):
                if power and generator in table:
                    lowered = (*exponents[:generator], power - 1, *exponents[generator + 1 :])
                    terms = result.setdefault(generator, zero.copy())
                    terms[lowered] = terms.get(lowered, 0) + coefficient * power
        return _total(self._symbols, (partial * table[generator] for generator, partial in result.items()))

    def of_loss(self, i: int) -> Poly:
        """∂_iℓ = Σ_k r_k ∂_iF_k."""
        s = self._symbols
        return _total(s, (s.of["r", k] * moved for k, moved in enumerate(self._behaviour[i])))


@final
class _ClosedForm:
    """H_o and H_f by backward and forward sensitivities, without differentiating twice.

    With B = ∂z_out/∂a, Δ = B σ′ and ∇z the forward gradients,
    ∇²z_out = Σ_units B σ″ ∇z ∇zᵀ + sym Σ Δ e_W ⊗ ∇a′, and with a squash
    ∇²p_k = Σ ∂²p_k/∂z_a∂z_b ∇z_a ∇z_bᵀ + Σ ∂p_k/∂z_a ∇²z_a.
    """

    def __init__(self, symbols: _Symbols) -> None:
        self._s = symbols
        network, outputs = symbols.network, range(symbols.network.n_outputs)
        self._forward_gradients()
        self._depth = len(network.layers)
        if symbols.squashed:
            rows = [[symbols.of["p", k, a] for a in outputs] for k in outputs]
        else:
            rows = [[symbols.ring.one if k == a else symbols.ring.zero for a in outputs] for k in outputs]
        pulled = [_total(symbols, (symbols.of["r", k] * rows[k][a] for k in outputs)) for a in outputs]
        self._jacobian = [self._gradient(self._backward(row)[1]) for row in rows]
        self._upper, self._inner = self._backward(pulled)

    def outer(self, i: int, j: int) -> Poly:
        """(GᵀDG)_ij."""
        s, outputs = self._s, range(self._s.network.n_outputs)
        products = (
            s.output_hessian(k, m) * self._jacobian[k][i] * self._jacobian[m][j]
            for k in outputs
            for m in outputs
            if self._jacobian[k][i] and self._jacobian[m][j]
        )
        return _total(s, products)

    def functional(self, i: int, j: int) -> Poly:
        """Σ_k r_k ∂_i∂_jF_k."""
        s = self._s
        total = s.ring.zero
        for (layer, unit), slope in self._curved.items():
            if i in slope and j in slope:
                bend = self._upper[layer][unit] * s.activation(layer, unit, 2)
                total += bend * slope[i] * slope[j]
        for one, other in ((i, j), (j, i)):
            layer, unit, source = s.own[one]
            if source is not None:
                total += self._inner[layer][unit] * self._below[layer - 1][source].get(other, s.ring.zero)
        if s.squashed:
            outputs = range(s.network.n_outputs)
            last = self._below[self._depth]
            for a in outputs:
                for b in outputs:
                    if i in last[a] and j in last[b]:
                        weight = _total(s, (s.of["r", k] * s.squash_hessian(k, a, b) for k in outputs))
                        total += weight * last[a][i] * last[b][j]
        return total

    def _forward_gradients(self) -> None:
        """∇a of every unit, and ∇z of the units with an abstract activation, as sparse rows."""
        s = self._s
        self._below: dict[int, list[dict[int, Poly]]] = {0: [{} for _ in range(s.network.n_inputs)]}
        self._curved: dict[tuple[int, int], dict[int, Poly]] = {}
        for number, layer in enumerate(s.network.layers, 1):
            slopes: list[dict[int, Poly]] = [{} for _ in range(layer.width)]
            for i, (where, unit, source) in s.own.items():
                if where == number:
                    row = {} if source is None else self._below[number - 1][source]
                    _add(slopes[unit], {j: s.of["θ", i] * value for j, value in row.items()})
                    _add(slopes[unit], {i: s.ring.one if source is None else s.post[number - 1][source]})
            self._below[number] = []
            for unit, slope in enumerate(slopes):
                after = {j: s.activation(number, unit, 1) * value for j, value in slope.items()}
                if layer.residual is not None:
                    _add(after, self._below[layer.residual][unit])
                self._below[number].append(after)
                if layer.activation.name != "linear":
                    self._curved[number, unit] = slope

    def _backward(self, cotangent: list[Poly]) -> tuple[dict[int, list[Poly]], dict[int, list[Poly]]]:
        """Sensitivities Σ_k c_k ∂z_k/∂a and Σ_k c_k ∂z_k/∂z of every layer, for a cotangent c on the outputs."""
        s, depth = self._s, len(self._s.network.layers)
        upper = {n: [s.ring.zero] * len(s.post[n]) for n in range(depth + 1)}
        upper[depth] = list(cotangent)
        inner: dict[int, list[Poly]] = {}
        for number in range(depth, 0, -1):
            layer = s.network.layers[number - 1]
            inner[number] = [b * s.activation(number, unit, 1) for unit, b in enumerate(upper[number])]
            for i, (where, unit, source) in s.own.items():
                if where == number and source is not None:
                    upper[number - 1][source] += s.of["θ", i] * inner[number][unit]
            if layer.residual is not None:
                upper[layer.residual] = [a + b for a, b in zip(upper[layer.residual], upper[number], strict=True)]
        return upper, inner

    def _gradient(self, inner: dict[int, list[Poly]]) -> list[Poly]:
        """∂/∂θ from the sensitivities: Δ_u a′_v for a weight, Δ_u for a bias."""
        s = self._s
        return [
            inner[layer][unit] * (s.ring.one if source is None else s.post[layer - 1][source])
            for layer, unit, source in (s.own[i] for i in range(s.network.n_parameters))
        ]


def _add(row: dict[int, Poly], other: Mapping[int, Poly]) -> None:
    for j, value in other.items():
        row[j] = row[j] + value if j in row else value


def _total(symbols: _Symbols, values: Iterable[Poly]) -> Poly:
    total = symbols.ring.zero
    for value in values:
        total += value
    return total
