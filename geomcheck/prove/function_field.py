"""Kernel fields of polynomial models: generic ranks bounded above by linear algebra over the function field.

Let the outputs F_k be polynomials in the parameters θ ∈ ℝ^P (and in the inputs, where these are open). If vector fields
v_1, …, v_s with polynomial entries satisfy Σ_i v_i(θ) ∂F_k/∂θ_i ≡ 0 for every k, as polynomials, and are independent at
one point, then they are independent off a proper algebraic subset, and there

    rank(G) ≤ P − s.

Where the inputs are open, one sample with unknown inputs stands for all of them: v does not depend on the inputs.

The fields are found by an ansatz, each entry a combination of the monomials of degree ≤ e in θ: as many random residues
modulo a prime as there are unknowns give a linear system, whose reduced echelon form gives a basis of candidates, whose
entries are made rational. What is found that way is only a guess; each field is then verified as a polynomial identity
over ℚ. By Cramer's rule such fields exist wherever the generic rank is below P; their degree limits what is found.
Source, for the use of such fields: Kileel, Trager and Bruna 2019, §2.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations_with_replacement
from math import comb, isqrt, lcm
from typing import TYPE_CHECKING, Any, Final, TypeAlias, final

import flint

from geomcheck.claims.matrices import shape
from geomcheck.errors import Kink, OutsideField, Undecided
from geomcheck.geometry.ambient import ambient_dimension
from geomcheck.geometry.generic import residue_rank, symmetry_dimension
from geomcheck.geometry.instance import Instance
from geomcheck.problem.formula import Add, Div, Formula, Mul, Name, Neg, Number, Power, Sub
from geomcheck.problem.model import ExplicitModel
from geomcheck.prove.apolarity import apolar_bound
from geomcheck.prove.generic import speaks_of, witness_of
from geomcheck.prove.knowledge import NAMED, AbstractRule, Fact, Knowledge, Scope
from geomcheck.prove.linear_network import greatest_rank, linear_widths

if TYPE_CHECKING:
    from geomcheck.problem.problem import Problem

Polynomial: TypeAlias = Any
PolynomialField: TypeAlias = tuple[Polynomial, ...]

PRIME: Final = (1 << 61) - 1
DEGREES: Final = (1, 2, 3)
MAX_UNKNOWNS: Final = 600
MAX_TERMS: Final = 5_000
MAX_POWER: Final = 12
SPARE: Final = 10
SEED: Final = 1_905


@final
class FunctionField(AbstractRule):
    """generic_rank(G) ≤ P − s, for s polynomial vector fields v with G v ≡ 0 that are independent at the witness."""

    name = "function-field"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The bound, where simpler ones leave something open and fields of low degree close it."""
        term = ("generic_rank", NAMED["G"])
        point = witness_of(scope, speaks_of(scope, known))
        if point is None or not known.mentions(term):
            return
        fields = fields_at(point.problem, scope.problem)
        if fields:
            bound = scope.problem.P - len(fields)
            written = tuple(tuple(map(str, field)) for field in fields)
            shown = "; ".join(f"({', '.join(entries)})" for entries in written)
            reason = f"G annihilates {shown} at θ = (t0, t1, …), independent at the witness: rank(G) ≤ {bound}."
            yield Fact(self.name, ("<=", term, ("number", str(bound))), reason, fields=written)


@lru_cache(maxsize=64)
def fields_at(point: Problem, problem: Problem) -> tuple[PolynomialField, ...]:
    """Kernel fields of G, independent at the point; none where they would not improve on the simpler bounds.

    `point` is an instance of `problem`, which leaves the parameters open.

    >>> from geomcheck.problem.read import problem_from
    >>> about = problem_from({"model": {"parameters": ["a", "b"], "inputs": ["x"], "outputs": ["a*b*x"]}, "samples": 2})
    >>> fields_at(about.with_(parameters=(2, 3), inputs=((1,), (2,)), targets=((0,), (0,))), about)
    ((t0, -t1),)
    """
    if problem.P * (problem.P + 1) > MAX_UNKNOWNS or point.parameters is None:
        return ()
    try:
        lower = residue_rank(next(Instance(point).residues(lambda d: d.G)))
    except (Kink, OutsideField, Undecided, StopIteration):
        return ()
    outputs = None if lower == simpler_bound(point, problem) else outputs_of(problem)
    if outputs is None:
        return ()
    theta = [int(x.numerator) * pow(int(x.denominator), -1, PRIME) % PRIME for x in point.parameters]
    found: list[PolynomialField] = []
    values: list[list[int]] = []
    for degree in DEGREES:
        if problem.P * comb(problem.P + degree, degree) > MAX_UNKNOWNS:
            break
        for field in _candidates(outputs, problem.P, degree):
            value = [_residue(entry, theta) for entry in field]
            if _rank([*values, value]) > len(values) and is_kernel_field(outputs, field):
                found.append(field)
                values.append(value)
        if len(found) == problem.P - lower:
            break
    return tuple(found)


