"""Short ways to write problems and proofs in the tests of the prover."""

from typing import Any

from geomcheck.claims.claim import parse_claim
from geomcheck.problem.problem import Problem
from geomcheck.problem.read import problem_from
from geomcheck.prove import Proof, prove


def problem(network: str | None = "2-3-1 tanh", samples: int = 4, **parts: Any) -> Problem:
    given = {"samples": samples, **parts}
    if "model" not in parts:
        given["network"] = network
    return problem_from(given)


def model(*outputs: str, parameters: str = "ab", inputs: str = "x") -> dict[str, Any]:
    return {"parameters": list(parameters), "inputs": list(inputs), "outputs": list(outputs)}


def loss(value: str, size: int = 2) -> dict[str, Any]:
    return {"outputs": [f"f{i}" for i in range(size)], "targets": [f"y{i}" for i in range(size)], "value": value}


def proof(says: str, about: Problem | None = None) -> Proof | None:
    return prove(parse_claim(says), about or problem())
