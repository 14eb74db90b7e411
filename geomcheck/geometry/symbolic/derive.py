"""Symbolic derivation of F, G, r, D, H, H_o, H_f for a shape: exact polynomials in named generators.

Names: parameters W1_0_1 (layer, row, column) and b1_0 in the order of θ; inputs x0_1 (sample, input), targets y0_0
(sample, output); z, a, da, dda for a unit's pre-activation, σ, σ′, σ″, as in a1_0_2 (layer, sample, unit); outputs
f0_0, probabilities p0_0, r0_0 = ∂ℓ/∂f, D0_0_1 = ∂²ℓ/∂f_0∂f_1. What the problem gives is a number, what it leaves open
a symbol.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any, Final, final

import numpy as np

from geomcheck.errors import InputError, LimitError, described
from geomcheck.fields.symbols import SymbolField
from geomcheck.geometry.derivatives import Derivatives
from geomcheck.geometry.squash import SQUASHES
from geomcheck.geometry.symbolic.derivation import Derivation
from geomcheck.geometry.symbolic.terms import Definition, Template, Terms
from geomcheck.geometry.symbolic.units import LETTERS, NamedUnits, as_polynomial, named_layers, with_names
from geomcheck.problem.formula import Add, Call, Div, Formula, Mul, Name, Neg, Power, Sub
from geomcheck.problem.loss import FormulaLoss
from geomcheck.problem.model import ExplicitModel
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem
from geomcheck.problem.read import problem_from
from geomcheck.problem.scanner import suggestion

if TYPE_CHECKING:
    pass

QUANTITIES: Final = ("F", "G", "r", "D", "H", "H_o", "H_f")
MAX_ENTRIES: Final = 250_000
MAX_SYMBOLS: Final = 4_000
_MADE: Final = re.compile(r"[A-Za-z]+[0-9]+(_[0-9]+)*")


def derive(
    what: str,
    problem: Problem | Mapping[str, Any] | None = None,
    *,
    abstract: bool = False,
    expanded: bool = False,
    **parts: Any,
) -> Derivation:
    """One of F, G, r, D, H, H_o, H_f in symbols.

    The problem is a :class:`Problem`, a mapping with the keys of a problem file, or those keys as keyword arguments
    (``network="2-3-1 tanh", loss="mse", samples=3``; one sample when nothing says how many). ``abstract`` leaves every
    nonlinear activation an unknown function σ with σ′ and σ″. ``expanded`` names nothing but values of special
    functions such as tanh, so that entries are polynomials in parameters, data and those values: for one hidden layer
    of tanh, whose values are algebraically independent, equal functions are equal polynomials.

    Raises ``InputError`` for an unknown quantity or problem, ``LimitError`` beyond MAX_ENTRIES or MAX_SYMBOLS.

    >>> derivation = derive("G", network="1-1-1 tanh, no bias")
    >>> print(derivation)
    G of 1-1-1 tanh, no bias; mse; N = 1: 1 × 2
    <BLANKLINE>
    z1_0_0  = W1_0_0*x0_0
    a1_0_0  = tanh(z1_0_0)
    da1_0_0 = -a1_0_0^2 + 1
    <BLANKLINE>
    G = [W2_0_0*x0_0*da1_0_0  a1_0_0]
    """
    if what not in QUANTITIES:
        near = suggestion(str(what), QUANTITIES)
        raise InputError(f"expected one of {', '.join(QUANTITIES)}, got {described('what', what)}{near}")
    given = _problem(problem, parts)
    rows, columns = _shape(what, given)
    if rows * columns > MAX_ENTRIES:
        shape = f"shape=({rows}, {columns})"
        raise LimitError(f"expected at most {MAX_ENTRIES} entries, got {shape}; derive a smaller shape")
    return _Ring(given, what, abstract, expanded).derivation()


def _problem(problem: Problem | Mapping[str, Any] | None, parts: Mapping[str, Any]) -> Problem:
    if isinstance(problem, Problem):
        if parts:
            extra = ", ".join(sorted(parts))
            raise InputError(f"expected a problem or its parts, got both a problem and {extra}; give one")
        return problem
    table = {**(problem or {}), **parts}
    if "samples" not in table and "inputs" not in table and table.get("targets") in (None, "perfect_fit"):
        table["samples"] = 1
    return problem_from(table)


def _shape(what: str, problem: Problem) -> tuple[int, int]:
    nk, p = problem.N * problem.K, problem.P
    return {"F": (nk, 1), "r": (nk, 1), "G": (nk, p), "D": (nk, nk)}.get(what, (p, p))


@final
class _Ring:
    """The polynomial ring of one derivation, its generators and what they stand for."""

    def __init__(self, problem: Problem, what: str, abstract: bool, expanded: bool) -> None:
        self.problem, self.what = problem, what
        self.parameters = _parameter_names(problem)
        self.inputs = _input_names(problem)
        self.targets = _target_names(problem)
        self._check_names()
        self.units: tuple[NamedUnits | None, ...] = ()
        self.squash: Template | None = None
        self.loss: Template | None = None
        if not expanded:
            written_out = MAX_SYMBOLS if what in ("F", "r", "D") else 0
            if isinstance(problem.model, DenseNetwork):
                self.units = named_layers(problem.model, problem.N, abstract)
            self.squash = _squash_template(problem, written_out if what == "F" else 0)
            self.loss = _loss_template(problem, written_out)
        elif abstract:
            raise InputError("expected abstract or expanded, got both; an unknown function has nothing to expand")
        names = list(dict.fromkeys(self._generators()))
        capacity = _capacity(problem, expanded)
        if len(names) + capacity > MAX_SYMBOLS:
            raise LimitError(
                f"expected at most {MAX_SYMBOLS} symbols, got symbols={len(names) + capacity}; derive a smaller shape"
            )
        prefix = "s"
        while any(name.startswith(prefix) for name in names):
            prefix += "s"
        self.field = SymbolField(names, capacity, prefix)

    def _check_names(self) -> None:
        """A model's own names stay clear of the names made here."""
        own = self.parameters if isinstance(self.problem.model, ExplicitModel) else ()
        clash = [name for name in own if _MADE.fullmatch(name) or any(name in row for row in self.inputs)]
        if clash:
            raise InputError(
                f"expected parameter names that a derivation does not use itself, got {described('name', clash[0])}; "
                "rename it, to a for example"
            )

    def _generators(self) -> list[str]:
        problem = self.problem
        names = list(self.parameters) if problem.parameters is None else []
        if problem.inputs is None:
            names += [name for row in self.inputs for name in row]
        if self.loss is None and problem.targets is None:
            names += [name for row in self.targets for name in row]
        for units in self.units:
            names += units.symbols() if units is not None else []
        for template in (self.squash, self.loss):
            local = sorted(template.names) if template is not None else []
            names += [_in_sample(n, self._squashed, name) for n in range(problem.N) for name in local]
        return names

    @property
    def _squashed(self) -> bool:
        return self.problem.squash is not None

    def derivation(self) -> Derivation:
        derivatives = self._derivatives()
        entries = getattr(derivatives, self.what)
        problem = self.problem
        return Derivation(
            self.what,
            problem,
            entries,
            self.parameters if problem.parameters is None else (),
            self.inputs if problem.inputs is None else (),
            self.targets if problem.targets is None else (),
            lambda: self._glossary(derivatives),
        )

    def _derivatives(self) -> Derivatives:
        problem, field = self.problem, self.field
        n, d, k = problem.N, problem.model.n_inputs, problem.K
        theta = field.variables(self.parameters) if problem.parameters is None else field.array(problem.parameters)
        if problem.inputs is None:
            inputs = field.variables([name for row in self.inputs for name in row])
        else:
            inputs = field.array(problem.inputs)
        targets: Any
        if problem.targets is None and self.loss is None:
            targets = field.variables([name for row in self.targets for name in row]).reshape((n, k))
        elif problem.targets == "perfect_fit":
            targets = "perfect_fit"
        else:
            targets = None if problem.targets is None else field.array(problem.targets).reshape((n, k))
        shown = problem
        if self.units:
            assert isinstance(problem.model, DenseNetwork)
            shown = replace(problem, model=with_names(problem.model, self.units))
        given: dict[Any, Any] = {}
        if self.squash is not None:
            given["behaviour"] = self._by_name(self.squash, [[f"p_{i}" for i in range(k)]])[:, 0]
        if self.loss is not None:
            given["residual"] = self._by_name(self.loss, [[f"r_{i}" for i in range(k)]])[:, 0]
            given["output_hessian"] = self._by_name(
                self.loss, [[f"D_{min(i, j)}_{max(i, j)}" for j in range(k)] for i in range(k)]
            )
        return Derivatives(shown, field, theta, inputs.reshape((n, d)), targets, given=given)

    def _by_name(self, template: Template, outputs: list[list[str]]) -> Any:
        """Outputs of a template on every sample, (N, rows, cols)."""
        result = np.empty((self.problem.N, len(outputs), len(outputs[0])), dtype=object)
        for n, i, j in np.ndindex(*result.shape):
            value = template.values[outputs[i][j]].renamed(partial(_in_sample, n, self._squashed))
            result[n, i, j] = as_polynomial(self.field, value)
        return result

    def _definitions(self, derivatives: Derivatives) -> list[Definition]:
        found: list[Definition] = []
        problem, model = self.problem, derivatives.model
        for number, units in enumerate(self.units, start=1):
            if units is not None:
                found += units.definitions(model.pre_activations(number))  # type: ignore[attr-defined]
        if self.loss is None:
            return found
        outputs = model.outputs
        found += [Definition(f"f{n}_{k}", None, Terms.of(outputs[n, k])) for n, k in np.ndindex(*outputs.shape)]
        for n in range(problem.N):
            if isinstance(problem.targets, tuple):
                found += [Definition(f"y{n}_{k}", None, Terms.number(v)) for k, v in enumerate(problem.targets[n])]
            if self.squash is not None:
                found += self.squash.written(partial(_in_sample, n, False))
            found += self.loss.written(partial(_in_sample, n, self._squashed))
        return found

    def _glossary(self, derivatives: Derivatives) -> list[Definition]:
        later = self._definitions(derivatives)  # may still meet special values of the model
        values = self.field.special_values
        return [*(Definition(s.generator, s.function, Terms.of(s.argument)) for s in values), *later]


