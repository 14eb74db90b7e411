"""Networks in one line: "2-3-1 tanh", "2-3-3-1 tanh relu, no bias", "2-4-1 leaky_relu(1/10), output sigmoid".

    network    := WIDTH ("-" WIDTH)+ activation* ("," option)*
    activation := NAME ( "(" number ")" )?
    option     := "no" "bias" | "no" "output" "bias" | "output" activation

Widths run from input to output. No activation leaves every layer linear, one is for all hidden layers, and else there
is one for each hidden layer. The output layer is linear unless an option says otherwise; biases are everywhere.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from geomcheck.errors import InputError
from geomcheck.problem.activation import ACTIVATIONS, Activation
from geomcheck.problem.network import LINEAR, MAX_WIDTH, DenseNetwork, Layer
from geomcheck.problem.numbers import rational
from geomcheck.problem.scanner import Scanner

MAX_LENGTH: Final = 10_000


def parse_network(text: str, where: str = "network") -> DenseNetwork:
    """The network a shorthand says; SyntaxProblem with line, column and caret when it does not parse.

    >>> net = parse_network("2-3-1 tanh, no output bias")
    >>> net.widths, net.n_parameters, [str(layer.activation) for layer in net.layers]
    ((2, 3, 1), 12, ['tanh', 'linear'])
    """
    scanner = Scanner(text, where, MAX_LENGTH)
    widths = [_width(scanner)]
    scanner.expect("-", "between widths, as in 2-3-1")
    widths.append(_width(scanner))
    while scanner.accept("-"):
        widths.append(_width(scanner))
    hidden = _hidden_activations(scanner, len(widths) - 2)
    bias, output_bias, output = True, True, LINEAR
    while scanner.accept(","):
        if scanner.accept("no"):
            if scanner.accept("output"):
                scanner.expect("bias", "after 'no output'")
                output_bias = False
            else:
                scanner.expect("bias", "after 'no'")
                bias = False
        elif scanner.accept("output"):
            output = _activation(scanner)
        else:
            scanner.fail(
                "expected an option: 'no bias', 'no output bias' or 'output' with an activation, "
                f"got {scanner.peek().shown()}"
            )
    scanner.expect_end()
    layers = [Layer(width, bias, activation) for width, activation in zip(widths[1:-1], hidden, strict=True)]
    return DenseNetwork(widths[0], (*layers, Layer(widths[-1], bias and output_bias, output)))


def parse_activation(text: str, where: str) -> Activation:
    """The activation that a text such as "tanh" or "leaky_relu(1/10)" says.

    >>> parse_activation("power(3)", "activation")
    Activation(name='power', parameter=Fraction(3, 1))
    """
    scanner = Scanner(text, where, MAX_LENGTH)
    activation = _activation(scanner)
    scanner.expect_end()
    return activation


def _width(scanner: Scanner) -> int:
    token = scanner.take()
    if token.kind != "integer":
        scanner.fail(f"expected a width (a positive integer), got {token.shown()}", token)
    if len(token.text) > len(str(MAX_WIDTH)) or not 1 <= int(token.text) <= MAX_WIDTH:
        scanner.fail(f"expected a width from 1 to {MAX_WIDTH}, got {token.shown()}", token)
    return int(token.text)


def _hidden_activations(scanner: Scanner, hidden: int) -> list[Activation]:
    start = scanner.peek()
    activations: list[Activation] = []
    while scanner.peek().kind == "name":
        activations.append(_activation(scanner))
    if not activations:
        return [LINEAR] * hidden
    if hidden == 0 and activations == [LINEAR]:
        return []
    if len(activations) == 1 and hidden > 0:
        return activations * hidden
    if len(activations) != hidden:
        scanner.fail(
            f"expected one activation, or one for each of the {hidden} hidden layers, got {len(activations)}"
            if hidden
            else "there is no hidden layer; write ', output ' and the activation for the output layer",
            start,
        )
    return activations


def _activation(scanner: Scanner) -> Activation:
    token = scanner.take()
    if token.kind != "name":
        scanner.fail(f"expected an activation, got {token.shown()}", token)
    if token.text not in ACTIVATIONS:
        scanner.fail_unknown("activation", token, ACTIVATIONS)
    parameter = None
    if scanner.accept("("):
        parameter = _number(scanner)
        scanner.expect(")", f"to close {token.text}(")
    try:
        return Activation(token.text, parameter)
    except InputError as error:
        scanner.fail(str(error), token)


def _number(scanner: Scanner) -> Fraction:
    sign = -1 if scanner.accept("-") else 1
    token = scanner.take()
    if token.kind not in ("integer", "decimal"):
        scanner.fail(f"expected a number, got {token.shown()}", token)
    value = rational(token.text, "network")
    if token.kind == "integer" and scanner.accept("/"):
        below = scanner.take()
        if below.kind != "integer":
            scanner.fail(f"expected an integer denominator, got {below.shown()}", below)
        denominator = rational(below.text, "network")
        if denominator == 0:
            scanner.fail("zero denominator; write a nonzero one", below)
        value /= denominator
    return sign * value
