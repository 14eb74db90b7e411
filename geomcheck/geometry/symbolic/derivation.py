"""A derived matrix, and its four forms: text, LaTeX, a Python function, SymPy source.

Each lists the definitions first. Blocks that are zero are said to be zero once, symmetric entries are written once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, final

from geomcheck.errors import InputError, described
from geomcheck.geometry.symbolic.expressions import to_sympy
from geomcheck.geometry.symbolic.notation import LATEX, PYTHON, SYMPY, TEXT, Notation, latex_name
from geomcheck.geometry.symbolic.terms import Definition, Terms, needed
from geomcheck.problem.model import ExplicitModel
from geomcheck.problem.model_words import network_words

if TYPE_CHECKING:
    import sympy

    from geomcheck.problem.problem import Problem

WIDTH: Final = 100
Form = Literal["text", "latex", "python", "sympy"]


@final
@dataclass(frozen=True, eq=False)
class Derivation:
    """A matrix in symbols: ``entries`` (rows, cols) are polynomials; ``definitions`` explain their generators.

    F and r are columns (NK, 1), G is (NK, P), D (NK, NK), H, H_o and H_f are (P, P). ``parameters``, ``inputs`` and
    ``targets`` are the open symbols, row by row; ``glossary()`` is everything that was defined on the way. ``str``
    gives the text form.
    """

    what: str
    problem: Problem
    entries: Any
    parameters: tuple[str, ...]
    inputs: tuple[tuple[str, ...], ...]
    targets: tuple[tuple[str, ...], ...]
    glossary: Callable[[], Sequence[Definition]]

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, cols)."""
        rows, columns = self.entries.shape
        return rows, columns

    @property
    def symmetric(self) -> bool:
        """Whether the quantity is symmetric by definition."""
        return self.what in ("D", "H", "H_o", "H_f")

    @cached_property
    def terms(self) -> tuple[tuple[Terms, ...], ...]:
        """The entries as sums of products."""
        return tuple(tuple(Terms.of(entry) for entry in row) for row in self.entries)

    @cached_property
    def definitions(self) -> tuple[Definition, ...]:
        """What the generators in the entries stand for, each in terms of earlier ones."""
        return needed(self.glossary(), (name for row in self.terms for entry in row for name in entry.names))

    def to_sympy(self) -> sympy.Matrix:
        """The matrix as SymPy expressions in parameters, inputs and targets, every definition put in."""
        return to_sympy(self.terms, self.definitions, self.symmetric)

    def render(self, form: Form = "text") -> str:
        """The matrix written as text, LaTeX (amsmath), a Python function, or SymPy source."""
        if form not in WRITERS:
            raise InputError(f"expected a form ({', '.join(WRITERS)}), got {described('form', form)}")
        return WRITERS[form](self)

    def __str__(self) -> str:
        return self.render("text")

    def __repr__(self) -> str:
        """One short line; ``print(derivation)`` shows the formulas."""
        rows, columns = self.entries.shape
        return f"Derivation({self.what}, {rows} × {columns}; {self.problem!r})"


def text(derivation: Derivation) -> str:
    """Definitions, then the matrix, or its nonzero blocks entry by entry where it does not fit on a screen."""
    lines = [_headline(derivation)]
    if derivation.definitions:
        extent = max(len(d.name) for d in derivation.definitions)
        lines += ["", *(f"{d.name.ljust(extent)} = {TEXT.right_side(d)}" for d in derivation.definitions)]
    rows = [[TEXT.sum(entry) for entry in row] for row in derivation.terms]
    return "\n".join([*lines, "", *(_bracketed(derivation.what, rows) or _blockwise(derivation, rows))])


