"""What is known of a problem's loss at its minimiser, the perfect fit, and elsewhere, with reasons in words.

The one place where the prover asks about a loss. None always means "not shown", never "false".
"""

from typing import Literal

from geomcheck.problem.loss import NamedLoss
from geomcheck.problem.problem import Problem
from geomcheck.prove.formula_loss import definiteness_at_fit

Definiteness = Literal["definite", "semidefinite"]

_LINKED = {"identity": "f = y", "sigmoid": "y = sigmoid(f)", "softmax": "y = softmax(f)"}


def fit_condition(problem: Problem) -> str:
    """What a perfect fit says of the behaviour, in a formula."""
    link = problem.loss.link if isinstance(problem.loss, NamedLoss) else "identity"
    return "p = y" if problem.squash else _LINKED.get(link or "", "F is the minimiser of the loss")


def loss_name(problem: Problem) -> str:
    """The loss as a person calls it."""
    return problem.loss.name if isinstance(problem.loss, NamedLoss) else "the loss"


def gradient_vanishes_at_fit(problem: Problem) -> str | None:
    """Why ∂ℓ/∂F = 0 at every perfect fit."""
    loss = problem.loss
    if isinstance(loss, NamedLoss):
        shown = loss.link is not None and loss.gradient_vanishes_at_fit
    else:
        shown = definiteness_at_fit(loss) is not None
    return f"the gradient r of {loss_name(problem)} vanishes" if shown else None


def constant_gradient_at_fit(problem: Problem) -> str | None:
    """Why Σ_k r_k ∇²F_k = 0 at every perfect fit although r ≠ 0: r does not depend on k and Σ_k F_k ≡ 1."""
    loss = problem.loss
    if isinstance(loss, NamedLoss) and loss.name == "cross_entropy" and problem.squash == "softmax":
        return "r_k = −y_k/p_k is the same number for all outputs k of a sample, and Σ_k p_k ≡ 1"
    return None


def minimised_at_fit(problem: Problem) -> str | None:
    """Why the data term of L is globally least at every perfect fit."""
    if constant_gradient_at_fit(problem):
        return "cross-entropy is least at p = y among all p with Σ_k p_k = 1 (Gibbs' inequality)"
    if gradient_vanishes_at_fit(problem) is None:
        return None
    # For a named loss the gradient vanishes and the loss is convex in f; the test of formulas shows a minimum itself.
    if isinstance(problem.loss, NamedLoss) and not problem.loss.convex:
        return None
    return f"{loss_name(problem)} is least in F where {fit_condition(problem)}"


def definite_everywhere(problem: Problem) -> Definiteness | None:
    """Whether D = ∂²ℓ/∂F² is positive (semi)definite for every F and every allowed y."""
    loss = problem.loss
    return _named(loss.definite_everywhere) if isinstance(loss, NamedLoss) else None


def definite_at_fit(problem: Problem) -> Definiteness | None:
    """Whether D is positive (semi)definite at every perfect fit."""
    loss = problem.loss
    return _named(loss.definite_at_fit) if isinstance(loss, NamedLoss) else definiteness_at_fit(loss)


def _named(word: str | None) -> Definiteness | None:
    if word is None:
        return None
    return "definite" if word == "definite" else "semidefinite"
