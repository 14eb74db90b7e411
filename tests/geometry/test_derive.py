"""Derived matrices: equal to automatic differentiation and to SymPy, readable, and runnable as they are printed."""

import re
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
import sympy

from geomcheck.errors import InputError, LimitError
from geomcheck.fields.symbols import SymbolField
from geomcheck.geometry.derivatives import Derivatives
from geomcheck.geometry.symbolic.derive import derive
from geomcheck.problem.read import problem_from
from tests.geometry.autodiff import reference
from tests.geometry.table import CASES, has_fit, instance

WHATS = ("F", "G", "r", "D", "H", "H_o", "H_f")
LONG = ("two hidden", "three", "residual", "gelu")
BY_NAME = {case.name: case for case in CASES}
SETTINGS = [(case.name, fit) for case in CASES for fit in ([False, True] if has_fit(instance(case)) else [False])]


def opened(problem, targets=None):
    """The same problem with parameters, inputs and (unless a fit) targets left open."""
    from dataclasses import replace

    return replace(problem, parameters=None, inputs=None, targets=targets)


def run(derivation, problem):
    """What the printed Python function returns at a problem's numbers."""
    space = {}
    exec(derivation.render("python"), space)
    arguments = []
    if derivation.parameters:
        arguments.append([float(v) for v in problem.parameters])
    if any(derivation.inputs):
        arguments.append([[float(v) for v in row] for row in problem.inputs])
    if any(derivation.targets):
        arguments.append([[float(v) for v in row] for row in problem.targets])
    return np.array(space[derivation.what](*arguments), dtype=float)


@pytest.mark.parametrize(("name", "fit"), SETTINGS)
def test_the_python_form_computes_every_quantity(name, fit):
    problem = instance(BY_NAME[name], fit=fit, samples=1 if any(word in name for word in LONG) else 2)
    expected = reference(problem)
    for what in ("r", "D", "H") if fit else WHATS:
        found = run(derive(what, opened(problem, "perfect_fit" if fit else None)), problem)
        scale = max(1.0, np.abs(expected[what]).max())
        assert found.shape == expected[what].shape
        assert np.abs(found - expected[what]).max() < 1e-9 * scale, what


EXPANDED = sorted({name for name, _ in SETTINGS if not any(word in name for word in LONG)})


@pytest.mark.parametrize("name", EXPANDED)
def test_expanded_entries_are_the_same_functions(name):
    problem = instance(BY_NAME[name], samples=1)
    expected = reference(problem)
    for what in ("H", "H_f"):
        found = run(derive(what, opened(problem), expanded=True), problem)
        assert np.abs(found - expected[what]).max() < 1e-8 * max(1.0, np.abs(expected[what]).max())


def test_numbers_given_are_numbers_in_the_entries():
    problem = problem_from({"network": "1-1-1 square, no bias", "inputs": ["1/2"], "targets": [3]})
    derivation = derive("H", problem, expanded=True)
    assert (derivation.inputs, derivation.targets, derivation.parameters) == ((), (), ("W1_0_0", "W2_0_0"))
    assert str(derivation.entries[1, 1]) == "1/16*W1_0_0^4"
    everything = derive("H", problem.with_(parameters=[Fraction(2), Fraction(5)]))
    assert (
        run(everything, problem).tolist()
        == reference(problem.with_(parameters=[Fraction(2), Fraction(5)]))["H"].tolist()
    )


# -- SymPy ------------------------------------------------------------------------------------------------------------


def loss_in_sympy(sigma):
    """½ Σ (f − y)² of 1-2-1 with two samples."""
    W1, b1 = sympy.symbols("W1_0_0 W1_1_0"), sympy.symbols("b1_0 b1_1")
    W2, b2 = sympy.symbols("W2_0_0 W2_0_1"), sympy.Symbol("b2_0")
    theta = [*W1, *b1, *W2, b2]
    total = 0
    for n in range(2):
        x, y = sympy.symbols(f"x{n}_0 y{n}_0")
        f = sum(v * sigma(w * x + b) for w, b, v in zip(W1, b1, W2, strict=True)) + b2
        total += (f - y) ** 2 / 2
    return total, theta


