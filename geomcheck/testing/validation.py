"""Arguments of strategies, checked when the strategy is made; the messages are worded as Hypothesis words its own."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from numbers import Rational
from typing import Any, NoReturn, TypeVar

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")


def refuse(expected: str, value: object, name: str) -> NoReturn:
    """Raise InvalidArgument: ``Expected int but got rows='2' (type=str)``."""
    raise InvalidArgument(f"Expected {expected} but got {name}={value!r} (type={type(value).__name__})")


def check_type(kind: type[T], value: object, name: str) -> T:
    """The value, if it is of the type; a bool is not an int.

    >>> check_type(int, True, "rows")
    Traceback (most recent call last):
    hypothesis.errors.InvalidArgument: Expected int but got rows=True (type=bool)
    """
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        refuse(kind.__name__, value, name)
    return value


def check_count(minimum: int) -> Callable[[object, str], int]:
    """A check for a whole number that is at least `minimum`."""

    def check(value: object, name: str) -> int:
        count = check_type(int, value, name)
        if count < minimum:
            raise InvalidArgument(f"Expected {name} to be at least {minimum} but got {name}={count}")
        return count

    return check


def check_rational(value: object, name: str) -> Fraction:
    """The value as a Fraction, if it is an int or a Fraction; a float is refused."""
    if isinstance(value, bool) or not isinstance(value, Rational):
        refuse("Rational", value, name)
    return Fraction(int(value.numerator), int(value.denominator))


def check_interval(low: Any, high: Any, low_name: str, high_name: str) -> None:
    """Raise InvalidArgument if both bounds are given and cross."""
    if low is not None and high is not None and low > high:
        raise InvalidArgument(f"Cannot have {low_name}={low} > {high_name}={high}")


def one_or_strategy(value: object, name: str, check: Callable[[object, str], T]) -> SearchStrategy[T]:
    """A strategy from a value (checked now) or from a strategy (each of whose values is checked when drawn)."""
    if isinstance(value, SearchStrategy):
        return value.map(lambda drawn: check(drawn, name))
    return st.just(check(value, name))


def check_elements(elements: object, default: Callable[[], SearchStrategy[Fraction]]) -> SearchStrategy[Fraction]:
    """The strategy of numbers that a strategy of matrices or points is built from."""
    if elements is None:
        return default()
    if not isinstance(elements, SearchStrategy):
        refuse("SearchStrategy", elements, "elements")
    return elements.map(lambda drawn: check_rational(drawn, "element"))
