"""F, G, r, D, H, H_o, H_f, L and A[l] of one problem instance, over one field.

Definitions (DESIGN §2): F ∈ ℝ^{NK} sample-major; G = ∂F/∂θ (NK, P); r = ∂ℓ/∂F (NK,); D = ∂²ℓ/∂F² (NK, NK), block
diagonal; H_o = GᵀDG; H_f = Σ_j r_j ∇²F_j; H = H_o + H_f + c·I with c the weight decay; L = Σ_i ℓ(f_i, y_i) + c/2 ‖θ‖²,
the sum divided by N under ``reduction = "mean"`` (then r and D are too).

With ``targets = "perfect_fit"`` the targets are those this point fits: y = link(f). There r is exactly 0, except for
cross-entropy on probabilities, where r_k = −1 for every k and H_f = −Σ_k ∇²p_k = 0 because Σ_k p_k ≡ 1.
"""

from __future__ import annotations

from functools import cached_property, singledispatch
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast, final

from geomcheck.errors import InputError, described
from geomcheck.geometry.jets import Jet, evaluate
from geomcheck.geometry.network import NetworkDerivatives
from geomcheck.geometry.probability_simplex import sums_to_one
from geomcheck.geometry.squash import SQUASHES
from geomcheck.problem.loss import FormulaLoss
from geomcheck.problem.model import ExplicitModel
from geomcheck.problem.network import DenseNetwork

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geomcheck.fields.base import AbstractField
    from geomcheck.problem.problem import Problem

Array = Any


class ModelDerivatives(Protocol):
    """What every kind of model offers: F (…, N, K), ∂F/∂θ (…, N, K, P), Σ ρ ∇²F (…, P, P) for ρ (…, N, K)."""

    @property
    def outputs(self) -> Array:
        """F before any squash, (…, N, K)."""

    @property
    def jacobian(self) -> Array:
        """∂F/∂θ, (…, N, K, P)."""

    def contracted_hessian(self, cotangent: Array) -> Array:
        """Σ ρ ∇²F, (…, P, P)."""

    def activations(self, layer: int) -> Array:
        """A[l], (…, N, m_l)."""


@singledispatch
def differentiate(
    model: object, field: AbstractField, theta: Array, inputs: Array, shadow: Callable[[int], Array] | None = None
) -> ModelDerivatives:
    """The derivatives of ``model`` at θ (…, P) on inputs (…, N, d) over ``field``, one registration a kind of model."""
    raise InputError(f"expected a model, got {described('model', model)}; use a network or an explicit model")


@differentiate.register(DenseNetwork)
def _(
    model: DenseNetwork, field: AbstractField, theta: Array, inputs: Array, shadow: Callable[[int], Array] | None = None
) -> ModelDerivatives:
    return NetworkDerivatives(model, field, theta, inputs, shadow)


@differentiate.register(ExplicitModel)
def _(
    model: ExplicitModel,
    field: AbstractField,
    theta: Array,
    inputs: Array,
    shadow: Callable[[int], Array] | None = None,
) -> ModelDerivatives:
    return FormulaDerivatives(model, field, theta, inputs)


@final
class FormulaDerivatives:
    """F and its derivatives for a model given by closed formulas, at one θ (P,) on inputs (N, d)."""

    def __init__(self, model: ExplicitModel, field: AbstractField, theta: Array, inputs: Array) -> None:
        self.model, self.field = model, field
        self._theta, self._inputs = theta, inputs

    @cached_property
    def _jets(self) -> list[Jet]:
        field, size, samples = self.field, self.model.n_parameters, self._inputs.shape[0]
        ones, unit = field.ones((samples,)), field.identity(size)
        variables = {
            name: Jet(ones * self._theta[i], field.ones((samples, 1)) * unit[None, i, :])
            for i, name in enumerate(self.model.parameters)
        }
        variables |= {name: Jet(self._inputs[:, i]) for i, name in enumerate(self.model.inputs)}
        return [evaluate(formula, field, variables, samples) for formula in self.model.outputs]

    @property
    def outputs(self) -> Array:
        """F before any squash, (N, K)."""
        return self._stack([jet.value[:, None] for jet in self._jets])

    @property
    def jacobian(self) -> Array:
        """∂F/∂θ, (N, K, P)."""
        shape = (self._inputs.shape[0], self.model.n_parameters)
        zero = self.field.zeros(shape)
        return self._stack([(zero if j.gradient is None else j.gradient)[:, None, :] for j in self._jets])

    def contracted_hessian(self, cotangent: Array) -> Array:
        """Σ ρ ∇²F, (P, P)."""
        total = self.field.zeros((self.model.n_parameters, self.model.n_parameters))
        for k, jet in enumerate(self._jets):
            if jet.hessian is not None:
                total = total + self.field.sum(jet.hessian * cotangent[:, k, None, None], 0)
        return total

    def activations(self, layer: int) -> Array:
        """Raise InputError: there are no layers."""
        raise InputError(f"expected a dense network for A[{layer}], got an explicit model; it has no hidden layers")

    def _stack(self, parts: list[Array]) -> Array:
        return parts[0] if len(parts) == 1 else self.field.concatenate(parts, axis=1)


