r"""Plain text as LaTeX prose: special characters escaped, symbols and indexed names in math mode, ASCII alone.

>>> prose("σ″ of H_o = GᵀDG over ℝ¹³, 100%")
"$\\sigma''$ of $H_{o}$ = G${}^{\\top}$DG over $\\mathbb{R}^{13}$, 100\\%"
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = ["prose"]

_SPECIAL: Final = {c: rf"\{c}" for c in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "§": r"\S{}",
    "–": "--",
    "—": "---",
    "’": "'",
    "ı": r"{\i}",
    "ø": r"{\o}",
}
_GREEK: Final = {
    character: "\\" + unicodedata.name(character).split()[-1].lower().replace("lamda", "lambda")
    for character in "αβγδεζηθκλμνξπρστφχψω"
} | {
    character: "\\" + unicodedata.name(character).split()[-1].capitalize().replace("Lamda", "Lambda")
    for character in "ΓΔΘΛΞΠΣΦΨΩ"
}
_SYMBOLS: Final = _GREEK | {
    "Σ": r"\sum",
    "ℝ": r"\mathbb{R}",
    "ℚ": r"\mathbb{Q}",
    "ℤ": r"\mathbb{Z}",
    "ℓ": r"\ell",
    "½": r"\tfrac12",
    "¼": r"\tfrac14",
    "‖": r"\Vert",
    "−": "-",
    "∂": r"\partial",
    "∇": r"\nabla",
    "×": r"\times",
    "±": r"\pm",
    "·": r"\cdot",
    "∘": r"\circ",
    "⊙": r"\odot",
    "⊗": r"\otimes",
    "⊕": r"\oplus",
    "∈": r"\in",
    "≤": r"\leq",
    "≥": r"\geq",
    "≠": r"\neq",
    "≡": r"\equiv",
    "≈": r"\approx",
    "≻": r"\succ",
    "⪰": r"\succeq",
    "⪯": r"\preceq",
    "⇒": r"\Rightarrow",
    "→": r"\to",
    "↦": r"\mapsto",
    "∩": r"\cap",
    "∪": r"\cup",
    "⊂": r"\subset",
    "⊃": r"\supset",
    "⊆": r"\subseteq",
    "∅": r"\emptyset",
    "∧": r"\wedge",
    "∨": r"\vee",
    "¬": r"\neg",
    "⊤": r"\top",
    "∞": r"\infty",
    "⟨": r"\langle",
    "⟩": r"\rangle",
    "′": "'",
    "″": "''",
    "…": r"\dots",
    "⋯": r"\cdots",
    "⋮": r"\vdots",
    "⋱": r"\ddots",
}
_RAISED: Final = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᶠⁿᵏᵐˣ", "0123456789+-()fnkmx", strict=True)) | {"ᵀ": r"\top"}
_LOWERED: Final = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼ", "0123456789+-ij", strict=True))
_ACCENTS: Final = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0305": "bar"}
_TEXT_ACCENTS: Final = {"\u0301": "'", "\u0300": "`", "\u0308": '"', "\u0327": "c", "\u0303": "~", "\u030c": "v"}
_HANGING: Final = "^_'"
_SCRIPTS: Final = re.compile(r"(?:[\^_]\{[^{}]*\}|')+$")
_SUMS: Final = "ΣΠσθλ"
_PIECE: Final = re.compile(
    rf"(?P<indexed>(?<![A-Za-z0-9_.])[A-Za-z{''.join(_SUMS)}]_[A-Za-z0-9](?![A-Za-z0-9_]))|(?P<raised>[{''.join(_RAISED)}]+)"
    rf"|(?P<lowered>[{''.join(_LOWERED)}]+)|(?P<accent>[A-Za-z{''.join(_GREEK)}][{''.join(_ACCENTS)}])|(?P<other>.)",
    re.DOTALL,
)


def prose(text: str) -> str:
    """The text for a paragraph; what stands together in math mode is one formula."""
    pieces: list[tuple[bool, str]] = []
    for match in _PIECE.finditer(text):
        maths, written = _written(match)
        spaced = len(pieces) > 1 and pieces[-1] == (False, " ") and pieces[-2][0]
        if maths and spaced:
            pieces.pop()
        if maths and pieces and pieces[-1][0]:
            before = pieces[-1][1]
            gap = " " if spaced or (re.search(r"\\[A-Za-z]+$", before) and written[0].isalpha()) else ""
            # An index belongs to what it touches, and no two may stand on the same thing.
            scripts = _SCRIPTS.search(before)
            taken = spaced or (scripts is not None and written[0].replace("'", "^") in scripts[0])
            loose = "{}" if written[0] in _HANGING and taken else ""
            pieces[-1] = (True, f"{before}{gap}{loose}{written}")
        else:
            pieces.append((maths, written))
    return "".join(_dollars(piece) if maths else piece for maths, piece in pieces)


def _dollars(formula: str) -> str:
    """The formula between dollars; one that begins with an index has it on nothing."""
    return f"${'{}' if formula[0] in _HANGING else ''}{formula}$"


def _written(match: re.Match[str]) -> tuple[bool, str]:
    """Whether a piece stands in math mode, and how it is written there."""
    found = match[0]
    match match.lastgroup:
        case "indexed":
            return True, f"{_SYMBOLS.get(found[0], found[0])}_{{{found[2]}}}"
        case "raised":
            return True, f"^{{{''.join(_RAISED[c] for c in found)}}}"
        case "lowered":
            return True, f"_{{{''.join(_LOWERED[c] for c in found)}}}"
        case "accent":
            return True, rf"\{_ACCENTS[found[1]]}{{{_SYMBOLS.get(found[0], found[0])}}}"
    if found in _SYMBOLS:
        return True, _SYMBOLS[found]
    return False, _SPECIAL.get(found) or _accented(found)


def _accented(character: str) -> str:
    """A letter of a name with its accent; a question mark for a character that LaTeX has no plain word for."""
    if character.isascii():
        return character
    parts = unicodedata.normalize("NFD", character)
    letter, mark = parts[0], parts[1:]
    if letter.isascii() and mark in _TEXT_ACCENTS:
        return rf"\{_TEXT_ACCENTS[mark]}{{{letter}}}"
    return rf"$\{_ACCENTS[mark]}{{{letter}}}$" if letter.isascii() and mark in _ACCENTS else "?"
