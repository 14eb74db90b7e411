"""Claims whose truth is known before the engine sees them: by plain arithmetic at an instance, or by a theorem."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal, final

from geomcheck.selftest import elimination as plain
from geomcheck.selftest.elimination import Rows, combined, kernel, product, rank, transposed
from geomcheck.selftest.naive_derivatives import Case, Known, Net, Unknown, quantities

Word = Literal["PROVED", "REFUTED"]
EXACT = ("linear", "square", "power(3)", "relu", "leaky_relu(1/10)", "abs", "leaky_relu(-1)", "power(1)")
SMOOTH = ("tanh", "sin", "sigmoid", "silu", "gaussian", "exp")
POLYNOMIAL_LOSSES = ("mse", "mse", "mse", "quartic", "squared_hinge", "cubic")
SMOOTH_LOSSES = ("bce_logits", "logistic", "exponential", "softmax_cross_entropy")
SIGNED = ("squared_hinge", "logistic", "exponential")
OPERATIONS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<=": lambda a, b: a <= b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    ">": lambda a, b: a > b,
}


@final
@dataclass(frozen=True)
class Posed:
    """A claim, its problem, and the verdicts that would be wrong."""

    says: str
    problem: dict[str, Any]
    wrong: frozenset[Word]
    route: str

    def judged(self, outcome: str) -> Literal["right", "wrong", "open"]:
        """Whether an outcome is wrong, right, or neither."""
        return "wrong" if outcome in self.wrong else "right" if outcome in ("PROVED", "REFUTED") else "open"


def posed_claims(seed: int) -> Iterator[Posed]:
    """Claims without end, from every route in turn."""
    draw = random.Random(f"known {seed}")
    while True:
        yield from evaluated(draw)
        yield opened(draw)
        yield from symmetric_forms(draw)
        yield theorem(draw)


# -- instances --------------------------------------------------------------------------------------------------------


def a_case(draw: random.Random) -> Case:
    """A random small instance with rational quantities, degenerate ones included."""
    while True:
        deep, width = draw.choice((1, 2, 2, 2, 3)), draw.choice((1, 1, 2))
        net = Net(
            (draw.randint(1, 2), *(draw.randint(1, 2) for _ in range(deep - 1)), width),
            (*(draw.choice(EXACT) for _ in range(deep - 1)), draw.choice(("linear", "linear", "linear", "square"))),
            tuple(draw.random() < 1 / 2 for _ in range(deep)),
        )
        if draw.random() < 1 / 5:  # a layer added to a later one
            net = replace(net, links=tuple(_link(draw, net.widths, i) for i in range(deep)))
        samples, loss = draw.randint(1, 2 if net.size > 6 else 3), draw.choice(POLYNOMIAL_LOSSES)
        theta = _numbers(draw, net.size)
        if draw.random() < 1 / 4:  # smooth units and losses, where they are rational
            loss, names = draw.choice(SMOOTH_LOSSES), [*(draw.choice(SMOOTH) for _ in range(deep - 1)), "linear"]
            net, theta = _at_zero(draw, Net(net.widths, tuple(names), net.biases))
        if loss == "cubic" and width > 1:
            continue
        if draw.random() < 1 / 12:  # probabilities, rational at outputs that are 0
            net, theta = _at_zero(draw, replace(net, activations=(*net.activations[:-1], "linear"), links=()))
            loss, squash = draw.choice(("mse", "quartic", "cross_entropy")), True
        else:
            squash = False
        if loss == "cross_entropy" and width == 1:
            continue
        inputs = tuple(_numbers(draw, net.widths[0]) for _ in range(samples))
        if samples > 1 and draw.random() < 1 / 5:
            inputs = (inputs[0], *inputs[:-1])
        case = Case(net, theta, inputs, _targets(draw, loss, samples, width), loss, draw.random() < 1 / 3,
                    Fraction(draw.choice(("0", "0", "0", "1/3", "2"))), squash)  # fmt: skip
        try:
            known = quantities(case)
        except Unknown:
            continue
        if loss in ("mse", "quartic", "cubic") and draw.random() < 1 / 3:  # a perfect fit
            rows = [known.matrices["F"][i * width : (i + 1) * width] for i in range(samples)]
            fitted = tuple(tuple(x[0] for x in row) for row in rows)
            case = replace(case, targets=fitted)
        return case


def _link(draw: random.Random, widths: tuple[int, ...], layer: int) -> int | None:
    """A layer before `layer` + 1 of the same width, or none."""
    fitting = [i for i in range(layer + 1) if widths[i] == widths[layer + 1]]
    return draw.choice(fitting) if fitting and draw.random() < 1 / 2 else None


def _numbers(draw: random.Random, count: int) -> tuple[Fraction, ...]:
    spread = draw.choice((1, 2, 3))
    return tuple(Fraction(draw.randint(-spread, spread), draw.choice((1, 1, 1, 2, 5))) for _ in range(count))


def _at_zero(draw: random.Random, net: Net) -> tuple[Net, tuple[Fraction, ...]]:
    """Parameters of a smooth network whose pre-activations are all 0: the last weights may differ from 0
    when the hidden activations vanish there.
    """
    theta, last = [Fraction(0)] * net.size, net.widths[-2] * net.widths[-1]
    odd = len(net.widths) > 2 and net.activations[-2] in ("tanh", "sin", "silu")
    if odd:
        start = net.size - last - (net.widths[-1] if net.biases[-1] else 0)
        theta[start : start + last] = _numbers(draw, last)
    return net, tuple(theta)


def _targets(draw: random.Random, loss: str, samples: int, width: int) -> tuple[tuple[Fraction, ...], ...]:
    if loss in SIGNED:
        return tuple(tuple(Fraction(draw.choice((1, -1))) for _ in range(width)) for _ in range(samples))
    if loss in ("softmax_cross_entropy", "cross_entropy"):
        first = [Fraction(draw.randint(0, 3), 3) for _ in range(samples)]
        return tuple((x, 1 - x) if width == 2 else (Fraction(1),) for x in first)
    if loss == "bce_logits":
        return tuple(tuple(Fraction(draw.randint(0, 4), 4) for _ in range(width)) for _ in range(samples))
    return tuple(_numbers(draw, width) for _ in range(samples))


# -- quantities and formulas ------------------------------------------------------------------------------------------


def scalars(case: Case, known: Known, draw: random.Random) -> tuple[str, Fraction]:
    """A scalar term and its value, by the plain methods of this package."""
    M = known.matrices
    name = draw.choice(("G", "D", "H", "H_o", "H_f"))
    matrix, columns = M[name], len(M[name][0])
    square = draw.choice(("D", "H", "H_o", "H_f"))
    form = M[square]
    match draw.randrange(14):
        case 0 | 1:
            return f"rank({name})", Fraction(rank(matrix))
        case 2:
            return f"nullity({name})", Fraction(columns - rank(matrix))
        case 3 | 4 | 5:
            return f"index({square})", Fraction(plain.descartes_inertia(form)[1])
        case 6:
            return f"trace({square})", sum((form[i][i] for i in range(len(form))), Fraction(0))
        case 7 if len(form) <= 5:
            return f"det({square})", plain.determinant(form)
        case 8:
            i, j = draw.randrange(len(matrix)), draw.randrange(columns)
            return f"{name}[{i}, {j}]", matrix[i][j]
        case 9:
            return "dim(im(G) & ker(D))", Fraction(_meet(transposed(M["G"]), kernel(M["D"], len(M["D"]))))
        case 10:
            return "dim(ker(H) & ker(G))", Fraction(len(M["H"]) - rank(M["H"] + M["G"]))
        case 11:
            return "dim(im(H_f) + im(H_o))", Fraction(rank(transposed(M["H_f"]) + transposed(M["H_o"])))
        case 12 if known.loss is not None:
            return "L", known.loss
        case _:  # also where a determinant would be long, or L is irrational
            left, right = draw.choice((("H", "H_o"), ("H_o", "H_f"), ("H", "H")))
            return f"rank({left} - 2*{right})", Fraction(rank(combined(M[left], M[right], -2)))


def _meet(first: Rows, second: Rows) -> int:
    """dim(S ∩ T) of two row spaces, by dim S + dim T − dim(S + T)."""
    return (rank(first) + rank(second) - rank(first + second)) if second else 0


def statements(case: Case, known: Known, draw: random.Random) -> tuple[str, bool]:
    """A formula and its truth."""
    M, pick = known.matrices, draw.randrange(14)
    if pick < 7:
        term, value = scalars(case, known, draw)
        operation, shift = draw.choice(list(OPERATIONS)), Fraction(draw.choice((0, 0, 1, -1)), draw.choice((1, 1, 3)))
        other = value + shift
        if draw.random() < 1 / 3:
            text, second = scalars(case, known, draw)
            return f"{term} {operation} {text}", OPERATIONS[operation](value, second)
        return f"{term} {operation} {other}", OPERATIONS[operation](value, other)
    if pick == 7:
        return "H == H_o + H_f", not case.decay
    if pick == 8:
        return "H_f == 0", not any(any(row) for row in M["H_f"])
    if pick == 9:
        stationary = not any(any(row) for row in product(transposed(M["G"]), M["r"]))
        return "G.T*r == 0", stationary
    if pick == 10:
        return "critical_point", not any(known.gradient)
    if pick == 11:
        name = draw.choice(("H", "D", "H_o"))
        positive, negative, _ = plain.pivoted_inertia(M[name])
        if draw.random() < 1 / 2:
            return f"positive_definite({name})", positive == len(M[name])
        return f"positive_semidefinite({name})", negative == 0
    one_text, one = statements(case, known, draw)
    two_text, two = statements(case, known, draw)
    word = draw.choice(("and", "or", "implies"))
    truth = one and two if word == "and" else one or two if word == "or" else two or not one
    return (f"not ({one_text})", not one) if pick == 12 else (f"({one_text}) {word} ({two_text})", truth)


def evaluated(draw: random.Random) -> Iterator[Posed]:
    """Claims at a fully given instance: PROVED and REFUTED are known, out of scope neither may be said."""
    case = a_case(draw)
    known = quantities(case)
    for _ in range(4):
        formula, truth = statements(case, known, draw)
        scope, inside = draw.choice((("", True), ("", True), (" at critical_points", not any(known.gradient))))
        if draw.random() < 1 / 5:
            condition, met = statements(case, known, draw)
            scope, inside = f"{scope} given {condition}", inside and met
        wrong: set[Word] = {"REFUTED" if truth else "PROVED"} if inside else {"PROVED", "REFUTED"}
        yield Posed(formula + scope, case.problem(), frozenset(wrong), "instance")


def opened(draw: random.Random) -> Posed:
    """A universal claim that is false, because it is false at an instance that is then withheld."""
    while True:
        case = a_case(draw)
        known = quantities(case)
        formula, truth = statements(case, known, draw)
        if not truth:
            break
    problem = case.problem()
    critical = not any(known.gradient) and draw.random() < 1 / 2
    for key in ("parameters", *(("targets",) if draw.random() < 1 / 3 else ())):
        del problem[key]
    return Posed(formula + " at critical_points" * critical, problem, frozenset({"PROVED"}), "withheld")


# -- matrices as Hessians and Jacobians -------------------------------------------------------------------------------


def of_inertia(draw: random.Random, positive: int, negative: int, zero: int) -> Rows:
    """Pᵀ·diag·P with P of determinant 1: a symmetric matrix of this inertia."""
    size = positive + negative + zero
    signs = [1] * positive + [-1] * negative + [0] * zero
    draw.shuffle(signs)
    p = _unimodular(draw, size)
    diagonal = [[Fraction(signs[i] * draw.randint(1, 30)) * (i == j) for j in range(size)] for i in range(size)]
    return product(transposed(p), product(diagonal, p))


def of_rank(draw: random.Random, rows: int, columns: int, size: int) -> Rows:
    """P·diag·Q with P and Q of determinant 1: a matrix of rank `size`."""
    middle = [[Fraction(draw.randint(1, 9) * (i == j < size)) for j in range(columns)] for i in range(rows)]
    return product(_unimodular(draw, rows), product(middle, _unimodular(draw, columns)))


def _unimodular(draw: random.Random, size: int) -> Rows:
    rows = [[Fraction(int(i == j)) for j in range(size)] for i in range(size)]
    for _ in range(3 * (size - 1)):
        i, j = draw.sample(range(size), 2)
        factor = draw.choice((1, -1, 2, -3))
        rows[i] = [x + factor * y for x, y in zip(rows[i], rows[j], strict=True)]
    return rows


def symmetric_forms(draw: random.Random) -> Iterator[Posed]:
    """H of the model ½θᵀMθ at θ = 0 with target −1 is M, and G of the model Mθ is M."""
    positive, negative, zero = (draw.randint(0, 2) for _ in range(3))
    size = positive + negative + zero
    if size:
        matrix = of_inertia(draw, positive, negative, zero)
        names = [f"p{i}" for i in range(size)]
        terms = (f"({matrix[i][j]}/2)*p{i}*p{j}" for i in range(size) for j in range(size))
        about = {"model": {"parameters": names, "inputs": [], "outputs": [" + ".join(terms)]}, "samples": 1,
                 "parameters": [0] * size, "targets": [[-1]]}  # fmt: skip
        yield _asked(draw, "rank(H)", positive + negative, about)
        yield _asked(draw, "index(H)", negative, about)
    rows, columns = draw.randint(1, 4), draw.randint(1, 4)
    size = draw.randint(0, min(rows, columns))
    matrix = of_rank(draw, rows, columns, size)
    outputs = [" + ".join(f"({x})*p{j}" for j, x in enumerate(row)) for row in matrix]
    about = {"model": {"parameters": [f"p{j}" for j in range(columns)], "inputs": [], "outputs": outputs},
             "samples": 1, "parameters": [1] * columns, "targets": [[0] * rows]}  # fmt: skip
    yield _asked(draw, "rank(G)", size, about)
    yield _asked(draw, "rank(H)", size, about)


def _asked(draw: random.Random, term: str, value: int, about: dict[str, Any]) -> Posed:
    stated = value + draw.choice((0, 0, 1, -1))
    operation = draw.choice(list(OPERATIONS))
    truth = OPERATIONS[operation](Fraction(value), Fraction(stated))
    wrong: Word = "REFUTED" if truth else "PROVED"
    return Posed(f"{term} {operation} {stated}", about, frozenset({wrong}), "matrix")


# -- theorems ---------------------------------------------------------------------------------------------------------

# What holds for every network and every loss of the lists below; a condition on the problem stands beside it.
ALWAYS = (
    "rank(G) <= P", "rank(G) <= N*K", "rank(H) <= P", "H == H.T", "rank(H_o) <= rank(D)", "rank(H_o) <= rank(G)",
    "index(H_o) == 0", "positive_semidefinite(D)", "index(H) == 0 at local_minima", "dim(im(G) & ker(D)) <= rank(G)",
    "global_minimum implies local_minimum", "rank(G) + nullity(G) == P", "rank(H_o) == rank(G.T*D*G)",
    "dim(im(G) + ker(D)) <= N*K", "index(H) <= rank(H)", "H_o == G.T*D*G", "generic_rank(G) <= P",
    "rank(G) <= generic_rank(G)", "rank(H_o) == rank(G) - dim(im(G) & ker(D))", "index(H) == 0 at perfect_fits",
    "H_f == 0 at perfect_fits", "r == 0 at perfect_fits", "positive_semidefinite(H) at perfect_fits",
)  # fmt: skip
WITHOUT_DECAY = (
    "H == H_o + H_f", "rank(H) <= rank(G) at perfect_fits", "critical_point at perfect_fits",
    "rank(H) <= rank(H_o) + rank(H_f)", "global_minimum at perfect_fits", "rank(H) >= rank(H_o) - rank(H_f)",
    "H == H_o at perfect_fits", "rank(H) == rank(G) - dim(im(G) & ker(D)) at perfect_fits",
    "G.T*r == 0 at critical_points", "(H_f == 0) implies (rank(H) <= rank(G))",
)  # fmt: skip
FITTING = ("mse", "quartic", "logcosh", "bce_logits", "softmax_cross_entropy")


def theorem(draw: random.Random) -> Posed:
    """A theorem for a random shape, which may not be refuted, or its negation, which may not be proved."""
    decay = draw.choice(("0", "0", "1/10"))
    says = draw.choice(ALWAYS + WITHOUT_DECAY * (decay == "0"))
    widths = "-".join(str(draw.randint(1, 3)) for _ in range(draw.randint(2, 3)))
    about = {"network": f"{widths} {draw.choice(EXACT[:4] + SMOOTH)}" if widths.count("-") > 1 else widths,
             "loss": draw.choice(FITTING), "samples": draw.randint(1, 3), "weight_decay": decay,
             "reduction": draw.choice(("sum", "mean"))}  # fmt: skip
    if draw.random() < 1 / 4:
        formula, _, scope = says.partition(" at ")
        return Posed(f"not ({formula})" + f" at {scope}" * bool(scope), about, frozenset({"PROVED"}), "theorem")
    return Posed(says, about, frozenset({"REFUTED"}), "theorem")
