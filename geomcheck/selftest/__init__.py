"""The soundness harness: claims of known truth, matrices of known rank, forged certificates, damaged input."""

from geomcheck.callable_package import make_callable

make_callable(__name__, "geomcheck.selftest.harness")
