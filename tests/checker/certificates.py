"""Certificates written by hand, one of each kind: over ℚ, over ℚ(t) and ℚ(u), in intervals, and universal proofs."""

import copy
import json
from typing import Any

from geomcheck.checker import parse_claim

Certificate = dict[str, Any]
G, D, H = (["matrix", name] for name in "GDH")
H_O, H_F = ["matrix", "H_o"], ["matrix", "H_f"]
ZERO = ["number", "0"]


def minor(rows: list[int], columns: list[int], prime: int = 2147483647) -> dict[str, Any]:
    return {"rows": rows, "columns": columns, "prime": str(prime), "t": "5", "u": "7"}


def rank(of: Any, lower: Any = None, upper: Any = None) -> dict[str, Any]:
    return {"of": of, "rank": {"lower": lower, "upper": upper}}


def inertia(of: Any, subset: list[int], basis: list[list[str]]) -> dict[str, Any]:
    return {"of": of, "inertia": {"subset": subset, "basis": basis}}


def explicit(outputs: list[str], names: list[str], given: list[str] | None = None, **parts: Any) -> dict[str, Any]:
    model = {"kind": "explicit", "parameters": names, "inputs": given or [], "outputs": outputs}
    return problem(model, **parts)


def dense(fan_in: int, *layers: tuple[int, str], bias: bool = True, **parts: Any) -> dict[str, Any]:
    rows = [{"width": width, "bias": bias, "activation": activation, "residual": None} for width, activation in layers]
    return problem({"kind": "dense", "inputs": fan_in, "layers": rows}, **parts)


def problem(model: Any, **parts: Any) -> dict[str, Any]:
    base = {"loss": "mse", "behaviour": "outputs", "reduction": "sum", "weight_decay": "0", "samples": 1}
    return {"model": model, **base, "inputs": None, "targets": None, "parameters": None, **parts}


def certificate(
    claim: str, about: dict[str, Any], verdict: str = "PROVED", evidence: Any = (), witness: Any = None, **parts: Any
) -> Certificate:
    given = {key: about[key] for key in ("parameters", "inputs", "targets")}
    return {
        "format": "geomcheck-certificate",
        "version": 2,
        "claim": claim,
        "tree": json.loads(json.dumps(parse_claim(claim))),
        "problem": copy.deepcopy(about),
        "verdict": verdict,
        "kind": "instance",
        "witness": copy.deepcopy(witness or given),
        "evidence": list(evidence),
        "minimum": None,
        **parts,
    }


def universal(
    claim: str, about: dict[str, Any], witness: Any, steps: Any, conclusion: Any, **parts: Any
) -> Certificate:
    rows = [{"rule": rule, "args": {"uses": uses, **more}, "fact": fact} for rule, uses, fact, more in steps]
    leaves = [{"leaf": leaf, "combination": combination} for leaf, combination in conclusion]
    return certificate(claim, about, "PROVED", (), witness, kind="universal", steps=rows, conclusion=leaves, **parts)


PRODUCT = explicit(["a*b*x"], ["a", "b"], ["x"], parameters=["1", "1"], inputs=[["1"]], targets=[["1"]])
LINEAR = dense(2, (1, "linear"), (2, "linear"), bias=False, samples=2)
TIED = {"parameters": ["1", "0", "1", "0"], "inputs": [["1", "0"], ["0", "1"]], "targets": [["1", "0"], ["0", "1"]]}
TANH = dense(
    1,
    (2, "tanh"),
    (1, "linear"),
    samples=2,
    parameters=["1", "1/2", "0", "1/3", "2", "-1", "1"],
    inputs=[["1"], ["2"]],
    targets="perfect_fit",
)
SIN = explicit(["sin(a*x)+sin(b*x)"], ["a", "b"], ["x"], parameters=["1", "1"], inputs=[["1/2"]], targets="perfect_fit")
DEEP = dense(
    1,
    (1, "tanh"),
    (1, "tanh"),
    (1, "linear"),
    bias=False,
    samples=1,
    parameters=["1", "2", "1"],
    inputs=[["1"]],
    targets="perfect_fit",
)


def with_loss(about: dict[str, Any], loss: str) -> dict[str, Any]:
    return {**about, "loss": loss}


