"""``geomcheck components``: how many components the set of global minima has, why, and its pieces as a picture."""

from __future__ import annotations

import argparse

from geomcheck.cli.options import add_common, add_problem, problem_of
from geomcheck.cli.output import FINE, Output
from geomcheck.errors import InputError, Undecided

__all__ = ["add", "run"]


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    command = commands.add_parser(
        "components",
        help="count the components of the set of global minima",
        description="The number of connected components of the set of all global minima, exactly, and the theorem that "
        "gives it; the same as components(minima) in a claim, whose certificate the checker recounts.",
        allow_abbrev=False,
    )
    add_problem(command)
    command.add_argument("--picture", metavar="FILE", help="draw the pieces of the set to a .svg file")
    add_common(command)
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Count, draw, print."""
    from geomcheck.connectivity.components import components

    if arguments.picture is not None and not arguments.picture.endswith(".svg"):
        raise InputError(f"--picture: expected a name that ends in .svg, got picture={arguments.picture!r}")
    problem = problem_of(arguments, ("components", ("set", "minima")))
    with Output(arguments.output) as output:
        try:
            found = components(problem, problem.teacher)
        except Undecided as open_question:
            report: dict[str, object] = {
                "components": None,
                "reason": open_question.reason,
                "known": open_question.known,
            }
            text = f"UNDECIDED ({open_question.reason}): {open_question.known}; {open_question.next_step}"
        else:
            report = {"components": found.count, "rule": found.rule, "why": found.why}
            text = f"{found.count} component{'s' * (found.count != 1)}: {found.why}"
            if arguments.picture is not None:
                _draw(arguments.picture, problem, found.count)
        match arguments.format:
            case "json":
                from geomcheck.atomic_write import json_text

                output.write(json_text(report))
            case "concise":
                output.write(str(report["components"] or "undecided"))
            case _:
                output.write(text)
    return FINE


def _draw(path: str, problem: object, count: int) -> None:
    from geomcheck.atomic_write import write_text
    from geomcheck.connectivity.cell_graph import cell_graph
    from geomcheck.problem.problem import Problem
    from geomcheck.render.cell_picture import cells_svg

    assert isinstance(problem, Problem)
    try:
        graph = cell_graph(problem, problem.teacher)
    except Undecided as error:
        raise InputError(f"--picture: expected a set of finitely many pieces, got: {error.known}") from error
    title = f"{len(graph)} pieces, {graph.number_of_edges()} meetings, {count} component{'s' * (count != 1)}"
    write_text(path, cells_svg(graph, title))