def simpler_bound(point: Problem, problem: Problem) -> int:
    """The least upper bound on the generic rank of G from shapes, symmetries and the space of functions."""
    widths = linear_widths(problem)
    bounds = [*shape(NAMED["G"], problem), problem.P - symmetry_dimension(point)]
    bounds += [] if widths is None else [greatest_rank(widths, problem.N, "G")]
    return min(*bounds, *(b for b in (ambient_dimension(problem), apolar_bound(problem)) if b is not None))


def is_kernel_field(outputs: Sequence[Polynomial], field: PolynomialField) -> bool:
    """Whether Σ_i v_i ∂F_k/∂θ_i is the zero polynomial for every k."""
    return all(sum((v * f.derivative(i) for i, v in enumerate(field) if v), f * 0) == 0 for f in outputs)


def outputs_of(problem: Problem) -> tuple[Polynomial, ...] | None:
    """The outputs as polynomials in t0, t1, … (the parameters) and x0, x1, … (the inputs of one sample).

    With given inputs: those of all samples. None where they are no polynomials, or too large ones, or PRIME divides the
    denominator of a coefficient.
    """
    model = problem.model
    if problem.squash is not None:
        return None
    inputs = model.n_inputs if problem.inputs is None else 0
    names = (*(f"t{i}" for i in range(problem.P)), *(f"x{j}" for j in range(inputs)))
    gens = flint.fmpq_mpoly_ctx.get(names, flint.Ordering.degrevlex).gens()
    theta, open_inputs = gens[: problem.P], gens[problem.P :]
    one = gens[0] ** 0
    rows = [open_inputs] if problem.inputs is None else [[one * _rational(x) for x in row] for row in problem.inputs]
    try:
        if isinstance(model, ExplicitModel):
            names_of = [dict(zip((*model.parameters, *model.inputs), (*theta, *row), strict=True)) for row in rows]
            outputs = [_formula(output, values, one) for values in names_of for output in model.outputs]
        else:
            outputs = [output for row in rows for output in _network(model, theta, list(row), one)]
    except _NotPolynomial:
        return None
    return tuple(outputs) if all(int(c.q) % PRIME for output in outputs for c in output.coeffs()) else None


class _NotPolynomial(Exception):
    """The model is no polynomial, or too large a one."""


def _formula(formula: Formula, names: dict[str, Polynomial], one: Polynomial) -> Polynomial:
    match formula:
        case Number(value):
            return one * _rational(value)
        case Name(name):
            return names[name]
        case Neg(a):
            return -_formula(a, names, one)
        case Power(a, n):
            return _power(_formula(a, names, one), n)
        case Add(a, b):
            return _formula(a, names, one) + _formula(b, names, one)
        case Sub(a, b):
            return _formula(a, names, one) - _formula(b, names, one)
        case Mul(a, b):
            return _small(_formula(a, names, one) * _formula(b, names, one))
        case Div(a, b):
            below = _formula(b, names, one)
            if not below.is_constant() or not below:
                raise _NotPolynomial
            return _formula(a, names, one) * (1 / below.leading_coefficient())
    raise _NotPolynomial


