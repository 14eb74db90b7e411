"""The data of an experiment: scikit-learn's digits, a folder of images by class, or arrays; and how it is split."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from os.path import isdir, isfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, final

import numpy as np

from geomcheck.align.data import DataSet, data_set
from geomcheck.align.loading import load_data
from geomcheck.errors import InputError, described
from geomcheck.experiments.image_folders import read_folder, some_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Division", "Halves", "Samples", "halves", "read_samples"]

Division = Literal["even", "skewed"]
_HELD_OUT: Final = 4  # one sample in four is for the test, where the data comes without a test set
_SKEW: Final = 0.8  # as in Ainsworth et al. 2023, section 5.4: 20 per cent of one half's classes, 80 of the other's
_FEWEST: Final = 16
_INSTALL: Final = 'install it: python -m pip install "geomcheck[experiments]"'


@final
@dataclass(frozen=True)
class Samples:
    """Images (N, channels, height, width) in float32 and their classes; ``test`` counts the held-out ones at the end.

    With ``test`` 0, every seed holds out a quarter of its own.
    """

    name: str
    images: NDArray[np.float32]
    classes: NDArray[np.int64]
    names: tuple[str, ...]
    test: int = 0

    @property
    def digest(self) -> str:
        """SHA-256 of everything a result may depend on."""
        found = hashlib.sha256(repr((self.images.shape, self.names, self.test)).encode())
        found.update(self.images.tobytes())
        found.update(self.classes.tobytes())
        return found.hexdigest()


@final
@dataclass(frozen=True)
class Halves:
    """Two disjoint halves of the training data, their union, and held-out data; inputs standardised by the union."""

    first: DataSet
    second: DataSet
    whole: DataSet
    test: DataSet


def read_samples(data: Any, size: int | None = None, per_class: int | None = None) -> Samples:
    """Read "digits", a folder of class subfolders (or train/ and test/ with them), a .npz or .pt file, or (x, y).

    ``size`` scales the images of a folder, ``per_class`` takes at most so many samples of every class.

    Raises:
        InputError: for anything else, a single class, or too few samples.
    """
    if per_class is not None and per_class < 1:
        raise InputError(f"per_class: expected at least 1, got {described('per_class', per_class)}")
    if isinstance(data, Samples):
        return data
    match data:
        case str() if data == "digits":
            samples = _digits()
        case str() | Path() if isdir(data):
            samples = Samples(Path(data).resolve().name, *read_folder(Path(data), size, per_class))
        case str() | Path():
            if not isfile(data):
                raise InputError(
                    "data: expected digits, a folder of images by class, or a file with x and y, got "
                    f"{described('data', str(data))}; there is nothing of that name"
                )
            samples = _arrays(Path(data).name, load_data(str(data)))
        case _:
            samples = _arrays("data", data_set(data))
    samples = _fewer(samples, per_class)
    counts = np.bincount(samples.classes, minlength=len(samples.names))
    if len(samples.names) < 2 or len(samples.classes) < _FEWEST or counts.min() < 1:
        raise InputError(
            f"data: expected at least 2 classes with samples and {_FEWEST} samples, got "
            f"{int((counts > 0).sum())} classes and {len(samples.classes)} samples; give more data"
        )
    return samples


def _fewer(samples: Samples, per_class: int | None) -> Samples:
    if per_class is None:
        return samples
    bound = len(samples.classes) - samples.test
    rows: list[list[int]] = []
    for start, end in ((0, bound), (bound, len(samples.classes))):
        members = ([k for k in range(start, end) if samples.classes[k] == c] for c in range(len(samples.names)))
        rows.append(sorted(k for group in members for k in some_of(group, per_class)))
    chosen = np.array(rows[0] + rows[1], dtype=np.int64)
    return Samples(samples.name, samples.images[chosen], samples.classes[chosen], samples.names, len(rows[1]))


def _digits() -> Samples:
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise InputError(f"data='digits' expected scikit-learn, which is not installed; {_INSTALL}") from None
    images, classes = load_digits(return_X_y=True)
    # Each entry is a count from 0 to 16.
    scaled = (images / 16).reshape(-1, 1, 8, 8).astype(np.float32)
    return Samples("digits", scaled, classes.astype(np.int64), tuple(map(str, range(10))))


def _arrays(name: str, data: DataSet) -> Samples:
    targets = data.targets
    if targets is None or targets.is_floating_point() or targets.ndim != 1 or len(data.inputs) != 1:
        raise InputError(f"{name}: expected inputs x and one class number y for each, got something else; see --data")
    images = np.ascontiguousarray(data.inputs[0].numpy(), dtype=np.float32)
    if images.ndim in (2, 3):  # rows of features become images of one row, grey images get their channel
        images = images[:, None, None] if images.ndim == 2 else images[:, None]
    if images.ndim != 4 or not np.isfinite(images).all():
        raise InputError(f"{name}: expected finite x of shape (N, channels, height, width), got shape {images.shape}")
    classes = targets.numpy().astype(np.int64)
    if classes.min() < 0 or classes.max() >= max(len(classes), 2):
        raise InputError(f"{name}: expected class numbers from 0, got {classes.min()} to {classes.max()}")
    return Samples(name, images, classes, tuple(map(str, range(int(classes.max()) + 1))))


def halves(samples: Samples, seed: int, division: Division) -> Halves:
    """The split of one seed: a test set, and the rest in two disjoint halves of equal size (up to one sample).

    "even" halves are drawn at random. Of "skewed" ones the first has about 80 per cent of the samples of the lower half
    of the classes and 20 per cent of the others, the second the rest.

    >>> data = Samples("x", np.zeros((40, 1, 2, 2), np.float32), np.arange(40) % 2, ("a", "b"))
    >>> cut = halves(data, 0, "even")
    >>> len(cut.first), len(cut.second), len(cut.whole), len(cut.test)
    (15, 15, 30, 10)
    """
    import torch

    rng = np.random.default_rng((seed, 1))
    total = len(samples.classes)
    if samples.test:
        rows, test = rng.permutation(total - samples.test), np.arange(total - samples.test, total)
    else:
        order = rng.permutation(total)
        test, rows = order[: total // _HELD_OUT], order[total // _HELD_OUT :]
    if division == "skewed":
        low = samples.classes[rows] < len(samples.names) / 2
        # A sample goes to the first half the sooner the smaller its key; the cut is in the middle.
        likely = np.where(low, _SKEW, 1 - _SKEW)
        keys = np.where(rng.random(len(rows)) < likely, 0, 1) + rng.random(len(rows))
        rows = rows[np.argsort(keys, kind="stable")]
    middle = len(rows) // 2
    seen = samples.images[rows]
    mean = seen.mean(axis=(0, 2, 3), keepdims=True, dtype=np.float64)
    spread = seen.std(axis=(0, 2, 3), keepdims=True, dtype=np.float64)
    spread[spread == 0] = 1

    def part(chosen: NDArray[np.int64]) -> DataSet:
        images = ((samples.images[chosen] - mean) / spread).astype(np.float32)
        return DataSet((torch.from_numpy(images),), torch.from_numpy(samples.classes[chosen]))

    return Halves(part(rows[:middle]), part(rows[middle:]), part(rows), part(test))
