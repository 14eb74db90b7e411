"""Programs instead of numbers: a computation over this field is recorded once, and run often in balls.

A tape records every operation on P variables as one instruction. Constants are folded exactly and equal operations are
recorded once. A program keeps what its outputs need, and whatever may have no value: a step at 0, a quotient by 0, a
logarithm. So where a computation fails, the program it stands for fails too, even if that part of its result cancelled.
Running it costs one ball operation an instruction, where small arrays of balls cost several times that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any, ClassVar, Final, TypeAlias, final

import flint
import numpy as np

from geomcheck.errors import Kink, OutsideField, Undecided
from geomcheck.fields.balls import BallField
from geomcheck.fields.base import AbstractObjectField, ObjectArray, elementwise, product_of_entries
from geomcheck.fields.enclosures import working_precision
from geomcheck.problem.arithmetic import PRIMITIVES

Instruction: TypeAlias = tuple[str, Any, Any]
BINARY: Final = ("+", "-", "*", "/")
GUARDS: Final = frozenset({"step", "/", "log"})  # instructions without a value somewhere


@final
class Node:
    """One value on a tape: a constant, a variable, or the result of an instruction."""

    __slots__ = ("number", "tape")

    def __init__(self, tape: TapeField, number: int) -> None:
        self.tape, self.number = tape, number

    def __add__(self, other: Any) -> Any:
        return self.tape.combine("+", self, other)

    __radd__ = __add__

    def __mul__(self, other: Any) -> Any:
        return self.tape.combine("*", self, other)

    __rmul__ = __mul__

    def __sub__(self, other: Any) -> Any:
        return self.tape.combine("-", self, other)

    def __rsub__(self, other: Any) -> Any:
        return self.tape.combine("-", self.tape.element(Fraction(other)), self)

    def __neg__(self) -> Any:
        return self.tape.combine("-", self.tape.element(Fraction(0)), self)


@final
class TapeField(AbstractObjectField):
    """Formal expressions in ``variables`` numbered unknowns, under + − · / and the primitives.

    Laws hold as identities of the functions the programs compute. A sign is known for constants only; a step or a
    positive part of anything else becomes an instruction, which decides when it is run.

    >>> tape = TapeField(2)
    >>> x, y = tape.unknowns
    >>> program = tape.program([x * y + 1, x * y * 0])
    >>> [int(v.unique_fmpz()) for v in program([flint.arb(3), flint.arb(5)], 64)], len(program)
    ([16, 0], 2)
    """

    decides_zero: ClassVar[bool] = False  # different programs may compute the same function

    def __init__(self, variables: int) -> None:
        self._variables = variables
        self._instructions: list[Instruction] = [("variable", i, None) for i in range(variables)]
        self._known: dict[Instruction, int] = {}
        self._values: dict[int, Fraction] = {}
        self._constants: dict[Fraction, Node] = {}

    @property
    def name(self) -> str:
        """What the elements are."""
        return f"programs in {self._variables} variables"

    @property
    def unknowns(self) -> list[Node]:
        """The variables."""
        return [Node(self, i) for i in range(self._variables)]

    def element(self, value: Fraction) -> Node:
        """A constant."""
        node = self._constants.get(value)
        if node is None:
            node = self._constants[value] = self._record(("constant", value, None))
            self._values[node.number] = value
        return node

    def combine(self, operation: str, left: Node, right: Any) -> Any:
        """Record left ∘ right, one of + − · /, for a node and a node or an int; what is trivial is not recorded."""
        if not isinstance(right, Node):
            if not isinstance(right, int):
                return NotImplemented
            right = self.element(Fraction(right))
        a, b = self._values.get(left.number), self._values.get(right.number)
        if a is not None and b is not None:
            return self.element(_FOLD[operation](a, b))
        if operation == "+":
            if a == 0 or b == 0:
                return right if a == 0 else left
        elif operation == "-":
            if b == 0:
                return left
            if left.number == right.number:
                return self.element(Fraction(0))
        elif operation == "*":
            if a == 0 or b == 0:
                return self.element(Fraction(0))
            if a == 1 or b == 1:
                return right if a == 1 else left
        elif b == 1:
            return left
        first, second = left.number, right.number
        if operation in "+*" and first > second:
            first, second = second, first
        return self._record((operation, first, second))

    def quotient(self, a: Any, b: Any) -> Any:
        """Record a quotient; ZeroDivisionError for the constant zero."""
        if self._values.get(b.number) == 0:
            raise ZeroDivisionError
        return self.combine("/", a, b)

    def primitive(self, name: str, x: Any) -> Any:
        """Record a primitive."""
        if name not in PRIMITIVES:
            raise OutsideField(f"expected the name of a primitive, name={name!r} (str)")
        return self._record((name, x.number, None))

    def sign(self, x: Any) -> int:
        """The sign of a constant; Undecided for anything else."""
        value = self._values.get(x.number)
        if value is None:
            raise Undecided("sign-unknown", "the sign of a program depends on its variables", "run it in balls")
        return (value > 0) - (value < 0)

    def step(self, x: Any, positive: Fraction, negative: Fraction) -> ObjectArray:
        """Record a step, which needs a certain sign when it is run; it keeps its place, for the error at a kink."""
        source = np.asarray(x, dtype=object)
        result = np.empty(source.shape, dtype=object)
        for index, entry in np.ndenumerate(source):
            result[index] = self._record(("step", entry.number, (positive, negative, index)))
        return result

    def positive_part(self, x: Any, positive: Fraction, negative: Fraction) -> ObjectArray:
        """Record a positive part."""
        return elementwise(lambda entry: self._record(("part", entry.number, (positive, negative))), x)

    def product(self, a: ObjectArray, b: ObjectArray) -> ObjectArray:
        """By one sum of products an entry."""
        return product_of_entries(a, b, self._dot, symmetric=False)

    def symmetric_product(self, a: ObjectArray, b: ObjectArray) -> ObjectArray:
        """The upper half, used for both."""
        return product_of_entries(a, b, self._dot, symmetric=True)

    def determinant(self, x: ObjectArray) -> Any:
        """By expansion along the first row, a sum of n! products: for very small matrices."""
        if x.shape[0] == 0:
            return self.element(Fraction(1))
        total = self.element(Fraction(0))
        for j in range(x.shape[1]):
            rest = [k for k in range(x.shape[1]) if k != j]
            term = x[0, j] * self.determinant(x[1:][:, rest])
            total = total - term if j % 2 else total + term
        return total

    def is_zero(self, x: Any) -> Any:
        """Where the program is the constant zero."""
        return elementwise(lambda entry: self._values.get(entry.number) == 0, x).astype(bool)

    def program(self, outputs: Iterable[Node]) -> Program:
        """What computes these values, with every guard recorded so far, and without what neither needs."""
        wanted = [node.number for node in outputs]
        needed: set[int] = set()
        waiting = wanted + [number for number, (name, _, _) in enumerate(self._instructions) if name in GUARDS]
        while waiting:
            number = waiting.pop()
            if number not in needed:
                needed.add(number)
                waiting.extend(_operands(self._instructions[number]))
        places = {i: i for i in range(self._variables)}
        constants = sorted(number for number in needed if number in self._values)
        places |= {number: self._variables + i for i, number in enumerate(constants)}
        steps: list[Instruction] = []
        for number in sorted(needed - places.keys()):
            places[number] = self._variables + len(constants) + len(steps)
            operation, left, right = self._instructions[number]
            steps.append((operation, places[left], places[right] if operation in BINARY else right))
        values = [self._values[number] for number in constants]
        return Program(values, steps, [places[number] for number in wanted])

    def _dot(self, left: list[Any], right: list[Any]) -> Any:
        total = self.element(Fraction(0))
        for a, b in zip(left, right, strict=True):
            total = total + a * b
        return total

    def _record(self, instruction: Instruction) -> Node:
        number = self._known.get(instruction)
        if number is None:
            number = self._known[instruction] = len(self._instructions)
            self._instructions.append(instruction)
        return Node(self, number)


@final
class Program:
    """A straight-line program: P balls in, its outputs out, each containing every value over the balls."""

    def __init__(self, constants: Sequence[Fraction], steps: Sequence[Instruction], outputs: Sequence[int]) -> None:
        self._constants, self._outputs = tuple(constants), tuple(outputs)
        self._steps = tuple(steps)
        self._made: dict[int, list[Any]] = {}

    def __len__(self) -> int:
        return len(self._steps)

    def __call__(self, variables: Sequence[Any], precision: int) -> list[Any]:
        """Run it with ``precision`` bits.

        Raises Kink, OutsideField or Undecided("sign-unknown") where a guard has no value, or may have none.
        """
        with working_precision(precision):
            field = BallField(precision)
            if precision not in self._made:
                self._made[precision] = [field.element(value) for value in self._constants]
            values = [*variables, *self._made[precision]]
            for operation, left, right in self._steps:
                if operation == "*":
                    values.append(values[left] * values[right])
                elif operation == "+":
                    values.append(values[left] + values[right])
                elif operation == "-":
                    values.append(values[left] - values[right])
                elif operation == "/":
                    values.append(field.divide(values[left], values[right]).item())
                elif operation in _PIECEWISE:
                    values.append(_PIECEWISE[operation](values[left], *right))
                else:
                    values.append(field.primitive(operation, values[left]))
        return [values[i] for i in self._outputs]


def _operands(instruction: Instruction) -> tuple[int, ...]:
    operation, left, right = instruction
    if operation in ("variable", "constant"):
        return ()
    return (left, right) if operation in BINARY else (left,)


def _step(x: Any, positive: Fraction, negative: Fraction, index: tuple[int, ...]) -> Any:
    if x.is_zero():
        raise Kink.at(index)
    if not (x > 0 or x < 0):
        raise Undecided(
            "sign-unknown", f"the argument of a step is enclosed by {x}, which meets zero", "move the point"
        )
    chosen = positive if x > 0 else negative
    return flint.arb(flint.fmpq(chosen.numerator, chosen.denominator))


def _part(x: Any, positive: Fraction, negative: Fraction) -> Any:
    above, below = (flint.arb(flint.fmpq(value.numerator, value.denominator)) for value in (positive, negative))
    if x >= 0:
        return x * above
    return x * below if x <= 0 else x.max(0) * above + x.min(0) * below


_PIECEWISE: Final[dict[str, Callable[..., Any]]] = {"step": _step, "part": _part}
_FOLD: Final[dict[str, Callable[[Fraction, Fraction], Fraction]]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
}
