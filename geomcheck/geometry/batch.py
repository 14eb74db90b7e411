"""Thousands of instances of one problem at once in double precision: candidates and cross-checks, never a verdict.

The formulas are those of every other number system; only the arithmetic is inexact. An instance at a kink has nan in
what does not exist there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Literal, final

import numpy as np
import numpy.typing as npt

from geomcheck.errors import InputError, described
from geomcheck.fields.floats import FloatField
from geomcheck.geometry.derivatives import Derivatives
from geomcheck.problem.loss import FormulaLoss
from geomcheck.problem.model import ExplicitModel

if TYPE_CHECKING:
    from geomcheck.problem.problem import Problem

QUANTITIES: Final = ("F", "G", "r", "D", "H", "H_o", "H_f", "loss", "gradient")
TOLERANCE: Final = Fraction(1, 10**10)
_FIELD: Final = FloatField()


@final
@dataclass(frozen=True)
class NumericRanks:
    """Ranks (B,) read off singular values: those above ``tolerance`` times the largest of their matrix count.

    ``gaps`` (B,) is the ratio of the last that counts to the first that does not (inf at full rank): near 1, do not
    believe the rank. -1 stands for a matrix with nan.
    """

    values: npt.NDArray[np.int64]
    gaps: Any
    tolerance: Fraction
    status: Literal["numeric"] = "numeric"


@final
class Batch:
    """B instances of one problem: parameters (B, P), inputs (B, N, d), targets (B, N, K) or "perfect_fit".

    Whatever the problem gives is used where an argument is None; inputs and targets without the axis B serve all.
    Raises ``InputError`` for a shape that does not fit or a part that neither gives.

    >>> from geomcheck.problem.read import problem_from
    >>> problem = problem_from({"network": "2-3-1 tanh", "samples": 4, "targets": "perfect_fit"})
    >>> batch = random_batch(problem, 5, seed=0)
    >>> batch["H"].shape, batch.ranks("H").values.tolist()
    ((5, 13, 13), [4, 4, 4, 4, 4])
    """

    def __init__(self, problem: Problem, parameters: Any = None, inputs: Any = None, targets: Any = None) -> None:
        self.problem = problem
        theta = _array("parameters", parameters, problem.parameters, (problem.P,))
        count = theta.shape[0]
        x = _array("inputs", inputs, problem.inputs, (problem.N, problem.model.n_inputs), count)
        y: Any = problem.targets if targets is None else targets
        if not isinstance(y, str):
            y = _FIELD.array(_array("targets", y, None, (problem.N, problem.K), count))
        elif y != "perfect_fit":
            raise InputError(f'expected targets as numbers or "perfect_fit", got {described("targets", y)}')
        # A network takes the whole batch at once, a formula one instance at a time.
        self._whole = not (isinstance(problem.model, ExplicitModel) or isinstance(problem.loss, FormulaLoss))
        parts: Sequence[Any] = [slice(None)] if self._whole else range(count)
        self._each = [
            Derivatives(problem, _FIELD, _FIELD.array(theta[i]), _FIELD.array(x[i]), y if isinstance(y, str) else y[i])
            for i in parts
        ]

    def __getitem__(self, quantity: str) -> npt.NDArray[Any]:
        """F, G, r, D, H, H_o, H_f, loss or gradient of all instances, (B, …)."""
        if quantity not in QUANTITIES:
            raise InputError(f"expected one of {', '.join(QUANTITIES)}, got {described('quantity', quantity)}")
        found = [getattr(derivatives, quantity).numpy() for derivatives in self._each]
        return np.asarray(found[0]) if self._whole else np.stack(found)

    def ranks(self, quantity: str, tolerance: Fraction = TOLERANCE) -> NumericRanks:
        """The numeric rank of F, G, r, D, H, H_o or H_f of every instance."""
        matrices = self[quantity]
        finite = np.isfinite(matrices).all(axis=(-1, -2))
        singular = np.linalg.svd(np.where(finite[:, None, None], matrices, 0), compute_uv=False)
        largest = singular[:, :1]
        counted = singular * tolerance.denominator > largest * tolerance.numerator
        values = counted.sum(axis=1)
        padded = np.concatenate([largest, singular, np.zeros_like(largest)], axis=1)
        rows = np.arange(len(values))
        with np.errstate(divide="ignore", invalid="ignore"):
            gaps = np.where(values > 0, padded[rows, values] / padded[rows, values + 1], np.inf)
        return NumericRanks(np.where(finite, values, -1), gaps, tolerance)


def random_batch(problem: Problem, count: int, seed: int = 0) -> Batch:
    """``count`` instances whose open parts are standard normal (targets: in the loss's own domain)."""
    if count < 1:
        raise InputError(f"expected at least one instance, got {described('count', count)}")
    choice = np.random.default_rng(seed)
    n, k, d = problem.N, problem.K, problem.model.n_inputs
    theta = choice.standard_normal((count, problem.P)) if problem.parameters is None else None
    x = choice.standard_normal((count, n, d)) if problem.inputs is None else None
    domain = "any" if isinstance(problem.loss, FormulaLoss) else problem.loss.domain
    y = _random_targets(domain, (count, n, k), choice) if problem.targets is None else None
    if problem.parameters is not None:
        theta = np.broadcast_to(np.array(problem.parameters, dtype=object), (count, problem.P))
    return Batch(problem, theta, x, y)


def _random_targets(domain: str, shape: tuple[int, ...], choice: np.random.Generator) -> npt.NDArray[Any]:
    match domain:
        case "unit":
            return choice.random(shape)
        case "simplex":
            return choice.dirichlet(np.ones(shape[-1]), shape[:-1])
        case "signs":
            return choice.integers(0, 2, shape) * 2 - 1
    return choice.standard_normal(shape)


def _array(name: str, values: Any, given: Any, shape: tuple[int, ...], count: int | None = None) -> npt.NDArray[Any]:
    """``values``, or what the problem gives, as (B, *shape)."""
    chosen = given if values is None else values
    if chosen is None:
        raise InputError(f"expected {name}, got none; give them here or in the problem")
    array = np.asarray(chosen)
    if array.ndim == len(shape):
        array = array[None]
    leads = (array.shape[0],) if count is None else (1, count)
    if array.shape[1:] != shape or array.shape[0] not in leads:
        raise InputError(f"expected {name} of shape (B, {', '.join(map(str, shape))}), got shape={array.shape}")
    return array if count is None else np.broadcast_to(array, (count, *shape))
