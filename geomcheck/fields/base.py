"""What every number system offers: one small interface, so that a layer or a loss is written once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import lcm
from typing import Any, ClassVar, final

import numpy as np
import numpy.typing as npt

from geomcheck.errors import Kink, OutsideField

Array = Any
"""An array of field elements: numpy object array, ResidueArray or torch tensor; see the field's own docstring."""

Scalar = Any
"""One field element, or a zero-dimensional array of one."""

Signs = npt.NDArray[np.int8]


@final
class NeedsDenominator(OutsideField):
    """An exponential or an angle has a denominator the field was not made for; restart with `denominator`.

    Attributes:
        kind: "exponential" (e^{1/q} is missing) or "angle" (tan(1/(2q)) is missing).
        denominator: the least common denominator of the arguments that were asked for.
    """

    def __init__(self, kind: str, denominator: int) -> None:
        super().__init__(kind, denominator)
        self.kind = kind
        self.denominator = denominator

    def __str__(self) -> str:
        return (
            f"expected arguments whose denominators divide the field's, {self.kind} denominator={self.denominator} "
            f"(int); use the field of rational functions with this denominator"
        )


class AbstractField(ABC):
    """A commutative ring with division, seen through arrays of its elements.

    Arrays support `+ - *` and unary `-` with one another, with Python ints and with the field's scalars, broadcasting,
    indexing, assignment to slices, `.shape`, `.reshape`, `.mT` and `.swapaxes`.

    Laws, for all arrays a, b, c of fitting shapes (exact fields exactly, balls as overlap, floats up to rounding):
        (a + b) + c = a + (b + c),  a * (b + c) = a*b + a*c,  a + (-a) = 0,  divide(a, b) * b = a where b is a unit;
        matmul(a, identity(n)) = a,  matmul(a, b).mT = matmul(b.mT, a.mT);
        array is a ring homomorphism from ℚ:  array(x) * array(y) = array(x*y),  array(x) + array(y) = array(x+y);
        signs(-a) = -signs(a),  signs(a*b) = signs(a)*signs(b);
        positive_part(a, 1, 0) - positive_part(-a, 1, 0) = a.
    """

    decides_zero: ClassVar[bool]
    """Whether `is_zero` settles that the number meant is zero. Not so modulo p, in balls, or in floats."""

    @property
    @abstractmethod
    def name(self) -> str:
        """A short name a person reads."""

    @abstractmethod
    def array(self, values: Any) -> Array:
        """The array of nested sequences (or a numpy array) of ints and Fractions."""

    @abstractmethod
    def zeros(self, shape: Sequence[int]) -> Array:
        """An array of zeros that can be assigned to."""

    @abstractmethod
    def full(self, shape: Sequence[int], value: Fraction) -> Array:
        """An array with every entry `value`, not to be assigned to."""

    @abstractmethod
    def attach(self, x: Array, exact: Callable[[], Array]) -> Array:
        """x, with the exact array it stands for where the field needs one to decide signs; other fields return x."""

    @abstractmethod
    def constant(self, value: Fraction) -> Scalar:
        """The image of a rational number."""

    @abstractmethod
    def divide(self, a: Array, b: Array) -> Array:
        """Elementwise a / b with broadcasting; OutsideField where b is zero."""

    @abstractmethod
    def apply(self, name: str, x: Array) -> Array:
        """Elementwise primitive, one of `problem.arithmetic.PRIMITIVES`; OutsideField where its value is not here."""

    @abstractmethod
    def signs(self, x: Array) -> Signs:
        """Exact signs -1, 0, 1 of real elements; OutsideField or Undecided("sign-unknown")."""

    @abstractmethod
    def step(self, x: Array, positive: Fraction, negative: Fraction) -> Array:
        """`positive` where x > 0, `negative` where x < 0; Kink where x is zero."""

    @abstractmethod
    def positive_part(self, x: Array, positive: Fraction, negative: Fraction) -> Array:
        """x·positive where x > 0, x·negative where x < 0, and 0 where x is zero."""

    @abstractmethod
    def matmul(self, a: Array, b: Array) -> Array:
        """Matrix product over the last two axes, shapes (…, m, k) and (…, k, n), leading axes broadcast."""

    @abstractmethod
    def gram(self, a: Array, b: Array) -> Array:
        """matmul(a.mT, b), where that is known to be symmetric: b = Da with D symmetric. May compute one half only."""

    @abstractmethod
    def concatenate(self, arrays: Sequence[Array], axis: int = 0) -> Array:
        """The arrays joined along an existing axis."""

    @abstractmethod
    def is_zero(self, x: Array) -> npt.NDArray[np.bool_]:
        """Where the element is zero, as far as the field can tell (`decides_zero`)."""

    @abstractmethod
    def determinant(self, x: Array) -> Scalar:
        """The determinant of one square matrix (n, n)."""

    @abstractmethod
    def softmax(self, x: Array) -> Array:
        """exp(x_k) / Σ_j exp(x_j) over the last axis."""

    @abstractmethod
    def sum(self, x: Array, axis: int) -> Array:
        """Sum along one axis."""

    @final
    def ones(self, shape: Sequence[int]) -> Array:
        """An array of ones."""
        return self.full(shape, Fraction(1))

    @final
    def filled(self, x: Array, value: Fraction) -> Array:
        """An array of the shape of x, every entry `value`."""
        return self.full(tuple(x.shape), value)

    @final
    def identity(self, n: int) -> Array:
        """The (n, n) identity."""
        return self.diagonal(self.ones((n,)))

    @final
    def total(self, x: Array) -> Array:
        """The sum over the last axis."""
        return self.sum(x, -1)

    @final
    def outer(self, u: Array, v: Array) -> Array:
        """Outer products over the last axes, (…, J) and (…, K) -> (…, J, K)."""
        return u[..., :, None] * v[..., None, :]

    @final
    def stack(self, arrays: Sequence[Array]) -> Array:
        """Arrays of one shape side by side along a new last axis."""
        return self.concatenate([a[..., None] for a in arrays], axis=-1)

    @final
    def diagonal(self, x: Array) -> Array:
        """The diagonal matrices (…, n, n) of vectors (…, n)."""
        n = x.shape[-1]
        result = self.zeros((*x.shape, n))
        every = np.arange(n)
        result[..., every, every] = x
        return result


