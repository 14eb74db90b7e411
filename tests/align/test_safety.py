"""An alignment that changes the function, or forgets running statistics, is not reported; bad input gets one error."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

import geomcheck as gc
from geomcheck.align import alignment
from geomcheck.align.errors import NotEquivalent
from geomcheck.align.same_function import without_dropout
from geomcheck.align.ties import Ties, tied_axes
from geomcheck.errors import GeomcheckError, InputError
from tests.align.networks import NETWORKS, mlp, randomised

RESNET, SHAPE = NETWORKS["batchnorm resnet"]


@pytest.mark.parametrize("forgotten", ["running_mean", "running_var", "bias", "weight"])
def test_nothing_can_be_forgotten(monkeypatch, forgotten):
    whole = Ties.apply

    def forgetful(self, state, permutations):
        moved = whole(self, state, permutations)
        return {name: state[name] if name.endswith(forgotten) else tensor for name, tensor in moved.items()}

    monkeypatch.setattr(Ties, "apply", forgetful)
    with pytest.raises(NotEquivalent, match="no alignment and no barrier"):
        gc.align(randomised(RESNET, 0), randomised(RESNET, 1))


def test_statistics_that_only_train_mode_shows_are_checked(monkeypatch):
    whole = Ties.apply

    def forgetful(self, state, permutations):
        moved = whole(self, state, permutations)
        # Right for the state as it is given, wrong for the statistics that a step of train mode leaves.
        stepped = any(int(tensor) for name, tensor in state.items() if "num_batches" in name)
        return {name: state[name] if stepped and "running" in name else tensor for name, tensor in moved.items()}

    monkeypatch.setattr(Ties, "apply", forgetful)
    with pytest.raises(NotEquivalent, match="train mode"):
        gc.align(randomised(RESNET, 0), randomised(RESNET, 1))


def test_a_model_whose_function_differs_from_its_twin_is_noticed():
    class Sneaky(nn.Module):
        """Its tensors are those of the other model, its function reads one unit by its place."""

        def __init__(self, sneaky):
            super().__init__()
            self.first, self.last, self.sneaky = nn.Linear(3, 8), nn.Linear(8, 2), sneaky

        def forward(self, x):
            x = self.first(x).relu()
            return self.last(x) + (x[:, :2] if self.sneaky else 0)

    with pytest.raises(NotEquivalent):
        gc.align(Sneaky(False), Sneaky(True))


def test_each_answer_of_the_model_itself_is_computed_once():
    class Counted(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last, self.doubles = nn.Linear(3, 8), nn.Linear(8, 2), 0

        def forward(self, x):
            self.doubles += x.dtype == torch.float64
            return self.last(self.first(x).relu())

    model = Counted()
    gc.align(Counted(), model, data=torch.randn(300, 3))
    # In eval and in train mode: any permutation on random inputs, the one found on these and on data, and itself.
    assert model.doubles == 2 * (1 + 2 + 2)


def test_dropout_is_off_in_checks_and_nowhere_else():
    x = torch.ones(50, 50)
    with without_dropout():
        assert torch.equal(functional.dropout(x, 0.5), x)
        assert torch.equal(nn.Dropout2d(0.5)(x[None]), x[None])
        q = torch.randn(1, 2, 5, 4)
        plain = functional.scaled_dot_product_attention(q, q, q)
        assert torch.equal(functional.scaled_dot_product_attention(q, q, q, dropout_p=0.9), plain)
        assert torch.equal(functional.scaled_dot_product_attention(q, q, q, None, 0.9), plain)
        layer = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.9, batch_first=True)
        assert torch.equal(layer(q[0]), layer(q[0]))
    assert not torch.equal(functional.dropout(x, 0.5), x)


def test_models_and_modes_stay_as_they_were():
    a, b = randomised(RESNET, 0).train(), randomised(RESNET, 1).train()
    b.norm.eval()
    kept = {name: tensor.clone() for name, tensor in b.state_dict().items()}
    gc.align(a, b)
    assert b.training
    assert not b.norm.training
    assert all(torch.equal(kept[name], tensor) for name, tensor in b.state_dict().items())
    assert all(parameter.grad is None and parameter.requires_grad for parameter in (*a.parameters(), *b.parameters()))


def nan_weights():
    model = mlp()
    with torch.no_grad():
        model[2].weight[1, 1] = float("nan")
    return model


def wider():
    return nn.Sequential(nn.Linear(6, 25), nn.ReLU(), nn.Linear(25, 20), nn.GELU(), nn.Linear(20, 3))


def other_activation():
    return nn.Sequential(nn.Linear(6, 24), nn.Tanh(), nn.Linear(24, 20), nn.GELU(), nn.Linear(20, 3))


def complex_weights():
    return nn.Sequential(nn.Linear(6, 4, dtype=torch.cfloat), nn.Linear(4, 2, dtype=torch.cfloat))


def masked(kept):
    class Masked(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(6, 6)
            self.register_buffer("mask", torch.arange(6) % 2 == kept)

        def forward(self, x):
            return self.layer(x) * self.mask

    return Masked()


DATA = torch.randn(8, 6)
BAD = {
    "other shapes": (lambda: gc.align(mlp(), wider()), ["0.weight", "24", "25"]),
    "other layers": (lambda: gc.align(mlp(), other_activation()), ["ReLU", "Tanh"]),
    "complex weights": (lambda: gc.align(complex_weights(), complex_weights()), ["complex", "0.weight"]),
    "lazy weights": (lambda: gc.align(nn.LazyLinear(3), nn.LazyLinear(3)), ["model_a", "lazy", "weight"]),
    "barrier between masks": (lambda: gc.barrier(masked(0), masked(1), (DATA, torch.zeros(8, 6))), ["mask"]),
    "fewer layers": (lambda: gc.align(mlp(), mlp()[:3]), ["4.weight", "missing"]),
    "NaN weights": (lambda: gc.align(mlp(), nan_weights()), ["model_b", "NaN", "2.weight"]),
    "NaN weights in A": (lambda: gc.align(nan_weights(), mlp()), ["model_a", "NaN", "2.weight"]),
    "no module": (lambda: gc.align(mlp().state_dict(), mlp()), ["model_a", "Module"]),
    "unknown method": (lambda: gc.align(mlp(), mlp(), method="magic"), ["magic", "weights"]),
    "no restarts": (lambda: gc.align(mlp(), mlp(), restarts=0), ["restarts"]),
    "no data": (lambda: gc.align(mlp(), mlp(), method="activations"), ["data"]),
    "no targets": (lambda: gc.align(mlp(), mlp(), method="straight-through", data=DATA), ["targets"]),
    "one sample": (lambda: gc.align(mlp(), mlp(), method="activations", data=DATA[:1]), ["2 samples"]),
    "data of another width": (lambda: gc.align(mlp(), mlp(), data=torch.randn(4, 5)), ["(4, 5)"]),
    "data that is no tensor": (lambda: gc.align(mlp(), mlp(), data="digits"), ["data", "digits"]),
    "data with NaN": (lambda: gc.align(mlp(), mlp(), data=DATA * float("nan")), ["data", "NaN"]),
    "empty data": (lambda: gc.align(mlp(), mlp(), data=DATA[:0]), ["data"]),
    "unequal data": (lambda: gc.align(mlp(), mlp(), data=(DATA, torch.zeros(7))), ["8", "7"]),
    "a mapping without inputs": (lambda: gc.align(mlp(), mlp(), data={"images": DATA}), ["images", "inputs"]),
    "a shape that does not fit": (lambda: gc.align(mlp(), mlp(), inputs=(7,)), ["(7,)"]),
    "barrier without targets": (lambda: gc.barrier(mlp(), mlp(), DATA), ["targets"]),
    "barrier of other shapes": (lambda: gc.barrier(mlp(), wider(), DATA), ["0.weight"]),
    "barrier with NaN": (lambda: gc.barrier(mlp(), nan_weights(), DATA), ["NaN"]),
    "one point": (lambda: gc.barrier(mlp(), mlp(), (DATA, torch.zeros(8, 3)), points=1), ["points"]),
    "unknown loss": (lambda: gc.barrier(mlp(), mlp(), (DATA, torch.zeros(8, 3)), loss="hinge"), ["hinge"]),
    "unknown batchnorm": (lambda: gc.barrier(mlp(), mlp(), (DATA, torch.zeros(8, 3)), batchnorm="x"), ["batchnorm"]),
    "targets of another shape": (lambda: gc.barrier(mlp(), mlp(), (DATA, torch.zeros(8, 5))), ["data"]),
    "class out of range": (lambda: gc.barrier(mlp(), mlp(), (DATA, torch.full((8,), 3))), ["data"]),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name):
    work, words = BAD[name]
    with pytest.raises(GeomcheckError) as caught:
        work()
    assert isinstance(caught.value, InputError)
    message = str(caught.value)
    assert all(word in message for word in words), message
    assert len(message) < 600
    assert "\n" not in message


def test_the_input_shape_is_found_or_asked_for():
    for make, _ in NETWORKS.values():
        assert alignment.example_inputs(make())[0].shape[0] > 1

    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Conv2d(2, 4, 3)
            self.last = nn.Linear(4 * 5 * 7, 2)

        def forward(self, x):
            return self.last(self.first(x).relu().flatten(1))

    with pytest.raises(InputError, match="--input"):
        gc.align(Odd(), Odd())
    assert gc.align(Odd(), Odd(), inputs=(2, 7, 9)).permutations["first.weight[0]"].shape == (4,)


def test_permutations_compose_as_they_say():
    model = randomised(mlp, 0)
    ties = tied_axes(model, [DATA])
    p = ties.random(np.random.default_rng(0))
    moved = ties.apply(model.state_dict(), p)
    rows, columns = p["0.weight[0]"], p["2.weight[0]"]
    assert torch.equal(moved["2.weight"], model.state_dict()["2.weight"][columns][:, rows])
