"""A violation of a claim as polynomial conditions in SMT-LIB: what an outside solver for real arithmetic can read.

The variables are whatever the problem leaves open. Only what polynomials say is translated (L, entries, traces,
determinants, F = y, ∇L = 0); ranks and the like are left out, so the conditions are necessary ones, and a solution is
no more than a candidate.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, final

import numpy as np

from geomcheck.claims.kinds import kind_of
from geomcheck.claims.matrices import build
from geomcheck.claims.tree import COMPARISONS, Tree, is_constant, negation_normal_form, points_in
from geomcheck.errors import GeomcheckError
from geomcheck.fields.symbols import SymbolField
from geomcheck.geometry.derivatives import Derivatives

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geomcheck.claims.claim import Claim
    from geomcheck.problem.problem import Problem

MAX_VARIABLES, MAX_TERMS = 8, 400
_SCOPE: Final = {
    "perfect_fits": ("perfect_fit",),
    "critical_points": ("critical_point",),
    "local_minima": ("local_minimum",),
    "global_minima": ("global_minimum",),
}
_CRITICAL: Final = ("critical_point", "local_minimum", "global_minimum")


@final
@dataclass(frozen=True)
class Conditions:
    """SMT-LIB assertions in real variables; names in the order parameters, inputs, targets, as far as open."""

    names: tuple[str, ...]
    assertions: tuple[str, ...]


def violation(claim: Claim, problem: Problem) -> Conditions | None:
    """What an instance in scope that violates the claim must satisfy; None where no condition can be said.

    >>> from geomcheck.claims.claim import parse_claim
    >>> from geomcheck.problem.read import problem_from
    >>> model = {"parameters": ["w"], "inputs": [], "outputs": ["w^2"]}
    >>> about = problem_from({"model": model, "samples": 1, "targets": [[1]]})
    >>> violation(parse_claim("L == 0 at critical_points"), about).assertions[0]
    '(= (+ (* 2 p0 p0 p0) (* (- 2) p0)) 0)'
    """
    sizes = {"p": problem.P, "x": problem.N * problem.model.n_inputs, "y": problem.N * problem.K}
    given = {"p": problem.parameters, "x": problem.inputs, "y": problem.targets}
    names = [f"{letter}{i}" for letter, size in sizes.items() if given[letter] is None for i in range(size)]
    if points_in(claim.tree) or problem.targets == "perfect_fit" or not 1 <= len(names) <= MAX_VARIABLES:
        return None
    field = SymbolField(names, 0)

    def part(letter: str, shape: tuple[int, ...]) -> Any:
        own = field.variables([f"{letter}{i}" for i in range(sizes[letter])]) if given[letter] is None else None
        return np.asarray(field.array(given[letter]) if own is None else own, dtype=object).reshape(shape)

    try:
        theta, inputs = part("p", (problem.P,)), part("x", (problem.N, problem.model.n_inputs))
        at = _Translation(Derivatives(problem, field, theta, inputs, part("y", (problem.N, problem.K))), problem)
        wanted = [at.condition(_SCOPE.get(claim.point_set or "", ("true",)))]
        wanted += [at.condition(negation_normal_form(claim.given))] if claim.given is not None else []
        wanted.append(at.condition(negation_normal_form(("not", claim.formula))))
    except (GeomcheckError, ZeroDivisionError):
        return None  # not polynomial
    assertions = tuple(text for text in wanted if text is not None)
    return Conditions(tuple(names), assertions) if assertions else None


@final
class _Translation:
    def __init__(self, derivatives: Derivatives, problem: Problem) -> None:
        self._at, self._problem = derivatives, problem

    def condition(self, tree: Tree) -> str | None:
        """A necessary condition for a formula in negation normal form; None: nothing can be said."""
        head = tree[0]
        if head in ("and", "or"):
            parts = [self.condition(part) for part in tree[1:]]
            if head == "or" and None in parts:
                return None
            known = [part for part in parts if part is not None]
            return f"({head} {' '.join(known)})" if known else None
        if head in COMPARISONS:
            return self._comparison(head, tree[1], tree[2])
        if head == "perfect_fit":
            return _all_zero(np.asarray(self._at.behaviour - self._at.targets, dtype=object).reshape(-1))
        if head in _CRITICAL:
            return _all_zero(np.asarray(self._at.gradient, dtype=object).reshape(-1))
        return None

    def _comparison(self, head: str, left: Tree, right: Tree) -> str | None:
        if kind_of(left) == "matrix":
            difference = left if is_constant(right) else ("-", left, right)
            zero = _all_zero(np.asarray(build(difference, self._at), dtype=object).reshape(-1))
            return zero if head == "==" else None if zero is None else f"(not {zero})"
        terms = self._scalar(left), self._scalar(right)
        if terms[0] is None or terms[1] is None:
            return None
        text = _text(self._at.field.constant(Fraction(0)) + terms[0] - terms[1])
        if text is None:
            return None
        sign = {"==": "=", "!=": "="}.get(head, head)
        return f"(not ({sign} {text} 0))" if head == "!=" else f"({sign} {text} 0)"

    def _scalar(self, tree: Tree) -> Any:
        """A scalar term as a polynomial; None where it is none."""
        head = tree[0]
        if head == "number":
            return self._at.field.constant(Fraction(tree[1]))
        if head == "word":
            if tree[1] == "L":
                return np.asarray(self._at.loss, dtype=object).reshape(-1)[0]
            return getattr(self._problem, tree[1])
        if head in ("+", "-", "*", "neg"):
            parts = [self._scalar(part) for part in tree[1:]]
            if any(part is None for part in parts):
                return None
            if head == "neg":
                return -parts[0]
            return parts[0] + parts[1] if head == "+" else parts[0] - parts[1] if head == "-" else parts[0] * parts[1]
        if head in ("entry", "trace", "det"):
            matrix = np.asarray(build(tree[1], self._at), dtype=object)
            if head == "entry":
                return matrix[tree[2], tree[3]]
            return sum(matrix.diagonal()) if head == "trace" else self._at.field.determinant(matrix)
        return None


def _all_zero(entries: Iterable[Any]) -> str | None:
    texts = [_text(entry) for entry in entries]
    if any(text is None for text in texts):
        return None
    equations = [f"(= {text} 0)" for text in texts if text != "0"]
    return f"(and {' '.join(equations)})" if len(equations) > 1 else equations[0] if equations else "true"


def _text(polynomial: Any) -> str | None:
    """A polynomial in SMT-LIB; None where it is too long."""
    if isinstance(polynomial, int):
        return str(polynomial) if polynomial >= 0 else f"(- {-polynomial})"
    terms = polynomial.terms
    if len(terms) > MAX_TERMS:
        return None
    names = [str(name) for name in terms.context().names()]
    parts = []
    for powers, c in terms.to_dict().items():
        factors = [name for name, e in zip(names, powers, strict=True) for _ in range(int(e))]
        number = str(abs(c.p)) if c.q == 1 else f"(/ {abs(c.p)} {c.q})"
        number = f"(- {number})" if c < 0 else number
        parts.append(f"(* {' '.join([number, *factors])})" if factors else number)
    return f"(+ {' '.join(parts)})" if len(parts) > 1 else parts[0] if parts else "0"
