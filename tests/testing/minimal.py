"""The smallest example Hypothesis finds, and every example of a run."""

from collections.abc import Callable
from typing import TypeVar

from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")
SHRINKING = settings(database=None, deadline=None, max_examples=2000, phases=(Phase.generate, Phase.shrink))
SWEEP = settings(
    database=None,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)


def minimal(strategy: SearchStrategy[T], condition: Callable[[T], bool] = lambda value: True) -> T:
    """The smallest value found that satisfies the condition."""
    return find(strategy, condition, settings=SHRINKING)


def examples(strategy: SearchStrategy[T], number: int = 40) -> list[T]:
    """The values of one run; the health checks for values thrown away stay on."""
    drawn: list[T] = []

    @settings(SWEEP, max_examples=number)
    @given(strategy)
    def run(value: T) -> None:
        drawn.append(value)

    run()
    return drawn
