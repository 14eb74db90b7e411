"""``geomcheck experiment merging``: train, merge, compare, and say what the comparison is worth."""

from __future__ import annotations

import argparse
from typing import Final

from geomcheck.cli.claim_argument import counted
from geomcheck.cli.options import add_common
from geomcheck.cli.output import BELOW_LEVEL, FINE, REFUTED, Output
from geomcheck.cli.progress import Bar
from geomcheck.errors import InputError

__all__ = ["add", "run"]

_CODES: Final = {"SURVIVED": FINE, "CONTRADICTED": REFUTED}


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    command = commands.add_parser(
        "experiment",
        help="run an experiment on trained networks",
        description="Experiments on trained networks. Their answers are statistical, never a proof.",
        allow_abbrev=False,
    )
    experiments = command.add_subparsers(title="experiments", metavar="EXPERIMENT", required=True)
    merging = experiments.add_parser(
        "merging",
        help="merge two networks trained on halves of a data set",
        description="Two networks trained on disjoint halves of a data set are merged by plain interpolation and after "
        "each alignment, and compared on held-out data with the ensemble of both and with one network trained on "
        "everything, over several seeds. Every finished seed is kept, and a later call goes on from there.",
        epilog="exit codes: 0 no part of the claim is contradicted, 1 some part is contradicted (statistically), 2 "
        "wrong input, 3 with --require survived: some part is undecided, 130 interrupted (with everything kept)",
        allow_abbrev=False,
    )
    merging.add_argument(
        "--data",
        default="digits",
        metavar="WHAT",
        help="digits (of scikit-learn; the default), a folder with a subfolder of images a class, or a .npz of x, y",
    )
    merging.add_argument("--size", type=counted, metavar="N", help="scale the images of a folder to N × N")
    merging.add_argument("--per-class", type=counted, metavar="N", help="take at most N samples of every class")
    merging.add_argument("--networks", default="mlp,resnet", metavar="NAMES", help="mlp,resnet (default: both)")
    merging.add_argument("--seeds", type=counted, default=12, metavar="N", help="how many (default: 12)")
    merging.add_argument(
        "--halves", choices=("even", "skewed"), default="even", help="at random, or 80/20 by class (default: even)"
    )
    merging.add_argument("--epochs", type=counted, default=30, metavar="N", help="of every network (default: 30)")
    merging.add_argument("--width", action="append", default=[], metavar="NAME=N", help="such as mlp=256 or resnet=16")
    merging.add_argument("--points", type=counted, default=11, metavar="N", help="along the segment (default: 11)")
    merging.add_argument(
        "--batchnorm", choices=("reset", "as-is"), default="reset", help="re-estimate the statistics, or interpolate"
    )
    merging.add_argument("--restarts", type=counted, default=3, metavar="N", help="of weight matching (default: 3)")
    merging.add_argument("--steps", type=counted, default=40, metavar="N", help="of straight-through (default: 40)")
    merging.add_argument("--workers", type=counted, default=2, metavar="N", help="processes (default: 2)")
    merging.add_argument(
        "--state", default=".geomcheck/merging", metavar="DIR", help="what is done (default: .geomcheck/merging)"
    )
    merging.add_argument(
        "--figure", action="append", default=[], metavar="FILE", help="draw to a .svg or .png file; may be repeated"
    )
    merging.add_argument("--require", choices=("survived",), help="exit 3 below this level")
    add_common(merging)
    merging.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the experiment, draw the figure, print the answers."""
    from geomcheck.experiments.figure import check_name
    from geomcheck.experiments.study import merging

    for path in arguments.figure:
        check_name(path)
    with Output(arguments.output) as output:
        with Bar() as bar:
            result = merging(
                arguments.data,
                networks=[name.strip() for name in arguments.networks.split(",") if name.strip()],
                seeds=arguments.seeds,
                halves=arguments.halves,
                epochs=arguments.epochs,
                widths=dict(map(_width, arguments.width)),
                points=arguments.points,
                batchnorm=arguments.batchnorm,
                restarts=arguments.restarts,
                steps=arguments.steps,
                size=arguments.size,
                per_class=arguments.per_class,
                workers=arguments.workers,
                state=arguments.state,
                progress=bar,
            )
        for path in arguments.figure:
            result.save(path)
        match arguments.format:
            case "json":
                from geomcheck.atomic_write import json_text
                from geomcheck.experiments.report import merging_json

                output.write(json_text(merging_json(result)))
            case "concise":
                from geomcheck.experiments.report import merging_concise

                output.write(merging_concise(result))
            case _:
                from geomcheck.experiments.report import merging_text

                output.write(merging_text(result, colour=output.colour, width=output.width))
    return _CODES.get(result.answer, BELOW_LEVEL if arguments.require else FINE)


def _width(text: str) -> tuple[str, int]:
    name, equals, number = text.partition("=")
    if not (equals and number.isascii() and number.isdecimal() and len(number) < 9):
        raise InputError(f"--width: expected NAME=N such as mlp=256, got width={text!r}")
    return name.strip(), int(number)
