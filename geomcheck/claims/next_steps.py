"""One next step for every reason why a claim stays open."""

from typing import Final

__all__ = ["next_step"]

_NEXT_STEP: Final = {
    "kink": "move the point off the kink, or use a smooth activation",
    "outside-exact-fields": "use piecewise linear or polynomial activations, or one hidden layer of tanh type",
    "rank-bounds-differ": "try a smaller instance, or rounder numbers (weights: torch.round(64 * w) / 64)",
    "sign-unknown": "compare with < or > instead of ==, or move the point",
    "global-minimum-unknown": "state the claim at perfect_fits or at critical_points",
    "local-minimum-unknown": "state the claim at critical_points, or move to a point where H is definite",
    "perfect-fit-unknown": 'give the targets as "perfect_fit", or use a named loss',
    "no-finite-minimiser": "use soft labels, or state the claim at critical_points",
    "irrational-targets": "use relu or a polynomial activation; about one point alone, leave its name out and write "
    'targets = "perfect_fit"',
    "empty-scope": "give a point that lies in the point set, or leave the parameters open",
    "outside-loss-domain": 'use behaviour = "probabilities", or a point where the outputs are probabilities',
    "no-instance-found": "give an instance yourself, or allow more trials and time",
    "components-unknown": "give the data, and a linear network, one layer of relu, or a small polynomial model",
    "group-too-large": "use one hidden layer, fewer units, or a point whose units differ",
    "certificate-too-large": "round the numbers to fewer digits (weights: torch.round(64 * w) / 64), or take fewer",
    "beyond-checker-limits": "state the claim for a smaller shape, fewer samples or simpler points",
    "certificate-rejected": "please report this claim: the engine and the checker disagree",
}


_BESIDE_A_TEACHER: Final = {
    "components-unknown": "use one hidden layer, at least as wide as the teacher, of an activation such as tanh or exp"
}


def next_step(reason: str, *, teacher: bool = False) -> str:
    """What to try where a claim is open for this reason; beside a teacher, which takes the place of data.

    >>> next_step("kink")
    'move the point off the kink, or use a smooth activation'
    """
    if teacher and reason in _BESIDE_A_TEACHER:
        return _BESIDE_A_TEACHER[reason]
    return _NEXT_STEP.get(reason, "try a smaller shape")
