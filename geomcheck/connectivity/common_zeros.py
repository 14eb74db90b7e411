"""Common zeros of polynomials in θ: split into equations without common variables, eliminate, then the rules.

Equations that share no variable give a product of sets, whose components are counted by the product of the counts. An
equation c·v + h = 0 with a constant c ≠ 0 and h free of v makes v a function of the others: the set is the graph of
v = −h/c over the zeros of the other equations with that put in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from geomcheck.connectivity import monomials, one_parameter, plane_curve, quadric
from geomcheck.connectivity.count import Components, unknown
from geomcheck.connectivity.polynomials import Polynomial
from geomcheck.connectivity.rational_matrices import ONE


def components(equations: Sequence[Polynomial]) -> Components:
    """The components of {all equations = 0}; raises Undecided where the set is empty or no rule applies.

    >>> product = Polynomial({(1, 1, 0, 0): ONE, (0, 0, 0, 0): ONE})
    >>> graph = Polynomial({(0, 0, 1, 0): ONE, (0, 0, 0, 3): ONE, (0, 0, 0, 1): -ONE})
    >>> components([product, graph]).count
    2
    """
    distinct = {
        frozenset(equation.times(1 / max(equation.terms.items())[1]).terms.items()): equation
        for equation in equations
        if equation.terms
    }  # up to factors
    found = [_block(block) for block in blocks([*distinct.values()])]
    if not found:
        return Components(1, "monomials", "the equations hold for all parameters")
    if len(found) == 1:
        return found[0]
    count = 1
    for part in found:
        count *= part.count
    why = "; ".join(f"{part.count}: {part.why}" for part in found)
    return Components(count, "product", f"a product of {len(found)} sets of {why}")


def _block(equations: Sequence[Polynomial]) -> Components:
    for rule in (monomials.components, one_parameter.components, quadric.components):
        known = rule(equations)
        if known is not None:
            return known
    chosen = next(((k, v) for k, equation in enumerate(equations) for v in solvable(equation)), None)
    if chosen is None:
        known = _many_heads(equations) or plane_curve.components(equations)
        if known is not None:
            return known
        raise unknown(
            "the equations F = y are no monomials, not in one parameter, no quadric, no plane curve, "
            "or nothing satisfies them",
            "give a linear network, one hidden layer of relu with one output, or a model of one of these kinds",
        )
    k, v = chosen
    rest = [substituted(other, v, equations[k]) for j, other in enumerate(equations) if j != k]
    inner = components(rest)
    return Components(inner.count, inner.rule, f"after one parameter is expressed by the others: {inner.why}")


def _many_heads(equations: Sequence[Polynomial]) -> Components | None:
    """{Σ a_k c_k = y} for y ≠ 0 and two or more terms without common variables: where some c_k ≠ 0, a hyperplane."""
    if len(equations) != 1:
        return None
    terms = equations[0].terms
    moving = [Polynomial({e: c}) for e, c in terms.items() if any(e)]
    parts = blocks(moving)
    headed = all(any(all(next(iter(m.terms))[v] == 1 for m in part) for v in variables(part[0])) for part in parts)
    if len(moving) == len(terms) or len(parts) < 2 or not headed:
        return None
    return Components(
        1,
        "heads",
        "a sum of products a_k c_k without common factors is y ≠ 0, and while one is used all others are free",
    )


def blocks(equations: Sequence[Polynomial]) -> list[list[Polynomial]]:
    """The equations in classes that share variables; those without variables are one class of their own."""
    classes: list[tuple[set[int], list[Polynomial]]] = []
    for equation in equations:
        names, members = variables(equation) or {-1}, [equation]
        for other, more in [part for part in classes if part[0] & names]:
            classes.remove((other, more))
            names, members = names | other, more + members
        classes.append((names, members))
    return [members for _, members in classes]


def variables(equation: Polynomial) -> set[int]:
    """The variables that occur."""
    return {i for exponents in equation.terms for i, e in enumerate(exponents) if e}


def solvable(equation: Polynomial) -> Iterator[int]:
    """The variables that occur in one term alone, which is a multiple of the variable.

    >>> list(solvable(Polynomial({(1, 0): ONE, (0, 2): ONE})))
    [0]
    """
    for v in sorted(variables(equation)):
        terms = [exponents for exponents in equation.terms if exponents[v]]
        if len(terms) == 1 and sum(terms[0]) == 1:
            yield v


def substituted(polynomial: Polynomial, v: int, equation: Polynomial) -> Polynomial:
    """The polynomial with v expressed by the equation c·v + h = 0."""
    size = len(next(iter(equation.terms)))
    (single,) = (exponents for exponents in equation.terms if exponents[v])
    value = Polynomial({e: c for e, c in equation.terms.items() if e != single}).times(-1 / equation.terms[single])
    power, total = Polynomial({(0,) * size: ONE}), Polynomial({})
    for k in range(1 + max((exponents[v] for exponents in polynomial.terms), default=0)):
        part = {(*e[:v], 0, *e[v + 1 :]): c for e, c in polynomial.terms.items() if e[v] == k}
        total = total + Polynomial(part) * power
        power = power * value
    return total
