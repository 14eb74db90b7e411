"""Text to tokens with line and column: the one scanner under formulas, network shorthands and claims.

Grammar of tokens (ASCII only; blanks, tabs and newlines separate):

    name     [A-Za-z_][A-Za-z_0-9]*
    integer  [0-9]+
    decimal  [0-9]+ "." [0-9]+ with an optional exponent, or [0-9]+ with an exponent
    symbol   == != <= >= ** && || -> and the single characters + - * / ^ ( ) [ ] { } , . < > = & | ; : @
    end      the end of the text
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, NoReturn

from geomcheck.errors import LimitError, SyntaxProblem

Kind = Literal["name", "integer", "decimal", "symbol", "end"]

_TOKEN: Final = re.compile(
    r"(?P<blank>[ \t\r\n]+)"
    r"|(?P<name>[A-Za-z_][A-Za-z_0-9]*)"
    r"|(?P<decimal>[0-9]+(?:\.[0-9]+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+))"
    r"|(?P<integer>[0-9]+)"
    r"|(?P<symbol>==|!=|<=|>=|\*\*|&&|\|\||->|[-+*/^()\[\]{},.<>=&|;:@])"
)


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `line` and `column` are 1-based and point at its first character."""

    kind: Kind
    text: str
    line: int
    column: int

    def shown(self) -> str:
        """The token as an error message names it."""
        return "the end of the text" if self.kind == "end" else f"'{self.text[:40]}'"


class Scanner:
    """A cursor over the tokens of one text; every failure is a `SyntaxProblem` with line, column and caret.

    >>> s = Scanner("rank(H) <= 3/2", "claim")
    >>> s.take().text, s.accept("("), s.at("H")
    ('rank', True, True)
    """

    __slots__ = ("_lines", "_position", "_source_name", "_tokens")

    def __init__(self, text: str, source_name: str, max_length: int = 100_000) -> None:
        """Scan `text`; longer than `max_length` characters is a `LimitError`."""
        if len(text) > max_length:
            raise LimitError(
                f"{source_name}: the text has {len(text)} characters, the limit is {max_length}; shorten it"
            )
        self._source_name: Final = source_name
        self._lines: Final = text.split("\n")
        self._tokens: Final = self._scan(text)
        self._position = 0

    def _scan(self, text: str) -> tuple[Token, ...]:
        tokens: list[Token] = []
        position, line, start_of_line = 0, 1, 0
        kinds: dict[str, Kind] = {"name": "name", "integer": "integer", "decimal": "decimal", "symbol": "symbol"}
        while position < len(text):
            column = position - start_of_line + 1
            match = _TOKEN.match(text, position)
            if match is None:
                self.fail(f"unexpected character {text[position]!r}; remove it", Token("end", "", line, column))
            position = match.end()
            if match.lastgroup == "blank":
                if newlines := match.group().count("\n"):
                    line += newlines
                    start_of_line = match.start() + match.group().rindex("\n") + 1
            else:
                tokens.append(Token(kinds[match.lastgroup or "symbol"], match.group(), line, column))
        tokens.append(Token("end", "", line, len(text) - start_of_line + 1))
        return tuple(tokens)

    def peek(self, ahead: int = 0) -> Token:
        """The token `ahead` places on, without moving; past the end it is the end token."""
        return self._tokens[min(self._position + ahead, len(self._tokens) - 1)]

    def take(self) -> Token:
        """The next token, moving past it; at the end it stays there."""
        token = self.peek()
        if token.kind != "end":
            self._position += 1
        return token

    def at(self, *texts: str) -> bool:
        """Whether the next token is one of the given symbols or names."""
        token = self.peek()
        return token.kind != "end" and token.text in texts

    def accept(self, text: str) -> bool:
        """Move past the next token when it is `text`; say whether it was."""
        if self.at(text):
            self._position += 1
            return True
        return False

    def expect(self, text: str, context: str = "") -> Token:
        """Move past `text`, or fail saying that it was expected (`context`: where)."""
        if self.at(text):
            return self.take()
        self.fail(f"expected '{text}'{' ' + context if context else ''}, got {self.peek().shown()}")

    def expect_end(self) -> None:
        """Fail unless all tokens are taken."""
        if self.peek().kind != "end":
            self.fail(f"expected the end of the text, got {self.peek().shown()}")

    def fail(self, message: str, token: Token | None = None) -> NoReturn:
        """Raise a `SyntaxProblem` at `token` (default: the next one)."""
        place = self.peek() if token is None else token
        line = self._lines[place.line - 1].rstrip("\r")
        raise SyntaxProblem(message, self._source_name, place.line, place.column, line)

    def fail_unknown(self, what: str, token: Token, known: Iterable[str]) -> NoReturn:
        """Raise a `SyntaxProblem` for an unknown word at `token`, with the nearest known one."""
        self.fail(f"unknown {what} '{token.text[:40]}'{suggestion(token.text, known)}", token)


def suggest(word: str, known: Iterable[str]) -> str | None:
    """The known word nearest to `word`, or None when none is near.

    >>> suggest("rnak", ["rank", "trace"])
    'rank'
    """
    if len(word) > 80:
        return None
    import difflib  # costly to import, and only a mistake needs it

    words = {k.lower(): k for k in known}
    nearest = difflib.get_close_matches(word.lower(), list(words), n=1)
    return words[nearest[0]] if nearest else None


def suggestion(word: str, known: Iterable[str]) -> str:
    """The end of an error message about an unknown word: the nearest known one, else all of them.

    >>> suggestion("tahn", ["tanh", "relu"])
    "; did you mean 'tanh'?"
    """
    choices = sorted(known)
    nearest = suggest(word, choices)
    if nearest is not None:
        return f"; did you mean '{nearest}'?"
    return f"; known: {', '.join(choices)}" if choices else ""
