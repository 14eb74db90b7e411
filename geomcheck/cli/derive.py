"""``geomcheck derive``: a matrix of the theory, in symbols, for a shape."""

from __future__ import annotations

import argparse

import geomcheck
from geomcheck.cli.options import add_common, add_problem, given_options, problem_of
from geomcheck.cli.output import FINE, Output

__all__ = ["add", "run"]

_NAMES = ("F", "G", "r", "D", "H", "H_o", "H_f")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    command = commands.add_parser(
        "derive",
        help="derive a matrix in symbols",
        description="Derive F, G, r, D, H, H_o or H_f in symbols; what the problem leaves open becomes symbols. "
        "Without samples, inputs or targets, for one sample.",
        allow_abbrev=False,
    )
    command.add_argument("name", choices=_NAMES, help="the matrix")
    form = command.add_mutually_exclusive_group()
    form.add_argument("--abstract", action="store_true", help="leave every activation an unknown function σ")
    form.add_argument("--expanded", action="store_true", help="name nothing but values of functions such as tanh")
    add_problem(command)
    add_common(command, ("text", "latex", "python", "sympy", "json", "concise"))
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Derive and print."""
    if arguments.problem is None and not {"samples", "inputs", "targets"} & given_options(arguments).keys():
        arguments.samples = "1"
    problem = problem_of(arguments)
    derivation = geomcheck.derive(arguments.name, problem, abstract=arguments.abstract, expanded=arguments.expanded)
    with Output(arguments.output) as output:
        match arguments.format:
            case "json":
                from geomcheck.atomic_write import json_text
                from geomcheck.render.derivation import derivation_json

                output.write(json_text(derivation_json(derivation)))
            case "concise":
                from geomcheck.render.derivation import derivation_concise

                output.write(derivation_concise(derivation))
            case form:
                output.write(derivation.render(form))
    return FINE
