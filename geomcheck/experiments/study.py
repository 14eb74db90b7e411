"""``gc.experiments.merging``: two networks trained on disjoint halves of a data set, merged in every way.

The claim, after Ainsworth, Hayase and Srinivasa 2023 (Git Re-Basin), section 5.4: alignment beats plain interpolation,
loses to the ensemble, which loses to training on everything.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from geomcheck.atomic_write import json_text, write_text
from geomcheck.errors import InputError, described
from geomcheck.experiments.data_sets import Division, Samples, read_samples
from geomcheck.experiments.networks import NETWORKS
from geomcheck.experiments.report import Merging
from geomcheck.experiments.trial import Outcome, Recipe, outcome_of
from geomcheck.experiments.verdicts import parts_of
from geomcheck.experiments.workers import outcomes_of

if TYPE_CHECKING:
    import os

__all__ = ["merging"]

WIDTHS: Final[Mapping[str, int]] = {"mlp": 256, "resnet": 16}
_FORMAT: Final = 2
_MOST_SEEDS: Final = 1000
_MOST_POINTS: Final = 1001
_LEVEL: Final = 0.05


def merging(
    data: Any = "digits",
    *,
    networks: Sequence[str] = ("mlp", "resnet"),
    seeds: int = 12,
    halves: Division = "even",
    epochs: int = 30,
    widths: Mapping[str, int] | None = None,
    points: int = 11,
    batchnorm: Literal["reset", "as-is"] = "reset",
    restarts: int = 3,
    steps: int = 40,
    size: int | None = None,
    per_class: int | None = None,
    workers: int = 1,
    state: str | os.PathLike[str] | None = None,
    progress: Callable[[int, int | None, str], None] | None = None,
) -> Merging:
    """Train on disjoint halves, merge, and test the claim over seeds.

    For every network and seed: a test set is held out, the rest cut into two halves; A and B are trained on one half
    each, from different starts, and a third network on everything for as many epochs. Compared on the held-out data, by
    mean cross-entropy and accuracy: (A + B) / 2 as it is and after each alignment of B to A, the ensemble (mean of the
    logits of A and B), and the third network. Curves along the whole segment are kept too. Comparisons are paired by
    seed: an exact sign-flip test each, two-sided, with Holm's correction over all of them, at level 0.05.

    Args:
        data: "digits" (scikit-learn's), a folder with one subfolder of images a class (or train/ and test/ of these), a
            .npz or .pt file with x and y, or (x, y).
        networks: "mlp" (two hidden layers), "resnet" (BatchNorm, two residual blocks).
        seeds: how many; fewer than about 10 cannot be significant after the correction.
        halves: "even" at random, or "skewed": 80 per cent of the one half of the classes and 20 of the other.
        epochs: passes over the training data, of every network.
        widths: network -> hidden units, or channels; default: mlp 256, resnet 16.
        points: places along the segment, an odd number.
        batchnorm: "reset" estimates BatchNorm statistics anew on the training data along the segment; "as-is"
            interpolates them.
        restarts: of weight matching.
        steps: of the straight-through estimator.
        size: scales the images of a folder to size × size.
        per_class: takes at most so many samples of every class, the same for all seeds.
        workers: processes.
        state: a folder in which every finished network and seed is kept; a later call goes on from there.
        progress: is called with (done, total, what).

    Raises:
        InputError: for data or options that cannot be used, and where scikit-learn or Pillow is needed and missing.
    """
    samples = read_samples(data, size, per_class)
    chosen = tuple(dict.fromkeys([networks] if isinstance(networks, str) else networks))
    _check(chosen, widths, seeds=seeds, epochs=epochs, points=points, workers=workers, restarts=restarts, steps=steps)
    for name, value, known in (
        ("halves", halves, ("even", "skewed")),
        ("batchnorm", batchnorm, ("reset", "as-is")),
    ):
        if value not in known:
            raise InputError(f"{name}: expected {' or '.join(known)}, got {described(name, value)}")
    recipe = Recipe(halves, epochs, {**WIDTHS, **(widths or {})}, points, batchnorm, restarts, steps)
    keep = None if state is None else _folder(Path(state), samples, recipe)
    units = [(network, seed) for seed in range(seeds) for network in chosen]
    done: dict[tuple[str, int], Outcome] = {}
    for unit in units if keep is not None else ():
        assert keep is not None
        with suppress(OSError, ValueError):  # what is not there, or not whole, is done again
            stored = json.loads((keep / f"{unit[0]}-{unit[1]}.json").read_text(encoding="utf-8"))
            if (outcome := outcome_of(stored, *unit, points)) is not None:
                done[unit] = outcome
    reused = len(done)
    open_units = [unit for unit in units if unit not in done]

    def report(what: str) -> None:
        if progress is not None:
            progress(len(done), len(units), what)

    report("networks and seeds")
    for outcome in outcomes_of(samples, recipe, open_units, workers):
        done[outcome.network, outcome.seed] = outcome
        if keep is not None:
            write_text(keep / f"{outcome.network}-{outcome.seed}.json", json_text(outcome.to_json()))
        report(f"{outcome.network}, seed {outcome.seed}")
    outcomes = tuple(done[unit] for unit in units)
    parts = parts_of(outcomes, chosen, _LEVEL)
    return Merging(samples.name, len(samples.classes), chosen, seeds, recipe, _LEVEL, parts, outcomes, reused)


def _check(networks: Sequence[str], widths: Mapping[str, int] | None, **counts: int) -> None:
    for network in (*networks, *(widths or {})):
        if network not in NETWORKS:
            raise InputError(
                f"networks: expected some of {', '.join(NETWORKS)}, got {described('network', network)}; leave it out"
            )
    if not networks:
        raise InputError(f"networks: expected some of {', '.join(NETWORKS)}, got none; name one")
    ranges = {
        "seeds": (2, _MOST_SEEDS),
        "epochs": (1, 100_000),
        "points": (3, _MOST_POINTS),
        "workers": (1, 256),
        "restarts": (1, 1000),
        "steps": (0, 100_000),
    }
    for name, value in (*counts.items(), *((f"width of {n}", w) for n, w in (widths or {}).items())):
        low, high = ranges.get(name, (2, 4096))
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise InputError(f"{name}: expected a whole number from {low} to {high}, got {described('value', value)}")
    if counts["points"] % 2 == 0:
        raise InputError(f"points: expected an odd number, so that 1/2 is one of them, got points={counts['points']}")


def _folder(state: Path, samples: Samples, recipe: Recipe) -> Path:
    """Where outcomes of this data, recipe and version of torch are kept, apart from all others."""
    import torch

    settings = {"format": _FORMAT, "data": samples.digest, "recipe": asdict(recipe), "torch": torch.__version__}
    name = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]
    folder = state / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"state: expected a folder that can be made, got path={str(state)!r} ({error.strerror}); name another"
        ) from error
    if not (folder / "settings.json").is_file():
        write_text(folder / "settings.json", json_text(settings | {"name": samples.name}))
    return folder
