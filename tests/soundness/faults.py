"""Faults to plant in the engine (those of proofs and certificates apart): one definition replaced by a wrong one.


The checker is never touched. What a fault may do is make the tool less able; what it may not do is let a wrong verdict
out, and the battery of `battery.py` must notice it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from geomcheck.claims import evaluation, evidence, grammar, judge, matrices, matrix_quantities, point_sets, tree
from geomcheck.claims.evaluation import Evaluation
from geomcheck.claims.scalar_value import _HOLDS, Value
from geomcheck.geometry import generic, squash
from geomcheck.geometry.continuous_symmetry import of_unit
from geomcheck.geometry.derivatives import Derivatives
from geomcheck.geometry.minima import eckart_young
from geomcheck.geometry.network import NetworkDerivatives
from geomcheck.linear_algebra import elimination, inertia, modular_image, rank
from geomcheck.linear_algebra.evidence import LowerBound, RankBounds, UpperBound
from geomcheck.linear_algebra.kernel import ExactMatrix
from geomcheck.problem import losses, numbers
from geomcheck.problem.activation import ACTIVATIONS
from geomcheck.truth import Truth

Patch = pytest.MonkeyPatch
NIL, ONE, TWO = Fraction(0), Fraction(1), Fraction(2)


@dataclass(frozen=True)
class Fault:
    """A wrong definition, and how to plant it."""

    name: str
    plant: Callable[[Patch], None]


FAULTS: list[Fault] = []


def fault(name: str) -> Callable[[Callable[[Patch], None]], Callable[[Patch], None]]:
    def register(plant: Callable[[Patch], None]) -> Callable[[Patch], None]:
        FAULTS.append(Fault(name, plant))
        return plant

    return register


def quantity(name: str, label: str, change: Callable[[Derivatives, Any], Any]) -> None:
    """A quantity of an instance, changed."""
    found = Derivatives.__dict__[name]
    honest = found.fget if isinstance(found, property) else found.func
    planted = property(lambda self: change(self, honest(self)))
    FAULTS.append(Fault(label, lambda m: m.setattr(Derivatives, name, planted)))


def named_loss(name: str, label: str, **changes: Any) -> None:
    FAULTS.append(Fault(label, lambda m: m.setitem(losses.LOSSES, name, replace(losses.LOSSES[name], **changes))))


def activation(name: str, label: str, **changes: Any) -> None:
    FAULTS.append(Fault(label, lambda m: m.setitem(ACTIVATIONS, name, replace(ACTIVATIONS[name], **changes))))


# -- derivatives ------------------------------------------------------------------------------------------------------

quantity("residual", "r with the other sign", lambda d, r: -r)
quantity("H", "H without H_f", lambda d, H: d.H_o)
quantity("H", "H with H_f twice", lambda d, H: H + d.H_f)
quantity("H_o", "H_o without D", lambda d, H: d.field.gram(d.G, d.G))
quantity("H_f", "H_f with the other sign", lambda d, H: -H)
quantity("G", "G output-major instead of sample-major", lambda d, G: _output_major(d, G))
quantity("F", "F output-major instead of sample-major", lambda d, F: _output_major(d, F))
quantity("D", "D with transposed blocks of samples and outputs", lambda d, D: _output_major(d, D))
quantity("functional_part_vanishes", "H_f taken for 0 everywhere", lambda d, known: True)
quantity("loss", "L without its first digit: doubled", lambda d, L: L * 2)
quantity("gradient", "a gradient that is always 0", lambda d, g: g * 0)


def _output_major(d: Derivatives, array: Any) -> Any:
    n, k = d.problem.N, d.problem.K
    return array[np.arange(n * k).reshape(n, k).T.reshape(-1)]


@fault("weight decay missing in H")
def _(m: Patch) -> None:
    m.setattr(Derivatives, "H", property(lambda d: d.H_o + d.H_f))


@fault("weight decay missing in the gradient")
def _(m: Patch) -> None:
    def gradient(d: Derivatives) -> Any:
        return d.field.matmul(d.G.mT, d.residual.reshape((-1, 1)))[..., 0]

    m.setattr(Derivatives, "gradient", property(gradient))


@fault("weight decay c instead of c/2 in L")
def _(m: Patch) -> None:
    honest = Derivatives.__dict__["loss"].func

    def loss(d: Derivatives) -> Any:
        more = d.field.total(d.theta * d.theta) * d.field.constant(d.problem.weight_decay / 2)
        return honest(d) + more

    m.setattr(Derivatives, "loss", property(loss))


@fault("a mean that is a sum")
def _(m: Patch) -> None:
    m.setattr(Derivatives, "_reduced", lambda self, array: array)


@fault("a mean over samples and outputs")
def _(m: Patch) -> None:
    def reduced(self: Derivatives, array: Any) -> Any:
        if self.problem.reduction == "sum":
            return array
        return self.field.divide(array, self.field.ones(()) * (self.problem.N * self.problem.K * 2))

    m.setattr(Derivatives, "_reduced", reduced)


@fault("parameters ordered unit by unit")
def _(m: Patch) -> None:
    m.setattr(NetworkDerivatives, "_torch_order", property(lambda self: np.arange(self.network.n_parameters)))


# -- losses and activations -------------------------------------------------------------------------------------------

named_loss("mse", "mse without its half", value=lambda F, f, y: F.total((f - y) * (f - y)))
named_loss("mse", "mse with gradient 2(f - y)", gradient=lambda F, f, y: (f - y) * 2)
named_loss("mse", "mse with D = 2I", hessian=lambda F, f, y: F.diagonal(F.filled(f, TWO)))
named_loss("quartic", "quartic with D = u^2", hessian=lambda F, f, y: F.diagonal((f - y) * (f - y)))
named_loss("quartic", "quartic definite at its fits", definite_at_fit="definite", definite_everywhere="definite")
named_loss(
    "softmax_cross_entropy",
    "softmax Hessian without its outer product",
    hessian=lambda F, f, y: F.diagonal(losses.softmax(F, f)),
    at_fit=lambda F, y: (F.filled(y, Fraction(0)), F.diagonal(y)),
)
named_loss("softmax_cross_entropy", "softmax Hessian taken for definite", definite_at_fit="definite")
named_loss("bce_logits", "bce_logits with D = s", hessian=lambda F, f, y: F.diagonal(F.apply("sigmoid", f)))
named_loss("logistic", "logistic without the sign of y", gradient=lambda F, f, y: -F.apply("sigmoid", -(y * f)))
named_loss("squared_hinge", "squared hinge with D = 1", hessian=lambda F, f, y: F.diagonal(F.filled(f, ONE)))
activation("square", "square with second derivative 1", slopes=lambda F, z, c: (z * 2, F.filled(z, ONE)))
activation("tanh", "tanh with second derivative 2tσ'", slopes=lambda F, z, c: _tanh(F, z))
activation(
    "sigmoid", "sigmoid with first derivative s", slopes=lambda F, z, c: (F.apply("sigmoid", z), F.filled(z, ONE))
)
activation(
    "leaky_relu", "leaky_relu with slope 0", slopes=lambda F, z, c: (F.step(z, ONE, 0 * ONE), F.filled(z, 0 * ONE))
)
activation("relu", "relu with derivative 0 at its kink", slopes=lambda F, z, c: (_step(F, z), F.filled(z, Fraction(0))))
activation("square", "square homogeneous of degree 1", homogeneity=lambda _: 1)
activation("tanh", "tanh homogeneous of degree 1", homogeneity=lambda _: 1)


def _tanh(F: Any, z: Any) -> Any:
    t = F.apply("tanh", z)
    first = -(t * t) + 1
    return first, first * t * 2


def _step(F: Any, z: Any) -> Any:
    signs = F.is_zero(z)
    moved = z + np.where(signs, 1, 0) * 0 - np.where(signs, 1, 0) if signs.any() else z
    return F.step(moved, ONE, Fraction(0))


@fault("softmax probabilities with a diagonal Jacobian")
def _(m: Patch) -> None:
    m.setattr(squash.Softmax, "jacobian", lambda self, p: self.field.diagonal(p * (1 - p)))


# -- ranks and inertias -----------------------------------------------------------------------------------------------


def _bounds(change: Callable[[RankBounds, Any], RankBounds]) -> Callable[[Patch], None]:
    def plant(m: Patch) -> None:
        honest = rank.rank_bounds
        m.setattr(evidence, "rank_bounds", lambda shape, **given: change(honest(shape, **given), shape))

    return plant


FAULTS += [
    Fault(
        "a lower bound of a rank taken for the rank",
        _bounds(lambda b, _: RankBounds(b.lower, UpperBound(b.lower.value, "kernel", b.upper.kernel))),
    ),
    Fault("every rank one too small", _bounds(lambda b, _: _shifted(b, -1))),
    Fault("every rank full", _bounds(lambda b, s: RankBounds(_full(b, min(s)), UpperBound(min(s))))),
    Fault("kernel vectors given up to the first", _bounds(lambda b, _: _one_vector(b))),
    Fault("a minor with its rows shifted", _bounds(lambda b, s: _other_rows(b, s[0]))),
]


def _shifted(b: RankBounds, by: int) -> RankBounds:
    size = max(b.lower.value + by, 0)
    lower = replace(b.lower, value=size, rows=b.lower.rows[:size], columns=b.lower.columns[:size])
    return RankBounds(lower if size else LowerBound(0), UpperBound(size, "kernel", b.upper.kernel))


def _full(b: RankBounds, size: int) -> LowerBound:
    places = tuple(range(size))
    return replace(b.lower, value=size, rows=places, columns=places, prime=b.lower.prime or 2147483647, inverse=None)


def _one_vector(b: RankBounds) -> RankBounds:
    if b.upper.kind != "kernel" or not b.upper.kernel:
        return b
    return RankBounds(b.lower, UpperBound(b.upper.value, "kernel", (b.upper.kernel[0],) * len(b.upper.kernel)))


def _other_rows(b: RankBounds, rows: int) -> RankBounds:
    return RankBounds(replace(b.lower, rows=tuple((i + 1) % rows for i in b.lower.rows)), b.upper)


@fault("kernel vectors that are not verified, and wrong")
def _(m: Patch) -> None:
    def kernel(self: ExactMatrix, found: Any, expected: Any = ()) -> Any:
        size = self.entries.shape[1]
        return [[int(i == j) for i in range(size)] for j in range(size - found.elimination.rank)]

    m.setattr(ExactMatrix, "kernel", kernel)


@fault("symmetries believed in every kernel")
def _(m: Patch) -> None:
    m.setattr(ExactMatrix, "kernel", lambda self, found, expected=(): [list(v) for v in expected])


@fault("elimination that takes every pivot for nonzero")
def _(m: Patch) -> None:
    honest = elimination.eliminate

    def eliminate(matrix: Any, prime: int) -> Any:
        found = honest(matrix, prime)
        size = min(matrix.shape)
        return replace(found, rows=tuple(range(size)), columns=tuple(range(size)))

    m.setattr(modular_image, "eliminate", eliminate)


@fault("ranks in floats, with a tolerance")
def _(m: Patch) -> None:
    def numeric(self: Evaluation, term: Any) -> RankBounds:
        try:
            balls = self.enclosed(term)
        except Exception:
            return RankBounds(LowerBound(0), UpperBound(min(matrices.shape(term, self.problem))))
        floats = np.array([[float(x) for x in row] for row in balls])
        size = int(np.linalg.matrix_rank(floats, tol=0.5)) if floats.size else 0
        places = tuple(range(size))
        return RankBounds(LowerBound(size, places, places, prime=2147483647), UpperBound(size, "kernel"))

    m.setattr(Evaluation, "_rank", numeric)


@fault("dominance that is not strict and not checked")
def _(m: Patch) -> None:
    def signs(matrix: Any) -> tuple[int, int]:
        diagonal = [matrix[i, i] for i in range(matrix.nrows())]
        return sum(bool(x > 0) for x in diagonal), sum(not bool(x > 0) for x in diagonal)

    m.setattr(inertia, "dominant_signs", signs)


@fault("positive and negative eigenvalues exchanged")
def _(m: Patch) -> None:
    honest = inertia.dominant_signs
    m.setattr(inertia, "dominant_signs", lambda matrix: (found := honest(matrix)) and found[::-1])


@fault("positive semidefinite taken for positive definite")
def _(m: Patch) -> None:
    def definiteness(head: str, matrix: Any, at: Evaluation, notes: Any) -> Truth:
        return Truth.of(at.inertia(matrix).negative == 0)

    m.setattr(judge, "_definiteness", definiteness)


@fault("H bounded through G everywhere")
def _(m: Patch) -> None:
    m.setattr(Evaluation, "_is_gauss_newton", lambda self: True)


# -- point sets -------------------------------------------------------------------------------------------------------


def _belongs(name: str, change: Callable[[Callable[..., Any], Evaluation], Any]) -> Callable[[Patch], None]:
    def plant(m: Patch) -> None:
        honest = point_sets.PREDICATES[name]
        m.setitem(point_sets.PREDICATES, name, lambda at: change(honest, at))
        sets = {"perfect_fit": "perfect_fits", "critical_point": "critical_points"}
        plural = sets.get(name, name.replace("minimum", "minima"))
        m.setitem(point_sets.POINT_SETS, plural, lambda at: change(honest, at))
        m.setattr(point_sets, name, lambda at: change(honest, at))

    return plant


YES = point_sets.Membership(Truth.TRUE, "taken for granted")
FAULTS += [
    Fault("perfect fits accepted with a tolerance", _belongs("perfect_fit", lambda honest, at: YES)),
    Fault("critical points accepted with a tolerance", _belongs("critical_point", lambda honest, at: YES)),
    Fault(
        "critical points taken for global minima",
        _belongs(
            "global_minimum", lambda honest, at: replace(point_sets.critical_point(at), minimum={"rule": "convex"})
        ),
    ),
    Fault(
        "critical points of index 0 taken for local minima",
        _belongs("local_minimum", lambda honest, at: replace(point_sets.critical_point(at), minimum={"rule": "orbit"})),
    ),
]


@fault("every model taken for affine, every loss for convex in θ")
def _(m: Patch) -> None:
    m.setattr(point_sets, "is_affine", lambda problem: True)


@fault("every critical point of a linear network taken for the Eckart–Young optimum")
def _(m: Patch) -> None:
    m.setattr(eckart_young, "_nonzero", lambda matrix: False)
    m.setattr(eckart_young, "_separator", lambda lower, upper: Fraction(0))


@fault("orbits one dimension too large")
def _(m: Patch) -> None:
    honest = generic.orbit_dimension
    for module in (generic, point_sets):
        m.setattr(module, "orbit_dimension", lambda network, theta, free=(): honest(network, theta, free) + 1)


@fault("units that are on taken for units that are off")
def _(m: Patch) -> None:
    every = lambda at, network: [i for unit in range(network.widths[1]) for i in of_unit(network, 1, unit)]  # noqa: E731
    m.setattr(point_sets, "dead_units", every)


@fault("residuals taken to cancel whatever they are")
def _(m: Patch) -> None:
    m.setattr(point_sets, "_is_pooled", lambda at: True)


@fault("`given` is not looked at")
def _(m: Patch) -> None:
    m.setattr(judge, "_scope", lambda claim, at, notes: judge._membership(claim, at, notes))


# -- claims -----------------------------------------------------------------------------------------------------------


@fault("the parser gives + the precedence of *")
def _(m: Patch) -> None:
    honest = tree.level
    m.setattr(grammar, "level", lambda operator: honest("*") if operator in ("+", "-") else honest(operator))


@fault("the parser gives `and` the precedence of `or`")
def _(m: Patch) -> None:
    honest = tree.level
    m.setattr(grammar, "level", lambda operator: honest("or") if operator == "and" else honest(operator))


@fault("decimals through binary floats")
def _(m: Patch) -> None:
    m.setattr(numbers, "_from_decimal", lambda value, where: Fraction(float(value)))
    m.setattr(numbers, "_scaled", lambda number, exponent, where: Fraction(float(f"{number}e{exponent}")))


@fault("< taken for <=")
def _(m: Patch) -> None:
    m.setitem(_HOLDS, "<", _HOLDS["<="])


@fault("!= that is always true")
def _(m: Patch) -> None:
    m.setitem(_HOLDS, "!=", lambda sign: True)


@fault("`implies` taken for its converse")
def _(m: Patch) -> None:
    m.setattr(Truth, "implies", lambda self, other: ~other | self)


@fault("unknown taken for true")
def _(m: Patch) -> None:
    honest = Value.compared_with_zero

    def compared(self: Value, operator: str) -> Truth:
        found = honest(self, operator)
        return Truth.TRUE if found is Truth.UNKNOWN else found

    m.setattr(Value, "compared_with_zero", compared)


@fault("nullity counted in rows")
def _(m: Patch) -> None:
    honest = Evaluation._counted

    def counted(self: Evaluation, term: Any) -> tuple[int, int]:
        if term[0] != "nullity":
            return honest(self, term)
        bounds = self.rank(term[1])
        rows = matrices.shape(term[1], self.problem)[0]
        return rows - bounds.upper.value, rows - bounds.lower.value

    m.setattr(Evaluation, "_counted", counted)


@fault("an intersection without its condition")
def _(m: Patch) -> None:
    honest = matrices._subspace

    def subspace(term: Any, at: Any) -> Any:
        span, constraint = honest(term, at)
        return (span, constraint * 0) if term[0] == "&" else (span, constraint)

    m.setattr(matrices, "_subspace", subspace)


def _built(m: Patch, change: Callable[[Any, Any, Callable[..., Any]], Any]) -> None:
    honest = matrices.build
    planted = lambda term, at: change(term, at, honest)  # noqa: E731
    m.setattr(matrices, "build", planted)
    for module in (evidence, matrix_quantities):
        m.setattr(module, "build", planted)


@fault("transposes that do nothing to square matrices")
def _(m: Patch) -> None:
    _built(m, lambda term, at, honest: _untransposed(term, at, honest))


def _untransposed(term: Any, at: Any, honest: Callable[..., Any]) -> Any:
    if term[0] == "transpose" and matrices.shape(term, at.problem)[0] == matrices.shape(term, at.problem)[1]:
        return honest(term[1], at)
    return honest(term, at)


@fault("A - B taken for A + B")
def _(m: Patch) -> None:
    _built(m, lambda term, at, honest: honest(("+", *term[1:]), at) if term[0] == "-" else honest(term, at))


@fault("indices counted from the end")
def _(m: Patch) -> None:
    honest = evaluation._NUMBERS["entry"]

    def entry(at: Evaluation, term: Any) -> Any:
        rows, columns = matrices.shape(term[1], at.problem)
        return honest(at, ("entry", term[1], rows - 1 - term[2], columns - 1 - term[3]))

    m.setitem(evaluation._NUMBERS, "entry", entry)
