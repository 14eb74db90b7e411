"""TOML and JSON text to plain Python data, exactly and within limits.

Decimals become `decimal.Decimal`, never a binary float. A file is at most MAX_BYTES of UTF-8, nested at most
MAX_NESTING deep. Every syntax error, duplicate key and limit gives one error with file, line and column.
The parsers are imported where they are used, so that a program that reads no file does not pay for them.
"""

from __future__ import annotations

import decimal
import os
import re
from decimal import Decimal
from typing import Any, Final, NoReturn

from geomcheck.errors import InputError, LimitError, SyntaxProblem
from geomcheck.problem.numbers import MAX_DIGITS

MAX_BYTES: Final = 64 * 1024 * 1024
MAX_NESTING: Final = 200

_TOML_TOKEN: Final = re.compile(
    r'"""(?:[^\\]|\\.)*?(?:"""|\Z)'
    r"|'''.*?(?:'''|\Z)"
    r'|"(?:[^"\\\n]|\\.)*"?'
    r"|'[^'\n]*'?"
    r"|#[^\n]*"
    r"|[\[\]{}.\n,=]",
    re.DOTALL,
)
_JSON_TOKEN: Final = re.compile(r'"(?P<text>(?:[^"\\\n]|\\.)*)"?(?P<key>\s*:)?|[\[\]{}]')
_LONG_NUMBER: Final = re.compile(rf"[0-9][0-9_.]{{{MAX_DIGITS},}}|[0-9][0-9.]*[eE][+-]?[0-9]{{10,}}")
_ZIP: Final = b"PK\x03\x04"
_TOML_PLACE: Final = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")


