"""``gc.align``: permute the hidden units of one model so that it lies near another; its function is checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, final

import numpy as np

from geomcheck.align.data import DataSet, data_set, example_inputs
from geomcheck.align.losses import Loss
from geomcheck.align.methods import METHODS, Matching
from geomcheck.align.same_function import Check, Reference, check_finite
from geomcheck.align.ties import Permutations, Ties, tied_axes
from geomcheck.align.tracing import state_of
from geomcheck.align.weight_matching import Found
from geomcheck.errors import InputError, described

if TYPE_CHECKING:
    import torch
    from torch import nn

__all__ = ["Alignment", "align", "check_architectures"]

_TRACED_SAMPLES: Final = 64
_RANDOM: Final = "random inputs"
_CHECKED_SAMPLES: Final = 16
_RANDOM_SAMPLES: Final = 16


@final
@dataclass(frozen=True)
class Alignment:
    """A model moved near another one by permutations of its hidden units.

    ``permutations`` maps every group of tied axes to its permutation p, with T'[i] = T[p(i)]; a group with a context
    has one row for every index of the context. ``model`` is a copy of model B with the permuted ``state_dict``.
    ``before`` and ``after`` are the objective as a share of its upper bound, ``restarts`` that of every restart.
    ``checks`` are the deviations found when the permuted model was compared with model B.
    """

    method: str
    permutations: Permutations
    state_dict: dict[str, torch.Tensor]
    model: nn.Module = field(repr=False)
    ties: Ties = field(repr=False)
    before: float
    after: float
    restarts: tuple[float, ...]
    checks: tuple[Check, ...]

    @property
    def moved(self) -> int:
        """How many units are not where they were."""
        return sum(int((p != np.arange(p.shape[-1])).sum()) for p in self.permutations.values())

    @property
    def units(self) -> int:
        """How many units there are in all groups."""
        return sum(p.size for p in self.permutations.values())

    def __repr__(self) -> str:
        return (
            f"Alignment(method={self.method!r}, groups={len(self.permutations)}, moved={self.moved} of {self.units}, "
            f"objective={self.before:.4f} -> {self.after:.4f}, "
            f"deviation={max(check.deviation for check in self.checks):.1e})"
        )


def align(
    model_a: nn.Module,
    model_b: nn.Module,
    *,
    method: str = "weights",
    data: Any = None,
    inputs: Sequence[int] | None = None,
    loss: str | Loss | None = None,
    restarts: int = 3,
    steps: int = 40,
    seed: int = 0,
) -> Alignment:
    """Permute the hidden units of ``model_b`` so that it matches ``model_a``, with no specification of what moves.

    Args:
        model_a: the model that stays.
        model_b: a model of the same architecture; it is not changed.
        method: "weights" (restarts of coordinate ascent on <A, pi B>), "activations" (correlations on data; what
            these leave open, as of units that are never active there, weights decide),
            "straight-through" (loss half-way, on data with targets), or "exact" (one hidden layer: one assignment).
        data: a tensor of inputs, or (inputs, targets).
        inputs: the shape of one sample, where there is no data and it cannot be found from the first layer.
        loss: "cross_entropy", "mse" or a function of outputs and targets, for "straight-through".
        restarts: how many starts are tried.
        steps: how many gradient steps "straight-through" takes.
        seed: makes restarts and batches reproducible.

    Raises:
        UnknownOperation: for an operation without a rule, with its name.
        NotEquivalent: when the permuted model does not compute what model B computes; nothing is returned then.
        InputError: for models of different architecture, weights that are not finite, a module that cannot be traced,
            missing data, an unknown method.

    Source: Ainsworth, Hayase and Srinivasa 2023 (Git Re-Basin), sections 3.1 to 3.3.

    >>> import torch, geomcheck as gc
    >>> make = lambda: torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.Tanh(), torch.nn.Linear(5, 2))
    >>> gc.align(make(), make(), method="exact").permutations["0.weight[0]"].shape
    (5,)
    """
    if method not in METHODS:
        raise InputError(f"method: expected one of {', '.join(METHODS)}, got {described('method', method)}")
    if restarts < 1:
        raise InputError(f"restarts: expected at least 1, got {described('restarts', restarts)}")
    check_architectures(model_a, model_b)
    given = None if data is None else data_set(data)
    if given is None and METHODS[method].needs_data:
        raise InputError(f"method={method!r} expected data, got none; give data=(inputs, targets) (--data FILE)")
    example = (
        example_inputs(model_a, inputs) if given is None else given.part(0, min(len(given), _TRACED_SAMPLES)).inputs
    )
    ties = tied_axes(model_a, example)
    state_a, state_b = state_of(model_a), state_of(model_b)
    reference = _reference(model_b, example, given)
    anywhere = ties.random(np.random.default_rng(seed))  # before anything is matched, whether any permutation may
    reference.check_on(_RANDOM, lambda state: ties.apply(state, anywhere))
    names = frozenset(name for name, _ in model_a.named_parameters())
    matching = Matching(ties, model_a, (state_a, state_b), names, given, len(example[0]), loss, restarts, seed, steps)
    found = METHODS[method].find(matching)
    return _finished(ties, model_b, found, method, reference)


def _finished(ties: Ties, model_b: nn.Module, found: Found, method: str, reference: Reference) -> Alignment:
    checks = reference.check(lambda state: ties.apply(state, found.permutations))
    state = ties.apply(model_b.state_dict(), found.permutations)
    model = deepcopy(model_b)
    model.load_state_dict(state)
    return Alignment(method, found.permutations, state, model, ties, found.before, found.after, found.restarts, checks)


def _reference(model: nn.Module, example: Sequence[torch.Tensor], given: DataSet | None) -> Reference:
    """Model B on random inputs of the shape of the example, and on data where there is some."""
    import torch

    generator = torch.Generator().manual_seed(1)
    random = [
        torch.randn(tensor.shape, generator=generator).to(tensor.dtype) if tensor.is_floating_point() else tensor
        for tensor in (whole[:_RANDOM_SAMPLES] for whole in example)
    ]
    inputs: dict[str, Sequence[torch.Tensor]] = {_RANDOM: random}
    if given is not None:
        inputs["data"] = given.part(0, min(len(given), _CHECKED_SAMPLES)).inputs
    return Reference(model, inputs)


def _check_real(state: Mapping[str, torch.Tensor], where: str) -> None:
    from torch.nn.parameter import is_lazy

    for name, tensor in state.items():
        if is_lazy(tensor):
            raise InputError(f"{where}: expected weights, got none yet in the lazy {name}; run it on data first")
        if tensor.is_complex():
            raise InputError(f"{where}: expected real weights, got complex ones in {name}; they cannot be aligned")


def check_architectures(model_a: nn.Module, model_b: nn.Module) -> None:
    """Stop unless both are modules with the same submodules and tensors of the same shapes, all real and finite.

    Raises:
        InputError: with the first difference.
    """
    from torch import nn

    for name, model in (("model_a", model_a), ("model_b", model_b)):
        if not isinstance(model, nn.Module):
            raise InputError(f"{name}: expected a torch.nn.Module, got {described(name, model)}")
        _check_real(state_of(model), name)
    layers_a, layers_b = ({n: type(m).__name__ for n, m in model.named_modules()} for model in (model_a, model_b))
    shapes_a, shapes_b = ({n: tuple(t.shape) for n, t in state_of(model).items()} for model in (model_a, model_b))
    for what, first, second in (("tensor", shapes_a, shapes_b), ("module", layers_a, layers_b)):
        for name in dict.fromkeys((*first, *second)):
            if first.get(name) != second.get(name):
                raise InputError(
                    f"expected two models of one architecture, got different ones: {what} {name or '(the whole)'} is "
                    f"{first.get(name, 'missing')} in A and {second.get(name, 'missing')} in B"
                )
    for name, model in (("model_a", model_a), ("model_b", model_b)):
        check_finite(state_of(model), name)
