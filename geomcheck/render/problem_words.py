"""A problem in words: its network, its loss, its sizes, what it fixes and what it leaves open."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from geomcheck.claims.named_points import needs_data, needs_parameters, open_names
from geomcheck.claims.required_keys import speaks_of_samples
from geomcheck.claims.tree import Tree, points_in
from geomcheck.problem.loss import FormulaLoss
from geomcheck.problem.model import ExplicitModel
from geomcheck.problem.model_words import network_words
from geomcheck.problem.numbers import rational_text, space_text

if TYPE_CHECKING:
    from geomcheck.problem.network import DenseNetwork
    from geomcheck.problem.problem import Problem

__all__ = [
    "behaviour_words",
    "fixed_matrices",
    "loss_words",
    "network_words",
    "open_words",
    "problem_line",
    "size_words",
]

Matrix = tuple[tuple[str, ...], ...]


def size_words(problem: Problem, claim: Tree | None = None) -> str:
    """``P = 13 parameters, N = 4 samples, K = 1 output``; without N where the claim speaks of no samples."""
    sizes = [(problem.P, "P", "parameter"), (problem.N, "N", "sample"), (problem.K, "K", "output")]
    if claim is not None and not speaks_of_samples(claim, problem.teacher is not None):
        del sizes[1]
    return ", ".join(f"{letter} = {size} {name}{'' if size == 1 else 's'}" for size, letter, name in sizes)


def problem_line(problem: Problem) -> str:
    """The problem in one line, where much may be left out: network, sizes, loss, what is given.

    >>> from geomcheck.problem.read import problem_from
    >>> problem_line(problem_from({"network": "1-2-1 tanh", "inputs": [1, 2], "loss": "quartic"}))
    '1-2-1 tanh; N = 2; quartic; given inputs'
    """
    loss = problem.loss
    words = [network_words(problem.model)]
    words += [f"N = {problem.N}"] if problem.teacher is None else [f"teacher of {problem.teacher}"]
    words += [loss.value.unparse() if isinstance(loss, FormulaLoss) else loss.name]
    words += [f"F = {problem.behaviour}"] if problem.behaviour != "outputs" else []
    words += ["averaged"] if problem.reduction == "mean" else []
    words += [f"weight decay {rational_text(problem.weight_decay)}"] if problem.weight_decay else []
    here = {
        "inputs": problem.inputs is not None and problem.model.n_inputs > 0,
        "targets": isinstance(problem.targets, tuple),
        "parameters": problem.parameters is not None,
    }
    given = [name for name, is_given in here.items() if is_given]
    given += [name for name, _ in (*problem.points, *problem.permutations)]
    words += ["y = F"] if problem.targets == "perfect_fit" else []
    words += [f"given {', '.join(given)}"] if given else []
    return "; ".join(words)


def loss_words(problem: Problem) -> str:
    """The loss of one sample, how samples are combined, and weight decay."""
    loss = problem.loss
    if isinstance(loss, FormulaLoss):
        text = f"{loss.value.unparse()} with f = ({', '.join(loss.outputs)}), y = ({', '.join(loss.targets)})"
    else:
        text = f"{loss.name}, {loss.formula}"
    if problem.teacher is None:
        text += ", summed over samples" if problem.reduction == "sum" else ", averaged over samples"
    else:
        text += f", over the population, against a teacher of {problem.teacher} unit{'s' * (problem.teacher != 1)}"
    if problem.weight_decay:
        text += f", plus ½ · {rational_text(problem.weight_decay)} · ‖θ‖²"
    if problem.baseline != "mean":
        text += f"; barriers over the {problem.baseline} baseline"
    return text


def behaviour_words(problem: Problem) -> str:
    """What F is, where it is not simply the outputs; and which targets ``perfect_fit`` stands for."""
    words = []
    if problem.behaviour == "probabilities":
        words.append(f"p = {problem.squash} of the outputs")
    if problem.targets == "perfect_fit":
        words.append("targets are those the point fits perfectly")
    return "; ".join(words)


def open_words(problem: Problem, claim: Tree | None = None) -> str:
    """What the claim quantifies over: everything the problem leaves out, and the points and permutations it names.

    Empty for a problem that leaves nothing out.
    """
    words = []
    points, permutations = open_names(claim, problem) if claim is not None else ((), ())
    if points:
        words.append(
            f"{'points' if len(points) > 1 else 'point'} {', '.join(points)} ∈ {space_text(problem.P)} in scope"
        )
    if permutations:
        plural = "s" if len(permutations) > 1 else ""
        words.append(f"permutation{plural} {', '.join(permutations)} of hidden units")
    spoken = claim is None or (needs_parameters(claim) and not points_in(claim))
    if problem.parameters is None and spoken:
        words.append(f"parameters θ ∈ {space_text(problem.P)} in scope")
    if claim is not None and (not needs_data(claim) or (problem.teacher is not None and not needs_parameters(claim))):
        return ", ".join(words)
    if problem.inputs is None and problem.model.n_inputs:
        words.append(f"inputs ({problem.N} × {problem.model.n_inputs})")
    if problem.targets is None:
        words.append(f"targets ({problem.N} × {problem.K})")
    return ", ".join(words)


def fixed_matrices(problem: Problem) -> tuple[tuple[str, Matrix], ...]:
    """The given inputs X, targets Y and parameters, one sample a row; parameters block by block, or by name."""
    named: list[tuple[str, Matrix]] = []
    if problem.inputs is not None and problem.model.n_inputs:
        named.append(("X", _matrix(problem.inputs)))
    if problem.targets is not None and not isinstance(problem.targets, str):
        named.append(("Y", _matrix(problem.targets)))
    if problem.parameters is not None:
        named += _parameters(problem.model, problem.parameters)
    for name, theta in problem.points:
        named += [(f"{name}.{block}", rows) for block, rows in _parameters(problem.model, theta)]
    for name, layers in problem.permutations:
        several = len(layers) > 1
        named += [(f"{name}{number if several else ''}", _images(images)) for number, images in enumerate(layers, 1)]
    return tuple(named)


def _images(images: Sequence[int]) -> Matrix:
    return (tuple(map(str, images)),)


def _parameters(model: DenseNetwork | ExplicitModel, theta: Sequence[Fraction]) -> list[tuple[str, Matrix]]:
    if isinstance(model, ExplicitModel):
        return [(f"({', '.join(model.parameters)})", _matrix([theta]))]
    blocks = []
    for block in model.blocks():
        entries = theta[block.start : block.stop]
        columns = block.shape[1] if len(block.shape) == 2 else 1
        blocks.append((block.name, _matrix([entries[i : i + columns] for i in range(0, len(entries), columns)])))
    return blocks


def _matrix(rows: Sequence[Sequence[Fraction]]) -> Matrix:
    return tuple(tuple(rational_text(entry) for entry in row) for row in rows)
