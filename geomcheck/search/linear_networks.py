"""Critical points and global minima of linear networks in closed form, ties among the singular values first.

For F = X Mᵀ with M = W_L ⋯ W₁ and the squared loss, let B (K, d) be a least-squares map and S = B XᵀX Bᵀ. For an
S-invariant subspace U ⊂ ℝ^K of dimension at most every hidden width, M = Π_U B is critical; it is globally minimal when
U belongs to the largest eigenvalues of S. Π_U = U (UᵀU)⁻¹ Uᵀ is rational when the eigenvalues used are: then W_L = U,
W₁ = (UᵀU)⁻¹ Uᵀ B, and identities between.
Sources: Baldi and Hornik (1989), Facts 1–4; Eckart and Young (1936); for depth, Kawaguchi (2016).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, count, pairwise
from typing import Final

from geomcheck.problem.loss import NamedLoss
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem
from geomcheck.search.draws import Random, Rows, Vector, integer, integers, orthogonal, unimodular
from geomcheck.search.rational_algebra import (
    RationalMatrix,
    identity,
    matrix,
    rational_spectrum,
    rows_of,
    solution,
)

# Singular values of the planted targets, cycled to the length needed: ties and zeros come first.
SPECTRA: Final = ((1,), (2, 1, 1), (2, 2, 1), (1, 0), (1, 1, 0), (3, 2, 1), (2, 1), (3, 1, 1, 1))


def applies(problem: Problem) -> bool:
    """Whether this is a linear network of depth 2 or more without biases or links, with the squared loss."""
    network = problem.model
    return (
        isinstance(network, DenseNetwork)
        and len(network.layers) >= 2
        and all(layer.activation.name == "linear" and not layer.bias for layer in network.layers)
        and all(layer.residual is None for layer in network.layers)
        and isinstance(problem.loss, NamedLoss)
        and problem.loss.name == "mse"
        and problem.squash is None
        and problem.weight_decay == 0
        and problem.parameters is None
        and problem.targets != "perfect_fit"
    )


def minima(problem: Problem, rng: Random) -> Iterator[Problem | None]:
    """Global minima; None where the data drawn had an irrational spectrum."""
    for n, (inputs, targets) in enumerate(_data(problem, rng)):
        yield _critical(problem, inputs, targets, rng, n, largest=True)


def saddles(problem: Problem, rng: Random) -> Iterator[Problem | None]:
    """Critical points of every kind, one for each choice of eigenvectors in turn."""
    for n, (inputs, targets) in enumerate(_data(problem, rng)):
        yield _critical(problem, inputs, targets, rng, n, largest=False)


def _data(problem: Problem, rng: Random) -> Iterator[tuple[Rows, Rows]]:
    """Inputs and targets: the given ones, or planted ones for which S has a rational spectrum."""
    network = problem.model
    assert isinstance(network, DenseNetwork)
    features = network.n_inputs
    for n in count():
        bend = _bend(n)
        frame = rows_of(orthogonal(rng, problem.N, bend).transpose())  # orthonormal vectors of ℝ^N
        inner = min(problem.N, features)
        if problem.inputs is None:
            mixing = matrix(rows_of(unimodular(rng, features, bend))[:inner], features)
            inputs = rows_of(matrix(frame[:inner]).transpose() * mixing)
            reached, beyond = frame[:inner], frame[inner:]
        else:
            inputs = [list(row) for row in problem.inputs]
            reached, beyond = _orthogonalised(rows_of(matrix(inputs, features).transpose())), []
        if problem.targets is None:
            yield inputs, _planted(problem, reached, beyond, rng, n)
        else:
            assert isinstance(problem.targets, tuple)
            yield inputs, [list(row) for row in problem.targets]


def _planted(problem: Problem, reached: Rows, beyond: Rows, rng: Random, n: int) -> Rows:
    """Y = Σ_k s_k q_k v_kᵀ, q_k orthogonal in the column space of X, v_k orthonormal; later also a part off that space.

    S then has the eigenvalues s_k² ‖q_k‖², rational whatever the lengths are.
    """
    values, turned = SPECTRA[n % len(SPECTRA)], rows_of(orthogonal(rng, problem.K, _bend(n)))
    targets = [[Fraction(0)] * problem.K for _ in range(problem.N)]
    pairs = [(q, v, Fraction(values[k % len(values)])) for k, (q, v) in enumerate(zip(reached, turned, strict=False))]
    if _bend(n):
        pairs += [(q, integers(rng, problem.K, 1), Fraction(1)) for q in beyond]
    for q, v, value in pairs:
        for i, row in enumerate(targets):
            targets[i] = [y + value * q[i] * x for y, x in zip(row, v, strict=True)]
    return targets


def _orthogonalised(vectors: Rows) -> Rows:
    """Gram–Schmidt without normalising; dependent vectors are left out."""
    found: Rows = []
    for vector in vectors:
        rest = list(vector)
        for q in found:
            share = sum((a * b for a, b in zip(rest, q, strict=True)), Fraction(0)) / sum(a * a for a in q)
            rest = [a - share * b for a, b in zip(rest, q, strict=True)]
        if any(rest):
            found.append(rest)
    return found


def _bend(n: int) -> int:
    """How far draw n is from diagonal: 0 through the first cycle of spectra, then 1 and 2, and again."""
    return n // len(SPECTRA) % 3


def _critical(problem: Problem, inputs: Rows, targets: Rows, rng: Random, n: int, *, largest: bool) -> Problem | None:
    network = problem.model
    assert isinstance(network, DenseNetwork)
    x, y = matrix(inputs, network.n_inputs), matrix(targets, network.n_outputs)
    gram = x.transpose() * x
    best = solution(gram, x.transpose() * y)
    assert best is not None, "normal equations always have a solution"
    b = best.transpose()
    spectrum = rational_spectrum(b * gram * b.transpose())
    if spectrum is None:
        return None
    room = min(network.widths[1:-1])
    vectors = [v for value, basis in spectrum if value for v in _mixed(basis, rng, n)]
    if largest:
        chosen = vectors[:room]
    else:
        subsets = [s for size in range(room + 1) for s in combinations(vectors, size)]
        chosen = list(subsets[n % len(subsets)])
    theta = _factors(network, chosen, b, rng, n)
    return problem.with_(
        parameters=theta,
        inputs=inputs if problem.inputs is None else None,
        targets=targets if problem.targets is None else None,
    )


def _mixed(basis: list[Vector], rng: Random, n: int) -> list[Vector]:
    """Another basis of an eigenspace: the given one at first, then a random one."""
    return rows_of(unimodular(rng, len(basis), _bend(n)) * matrix(basis))


def _factors(network: DenseNetwork, chosen: list[Vector], b: RationalMatrix, rng: Random, n: int) -> Vector:
    """θ with product Π_U B, U spanned by `chosen`; a change of basis of each hidden space later on."""
    widths = network.widths
    rank = len(chosen)
    factors: list[RationalMatrix] = [_padded(identity(rank), m, k) for k, m in pairwise(widths)]
    if rank:
        u = matrix(chosen).transpose()
        first = (u.transpose() * u).inv() * u.transpose() * b
        factors[0], factors[-1] = _padded(first, widths[1], widths[0]), _padded(u, widths[-1], widths[-2])
    for layer, width in enumerate(widths[1:-1]):
        change = unimodular(rng, width, _bend(n) % 2)
        factors[layer] = change * factors[layer]
        factors[layer + 1] = factors[layer + 1] * change.inv()
    scale = Fraction(1) if n < len(SPECTRA) else 1 + abs(integer(rng, 2))
    flat = [[entry for row in rows_of(factor) for entry in row] for factor in factors]
    flat[0], flat[1] = [scale * e for e in flat[0]], [e / scale for e in flat[1]]
    return [entry for entries in flat for entry in entries]


def _padded(m: RationalMatrix, rows: int, columns: int) -> RationalMatrix:
    """The matrix in the upper left corner of a larger zero matrix."""
    found = matrix([[Fraction(0)] * columns for _ in range(rows)], columns)
    for i in range(m.nrows()):
        for j in range(m.ncols()):
            found[i, j] = m[i, j]
    return found
