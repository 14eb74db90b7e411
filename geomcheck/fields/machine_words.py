"""What arrays kept in machine words have in common: their shape, as numpy tells it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Self


class AbstractWords(ABC):
    """An array over `values`, a numpy array of machine words that stand for the entries."""

    __slots__ = ("values",)
    __array_ufunc__ = None  # numpy leaves `array + words` to us

    values: Any

    @property
    def shape(self) -> tuple[int, ...]:
        """As numpy."""
        return tuple(self.values.shape)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return int(self.values.ndim)

    @property
    def size(self) -> int:
        """The number of entries."""
        return int(self.values.size)

    def __len__(self) -> int:
        return len(self.values)

    @abstractmethod
    def swapaxes(self, first: int, second: int) -> Self:
        """As numpy."""

    @property
    def mT(self) -> Self:
        """The last two axes exchanged."""
        return self.swapaxes(-1, -2)