ObjectArray = npt.NDArray[np.object_]


def elementwise(function: Callable[[Any], Any], x: Any) -> ObjectArray:
    """`function` of every entry, an object array of the same shape also when that shape is ()."""
    source = np.asarray(x, dtype=object)
    result = np.empty(source.shape, dtype=object)
    result.reshape(-1)[:] = [function(entry) for entry in source.reshape(-1)]
    return result


def product_of_entries(
    a: ObjectArray, b: ObjectArray, dot: Callable[[list[Any], list[Any]], Any], symmetric: bool
) -> ObjectArray:
    """The matrix product by one dot product an entry, or one for each entry on and above the diagonal."""
    rows, columns = [list(row) for row in a], [list(column) for column in b.T]
    result = np.empty((len(rows), len(columns)), dtype=object)
    for i, row in enumerate(rows):
        for j in range(i if symmetric else 0, len(columns)):
            result[i, j] = dot(row, columns[j])
        if symmetric:
            result[i:, i] = result[i, i:]
    return result


def kink_at(signs: Signs) -> Kink:
    """The error for a step taken at zero; the network layer adds which layer it is."""
    return Kink.at([int(i) for i in np.argwhere(signs == 0)[0]])


def choose_by_sign(signs: Signs, positive: Any, negative: Any) -> ObjectArray:
    """The one element where the sign is 1, the other elsewhere."""
    return elementwise(lambda sign: positive if sign > 0 else negative, signs)


def step_by_signs(field: AbstractObjectField, x: Any, positive: Fraction, negative: Fraction) -> ObjectArray:
    """The `step` of a field in which signs are known exactly."""
    signs = field.signs(x)
    if not signs.all():
        raise kink_at(signs)
    return choose_by_sign(signs, field.element(positive), field.element(negative))


def part_by_signs(field: AbstractObjectField, x: Any, positive: Fraction, negative: Fraction) -> ObjectArray:
    """The `positive_part` of a field in which signs are known exactly."""
    part: ObjectArray = x * choose_by_sign(field.signs(x), field.element(positive), field.element(negative))
    return part


def bareiss(rows: list[list[Any]], one: Any, exact_quotient: Callable[[Any, Any], Any]) -> Any:
    """The determinant of a matrix over an integral domain by fraction-free elimination (Bareiss 1968).

    `exact_quotient` divides where the quotient is known to lie in the domain. `rows` is used up.
    """
    previous, negative = one, False
    for k in range(len(rows)):
        pivot = next((i for i in range(k, len(rows)) if rows[i][k]), None)
        if pivot is None:
            return one - one
        if pivot != k:
            rows[k], rows[pivot], negative = rows[pivot], rows[k], not negative
        for i in range(k + 1, len(rows)):
            for j in range(k + 1, len(rows)):
                crossed = rows[i][j] * rows[k][k] - rows[i][k] * rows[k][j]
                rows[i][j] = exact_quotient(crossed, previous)
        previous = rows[k][k]
    return -previous if negative else previous


