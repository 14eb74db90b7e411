"""What a proof may say of a problem's loss: at its minimiser, the perfect fit, and everywhere; every answer has words.

None always means "not shown", never "false".
"""

from typing import Literal

from geomcheck.geometry.loss_facts import loss_facts
from geomcheck.geometry.probability_simplex import sums_to_one
from geomcheck.problem.loss import NamedLoss
from geomcheck.problem.problem import Problem

Definiteness = Literal["definite", "semidefinite"]

_LINKED = {"identity": "f = y", "sigmoid": "y = sigmoid(f)", "softmax": "y = softmax(f)"}


def fit_condition(problem: Problem) -> str:
    """What a perfect fit says of the behaviour, in a formula."""
    return "p = y" if problem.squash else _LINKED.get(loss_facts(problem).link or "", "F minimises the loss")


def loss_name(problem: Problem) -> str:
    """The loss as a person calls it."""
    return problem.loss.name if isinstance(problem.loss, NamedLoss) else "the loss"


def gradient_vanishes_at_fit(problem: Problem) -> str | None:
    """Why ∂ℓ/∂F = 0 at every perfect fit."""
    facts = loss_facts(problem)
    shown = facts.minimised_at_fit and facts.gradient_vanishes_at_fit
    return f"the gradient r of {loss_name(problem)} vanishes" if shown else None


def constant_gradient_at_fit(problem: Problem) -> str | None:
    """Why Σ_k r_k ∇²F_k = 0 at every perfect fit although r ≠ 0: r does not depend on k and Σ_k F_k ≡ 1."""
    loss = problem.loss
    if isinstance(loss, NamedLoss) and loss.name == "cross_entropy" and sums_to_one(problem):
        return "r_k = −y_k/p_k is the same number for all outputs k of a sample, and Σ_k p_k ≡ 1"
    return None


def minimised_at_fit(problem: Problem) -> str | None:
    """Why the data term of L is globally least at every perfect fit."""
    if constant_gradient_at_fit(problem):
        return "cross-entropy is least at p = y among all p with Σ_k p_k = 1 (Gibbs' inequality)"
    if not loss_facts(problem).minimised_at_fit:
        return None
    return f"{loss_name(problem)} is least in F where {fit_condition(problem)}"


def definite_everywhere(problem: Problem) -> Definiteness | None:
    """Whether D = ∂²ℓ/∂F² is positive (semi)definite for every F and every allowed y."""
    return _named(loss_facts(problem).everywhere)


def definite_at_fit(problem: Problem) -> Definiteness | None:
    """Whether D is positive (semi)definite at every perfect fit."""
    facts = loss_facts(problem)
    return _named(facts.at_fit) if facts.minimised_at_fit else None


def fit_rank(problem: Problem) -> int | None:
    """The rank of D at every perfect fit, where the loss has the same second derivatives at all of them."""
    if isinstance(problem.loss, NamedLoss):
        return 0 if problem.loss.name == "quartic" else None
    rank = loss_facts(problem).rank_at_fit
    return None if rank is None else problem.N * rank


def _named(word: str | None) -> Definiteness | None:
    if word is None:
        return None
    return "definite" if word == "definite" else "semidefinite"
