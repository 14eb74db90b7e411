"""``geomcheck necessity``: ask of every hypothesis of a claim whether it is needed."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

import geomcheck
from geomcheck.cli.claim_argument import add_subject, counted, subject
from geomcheck.cli.options import add_common
from geomcheck.cli.output import BELOW_LEVEL, FINE, REFUTED, Output, folder
from geomcheck.cli.progress import Bar

if TYPE_CHECKING:
    from pathlib import Path

    from geomcheck.necessity.report import Necessity

__all__ = ["add", "run"]


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    command = commands.add_parser(
        "necessity",
        help="ask which hypotheses of a claim are needed",
        description="Drop or weaken each hypothesis of a claim, one at a time, and settle what is left: needed (a "
        "counterexample), not needed (proved without it) or open.",
        epilog="exit codes: 0 the claim is proved and every answer is needed or not needed, 1 the claim itself is "
        "refuted, 2 wrong input, 3 something is open",
        allow_abbrev=False,
    )
    add_subject(command)
    command.add_argument("--only", metavar="NAME", action="append", help="only this hypothesis (repeatable)")
    command.add_argument("--smallest", action="store_true", help="counterexamples of the smallest shape")
    command.add_argument("--verbose", action="store_true", help="print every answer in full")
    command.add_argument("--save", metavar="DIR", help="write the certificates there")
    limits = command.add_argument_group("limits of the search, for each version")
    limits.add_argument("--trials", type=counted, default=200, metavar="N", help="instances in scope (default: 200)")
    limits.add_argument("--seconds", type=counted, default=10, metavar="S", help="wall time (default: 10)")
    limits.add_argument("--seed", type=counted, default=0, metavar="N", help="seed of the search (default: 0)")
    add_common(command, ("text", "json", "latex", "concise"))
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Ask, print the table, and say by the exit code whether anything is open."""
    claim, problem = subject(arguments)
    target = folder(arguments.save) if arguments.save else None
    with Output(arguments.output) as output:
        with Bar() as bar:
            study = geomcheck.necessity(
                claim,
                problem=problem,
                only=arguments.only,
                trials=arguments.trials,
                seconds=arguments.seconds,
                seed=arguments.seed,
                smallest=arguments.smallest,
                progress=bar,
            )
        if target is not None:
            _save(study, target)
        output.write(_written(study, arguments.format, arguments.verbose, output))
    if study.verdict.refuted:
        return REFUTED
    return FINE if study.settled else BELOW_LEVEL


def _written(study: Necessity, form: str, verbose: bool, output: Output) -> str:
    from geomcheck.necessity import report as render

    match form:
        case "json":
            from geomcheck.atomic_write import json_text

            return json_text(render.necessity_json(study))
        case "latex":
            return render.necessity_latex(study)
        case "concise":
            return render.necessity_concise(study)
    return render.necessity_text(study, verbose=verbose, colour=output.colour, width=output.width)


def _save(study: Necessity, target: Path) -> None:
    verdicts = [("claim", study.verdict)]
    verdicts += [(f"{number:02d}-{row.hypothesis}", row.verdict) for number, row in enumerate(study.rows, 1)]
    for name, verdict in verdicts:
        slug = re.sub(r"\W+", "-", name)
        if verdict.certificate is not None:
            verdict.save(target / f"{slug}.json")
        if verdict.smaller is not None:
            verdict.smaller.save(target / f"{slug}-smallest.json")
