"""Permutation alignment of torch models without a hand-written specification, and the loss along the segment between.

``ties`` finds which axes of which tensors move together, ``matching`` and its neighbours search the permutations, and
``alignment`` puts them together and checks that the permuted model computes what it computed before.

The package has the name of its main function: ``geomcheck.align(model_a, model_b)`` is ``alignment.align`` however the
package came to be imported first.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geomcheck.align.alignment import Alignment


class _CallablePackage(ModuleType):
    def __call__(self, model_a: Any, model_b: Any, **options: Any) -> Alignment:
        from geomcheck.align.alignment import align

        return align(model_a, model_b, **options)


sys.modules[__name__].__class__ = _CallablePackage
