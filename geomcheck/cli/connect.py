"""``geomcheck connect``: a graph of checkpoints, joined by paths of low loss, in numbers and as a picture."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geomcheck.cli.options import add_common
from geomcheck.cli.output import FINE, Output
from geomcheck.errors import InputError

if TYPE_CHECKING:
    from geomcheck.align.connection import Connection, Edge

__all__ = ["add", "run"]


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    command = commands.add_parser(
        "connect",
        help="low-loss paths between checkpoints",
        description="Look for a path of low loss between every two checkpoints: straight, straight after alignment, "
        "then with one bend found by gradient descent. Paths of relu MLPs are certified, the others sampled; only "
        "certified ones are called connections.",
        allow_abbrev=False,
    )
    command.add_argument("checkpoints", nargs="+", metavar="A.pt", help="state dicts of two or more models")
    command.add_argument("--model", required=True, metavar="MODULE:FACTORY", help="makes the torch module, untrained")
    command.add_argument(
        "--data", required=True, metavar="FILE", help=".npz, .toml or .json with x and y, or .pt with (inputs, targets)"
    )
    command.add_argument("--loss", choices=("cross_entropy", "mse"), help="default: by the type of the targets")
    command.add_argument(
        "--tolerance", type=float, default=0.05, metavar="E", help="how far the loss may rise (default: 0.05)"
    )
    command.add_argument("--curve", choices=("polygon", "bezier"), default="polygon", help="the shape of bent paths")
    command.add_argument("--no-align", action="store_true", help="leave out the attempts after alignment")
    command.add_argument("--points", type=int, default=25, metavar="N", help="points of a straight piece (default: 25)")
    command.add_argument("--steps", type=int, default=300, metavar="N", help="steps of descent (default: 300)")
    command.add_argument("--seed", type=int, default=0, metavar="N", help="seed of all randomness (default: 0)")
    command.add_argument("--picture", metavar="FILE", help="draw the graph to a .svg or .png file")
    add_common(command)
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Look for paths, draw the graph, print it."""
    from geomcheck.align.connect import connect
    from geomcheck.align.loading import load_data, load_model
    from geomcheck.align.png import picture_kind

    if arguments.picture is not None:
        picture_kind(arguments.picture, "--picture")
    models = dict(zip(_names(arguments.checkpoints), arguments.checkpoints, strict=True))
    found = connect(
        {name: load_model(arguments.model, path) for name, path in models.items()},
        load_data(arguments.data),
        loss=arguments.loss,
        tolerance=arguments.tolerance,
        curve=arguments.curve,
        align_first=not arguments.no_align,
        points=arguments.points,
        steps=arguments.steps,
        seed=arguments.seed,
    )
    if arguments.picture is not None:
        found.save(arguments.picture)
    with Output(arguments.output) as output:
        match arguments.format:
            case "json":
                from geomcheck.atomic_write import json_text

                output.write(json_text(_report(found)))
            case "concise":
                output.write("\n".join("\t".join((a, b, *_words(edge))) for a, b, edge in _all(found)))
            case _:
                output.write(_text(found, output.width))
    return FINE


def _names(paths: list[str]) -> list[str]:
    """The stems of the files, or the paths themselves where two stems are the same."""
    stems = [Path(path).stem for path in paths]
    if len(set(paths)) < len(paths):
        raise InputError("expected distinct checkpoints, got one twice; leave it out")
    return stems if len(set(stems)) == len(stems) else paths


def _all(found: Connection) -> list[tuple[str, str, Edge]]:
    return [*found.edges(), *((a, b, edge) for (a, b), edge in found.missed.items())]


def _words(edge: Edge) -> tuple[str, ...]:
    return (edge.kind, edge.evidence if edge.low else "not low", f"{edge.max_loss:.6g}")


def _report(found: Connection) -> dict[str, Any]:
    return {
        "models": {name: values["loss"] for name, values in found.graph.nodes(data=True)},
        "tolerance": found.tolerance,
        "paths": [
            {
                "between": [a, b],
                "kind": edge.kind,
                "low": edge.low,
                "evidence": edge.evidence,
                "max_loss": edge.max_loss if edge.max_loss < float("inf") else None,
                "at": edge.place,
                "bound": edge.bound,
                "permuted": edge.permuted,
            }
            for a, b, edge in _all(found)
        ],
        "connected": found.connected,
    }


def _text(found: Connection, width: int) -> str:
    from geomcheck.render.page import wrapped
    from geomcheck.render.rounding import at_least

    lines = [f"{len(found.graph)} models, tolerance {found.tolerance:g}"]
    lines += [f"  {name}  loss {values['loss']:.6g}" for name, values in found.graph.nodes(data=True)]
    for a, b, edge in _all(found):
        known = f"at most {at_least(edge.bound)} on all of it, certified" if edge.bound is not None else "sampled"
        state = "low" if edge.low else "not low"
        moved = ", after permuting" if edge.permuted else ""
        lines.append(f"  {a} - {b}  {edge.kind}{moved}: {state}, greatest loss found {edge.max_loss:.6g}, {known}")
    groups = "; ".join(", ".join(part) for part in found.connected if len(part) > 1)
    permuted = any(edge.permuted and edge.evidence == "certified" for _, _, edge in found.edges())
    lines.append(f"connected, by certified paths{' up to permutation' if permuted else ''}: {groups or 'none'}")
    return "\n".join(part for line in lines for part in wrapped(line, width, rest="      "))
