"""The symbolic check of H = H_o + H_f agrees on every kind of model, and notices a fault in either computation."""

import subprocess
import sys
import time
from typing import Any

import pytest

from geomcheck.problem.model import explicit_model
from geomcheck.problem.network import DenseNetwork
from geomcheck.prove import network_hessian
from geomcheck.prove.chain_rule import verification
from geomcheck.prove.formula_hessian import entries_agree

from .problems import model, problem

RESIDUAL = {"inputs": 2, "layers": [{"width": 2, "activation": "tanh", "residual": 0}, {"width": 2, "residual": 1}]}


@pytest.mark.parametrize(
    "parts",
    [
        {"network": "2-3-1 tanh"},
        {"network": "2-2-2 relu", "behaviour": "probabilities"},
        {"network": "1-2-2-1 tanh sin, no bias"},
        {"network": "2-2-1 tanh, output sigmoid"},
        {"network": "3-2"},
        {"network": RESIDUAL},
        {"network": RESIDUAL, "behaviour": "probabilities"},
        {"model": model("a*tanh(b*x)")},
        {"model": model("a^2*x - b/(1+a^2)", "exp(a*b)*relu(b)")},
        {"model": model("a*b*x", "softplus(a)"), "behaviour": "probabilities"},
    ],
)
def test_all_entries_agree(parts: dict[str, Any]) -> None:
    about = problem(**parts)
    assert f"all {about.P * (about.P + 1) // 2} entries agree" in verification(about)


def test_large_models_rest_on_the_theorem() -> None:
    assert "general theorem" in verification(problem("100-1000-10 relu"))
    assert "general theorem" in verification(problem(model=model("+".join(["a*b*x"] * 150))))


def test_the_words_name_what_is_abstract() -> None:
    assert "σ, σ′, σ″" in verification(problem("2-2-1 relu"))
    assert "abstract" not in verification(problem("2-2-1 linear"))


@pytest.mark.parametrize("fault", ["slope", "bend", "cross", "output"])
def test_a_fault_in_the_closed_form_is_noticed(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    network = problem("2-2-1 tanh").model
    assert isinstance(network, DenseNetwork)
    assert network_hessian.entries_agree(network, False)
    form = network_hessian._ClosedForm
    if fault == "output":
        monkeypatch.setattr(form, "outer", lambda self, i, j: self._s.ring.zero)
    elif fault == "cross":
        kept = form._backward

        def without_cross(self: Any, cotangent: Any) -> Any:
            upper, inner = kept(self, cotangent)
            return upper, {layer: [2 * value for value in values] for layer, values in inner.items()}

        monkeypatch.setattr(form, "_backward", without_cross)
    else:
        original = network_hessian._Symbols.activation
        order_at_fault = 1 if fault == "slope" else 2

        class Faulty(network_hessian._ClosedForm):  # type: ignore[misc]
            def __init__(self, symbols: Any) -> None:
                symbols.activation = lambda layer, unit, order: (
                    original(symbols, layer, unit, order) * (2 if order == order_at_fault else 1)
                )
                super().__init__(symbols)

        monkeypatch.setattr(network_hessian, "_ClosedForm", Faulty)
    assert not network_hessian.entries_agree(network, False)


def test_a_fault_in_the_formulas_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from geomcheck.prove import formula_hessian

    about = explicit_model(["a", "b"], ["x"], ["a*tanh(b*x)"])
    assert entries_agree(about, False)
    kept, calls = formula_hessian._quadratic, []

    def doubled_from_the_third_call_on(*arguments: Any) -> Any:
        calls.append(arguments)
        return kept(*arguments) * (2 if len(calls) > 2 else 1)

    monkeypatch.setattr(formula_hessian, "_quadratic", doubled_from_the_third_call_on)
    assert not entries_agree(about, False)


def test_two_three_one_is_fast() -> None:
    import sympy  # noqa: F401  (loading it is not what is timed)

    network = problem("2-3-1 tanh").model
    assert isinstance(network, DenseNetwork)
    started = time.perf_counter()
    assert network_hessian.entries_agree(network, False)
    assert time.perf_counter() - started < 0.5


def test_sympy_is_loaded_only_by_a_proof_that_needs_it() -> None:
    code = """
import sys
from geomcheck.prove import prove
from geomcheck.claims.claim import parse_claim
from geomcheck.problem.read import problem_from
about = problem_from({"network": "2-3-1 tanh", "samples": 4})
assert prove(parse_claim("rank(H) <= P"), about)
assert "sympy" not in sys.modules
assert prove(parse_claim("rank(H) == rank(G) at perfect_fits"), about)
assert "sympy" in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