def _squash_template(problem: Problem, inline: int) -> Template | None:
    """p_k in f_0, f_1, …, one sample."""
    if problem.squash is None:
        return None
    width = problem.K
    field = SymbolField([f"f_{k}" for k in range(width)], 2 * width + 2)
    logits = field.variables([f"f_{k}" for k in range(width)]).reshape((1, width))
    probabilities = SQUASHES[problem.squash](field, logits).probabilities()
    outputs = {f"p_{k}": probabilities[0, k] for k in range(width)}
    return Template.of(outputs, field.special_values, _numbered_apart, inline)


def _loss_template(problem: Problem, inline: int) -> Template:
    """r_k and D_kl (k ≤ l) in f_0, f_1, … and y_0, y_1, …, one sample, the mean's 1/N included."""
    width = problem.K
    outputs, targets = [f"f_{k}" for k in range(width)], [f"y_{k}" for k in range(width)]
    model = ExplicitModel(tuple(outputs), (), tuple(Name(name) for name in outputs))
    alone = Problem(model, problem.loss, 1)
    field = SymbolField([*outputs, *targets], _capacity(alone, expanded=True) + 8 * width)
    y: Any = "perfect_fit" if problem.targets == "perfect_fit" else field.variables(targets).reshape((1, width))
    derivatives = Derivatives(alone, field, field.variables(outputs), field.zeros((1, 0)), y)
    weight = field.element(Fraction(1, problem.N) if problem.reduction == "mean" else Fraction(1))
    found = {f"r_{k}": derivatives.residual[0, k] * weight for k in range(width)}
    blocks = derivatives.output_hessian
    found |= {f"D_{k}_{m}": blocks[0, k, m] * weight for k in range(width) for m in range(k, width)}
    return Template.of(found, field.special_values, _numbered, inline)


