"""In which parameters the behaviour is affine, off the kinks, read off the model's form (never from samples).

A dense network whose layers from l on are linear, relu, leaky_relu or abs is affine in the parameters of layer l near
every point off the kinks. The derivative by a bias of such an output layer is constant in all parameters. So H_f has
a zero block for each such layer, and zero rows for these biases.
"""

from geomcheck.geometry.affine import is_affine_in
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem

PIECEWISE_LINEAR = ("linear", "relu", "leaky_relu", "abs")


def affine_layers(problem: Problem) -> list[int]:
    """The layers of a dense network in whose parameters F is affine, the output layer last.

    >>> from geomcheck.problem.read import problem_from
    >>> affine_layers(problem_from({"network": "2-3-2-1 tanh relu", "samples": 1}))
    [2, 3]
    """
    network = problem.model
    found: list[int] = []
    if not isinstance(network, DenseNetwork) or problem.squash is not None:
        return found
    for number in range(len(network.layers), 0, -1):
        if network.layers[number - 1].activation.name not in PIECEWISE_LINEAR:
            break
        found.insert(0, number)
    return found


def inertia_bounds(problem: Problem) -> tuple[int, int]:
    """Bounds of rank(H_f), and of index(H_f) and index(−H_f).

    With z zero rows and a zero block of size a beside them, a subspace on which the form is definite meets the block in
    0, so it has dimension at most P − z − a.

    >>> from geomcheck.problem.read import problem_from
    >>> inertia_bounds(problem_from({"network": "2-3-1 tanh", "samples": 1}))
    (12, 9)
    """
    network, size = problem.model, problem.P
    if isinstance(network, DenseNetwork):
        layers = affine_layers(problem)
        widths = (network.n_inputs, *(layer.width for layer in network.layers))
        blocks = [widths[n] * (widths[n - 1] + network.layers[n - 1].bias) for n in layers]
        zero = problem.K if layers and network.layers[-1].bias else 0
        blocks[-1:] = [block - zero for block in blocks[-1:]]
    else:
        names: tuple[str, ...] = ()
        for name in network.parameters if problem.squash is None else ():
            names = (*names, name) if is_affine_in(network, (*names, name)) else names
        blocks, zero = [len(names)], 0
    index = size - zero - max(blocks, default=0)
    return min(size - zero, 2 * index), index


def is_flat(problem: Problem, i: int, j: int) -> bool:
    """Whether ∂²F/∂θ_i∂θ_j = 0 at all points: F is affine in the two, or one of them is a bias of its last layer.

    >>> from geomcheck.problem.read import problem_from
    >>> network = problem_from({"network": "1-2-1 tanh", "samples": 1})
    >>> is_flat(network, 4, 5), is_flat(network, 0, 6), is_flat(network, 0, 4)
    (True, True, False)
    """
    network = problem.model
    if not isinstance(network, DenseNetwork):
        pair = (network.parameters[i], network.parameters[j])
        return problem.squash is None and is_affine_in(network, pair)
    layers = affine_layers(problem)
    (first, low), (second, high) = _place(network, i), _place(network, j)
    if max(first, second) not in layers:
        return False
    return first == second or (len(network.layers), True) in ((first, low), (second, high))


def is_multiaffine(problem: Problem) -> bool:
    """Whether ∂²F/∂θ_i² = 0 for every parameter.

    >>> from geomcheck.problem.read import problem_from
    >>> [is_multiaffine(problem_from({"network": n, "samples": 1})) for n in ("2-2-1 relu", "2-2-1 tanh")]
    [True, False]
    """
    network = problem.model
    if isinstance(network, DenseNetwork):
        return len(affine_layers(problem)) == len(network.layers)
    return problem.squash is None and all(is_affine_in(network, (name,)) for name in network.parameters)


def _place(network: DenseNetwork, index: int) -> tuple[int, bool]:
    """The layer of a parameter, and whether it is a bias."""
    fan = network.n_inputs
    for number, layer in enumerate(network.layers, 1):
        weights = layer.width * fan
        if index < weights + layer.width * layer.bias:
            return number, index >= weights
        index -= weights + layer.width * layer.bias
        fan = layer.width
    raise IndexError(index)
