"""Both bounds of a rank, each with its own evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, final

from geomcheck.errors import OutsideField
from geomcheck.linear_algebra.ball_rank import ball_lower_bound, ball_upper_bound
from geomcheck.linear_algebra.evidence import LowerBound, RankBounds, UpperBound
from geomcheck.linear_algebra.kernel import ExactMatrix, Vector
from geomcheck.linear_algebra.modular_image import Image, images_of

MAX_IMAGES = 3


def rank_bounds(
    shape: tuple[int, int],
    *,
    exact: Callable[[], Any] | None = None,
    images: Iterable[Image] | None = None,
    balls: Callable[[], Any] | None = None,
    known_kernel: Sequence[Vector] = (),
    symmetric: bool = False,
) -> RankBounds:
    """Bounds of rank(M) for M of `shape` (rows, columns) over ℚ, ℚ(e^{1/q}, tan 1/(2q′)), or in balls.

    The lower bound is a minor that is nonzero modulo a prime (or in balls). The upper bound is tried in this order,
    stopping as soon as the bounds meet: the shape; the vectors `known_kernel`, each verified exactly; kernel vectors
    found by lifting, verified exactly.

    Args:
        shape: rows and columns.
        exact: gives M over ℚ (flint rationals, ints) or ℚ(t, u); called only when the upper bound needs it, or when
            there are no images. OutsideField from it leaves the upper bound open.
        images: M modulo primes; made from `exact` when None. A second one is taken only when the bounds differ and M
            is known exactly.
        balls: gives M as an array of `arb`; used when there is no image.
        known_kernel: vectors expected in the kernel, of ints, Fractions, flint rationals or RationalFunctions.
        symmetric: whether M = Mᵀ, so that the minor can be principal.

    >>> import numpy as np
    >>> rank_bounds((2, 2), exact=lambda: np.array([[1, 2], [2, 4]])).upper.kernel
    (('-2', '1'),)
    """
    best_lower, best_upper = LowerBound(0), UpperBound(min(shape))
    if not best_upper.value:
        return RankBounds(best_lower, best_upper)
    known = _Lazy(exact)
    imaged = False
    for image in islice(_available(images, known), MAX_IMAGES):
        lower = image.lower_bound(symmetric)
        if imaged and lower.value <= best_lower.value:
            break  # the first prime was not an unlucky one: looking for the kernel again would find the same
        imaged = True
        best_lower = max(lower, best_lower, key=lambda bound: bound.value)
        if best_lower.value < best_upper.value and known.matrix is not None:
            upper = _kernel_bound(shape, known.matrix, image, known_kernel)
            best_upper = min(best_upper, upper, key=lambda bound: bound.value)
        if best_lower.value == best_upper.value or known.matrix is None:
            return RankBounds(best_lower, best_upper)
    if not imaged and balls is not None:
        enclosures = balls()
        return RankBounds(ball_lower_bound(enclosures, symmetric), ball_upper_bound(enclosures))
    return RankBounds(best_lower, best_upper)


@final
class _Lazy:
    """The exact matrix, computed when first asked for; None where there is none."""

    def __init__(self, exact: Callable[[], Any] | None) -> None:
        self._exact = exact

    @cached_property
    def matrix(self) -> ExactMatrix | None:
        if self._exact is None:
            return None
        try:
            return ExactMatrix(self._exact())
        except OutsideField:
            return None


def _available(images: Iterable[Image] | None, known: _Lazy) -> Iterator[Image]:
    """The images given, or those of the exact matrix; none where the matrix has no exact field."""
    try:
        if images is not None:
            yield from images
        elif known.matrix is not None:
            yield from images_of(known.matrix.entries)
    except OutsideField:
        return


def _kernel_bound(
    shape: tuple[int, int], matrix: ExactMatrix, image: Image, known_kernel: Sequence[Vector]
) -> UpperBound:
    """The bound by the known kernel vectors, and by lifted ones where those do not reach the rank of the image."""
    columns = shape[1]
    verified = matrix.kernel(image, known_kernel)
    value = columns - len(verified)
    if not verified or value >= min(shape):
        return UpperBound(min(shape))
    return UpperBound(value, "kernel", tuple(verified))
