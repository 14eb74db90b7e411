"""Derived matrices for programs: JSON, or one entry a line. (The forms for people are the derivation's own.)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geomcheck.problem.numbers import rational_text

if TYPE_CHECKING:
    from geomcheck.geometry.symbolic.derivation import Derivation
    from geomcheck.geometry.symbolic.terms import Definition, Terms

__all__ = ["derivation_concise", "derivation_json", "terms_text"]


def derivation_json(derivation: Derivation) -> dict[str, Any]:
    """The matrix row by row, the open symbols, and what every other name in the entries stands for."""
    return {
        "name": derivation.what,
        "shape": list(derivation.shape),
        "parameters": list(derivation.parameters),
        "inputs": [list(row) for row in derivation.inputs],
        "targets": [list(row) for row in derivation.targets],
        "definitions": {definition.name: _meaning(definition) for definition in derivation.definitions},
        "entries": [[terms_text(entry) for entry in row] for row in derivation.terms],
    }


def derivation_concise(derivation: Derivation) -> str:
    """``name <tab> meaning`` for every definition, then ``matrix <tab> row <tab> column <tab> entry``."""
    lines = [f"{definition.name}\t{_meaning(definition)}" for definition in derivation.definitions]
    for i, row in enumerate(derivation.terms):
        lines += [f"{derivation.what}\t{i}\t{j}\t{terms_text(entry)}" for j, entry in enumerate(row)]
    return "\n".join(lines)


def terms_text(terms: Terms) -> str:
    """A sum of products in the notation of problem files.

    >>> from fractions import Fraction
    >>> from geomcheck.geometry.symbolic.terms import Terms
    >>> terms_text(Terms(((Fraction(2, 3), (("a", 2), ("b", 1))), (Fraction(-1), (("b", 1),)), (Fraction(5), ()))))
    '2/3*a^2*b - b + 5'
    """
    text = ""
    for coefficient, factors in terms.terms:
        sign = " - " if coefficient < 0 else " + "
        size = abs(coefficient)
        parts = [rational_text(size)] if size != 1 or not factors else []
        parts += [name if exponent == 1 else f"{name}^{exponent}" for name, exponent in factors]
        text += sign + "*".join(parts)
    if not text:
        return "0"
    return text[3:] if text.startswith(" + ") else f"-{text[3:]}"


def _meaning(definition: Definition) -> str:
    argument = terms_text(definition.argument)
    return argument if definition.function is None else f"{definition.function}({argument})"
