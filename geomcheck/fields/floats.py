"""float64 in batches: thousands of instances at once, for candidates and cross-checks and never for a verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np
import numpy.typing as npt

from geomcheck.errors import OutsideField
from geomcheck.fields.base import AbstractField, Signs

if TYPE_CHECKING:
    import torch


@final
@dataclass(frozen=True)
class FloatField(AbstractField):
    """ℝ approximately: torch tensors of float64 on one device, batched over any leading axes.

    Two things differ from the exact fields, so that one instance cannot spoil a batch: a step at exactly zero is nan
    instead of Kink, and a division by zero or a primitive outside its domain is inf or nan instead of an error.

    >>> R = FloatField()
    >>> R.matmul(R.array([[1, Fraction(1, 2)]]), R.array([[2], [4]])).tolist()
    [[4.0]]
    """

    decides_zero: ClassVar[bool] = False

    device: str = "cpu"

    @property
    def name(self) -> str:
        """The type of the entries."""
        return "float64"

    def array(self, values: Any) -> torch.Tensor:
        """Nearest floats of nested ints and Fractions, or a numpy float array as it is."""
        import torch

        return torch.from_numpy(np.array(values, dtype=np.float64)).to(self.device)

    def zeros(self, shape: Sequence[int]) -> torch.Tensor:
        """Zeros to assign to."""
        import torch

        return torch.zeros(tuple(shape), dtype=torch.float64, device=self.device)

    def full(self, shape: Sequence[int], value: Fraction) -> torch.Tensor:
        """One float everywhere."""
        import torch

        return torch.full(tuple(shape), float(value), dtype=torch.float64, device=self.device)

    def attach(self, x: torch.Tensor, exact: Callable[[], Any]) -> torch.Tensor:
        """Return x itself."""
        return x

    def constant(self, value: Fraction) -> torch.Tensor:
        """The nearest float, as a tensor without axes."""
        return self.full((), value)

    def divide(self, a: Any, b: Any) -> torch.Tensor:
        """Elementwise."""
        import torch

        return torch.true_divide(a, b)

    def apply(self, name: str, x: torch.Tensor) -> torch.Tensor:
        """By torch."""
        import torch

        match name:
            case "exp" | "log" | "tanh" | "sigmoid" | "sin" | "cos":
                elementary: torch.Tensor = getattr(torch, name)(x)
                return elementary
            case "softplus":
                return torch.logaddexp(x, torch.zeros_like(x))
            case "normal_cdf":
                distribution: torch.Tensor = torch.special.ndtr(x)
                return distribution
            case "normal_pdf":
                density: torch.Tensor = torch.exp(-x * x / 2) * self.constant(Fraction(2)).mul(torch.pi).rsqrt()
                return density
            case "logcosh":
                return torch.logaddexp(x, -x) - torch.log(self.constant(Fraction(2)))
        raise OutsideField(f"expected the name of a primitive, name={name!r} (str)")

    def signs(self, x: torch.Tensor) -> Signs:
        """Of the floats, as they are."""
        import torch

        return np.asarray(torch.sign(x).cpu().numpy(), dtype=np.int8)

    def step(self, x: torch.Tensor, positive: Fraction, negative: Fraction) -> torch.Tensor:
        """The step, and nan at exactly zero."""
        import torch

        chosen = torch.where(x > 0, self.constant(positive), self.constant(negative))
        return torch.where(x == 0, torch.full_like(chosen, torch.nan), chosen)

    def positive_part(self, x: torch.Tensor, positive: Fraction, negative: Fraction) -> torch.Tensor:
        """Elementwise."""
        import torch

        return x * torch.where(x > 0, self.constant(positive), self.constant(negative))

    def matmul(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        """Batched."""
        import torch

        return torch.matmul(a, b)

    def gram(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        """The product."""
        return self.matmul(a.mT, b)

    def concatenate(self, arrays: Sequence[torch.Tensor], axis: int = 0) -> torch.Tensor:
        """As torch."""
        import torch

        return torch.cat(list(arrays), dim=axis)

    def is_zero(self, x: torch.Tensor) -> npt.NDArray[np.bool_]:
        """Where the float is zero."""
        return np.asarray((x == 0).cpu().numpy(), dtype=bool)

    def determinant(self, x: torch.Tensor) -> torch.Tensor:
        """Batched."""
        import torch

        determinant: torch.Tensor = torch.linalg.det(x)
        return determinant

    def softmax(self, x: torch.Tensor) -> torch.Tensor:
        """Shifted by the largest entry, as torch does."""
        import torch

        return torch.softmax(x, dim=-1)

    def sum(self, x: torch.Tensor, axis: int) -> torch.Tensor:
        """Along one axis."""
        return x.sum(dim=axis)
