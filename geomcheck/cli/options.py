"""Options that several commands share, and the problem that the problem options describe."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, Any, Final

from geomcheck.errors import InputError

if TYPE_CHECKING:
    from geomcheck.claims.tree import Tree
    from geomcheck.problem.problem import Problem

__all__ = ["add_common", "add_problem", "given_options", "problem_of"]

_BARE_FRACTION: Final = re.compile(r'"[^"]*"|(-?\d+/\d+)')

# Option -> key of a problem file; the value is text, a number, or a list or table as a file would write it.
_OPTIONS: Final = (
    ("network", "TEXT", 'shorthand such as "2-3-1 tanh, no bias", or a table'),
    ("model", "TABLE", "explicit model: { parameters = [...], inputs = [...], outputs = [...] }"),
    ("loss", "NAME", "a loss by name, or { outputs = [...], targets = [...], value = ... } (default: mse)"),
    ("behaviour", "WHAT", "outputs (default) or probabilities"),
    ("reduction", "HOW", "sum (default) or mean"),
    ("weight-decay", "C", "adds C/2 ‖θ‖² to the loss"),
    ("samples", "N", "number of samples; without inputs the claim is about all inputs"),
    ("inputs", "ROWS", "one row a sample: '[[1, 0], [1/2, 1]]'"),
    ("targets", "ROWS", "one row a sample, or perfect_fit"),
    ("parameters", "LIST", "a flat list in torch order, { W1 = [[...]], b1 = [...] }, or a saved torch state dict"),
    ("points", "TABLE", "points named in the claim: '{ A = [1, -1], B = [0, 1/2] }', each like --parameters"),
    ("permutations", "TABLE", "permutations of hidden units, counted from 0, by layer: '{ s = [[1, 0]] }'"),
    ("baseline", "HOW", "barriers are measured from the mean (default) of the end points, or linear between them"),
    ("teacher", "R", "the loss is the population loss against an irreducible teacher with R hidden units"),
)


def add_common(command: argparse.ArgumentParser, formats: tuple[str, ...] = ("text", "json", "concise")) -> None:
    """The options every command has."""
    command.add_argument("--format", choices=formats, default="text", help="how to print (default: text)")
    command.add_argument("--output", metavar="FILE", help="write the result there instead of to stdout")
    command.add_argument("--debug", action="store_true", help="show where an error arose")


def add_problem(command: argparse.ArgumentParser) -> None:
    """The options that describe a problem; each is a key of a problem file."""
    group = command.add_argument_group("the problem", "what is left out, the claim quantifies over")
    group.add_argument("--problem", metavar="FILE", help="a problem file, TOML or JSON, instead of the options below")
    for name, metavar, text in _OPTIONS:
        group.add_argument(f"--{name}", metavar=metavar, help=text)


def given_options(arguments: argparse.Namespace) -> dict[str, str]:
    """The problem options that were given, under their keys."""
    keys = (name.replace("-", "_") for name, _, _ in _OPTIONS)
    return {key: value for key in keys if (value := getattr(arguments, key)) is not None}


def problem_of(arguments: argparse.Namespace, *claims: Tree) -> Problem:
    """The problem that the options describe; they may leave out what none of the claims (or terms) speaks of.

    Raises:
        InputError: for no network at all, for a file and options at once, and for whatever a problem file raises.
    """
    from geomcheck.claims.required_keys import completion
    from geomcheck.problem.read import problem_from, read_problem

    options = given_options(arguments)
    complete = completion(*claims) if claims else None
    if arguments.problem is not None:
        if options:
            raise InputError(
                f"expected either --problem or the problem options, got --problem and --{next(iter(options))}; "
                "write the option into the file"
            )
        return read_problem(arguments.problem, complete)
    given = {key: _value(key, text) for key, text in options.items()}
    if not {"network", "model"} & (given if complete is None else complete(given)).keys():
        raise InputError(
            'expected a network, got none; add --network "2-3-1 tanh" --samples 4, or --model, or --problem FILE'
        )
    return problem_from(given, "command line", complete)


def _value(key: str, text: str) -> Any:
    from geomcheck.problem.read import load_toml

    if text.lstrip()[:1] not in ("[", "{"):
        return int(text) if key in ("samples", "teacher") and re.fullmatch(r"\s*[+-]?\d{1,30}\s*", text) else text
    # A fraction needs no quotes here: the shell has taken enough of them.
    quoted = _BARE_FRACTION.sub(lambda match: f'"{match[1]}"' if match[1] else match[0], text)
    return load_toml(f"value = {quoted}", f"--{key.replace('_', '-')}")["value"]
