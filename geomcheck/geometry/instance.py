"""One fully given problem, seen in each number system that helps: exact, its images modulo primes, and balls.

The exact field is the smallest of ℚ and ℚ(e^{1/q}, tan 1/2q′) that holds what is asked for. It starts as ℚ and grows
whenever a value reports the denominator it is missing, so q is found rather than guessed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import cached_property
from math import lcm
from typing import TYPE_CHECKING, Any, TypeVar, final

from geomcheck.errors import InputError, OutsideField
from geomcheck.fields.balls import BallField
from geomcheck.fields.base import NeedsDenominator
from geomcheck.fields.effort import limited_effort
from geomcheck.fields.exponentials import ExponentialField
from geomcheck.fields.integers import IntegerField
from geomcheck.fields.rationals import RationalField
from geomcheck.fields.residues import BadReduction, ResidueField, primes_below_limit
from geomcheck.geometry.derivatives import Derivatives
from geomcheck.geometry.network import pre_activation
from geomcheck.problem.network import DenseNetwork

if TYPE_CHECKING:
    from geomcheck.fields.base import AbstractField
    from geomcheck.problem.problem import Problem

T = TypeVar("T")
MAX_PRIMES = 8
MOST_WORK = 6_000_000  # terms of elements of ℚ(t, u) made for one quantity: some seconds


@final
class Denominators:
    """The q and q′ of the exact field ℚ(e^{1/q}, tan 1/2q′), or None while ℚ is enough; instances may share them.

    With ``rational`` it is ℚ for good: exponentials are then enclosed, however short they are.
    """

    def __init__(self, rational: bool = False) -> None:
        self.value: tuple[int, int] | None = None
        self._rational = rational

    @property
    def field(self) -> RationalField | ExponentialField:
        """ℚ, or ℚ(t, u) once something has asked for exponentials or angles."""
        return RationalField() if self.value is None else ExponentialField(*self.value)

    def growing(self, compute: Callable[[], T]) -> T:
        """What `compute` gives over a field that has every denominator it reports missing.

        Raises OutsideField where that takes more than MOST_WORK.
        """
        while True:
            try:
                with limited_effort(MOST_WORK):
                    return compute()
            except NeedsDenominator as missing:
                self._enlarge(missing)

    def _enlarge(self, missing: NeedsDenominator) -> None:
        if self._rational:
            raise OutsideField("exponentials and angles are enclosed here")
        exponential, angle = self.value or (1, 1)
        if missing.kind == "exponential":
            grown = (lcm(exponential, missing.denominator), angle)
        else:
            grown = (exponential, lcm(angle, missing.denominator))
        if grown == self.value:
            raise AssertionError("the exact field asked twice for the same denominator")
        self.value = grown


@final
class Instance:
    """The derivatives of one instance over ℚ or ℚ(t, u), over F_p, and in balls, each built when first needed.

    Raises ``InputError`` when the problem leaves something open.
    """

    def __init__(self, problem: Problem, denominators: Denominators | None = None) -> None:
        if problem.open_parts:
            missing = ", ".join(problem.open_parts)
            raise InputError(
                f"expected a fully given instance, open={missing}; give them, or state the claim for all of them"
            )
        self.problem = problem
        self._denominators = Denominators() if denominators is None else denominators
        self._made_for = self._denominators.value
        self._exact: Derivatives | None = None
        self._words: Derivatives | None = None
        self._residues: dict[int, Derivatives] = {}
        self._balls: dict[int, Derivatives] = {}
        self._rational_pre_activations: dict[int, Any] = {}

    # -- exact -------------------------------------------------------------------------------------------------------

    @property
    def denominators(self) -> Denominators:
        """What the exact field has grown to."""
        return self._denominators

    @property
    def exact_field(self) -> RationalField | ExponentialField:
        """ℚ, or ℚ(t, u) once something has asked for exponentials or angles."""
        return self._denominators.field

    def exactly(self, quantity: Callable[[Derivatives], T]) -> T:
        """A quantity over the exact field; ``OutsideField`` when none here holds it, or it takes too much work."""
        return self._denominators.growing(lambda: quantity(self.exact_derivatives()))

    def exact_derivatives(self) -> Derivatives:
        """The derivatives over the exact field as it is; whoever computes with them lets it grow."""
        self._keep_up()
        if self._exact is None:
            self._exact = self._over(self.exact_field)
        return self._exact

    def _keep_up(self) -> None:
        """Forget what was made over a field that has grown since."""
        if self._made_for != self._denominators.value:
            self._made_for = self._denominators.value
            self._exact = None
            self._residues.clear()

    def in_words(self, quantity: Callable[[Derivatives], T]) -> T:
        """A quantity in machine integers; ``OutsideField`` unless everything it needs is a whole number that fits."""
        if self._words is None:
            self._words = self._over(IntegerField())
        return quantity(self._words)

    # -- images and enclosures ---------------------------------------------------------------------------------------

    def residues(self, quantity: Callable[[Derivatives], T]) -> Iterator[T]:
        """A quantity modulo one prime after another; primes at which a denominator vanishes are passed over.

        Raises ``OutsideField`` when the instance has no image because it has no exact field.
        """
        for number in range(MAX_PRIMES):
            try:
                yield self._denominators.growing(lambda number=number: quantity(self.residue_derivatives(number)))  # type: ignore[misc]
            except BadReduction:
                continue

    def residue_derivatives(self, number: int) -> Derivatives:
        """The derivatives modulo the prime of a number."""
        self._keep_up()
        if number not in self._residues:
            prime = next(primes_below_limit(number))
            choice = random.Random(prime)  # fixed residues of t and u: the same instance always gives the same minor
            exponential, angle = self._denominators.value or (1, 1)
            t, u = (
                (None, None)
                if self._denominators.value is None
                else (choice.randrange(2, prime), choice.randrange(2, prime))
            )
            field = ResidueField(prime, t, u, exponential, angle)
            self._residues[number] = self._over(field, self._exact_pre_activation, self._exact_outputs)
        return self._residues[number]

    def _exact_pre_activation(self, layer: int) -> Any:
        network = self.problem.model
        assert isinstance(network, DenseNetwork)
        rationals = RationalField()
        try:  # as long as no earlier layer left ℚ, its arithmetic is the fast one
            if layer not in self._rational_pre_activations:
                data = self._data(rationals)
                self._rational_pre_activations[layer] = pre_activation(network, rationals, *data, layer)
            return self._rational_pre_activations[layer]
        except OutsideField:
            field = self.exact_field
            return pre_activation(network, field, *self._data(field), layer)

    def _exact_outputs(self) -> Any:
        return self.exact_derivatives().model.outputs

    def enclosed(self, quantity: Callable[[Derivatives], T], precision: int = 128) -> T:
        """A quantity in balls of ``precision`` bits."""
        if precision not in self._balls:
            self._balls[precision] = self._over(BallField(precision))
        return quantity(self._balls[precision])

    # -- data --------------------------------------------------------------------------------------------------------

    @cached_property
    def _rational_data(self) -> tuple[Any, Any]:
        return self._data_over(RationalField())

    def _data(self, field: AbstractField) -> tuple[Any, Any]:
        """θ (P,) and the inputs (N, d)."""
        return self._rational_data if isinstance(field, RationalField) else self._data_over(field)

    def _data_over(self, field: AbstractField) -> tuple[Any, Any]:
        inputs = field.array(self.problem.inputs).reshape((self.problem.N, self.problem.model.n_inputs))
        return field.array(self.problem.parameters).reshape((self.problem.P,)), inputs

    def _over(
        self,
        field: AbstractField,
        shadow: Callable[[int], Any] | None = None,
        shadow_outputs: Callable[[], Any] | None = None,
    ) -> Derivatives:
        theta, inputs = self._data(field)
        targets = self.problem.targets
        given = targets if isinstance(targets, str) else field.array(targets).reshape((self.problem.N, -1))
        return Derivatives(self.problem, field, theta, inputs, given, shadow, shadow_outputs)


def residues_of_generators(field: AbstractField) -> tuple[int | None, int | None]:
    """The residues that stand for t = e^{1/q} and u = tan(1/(2q′)) in a residue field; None where there are none."""
    assert isinstance(field, ResidueField)
    return field.t, field.u
