"""A model in words: the shorthand of a network, the formula of an explicit model."""

from __future__ import annotations

from geomcheck.problem.model import ExplicitModel
from geomcheck.problem.network import DenseNetwork

__all__ = ["network_words"]


def network_words(model: DenseNetwork | ExplicitModel) -> str:
    """The shorthand a problem file takes where there is one; a residual link is named after it.

    >>> from geomcheck.problem.network import Activation, Layer
    >>> network_words(DenseNetwork(2, (Layer(3, False, Activation("tanh")), Layer(1, False))))
    '2-3-1 tanh, no bias'
    """
    if isinstance(model, ExplicitModel):
        outputs = ", ".join(formula.unparse() for formula in model.outputs)
        arguments = ", ".join(model.parameters) + ("; " + ", ".join(model.inputs) if model.inputs else "")
        return f"f({arguments}) = {outputs if model.n_outputs == 1 else f'({outputs})'}"
    hidden, output = model.layers[:-1], model.layers[-1]
    names = [str(layer.activation) for layer in hidden] or ["linear"]
    if len(set(names)) == 1:
        names = names[:1]
    words = "-".join(map(str, model.widths)) + " " + " ".join(names)
    if str(output.activation) != "linear":
        words += f", output {output.activation}"
    words += _bias_words([layer.bias for layer in model.layers])
    for number, layer in enumerate(model.layers, 1):
        if layer.residual is not None:
            source = f"layer {layer.residual}" if layer.residual else "the input"
            words += f", residual link from {source} to layer {number}"
    return words


def _bias_words(biases: list[bool]) -> str:
    if all(biases):
        return ""
    if not any(biases):
        return ", no bias"
    if all(biases[:-1]):
        return ", no output bias"
    return ", bias in layers " + " ".join(str(number) for number, bias in enumerate(biases, 1) if bias)
