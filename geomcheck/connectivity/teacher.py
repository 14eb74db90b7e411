"""Students of a teacher: which activations have no linear relations among their units, and what that gives.

The minima of `teacher = r` are the parameters of the network of width m that compute the function of an irreducible
teacher of the same architecture with r hidden units. Three cases are proved on `proofs/lemmas/components.md`:

* exp without biases: x ↦ e^{w·x} for distinct w are linearly independent. r! components for m = r, one for m > r.
* tanh without hidden biases, or with hidden and output biases, and sin without hidden biases: independent up to the
  sign, σ(−z) = −σ(z). 2^r r! components (single points) for m = r, one for m > r.

For every other activation a relation is named that the theorem does not allow for.
"""

from __future__ import annotations

from math import factorial
from typing import Final

from geomcheck.connectivity.count import Components, unknown
from geomcheck.problem.loss import NamedLoss
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem

_MOST_UNITS: Final = 1000
_RELATIONS: Final = {
    "linear": "σ is linear: σ(u·x) + σ(v·x) = σ((u + v)·x)",
    "relu": "σ is homogeneous, σ(cz) = cσ(z) for c > 0: rescaling a unit changes nothing",
    "leaky_relu": "σ is homogeneous, σ(cz) = cσ(z) for c > 0: rescaling a unit changes nothing",
    "abs": "σ is even and homogeneous: σ(−z) = σ(z), σ(cz) = cσ(z) for c > 0",
    "square": "σ is even and homogeneous: σ(−z) = σ(z), σ(cz) = c²σ(z)",
    "power": "σ is homogeneous, σ(cz) = c^d σ(z): rescaling a unit changes nothing",
    "sigmoid": "σ(z) + σ(−z) = 1 = 2σ(0): units with opposite weights make a constant",
    "softplus": "σ(z) − σ(−z) = z: units with opposite weights make a linear function",
    "silu": "σ(z) − σ(−z) = z: units with opposite weights make a linear function",
    "gelu": "σ(z) − σ(−z) = z: units with opposite weights make a linear function",
    "gaussian": "σ is even, σ(−z) = σ(z), and a unit with w = 0 is a constant that has no sign to flip",
}


def components(problem: Problem, r: int) -> Components:
    """The components of the set of students that compute the function of an irreducible teacher with r hidden units.

    Raises Undecided where the hypotheses are not met, naming the relation between units that breaks them.

    >>> from geomcheck.problem.read import problem_from
    >>> [components(problem_from({"network": f"2-{m}-1 {text}, no bias", "samples": 1}), 2).count
    ...  for m, text in ((2, "exp"), (3, "exp"), (2, "tanh"), (4, "tanh"))]
    [2, 1, 8, 1]
    """
    network = problem.model
    if problem.weight_decay or problem.squash is not None:
        raise unknown("minima that compute the teacher's function are those of a loss without weight decay on outputs")
    if not isinstance(problem.loss, NamedLoss) or not problem.loss.zero_at_fit:
        raise unknown("this loss may be least at other functions than the teacher's", "use the loss mse")
    if not isinstance(network, DenseNetwork) or len(network.layers) != 2:
        raise unknown("the expansions are those of networks with one hidden layer")
    hidden, output = network.layers
    if output.activation.name != "linear" or hidden.residual is not None or output.residual is not None:
        raise unknown("the expansions are those of networks with one hidden layer, linear outputs and no links")
    parity = _parity(hidden.activation.name, hidden.bias, output.bias)
    m = hidden.width
    if m < r:
        raise unknown(f"a student of width {m} cannot compute an irreducible teacher of width {r}", "use a wider one")
    if m > r or r == 0:
        return Components(1, "teacher", f"a student wider than its teacher ({m} > {r}) has a unit to spare")
    if r > _MOST_UNITS:
        raise unknown(f"the {r}! isolated points are too many to write down", "take fewer units")
    if parity == "odd":
        why = f"each teacher unit has one copy, with either sign: 2^{r} · {r}! isolated points"
        return Components(2**r * factorial(r), "teacher", why)
    return Components(factorial(r), "teacher", f"each teacher unit has exactly one copy: {r}! isolated points")


def _parity(name: str, hidden_bias: bool, output_bias: bool) -> str:
    """Whether the units are independent ("none") or independent up to the sign ("odd"); else raises Undecided."""
    if name in _RELATIONS:
        raise unknown(f"for {name} the subspaces are not all solutions: {_RELATIONS[name]}", "use exp without bias")
    if name == "exp":
        if hidden_bias:
            raise unknown("a e^{w·x + b} depends on a e^b only: shifting b changes nothing", 'say "no bias"')
        if output_bias:
            raise unknown("a unit with w = 0 is a constant, as is the output bias", 'say "no bias"')
        return "none"
    if hidden_bias and name == "sin":
        raise unknown("sin(z + π/2) = cos z and sin(z + 2π) = sin z: units that differ in the bias are related")
    if hidden_bias and not output_bias:
        raise unknown("a unit with w = 0 is a constant that no output bias makes superfluous", 'say "no bias"')
    return "odd"
