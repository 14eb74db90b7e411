"""Instances: problems that leave nothing open, drawn around whatever the caller gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple, TypedDict, Unpack

from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.strategies import DrawFn, SearchStrategy

from geomcheck.claims.evaluation import Evaluation
from geomcheck.errors import GeomcheckError
from geomcheck.problem.loss import FormulaLoss, NamedLoss
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem
from geomcheck.problem.read import KEYS, problem_from
from geomcheck.problem.scanner import suggestion
from geomcheck.testing import printing
from geomcheck.testing.kinks import is_piecewise, needs_nonzero_rows, smooth_parameters
from geomcheck.testing.linear_algebra import Matrix, matrices
from geomcheck.testing.numbers import rationals, small_rationals
from geomcheck.testing.shapes import domain_of, labels, networks
from geomcheck.testing.validation import check_elements, check_type, refuse

printing.install()

_MODELS = ("network", "model", "torch")
_DATA = ("inputs", "targets", "parameters")


class Parts(TypedDict, total=False):
    """The keys of a problem file, each a value or a strategy of values; or one `problem`, a Problem or a mapping."""

    problem: Any
    network: Any
    model: Any
    torch: Any
    loss: Any
    behaviour: Any
    reduction: Any
    weight_decay: Any
    samples: Any
    inputs: Any
    targets: Any
    parameters: Any


class Elements(NamedTuple):
    """The numbers an instance is made of: factors of the inputs, parameters, targets."""

    data: SearchStrategy[Fraction]
    parameters: SearchStrategy[Fraction]
    targets: SearchStrategy[Fraction]


def instances(
    *,
    elements: SearchStrategy[Fraction] | SearchStrategy[int] | None = None,
    kinks: bool = False,
    **parts: Unpack[Parts],
) -> SearchStrategy[Problem]:
    """Problems that leave nothing open: what `parts` give is kept, the rest is drawn.

    `parts` are the keys of a problem file, as for geomcheck.check, each a value or a strategy of values. Without a
    network, a model or a torch module the network is drawn too; without samples, inputs or targets there are 1 to 3
    samples. `elements` are the parameters, the factors of the inputs (which have every rank,
    and now and then a repeated sample) and the targets. Unless
    `kinks`, G and H exist: no pre-activation of relu, abs or leaky_relu is 0. The loss is always defined. Shrinks to
    one sample, one linear layer without bias, and zeros.

    Raises InvalidArgument for parts that do not fit together.

    >>> from hypothesis import find
    >>> smallest = find(instances(network="1-1 linear, no bias"), lambda problem: True)
    >>> smallest.inputs, smallest.targets, smallest.parameters
    (((Fraction(0, 1),),), ((Fraction(0, 1),),), (Fraction(0, 1),))
    """
    return _instances(open_problems(parts), elements_of(elements), check_type(bool, kinks, "kinks"))


def open_problems(
    parts: Mapping[str, Any],
    check: Callable[[Problem], None] = lambda problem: None,
    network: Callable[[int | None], SearchStrategy[DenseNetwork]] = lambda outputs: networks(outputs=outputs),
    stand_in: str = "1-{} linear",
) -> SearchStrategy[Problem]:
    """The problem that the parts describe, its gaps still open; `check` may refuse it with InvalidArgument.

    `network` makes networks with the number of outputs of the loss, where it has one, if the caller names no model. A
    mistake that needs no strategy of the caller's to be drawn is reported now, with `stand_in` for such a network.
    """
    for key in parts:
        if key not in ("problem", *KEYS):
            raise InvalidArgument(f"Unknown part '{key}'{suggestion(key, ('problem', *KEYS))}")
    given = {key: value for key, value in parts.items() if value is not None}
    drawn: dict[str, SearchStrategy[Any]] = {}
    outputs = _outputs_of(given.get("loss"))
    if "problem" in given:
        if len(given) > 1:
            raise InvalidArgument(f"Cannot have both problem and {', '.join(key for key in given if key != 'problem')}")
    elif not any(key in given for key in _MODELS):
        if stray := [key for key in _DATA if key in given]:
            raise InvalidArgument(f"Cannot have {', '.join(stray)} without a network, a model or a torch module")
        drawn["network"] = network(outputs)
    if not any(key in given for key in ("problem", "samples", "inputs", "targets")):
        drawn["samples"] = st.integers(1, 3)

    def read(values: Mapping[str, Any]) -> Problem:
        problem = _read(values)
        check(problem)
        return problem

    if not any(isinstance(value, SearchStrategy) for value in given.values()):
        stand_ins = {"network": stand_in.format(outputs or 1), "samples": 1}
        problem = read({**given, **{key: stand_ins[key] for key in drawn}})
        if not drawn:
            return st.just(problem)
    for key, value in given.items():
        drawn[key] = value if isinstance(value, SearchStrategy) else st.just(value)
    return st.fixed_dictionaries(drawn).map(read)


def _outputs_of(loss: object) -> int | None:
    """The number of outputs that a loss formula is written for; None for a loss of any number."""
    if isinstance(loss, FormulaLoss):
        return loss.n_outputs
    names = loss.get("outputs") if isinstance(loss, Mapping) else None
    return len(names) if isinstance(names, list | tuple) and names else None


def elements_of(elements: object) -> Elements:
    """The caller's numbers, or small ones."""
    if elements is not None:
        chosen = check_elements(elements, small_rationals)
        return Elements(chosen, chosen, chosen)
    return Elements(rationals(max_height=2, max_denominator=1), small_rationals(), small_rationals())


