"""F, G, r, D, H and L of a small network by plain Taylor arithmetic: slow, short, and sharing no code with the engine.

A number a + Σ gᵢ δᵢ + ½ Σ hᵢⱼ δᵢ δⱼ is kept as (a, g, h) with Fractions, and a network is nothing but sums, products
and activations of such numbers. Smooth activations and losses are known at 0 only, where their derivatives are
rational; that is enough to hold every formula of the engine against them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NoReturn, final

from geomcheck.selftest.elimination import Rows, product, transposed

HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)

# σ(z), σ′(z), σ″(z) as functions of z; None where they are not rational or do not exist.
_AT_ZERO: dict[str, tuple[Fraction | int, Fraction | int, Fraction | int]] = {
    "tanh": (0, 1, 0),
    "sin": (0, 1, 0),
    "sigmoid": (HALF, QUARTER, 0),
    "silu": (0, HALF, HALF),
    "gaussian": (1, 0, -2),
    "exp": (1, 1, 1),
}


class Unknown(Exception):
    """No rational value here, or a kink."""


def activation(name: str, z: Fraction) -> tuple[Fraction | int, Fraction | int, Fraction | int]:
    """σ(z), σ′(z), σ″(z).

    >>> activation("power(3)", Fraction(2))
    (Fraction(8, 1), Fraction(12, 1), Fraction(12, 1))
    """
    if name == "linear":
        return z, 1, 0
    if name == "square":
        return z * z, 2 * z, 2
    if name.startswith("power("):
        n = int(name[6:-1])
        return z**n, n * z ** (n - 1), n * (n - 1) * (z ** (n - 2) if n > 1 else 0)
    if name in ("relu", "abs") or name.startswith("leaky_relu("):
        slope = {"relu": Fraction(0), "abs": Fraction(-1)}.get(name)
        below = Fraction(name[11:-1]) if slope is None else slope
        if not z:
            raise Unknown("a kink")
        return (z, 1, 0) if z > 0 else (below * z, below, 0)
    if z or name not in _AT_ZERO:
        raise Unknown(f"{name} at {z}")
    return _AT_ZERO[name]


@final
@dataclass(frozen=True)
class Taylor:
    """(a, g, h): a value, its gradient and its Hessian in the parameters."""

    a: Fraction
    g: tuple[Any, ...]
    h: tuple[tuple[Any, ...], ...]

    @staticmethod
    def constant(value: Fraction | int, size: int) -> Taylor:
        """A number without increments."""
        return Taylor(Fraction(value), (0,) * size, ((0,) * size,) * size)

    @staticmethod
    def variable(value: Fraction | int, i: int, size: int) -> Taylor:
        """Parameter i."""
        unit = tuple(int(i == j) for j in range(size))
        return Taylor(Fraction(value), unit, ((0,) * size,) * size)

    def __add__(self, other: Taylor) -> Taylor:
        rows = tuple(tuple(x + y for x, y in zip(p, q, strict=True)) for p, q in zip(self.h, other.h, strict=True))
        return Taylor(self.a + other.a, tuple(x + y for x, y in zip(self.g, other.g, strict=True)), rows)

    def __mul__(self, other: Taylor) -> Taylor:
        n, a, b = range(len(self.g)), self.a, other.a
        rows = tuple(
            tuple(a * other.h[i][j] + b * self.h[i][j] + self.g[i] * other.g[j] + self.g[j] * other.g[i] for j in n)
            for i in n
        )
        return Taylor(a * b, tuple(a * other.g[i] + b * self.g[i] for i in n), rows)

    def composed(self, value: Any, slope: Any, bend: Any) -> Taylor:
        """σ of this number, from σ, σ′ and σ″ at its value."""
        n = range(len(self.g))
        rows = tuple(tuple(slope * self.h[i][j] + bend * self.g[i] * self.g[j] for j in n) for i in n)
        return Taylor(Fraction(value), tuple(slope * x for x in self.g), rows)


@final
@dataclass(frozen=True)
class Net:
    """A dense network: widths (d, …, K), one activation, one bias flag and perhaps one residual link a layer."""

    widths: tuple[int, ...]
    activations: tuple[str, ...]
    biases: tuple[bool, ...]
    links: tuple[int | None, ...] = ()

    @property
    def size(self) -> int:
        """P."""
        return sum(w * (v + b) for v, w, b in zip(self.widths, self.widths[1:], self.biases, strict=False))

    def table(self) -> dict[str, Any]:
        """As the key `network` of a problem."""
        layers = [
            {"width": w, "activation": name, "bias": bias}
            for w, name, bias in zip(self.widths[1:], self.activations, self.biases, strict=True)
        ]
        for layer, link in zip(layers, self.links, strict=False):
            layer.update({} if link is None else {"residual": link})
        return {"inputs": self.widths[0], "layers": layers}

    def moved(self, theta: Sequence[Fraction], order: Sequence[int]) -> tuple[Fraction, ...]:
        """The parameters with unit i of the one hidden layer taken from unit order[i]."""
        d, m, k = self.widths
        rows = [list(theta[i * d : i * d + d]) for i in range(m)]
        rest = list(theta[m * d :])
        bias, rest = (rest[:m], rest[m:]) if self.biases[0] else ([], rest)
        found = [x for i in order for x in rows[i]] + [bias[i] for i in order if bias]
        return (*found, *(rest[row * m + i] for row in range(k) for i in order), *rest[k * m :])

    def outputs(self, theta: Sequence[Fraction], sample: Sequence[Fraction], *, bare: bool = False) -> list[Taylor]:
        """The K outputs on one sample; `bare` ones are without derivatives."""
        return self.layers(theta, sample, bare=bare)[-1]

    def layers(self, theta: Sequence[Fraction], sample: Sequence[Fraction], *, bare: bool) -> list[list[Taylor]]:
        """The input and what every layer makes of it."""
        size, start = 0 if bare else self.size, 0
        numbers = [Taylor.variable(value, i, size) for i, value in enumerate(theta)]
        current = [Taylor.constant(x, size) for x in sample]
        layers, links = [current], self.links or (None,) * len(self.biases)
        for width, name, bias, link in zip(self.widths[1:], self.activations, self.biases, links, strict=True):
            fan, following = len(current), []
            for i in range(width):
                z = numbers[start + width * fan + i] if bias else Taylor.constant(0, size)
                for j in range(fan):
                    z = z + numbers[start + i * fan + j] * current[j]
                following.append(z.composed(*activation(name, z.a)))
            if link is not None:
                following = [a + b for a, b in zip(following, layers[link], strict=True)]
            current, start = following, start + width * (fan + bias)
            layers.append(current)
        return layers


@final
@dataclass(frozen=True)
class Closed:
    """A closed formula as a model: its texts, and the same as a function of numbers."""

    parameters: tuple[str, ...]
    inputs: tuple[str, ...]
    texts: tuple[str, ...]
    function: Callable[[Sequence[Taylor], Sequence[Taylor]], list[Taylor]]

    @property
    def size(self) -> int:
        """P."""
        return len(self.parameters)

    @property
    def widths(self) -> tuple[int, ...]:
        """The numbers of inputs and outputs."""
        return len(self.inputs), len(self.texts)

    def table(self) -> dict[str, Any]:
        """As the key `model` of a problem."""
        return {"parameters": list(self.parameters), "inputs": list(self.inputs), "outputs": list(self.texts)}

    def outputs(self, theta: Sequence[Fraction], sample: Sequence[Fraction], *, bare: bool = False) -> list[Taylor]:
        """The K outputs on one sample; `bare` ones are without derivatives."""
        size = 0 if bare else self.size
        numbers = [Taylor.variable(value, i, size) for i, value in enumerate(theta)]
        return self.function(numbers, [Taylor.constant(x, size) for x in sample])


def probabilities(outputs: Sequence[Taylor]) -> list[Taylor]:
    """Sigmoid of one output, softmax of several; all of them must be 0."""
    if any(output.a for output in outputs):
        raise Unknown("probabilities of other outputs than 0")
    if len(outputs) == 1:
        return [outputs[0].composed(*_AT_ZERO["sigmoid"])]
    powers, n = [output.composed(1, 1, 1) for output in outputs], len(outputs)
    total = powers[0]
    for power in powers[1:]:
        total = total + power
    below = total.composed(Fraction(1, n), Fraction(-1, n * n), Fraction(2, n**3))
    return [power * below for power in powers]


def _softmax(f: Sequence[Fraction], y: Sequence[Fraction]) -> tuple[Any, Rows, Rows]:
    if any(f):
        raise Unknown("softmax at other logits than 0")
    q = Fraction(1, len(f))
    return (
        Fraction(0) if len(f) == 1 else None,
        [[q - t for t in y]],
        [[q * (i == j) - q * q for j in range(len(f))] for i in range(len(f))],
    )


def _each(rule: Callable[[Fraction, Fraction], tuple[Any, Any, Any]]) -> Callable[..., tuple[Any, Rows, Rows]]:
    def apply(f: Sequence[Fraction], y: Sequence[Fraction]) -> tuple[Any, Rows, Rows]:
        each = [rule(a, b) for a, b in zip(f, y, strict=True)]
        value = None if any(e[0] is None for e in each) else sum((Fraction(e[0]) for e in each), Fraction(0))
        size = range(len(each))
        return value, [[Fraction(e[1]) for e in each]], [[Fraction(each[i][2] * (i == j)) for j in size] for i in size]

    return apply


def _mixed(f: Sequence[Fraction], y: Sequence[Fraction]) -> tuple[Any, Rows, Rows]:
    v, w = f[0] - y[0], f[1] - y[1]
    return (
        (v * v + w * w) / 2 + v * v * w * w,
        [[v + 2 * v * w * w, w + 2 * v * v * w]],
        [[1 + 2 * w * w, 4 * v * w], [4 * v * w, 1 + 2 * v * v]],
    )


def _hinge(f: Fraction, y: Fraction) -> tuple[Any, Any, Any]:
    slack = 1 - y * f
    if not slack:
        raise Unknown("the kink of the hinge")
    return (slack * slack / 2, -y * slack, 1) if slack > 0 else (0, 0, 0)


def _zero(rule: Callable[[Fraction], tuple[Any, Any, Any]]) -> Callable[[Fraction, Fraction], tuple[Any, Any, Any]]:
    def apply(f: Fraction, y: Fraction) -> tuple[Any, Any, Any]:
        if f:
            raise Unknown("a smooth loss away from 0")
        return rule(y)

    return apply


def _outside(why: str) -> NoReturn:
    raise Unknown(why)


# ℓ(f, y), ∂ℓ/∂f, ∂²ℓ/∂f² of one sample; the value is None where it is not rational.
LOSSES: dict[str, Callable[..., tuple[Any, Rows, Rows]]] = {
    "mse": _each(lambda f, y: ((f - y) ** 2 / 2, f - y, 1)),
    "quartic": _each(lambda f, y: ((f - y) ** 4 / 4, (f - y) ** 3, 3 * (f - y) ** 2)),
    "squared_hinge": _each(_hinge),
    "bce_logits": _each(_zero(lambda y: (None, HALF - y, QUARTER))),
    "logistic": _each(_zero(lambda y: (None, -y / 2, QUARTER))),
    "exponential": _each(_zero(lambda y: (1, -y, 1))),
    "softmax_cross_entropy": _softmax,
    "cross_entropy": _each(
        lambda f, y: (0 if f == 1 or not y else None, -y / f, y / (f * f)) if f > 0 else _outside("log of this")
    ),
    "raised": _each(lambda f, y: ((f - y) ** 2 / 2 + 1, f - y, 1)),
    "sunk": _each(lambda f, y: ((f - y) ** 2 / 2 - HALF, f - y, 1)),
    "capped": _each(lambda f, y: ((f - y) ** 2 / 2 - (f - y) ** 4, f - y - 4 * (f - y) ** 3, 1 - 12 * (f - y) ** 2)),
    "weighted": _each(lambda f, y: (y * (f - y) ** 2, 2 * y * (f - y), 2 * y)),
    "mixed": _mixed,
    "ramp": _each(lambda f, y: (max(f - y, 0), int(f > y), 0) if f != y else _outside("the kink of a ramp")),
    "flat": lambda f, y: (
        (f[0] - y[0]) ** 2 / 2,
        [[f[0] - y[0], Fraction(0)]],
        [[Fraction(1), Fraction(0)], [Fraction(0)] * 2],
    ),
    "cubic": _each(lambda f, y: ((f - y) ** 2 + (f - y) ** 3, 2 * (f - y) + 3 * (f - y) ** 2, 2 + 6 * (f - y))),
}
WRITTEN: dict[str, Any] = {
    "cubic": {"outputs": ["f"], "targets": ["y"], "value": "(f - y)^2 + (f - y)^3"},
    "raised": {"outputs": ["f"], "targets": ["y"], "value": "(f - y)^2/2 + 1"},
    "sunk": {"outputs": ["f"], "targets": ["y"], "value": "(f - y)^2/2 - 1/2"},
    "capped": {"outputs": ["f"], "targets": ["y"], "value": "(f - y)^2/2 - (f - y)^4"},
    "weighted": {"outputs": ["f"], "targets": ["y"], "value": "y*(f - y)^2"},
    "mixed": {
        "outputs": ["f", "g"],
        "targets": ["y", "z"],
        "value": "(f - y)^2/2 + (g - z)^2/2 + (f - y)^2*(g - z)^2",
    },
    "ramp": {"outputs": ["f"], "targets": ["y"], "value": "relu(f - y)"},
    "flat": {"outputs": ["f", "g"], "targets": ["y", "z"], "value": "(f - y)^2/2"},
}


@final
@dataclass(frozen=True)
class Case:
    """One instance: a network, parameters, data, a loss, its reduction and the weight decay."""

    net: Net | Closed
    theta: tuple[Fraction, ...]
    inputs: tuple[tuple[Fraction, ...], ...]
    targets: tuple[tuple[Fraction, ...], ...]
    loss: str = "mse"
    mean: bool = False
    decay: Fraction = Fraction(0)
    squash: bool = False

    def problem(self) -> dict[str, Any]:
        """The keys of the problem, everything given."""
        return {
            "network" if isinstance(self.net, Net) else "model": self.net.table(),
            "loss": WRITTEN.get(self.loss, self.loss),
            "behaviour": "probabilities" if self.squash else "outputs",
            "reduction": "mean" if self.mean else "sum",
            "weight_decay": str(self.decay),
            "samples": len(self.inputs),
            "parameters": [str(x) for x in self.theta],
            "inputs": [[str(x) for x in row] for row in self.inputs],
            "targets": [[str(x) for x in row] for row in self.targets],
        }


@final
@dataclass(frozen=True)
class Known:
    """Every quantity of a case, as rows of Fractions; the loss is None where it is not rational."""

    matrices: dict[str, Rows]
    loss: Fraction | None
    gradient: list[Fraction]


def value_of_loss(case: Case) -> Fraction:
    """L alone; raises `Unknown` where it is not rational."""
    total = Fraction(0)
    for sample, target in zip(case.inputs, case.targets, strict=True):
        outputs = case.net.outputs(case.theta, sample, bare=True)
        value, _, _ = LOSSES[case.loss]([o.a for o in (probabilities(outputs) if case.squash else outputs)], target)
        if value is None:
            raise Unknown("an irrational loss")
        total += value / (len(case.inputs) if case.mean else 1)
    return total + case.decay / 2 * sum((x * x for x in case.theta), Fraction(0))


def quantities(case: Case) -> Known:
    """The matrices F, G, r, D, H, H_o, H_f, the loss and ∇L of a case; raises `Unknown` off the rational ones.

    >>> net = Net((1, 1, 1), ("linear", "linear"), (False, False))
    >>> one, two = Fraction(1), Fraction(2)
    >>> known = quantities(Case(net, (one, two), ((one,),), ((one,),)))
    >>> [[str(x) for x in row] for row in known.matrices["H"]], str(known.loss)
    ([['4', '3'], ['3', '1']], '1/2')
    """
    size, width = case.net.size, case.net.widths[-1]
    scale = Fraction(1, len(case.inputs)) if case.mean else Fraction(1)
    behaviour: Rows = []
    jacobian: Rows = []
    residual: Rows = []
    blocks: list[Rows] = []
    functional = [[Fraction(0)] * size for _ in range(size)]
    total: Fraction | None = Fraction(0)
    for sample, target in zip(case.inputs, case.targets, strict=True):
        outputs = case.net.outputs(case.theta, sample)
        outputs = probabilities(outputs) if case.squash else outputs
        value, slope, block = LOSSES[case.loss]([o.a for o in outputs], target)
        total = None if value is None or total is None else total + value * scale
        blocks.append([[x * scale for x in row] for row in block])
        for output, r in zip(outputs, slope[0], strict=True):
            behaviour.append([output.a])
            jacobian.append([Fraction(x) for x in output.g])
            residual.append([r * scale])
            for i in range(size):
                for j in range(size):
                    functional[i][j] += r * scale * output.h[i][j]
    count = len(behaviour)
    curvature = [[Fraction(0)] * count for _ in range(count)]
    for number, block in enumerate(blocks):
        for i in range(width):
            for j in range(width):
                curvature[number * width + i][number * width + j] = block[i][j]
    gauss = product(transposed(jacobian), product(curvature, jacobian))
    hessian = [[gauss[i][j] + functional[i][j] + case.decay * (i == j) for j in range(size)] for i in range(size)]
    slope_of_loss = product(transposed(jacobian), residual)
    gradient = [row[0] + case.decay * x for row, x in zip(slope_of_loss, case.theta, strict=True)]
    if total is not None:
        total += case.decay / 2 * sum((x * x for x in case.theta), Fraction(0))
    matrices = {"F": behaviour, "G": jacobian, "r": residual, "D": curvature}
    return Known(matrices | {"H": hessian, "H_o": gauss, "H_f": functional}, total, gradient)
