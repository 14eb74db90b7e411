"""H = H_o + H_f with H_o = GᵀDG: the chain rule, twice."""

from collections.abc import Iterator
from fractions import Fraction
from typing import final

from geomcheck.problem.loss import NamedLoss
from geomcheck.prove.knowledge import NAMED, ZERO, AbstractRule, Fact, Knowledge, Scope

G, D, H, H_o, H_f = (NAMED[name] for name in ("G", "D", "H", "H_o", "H_f"))
GRAM = ("*", ("*", ("transpose", G), D), G)


@final
class Decomposition(AbstractRule):
    """∇²L = GᵀDG + Σ_j r_j ∇²F_j where L = ℓ(F(θ)) has no weight decay (which would add c·I)."""

    name = "decomposition"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """H == H_o + H_f; H_o == transpose(G)*D*G where that product is spoken of."""
        if scope.problem.weight_decay == 0:
            reason = "By the chain rule H = H_o + H_f with H_o = GᵀDG and H_f = Σ r_j ∇²F_j."
            yield Fact(self.name, ("==", H, ("+", H_o, H_f)), reason)
        if known.mentions(GRAM) or any(known.mentions((head, m)) for head in ("ker", "im", "trace") for m in (H, H_o)):
            yield Fact(self.name, ("==", H_o, GRAM), "By definition H_o = GᵀDG.")
        for matrix in (G, D):
            vanishes = known.find(("==", matrix, ZERO))
            if vanishes is not None:
                yield Fact(self.name, ("==", H_o, ZERO), f"{matrix[1]} = 0, so H_o = GᵀDG = 0.", (vanishes,))
        loss = scope.problem.loss
        plain = ("*", ("transpose", G), G)
        spoken = known.mentions(plain) or known.mentions(("*", G, ("transpose", G)))
        if isinstance(loss, NamedLoss) and loss.name == "mse" and spoken:
            scale = Fraction(1, scope.problem.N if scope.problem.reduction == "mean" else 1)
            reason = f"The squared loss has D = {scale} · I, so H_o = GᵀDG = {scale} · GᵀG."
            yield Fact(self.name, ("==", H_o, ("*", ("number", str(scale)), plain)), reason)
