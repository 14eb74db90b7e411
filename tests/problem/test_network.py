from __future__ import annotations

from fractions import Fraction

import pytest

from geomcheck.errors import InputError, SyntaxProblem
from geomcheck.problem.activation import Activation
from geomcheck.problem.model import explicit_model
from geomcheck.problem.network import DenseNetwork, Layer
from geomcheck.problem.shorthand import parse_network

TANH, RELU = Activation("tanh"), Activation("relu")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2-3-1 tanh", DenseNetwork(2, (Layer(3, True, TANH), Layer(1)))),
        ("2 - 3 - 1  tanh", DenseNetwork(2, (Layer(3, True, TANH), Layer(1)))),
        ("2-3-1 tanh, no bias", DenseNetwork(2, (Layer(3, False, TANH), Layer(1, False)))),
        ("2-3-1 tanh, no output bias", DenseNetwork(2, (Layer(3, True, TANH), Layer(1, False)))),
        ("2-3-4-1 tanh relu", DenseNetwork(2, (Layer(3, True, TANH), Layer(4, True, RELU), Layer(1)))),
        ("2-3-4-1 relu", DenseNetwork(2, (Layer(3, True, RELU), Layer(4, True, RELU), Layer(1)))),
        ("2-1-2 linear, no bias", DenseNetwork(2, (Layer(1, False), Layer(2, False)))),
        ("2-1-2", DenseNetwork(2, (Layer(1), Layer(2)))),
        ("3-1", DenseNetwork(3, (Layer(1),))),
        ("2-1 linear", DenseNetwork(2, (Layer(1),))),
        ("3-1, output sigmoid", DenseNetwork(3, (Layer(1, True, Activation("sigmoid")),))),
        (
            "1-2-1 leaky_relu(-1/10), output power(3), no bias",
            DenseNetwork(
                1,
                (
                    Layer(2, False, Activation("leaky_relu", Fraction(-1, 10))),
                    Layer(1, False, Activation("power", Fraction(3))),
                ),
            ),
        ),
        (
            "1-1-1 leaky_relu(0.25)",
            DenseNetwork(1, (Layer(1, True, Activation("leaky_relu", Fraction(1, 4))), Layer(1))),
        ),
    ],
)
def test_shorthand(text, wanted):
    assert parse_network(text) == wanted


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("", 1, "expected a width"),
        ("2", 2, "expected '-' between widths"),
        ("2-0-1 tanh", 3, "from 1 to 100000"),
        ("2--1", 3, "expected a width"),
        ("2-3.5-1", 3, "expected a width"),
        ("2-9999999999-1", 3, "from 1 to 100000"),
        ("2-3-1 tahn", 7, "did you mean 'tanh'"),
        ("2-3-1 tanh relu", 7, "each of the 1 hidden layers, got 2"),
        ("2-1 tanh", 5, "there is no hidden layer"),
        ("2-3-1 tanh, nobias", 13, "expected an option"),
        ("2-3-1 tanh, no", 15, "expected 'bias'"),
        ("2-3-1 tanh,", 12, "expected an option"),
        ("2-3-1 power", 7, "needs a degree"),
        ("2-3-1 power(1/2)", 7, "integer degree"),
        ("2-3-1 leaky_relu(1/0)", 20, "zero denominator"),
        ("2-3-1 leaky_relu(", 18, "expected a number"),
        ("2-3-1 tanh(2)", 7, "takes no parameter"),
        ("2-3-1 tanh; x", 11, "expected the end"),
    ],
)
def test_wrong_shorthand_has_a_caret(text, column, said):
    with pytest.raises(SyntaxProblem, match=said) as caught:
        parse_network(text)
    assert (caught.value.line, caught.value.column) == (1, column)


def test_blocks_follow_torch_order():
    blocks = parse_network("2-3-1 tanh").blocks()
    assert [(b.name, b.layer, b.start, b.stop, b.shape) for b in blocks] == [
        ("W1", 1, 0, 6, (3, 2)),
        ("b1", 1, 6, 9, (3,)),
        ("W2", 2, 9, 12, (1, 3)),
        ("b2", 2, 12, 13, (1,)),
    ]
    for text in ("2-3-1 tanh", "4-3-2-5 relu, no bias", "1-1", "2-3-1 tanh, no output bias"):
        network = parse_network(text)
        assert network.blocks()[-1].stop == network.n_parameters
        assert sum(block.size for block in network.blocks()) == network.n_parameters


def test_residual_links_join_equal_widths():
    DenseNetwork(3, (Layer(3, residual=0), Layer(3, residual=1), Layer(3, residual=0)))
    for layers, said in (
        ((Layer(2, residual=0),), "expected a source of width 2, got width 3"),
        ((Layer(3, residual=1),), "earlier layer"),
        ((Layer(3, residual=-1),), "at least 0"),
        ((Layer(3, residual=True),), "expected an integer"),
    ):
        with pytest.raises(InputError, match=said):
            DenseNetwork(3, layers)


@pytest.mark.parametrize(
    ("inputs", "layers", "said"),
    [
        (0, (Layer(1),), "inputs"),
        (2, (), "at least one layer"),
        (2, (Layer(0),), "layer 1: width"),
        (2, (Layer(100_001),), "at most 100000"),
        (2, (Layer(1),) * 1001, "at most 1000 layers"),
        (100_000, (Layer(100_000),), "parameters"),
    ],
)
def test_a_wrong_network_is_refused(inputs, layers, said):
    with pytest.raises(InputError, match=said):
        DenseNetwork(inputs, layers)


def test_explicit_models():
    model = explicit_model(["a", "b"], [], ["a*b", "a + b"])
    assert (model.n_parameters, model.n_inputs, model.n_outputs) == (2, 0, 2)
    for parameters, inputs, outputs, said in (
        ([], ["x"], ["x"], "at least one parameter"),
        (["a"], [], [], "at least one output"),
        (["a", "a"], [], ["a"], "given twice"),
        (["a"], ["a"], ["a"], "given twice"),
        (["tanh"], [], ["tanh"], "is a function"),
        (["a b"], [], ["a"], "expected a name"),
        ([""], [], ["a"], "expected a name"),
        (["a"], [], ["a*z"], r"outputs\[0\], line 1, column 3: unknown name 'z'"),
        (["a"], [], ["a"] * 1001, "at most 1000"),
    ):
        with pytest.raises(InputError, match=said):
            explicit_model(parameters, inputs, outputs)
