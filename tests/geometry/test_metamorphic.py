"""What a change of a network does to every quantity, exactly: permuted, rescaled and dead units, mean, weight decay."""

from fractions import Fraction

import numpy as np
import pytest

from geomcheck.geometry.instance import Instance
from geomcheck.problem.network import DenseNetwork, Layer
from geomcheck.problem.problem import Problem
from geomcheck.problem.read import problem_from
from tests.geometry.table import Case, instance

NAMES = ("F", "G", "r", "D", "H", "H_o", "H_f", "gradient")


def values(problem: Problem) -> dict[str, np.ndarray]:
    one = Instance(problem)
    return one.exactly(lambda d: {name: getattr(d, name) for name in NAMES})


def same(found: np.ndarray, expected: np.ndarray) -> bool:
    return found.shape == expected.shape and bool((found == expected).all())


def positions(network: DenseNetwork, number: int, unit: int) -> tuple[list[int], list[int]]:
    """Indices in θ of a hidden unit's own row (with its bias) and of its column in the next layer."""
    blocks = {block.name: block for block in network.blocks()}
    incoming = blocks[f"W{number}"]
    fan_in = incoming.shape[1]
    own = [incoming.start + unit * fan_in + j for j in range(fan_in)]
    if f"b{number}" in blocks:
        own.append(blocks[f"b{number}"].start + unit)
    outgoing = blocks[f"W{number + 1}"]
    return own, [outgoing.start + k * outgoing.shape[1] + unit for k in range(outgoing.shape[0])]


TWO_LAYERS = ["2-3-2 square", "2-3-2 tanh", "2-3-2-1 square relu", "1-3-3-2 leaky_relu(1/10), no bias", "2-3-2 sin"]


@pytest.mark.parametrize("text", TWO_LAYERS)
@pytest.mark.parametrize("fit", [False, True])
def test_permuting_hidden_units_permutes_parameters(text: str, fit: bool) -> None:
    problem = instance(Case(text, {"network": text, "reduction": "mean"}), fit=fit, samples=2)
    order = list(range(problem.P))
    for first, second in zip(positions(problem.model, 1, 0), positions(problem.model, 1, 2), strict=True):
        for a, b in zip(first, second, strict=True):
            order[a], order[b] = b, a
    before, after = values(problem), values(problem.with_(parameters=[problem.parameters[i] for i in order]))
    for name in ("F", "r", "D"):
        assert same(after[name], before[name])
    assert same(after["G"], before["G"][:, order])
    assert same(after["gradient"], before["gradient"][order])
    for name in ("H", "H_o", "H_f"):
        assert same(after[name], before[name][np.ix_(order, order)])


@pytest.mark.parametrize(
    ("text", "degree"),
    [
        ("2-3-2 relu", 1),
        ("2-3-1 leaky_relu(1/5), no bias", 1),
        ("2-3-2 square", 2),
        ("1-2-2-1 abs", 1),
        ("2-2-1 power(3)", 3),
    ],
)
def test_rescaling_a_homogeneous_unit(text: str, degree: int) -> None:
    problem = instance(Case(text, {"network": text}), samples=2)
    scale = [Fraction(1)] * problem.P
    own, onward = positions(problem.model, 1, 1)
    for i in own:
        scale[i] = Fraction(3, 2)
    for i in onward:
        scale[i] = Fraction(3, 2) ** -degree
    before = values(problem)
    after = values(problem.with_(parameters=[s * v for s, v in zip(scale, problem.parameters, strict=True)]))
    S = Instance(problem).exact_field.array(scale)
    for name in ("F", "r", "D"):
        assert same(after[name], before[name])
    assert same(after["G"] * S, before["G"])
    assert same(after["gradient"] * S, before["gradient"])
    for name in ("H", "H_o", "H_f"):
        assert same(after[name] * S * S[:, None], before[name])


