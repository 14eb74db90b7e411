"""Truth with three values; the unknown one cannot be used as a bool."""

from __future__ import annotations

import enum
from collections.abc import Iterable


class Truth(enum.Enum):
    """Kleene's three-valued truth: ``&``, ``|``, ``~`` and :meth:`implies` are his strong connectives.

    An unknown truth has no ``bool``: code that forgets the third case fails loudly instead of guessing.

    Source: Kleene (1952), *Introduction to Metamathematics*, §64.

    >>> Truth.FALSE & Truth.UNKNOWN, Truth.TRUE & Truth.UNKNOWN
    (Truth.FALSE, Truth.UNKNOWN)
    >>> ~Truth.UNKNOWN
    Truth.UNKNOWN
    """

    FALSE = "false"
    UNKNOWN = "unknown"
    TRUE = "true"

    @staticmethod
    def of(value: bool | None) -> Truth:
        """TRUE, FALSE, or UNKNOWN for ``None``."""
        if value is None:
            return Truth.UNKNOWN
        return Truth.TRUE if value else Truth.FALSE

    @staticmethod
    def all(truths: Iterable[Truth]) -> Truth:
        """The conjunction: FALSE as soon as one is, TRUE for none at all."""
        answer = Truth.TRUE
        for truth in truths:
            answer &= truth
            if answer is Truth.FALSE:
                break
        return answer

    @staticmethod
    def any(truths: Iterable[Truth]) -> Truth:
        """The disjunction: TRUE as soon as one is, FALSE for none at all."""
        return ~Truth.all(~truth for truth in truths)

    def implies(self, other: Truth) -> Truth:
        """``~self | other``."""
        return ~self | other

    def __and__(self, other: Truth) -> Truth:
        if Truth.FALSE in (self, other):
            return Truth.FALSE
        return Truth.UNKNOWN if Truth.UNKNOWN in (self, other) else Truth.TRUE

    def __or__(self, other: Truth) -> Truth:
        return ~(~self & ~other)

    def __invert__(self) -> Truth:
        return {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE, Truth.UNKNOWN: Truth.UNKNOWN}[self]

    def __bool__(self) -> bool:
        if self is Truth.UNKNOWN:
            raise TypeError("an unknown truth is neither true nor false: compare with `is Truth.TRUE`")
        return self is Truth.TRUE

    def __repr__(self) -> str:
        return f"Truth.{self.name}"
