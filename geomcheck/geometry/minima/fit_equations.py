"""The equations F(θ) = y of a perfect fit: whether a loss has one at all, and which equations follow from others."""

from __future__ import annotations

from fractions import Fraction

from geomcheck.errors import InputError, described
from geomcheck.geometry.loss_facts import loss_facts
from geomcheck.problem.loss import Definiteness, FormulaLoss, Loss
from geomcheck.problem.numbers import rational_text
from geomcheck.problem.problem import Problem


def definiteness_at_fit(problem: Problem) -> Definiteness:
    """What is known of D at F = y, for a fully given problem whose loss is least there and has H_f = 0 there.

    "definite" (D ≻ 0), "zero" (D = 0), "semidefinite", or None when nothing is known. Raises InputError, with the
    reason, for any other problem: something open, weight decay, a loss on logits, targets that no output reaches.
    """
    if problem.open_parts:
        raise InputError(f"expected a checkpoint and its data, open={', '.join(problem.open_parts)}; give them")
    if isinstance(problem.targets, str):
        raise InputError(
            f"expected targets as numbers, got {described('targets', problem.targets)}; they are fitted already"
        )
    if problem.weight_decay:
        raise InputError(
            f"expected no weight decay, got weight_decay={rational_text(problem.weight_decay)}; "
            "with it a perfect fit is no critical point, so leave it out"
        )
    facts, name = loss_facts(problem), _name(problem.loss)
    if facts.link in ("sigmoid", "softmax"):
        raise InputError(
            f"expected a loss that is least at F = y, got loss={name!r} on logits, where a label is fitted by the "
            f'{facts.link} of F; say behaviour = "probabilities" and give soft labels, or use mse'
        )
    if facts.link is None or not facts.minimised_at_fit:
        raise InputError(f"expected a loss that is least at F = y, got loss={name!r}: {facts.why_not}; use mse")
    assert isinstance(problem.targets, tuple)
    hard = None if isinstance(problem.loss, FormulaLoss) else problem.loss.no_finite_minimiser(problem.targets)
    if hard is not None:
        raise InputError(f"expected targets that a finite output fits: {hard}")
    if problem.squash is not None:
        _check_probabilities(problem.targets, problem.squash)
    return facts.at_fit


def independent_equations(problem: Problem) -> list[int]:
    """The equations i·K + k of F = y that are left when those that follow from the others exactly are left out.

    A sample that repeats an earlier one with the same targets adds nothing. With a softmax both sides sum to one, so
    the last output follows. Raises InputError for equal inputs with different targets, which nothing fits.

    >>> from geomcheck.problem.read import problem_from
    >>> independent_equations(problem_from({"network": "1-2 linear", "inputs": [1, 2, 1],
    ...                                     "targets": [[0, 0], [1, 1], [0, 0]]}))
    [0, 1, 2, 3]
    """
    assert problem.inputs is not None and isinstance(problem.targets, tuple)
    outputs = problem.K - 1 if problem.squash == "softmax" else problem.K
    first: dict[tuple[Fraction, ...], int] = {}
    equations: list[int] = []
    for i, (sample, target) in enumerate(zip(problem.inputs, problem.targets, strict=True)):
        earlier = first.setdefault(sample, i)
        if earlier == i:
            equations += [i * problem.K + k for k in range(outputs)]
        elif problem.targets[earlier] != target:
            raise InputError(
                f"expected equal targets for equal inputs, got different targets[{earlier}] and targets[{i}]; "
                "no parameters fit both, so leave one out"
            )
    return equations


def _check_probabilities(targets: tuple[tuple[Fraction, ...], ...], squash: str) -> None:
    for i, row in enumerate(targets):
        bad = next((y for y in row if not 0 < y < 1), None)
        if bad is not None and not (squash == "softmax" and len(row) == 1):
            raise InputError(
                f"expected targets strictly between 0 and 1, as a {squash} reaches no others, "
                f"got targets[{i}] with {rational_text(bad)}; use soft labels"
            )
        if squash == "softmax" and sum(row) != 1:
            raise InputError(
                f"expected targets that sum to 1, got targets[{i}] with sum {rational_text(sum(row, Fraction(0)))}"
            )


def _name(loss: Loss) -> str:
    return "a formula" if isinstance(loss, FormulaLoss) else loss.name
