"""Networks, data sets and instances: in their bounds, off the kinks, keeping what is given, and small when shrunk."""

import pytest
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from geomcheck import problem_from
from geomcheck.claims.evaluation import Evaluation
from geomcheck.problem.read import parse_network
from geomcheck.testing import datasets, instances, networks, permutations_of, rationals
from geomcheck.testing.kinks import smooth_parameters
from tests.testing.minimal import examples, minimal
from tests.testing.test_linear_algebra import rank

PIXEL = {"network": "1-1 linear, no bias", "samples": 1}


def test_networks_keep_their_bounds():
    drawn = examples(networks(inputs=2, outputs=st.just(3), min_layers=2, max_layers=3, min_width=2, max_width=4), 100)
    assert {len(net.layers) for net in drawn} == {2, 3}
    assert {width for net in drawn for width in net.widths[1:-1]} == {2, 3, 4}
    assert {(net.n_inputs, net.n_outputs) for net in drawn} == {(2, 3)}
    assert {str(net.layers[0].activation) for net in drawn} == {"linear", "relu", "square", "tanh"}
    assert {layer.bias for net in drawn for layer in net.layers} == {True, False}


def test_networks_with_residual_links():
    drawn = examples(networks(min_layers=3, max_layers=3, max_width=2, biases=True, residuals=True), 100)
    assert {net.layers[1].residual for net in drawn} == {None, 0, 1}
    assert all(layer.bias for net in drawn for layer in net.layers)


def test_smallest_networks():
    assert minimal(networks()) == parse_network("1-1 linear, no bias")
    assert minimal(networks(), lambda net: net.n_parameters > 3).n_parameters == 4
    assert minimal(networks(activations=["tanh"]), lambda net: len(net.layers) > 1) == parse_network(
        "1-1-1 tanh, no bias"
    )


@pytest.mark.parametrize(
    ("loss", "allowed"),
    [
        ("mse", lambda row: True),
        ("bce", lambda row: all(0 <= y <= 1 for y in row)),
        ("softmax_cross_entropy", lambda row: min(row) >= 0 and sum(row) == 1),
        ("logistic", lambda row: all(y in (1, -1) for y in row)),
    ],
)
def test_datasets(loss, allowed):
    for x, y in examples(datasets(3, 2, 2, rank=1, loss=loss)):
        assert (len(x), len(x[0]), len(y), len(y[0]), rank(x)) == (3, 2, 3, 2, 1)
        assert all(map(allowed, y))


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"network": "2-3-1 relu"},
        {"network": "2-3-3-1 relu abs, no bias"},
        {"network": "2-2-2-1 tanh relu"},
        {"network": networks(activations=["leaky_relu(1/10)", "relu"], min_layers=2, max_layers=3, residuals=True)},
        {"loss": st.sampled_from(["softmax_cross_entropy", "logistic", "squared_hinge", "quartic"])},
        {"loss": "cross_entropy", "behaviour": "probabilities"},
        {"model": {"parameters": ["a", "b"], "inputs": ["x"], "outputs": ["a*b*x/(1 + x^2)"]}, "samples": 2},
        {"loss": {"outputs": ["f"], "targets": ["y"], "value": "(f - y)^4"}, "network": "1-2-1 square", "samples": 2},
    ],
)
def test_instances_are_complete_and_smooth(parts):
    for problem in examples(instances(**parts)):
        assert problem.is_instance
        at = Evaluation(problem)
        at.require_in_domain()
        at.require_smooth()


def test_what_is_given_is_kept():
    given = {"network": "2-1", "inputs": [[1, 2]], "loss": "bce_logits", "reduction": "mean", "weight_decay": "1/2"}
    wanted = problem_from(given)
    for problem in examples(instances(**given)):
        assert (problem.model, problem.loss, problem.inputs) == (wanted.model, wanted.loss, wanted.inputs)
        assert (problem.reduction, problem.weight_decay) == (wanted.reduction, wanted.weight_decay)
    assert examples(instances(problem=problem_from({**PIXEL, "parameters": [3]})))[0].parameters == (3,)
    assert {p.samples for p in examples(instances(network="1-1", samples=st.sampled_from([2, 5])))} == {2, 5}


@pytest.mark.parametrize("shape", ["2-4-3-1 relu", "2-3-2-1 abs leaky_relu(1/2), no bias", "2-2-1 relu, output relu"])
def test_units_are_off_their_kinks_before_anything_is_thrown_away(shape):
    problem = problem_from({"network": shape, "inputs": [[1, 0], [1, 1], [-1, 2]], "targets": [[0], [0], [0]]})
    for theta in examples(smooth_parameters(problem.model, problem.inputs, rationals(max_height=1))):
        Evaluation(problem.with_(parameters=theta)).require_smooth()


def test_kinks_are_drawn_where_they_are_wanted():
    assert minimal(instances(network="1-1-1 relu", kinks=True)).parameters == (0, 0, 0, 0)
    assert minimal(instances(network="1-1-1 relu")).parameters == (0, 1, 0, 0)


