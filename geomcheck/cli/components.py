"""``geomcheck components``: how many components the set of global minima has, why, and its pieces as a picture."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from geomcheck.cli.options import add_common, add_problem, problem_of
from geomcheck.cli.output import BELOW_LEVEL, FINE, Output
from geomcheck.errors import InputError, LimitError, Undecided
from geomcheck.render.page import wrapped

if TYPE_CHECKING:
    from geomcheck.problem.problem import Problem

__all__ = ["add", "run"]


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    command = commands.add_parser(
        "components",
        help="count the components of the set of global minima",
        description="The number of connected components of the set of all global minima, exactly, and the theorem that "
        "gives it; the same as components(minima) in a claim, whose certificate the checker recounts. "
        "Exit code 3 where a picture was asked for and there are too many pieces to draw, or none that are listed.",
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
        count = None
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
            count = found.count
            report = {"components": count, "rule": found.rule, "why": found.why}
            text = f"{count} component{'s' * (count != 1)}: {found.why}"
        lines = wrapped(text, output.width, rest="    ")
        missing = None if arguments.picture is None else _picture(arguments.picture, problem, count)
        if missing is not None:
            report["no_picture"] = missing
            lines += wrapped(f"No picture: {missing}", output.width, rest="    ")
        match arguments.format:
            case "json":
                from geomcheck.atomic_write import json_text

                output.write(json_text(report))
            case "concise":
                output.write(str(report["components"] or "undecided"))
            case _:
                output.write("\n".join(lines))
    return FINE if missing is None else BELOW_LEVEL


def _picture(path: str, problem: Problem, count: int | None) -> str | None:
    """Draw the pieces; the words for why there is nothing to draw, else None."""
    from geomcheck.atomic_write import write_text
    from geomcheck.connectivity.cell_graph import cell_graph
    from geomcheck.render.cell_picture import cells_svg

    if count is None:
        return "the components are not known"
    try:
        graph = cell_graph(problem, problem.teacher)
    except LimitError as error:
        return str(error)
    except Undecided as error:
        return error.known
    title = f"{len(graph)} pieces, {graph.number_of_edges()} meetings, {count} component{'s' * (count != 1)}"
    write_text(path, cells_svg(graph, title))
    return None