CRITICAL = explicit(["w^2"], ["w"], samples=1, parameters=["0"], inputs=[[]], targets=[["-1"]])
EQUALITY_STEPS = [
    ("decomposition", [], ["==", H, ["+", H_O, H_F]], {}),
    ("residual-vanishes", [], ["==", H_F, ZERO], {}),
    (
        "equal-matrices",
        [0, 1],
        ["==", ["rank", H], ["rank", H_O]],
        {"left": H, "right": H_O, "combination": [[0, "1"], [1, "1"]]},
    ),
    ("output-definite", [], ["==", ["index", D], ZERO], {}),
    ("output-definite", [], ["==", ["nullity", D], ZERO], {}),
    ("gram-definite", [3, 4], ["==", ["rank", H_O], ["rank", G]], {}),
]
EQUALITY = [
    (["<=", ["rank", H], ["rank", G]], [[2, "1"], [5, "1"]]),
    (["<=", ["rank", G], ["rank", H]], [[2, "-1"], [5, "-1"]]),
]
WITNESS = {"parameters": ["1", "0", "1", "0", "1", "1", "0"], "inputs": [["1"], ["2"]], "targets": "perfect_fit"}
OPEN = dense(1, (2, "tanh"), (1, "linear"), samples=2)

VALID: dict[str, Certificate] = {
    "product": certificate(
        "rank(H) == rank(G) at perfect_fits",
        PRODUCT,
        evidence=[rank(G, minor([0], [0])), rank(H, minor([0], [1]), {"kernel": [["1", "-1"]]})],
    ),
    "quartic": certificate(
        "rank(H) == rank(G) at perfect_fits",
        with_loss(PRODUCT, "quartic"),
        "REFUTED",
        [rank(G, minor([0], [0])), rank(H, None, {"kernel": [["1", "0"], ["0", "1"]]})],
    ),
    "tied": certificate(
        "rank(H) == rank(G) at global_minima",
        LINEAR,
        "REFUTED",
        [
            rank(G, minor([0, 1, 2], [0, 1, 3])),
            rank(H, None, {"kernel": [["1", "0", "-1", "0"], ["0", "1", "0", "1"]]}),
        ],
        TIED,
        minimum={"rule": "eckart-young", "solution": [["1", "0"], ["0", "1"]], "separator": "1"},
    ),
    "saddle": certificate(
        "index(H) == 1 and not local_minimum at critical_points",
        explicit(["a*b"], ["a", "b"], parameters=["0", "0"], inputs=[[]], targets=[["1"]]),
        evidence=[inertia(H, [0, 1], [["1", "1"], ["1", "-1"]])],
    ),
    "minimum": certificate(
        "rank(H) <= rank(G) at local_minima",
        CRITICAL,
        "REFUTED",
        [rank(H, minor([0], [0])), rank(G, None, {"kernel": [["1"]]}), inertia(H, [0], [["1"]])],
    ),
    "tanh": certificate(
        "rank(H) == rank(G) == 2 and H == H_o and trace(H) > 0 at perfect_fits",
        TANH,
        evidence=[rank(G, minor([0, 1], [0, 1])), rank(H, minor([0, 1], [0, 1]), {"through": "G"})],
    ),
    "sine": certificate(
        "rank(G) == 1 and dim(ker(G)) == 1 at perfect_fits",
        SIN,
        evidence=[
            rank(G, minor([0], [1]), {"kernel": [["1+u^2", "-1-u^2"]]}),
            rank(["stack", ["ker", G]], minor([0, 1], [0, 1])),
            rank(["constraint", ["ker", G]], minor([0], [1]), {"kernel": [["1", "-1"]]}),
        ],
    ),
    "deep": certificate(
        "rank(H) == rank(G) == 1 and F[0, 0] > 1/2 at perfect_fits",
        DEEP,
        evidence=[
            rank(G, {"rows": [0], "columns": [2], "precision": 64, "inverse": [["1"]]}),
            rank(H, {"rows": [2], "columns": [2], "precision": 64, "inverse": [["1"]]}, {"through": "G"}),
        ],
    ),
    "equality": universal("rank(H) == rank(G) at perfect_fits", OPEN, WITNESS, EQUALITY_STEPS, EQUALITY),
    "assumption": universal(
        "rank(G) <= 1 implies rank(transpose(G)) < 2",
        OPEN,
        WITNESS,
        [
            ("assume", [], ["<=", ["rank", G], ["number", "1"]], {}),
            ("transpose", [], ["==", ["rank", ["transpose", G]], ["rank", G]], {}),
        ],
        [(["<", ["rank", ["transpose", G]], ["number", "2"]], [[0, "1"], [1, "1"]])],
    ),
}
