"""Which hypotheses of a claim are needed: each is dropped or weakened, one at a time, and the rest is settled again."""

from geomcheck.callable_package import make_callable

make_callable(__name__, "geomcheck.necessity.study")
