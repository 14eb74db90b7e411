"""Answers as LaTeX (amsmath): a paragraph to paste into a paper."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from geomcheck.claims.claim import parse_claim
from geomcheck.claims.tree import level
from geomcheck.problem.losses import LOSSES
from geomcheck.render.latex_prose import prose
from geomcheck.render.matrix import abridged, shape_words
from geomcheck.render.report import Block, Matrices, Steps, Values, Words, report

if TYPE_CHECKING:
    from geomcheck.answer import AbstractVerdict

__all__ = ["claim_latex", "escaped", "verdict_latex"]

_INFIX: Final = {
    "==": "=",
    "!=": r"\neq",
    "<=": r"\leq",
    "<": "<",
    ">=": r"\geq",
    ">": ">",
    "and": r"\;\text{and}\;",
    "or": r"\;\text{or}\;",
    "implies": r"\implies",
    "+": "+",
    "-": "-",
    "*": r"\,",
    "&": r"\cap",
}
_FUNCTIONS: Final = {
    "generic_rank": r"\operatorname{rank}_{\mathrm{generic}}",
    "det": r"\det",
    "dim": r"\dim",
    "ker": r"\ker",
}
_MOST: Final = 20  # rows or columns written of a matrix
_MOST_COLUMNS: Final = 10  # of a bmatrix, unless the document sets MaxMatrixCols
_FRACTION: Final = re.compile(r"(-?)(\d+)/(\d+)")
_POLYNOMIAL: Final = r"[-+*^\dtu ]+"
_FORMULA: Final = re.compile(rf"(?:{_POLYNOMIAL}|\({_POLYNOMIAL}\))/\({_POLYNOMIAL}\)|{_POLYNOMIAL}")


def verdict_latex(verdict: AbstractVerdict) -> str:
    """The same report as the text, with the claim and the matrices as formulas."""
    document = report(verdict)
    lines = [
        r"\noindent\textbf{" + escaped(document.heading) + r"}\quad$" + claim_latex(document.claim) + "$",
        "",
        escaped(document.lead),
        r"\begin{description}",
    ]
    for block in document.blocks:
        lines += [rf"\item[{escaped(block.label)}]", *_block(block)]
    return "\n".join([*lines, r"\end{description}"])


def claim_latex(text: str) -> str:
    r"""The formula of a claim's text.

    >>> claim_latex("rank(H) <= rank(G) - 1 at perfect_fits")
    '\\operatorname{rank}(H) \\leq \\operatorname{rank}(G) - 1 \\quad\\text{at perfect fits}'
    """
    claim = parse_claim(text)
    words = _tree(claim.formula)
    if claim.point_set is not None:
        words += rf" \quad\text{{at {claim.point_set.replace('_', ' ')}}}"
    if claim.given is not None:
        words += rf" \quad\text{{given}}\; {_tree(claim.given)}"
    return words


def escaped(text: str) -> str:
    r"""Plain text with LaTeX's special characters escaped.

    >>> escaped("H_f = 0, 100%")
    '$H_{f}$ = 0, 100\\%'
    """
    for loss in LOSSES.values():
        before, found, after = text.partition(loss.formula)
        if found:
            return f"{escaped(before)}${loss.latex}${escaped(after)}"
    return prose(text)


def _tree(tree: tuple[Any, ...]) -> str:
    head, *arguments = tree
    match head:
        case "number":
            p, _, q = str(arguments[0]).partition("/")
            return rf"\tfrac{{{p}}}{{{q}}}" if q else p
        case "word" | "matrix" | "point" | "permutation" | "set":
            return str(arguments[0])
        case "@":
            quantity = _tree(arguments[0])
            if arguments[0][0] in ("word", "matrix", "activations"):
                return f"{quantity}({_tree(arguments[1])})"
            return rf"{quantity} \text{{ at }} {_tree(arguments[1])}"
        case "activations":
            return f"A_{{{arguments[0]}}}"
        case "entry":
            return f"{_operand(arguments[0], head)}_{{{arguments[1]},{arguments[2]}}}"
        case "transpose":
            return f"{_operand(arguments[0], 'entry')}^{{\\top}}"
        case "neg":
            return f"-{_operand(arguments[0], head)}"
        case "not":
            return rf"\neg\, {_operand(arguments[0], head)}"
        case _ if head in _INFIX:
            left, right = arguments
            return f"{_operand(left, head)} {_INFIX[head]} {_operand(right, head, strict=head == '-')}"
    name = _FUNCTIONS.get(head, rf"\operatorname{{{head.replace('_', ' ')}}}" if arguments else "")
    if not arguments:
        return rf"\text{{{head.replace('_', ' ')}}}"
    return f"{name}({', '.join(_tree(argument) for argument in arguments)})"


def _operand(tree: tuple[Any, ...], head: str, *, strict: bool = False) -> str:
    text = _tree(tree)
    loose = level(tree[0]) <= level(head) if strict else level(tree[0]) < level(head)
    return rf"\left({text}\right)" if loose else text


def _block(block: Block) -> list[str]:
    match block:
        case Words(_, text):
            return [escaped(text)]
        case Steps(_, lines):
            return [r"\begin{enumerate}", *(rf"\item {escaped(line)}" for line in lines), r"\end{enumerate}"]
        case Values(_, items):
            rows = [rf"\texttt{{{escaped(name)}}} $= {_entry(value)}$" for name, value in items]
            return [rf"{row}\\" for row in rows[:-1]] + rows[-1:]
        case Matrices(_, matrices):
            return [rf"\[ {_name(name)} = {_matrix(rows)} \]" for name, rows in matrices]


def _matrix(rows: Sequence[Sequence[str]]) -> str:
    shown = abridged(rows, _MOST)
    body = r" \\ ".join(" & ".join(_entry(entry) for entry in row) for row in shown)
    cut = len(rows) > _MOST or (len(rows) > 0 and len(rows[0]) > _MOST)
    note = rf" \quad\text{{({escaped(shape_words(rows))})}}" if cut else ""
    if shown and len(shown[0]) > _MOST_COLUMNS:
        return rf"\left[\begin{{array}}{{{'c' * len(shown[0])}}} {body} \end{{array}}\right]{note}"
    return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}{note}"


def _entry(text: str) -> str:
    if match := _FRACTION.fullmatch(text):
        return rf"{match[1]}\tfrac{{{match[2]}}}{{{match[3]}}}"
    if re.fullmatch(r"[-\d]+", text):
        return text
    if _FORMULA.fullmatch(text):
        return _formula(text)
    return {"…": r"\cdots", "⋮": r"\vdots", "⋱": r"\ddots"}.get(text, rf"\text{{{escaped(text)}}}")


def _formula(text: str) -> str:
    r"""A rational function of t and u, which have the written forms (p)/(q), p/(q) and p.

    >>> _formula("-4*t^2/(t^12 - 1)")
    '\\frac{-4\\,t^{2}}{t^{12} - 1}'
    """
    above, slash, below = text.partition("/(")
    if slash:
        above = above[1:-1] if above.startswith("(") and above.endswith(")") else above
        return rf"\frac{{{_formula(above)}}}{{{_formula(below[:-1])}}}"
    return re.sub(r"\^(\d+)", r"^{\1}", text).replace("*", r"\,")


def _name(name: str) -> str:
    """The name of a matrix in math mode: a block by its layer, a block of a named point with the point above."""
    match = re.fullmatch(r"(?:([A-Z])\.)?([A-Za-z])_?(\w+)", name)
    if match is not None:
        return f"{match[2]}_{{{match[3]}}}" + (f"^{{{match[1]}}}" if match[1] else "")
    return name if re.fullmatch(r"[A-Za-z0-9, ()]+", name) else rf"\text{{{escaped(name)}}}"
