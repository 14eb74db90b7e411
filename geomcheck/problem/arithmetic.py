"""What an activation or a loss may ask of a number system: one small protocol, so that each is written once.

Arrays. `Array` stands for whatever a number system computes with. It supports `+ - *` and unary `-` with arrays (numpy
broadcasting), with Python ints and with the scalars of `constant`; `.shape`; `.reshape(shape)`; `.mT` (the last two
axes swapped); indexing with integers, slices, `...` and `None`. Nothing else is assumed.

Laws, for arrays x, v of shape (..., K) and every index:

    divide(a, b) * b == a                                  (b nonzero)
    apply(name, x)[i] == name(x[i])                        or OutsideField
    signs(x)[i] in {-1, 0, 1}                              exact, or OutsideField / Undecided("sign-unknown")
    step(x, p, n)[i] == p if x[i] > 0 else n               Kink.at(i) where x[i] == 0
    positive_part(x, p, n)[i] == x[i] * (p if x[i] > 0 else n)        0 where x[i] == 0, never a Kink
    total(x)[...] == sum over k of x[..., k]               the last axis is gone
    diagonal(v)[..., j, k] == v[..., k] if j == k else 0   shape (..., K, K)
    outer(u, v)[..., j, k] == u[..., j] * v[..., k]        shape (..., J, K)
    stack([x1, ..., xK])[..., k] == xk[...]                a new last axis
    filled(x, c)[i] == c                                   the shape (and device, batch) of x
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final, Protocol, TypeAlias

Array: TypeAlias = Any
"""An array of some number system; the laws are those of the module's docstring."""

PRIMITIVES: Final = frozenset(
    {"exp", "log", "tanh", "sigmoid", "softplus", "sin", "cos", "normal_cdf", "normal_pdf", "logcosh"}
)
"""The elementwise functions `Arithmetic.apply` knows by name (normal_cdf is Φ, normal_pdf is φ = Φ')."""


class Arithmetic(Protocol):
    """The operations of a number system that activations, losses and formulas are written in."""

    def constant(self, value: Fraction) -> Any:
        """A scalar of the number system; OutsideField when it has none (a denominator divisible by p)."""
        ...

    def divide(self, a: Array, b: Array) -> Array:
        """Elementwise a/b, broadcasting; OutsideField where b is 0."""
        ...

    def apply(self, name: str, x: Array) -> Array:
        """Elementwise primitive, `name` in PRIMITIVES; OutsideField where the value leaves the number system."""
        ...

    def signs(self, x: Array) -> Any:
        """The exact signs as a numpy int8 array of the shape of x; OutsideField or Undecided where unknown."""
        ...

    def step(self, x: Array, positive: Fraction, negative: Fraction) -> Array:
        """`positive` where x > 0, `negative` where x < 0; Kink where x == 0."""
        ...

    def positive_part(self, x: Array, positive: Fraction, negative: Fraction) -> Array:
        """The product of x and its step, 0 at 0: the value of relu (1, 0), abs (1, -1), leaky_relu (1, slope)."""
        ...

    def total(self, x: Array) -> Array:
        """The sum over the last axis, (..., K) -> (...)."""
        ...

    def diagonal(self, v: Array) -> Array:
        """Vectors as diagonal matrices, (..., K) -> (..., K, K)."""
        ...

    def outer(self, u: Array, v: Array) -> Array:
        """Outer products, (..., J) and (..., K) -> (..., J, K)."""
        ...

    def stack(self, arrays: Sequence[Array]) -> Array:
        """Arrays of one shape (...) side by side along a new last axis, (..., K)."""
        ...

    def filled(self, x: Array, value: Fraction) -> Array:
        """An array of the shape of x, every entry `value`."""
        ...
