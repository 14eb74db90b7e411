"""Losses per sample: each is one entry with its value, gradient and Hessian in the behaviour f, over any number system.

With f, y of shape (..., N, K), p = f where f is a probability, s = sigmoid(f), q = softmax(f), u = f - y:

| name | ℓ(f, y) | ∂ℓ/∂f | ∂²ℓ/∂f² | targets |
| --- | --- | --- | --- | --- |
| mse | ½ Σ u² | u | I | any |
| quartic | ¼ Σ u⁴ | u³ | diag(3u²) | any |
| logcosh | Σ log cosh u | tanh u | diag(1 - tanh² u) | any |
| bce | -Σ y log p + (1-y) log(1-p) | (p-y)/(p(1-p)) | diag(y/p² + (1-y)/(1-p)²) | in [0, 1] |
| bce_logits | Σ softplus(f) - y f | s - y | diag(s(1-s)) | in [0, 1] |
| cross_entropy | -Σ y log p | -y/p | diag(y/p²) | in the simplex |
| softmax_cross_entropy | log Σ e^f - Σ y f | q - y | diag(q) - q qᵀ | in the simplex |
| logistic | Σ log(1 + e^(-yf)) | -y sigmoid(-yf) | diag(y² s(1-s)), s = sigmoid(yf) | ±1 |
| exponential | Σ e^(-yf) | -y e^(-yf) | diag(y² e^(-yf)) | ±1 |
| squared_hinge | ½ Σ max(0, 1-yf)² | -y max(0, 1-yf) | diag(y² [yf < 1]) | ±1 |

To add one, add one `NamedLoss` to LOSSES.
"""

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
from geomcheck.problem.scanner import suggestion

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
    """

    name: str
    value: Rule
    gradient: Rule
    hessian: Rule
    link: Link
    definite_at_fit: Definiteness
    definite_everywhere: Definiteness
    at_fit: Callable[[Arithmetic, Array], tuple[Array, Array]]
    gradient_vanishes_at_fit: bool = True
    needs_normalised: bool = False
    domain: Domain = "any"
    piecewise: bool = False
    convex: bool = True

    def __reduce__(self) -> tuple[Callable[[str], NamedLoss], tuple[str]]:
        return named_loss, (self.name,)  # pickled and copied by name: the entry is unique

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


def named_loss(name: str, where: str = "loss") -> NamedLoss:
    """The loss of that name; InputError with the nearest known name otherwise.

    >>> named_loss("mse").definite_at_fit
    'definite'
    """
    if name not in LOSSES:
        raise InputError(f"{where}: unknown loss '{name[:40]}'{suggestion(name, LOSSES)}")
    return LOSSES[name]


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


def _flat(F: Arithmetic, y: Array) -> tuple[Array, Array]:
    """Gradient 0 and Hessian I at the fit."""
    return F.filled(y, _ZERO), F.diagonal(F.filled(y, _ONE))


def _log_likelihood(F: Arithmetic, p: Array, y: Array) -> Array:
    return y * F.apply("log", p)


def _bce(F: Arithmetic, p: Array, y: Array) -> Array:
    return -F.total(_log_likelihood(F, p, y) + _log_likelihood(F, -p + 1, -y + 1))


def _bce_hessian(F: Arithmetic, p: Array, y: Array) -> Array:
    other = -p + 1
    return F.diagonal(F.divide(y, p * p) + F.divide(-y + 1, other * other))


def _covariance(F: Arithmetic, q: Array) -> Array:
    return F.diagonal(q) - F.outer(q, q)


def _bell(F: Arithmetic, z: Array) -> Array:
    s = F.apply("sigmoid", z)
    return s * (-s + 1)


def _sech2(F: Arithmetic, u: Array) -> Array:
    t = F.apply("tanh", u)
    return -(t * t) + 1


def _hinge(F: Arithmetic, f: Array, y: Array) -> Array:
    return F.positive_part(-(y * f) + 1, _ONE, _ZERO)


_LOSSES: Final = (
    NamedLoss(
        "mse",
        lambda F, f, y: F.divide(F.total((f - y) * (f - y)), F.constant(Fraction(2))),
        lambda F, f, y: f - y,
        lambda F, f, y: F.diagonal(F.filled(f, _ONE)),
        link="identity",
        definite_at_fit="definite",
        definite_everywhere="definite",
        at_fit=_flat,
    ),
    NamedLoss(
        "quartic",
        lambda F, f, y: F.divide(F.total((f - y) * (f - y) * (f - y) * (f - y)), F.constant(Fraction(4))),
        lambda F, f, y: (f - y) * (f - y) * (f - y),
        lambda F, f, y: F.diagonal((f - y) * (f - y) * 3),
        link="identity",
        definite_at_fit="zero",
        definite_everywhere="semidefinite",
        at_fit=lambda F, y: (F.filled(y, _ZERO), F.diagonal(F.filled(y, _ZERO))),
    ),
    NamedLoss(
        "logcosh",
        lambda F, f, y: F.total(F.apply("logcosh", f - y)),
        lambda F, f, y: F.apply("tanh", f - y),
        lambda F, f, y: F.diagonal(_sech2(F, f - y)),
        link="identity",
        definite_at_fit="definite",
        definite_everywhere="definite",
        at_fit=_flat,
    ),
    NamedLoss(
        "bce",
        _bce,
        lambda F, p, y: F.divide(p - y, p * (-p + 1)),
        _bce_hessian,
        link="identity",
        definite_at_fit="definite",
        definite_everywhere="definite",
        at_fit=lambda F, y: (F.filled(y, _ZERO), F.diagonal(F.divide(F.filled(y, _ONE), y * (-y + 1)))),
        domain="unit",
    ),
    NamedLoss(
        "bce_logits",
        lambda F, f, y: F.total(F.apply("softplus", f) - y * f),
        lambda F, f, y: F.apply("sigmoid", f) - y,
        lambda F, f, y: F.diagonal(_bell(F, f)),
        link="sigmoid",
        definite_at_fit="definite",
        definite_everywhere="definite",
        at_fit=lambda F, y: (F.filled(y, _ZERO), F.diagonal(y * (-y + 1))),
        domain="unit",
    ),
    NamedLoss(
        "cross_entropy",
        lambda F, p, y: -F.total(_log_likelihood(F, p, y)),
        lambda F, p, y: -F.divide(y, p),
        lambda F, p, y: F.diagonal(F.divide(y, p * p)),
        link="identity",
        definite_at_fit="definite",
        definite_everywhere="semidefinite",
        at_fit=lambda F, y: (F.filled(y, -_ONE), F.diagonal(F.divide(F.filled(y, _ONE), y))),
        gradient_vanishes_at_fit=False,
        needs_normalised=True,
        domain="simplex",
    ),
    NamedLoss(
        "softmax_cross_entropy",
        lambda F, f, y: F.apply("log", F.total(F.apply("exp", f))) - F.total(y * f),
        lambda F, f, y: softmax(F, f) - y,
        lambda F, f, y: _covariance(F, softmax(F, f)),
        link="softmax",
        definite_at_fit="semidefinite",
        definite_everywhere="semidefinite",
        at_fit=lambda F, y: (F.filled(y, _ZERO), _covariance(F, y)),
        domain="simplex",
    ),
    NamedLoss(
        "logistic",
        lambda F, f, y: F.total(F.apply("softplus", -(y * f))),
        lambda F, f, y: -(y * F.apply("sigmoid", -(y * f))),
        lambda F, f, y: F.diagonal(y * y * _bell(F, y * f)),
        link=None,
        definite_at_fit=None,
        definite_everywhere="definite",
        at_fit=_flat,
        gradient_vanishes_at_fit=False,
        domain="signs",
    ),
    NamedLoss(
        "exponential",
        lambda F, f, y: F.total(F.apply("exp", -(y * f))),
        lambda F, f, y: -(y * F.apply("exp", -(y * f))),
        lambda F, f, y: F.diagonal(y * y * F.apply("exp", -(y * f))),
        link=None,
        definite_at_fit=None,
        definite_everywhere="definite",
        at_fit=_flat,
        gradient_vanishes_at_fit=False,
        domain="signs",
    ),
    NamedLoss(
        "squared_hinge",
        lambda F, f, y: F.divide(F.total(_hinge(F, f, y) * _hinge(F, f, y)), F.constant(Fraction(2))),
        lambda F, f, y: -(y * _hinge(F, f, y)),
        lambda F, f, y: F.diagonal(y * y * F.step(-(y * f) + 1, _ONE, _ZERO)),
        link=None,
        definite_at_fit=None,
        definite_everywhere="semidefinite",
        at_fit=_flat,
        gradient_vanishes_at_fit=False,
        domain="signs",
        piecewise=True,
    ),
)

LOSSES: Final[dict[str, NamedLoss]] = {loss.name: loss for loss in _LOSSES}
"""Every named loss by name."""