@pytest.mark.parametrize(
    ("activation", "sigma"),
    [
        ("tanh", sympy.tanh),
        ("square", lambda z: z**2),
        ("sigmoid", lambda z: 1 / (1 + sympy.exp(-z))),
        ("sin", sympy.sin),
        ("gaussian", lambda z: sympy.exp(-(z**2))),
        ("softplus", lambda z: sympy.log(1 + sympy.exp(z))),
    ],
)
def test_to_sympy_is_sympys_own_hessian(activation, sigma):
    total, theta = loss_in_sympy(sigma)
    expected = sympy.hessian(total, theta)
    choice = np.random.default_rng(0)
    for expanded in (False, True):
        found = derive("H", network=f"1-2-1 {activation}", samples=2, expanded=expanded).to_sympy()
        assert found.free_symbols == expected.free_symbols
        point = {s: choice.standard_normal() for s in expected.free_symbols}
        numbers = [
            sympy.lambdify([list(point)], matrix)(list(map(float, point.values()))) for matrix in (found, expected)
        ]
        assert np.allclose(*numbers, rtol=1e-12, atol=1e-12)


def test_abstract_activations_are_sympys_derivatives_of_an_unknown_function():
    total, theta = loss_in_sympy(sympy.Function("sigma"))
    found = derive("H", network="1-2-1 relu", samples=2, abstract=True).to_sympy()
    difference = (found - sympy.hessian(total, theta)).applyfunc(lambda entry: sympy.expand(entry.doit()))
    assert difference == sympy.zeros(7)


def test_two_different_activations_are_two_unknown_functions():
    derivation = derive("G", network="1-1-1-1 tanh relu", abstract=True)
    assert {d.function for d in derivation.definitions if d.function} == {"sigma1", "sigma1'", "sigma2", "sigma2'"}


@pytest.mark.parametrize("network", ["1-2-2 silu", "1-1-1-1 gaussian tanh", "1-2-1 power(3)", "1-2-1 exp"])
def test_sympy_expressions_are_as_sympy_builds_them(network):
    """Every node is what its constructor makes of its arguments, though most were put together without it."""
    matrix = derive("H", network=network, loss="quartic").to_sympy()
    for entry in matrix:
        for node in sympy.preorder_traversal(entry):
            assert not node.args or node.func(*node.args) == node


@pytest.mark.parametrize(
    "keys", [{"network": "1-2-1 tanh"}, {"network": "1-1-1 relu", "abstract": True}, {"network": "1-1-1 gelu"}]
)
def test_the_sympy_form_runs_and_gives_the_matrix(keys):
    derivation = derive("H", **keys)
    space = {}
    exec(derivation.render("sympy"), space)
    difference = (space["H"] - derivation.to_sympy()).applyfunc(lambda entry: sympy.simplify(entry.doit()))
    assert difference == sympy.zeros(*derivation.shape)


# -- exactness --------------------------------------------------------------------------------------------------------


def test_the_decomposition_holds_as_polynomials():
    parts = {w: derive(w, network="2-3-1 tanh", samples=2, expanded=True) for w in ("G", "D", "H", "H_o", "H_f")}
    assert (parts["H"].entries - parts["H_o"].entries - parts["H_f"].entries == 0).all()
    assert (parts["H"].entries == parts["H"].entries.T).all()
    G, D = parts["G"].entries, parts["D"].entries
    assert str((G.T @ D @ G)[0, 9]) == str(parts["H_o"].entries[0, 9])


def test_names_stand_for_what_the_definitions_say():
    """Putting every definition into an entry gives the expanded entry, exactly."""
    keys = {"network": "2-2-1 tanh", "samples": 2}
    short, long = derive("H", **keys), derive("H", **keys, expanded=True)
    names = [*short.parameters, *(n for row in (*short.inputs, *short.targets) for n in row)]
    field = SymbolField(names, 8)
    values = dict(zip(names, field.variables(names), strict=True))

    def put_in(terms):
        total = field.element(Fraction(0))
        for coefficient, factors in terms.terms:
            product = field.element(coefficient)
            for name, exponent in factors:
                product = product * values[name] ** exponent
            total = total + product
        return total

    for d in short.definitions:
        argument = put_in(d.argument)
        values[d.name] = argument if d.function is None else field.apply(d.function, np.array([argument]))[0]
    for i, j in np.ndindex(*short.shape):
        assert str(put_in(short.terms[i][j])) == str(long.entries[i, j])


