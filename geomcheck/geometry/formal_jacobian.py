"""∂F/∂θ of an explicit model as polynomials, in which every exp(f), log(f), sin(f), cos(f), relu(f) is a variable.

An identity between such polynomials holds wherever the model is defined; the converse need not be, as nothing is known
of these variables but their derivatives: e′ = e f′ for exp, f′/f for log, those of sin and cos, and s f′ for relu, with
s′ = 0 off the kinks. 1/f is a variable, too, until the rows are multiplied by the denominators.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, final

import flint

from geomcheck.problem import formula as tree
from geomcheck.problem.formula import parse_formula
from geomcheck.problem.model import ExplicitModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geomcheck.problem.problem import Problem

MAX_CALLS, MAX_TERMS = 24, 400
_COMPOSED: Final = {
    "tanh": parse_formula("1-2/(exp(2*z)+1)", ("z",), "derivative"),
    "sigmoid": parse_formula("1/(exp(-z)+1)", ("z",), "derivative"),
    "abs": parse_formula("2*relu(z)-z", ("z",), "derivative"),
    "softplus": parse_formula("log(exp(z)+1)", ("z",), "derivative"),
}
_ELEMENTARY: Final = ("exp", "log", "sin", "cos", "relu")


class _NotSmooth(Exception):
    """A function without a rule, or too many terms."""


def formal_jacobian(problem: Problem) -> list[list[Any]] | None:
    """Rows of P polynomials in θ, then open inputs of one sample, then the functions; None where there is no rule.

    >>> from geomcheck.problem.read import problem_from
    >>> model = {"parameters": ["a", "b"], "inputs": ["x"], "outputs": ["a*exp(b + x)"]}
    >>> [str(entry) for entry in formal_jacobian(problem_from({"model": model, "samples": 2}))[0]]
    ['g0', 'p0*g0']
    """
    model = problem.model
    if not isinstance(model, ExplicitModel):
        return None
    inputs = [f"x{j}" for j in range(model.n_inputs)] if problem.inputs is None else []
    names = [*(f"p{i}" for i in range(problem.P)), *inputs, *(f"g{i}" for i in range(MAX_CALLS))]
    context = flint.fmpq_mpoly_ctx.get(names, flint.Ordering.lex)
    symbols = context.gens()
    known = dict(zip(model.parameters, symbols, strict=False))
    samples = [dict(zip(model.inputs, symbols[problem.P :], strict=False))]
    if problem.inputs is not None:
        numbers = [[context.constant(flint.fmpq(x.numerator, x.denominator)) for x in row] for row in problem.inputs]
        samples = [dict(zip(model.inputs, row, strict=True)) for row in numbers]
    calls = _Calls(context, problem.P, symbols[problem.P + len(inputs) :])
    try:
        outputs = [calls.value(formula, known | sample) for sample in samples for formula in model.outputs]
        return [calls.cleared([calls.derivative(output, i) for i in range(problem.P)]) for output in outputs]
    except _NotSmooth:
        return None


@final
class _Calls:
    """The functions met so far: name and argument of each variable g0, g1, …"""

    def __init__(self, context: Any, size: int, symbols: Any) -> None:
        self._context, self._size, self._symbols = context, size, symbols
        self._known: dict[tuple[str, str], int] = {}
        self._arguments: dict[int, tuple[str, Any]] = {}
        self._slopes: dict[tuple[int, int], Any] = {}

    def value(self, node: tree.Formula, names: Mapping[str, Any]) -> Any:
        """The polynomial of a formula."""
        match node:
            case tree.Number(value):
                return self._context.constant(flint.fmpq(value.numerator, value.denominator))
            case tree.Name(name):
                return names[name]
            case tree.Add(left, right):
                return self.value(left, names) + self.value(right, names)
            case tree.Sub(left, right):
                return self.value(left, names) - self.value(right, names)
            case tree.Neg(inner):
                return -self.value(inner, names)
            case tree.Mul(left, right):
                return _limited(self.value(left, names) * self.value(right, names))
            case tree.Div(left, right):
                below = self.value(right, names)
                if below.is_constant() and below != 0:
                    return self.value(left, names) / below.leading_coefficient()
                return _limited(self.value(left, names) * self.call("reciprocal", below))
            case tree.Power(base, exponent):
                result, factor = self._context.constant(1), self.value(base, names)
                for _ in range(exponent):
                    result = _limited(result * factor)
                return result
            case tree.Call(name, argument):
                inner = self.value(argument, names)
                if name in _COMPOSED:
                    return self.value(_COMPOSED[name], {"z": inner})
                return self.call(name, inner)
        raise _NotSmooth

    def call(self, name: str, argument: Any) -> Any:
        """The variable of a function of a polynomial."""
        if name not in (*_ELEMENTARY, "reciprocal", "step"):
            raise _NotSmooth
        place = self._known.setdefault((name, str(argument)), len(self._known))
        if place >= len(self._symbols):
            raise _NotSmooth
        self._arguments[place] = name, argument
        return self._symbols[place]

    def derivative(self, polynomial: Any, parameter: int) -> Any:
        """Its derivative by a parameter, through all functions in it."""
        total = polynomial.derivative(parameter)
        first = len(self._context.gens()) - len(self._symbols)
        for place in range(len(self._known)):
            outer = polynomial.derivative(first + place)
            if outer != 0:
                total = _limited(total + outer * self._slope(place, parameter))
        return total

    def cleared(self, row: list[Any]) -> list[Any]:
        """The row times a product of denominators, without the variables that stand for 1/f, the last ones first."""
        first = len(self._context.gens()) - len(self._symbols)
        for place in reversed(range(len(self._known))):
            name, below = self._arguments[place]
            if name != "reciprocal":
                continue
            terms = [[(list(map(int, powers)), c) for powers, c in entry.to_dict().items()] for entry in row]
            most = max((powers[first + place] for entry in terms for powers, _ in entry), default=0)
            factors = [self._context.constant(1)]
            for _ in range(most):
                factors.append(_limited(factors[-1] * below))
            row = []
            for entry in terms:
                total = self._context.constant(0)
                for powers, c in entry:
                    exponent, powers[first + place] = powers[first + place], 0
                    total = _limited(total + self._context.from_dict({tuple(powers): c}) * factors[most - exponent])
                row.append(total)
        return row

    def _slope(self, place: int, parameter: int) -> Any:
        if (place, parameter) not in self._slopes:
            name, argument = self._arguments[place]
            own = self._symbols[place]
            match name:
                case "exp":
                    outer = own
                case "reciprocal":
                    outer = -own * own
                case "step":
                    outer = self._context.constant(0)
                case "relu":
                    outer = self.call("step", argument)
                case "log":
                    outer = self.call("reciprocal", argument)
                case "sin":
                    outer = self.call("cos", argument)
                case _:
                    outer = -self.call("sin", argument)
            self._slopes[place, parameter] = _limited(outer * self.derivative(argument, parameter))
        return self._slopes[place, parameter]


def _limited(polynomial: Any) -> Any:
    if len(polynomial) > MAX_TERMS:
        raise _NotSmooth
    return polynomial
