"""Activations: each is one entry with its value and its first two derivatives, written over any number system.

| name | σ(z) | σ'(z) | σ''(z) |
| --- | --- | --- | --- |
| linear | z | 1 | 0 |
| relu, leaky_relu(c), abs | z·s, s = 1 for z > 0, else 0, c, -1 | s | 0 off the kink z = 0 |
| square, power(d) | z², z^d | d z^(d-1) | d(d-1) z^(d-2) |
| tanh | t | 1 - t² | -2t(1 - t²) |
| sigmoid | s | s(1-s) | s(1-s)(1-2s) |
| softplus | log(1 + e^z) | s | s(1-s) |
| silu | z s | s + z s(1-s) | s(1-s)(2 + z(1-2s)) |
| gaussian | g = exp(-z²) | -2z g | (4z² - 2) g |
| sin, exp | sin z, e^z | cos z, e^z | -sin z, e^z |
| gelu | z Φ(z) | Φ + z φ | (2 - z²) φ |

To add one, add one `ActivationKind` to ACTIVATIONS.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal, TypeAlias, final

from geomcheck.errors import InputError
from geomcheck.problem.arithmetic import Arithmetic, Array
from geomcheck.problem.formula import power
from geomcheck.problem.numbers import rational_text
from geomcheck.problem.scanner import suggestion

Parity = Literal["odd", "even"] | None
Parameter: TypeAlias = Fraction | None
Slopes: TypeAlias = tuple[Array, Array]

MAX_DEGREE: Final = 100
_ONE: Final = Fraction(1)
_ZERO: Final = Fraction(0)


@final
@dataclass(frozen=True)
class ActivationKind:
    """One family of activations; `c` is its parameter (a slope, a degree) or None.

    value(F, z, c) -> σ(z); slopes(F, z, c) -> (σ'(z), σ''(z)), elementwise, of the shape of z; slopes raises Kink where
    a piecewise activation is asked at 0. homogeneity(c) is the d of σ(λz) = λ^d σ(z) for λ > 0, parity(c) says
    σ(-z) = ±σ(z), polynomial_degree(c) is the degree of a polynomial; each is None where there is none.
    """

    name: str
    value: Callable[[Arithmetic, Array, Parameter], Array]
    slopes: Callable[[Arithmetic, Array, Parameter], Slopes]
    formula: str
    parameter: Literal["slope", "degree"] | None = None
    default: Parameter = None
    piecewise: bool = False
    homogeneity: Callable[[Parameter], int | None] = lambda _: None
    parity: Callable[[Parameter], Parity] = lambda _: None
    polynomial_degree: Callable[[Parameter], int | None] = lambda _: None


@final
@dataclass(frozen=True)
class Activation:
    """An activation by name, with its parameter where the kind takes one.

    Raises InputError for an unknown name, a missing or superfluous parameter, or a degree that is no integer from 1 to
    MAX_DEGREE.

    >>> str(Activation("leaky_relu", Fraction(1, 10))), Activation("power", Fraction(3)).polynomial_degree
    ('leaky_relu(1/10)', 3)
    """

    name: str
    parameter: Parameter = None

    def __post_init__(self) -> None:
        kind = ACTIVATIONS.get(self.name)
        if kind is None:
            raise InputError(f"unknown activation '{self.name}'{suggestion(self.name, ACTIVATIONS)}")
        if kind.parameter is None and self.parameter is not None:
            raise InputError(f"{self.name} takes no parameter, got {self.name}({rational_text(self.parameter)})")
        if kind.parameter is not None and self.parameter is None:
            if kind.default is None:
                raise InputError(f"{self.name} needs a {kind.parameter}; write {self.name}(3)")
            object.__setattr__(self, "parameter", kind.default)
        degree = self.parameter
        if kind.parameter == "degree" and degree not in range(1, MAX_DEGREE + 1):
            raise InputError(
                f"{self.name}: expected an integer degree from 1 to {MAX_DEGREE}, got degree={self.parameter}"
            )

    def __str__(self) -> str:
        return self.name if self.parameter is None else f"{self.name}({rational_text(self.parameter)})"

    @property
    def kind(self) -> ActivationKind:
        """The entry of ACTIVATIONS."""
        return ACTIVATIONS[self.name]

    def value(self, field: Arithmetic, z: Array) -> Array:
        """σ(z), elementwise; fine at a kink."""
        return self.kind.value(field, z, self.parameter)

    def slopes(self, field: Arithmetic, z: Array) -> Slopes:
        """(σ'(z), σ''(z)), elementwise; Kink where z is 0 and the activation is piecewise."""
        return self.kind.slopes(field, z, self.parameter)

    @property
    def piecewise(self) -> bool:
        """Whether the second derivative does not exist at 0."""
        return self.kind.piecewise

    @property
    def homogeneity(self) -> int | None:
        """The degree d with σ(λz) = λ^d σ(z) for all λ > 0, or None."""
        return self.kind.homogeneity(self.parameter)

    @property
    def parity(self) -> Parity:
        """'odd' when σ(-z) = -σ(z), 'even' when σ(-z) = σ(z), else None."""
        return self.kind.parity(self.parameter)

    @property
    def polynomial_degree(self) -> int | None:
        """The degree where σ is a monomial, or None."""
        return self.kind.polynomial_degree(self.parameter)


def _known(c: Parameter) -> Fraction:
    assert c is not None, "Activation gives every parametrised kind its parameter"
    return c


def _odd(_: Parameter) -> Parity:
    return "odd"


def _even(_: Parameter) -> Parity:
    return "even"


def _slope_parity(c: Parameter) -> Parity:  # of slope 1 it is the identity, of slope −1 it is |z|
    return "odd" if c == 1 else "even" if c == -1 else None


def _nothing(_: Parameter) -> None:
    return None


def _piecewise(
    name: str,
    formula: str,
    left: Callable[[Parameter], Fraction],
    *,
    parity: Callable[[Parameter], Parity] = _nothing,
    parameter: Literal["slope", "degree"] | None = None,
    default: Parameter = None,
) -> ActivationKind:
    """The kind z·s, where the step s is 1 for z > 0 and left(c) for z < 0."""
    return ActivationKind(
        name,
        lambda F, z, c: F.positive_part(z, _ONE, left(c)),
        lambda F, z, c: (F.step(z, _ONE, left(c)), F.filled(z, _ZERO)),
        formula,
        parameter=parameter,
        default=default,
        piecewise=True,
        homogeneity=lambda _: 1,
        parity=parity,
    )


def _power_slopes(F: Arithmetic, z: Array, c: Parameter) -> Slopes:
    d = int(_known(c))
    second = power(F, z, d - 2) * (d * (d - 1)) if d >= 2 else F.filled(z, _ZERO)
    return power(F, z, d - 1) * d, second


def _tanh_slopes(F: Arithmetic, z: Array, _: Parameter) -> Slopes:
    t = F.apply("tanh", z)
    first = -(t * t) + 1
    return first, first * t * -2


def _sigmoid_slopes(F: Arithmetic, z: Array, _: Parameter) -> Slopes:
    s = F.apply("sigmoid", z)
    first = s * (-s + 1)
    return first, first * (s * -2 + 1)


def _silu_slopes(F: Arithmetic, z: Array, _: Parameter) -> Slopes:
    s = F.apply("sigmoid", z)
    bell = s * (-s + 1)
    return s + z * bell, bell * (z * (s * -2 + 1) + 2)


def _gaussian(F: Arithmetic, z: Array, _: Parameter) -> Array:
    return F.apply("exp", -(z * z))


def _gaussian_slopes(F: Arithmetic, z: Array, _: Parameter) -> Slopes:
    g = F.apply("exp", -(z * z))
    return z * g * -2, (z * z * 4 - 2) * g


def _gelu_slopes(F: Arithmetic, z: Array, _: Parameter) -> Slopes:
    density = F.apply("normal_pdf", z)
    return F.apply("normal_cdf", z) + z * density, (-(z * z) + 2) * density


_KINDS: Final = (
    ActivationKind(
        "linear",
        lambda F, z, c: z,
        lambda F, z, c: (F.filled(z, _ONE), F.filled(z, _ZERO)),
        "z",
        homogeneity=lambda _: 1,
        parity=_odd,
        polynomial_degree=lambda _: 1,
    ),
    _piecewise("relu", "max(0, z)", lambda _: _ZERO),
    _piecewise(
        "leaky_relu",
        "z for z > 0, c z for z <= 0",
        _known,
        parity=_slope_parity,
        parameter="slope",
        default=Fraction(1, 100),
    ),
    _piecewise("abs", "|z|", lambda _: -_ONE, parity=_even),
    ActivationKind(
        "square",
        lambda F, z, c: z * z,
        lambda F, z, c: (z * 2, F.filled(z, Fraction(2))),
        "z^2",
        homogeneity=lambda _: 2,
        parity=_even,
        polynomial_degree=lambda _: 2,
    ),
    ActivationKind(
        "power",
        lambda F, z, c: power(F, z, int(_known(c))),
        _power_slopes,
        "z^d",
        parameter="degree",
        homogeneity=lambda c: int(_known(c)),
        parity=lambda c: "odd" if int(_known(c)) % 2 else "even",
        polynomial_degree=lambda c: int(_known(c)),
    ),
    ActivationKind("tanh", lambda F, z, c: F.apply("tanh", z), _tanh_slopes, "tanh(z)", parity=_odd),
    ActivationKind("sigmoid", lambda F, z, c: F.apply("sigmoid", z), _sigmoid_slopes, "1/(1 + exp(-z))"),
    ActivationKind(
        "softplus",
        lambda F, z, c: F.apply("softplus", z),
        lambda F, z, c: _sigmoid_and_slope(F, z),
        "log(1 + exp(z))",
    ),
    ActivationKind("silu", lambda F, z, c: z * F.apply("sigmoid", z), _silu_slopes, "z/(1 + exp(-z))"),
    ActivationKind("gaussian", _gaussian, _gaussian_slopes, "exp(-z^2)", parity=_even),
    ActivationKind(
        "sin",
        lambda F, z, c: F.apply("sin", z),
        lambda F, z, c: (F.apply("cos", z), -F.apply("sin", z)),
        "sin(z)",
        parity=_odd,
    ),
    ActivationKind(
        "exp",
        lambda F, z, c: F.apply("exp", z),
        lambda F, z, c: (F.apply("exp", z), F.apply("exp", z)),
        "exp(z)",
    ),
    ActivationKind("gelu", lambda F, z, c: z * F.apply("normal_cdf", z), _gelu_slopes, "z Φ(z)"),
)

ACTIVATIONS: Final[dict[str, ActivationKind]] = {kind.name: kind for kind in _KINDS}
"""Every activation by name."""


def _sigmoid_and_slope(F: Arithmetic, z: Array) -> Slopes:
    s = F.apply("sigmoid", z)
    return s, s * (-s + 1)
