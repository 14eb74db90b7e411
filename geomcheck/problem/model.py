"""Explicit models: outputs given as closed formulas in named parameters and inputs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, final

from geomcheck.errors import InputError, LimitError, described
from geomcheck.problem.formula import FUNCTIONS, Formula, names_in, parse_formula
from geomcheck.problem.network import DenseNetwork

MAX_NAMES: Final = 10_000
MAX_OUTPUTS: Final = 1000
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")


@final
@dataclass(frozen=True, slots=True)
class ExplicitModel:
    """F_k = outputs[k] evaluated at θ = parameters (in the order given) and a sample's inputs.

    There may be no inputs at all. Raises InputError for no parameter, no output, a repeated name, a name that is no
    identifier or that is a function, and names in the outputs that are not declared.

    >>> model = explicit_model(["a", "b"], ["x"], ["a*b*x"])
    >>> model.n_parameters, model.n_inputs, model.n_outputs
    (2, 1, 1)
    """

    parameters: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[Formula, ...]

    def __post_init__(self) -> None:
        check_names((*self.parameters, *self.inputs), "model")
        if not self.parameters:
            raise InputError("model: expected at least one parameter, got parameters=[]; name what the loss depends on")
        if not self.outputs:
            raise InputError("model: expected at least one output, got outputs=[]; give a formula")
        if len(self.outputs) > MAX_OUTPUTS:
            raise LimitError(f"model: expected at most {MAX_OUTPUTS} outputs, got {len(self.outputs)}")
        known = {*self.parameters, *self.inputs}
        for k, formula in enumerate(self.outputs):
            if strange := sorted(names_in(formula) - known):
                raise InputError(
                    f"model: outputs[{k}] uses the undeclared name '{strange[0]}'; declare it as a parameter"
                )

    @property
    def n_parameters(self) -> int:
        """P."""
        return len(self.parameters)

    @property
    def n_inputs(self) -> int:
        """The number of inputs of one sample, possibly 0."""
        return len(self.inputs)

    @property
    def n_outputs(self) -> int:
        """K."""
        return len(self.outputs)


Model: TypeAlias = DenseNetwork | ExplicitModel
"""Whatever has parameters, inputs and outputs."""


def explicit_model(
    parameters: Sequence[str], inputs: Sequence[str], outputs: Sequence[str], where: str = "model"
) -> ExplicitModel:
    """The model whose outputs are the given formula texts; raises SyntaxProblem with the output's number."""
    check_names((*parameters, *inputs), where)
    known = frozenset((*parameters, *inputs))
    formulas = tuple(parse_formula(text, known, f"{where}.outputs[{k}]") for k, text in enumerate(outputs))
    return ExplicitModel(tuple(parameters), tuple(inputs), formulas)


def check_names(names: Sequence[str], where: str) -> None:
    """Raise InputError unless the names are distinct identifiers and none is a function's name."""
    if len(names) > MAX_NAMES:
        raise LimitError(f"{where}: expected at most {MAX_NAMES} names, got {len(names)}")
    seen: set[str] = set()
    for name in names:
        if not _NAME.fullmatch(name) or len(name) > 80:
            raise InputError(
                f"{where}: expected a name such as a, w1 or x_2 (letters, digits, _), got {described('name', name)}"
            )
        if name in FUNCTIONS:
            raise InputError(f"{where}: '{name}' is a function; choose another name")
        if name in seen:
            raise InputError(f"{where}: the name '{name}' is given twice; choose distinct names")
        seen.add(name)
