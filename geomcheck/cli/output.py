"""Where results go: to stdout as they come, or whole to the file of ``--output``; and the exit codes."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Final

from geomcheck.atomic_write import write_text
from geomcheck.errors import InputError
from geomcheck.render.page import WIDTH, page_width

__all__ = [
    "BELOW_LEVEL",
    "FINE",
    "INTERNAL_ERROR",
    "INTERRUPTED",
    "REFUTED",
    "REJECTED",
    "WRONG_INPUT",
    "Output",
    "colour_wanted",
    "folder",
]

FINE: Final = 0
REFUTED: Final = 1
WRONG_INPUT: Final = 2
BELOW_LEVEL: Final = 3
REJECTED: Final = 4
INTERNAL_ERROR: Final = 70
INTERRUPTED: Final = 130


def colour_wanted() -> bool:
    """Colour only for a person at a terminal who has not set NO_COLOR (https://no-color.org)."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and sys.stdout.isatty()


class Output:
    """A place to write lines. With a path, nothing is written until the command has succeeded."""

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._lines: list[str] = []
        self.colour = path is None and colour_wanted()
        self.width = WIDTH if path is not None else page_width()

    def write(self, text: str) -> None:
        """One piece of the result, ended by a newline."""
        line = text if text.endswith("\n") else text + "\n"
        if self._path is None:
            sys.stdout.write(line)
            sys.stdout.flush()
        else:
            self._lines.append(line)

    def __enter__(self) -> Output:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._path is not None and kind is None:
            write_text(self._path, "".join(self._lines))


def folder(path: str) -> Path:
    """The folder, made if it is not there."""
    try:
        target = Path(path)
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"expected a folder that can be made, got path={path!r} ({error.strerror}); name another"
        ) from error
    return target
