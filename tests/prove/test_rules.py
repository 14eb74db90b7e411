"""Claims that the rules must settle, each through the rule it is named after."""

from typing import Any

import pytest

from geomcheck.errors import InputError

from .problems import loss, model, problem, proof

FORMULA = {"value": "(f0-y0)^2 + (f0-y0)*(f1-y1) + (f1-y1)^2 + (f0-y0)^2*(f1-y1)^2"}

PROVED: list[tuple[str, dict[str, Any], set[str]]] = [
    ("H == H_o + H_f", {}, {"decomposition"}),
    ("H == H_o + H_f", {"model": model("a*tanh(b*x)"), "loss": "quartic"}, {"decomposition"}),
    ("H == G.T*D*G at perfect_fits", {}, {"decomposition", "residual-vanishes"}),
    ("H_o == G.T*D*G", {"weight_decay": "1/10"}, {"decomposition"}),
    ("H_f == 0 at perfect_fits", {"weight_decay": "1/10"}, {"residual-vanishes"}),
    ("r == 0 at perfect_fits", {"loss": "bce_logits"}, {"residual-vanishes"}),
    ("H_f == 0 at perfect_fits", {"network": "2-3-3 tanh", "loss": "cross_entropy", "behaviour": "probabilities"},
     {"residual-vanishes"}),
    ("H == H_o", {"network": "3-2"}, {"decomposition", "affine-model"}),
    ("rank(H) == rank(G)", {"network": "3-2", "loss": "logcosh"}, {"affine-model", "gram-definite"}),
    ("rank(H) == rank(G)", {"model": model("a*exp(x) + b/(1+x^2)"), "loss": "logistic"}, {"affine-model"}),
    ("rank(H) == rank(G) at perfect_fits", {"network": "2-3-2 relu", "loss": loss(**FORMULA)}, {"gram-definite"}),
    ("rank(H) == rank(G) at perfect_fits", {"reduction": "mean"}, {"gram-definite", "equal-matrices"}),
    ("rank(H) == rank(G) at perfect_fits", {"behaviour": "probabilities", "network": "2-2-3 sin"}, {"gram-definite"}),
    ("rank(H) == rank(G)", {"targets": "perfect_fit"}, {"residual-vanishes"}),
    ("rank(H) == rank(G) - dim(im(G) & ker(D)) at perfect_fits", {"loss": "quartic"}, {"gram-semidefinite"}),
    ("rank(H_o) == rank(G) - dim(im(G) & ker(D))", {"loss": "squared_hinge"}, {"gram-semidefinite"}),
    ("rank(H) <= rank(G) and rank(H) >= rank(G) - nullity(D) at perfect_fits",
     {"network": "2-3-3 tanh", "loss": "softmax_cross_entropy"}, {"gram-semidefinite", "dimension"}),
    ("dim(im(G) & ker(D)) == 0", {}, {"output-definite", "dimension"}),
    ("rank(D) == N*K", {}, {"output-definite", "rank-nullity"}),
    ("positive_semidefinite(H_o)", {"loss": "quartic"}, {"gram-semidefinite"}),
    ("positive_definite(D)", {"loss": "exponential"}, {"output-definite"}),
    ("index(H) == 0 at local_minima", {"weight_decay": "1/3"}, {"minimum-psd"}),
    ("positive_semidefinite(H) at perfect_fits", {"loss": "softmax_cross_entropy", "network": "2-2-3 tanh"},
     {"minimum-psd"}),
    ("index(H) == 0 at critical_points given global_minimum", {}, {"minimum-psd", "assume"}),
    ("positive_definite(H) at perfect_fits given rank(G) == P", {"samples": 20}, {"assume", "rank-nullity"}),
    ("rank(H) == P at perfect_fits given rank(G) > P - 1", {"samples": 20}, {"assume", "shape"}),
    ("nullity(H) == nullity(G) at perfect_fits", {}, {"rank-nullity", "gram-definite"}),
    ("dim(ker(H)) == P - rank(G) at perfect_fits", {}, {"dimension"}),
    ("rank(H) <= P and rank(H) <= N*K at perfect_fits", {}, {"shape", "product"}),
    ("rank(H) <= rank(H_o) + rank(H_f)", {}, {"sum"}),
    ("rank(H_o) <= rank(H) + rank(H_f)", {}, {"sum", "equal-matrices"}),
    ("rank(H) - rank(H_f) <= rank(G)", {}, {"sum", "product"}),
    ("rank(G*H) <= rank(G) and rank(G*H) <= rank(H)", {}, {"product"}),
    ("rank(-2*G) == rank(G)", {}, {"product"}),
    ("rank(G.T*D*G) == rank(G)", {}, {"equal-matrices", "gram-definite"}),
    ("rank(G.T) == rank(G)", {}, {"transpose"}),
    ("H.T == H", {"weight_decay": "1"}, {"symmetric"}),
    ("rank(H.T - H) == 0", {}, {"symmetric", "equal-matrices"}),
    ("G.T*r == 0 at critical_points", {}, {"stationary"}),
    ("dim(im(G) + ker(D)) <= N*K", {}, {"shape"}),
    ("dim(ker(H) & ker(H_o)) <= nullity(H_o)", {}, {"dimension"}),
    ("dim(im(H) & im(H_o)) >= rank(H) + rank(H_o) - P", {}, {"dimension", "shape"}),
    ("index(H) <= rank(H) and index(H_f) >= 0", {}, {"inertia"}),
    ("trace(H) == trace(H_o) at perfect_fits", {}, {"equal-matrices"}),
    ("det(H) == det(H_o)", {"network": "3-1"}, {"equal-matrices"}),
    ("nullity(H_f) == P and det(H_f) == 0", {"network": "3-1"}, {"equal-matrices"}),
    ("critical_point and global_minimum and perfect_fit at perfect_fits", {}, {"point"}),
    ("critical_point at local_minima", {"weight_decay": "1/2"}, {"point"}),
    ("perfect_fit implies rank(H) == rank(G)", {}, {"assume"}),
    ("perfect_fit and rank(G) == 3 implies rank(H) == 3", {}, {"assume"}),
    ("H_f == 0 implies rank(H) <= rank(G)", {}, {"assume"}),
    ("rank(H) > P implies rank(G) == 77", {}, {"shape"}),
    ("rank(H) != P at perfect_fits", {}, {"product"}),
    ("not rank(H) > P", {}, {"shape"}),
    ("rank(H) > 2*P or rank(H) <= P", {}, {"shape"}),
    ("not positive_definite(H) at perfect_fits", {}, {"rank-nullity", "product"}),
    ("P == 13 and N*K < P", {}, set()),
    ("index(H) <= index(H_f) and index(H) <= rank(H_f)", {}, {"inertia", "gram-semidefinite", "equal-matrices"}),
    ("trace(H_o) >= 0 and det(H_o) >= 0", {"loss": "softmax_cross_entropy"}, {"inertia", "gram-semidefinite"}),
    ("trace(H) >= 0 and det(H) >= 0 at local_minima", {"weight_decay": "1/2"}, {"inertia", "minimum-psd"}),
    ("trace(H_o) == trace(G*G.T)", {"behaviour": "probabilities"}, {"decomposition", "trace"}),
    ("rank(H_o - 1/4*(G.T*G)) == 0", {"reduction": "mean"}, {"decomposition"}),
    ("dim(ker(H) & im(G.T)) == 0 at perfect_fits", {}, {"gram-definite", "inclusion"}),
    ("dim(im(H_o) & ker(H_o)) == 0 and dim(im(G.T) & ker(H_o)) == 0", {"loss": "logcosh"}, {"gram-definite"}),
    ("H_f == 0 at global_minima", {"network": "3-4-3-2", "loss": "logistic"}, {"linear-minima"}),
    ("rank(H) == rank(G) at local_minima", {"network": "2-3-2-3 linear, no bias"}, {"linear-minima"}),
    ("trace(H) == trace(H_o) + trace(H_f)", {}, {"trace", "decomposition"}),
    ("trace(2*H - H_o) == trace(H_o) + 2*trace(H_f)", {}, {"trace"}),
    ("trace(H.T) == trace(H_f) + trace(G.T*D*G)", {}, {"trace"}),
    ("trace(G*G.T) == trace(G.T*G)", {"weight_decay": 1}, {"trace"}),
    ("L == 0 at critical_points given rank(G) == N*K", {}, {"full-rank", "combine", "fit-by-residual", "least-loss"}),
    ("L == 0 at critical_points given rank(G) >= 4 and N == 4", {"loss": "quartic"}, {"full-rank", "least-loss"}),
    ("L == 0 at local_minima given nullity(G) == P - N", {"loss": "logcosh"}, {"full-rank", "combine"}),
    ("perfect_fit at critical_points given rank(G) == N*K", {"loss": "bce_logits", "network": "2-3-2 tanh"},
     {"fit-by-residual"}),
    ("perfect_fit given r == 0", {"loss": "softmax_cross_entropy", "network": "2-3-3 tanh"}, {"fit-by-residual"}),
    ("perfect_fit given r == 0", {"network": "2-2-2 tanh", "loss": loss("(f0-y0)^2 + (f1-y1)^2 + (f1-y1)^4")},
     {"fit-by-residual"}),
    ("rank(H) == rank(G) at critical_points given rank(G) == N*K", {}, {"full-rank", "gram-definite"}),
    ("rank(H) == rank(G) given L == 0", {}, {"fit-by-loss"}),
    ("r == 0 given L <= 0", {"loss": "quartic", "weight_decay": 1}, {"fit-by-loss"}),
    ("L >= 0", {"loss": "exponential", "weight_decay": 1}, {"least-loss"}),
    ("L >= 0", {"loss": "cross_entropy", "behaviour": "probabilities", "network": "2-3"}, {"least-loss"}),
    ("nullity(D) >= N and rank(D) == N*(K - 1)", {"loss": "softmax_cross_entropy", "network": "2-3"},
     {"softmax-kernel"}),
    ("rank(H_o) <= N*(K - 1)", {"loss": "softmax_cross_entropy", "network": "2-3"}, {"softmax-kernel", "product"}),
    ("dim(ker(G) & ker(H)) == nullity(G) at perfect_fits", {}, {"inclusion", "equal-matrices"}),
    ("dim(ker(H) & ker(G)) == nullity(H) at perfect_fits", {}, {"inclusion", "gram-definite"}),
    ("dim(im(H_o) & im(G.T)) == rank(H_o)", {"loss": "quartic"}, {"inclusion"}),
    ("dim(im(G.T) + im(H)) == rank(G) at perfect_fits", {}, {"inclusion", "dimension"}),
    ("dim(im(H) + ker(H)) == P", {}, {"inclusion"}),
    ("dim(im(G) & ker(G.T)) == 0", {}, {"inclusion"}),
    ("dim(ker(H_o) & ker(H_f)) <= nullity(H)", {}, {"inclusion", "equal-matrices"}),
    ("dim(ker(G) & ker(G)) == nullity(G)", {}, {"inclusion"}),
    ("local_minimum at critical_points given positive_definite(H)", {}, {"strict-minimum"}),
    ("not local_minimum at critical_points given index(H) >= 1", {}, {"minimum-psd"}),
    ("not perfect_fit given L >= 1/2", {}, {"least-loss"}),
    ("det(H) == 0 at perfect_fits", {}, {"rank-nullity"}),
    ("global_minimum at local_minima", {"network": "3-2-2-2 linear", "loss": "logcosh"}, {"linear-minima"}),
    ("global_minimum at local_minima", {"network": "2-3-2 linear, no bias", "reduction": "mean"}, {"linear-minima"}),
    ("local_minimum implies global_minimum", {"network": "1-2-3-1 linear, no bias"}, {"linear-minima"}),
    ("global_minimum at critical_points", {"network": "2-2 linear", "weight_decay": "1"}, {"convex"}),
    ("global_minimum at local_minima", {"network": "3-1-2 linear"}, {"strict-saddles"}),
    ("index(H) >= 1 or global_minimum at critical_points", {"network": "3-1-2 linear"}, {"strict-saddles"}),
    ("index(H) == 0 implies global_minimum at critical_points", {"network": "3-2-3 linear, no bias"},
     {"strict-saddles"}),
    ("global_minimum at critical_points given positive_semidefinite(H)", {"network": "3-1-3 linear"},
     {"strict-saddles"}),
    ("rank(H) > P or rank(G) >= 0 or index(H) < 0", {}, {"shape"}),
    ("global_minimum at local_minima", {"model": model("a*x + b*x^2"), "loss": "quartic"}, {"convex"}),
    ("H_f == 0 at perfect_fits", {"loss": "cross_entropy", "model": model("sigmoid(a*x+b)", "1-sigmoid(a*x+b)")},
     {"residual-vanishes"}),
    ("rank(H) == rank(G) at perfect_fits",
     {"loss": "cross_entropy", "model": model("(a*x)^2/(1+(a*x)^2)", "1/(1+(a*x)^2)")}, {"gram-definite"}),
    ("index(H) == 0 and L >= 0 at perfect_fits",
     {"loss": "cross_entropy", "model": model("exp(a*x)/(exp(a*x)+exp(b))", "exp(b)/(exp(a*x)+exp(b))")},
     {"minimum-psd"}),
    ("det(H) != 0 at perfect_fits given rank(G) == P", {"samples": 20}, {"gram-definite"}),
    ("rank(H) == P given det(H) != 0", {}, {"assume"}),
    ("nullity(H) >= 1 at critical_points given det(H) == 0", {}, {"assume"}),
]  # fmt: skip


@pytest.mark.parametrize(("says", "parts", "rules"), PROVED)
def test_proved_with_these_rules(says: str, parts: dict[str, Any], rules: set[str]) -> None:
    found = proof(says, problem(**parts))
    assert found is not None
    assert rules <= {step["rule"] for step in found.steps}


def test_a_proof_uses_no_rule_in_vain() -> None:
    found = proof("rank(H) == rank(G) at perfect_fits")
    assert found is not None
    assert [step["rule"] for step in found.steps] == [
        "decomposition",
        "residual-vanishes",
        "equal-matrices",
        "output-definite",
        "output-definite",
        "gram-definite",
    ]


def test_shapes_that_do_not_fit_are_an_error() -> None:
    with pytest.raises(InputError, match="shape"):
        proof("rank(G + H) >= 0")
