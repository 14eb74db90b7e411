"""Several points of one problem, seen in the same number systems.

What is compared across points must lie in one field: all points share the denominators q and q′ of ℚ(e^{1/q},
tan 1/2q′), the primes and the residues of the two generators, and the precision of balls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, final

from geomcheck.fields.exponentials import ExponentialField
from geomcheck.fields.rationals import RationalField
from geomcheck.fields.residues import BadReduction
from geomcheck.geometry.instance import MAX_PRIMES, Denominators, Instance

if TYPE_CHECKING:
    from geomcheck.geometry.derivatives import Derivatives
    from geomcheck.problem.problem import Problem

T = TypeVar("T")
Theta: TypeAlias = tuple[Fraction, ...]


@final
@dataclass(frozen=True)
class Everywhere:
    """The derivatives at any point over one field: `at` takes a θ, `place` whatever else names a point."""

    at: Callable[[Theta], Derivatives]
    somewhere: Theta
    theta_at: Callable[[Any], Theta]

    @property
    def field(self) -> Any:
        """The field that all of them are over."""
        return self.at(self.somewhere).field

    def place(self, place: Any) -> Derivatives:
        """The derivatives at a point."""
        return self.at(self.theta_at(place))


@final
class Instances:
    """A problem with named points, over ℚ or ℚ(t, u), over F_p and in balls: `Instance` for several θ at once.

    A quantity is a function of `Everywhere`; `theta_at` gives the θ of whatever names a point there. Raises
    ``InputError`` when inputs or targets are open.
    """

    def __init__(self, problem: Problem, theta_at: Callable[[Any], Theta], rational: bool = False) -> None:
        self.problem = problem
        self._theta_at = theta_at
        self._denominators = Denominators(rational)
        self._instances: dict[Theta, Instance] = {}
        self._somewhere = problem.points[0][1]
        self.place(self._somewhere)

    def place(self, theta: Theta) -> Instance:
        """The instance at one point; it shares its number systems with all others."""
        if theta not in self._instances:
            self._instances[theta] = Instance(self.problem.at(theta), self._denominators)
        return self._instances[theta]

    @property
    def denominators(self) -> Denominators:
        """What the exact field of all points has grown to."""
        return self._denominators

    @property
    def exact_field(self) -> RationalField | ExponentialField:
        """ℚ, or ℚ(t, u) once any point has asked for exponentials or angles."""
        return self._denominators.field

    def exactly(self, quantity: Callable[[Everywhere], T]) -> T:
        """A quantity over the exact field; ``OutsideField`` when none here holds it, or it takes too much work."""
        return self._denominators.growing(lambda: quantity(self._view(lambda at: at.exact_derivatives())))

    def residues(self, quantity: Callable[[Everywhere], T]) -> Iterator[T]:
        """A quantity modulo one prime after another; primes at which a denominator vanishes are passed over."""
        for number in range(MAX_PRIMES):
            try:
                yield self._denominators.growing(lambda number=number: quantity(self._modulo(number)))  # type: ignore[misc]
            except BadReduction:
                continue

    def enclosed(self, quantity: Callable[[Everywhere], T], precision: int = 128) -> T:
        """A quantity in balls of ``precision`` bits."""
        return quantity(self._view(lambda at: at.enclosed(lambda d: d, precision)))

    def _modulo(self, number: int) -> Everywhere:
        return self._view(lambda at: at.residue_derivatives(number))

    def _view(self, derivatives: Callable[[Instance], Derivatives]) -> Everywhere:
        return Everywhere(lambda theta: derivatives(self.place(theta)), self._somewhere, self._theta_at)
