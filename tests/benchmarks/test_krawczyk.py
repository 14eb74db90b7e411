"""A whole test of Krawczyk at P = 7: value, derivative over the box and containment, beside mpmath's Newton.

Run with -s to see the figures. The bound asserted is loose, since a busy machine only ever makes it slower.
"""

import time
from fractions import Fraction

import mpmath
import numpy as np

import geomcheck as gc
from geomcheck.geometry.minima.systems import gradient_system
from geomcheck.linear_algebra.krawczyk import krawczyk
from geomcheck.problem.read import problem_from

DATA = {"network": "1-2-1 tanh", "inputs": [-1, 0, 1, 2], "targets": [1, 0, "1/2", -1], "weight_decay": "1/10"}


def best_of(repeats, work):
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def gradient(a, b, c, d, v, w, e):
    """∇L of the same network, written out for mpmath."""
    total = [mpmath.mpf(t) / 10 for t in (a, b, c, d, v, w, e)]
    for x, y in ((-1, 1), (0, 0), (1, mpmath.mpf(1) / 2), (2, -1)):
        s, t = mpmath.tanh(a * x + c), mpmath.tanh(b * x + d)
        r = v * s + w * t + e - y
        ds, dt = v * (1 - s * s), w * (1 - t * t)
        for i, slope in enumerate((ds * x, dt * x, ds, dt, s, t, 1)):
            total[i] += r * slope
    return total


def test_a_krawczyk_test_at_seven_parameters():
    problem = problem_from(DATA)
    assert problem.P == 7
    point = gc.critical_point(problem, near=np.random.default_rng(0).standard_normal(7))
    system, radius = gradient_system(problem), Fraction(1, 2**30)
    assert krawczyk(system, point.centre, radius) is not None
    certified = best_of(50, lambda: krawczyk(system, point.centre, radius))
    start = [mpmath.mpf(x.numerator) / x.denominator + mpmath.mpf(1) / 2**30 for x in point.centre]
    with mpmath.workprec(128):
        plain = best_of(3, lambda: mpmath.findroot(gradient, start, tol=mpmath.mpf(10) ** -30))
    print(
        f"\nKrawczyk at P = 7: {1000 * certified:.2f} ms; mpmath.findroot, 128 bits: {plain / certified:.0f} times that"
    )
    assert certified < 0.001
    assert plain > 2 * certified
