"""Which axes are found to move together, operation by operation; whatever is found leaves the function as it is."""

from copy import deepcopy

import networkx as nx
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from geomcheck.align.errors import UnknownOperation
from geomcheck.align.operation import RULES
from geomcheck.align.same_function import without_dropout
from geomcheck.align.ties import tied_axes
from geomcheck.align.tracing import in_mode, run_with, state_of
from geomcheck.errors import InputError
from tests.align.networks import NETWORKS, randomised


class Wrapped(nn.Module):
    """A function of some layers as a module."""

    def __init__(self, function, **layers):
        super().__init__()
        for name, layer in layers.items():
            setattr(self, name, layer)
        self.function = function

    def forward(self, *inputs):
        return self.function(self, *inputs)


def linear(*sizes):
    return nn.Linear(*sizes)


def sandwich(middle, **layers):
    """Something between two linear layers: Linear(4, 12), the middle, Linear(12, 3)."""
    return Wrapped(lambda m, x: m.last(middle(m, m.first(x))), first=linear(4, 12), last=linear(12, 3), **layers)


def grouped_heads(m, x):
    q = m.q(x).unflatten(-1, (3, 4)).transpose(1, 2)
    return functional.scaled_dot_product_attention(q, q, m.v(x).unflatten(-1, (3, 4)).transpose(1, 2), is_causal=True)


def filled(m, x):
    buffer = x.new_zeros(x.shape[0], 20)
    buffer[:, :12] = x
    return buffer[:, :12].clone()


