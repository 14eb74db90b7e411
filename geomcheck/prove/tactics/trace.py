"""The trace is linear, and does not see transposition or the order of two factors."""

from collections.abc import Iterator
from typing import final

from geomcheck.claims.matrices import shape
from geomcheck.claims.tree import Tree, is_constant, unparse
from geomcheck.prove.knowledge import AbstractRule, Fact, Knowledge, Scope


@final
class Trace(AbstractRule):
    """tr(X ± Y) = tr X ± tr Y, tr(cX) = c tr X, tr(Xᵀ) = tr X, tr(XY) = tr(YX), tr(XYZ) = tr(YZX)."""

    name = "trace"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The equation for every trace that matters, and for traces of products that are spoken of in both orders."""
        for matrix in known.arguments("trace"):
            other = self._apart(matrix, scope, known)
            if other is not None:
                text = f"{unparse(('trace', matrix))} = {unparse(other)}: the trace is linear."
                yield Fact(self.name, ("==", ("trace", matrix), other), text)

    def _apart(self, matrix: Tree, scope: Scope, known: Knowledge) -> Tree | None:
        head, parts = matrix[0], matrix[1:]
        if head in ("+", "-"):
            return (head, *(("trace", part) for part in parts))
        if head == "neg":
            return ("neg", ("trace", parts[0]))
        if head == "transpose":
            return ("trace", parts[0])
        if head == "*" and is_constant(parts[0]):
            return ("*", parts[0], ("trace", parts[1]))
        if head == "*" and shape(parts[0], scope.problem)[1] == shape(parts[1], scope.problem)[0]:
            turned = ("trace", ("*", parts[1], parts[0]))
            if known.mentions(turned) or parts[0][0] != "*" or is_constant(parts[0][1]):
                return turned if known.mentions(turned) else None
            first, second = parts[0][1:]
            cycled = ("trace", ("*", ("*", second, parts[1]), first))
            return cycled if known.mentions(cycled) else None
        return None
