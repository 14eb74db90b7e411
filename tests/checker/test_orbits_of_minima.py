"""Orbits of minima: what counts as linear near a point is read off exact outputs, in the numbers that these are of."""

from geomcheck import checker

from .certificates import dense


def test_signs_are_those_of_the_outputs() -> None:
    """exp(x/2) − 2 changes its sign between x = 1 and x = 2; exp(x) − 2, the same polynomial in another t, does not."""
    theta = ["1/2", "1", "1", "-2", "1", "1", "1"]
    layers = (1, "exp", False), (2, "leaky_relu(1/2)", True), (1, "linear", False)
    about = dense(
        1, *(layer[:2] for layer in layers), inputs=[["1"], ["2"]], targets=[["0"]] * 2, parameters=theta, samples=2
    )
    for layer, (_, _, bias) in zip(about["model"]["layers"], layers, strict=True):
        layer["bias"] = bias
    problem = checker.Problem(about)
    for q in (2, 6):
        run = checker.Instance(problem, checker.Numbers(q, 1))
        outputs = [units for _, units in run.forward(1)]
        assert run.numbers.signs(checker.value_of(outputs[0][2][0])) == {-1}
        assert run.numbers.signs(checker.value_of(outputs[1][2][0])) == {1}
        assert checker.orbit(problem, outputs, run.numbers) == 2  # both units may be rescaled; only one is linear
    turned = checker.Instance(checker.Problem({**about, "inputs": [["2"], ["4"]]}), checker.Numbers(1, 1))
    outputs = [units for _, units in turned.forward(1)]
    assert checker.orbit(turned.problem, outputs, turned.numbers) > 2
