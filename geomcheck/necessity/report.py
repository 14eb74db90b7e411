"""Which hypotheses are needed, and how that is printed: a table for a terminal, a paper, a program, or grep."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, final

from geomcheck.problem.canonical import problem_to_json
from geomcheck.render.concise import detail
from geomcheck.render.html import preformatted
from geomcheck.render.json import verdict_json
from geomcheck.render.latex import claim_latex, escaped
from geomcheck.render.page import GLUE, WIDTH, wrapped
from geomcheck.render.problem_words import fixed_matrices, loss_words, network_words, size_words
from geomcheck.render.report import heading
from geomcheck.render.text import paint, verdict_text

if TYPE_CHECKING:
    from geomcheck.claims.claim import Claim
    from geomcheck.necessity.hypotheses import Weakening
    from geomcheck.problem.problem import Problem
    from geomcheck.verdict import Verdict

Answer: TypeAlias = Literal["needed", "not needed", "open"]

__all__ = [
    "Necessity",
    "Row",
    "necessity_concise",
    "necessity_json",
    "necessity_latex",
    "necessity_text",
]

_HEADS: Final = ("Hypothesis", "Weakened to", "Answer", "Why")
_WIDTHS: Final = (26, 30, 10, 28)  # together with the gaps a page of WIDTH
_GAP: Final = "  "
_COLOURED: Final = {"needed": "REFUTED", "not needed": "PROVED", "open": "UNDECIDED"}
_NOTE: Final = (
    "needed: false without it, by the counterexample. not needed: proved without it. open: neither. A hypothesis "
    "marked * is replaced by an example outside it, and the answer speaks of that example."
)
_ANSWERS: Final[dict[str, Answer]] = {"REFUTED": "needed", "PROVED": "not needed"}


@final
@dataclass(frozen=True)
class Row:
    """One hypothesis, dropped or weakened: the weakened version and the verdict on it."""

    hypothesis: str
    weakening: Weakening
    verdict: Verdict

    @property
    def answer(self) -> Answer:
        """needed: the weakened claim is REFUTED; not needed: it is PROVED; open: neither.

        Where the weakening does not cover the original (see :class:`Weakening`), both speak of its example alone.
        """
        return _ANSWERS.get(self.verdict.outcome, "open")


@final
@dataclass(frozen=True)
class Necessity:
    """A claim, its own verdict, and one row for every weakened version of it.

    Attributes:
        verdict: the verdict on the claim as it stands. Where it is REFUTED nothing can be asked after, and there is
            no row.
        rows: in the order of the registry, `geomcheck.necessity.hypotheses.HYPOTHESES`.
        skipped: weakened versions that ask nothing, because they name an entry that is no longer there or because the
            given point has left the point set; and why.
    """

    claim: Claim
    problem: Problem
    verdict: Verdict
    rows: tuple[Row, ...]
    skipped: tuple[tuple[str, str], ...] = ()

    @property
    def settled(self) -> bool:
        """Whether the claim is PROVED and every row is answered by `needed` or `not needed`."""
        return self.verdict.proved and all(row.answer != "open" for row in self.rows)

    def answered(self, answer: Answer) -> tuple[Row, ...]:
        """The rows with that answer."""
        return tuple(row for row in self.rows if row.answer == answer)

    def __str__(self) -> str:
        return necessity_text(self)

    def __repr__(self) -> str:
        """One short line; ``print(study)`` shows the table."""
        counts = ", ".join(f"{len(self.answered(answer))} {answer}" for answer in ("needed", "not needed", "open"))
        return f"Necessity({self.claim.text}; {counts})"

    def _repr_html_(self) -> str:
        return preformatted(str(self))


def necessity_text(study: Necessity, *, verbose: bool = False, colour: bool = False, width: int = WIDTH) -> str:
    """The claim with its own verdict, the table, and the counterexamples; whole answers with `verbose`."""
    problem, own = study.problem, study.verdict
    head = wrapped(f"{heading(own)}  {study.claim.text}", width, rest="    ")
    head[0] = paint(heading(own), own.outcome, colour) + head[0].removeprefix(heading(own))
    about = f"about {network_words(problem.model)}; {size_words(problem)}; {loss_words(problem)}"
    lines = [*head, *wrapped(about, width, rest="    "), ""]
    columns = _columns(width)
    if own.refuted:
        why = "The claim is false as it stands, so none of its hypotheses can be asked after."
        return "\n".join([*lines, why, "", verdict_text(own, colour=colour, width=width)])
    if not study.rows:
        lines.append("No hypothesis that could be dropped or weakened.")
    else:
        lines += [_joined(_HEADS, columns), _joined(["─" * column for column in columns], columns)]
        number, previous = 0, ""
        for row in study.rows:
            number += row.verdict.refuted
            cells = (
                "" if row.weakening.assumed == previous else _assumed(row),
                row.weakening.instead,
                row.answer,
                (f"[{number}] " if row.verdict.refuted else "") + _why(row.verdict),
            )
            lines += _row(cells, columns, row.answer, colour)
            previous = row.weakening.assumed
        lines += ["", *wrapped(_NOTE, width)]
    if study.answered("needed"):
        lines += ["", *wrapped("Counterexamples, each with a certificate that the checker accepted", width)]
        for number, row in enumerate(study.answered("needed"), 1):
            lines += wrapped(_in_whole_rows(f"[{number}] {_example(row.verdict)}"), width, rest="    ")
    for change, why in study.skipped:
        lines += wrapped(f"Not asked: {change} ({why})", width, rest="    ")
    lines += ["", *wrapped(_summary(study), width)]
    if verbose:
        answers = [(f"{row.weakening.assumed} → {row.weakening.instead}", row.verdict) for row in study.rows]
        for change, verdict in [("the claim itself", own), *answers]:
            lines += [
                "",
                *wrapped(f"── {change}", width, rest="   "),
                "",
                verdict_text(verdict, colour=colour, width=width),
            ]
    return "\n".join(lines)


def necessity_concise(study: Necessity) -> str:
    """``answer <tab> hypothesis <tab> assumed <tab> instead <tab> what decides``, the claim itself first."""
    rows: list[tuple[str, ...]] = [("claim", "-", study.claim.text, study.verdict.outcome, detail(study.verdict))]
    rows += [
        (row.answer, row.hypothesis, row.weakening.assumed, row.weakening.instead, _why(row.verdict))
        for row in study.rows
    ]
    return "\n".join("\t".join(row) for row in rows)


def necessity_json(study: Necessity) -> dict[str, Any]:
    """Everything: the whole verdict on the claim and on every weakened version, certificates included."""
    return {
        "claim": study.claim.text,
        "problem": problem_to_json(study.problem),
        "verdict": verdict_json(study.verdict),
        "settled": study.settled,
        "rows": [
            {
                "hypothesis": row.hypothesis,
                "assumed": row.weakening.assumed,
                "instead": row.weakening.instead,
                "covers": row.weakening.covers,
                "answer": row.answer,
                "verdict": verdict_json(row.verdict),
            }
            for row in study.rows
        ],
        "skipped": [{"change": change, "why": why} for change, why in study.skipped],
    }


def necessity_latex(study: Necessity) -> str:
    """A table environment (amsmath), with the counterexamples as a list below it."""
    problem = study.problem
    about = f"{network_words(problem.model)}; {size_words(problem)}; {loss_words(problem)}"
    lines = [
        r"\begin{table}",
        rf"\caption{{Hypotheses of ${claim_latex(study.claim.text)}$, {escaped(study.verdict.outcome)} for "
        rf"{escaped(about)}. {escaped(_NOTE)}}}",
        r"\begin{tabular}{llll}",
        r"\hline",
        " & ".join(_HEADS) + r" \\",
        r"\hline",
    ]
    number, previous = 0, ""
    for row in study.rows:
        number += row.verdict.refuted
        assumed = "" if row.weakening.assumed == previous else escaped(_assumed(row))
        reference = f"[{number}] " if row.verdict.refuted else ""
        cells = (assumed, escaped(row.weakening.instead), row.answer, reference + escaped(_why(row.verdict)))
        lines.append(" & ".join(cells) + r" \\")
        previous = row.weakening.assumed
    lines += [r"\hline", r"\end{tabular}", r"\end{table}"]
    if study.answered("needed"):
        lines.append(r"\begin{description}")
        for number, row in enumerate(study.answered("needed"), 1):
            matrices = ", ".join(f"${_named(name)} = {_matrix(rows)}$" for name, rows in _shown(row.verdict))
            lines.append(rf"\item[{{[{number}]}}] {escaped(_setting(row.verdict))}: {matrices}")
        lines.append(r"\end{description}")
    return "\n".join(lines)


def _instance_line(verdict: Verdict) -> str:
    """The instance of a verdict in one line: inputs, targets, parameters block by block."""
    return ", ".join(f"{name} = {_rows(rows)}" for name, rows in _shown(verdict))


def _assumed(row: Row) -> str:
    return row.weakening.assumed + ("" if row.weakening.covers else " *")


def _why(verdict: Verdict) -> str:
    if verdict.refuted:
        return detail(verdict)
    return f"PROVED, {detail(verdict)}" if verdict.proved else heading(verdict)


def _least(verdict: Verdict) -> Verdict:
    return verdict if verdict.smaller is None else verdict.smaller


def _example(verdict: Verdict) -> str:
    return f"{_setting(verdict)}: {_instance_line(_least(verdict))}"


def _setting(verdict: Verdict) -> str:
    least = _least(verdict)
    fits = ", y = F" if least.witness is not None and least.witness.targets == "perfect_fit" else ""
    return f"{network_words(least.problem.model)}{fits}"


def _shown(verdict: Verdict) -> list[tuple[str, tuple[tuple[str, ...], ...]]]:
    least = _least(verdict)
    return list(fixed_matrices(least.witness or least.problem))


def _rows(rows: Sequence[Sequence[str]]) -> str:
    return "[" + ", ".join("[" + ", ".join(row) + "]" for row in rows) + "]"


def _in_whole_rows(text: str) -> str:
    """The text with rows and the names before matrices in one piece, for `wrapped`."""
    return re.sub(r"\[[^][]*\]| = (?=\[)", lambda match: match[0].replace(" ", GLUE), text)


def _matrix(rows: Sequence[Sequence[str]]) -> str:
    return r"\begin{bmatrix} " + r" \\ ".join(" & ".join(row) for row in rows) + r" \end{bmatrix}"


def _named(name: str) -> str:
    return f"{name[0]}_{{{name[1:]}}}" if name[1:].isdigit() else rf"\mathrm{{{escaped(name)}}}"


def _summary(study: Necessity) -> str:
    counts = ", ".join(f"{len(study.answered(answer))} {answer}" for answer in ("needed", "not needed", "open"))
    own = "" if study.verdict.proved else f" The claim itself is {heading(study.verdict)}, not proved."
    return f"{len(study.rows)} weakened versions: {counts}.{own}"


def _columns(page: int) -> tuple[int, ...]:
    """The widths of the four columns on a page: the third keeps its own, the others share what is left."""
    if page >= WIDTH:
        return _WIDTHS
    left = page - 3 * len(_GAP) - _WIDTHS[2]
    first, second = left * 26 // 84, left * 30 // 84
    return (first, second, _WIDTHS[2], left - first - second)


def _joined(cells: Sequence[str], columns: Sequence[int]) -> str:
    return _GAP.join(cell.ljust(width) for cell, width in zip(cells, columns, strict=True)).rstrip()


def _row(cells: Sequence[str], columns: Sequence[int], answer: str, colour: bool) -> list[str]:
    wide = [wrapped(cell, width) for cell, width in zip(cells, columns, strict=True)]
    height = max(map(len, wide))
    lines = [_joined([column[i] if i < len(column) else "" for column in wide], columns) for i in range(height)]
    return [lines[0].replace(answer, paint(answer, _COLOURED[answer], colour), 1), *lines[1:]] if colour else lines
