"""The named losses: each is one entry with its value, gradient and Hessian in the behaviour f, per sample.

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

import copyreg
from collections.abc import Callable
from fractions import Fraction
from typing import Final

from geomcheck.errors import InputError
from geomcheck.problem.arithmetic import Arithmetic, Array
from geomcheck.problem.loss import NamedLoss, softmax
from geomcheck.problem.numbers import cube_root
from geomcheck.problem.scanner import suggestion

_ONE: Final = Fraction(1)
_ZERO: Final = Fraction(0)


def named_loss(name: str, where: str = "loss") -> NamedLoss:
    """The loss of that name; InputError with the nearest known name otherwise.

    >>> named_loss("mse").definite_at_fit
    'definite'
    """
    if name not in LOSSES:
        raise InputError(f"{where}: unknown loss '{name[:40]}'{suggestion(name, LOSSES)}")
    return LOSSES[name]


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
        formula="½ ‖f − y‖²",
        latex=r"\tfrac12 \Vert f - y \Vert^2",
        link="identity",
        definite_at_fit="definite",
        definite_everywhere="definite",
        at_fit=_flat,
        zero_at_fit=True,
        algebraic=True,
        target=lambda f, r: f - r,
    ),
    NamedLoss(
        "quartic",
        lambda F, f, y: F.divide(F.total((f - y) * (f - y) * (f - y) * (f - y)), F.constant(Fraction(4))),
        lambda F, f, y: (f - y) * (f - y) * (f - y),
        lambda F, f, y: F.diagonal((f - y) * (f - y) * 3),
        formula="¼ Σ (f − y)⁴",
        latex=r"\tfrac14 \sum (f - y)^4",
        link="identity",
        definite_at_fit="zero",
        definite_everywhere="semidefinite",
        at_fit=lambda F, y: (F.filled(y, _ZERO), F.diagonal(F.filled(y, _ZERO))),
        zero_at_fit=True,
        algebraic=True,
        target=lambda f, r: None if (root := cube_root(r)) is None else f - root,
    ),
    NamedLoss(
        "logcosh",
        lambda F, f, y: F.total(F.apply("logcosh", f - y)),
        lambda F, f, y: F.apply("tanh", f - y),
        lambda F, f, y: F.diagonal(_sech2(F, f - y)),
        formula="Σ log cosh(f − y)",
        latex=r"\sum \log \cosh(f - y)",
        link="identity",
        definite_at_fit="definite",
        definite_everywhere="definite",
        at_fit=_flat,
        zero_at_fit=True,
    ),
    NamedLoss(
        "bce",
        _bce,
        lambda F, p, y: F.divide(p - y, p * (-p + 1)),
        _bce_hessian,
        formula="−Σ (y log p + (1−y) log(1−p))",
        latex=r"-\sum \bigl(y \log p + (1 - y) \log(1 - p)\bigr)",
        link="identity",
        definite_at_fit="definite",
        definite_everywhere="definite",
        at_fit=lambda F, y: (F.filled(y, _ZERO), F.diagonal(F.divide(F.filled(y, _ONE), y * (-y + 1)))),
        domain="unit",
        algebraic=True,
        target=lambda p, r: p - r * p * (1 - p),
    ),
    NamedLoss(
        "bce_logits",
        lambda F, f, y: F.total(F.apply("softplus", f) - y * f),
        lambda F, f, y: F.apply("sigmoid", f) - y,
        lambda F, f, y: F.diagonal(_bell(F, f)),
        formula="Σ log(1 + eᶠ) − y f",
        latex=r"\sum \bigl(\log(1 + e^f) - y f\bigr)",
        link="sigmoid",
        definite_at_fit="definite",
        definite_everywhere="definite",
        at_fit=lambda F, y: (F.filled(y, _ZERO), F.diagonal(y * (-y + 1))),
        domain="unit",
        target=lambda s, r: s - r,
    ),
    NamedLoss(
        "cross_entropy",
        lambda F, p, y: -F.total(_log_likelihood(F, p, y)),
        lambda F, p, y: -F.divide(y, p),
        lambda F, p, y: F.diagonal(F.divide(y, p * p)),
        formula="−Σ y log p",
        latex=r"-\sum y \log p",
        link="identity",
        definite_at_fit="definite",
        definite_everywhere="semidefinite",
        at_fit=lambda F, y: (F.filled(y, -_ONE), F.diagonal(F.divide(F.filled(y, _ONE), y))),
        gradient_vanishes_at_fit=False,
        needs_normalised=True,
        domain="simplex",
        algebraic=True,
        target=lambda p, r: -p * r,
    ),
    NamedLoss(
        "softmax_cross_entropy",
        lambda F, f, y: F.apply("log", F.total(F.apply("exp", f))) - F.total(y * f),
        lambda F, f, y: softmax(F, f) - y,
        lambda F, f, y: _covariance(F, softmax(F, f)),
        formula="log Σ eᶠ − Σ y f",
        latex=r"\log \sum e^f - \sum y f",
        link="softmax",
        definite_at_fit="semidefinite",
        definite_everywhere="semidefinite",
        at_fit=lambda F, y: (F.filled(y, _ZERO), _covariance(F, y)),
        domain="simplex",
        target=lambda q, r: q - r,
    ),
    NamedLoss(
        "logistic",
        lambda F, f, y: F.total(F.apply("softplus", -(y * f))),
        lambda F, f, y: -(y * F.apply("sigmoid", -(y * f))),
        lambda F, f, y: F.diagonal(y * y * _bell(F, y * f)),
        formula="Σ log(1 + exp(−y f))",
        latex=r"\sum \log(1 + \exp(-y f))",
        link=None,
        definite_at_fit=None,
        definite_everywhere="definite",
        at_fit=_flat,
        gradient_vanishes_at_fit=False,
        domain="signs",
        target=lambda f, r: -2 * r if f == 0 else None,
    ),
    NamedLoss(
        "exponential",
        lambda F, f, y: F.total(F.apply("exp", -(y * f))),
        lambda F, f, y: -(y * F.apply("exp", -(y * f))),
        lambda F, f, y: F.diagonal(y * y * F.apply("exp", -(y * f))),
        formula="Σ exp(−y f)",
        latex=r"\sum \exp(-y f)",
        link=None,
        definite_at_fit=None,
        definite_everywhere="definite",
        at_fit=_flat,
        gradient_vanishes_at_fit=False,
        domain="signs",
        target=lambda f, r: -r if f == 0 else None,
    ),
    NamedLoss(
        "squared_hinge",
        lambda F, f, y: F.divide(F.total(_hinge(F, f, y) * _hinge(F, f, y)), F.constant(Fraction(2))),
        lambda F, f, y: -(y * _hinge(F, f, y)),
        lambda F, f, y: F.diagonal(y * y * F.step(-(y * f) + 1, _ONE, _ZERO)),
        formula="½ Σ max(0, 1 − y f)²",
        latex=r"\tfrac12 \sum \max(0, 1 - y f)^2",
        link=None,
        definite_at_fit=None,
        definite_everywhere="semidefinite",
        at_fit=_flat,
        gradient_vanishes_at_fit=False,
        domain="signs",
        piecewise=True,
        algebraic=True,
        target=lambda f, r: f - r,
    ),
)

LOSSES: Final[dict[str, NamedLoss]] = {loss.name: loss for loss in _LOSSES}
"""Every named loss by name."""


def _by_name(loss: NamedLoss) -> tuple[Callable[[str], NamedLoss], tuple[str]]:
    return named_loss, (loss.name,)


copyreg.pickle(NamedLoss, _by_name)  # copied and sent to other processes by name: the entry is unique
