"""Permutation alignment of torch models without a hand-written specification, and the loss along the segment between.

``ties`` finds which axes of which tensors move together, ``coordinate_ascent`` and its neighbours search the
permutations, and ``alignment`` puts them together and checks that the permuted model computes what it did before.
"""

from geomcheck.callable_package import make_callable

make_callable(__name__, "geomcheck.align.alignment")
