"""Closed formulas in names, rationals, `+ - * / ^` and a few functions: parsed, printed back, evaluated anywhere.

    formula := term (("+" | "-") term)*
    term    := unary (("*" | "/") unary)*
    unary   := ("-" | "+") unary | power          (after a sign: one power, or another sign)
    power   := atom (("^" | "**") INTEGER)?
    atom    := INTEGER | DECIMAL | NAME | FUNCTION "(" formula ")" | "(" formula ")"

Powers bind tighter than the sign, so -x^2 is -(x^2); exponents are integers from 0 to 1000; decimals are exact, and a
quotient of two numbers is one number.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeAlias, final

from geomcheck.errors import LimitError
from geomcheck.problem.arithmetic import Arithmetic, Array
from geomcheck.problem.numbers import rational, rational_text
from geomcheck.problem.scanner import Scanner

FUNCTIONS: Final = ("exp", "log", "tanh", "sigmoid", "softplus", "sin", "cos", "relu", "abs")
"""The functions a formula may call; each takes one argument."""

MAX_LENGTH: Final = 100_000
MAX_DEPTH: Final = 200
MAX_POWER: Final = 1000

_SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(5)


class AbstractFormula(ABC):
    """A node of a formula: an immutable tree that can print itself."""

    __slots__ = ()

    @abstractmethod
    def unparse(self, level: int = _SUM) -> str:
        """The formula as text that parses back to it, in parentheses when it binds weaker than `level`."""


@final
@dataclass(frozen=True, slots=True)
class Number(AbstractFormula):
    """A rational constant, nonnegative when it comes from text."""

    value: Fraction

    def unparse(self, level: int = _SUM) -> str:
        """The constant: p, (p/q) or (-p)."""
        text = rational_text(self.value)
        own = _SIGN if self.value < 0 else _ATOM if self.value.denominator == 1 else _PRODUCT
        return _wrapped(text, own, level)


@final
@dataclass(frozen=True, slots=True)
class Name(AbstractFormula):
    """A parameter, an input, an output or a target."""

    name: str

    def unparse(self, level: int = _SUM) -> str:
        """The name itself."""
        return self.name


@final
@dataclass(frozen=True, slots=True)
class Add(AbstractFormula):
    """a + b."""

    a: Formula
    b: Formula

    def unparse(self, level: int = _SUM) -> str:
        """The text a + b."""
        return _wrapped(f"{self.a.unparse(_SUM)} + {self.b.unparse(_PRODUCT)}", _SUM, level)


@final
@dataclass(frozen=True, slots=True)
class Sub(AbstractFormula):
    """a - b."""

    a: Formula
    b: Formula

    def unparse(self, level: int = _SUM) -> str:
        """The text a - b."""
        return _wrapped(f"{self.a.unparse(_SUM)} - {self.b.unparse(_PRODUCT)}", _SUM, level)


@final
@dataclass(frozen=True, slots=True)
class Mul(AbstractFormula):
    """a * b."""

    a: Formula
    b: Formula

    def unparse(self, level: int = _SUM) -> str:
        """The text a*b."""
        return _wrapped(f"{self.a.unparse(_PRODUCT)}*{self.b.unparse(_POWER)}", _PRODUCT, level)


@final
@dataclass(frozen=True, slots=True)
class Div(AbstractFormula):
    """a / b."""

    a: Formula
    b: Formula

    def unparse(self, level: int = _SUM) -> str:
        """The text a/b."""
        return _wrapped(f"{self.a.unparse(_PRODUCT)}/{self.b.unparse(_POWER)}", _PRODUCT, level)


@final
@dataclass(frozen=True, slots=True)
class Neg(AbstractFormula):
    """-a."""

    a: Formula

    def unparse(self, level: int = _SUM) -> str:
        """The text -a."""
        return _wrapped(f"-{self.a.unparse(_SIGN)}", _SIGN, level)


@final
@dataclass(frozen=True, slots=True)
class Power(AbstractFormula):
    """a^n for an integer n >= 0 (a^0 = 1)."""

    a: Formula
    n: int

    def unparse(self, level: int = _SUM) -> str:
        """The text a^n."""
        return _wrapped(f"{self.a.unparse(_ATOM)}^{self.n}", _POWER, level)


@final
@dataclass(frozen=True, slots=True)
class Call(AbstractFormula):
    """fn(a), with fn one of FUNCTIONS."""

    fn: str
    a: Formula

    def unparse(self, level: int = _SUM) -> str:
        """The text fn(a)."""
        return f"{self.fn}({self.a.unparse()})"


Formula: TypeAlias = Number | Name | Add | Sub | Mul | Div | Neg | Power | Call


def parse_formula(text: str, names: Collection[str], where: str) -> Formula:
    """The formula that `text` says, over the given `names`.

    Raises SyntaxProblem (line, column, caret, nearest word), LimitError beyond MAX_LENGTH characters, MAX_DEPTH
    levels or MAX_POWER.

    >>> parse_formula("a*b*x - 1/2", ["a", "b", "x"], "outputs[0]").unparse()
    'a*b*x - 1/2'
    """
    scanner = Scanner(text, where, MAX_LENGTH)
    formula = _Parser(scanner, frozenset(names), where).formula(_SUM, 0)[0]
    scanner.expect_end()
    return formula


def names_in(formula: Formula) -> frozenset[str]:
    """The names that occur in a formula.

    >>> sorted(names_in(parse_formula("a*x + exp(a)", ["a", "x"], "example")))
    ['a', 'x']
    """
    match formula:
        case Number():
            return frozenset()
        case Name(name):
            return frozenset({name})
        case Neg(a) | Power(a) | Call(_, a):
            return names_in(a)
        case Add(a, b) | Sub(a, b) | Mul(a, b) | Div(a, b):
            return names_in(a) | names_in(b)


def evaluate_formula(field: Arithmetic, formula: Formula, values: Mapping[str, Array]) -> Array:
    """The value of a formula in a number system; `values` gives an array (or a scalar of the field) for each name.

    Arrays broadcast. relu and abs are 0 at 0. Raises OutsideField where a function leaves the number system.
    """
    match formula:
        case Number(value):
            return field.constant(value)
        case Name(name):
            return values[name]
        case Neg(a):
            return -evaluate_formula(field, a, values)
        case Add(a, b):
            return evaluate_formula(field, a, values) + evaluate_formula(field, b, values)
        case Sub(a, b):
            return evaluate_formula(field, a, values) - evaluate_formula(field, b, values)
        case Mul(a, b):
            return evaluate_formula(field, a, values) * evaluate_formula(field, b, values)
        case Div(a, b):
            return field.divide(evaluate_formula(field, a, values), evaluate_formula(field, b, values))
        case Power(a, n):
            return power(field, evaluate_formula(field, a, values), n)
        case Call("relu", a):
            return field.positive_part(evaluate_formula(field, a, values), Fraction(1), Fraction(0))
        case Call("abs", a):
            return field.positive_part(evaluate_formula(field, a, values), Fraction(1), Fraction(-1))
        case Call(fn, a):
            return field.apply(fn, evaluate_formula(field, a, values))


def power(field: Arithmetic, x: Array, n: int) -> Array:
    """x^n for an integer n >= 0 by repeated squaring; x^0 = 1 of the shape of x."""
    if n == 0:
        return field.filled(x, Fraction(1))
    result = None
    square = x
    while n:
        if n & 1:
            result = square if result is None else result * square
        n >>= 1
        if n:
            square = square * square
    return result


def _wrapped(text: str, own: int, level: int) -> str:
    return f"({text})" if own < level else text


_OPERATORS: Final = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "^": _POWER, "**": _POWER}


class _Parser:
    """Precedence climbing; each rule returns its formula and the height of its tree.

    Two Python frames a level keep MAX_DEPTH levels far inside the interpreter's own recursion limit.
    """

    def __init__(self, scanner: Scanner, names: frozenset[str], where: str) -> None:
        self._scanner: Final = scanner
        self._names: Final = names
        self._where: Final = where

    def formula(self, level: int, depth: int) -> tuple[Formula, int]:
        formula, height = self._operand(depth)
        powered = False
        while (token := self._scanner.peek()).kind == "symbol" and _OPERATORS.get(token.text, -1) >= level:
            self._scanner.take()
            binding = _OPERATORS[token.text]
            if binding == _POWER:
                if powered:
                    self._scanner.fail("a power of a power is ambiguous; write parentheses", token)
                powered = True
                formula, height = Power(formula, self._exponent()), self._grown(height)
                continue
            powered = False
            right, other = self.formula(binding + 1, self._deeper(depth))
            if token.text == "/" and isinstance(right, Number) and right.value == 0:
                self._scanner.fail("zero denominator; write a nonzero one", token)
            if token.text == "/" and isinstance(formula, Number) and isinstance(right, Number):
                formula = Number(formula.value / right.value)
            else:
                formula, height = _BINARY[token.text](formula, right), self._grown(max(height, other))
        return formula, height

    def _operand(self, depth: int) -> tuple[Formula, int]:
        token = self._scanner.take()
        if token.kind in ("integer", "decimal"):
            return Number(rational(token.text, self._where)), 1
        if token.kind == "symbol" and token.text in ("-", "+"):
            formula, height = self.formula(_POWER, self._deeper(depth))
            return (formula, height) if token.text == "+" else (Neg(formula), self._grown(height))
        if token.kind == "symbol" and token.text == "(":
            inside = self.formula(_SUM, self._deeper(depth))
            self._scanner.expect(")", "to close the parenthesis")
            return inside
        if token.kind == "name":
            if token.text in self._names:
                return Name(token.text), 1
            if token.text in FUNCTIONS:
                self._scanner.expect("(", f"after the function {token.text}")
                formula, height = self.formula(_SUM, self._deeper(depth))
                self._scanner.expect(")", f"to close {token.text}(")
                return Call(token.text, formula), self._grown(height)
            self._scanner.fail_unknown("name", token, {*self._names, *FUNCTIONS})
        self._scanner.fail(f"expected a number, a name or '(', got {token.shown()}", token)

    def _exponent(self) -> int:
        token = self._scanner.take()
        if token.kind != "integer" or len(token.text) > len(str(MAX_POWER)) or int(token.text) > MAX_POWER:
            self._scanner.fail(f"expected an integer exponent from 0 to {MAX_POWER}, got {token.shown()}", token)
        return int(token.text)

    def _deeper(self, depth: int) -> int:
        if depth >= MAX_DEPTH:
            raise LimitError(
                f"{self._where}: the formula is deeper than {MAX_DEPTH} levels "
                "(parentheses, signs, and the terms of a chain count one each); simplify it"
            )
        return depth + 1

    def _grown(self, height: int) -> int:
        return self._deeper(height)


_BINARY: Final[dict[str, type[Add] | type[Sub] | type[Mul] | type[Div]]] = {"+": Add, "-": Sub, "*": Mul, "/": Div}