@pytest.mark.parametrize("text", ["2-2-2 square", "2-2-2 tanh", "1-2-1 sigmoid", "2-2-2 relu, no bias", "1-2-2 exp"])
@pytest.mark.parametrize("loss", ["mse", "quartic"])
def test_a_dead_unit_adds_exactly_these_rows(text: str, loss: str) -> None:
    """A unit read with weight 0: G gains 0 and δ_k a; H gains r σ′ x̃ between its row and column, D a a on that."""
    small = instance(Case(text, {"network": text, "loss": loss}), samples=2)
    first, last = small.model.layers
    wide = DenseNetwork(small.model.n_inputs, (Layer(first.width + 1, first.bias, first.activation), last))
    own, onward = positions(wide, 1, first.width)
    old = [i for i in range(wide.n_parameters) if i not in (*own, *onward)]
    row = [Fraction(5, 2), Fraction(-3, 2), Fraction(1, 2)][: len(own)]
    theta = [Fraction(0)] * wide.n_parameters
    for i, value in (*zip(old, small.parameters, strict=True), *zip(own, row, strict=True)):
        theta[i] = value
    big = Problem(wide, small.loss, 2, inputs=small.inputs, targets=small.targets, parameters=tuple(theta))
    one = Instance(big)

    def unit(d):  # a, σ′ and x̃ of the new unit
        trace = d.model._traces[0]
        return d.model.activations(1)[:, -1], trace.slopes[0][:, -1], trace.extended

    before, after = values(small), one.exactly(lambda d: {name: getattr(d, name) for name in NAMES})
    a, slope, extended = one.exactly(unit)
    samples, outputs = 2, wide.n_outputs
    for name in ("F", "r", "D"):
        assert same(after[name], before[name])
    assert same(after["G"][:, old], before["G"])
    assert (after["G"][:, own] == 0).all()
    for k in range(outputs):
        for n in range(samples):
            for m in range(outputs):
                assert after["G"][n * outputs + m, onward[k]] == (a[n] if k == m else 0)
    r = before["r"].reshape(samples, outputs)
    for name in ("H", "H_o", "H_f"):
        assert same(after[name][np.ix_(old, old)], before[name])
        assert (after[name][np.ix_(own, own)] == 0).all()
        assert (after[name][np.ix_(own, old)] == 0).all()
    assert (after["H_o"][np.ix_(own, onward)] == 0).all()
    for k, column in enumerate(onward):
        for j, index in enumerate(own):
            assert after["H_f"][index, column] == sum(r[n, k] * slope[n] * extended[n, j] for n in range(samples))
        for m, other in enumerate(onward):
            D = [before["D"][n * outputs + k, n * outputs + m] for n in range(samples)]
            assert after["H"][column, other] == sum(D[n] * a[n] * a[n] for n in range(samples))


@pytest.mark.parametrize("text", ["2-2-2 square", "2-2-1 tanh"])
def test_the_mean_divides_by_the_number_of_samples(text: str) -> None:
    problem = instance(Case(text, {"network": text, "loss": "quartic"}), samples=3)
    total = values(problem)
    mean = values(instance(Case(text, {"network": text, "loss": "quartic", "reduction": "mean"}), samples=3))
    for name in ("F", "G"):
        assert same(mean[name], total[name])
    for name in ("r", "D", "H", "H_o", "H_f", "gradient"):
        assert same(mean[name] * 3, total[name])


@pytest.mark.parametrize("fit", [False, True])
def test_weight_decay_adds_a_multiple_of_the_identity(fit: bool) -> None:
    plain = instance(Case("decay", {"network": "2-2-2 square"}), fit=fit)
    decayed = instance(Case("decay", {"network": "2-2-2 square", "weight_decay": "2/3"}), fit=fit)
    before, after = values(plain), values(decayed)
    field = Instance(plain).exact_field
    for name in ("F", "G", "r", "D", "H_o", "H_f"):
        assert same(after[name], before[name])
    assert same(after["H"], before["H"] + field.identity(plain.P) * field.constant(Fraction(2, 3)))
    theta = field.array(plain.parameters)
    assert same(after["gradient"], before["gradient"] + theta * field.constant(Fraction(2, 3)))


def test_a_repeated_sample_doubles_its_part() -> None:
    keys = {"network": "2-2-1 square", "parameters": [1, 2, 3, 4, 5, 6, 1, 2, 3]}
    once = values(problem_from({**keys, "inputs": [[1, 2]], "targets": [7]}))
    twice = values(problem_from({**keys, "inputs": [[1, 2], [1, 2]], "targets": [7, 7]}))
    for name in ("H", "H_o", "H_f", "gradient"):
        assert same(twice[name], once[name] * 2)
    assert same(twice["G"], np.concatenate([once["G"], once["G"]]))


@pytest.mark.parametrize("k", [2, 3])
def test_probabilities_sum_to_one(k: int) -> None:
    """Softmax: Σ_k p_k = 1, so the rows of G of one sample add to zero, and a constant cotangent sees no curvature."""
    keys = {"network": f"1-1-{k} square", "loss": "cross_entropy", "behaviour": "probabilities"}
    for fit in (False, True):
        one = Instance(instance(Case(f"softmax {k}", keys | {"loss": "cross_entropy"}), fit=fit, samples=2))
        found = one.exactly(lambda d: {name: getattr(d, name) for name in NAMES})
        assert (found["F"].reshape(2, k).sum(axis=1) == 1).all()
        assert (found["G"].reshape(2, k, -1).sum(axis=1) == 0).all()
        if fit:
            assert (found["r"] == -1).all()
            assert (found["H_f"] == 0).all()
            assert (one.exactly(lambda d: pulled_back(d, d.field.zeros((2, k)) - 1)) == 0).all()


def pulled_back(d, cotangent):
    """Σ ρ ∇²p from the pieces, without the shortcut for fits."""
    from geomcheck.geometry.squash import Softmax

    squash = Softmax(d.field, d.model.outputs)
    p = squash.probabilities()
    raw = d.model.jacobian
    first = d.field.matmul(raw.swapaxes(-1, -2), d.field.matmul(squash.contracted_hessian(p, cotangent), raw))
    slope = d.field.matmul(cotangent[..., None, :], squash.jacobian(p))[..., 0, :]
    return first.sum(axis=0) + d.model.contracted_hessian(slope)
