"""`components(minima)`: the first theorem that applies gives the number of components of the set of global minima."""

from __future__ import annotations

from geomcheck.connectivity import common_zeros, deep_linear, last_layer, piecewise_linear, teacher
from geomcheck.connectivity.count import Components
from geomcheck.connectivity.equations import fit_equations
from geomcheck.connectivity.polynomials import equations
from geomcheck.problem.problem import Problem


def components(problem: Problem, student_of: int | None = None) -> Components:
    """The number of connected components of the set of global minima of a problem, over all θ.

    With `student_of = r`, of the parameters that compute the function of an irreducible teacher with r hidden units,
    whatever the data; otherwise inputs and targets must be given. Parameters that the problem gives do not matter.
    Raises Undecided where no theorem applies, where the cells are too many, or where no global minimum is known.

    >>> from geomcheck.problem.read import problem_from
    >>> model = {"parameters": ["a", "b"], "inputs": [], "outputs": ["a*b"]}
    >>> components(problem_from({"model": model, "samples": 1, "targets": [1]})).count
    2
    """
    if student_of is not None:
        return teacher.components(problem, student_of)
    if deep_linear.applies(problem):
        return deep_linear.components(problem)
    told = last_layer.components(problem)
    if told is not None:
        return told
    if piecewise_linear.applies(problem):
        return piecewise_linear.components(problem)
    inputs, targets = fit_equations(problem)
    return common_zeros.components(equations(problem, inputs, targets))