def latex(derivation: Derivation) -> str:
    """``align*`` with the definitions, then a ``pmatrix``; below the diagonal of a symmetric matrix stand dots."""
    lines: list[str] = []
    if derivation.definitions:
        body = [f"  {latex_name(d.name)} &= {LATEX.right_side(d)}" for d in derivation.definitions]
        lines += ["\\begin{align*}", " \\\\\n".join(body), "\\end{align*}"]
    columns = derivation.shape[1]
    if columns > 10:
        lines.append(f"\\setcounter{{MaxMatrixCols}}{{{columns}}}")
    rows = [
        " & ".join("\\cdot" if derivation.symmetric and j < i else LATEX.sum(e) for j, e in enumerate(row))
        for i, row in enumerate(derivation.terms)
    ]
    name = {"H_o": "H_{\\mathrm{o}}", "H_f": "H_{\\mathrm{f}}"}.get(derivation.what, derivation.what)
    lines += ["\\[", f"{name} = \\begin{{pmatrix}}", "  " + " \\\\\n  ".join(rows), "\\end{pmatrix}", "\\]"]
    return "\n".join(lines)


def python(derivation: Derivation) -> str:
    """A function of θ (flat), inputs and targets (rows) that returns the matrix as lists; paste and run."""
    body = []
    arguments = []
    for name, symbols in (
        ("theta", _flat_pattern(derivation.parameters)),
        ("x", _row_pattern(derivation.inputs)),
        ("y", _row_pattern(derivation.targets)),
    ):
        if symbols:
            arguments.append(name)
            body.append(f"{symbols} = {name}")
    unknown = _unknown_functions(derivation)
    arguments += [_identifier(function) for function in unknown]
    notation = PYTHON.with_functions(_calls(unknown))
    body += [f"{d.name} = {notation.right_side(d)}" for d in derivation.definitions]
    rows, columns = derivation.shape
    body += _assignments(
        derivation, notation, f"{derivation.what} = [[0]*{columns} for _ in range({rows})]", "[{}][{}]"
    )
    lines = [f'"""{_headline(derivation)}."""', *body, f"return {derivation.what}"]
    source = "\n".join(f"    {line}" for line in lines)
    imports = [
        line
        for word, line in (
            ("Fraction(", "from fractions import Fraction\n"),
            ("np.", "import numpy as np\n"),
            ("ndtr(", "from scipy.special import ndtr\n"),
        )
        if word in source
    ]
    gap = "\n\n" if imports else ""
    return f"{''.join(imports)}{gap}def {derivation.what}({', '.join(arguments)}):\n{source}"


def sympy_source(derivation: Derivation) -> str:
    """SymPy statements that build the matrix, definitions put in."""
    names = [*derivation.parameters, *(n for row in (*derivation.inputs, *derivation.targets) for n in row)]
    lines = ["from sympy import *", ""]
    if names:
        lines.append(f"{', '.join(names)}{',' if len(names) == 1 else ''} = symbols({' '.join(names)!r}, seq=True)")
    unknown = _unknown_functions(derivation)
    for base in sorted({function.rstrip("'") for function in unknown}):
        lines.append(f"{base} = Function({base!r})")
    for function in unknown:
        if order := function.count("'"):
            base = function.rstrip("'")
            derivative = f"Subs(Derivative({base}(Symbol('u')), (Symbol('u'), {order})), Symbol('u'), z)"
            lines.append(f"{_identifier(function)} = lambda z: {derivative}")
    notation = SYMPY.with_functions(_calls(unknown))
    lines += [f"{d.name} = {notation.right_side(d)}" for d in derivation.definitions]
    rows, columns = derivation.shape
    lines += _assignments(derivation, notation, f"{derivation.what} = zeros({rows}, {columns})", "[{}, {}]")
    return "\n".join(lines)


WRITERS: Final[dict[str, Callable[[Derivation], str]]] = {
    "text": text,
    "latex": latex,
    "python": python,
    "sympy": sympy_source,
}


# -- text -------------------------------------------------------------------------------------------------------------


def _headline(derivation: Derivation) -> str:
    problem = derivation.problem
    rows, columns = derivation.shape
    model = network_words(problem.model)
    loss = getattr(problem.loss, "name", "explicit loss")
    parts = [model, loss]
    parts += ["probabilities"] if problem.behaviour == "probabilities" else []
    parts += ["mean"] if problem.reduction == "mean" else []
    parts += ["at a perfect fit"] if problem.targets == "perfect_fit" else []
    parts.append(f"N = {problem.N}")
    shape = f"{rows} × {columns}" + (", symmetric" if derivation.symmetric and rows > 1 else "")
    return f"{derivation.what} of {'; '.join(parts)}: {shape}"


