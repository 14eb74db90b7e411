"""The two ways in which alignment stops that are not plain wrong input."""

from __future__ import annotations

from geomcheck.errors import GeomcheckError, InputError

__all__ = ["NotEquivalent", "UnknownOperation"]


class UnknownOperation(InputError):
    """An operation in the module's graph for which no rule says how its axes move together; `operation` is its name.

    >>> UnknownOperation("fft").operation
    'fft'
    """

    def __init__(self, operation: str, where: str = "") -> None:
        super().__init__(operation, where)
        self.operation = operation
        self.where = where

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        return (
            f"expected operations whose axes are known to move together, got {self.operation}{place}; "
            "write that part with other operations, or leave it out of the module that is aligned"
        )


class NotEquivalent(GeomcheckError):
    """The permuted model does not compute the function it computed before, so nothing derived from it is reported."""
