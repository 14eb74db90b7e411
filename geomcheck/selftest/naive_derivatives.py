"""F, G, r, D, H and L of a small network by plain Taylor arithmetic: slow, short, and sharing no code with the engine.

A number a + Σ gᵢ δᵢ + ½ Σ hᵢⱼ δᵢ δⱼ is kept as (a, g, h) with Fractions, and a network is nothing but sums, products
and activations of such numbers. Smooth activations and losses are known at 0 only, where their derivatives are
rational; that is enough to hold every formula of the engine against them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, final

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
    """A dense network: widths (d, …, K), one activation and one bias flag a layer."""

    widths: tuple[int, ...]
    activations: tuple[str, ...]
    biases: tuple[bool, ...]

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
        return {"inputs": self.widths[0], "layers": layers}

    def outputs(self, theta: Sequence[Fraction], sample: Sequence[Fraction]) -> list[Taylor]:
        """The K outputs on one sample."""
        size, start = self.size, 0
        numbers = [Taylor.variable(value, i, size) for i, value in enumerate(theta)]
        current = [Taylor.constant(x, size) for x in sample]
        for width, name, bias in zip(self.widths[1:], self.activations, self.biases, strict=True):
            fan, following = len(current), []
            for i in range(width):
                z = numbers[start + width * fan + i] if bias else Taylor.constant(0, size)
                for j in range(fan):
                    z = z + numbers[start + i * fan + j] * current[j]
                following.append(z.composed(*activation(name, z.a)))
            current, start = following, start + width * (fan + bias)
        return current


def _softmax(f: Sequence[Fraction], y: Sequence[Fraction]) -> tuple[Any, Rows, Rows]:
    if any(f):
        raise Unknown("softmax at other logits than 0")
    q = Fraction(1, len(f))
    return None, [[q - t for t in y]], [[q * (i == j) - q * q for j in range(len(f))] for i in range(len(f))]


def _each(rule: Callable[[Fraction, Fraction], tuple[Any, Any, Any]]) -> Callable[..., tuple[Any, Rows, Rows]]:
    def apply(f: Sequence[Fraction], y: Sequence[Fraction]) -> tuple[Any, Rows, Rows]:
        each = [rule(a, b) for a, b in zip(f, y, strict=True)]
        value = None if any(e[0] is None for e in each) else sum((Fraction(e[0]) for e in each), Fraction(0))
        size = range(len(each))
        return value, [[Fraction(e[1]) for e in each]], [[Fraction(each[i][2] * (i == j)) for j in size] for i in size]

    return apply


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


# ℓ(f, y), ∂ℓ/∂f, ∂²ℓ/∂f² of one sample; the value is None where it is not rational.
LOSSES: dict[str, Callable[..., tuple[Any, Rows, Rows]]] = {
    "mse": _each(lambda f, y: ((f - y) ** 2 / 2, f - y, 1)),
    "quartic": _each(lambda f, y: ((f - y) ** 4 / 4, (f - y) ** 3, 3 * (f - y) ** 2)),
    "squared_hinge": _each(_hinge),
    "bce_logits": _each(_zero(lambda y: (None, HALF - y, QUARTER))),
    "logistic": _each(_zero(lambda y: (None, -y / 2, QUARTER))),
    "exponential": _each(_zero(lambda y: (1, -y, 1))),
    "softmax_cross_entropy": _softmax,
    "cubic": _each(lambda f, y: ((f - y) ** 2 + (f - y) ** 3, 2 * (f - y) + 3 * (f - y) ** 2, 2 + 6 * (f - y))),
}
CUBIC = {"outputs": ["f"], "targets": ["y"], "value": "(f - y)^2 + (f - y)^3"}


@final
@dataclass(frozen=True)
class Case:
    """One instance: a network, parameters, data, a loss, its reduction and the weight decay."""

    net: Net
    theta: tuple[Fraction, ...]
    inputs: tuple[tuple[Fraction, ...], ...]
    targets: tuple[tuple[Fraction, ...], ...]
    loss: str = "mse"
    mean: bool = False
    decay: Fraction = Fraction(0)

    def problem(self) -> dict[str, Any]:
        """The keys of the problem, everything given."""
        return {
            "network": self.net.table(),
            "loss": CUBIC if self.loss == "cubic" else self.loss,
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
