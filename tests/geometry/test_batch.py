"""Batches of float instances: the same numbers as one at a time, torch.func's numbers, and honest numeric ranks."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from torch.func import hessian, vmap

from geomcheck.errors import InputError
from geomcheck.geometry import batch
from geomcheck.geometry.batch import Batch, random_batch
from geomcheck.problem.read import problem_from
from tests.geometry.autodiff import outputs
from tests.geometry.table import LOSSES, MODELS, NETWORKS, instance

QUANTITIES = ("F", "G", "r", "D", "H", "H_o", "H_f", "loss", "gradient")


def test_torch_func_over_a_batch() -> None:
    problem = problem_from({"network": "3-4-3-2 tanh", "samples": 5})
    choice = np.random.default_rng(0)
    theta = choice.standard_normal((7, problem.P))
    x, y = choice.standard_normal((5, 3)), choice.standard_normal((5, 2))

    def loss(parameters: torch.Tensor) -> torch.Tensor:
        return ((outputs(problem, parameters, torch.from_numpy(x)) - torch.from_numpy(y)) ** 2).sum() / 2

    expected = vmap(hessian(loss))(torch.from_numpy(theta)).numpy()
    assert np.allclose(Batch(problem, theta, x, y)["H"], expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("case", [*NETWORKS[::4], *MODELS[::3], *LOSSES[::3]], ids=lambda case: case.name)
def test_a_batch_is_its_instances(case) -> None:
    problems = [instance(case, seed) for seed in range(3)]
    together = Batch(
        problem_from({**case.keys, "samples": 3}),
        [p.parameters for p in problems],
        [p.inputs for p in problems],
        [p.targets for p in problems],
    )
    for quantity in QUANTITIES:
        alone = np.stack([Batch(p)[quantity][0] for p in problems])
        assert np.allclose(together[quantity], alone, rtol=1e-12, atol=1e-12), quantity


def test_given_parts_serve_all_instances() -> None:
    problem = problem_from({"network": "1-2-1 tanh", "inputs": [1, 2], "targets": ["1/2", 3]})
    theta = np.random.default_rng(1).standard_normal((4, problem.P))
    repeated = Batch(
        problem, theta, np.broadcast_to([[1.0], [2.0]], (4, 2, 1)), np.broadcast_to([[0.5], [3.0]], (4, 2, 1))
    )
    assert np.array_equal(Batch(problem, theta)["H"], repeated["H"])


@pytest.mark.parametrize("loss", ["mse", "bce_logits", "softmax_cross_entropy", "logistic"])
def test_random_batches_fit_the_loss_and_repeat_with_the_seed(loss: str) -> None:
    problem = problem_from({"network": "2-3-2 relu", "loss": loss, "samples": 3})
    first, again, other = (random_batch(problem, 6, seed) for seed in (3, 3, 4))
    assert np.isfinite(first["loss"]).all()
    assert np.array_equal(first["H"], again["H"])
    assert not np.array_equal(first["H"], other["H"])


def test_ranks_at_perfect_fits_are_those_of_the_jacobian() -> None:
    problem = problem_from({"network": "2-3-1 tanh", "samples": 4, "targets": "perfect_fit"})
    many = random_batch(problem, 100)
    ranks = many.ranks("H")
    assert ranks.status == "numeric"
    assert ranks.values.tolist() == many.ranks("G").values.tolist() == [4] * 100
    assert ranks.gaps.min() > 1e4


def test_ranks_of_known_matrices() -> None:
    """G of a linear model with input rows (1, 0), (0, s) has singular values 1 and s."""
    problem = problem_from({"network": "2-1, no bias", "samples": 2, "targets": [0, 0], "parameters": [1, 1]})
    inputs = [[[1, 0], [0, s]] for s in (1, 1e-3, 1e-12, 0)]
    many = Batch(problem, np.ones((4, 2)), inputs)
    assert many.ranks("G").values.tolist() == [2, 2, 1, 1]
    assert many.ranks("G", Fraction(1, 100)).values.tolist() == [2, 1, 1, 1]
    assert many.ranks("G").gaps.tolist()[2:] == [pytest.approx(1e12), np.inf]
    assert Batch(problem, np.zeros((1, 2)), [[0, 0], [0, 0]]).ranks("G").values.tolist() == [0]


def test_a_kink_is_nan_and_has_no_rank() -> None:
    problem = problem_from({"network": "1-1-1 relu, no bias", "inputs": [1], "targets": [0]})
    many = Batch(problem, [[0.0, 1.0], [1.0, 1.0]])
    assert np.isnan(many["G"][0]).any()
    assert not np.isnan(many["G"][1]).any()
    assert many.ranks("G").values.tolist() == [-1, 1]


def test_wrong_shapes_are_named() -> None:
    problem = problem_from({"network": "2-2-1 tanh", "samples": 3})
    theta, x, y = np.zeros((4, 9)), np.zeros((3, 2)), np.zeros((3, 1))
    for arguments, message in (
        ((np.zeros((4, 8)), x, y), r"parameters of shape \(B, 9\), got shape=\(4, 8\)"),
        ((theta, np.zeros((5, 3, 2)), y), r"inputs of shape \(B, 3, 2\), got shape=\(5, 3, 2\)"),
        ((theta, x, np.zeros((3, 2))), r"targets of shape \(B, 3, 1\)"),
        ((theta, None, y), "expected inputs, got none"),
        ((theta, x, None), "expected targets, got none"),
        ((theta, x, "fit"), "perfect_fit"),
    ):
        with pytest.raises(InputError, match=message):
            Batch(problem, *arguments)
    with pytest.raises(InputError, match="at least one instance"):
        random_batch(problem, 0)
    with pytest.raises(InputError, match="expected one of F, G"):
        Batch(problem, theta, x, y)["Q"]


def test_chunks_change_nothing(monkeypatch) -> None:
    for keys in ({"network": "2-3-2 tanh"}, {"network": "1-2-1 relu", "targets": "perfect_fit"}):
        problem = problem_from({**keys, "samples": 3})
        whole = random_batch(problem, 7)
        expected = {quantity: whole[quantity] for quantity in QUANTITIES}
        ranks = whole.ranks("H")
        monkeypatch.setattr(batch, "CHUNK", 2 * problem.P * (problem.P + 3 * problem.K))
        parts = random_batch(problem, 7)
        for quantity in QUANTITIES:
            assert np.allclose(parts[quantity], expected[quantity], rtol=1e-13, atol=1e-13)
        assert parts.ranks("H").values.tolist() == ranks.values.tolist()
        monkeypatch.undo()


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (5, 5), (1, 3)])
def test_full_ranks_seen_at_a_glance_are_those_of_the_singular_values(shape) -> None:
    choice = np.random.default_rng(0)
    left = np.linalg.qr(choice.standard_normal((40, shape[0], shape[0])))[0]
    right = np.linalg.qr(choice.standard_normal((40, shape[1], shape[1])))[0]
    size = min(shape)
    last = 10.0 ** -np.repeat(np.arange(20) + 0.5, 2)
    values = np.ones((40, size))
    values[:, -1] = last if size > 1 else 1
    values[:, 0] = np.where(np.arange(40) == 39, np.nan, values[:, 0])
    scale = 10.0 ** choice.integers(-150, 150, 40)
    matrices = (left[:, :, :size] * (values * scale[:, None])[:, None, :]) @ right[:, :size]
    ranks, gaps = batch._ranks(matrices, batch.TOLERANCE, False)
    assert ranks.tolist() == [size if size == 1 or s > 1e-10 else size - 1 for s in last[:39]] + [-1]
    assert np.isinf(gaps[:18]).all()
    assert not batch._clearly_full(np.zeros((2, *shape))).any()
    assert not batch._clearly_full(np.full((2, *shape), 1e200)).any()
