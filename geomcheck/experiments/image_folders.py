"""Folders of images, one subfolder a class, as CIFAR-10 and many others are handed around."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

from geomcheck.errors import InputError, LimitError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["read_folder", "some_of"]

_ENDINGS: Final = frozenset([".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".ppm", ".pgm", ".tif", ".tiff"])
_TRAINING: Final = ("train", "training")
_TESTING: Final = ("test", "testing", "val", "valid", "validation")
_MOST_NUMBERS: Final = 2**30  # 4 GiB of float32
_LARGEST_SIDE: Final = 1024

_Item = TypeVar("_Item")
Read = tuple["NDArray[np.float32]", "NDArray[np.int64]", tuple[str, ...], int]


def read_folder(folder: Path, size: int | None = None, per_class: int | None = None) -> Read:
    """(images, classes, names, test): the images of every class subfolder, in order of name, entries in [0, 1].

    A folder with train/ and test/ (or val/) in it keeps that division, its test images last. Colour images are read as
    three channels, grey ones as one where all are. ``size`` scales every image to size × size; without it all must be
    of one size. ``per_class`` takes at most so many images of every class, for training and for the test each.

    Raises:
        InputError: for no class subfolders, a class of the test folder that training lacks, a file that is no image,
            images of several sizes, and where Pillow is not installed.
        LimitError: for more images than fit.
    """
    if size is not None and not 1 <= size <= _LARGEST_SIDE:
        raise InputError(f"size: expected 1 to {_LARGEST_SIDE} pixels, got size={size}")
    inside = {path.name.lower(): path for path in sorted(folder.iterdir()) if path.is_dir()}
    training = next((inside[name] for name in _TRAINING if name in inside), None)
    testing = next((inside[name] for name in _TESTING if name in inside), None) if training is not None else None
    found = _classes(training or folder)
    names = tuple(sorted(found))
    held_out = _classes(testing) if testing is not None else {}
    if extra := sorted(set(held_out) - set(names)):
        raise InputError(f"{testing}: expected the classes of the training folder, got {extra[0]!r} too")
    files = [(path, k) for k, name in enumerate(names) for path in some_of(found[name], per_class)]
    test = [(path, k) for k, name in enumerate(names) for path in some_of(held_out.get(name, []), per_class)]
    images = _images([path for path, _ in (*files, *test)], size)
    return images, np.array([k for _, k in (*files, *test)], dtype=np.int64), names, len(test)


def some_of(items: Sequence[_Item], count: int | None) -> list[_Item]:
    """At most ``count`` of them, drawn at random and always the same, in their order.

    >>> some_of([1, 2], 5), len(some_of(range(100), 5))
    ([1, 2], 5)
    """
    if count is None or count >= len(items):
        return list(items)
    chosen = np.random.default_rng(0).permutation(len(items))[:count]
    return [items[k] for k in sorted(chosen)]


def _classes(folder: Path) -> dict[str, list[Path]]:
    found = {
        path.name: sorted(file for file in path.rglob("*") if file.suffix.lower() in _ENDINGS and file.is_file())
        for path in sorted(folder.iterdir())
        if path.is_dir() and not path.name.startswith(".")
    }
    found = {name: files for name, files in found.items() if files}
    if len(found) < 2:
        raise InputError(
            f"{folder}: expected one subfolder of images for each of at least 2 classes, got {len(found)}; images end "
            f"in {', '.join(sorted(_ENDINGS))}"
        )
    return found


def _images(paths: list[Path], size: int | None) -> NDArray[np.float32]:
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError:
        raise InputError(
            "data: expected Pillow for a folder of images, which is not installed; install it: "
            'python -m pip install "geomcheck[experiments]"'
        ) from None
    read: list[NDArray[Any]] = []
    numbers = 0
    for path in paths:
        try:
            with Image.open(path) as image:
                grey = image.mode in ("1", "L", "I", "I;16", "F")
                plain = image.convert("L" if grey else "RGB")
                if size is not None:
                    plain = plain.resize((size, size), Image.Resampling.BILINEAR)
                pixels = np.asarray(plain, dtype=np.uint8)
        except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError) as error:
            reason = " ".join(str(error).split())[:120]
            raise InputError(f"{path}: expected an image, got a file that cannot be read as one ({reason})") from None
        if read and pixels.shape[:2] != read[0].shape[:2]:
            (height, breadth), (high, broad) = read[0].shape[:2], pixels.shape[:2]
            raise InputError(
                f"{path}: expected images of one size, {breadth} × {height}, got {broad} × {high}; scale all of them "
                "with size=32 (--size 32)"
            )
        numbers += 3 * pixels.shape[0] * pixels.shape[1]
        if numbers > _MOST_NUMBERS:
            raise LimitError(
                f"data: expected at most {_MOST_NUMBERS} numbers, got more by {path}; scale the images with size=32 "
                "(--size 32), or take fewer"
            )
        read.append(pixels)
    if any(pixels.ndim == 3 for pixels in read):
        read = [pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=-1) for pixels in read]
        stacked = np.stack(read).transpose(0, 3, 1, 2)
    else:
        stacked = np.stack(read)[:, None]
    return np.ascontiguousarray(stacked, dtype=np.float32) / np.float32(255)
