"""Answers as Python: a problem as the arguments of ``gc.check``, and a counterexample as a test to paste."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Final, TypeAlias

from geomcheck.claims.claim import parse_claim
from geomcheck.claims.named_points import relevant
from geomcheck.claims.tree import subtrees
from geomcheck.errors import GeomcheckError, InputError, described
from geomcheck.problem.loss import FormulaLoss, Loss
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.numbers import rational_text
from geomcheck.problem.shorthand import parse_network
from geomcheck.render.problem_words import network_words

if TYPE_CHECKING:
    from geomcheck.answer import AbstractVerdict
    from geomcheck.problem.model import Model
    from geomcheck.problem.problem import Problem

__all__ = ["HEADER", "as_test", "problem_arguments", "test_function", "test_name"]

HEADER: Final = "import geomcheck as gc\n"
_WIDTH: Final = 100
_INDENT: Final = "    "

Plain: TypeAlias = "int | str | bool | list[Plain] | dict[str, Plain] | None"


def as_test(verdict: AbstractVerdict, name: str | None = None) -> str:
    """A REFUTED verdict as a module with one test: it gives the counterexample and asserts that it refutes the claim.

    The text runs as it stands, under pytest or by calling the function. `name` is the function's, else made from the
    claim's id. Every number is written exactly. Raises InputError for any other verdict.

    >>> import geomcheck as gc
    >>> verdict = gc.check("rank(H) == rank(G)", model={"parameters": ["a"], "outputs": ["a^2"]}, samples=1,
    ...                    parameters=[0], targets=[-1])
    >>> print(as_test(verdict))
    import geomcheck as gc
    <BLANKLINE>
    <BLANKLINE>
    def test_claim_is_refuted() -> None:
        verdict = gc.check(
            "rank(H) == rank(G)",
            model={"parameters": ["a"], "inputs": [], "outputs": ["a^2"]},
            loss="mse",
            samples=1,
            targets=[[-1]],
            parameters=[0],
        )
        assert verdict.outcome == "REFUTED", str(verdict)
    """
    return f"{HEADER}\n\n{test_function(verdict, name)}"


def test_function(verdict: AbstractVerdict, name: str | None = None) -> str:
    """The function of :func:`as_test` without the import above it."""
    if not verdict.refuted:
        raise InputError(
            f"expected a refuted verdict, got {described('outcome', verdict.outcome)}; "
            "only a counterexample makes a test, so ask verdict.refuted first"
        )
    instance = _told(
        verdict.claim, verdict.problem if _is_generic(verdict.claim) else verdict.witness or verdict.problem
    )
    lines = [f"{_literal(verdict.claim)},"]
    lines += [f"{key}={text}," for key, text in problem_arguments(instance)]
    body = "\n".join(f"{_INDENT * 2}{line}" for entry in lines for line in entry.splitlines())
    return (
        f"def {name or test_name(verdict.claim_id)}() -> None:\n"
        f"{_INDENT}verdict = gc.check(\n{body}\n{_INDENT})\n"
        f'{_INDENT}assert verdict.outcome == "REFUTED", str(verdict)'
    )


def _told(claim: str, instance: Problem) -> Problem:
    """What the test gives: the instance without what the claim, if it is one, does not speak of."""
    try:
        return relevant(parse_claim(claim).tree, instance)
    except GeomcheckError:  # a verdict made by hand, in plain words
        return instance


def _is_generic(claim: str) -> bool:
    """Whether the claim is refuted by a proof about generic ranks, which no one point decides."""
    try:
        return any(part[0] == "generic_rank" for part in subtrees(parse_claim(claim).tree))
    except GeomcheckError:
        return False


def test_name(claim_id: str | None) -> str:
    """A function name made from a claim's id.

    >>> test_name("rank-equality.2")
    'test_rank_equality_2_is_refuted'
    """
    words = re.sub(r"[^A-Za-z0-9]+", "_", claim_id or "claim").strip("_").lower()
    return f"test_{words or 'claim'}_is_refuted"


def problem_arguments(problem: Problem) -> list[tuple[str, str]]:
    """(key, Python text) of everything a problem says, in the keys of ``gc.check`` and of problem files.

    What is at its default is left out, apart from the loss, and so is the number of samples where inputs tell it.

    >>> from geomcheck.problem.read import problem_from
    >>> problem_arguments(problem_from({"network": "1-1 linear", "inputs": ["1/2"], "reduction": "mean"}))
    [('network', '"1-1 linear"'), ('loss', '"mse"'), ('reduction', '"mean"'), ('inputs', '[["1/2"]]')]
    """
    told = problem.inputs is not None and problem.model.n_inputs > 0
    pieces: list[tuple[str, Plain]] = [_model(problem.model), ("loss", _loss(problem.loss))]
    if problem.behaviour != "outputs":
        pieces.append(("behaviour", problem.behaviour))
    if problem.reduction != "sum":
        pieces.append(("reduction", problem.reduction))
    if problem.weight_decay:
        pieces.append(("weight_decay", _number(problem.weight_decay)))
    if not told:
        pieces.append(("samples", problem.samples))
    if problem.inputs is not None and told:
        pieces.append(("inputs", _rows(problem.inputs)))
    if problem.targets is not None:
        pieces.append(("targets", problem.targets if isinstance(problem.targets, str) else _rows(problem.targets)))
    if problem.parameters is not None:
        pieces.append(("parameters", _numbers(problem.parameters)))
    if problem.points:
        pieces.append(("points", {name: _numbers(theta) for name, theta in problem.points}))
    if problem.permutations:
        tables: Plain = {name: [list(images) for images in layers] for name, layers in problem.permutations}
        pieces.append(("permutations", tables))
    if problem.baseline != "mean":
        pieces.append(("baseline", problem.baseline))
    if problem.teacher is not None:
        pieces.append(("teacher", problem.teacher))
    return [(key, _literal(value)) for key, value in pieces]


def _model(model: Model) -> tuple[str, Plain]:
    if not isinstance(model, DenseNetwork):
        table: Plain = {
            "parameters": list(model.parameters),
            "inputs": list(model.inputs),
            "outputs": [formula.unparse() for formula in model.outputs],
        }
        return "model", table
    words = network_words(model)
    try:
        if parse_network(words) == model:
            return "network", words
    except InputError:  # residual links and biases in some layers only have no shorthand
        pass
    layers: list[Plain] = [
        {"width": layer.width, "bias": layer.bias, "activation": str(layer.activation), "residual": layer.residual}
        for layer in model.layers
    ]
    return "network", {"inputs": model.n_inputs, "layers": layers}


def _loss(loss: Loss) -> Plain:
    if not isinstance(loss, FormulaLoss):
        return loss.name
    return {"outputs": list(loss.outputs), "targets": list(loss.targets), "value": loss.value.unparse()}


def _number(value: Fraction) -> Plain:
    return value.numerator if value.denominator == 1 else rational_text(value)


def _numbers(values: Iterable[Fraction]) -> Plain:
    return [_number(value) for value in values]


def _rows(rows: Sequence[Sequence[Fraction]]) -> Plain:
    return [_numbers(row) for row in rows]


def _literal(value: Plain) -> str:
    """Python text of plain data, in double quotes; a long list or table has one entry a line."""
    match value:
        case dict():
            return _wrapped("{", [f"{_literal(key)}: {_literal(entry)}" for key, entry in value.items()], "}")
        case list():
            return _wrapped("[", [_literal(entry) for entry in value], "]")
        case str():
            return json.dumps(value, ensure_ascii=False)  # such text means the same to Python
        case _:
            return repr(value)


def _wrapped(opening: str, entries: list[str], closing: str) -> str:
    joined = ", ".join(entries)
    if len(joined) <= _WIDTH and "\n" not in joined:
        return f"{opening}{joined}{closing}"
    indented = ("\n".join(_INDENT + line for line in entry.splitlines()) for entry in entries)
    return f"{opening}\n" + "".join(f"{entry},\n" for entry in indented) + closing
