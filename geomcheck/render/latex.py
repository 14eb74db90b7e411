"""Answers as LaTeX (amsmath): a paragraph to paste into a paper."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from geomcheck.claims.claim import parse_claim
from geomcheck.claims.tree import level
from geomcheck.render.matrix import MAX_SIDE, abridged, shape_words
from geomcheck.render.report import Block, Matrices, Steps, Values, Words, report

if TYPE_CHECKING:
    from geomcheck.verdict import Verdict

__all__ = ["claim_latex", "escaped", "verdict_latex"]

_SPECIAL = {c: rf"\{c}" for c in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_SYMBOLS: Final = {
    "θ": r"\theta",
    "σ": r"\sigma",
    "λ": r"\lambda",
    "ℝ": r"\mathbb{R}",
    "ℚ": r"\mathbb{Q}",
    "ℓ": r"\ell",
    "½": r"\tfrac12",
    "¼": r"\tfrac14",
    "‖": r"\Vert",
    "−": "-",
    "Σ": r"\sum",
    "∂": r"\partial",
    "∇": r"\nabla",
    "×": r"\times",
    "·": r"\cdot",
    "∈": r"\in",
    "≤": r"\leq",
    "≥": r"\geq",
    "≠": r"\neq",
    "≡": r"\equiv",
    "≻": r"\succ",
    "⪰": r"\succeq",
    "⇒": r"\Rightarrow",
    "→": r"\to",
    "∩": r"\cap",
    "∪": r"\cup",
    "⊆": r"\subseteq",
    "′": "'",
    "ᵀ": r"^{\top}",
    "ᶠ": "^f",
    "⁻": "^{-}",
    "…": r"\dots",
    "⋮": r"\vdots",
    "⋱": r"\ddots",
} | {character: f"^{digit}" for digit, character in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
_SPECIAL |= {character: f"${{}}{command}$" for character, command in _SYMBOLS.items()} | {"–": "--", "’": "'"}
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
_FRACTION: Final = re.compile(r"(-?)(\d+)/(\d+)")


def verdict_latex(verdict: Verdict) -> str:
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
    'H\\_f = 0, 100\\%'
    """
    return "".join(_SPECIAL.get(character, character) for character in text)


def _tree(tree: tuple[Any, ...]) -> str:
    head, *arguments = tree
    match head:
        case "number":
            p, _, q = str(arguments[0]).partition("/")
            return rf"\tfrac{{{p}}}{{{q}}}" if q else p
        case "word" | "matrix":
            return str(arguments[0])
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
            return [rf"\texttt{{{escaped(name)}}} $= {_entry(value)}$\\" for name, value in items]
        case Matrices(_, matrices):
            return [rf"\[ {_name(name)} = {_matrix(rows)} \]" for name, rows in matrices]


def _matrix(rows: Sequence[Sequence[str]]) -> str:
    body = r" \\ ".join(" & ".join(_entry(entry) for entry in row) for row in abridged(rows))
    cut = len(rows) > MAX_SIDE or (len(rows) > 0 and len(rows[0]) > MAX_SIDE)
    note = rf" \quad\text{{({escaped(shape_words(rows))})}}" if cut else ""
    return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}{note}"


def _entry(text: str) -> str:
    if match := _FRACTION.fullmatch(text):
        return rf"{match[1]}\tfrac{{{match[2]}}}{{{match[3]}}}"
    if re.fullmatch(r"[-\d]+", text):
        return text
    return {"…": r"\cdots", "⋮": r"\vdots", "⋱": r"\ddots"}.get(text, rf"\text{{{escaped(text)}}}")


def _name(name: str) -> str:
    match = re.fullmatch(r"([A-Za-z])_?(\w+)", name)
    return f"{match[1]}_{{{match[2]}}}" if match else escaped(name)
