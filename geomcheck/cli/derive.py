"""``geomcheck derive``: a matrix of the theory, in symbols, for a shape."""

from __future__ import annotations

import argparse

import geomcheck
from geomcheck.cli.options import add_common, add_problem, problem_of
from geomcheck.cli.output import FINE, Output

__all__ = ["add", "run"]


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    command = commands.add_parser(
        "derive",
        help="derive a matrix in symbols",
        description="Derive F, G, D, H, H_o or H_f in symbols; what the problem leaves open becomes symbols.",
        allow_abbrev=False,
    )
    command.add_argument("name", choices=("F", "G", "D", "H", "H_o", "H_f"), help="the matrix")
    add_problem(command)
    add_common(command, ("text", "latex", "python", "sympy", "json", "concise"))
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Derive and print."""
    from geomcheck.render.derivation import derivation

    matrix = geomcheck.derive(arguments.name, problem_of(arguments))
    with Output(arguments.output) as output:
        output.write(derivation(arguments.name, matrix, arguments.format))
    return FINE
