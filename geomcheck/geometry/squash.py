"""The last step when the behaviour is a probability: p = sigmoid(z) entrywise, or p = softmax(z) over the outputs.

Each squash gives p (…, N, K), its Jacobian S = ∂p/∂z (…, N, K, K) and Σ_k ρ_k ∂²p_k (…, N, K, K).
softmax: S = diag(p) − p pᵀ, and with m = ρ·p and w = p ⊙ (ρ − m): Σ_k ρ_k ∂²p_k = diag(w) − w pᵀ − p wᵀ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

if TYPE_CHECKING:
    from geomcheck.fields.base import AbstractField

Array = Any


@final
@dataclass(frozen=True)
class Softmax:
    """p_k = e^{z_k} / Σ_j e^{z_j}."""

    field: AbstractField
    logits: Array

    def probabilities(self) -> Array:
        """Give p, (…, N, K)."""
        return self.field.softmax(self.logits)

    def jacobian(self, p: Array) -> Array:
        """Give ∂p/∂z, (…, N, K, K)."""
        return self.field.diagonal(p) - p[..., :, None] * p[..., None, :]

    def contracted_hessian(self, p: Array, cotangent: Array) -> Array:
        """Give Σ_k ρ_k ∂²p_k, (…, N, K, K)."""
        mean = self.field.total(cotangent * p)[..., None]
        w = p * (cotangent - mean)
        cross = w[..., :, None] * p[..., None, :]
        return self.field.diagonal(w) - cross - cross.mT


@final
@dataclass(frozen=True)
class Sigmoid:
    """p_k = 1 / (1 + e^{−z_k})."""

    field: AbstractField
    logits: Array

    def probabilities(self) -> Array:
        """Give p, (…, N, K)."""
        return self.field.apply("sigmoid", self.logits)

    def jacobian(self, p: Array) -> Array:
        """Give ∂p/∂z, (…, N, K, K)."""
        return self.field.diagonal(p * (1 - p))

    def contracted_hessian(self, p: Array, cotangent: Array) -> Array:
        """Give Σ_k ρ_k ∂²p_k, (…, N, K, K)."""
        return self.field.diagonal(cotangent * p * (1 - p) * (1 - 2 * p))


SQUASHES: dict[str, type[Softmax] | type[Sigmoid]] = {"softmax": Softmax, "sigmoid": Sigmoid}
