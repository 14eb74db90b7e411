"""The dimension of the space of functions a polynomial network lives in, whatever its parameters.

The outputs of a network whose activations are polynomials of degrees d_1 … d_L are polynomials in the inputs of degree
at most r = d_1 ⋯ d_L, and homogeneous of degree r when no layer has a bias and every activation is a pure power. With m
monomials there are, F = (Φ ⊗ I_K) c(θ) for the N × m matrix Φ of monomials at the samples, hence

    rank ∂F/∂θ ≤ K · m,    m = C(d + r, r),  or  C(d + r − 1, r)  in the homogeneous case,

at every θ. Source: Kileel, Trager and Bruna 2019, §2.
"""

from __future__ import annotations

from math import comb, prod
from typing import TYPE_CHECKING

from geomcheck.problem.network import DenseNetwork

if TYPE_CHECKING:
    from geomcheck.problem.problem import Problem

LARGEST_DEGREE = 1000


def ambient_dimension(problem: Problem) -> int | None:
    """K times the number of monomials, or None when the behaviour is not seen to be a polynomial in the inputs.

    >>> from geomcheck.problem.read import problem_from
    >>> ambient_dimension(problem_from({"network": "3-3-1 square, no bias", "samples": 10}))
    6
    """
    network = problem.model
    if not isinstance(network, DenseNetwork) or problem.squash is not None:
        return None
    degrees = [layer.activation.polynomial_degree for layer in network.layers]
    if any(layer.residual is not None for layer in network.layers) or None in degrees:
        return None
    degree, inputs = prod(d for d in degrees if d is not None), network.n_inputs
    if degree > LARGEST_DEGREE:
        return None
    homogeneous = all(not layer.bias and layer.activation.homogeneity is not None for layer in network.layers)
    return problem.K * comb(inputs + degree - homogeneous, degree)
