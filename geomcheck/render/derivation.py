"""Derived matrices: as text, LaTeX, a Python function, SymPy source, JSON, or one entry a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from geomcheck.atomic import json_text

if TYPE_CHECKING:
    from sympy import Matrix

__all__ = ["DERIVATION_FORMATS", "derivation"]


def derivation(name: str, matrix: Matrix, form: str) -> str:
    """The matrix, named ``name``, in one of DERIVATION_FORMATS."""
    return _WRITERS[form](name, matrix)


def _text(name: str, matrix: Any) -> str:
    rows, columns = matrix.shape
    symmetric = rows == columns and rows > 1 and matrix.is_symmetric(simplify=False)
    lines = []
    zeros = 0
    for i in range(rows):
        for j in range(i if symmetric else 0, columns):
            if matrix[i, j] == 0:
                zeros += 1
            else:
                lines.append(f"{name}[{i}, {j}] = {matrix[i, j]}")
    notes = [f"{rows} × {columns}"]
    notes += ["symmetric, entries on and above the diagonal"] if symmetric else []
    notes += [f"{zeros} zero entries left out"] if zeros else []
    return "\n".join([f"{name}: {'; '.join(notes)}", *lines])


def _latex(name: str, matrix: Any) -> str:
    from sympy import latex

    return f"{name} = {latex(matrix)}"


def _python(name: str, matrix: Any) -> str:
    from sympy import pycode

    arguments = ", ".join(_names(matrix))
    rows = ",\n".join(
        "        ["
        + ", ".join(str(pycode(entry, fully_qualified_modules=True, allow_unknown_functions=True)) for entry in row)
        + "]"
        for row in matrix.tolist()
    )
    return f"import math\n\n\ndef {name}({arguments}):\n    return [\n{rows},\n    ]"


def _sympy(name: str, matrix: Any) -> str:
    names = _names(matrix)
    symbols = f"{', '.join(names)} = symbols({' '.join(names)!r})\n" if len(names) > 1 else ""
    if len(names) == 1:
        symbols = f"{names[0]} = Symbol({names[0]!r})\n"
    functions = sorted({str(function.func) for function in _applied(matrix)})
    declared = "".join(f"{function} = Function({function!r})\n" for function in functions)
    return f"from sympy import *\n\n{symbols}{declared}{name} = Matrix({matrix.tolist()})"


def _json(name: str, matrix: Any) -> str:
    entries = [[str(entry) for entry in row] for row in matrix.tolist()]
    return json_text({"name": name, "shape": list(matrix.shape), "symbols": _names(matrix), "entries": entries})


def _concise(name: str, matrix: Any) -> str:
    rows, columns = matrix.shape
    return "\n".join(f"{name}\t{i}\t{j}\t{matrix[i, j]}" for i in range(rows) for j in range(columns))


def _names(matrix: Any) -> list[str]:
    return sorted(str(symbol) for symbol in matrix.free_symbols)


def _applied(matrix: Any) -> set[Any]:
    from sympy.core.function import AppliedUndef

    applied: set[Any] = matrix.atoms(AppliedUndef)
    return applied


_WRITERS: Final[Mapping[str, Callable[[str, Any], str]]] = MappingProxyType(
    {"text": _text, "latex": _latex, "python": _python, "sympy": _sympy, "json": _json, "concise": _concise}
)
DERIVATION_FORMATS: Final = tuple(_WRITERS)
