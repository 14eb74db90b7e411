"""What a proof is made of: facts with their premises, the scope they hold in, and the rules that find them."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import ClassVar, Final, final

from geomcheck.claims.kinds import kind_of
from geomcheck.claims.tree import Tree, subtrees
from geomcheck.problem.problem import Problem
from geomcheck.prove.least_point import LeastPoint

#: The predicate that says "this point is in the point set".
PREDICATE_OF: Final = MappingProxyType(
    {
        "perfect_fits": ("perfect_fit",),
        "critical_points": ("critical_point",),
        "local_minima": ("local_minimum",),
        "global_minima": ("global_minimum",),
    }
)
PREDICATES: Final = frozenset(PREDICATE_OF.values())
ZERO: Final[Tree] = ("number", "0")
NAMED: Final = MappingProxyType({name: ("matrix", name) for name in ("G", "D", "H", "H_o", "H_f", "r")})


@final
@dataclass(frozen=True)
class Fact:
    """One proved statement: `a == b` or `a <= b` of scalars, `A == B` of matrices, or an assumed point predicate.

    `uses` are its premises, `reason` is the line a person reads. `sides` and `multipliers` are set by the rule
    equal-matrices: left − right = Σ multiplier·(lhs − rhs) over the premises; combine sets `multipliers` alone.
    `extra` holds further arguments of the step, as pairs of a name and what the checker needs.
    """

    rule: str
    statement: Tree
    reason: str
    uses: tuple["Fact", ...] = ()
    sides: tuple[Tree, Tree] | None = None
    multipliers: tuple[Fraction, ...] = ()
    extra: tuple[tuple[str, tuple[object, ...]], ...] = ()

    @property
    def about_matrices(self) -> bool:
        """Whether the statement equates matrices."""
        return self.statement[0] == "==" and kind_of(self.statement[1]) == "matrix"

    @property
    def depth(self) -> int:
        """1 + the number of premises, premises of premises and so on, with repetition."""
        return 1 + sum(premise.depth for premise in self.uses)


@final
@dataclass(frozen=True)
class Scope:
    """The points a fact is to hold at: a point set of a problem, cut down by assumptions.

    The points of every set are those where H exists, so off the kinks of piecewise activations. `least` is a point of
    least loss, where one is known and may be the witness.
    """

    problem: Problem
    point_set: str
    assumed: tuple[Fact, ...] = ()
    least: LeastPoint | None = None

    def lies_in(self, *point_sets: str) -> tuple[Fact, ...] | None:
        """The premises under which all points of the scope lie in one of the sets; None where that is not known.

        No premise is needed where the claim quantifies over such a set, or where the targets are by definition
        those that the point fits.
        """
        if self.point_set in point_sets or ("perfect_fits" in point_sets and self.problem.targets == "perfect_fit"):
            return ()
        wanted = [PREDICATE_OF[name] for name in point_sets]
        return next(((fact,) for fact in self.assumed if fact.statement in wanted), None)

    @property
    def sizes(self) -> dict[str, int]:
        """The numbers P, N and K."""
        return {"P": self.problem.P, "N": self.problem.N, "K": self.problem.K}


@final
class Knowledge:
    """The facts found so far and the terms that matter, both in order of arrival."""

    def __init__(self, formulas: Iterable[Tree]) -> None:
        self._facts: dict[Tree, Fact] = {}
        self._terms: dict[Tree, None] = {}
        for formula in formulas:
            self._terms |= dict.fromkeys(subtrees(formula))
        self._claimed = tuple(self._terms)

    def __iter__(self) -> Iterator[Fact]:
        return iter(self._facts.values())

    def __len__(self) -> int:
        return len(self._facts)

    def add(self, fact: Fact) -> bool:
        """Keep a fact and the terms it speaks of; False where its statement was known already."""
        if fact.statement in self._facts:
            return False
        self._facts[fact.statement] = fact
        self._terms |= dict.fromkeys(subtrees(fact.statement))
        return True

    def find(self, statement: Tree) -> Fact | None:
        """The fact with this statement."""
        return self._facts.get(statement)

    @property
    def terms(self) -> tuple[Tree, ...]:
        """The terms that matter, in order of arrival."""
        return tuple(self._terms)

    def mentions(self, term: Tree) -> bool:
        """Whether a term occurs in the claim or in a fact."""
        return term in self._terms

    def arguments(self, head: str) -> tuple[Tree, ...]:
        """The x of all terms head(x): `arguments("rank")` are the matrices whose rank matters."""
        return tuple(term[1] for term in self._terms if term[0] == head and len(term) == 2)

    @property
    def claimed_terms(self) -> tuple[Tree, ...]:
        """The terms of the claim alone."""
        return self._claimed

    def claimed(self, head: str) -> tuple[Tree, ...]:
        """The same for the terms of the claim alone, whatever has been found since."""
        return tuple(term[1] for term in self._claimed if term[0] == head and len(term) == 2)


class AbstractRule(ABC):
    """One way to find facts. Laws: a rule is pure; every fact holds at every point of the scope where its premises do;
    and on more knowledge a rule finds at least the same facts.

    A rule's hypotheses on the problem are decided in that rule's file and nowhere else, from the problem's data alone,
    and in doubt as not met.
    """

    name: ClassVar[str]

    @abstractmethod
    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The facts this rule finds about the terms in `known`."""
