"""Several points at once: one point in the point set, and others that stand in a relation to it.

The first point comes from the generators for one point. The others are copies of it under a symmetry (permuted, sign
flipped, rescaled), fits of the same data found from elsewhere, or points with nothing in common. What the problem gives
is never changed: where it gives a point, that one comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final, TypeAlias, final

from geomcheck.claims.named_points import needs_data, open_names, with_some_data
from geomcheck.claims.tree import points_in, subtrees
from geomcheck.geometry.orbits import flipped_point, parity
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.permutations import Permutation, permuted, spread, tied_layers
from geomcheck.problem.problem import Point, Problem
from geomcheck.search import common_fits, rational_derivatives
from geomcheck.search.affine_blocks import affine_blocks, reach
from geomcheck.search.draws import Random, integers, nonzero
from geomcheck.search.generators import Generator, Proposals, generators, goals

if TYPE_CHECKING:
    from geomcheck.claims.claim import Claim

Relation: TypeAlias = Callable[[Problem, Random], Point | None]
"""From an instance of one point to another point; None where there is no such point."""


def tuple_generators(claim: Claim, problem: Problem) -> tuple[Generator, ...]:
    """A generator for each relation between the points that a claim names."""
    sets, needed = goals(claim), needs_data(claim.tree)
    points, permutations = open_names(claim.tree, problem)
    names = points_in(claim.tree)

    def source(kind: Kind) -> Callable[[Problem, Random], Proposals]:
        def propose(about: Problem, rng: Random) -> Proposals:
            for n, base in enumerate(_bases(about, names, sets, needed, rng)):
                instance = None if base is None else _numbers(base)
                if instance is None:
                    yield None
                    continue
                chosen = _chosen(about, instance, points, kind, rng, n)
                if chosen is None:
                    yield None
                    continue
                moved = {name: _arrangement(about, rng, n) for name in permutations}
                yield replace(instance, parameters=None).with_(
                    points=dict(about.points) | chosen, permutations=dict(about.permutations) | moved
                )

        return propose

    first = (
        [Generator("fits in common", _fitting(points or names, permutations))]
        if _of_barriers(claim, sets, problem)
        else []
    )
    everywhere = sets == ("all_points",)
    kinds = (kind for kind in KINDS if kind.applies(problem) and (everywhere or not kind.fresh))
    return (*first, *(Generator(kind.name, source(kind)) for kind in kinds))


def _of_barriers(claim: Claim, sets: tuple[str, ...], problem: Problem) -> bool:
    """Whether different fits of the same data are what a claim about barriers is likely to fail at."""
    said = any(part[0] in ("barrier", "min_barrier") for part in subtrees(claim.tree))
    fits = bool({"perfect_fits", "global_minima"} & set(sets))
    return said and fits and common_fits.applies(problem)


def _fitting(names: tuple[str, ...], permutations: tuple[str, ...]) -> Callable[[Problem, Random], Proposals]:
    def propose(problem: Problem, rng: Random) -> Proposals:
        for n, fit in enumerate(common_fits.common_fits(problem, names, rng)):
            moved = {name: _arrangement(problem, rng, n) for name in permutations} if fit is not None else {}
            yield fit if fit is None or not moved else fit.with_(permutations=dict(problem.permutations) | moved)

    return propose


def _bases(
    problem: Problem, names: tuple[str, ...], sets: tuple[str, ...], needed: bool, rng: Random
) -> Iterator[Problem | None]:
    """Instances of one point, from all generators for one point in turn."""
    single = replace(problem, points=(), permutations=())
    if not needed:
        single = replace(with_some_data(single), parameters=None)
    given = dict(problem.points)
    first = next((given[name] for name in names if name in given), None)
    if first is not None:
        single = single.with_(parameters=first)
        if single.is_instance:
            while True:
                yield single
    sources = [g.propose(single, Random(f"{rng.random()} {g.name}")) for g in generators(single, sets)]
    while sources:
        for proposals in list(sources):
            try:
                yield next(proposals)
            except StopIteration:
                sources.remove(proposals)


def _numbers(instance: Problem) -> Problem | None:
    """The instance with its targets as numbers; None where those it fits are not rational."""
    if instance.targets != "perfect_fit":
        return instance
    targets = rational_derivatives.fitted_targets(instance)
    return None if targets is None else instance.with_(targets=targets)


def _chosen(
    problem: Problem, instance: Problem, names: tuple[str, ...], kind: Kind, rng: Random, n: int
) -> dict[str, Point] | None:
    """The open points: the instance's own comes first, unless a given one is."""
    assert instance.parameters is not None
    chosen: dict[str, Point] = {}
    own = not problem.points and not kind.fresh
    relations = kind.relations
    for place, name in enumerate(names):
        if own and place == 0:
            chosen[name] = instance.parameters
            continue
        related = relations[(n + place) % len(relations)](instance, rng)
        if related is None:
            return None
        chosen[name] = related
    return chosen


def _arrangement(problem: Problem, rng: Random, n: int) -> Permutation:
    """The exchange of two units, a random permutation, or now and then the identity."""
    network = problem.model
    assert isinstance(network, DenseNetwork)
    chosen = []
    for members in tied_layers(network):
        order = list(range(network.layers[members[0] - 1].width))
        if n % 7 == 6:
            pass
        elif n % 2 == 0 and len(order) > 1:
            i, j = rng.sample(order, 2)
            order[i], order[j] = order[j], order[i]
        else:
            rng.shuffle(order)
        chosen.append(tuple(order))
    return spread(network, tuple(chosen))


