"""How sums, products and functions are written: in text, Python, SymPy source and LaTeX."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, final

from geomcheck.geometry.symbolic.terms import Definition, Terms


@final
@dataclass(frozen=True)
class Notation:
    """How sums, products and functions are written; ``{}`` in ``functions`` takes the argument."""

    times: str
    power: Callable[[str, int], str]
    functions: Mapping[str, str]
    name: Callable[[str], str] = lambda name: name
    fraction: Callable[[Fraction], str] = str

    def sum(self, terms: Terms) -> str:
        """Σ coefficient · Π name^exponent."""
        text = ""
        for coefficient, factors in terms.terms:
            sign = "-" if coefficient < 0 else "+"
            text += f" {sign} " if text else "-" if sign == "-" else ""
            text += self._product(abs(coefficient), factors)
        return text or "0"

    def _product(self, coefficient: Fraction, factors: Sequence[tuple[str, int]]) -> str:
        written = [self.name(n) if e == 1 else self.power(self.name(n), e) for n, e in factors]
        if coefficient != 1 or not written:
            written.insert(0, self.fraction(coefficient))
        return self.times.join(written)

    def with_functions(self, functions: Mapping[str, str]) -> Notation:
        """The same notation with more functions."""
        return replace(self, functions={**self.functions, **functions})

    def right_side(self, definition: Definition) -> str:
        """What a definition's name stands for."""
        argument = self.sum(definition.argument)
        if definition.function is None:
            return argument
        pattern = self.functions.get(definition.function, f"{definition.function}({{}})")
        return pattern.replace("{}", argument)


TEXT: Final = Notation(
    "*",
    lambda name, exponent: f"{name}^{exponent}",
    {"reciprocal": "1/({})", "normal_cdf": "Phi({})", "normal_pdf": "phi({})"},
)
PYTHON: Final = Notation(
    "*",
    lambda name, exponent: f"{name}**{exponent}",
    {
        "exp": "np.exp({})",
        "log": "np.log({})",
        "tanh": "np.tanh({})",
        "sin": "np.sin({})",
        "cos": "np.cos({})",
        "sigmoid": "1/(1 + np.exp(-({})))",
        "softplus": "np.logaddexp(0, {})",
        "logcosh": "np.logaddexp({}, -({})) - np.log(2)",
        "normal_cdf": "ndtr({})",
        "normal_pdf": "np.exp(-({})**2/2)/np.sqrt(2*np.pi)",
        "step": "1*(({}) > 0)",
        "reciprocal": "1/({})",
    },
    fraction=lambda value: _constructed("Fraction", value),
)
SYMPY: Final = Notation(
    "*",
    lambda name, exponent: f"{name}**{exponent}",
    {
        "sigmoid": "1/(1 + exp(-({})))",
        "softplus": "log(1 + exp({}))",
        "logcosh": "log(cosh({}))",
        "normal_cdf": "(1 + erf(({})/sqrt(2)))/2",
        "normal_pdf": "exp(-({})**2/2)/sqrt(2*pi)",
        "step": "Heaviside({})",
        "reciprocal": "1/({})",
    },
    fraction=lambda value: _constructed("Rational", value),
)
_GREEK: Final = ("alpha", "beta", "gamma", "delta", "epsilon", "theta", "lambda", "mu", "sigma", "phi", "Phi", "omega")
_MADE: Final = re.compile(r"(?P<dots>d{0,2})(?P<letter>[A-Za-z]+?)(?P<number>[0-9]+)(?P<indices>(?:_[0-9]+)*)")


def latex_name(name: str) -> str:
    r"""A name in LaTeX: layers above in parentheses, indices below.

    >>> latex_name("W1_0_2"), latex_name("da1_0_2"), latex_name("x0_1")
    ('W^{(1)}_{0,2}', "a'^{(1)}_{0,2}", 'x_{0,1}')
    """
    match = _MADE.fullmatch(name)
    if match is None:
        return _plain_latex(name)
    dots, letter, number = match["dots"], match["letter"], match["number"]
    indices = match["indices"].strip("_").split("_") if match["indices"] else []
    if dots and letter != "a":
        letter, dots = dots + letter, ""
    symbol = _plain_latex(letter) + "'" * len(dots)
    layered = letter in ("W", "b") or (len(indices) == 2 and letter != "D")
    if layered:
        return f"{symbol}^{{({number})}}_{{{','.join(indices)}}}"
    return f"{symbol}_{{{','.join([number, *indices])}}}"


def _plain_latex(name: str) -> str:
    head, _, rest = name.partition("_")
    if head in _GREEK:
        symbol = f"\\{head}"
    elif len(head) == 1:
        symbol = head
    else:
        symbol = f"\\mathrm{{{head}}}"
    return f"{symbol}_{{{rest.replace('_', ',')}}}" if rest else symbol


def _constructed(constructor: str, value: Fraction) -> str:
    return str(value) if value.denominator == 1 else f"{constructor}({value.numerator}, {value.denominator})"


LATEX: Final = Notation(
    "\\,",
    lambda name, exponent: f"{{{name}}}^{{{exponent}}}",
    {
        **{name: f"\\{name}\\left({{}}\\right)" for name in ("exp", "log", "tanh", "sin", "cos")},
        **{name: f"\\operatorname{{{name}}}\\left({{}}\\right)" for name in ("sigmoid", "softplus")},
        "logcosh": "\\log\\cosh\\left({}\\right)",
        "normal_cdf": "\\Phi\\left({}\\right)",
        "normal_pdf": "\\varphi\\left({}\\right)",
        "step": "\\mathbf{1}\\left[{} > 0\\right]",
        "reciprocal": "\\frac{1}{{}}",
    },
    latex_name,
    lambda value: str(value) if value.denominator == 1 else f"\\tfrac{{{value.numerator}}}{{{value.denominator}}}",
)
