"""Parameters in which the behaviour is affine: blocks of zeros in H_f = Σ r_j ∇²F_j."""

from collections.abc import Iterator
from typing import final

from geomcheck.claims.tree import unparse
from geomcheck.geometry.affine_block import inertia_bounds, is_flat, is_multiaffine
from geomcheck.prove.knowledge import NAMED, ZERO, AbstractRule, Fact, Knowledge, Scope

H_f = NAMED["H_f"]


@final
class AffineBlock(AbstractRule):
    """A zero block of size a and z further zero rows leave rank(H_f) ≤ P − z, 2(P − z − a), index(±H_f) ≤ P − z − a."""

    name = "affine-block"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The bounds, entries that are 0, and tr H_f = 0 where F is affine in each parameter alone."""
        problem = scope.problem
        if not known.mentions(H_f):
            return
        rank, index = inertia_bounds(problem)
        why = f"H_f vanishes on the parameters in which F is affine: at most {index} eigenvalues of each sign"
        for head in ("rank", "generic_rank"):
            if known.mentions((head, H_f)) and rank < problem.P:
                reason = f"{why}, and {head}(H_f) ≤ {rank}."
                yield Fact(self.name, ("<=", (head, H_f), ("number", str(rank))), reason)
        for matrix in (H_f, ("neg", H_f)):
            if known.mentions(("index", matrix)) and index < problem.P:
                yield Fact(self.name, ("<=", ("index", matrix), ("number", str(index))), f"{why}.")
        if known.mentions(("trace", H_f)) and is_multiaffine(problem):
            reason = "F is affine in each parameter alone, so the diagonal of H_f, and its trace, is 0."
            yield Fact(self.name, ("==", ("trace", H_f), ZERO), reason)
        for term in known.terms:
            if term[:2] == ("entry", H_f) and is_flat(problem, term[2], term[3]):
                reason = f"F is affine in these two parameters: {unparse(term)} = 0."
                yield Fact(self.name, ("==", term, ZERO), reason)
