"""Weight decay adds c·I to the Hessian: every eigenvalue grows by c."""

from collections.abc import Iterator
from typing import final

from geomcheck.claims.tree import Tree
from geomcheck.prove.knowledge import NAMED, AbstractRule, Fact, Knowledge, Scope

H, H_o, H_f = (NAMED[name] for name in ("H", "H_o", "H_f"))


@final
class WeightDecay(AbstractRule):
    """H = H_o + H_f + c·I with c > 0, so index(H) + nullity(H) ≤ index(H_o + H_f): eigenvalues ≤ 0 were < 0 before.

    And tr H = tr H_o + tr H_f + cP.
    """

    name = "weight-decay"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """Both facts, as far as they are asked for."""
        decay = scope.problem.weight_decay
        if decay <= 0:
            return
        if any(known.mentions((head, H)) for head in ("index", "nullity", "rank", "det")):
            low: Tree = ("+", ("index", H), ("nullity", H))
            reason = f"H is H_o + H_f + {decay}·I: where its form is ≤ 0, that of H_o + H_f is negative."
            yield Fact(self.name, ("<=", low, ("index", ("+", H_o, H_f))), reason)
        if known.mentions(("trace", H)):
            added = ("number", str(decay * scope.problem.P))
            total = ("+", ("+", ("trace", H_o), ("trace", H_f)), added)
            reason = f"H is H_o + H_f + {decay}·I, and the trace is linear."
            yield Fact(self.name, ("==", ("trace", H), total), reason)