def load_file(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The table in a file: JSON when its name ends in .json, else TOML."""
    return load_text(read_text(path), os.fspath(path))


def load_text(text: str, name: str) -> dict[str, Any]:
    """The table in the text of a file: JSON when its name ends in .json, else TOML."""
    return load_json(text, name) if name.lower().endswith(".json") else load_toml(text, name)


def read_text(path: str | os.PathLike[str], limit: int = MAX_BYTES, *, meant: str = "a file of text") -> str:
    """The UTF-8 text of a file; InputError when it cannot be read or is not UTF-8, LimitError over `limit` bytes.

    `meant` is what an archive of arrays was taken for.
    """
    name = os.fspath(path)
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            data = file.read(limit + 1) if size <= limit else b""
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"{name}: cannot be read: {reason}; check the path") from None
    if size > limit or len(data) > limit:
        raise LimitError(f"{name}: expected at most {limit} bytes, got {max(size, len(data))}; split the file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if data.startswith(_ZIP):
            raise InputError(
                f"{name}: expected {meant}, got a zip archive, as numpy and torch save arrays; name another file"
            ) from None
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before) - (before.rfind(b"\n") + 1) + 1
        raise InputError(
            f"{name}, line {line}, column {column} (in bytes): expected UTF-8 text, "
            f"got the byte 0x{data[error.start]:02x}; save the file as UTF-8"
        ) from None


def load_toml(text: str, source_name: str) -> dict[str, Any]:
    """The table a TOML text says; decimals as Decimal.

    >>> load_toml('slope = 0.1', "example")
    {'slope': Decimal('0.1')}
    """
    import tomllib

    _check_toml_nesting(text, source_name)
    try:
        return tomllib.loads(text, parse_float=_decimal)
    except tomllib.TOMLDecodeError as error:
        _fail_toml(str(error), text, source_name)
    except _TooLong:
        raise _too_long(text, source_name) from None
    except (ValueError, RecursionError) as error:  # tomllib's own int() over Python's digit limit, a date that is none
        if "digits" in str(error):
            raise _too_long(text, source_name) from None
        raise LimitError(f"{source_name}: a value is out of range, such as a date that is in no calendar") from None


def load_json(text: str, source_name: str) -> dict[str, Any]:
    """The object a JSON text says; decimals as Decimal, NaN and Infinity as the Decimals that `rational` refuses.

    >>> load_json('{"slope": 0.1}', "example")
    {'slope': Decimal('0.1')}
    """
    import json

    _check_json_structure(text, source_name)
    try:
        value = json.loads(text, parse_float=_decimal, parse_int=_integer, parse_constant=Decimal)
    except json.JSONDecodeError as error:
        message = error.msg[:1].lower() + error.msg[1:]
        raise SyntaxProblem(message, source_name, error.lineno, error.colno, _line(text, error.lineno)) from None
    except _TooLong:
        raise _too_long(text, source_name) from None
    except (ValueError, RecursionError):
        raise InputError(f"{source_name}: the JSON text cannot be read; check it with a JSON tool") from None
    if not isinstance(value, dict):
        raise InputError(f"{source_name}: expected an object {{...}} at the top, got {type(value).__name__}")
    return value


class _TooLong(Exception):
    """A number with too many digits, found inside a parser's hook."""


def _too_long(text: str, source_name: str) -> LimitError:
    """The error for a number of too many digits, or too large an exponent, with the place of the first one."""
    at = source_name
    match = _LONG_NUMBER.search(text)
    if match is not None:
        line, column = _place(text, match.start())
        at = f"{source_name}, line {line}, column {column}"
    return LimitError(f"{at}: expected numbers of at most {MAX_DIGITS} digits; shorten them")


def _decimal(text: str) -> Decimal:
    if len(text) > MAX_DIGITS + 20:
        raise _TooLong
    try:
        return Decimal(text)
    except decimal.InvalidOperation:  # an exponent beyond what Decimal holds
        raise _TooLong from None


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS + 1:
        raise _TooLong
    return int(text)


def _check_toml_nesting(text: str, source_name: str) -> None:
    depth = dots = 0
    for match in _TOML_TOKEN.finditer(text):
        token = match.group()
        if token in ("[", "{"):
            depth += 1
        elif token in ("]", "}"):
            depth -= 1
        elif token == ".":
            dots += 1
        elif token in ("\n", ",", "="):
            dots = 0
        if depth > MAX_NESTING or dots > MAX_NESTING:
            _fail_nesting(text, match.start(), source_name)


def _check_json_structure(text: str, source_name: str) -> None:
    """Refuse deep nesting and duplicate keys, with their place, before the parser builds anything."""
    keys: list[set[str]] = []
    for match in _JSON_TOKEN.finditer(text):
        token = match.group()
        if token in ("[", "{"):
            keys.append(set())
            if len(keys) > MAX_NESTING:
                _fail_nesting(text, match.start(), source_name)
        elif token in ("]", "}"):
            if keys:
                keys.pop()
        elif match["key"] is not None and keys:
            key = _unescaped(match["text"])
            if key in keys[-1]:
                line, column = _place(text, match.start())
                message = f"the key '{key[:40]}' is given twice; keep one"
                raise SyntaxProblem(message, source_name, line, column, _line(text, line))
            keys[-1].add(key)


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    import json

    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return text


def _fail_nesting(text: str, offset: int, source_name: str) -> NoReturn:
    line, column = _place(text, offset)
    raise LimitError(
        f"{source_name}, line {line}, column {column}: nested deeper than {MAX_NESTING} levels; flatten the file"
    )


def _fail_toml(message: str, text: str, source_name: str) -> NoReturn:
    match = _TOML_PLACE.search(message)
    if match is None or match[1] is None:
        line = text.count("\n") + 1
        column = len(_line(text, line)) + 1
    else:
        line, column = int(match[1]), int(match[2])
    said = message[: match.start()] if match else message
    if said == "Cannot overwrite a value":
        said = "a key is given twice; keep one"
    if said == "Invalid value":
        said = "expected a value: a number, true, false, a list, a table, or text in quotes"
    if said == "Illegal character '\\n'":
        said = "the text in quotes does not end on this line; close it with a quotation mark"
    raise SyntaxProblem(said[:1].lower() + said[1:], source_name, line, column, _line(text, line))


def _place(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


def _line(text: str, number: int) -> str:
    lines = text.split("\n", number)
    return lines[number - 1].rstrip("\r") if number <= len(lines) else ""