def test_data_are_degenerate_now_and_then():
    drawn = examples(instances(network="2-1", samples=3), 100)
    assert {rank(problem.inputs) for problem in drawn} == {0, 1, 2}
    assert any(problem.inputs[0] == problem.inputs[-1] and any(problem.inputs[0]) for problem in drawn)


def test_smallest_instances():
    assert minimal(instances()) == problem_from({**PIXEL, "inputs": [0], "targets": [0], "parameters": [0]})
    dense = minimal(instances(), lambda problem: sum(map(bool, problem.parameters)) >= 2)
    assert dense.P == 2 and dense.parameters == (1, 1) and dense.samples == 1
    signed = minimal(instances(loss="logistic"), lambda problem: (-1,) in problem.targets)
    assert signed == problem_from({**PIXEL, "loss": "logistic", "inputs": [0], "targets": [-1], "parameters": [0]})


TANH = problem_from({"network": "2-3-3-2 tanh", "inputs": [[1, 2], [3, -1]], "targets": [[0, 1], [1, 0]],
                     "parameters": [(7 * i) % 11 - 5 for i in range(29)]})  # fmt: skip
LINKS = [{"width": 3, "activation": "square"}, {"width": 3, "residual": 1}, {"width": 1}]
LINKED = problem_from({
    "network": {"inputs": 2, "layers": LINKS}, "inputs": [[1, 2], [3, -1]], "targets": "perfect_fit",
    "parameters": [(5 * i) % 7 - 3 for i in range(25)],
})  # fmt: skip
RELU = problem_from({"network": "1-2-1 relu", "inputs": [1, 2], "targets": [1, 1], "parameters": [1, 2, 3, 4, 5, 6, 7]})


@pytest.mark.parametrize("problem", [LINKED, RELU], ids=["linked", "relu"])
def test_permuting_units_changes_nothing_that_is_computed(problem):
    def facts(problem):
        at = Evaluation(problem)
        shown = [at.matrix_text(("matrix", "F"))[0], at.shown(("word", "L"))]
        return (*shown, *(at.shown((head, ("matrix", name))) for head in ("rank", "index") for name in ("H", "H_o")))

    permuted = examples(permutations_of(problem), 30)
    assert len({other.parameters for other in permuted}) > 1
    assert {facts(other) for other in permuted} == {facts(problem)}


def test_every_permutation_is_drawn():
    assert len({p.parameters for p in examples(permutations_of(TANH), 400)}) == 36
    assert len({p.parameters for p in examples(permutations_of(LINKED), 100)}) == 6
    samples = {(p.inputs, p.targets) for p in examples(permutations_of(TANH, units=False, samples=True), 30)}
    assert samples == {(TANH.inputs, TANH.targets), (TANH.inputs[::-1], TANH.targets[::-1])}


def test_permutations_shrink_to_the_problem_itself():
    assert minimal(permutations_of(TANH, samples=True)) == TANH
    swapped = minimal(permutations_of(TANH), lambda problem: problem != TANH).parameters
    assert sum(a != b for a, b in zip(swapped, TANH.parameters, strict=True)) <= 12  # one pair of units


MODEL = {"parameters": ["a"], "outputs": ["a^2"]}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: networks(min_layers=3), "Cannot have min_layers=3 > max_layers=2"),
        (lambda: networks(max_width=0), "Expected max_width to be at least 1"),
        (lambda: networks(inputs="2"), "Expected int but got inputs='2' (type=str)"),
        (lambda: networks(activations=["thanh"]), "activations, line 1, column 1: unknown activation 'thanh'"),
        (lambda: networks(activations="tanh"), "Expected a sequence of names but got activations='tanh' (type=str)"),
        (lambda: networks(activations=[]), "Expected at least one activation but got activations=[]"),
        (lambda: networks(biases="no"), "Expected bool but got biases='no' (type=str)"),
        (lambda: datasets(2, 1, rank=2), "Cannot have rank=2 in a matrix with rows=2, columns=1"),
        (lambda: datasets(2, 1, loss="mes"), "loss: unknown loss 'mes'"),
        (lambda: datasets(0, 1), "Expected samples to be at least 1"),
        (lambda: instances(netwrok="1-1"), "Unknown part 'netwrok'"),
        (lambda: instances(network="1-1", targets=[[1, 2]]), "problem: targets[0]: expected a row of 1"),
        (lambda: instances(parameters=[1]), "Cannot have parameters without a network, a model or a torch module"),
        (lambda: instances(problem=TANH, loss="mse"), "Cannot have both problem and loss"),
        (lambda: instances(problem=7), "Expected Problem or a mapping but got problem=7 (type=int)"),
        (lambda: instances(kinks=1), "Expected bool but got kinks=1 (type=int)"),
        (lambda: permutations_of("x"), "Expected Problem but got problem='x' (type=str)"),
        (lambda: permutations_of(problem_from(PIXEL)), "Cannot permute units without parameters"),
        (lambda: permutations_of(problem_from({"model": MODEL, "samples": 1})), "Cannot permute the units of a model"),
    ],
)
def test_wrong_arguments_are_refused_at_once(make, message):
    with pytest.raises(InvalidArgument) as caught:
        make()
    assert str(caught.value).startswith(message)
