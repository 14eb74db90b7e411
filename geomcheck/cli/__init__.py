"""The command line. Results go to stdout, progress and errors to stderr; nothing heavy is imported for ``--help``.

Exit codes: 0 nothing refuted and the required level met (or every ``expect`` met); 1 refuted; 2 usage, syntax or input
error; 3 below the required level, or not what ``expect`` says; 4 certificate rejected; 70 internal error; 130
interrupted, or the reader of stdout went away.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path

from geomcheck import __version__
from geomcheck.cli import (
    align,
    barrier,
    check,
    claims,
    components,
    connect,
    derive,
    evaluate,
    experiment,
    hunt,
    lift,
    necessity,
    selftest,
    verify,
)
from geomcheck.cli.output import INTERNAL_ERROR, INTERRUPTED, WRONG_INPUT
from geomcheck.cli.parser import Parser
from geomcheck.errors import GeomcheckError
from geomcheck.render.page import page_width, wrapped

__all__ = ["main", "parser"]

_COMMANDS = (
    *(check, necessity, hunt, evaluate, derive, lift, verify, claims, components),
    *(align, barrier, connect, experiment, selftest),
)


def parser() -> argparse.ArgumentParser:
    """The parser of every command."""
    top = Parser(
        prog="geomcheck",
        description="Settle claims about the geometry of neural-network loss landscapes.",
        epilog="exit codes: 0 fine, 1 refuted, 2 wrong input, 3 below the required level or not as expected, "
        "4 certificate rejected, 70 internal error, 130 interrupted",
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"geomcheck {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", dest="command", required=True)
    for command in _COMMANDS:
        command.add(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; no exception leaves it.

    >>> main(["check", "rank(H) == rank(G)"])  # the message goes to stderr
    2
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # the caller closed it: what goes there goes nowhere
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 (for the rest of the process)
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    debug = False
    try:
        try:
            arguments = parser().parse_args(argv)
            debug = arguments.debug
            code = int(arguments.run(arguments))
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else WRONG_INPUT
        sys.stdout.flush()
        return code
    except GeomcheckError as error:
        _complain(f"geomcheck: {error}", debug)
        return error.exit_code
    except KeyboardInterrupt:
        _complain("geomcheck: interrupted", debug)
        return INTERRUPTED
    except BrokenPipeError:
        # Whatever is still buffered goes nowhere, so that the interpreter's own flush at exit is quiet too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return INTERRUPTED
    except Exception as error:
        summary = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        _complain(f"geomcheck: internal error: {summary}; please report it (--debug shows where it arose)", debug)
        return INTERNAL_ERROR


def _complain(message: str, debug: bool) -> None:
    if debug:
        import traceback

        traceback.print_exc(file=sys.stderr)
    if sys.stderr.isatty():  # a line of the source with its caret, which is indented, stays as it is
        columns = page_width(sys.stderr)
        lines = [[line] if line.startswith(" ") else wrapped(line, columns, rest="  ") for line in message.splitlines()]
        message = "\n".join(part for parts in lines for part in parts)
    print(message, file=sys.stderr)
