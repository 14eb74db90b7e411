"""Rank and index of H_o = GᵀDG for a positive (semi)definite D."""

from collections.abc import Iterator
from typing import Final, final

from geomcheck.claims.tree import Tree
from geomcheck.prove.knowledge import NAMED, ZERO, AbstractRule, Fact, Knowledge, Scope

G, D, H_o = NAMED["G"], NAMED["D"], NAMED["H_o"]
SEMIDEFINITE = ("==", ("index", D), ZERO)
REGULAR = ("==", ("nullity", D), ZERO)
OF_G: Final[dict[Tree, Tree]] = {("ker", H_o): ("ker", G), ("im", H_o): ("im", ("transpose", G))}


@final
class GramDefinite(AbstractRule):
    """D ≻ 0 ⇒ rank(H_o) = rank(G), ker(H_o) = ker(G), im(H_o) = im(Gᵀ).

    D = SᵀS with S invertible, so GᵀDG = (SG)ᵀ(SG), and rank(XᵀX) = rank(X) over ℝ (Xᵀ X v = 0 ⇒ |Xv|² = 0).
    """

    name = "gram-definite"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """rank(H_o) == rank(G); dim(ker(H_o) & S) == dim(ker(G) & S) and dim(im(H_o) & S) == dim(im(G.T) & S)."""
        semidefinite, regular = known.find(SEMIDEFINITE), known.find(REGULAR)
        if semidefinite and regular and known.mentions(("rank", H_o)):
            yield Fact(
                self.name,
                ("==", ("rank", H_o), ("rank", G)),
                "D ≻ 0 factors as SᵀS with S invertible, so rank(H_o) = rank(GᵀDG) = rank((SG)ᵀ(SG)) = rank(SG) = "
                "rank(G).",
                (semidefinite, regular),
            )
        if not (semidefinite and regular):
            return
        for space in known.arguments("dim"):
            for place in (1, 2) if space[0] == "&" else ():
                if space[place] in OF_G:
                    plain = (*space[:place], OF_G[space[place]], *space[place + 1 :])
                    yield Fact(
                        self.name,
                        ("==", ("dim", space), ("dim", plain)),
                        "D ≻ 0, so ker(H_o) = ker(G) and im(H_o) = im(Gᵀ).",
                        (semidefinite, regular),
                    )


@final
class GramSemidefinite(AbstractRule):
    """D ⪰ 0 ⇒ rank(H_o) = rank(G) − dim(im G ∩ ker D) and index(H_o) = 0.

    D = SᵀS with ker S = ker D, so rank(GᵀDG) = rank(SG), and S is injective on im G up to im G ∩ ker S.
    """

    name = "gram-semidefinite"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """rank(H_o) == rank(G) - dim(im(G) & ker(D)); rank(H_o) == rank(D*G); index(H_o) == 0."""
        semidefinite = known.find(SEMIDEFINITE)
        if semidefinite is None:
            return
        meet = known.mentions(("&", ("im", G), ("ker", D))) and known.find(REGULAR) is None
        if known.mentions(("rank", H_o)) or meet:
            lost = ("dim", ("&", ("im", G), ("ker", D)))
            yield Fact(
                self.name,
                ("==", ("rank", H_o), ("-", ("rank", G), lost)),
                "D ⪰ 0 factors as SᵀS with ker S = ker D, so rank(H_o) = rank((SG)ᵀ(SG)) = rank(SG) = "
                "rank(G) − dim(im G ∩ ker D).",
                (semidefinite,),
            )
        if known.mentions(("rank", ("*", D, G))):
            reason = "vᵀH_o v = (Gv)ᵀD(Gv) is 0 only where DGv = 0, as D ⪰ 0: rank(H_o) = rank(DG)."
            yield Fact(self.name, ("==", ("rank", H_o), ("rank", ("*", D, G))), reason, (semidefinite,))
        if any(known.mentions((function, H_o)) for function in ("index", "trace", "det")) or any(
            term[:2] == ("entry", H_o) for term in known.terms
        ):
            yield Fact(
                self.name,
                ("==", ("index", H_o), ZERO),
                "vᵀH_o v = (Gv)ᵀD(Gv) ≥ 0 for all v, so H_o has no negative eigenvalue.",
                (semidefinite,),
            )