class AbstractObjectField(AbstractField):
    """A field whose arrays are numpy arrays of Python objects."""

    @abstractmethod
    def element(self, value: Fraction) -> Any:
        """The element a rational number stands for."""

    @abstractmethod
    def quotient(self, a: Any, b: Any) -> Any:
        """Divide one element by another; ZeroDivisionError where b is zero."""

    @abstractmethod
    def primitive(self, name: str, x: Any) -> Any:
        """One primitive at one element."""

    @abstractmethod
    def sign(self, x: Any) -> int:
        """The sign of one element."""

    @abstractmethod
    def product(self, a: ObjectArray, b: ObjectArray) -> ObjectArray:
        """The matrix product of two matrices with at least one row, one column and one term."""

    @abstractmethod
    def symmetric_product(self, a: ObjectArray, b: ObjectArray) -> ObjectArray:
        """The same product, where it is known to be symmetric."""

    @final
    def array(self, values: Any) -> ObjectArray:
        """The elements of nested sequences of ints and Fractions."""
        return elementwise(lambda v: self.element(v if type(v) is Fraction else Fraction(v)), values)

    @final
    def zeros(self, shape: Sequence[int]) -> ObjectArray:
        """All entries the one zero element, which is immutable."""
        return self.full(shape, Fraction(0))

    @final
    def full(self, shape: Sequence[int], value: Fraction) -> ObjectArray:
        """All entries the one element, which is immutable."""
        result = np.empty(tuple(shape), dtype=object)
        result[...] = self.element(value)
        return result

    @final
    def attach(self, x: ObjectArray, exact: Callable[[], Any]) -> ObjectArray:
        """Return x itself."""
        return x

    @final
    def softmax(self, x: ObjectArray) -> ObjectArray:
        """By the formula."""
        exponentials = self.apply("exp", x)
        return self.divide(exponentials, self.total(exponentials)[..., None])

    @final
    def constant(self, value: Fraction) -> Any:
        """One element."""
        return self.element(value)

    @final
    def divide(self, a: Any, b: Any) -> ObjectArray:
        """Elementwise quotient with broadcasting."""
        try:
            return np.asarray(np.frompyfunc(self.quotient, 2, 1)(a, b), dtype=object)
        except ZeroDivisionError:
            raise OutsideField("expected nonzero denominators, denominator=0; choose another point") from None

    @final
    def apply(self, name: str, x: Any) -> ObjectArray:
        """One primitive at every entry; a missing denominator is reported for all entries at once."""
        missing: dict[str, int] = {}

        def value(entry: Any) -> Any:
            try:
                return self.primitive(name, entry)
            except NeedsDenominator as error:
                missing[error.kind] = lcm(missing.get(error.kind, 1), error.denominator)
                return None

        values = elementwise(value, x)
        for kind, denominator in missing.items():
            raise NeedsDenominator(kind, denominator)
        return values

    @final
    def signs(self, x: Any) -> Signs:
        """The sign of every entry."""
        return elementwise(self.sign, x).astype(np.int8)

    @final
    def matmul(self, a: ObjectArray, b: ObjectArray) -> ObjectArray:
        """Batched product; an empty sum is zero."""
        if b.shape[-2] != a.shape[-1]:
            raise ValueError(f"expected inner sizes that agree, shapes={a.shape}, {b.shape}; transpose one of them")
        return self._products(self.product, a, b)

    @final
    def gram(self, a: ObjectArray, b: ObjectArray) -> ObjectArray:
        """Batched symmetric product."""
        return self._products(self.symmetric_product, a.mT, b)

    def _products(
        self, product: Callable[[ObjectArray, ObjectArray], ObjectArray], a: ObjectArray, b: ObjectArray
    ) -> ObjectArray:
        rows, terms, columns = a.shape[-2], a.shape[-1], b.shape[-1]
        if a.ndim == b.ndim == 2 and rows and terms and columns:
            return product(a, b)
        batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        result = self.zeros((*batch, rows, columns))
        if not terms or not result.size:
            return result
        left = np.broadcast_to(a, (*batch, rows, terms))
        right = np.broadcast_to(b, (*batch, terms, columns))
        for index in np.ndindex(*batch):
            result[index] = product(left[index], right[index])
        return result

    @final
    def concatenate(self, arrays: Sequence[ObjectArray], axis: int = 0) -> ObjectArray:
        """As numpy."""
        joined: ObjectArray = np.concatenate([np.asarray(a, dtype=object) for a in arrays], axis=axis)
        return joined

    @final
    def sum(self, x: ObjectArray, axis: int) -> ObjectArray:
        """Sum along one axis, zero when there is nothing to add."""
        total = np.add.reduce(x, axis=axis, initial=self.element(Fraction(0)))
        return np.asarray(total, dtype=object)
