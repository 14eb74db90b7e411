"""Upper bounds of rank(G) from polynomial kernel fields, where symmetries and shapes leave a gap."""

from collections.abc import Iterator
from typing import final

from geomcheck.geometry.polynomial_kernel_fields import MAX_PARAMETERS, polynomial_fields
from geomcheck.prove.knowledge import NAMED, AbstractRule, Fact, Knowledge, Scope
from geomcheck.prove.tactics.generic_rank import generic_point


@final
class PolynomialFields(AbstractRule):
    """rank(G) ≤ P − s at every point, for s polynomial fields v(θ) with Gv ≡ 0 that are independent somewhere."""

    name = "polynomial-fields"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The bound on the rank and on the generic rank, where it is better than what is known."""
        problem, G = scope.problem, NAMED["G"]
        heads = [head for head in ("generic_rank", "rank") if known.mentions((head, G))]
        if not heads or problem.parameters is not None or problem.P > MAX_PARAMETERS:
            return
        point = generic_point(problem, (G,))
        bounds = [fact.statement[2] for fact in known if fact.statement[:2] in [("<=", (head, G)) for head in heads]]
        best = min((int(bound[1]) for bound in bounds if bound[0] == "number"), default=problem.P)
        if point is None or point.ranks[0] >= best:
            return
        found = polynomial_fields(problem, problem.P - point.ranks[0])
        if found is None or problem.P - len(found.fields) >= best:
            return
        shown = "; ".join(f"({', '.join(field)})" for field in found.fields[:3])
        extra = (("fields", found.fields), ("point", tuple(map(str, found.point))))
        bound = problem.P - len(found.fields)
        for head in heads:
            reason = (
                f"G annihilates {len(found.fields)} polynomial vector fields identically, in p0, p1, … for the "
                f"parameters: {shown}{'; …' if len(found.fields) > 3 else ''}. They are independent at one point, so "
                f"{head}(G) ≤ P − {len(found.fields)} = {bound}."
            )
            yield Fact(self.name, ("<=", (head, G), ("number", str(bound))), reason, extra=extra)
