"""The page that text is set on: as wide as the terminal, at most WIDTH columns, lines that go on hang below the first.

Numbers are never broken: not in themselves, and not from the sign before them, as in ``rank(H) = 13`` or ``3 × 2``.
"""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from typing import Final, TextIO

__all__ = ["GLUE", "WIDTH", "page_width", "wrapped"]

WIDTH: Final = 100
_NARROWEST: Final = 40
GLUE: Final = "\u00a0"  # a space that textwrap does not break at
_SIGNED: Final = re.compile(r"(?<=[^\s,;]) ([=≤≥×±] (?=[-−\d]))")


def page_width(stream: TextIO | None = None) -> int:
    """The columns of the terminal that the stream (default: stdout) is, within bounds; WIDTH where it is none."""
    if not (sys.stdout if stream is None else stream).isatty():
        return WIDTH
    return max(_NARROWEST, min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns))


def wrapped(text: str, width: int = WIDTH, first: str = "", rest: str = "") -> list[str]:
    r"""The text in lines of at most that width, as far as words allow; ``first`` and ``rest`` are what they begin with.

    >>> print("\n".join(wrapped("set aside = kink × 197, out-of-scope × 4", 28, rest="  ")))
    set aside = kink × 197,
      out-of-scope × 4
    """
    glued = _SIGNED.sub(lambda match: GLUE + match[1].replace(" ", GLUE), text)
    lines = textwrap.wrap(
        glued, width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False, break_long_words=False
    )
    return [line.replace(GLUE, " ") for line in lines]
