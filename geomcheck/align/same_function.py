"""Whether two states of a module compute the same function, in eval and in train mode."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import isnan, nan
from typing import TYPE_CHECKING, Any, Final, final

from geomcheck.align.errors import NotEquivalent
from geomcheck.align.tracing import in_mode, run_with, state_of
from geomcheck.errors import InputError

if TYPE_CHECKING:
    import torch
    from torch import nn

    _Answer = tuple[list[torch.Tensor], dict[str, torch.Tensor]]

__all__ = ["Check", "Reference", "check_finite", "without_dropout"]

_TOLERANCE_DOUBLE: Final = 1e-7
_TOLERANCE_SINGLE: Final = 1e-4
_DROPOUTS: Final = frozenset(
    f"{kind}{ending}"
    for kind in ("dropout", "dropout1d", "dropout2d", "dropout3d", "feature_dropout", "alpha_dropout")
    for ending in ("", "_")
) | {"feature_alpha_dropout"}


@final
@dataclass(frozen=True)
class Check:
    """The largest deviation of outputs and updated buffers in a mode, relative to the largest entry of each."""

    mode: str
    inputs: str
    precision: str
    deviation: float
    tolerance: float

    @property
    def passed(self) -> bool:
        """Whether the deviation is within the tolerance (NaN is not)."""
        return self.deviation <= self.tolerance


@contextmanager
def without_dropout() -> Iterator[None]:
    """Dropout of every kind does nothing for a while, also the functional ones and the one inside attention."""
    from torch.overrides import TorchFunctionMode

    class Quiet(TorchFunctionMode):
        def __torch_function__(
            self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
        ) -> Any:
            name = getattr(func, "__name__", "")
            given = dict(kwargs or {})
            if name in _DROPOUTS:
                return args[0] if args else given["input"]
            # These do their dropout inside, where the mode does not reach: where they take its probability.
            place = {"scaled_dot_product_attention": 4, "multi_head_attention_forward": 10}.get(name)
            if place is not None and len(args) > place:
                args = (*args[:place], 0.0, *args[place + 1 :])
            elif place is not None:
                given["dropout_p"] = 0.0
            return func(*args, **given)

    with Quiet():
        yield


def check_finite(state: Mapping[str, torch.Tensor], where: str) -> None:
    """Stop at a tensor that is not finite, with its name."""
    import torch

    for name, tensor in state.items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise InputError(f"{where}: expected finite weights, got NaN or infinity in {name}; nothing can be aligned")


@final
class Reference:
    """What a module computes on several sets of inputs, in eval and in train mode, for permuted states to agree with.

    Outputs are compared, and the buffers as train mode leaves them. Each answer of the module itself is computed once,
    in float64 where the module allows it.
    """

    def __init__(self, model: nn.Module, inputs: Mapping[str, Sequence[torch.Tensor]]) -> None:
        self._model, self._inputs = model, inputs
        self._buffers = [name for name, _ in model.named_buffers()]
        self._known: dict[tuple[str, bool, bool], _Answer] = {}

    def check(self, moved: Callable[[Mapping[str, torch.Tensor]], Mapping[str, torch.Tensor]]) -> tuple[Check, ...]:
        """Compare the module with itself after its state was ``moved`` by a permutation, on all sets of inputs.

        Running statistics are updated first and permuted then on one side, and the other way round on the other.

        Raises:
            NotEquivalent: when a deviation is over the tolerance.
        """
        return self._check(moved, self._inputs)

    def check_on(
        self, label: str, moved: Callable[[Mapping[str, torch.Tensor]], Mapping[str, torch.Tensor]]
    ) -> tuple[Check, ...]:
        """The same on one set of inputs."""
        return self._check(moved, [label])

    def _check(
        self, moved: Callable[[Mapping[str, torch.Tensor]], Mapping[str, torch.Tensor]], labels: Iterable[str]
    ) -> tuple[Check, ...]:
        after = moved(state_of(self._model))
        checks = []
        for training in (False, True):
            for label in labels:
                try:
                    check = self._compare(after, moved, label, training, double=True)
                except RuntimeError:  # a module with constants of its own type does not run in float64
                    check = self._compare(after, moved, label, training, double=False)
                if not check.passed:
                    raise NotEquivalent(
                        f"expected the permuted model to compute the same function, got a relative deviation of "
                        f"{check.deviation:.2e} in {check.mode} mode on {label} (tolerance {check.tolerance:.0e}); no "
                        "alignment and no barrier is reported"
                    )
                checks.append(check)
        return tuple(checks)

    def _compare(
        self,
        after: Mapping[str, torch.Tensor],
        moved: Callable[[Mapping[str, torch.Tensor]], Mapping[str, torch.Tensor]],
        label: str,
        training: bool,
        *,
        double: bool,
    ) -> Check:
        key = label, training, double
        if key not in self._known:
            self._known[key] = self._answer(state_of(self._model), *key)
        outputs_a, buffers_a = self._known[key]
        outputs_b, buffers_b = self._answer(after, *key)
        updated = moved(buffers_a)
        pairs = [*zip(outputs_a, outputs_b, strict=True), *((updated[name], buffers_b[name]) for name in self._buffers)]
        deviations = [_deviation(a, b) for a, b in pairs]
        deviation = nan if any(map(isnan, deviations)) else max(deviations, default=0.0)
        return Check(
            "train" if training else "eval",
            label,
            "float64" if double else "float32",
            deviation,
            _TOLERANCE_DOUBLE if double else _TOLERANCE_SINGLE,
        )

    def _answer(self, state: Mapping[str, torch.Tensor], label: str, training: bool, double: bool) -> _Answer:
        """The outputs with this state, and the buffers that they leave."""
        import torch
        from torch.utils._pytree import tree_leaves

        def cast(tensor: torch.Tensor) -> torch.Tensor:
            copied = tensor.detach().clone()
            return copied.double() if double and copied.is_floating_point() else copied

        copy = {name: cast(tensor) for name, tensor in state.items()}
        with in_mode(self._model, training), torch.no_grad(), without_dropout():
            outputs = tree_leaves(run_with(self._model, copy, [cast(tensor) for tensor in self._inputs[label]]))
        return [leaf for leaf in outputs if isinstance(leaf, torch.Tensor)], {n: copy[n] for n in self._buffers}


def _deviation(a: torch.Tensor, b: torch.Tensor) -> float:
    if a.numel() == 0:
        return 0.0
    a, b = a.double(), b.double()
    return float((a - b).abs().max() / a.abs().max().clamp_min(1e-30))
