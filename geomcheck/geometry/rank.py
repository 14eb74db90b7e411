"""Both bounds of a rank, each with its own evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

from geomcheck.errors import OutsideField
from geomcheck.geometry.ball_rank import ball_lower_bound, ball_upper_bound
from geomcheck.geometry.evidence import LowerBound, RankBounds, UpperBound
from geomcheck.geometry.image import Image, images_of
from geomcheck.geometry.kernel import ExactMatrix, Vector, formulas

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
        images: M modulo primes; made from `exact` when None. A second one is taken only when the bounds differ.
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
    matrix: ExactMatrix | None = None
    if images is None and exact is not None:
        try:
            entries = exact()
        except OutsideField:
            images = ()
        else:
            matrix, images = ExactMatrix(entries), images_of(entries)
    for image in islice(images or (), MAX_IMAGES):
        lower = image.lower_bound(symmetric)
        if lower.value >= best_lower.value:
            best_lower = lower
        if best_lower.value == best_upper.value:
            return RankBounds(best_lower, best_upper)
        if matrix is None and exact is not None:
            try:
                matrix = ExactMatrix(exact())
            except OutsideField:
                exact = None
        if matrix is not None:
            upper = _kernel_bound(shape, matrix, image, known_kernel)
            best_upper = min(best_upper, upper, key=lambda bound: bound.value)
        if best_lower.value == best_upper.value:
            break
    if not best_lower.value and balls is not None:
        enclosures = balls()
        best_lower, best_upper = ball_lower_bound(enclosures, symmetric), ball_upper_bound(enclosures)
    return RankBounds(best_lower, best_upper)


def _kernel_bound(
    shape: tuple[int, int], matrix: ExactMatrix, image: Image, known_kernel: Sequence[Vector]
) -> UpperBound:
    """The bound by the known kernel vectors, and by lifted ones where those do not reach the rank of the image."""
    columns = shape[1]
    verified = matrix.kernel(image, known_kernel)
    value = columns - len(verified)
    if not verified or value >= min(shape):
        return UpperBound(min(shape))
    return UpperBound(value, "kernel", tuple(formulas(vector) for vector in verified))
