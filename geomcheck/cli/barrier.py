"""``geomcheck barrier``: the loss along the segment between two checkpoints, in numbers and as a picture."""

from __future__ import annotations

import argparse
from math import isfinite
from typing import TYPE_CHECKING, Any

from geomcheck.cli.align import METHODS, add_matching, matching_options
from geomcheck.cli.options import add_common
from geomcheck.cli.output import FINE, Output

if TYPE_CHECKING:
    from geomcheck.align.certified_barrier import CertifiedBarrier
    from geomcheck.align.curve import Curve

__all__ = ["add", "run"]


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    command = commands.add_parser(
        "barrier",
        help="the loss between two checkpoints",
        description="The loss along the straight segment between two checkpoints, and its barrier by both definitions: "
        "mean, max L - (L(A) + L(B)) / 2, and linear, max of L minus the line between the ends. On a grid, in floats; "
        "with --certified also as a proven interval for the maximum over the whole segment (Linear and ReLU only).",
        allow_abbrev=False,
    )
    add_matching(command)
    command.add_argument(
        "--data", required=True, metavar="FILE", help=".npz, .toml or .json with x and y, or .pt with (inputs, targets)"
    )
    command.add_argument(
        "--align",
        choices=METHODS,
        metavar="METHOD",
        help=f"also the curve after this alignment: {', '.join(METHODS)}",
    )
    command.add_argument("--points", type=int, default=25, metavar="N", help="points of the curve (default: 25)")
    command.add_argument(
        "--batchnorm", choices=("as-is", "reset"), default="as-is", help="interpolate or re-estimate the statistics"
    )
    command.add_argument(
        "--certified", action="store_true", help="also a proven interval for the maximum over all t, not over the grid"
    )
    command.add_argument(
        "--width", type=float, default=1e-4, metavar="W", help="of that interval, relative to the loss (default: 1e-4)"
    )
    command.add_argument("--table", action="store_true", help="print the loss at all points of the curve")
    command.add_argument("--picture", metavar="FILE", help="draw the curves to a .svg or .png file")
    add_common(command)
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Compute the curves, draw them, print them."""
    from geomcheck.align.alignment import align
    from geomcheck.align.barrier import barrier
    from geomcheck.align.certified_barrier import certified_barrier
    from geomcheck.align.curve import save_picture
    from geomcheck.align.loading import load_data, load_model
    from geomcheck.align.png import picture_kind

    if arguments.picture is not None:
        picture_kind(arguments.picture, "--picture")
    options = matching_options(arguments)
    model_a, model_b = (load_model(arguments.model, path) for path in (arguments.a, arguments.b))
    data = load_data(arguments.data)
    how = {"loss": arguments.loss, "points": arguments.points, "batchnorm": arguments.batchnorm}
    others = {"as they are": model_b}
    if arguments.align is not None:
        aligned = align(model_a, model_b, method=arguments.align, data=data, **options)
        others[f"aligned by {arguments.align}"] = aligned.model
    curves = {name: barrier(model_a, other, data, **how) for name, other in others.items()}
    proven: dict[str, dict[str, CertifiedBarrier]] = {name: {} for name in others}
    if arguments.certified:
        for name, other in others.items():
            for baseline in ("mean", "linear"):
                proven[name][baseline] = certified_barrier(
                    model_a, other, data, loss=arguments.loss, baseline=baseline, width=arguments.width
                )
    if arguments.picture is not None:
        save_picture(arguments.picture, curves)
    with Output(arguments.output) as output:
        match arguments.format:
            case "json":
                from geomcheck.atomic_write import json_text

                output.write(
                    json_text({"curves": [_report(name, curve, proven[name]) for name, curve in curves.items()]})
                )
            case "concise":
                for name, curve in curves.items():
                    numbers = (curve.barrier("mean"), curve.barrier("linear"))
                    bounds = (bound for found in proven[name].values() for bound in (found.low, found.high))
                    output.write("\t".join((name, *(f"{n:.6g}" for n in numbers), *map(repr, bounds))))
            case _:
                output.write(
                    "\n\n".join(_text(name, curve, proven[name], arguments.table) for name, curve in curves.items())
                )
    return FINE


def _report(name: str, curve: Curve, proven: dict[str, CertifiedBarrier]) -> dict[str, Any]:
    certified = {
        baseline: {"low": found.low, "high": found.high, "t": found.place, "complete": found.complete}
        for baseline, found in proven.items()
    }
    return {
        "name": name,
        "t": list(curve.places),
        "losses": [_number(loss) for loss in curve.losses],
        "accuracies": None if curve.accuracies is None else list(curve.accuracies),
        "barrier": {"mean": _number(curve.barrier("mean")), "linear": _number(curve.barrier("linear"))},
        "batchnorm": curve.batchnorm,
        **({"certified": certified} if certified else {}),
    }


def _number(value: float) -> float | None:
    return value if isfinite(value) else None


def _text(name: str, curve: Curve, proven: dict[str, CertifiedBarrier], whole: bool) -> str:
    from geomcheck.render.rounding import at_least, at_most

    lines = [
        name,
        f"  barrier    {curve.barrier('mean'):.6g} (baseline mean), {curve.barrier('linear'):.6g} (baseline linear)",
        f"             on a grid of {len(curve.places)} points, in floats; BatchNorm statistics {curve.batchnorm}",
    ]
    label = "certified"
    for baseline, found in proven.items():
        wider = "" if found.complete else "; wider than asked for"
        interval = f"{at_most(found.low)} ≤ barrier ≤ {at_least(found.high)}"
        lines.append(f"  {label:<9}  {interval} (baseline {baseline}{wider})")
        label = ""
    if proven:
        lines.append("             over all t, weights and data as the dyadic rationals they are")
    marks = _marked(curve)
    lines.append("  t      loss" + ("         accuracy" if curve.accuracies is not None else ""))
    for k, (t, loss) in enumerate(zip(curve.places, curve.losses, strict=True)):
        if whole or k in marks:
            accuracy = f"  {curve.accuracies[k]:<8.4f}" if curve.accuracies is not None else ""
            lines.append(f"  {t:.3f}  {loss:<11.6g}{accuracy}  {marks.get(k, '')}".rstrip())
    hidden = 0 if whole else len(curve.places) - len(marks)
    if hidden > 0:
        lines.append(f"  and {hidden} points more: --table shows all")
    return "\n".join(lines)


def _marked(curve: Curve) -> dict[int, str]:
    """The points of the curve that matter, with why: its ends, and where it is highest and leaves the chord most."""
    places, losses = curve.places, curve.losses
    last = len(places) - 1
    above = [loss - (1 - t) * losses[0] - t * losses[last] for t, loss in zip(places, losses, strict=True)]
    why: dict[int, list[str]] = {0: ["A"], last: ["B"]}
    for words, values in (("greatest loss", losses), ("furthest above the line from A to B", above)):
        finite = [k for k, value in enumerate(values) if isfinite(value)]
        top = max(finite, key=values.__getitem__, default=None)
        if top is not None and (values is losses or values[top] > 0):
            why.setdefault(top, []).append(words)
    why.setdefault(last // 2, ["middle"])
    return {k: ", ".join(why[k]) for k in sorted(why)}