def _network(network: Any, theta: Sequence[Polynomial], units: list[Polynomial], one: Polynomial) -> list[Polynomial]:
    start = 0
    for layer in network.layers:
        degree = layer.activation.polynomial_degree
        if degree is None or layer.residual is not None:
            raise _NotPolynomial
        fan_in, biases = len(units), start + layer.width * len(units)
        sums = []
        for unit in range(layer.width):
            row = theta[start + unit * fan_in : start + (unit + 1) * fan_in]
            total = sum((w * a for w, a in zip(row, units, strict=True)), one * 0)
            sums.append(_power(total + theta[biases + unit] if layer.bias else total, degree))
        units, start = sums, biases + (layer.width if layer.bias else 0)
    return units


def _power(base: Polynomial, n: int) -> Polynomial:
    if n > MAX_POWER:
        raise _NotPolynomial
    result = base**0
    for _ in range(n):
        result = _small(result * base)
    return result


def _small(polynomial: Polynomial) -> Polynomial:
    if len(polynomial) > MAX_TERMS:
        raise _NotPolynomial
    return polynomial


def _candidates(outputs: Sequence[Polynomial], size: int, degree: int) -> Iterator[PolynomialField]:
    """Fields with entries of at most this degree that annihilate the gradients at many random residues."""
    gens = outputs[0].context().gens()
    monomials = [m for e in range(degree + 1) for m in combinations_with_replacement(range(size), e)]
    unknowns = size * len(monomials)
    gradients = [[f.derivative(i) for i in range(size)] for f in outputs]
    choice = random.Random(SEED)
    rows: list[int] = []
    while len(rows) < (unknowns + SPARE) * unknowns:
        at = [choice.randrange(PRIME) for _ in gens]
        values = [_product(at, m) for m in monomials]
        for gradient in gradients:
            slopes = [_residue(entry, at) for entry in gradient]
            rows += [slope * value % PRIME for slope in slopes for value in values]
    system, rank = flint.nmod_mat(len(rows) // unknowns, unknowns, rows, PRIME).rref()
    pivots = [next(j for j in range(unknowns) if system[i, j]) for i in range(rank)]
    terms = [_monomial(gens, m) for m in monomials]
    for free in sorted(set(range(unknowns)) - set(pivots)):
        vector = {free: flint.fmpq(1)}
        for i, pivot in enumerate(pivots):
            if entry := int(system[i, free]):
                vector[pivot] = _reconstructed(PRIME - entry)
        scale = lcm(*(int(value.q) for value in vector.values()))
        width = len(monomials)
        entries = [gens[0] * 0] * size
        for column, value in vector.items():
            entries[column // width] += terms[column % width] * (value * scale)
        leading = next(entry for entry in entries if entry).leading_coefficient()
        yield tuple(-entry if leading < 0 else entry for entry in entries)


def _product(values: Sequence[int], monomial: tuple[int, ...]) -> int:
    result = 1
    for i in monomial:
        result = result * values[i] % PRIME
    return result


def _monomial(gens: Sequence[Polynomial], monomial: tuple[int, ...]) -> Polynomial:
    result = gens[0] ** 0
    for i in monomial:
        result *= gens[i]
    return result


def _residue(polynomial: Polynomial, at: Sequence[int]) -> int:
    """The value modulo PRIME, which divides no denominator of `outputs_of`."""
    total = 0
    for powers, coefficient in polynomial.to_dict().items():
        term = int(coefficient.p) * pow(int(coefficient.q), -1, PRIME)
        for value, power in zip(at, powers, strict=False):
            if power:
                term = term * pow(value, int(power), PRIME) % PRIME
        total += term
    return total % PRIME


def _reconstructed(residue: int) -> Any:
    """The fraction n/d ≡ residue with |n| and d below √(PRIME/2), by the Euclidean algorithm stopped half-way."""
    bound = isqrt(PRIME // 2)
    (r, s), (t, u) = (PRIME, residue), (0, 1)
    while s > bound:
        quotient = r // s
        (r, s), (t, u) = (s, r - quotient * s), (u, t - quotient * u)
    return flint.fmpq(s, u) if u else flint.fmpq(residue)


def _rank(rows: list[list[int]]) -> int:
    return int(flint.nmod_mat(len(rows), len(rows[0]), [x for row in rows for x in row], PRIME).rank())


def _rational(value: Any) -> Any:
    return flint.fmpq(int(value.numerator), int(value.denominator))
