"""The ascent: exact for one hidden layer, monotone, and right on the instances of the catalogue."""

from itertools import permutations

import numpy as np
import pytest
import torch
from torch import nn

import geomcheck as gc
from geomcheck.align import coordinate_ascent
from geomcheck.align.coordinate_ascent import Ascent, Pair, Problem
from geomcheck.align.pieces import Dimension
from geomcheck.align.ties import tied_axes
from geomcheck.align.tracing import state_of
from geomcheck.align.weight_matching import contexts_of, maximise, weight_pairs
from geomcheck.errors import InputError
from tests.align.networks import NETWORKS, randomised, same_state


def one_layer(width=6):
    return nn.Sequential(nn.Linear(3, width), nn.Tanh(), nn.Linear(width, 2))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("method", ["exact", "weights"])
def test_one_hidden_layer_equals_brute_force(seed, method):
    a, b = (randomised(one_layer, 2 * seed + k) for k in range(2))
    found = gc.align(a, b, method=method)
    state_a, state_b = ({n: t.detach().double().numpy() for n, t in m.state_dict().items()} for m in (a, b))

    def value(p):
        p = list(p)
        moved = {
            "0.weight": state_b["0.weight"][p],
            "0.bias": state_b["0.bias"][p],
            "2.weight": state_b["2.weight"][:, p],
        }
        return sum(float((state_a[name] * tensor).sum()) for name, tensor in moved.items())

    best = max(map(value, permutations(range(6))))
    assert value(found.permutations["0.weight[0]"]) == pytest.approx(best, rel=1e-6)


def test_exact_refuses_a_bilinear_objective():
    make, _ = NETWORKS["mlp"]
    with pytest.raises(InputError, match="exact"):
        gc.align(randomised(make, 0), randomised(make, 1), method="exact")


def test_exact_solves_heads_and_what_is_inside():
    class Heads(nn.Module):
        def __init__(self):
            super().__init__()
            self.q, self.k, self.v, self.o = nn.Linear(3, 8), nn.Linear(3, 8), nn.Linear(3, 8), nn.Linear(8, 2)

        def forward(self, x):
            q, k, v = (layer(x).unflatten(-1, (2, 4)).transpose(1, 2) for layer in (self.q, self.k, self.v))
            y = nn.functional.scaled_dot_product_attention(q, k, v)
            return self.o(y.transpose(1, 2).flatten(2))

    a, b = randomised(Heads, 0), randomised(Heads, 1)
    data = torch.randn(8, 5, 3)
    found = gc.align(a, b, method="exact", data=data)
    ties = found.ties
    pairs = weight_pairs(ties, state_of(a), state_of(b), frozenset(state_of(a)))
    problem = Problem(tuple(pairs), contexts_of(ties))
    reached = problem.value(ties.by_atom(found.permutations))
    (head,) = (name for name, group in ties.groups.items() if not group.context)
    inside = [name for name, group in ties.groups.items() if group.context]
    assert len(inside) == 2
    best = -np.inf
    for swap in ([0, 1], [1, 0]):
        total = ties.identity() | {head: np.array(swap)}
        for name in inside:  # the objective is a sum over groups and heads, so each is searched apart
            for index in range(2):
                choices = []
                for p in permutations(range(4)):
                    trial = {key: value.copy() for key, value in total.items()}
                    trial[name][index] = p
                    choices.append((problem.value(ties.by_atom(trial)), trial))
                total = max(choices, key=lambda choice: choice[0])[1]
        best = max(best, problem.value(ties.by_atom(total)))
    assert reached == pytest.approx(best, rel=1e-6)


def test_the_assignment_of_the_catalogue():
    # weight-matching-is-LAP of the claims: cost [[5, -1, 10], [2, 5, -3], [7, 0, 4]] has the optimum 22 at (2, 1, 0).
    gain = np.array([[5.0, -1.0, 10.0], [2.0, 5.0, -3.0], [7.0, 0.0, 4.0]])
    problem = Problem((Pair(np.eye(3), gain.T.copy(), (Dimension(0), Dimension(None))),), {0: ()})
    ascent = Ascent(problem, {0: np.arange(3)})
    ascent.run()
    assert ascent.permutations[0].tolist() == [2, 1, 0]
    assert problem.value(ascent.permutations) == 22


def test_weight_and_activation_matching_need_not_agree():
    # weight-vs-activation-matching of the claims: a swap for the weights (2, not 0), none for activations (24, not 22).
    for gain, best in (([[-4.0, 2.0], [0.0, 4.0]], [1, 0]), ([[4.0, 10.0], [12.0, 20.0]], [0, 1])):
        problem = Problem((Pair(np.eye(2), np.array(gain).T.copy(), (Dimension(0), Dimension(None))),), {0: ()})
        ascent = Ascent(problem, {0: np.arange(2)})
        ascent.run()
        assert ascent.permutations[0].tolist() == best


@pytest.mark.parametrize("name", NETWORKS)
def test_every_step_raises_the_objective(name):
    make, shape = NETWORKS[name]
    a, b = randomised(make, 1), randomised(make, 2)
    ties = tied_axes(a, [torch.randn(4, *shape)])
    pairs = weight_pairs(ties, state_of(a), state_of(b), frozenset(n for n, _ in a.named_parameters()))
    problem = Problem(tuple(pairs), contexts_of(ties))
    ascent = Ascent(problem, ties.by_atom(ties.identity()))
    last = problem.value(ascent.permutations)
    for _ in range(4):
        for root in ascent.roots:
            gained = ascent.solve(root)
            value = problem.value(ascent.permutations)
            assert value > last if gained else value == last
            last = value


def test_corrected_costs_are_the_costs():
    make = NETWORKS["mlp"][0]
    a, b = randomised(make, 1), randomised(make, 2)
    ties = tied_axes(a, [torch.randn(4, 6)])
    problem = Problem(tuple(weight_pairs(ties, state_of(a), state_of(b), frozenset(state_of(a)))), contexts_of(ties))
    ascent = Ascent(problem, ties.by_atom(ties.identity()))
    first, second = ascent.roots
    ascent._cost(first)
    swapped = ascent.permutations[second].copy()
    swapped[[0, 1]] = swapped[[1, 0]]
    ascent.permutations[second] = swapped
    assert np.allclose(ascent._cost(first), Ascent(problem, ascent.permutations)._cost(first), atol=1e-5)


def test_a_deliberately_wrong_assignment_is_noticed(monkeypatch):
    make, _ = NETWORKS["mlp"]
    a = randomised(make, 0)
    monkeypatch.setattr(
        coordinate_ascent, "linear_sum_assignment", lambda values, maximize: (None, np.arange(len(values)))
    )
    ties = tied_axes(a, [torch.randn(4, 6)])
    b = make()
    b.load_state_dict(ties.apply(a.state_dict(), ties.random(np.random.default_rng(0))))
    assert same_state(a, gc.align(a, b).model) > 0


def test_more_restarts_are_never_worse():
    make, shape = NETWORKS["batchnorm resnet"]
    a, b = randomised(make, 1), randomised(make, 2)
    ties = tied_axes(a, [torch.randn(4, *shape)])
    pairs = weight_pairs(ties, state_of(a), state_of(b), frozenset(n for n, _ in a.named_parameters()))
    reached = [max(maximise(ties, pairs, restarts=n, seed=0).restarts) for n in (1, 3, 8)]
    assert reached == sorted(reached)