def test_python_form_is_exact_on_fractions():
    derivation = derive("H", network="1-2-1 square", loss="quartic")
    problem = problem_from(
        {
            "network": "1-2-1 square",
            "loss": "quartic",
            "inputs": ["1/3"],
            "targets": ["2/7"],
            "parameters": [1, 2, 3, "1/5", 5, 6, 7],
        }
    )
    space = {}
    exec(derivation.render("python"), space)
    found = space["H"](problem.parameters, problem.inputs, problem.targets)
    from geomcheck.fields.rationals import RationalField

    field = RationalField()
    inputs, targets = field.array(problem.inputs), field.array(problem.targets)
    expected = Derivatives(problem, field, field.array(problem.parameters), inputs, targets).H
    assert [[str(v) for v in row] for row in found] == [[str(v) for v in row] for row in expected]


# -- reading ----------------------------------------------------------------------------------------------------------

TEXT = """\
H of 1-1-1 tanh; mse; N = 1: 4 × 4, symmetric

z1_0_0   = W1_0_0*x0_0 + b1_0
a1_0_0   = tanh(z1_0_0)
da1_0_0  = -a1_0_0^2 + 1
dda1_0_0 = 2*a1_0_0^3 - 2*a1_0_0
f0_0     = W2_0_0*a1_0_0 + b2_0
r0_0     = f0_0 - y0_0

W1 × W1:
  H[0, 0] = W2_0_0^2*x0_0^2*da1_0_0^2 + W2_0_0*x0_0^2*dda1_0_0*r0_0
W1 × b1:
  H[0, 1] = W2_0_0^2*x0_0*da1_0_0^2 + W2_0_0*x0_0*dda1_0_0*r0_0
W1 × W2:
  H[0, 2] = W2_0_0*x0_0*a1_0_0*da1_0_0 + x0_0*da1_0_0*r0_0
W1 × b2:
  H[0, 3] = W2_0_0*x0_0*da1_0_0
b1 × b1:
  H[1, 1] = W2_0_0^2*da1_0_0^2 + W2_0_0*dda1_0_0*r0_0
b1 × W2:
  H[1, 2] = W2_0_0*a1_0_0*da1_0_0 + da1_0_0*r0_0
b1 × b2:
  H[1, 3] = W2_0_0*da1_0_0
W2 × W2:
  H[2, 2] = a1_0_0^2
W2 × b2:
  H[2, 3] = a1_0_0
b2 × b2:
  H[3, 3] = 1

entries not listed: 0, or H[j, i] = H[i, j]"""


def test_text_by_blocks():
    assert str(derive("H", network="1-1-1 tanh")) == TEXT


def test_text_of_a_small_matrix_and_of_zero_blocks():
    assert str(derive("H_o", network="1-1, no bias")).splitlines()[-1] == "H_o = [x0_0^2]"
    text = str(derive("H_f", network="2-2-1 relu"))
    assert "zero blocks: W1 × W1, W1 × b1, W1 × b2, b1 × b1, b1 × b2, W2 × W2, W2 × b2, b2 × b2" in text
    assert "H_f[0, 6] = x0_0*da1_0_0*r0_0" in text
    assert "at a perfect fit" in str(derive("H", network="1-1", targets="perfect_fit"))


def test_a_perfect_fit_has_no_residual_and_no_functional_part():
    for what in ("r", "H_f"):
        derivation = derive(what, network="2-2-1 tanh", samples=2, targets="perfect_fit")
        assert not any(entry.terms for row in derivation.terms for entry in row)
    fitted = derive("H", network="1-2-1 tanh", targets="perfect_fit", expanded=True)
    gauss_newton = derive("H_o", network="1-2-1 tanh", expanded=True)
    assert [[str(e) for e in row] for row in fitted.entries] == [[str(e) for e in row] for row in gauss_newton.entries]


