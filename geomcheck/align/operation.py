"""One operation of a traced graph, as the rules see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, final

from geomcheck.align.axes import Axes
from geomcheck.align.layout import Tensor, fixed_axes

__all__ = ["RULES", "Call", "Value", "rule"]


@final
@dataclass(frozen=True)
class Value:
    """A tensor of the graph: its axes, one node a dimension, and its shape."""

    axes: Tensor
    shape: tuple[int, ...]


@final
@dataclass
class Call:
    """An operation with its arguments by name, tensors as `Value`, and the shapes of its results.

    ``running`` collects the axes of running statistics.
    """

    axes: Axes
    name: str
    arguments: dict[str, Any]
    shapes: Sequence[tuple[int, ...]]
    running: set[int] = field(default_factory=set)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the first result."""
        return self.shapes[0]

    def __getitem__(self, name: str) -> Any:
        return self.arguments[name]

    def tensor(self, *names: str) -> Value:
        """The first of these arguments that there is."""
        value = next(self.arguments[name] for name in names if name in self.arguments)
        assert isinstance(value, Value)
        return value

    def tensors(self) -> list[Value]:
        """All tensor arguments, those in lists included."""
        found: list[Value] = []
        for value in self.arguments.values():
            found += [
                item for item in (value if isinstance(value, list | tuple) else [value]) if isinstance(item, Value)
            ]
        return found

    def dimension(self, name: str = "dim", of: int | None = None) -> int:
        """A dimension argument as an index from the left."""
        rank = len(self.tensor("self", "input").shape) if of is None else of
        return int(self[name]) % max(rank, 1)

    def fix_all(self) -> Tensor:
        """Fix every tensor argument; the axes of a result of fixed axes."""
        for value in self.tensors():
            for node in value.axes:
                self.axes.fix(node)
        return fixed_axes(self.axes, self.shape)


# Result axes: those of one tensor, or of every tensor of a list.
Rule = Callable[[Call], "Tensor | list[Tensor]"]
RULES: Final[dict[str, Rule]] = {}


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Enter a rule for these operations of torch's aten library, without the final underscore of in-place ones."""

    def enter(function: Rule) -> Rule:
        for name in names:
            RULES[name] = function
        return function

    return enter
