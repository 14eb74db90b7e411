"""Two threads on two cores are 40 times slower on small Hessians, so every test runs on one."""

import os

for _variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
    os.environ[_variable] = "1"
os.environ.pop("NO_COLOR", None)

from hypothesis import settings  # noqa: E402  (the threads are pinned before anything numerical is imported)

settings.register_profile("geomcheck", deadline=None, print_blob=True, derandomize=True)
settings.load_profile("geomcheck")
