"""Answers as plain text, to be read in a terminal or pasted into a paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from geomcheck.render.large_matrix import entry_lines, is_sparse
from geomcheck.render.matrix import MAX_ENTRY, MAX_SIDE, beside, is_large_zero, matrix_lines, shape_words, whole_lines
from geomcheck.render.page import WIDTH, wrapped
from geomcheck.render.problem_words import problem_line
from geomcheck.render.report import Block, Matrices, Report, Steps, Values, Words, report, scope

if TYPE_CHECKING:
    from geomcheck.answer import AbstractVerdict
    from geomcheck.claims.files import ClaimEntry
    from geomcheck.values import Value

__all__ = ["WIDTH", "entries_text", "entry_text", "paint", "report_text", "values_text", "verdict_text"]

MOST_ENTRIES: Final = 200
SHOWN_ENTRIES: Final = 24
_LABEL: Final = 16
_HANGING: Final = "    "
_COLOURS: Final = {"PROVED": "32", "REFUTED": "31", "SURVIVED": "36", "UNDECIDED": "33"}


def verdict_text(verdict: AbstractVerdict, *, colour: bool = False, width: int = WIDTH) -> str:
    """The whole answer: verdict and claim, what was studied, what decides; no closing newline."""
    return report_text(report(verdict), colour=colour, width=width)


def values_text(values: Mapping[str, Value], page: int = WIDTH) -> str:
    """Evaluated terms, one a line, with the status of every value that is not exact; small matrices as blocks."""
    width = max((len(term) for term in values), default=0)
    room = max(
        (len(value.value or "?") for value in values.values() if len(value.value or "?") <= MAX_ENTRY), default=0
    )
    lines = []
    for term, value in values.items():
        notes = [] if value.status == "exact" else [value.status + (f": {value.reason}" if value.reason else "")]
        if value.numeric is not None:
            gap = "no small singular value" if value.numeric.gap == "inf" else f"gap {value.numeric.gap}"
            notes.append(f"numeric {value.numeric.numeric}, {gap}")
            notes += [value.numeric.why] if value.numeric.why else []
        entries = [[entry.partition(" with ")[0] for entry in row] for row in value.rows]
        meanings = {entry.partition(" with ")[2] for row in value.rows for entry in row} - {""}
        notes = [max(meanings, key=len), *notes] if meanings else notes
        note = f"  ({'; '.join(notes)})" if notes else ""
        body = _matrix(term, entries, page - width - 2, note) if entries and entries[0] else None
        if body is None:
            body = wrapped((value.value or "?").ljust(room if notes else 0) + note, page - width - 2, rest="  ")
        middle = (len(body) - 1) // 2 if body[0][0] in "⎡[" else 0
        lines += [f"{term if i == middle else '':<{width}}  {line}" for i, line in enumerate(body)]
    return "\n".join(lines)


def _matrix(term: str, rows: Sequence[Sequence[str]], width: int, note: str) -> list[str]:
    """A matrix that was asked for, whole where it fits with its note, else entry by entry, never wider than that."""
    body = [f"0 ({shape_words(rows)})"] if is_large_zero(rows) else whole_lines(rows, width - len(note))
    if body is None and len(rows) == 1 and all(len(entry) <= MAX_ENTRY for entry in rows[0]):
        body = wrapped(f"[{', '.join(rows[0])}]", width - len(note), rest=" ")
        return [*body[:-1], body[-1] + note]
    if body is None:
        body = entry_lines(term, rows, width, MOST_ENTRIES)
        if any("…" in line for line in body):
            body.append("--format json writes every entry whole")
        return [body[0] + note, *body[1:]]
    middle = (len(body) - 1) // 2
    return [line + note if i == middle else line for i, line in enumerate(body)]


def entry_text(entry: ClaimEntry, width: int = WIDTH) -> str:
    """A claim of a claims file: what it says, about which problem, what is expected and where it comes from."""
    facts = (
        ("Expected", entry.expect or ""),
        ("Source", entry.source or ""),
        ("Note", entry.note or ""),
    )
    blocks = [*scope(entry.problem, entry.says), *(Words(label, text) for label, text in facts)]
    lines = [*wrapped(f"[{entry.id}]  {entry.says}", width, rest=_HANGING), ""]
    for block in blocks:
        lines += _block_lines(block, width)
    return "\n".join(lines)


def entries_text(entries: Iterable[ClaimEntry], width: int = WIDTH) -> str:
    """A list of claims: id and what is expected, then the claim, then the problem that it is about."""
    entries = list(entries)
    room = max((len(entry.id) for entry in entries), default=0)
    lines: list[str] = []
    for entry in entries:
        lines.append(f"{entry.id:<{room}}  {entry.expect or ''}".rstrip())
        for text in (entry.says, problem_line(entry.problem)):
            lines += wrapped(text, width, _HANGING, 2 * _HANGING)
    return "\n".join(lines)


def paint(text: str, outcome: str, colour: bool) -> str:
    """The text in its outcome's colour, or as it is."""
    code = _COLOURS.get(outcome)
    return f"\033[1;{code}m{text}\033[0m" if colour and code else text


