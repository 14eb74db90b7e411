"""The error tree: every mistake a person can make ends as one `GeomcheckError` with one clear message.

A message says what was expected, what was got as `name=value (type)`, and one next step. Exceptions keep all their
arguments in `args`, so that they survive pickling between processes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

_WINDOW: Final = 100
_SHOWN: Final = 60


class GeomcheckError(Exception):
    """The root of all errors raised on purpose; `str(error)` is the message a person sees.

    >>> GeomcheckError("samples must be at least 1: samples=0 (int)").exit_code
    2
    """

    exit_code: ClassVar[int] = 2


class InputError(GeomcheckError):
    """A problem, a claim or a number that cannot be read."""


class LimitError(InputError):
    """An input over a stated limit: size, nesting, digits."""


class SyntaxProblem(InputError):
    """Text that does not parse; the message ends with the offending line and a caret under the column.

    `line` and `column` are 1-based, `text` is the offending line.

    >>> print(SyntaxProblem("expected a number", "claim", 1, 6, "1 + +"))
    claim, line 1, column 6: expected a number
      1 + +
           ^
    """

    def __init__(self, message: str, source_name: str, line: int, column: int, text: str) -> None:
        super().__init__(message, source_name, line, column, text)
        self.message: Final = message
        self.source_name: Final = source_name
        self.line: Final = line
        self.column: Final = column
        self.text: Final = text

    def __str__(self) -> str:
        place = f"{self.source_name}, line {self.line}, column {self.column}"
        return f"{place}: {self.message}\n{caret(self.text, self.column)}"


class OutsideField(GeomcheckError):
    """A value leaves the number system at hand, such as exp of an irrational number."""


class Kink(GeomcheckError):
    """A piecewise function is evaluated exactly at its kink, so the second derivative does not exist.

    `sample` and `unit` are 0-based; `layer` is 1-based, or None where it is not a layer's activation that has the kink
    (a loss, or a formula) or where the layer is not yet known.

    >>> print(Kink(0, None, 2).in_layer(1))
    H does not exist: the pre-activation of layer 1, unit 2 (0-based) is exactly 0 at sample 0 (0-based)
    """

    def __init__(self, sample: int, layer: int | None, unit: int) -> None:
        super().__init__(sample, layer, unit)
        self.sample: Final = sample
        self.layer: Final = layer
        self.unit: Final = unit

    @classmethod
    def at(cls, index: Sequence[int]) -> Kink:
        """The kink at an index (..., sample, unit) of an array of arguments; shorter indices are padded by 0."""
        sample, unit = (0, 0, *(int(i) for i in index))[-2:]
        return cls(sample, None, unit)

    def in_layer(self, layer: int) -> Kink:
        """The same kink with its layer (1-based) filled in."""
        return Kink(self.sample, layer, self.unit)

    def __str__(self) -> str:
        where = (
            "the argument of a piecewise function"
            if self.layer is None
            else f"the pre-activation of layer {self.layer}"
        )
        return f"H does not exist: {where}, unit {self.unit} (0-based) is exactly 0 at sample {self.sample} (0-based)"


class Undecided(GeomcheckError):
    """A question that is honestly left open: a stable kebab-case `reason`, what is `known`, one `next_step`.

    >>> print(Undecided("sign-unknown", "0 lies in the enclosure", "raise the precision"))
    undecided (sign-unknown): 0 lies in the enclosure; raise the precision
    """

    def __init__(self, reason: str, known: str = "", next_step: str = "") -> None:
        super().__init__(reason, known, next_step)
        self.reason: Final = reason
        self.known: Final = known
        self.next_step: Final = next_step

    def __str__(self) -> str:
        details = "; ".join(part for part in (self.known, self.next_step) if part)
        return f"undecided ({self.reason})" + (f": {details}" if details else "")


class CertificateError(GeomcheckError):
    """A certificate that the checker does not accept."""

    exit_code: ClassVar[int] = 4


def caret(text: str, column: int) -> str:
    """The line with a caret under the 1-based column; a long line is cut to a window around it.

    >>> print(caret("rank(G", 7))
      rank(G
            ^
    """
    start = max(0, column - 1 - _WINDOW // 2)
    shown = text[start : start + _WINDOW]
    head = "..." if start else ""
    tail = "..." if start + _WINDOW < len(text) else ""
    printable = "".join(c if c.isprintable() else " " for c in shown)
    return f"  {head}{printable}{tail}\n  {' ' * (len(head) + column - 1 - start)}^"


def described(name: str, value: object) -> str:
    """`name=value (type)`, the form in which every message shows what it got.

    >>> described("width", 0)
    'width=0 (int)'
    """
    try:
        text = repr(value)
    except Exception:  # a foreign object's repr, or an integer with too many digits to print
        text = "..."
    if len(text) > _SHOWN:
        text = text[: _SHOWN - 3] + "..."
    return f"{name}={text} ({type(value).__name__})"