ROWS = (5, 4)
SEQUENCE = (5, 6, 4)
# name: (module, shape of inputs, {sizes of groups without a context})
CASES = {
    "identity": (sandwich(lambda m, x: x), ROWS, [12]),
    "elementwise": (sandwich(lambda m, x: (torch.tanh(x) * x.sigmoid()).clamp(-1, 1) ** 2 - 0.5), ROWS, [12]),
    "in place": (sandwich(lambda m, x: x.relu_().add_(1).mul_(x)), ROWS, [12]),
    "softmax": (sandwich(lambda m, x: x.softmax(-1)), ROWS, [12]),
    "layer norm": (sandwich(lambda m, x: m.norm(x), norm=nn.LayerNorm(12)), ROWS, [12]),
    "rms norm": (sandwich(lambda m, x: m.norm(x), norm=nn.RMSNorm(12)), ROWS, [12]),
    "batch norm without statistics": (
        sandwich(lambda m, x: m.norm(x), norm=nn.BatchNorm1d(12, track_running_stats=False)),
        ROWS,
        [12],
    ),
    "prelu": (sandwich(lambda m, x: m.act(x), act=nn.PReLU(12)), ROWS, [12]),
    "weight norm": (
        sandwich(lambda m, x: m.mid(x), mid=nn.utils.parametrizations.weight_norm(nn.Linear(12, 12))),
        ROWS,
        [12, 12],
    ),
    "spread over the batch": (sandwich(lambda m, x: x - x.mean(0, keepdim=True)), ROWS, [12]),
    "mean over units": (sandwich(lambda m, x: x - x.mean(1, keepdim=True)), ROWS, [12]),
    "gate": (sandwich(lambda m, x: torch.cat([x.chunk(2, -1)[0] * x.chunk(2, -1)[1].sigmoid()] * 2, 1)), ROWS, [6]),
    "empty pieces": (
        sandwich(lambda m, x: torch.cat([x[:, 12:], *x.split([0, 5, 0, 7], 1)[1:3], x[:, :0], x[:, 5:]], 1)),
        ROWS,
        [5, 7],
    ),
    "gated": (
        Wrapped(lambda m, x: m.last(functional.glu(m.first(x))), first=linear(4, 12), last=linear(6, 3)),
        ROWS,
        [6],
    ),
    "sorted": (sandwich(lambda m, x: x.sort(-1).values), ROWS, []),
    "one chosen unit": (sandwich(lambda m, x: x * x[:, 3:4]), ROWS, [3, 8]),
    "cut and glued": (sandwich(lambda m, x: torch.cat([x[:, 5:], x[:, :5]], 1)), ROWS, [5, 7]),
    "constant weights": (sandwich(lambda m, x: x * torch.arange(12.0)), ROWS, []),
    "flipped": (sandwich(lambda m, x: x.flip(-1)), ROWS, []),
    "residual square": (sandwich(lambda m, x: x + m.mid(x).relu(), mid=linear(12, 12)), ROWS, [12]),
    "weights used twice": (sandwich(lambda m, x: m.mid(m.mid(x).relu()), mid=linear(12, 12)), ROWS, [12]),
    "raw parameter": (
        Wrapped(
            lambda m, x: m.last(torch.einsum("bi,hio->bho", x, m.list[0]).relu().flatten(1)),
            list=nn.ParameterList([torch.zeros(4, 3, 5)]),
            last=linear(20, 3),
        ),
        (5, 3),
        [4],
    ),
    "heads": (
        Wrapped(
            lambda m, x: m.o(grouped_heads(m, x).transpose(1, 2).flatten(2)),
            q=linear(4, 12),
            v=linear(4, 12),
            o=linear(12, 3),
        ),
        SEQUENCE,
        [3],
    ),
    "another type": (sandwich(lambda m, x: x.double().type_as(m.last.bias).to(x)), ROWS, [12]),
    "column wise": (sandwich(lambda m, x: x.max(1, keepdim=True).values + x / x.norm(dim=1, keepdim=True)), ROWS, []),
    "largest of all": (sandwich(lambda m, x: x / (x.max() - x.min()) + x.logsumexp(-1, keepdim=True)), ROWS, [12]),
    "buffer filled": (sandwich(filled), ROWS, [12]),
    "padded": (sandwich(lambda m, x: functional.pad(x, (1, 2))[:, 1:-2]), ROWS, [12]),
    "repeated": (
        Wrapped(lambda m, x: m.last(m.first(x).repeat(1, 2)), first=linear(4, 6), last=linear(12, 3)),
        ROWS,
        [2, 6],  # the two copies of a unit may also be exchanged
    ),
    "transposed convolution": (
        nn.Sequential(
            nn.Conv2d(1, 6, 3), nn.ReLU(), nn.ConvTranspose2d(6, 4, 2, groups=2), nn.ELU(), nn.Conv2d(4, 2, 1)
        ),
        (5, 1, 6, 6),
        [2],
    ),
    "one-dimensional": (
        nn.Sequential(
            nn.Conv1d(2, 6, 3), nn.BatchNorm1d(6), nn.AvgPool1d(2), nn.Conv1d(6, 6, 1, groups=6), nn.Flatten()
        ),
        (5, 2, 8),
        [],
    ),
    "upsampled": (
        nn.Sequential(nn.Conv2d(1, 6, 3, padding="same"), nn.Upsample(scale_factor=2), nn.ReLU(), nn.Conv2d(6, 2, 1)),
        (5, 1, 6, 6),
        [6],
    ),
    "instance norm": (
        nn.Sequential(
            nn.Conv2d(1, 6, 3), nn.InstanceNorm2d(6, affine=True, track_running_stats=True), nn.Conv2d(6, 2, 1)
        ),
        (5, 1, 6, 6),
        [6],
    ),
    "encoder layer": (
        nn.Sequential(nn.Linear(4, 8), nn.TransformerEncoderLayer(8, 2, 10, batch_first=True), nn.Linear(8, 3)),
        SEQUENCE,
        [2, 8, 10],
    ),
}


