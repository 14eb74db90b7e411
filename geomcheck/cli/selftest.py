"""``geomcheck selftest``: attack the tool itself."""

from __future__ import annotations

import argparse

import geomcheck
from geomcheck.cli.claim_argument import counted
from geomcheck.cli.options import add_common
from geomcheck.cli.output import FINE, INTERNAL_ERROR, Output
from geomcheck.cli.progress import Bar

__all__ = ["add", "run"]


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    command = commands.add_parser(
        "selftest",
        help="attack the tool itself: forged certificates, claims of known truth, damaged input",
        description="Forge certificates and see that none that is false is accepted; settle claims whose truth is "
        "known by construction; compare ranks and inertias by four routes; damage claims and problem files.",
        epilog="exit codes: 0 nothing wrong was found, 2 wrong input, 70 something was: please report it",
        allow_abbrev=False,
    )
    command.add_argument("--n", type=counted, default=100_000, metavar="N", help="forgeries (default: 100000)")
    command.add_argument("--seed", type=counted, default=0, metavar="S", help="seed of all cases (default: 0)")
    command.add_argument("--time", metavar="T", help="stop after 90s, 10m, 2h (default: no limit)")
    command.add_argument("--workers", type=counted, default=1, metavar="N", help="processes (default: 1)")
    add_common(command)
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the harness; exit 70 when something wrong was found."""
    with Output(arguments.output) as output, Bar() as bar:
        result = geomcheck.selftest(
            n=arguments.n, seed=arguments.seed, time=arguments.time, workers=arguments.workers, progress=bar
        )
        with bar.hidden():
            if arguments.format == "json":
                from geomcheck.atomic_write import json_text

                parts = [
                    {
                        "name": part.name,
                        "cases": part.cases,
                        "endings": dict(part.endings),
                        "wrong": list(part.wrong),
                        "milliseconds": part.milliseconds,
                    }
                    for part in result.parts
                ]
                whole = {"n": result.n, "seed": result.seed, "sound": result.sound, "complete": result.complete}
                output.write(json_text(whole | {"parts": parts}))
            elif arguments.format == "concise":
                for part in result.parts:
                    output.write(f"{part.name}\t{part.cases}\t{len(part.wrong)} wrong")
            else:
                output.write(str(result))
    return FINE if result.sound else INTERNAL_ERROR
