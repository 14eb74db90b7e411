"""A problem: a model, a loss, what the behaviour is, and whatever is known of data and parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, Literal, TypeAlias, final

from geomcheck.errors import InputError
from geomcheck.problem.loss import FormulaLoss, Loss, Matrix, NamedLoss
from geomcheck.problem.losses import LOSSES
from geomcheck.problem.model import ExplicitModel, Model
from geomcheck.problem.model_words import network_words
from geomcheck.problem.numbers import count
from geomcheck.problem.permutations import Permutation, check_permutation

Targets: TypeAlias = Matrix | Literal["perfect_fit"] | None
Behaviour = Literal["outputs", "probabilities"]
Reduction = Literal["sum", "mean"]
Baseline = Literal["mean", "linear"]
Point: TypeAlias = tuple[Fraction, ...]
Squash = Literal["sigmoid", "softmax"] | None

MAX_SAMPLES: Final = 100_000
_SHOWN: Final = 60
_ON_PROBABILITIES: Final = {"softmax_cross_entropy": "cross_entropy", "bce_logits": "bce"}
_SOFTMAX: Final = ("cross_entropy", "softmax_cross_entropy")
_SIGMOID: Final = ("bce", "bce_logits", "logistic")


@final
@dataclass(frozen=True, slots=True, repr=False)
class Problem:
    """What a claim is about; None for inputs, targets or parameters leaves that part open, to be quantified over.

    inputs (N, d), targets (N, K), parameters θ (P,) in torch order; all exact rationals. targets = "perfect_fit" are
    the targets that θ fits perfectly. With behaviour "probabilities", F is the squashed output, and a loss on logits
    is replaced by the same loss on probabilities, which is the same function of θ. A model without inputs has N empty
    rows. Raises InputError for shapes that do not agree (expected ..., got ...), targets outside the loss's domain, a
    negative weight decay, no sample.

    A claim about named points takes them from `points`, pairs of a name and a θ by name, and permutations of hidden
    units from `permutations`; `parameters` are then not given. `baseline` says what barriers are measured from, and
    `teacher` the number of hidden units of a teacher.

    >>> from geomcheck.problem.read import problem_from
    >>> problem = problem_from({"network": "2-3-1 tanh", "samples": 4})
    >>> problem.P, problem.N, problem.K, problem.open_parts
    (13, 4, 1, ('parameters', 'inputs', 'targets'))
    """

    model: Model
    loss: Loss
    samples: int
    behaviour: Behaviour = "outputs"
    reduction: Reduction = "sum"
    weight_decay: Fraction = Fraction(0)
    inputs: Matrix | None = None
    targets: Targets = None
    parameters: tuple[Fraction, ...] | None = None
    points: tuple[tuple[str, Point], ...] = ()
    permutations: tuple[tuple[str, Permutation], ...] = ()
    baseline: Baseline = "mean"
    teacher: int | None = None

    def __post_init__(self) -> None:
        count(self.samples, "samples", 1, MAX_SAMPLES)
        if self.weight_decay < 0:
            raise InputError(f"weight_decay: expected at least 0, got weight_decay={self.weight_decay}")
        if self.behaviour == "probabilities" and isinstance(self.loss, NamedLoss):
            object.__setattr__(self, "loss", LOSSES[_ON_PROBABILITIES.get(self.loss.name, self.loss.name)])
        if self.inputs is None and self.model.n_inputs == 0:
            object.__setattr__(self, "inputs", ((),) * self.samples)
        self._check_loss()
        if self.inputs is not None:
            _check_shape("inputs", self.inputs, self.samples, self.model.n_inputs)
        if isinstance(self.targets, tuple):
            _check_shape("targets", self.targets, self.samples, self.K)
            complaint = self.loss.targets_domain(self.targets) if isinstance(self.loss, NamedLoss) else None
            if complaint is not None:
                raise InputError(complaint)
        if self.parameters is not None and len(self.parameters) != self.P:
            raise InputError(
                f"parameters: expected {self.P} numbers ({_parameter_order(self.model)}), got {len(self.parameters)}"
            )
        self._check_points()

    def _check_loss(self) -> None:
        if isinstance(self.loss, FormulaLoss) and self.loss.n_outputs != self.K:
            raise InputError(
                f"loss: expected {self.K} output names, one for each output of the model, got {self.loss.n_outputs}"
            )

    def _check_points(self) -> None:
        for name, theta in self.points:
            if len(theta) != self.P:
                raise InputError(
                    f"points.{name}: expected {self.P} numbers ({_parameter_order(self.model)}), got {len(theta)}"
                )
        for name, permutation in self.permutations:
            check_permutation(self.model, permutation, f"permutations.{name}")
        if self.points and self.parameters is not None:
            raise InputError(
                f"expected points or parameters, got both: the point {self.points[0][0]} and parameters; leave one out"
            )
        if self.points and self.targets == "perfect_fit":
            raise InputError('targets: expected numbers beside named points, got "perfect_fit", which is of one point')
        if self.teacher is not None:
            count(self.teacher, "teacher", 1, MAX_SAMPLES)

    @property
    def P(self) -> int:
        """The number of parameters."""
        return self.model.n_parameters

    @property
    def N(self) -> int:
        """The number of samples."""
        return self.samples

    @property
    def K(self) -> int:
        """The number of outputs."""
        return self.model.n_outputs

    @property
    def open_parts(self) -> tuple[str, ...]:
        """The parts a claim quantifies over: those of parameters, inputs, targets that are not given."""
        parts = {"parameters": self.points or self.parameters, "inputs": self.inputs, "targets": self.targets}
        return tuple(name for name, value in parts.items() if value is None)

    @property
    def is_instance(self) -> bool:
        """Whether nothing is open."""
        return not self.open_parts

    @property
    def squash(self) -> Squash:
        """The map from outputs to behaviour: None for outputs, else softmax or sigmoid.

        Softmax for the cross-entropies, and for any other loss but bce and logistic when K >= 2; else sigmoid.
        """
        if self.behaviour == "outputs":
            return None
        name = self.loss.name if isinstance(self.loss, NamedLoss) else ""
        return "softmax" if name in _SOFTMAX or (self.K >= 2 and name not in _SIGMOID) else "sigmoid"

    def with_(
        self,
        parameters: Sequence[Fraction] | None = None,
        inputs: Sequence[Sequence[Fraction]] | None = None,
        targets: Sequence[Sequence[Fraction]] | Literal["perfect_fit"] | None = None,
        points: Mapping[str, Sequence[Fraction]] | None = None,
        permutations: Mapping[str, Permutation] | None = None,
    ) -> Problem:
        """The same problem with these parts given (None keeps what is there); shapes are checked again."""
        given_targets: Targets
        if targets is None:
            given_targets = self.targets
        elif targets == "perfect_fit":
            given_targets = "perfect_fit"
        else:
            given_targets = tuple(tuple(row) for row in targets if not isinstance(row, str))
        return replace(
            self,
            parameters=self.parameters if parameters is None else tuple(parameters),
            inputs=self.inputs if inputs is None else tuple(tuple(row) for row in inputs),
            targets=given_targets,
            points=self.points if points is None else tuple((name, tuple(points[name])) for name in sorted(points)),
            permutations=self.permutations if permutations is None else tuple(sorted(permutations.items())),
        )

    def __repr__(self) -> str:
        """One short line; ``geomcheck.testing`` and the reports write a problem out in full.

        >>> from geomcheck.problem.read import problem_from
        >>> problem_from({"network": "1-2-1 tanh", "inputs": [1, 2]})
        Problem(1-2-1 tanh; mse; P = 7, N = 2, K = 1; given: inputs)
        """
        loss = self.loss.name if isinstance(self.loss, NamedLoss) else self.loss.value.unparse()
        if self.behaviour != "outputs":
            loss += f" on {self.behaviour}"
        given = [
            name for name in ("parameters", "inputs", "targets") if getattr(self, name) not in (None, ((),) * self.N)
        ]
        given += [f"{what} {name}" for what, named in self._named() for name, _ in named]
        given += [f"teacher {self.teacher}"] if self.teacher is not None else []
        given += [f"weight decay {self.weight_decay}"] if self.weight_decay else []
        about = f"{_cut(network_words(self.model))}; {_cut(loss)}; P = {self.P}, N = {self.N}, K = {self.K}"
        return f"Problem({about}; given: {_cut(', '.join(given)) or 'nothing'})"

    def _named(self) -> tuple[tuple[str, tuple[tuple[str, object], ...]], ...]:
        return ("point", self.points), ("permutation", self.permutations)

    def at(self, theta: Sequence[Fraction]) -> Problem:
        """The problem at one point of parameter space, without named ones."""
        return replace(self, parameters=tuple(theta), points=(), permutations=())


def _check_shape(name: str, matrix: Matrix, rows: int, columns: int) -> None:
    if len(matrix) != rows:
        raise InputError(f"{name}: expected shape ({rows}, {columns}), got {len(matrix)} rows; give one row a sample")
    for i, row in enumerate(matrix):
        if len(row) != columns:
            raise InputError(
                f"{name}[{i}]: expected a row of {columns}, got {len(row)}; {name} has shape ({rows}, {columns})"
            )


def _parameter_order(model: Model) -> str:
    if isinstance(model, ExplicitModel):
        return _shortened(list(model.parameters))
    return _shortened([f"{block.name} {'x'.join(map(str, block.shape))}" for block in model.blocks()])


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _shortened(names: list[str]) -> str:
    return ", ".join(names if len(names) <= 8 else [*names[:6], "...", names[-1]])
