"""Matrices, ranks and inertias at one instance, with the evidence for them.

Ranks are pairs of bounds; inertias come from certified congruences. What is computed once is kept, and the kept
evidence is what a certificate carries.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Self, final

import numpy as np
from flint import fmpq

from geomcheck.claims.matrices import build, shape
from geomcheck.claims.named_points import place_of, stripped, theta_at
from geomcheck.claims.scalar_value import Value
from geomcheck.claims.tree import Tree
from geomcheck.errors import OutsideField, Undecided
from geomcheck.fields.rationals import RationalField
from geomcheck.geometry.continuous_symmetry import kernel_fields
from geomcheck.geometry.generic import generic_rank
from geomcheck.geometry.instance import Denominators, Instance, residues_of_generators
from geomcheck.geometry.integer_symmetry import kernel_words
from geomcheck.geometry.loss_facts import LossFacts, loss_facts
from geomcheck.geometry.named_points import Instances
from geomcheck.linear_algebra.evidence import RankBounds, UpperBound
from geomcheck.linear_algebra.inertia import certified_inertia
from geomcheck.linear_algebra.integer_rank import bounds_by_kernel, with_prime
from geomcheck.linear_algebra.modular_image import Image, images_of
from geomcheck.linear_algebra.rank import rank_bounds
from geomcheck.problem.loss import NamedLoss
from geomcheck.problem.network import DenseNetwork

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from geomcheck.fields.integers import Ints
    from geomcheck.geometry.barriers.barrier import Barrier
    from geomcheck.geometry.barriers.min_barrier import MinBarrier
    from geomcheck.linear_algebra.evidence import Inertia
    from geomcheck.problem.permutations import Permutation
    from geomcheck.problem.problem import Problem

Array = Any
_SYMMETRIC = (("matrix", "D"), ("matrix", "H"), ("matrix", "H_o"), ("matrix", "H_f"))
_FACTORS: dict[Literal["G", "D", "DG"], Tree] = {
    "G": ("matrix", "G"),
    "D": ("matrix", "D"),
    "DG": ("*", ("matrix", "D"), ("matrix", "G")),
}
_PRODUCTS = (("matrix", "H"), ("matrix", "H_o"))


class AbstractEvaluation(ABC):
    """What the values of terms at one instance are made from; ``evaluation.Evaluation`` gives the values.

    Raises ``Kink`` where H or G does not exist, ``OutsideField`` and ``Undecided`` where a value is out of reach. With
    ``rational`` what is not rational is enclosed.
    """

    def __init__(self, problem: Problem, instance: Instance | None = None, *, rational: bool = False) -> None:
        self.problem = problem
        self.instance: Any = self._whole(rational) if instance is None else instance
        self.places: dict[Tree, Self] = {}
        self.ranks: dict[Tree, RankBounds] = {}
        self.inertias: dict[Tree, Inertia] = {}
        self.barriers: dict[Tree, Barrier | MinBarrier] = {}
        self.matches: dict[Tree, Permutation] = {}
        self._made_over: dict[Tree, object] = {}
        self.bits = 128  # of the balls that numbers outside the exact field are enclosed in

    def _whole(self, rational: bool) -> Instance | Instances:
        problem = self.problem
        if problem.points:
            return Instances(problem, lambda place: theta_at(place, problem), rational)
        return Instance(problem, Denominators(rational))

    def at(self, place: Tree) -> Self:
        """The evaluation at a point, a term of kind point; all of them share one exact field."""
        if place not in self.places:
            theta = theta_at(place, self.problem)
            self.places[place] = type(self)(self.problem.at(theta), self.instance.place(theta))
        return self.places[place]

    @cached_property
    def loss_facts(self) -> LossFacts:
        """What is known of the loss in general."""
        return loss_facts(self.problem)

    # -- the instance as a whole -------------------------------------------------------------------------------------

    def require_in_domain(self) -> None:
        """Raise ``Undecided`` unless the loss is defined here: probabilities must lie strictly inside their range."""
        loss = self.problem.loss
        if not isinstance(loss, NamedLoss) or loss.name not in ("bce", "cross_entropy") or self.problem.squash:
            return
        f = self._signs_of(lambda d: d.behaviour)
        inside = bool((f > 0).all())
        if loss.name == "bce":
            inside = inside and bool((self._signs_of(lambda d: 1 - d.behaviour) > 0).all())
        elif self.problem.targets == "perfect_fit":
            inside = inside and not self._signs_of(lambda d: d.field.total(d.behaviour) - 1).any()
        if not inside:
            raise Undecided(
                "outside-loss-domain",
                f"{loss.name} is defined on probabilities, and F is not a vector of probabilities here",
                'use behaviour = "probabilities", or a point where the outputs are probabilities',
            )

    def _signs_of(self, quantity: Any) -> Any:
        try:
            return self.instance.exactly(lambda d: d.field.signs(quantity(d)))
        except OutsideField:
            return self.instance.enclosed(lambda d: d.field.signs(quantity(d)))

    def require_smooth(self) -> None:
        """Raise ``Kink`` unless G and H exist here."""
        self._first_available(lambda d: d.H_f if self.problem.P <= 64 else d.G)

    def require(self, quantity: Any) -> None:
        """Raise ``Kink`` where a quantity, a function of the derivatives, does not exist."""
        self._first_available(quantity)

    def _first_available(self, quantity: Any) -> Any:
        try:
            return next(self.instance.residues(quantity))
        except (OutsideField, StopIteration):
            return self.instance.enclosed(quantity)

    # -- matrices ----------------------------------------------------------------------------------------------------

    def exact(self, tree: Tree) -> Array:
        """A matrix term over the exact field."""
        return self.instance.exactly(lambda d: build(tree, d))

    def enclosed(self, tree: Tree) -> Array:
        """A matrix term in balls."""
        return self.instance.enclosed(lambda d: build(tree, d))

    def exactly_zero(self, tree: Tree) -> bool:
        """Whether a matrix term is exactly zero; ``OutsideField`` where that is not decidable here."""
        return bool(self.instance.exactly(lambda d: np.all(d.field.is_zero(build(tree, d)))))

    # -- ranks and inertias ------------------------------------------------------------------------------------------

    def rank(self, tree: Tree) -> RankBounds:
        """Both bounds of the rank of a matrix term, with evidence."""
        if (place := place_of(tree)) is not None:
            return self.at(place).rank(stripped(tree))
        if tree not in self.ranks:
            self.ranks[tree] = self._rank(tree)
            self._made_over[tree] = self.instance.exact_field
        return self.ranks[tree]

    def settle(self) -> None:
        """Make the evidence fit for a certificate: choose the primes that are missing, and redo what was found before
        the exact field grew, for its formulas in t and u speak of another t and u.
        """
        for _ in range(2):  # redoing what was found at one point may let the field of all of them grow
            self._settle()
            for there in self.places.values():
                there.settle()

    def _settle(self) -> None:
        while stale := [tree for tree, field in self._made_over.items() if field != self.instance.exact_field]:
            for tree in stale:
                del self.ranks[tree], self._made_over[tree]
            for tree in stale:
                self.rank(tree)
        for tree, bounds in self.ranks.items():
            self.ranks[tree] = RankBounds(with_prime(bounds.lower), bounds.upper)

    def _rank(self, tree: Tree) -> RankBounds:
        words, fields = self._words(tree), None
        if words is not None:
            fields = self._kernel_words(tree)
            short = None if fields is None else bounds_by_kernel(words, *fields, symmetric=tree in _SYMMETRIC)
            if short is not None:
                return short
        size, images = shape(tree, self.problem), _Replayed(self._images(tree) if words is None else images_of(words))
        bounds = self._rank_through_factors(tree, size, images)
        if bounds is not None and bounds.decided is not None:
            return bounds
        full = rank_bounds(
            size,
            exact=lambda: self.exact(tree) if words is None else words,
            images=images,
            balls=lambda: self.enclosed(tree),
            known_kernel=self._known_kernel(tree) if fields is None else fields[0].tolist(),
            symmetric=tree in _SYMMETRIC,
        )
        if bounds is not None and bounds.upper.value < full.upper.value:
            return RankBounds(full.lower, bounds.upper)
        if tree == ("matrix", "D") and full.upper.value > (most := self._most_of_D()):
            return RankBounds(full.lower, UpperBound(most))
        return full

    def _most_of_D(self) -> int:
        """A bound on rank(D): diag(q) − qqᵀ of softmax cross-entropy, q = softmax(f), annihilates (1, …, 1)."""
        p = self.problem
        return p.N * (p.K - 1 if getattr(p.loss, "name", "") == "softmax_cross_entropy" else p.K)

    def _rank_through_factors(self, tree: Tree, size: tuple[int, int], images: _Replayed) -> RankBounds | None:
        """Bounds of the rank of H = Gᵀ(DG) whose upper one is that of a factor; None for other matrices."""
        if tree not in _PRODUCTS:
            return None
        bounds = rank_bounds(size, images=images, balls=lambda: self.enclosed(tree), symmetric=True)
        for factor in self._factors(tree) if bounds.decided is None else ():
            through = self.rank(_FACTORS[factor]).upper.value
            if through < bounds.upper.value:
                bounds = RankBounds(bounds.lower, UpperBound(through, "through", through=factor))
            if bounds.decided is not None:
                break
        return bounds

    def _images(self, tree: Tree) -> Iterator[Image]:
        """The matrix modulo one prime after another; none when the instance has no exact field."""
        try:
            for array, (t, u) in self.instance.residues(lambda d: (build(tree, d), residues_of_generators(d.field))):
                yield Image.of(array, t, u)
        except OutsideField:
            return

    def _factors(self, tree: Tree) -> tuple[Literal["G", "D", "DG"], ...]:
        """The factors of H = Gᵀ(DG) a rank can be bounded through, when H is that product here."""
        product = tree == ("matrix", "H_o") or self._is_gauss_newton()
        return ("G", "D", "DG") if product else ()

    def _is_gauss_newton(self) -> bool:
        """Whether H = GᵀDG here because r = 0, or because H_f vanishes by construction."""
        if self.problem.weight_decay:
            return False
        try:
            return bool(
                self.instance.exactly(lambda d: d.functional_part_vanishes or np.all(d.field.is_zero(d.residual)))
            )
        except OutsideField:
            return bool(self.instance.enclosed(lambda d: d.functional_part_vanishes))

    def _words(self, tree: Tree) -> Ints | None:
        """The matrix when its entries and all that they are made of are integers that fit machine words, else None."""
        if self.problem.points:  # an expression about several of them
            return None
        try:
            found: Ints = self.instance.in_words(lambda d: build(tree, d)).values
        except OutsideField:
            return None
        return found

    def _kernel_words(self, tree: Tree) -> tuple[Ints, list[int]] | None:
        """The vectors of ``_known_kernel`` where everything is an integer, and columns that may tell them apart."""
        network = self.problem.model
        if not isinstance(network, DenseNetwork) or shape(tree, self.problem)[1] != self.problem.P:
            return None
        return kernel_words(network, [x.numerator for x in self.problem.parameters or ()])

    def _known_kernel(self, tree: Tree) -> list[list[Any]]:
        """Velocities of the network's continuous symmetries, which G (and GᵀDG) annihilates; each is verified later."""
        network, theta = self.problem.model, self.problem.parameters
        if not isinstance(network, DenseNetwork) or theta is None or shape(tree, self.problem)[1] != self.problem.P:
            return []
        whole = all(value.denominator == 1 for value in theta)
        exact = [value.numerator if whole else fmpq(value.numerator, value.denominator) for value in theta]
        return [field.at(network, exact) for field in kernel_fields(network)]

    def inertia(self, tree: Tree) -> Inertia:
        """Certified bounds on the numbers of positive and negative eigenvalues of a symmetric matrix term."""
        if (place := place_of(tree)) is not None:
            return self.at(place).inertia(stripped(tree))
        if tree not in self.inertias:
            self.inertias[tree] = self._inertia(tree)
        return self.inertias[tree]

    def _inertia(self, tree: Tree) -> Inertia:
        bounds = self.rank(tree)
        size, subset = shape(tree, self.problem)[0], bounds.lower.columns
        exact = self._rational_matrix(tree)
        if exact is not None:
            return certified_inertia(size, bounds.upper.value, subset, exact=exact)

        def enclosed(precision: int) -> Array:
            return self.instance.enclosed(lambda d: build(tree, d), precision)

        return certified_inertia(size, bounds.upper.value, subset, enclosed=enclosed)

    def _rational_matrix(self, tree: Tree) -> Array | None:
        """The matrix over ℚ, or None when its entries are not all rational or not known exactly."""
        if not isinstance(self.instance.exact_field, RationalField):  # it never shrinks again
            return None
        try:
            matrix = self.exact(tree)
        except OutsideField:
            return None
        return matrix if isinstance(self.instance.exact_field, RationalField) else None

    # -- numbers -----------------------------------------------------------------------------------------------------

    def rational(self, number: Fraction | int) -> Value:
        """A rational number as a value."""
        return Value.of(self.instance.exact_field, number)

    def computed(self, quantity: Callable[[Any], Any]) -> Value:
        """A number computed from the derivatives, exactly or enclosed."""
        try:
            element = self.instance.exactly(quantity)
        except OutsideField:
            enclosure = self.instance.enclosed(quantity, self.bits)
            return Value(self.instance.exact_field, enclosure=_item(enclosure))
        return Value(self.instance.exact_field, _item(element))

    @abstractmethod
    def scalar(self, tree: Tree) -> Value:
        """The value of a scalar term."""


@final
class _Replayed:
    """An iterator that can be run through more than once; what it gave is kept."""

    def __init__(self, source: Iterator[Image]) -> None:
        self._source = source
        self._given: list[Image] = []

    def __iter__(self) -> Iterator[Image]:
        yield from self._given
        for image in self._source:
            self._given.append(image)
            yield image


def generic_range(matrix: Tree, problem: Problem) -> tuple[int, int]:
    """The least and greatest generic rank of a matrix term that the bounds leave."""
    found = generic_rank(
        problem, shape(matrix, problem), lambda d: build(matrix, d), is_jacobian=matrix == ("matrix", "G")
    )
    return found.lower, found.upper


def _item(array: Any) -> Any:
    return array.reshape(-1)[0] if isinstance(array, np.ndarray) else array
