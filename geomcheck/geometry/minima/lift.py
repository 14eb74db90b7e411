"""From a float checkpoint of an over-parameterised model to a certified perfect fit nearby, and the exact ranks there.

F(θ) = y are NK equations in P ≥ NK unknowns. A point θ̂ near the checkpoint is proposed in floats by Gauss–Newton steps
of least norm. Then all but as many parameters as there are equations are held at their dyadic values in θ̂, and
Krawczyk's test in the others (`geomcheck.linear_algebra.krawczyk`) proves that there is θ* with F(θ*) = y exactly.

At θ*: the square part G_S of G is nonsingular by the same test, so rank(G) is the number of equations. By the implicit
function theorem the perfect fits near θ* form a manifold of dimension P − rank(G). The functional part H_f vanishes
at a perfect fit (r = 0; or r constant over outputs that sum to one), so H = GᵀDG there: with D ≻ 0, xᵀHx = 0 exactly
where Gx = 0, hence rank(H) = rank(G) and H ⪰ 0; with D = 0, H = 0.

Equations that follow from others exactly are left out first: those of a sample that repeats an earlier one with the
same targets, and the last output of a softmax, as both sides sum to one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Literal, final

import numpy as np

from geomcheck.errors import InputError, LimitError, Undecided
from geomcheck.fields.balls import BallField
from geomcheck.fields.enclosures import working_precision
from geomcheck.fields.floats import FloatField
from geomcheck.geometry.derivatives import Derivatives
from geomcheck.geometry.minima.fit_equations import definiteness_at_fit, independent_equations
from geomcheck.geometry.minima.systems import decimal_above, fit_system, given_problem, in_balls
from geomcheck.linear_algebra.krawczyk import FIRST_PRECISION, isolated_zero
from geomcheck.problem.loss import Definiteness
from geomcheck.problem.numbers import rational
from geomcheck.problem.problem import Problem

MAX_EQUATIONS: Final = 2_000
MAX_ENTRIES: Final = 20_000_000
STEPS: Final = 100
HALVINGS: Final = 12
MAX_HESSIAN: Final = 3_000  # P up to which the numeric rank of H is computed
CLOSE: Final = 10**8
DIGITS: Final = 6
_FIELD: Final = FloatField()
_ELSEWHERE: Final = "at the checkpoint, another point, float64 matrix_rank"


@final
@dataclass(frozen=True)
class Lift:
    """A perfect fit θ* near the checkpoint `problem.parameters`, and what holds there, computed in balls.

    ``centre``, ``moving``, ``box``: θ*_i = centre_i, except |θ*_i − centre_i| ≤ box for the parameters i in ``moving``.
    ``radius``: max_i |θ*_i − checkpoint_i| is at most this. ``rank_G``, ``rank_H``: exact ranks at θ*; rank_H is None
    when the loss is not known to have D ≻ 0 or D = 0 at a fit, ``why`` says so. ``left_out``: equations that follow
    from the others. ``loss``: a ball around L at the checkpoint. ``numeric_rank_G``, ``numeric_rank_H``:
    numpy.linalg.matrix_rank, float64, default tolerance, at the checkpoint itself; they are nothing but comparison.
    H is left out (None) where P > MAX_HESSIAN.
    """

    problem: Problem
    centre: tuple[Fraction, ...]
    moving: tuple[int, ...]
    box: Fraction
    radius: Fraction
    rank_G: int
    rank_H: int | None
    why: str
    left_out: int
    loss: Any
    numeric_rank_G: int
    numeric_rank_H: int | None
    precision: int
    status: Literal["enclosed"] = "enclosed"

    @property
    def dimension(self) -> int:
        """The dimension of the manifold of perfect fits around θ*."""
        return self.problem.P - self.rank_G

    @property
    def inertia(self) -> tuple[int, int, int] | None:
        """(positive, negative, zero) eigenvalues of H at θ*, where rank(H) is known."""
        return None if self.rank_H is None else (self.rank_H, 0, self.problem.P - self.rank_H)

    def __repr__(self) -> str:
        """One short line; ``print(lift)`` shows what is known."""
        return f"Lift(within {decimal_above(self.radius)}; rank(G) = {self.rank_G}, rank(H) = {self.rank_H})"

    def __str__(self) -> str:
        rank_H = "not known" if self.rank_H is None else str(self.rank_H)
        seen_H = "not computed" if self.numeric_rank_H is None else str(self.numeric_rank_H)
        left_out = f" ({self.left_out} follow from the others)" if self.left_out else ""
        about = self.problem
        lines = (
            (
                "Exact fit",
                f"F(θ*) = y for a θ* within {decimal_above(self.radius)} of the checkpoint in every coordinate",
            ),
            ("Equations", f"{about.N * about.K}{left_out}, in P = {about.P} parameters"),
            ("rank(G)", f"{self.rank_G} at θ*; {_ELSEWHERE}: {self.numeric_rank_G}"),
            ("rank(H)", f"{rank_H} at θ*; {_ELSEWHERE}: {seen_H}"),
            ("Why", self.why),
            ("Around θ*", f"the perfect fits are a manifold of dimension {self.dimension}"),
            ("Checkpoint", f"L = {self.loss.str(DIGITS)}".replace("+/-", "±")),
            (
                "Known by",
                f"Krawczyk's test in balls of {self.precision} bits; this is a computation, not a certificate",
            ),
        )
        return "\n".join(f"{label:<12}{text}" for label, text in lines)


def lift(
    problem: Problem | Mapping[str, Any] | None = None,
    *,
    radius: Any = None,
    precision: int = FIRST_PRECISION,
    **parts: Any,
) -> Lift:
    """A certified perfect fit near the problem's parameters, with the exact ranks of G and H there.

    ``problem`` is a :class:`Problem` or a mapping with the keys of a problem file, or give those keys as keyword
    arguments, such as ``torch=module, inputs=x, targets=y``. ``radius`` is how far, in every coordinate, the fit may be
    from the checkpoint (default: any distance, which is reported). ``precision`` is in bits.

    Raises InputError for a loss that no finite output fits, targets that no parameters can fit, or a part left open;
    Kink where G does not exist at the checkpoint; and Undecided with one of the reasons "too-few-parameters",
    "dependent-equations" (G has not full row rank), "no-perfect-fit-found", "kink-or-pole", "krawczyk-fails",
    "outside-radius".

    >>> found = lift(network="1-2-1 tanh", inputs=[0, 1], targets=[0, "1/2"], parameters=[1, 2, 0, "0.1", "0.7", -1, 0])
    >>> found.rank_G, found.rank_H, found.dimension, found.radius < Fraction(1, 2)
    (2, 2, 5, True)
    """
    about = given_problem(problem, parts)
    definiteness = definiteness_at_fit(about)
    equations = independent_equations(about)
    size, total = len(equations), about.N * about.K
    _check_size(about, size)
    allowed = None if radius is None else Fraction(radius) if isinstance(radius, float) else rational(radius, "radius")
    assert about.parameters is not None
    checkpoint = np.array(_FIELD.array(about.parameters).numpy())
    loss, numeric_G, numeric_H = _at_checkpoint(about, checkpoint, precision)
    proposal = _proposed(about, checkpoint, equations)
    moving = proposal.pivots
    centre = [Fraction(x) for x in proposal.theta.tolist()]
    try:
        zero = isolated_zero(fit_system(about, centre, moving, equations), [centre[i] for i in moving], precision)
    except Undecided as trouble:
        raise _explained(trouble, proposal, size) from None
    for index, value in zip(moving, zero.centre, strict=True):
        centre[index] = value
    moves = set(moving)
    distance = max(
        abs(c - x) + (zero.radius if i in moves else 0)
        for i, (c, x) in enumerate(zip(centre, about.parameters, strict=True))
    )
    if allowed is not None and distance > allowed:
        raise Undecided(
            "outside-radius",
            f"a perfect fit was certified only within {decimal_above(distance)} of the checkpoint",
            "allow a larger radius, or train further",
        )
    rank_H, why = _RANK_H.get(definiteness, (None, _UNKNOWN))
    return Lift(
        problem=about,
        centre=tuple(centre),
        moving=tuple(moving),
        box=zero.radius,
        radius=distance,
        rank_G=size,
        rank_H=size if rank_H == "rank(G)" else rank_H,
        why=why,
        left_out=total - size,
        loss=loss,
        numeric_rank_G=numeric_G,
        numeric_rank_H=numeric_H,
        precision=zero.precision,
    )


_RANK_H: Final[dict[Definiteness, tuple[Any, str]]] = {
    "definite": ("rank(G)", "H = GᵀDG with D ≻ 0 at a perfect fit, so rank(H) = rank(G) and H ⪰ 0"),
    "zero": (0, "H = GᵀDG with D = 0 at a perfect fit, so H = 0"),
}
_UNKNOWN: Final = "H = GᵀDG at a perfect fit, and D is not known to be definite there: rank(H) ≤ rank(G)"


@dataclass(frozen=True)
class _Proposal:
    """A point in floats, the norm of F − y there, columns that make a square part of G, and the numeric row rank."""

    theta: Any
    residual: Any
    pivots: list[int]
    row_rank: int


def _check_size(problem: Problem, size: int) -> None:
    entries = problem.N * problem.K * problem.P
    if not size:
        raise InputError("expected at least one equation, got a softmax of one output, which is always 1; use mse")
    if size > problem.P:
        raise Undecided(
            "too-few-parameters",
            f"F = y are {size} independent equations in P = {problem.P} parameters, so G has not full row rank",
            "use fewer samples or a wider network",
        )
    if size > MAX_EQUATIONS or entries > MAX_ENTRIES:
        raise LimitError(
            f"expected at most {MAX_EQUATIONS} equations and {MAX_ENTRIES} entries of G, got {size} and {entries}; "
            "use fewer samples"
        )


def _in_floats(problem: Problem, theta: Any) -> Derivatives:
    inputs, targets = _FIELD.array(problem.inputs), _FIELD.array(problem.targets)
    shape = (problem.N, problem.model.n_inputs)
    return Derivatives(problem, _FIELD, _FIELD.array(theta), inputs.reshape(shape), targets.reshape((problem.N, -1)))


def _at_checkpoint(problem: Problem, checkpoint: Any, precision: int) -> tuple[Any, int, int | None]:
    """L in balls, and the numeric ranks of G and H."""
    here = _in_floats(problem, checkpoint)
    jacobian = here.G.numpy()
    with working_precision(precision):
        exact = in_balls(problem, list(BallField(precision).array(problem.parameters)), precision)
        if not np.isfinite(jacobian).all():
            _ = exact.G  # says which unit has its kink there
            raise Undecided("not-finite", "G is not finite in floats at the checkpoint", "start elsewhere")
        loss = np.asarray(exact.loss, dtype=object).reshape(-1)[0]
    hessian = here.H.numpy() if problem.P <= MAX_HESSIAN else None
    of_H = None if hessian is None else int(np.linalg.matrix_rank(hessian, hermitian=True))
    return loss, int(np.linalg.matrix_rank(jacobian)), of_H


def _proposed(problem: Problem, theta: Any, equations: list[int]) -> _Proposal:
    """Gauss–Newton steps of least norm, halved until they help; then the pivots of QR with column exchanges."""
    from scipy.linalg import qr

    def at(point: Any) -> tuple[Any, Any, Any]:
        derivatives = _in_floats(problem, point)
        residual = (derivatives.behaviour - derivatives.targets).reshape(-1).numpy()[equations]
        return derivatives, residual, np.linalg.norm(residual)

    derivatives, residual, size = at(theta)
    for _ in range(STEPS):
        jacobian = derivatives.G.numpy()[equations]
        if not np.isfinite(jacobian).all():
            break
        step = np.linalg.lstsq(jacobian, residual, rcond=None)[0]
        for halvings in range(HALVINGS):
            moved = theta - step / 2**halvings
            trial = at(moved)
            if trial[2] < size:
                break
        else:
            break
        theta, (derivatives, residual, size) = moved, trial
    jacobian = np.nan_to_num(derivatives.G.numpy()[equations])
    order = qr(jacobian, mode="r", pivoting=True)[1]
    pivots = sorted(int(i) for i in order[: len(equations)])
    return _Proposal(theta, size, pivots, int(np.linalg.matrix_rank(jacobian)))


def _explained(trouble: Undecided, proposal: _Proposal, size: int) -> Undecided:
    """Which hypothesis failed, as far as the floats suggest it."""
    if trouble.reason == "kink-or-pole":
        return trouble
    if proposal.row_rank < size:
        return Undecided(
            "dependent-equations",
            f"full row rank of G is not certified: its numeric rank is {proposal.row_rank} of {size} "
            "at the point proposed",
            "look for dead units, or for samples whose outputs determine each other; use a wider network",
        )
    if proposal.residual * CLOSE > 1:
        return Undecided(
            "no-perfect-fit-found",
            f"Gauss–Newton steps from the checkpoint end at ‖F − y‖ = {proposal.residual:.3g}",
            "train further, or use a wider network",
        )
    return trouble
