"""Every quantity of a claim at a random instance, in floats, by torch's own differentiation: no code of geomcheck."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from geomcheck.claims.tree import Tree
from geomcheck.problem.formula import Formula
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem

ACTIVATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "linear": lambda z: z,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "sin": torch.sin,
    "square": lambda z: z * z,
    "sigmoid": torch.sigmoid,
}
LOSSES: dict[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "mse": lambda f, y: ((f - y) ** 2).sum() / 2,
    "quartic": lambda f, y: ((f - y) ** 4).sum() / 4,
    "logcosh": lambda f, y: torch.log(torch.cosh(f - y)).sum(),
    "bce": lambda p, y: -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).sum(),
    "bce_logits": lambda f, y: (torch.nn.functional.softplus(f) - y * f).sum(),
    "cross_entropy": lambda p, y: -(y * torch.log(p)).sum(),
    "softmax_cross_entropy": lambda f, y: (torch.logsumexp(f, -1) - (y * f).sum(-1)).sum(),
    "squared_hinge": lambda f, y: (torch.relu(1 - y * f) ** 2).sum() / 2,
    "exponential": lambda f, y: torch.exp(-y * f).sum(),
    "logistic": lambda f, y: torch.nn.functional.softplus(-y * f).sum(),
}
LINKS = {"bce_logits": torch.sigmoid, "softmax_cross_entropy": lambda f: torch.softmax(f, -1)}
TOLERANCE = 1e-11


class Numeric:
    """One random instance of a problem, fitted perfectly or with random targets; truth of formulas at it."""

    def __init__(self, problem: Problem, seed: int, *, fitted: bool) -> None:
        self.problem = problem
        draw = torch.Generator().manual_seed(seed)
        theta = torch.randn(problem.P, generator=draw, dtype=torch.float64) / 2
        if seed % 3 == 1:  # a degenerate point: some parameters vanish
            theta = theta * (torch.rand(problem.P, generator=draw) < 0.5)
        x = torch.randn((problem.N, problem.model.n_inputs), generator=draw, dtype=torch.float64)
        name = getattr(problem.loss, "name", None)
        behaviour = self._behaviour(theta, x)
        if fitted:
            targets = LINKS.get(name or "", lambda f: f)(behaviour)
        elif name in ("squared_hinge", "exponential", "logistic"):
            targets = torch.sign(torch.randn(behaviour.shape, generator=draw, dtype=torch.float64))
        elif name in ("cross_entropy", "softmax_cross_entropy", "bce", "bce_logits"):
            targets = torch.softmax(torch.randn(behaviour.shape, generator=draw, dtype=torch.float64), -1)
        else:
            targets = torch.randn(behaviour.shape, generator=draw, dtype=torch.float64)
        self.matrices = self._matrices(theta, x, targets)

    def holds(self, formula: Tree) -> bool:
        """Whether a formula of comparisons, `and`, `or` and `implies` is true here, up to rounding."""
        head = formula[0]
        if head in ("and", "or", "implies"):
            left, right = self.holds(formula[1]), self.holds(formula[2])
            return (left and right) if head == "and" else (left or right) if head == "or" else (not left or right)
        left, right = self.value(formula[1]), self.value(formula[2])
        close = bool(np.max(np.abs(left - right), initial=0) < 1e-6)
        below = bool(np.all(left <= right))
        answers = {"==": close, "!=": not close, "<=": below or close, "<": below and not close}
        return answers[head] if head in answers else not answers[{">": "<=", ">=": "<"}[head]]

    def value(self, tree: Tree) -> Any:
        """A scalar or a matrix."""
        head = tree[0]
        if head == "number":
            return float(eval(tree[1]))
        if head == "word":
            return getattr(self.problem, tree[1])
        if head == "matrix":
            return self.matrices[tree[1]]
        if head == "transpose":
            return self.value(tree[1]).T
        if head == "neg":
            return -self.value(tree[1])
        if head in ("+", "-", "*"):
            left, right = self.value(tree[1]), self.value(tree[2])
            if head == "*":
                return left @ right if np.ndim(left) and np.ndim(right) else left * right
            return left + right if head == "+" else left - right
        if head == "dim":
            return _rank(self.basis(tree[1]))
        matrix = self.value(tree[1])
        if head == "rank":
            return _rank(matrix)
        if head == "nullity":
            return matrix.shape[1] - _rank(matrix)
        if head == "index":
            values = np.linalg.eigvalsh(matrix)
            return int((values < -TOLERANCE * max(1e-2, np.abs(values).max())).sum())
        if head == "trace":
            return np.trace(matrix)
        raise ValueError(head)

    def basis(self, space: Tree) -> Any:
        """Columns that span a subspace."""
        head = space[0]
        if head == "im":
            return self.value(space[1])
        if head == "ker":
            return _kernel(self.value(space[1]))
        first, second = self.basis(space[1]), self.basis(space[2])
        if head == "+":
            return np.hstack([first, second])
        # v lies in both exactly when it is orthogonal to both orthogonal complements.
        return _kernel(np.vstack([_kernel(first.T).T, _kernel(second.T).T]))

    def _behaviour(self, theta: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        raw = _forward(self.problem, theta, x)
        squash = self.problem.squash
        return torch.softmax(raw, -1) if squash == "softmax" else torch.sigmoid(raw) if squash else raw

    def _matrices(self, theta: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> dict[str, Any]:
        problem, shape = self.problem, y.shape

        def flat(t: torch.Tensor) -> torch.Tensor:
            return self._behaviour(t, x).reshape(-1)

        def data(f: torch.Tensor) -> torch.Tensor:
            total = _loss(problem, f.reshape(shape), y)
            return total / problem.N if problem.reduction == "mean" else total

        f = flat(theta)
        G = torch.func.jacrev(flat)(theta)
        second = torch.func.jacfwd(torch.func.jacrev(flat))(theta)
        r = torch.func.grad(data)(f)
        D = torch.func.hessian(data)(f)
        c = float(problem.weight_decay)
        H = torch.func.hessian(lambda t: data(flat(t)) + c / 2 * (t * t).sum())(theta)
        H_o, H_f = G.T @ D @ G, torch.einsum("k,kij->ij", r, second)
        named = {"G": G, "D": D, "H": H, "H_o": H_o, "H_f": H_f, "F": f[:, None], "r": r[:, None]}
        return {name: value.numpy() for name, value in named.items()}


def _forward(problem: Problem, theta: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    model = problem.model
    if not isinstance(model, DenseNetwork):
        names = dict(zip(model.parameters, theta, strict=True))
        names |= {name: x[:, i] for i, name in enumerate(model.inputs)}
        values = [_formula(output, names) + 0 * x.sum(-1) for output in model.outputs]
        return torch.stack(values, -1)
    outputs, start = [x], 0
    for layer in model.layers:
        before = outputs[-1]
        size = layer.width * before.shape[1]
        z = before @ theta[start : start + size].reshape(layer.width, -1).T
        start += size
        if layer.bias:
            z, start = z + theta[start : start + layer.width], start + layer.width
        a = ACTIVATIONS[layer.activation.name](z)
        outputs.append(a if layer.residual is None else a + outputs[layer.residual])
    return outputs[-1]


def _formula(formula: Formula, names: dict[str, torch.Tensor]) -> torch.Tensor:
    text = formula.unparse().replace("^", "**")
    return eval(text, {"exp": torch.exp, "tanh": torch.tanh, "sin": torch.sin}, names)


def _loss(problem: Problem, f: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    loss = problem.loss
    if hasattr(loss, "name"):
        return LOSSES[loss.name](f, y)
    names = {name: f[:, k] for k, name in enumerate(loss.outputs)}
    return _formula(loss.value, names | {name: y[:, k] for k, name in enumerate(loss.targets)}).sum()


def _rank(matrix: Any) -> int:
    if 0 in matrix.shape:
        return 0
    values = np.linalg.svd(matrix, compute_uv=False)
    return int((values > TOLERANCE * max(1e-2, values[0])).sum())


def _kernel(matrix: Any) -> Any:
    if 0 in matrix.shape:
        return np.eye(matrix.shape[1])
    _, _, right = np.linalg.svd(matrix)
    return right[_rank(matrix) :].T
