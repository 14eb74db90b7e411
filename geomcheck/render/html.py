"""Answers as HTML for a notebook: no style sheet, no script, readable in light and dark themes."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Final

from geomcheck.render.matrix import abridged, shape_words
from geomcheck.render.report import Block, Matrices, Steps, Values, Words, report

if TYPE_CHECKING:
    from geomcheck.answer import AbstractVerdict

__all__ = ["preformatted", "verdict_html"]

_COLOURS: Final = {"PROVED": "#2e7d32", "REFUTED": "#c62828", "SURVIVED": "#00838f", "UNDECIDED": "#b26a00"}
_MOST: Final = 24  # rows or columns shown of a matrix
_BRACKETS: Final = "display:inline-table;border-left:1px solid;border-right:1px solid;border-radius:5px;padding:0 4px"


def verdict_html(verdict: AbstractVerdict) -> str:
    """The same report as the text, every word of it escaped."""
    document = report(verdict)
    name = f" <small>{escape(document.claim_id)}</small>" if document.claim_id else ""
    rows = "".join(
        f'<tr style="background:none"><th style="text-align:left;vertical-align:top">{escape(block.label)}</th>'
        f'<td style="text-align:left">{_block(block)}</td></tr>'
        for block in document.blocks
    )
    return (
        f'<div><p><b style="color:{_COLOURS[document.outcome]}">{escape(document.heading)}</b>{name} '
        f"<code>{escape(document.claim)}</code><br>{escape(document.lead)}</p><table>{rows}</table></div>"
    )


def preformatted(text: str) -> str:
    """Text as it is printed, for a notebook.

    >>> preformatted("a < b")
    '<pre>a &lt; b</pre>'
    """
    return f"<pre>{escape(text)}</pre>"


def _block(block: Block) -> str:
    match block:
        case Words(_, text):
            return escape(text).replace("\n", "<br>")
        case Steps(_, lines):
            return "<ol>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ol>"
        case Values(_, items):
            return "<br>".join(f"<code>{escape(name)}</code> = {escape(value)}" for name, value in items)
        case Matrices(_, matrices):
            return " &ensp; ".join(f"<i>{escape(name)}</i> = {_matrix(rows)}" for name, rows in matrices)


def _matrix(rows: Sequence[Sequence[str]]) -> str:
    cells = "".join(
        "<tr>" + "".join(f'<td style="text-align:right">{escape(entry)}</td>' for entry in row) + "</tr>"
        for row in abridged(rows, _MOST)
    )
    return f'<table title="{shape_words(rows)}" style="{_BRACKETS}">{cells}</table>'
