"""Where in a file a table and each of its keys stands, so that an error can say the line."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import final

from geomcheck.errors import InputError, SyntaxProblem


@final
@dataclass(frozen=True)
class SourceLocation:
    """The lines `first` to `last` (1-based) of a file, in which one table is written; None when they are not known."""

    name: str
    lines: tuple[str, ...]
    first: int | None
    last: int

    def line(self, key: str) -> int | None:
        """The line of a key of the table, or None."""
        if self.first is None:
            return None
        start = re.compile(
            rf"""(?:^|[\s{{,])["']?{re.escape(key)}["']?[ \t]*[=:.]|^[ \t]*\[claim\.{re.escape(key)}\b"""
        )
        return next((n for n in range(self.first, self.last + 1) if start.search(self.text(n))), None)

    def text(self, line: int) -> str:
        """The text of a line."""
        return self.lines[line - 1].rstrip("\r")

    def at(self, key: str | None = None) -> str:
        """How an error names the place of a key, or of the table: `file, line n`."""
        line = self.first if key is None else self.line(key) or self.first
        return self.name if line is None else f"{self.name}, line {line}"

    def syntax(self, problem: SyntaxProblem, key: str | None, where: str) -> SyntaxProblem:
        """The problem in the text of a key, with its place in the file where the text stands there as it is.

        Elsewhere the place is that of the key, and `where` names the text.
        """
        line = None if key is None else self.line(key)
        shown = "" if line is None else self.text(line)
        start = shown.find(problem.text, shown.find(key or "") + len(key or "")) if problem.text else -1
        if line is None or start < 0:
            return SyntaxProblem(
                problem.message, f"{self.at(key)}: {where}", problem.line, problem.column, problem.text
            )
        return SyntaxProblem(problem.message, self.name, line, start + problem.column, shown)


def key_of(message: str, where: str, keys: Collection[str]) -> str | None:
    """The key that an error's message is about: the word after `where: `, or the one that is unknown.

    >>> key_of("my.toml: inputs[0]: expected a list", "my.toml", ["inputs"])
    'inputs'
    >>> key_of("my.toml: unknown key 'inptus'", "my.toml", ["inputs"])
    'inptus'
    """
    match = re.match(rf"{re.escape(where)}: (?:unknown key '([^']+)'|(\w+))", message)
    if match is None:
        return None
    return match[1] or (match[2] if match[2] in keys else None)


def placed(error: InputError, where: str, place: SourceLocation, keys: Collection[str]) -> InputError:
    """The error of a file's own table, whose message begins with the name of the file, with the line added."""
    at = place.at(key_of(str(error), where, keys))
    return type(error)(f"{at}{str(error)[len(where) :]}")
