"""``geomcheck hunt``: search for a counterexample for as long as it takes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import geomcheck
from geomcheck.cli.claim_argument import add_subject, counted, subject
from geomcheck.cli.options import add_common
from geomcheck.cli.output import FINE, REFUTED, Output, folder
from geomcheck.cli.progress import Bar

if TYPE_CHECKING:
    from geomcheck.verdict import Verdict

__all__ = ["add", "run"]


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    command = commands.add_parser(
        "hunt",
        help="search for a counterexample for a long time",
        description="Search for a counterexample in several processes until one is found or time is up. What was found "
        "before is replayed first, and every search goes on where the last one ended; a kill loses nothing.",
        epilog="exit codes: 0 nothing refuted, 1 refuted, 2 wrong input or a database that cannot be used, "
        "130 interrupted (with everything kept)",
        allow_abbrev=False,
    )
    add_subject(command)
    command.add_argument("--time", default="10m", metavar="T", help="90s, 10m, 2h, 1h30m (default: 10m)")
    command.add_argument("--workers", type=counted, default=2, metavar="N", help="processes (default: 2)")
    command.add_argument("--more", action="store_true", help="go on after a counterexample, for simpler ones")
    command.add_argument("--smallest", action="store_true", help="then look for the smallest shape that is refuted")
    command.add_argument(
        "--state", default=".geomcheck/hunts.sqlite", metavar="FILE", help="database (default: .geomcheck/hunts.sqlite)"
    )
    command.add_argument("--save", metavar="DIR", help="write the certificates there")
    add_common(command)
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Hunt, printing every counterexample once it is kept; exit 1 when there is one."""
    claim, problem = subject(arguments)
    target = folder(arguments.save) if arguments.save else None
    live = arguments.format != "json"
    with Output(arguments.output) as output, Bar() as bar:

        def show(verdict: Verdict, replayed: bool) -> None:
            if live:
                with bar.hidden():
                    output.write(_found(verdict, replayed, arguments.format, output))

        result = geomcheck.hunt(
            claim,
            problem=problem,
            time=arguments.time,
            workers=arguments.workers,
            more=arguments.more,
            smallest=arguments.smallest,
            state=arguments.state,
            on_finding=show,
            progress=bar,
        )
        if target is not None:
            for number, verdict in enumerate(result.findings or (result.verdict,), 1):
                if verdict.certificate is not None:
                    verdict.save(target / f"hunt-{number}.json")
            if result.verdict.smaller is not None:
                result.verdict.smaller.save(target / "hunt-smallest.json")
        with bar.hidden():
            if arguments.format == "json":
                from geomcheck.atomic_write import json_text
                from geomcheck.hunting.report import hunt_json

                output.write(json_text(hunt_json(result)))
            elif arguments.format == "concise":
                from geomcheck.render.concise import verdict_concise

                if not result.findings:
                    output.write(verdict_concise(result.verdict))
            else:
                from geomcheck.hunting.report import hunt_summary, hunt_text

                colour, width = output.colour, output.width
                whole = not result.findings
                output.write(hunt_text(result, colour=colour, width=width) if whole else hunt_summary(result, width))
                if result.verdict.smaller is not None:
                    from geomcheck.render.text import verdict_text

                    output.write(f"\n{verdict_text(result.verdict.smaller, colour=colour, width=width)}")
    return REFUTED if result.verdict.refuted else FINE


def _found(verdict: Verdict, replayed: bool, form: str, output: Output) -> str:
    if form == "concise":
        from geomcheck.render.concise import verdict_concise

        return verdict_concise(verdict)
    from geomcheck.render.text import verdict_text

    again = "Found in an earlier hunt, and certified again.\n\n" if replayed else ""
    return f"{again}{verdict_text(verdict, colour=output.colour, width=output.width)}\n\n"
