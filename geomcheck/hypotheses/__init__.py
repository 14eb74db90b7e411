"""Which hypotheses of a claim are needed: each is dropped or weakened, one at a time, and the rest is settled again."""

from geomcheck.hypotheses.study import Necessity, Row, necessity

__all__ = ["Necessity", "Row", "necessity"]
