"""How Hypothesis prints a falsifying example: a problem as the call that makes it, ready to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis.vendor.pretty import for_type_by_name

from geomcheck.render.python import problem_arguments

if TYPE_CHECKING:
    from geomcheck.problem.problem import Problem


def problem_code(problem: Problem) -> str:
    """The problem as Python.

    >>> from geomcheck.problem.read import problem_from
    >>> problem_code(problem_from({"network": "1-1 linear", "samples": 2}))
    'geomcheck.problem_from({"network": "1-1 linear", "loss": "mse", "samples": 2})'
    """
    entries = ", ".join(f'"{key}": {text}' for key, text in problem_arguments(problem))
    return f"geomcheck.problem_from({{{entries}}})"


def install() -> None:
    """Register the form with Hypothesis's pretty printer."""
    for_type_by_name("geomcheck.problem.problem", "Problem", _pretty)


def _pretty(problem: Problem, printer: Any, cycle: bool) -> None:
    printer.text(problem_code(problem))
