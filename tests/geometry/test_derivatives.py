"""F, G, r, D, H, H_o, H_f over every number system against automatic differentiation and SymPy's exact derivatives."""

import flint
import numpy as np
import pytest
import sympy

from geomcheck.errors import InputError, Kink, OutsideField, Undecided
from geomcheck.fields.enclosures import enclose, working_precision
from geomcheck.geometry.batch import Batch
from geomcheck.geometry.derivatives import Derivatives
from geomcheck.geometry.instance import Instance
from geomcheck.problem.problem import Problem
from geomcheck.problem.read import problem_from
from tests.geometry.autodiff import QUANTITIES, reference
from tests.geometry.table import CASES, LOSSES, NETWORKS, Case, has_fit, instance

BY_NAME = {case.name: case for case in CASES}
FITTED = [case for case in CASES if has_fit(instance(case))]
SETTINGS = [(case.name, False) for case in CASES] + [(case.name, True) for case in FITTED]
EXACT = [(name, fit) for name, fit in SETTINGS if BY_NAME[name].exact]


def quantities(derivatives: Derivatives) -> dict[str, np.ndarray]:
    return {name: getattr(derivatives, name) for name in QUANTITIES}


def close(found: np.ndarray, expected: np.ndarray, name: str) -> None:
    scale = max(1.0, np.abs(expected).max(initial=0))
    assert found.shape == expected.shape, f"{name}: {found.shape} is not {expected.shape}"
    error = np.abs(found - expected).max(initial=0) / scale
    assert error <= 1e-9, f"{name}: error {error}"


def as_float(x: object, field: object) -> float:
    with working_precision(2000):
        return float(enclose(x, getattr(field, "q", 1), getattr(field, "angle_q", 1)).mid())


def floats(array: np.ndarray, field: object) -> np.ndarray:
    return np.array([as_float(x, field) for x in array.reshape(-1)]).reshape(array.shape)


@pytest.mark.parametrize(("name", "fit"), SETTINGS)
def test_floats(name: str, fit: bool) -> None:
    for seed in range(2):
        problem = instance(BY_NAME[name], seed, fit=fit)
        expected = reference(problem)
        batch = Batch(problem)
        for quantity in (*QUANTITIES, "loss"):
            close(batch[quantity][0], expected[quantity], quantity)


@pytest.mark.parametrize(("name", "fit"), SETTINGS)
def test_balls(name: str, fit: bool) -> None:
    problem = instance(BY_NAME[name], fit=fit)
    expected = reference(problem)
    for quantity in QUANTITIES:
        balls = Instance(problem).enclosed(lambda d, q=quantity: getattr(d, q))
        close(np.vectorize(lambda x: float(flint.arb(x).mid()), otypes=[float])(balls), expected[quantity], quantity)
        radius = max(float(flint.arb(x).rad()) for x in balls.reshape(-1))
        assert radius < 1e-20 * max(1.0, np.abs(expected[quantity]).max()), quantity


@pytest.mark.parametrize(("name", "fit"), EXACT)
def test_exact_fields(name: str, fit: bool) -> None:
    problem = instance(BY_NAME[name], fit=fit, samples=2)
    expected = reference(problem)
    one = Instance(problem)
    for quantity in QUANTITIES:
        entries = one.exactly(lambda d, q=quantity: getattr(d, q))
        close(floats(entries, one.exact_field), expected[quantity], quantity)


@pytest.mark.parametrize(("name", "fit"), EXACT)
def test_residues_are_images_of_the_exact_values(name: str, fit: bool) -> None:
    problem = instance(BY_NAME[name], fit=fit, samples=2)
    one = Instance(problem)
    exact = one.exactly(quantities)
    for quantity in QUANTITIES:
        field, image = next(one.residues(lambda d, q=quantity: (d.field, getattr(d, q))))
        assert (field.reduce(exact[quantity]).values == image.values).all(), quantity


@pytest.mark.parametrize(("name", "fit"), EXACT)
def test_exact_identities(name: str, fit: bool) -> None:
    problem = instance(BY_NAME[name], seed=1, fit=fit, samples=2)
    one = Instance(problem)
    G, D, r, H, H_o, H_f, gradient = one.exactly(lambda d: (d.G, d.D, d.r, d.H, d.H_o, d.H_f, d.gradient))
    field = one.exact_field
    decay = field.constant(problem.weight_decay)
    identity = field.identity(problem.P)
    theta = field.array(problem.parameters)
    for left, right in (
        (H, H.T),
        (H_o, field.matmul(G.T, field.matmul(D, G))),
        (H, H_o + H_f + identity * decay),
        (gradient, field.matmul(G.T, r)[:, 0] + theta * decay),
    ):
        assert field.is_zero(left - right).all()


def test_every_exact_case_is_exact_and_no_other() -> None:
    for case in CASES:
        if case.exact:
            continue
        with pytest.raises(OutsideField):
            Instance(instance(case)).exactly(quantities)


# -- SymPy, exactly ---------------------------------------------------------------------------------------------------

SIGMA = {"linear": lambda z: z, "square": lambda z: z**2, "power": lambda z: z**3, "tanh": sympy.tanh, "exp": sympy.exp}