def report_text(document: Report, *, colour: bool = False, width: int = WIDTH) -> str:
    """A report as it is printed; no closing newline."""
    name = f"  [{document.claim_id}]" if document.claim_id else ""
    head = wrapped(f"{document.heading}{name}  {document.claim}", width, rest=_HANGING)
    head[0] = paint(document.heading, document.outcome, colour) + head[0].removeprefix(document.heading)
    lines = [*head, *wrapped(document.lead, width), ""]
    for block in document.blocks:
        lines += _block_lines(block, width)
    return "\n".join(lines)


def _block_lines(block: Block, page: int) -> list[str]:
    room = page - _LABEL
    match block:
        case Words(label, text):
            body = [part for line in text.splitlines() for part in wrapped(line, room)]
        case Steps(label, steps):
            body = [part for number, step in enumerate(steps, 1) for part in _numbered(number, step, room)]
        case Values(label, items):
            width = max(len(name) for name, _ in items)
            body = [part for name, value in items for part in _equation(name.ljust(width), value, room)]
        case Matrices(label, matrices):
            body = _matrices(matrices, room)
    lines = [f"{label if i == 0 else '':<{_LABEL - 2}}  {line}" for i, line in enumerate(body)]
    if len(label) > _LABEL - 2:
        lines = [label, *(f"{'':<{_LABEL}}{line}" for line in body)]
    return lines


def _matrices(named: Sequence[tuple[str, Sequence[Sequence[str]]]], room: int) -> list[str]:
    """Matrices side by side; of one that is too wide, or large and mostly 0, the entries that are not 0, one a line."""
    lines: list[str] = []
    together: list[tuple[str, Sequence[Sequence[str]]]] = []
    for name, rows in named:
        cut = whole_lines(rows, room - len(name) - 3) is None
        sparse = _is_large(rows) and is_sparse(rows, SHOWN_ENTRIES if cut else len(rows) // 2)
        wide = cut and len(matrix_lines(rows)[0]) + len(name) + 3 > room
        if not is_large_zero(rows) and (sparse or wide):
            head, *entries = entry_lines(name, rows, room, SHOWN_ENTRIES)
            lines += [*beside(together, room), f"{name} is {head}", *entries]
            together = []
        else:
            together.append((name, rows))
    return lines + beside(together, room)


def _is_large(rows: Sequence[Sequence[str]]) -> bool:
    return len(rows) > 0 and max(len(rows), len(rows[0])) > MAX_SIDE


def _numbered(number: int, step: str, room: int) -> list[str]:
    lead = f"{number}. "
    return wrapped(step, room, lead, " " * len(lead))


def _equation(name: str, value: str, room: int) -> list[str]:
    """``name = value``; a value that goes on hangs below itself, or below a long name."""
    lead = f"{name} = "
    return wrapped(value, room, lead, " " * len(lead) if 2 * len(lead) <= room else _HANGING) or [lead.rstrip()]
