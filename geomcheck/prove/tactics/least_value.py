"""The least value of L, shown at one point, bounds L everywhere and is L at every global minimum."""

from collections.abc import Iterator
from typing import final

from geomcheck.prove.knowledge import AbstractRule, Fact, Knowledge, Scope

LOSS = ("word", "L")


@final
class LeastValue(AbstractRule):
    """c ≤ L everywhere, and L = c at global minima, where c is L at a point shown to be one; the data must be given."""

    name = "least-value"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The facts c <= L and L == c."""
        least = scope.least
        if least is None or not (known.mentions(LOSS) or known.mentions(("perfect_fit",))):
            return
        value = ("number", str(least.value)) if least.value >= 0 else ("neg", ("number", str(-least.value)))
        reason = f"The witness is a global minimum, and L = {least.value} there: L ≥ {least.value} everywhere."
        yield Fact(self.name, ("<=", value, LOSS), reason)
        premises = scope.lies_in("global_minima")
        if premises is not None:
            reason = f"The witness is a global minimum, and L = {least.value} there, so at all of them."
            yield Fact(self.name, ("==", LOSS, value), reason, premises)
