"""``geomcheck claims``: list the claims that ship with the package, or show one."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

import geomcheck
from geomcheck.cli.options import add_common
from geomcheck.cli.output import FINE, Output

if TYPE_CHECKING:
    from geomcheck.claims.files import ClaimEntry

__all__ = ["add", "entry_named", "run"]


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    command = commands.add_parser(
        "claims",
        help="list the shipped claims, or show one",
        description="List the claims that ship with the package, or show one in full.",
        allow_abbrev=False,
    )
    command.add_argument("id", nargs="?", metavar="ID", help="the claim to show")
    add_common(command)
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the list or the claim."""
    entries: Sequence[ClaimEntry] = geomcheck.shipped_claims()
    if arguments.id is not None:
        entries = [entry_named(entries, arguments.id)]
    from geomcheck.render.problem_words import problem_line
    from geomcheck.render.text import entries_text, entry_text

    with Output(arguments.output) as output:
        match arguments.format:
            case "json":
                from geomcheck.atomic_write import json_text
                from geomcheck.render.json import entry_json

                output.write(json_text({"claims": [entry_json(entry) for entry in entries]}))
            case "concise":
                for entry in entries:
                    output.write("\t".join((entry.id, entry.expect or "-", entry.says, problem_line(entry.problem))))
            case _:
                if arguments.id is None:
                    output.write(entries_text(entries, output.width))
                else:
                    output.write(entry_text(entries[0], output.width))
    return FINE


def entry_named(entries: Sequence[ClaimEntry], name: str) -> ClaimEntry:
    """The entry with that id.

    Raises:
        InputError: when there is none; the message suggests the nearest one.
    """
    from geomcheck.claims.files import claim_with_id

    return claim_with_id(entries, name)
