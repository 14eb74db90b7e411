"""The search for a proof: saturate the rules, then derive every leaf by linear arithmetic."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, final

from geomcheck.claims.kinds import kind_of
from geomcheck.claims.tree import Tree, negation_normal_form, points_in
from geomcheck.prove.knowledge import PREDICATES, ZERO, Fact, Knowledge, Scope
from geomcheck.prove.linear_arithmetic import ONE, Inequality, LinearForm, farkas, scalar_form
from geomcheck.prove.logic import assumptions, implied_terms, is_determinant, simpler
from geomcheck.prove.tactics.equal_matrices import MatrixSpan
from geomcheck.prove.tactics.registry import RULES

RESTING: Final = ("generic-lower", "generic-upper", "kernel-fields", "polynomial-fields", "semicontinuity")
"""The rules of generic ranks, which rest on one point; a proof about named points has none of its own."""

ORDERS: Final = ("==", "<=", "<")
EPSILON: Final[Tree] = ("epsilon",)
MAX_FACTS: Final = 300
MAX_ROUNDS: Final = 12
KNOWN_SETS: Final = ("assume", "point")  # rules whose predicates say nothing new about the scope
MAX_CONTRARIES: Final = 2
MARGINS: Final = (Fraction(1), Fraction(1, 10**6))  # by which x < y is tried to be shown between real numbers
"""Past these a proof is no longer looked for in full, so that no claim takes more than seconds."""


@final
@dataclass(frozen=True)
class Leaf:
    """A proved leaf: the goal in its final form, and the facts whose combination it is."""

    goal: Tree
    combination: tuple[tuple[Fact, Fraction], ...]


@final
class Prover:
    """Proves formulas over one scope; under an implication it works in the smaller scope of the antecedent."""

    def __init__(self, scope: Scope, formulas: tuple[Tree, ...], depth: int = 0) -> None:
        self._scope = scope
        self._depth = depth  # how many contraries are assumed
        self._formulas = formulas
        self._known = saturate(scope, formulas)
        self._scalars = [fact for fact in self._known if fact.statement[0] in ORDERS and not fact.about_matrices]
        self._settled: dict[Tree, tuple[Leaf, ...] | None] = {}
        self._span = MatrixSpan.of(fact for fact in self._known if fact.about_matrices)

    def prove(self, formula: Tree) -> tuple[Leaf, ...] | None:
        """The leaves of a proof of a formula in negation normal form, or None."""
        if formula not in self._settled:
            self._settled[formula] = self._prove(formula)
        return self._settled[formula]

    def _prove(self, formula: Tree) -> tuple[Leaf, ...] | None:
        equation = formula[0] == "==" and kind_of(formula[1]) == "scalar" and not is_determinant(formula)
        if equation and (both := self._equality(formula)):
            return both
        goal = simpler(formula)
        match goal[0]:
            case "and":
                left = self.prove(goal[1])
                right = self.prove(goal[2]) if left is not None else None
                return None if left is None or right is None else (*left, *right)
            case "or":
                return self.prove(goal[1]) or self.prove(goal[2]) or self._from_contrary(goal[1], goal[2])
            case "implies":
                return self._implication(goal[1], goal[2])
            case "not":
                return self._contradiction(goal[1])
            case "!=":
                return self._contradiction(("==", *goal[1:]))
        leaf = self._leaf(goal)
        return None if leaf is None else (leaf,)

    def _from_contrary(self, left: Tree, right: Tree) -> tuple[Leaf, ...] | None:
        """One part of a disjunction, from what denying the other gives; only for parts that the claim itself joins."""
        for part, other in ((left, right), (right, left)) if self._depth < MAX_CONTRARIES else ():
            assumed = tuple(assumptions(("not", other), self._scope))
            fresh = tuple(fact for fact in assumed if self._known.find(fact.statement) is None)
            if fresh:
                scope = replace(self._scope, assumed=(*self._scope.assumed, *fresh))
                found = Prover(scope, self._formulas, self._depth + 1).prove(part)
                if found is not None:
                    return found
        return None

    def _contradiction(self, predicate: Tree) -> tuple[Leaf, ...] | None:
        """1 ≤ 0, from assuming what is to be denied: a predicate, or an equation of matrices."""
        equation = predicate[0] == "=="
        known = predicate in (fact.statement for fact in self._scope.assumed)
        if known or not (predicate in PREDICATES or equation) or (equation and self._depth >= MAX_CONTRARIES):
            return None
        assumed = tuple(assumptions(predicate, self._scope))
        scope = replace(self._scope, assumed=(*self._scope.assumed, *assumed))
        formulas = (*self._formulas, ("rank", predicate[1])) if equation else self._formulas
        return Prover(scope, formulas, self._depth + equation).prove(("<=", ONE, ZERO))

    def _implication(self, antecedent: Tree, consequent: Tree) -> tuple[Leaf, ...] | None:
        assumed = tuple(assumptions(antecedent, self._scope))
        scope = replace(self._scope, assumed=(*self._scope.assumed, *assumed))
        inner = Prover(scope, self._formulas) if assumed else self
        proved = inner.prove(consequent)
        denied = negation_normal_form(("not", antecedent))
        return proved or self.prove(denied) or self._from_denial(denied, consequent)

    def _from_denial(self, goal: Tree, consequent: Tree) -> tuple[Leaf, ...] | None:
        """A goal from what denying the consequent gives: a → b is ¬b → ¬a."""
        assumed = tuple(assumptions(negation_normal_form(("not", consequent)), self._scope))
        if not assumed or self._depth >= MAX_CONTRARIES:
            return None
        scope = replace(self._scope, assumed=(*self._scope.assumed, *assumed))
        return Prover(scope, self._formulas, self._depth + 1).prove(goal)

    def _leaf(self, goal: Tree) -> Leaf | None:
        if goal in PREDICATES or (goal[0] == "@" and goal[1] in PREDICATES):
            fact = self._known.find(goal)
            return Leaf(goal, ((fact, Fraction(1)),)) if fact else None
        if goal[0] == "==" and kind_of(goal[1]) == "matrix":
            used = self._span.difference(goal[1], goal[2])
            return None if used is None else Leaf(goal, tuple(used.items()))
        if goal[0] not in ("<=", "<"):
            return None
        sizes = self._scope.sizes
        form = scalar_form(goal[2], sizes) - scalar_form(goal[1], sizes)
        known = [self._inequality(fact) for fact in self._scalars]
        margins = (Fraction(0),) if goal[0] == "<=" else (Fraction(1),) if form.is_integer_valued else MARGINS
        for margin in margins:
            multipliers = farkas(form - LinearForm.of({ONE: margin}), known)
            if multipliers is not None:
                return Leaf(goal, tuple((fact, m) for fact, m in zip(self._scalars, multipliers, strict=True) if m))
        if goal[0] == "<" and any(fact.statement[0] == "<" for fact in self._scalars):
            return self._strictly(goal, form, known)
        return None

    def _strictly(self, goal: Tree, form: LinearForm, known: list[Inequality]) -> Leaf | None:
        """A strict goal, from a combination in which a strict fact has a positive multiplier: each leaves an ε."""
        left = LinearForm.of({EPSILON: Fraction(1)})
        rows = [
            replace(row, form=row.form - left) if fact.statement[0] == "<" else row
            for fact, row in zip(self._scalars, known, strict=True)
        ]
        multipliers = farkas(form - left.times(MARGINS[1]), [*rows, Inequality(left, False)])
        if multipliers is None:
            return None
        return Leaf(goal, tuple((fact, m) for fact, m in zip(self._scalars, multipliers, strict=False) if m))

    def _equality(self, goal: Tree) -> tuple[Leaf, Leaf] | None:
        """Both directions of a scalar equality from equations alone, so from one combination."""
        sizes = self._scope.sizes
        form = scalar_form(goal[2], sizes) - scalar_form(goal[1], sizes)
        equations = [fact for fact in self._scalars if fact.statement[0] == "=="]
        # A constant is free in a proof of form >= 0; here it must be 0, so it becomes one more atom.
        balanced = [replace(k, form=_balanced(k.form)) for k in map(self._inequality, equations)]
        multipliers = farkas(_balanced(form), balanced)
        if multipliers is None:
            return None
        used = [(fact, m) for fact, m in zip(equations, multipliers, strict=True) if m]
        back = tuple((fact, -m) for fact, m in used)
        return Leaf(("<=", goal[1], goal[2]), tuple(used)), Leaf(("<=", goal[2], goal[1]), back)

    def _inequality(self, fact: Fact) -> Inequality:
        sizes = self._scope.sizes
        head, low, high = fact.statement
        return Inequality(scalar_form(high, sizes) - scalar_form(low, sizes), head == "==", fact.depth)


def _balanced(form: LinearForm) -> LinearForm:
    return LinearForm.of({("constant",) if atom == ONE else atom: value for atom, value in form.terms.items()})


def saturate(scope: Scope, formulas: tuple[Tree, ...]) -> Knowledge:
    """Apply all rules until nothing new is found, or up to MAX_FACTS facts and MAX_ROUNDS rounds."""
    several = any(points_in(formula) for formula in formulas)
    known = Knowledge((*formulas, *(term for formula in formulas for term in implied_terms(formula))))
    for fact in scope.assumed:
        known.add(fact)
    for _ in range(MAX_ROUNDS):
        growing = False
        for rule in RULES:
            if several and rule.name in RESTING:
                continue
            for fact in list(rule.facts(scope, known)):
                if len(known) == MAX_FACTS:
                    return known
                new = known.add(fact)
                growing |= new
                if new and fact.rule not in KNOWN_SETS and fact.statement in PREDICATES:  # a smaller scope from here on
                    scope = replace(scope, assumed=(*scope.assumed, fact))
        if not growing:
            break
    return known
