"""Networks whose fits are told by their last layer, whatever the activations: constant targets, or one input.

Statement. Let the output layer be linear, without a link. (1) If all targets are 0, or all are equal and there is an
output bias, then W = 0 and the bias fit for all other parameters v, and every fit is joined with that one by a
segment: one component. (2) Let there be one hidden layer of m units, one distinct input x, no output bias, y ≠ 0, and
x̃ ≠ 0, where x̃ is x, or (x, 1) with hidden biases. The fits W h = y, h_i = σ(v_i·x̃), are an affine bundle over
{v : h ≠ 0}. This is connected for m ≥ 2; for m = 1 it has as many components as {z : σ(z) ≠ 0}.
Proof: proofs/lemmas/components.md.
"""

from __future__ import annotations

from typing import Final

from geomcheck.connectivity.count import Components
from geomcheck.connectivity.equations import fit_equations
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem

__all__ = ["components"]

_NOWHERE_ZERO: Final = frozenset({"exp", "sigmoid", "softplus", "gaussian"})


def components(problem: Problem) -> Components | None:
    """The components of the fits where one of the two cases applies, else None.

    >>> from geomcheck.problem.read import problem_from
    >>> data = {"inputs": [1], "targets": [1]}
    >>> [components(problem_from({"network": f"1-{m}-1 tanh, no bias", **data})).count for m in (1, 2)]
    [2, 1]
    """
    network = problem.model
    if not isinstance(network, DenseNetwork):
        return None
    output = network.layers[-1]
    if output.activation.name != "linear" or output.residual is not None:
        return None
    inputs, targets = fit_equations(problem)
    if not any(map(any, targets)) or (output.bias and len(set(targets)) == 1):
        return Components(1, "last-layer", "a last layer without weights fits, whatever the hidden units do")
    if len(network.layers) != 2 or len(inputs) > 1 or network.layers[0].residual is not None:
        return None
    hidden = network.layers[0]
    if not (hidden.bias or any(inputs[0])):
        return None
    if hidden.width > 1:
        why = "one input is fitted as long as one hidden unit is not 0, and a second one lets the first move"
        return Components(1, "last-layer", why)
    sides = _sides(hidden.activation.name, leaking=hidden.activation.parameter != 0)
    why = f"one input is fitted where the hidden unit is not 0, and {hidden.activation} is so on {sides} side(s) of 0"
    return None if sides is None else Components(sides, "last-layer", why)


def _sides(name: str, *, leaking: bool) -> int | None:
    """The components of {z : σ(z) ≠ 0}; None where they are infinitely many."""
    if name == "sin":
        return None
    return 1 if name in _NOWHERE_ZERO or name == "relu" or (name == "leaky_relu" and not leaking) else 2
