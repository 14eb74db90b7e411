"""``geomcheck align``: permute the hidden units of one checkpoint so that it matches another."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final

from geomcheck.cli.options import add_common
from geomcheck.cli.output import FINE, Output
from geomcheck.errors import InputError

if TYPE_CHECKING:
    from geomcheck.align.alignment import Alignment

__all__ = ["METHODS", "add", "add_matching", "matching_options", "run"]

METHODS: Final = ("weights", "activations", "straight-through", "exact")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    command = commands.add_parser(
        "align",
        help="match the hidden units of two checkpoints",
        description="Permute the hidden units of checkpoint B so that it matches checkpoint A. Which axes move "
        "together is found from the module's own graph; the permuted model is checked to compute the same function.",
        allow_abbrev=False,
    )
    add_matching(command)
    command.add_argument("--method", choices=METHODS, default="weights", help="how to match (default: weights)")
    command.add_argument("--data", metavar="FILE", help=".npz, .toml or .json with x and y; .pt with (inputs, targets)")
    command.add_argument("--save", metavar="FILE", help="write the permuted state dict of B there")
    add_common(command)
    command.set_defaults(run=run)


def add_matching(command: argparse.ArgumentParser) -> None:
    """The arguments that every command on two checkpoints has."""
    command.add_argument("a", metavar="A.pt", help="state dict of model A")
    command.add_argument("b", metavar="B.pt", help="state dict of model B")
    command.add_argument("--model", required=True, metavar="MODULE:FACTORY", help="makes the torch module, untrained")
    command.add_argument("--input", metavar="SHAPE", help='shape of one sample, such as "3,32,32", if it is not found')
    command.add_argument("--loss", choices=("cross_entropy", "mse"), help="default: by the type of the targets")
    command.add_argument("--restarts", type=_count, default=3, metavar="N", help="starts to try (default: 3)")
    command.add_argument("--steps", type=_count, default=40, metavar="N", help="of straight-through (default: 40)")
    command.add_argument("--seed", type=_count, default=0, metavar="N", help="seed of all randomness (default: 0)")


def matching_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """The keyword arguments of ``gc.align`` that the options give."""
    shape = None
    if arguments.input is not None:
        pieces = arguments.input.replace("x", ",").split(",")
        if not all(piece.strip().isdecimal() for piece in pieces):
            raise InputError(f'--input: expected sizes such as "3,32,32", got input={arguments.input!r}')
        shape = tuple(int(piece) for piece in pieces)
    return {
        "inputs": shape,
        "loss": arguments.loss,
        "restarts": arguments.restarts,
        "steps": arguments.steps,
        "seed": arguments.seed,
    }


def run(arguments: argparse.Namespace) -> int:
    """Align, write the state dict, print what was done."""
    from geomcheck.align.alignment import align
    from geomcheck.align.loading import load_data, load_model, save_state

    options = matching_options(arguments)
    model_a, model_b = (load_model(arguments.model, path) for path in (arguments.a, arguments.b))
    data = load_data(arguments.data) if arguments.data is not None else None
    found = align(model_a, model_b, method=arguments.method, data=data, **options)
    if arguments.save is not None:
        save_state(arguments.save, found.state_dict)
    with Output(arguments.output) as output:
        match arguments.format:
            case "json":
                from geomcheck.atomic_write import json_text

                output.write(json_text(_report(found)))
            case "concise":
                output.write("\t".join((found.method, str(found.moved), str(found.units), f"{found.after:.6g}")))
            case _:
                output.write(_text(found, arguments.save))
    return FINE


def _report(found: Alignment) -> dict[str, Any]:
    return {
        "method": found.method,
        "groups": [
            {
                "name": name,
                "size": group.size,
                "context": list(group.context),
                "permutation": found.permutations[name].tolist(),
            }
            for name, group in found.ties.groups.items()
        ],
        "objective": {"before": found.before, "after": found.after, "restarts": list(found.restarts)},
        "checks": [
            {"mode": c.mode, "inputs": c.inputs, "precision": c.precision, "deviation": c.deviation}
            for c in found.checks
        ],
    }


def _text(found: Alignment, saved: str | None) -> str:
    groups = found.ties.groups.values()
    width = max((len(group.name) for group in groups), default=0)
    plural = "" if len(groups) == 1 else "s"
    lines = [f"ALIGNED by {found.method}: {found.moved} of {found.units} units moved, {len(groups)} group{plural}"]
    for group in groups:
        inside = f", one permutation for each index of {' and '.join(group.context)}" if group.context else ""
        lines.append(f"  {group.name:<{width}}  {group.size}{inside}")
    lines.append(f"objective  {found.before:.4f} before, {found.after:.4f} after (1 is a perfect match)")
    lines.append(f"restarts   {', '.join(f'{value:.4f}' for value in found.restarts)}")
    for check in found.checks:
        lines.append(
            f"check      same function in {check.mode} mode on {check.inputs}: deviation {check.deviation:.1e}"
        )
    if saved is not None:
        lines.append(f"saved      {saved}")
    return "\n".join(lines)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise argparse.ArgumentTypeError(f"expected a whole number, got {text!r}")
    return int(text)