@st.composite
def placed(draw: DrawFn, problem: Problem, elements: Elements, kinks: bool, general: bool = False) -> Problem:
    """The problem with inputs (of full rank if `general`) and parameters; targets stay as they are, open ones too."""
    network = problem.model if isinstance(problem.model, DenseNetwork) else None
    smooth = not kinks and network is not None and is_piecewise(network)
    if problem.inputs is None:
        nonzero = smooth and network is not None and needs_nonzero_rows(network)
        problem = problem.with_(inputs=draw(_inputs(problem, elements.data, nonzero, general)))
    if problem.parameters is None:
        assert problem.inputs is not None
        if smooth and network is not None:
            theta = draw(smooth_parameters(network, problem.inputs, elements.parameters))
        else:
            theta = draw(st.tuples(*[elements.parameters] * problem.P))
        problem = problem.with_(parameters=theta)
    return problem


def _inputs(
    problem: Problem, elements: SearchStrategy[Fraction], nonzero: bool, general: bool
) -> SearchStrategy[Matrix]:
    n, d = problem.N, problem.model.n_inputs
    if general:
        return matrices(n, d, rank=min(n, d), elements=elements)
    if nonzero:
        rows: SearchStrategy[Matrix] = st.tuples(*[st.tuples(*[elements] * d).filter(any)] * n)
    else:
        rows = matrices(n, d, elements=elements)
    if n == 1:
        return rows
    return st.tuples(rows, st.booleans()).map(lambda drawn: (*drawn[0][:-1], drawn[0][0]) if drawn[1] else drawn[0])


def exists(problem: Problem, kinks: bool) -> bool:
    """Whether the loss is defined at an instance and, unless kinks are allowed, G and H exist."""
    loss, model = problem.loss, problem.model
    total = isinstance(loss, NamedLoss) and not loss.piecewise and loss.name not in ("bce", "cross_entropy")
    if total and isinstance(model, DenseNetwork) and (kinks or not is_piecewise(model)):
        return True
    at = Evaluation(problem)
    try:
        at.require_in_domain()
        if kinks:
            at.loss()
        else:
            at.require_smooth()
    except GeomcheckError:
        return False
    return True


@st.composite
def _instances(draw: DrawFn, problems: SearchStrategy[Problem], elements: Elements, kinks: bool) -> Problem:
    problem = draw(problems)
    here = draw(placed(problem, elements, kinks))
    if here.targets is None:
        here = here.with_(targets=draw(labels(here.N, here.K, domain_of(here.loss), elements.targets)))
    if not exists(here, kinks):
        reject()
    return here


def _read(values: Mapping[str, Any]) -> Problem:
    given = values.get("problem", values)
    if isinstance(given, Problem):
        return given
    if not isinstance(given, Mapping):
        refuse("Problem or a mapping", given, "problem")
    try:
        return problem_from(given)
    except GeomcheckError as error:
        raise InvalidArgument(str(error)) from error
