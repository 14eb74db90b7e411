"""``geomcheck eval``: the values of terms of the claim language at one instance."""

from __future__ import annotations

import argparse

import geomcheck
from geomcheck.cli.options import add_common, add_problem, problem_of
from geomcheck.cli.output import FINE, Output

__all__ = ["add", "run"]


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    command = commands.add_parser(
        "eval",
        help="evaluate terms at an instance",
        description='Evaluate terms such as "rank(G)", "dim(ker(H) & ker(G))", L or H[0, 0] at one instance. '
        "Every value comes with its status: exact, enclosed, numeric or undecided.",
        allow_abbrev=False,
    )
    command.add_argument("terms", nargs="+", metavar="TERM", help="a number, a matrix or a statement")
    command.add_argument(
        "--numeric",
        action="store_true",
        help="beside each rank(M) the rank that floats find, and why the two differ where they do",
    )
    add_problem(command)
    add_common(command)
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Evaluate and print."""
    from geomcheck.claims.grammar import parse_term

    problem = problem_of(arguments, *(parse_term(term)[0] for term in arguments.terms))
    values = geomcheck.evaluate(arguments.terms, problem, **({"numeric": True} if arguments.numeric else {}))
    with Output(arguments.output) as output:
        match arguments.format:
            case "json":
                from geomcheck.atomic_write import json_text
                from geomcheck.render.json import values_json

                output.write(json_text(values_json(values)))
            case "concise":
                from geomcheck.render.concise import values_concise

                output.write(values_concise(values))
            case _:
                from geomcheck.render.text import values_text

                output.write(values_text(values, output.width))
    return FINE
