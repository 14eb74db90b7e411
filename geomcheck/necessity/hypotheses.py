"""The registry of hypotheses: what a claim about a problem assumes, and what it says without that.

A hypothesis is one entry: a name and a function that yields weakened versions, nothing where the claim does not make
it. What is written after `at` and `given`, what stands before `implies`, and data that are given are dropped or
weakened: the new claim covers everything the old one did. The rest (loss, behaviour, activations, ...) is replaced by
an example outside the hypothesis: a counterexample there shows that the hypothesis, or something like it, is needed, a
proof there speaks of that example alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, TypeAlias, final

from geomcheck.claims.claim import Claim
from geomcheck.claims.kinds import kind_of
from geomcheck.claims.tree import Tree, unparse
from geomcheck.geometry.loss_facts import loss_facts
from geomcheck.necessity import alternatives
from geomcheck.problem.loss import NamedLoss
from geomcheck.problem.losses import LOSSES
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.numbers import rational_text

if TYPE_CHECKING:
    from geomcheck.problem.problem import Problem

__all__ = ["HYPOTHESES", "Hypothesis", "Weakening"]


@final
@dataclass(frozen=True)
class Weakening:
    """One weakened version of a claim.

    assumed, instead: the hypothesis as the claim makes it, and what stands in its place. covers: whether everything
    the original claim is about is among what this one is about; where it is False this is an example of its own.
    """

    assumed: str
    instead: str
    claim: Claim
    problem: Problem
    covers: bool


Weakenings: TypeAlias = Callable[[Claim, "Problem"], Iterator[Weakening]]


@final
@dataclass(frozen=True)
class Hypothesis:
    """A kind of hypothesis; `weakened` yields nothing where a claim does not make it.

    Laws: every weakening differs from the original in this hypothesis alone, and parses and reads back as it stands.
    """

    name: str
    weakened: Weakenings


# -- what the claim says ---------------------------------------------------------------------------------------------

_WIDER: Final = ("perfect_fits", "global_minima", "local_minima", "critical_points", "all_points")


def _point_set(claim: Claim, problem: Problem) -> Iterator[Weakening]:
    own = claim.point_set
    if own is None or own == "all_points":
        return
    wider = _WIDER[_WIDER.index(own) + 1 :] if own in _WIDER else ("all_points",)
    if own == "perfect_fits" and (problem.weight_decay or not loss_facts(problem).minimised_at_fit):
        wider = ("all_points",)  # the loss of a perfect fit need not be least
    for name in wider:
        yield _said(claim, problem, f"at {own}", f"at {name}", ("claim", claim.formula, name, claim.given))


def _given(claim: Claim, problem: Problem) -> Iterator[Weakening]:
    conditions = _conjuncts(claim.given)
    for number, condition in enumerate(conditions):
        for instead, weaker in _weaker(condition):
            rest = _conjunction([*conditions[:number], *weaker, *conditions[number + 1 :]])
            tree = ("claim", claim.formula, claim.point_set, rest)
            yield _said(claim, problem, f"given {unparse(condition)}", instead, tree)


def _antecedent(claim: Claim, problem: Problem) -> Iterator[Weakening]:
    if claim.formula[0] != "implies":
        return
    _, before, after = claim.formula
    conditions = _conjuncts(before)
    for number, condition in enumerate(conditions):
        for instead, weaker in _weaker(condition):
            rest = _conjunction([*conditions[:number], *weaker, *conditions[number + 1 :]])
            formula = after if rest is None else ("implies", rest, after)
            tree = ("claim", formula, claim.point_set, claim.given)
            yield _said(claim, problem, f"{unparse(condition)} implies", instead, tree)


def _weaker(condition: Tree) -> Iterator[tuple[str, tuple[Tree, ...]]]:
    """Leaving a condition out, and what follows from it: ≻ 0 gives ⪰ 0, < gives ≤, an equation both inequalities."""
    yield "left out", ()
    head = condition[0]
    if head == "positive_definite":
        weaker = [("positive_semidefinite", condition[1])]
    elif head in ("<", ">"):
        weaker = [(f"{head}=", *condition[1:])]
    elif head == "==" and kind_of(condition[1]) == "scalar":
        weaker = [(sign, *condition[1:]) for sign in ("<=", ">=")]
    else:
        weaker = []
    for tree in weaker:
        yield unparse(tree), (tree,)


def _conjuncts(formula: Tree | None) -> list[Tree]:
    if formula is None:
        return []
    return [*_conjuncts(formula[1]), *_conjuncts(formula[2])] if formula[0] == "and" else [formula]


def _conjunction(formulas: list[Tree]) -> Tree | None:
    if not formulas:
        return None
    first, *others = formulas
    for other in others:
        first = ("and", first, other)
    return first


# -- what the problem gives ------------------------------------------------------------------------------------------


def _parameters(claim: Claim, problem: Problem) -> Iterator[Weakening]:
    if problem.parameters is not None:
        yield _about(claim, "the given parameters", "any parameters", replace(problem, parameters=None), True)


def _inputs(claim: Claim, problem: Problem) -> Iterator[Weakening]:
    if problem.inputs is not None and problem.model.n_inputs:
        yield _about(claim, "the given inputs", "any inputs", replace(problem, inputs=None), True)


def _targets(claim: Claim, problem: Problem) -> Iterator[Weakening]:
    if problem.targets is not None:
        assumed = "targets that the point fits" if problem.targets == "perfect_fit" else "the given targets"
        yield _about(claim, assumed, "any targets", replace(problem, targets=None), True)


def _instance(claim: Claim, problem: Problem) -> Iterator[Weakening]:
    """All that is given at once, where one part alone may hold the others in place."""
    inputs = problem.inputs if problem.model.n_inputs == 0 else None
    changed = replace(problem, parameters=None, inputs=inputs, targets=None)
    given = [name for name in changed.open_parts if name not in problem.open_parts]
    if len(given) > 1:
        yield _about(claim, f"the given {_listed(given)}", f"any {_listed(given)}", changed, True)


def _definite_loss(claim: Claim, problem: Problem) -> Iterator[Weakening]:
    if loss_facts(problem).at_fit != "definite":
        return
    for words, loss in alternatives.singular_losses(problem.K):
        yield from _with_loss(claim, problem, f"{_loss_name(problem)}: D definite at a fit", words, loss)


def _convex_loss(claim: Claim, problem: Problem) -> Iterator[Weakening]:
    if not loss_facts(problem).convex:
        return
    for words, loss, at_fits in alternatives.nonconvex_losses(problem.K):
        if at_fits or claim.point_set not in ("perfect_fits", "global_minima"):
            yield from _with_loss(claim, problem, f"{_loss_name(problem)}: convex", words, loss)


def _behaviour(claim: Claim, problem: Problem) -> Iterator[Weakening]:
    if problem.behaviour == "probabilities":
        logits = {"cross_entropy": "softmax_cross_entropy", "bce": "bce_logits"}
        name = problem.loss.name if isinstance(problem.loss, NamedLoss) else ""
        loss = LOSSES[logits[name]] if name in logits else problem.loss
        changed = replace(problem, behaviour="outputs", loss=loss)
        yield _about(claim, f"F = {problem.squash} of the outputs", "F = the outputs, logits", changed)
    elif not isinstance(problem.loss, NamedLoss) or problem.loss.domain != "signs":
        changed = replace(problem, behaviour="probabilities")
        yield _about(claim, "F = the outputs", f"F = {changed.squash} of the outputs", changed)


def _decay(claim: Claim, problem: Problem) -> Iterator[Weakening]:
    now, other = problem.weight_decay, Fraction(0) if problem.weight_decay else Fraction(1)
    changed = replace(problem, weight_decay=other)
    yield _about(claim, f"weight_decay = {rational_text(now)}", f"weight_decay = {rational_text(other)}", changed)


def _reduction(claim: Claim, problem: Problem) -> Iterator[Weakening]:
    if problem.N > 1:  # one sample is its own mean
        now = problem.reduction
        changed = replace(problem, reduction="mean" if now == "sum" else "sum")
        yield _about(claim, f"reduction = {now}", f"reduction = {changed.reduction}", changed)


# -- the network -----------------------------------------------------------------------------------------------------


def _smooth(claim: Claim, problem: Problem) -> Iterator[Weakening]:
    names = alternatives.nonlinearities(problem)
    if names and not alternatives.piecewise(problem):
        yield from _activated(claim, problem, f"no kinks ({', '.join(names)})", "relu")


def _piecewise(claim: Claim, problem: Problem) -> Iterator[Weakening]:
    names = alternatives.nonlinearities(problem)
    if alternatives.piecewise(problem):
        yield from _activated(claim, problem, f"piecewise linear ({', '.join(names)})", "tanh")


def _linear(claim: Claim, problem: Problem) -> Iterator[Weakening]:
    model = problem.model
    if isinstance(model, DenseNetwork) and len(model.layers) > 1 and not alternatives.nonlinearities(problem):
        for name in ("square", "tanh"):
            yield from _activated(claim, problem, "linear units", name)


def _nonlinear(claim: Claim, problem: Problem) -> Iterator[Weakening]:
    names = alternatives.nonlinearities(problem)
    if names:
        yield from _activated(claim, problem, f"nonlinear units ({', '.join(names)})", "linear")


def _bias(claim: Claim, problem: Problem) -> Iterator[Weakening]:
    model = problem.model
    if isinstance(model, DenseNetwork) and problem.parameters is None:
        has = any(layer.bias for layer in model.layers)
        changed = replace(problem, model=alternatives.with_bias(model, not has))
        words = ("no biases", "a bias in every layer")
        uniform = all(layer.bias == has for layer in model.layers)
        yield _about(claim, words[has] if uniform else "biases as they are", words[not has], changed)


def _width(claim: Claim, problem: Problem) -> Iterator[Weakening]:
    model = problem.model
    if not isinstance(model, DenseNetwork) or problem.parameters is not None:
        return
    widths = [str(layer.width) for layer in model.layers[:-1]]
    for words, changed in alternatives.other_widths(model):
        yield _about(claim, f"hidden width {', '.join(widths)}", words, replace(problem, model=changed))


def _samples(claim: Claim, problem: Problem) -> Iterator[Weakening]:
    if isinstance(problem.targets, tuple) or (problem.inputs is not None and problem.model.n_inputs):
        return
    for number in (1, 2 * problem.N) if problem.N > 1 else (2,):
        inputs = None if problem.inputs is None else ((),) * number
        yield _about(claim, f"N = {problem.N}", f"N = {number}", replace(problem, samples=number, inputs=inputs))


HYPOTHESES: Final[tuple[Hypothesis, ...]] = (
    Hypothesis("point set", _point_set),
    Hypothesis("condition", _given),
    Hypothesis("antecedent", _antecedent),
    Hypothesis("parameters", _parameters),
    Hypothesis("inputs", _inputs),
    Hypothesis("targets", _targets),
    Hypothesis("instance", _instance),
    Hypothesis("definite loss", _definite_loss),
    Hypothesis("convex loss", _convex_loss),
    Hypothesis("behaviour", _behaviour),
    Hypothesis("weight decay", _decay),
    Hypothesis("reduction", _reduction),
    Hypothesis("no kinks", _smooth),
    Hypothesis("piecewise units", _piecewise),
    Hypothesis("linear units", _linear),
    Hypothesis("nonlinear units", _nonlinear),
    Hypothesis("bias", _bias),
    Hypothesis("width", _width),
    Hypothesis("samples", _samples),
)
"""Every kind of hypothesis, in the order of a table; to add one is to add an entry."""


def _said(claim: Claim, problem: Problem, assumed: str, instead: str, tree: tuple[Any, ...]) -> Weakening:
    return Weakening(assumed, instead, Claim(unparse(tree), tree), problem, True)


def _about(claim: Claim, assumed: str, instead: str, problem: Problem, covers: bool = False) -> Weakening:
    return Weakening(assumed, instead, claim, problem, covers)


def _with_loss(claim: Claim, problem: Problem, assumed: str, words: str, loss: Any) -> Iterator[Weakening]:
    changed = replace(problem, loss=loss)
    if changed.squash == problem.squash:  # else F would change with the loss
        yield _about(claim, assumed, words, changed)


def _activated(claim: Claim, problem: Problem, assumed: str, name: str) -> Iterator[Weakening]:
    yield _about(claim, assumed, name, replace(problem, model=alternatives.activated(problem, name)))


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _loss_name(problem: Problem) -> str:
    return problem.loss.name if isinstance(problem.loss, NamedLoss) else "loss"