def test_latex_is_balanced_and_names_layers_above():
    source = derive("H", network="1-2-1 tanh").render("latex")
    assert r"a'^{(1)}_{0,0} &= -{a^{(1)}_{0,0}}^{2} + 1" in source
    assert r"H = \begin{pmatrix}" in source
    assert r"\cdot" in source
    for opening, closing in (("{", "}"), (r"\begin{", r"\end{"), (r"\left", r"\right")):
        assert source.count(opening) == source.count(closing)
    assert source.count("&=") == len(derive("H", network="1-2-1 tanh").definitions)
    wide = derive("H", network="2-3-1 tanh").render("latex")
    assert r"\setcounter{MaxMatrixCols}{13}" in wide
    body = wide.split(r"\begin{pmatrix}")[1].split(r"\end{pmatrix}")[0].strip().split("\\\\\n")
    assert [row.count("&") for row in body] == [12] * 13


def test_latex_of_functions_and_explicit_names():
    source = derive(
        "F", model={"parameters": ["alpha", "w_12"], "inputs": ["x"], "outputs": ["exp(alpha*x)/(w_12 + 1/2)"]}
    ).render("latex")
    assert r"\exp\left(\alpha\,x_{0}\right)" in source
    assert r"\frac{1}{w_{12} + \tfrac{1}{2}}" in source


def test_the_python_form_pastes_into_an_empty_interpreter():
    source = derive("H", network="1-1-1 gelu").render("python")
    call = f"{source}\nprint(len(H([1.0, 2.0, 3.0, 4.0], [[0.5]], [[1.0]])))"
    done = subprocess.run([sys.executable, "-c", call], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "4"
    assert not re.search(r"\bFraction\b", derive("H", network="1-1-1 tanh").render("python"))


def test_abstract_python_takes_the_function_and_its_slopes():
    derivation = derive("H", network="1-2-1 relu", abstract=True)
    space = {}
    exec(derivation.render("python"), space)
    problem = problem_from(
        {"network": "1-2-1 tanh", "inputs": ["1/2"], "targets": [3], "parameters": [1, 2, 3, -4, 5, 6, 7]}
    )
    theta, x, y = [float(v) for v in problem.parameters], [[0.5]], [[3.0]]
    t = np.tanh
    assert "def H(theta, x, y, sigma, dsigma, ddsigma):" in derivation.render("python")
    found = space["H"](theta, x, y, t, lambda z: 1 - t(z) ** 2, lambda z: -2 * t(z) * (1 - t(z) ** 2))
    assert np.allclose(found, reference(problem)["H"])


# -- mistakes ---------------------------------------------------------------------------------------------------------


def test_mistakes_are_one_clear_error():
    for arguments, keys, kind, message in (
        (("Q",), {"network": "1-1"}, InputError, "expected one of F, G"),
        (("H", problem_from({"network": "1-1", "samples": 1})), {"loss": "mse"}, InputError, "both a problem and loss"),
        (("H",), {"network": "1-1", "abstract": True, "expanded": True}, InputError, "abstract or expanded"),
        (("H",), {"network": "9-60-9 tanh"}, LimitError, "at most 250000 entries"),
        (("F",), {"network": "1-9-1 tanh", "samples": 500}, LimitError, "symbols"),
        (("H",), {"network": "1-1 logistic"}, InputError, "logistic"),
        (("H",), {"network": "1-1", "loss": "logistic", "targets": "perfect_fit"}, Exception, "minimiser"),
        (("H",), {"model": {"parameters": ["r0_0"], "inputs": [], "outputs": ["r0_0"]}}, InputError, "r0_0"),
    ):
        with pytest.raises(kind, match=message):
            derive(*arguments, **keys)
    with pytest.raises(InputError, match="text, latex, python, sympy"):
        derive("H", network="1-1").render("html")
