"""Thousands of instances of one problem at once in double precision: candidates and cross-checks, never a verdict.

The formulas are those of every other number system; only the arithmetic is inexact. An instance at a kink has nan in
what does not exist there.
"""

from __future__ import annotations

from collections.abc import Iterator
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
SYMMETRIC: Final = ("D", "H", "H_o", "H_f")
TOLERANCE: Final = Fraction(1, 10**10)
CHUNK: Final = 1 << 21  # numbers in the matrices of the instances that are computed together: what a cache can hold
_CLEAR: Final = Fraction(1, 10**6)  # the Gram matrix squares the condition: 10⁻¹² there is far above rounding


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
    ``device`` is where torch computes: "cpu", "cuda", … What is returned is on the CPU, in numpy.
    Raises ``InputError`` for a shape that does not fit or a part that neither gives.

    >>> from geomcheck.problem.read import problem_from
    >>> problem = problem_from({"network": "2-3-1 tanh", "samples": 4, "targets": "perfect_fit"})
    >>> batch = random_batch(problem, 5, seed=0)
    >>> batch["H"].shape, batch.ranks("H").values.tolist()
    ((5, 13, 13), [4, 4, 4, 4, 4])
    """

    def __init__(
        self, problem: Problem, parameters: Any = None, inputs: Any = None, targets: Any = None, device: str = "cpu"
    ) -> None:
        self.problem = problem
        self._field = FloatField(device)
        self._found: dict[str, npt.NDArray[Any]] = {}
        theta = _array("parameters", parameters, problem.parameters, (problem.P,))
        count = theta.shape[0]
        x = _array("inputs", inputs, problem.inputs, (problem.N, problem.model.n_inputs), count)
        y: Any = problem.targets if targets is None else targets
        if not isinstance(y, str):
            y = _array("targets", y, None, (problem.N, problem.K), count)
        elif y != "perfect_fit":
            raise InputError(f'expected targets as numbers or "perfect_fit", got {described("targets", y)}')
        self._data = theta, x, y
        # A network takes many instances at once, a formula one at a time.
        self._whole = not (isinstance(problem.model, ExplicitModel) or isinstance(problem.loss, FormulaLoss))

    def __len__(self) -> int:
        return len(self._data[0])

    def __getitem__(self, quantity: str) -> npt.NDArray[Any]:
        """F, G, r, D, H, H_o, H_f, loss or gradient of all instances, (B, …)."""
        if quantity not in QUANTITIES:
            raise InputError(f"expected one of {', '.join(QUANTITIES)}, got {described('quantity', quantity)}")
        if quantity not in self._found:
            whole: npt.NDArray[Any] | None = None
            for rows, derivatives in self._chunks():
                found = getattr(derivatives, quantity).cpu().numpy()
                if whole is None:
                    whole = np.empty((len(self), *found.shape[found.ndim - self._ndim(found) :]))
                whole[rows] = found
            assert whole is not None, "a batch has at least one instance"
            self._found[quantity] = whole
        return self._found[quantity]

    def _ndim(self, found: npt.NDArray[Any]) -> int:
        return found.ndim - 1 if self._whole else found.ndim

    def _chunks(self) -> Iterator[tuple[Any, Derivatives]]:
        """Some instances after another, with what they are computed from and nothing that outlives its turn."""
        theta, x, y = self._data
        field, problem = self._field, self.problem
        step = max(1, CHUNK // (problem.P * (problem.P + problem.N * problem.K))) if self._whole else 1
        for start in range(0, len(self), step):
            rows = slice(start, start + step) if self._whole else start
            targets = y if isinstance(y, str) else field.array(y[rows])
            yield rows, Derivatives(problem, field, field.array(theta[rows]), field.array(x[rows]), targets)

    def ranks(self, quantity: str, tolerance: Fraction = TOLERANCE) -> NumericRanks:
        """The numeric rank of F, G, r, D, H, H_o or H_f of every instance."""
        matrices = self[quantity]
        parts = [
            _ranks(matrices[start : start + step], tolerance, quantity in SYMMETRIC)
            for step in [max(1, CHUNK // max(1, matrices[0].size))]
            for start in range(0, len(matrices), step)
        ]
        values, gaps = (np.concatenate(each) for each in zip(*parts, strict=True))
        return NumericRanks(values, gaps, tolerance)


def _ranks(matrices: npt.NDArray[Any], tolerance: Fraction, symmetric: bool) -> tuple[Any, Any]:
    """Ranks and gaps (B,) of some matrices (B, m, n)."""
    finite = np.isfinite(matrices).all(axis=(-1, -2))
    if not finite.all():
        matrices = np.where(finite[:, None, None], matrices, 0)
    values, gaps = np.full(len(matrices), min(matrices.shape[1:])), np.full(len(matrices), np.inf)
    rest = ~_clearly_full(matrices) if tolerance < _CLEAR else np.ones(len(matrices), dtype=bool)
    if rest.any():
        values[rest], gaps[rest] = _counted(_singular_values(matrices[rest], symmetric), tolerance)
    return np.where(finite, values, -1), gaps


def _singular_values(matrices: npt.NDArray[Any], symmetric: bool) -> npt.NDArray[Any]:
    """Those of some matrices (B, m, n), the largest first."""
    if symmetric:
        return np.sort(np.abs(np.linalg.eigvalsh(matrices)), axis=-1)[:, ::-1]
    return np.asarray(np.linalg.svd(matrices, compute_uv=False))


def _counted(singular: Any, tolerance: Fraction) -> tuple[Any, Any]:
    """Ranks and gaps (B,) from singular values (B, n), the largest first."""
    largest = singular[:, :1]
    values = (singular * tolerance.denominator > largest * tolerance.numerator).sum(axis=1)
    padded = np.concatenate([largest, singular, np.zeros_like(largest)], axis=1)
    rows = np.arange(len(values))
    with np.errstate(divide="ignore", invalid="ignore"):
        return values, np.where(values > 0, padded[rows, values] / padded[rows, values + 1], np.inf)


def _clearly_full(matrices: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Where σ_min is so far above 10⁻⁶ σ_max that no singular values are needed to count them.

    With A Aᵀ (or Aᵀ A, the smaller) = S and c = 10⁻¹² trace(S), a Cholesky factor of S − c I shows σ_min² ≥ c ≥
    10⁻¹² σ_max², up to rounding of the order 10⁻¹⁶ trace(S).
    """
    import torch

    tensor = torch.from_numpy(matrices)
    gram = torch.matmul(tensor, tensor.mT) if tensor.shape[1] <= tensor.shape[2] else torch.matmul(tensor.mT, tensor)
    diagonal = gram.diagonal(dim1=-2, dim2=-1)
    trace = diagonal.sum(dim=-1)
    diagonal -= (trace * _CLEAR.numerator**2 / _CLEAR.denominator**2)[:, None]
    factor, failures = torch.linalg.cholesky_ex(gram)
    fine = torch.isfinite(factor.diagonal(dim1=-2, dim2=-1)).all(dim=-1)
    return np.asarray(((failures == 0) & fine).numpy(), dtype=bool)


def random_batch(problem: Problem, count: int, seed: int = 0, device: str = "cpu") -> Batch:
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
    return Batch(problem, theta, x, y, device)


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
