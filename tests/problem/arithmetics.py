"""Two tiny number systems for tests: SymPy expressions and Fractions, both as numpy object arrays."""

from __future__ import annotations

from abc import ABC, abstractmethod
from fractions import Fraction
from typing import ClassVar

import numpy as np
import sympy

from geomcheck.errors import Kink, OutsideField


def elementwise(function, x):
    result = np.empty(np.shape(x), dtype=object)
    for index in np.ndindex(result.shape):
        result[index] = function(x[index])
    return result


class AbstractArrays(ABC):
    """What does not depend on the entries."""

    def __init__(self, constant):
        self.constant = constant

    @abstractmethod
    def sign(self, entry):
        """-1, 0 or 1."""

    def divide(self, a, b):
        return a / b

    def signs(self, x):
        return elementwise(self.sign, x).astype(np.int8)

    def step(self, x, positive, negative):
        signs = self.signs(x)
        zeros = np.argwhere(signs == 0)
        if len(zeros):
            raise Kink.at(zeros[0])
        return elementwise(lambda s: self.constant(positive if s > 0 else negative), signs)

    def positive_part(self, x, positive, negative):
        return x * elementwise(lambda s: self.constant(positive if s > 0 else negative), self.signs(x))

    def total(self, x):
        return x.sum(axis=-1)

    def diagonal(self, v):
        return v[..., None] * self.filled(v, Fraction(1))[..., None, :] * np.eye(v.shape[-1], dtype=int).astype(object)

    def outer(self, u, v):
        return u[..., :, None] * v[..., None, :]

    def stack(self, arrays):
        return np.stack(arrays, axis=-1)

    def filled(self, x, value):
        return elementwise(lambda _: self.constant(value), x)


class Expressions(AbstractArrays):
    """SymPy expressions."""

    FUNCTIONS: ClassVar = {
        "exp": sympy.exp,
        "log": sympy.log,
        "tanh": lambda z: (sympy.exp(z) - sympy.exp(-z)) / (sympy.exp(z) + sympy.exp(-z)),
        "sigmoid": lambda z: 1 / (1 + sympy.exp(-z)),
        "softplus": lambda z: sympy.log(1 + sympy.exp(z)),
        "sin": sympy.sin,
        "cos": sympy.cos,
        "normal_cdf": lambda z: (1 + sympy.erf(z / sympy.sqrt(2))) / 2,
        "normal_pdf": lambda z: sympy.exp(-(z**2) / 2) / sympy.sqrt(2 * sympy.pi),
        "logcosh": lambda z: sympy.log((sympy.exp(z) + sympy.exp(-z)) / 2),
    }

    def __init__(self):
        super().__init__(lambda value: sympy.Rational(value.numerator, value.denominator))

    def sign(self, entry):
        sign = sympy.sign(entry)
        if sign not in (-1, 0, 1):
            raise OutsideField(f"the sign of {entry} is unknown")
        return int(sign)

    def apply(self, name, x):
        return elementwise(self.FUNCTIONS[name], x)


class Rationals(AbstractArrays):
    """Fractions; no transcendental function."""

    def __init__(self):
        super().__init__(Fraction)

    def sign(self, entry):
        return (entry > 0) - (entry < 0)

    def apply(self, name, x):
        raise OutsideField(f"{name} leaves the rationals")