def inputs_of(shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("name", CASES)
def test_groups(name):
    module, shape, sizes = CASES[name]
    ties = tied_axes(module, [inputs_of(shape)])
    assert sorted(group.size for group in ties.groups.values() if not group.context) == sorted(sizes)


@pytest.mark.parametrize("name", CASES)
def test_whatever_is_found_leaves_the_function_as_it_is(name):
    module, shape, _ = CASES[name]
    module = randomised(lambda: module, 1).double()
    inputs = inputs_of(shape).double()
    ties = tied_axes(module, [inputs])
    state = state_of(module)
    for seed in range(3):
        moved = ties.apply(state, ties.random(np.random.default_rng(seed)))
        for training in (False, True):
            results = []
            for these in (state, moved):
                copy = {key: tensor.detach().clone() for key, tensor in these.items()}
                with in_mode(module, training), torch.no_grad(), without_dropout():
                    results.append(run_with(module, copy, [inputs]))
            assert torch.allclose(*results, rtol=1e-9, atol=1e-9)
            assert any(not torch.equal(state[key], moved[key]) for key in state) or not ties.groups


@pytest.mark.parametrize("cut", ["split", "chunk", "unbind", "apart"])
def test_heads_move_as_blocks_and_each_inside(cut):
    def attention(m, x):
        batch, tokens, _ = x.shape
        match cut:
            case "split":
                parts = m.qkv(x).split(12, -1)
            case "chunk":
                parts = m.qkv(x).chunk(3, -1)
            case "unbind":
                parts = m.qkv(x).view(batch, tokens, 3, 12).unbind(2)
            case _:
                parts = (m.q(x), m.k(x), m.v(x))
        q, k, v = (part.view(batch, tokens, 3, 4).transpose(1, 2) for part in parts)
        y = (q @ k.transpose(-2, -1)).softmax(-1) @ v
        return m.o(y.transpose(1, 2).reshape(batch, tokens, 12))

    layers = {"qkv": linear(5, 36)} if cut != "apart" else {name: linear(5, 12) for name in "qkv"}
    module = randomised(lambda: Wrapped(attention, **layers, o=linear(12, 3)), 1).double()
    inputs = torch.randn(2, 6, 5, dtype=torch.float64)
    ties = tied_axes(module, [inputs])
    # One permutation of the three heads; for every head one inside queries and keys, and one inside values.
    (heads,) = (name for name, group in ties.groups.items() if not group.context)
    assert [(group.size, group.context) for group in ties.groups.values()] == [(3, ()), (4, (heads,)), (4, (heads,))]
    state = state_of(module)
    moved = ties.apply(state, ties.random(np.random.default_rng(0)))
    assert torch.allclose(run_with(module, state, [inputs]), run_with(module, moved, [inputs]), atol=1e-12)


def test_a_tied_embedding_is_one_tensor():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(11, 8)
            self.mid = nn.Linear(8, 8)
            self.out = nn.Linear(8, 11, bias=False)
            self.out.weight = self.embedding.weight

        def forward(self, x):
            return self.out(self.mid(self.embedding(x)).tanh())

    model = randomised(Tied, 0)
    tokens = torch.randint(0, 11, (3, 4))
    ties = tied_axes(model, [tokens])
    assert [group.size for group in ties.groups.values()] == [8]
    state = ties.apply(model.state_dict(), ties.random(np.random.default_rng(0)))
    assert torch.equal(state["out.weight"], state["embedding.weight"])
    before = model(tokens)
    model.load_state_dict(state)
    assert torch.allclose(before, model(tokens), atol=1e-5)


def test_running_statistics_move_with_their_channel():
    make, shape = NETWORKS["batchnorm resnet"]
    ties = tied_axes(make(), [torch.randn(4, *shape)])
    graph = ties.graph
    for norm in ("norm", "norm_one", "norm_two", "norm_three"):
        groups = {frozenset(graph[f"{norm}.{name}", 0]) for name in ("weight", "bias", "running_mean", "running_var")}
        assert len(groups) == 1
        assert all(groups)


def test_the_graph_of_tied_axes():
    make, shape = NETWORKS["batchnorm resnet"]
    graph = tied_axes(make(), [torch.randn(4, *shape)]).graph
    assert isinstance(graph, nx.Graph)
    stem = next(iter(graph["stem.weight", 0]))
    assert {("stem.weight", 0), ("one.weight", 1), ("two.weight", 0), ("short.weight", 1)} <= set(graph[stem])
    assert graph.nodes[stem] == {"kind": "group", "size": 8, "context": ()}
    assert ("head.weight", 0) not in graph  # the outputs are fixed
    assert ("head.weight", 1) in graph


UNKNOWN = {
    "im2col": nn.Sequential(nn.Conv2d(1, 4, 1), nn.Unfold(2)),
    "gru": nn.GRU(4, 3),
    "fft_fft": sandwich(lambda m, x: torch.fft.fft(x).real),
    "rand_like": sandwich(lambda m, x: x + torch.rand_like(x)),
    "unfold": sandwich(lambda m, x: x.unfold(1, 12, 1).squeeze(1)),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_unknown_operation_stops_with_its_name(name):
    shape = (2, 1, 4, 4) if name == "im2col" else (2, 3, 4) if name == "gru" else ROWS
    with pytest.raises(UnknownOperation, match=name) as caught:
        tied_axes(UNKNOWN[name], [torch.randn(shape)])
    assert name in caught.value.operation


def test_an_operation_that_fails_and_is_caught_does_nothing():
    def careful(m, x):
        try:
            return functional.glu(x[:, :3])
        except RuntimeError:
            return x

    ties = tied_axes(sandwich(careful), [inputs_of(ROWS)])
    assert [group.size for group in ties.groups.values()] == [3, 9]  # the slice before it was taken in any case


@pytest.mark.parametrize("error", [KeyError, AssertionError, StopIteration, ValueError])
def test_an_overload_that_no_rule_foresees_is_unknown(error, monkeypatch):
    def fails(call):
        raise error("dim")

    monkeypatch.setitem(RULES, "tanh", fails)
    with pytest.raises(UnknownOperation, match="tanh"):
        tied_axes(sandwich(lambda m, x: x.tanh()), [inputs_of(ROWS)])


def test_an_operation_without_a_result_is_unknown():
    def together(m, x):
        torch._foreach_add_([x], 1.0)
        return x

    with pytest.raises(UnknownOperation, match="foreach"):
        tied_axes(sandwich(together), [inputs_of(ROWS)])


def test_control_flow_on_values_cannot_be_traced():
    module = sandwich(lambda m, x: x if x.sum() > 0 else -x)
    with pytest.raises(InputError, match="cannot be traced"):
        tied_axes(module, [torch.randn(ROWS)])


SHUFFLES = {
    "channels": (
        nn.Sequential(
            nn.Conv2d(2, 12, 1), nn.ReLU(), nn.ChannelShuffle(3), nn.Conv2d(12, 12, 1, groups=3), nn.Conv2d(12, 2, 1)
        ),
        [4, 4, 4],
    ),
    "pixels apart": (nn.Sequential(nn.Conv2d(2, 24, 1), nn.PixelShuffle(2), nn.ReLU(), nn.Conv2d(6, 2, 1)), [6]),
    "pixels together": (nn.Sequential(nn.Conv2d(2, 3, 1), nn.PixelUnshuffle(2), nn.ReLU(), nn.Conv2d(12, 2, 1)), [3]),
}


@pytest.mark.parametrize("name", SHUFFLES)
def test_shuffles_move_entries_and_nothing_else(name):
    model, sizes = SHUFFLES[name]
    inputs = torch.randn(4, 2, 4, 4, generator=torch.Generator().manual_seed(0))
    ties = tied_axes(model, [inputs])
    assert sorted(group.size for group in ties.groups.values()) == sizes
    moved = deepcopy(model)
    moved.load_state_dict(ties.apply(model.state_dict(), ties.random(np.random.default_rng(3))))
    assert not all(torch.equal(a, b) for a, b in zip(model.parameters(), moved.parameters(), strict=True))
    with torch.no_grad():
        assert torch.allclose(model(inputs), moved(inputs), atol=1e-5)
