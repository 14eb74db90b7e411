"""What a loss is: a named one (see losses.py) with its rules and what is known of it, or a formula."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal, TypeAlias, final

from geomcheck.errors import InputError, Undecided
from geomcheck.problem.arithmetic import Arithmetic, Array
from geomcheck.problem.formula import Formula, names_in, parse_formula
from geomcheck.problem.model import check_names
from geomcheck.problem.numbers import rational_text

Matrix: TypeAlias = tuple[tuple[Fraction, ...], ...]
Rule: TypeAlias = Callable[[Arithmetic, Array, Array], Array]
Link = Literal["identity", "sigmoid", "softmax"] | None
Definiteness = Literal["definite", "semidefinite", "zero"] | None
Domain = Literal["any", "unit", "simplex", "signs"]

_ONE: Final = Fraction(1)
_ZERO: Final = Fraction(0)


@final
@dataclass(frozen=True)
class NamedLoss:
    """A loss by name. All formulas are per sample, before `reduction`.

    value (N, K), (N, K) -> (N,); gradient -> (N, K); hessian -> (N, K, K); leading batch dimensions are kept.

    link: the target y = link(f) that f fits perfectly; None where no finite f minimises the loss (or, for
        squared_hinge, where the minimisers fill a half-line).
    definite_at_fit: the Hessian's definiteness at y = link(f); definite_everywhere: at every f and every allowed y.
    gradient_vanishes_at_fit: False for cross_entropy, whose gradient at p = y is -1 in every component.
    needs_normalised: the fit is a minimum only among outputs that sum to 1.
    zero_at_fit: ℓ is 0 at y = f and positive everywhere else.
    algebraic: gradient and Hessian are piecewise rational functions of f and y.
    formula, latex: ℓ as a person writes it.
    target: the y in each entry with ∂ℓ/∂f = r, from r and from link(f) (f itself where there is no link); None where
        none is known to be rational.

    Laws: ℓ ≥ 0 (for cross_entropy, on probabilities). Where there is a link, ℓ is convex and gradient_vanishes_at_fit,
    ∂ℓ/∂f = 0 only at y = link(f).
    """

    name: str
    value: Rule
    gradient: Rule
    hessian: Rule
    formula: str
    latex: str
    link: Link
    definite_at_fit: Definiteness
    definite_everywhere: Definiteness
    at_fit: Callable[[Arithmetic, Array], tuple[Array, Array]]
    gradient_vanishes_at_fit: bool = True
    needs_normalised: bool = False
    domain: Domain = "any"
    piecewise: bool = False
    convex: bool = True
    zero_at_fit: bool = False
    algebraic: bool = False
    target: Callable[[Fraction, Fraction], Fraction | None] = lambda f, r: f if r == 0 else None

    @property
    def stationary_only_at_fit(self) -> bool:
        """Whether ∂ℓ/∂f = 0 says that y = link(f)."""
        return self.link is not None and self.convex and self.gradient_vanishes_at_fit

    def gradient_at_fit(self, field: Arithmetic, y: Array) -> Array:
        """∂ℓ/∂f at y = link(f), (..., N, K); Undecided("no-finite-minimiser") without a link."""
        self._require_link()
        return self.at_fit(field, y)[0]

    def hessian_at_fit(self, field: Arithmetic, y: Array) -> Array:
        """∂²ℓ/∂f² at y = link(f), (..., N, K, K); Undecided("no-finite-minimiser") without a link."""
        self._require_link()
        return self.at_fit(field, y)[1]

    def targets_domain(self, targets: Matrix) -> str | None:
        """What is wrong with targets for this loss, or None when each row is in its domain.

        >>> from geomcheck.problem.losses import LOSSES
        >>> LOSSES["cross_entropy"].targets_domain(((Fraction(1, 2), Fraction(1, 3)),))
        'targets[0]: cross_entropy needs labels in the simplex (each >= 0, sum 1), got sum 5/6'
        """
        for i, row in enumerate(targets):
            if (complaint := _DOMAINS[self.domain](row)) is not None:
                return f"targets[{i}]: {self.name} needs {complaint}"
        return None

    def no_finite_minimiser(self, targets: Matrix) -> str | None:
        """Why no finite output fits these targets perfectly (one-hot labels, no link), or None when one does."""
        if self.link is None:
            instead = ", being 0 wherever y f ≥ 1: say `given L == 0` instead" if self.piecewise else ""
            return f"{self.name} has no unique finite minimiser in f for any target{instead}"
        for i, row in enumerate(targets):
            for k, y in enumerate(row):
                if (self.domain == "simplex" and y == 0) or (self.domain == "unit" and y in (0, 1)):
                    return (
                        f"targets[{i}][{k}] = {rational_text(y)} is a hard label: the infimum of {self.name} is not "
                        "attained at finite outputs; use soft labels strictly between 0 and 1"
                    )
        return None

    def _require_link(self) -> None:
        if self.link is None:
            raise Undecided(
                "no-finite-minimiser",
                f"{self.name} has no finite minimiser in f, so no point is a perfect fit",
                "use critical_points or all_points, or another loss",
            )


@final
@dataclass(frozen=True, slots=True)
class FormulaLoss:
    """A per-sample loss given as a formula in output names f_1..f_K and target names y_1..y_K.

    Raises InputError unless there are equally many outputs and targets, all distinct, and no other name occurs.

    >>> formula_loss(["f"], ["y"], "(f - y)^2 + (f - y)^4").n_outputs
    1
    """

    outputs: tuple[str, ...]
    targets: tuple[str, ...]
    value: Formula

    def __post_init__(self) -> None:
        check_names((*self.outputs, *self.targets), "loss")
        if not self.outputs or len(self.outputs) != len(self.targets):
            raise InputError(
                f"loss: expected as many targets as outputs, at least one, "
                f"got {len(self.outputs)} outputs and {len(self.targets)} targets"
            )
        if strange := sorted(names_in(self.value) - {*self.outputs, *self.targets}):
            raise InputError(f"loss: value uses the undeclared name '{strange[0]}'; use the outputs and targets")

    @property
    def n_outputs(self) -> int:
        """K."""
        return len(self.outputs)


Loss: TypeAlias = NamedLoss | FormulaLoss


def formula_loss(outputs: list[str], targets: list[str], value: str, where: str = "loss") -> FormulaLoss:
    """The loss of a formula text; raises SyntaxProblem when it does not parse."""
    check_names((*outputs, *targets), where)
    formula = parse_formula(value, frozenset((*outputs, *targets)), f"{where}.value")
    return FormulaLoss(tuple(outputs), tuple(targets), formula)


def softmax(field: Arithmetic, f: Array) -> Array:
    """exp(f_k) / Σ_j exp(f_j) along the last axis."""
    exponentials = field.apply("exp", f)
    return field.divide(exponentials, field.total(exponentials)[..., None])


def link_value(field: Arithmetic, link: Link, f: Array) -> Array:
    """The link function at f, along the last axis; None is the identity."""
    match link:
        case "sigmoid":
            return field.apply("sigmoid", f)
        case "softmax":
            return softmax(field, f)
        case _:
            return f


def _zero_one(row: tuple[Fraction, ...]) -> str | None:
    bad = next((y for y in row if not 0 <= y <= 1), None)
    return None if bad is None else f"labels between 0 and 1, got {rational_text(bad)}"


def _simplex(row: tuple[Fraction, ...]) -> str | None:
    bad = next((y for y in row if y < 0), None)
    if bad is not None:
        return f"labels in the simplex (each >= 0, sum 1), got {rational_text(bad)}"
    return (
        None if sum(row) == 1 else f"labels in the simplex (each >= 0, sum 1), got sum {rational_text(sum(row, _ZERO))}"
    )


def _plus_minus(row: tuple[Fraction, ...]) -> str | None:
    bad = next((y for y in row if y not in (1, -1)), None)
    return None if bad is None else f"labels 1 or -1, got {rational_text(bad)}"


_DOMAINS: Final[dict[Domain, Callable[[tuple[Fraction, ...]], str | None]]] = {
    "any": lambda _: None,
    "unit": _zero_one,
    "simplex": _simplex,
    "signs": _plus_minus,
}
