"""``geomcheck lift``: from a trained network to a certified exact fit nearby, with the exact ranks there."""

from __future__ import annotations

import argparse
from os.path import exists
from typing import TYPE_CHECKING, Any, Final

import geomcheck
from geomcheck.cli.options import add_common
from geomcheck.cli.output import BELOW_LEVEL, FINE, Output
from geomcheck.errors import GeomcheckError, InputError, Undecided, described

if TYPE_CHECKING:
    from geomcheck.geometry.minima.lift import Lift

__all__ = ["add", "run"]

_KEYS: Final = ("network", "parameters", "loss", "behaviour", "reduction")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    command = commands.add_parser(
        "lift",
        help="certify an exact fit near a trained network",
        description="From the checkpoint of an over-parameterised network to a point that fits the data exactly, "
        "proved to exist within a printed radius, and the exact ranks of G and H there. "
        "Exit code 3 when none is certified.",
        allow_abbrev=False,
    )
    command.add_argument(
        "model",
        metavar="MODEL",
        help="package.module:name of an nn.Sequential or of a function that returns one, or a saved state dict",
    )
    command.add_argument("--data", required=True, metavar="FILE", help="inputs and targets: .toml, .json, .npz or .pt")
    command.add_argument("--network", metavar="TEXT", help='for a state dict: shorthand such as "8-100-1 tanh"')
    command.add_argument("--parameters", metavar="FILE", help="a state dict for package.module:name (default: its own)")
    command.add_argument("--loss", metavar="NAME", help="a loss by name (default: mse)")
    command.add_argument("--behaviour", metavar="WHAT", help="outputs (default) or probabilities")
    command.add_argument("--reduction", metavar="HOW", help="sum (default) or mean")
    command.add_argument("--radius", metavar="R", help="how far from the checkpoint the fit may be, in any coordinate")
    add_common(command)
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Lift and print."""
    from geomcheck.problem.data import read_data
    from geomcheck.problem.read import problem_from

    given: dict[str, Any] = {key: value for key in _KEYS if (value := getattr(arguments, key)) is not None}
    if ":" in arguments.model and not exists(arguments.model):
        if arguments.network is not None:
            raise InputError(f"expected no --network beside {arguments.model}, which says it; leave it out")
        given["torch"] = _imported(arguments.model)
    elif arguments.network is None:
        raise InputError(
            f"expected --network beside the state dict {arguments.model}, or package.module:name in its place; "
            f'write: geomcheck lift {arguments.model} --network "8-100-1 tanh" --data {arguments.data}'
        )
    elif arguments.parameters is not None:
        raise InputError(
            f"expected no --parameters beside {arguments.model}, which is a state dict itself; leave it out, "
            "or name the module as package.module:name"
        )
    else:
        given["parameters"] = arguments.model
    data = read_data(arguments.data)
    try:
        problem = problem_from({**given, **data}, "command line")
    except InputError as error:
        raise type(error)(_with_labels_explained(str(error), arguments.data, data)) from None
    try:
        answer: Lift | Undecided = geomcheck.lift(problem, radius=arguments.radius)
    except Undecided as undecided:
        answer = undecided
    with Output(arguments.output) as output:
        output.write(_written(answer, arguments.format))
    return BELOW_LEVEL if isinstance(answer, Undecided) else FINE


def _written(answer: Lift | Undecided, form: str) -> str:
    from geomcheck.atomic_write import json_text
    from geomcheck.render import lift as render

    if isinstance(answer, Undecided):
        match form:
            case "json":
                return json_text(render.undecided_json(answer))
            case "concise":
                return render.undecided_concise(answer)
        return render.undecided_text(answer)
    match form:
        case "json":
            return json_text(render.lift_json(answer))
        case "concise":
            return render.lift_concise(answer)
    return str(answer)


def _with_labels_explained(message: str, path: str, data: dict[str, Any]) -> str:
    """The message about a problem; where its targets are the numbers of classes, what to write instead."""
    shape = getattr(data["targets"], "shape", None)
    flat = len(shape) == 1 if shape is not None else all(not isinstance(row, list) for row in data["targets"])
    if "targets" not in message or not flat:
        return message
    return (
        f"{path}: expected targets with one row a sample and one number an output, got one number a sample; "
        "write numbers of classes as rows of 0 and 1, such as numpy.eye(3)[y]"
    )


def _imported(text: str) -> Any:
    """The module that ``package.module:name`` names, called when it is no nn.Module; looked for here first."""
    from torch import nn

    from geomcheck.align.loading import named_object

    where, _, name = text.rpartition(":")
    try:
        made: Any = named_object(where, name)
        made = made if isinstance(made, nn.Module) or not callable(made) else made()
    except LookupError as error:
        raise InputError(f"MODEL: {error}") from None
    except GeomcheckError:
        raise
    except (Exception, SystemExit) as error:  # whatever a person's own function raises
        summary = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise InputError(f"MODEL: expected {text} to make the model without arguments, got {summary}") from error
    if not isinstance(made, nn.Module):
        raise InputError(f"MODEL: expected {text} to be or to return an nn.Sequential, got {described('model', made)}")
    return made
