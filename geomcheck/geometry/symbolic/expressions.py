"""A derived matrix as SymPy expressions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cmp_to_key
from typing import TYPE_CHECKING, Any

from geomcheck.geometry.symbolic.terms import Definition, Terms

if TYPE_CHECKING:
    import sympy


def to_sympy(entries: Sequence[Sequence[Terms]], definitions: Sequence[Definition], symmetric: bool) -> sympy.Matrix:
    """The matrix with every definition put in; of a symmetric one the upper half alone is built."""
    import sympy

    values: dict[str, Any] = {}
    for definition in definitions:
        argument = _expression(definition.argument, values)
        values[definition.name] = argument if definition.function is None else _apply(definition.function, argument)
    if not symmetric:
        return sympy.Matrix(
            len(entries), len(entries[0]), [_expression(entry, values) for row in entries for entry in row]
        )
    matrix = sympy.zeros(len(entries), len(entries))
    for i, row in enumerate(entries):
        for j in range(i, len(row)):
            if row[j].terms:
                matrix[i, j] = matrix[j, i] = _expression(row[j], values)
    return matrix


def _expression(terms: Terms, values: dict[str, Any]) -> Any:
    """A sum of products in SymPy; equal powers are built once."""
    import sympy

    def power(name: str, exponent: int) -> Any:
        if name not in values:
            values[name] = sympy.Symbol(name)
        if exponent == 1:
            return values[name]
        key = f"{name}^{exponent}"
        if key not in values:
            base = values[name]
            values[key] = sympy.Pow(base, exponent, evaluate=not base.is_Add)
        return values[key]

    products = [
        _product(sympy.Rational(c.numerator, c.denominator), [power(name, exponent) for name, exponent in factors])
        for c, factors in terms.terms
    ]
    return sympy.Add(*products)


def _product(coefficient: Any, factors: list[Any]) -> Any:
    """What sympy.Mul makes of them; where nothing combines, by putting them in order, without a question about signs.

    Mul evaluates every power of a sum anew, and asks whether the sum is infinite; that takes nine tenths of the time.
    """
    from sympy import Add, Function, Mul, Pow, Symbol, exp
    from sympy.core.basic import Basic

    bases = [factor.base if isinstance(factor, Pow) else factor for factor in factors]
    plain = all(isinstance(base, Symbol | Add | Function) and not isinstance(base, exp) for base in bases)
    spreads = coefficient != 1 and len(factors) == 1
    if not plain or spreads or len(set(bases)) < len(bases):
        return Mul(coefficient, *factors)
    ordered = sorted(factors, key=cmp_to_key(Basic.compare))
    return Mul._from_args(ordered if coefficient == 1 else [coefficient, *ordered])


def _apply(function: str, z: Any) -> Any:
    import sympy

    match function:
        case "sigmoid":
            return 1 / (1 + sympy.exp(-z))
        case "softplus":
            return sympy.log(1 + sympy.exp(z))
        case "logcosh":
            return sympy.log(sympy.cosh(z))
        case "normal_cdf":
            return (1 + sympy.erf(z / sympy.sqrt(2))) / 2
        case "normal_pdf":
            return sympy.exp(-(z**2) / 2) / sympy.sqrt(2 * sympy.pi)
        case "step":
            return sympy.Heaviside(z)
        case "reciprocal":
            return 1 / z
        case "exp" | "log" | "tanh" | "sin" | "cos":
            return getattr(sympy, function)(z)
    order = function.count("'")
    unknown = sympy.Function(function.rstrip("'"))
    u = sympy.Symbol("u")
    return sympy.Subs(sympy.Derivative(unknown(u), (u, order)), u, z) if order else unknown(z)
