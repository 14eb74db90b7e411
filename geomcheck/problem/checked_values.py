"""What stands in a problem file, checked: lists, tables, texts, words and matrices; every mistake one clear error."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, TypeVar

from geomcheck.errors import InputError, LimitError, described
from geomcheck.problem.loss import Matrix
from geomcheck.problem.numbers import plain, rational
from geomcheck.problem.scanner import suggestion

__all__ = [
    "check_keys",
    "checked_list",
    "checked_table",
    "checked_text",
    "checked_texts",
    "checked_word",
    "is_list",
    "matrix_from",
    "required",
]

MAX_ENTRIES: Final = 10_000_000
_Word = TypeVar("_Word", bound=str)
_LISTS = {
    "inputs": "; write one row a sample: [[1, 0], [0, 1]]",
    "permutations": "; write one list for each hidden layer: [[1, 0]]",
}


def matrix_from(value: object, where: str, columns: int) -> Matrix:
    """N rows of `columns` numbers; a flat list is N rows of one column."""
    rows = checked_list(plain(value, where), where)
    if not rows:
        raise InputError(f"{where}: expected at least one row, got an empty list; give one row a sample")
    if columns == 1 and not any(is_list(row) for row in rows):
        rows = [[row] for row in rows]
    read = []
    entries = 0
    for i, row in enumerate(rows):
        numbers = checked_list(plain(row, f"{where}[{i}]"), f"{where}[{i}]")
        if len(numbers) != columns:
            raise InputError(
                f"{where}[{i}]: expected a row of {columns} numbers, got {len(numbers)}; shape ({len(rows)}, {columns})"
            )
        entries += columns
        if entries > MAX_ENTRIES:
            raise LimitError(f"{where}: expected at most {MAX_ENTRIES} numbers")
        read.append(tuple(rational(number, f"{where}[{i}][{j}]") for j, number in enumerate(numbers)))
    return tuple(read)


def is_list(value: object) -> bool:
    """Whether a value is a list or tuple, or an array of numbers."""
    return isinstance(plain(value, ""), (list, tuple))


def checked_list(value: object, where: str) -> Sequence[Any]:
    """The value, if it is a list or tuple; InputError with advice otherwise."""
    if not isinstance(value, (list, tuple)):
        name = where.rpartition(": ")[2]
        advice = next((text for key, text in _LISTS.items() if name.startswith(key)), "")
        raise InputError(f"{where}: expected a list, got {described(name.rpartition('.')[2], value)}{advice}")
    return value


def checked_table(value: object, where: str) -> dict[str, Any]:
    """The value, if it is a table with names as keys."""
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise InputError(f"{where}: expected a table, got {described(where.rpartition(': ')[2], value)}")
    return dict(value)


def checked_text(value: object, where: str) -> str:
    """The value, if it is text."""
    if not isinstance(value, str):
        raise InputError(f"{where}: expected text in quotes, got {described(where.rpartition('.')[2], value)}")
    return value


def checked_texts(value: object, where: str) -> list[str]:
    """The entries of a list of texts."""
    return [checked_text(entry, f"{where}[{i}]") for i, entry in enumerate(checked_list(value, where))]


def checked_word(value: object, words: Sequence[_Word], where: str) -> _Word:
    """The one of the words that the value is."""
    for word in words:
        if value == word:
            return word
    choices = " or ".join(f'"{word}"' for word in words)
    choices += ", or one row a sample: [[1], [0]]" if where.endswith(": targets") else ""
    raise InputError(f"{where}: expected {choices}, got {described(where.rpartition(': ')[2], value)}")


def required(table: Mapping[str, Any], key: str, where: str) -> Any:
    """The entry of a key that must be there."""
    if key not in table:
        raise InputError(f"{where}: expected the key '{key}', got only {', '.join(table) or 'an empty table'}")
    return table[key]


def check_keys(table: Mapping[Any, Any], known: Collection[str], where: str) -> None:
    """InputError, with the nearest known one, for a key that is not known."""
    for key in table:
        if key not in known:
            raise InputError(f"{where}: unknown key '{str(key)[:40]}'{suggestion(str(key), known)}")
