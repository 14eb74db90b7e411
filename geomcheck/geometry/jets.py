"""Second-order Taylor jets of a closed formula: value, gradient and Hessian carried through the expression tree.

For variables v_1 … v_n a jet is (f, ∂f, ∂²f) with shapes (N,), (N, n), (N, n, n), N evaluations at once. Rules:
sum, product (Leibniz) and composition, ∂²(g∘f) = g′(f) ∂²f + g″(f) ∂f ∂fᵀ. Every outer function is a polynomial in
its own value and the argument, so one definition serves every field.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

from geomcheck.errors import InputError
from geomcheck.problem import formula as tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geomcheck.fields.base import AbstractField

Array = Any


@final
@dataclass(frozen=True)
class Jet:
    """A value (N,), its gradient (N, n) and its Hessian (N, n, n); ``None`` stands for an exact zero."""

    value: Array
    gradient: Array | None = None
    hessian: Array | None = None

    def __add__(self, other: Jet) -> Jet:
        return Jet(self.value + other.value, _plus(self.gradient, other.gradient), _plus(self.hessian, other.hessian))

    def __neg__(self) -> Jet:
        return Jet(-self.value, _minus(self.gradient), _minus(self.hessian))

    def __sub__(self, other: Jet) -> Jet:
        return self + -other

    def __mul__(self, other: Jet) -> Jet:
        gradient = _plus(_scaled(self.gradient, other.value), _scaled(other.gradient, self.value))
        hessian = _plus(_scaled(self.hessian, other.value), _scaled(other.hessian, self.value))
        if self.gradient is not None and other.gradient is not None:
            cross = self.gradient[:, :, None] * other.gradient[:, None, :]
            hessian = _plus(hessian, cross + cross.mT)
        return Jet(self.value * other.value, gradient, hessian)

    def through(self, value: Array, first: Callable[[], Array], second: Callable[[], Array]) -> Jet:
        """g∘f from g(f), and from g′(f), g″(f) when f is not constant."""
        if self.gradient is None:
            return Jet(value)
        slope = first()
        outer = self.gradient[:, :, None] * self.gradient[:, None, :]
        hessian = _plus(_scaled(self.hessian, slope), _scaled(outer, second()))
        return Jet(value, _scaled(self.gradient, slope), hessian)


def evaluate(formula: tree.Formula, field: AbstractField, variables: Mapping[str, Jet], samples: int) -> Jet:
    """The jet of ``formula`` at N = ``samples`` points; ``variables`` gives a jet for every name in it.

    Raises ``OutsideField`` where the field has no such value, ``InputError`` on division by zero, ``Kink`` where a
    derivative does not exist.
    """

    def visit(node: tree.Formula) -> Jet:
        match node:
            case tree.Number(value):
                return Jet(field.ones((samples,)) * field.constant(value))
            case tree.Name(name):
                return variables[name]
            case tree.Add(left, right):
                return visit(left) + visit(right)
            case tree.Sub(left, right):
                return visit(left) - visit(right)
            case tree.Mul(left, right):
                return visit(left) * visit(right)
            case tree.Div(left, right):
                return visit(left) * _reciprocal(visit(right), field)
            case tree.Neg(inner):
                return -visit(inner)
            case tree.Power(base, exponent):
                return _power(visit(base), exponent, field, samples)
            case tree.Call(name, argument):
                return _CALLS[name](visit(argument), field)
        message = f"expected a formula node, got {type(node).__name__}"  # pragma: no cover - the match is exhaustive
        raise InputError(message)

    return visit(formula)


def _reciprocal(jet: Jet, field: AbstractField) -> Jet:
    if field.decides_zero and bool(field.is_zero(jet.value).any()):
        raise InputError("expected a denominator that is not zero here, got denominator=0; choose another point")
    inverse = field.divide(field.ones(jet.value.shape), jet.value)
    return jet.through(inverse, lambda: -(inverse * inverse), lambda: inverse * inverse * inverse * 2)


def _power(jet: Jet, exponent: int, field: AbstractField, samples: int) -> Jet:
    powers = _value_power(jet.value, exponent, field, samples)
    return jet.through(
        powers,
        lambda: _value_power(jet.value, exponent - 1, field, samples) * exponent,
        lambda: _value_power(jet.value, exponent - 2, field, samples) * (exponent * (exponent - 1)),
    )


def _value_power(value: Array, exponent: int, field: AbstractField, samples: int) -> Array:
    """value^exponent by repeated squaring; a negative exponent only ever meets the factor 0 of ``_power``."""
    result = field.ones((samples,))
    while exponent > 0:
        if exponent & 1:
            result = result * value
        value = value * value
        exponent >>= 1
    return result


def _exp(jet: Jet, field: AbstractField) -> Jet:
    e = field.apply("exp", jet.value)
    return jet.through(e, lambda: e, lambda: e)


def _tanh(jet: Jet, field: AbstractField) -> Jet:
    s = field.apply("tanh", jet.value)
    return jet.through(s, lambda: 1 - s * s, lambda: -2 * s * (1 - s * s))


def _sigmoid(jet: Jet, field: AbstractField) -> Jet:
    s = field.apply("sigmoid", jet.value)
    return jet.through(s, lambda: s * (1 - s), lambda: s * (1 - s) * (1 - 2 * s))


def _softplus(jet: Jet, field: AbstractField) -> Jet:
    value = field.apply("softplus", jet.value)
    if jet.gradient is None:
        return Jet(value)
    s = field.apply("sigmoid", jet.value)
    return jet.through(value, lambda: s, lambda: s * (1 - s))


def _sin(jet: Jet, field: AbstractField) -> Jet:
    s, c = field.apply("sin", jet.value), field.apply("cos", jet.value)
    return jet.through(s, lambda: c, lambda: -s)


def _cos(jet: Jet, field: AbstractField) -> Jet:
    s, c = field.apply("sin", jet.value), field.apply("cos", jet.value)
    return jet.through(c, lambda: -s, lambda: -c)


def _log(jet: Jet, field: AbstractField) -> Jet:
    inverse = field.divide(field.ones(jet.value.shape), jet.value)
    return jet.through(field.apply("log", jet.value), lambda: inverse, lambda: -(inverse * inverse))


def _piecewise(positive: int, negative: int) -> Callable[[Jet, AbstractField], Jet]:
    from fractions import Fraction

    up, down = Fraction(positive), Fraction(negative)

    def rule(jet: Jet, field: AbstractField) -> Jet:
        value = field.positive_part(jet.value, up, down)
        column = jet.value[:, None]  # (sample, unit), as a kink names its place
        return jet.through(value, lambda: field.step(column, up, down)[:, 0], lambda: field.zeros(jet.value.shape))

    return rule


_CALLS: dict[str, Callable[[Jet, AbstractField], Jet]] = {
    "exp": _exp,
    "log": _log,
    "tanh": _tanh,
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "sin": _sin,
    "cos": _cos,
    "relu": _piecewise(1, 0),
    "abs": _piecewise(1, -1),
}


def _plus(left: Array | None, right: Array | None) -> Array | None:
    if left is None:
        return right
    return left if right is None else left + right


def _minus(array: Array | None) -> Array | None:
    return None if array is None else -array


def _scaled(array: Array | None, factor: Array) -> Array | None:
    """``array`` (N, …) times ``factor`` (N,)."""
    return None if array is None else array * factor.reshape((-1,) + (1,) * (len(array.shape) - 1))