def _bracketed(name: str, rows: list[list[str]]) -> list[str]:
    """The whole matrix between brackets, or nothing where it is wider than the screen."""
    widths = [max(len(row[j]) for row in rows) for j in range(len(rows[0]))]
    if sum(widths) + 2 * len(widths) + len(name) + 5 > WIDTH:
        return []
    inner = ["  ".join(entry.rjust(width) for entry, width in zip(row, widths, strict=True)) for row in rows]
    if len(inner) == 1:
        return [f"{name} = [{inner[0]}]"]
    last, middle = len(inner) - 1, (len(inner) - 1) // 2
    lines = []
    for i, line in enumerate(inner):
        left, right = ("⎡", "⎤") if i == 0 else ("⎣", "⎦") if i == last else ("⎢", "⎥")
        title = f"{name} = " if i == middle else " " * (len(name) + 3)
        lines.append(f"{title}{left}{line}{right}")
    return lines


def _blockwise(derivation: Derivation, rows: list[list[str]]) -> list[str]:
    """One heading for a block of parameters against another, then its nonzero entries."""
    name = derivation.what
    across = _parameter_blocks(derivation) if name in ("G", "H", "H_o", "H_f") else _sample_blocks(derivation)
    down = across if derivation.symmetric else _sample_blocks(derivation)
    lines, zeros = [], []
    for i, (left, top) in enumerate(down):
        for j, (right, span) in enumerate(across):
            if derivation.symmetric and j < i:
                continue
            title = right if len(down) == 1 and not derivation.symmetric else f"{left} × {right}"
            found = [
                f"  {name}[{a}, {b}] = {rows[a][b]}"
                for a in top
                for b in span
                if (not derivation.symmetric or a <= b) and rows[a][b] != "0"
            ]
            if found:
                lines += [f"{title}:", *found]
            else:
                zeros.append(title)
    notes = [f"zero blocks: {', '.join(zeros)}"] if zeros else []
    mirrored = f", or {name}[j, i] = {name}[i, j]" if derivation.symmetric else ""
    return [*lines, "", *notes, f"entries not listed: 0{mirrored}"]


def _parameter_blocks(derivation: Derivation) -> list[tuple[str, range]]:
    model = derivation.problem.model
    if isinstance(model, ExplicitModel):
        return [(name, range(i, i + 1)) for i, name in enumerate(model.parameters)]
    return [(block.name, range(block.start, block.stop)) for block in model.blocks()]


def _sample_blocks(derivation: Derivation) -> list[tuple[str, range]]:
    width = derivation.problem.K
    return [(f"sample {n}", range(n * width, (n + 1) * width)) for n in range(derivation.problem.N)]


# -- pieces of the source forms ---------------------------------------------------------------------------------------


def _assignments(derivation: Derivation, notation: Notation, first: str, index: str) -> list[str]:
    lines = [first]
    name = derivation.what
    for i, row in enumerate(derivation.terms):
        for j, entry in enumerate(row):
            if not entry.terms or (derivation.symmetric and j < i):
                continue
            places = [(i, j)] if i == j or not derivation.symmetric else [(i, j), (j, i)]
            left = " = ".join(name + index.format(*place) for place in places)
            lines.append(f"{left} = {notation.sum(entry)}")
    return lines


def _flat_pattern(names: Sequence[str]) -> str:
    return ", ".join(names) + ("," if len(names) == 1 else "")


def _row_pattern(rows: Sequence[Sequence[str]]) -> str:
    if not any(rows):
        return ""
    return ", ".join(f"({_flat_pattern(row)})" for row in rows) + ("," if len(rows) == 1 else "")


def _unknown_functions(derivation: Derivation) -> list[str]:
    """σ, σ′ and σ″ that occur, as sigma, sigma', sigma''."""
    functions = {d.function for d in derivation.definitions if d.function is not None}
    return sorted(f for f in functions if f.startswith("sigma") and f not in SYMPY.functions)


def _identifier(function: str) -> str:
    order = function.count("'")
    return "d" * order + function.rstrip("'")


def _calls(unknown: Sequence[str]) -> dict[str, str]:
    return {function: f"{_identifier(function)}({{}})" for function in unknown}
