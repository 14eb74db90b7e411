"""The decomposition H = H_o + H_f derived by SymPy for one model and compared with the closed form, entry by entry.

L is a sum over samples, so one sample with symbolic inputs is enough. The loss enters through its derivatives alone,
symbols r_k and D_kl; the activations are abstract, symbols σ, σ′, σ″ for every unit with ∂σ⁽ᵐ⁾ = σ⁽ᵐ⁺¹⁾·∂z. Two
independent computations meet: the derivation ∂_i applied twice, and the layer-wise closed form.
"""

from functools import cache
from typing import Final

from geomcheck.problem.model import ExplicitModel, Model
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem, Squash

MAX_TERMS: Final = 60_000
MAX_FORMULA_ENTRIES: Final = 100
MAX_FORMULA_LENGTH: Final = 400


def verification(problem: Problem) -> str:
    """One sentence on how the decomposition was checked for this model: symbolically, or as the general theorem.

    >>> from geomcheck.problem.read import problem_from
    >>> verification(problem_from({"network": "2-3-1 tanh", "samples": 4}))
    'SymPy derived ∇²L for this network with abstract σ, σ′, σ″ and all 91 entries agree.'
    """
    return _verification(problem.model, problem.squash)


@cache
def _verification(model: Model, squash: Squash) -> str:
    size = model.n_parameters
    if not _is_small(model, squash):
        return "(The general theorem; this model is too large to write its second derivatives out.)"
    if isinstance(model, DenseNetwork):
        from geomcheck.prove import network_hessian

        agree = network_hessian.entries_agree(model, squash is not None)
        abstract = [] if all(layer.activation.name == "linear" for layer in model.layers) else ["σ, σ′, σ″"]
        abstract += ["output probabilities"] if squash else []
        subject = "this network" + (f" with abstract {' and '.join(abstract)}" if abstract else "")
    else:
        from geomcheck.prove import formula_hessian

        agree = formula_hessian.entries_agree(model, squash is not None)
        subject = "these formulas" + (" with abstract output probabilities" if squash else "")
    if not agree:
        return "(The general theorem.)"
    return f"SymPy derived ∇²L for {subject} and all {size * (size + 1) // 2} entries agree."


def _is_small(model: Model, squash: Squash) -> bool:
    """Whether writing all second derivatives out takes well under a second."""
    size, outputs = model.n_parameters, model.n_outputs
    if isinstance(model, ExplicitModel):
        length = sum(len(output.unparse()) for output in model.outputs)
        entries = size * (size + 1) // 2 * outputs**2 * (2 if squash else 1)
        return entries <= MAX_FORMULA_ENTRIES and length <= MAX_FORMULA_LENGTH
    # A second derivative has a term for every pair of paths from a unit of the first layer to an output.
    paths = 1
    for layer in model.layers[1:]:
        paths *= layer.width + (layer.residual is not None)
    return size * (size + 1) // 2 * paths**2 * (outputs**2 if squash else 1) <= MAX_TERMS