def by_sympy(problem: Problem) -> dict[str, sympy.Matrix]:
    """The same quantities by sympy.diff, evaluated at the rational point; mse, sum, a dense network."""
    theta = sympy.symbols(f"t0:{problem.P}")
    at = dict(zip(theta, map(sympy.Rational, problem.parameters), strict=True))
    F, total, terms = [], 0, []
    for x, y in zip(problem.inputs, problem.targets, strict=True):
        layers, start = [sympy.Matrix([sympy.Rational(v) for v in x])], 0
        for layer in problem.model.layers:
            fan_in = layers[-1].rows
            W = sympy.Matrix(layer.width, fan_in, theta[start : start + layer.width * fan_in])
            start += layer.width * fan_in
            z = W * layers[-1]
            if layer.bias:
                z += sympy.Matrix(theta[start : start + layer.width])
                start += layer.width
            a = z.applyfunc(SIGMA[layer.activation.name])
            layers.append(a if layer.residual is None else a + layers[layer.residual])
        F += list(layers[-1])
        for f, target in zip(layers[-1], y, strict=True):
            total += (f - sympy.Rational(target)) ** 2 / 2
            terms.append(f - sympy.Rational(target))
    r = [term.subs(at) for term in terms]
    G = sympy.Matrix(F).jacobian(theta)
    H_f = sum((value * sympy.hessian(f, theta) for value, f in zip(r, F, strict=True)), sympy.zeros(problem.P))
    return {
        "F": sympy.Matrix(F).subs(at),
        "G": G.subs(at),
        "r": sympy.Matrix(r),
        "H": sympy.hessian(total, theta).subs(at),
        "H_o": (G.T * G).subs(at),
        "H_f": H_f.subs(at),
    }


SMALL = [
    "one hidden layer of square",
    "no bias",
    "one hidden layer of exp",
    "residual from the input",
]


@pytest.mark.parametrize("name", SMALL)
def test_sympy_agrees_exactly(name: str) -> None:
    case = BY_NAME[name]
    problem = instance(case, samples=1)
    one = Instance(problem)
    for quantity, matrix in by_sympy(problem).items():
        entries = one.exactly(lambda d, q=quantity: getattr(d, q))
        for i, j in np.ndindex(*matrix.shape):
            found = entries[i, j]
            if isinstance(found, flint.fmpq):
                assert matrix[i, j] == sympy.Rational(int(found.p), int(found.q)), (quantity, i, j)
            else:
                value = sympy.N(matrix[i, j], 60)
                assert abs(value - sympy.Float(mid(found, one.exact_field), 50)) < sympy.Float("1e-30"), (
                    quantity,
                    i,
                    j,
                )


def mid(x: object, field: object) -> str:
    with working_precision(1000):
        return enclose(x, field.q, field.angle_q).str(50, radius=False)


# -- what cannot be ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("quantity", ["G", "H", "H_o", "H_f", "gradient"])
@pytest.mark.parametrize("activation", ["relu", "abs", "leaky_relu(1/10)"])
def test_a_kink_names_sample_layer_and_unit(quantity: str, activation: str) -> None:
    problem = problem_from(
        {
            "network": f"2-2-1 {activation}, no output bias",
            "inputs": [[1, 1], [2, 3]],
            "targets": [0, 0],
            "parameters": [1, 2, 3, -2, 1, 0, 1, 1],
        }
    )
    with pytest.raises(Kink) as kink:
        Instance(problem).exactly(lambda d: getattr(d, quantity))
    assert (kink.value.sample, kink.value.layer, kink.value.unit) == (1, 1, 1)
    assert Instance(problem).exactly(lambda d: d.F).shape == (2, 1)
    for image in Instance(problem).residues(lambda d: d.F):
        assert image.shape == (2, 1)
        break
    with pytest.raises(Kink):
        next(Instance(problem).residues(lambda d: getattr(d, quantity)))


def test_a_kink_of_a_formula_names_the_sample() -> None:
    keys = {"parameters": ["a"], "inputs": ["x"], "outputs": ["relu(a*x - 2)"]}
    problem = problem_from({"model": keys, "inputs": [1, 2, 3], "parameters": [1], "targets": [0, 0, 0]})
    with pytest.raises(Kink) as kink:
        Instance(problem).exactly(lambda d: d.G)
    assert (kink.value.sample, kink.value.layer) == (1, None)


@pytest.mark.parametrize("loss", ["logistic", "exponential", "squared_hinge"])
def test_no_perfect_fit_without_a_finite_minimiser(loss: str) -> None:
    problem = problem_from(
        {"network": "1-1", "loss": loss, "inputs": [1], "parameters": [1, 1], "targets": "perfect_fit"}
    )
    with pytest.raises((InputError, Undecided)):
        Instance(problem).exactly(lambda d: d.H)


@pytest.mark.parametrize("case", [*NETWORKS[:3], *LOSSES[:3]], ids=lambda case: case.name)
def test_open_parts_are_named(case: Case) -> None:
    problem = problem_from({**case.keys, "samples": 2})
    with pytest.raises(InputError, match="parameters, inputs, targets"):
        Instance(problem)


def test_functional_part_vanishes_at_fits() -> None:
    for case in FITTED:
        if not case.exact or case.name.startswith("loss formula"):
            continue
        one = Instance(instance(case, fit=True, samples=2))
        H_f = one.exactly(lambda d: d.H_f)
        probabilities = one.problem.squash == "softmax" and one.problem.loss.name == "cross_entropy"
        if one.problem.loss.gradient_vanishes_at_fit or probabilities:
            assert one.exact_field.is_zero(H_f).all(), case.name