# -- relations -------------------------------------------------------------------------------------------------------


def _same(instance: Problem, _: Random) -> Point | None:
    return instance.parameters


def _permuted(instance: Problem, rng: Random) -> Point | None:
    assert instance.parameters is not None
    network = instance.model
    if not isinstance(network, DenseNetwork):
        return None
    return permuted(network, instance.parameters, _arrangement(instance, rng, rng.randrange(6)))


def _flipped(instance: Problem, rng: Random) -> Point | None:
    """Some units of odd or even activation with their signs flipped; of an explicit model every parameter."""
    assert instance.parameters is not None
    network = instance.model
    if not isinstance(network, DenseNetwork):
        return tuple(-x for x in instance.parameters)
    signs = tuple(
        tuple(rng.choice((1, -1)) for _ in range(layer.width)) if parity(layer.activation) else ()
        for layer in network.layers[:-1]
    )
    return flipped_point(network, instance.parameters, signs)


def _rescaled(instance: Problem, rng: Random) -> Point | None:
    """Units of a positively homogeneous activation with rows times c > 0 and columns divided by c^degree."""
    assert instance.parameters is not None
    network, theta = instance.model, list(instance.parameters)
    if not isinstance(network, DenseNetwork):
        return None
    factors = {
        number: [rng.choice(_FACTORS) for _ in range(layer.width)]
        for number, layer in enumerate(network.layers[:-1], 1)
        if layer.activation.homogeneity is not None
    }
    for block in network.blocks():
        width = block.shape[1] if len(block.shape) == 2 else 1
        for k in range(block.size):
            i, j = divmod(k, width)
            if block.layer in factors:
                theta[block.start + k] *= factors[block.layer][i]
            if len(block.shape) == 2 and block.layer - 1 in factors:
                degree = network.layers[block.layer - 2].activation.homogeneity
                assert degree is not None
                theta[block.start + k] /= factors[block.layer - 1][j] ** degree
    return tuple(theta)


def _another_fit(instance: Problem, rng: Random) -> Point | None:
    """Other parameters with the same outputs on these data: random ones, then an affine block solved for."""
    outputs = rational_derivatives.behaviour(rational_derivatives.raw(instance))
    blocks = affine_blocks(instance.model)
    if outputs is None or not blocks:
        return None
    for _ in range(4):
        start = instance.with_(parameters=integers(rng, instance.P, 2))
        found = reach(start, rng.choice(blocks), outputs, rng)
        if found is not None:
            return found.parameters
    return None


def _general(instance: Problem, rng: Random) -> Point | None:
    return tuple(nonzero(rng, 3) / rng.choice((1, 1, 2)) for _ in range(instance.P))


def _zero(instance: Problem, _: Random) -> Point | None:
    return (Fraction(0),) * instance.P


def _multiple(instance: Problem, rng: Random) -> Point | None:
    """The point times a small number, on the line through it and the origin."""
    assert instance.parameters is not None
    factor = rng.choice((Fraction(2), Fraction(3), Fraction(-1), Fraction(1, 2)))
    return tuple(factor * x for x in instance.parameters)


def _nearby(instance: Problem, rng: Random) -> Point | None:
    """One number changed."""
    assert instance.parameters is not None
    theta = list(instance.parameters)
    theta[rng.randrange(len(theta))] += nonzero(rng, 2)
    return tuple(theta)


def _merged(instance: Problem, rng: Random) -> Point | None:
    """A point where two units of a layer have the same row and column: a permutation point."""
    assert instance.parameters is not None
    network, theta = instance.model, list(instance.parameters)
    if not isinstance(network, DenseNetwork):
        return None
    wide = [number for number, layer in enumerate(network.layers[:-1], 1) if layer.width > 1]
    if not wide:
        return None
    number = rng.choice(wide)
    i, j = rng.sample(range(network.layers[number - 1].width), 2)
    for block in network.blocks():
        width = block.shape[1] if len(block.shape) == 2 else 1
        if block.layer == number:
            for k in range(width):
                theta[block.start + j * width + k] = theta[block.start + i * width + k]
        elif block.layer == number + 1 and len(block.shape) == 2:
            for k in range(block.shape[0]):
                theta[block.start + k * width + j] = theta[block.start + k * width + i]
    return tuple(theta)


_FACTORS: Final = (Fraction(2), Fraction(1, 2), Fraction(1), Fraction(3))


@final
@dataclass(frozen=True)
class Kind:
    """A named way of relating points."""

    name: str
    relations: tuple[Relation, ...]
    needs_network: bool = False
    fresh: bool = (
        False  # whether the first point is drawn anew too, which only leads anywhere where every point is in scope
    )

    def applies(self, problem: Problem) -> bool:
        """Whether the problem's model has what the relations speak of."""
        return not self.needs_network or isinstance(problem.model, DenseNetwork)


KINDS: Final = (
    Kind("fits of the same data", (_another_fit,)),
    Kind("permuted copies", (_permuted,), needs_network=True),
    Kind("sign flips", (_flipped,)),
    Kind("rescaled copies", (_rescaled,), needs_network=True),
    Kind("unrelated points", (_general,)),
    Kind("points in general position", (_general,), fresh=True),
    Kind("merged units", (_merged,), needs_network=True),
    Kind("equal points", (_same,)),
    Kind("the origin", (_zero, _multiple)),
    Kind("neighbours", (_nearby,)),
    Kind("mixed relations", (_general, _permuted, _another_fit, _flipped, _same, _nearby)),
)
"""Every relation that a search tries, in turn."""
