"""The bound by apolarity against ranks of the same networks made by other means."""

import random

import flint
import pytest

from geomcheck.prove.tactics.apolarity import apolar_bound

from ..problems import problem, proof

PRIME = (1 << 61) - 1


def rank(inputs: int, hidden: int, outputs: int, degree: int) -> int:
    """The rank of ∂F/∂θ of Σ a (w·x)^degree at random residues, with more samples than parameters."""
    choice = random.Random(f"{inputs} {hidden} {outputs} {degree}")
    w = [[choice.randrange(PRIME) for _ in range(inputs)] for _ in range(hidden)]
    a = [[choice.randrange(PRIME) for _ in range(hidden)] for _ in range(outputs)]
    size = hidden * (inputs + outputs)
    rows: list[int] = []
    for _ in range(size + 5):
        x = [choice.randrange(PRIME) for _ in range(inputs)]
        z = [sum(u * v for u, v in zip(row, x, strict=True)) % PRIME for row in w]
        for k in range(outputs):
            rows += [a[k][i] * degree * pow(z[i], degree - 1, PRIME) * y % PRIME for i in range(hidden) for y in x]
            rows += [pow(z[i], degree, PRIME) if k == j else 0 for j in range(outputs) for i in range(hidden)]
    return int(flint.nmod_mat(len(rows) // size, size, rows, PRIME).rank())


@pytest.mark.parametrize(
    ("shape", "degree"),
    [
        ((3, 5, 1), 4),
        ((3, 4, 1), 4),
        ((4, 9, 1), 4),
        ((5, 14, 1), 4),
        ((3, 2, 1), 2),
        ((4, 3, 1), 2),
        ((3, 2, 2), 2),
        ((3, 5, 2), 4),
        ((2, 2, 1), 4),
        ((2, 3, 1), 6),
        ((3, 9, 1), 6),
    ],
)
def test_no_network_exceeds_the_bound(shape: tuple[int, int, int], degree: int) -> None:
    bound = apolar_bound(problem("{}-{}-{} power({}), no bias".format(*shape, degree), 4))
    assert bound is not None
    assert rank(*shape, degree) <= bound


@pytest.mark.parametrize(("shape", "degree"), [((3, 5, 1), 4), ((4, 9, 1), 4), ((5, 14, 1), 4), ((3, 2, 1), 2)])
def test_the_exceptions_attain_it(shape: tuple[int, int, int], degree: int) -> None:
    assert rank(*shape, degree) == apolar_bound(problem("{}-{}-{} power({}), no bias".format(*shape, degree), 4))


@pytest.mark.parametrize(
    "network",
    [
        "3-6-1 power(4), no bias",
        "3-5-1 power(3), no bias",
        "3-5-1 power(4)",
        "3-5-1-1 power(4), no bias",
        "3-5-1 power(4), output square, no bias",
    ],
)
def test_other_networks_are_left_alone(network: str) -> None:
    assert apolar_bound(problem(network, 4)) is None


def test_claims() -> None:
    about = problem("3-5-1 power(4), no bias", 16)
    assert proof("rank(G) <= 14", about) is not None
    assert proof("rank(G) <= 13", about) is None
    assert proof("generic_rank(G) == 14", about) is not None
