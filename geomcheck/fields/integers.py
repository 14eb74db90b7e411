"""ℤ in machine words: integers of at most 62 bits, whole arrays at a time, with a bound that proves no overflow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import attrgetter
from typing import Any, ClassVar, NoReturn, final

import numpy as np
import numpy.typing as npt

from geomcheck.errors import OutsideField
from geomcheck.fields.base import AbstractField, Signs, kink_at
from geomcheck.fields.machine_words import AbstractWords

Ints = npt.NDArray[np.int64]
WORD_LIMIT = 1 << 62
PRODUCT_LIMIT = 1 << 53  # integers up to here are exact in float64, and so are sums of products that stay below it
WORD_PRODUCTS = 1 << 24  # products of larger matrices in machine words take longer than other number systems need


@final
class IntegerArray(AbstractWords):
    """Integers with |value| ≤ `bound` < 2⁶²; an operation whose bound could reach 2⁶² raises OutsideField instead."""

    __slots__ = ("bound",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, values: Any, bound: int) -> None:
        if bound >= WORD_LIMIT:
            raise OutsideField(f"expected integers below 2^62, bound={bound} (int); use the rational numbers")
        self.values: Ints = np.asarray(values, dtype=np.int64)
        self.bound = bound

    def reshape(self, *shape: Any) -> IntegerArray:
        """As numpy."""
        return IntegerArray(self.values.reshape(*shape), self.bound)

    def swapaxes(self, first: int, second: int) -> IntegerArray:
        """As numpy."""
        return IntegerArray(self.values.swapaxes(first, second), self.bound)

    @property
    def T(self) -> IntegerArray:
        """All axes reversed."""
        return IntegerArray(self.values.T, self.bound)

    def copy(self) -> IntegerArray:
        """Integers of its own, to assign to."""
        return IntegerArray(self.values.copy(), self.bound)

    def __getitem__(self, index: Any) -> IntegerArray:
        return IntegerArray(self.values[index], self.bound)

    def __setitem__(self, index: Any, value: Any) -> None:
        other = _coerced(value)
        if other is None:
            raise TypeError(f"expected integers to assign, value={value!r} ({type(value).__name__})")
        self.values[index] = other.values
        self.bound = max(self.bound, other.bound)

    def __add__(self, other: Any) -> IntegerArray:
        right = _coerced(other)
        if right is None:
            return NotImplemented
        return IntegerArray(_checked(self.bound + right.bound, np.add, self, right), self.bound + right.bound)

    __radd__ = __add__

    def __sub__(self, other: Any) -> IntegerArray:
        right = _coerced(other)
        if right is None:
            return NotImplemented
        return IntegerArray(_checked(self.bound + right.bound, np.subtract, self, right), self.bound + right.bound)

    def __rsub__(self, other: Any) -> IntegerArray:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> IntegerArray:
        right = _coerced(other)
        if right is None:
            return NotImplemented
        bound = self.bound * right.bound
        if bound >= WORD_LIMIT:
            bound = magnitude(self.values) * magnitude(right.values)
        return IntegerArray(_checked(bound, np.multiply, self, right), bound)

    __rmul__ = __mul__

    def __neg__(self) -> IntegerArray:
        return IntegerArray(-self.values, self.bound)

    def __eq__(self, other: object) -> Any:
        right = _coerced(other)
        return NotImplemented if right is None else self.values == right.values

    def __repr__(self) -> str:
        return f"IntegerArray({self.values.tolist()})"


def _checked(bound: int, operation: Callable[[Any, Any], Any], a: IntegerArray, b: IntegerArray) -> Any:
    """The operation, once its bound shows that nothing overflows."""
    if bound >= WORD_LIMIT:
        raise OutsideField(f"expected integers below 2^62, bound={bound} (int); use the rational numbers")
    return operation(a.values, b.values)


def _coerced(other: Any) -> IntegerArray | None:
    if isinstance(other, IntegerArray):
        return other
    if isinstance(other, (int, np.integer)):
        return IntegerArray(np.int64(other), abs(int(other))) if abs(int(other)) < WORD_LIMIT else None
    if isinstance(other, np.ndarray) and other.dtype.kind in "ib":
        return IntegerArray(other, magnitude(other.astype(np.int64)))
    return None


def magnitude(values: Ints) -> int:
    """The largest absolute value, 0 for an empty array."""
    return max(int(values.max(initial=0)), -int(values.min(initial=0)))


@final
@dataclass(frozen=True)
class IntegerField(AbstractField):
    """ℤ as a subring of ℚ, as far as machine words reach: what leaves it raises OutsideField, and ℚ takes over.

    >>> Z = IntegerField()
    >>> a = Z.array([[1, 2], [0, 3]])
    >>> Z.matmul(a, a)
    IntegerArray([[1, 8], [0, 9]])
    """

    decides_zero: ClassVar[bool] = True

    @property
    def name(self) -> str:
        """ℤ."""
        return "ℤ"

    def array(self, values: Any) -> IntegerArray:
        """Nested ints and whole Fractions."""
        entries = np.asarray(values, dtype=object)
        flat = entries.reshape(-1).tolist()
        if set(map(attrgetter("denominator"), flat)) - {1}:
            raise OutsideField("expected integers, got fractions; use the rational numbers")
        try:
            words = np.fromiter(map(attrgetter("numerator"), flat), dtype=np.int64, count=len(flat))
        except OverflowError:
            raise OutsideField("expected integers below 2^62, got larger ones; use the rational numbers") from None
        return IntegerArray(words.reshape(entries.shape), magnitude(words))

    def zeros(self, shape: Sequence[int]) -> IntegerArray:
        """Zeros to assign to."""
        return IntegerArray(np.zeros(tuple(shape), dtype=np.int64), 0)

    def full(self, shape: Sequence[int], value: Fraction) -> IntegerArray:
        """One integer everywhere."""
        one = self.constant(value)
        return IntegerArray(np.full(tuple(shape), one.values[()], dtype=np.int64), one.bound)

    def attach(self, x: IntegerArray, exact: Callable[[], Any]) -> IntegerArray:
        """Return x itself."""
        return x

    def constant(self, value: Fraction) -> IntegerArray:
        """A zero-dimensional array."""
        return self.array(value)

    def divide(self, a: Any, b: Any) -> NoReturn:
        """OutsideField."""
        raise OutsideField("expected integers, got a quotient; use the rational numbers")

    def apply(self, name: str, x: IntegerArray) -> NoReturn:
        """OutsideField."""
        raise OutsideField(f"expected integers, got {name} of them; use the rational numbers")

    def signs(self, x: IntegerArray) -> Signs:
        """Exact."""
        return np.sign(x.values).astype(np.int8)

    def step(self, x: IntegerArray, positive: Fraction, negative: Fraction) -> IntegerArray:
        """By exact signs."""
        signs = self.signs(x)
        if not signs.all():
            raise kink_at(signs)
        return self._by_sign(signs, positive, negative)

    def positive_part(self, x: IntegerArray, positive: Fraction, negative: Fraction) -> IntegerArray:
        """By exact signs."""
        return x * self._by_sign(self.signs(x), positive, negative)

    def _by_sign(self, signs: Signs, positive: Fraction, negative: Fraction) -> IntegerArray:
        above, below = self.constant(positive), self.constant(negative)
        return IntegerArray(np.where(signs > 0, above.values, below.values), max(above.bound, below.bound))

    def matmul(self, a: IntegerArray, b: IntegerArray) -> IntegerArray:
        """By one float64 product whose partial sums are integers below 2⁵³, or in machine words."""
        terms = a.shape[-1]
        bound = a.bound * b.bound * terms
        if bound >= PRODUCT_LIMIT:
            bound = magnitude(a.values) * magnitude(b.values) * terms
        if bound < PRODUCT_LIMIT:
            product = np.matmul(a.values.astype(np.float64), b.values.astype(np.float64))
            return IntegerArray(product.astype(np.int64), bound)
        if bound >= WORD_LIMIT or a.size * b.shape[-1] > WORD_PRODUCTS:
            raise OutsideField(f"expected products below 2^62, bound={bound} (int); use the rational numbers")
        return IntegerArray(np.matmul(a.values, b.values), bound)

    def gram(self, a: IntegerArray, b: IntegerArray) -> IntegerArray:
        """The product."""
        return self.matmul(a.mT, b)

    def concatenate(self, arrays: Sequence[IntegerArray], axis: int = 0) -> IntegerArray:
        """As numpy."""
        joined = np.concatenate([a.values for a in arrays], axis=axis)
        return IntegerArray(joined, max((a.bound for a in arrays), default=0))

    def is_zero(self, x: IntegerArray) -> npt.NDArray[np.bool_]:
        """Exact."""
        return np.asarray(x.values == 0, dtype=bool)

    def determinant(self, x: IntegerArray) -> NoReturn:
        """OutsideField: flint's rationals are faster."""
        raise OutsideField("expected no determinant in machine words; use the rational numbers")

    def softmax(self, x: IntegerArray) -> NoReturn:
        """OutsideField."""
        self.apply("exp", x)

    def sum(self, x: IntegerArray, axis: int) -> IntegerArray:
        """Sum along one axis."""
        bound = x.bound * x.shape[axis]
        if bound >= WORD_LIMIT:
            raise OutsideField(f"expected sums below 2^62, bound={bound} (int); use the rational numbers")
        return IntegerArray(x.values.sum(axis=axis), bound)
