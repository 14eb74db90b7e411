"""A network and a copy of it with permuted units: alignment finds the permutation without being told what moves."""

import numpy as np
import pytest
import torch

import geomcheck as gc
from geomcheck.align.ties import tied_axes
from tests.align.networks import NETWORKS, LanguageModel, planted, randomised, same_state

SAMPLE = torch.Generator().manual_seed(5)


@pytest.fixture(scope="module", params=NETWORKS)
def network(request):
    make, shape = NETWORKS[request.param]
    inputs = torch.randn(8, *shape, generator=SAMPLE)
    return make, inputs, tied_axes(make(), [inputs])


@pytest.mark.parametrize("seed", range(10))
def test_planted_permutations_are_recovered(network, seed):
    make, inputs, ties = network
    model = randomised(make, seed)
    copy, permutations = planted(make, ties, model, seed)
    found = gc.align(model, copy, data=inputs, seed=seed)
    assert same_state(model, found.model) == 0
    for name, permutation in permutations.items():
        group = ties.groups[name]
        if not group.context:
            assert (permutation[found.permutations[name]] == np.arange(group.size)).all()
    assert found.after == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_a_language_model_with_a_tied_embedding(seed):
    tokens = torch.randint(0, 11, (4, 6), generator=torch.Generator().manual_seed(seed))
    ties = tied_axes(LanguageModel(), [tokens])
    (heads,) = (name for name, group in ties.groups.items() if group.size == 3)
    assert sorted((g.size, g.context) for g in ties.groups.values()) == [
        (3, ()),
        (4, (heads,)),
        (4, (heads,)),
        (12, ()),
        (48, ()),
    ]
    model = randomised(LanguageModel, seed)
    copy, _ = planted(LanguageModel, ties, model, seed)
    with torch.no_grad():
        assert torch.allclose(model(tokens), copy(tokens), atol=1e-5)
    assert same_state(model, gc.align(model, copy, data=tokens, seed=seed).model) == 0


def test_permuted_model_computes_the_same(network):
    make, inputs, ties = network
    model = randomised(make, 3)
    copy, _ = planted(make, ties, model, 4)
    with torch.no_grad():
        before, after = model(inputs), copy(inputs)
    assert same_state(model, copy) > 0.1
    assert float((before - after).abs().max()) <= 1e-5 * max(1, float(before.abs().max()))


def test_aligned_model_computes_the_same_and_inputs_stay_untouched(network):
    make, inputs, _ = network
    model, other = randomised(make, 3), randomised(make, 4)
    kept = {name: tensor.clone() for name, tensor in other.state_dict().items()}
    found = gc.align(model, other, data=inputs, restarts=2)
    assert all(torch.equal(kept[name], tensor) for name, tensor in other.state_dict().items())
    assert not other.training
    with torch.no_grad():
        before, after = other(inputs), found.model(inputs)
    assert float((before - after).abs().max()) <= 1e-5 * max(1, float(before.abs().max()))
    assert found.after > found.before
    assert {(check.mode, check.inputs) for check in found.checks} == {
        (mode, inputs) for mode in ("eval", "train") for inputs in ("random inputs", "data")
    }
    assert all(check.passed for check in found.checks)


def test_activations_recover_a_planted_permutation(network):
    make, _, ties = network
    shape = NETWORKS[next(name for name, (m, _) in NETWORKS.items() if m is make)][1]
    data = torch.randn(256, *shape, generator=SAMPLE)
    model = randomised(make, 1)
    copy, _ = planted(make, ties, model, 2)
    found = gc.align(model, copy, method="activations", data=data)
    with torch.no_grad():
        assert torch.allclose(model(data[:8]), found.model(data[:8]), atol=1e-4)
    assert same_state(model, found.model) == 0


@pytest.mark.parametrize("seed", range(3))
def test_weights_decide_where_activations_cannot(seed):
    """Units that are never active on the data, and units that feed a product of two layers."""

    class Silent(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two = torch.nn.Linear(3, 9), torch.nn.Linear(3, 6)
            self.product, self.last = torch.nn.Bilinear(9, 6, 5), torch.nn.Linear(5, 2)

        def forward(self, x):
            return self.last(torch.tanh(self.product(torch.relu(self.one(x)), torch.tanh(self.two(x)))))

    inputs = torch.randn(16, 3, generator=torch.Generator().manual_seed(seed))
    ties = tied_axes(Silent(), [inputs])
    model = randomised(Silent, seed)
    with torch.no_grad():
        model.one.bias[:4] -= 100
    copy, _ = planted(Silent, ties, model, seed)
    found = gc.align(model, copy, data=inputs, method="activations", seed=seed)
    assert same_state(model, found.model) == 0
    assert found.after == pytest.approx(1, abs=1e-6)


def test_the_same_seed_gives_the_same_permutations(network):
    make, inputs, _ = network
    model, other = randomised(make, 3), randomised(make, 4)
    first, second = (gc.align(model, other, data=inputs, restarts=5, seed=7) for _ in range(2))
    assert all((first.permutations[name] == second.permutations[name]).all() for name in first.permutations)
    assert first.restarts == second.restarts