def _numbered(function: str, number: int) -> str:
    return f"{LETTERS[function]}_{number}"


def _numbered_apart(function: str, number: int) -> str:
    """In capitals: the loss of the same sample has values of its own."""
    return f"{LETTERS[function].upper()}_{number}"


def _in_sample(sample: int, squashed: bool, name: str) -> str:
    """The local name of one sample, f_1, as the name f0_1; the loss of probabilities is a function of p, not of f."""
    letter, _, index = name.partition("_")
    return f"{'p' if squashed and letter == 'f' else letter}{sample}_{index}"


def _parameter_names(problem: Problem) -> tuple[str, ...]:
    if isinstance(problem.model, ExplicitModel):
        return problem.model.parameters
    blocks = problem.model.blocks()
    return tuple("_".join([block.name, *map(str, index)]) for block in blocks for index in np.ndindex(*block.shape))


def _input_names(problem: Problem) -> tuple[tuple[str, ...], ...]:
    if isinstance(problem.model, ExplicitModel):
        return tuple(tuple(f"{name}_{n}" for name in problem.model.inputs) for n in range(problem.N))
    return tuple(tuple(f"x{n}_{j}" for j in range(problem.model.n_inputs)) for n in range(problem.N))


def _target_names(problem: Problem) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(f"y{n}_{k}" for k in range(problem.K)) for n in range(problem.N))


def _capacity(problem: Problem, expanded: bool) -> int:
    """A bound on the special values that the derivation can meet."""
    samples, width = problem.N, problem.K
    bound = 0
    if isinstance(problem.model, ExplicitModel):
        bound += 3 * samples * sum(_calls(formula) for formula in problem.model.outputs)
    elif expanded:
        units = sum(layer.width for layer in problem.model.layers if layer.activation.polynomial_degree is None)
        bound += 2 * samples * units
    if expanded:
        if isinstance(problem.loss, FormulaLoss):
            bound += 3 * samples * _calls(problem.loss.value)
        elif problem.loss.name not in ("mse", "quartic"):
            bound += samples * (4 * width + 2)
        if problem.squash is not None:
            bound += samples * (2 * width + 2)
    return bound


def _calls(formula: Formula) -> int:
    """How many functions and divisions a formula has."""
    match formula:
        case Add(a, b) | Sub(a, b) | Mul(a, b):
            return _calls(a) + _calls(b)
        case Div(a, b):
            return _calls(a) + _calls(b) + 1
        case Neg(a) | Power(a, _):
            return _calls(a)
        case Call(_, a):
            return _calls(a) + 1
    return 0
