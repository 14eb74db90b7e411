"""∇²ℓ(F(θ)) of a model given by formulas, by SymPy's `diff`, against GᵀDG + Σ r_k ∇²F_k; see chain_rule.py."""

from collections.abc import Sequence
from itertools import combinations_with_replacement
from typing import Any

import sympy as sp

from geomcheck.problem.formula import Add, Call, Div, Formula, Mul, Name, Neg, Number, Power, Sub
from geomcheck.problem.model import ExplicitModel

Expression = Any


def entries_agree(model: ExplicitModel, squashed: bool) -> bool:
    """Whether ∂_i∂_jℓ = (GᵀDG)_ij + Σ_k r_k ∂_i∂_jF_k for all i ≤ j, after expanding both sides.

    A C² function enters ∇² through its second-order Taylor polynomial at the point alone. So with outputs z and their
    values c at the point, the general case is ℓ = Σ r_k e_k + ½ Σ D_km e_k e_m, where e = z − c, or, `squashed` by an
    abstract p(z), e_k = Σ p_ka (z_a − c_a) + ½ Σ q_kab (z_a − c_a)(z_b − c_b); after differentiating, c = z.
    """
    names = {name: sp.Symbol(f"v_{name}", real=True) for name in (*model.parameters, *model.inputs)}
    theta = [names[name] for name in model.parameters]
    z = [to_sympy(output, names) for output in model.outputs]
    outputs = range(len(z))
    centre, r = sp.symbols(f"c:{len(z)}"), sp.symbols(f"r:{len(z)}")
    D = _symmetric("D", outputs)
    slope = [[sp.Symbol(f"p_{k}_{a}") if squashed else sp.Integer(k == a) for a in outputs] for k in outputs]
    bend = [_symmetric(f"q_{k}" if squashed else None, outputs) for k in outputs]
    off = [value - c for value, c in zip(z, centre, strict=True)]
    e = [_linear(slope[k], off) + _quadratic(bend[k], off, off) / 2 for k in outputs]
    loss = _linear(r, e) + _quadratic(D, e, e) / 2
    at_point = dict(zip(centre, z, strict=True))
    first = [[sp.diff(value, t) for value in z] for t in theta]
    for i, j in combinations_with_replacement(range(len(theta)), 2):
        second = [sp.diff(value, theta[j]) for value in first[i]]
        left, right = ([_linear(slope[k], first[t]) for k in outputs] for t in (i, j))
        hessians = [_quadratic(bend[k], first[i], first[j]) + _linear(slope[k], second) for k in outputs]
        whole = sp.diff(sp.diff(loss, theta[i]), theta[j]).xreplace(at_point)
        if not _vanishes(whole - _quadratic(D, left, right) - _linear(r, hessians)):
            return False
    return True


def _vanishes(expression: Expression) -> bool:
    # Distributing products settles nearly everything; common denominators are only sought where that was not enough.
    distributed = sp.expand_mul(expression)
    return bool(distributed == 0 or sp.expand(distributed) == 0 or sp.cancel(sp.together(distributed)) == 0)


def _symmetric(name: str | None, indices: range) -> list[list[Expression]]:
    """A symmetric matrix of symbols, or of zeros where it has no name."""
    if name is None:
        return [[sp.Integer(0)] * len(indices) for _ in indices]
    return [[sp.Symbol(f"{name}_{min(a, b)}_{max(a, b)}") for b in indices] for a in indices]


def _linear(coefficients: Sequence[Expression], values: Sequence[Expression]) -> Expression:
    return sp.Add(*(c * value for c, value in zip(coefficients, values, strict=True)))


def _quadratic(
    matrix: Sequence[Sequence[Expression]], left: Sequence[Expression], right: Sequence[Expression]
) -> Expression:
    return _linear([_linear(row, right) for row in matrix], left)


def to_sympy(formula: Formula, names: dict[str, Expression]) -> Expression:
    """The formula as a SymPy expression; relu and abs become undefined functions, differentiable off their kink.

    >>> from geomcheck.problem.formula import parse_formula
    >>> to_sympy(parse_formula("a^2*x - 1/2", ["a", "x"], "example"), {"a": sp.Symbol("a"), "x": sp.Symbol("x")})
    a**2*x - 1/2
    """
    match formula:
        case Number(value):
            return sp.Rational(value.numerator, value.denominator)
        case Name(name):
            return names[name]
        case Neg(a):
            return -to_sympy(a, names)
        case Add(a, b):
            return to_sympy(a, names) + to_sympy(b, names)
        case Sub(a, b):
            return to_sympy(a, names) - to_sympy(b, names)
        case Mul(a, b):
            return to_sympy(a, names) * to_sympy(b, names)
        case Div(a, b):
            return to_sympy(a, names) / to_sympy(b, names)
        case Power(a, n):
            return to_sympy(a, names) ** n
        case Call("sigmoid", a):
            return 1 / (1 + sp.exp(-to_sympy(a, names)))
        case Call("softplus", a):
            return sp.log(1 + sp.exp(to_sympy(a, names)))
        case Call("relu" | "abs" as fn, a):
            return sp.Function(fn)(to_sympy(a, names))
        case Call(fn, a):
            return getattr(sp, fn)(to_sympy(a, names))
