"""Every quantity of a problem by automatic differentiation in float64: independent of the formulas under test."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch.func import hessian, jacrev

from geomcheck.problem import formula as tree
from geomcheck.problem.loss import FormulaLoss
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem

torch.set_num_threads(1)
QUANTITIES = ("F", "G", "r", "D", "H", "H_o", "H_f", "gradient")


def softplus(z: torch.Tensor) -> torch.Tensor:
    """log(1 + e^z); torch's own turns linear at 20, which costs seven digits."""
    return torch.logaddexp(z, torch.zeros_like(z))


def activation(name: str, c: float | None, z: torch.Tensor) -> torch.Tensor:
    match name:
        case "linear":
            return z
        case "relu":
            return torch.relu(z)
        case "leaky_relu":
            return torch.nn.functional.leaky_relu(z, c)
        case "abs":
            return torch.abs(z)
        case "square":
            return z**2
        case "power":
            return z ** int(c)
        case "tanh" | "sigmoid" | "sin" | "exp":
            return getattr(torch, name)(z)
        case "softplus":
            return softplus(z)
        case "silu" | "gelu":
            return getattr(torch.nn.functional, name)(z)
        case "gaussian":
            return torch.exp(-(z**2))
    raise AssertionError(f"the reference has no activation {name}")


def evaluated(formula: Any, values: dict[str, torch.Tensor]) -> torch.Tensor:
    def visit(node: Any) -> torch.Tensor:
        match node:
            case tree.Number(value):
                return torch.tensor(float(value), dtype=torch.float64)
            case tree.Name(name):
                return values[name]
            case tree.Add(a, b):
                return visit(a) + visit(b)
            case tree.Sub(a, b):
                return visit(a) - visit(b)
            case tree.Mul(a, b):
                return visit(a) * visit(b)
            case tree.Div(a, b):
                return visit(a) / visit(b)
            case tree.Neg(a):
                return -visit(a)
            case tree.Power(a, n):
                return visit(a) ** n
            case tree.Call("softplus", a):
                return softplus(visit(a))
            case tree.Call(name, a):
                return getattr(torch, name)(visit(a))
        raise AssertionError(node)

    return visit(formula)


def outputs(problem: Problem, theta: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """(N, K), before any squash."""
    model = problem.model
    if not isinstance(model, DenseNetwork):
        rows = []
        for row in x:
            values = dict(zip(model.parameters, theta, strict=True)) | dict(zip(model.inputs, row, strict=True))
            rows.append(torch.stack([evaluated(f, values) + 0 * theta[0] for f in model.outputs]))
        return torch.stack(rows)
    layers, start = [x], 0
    for layer in model.layers:
        fan_in = layers[-1].shape[1]
        weights = theta[start : start + layer.width * fan_in].reshape(layer.width, fan_in)
        start += layer.width * fan_in
        z = layers[-1] @ weights.T
        if layer.bias:
            z = z + theta[start : start + layer.width]
            start += layer.width
        c = layer.activation.parameter
        a = activation(layer.activation.name, None if c is None else float(c), z)
        layers.append(a if layer.residual is None else a + layers[layer.residual])
    assert start == len(theta)
    return layers[-1]


def sample_loss(problem: Problem, f: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """ℓ(f, y) of one sample, f and y (K,)."""
    if isinstance(problem.loss, FormulaLoss):
        names = (*problem.loss.outputs, *problem.loss.targets)
        return evaluated(problem.loss.value, dict(zip(names, (*f, *y), strict=True)))
    match problem.loss.name:
        case "mse":
            return ((f - y) ** 2).sum() / 2
        case "quartic":
            return ((f - y) ** 4).sum() / 4
        case "logcosh":
            return torch.log(torch.cosh(f - y)).sum()
        case "bce":
            return -(y * torch.log(f) + (1 - y) * torch.log1p(-f)).sum()
        case "bce_logits":
            return (softplus(f) - y * f).sum()
        case "cross_entropy":
            return -(y * torch.log(f)).sum()
        case "softmax_cross_entropy":
            return torch.logsumexp(f, 0) - (y * f).sum()
        case "logistic":
            return softplus(-y * f).sum()
        case "exponential":
            return torch.exp(-y * f).sum()
        case "squared_hinge":
            return (torch.relu(1 - y * f) ** 2).sum() / 2
    raise AssertionError(f"the reference has no loss {problem.loss.name}")


def reference(problem: Problem) -> dict[str, np.ndarray]:
    """All quantities of a fully given problem."""
    n, k = problem.N, problem.K
    theta = torch.tensor([float(v) for v in problem.parameters], dtype=torch.float64)
    rows = [[float(v) for v in row] for row in problem.inputs]
    x = torch.tensor(rows, dtype=torch.float64).reshape(n, problem.model.n_inputs)

    def behaviour(parameters: torch.Tensor) -> torch.Tensor:
        z = outputs(problem, parameters, x)
        z = {None: lambda z: z, "sigmoid": torch.sigmoid, "softmax": lambda z: torch.softmax(z, 1)}[problem.squash](z)
        return z.reshape(-1)

    f = behaviour(theta).detach()
    if problem.targets == "perfect_fit":
        link = "identity" if isinstance(problem.loss, FormulaLoss) else problem.loss.link
        y = {"identity": lambda v: v, "sigmoid": torch.sigmoid, "softmax": lambda v: torch.softmax(v, 1)}[link](
            f.reshape(n, k)
        )
    else:
        y = torch.tensor([[float(v) for v in row] for row in problem.targets], dtype=torch.float64)
    weight = 1 / n if problem.reduction == "mean" else 1.0
    c = float(problem.weight_decay)

    def data_loss(values: torch.Tensor) -> torch.Tensor:
        return weight * sum(sample_loss(problem, values[i * k : (i + 1) * k], y[i]) for i in range(n))

    def total(parameters: torch.Tensor) -> torch.Tensor:
        return data_loss(behaviour(parameters)) + c / 2 * (parameters**2).sum()

    jacobian, r, d = jacrev(behaviour)(theta), jacrev(data_loss)(f), hessian(data_loss)(f)
    found = {
        "F": f[:, None],
        "G": jacobian,
        "r": r[:, None],
        "D": d,
        "H": hessian(total)(theta),
        "H_o": jacobian.T @ d @ jacobian,
        "H_f": hessian(lambda parameters: r @ behaviour(parameters))(theta),
        "gradient": jacrev(total)(theta),
        "loss": total(theta),
    }
    result = {name: value.detach().numpy() for name, value in found.items()}
    assert all(math.isfinite(v) for m in result.values() for v in np.ravel(m))
    return result
