"""F_p: the fast image of ℚ and of ℚ(t, u), in which a nonzero minor proves a lower bound of a rank."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any, ClassVar, Self, final

import flint
import numpy as np
import numpy.typing as npt

from geomcheck.errors import OutsideField
from geomcheck.fields.base import AbstractField, Signs, choose_by_sign, kink_at
from geomcheck.fields.exponentials import ExponentialField
from geomcheck.fields.machine_words import AbstractWords
from geomcheck.fields.rational_functions import RationalFunction
from geomcheck.fields.rationals import ANGLES, EXPONENT_FACTOR, RationalField, require_rational_values

Words = npt.NDArray[np.uint64]
Exact = Callable[[], Any] | None
PRIME_LIMIT = 1 << 31
SPLIT = 16
INNER_LIMIT = 1 << 18  # (2^16 + 2^15)^2 · 2^18 < 2^53: a sum of that many split products is exact in float64


@final
class BadReduction(OutsideField):
    """A denominator vanishes modulo the prime; take another prime or other residues of t and u."""


def primes_below_limit(skip: int = 0) -> Iterator[int]:
    """The primes below 2³¹, downwards, after leaving out the first `skip`.

    >>> next(primes_below_limit())
    2147483647
    """
    candidate = PRIME_LIMIT - 1
    while candidate > 2:
        if flint.fmpz(candidate).is_prime():
            if skip == 0:
                yield candidate
            else:
                skip -= 1
        candidate -= 2


@final
class ResidueArray(AbstractWords):
    """An array of residues modulo p < 2³¹ that may remember what it is the image of.

    `exact` is None, or gives when called the array over ℚ or ℚ(t, u) whose image this is. Signs and exponents, which
    residues do not have, are read from it. It is kept by elementwise operations between arrays that all have one, by
    indexing and by reshaping, and dropped by matrix products and by assignment.
    """

    __slots__ = ("_exact", "prime", "primitives")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, values: Any, prime: int, exact: Exact = None) -> None:
        self.values: Words = np.asarray(values, dtype=np.uint64)
        self.prime = prime
        self._exact = exact
        self.primitives: dict[str, ResidueArray] = {}  # found by the field; both σ and σ′ ask

    @property
    def exact(self) -> Exact:
        """The callable giving the exact array, computed once, or None."""
        known = self._exact
        if known is None:
            return None

        def once() -> Any:
            value = known()
            self._exact = lambda: value
            return value

        return once

    def with_exact(self, exact: Exact) -> ResidueArray:
        """The same residues, as the image of what `exact` gives."""
        return ResidueArray(self.values, self.prime, exact)

    def _moved(self, values: Words, move: Callable[[Any], Any]) -> ResidueArray:
        exact = self.exact
        return ResidueArray(values, self.prime, None if exact is None else lambda: move(np.asarray(exact())))

    def reshape(self, *shape: Any) -> ResidueArray:
        """As numpy."""
        return self._moved(self.values.reshape(*shape), lambda a: a.reshape(*shape))

    def swapaxes(self, first: int, second: int) -> ResidueArray:
        """As numpy."""
        return self._moved(self.values.swapaxes(first, second), lambda a: a.swapaxes(first, second))

    @property
    def T(self) -> ResidueArray:
        """All axes reversed."""
        return self._moved(self.values.T, lambda a: a.T)

    def copy(self) -> ResidueArray:
        """Residues of its own, to assign to."""
        return ResidueArray(self.values.copy(), self.prime, self._exact)

    def __getitem__(self, index: Any) -> ResidueArray:
        return self._moved(np.asarray(self.values[index]), lambda a: np.asarray(a[index], dtype=object))

    def __setitem__(self, index: Any, value: Any) -> None:
        other = self._coerce(value)
        if other is None:
            raise TypeError(f"expected residues or ints to assign, value={value!r} ({type(value).__name__})")
        self.values[index] = other.values
        self._exact = None
        self.primitives.clear()

    def _coerce(self, other: Any) -> ResidueArray | None:
        if isinstance(other, ResidueArray):
            if other.prime != self.prime:
                raise ValueError(f"expected residues modulo {self.prime}, prime={other.prime} (int); use one field")
            return other
        if isinstance(other, (int, np.integer)):
            whole = int(other)
            return ResidueArray(whole % self.prime, self.prime, lambda: whole)
        if isinstance(other, np.ndarray) and other.dtype.kind in "iub":
            whole_array = other.astype(np.int64)
            return ResidueArray(whole_array % self.prime, self.prime, lambda: whole_array.astype(object))
        return None

    def _combine(self, other: Any, residues: Callable[[Words, Words], Words], exact: Callable[[Any, Any], Any]) -> Any:
        coerced = self._coerce(other)
        if coerced is None:
            return NotImplemented
        values = np.asarray(residues(self.values, coerced.values), dtype=np.uint64)
        left, right = self.exact, coerced.exact
        if left is None or right is None:
            return ResidueArray(values, self.prime)
        return ResidueArray(values, self.prime, lambda: exact(left(), right()))

    def __add__(self, other: Any) -> Self:
        prime = np.uint64(self.prime)
        return self._combine(other, lambda a, b: plus(a, b, prime), lambda a, b: a + b)  # type: ignore[no-any-return]

    __radd__ = __add__

    def __mul__(self, other: Any) -> Self:
        prime = np.uint64(self.prime)
        return self._combine(other, lambda a, b: a * b % prime, lambda a, b: a * b)  # type: ignore[no-any-return]

    __rmul__ = __mul__

    def __sub__(self, other: Any) -> Self:
        prime = np.uint64(self.prime)
        return self._combine(other, lambda a, b: minus(a, b, prime), lambda a, b: a - b)  # type: ignore[no-any-return]

    def __rsub__(self, other: Any) -> Self:
        prime = np.uint64(self.prime)
        return self._combine(other, lambda a, b: minus(b, a, prime), lambda a, b: b - a)  # type: ignore[no-any-return]

    def __neg__(self) -> ResidueArray:
        values = minus(np.uint64(0), self.values, np.uint64(self.prime))
        return self._moved(np.asarray(values, dtype=np.uint64), lambda a: -a)

    def __eq__(self, other: object) -> Any:
        coerced = self._coerce(other)
        return NotImplemented if coerced is None else self.values == coerced.values

    def __repr__(self) -> str:
        return f"ResidueArray({self.values.tolist()}, prime={self.prime})"


def inverses(values: Words, prime: int) -> Words:
    """Elementwise inverse modulo a prime, v^{p−2} (Fermat); BadReduction at zero."""
    if not values.all():
        raise BadReduction(f"expected units modulo the prime, prime={prime} (int); take another prime")
    result, square, exponent = np.ones_like(values), values.copy(), prime - 2
    while exponent:
        if exponent & 1:
            result = np.asarray(result * square % np.uint64(prime), dtype=np.uint64)
        square, exponent = square * square % np.uint64(prime), exponent >> 1
    return result


def residue_product(a: Words, b: Words, prime: int) -> Words:
    """a·b modulo p through float64 matrix products that are exact integers.

    With a = a₁2¹⁶ + a₀ and b = b₁2¹⁶ + b₀ three products suffice (Karatsuba):
    a₁b₁, a₀b₀ and (a₁+a₀)(b₁+b₀), each a sum of at most 2¹⁸ terms below 2³⁵.
    """
    terms = a.shape[-1]
    if terms > INNER_LIMIT:
        head = residue_product(a[..., :INNER_LIMIT], b[..., :INNER_LIMIT, :], prime)
        tail = residue_product(a[..., INNER_LIMIT:], b[..., INNER_LIMIT:, :], prime)
        return np.asarray((head + tail) % np.uint64(prime), dtype=np.uint64)
    shift, mask = np.uint64(SPLIT), np.uint64((1 << SPLIT) - 1)
    a_high, a_low = (a >> shift).astype(np.float64), (a & mask).astype(np.float64)
    b_high, b_low = (b >> shift).astype(np.float64), (b & mask).astype(np.float64)
    high, low = np.matmul(a_high, b_high), np.matmul(a_low, b_low)
    a_high += a_low
    b_high += b_low
    middle = np.matmul(a_high, b_high)
    middle -= high
    middle -= low
    quotients = np.empty_like(high)
    for lower in (middle, low):  # Horner: every partial sum stays below 2^53
        _reduce(high, quotients, prime)
        high *= 1 << SPLIT
        high += lower
    _reduce(high, quotients, prime)
    high += (high < 0) * prime
    result: Words = high.astype(np.uint64)
    return result


def _reduce(values: npt.NDArray[np.float64], quotients: npt.NDArray[np.float64], prime: int) -> None:
    """Replace integers below 2⁵³ by the remainders nearest zero modulo the prime; `quotients` is scratch space."""
    np.divide(values, prime, out=quotients)
    np.rint(quotients, out=quotients)
    quotients *= prime
    values -= quotients


def plus(a: Any, b: Any, prime: Any) -> Any:
    """The sum of reduced residues, reduced by one comparison: for s ≥ p the wrapped s − p is smaller, else larger."""
    total = a + b
    return np.minimum(total, total - prime)


def minus(a: Any, b: Any, prime: Any) -> Any:
    """The difference of reduced residues; when a < b it wraps round to above 2⁶³, and adding p wraps it back."""
    difference = a - b
    return np.minimum(difference, difference + prime)


@final
class ResidueField(AbstractField):
    """F_p for a prime p < 2³¹, as the image of ℚ or, given residues of t and u, of ℚ(t, u) = ℚ(e^{1/q}, tan(1/2q′)).

    Reduction t ↦ t mod p, u ↦ u mod p is a ring homomorphism on the fractions whose denominators stay units, so a
    minor that is nonzero here is nonzero there. `source` is the exact field.

    >>> F7 = ResidueField(7)
    >>> F7.array([[Fraction(1, 2), -1]]) * 3
    ResidueArray([[5, 4]], prime=7)
    """

    decides_zero: ClassVar[bool] = False  # a nonzero number may reduce to zero

    def __init__(self, prime: int, t: int | None = None, u: int | None = None, q: int = 1, angle_q: int = 1) -> None:
        if not 2 < prime < PRIME_LIMIT or not flint.fmpz(prime).is_prime():
            raise ValueError(f"expected an odd prime below 2^31, prime={prime} (int)")
        self.prime, self.q, self.angle_q = prime, q, angle_q
        self.t, self.u = (0 if t is None else t % prime), (0 if u is None else u % prime)
        rational = t is None and u is None
        self.source: RationalField | ExponentialField = RationalField() if rational else ExponentialField(q, angle_q)

    @property
    def name(self) -> str:
        """F_p."""
        return f"F_{self.prime}"

    def _wrap(self, values: Any, exact: Exact = None) -> ResidueArray:
        return ResidueArray(values, self.prime, exact)

    def _of_fractions(self, numerators: list[int], denominators: list[int], shape: tuple[int, ...]) -> Words:
        prime = self.prime
        top = np.array([n % prime for n in numerators], dtype=np.uint64).reshape(shape)
        if all(d == 1 for d in denominators):
            return top
        bottom = np.array([d % prime for d in denominators], dtype=np.uint64).reshape(shape)
        return np.asarray(top * inverses(bottom, prime) % np.uint64(prime), dtype=np.uint64)

    def array(self, values: Any) -> ResidueArray:
        """The residues of nested ints and Fractions, remembering them."""
        entries = np.asarray(values, dtype=object)
        flat = [v if type(v) is Fraction else Fraction(v) for v in entries.reshape(-1)]
        residues = self._of_fractions([v.numerator for v in flat], [v.denominator for v in flat], entries.shape)
        return self._wrap(residues, lambda: self.source.array(entries))

    def zeros(self, shape: Sequence[int]) -> ResidueArray:
        """Zeros to assign to."""
        return self._wrap(np.zeros(tuple(shape), dtype=np.uint64))

    def full(self, shape: Sequence[int], value: Fraction) -> ResidueArray:
        """One residue everywhere."""
        one = self.constant(value)
        values = np.full(tuple(shape), one.values[()], dtype=np.uint64)
        return self._wrap(values, lambda: self.source.full(shape, value))

    def attach(self, x: ResidueArray, exact: Callable[[], Any]) -> ResidueArray:
        """x, which is from now on the image of what `exact` gives."""
        return x.with_exact(exact)

    def constant(self, value: Fraction) -> ResidueArray:
        """A zero-dimensional array."""
        return self.array(value)

    def reduce(self, x: Any) -> ResidueArray:
        """The image of an exact array over `source` (fmpq or RationalFunction entries); BadReduction if none."""
        entries = np.asarray(x, dtype=object)
        flat = entries.reshape(-1)
        if any(isinstance(entry, RationalFunction) for entry in flat):
            pairs = [RationalFunction.of(entry).residue_pair(self.t, self.u, self.prime) for entry in flat]
        else:
            pairs = [(int(x.p), int(x.q)) if isinstance(x, flint.fmpq) else (int(x), 1) for x in flat]
        residues = self._of_fractions([n for n, _ in pairs], [d for _, d in pairs], entries.shape)
        return self._wrap(residues, lambda: entries)

    def divide(self, a: Any, b: Any) -> ResidueArray:
        """The product a · b^{p−2}; BadReduction where b is zero modulo p."""
        below = b if isinstance(b, ResidueArray) else self.array(b)
        above = a if isinstance(a, ResidueArray) else self.array(a)
        quotient = above.with_exact(None) * self._wrap(inverses(below.values, self.prime))
        top, bottom = above.exact, below.exact
        if top is None or bottom is None:
            return quotient
        return quotient.with_exact(lambda: self.source.divide(top(), bottom()))

    def _exact_of(self, x: ResidueArray, purpose: str) -> Any:
        if x.exact is None:
            raise OutsideField(f"expected residues that remember an exact value, to find {purpose}; use an exact field")
        return np.asarray(x.exact(), dtype=object)

    def apply(self, name: str, x: ResidueArray) -> ResidueArray:
        """The image of the primitive at the exact argument; e^{m/q} is t^m."""
        if name not in x.primitives:
            x.primitives[name] = self._primitive(name, self._exact_of(x, f"{name} of it"))
        return x.primitives[name]

    def _primitive(self, name: str, exact: Any) -> ResidueArray:
        source = self.source

        def later() -> Any:
            return source.apply(name, exact)

        if name not in (*EXPONENT_FACTOR, *ANGLES):
            return self.reduce(later())
        if isinstance(source, RationalField):
            require_rational_values(name, exact)
            return self.reduce(later())
        exponents = source.exponents(name, exact)
        image = self._angle(name, exponents) if name in ANGLES else self._exponential(name, exponents)
        return image.with_exact(later)

    def _exponential(self, name: str, exponents: Any) -> ResidueArray:
        """The values at m/q (exp, sigmoid) or m/2q (tanh) from t^m, once for each exponent m that occurs."""
        prime = self.prime
        if not self.t:
            raise BadReduction("expected a nonzero residue of t, t=0 (int); take another residue")
        found: dict[int, int] = {}
        for exponent in set(exponents.reshape(-1)):
            above = power = pow(self.t, exponent, prime)
            if name != "exp":
                if power == prime - 1:
                    raise BadReduction(f"expected 1+e^x to be a unit, t={self.t} (int); take another residue")
                above = (power - 1 if name == "tanh" else power) * pow(power + 1, -1, prime) % prime
            found[exponent] = above
        flat = [found[exponent] for exponent in exponents.reshape(-1)]
        return self._wrap(np.array(flat, dtype=np.uint64).reshape(exponents.shape))

    def _angle(self, name: str, exponents: Any) -> ResidueArray:
        """The cosine or sine of m/q′ from ((1+iu)²/(1+u²))^m, by squaring pairs (real, imaginary)."""
        prime = self.prime
        norm = pow(1 + self.u * self.u, -1, prime) if (1 + self.u * self.u) % prime else 0
        if not norm:
            raise BadReduction(f"expected 1+u² to be a unit, u={self.u} (int); take another residue")
        square = ((1 - self.u * self.u) * norm % prime, 2 * self.u * norm % prime)
        found: dict[int, tuple[int, int]] = {}
        for exponent in {abs(e) for e in exponents.reshape(-1)}:
            real, imaginary, power, bits = 1, 0, square, exponent
            while bits:
                if bits & 1:
                    real, imaginary = (
                        (real * power[0] - imaginary * power[1]) % prime,
                        (real * power[1] + imaginary * power[0]) % prime,
                    )
                power = ((power[0] ** 2 - power[1] ** 2) % prime, 2 * power[0] * power[1] % prime)
                bits >>= 1
            found[exponent] = (real, imaginary)
        flat = [
            found[abs(e)][0] if name == "cos" else (found[abs(e)][1] if e >= 0 else -found[abs(e)][1] % prime)
            for e in exponents.reshape(-1)
        ]
        return self._wrap(np.array(flat, dtype=np.uint64).reshape(exponents.shape))

    def signs(self, x: ResidueArray) -> Signs:
        """Of the exact values."""
        return self.source.signs(self._exact_of(x, "its sign"))

    def step(self, x: ResidueArray, positive: Fraction, negative: Fraction) -> ResidueArray:
        """By the exact signs."""
        signs = self.signs(x)
        if not signs.all():
            raise kink_at(signs)
        return self._by_sign(signs, positive, negative)

    def positive_part(self, x: ResidueArray, positive: Fraction, negative: Fraction) -> ResidueArray:
        """By the exact signs."""
        return x * self._by_sign(self.signs(x), positive, negative)

    def _by_sign(self, signs: Signs, positive: Fraction, negative: Fraction) -> ResidueArray:
        above, below = self.constant(positive), self.constant(negative)
        values = np.where(signs > 0, above.values, below.values)
        return self._wrap(values, lambda: self.source.array(choose_by_sign(signs, positive, negative)))

    def matmul(self, a: ResidueArray, b: ResidueArray) -> ResidueArray:
        """Exact, by float64 products of split residues."""
        return self._wrap(residue_product(a.values, b.values, self.prime))

    def gram(self, a: ResidueArray, b: ResidueArray) -> ResidueArray:
        """The product."""
        return self.matmul(a.mT, b)

    def concatenate(self, arrays: Sequence[ResidueArray], axis: int = 0) -> ResidueArray:
        """As numpy, remembering exact values when all do."""
        joined = np.concatenate([a.values for a in arrays], axis=axis)
        known = [a.exact for a in arrays]
        if any(exact is None for exact in known):
            return self._wrap(joined)
        return self._wrap(joined, lambda: np.concatenate([np.asarray(e()) for e in known if e is not None], axis=axis))

    def is_zero(self, x: ResidueArray) -> npt.NDArray[np.bool_]:
        """Whether the residue is zero, which a nonzero exact value may reduce to."""
        return np.asarray(x.values == 0, dtype=bool)

    def determinant(self, x: ResidueArray) -> ResidueArray:
        """By flint."""
        matrix = flint.nmod_mat(x.shape[0], x.shape[1], x.values.reshape(-1).tolist(), self.prime)
        return self._wrap(int(matrix.det()))

    def softmax(self, x: ResidueArray) -> ResidueArray:
        """By the formula."""
        exponentials = self.apply("exp", x)
        return self.divide(exponentials, self.total(exponentials)[..., None])

    def sum(self, x: ResidueArray, axis: int) -> ResidueArray:
        """Sums of fewer than 2³³ residues fit one word."""
        exact = x.exact
        values = x.values.sum(axis=axis) % np.uint64(self.prime)
        return self._wrap(values, None if exact is None else lambda: self.source.sum(np.asarray(exact()), axis))
