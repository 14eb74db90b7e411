"""The parser of the command line: what is wrong with a call is said in one line, instead of the whole usage."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from typing import Final, NoReturn, final

from geomcheck.cli.output import WRONG_INPUT
from geomcheck.problem.scanner import suggest, suggestion

__all__ = ["Parser"]

_MISSING: Final = "the following arguments are required: "
_CHOICE: Final = re.compile(r"argument (?P<name>\S+): invalid choice: '(?P<got>.*)' \(choose from (?P<known>.*)\)")
_UNKNOWN: Final = "unrecognized arguments: "


@final
class Parser(argparse.ArgumentParser):
    """An argument parser whose errors name what was expected, and where to read more.

    >>> parser = Parser(prog="try")
    >>> _ = parser.add_argument("--data", required=True, metavar="FILE", help="a .npz file (default: none)")
    >>> parser.described("--data")
    '--data FILE (a .npz file)'
    """

    def error(self, message: str) -> NoReturn:
        """Say it in one line and leave with the exit code of wrong input."""
        if message.startswith(_MISSING):
            names = message.removeprefix(_MISSING).split(", ")
            said = f"expected {' and '.join(self.described(name) for name in names)}"
        elif message.startswith(_UNKNOWN):
            first = (message.removeprefix(_UNKNOWN).split() or ["''"])[0]
            near = suggestion(first.partition("=")[0], [*self._options()])
            said = f"expected no {first}, which is no argument of this command"
            if near.startswith("; did"):
                self.exit(WRONG_INPUT, f"{self.prog}: {said}{near}\n")
        elif (choice := _CHOICE.fullmatch(message)) is not None:
            words = [word.strip("'") for word in choice["known"].split(", ")]
            meant = suggest(choice["got"], words)
            hint = "" if meant is None else f"; did you mean {meant}?"
            several = f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]
            said = f"{choice['name']}: expected {several}, got {choice['got']!r}{hint}"
        else:
            said = message.removeprefix("argument ")
        self.exit(WRONG_INPUT, f"{self.prog}: {said}; see: {self.prog} --help\n")

    def described(self, name: str) -> str:
        """An argument with what stands for its value and what it is."""
        for action in self._actions:
            if name in (action.metavar, action.dest, "/".join(action.option_strings)):
                label = f"{name} {action.metavar}" if action.option_strings and action.metavar else name
                about = (action.help or "").partition(" (default")[0]
                return f"{label} ({about})" if about else label
        return name

    def _options(self) -> Iterator[str]:
        for action in self._actions:
            yield from action.option_strings
            if isinstance(action, argparse._SubParsersAction):
                for command in action.choices.values():
                    yield from command._option_string_actions