@final
class Derivatives:
    """Every quantity of DESIGN §2 at θ (…, P) with inputs (…, N, d) and targets (…, N, K) or "perfect_fit".

    A leading axis is a batch of instances (floats only). Matrices are computed when first asked for and kept.
    ``given`` holds values of ``behaviour``, ``residual`` or ``output_hessian`` to use as they are: a derivation gives
    symbols that stand for them.
    """

    def __init__(
        self,
        problem: Problem,
        field: AbstractField,
        theta: Array,
        inputs: Array,
        targets: Array | str,
        shadow: Callable[[int], Array] | None = None,
        shadow_outputs: Callable[[], Array] | None = None,
        given: Mapping[Literal["behaviour", "residual", "output_hessian"], Array] | None = None,
    ) -> None:
        self.problem, self.field, self.theta = problem, field, theta
        vars(self).update(cast("Mapping[str, Array]", given or {}))  # where a cached property keeps its value
        self._targets = targets
        self._shadow_outputs = shadow_outputs
        self.model = differentiate(problem.model, field, theta, inputs, shadow)
        self._lead = tuple(theta.shape[:-1])

    # -- behaviour --------------------------------------------------------------------------------------------------

    @cached_property
    def _raw_outputs(self) -> Array:
        outputs = self.model.outputs
        return outputs if self._shadow_outputs is None else self.field.attach(outputs, self._shadow_outputs)

    @cached_property
    def behaviour(self) -> Array:
        """F as (…, N, K)."""
        squash = self.problem.squash
        return self._raw_outputs if squash is None else SQUASHES[squash](self.field, self._raw_outputs).probabilities()

    @cached_property
    def _jacobian(self) -> Array:
        raw = self.model.jacobian
        if self.problem.squash is None:
            return raw
        squash = SQUASHES[self.problem.squash](self.field, self._raw_outputs)
        return self.field.matmul(squash.jacobian(self.behaviour), raw)

    @cached_property
    def targets(self) -> Array:
        """The targets y, (…, N, K)."""
        if not isinstance(self._targets, str):
            return self._targets
        loss = self.problem.loss
        if isinstance(loss, FormulaLoss):
            return self.behaviour
        match loss.link:
            case "identity":
                return self.behaviour
            case "sigmoid":
                return self.field.apply("sigmoid", self.behaviour)
            case "softmax":
                return self.field.softmax(self.behaviour)
        raise InputError(
            f'expected a loss with a finite minimiser for targets="perfect_fit", got loss={loss.name!r}; '
            "its infimum is not attained at finite outputs, so give the targets"
        )

    # -- loss -------------------------------------------------------------------------------------------------------

    @property
    def fits_by_construction(self) -> bool:
        """Whether the targets were defined as those this point fits."""
        return isinstance(self._targets, str)

    @property
    def functional_part_vanishes(self) -> bool:
        """Whether H_f = 0 by construction: r = 0, or r constant over outputs that sum to one."""
        loss = self.problem.loss
        if not self.fits_by_construction or isinstance(loss, FormulaLoss):
            return False
        return loss.gradient_vanishes_at_fit or (loss.needs_normalised and sums_to_one(self.problem))

    @cached_property
    def _loss_jet(self) -> tuple[Array, Array, Array]:
        """Value (N,), gradient (N, K) and Hessian (N, K, K) of an explicit loss formula at f = F, y = targets."""
        loss, field = self.problem.loss, self.field
        assert isinstance(loss, FormulaLoss)
        f, y = self.behaviour, self.targets
        samples, width = f.shape[-2], f.shape[-1]
        unit = field.identity(width)
        variables = {
            name: Jet(f[:, k], field.ones((samples, 1)) * unit[None, k, :]) for k, name in enumerate(loss.outputs)
        }
        variables |= {name: Jet(y[:, k]) for k, name in enumerate(loss.targets)}
        jet = evaluate(loss.value, field, variables, samples)
        gradient = field.zeros((samples, width)) if jet.gradient is None else jet.gradient
        hessian = field.zeros((samples, width, width)) if jet.hessian is None else jet.hessian
        return jet.value, gradient, hessian

    @cached_property
    def residual(self) -> Array:
        """∂ℓ/∂F, r as (…, N, K)."""
        loss = self.problem.loss
        if isinstance(loss, FormulaLoss):
            return self._reduced(self._loss_jet[1])
        if self.fits_by_construction:
            return self._reduced(loss.gradient_at_fit(self.field, self.targets))
        return self._reduced(loss.gradient(self.field, self.behaviour, self.targets))

    @cached_property
    def output_hessian(self) -> Array:
        """D as its diagonal blocks (…, N, K, K)."""
        loss = self.problem.loss
        if isinstance(loss, FormulaLoss):
            return self._reduced(self._loss_jet[2])
        if self.fits_by_construction:
            return self._reduced(loss.hessian_at_fit(self.field, self.targets))
        return self._reduced(loss.hessian(self.field, self.behaviour, self.targets))

    def _reduced(self, array: Array) -> Array:
        if self.problem.reduction == "sum":
            return array
        return self.field.divide(array, self.field.ones(()) * self.problem.N)

    @cached_property
    def loss(self) -> Array:
        """L (…): Σ_i ℓ(f_i, y_i), divided by N for the mean, plus c/2 ‖θ‖²."""
        kind, field = self.problem.loss, self.field
        each = self._loss_jet[0] if isinstance(kind, FormulaLoss) else kind.value(field, self.behaviour, self.targets)
        total = self._reduced(field.total(each))
        if self.problem.weight_decay:
            total = total + field.total(self.theta * self.theta) * field.constant(self.problem.weight_decay / 2)
        return total

    # -- matrices ---------------------------------------------------------------------------------------------------

    @cached_property
    def G(self) -> Array:
        """∂F/∂θ, (…, NK, P)."""
        return self._jacobian.reshape((*self._lead, -1, self.problem.P))

    @cached_property
    def D(self) -> Array:
        """∂²ℓ/∂F², (…, NK, NK)."""
        blocks = self.output_hessian
        n, k = blocks.shape[-3], blocks.shape[-1]
        spread = self.field.identity(n)[:, None, :, None] * blocks[..., :, :, None, :]
        return spread.reshape((*self._lead, n * k, n * k))

    @cached_property
    def H_o(self) -> Array:
        """GᵀDG, (…, P, P)."""
        weighted = self.field.matmul(self.output_hessian, self._jacobian)
        return self.field.gram(self.G, weighted.reshape(self.G.shape))

    @cached_property
    def H_f(self) -> Array:
        """Σ_j r_j ∇²F_j, (…, P, P)."""
        if self.functional_part_vanishes:
            _ = self._jacobian  # H exists only where G does
            return self.field.zeros((*self._lead, self.problem.P, self.problem.P))
        if self.problem.squash is None:
            return self.model.contracted_hessian(self.residual)
        squash = SQUASHES[self.problem.squash](self.field, self._raw_outputs)
        raw = self.model.jacobian
        bent = self.field.matmul(squash.contracted_hessian(self.behaviour, self.residual), raw)
        shape = self.G.shape
        outer = self.field.gram(raw.reshape(shape), bent.reshape(shape))
        pulled = self.field.matmul(self.residual[..., None, :], squash.jacobian(self.behaviour))[..., 0, :]
        return outer + self.model.contracted_hessian(pulled)

    @cached_property
    def H(self) -> Array:
        """∇²L = H_o + H_f + c·I, (…, P, P)."""
        total = self.H_o if self.functional_part_vanishes else self.H_o + self.H_f
        if self.problem.weight_decay:
            total = total + self.field.identity(self.problem.P) * self.field.constant(self.problem.weight_decay)
        return total

    @cached_property
    def gradient(self) -> Array:
        """∇L = Gᵀ r + c θ, (…, P)."""
        column = self.residual.reshape((*self._lead, -1, 1))
        total = self.field.matmul(self.G.mT, column)[..., 0]
        if self.problem.weight_decay:
            total = total + self.theta * self.field.constant(self.problem.weight_decay)
        return total

    @property
    def F(self) -> Array:
        """F as a column, (…, NK, 1)."""
        return self.behaviour.reshape((*self._lead, -1, 1))

    @property
    def r(self) -> Array:
        """∂ℓ/∂F as a column, (…, NK, 1)."""
        return self.residual.reshape((*self._lead, -1, 1))
