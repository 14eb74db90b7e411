"""Scenes at which some hypothesis of a rule fails and its conclusion with it, beside random ones of every kind."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from typing import Any

from geomcheck.selftest.known_claims import a_case
from geomcheck.selftest.naive_derivatives import Case, Closed, Net, Unknown, quantities
from geomcheck.selftest.scenes import Scene

Numbers = Sequence[Fraction | int | str]
LOCAL = {"critical_point": True, "local_minimum": True, "global_minimum": False}
GLOBAL = {"critical_point": True, "local_minimum": True, "global_minimum": True}
SADDLE = {"critical_point": True, "local_minimum": False, "global_minimum": False}
EYE = ((1, 0), (0, 1))
FREE = (("parameters",), ("parameters", "targets"), ("parameters", "inputs", "targets"), ())


def _row(values: Numbers) -> tuple[Fraction, ...]:
    return tuple(Fraction(x) for x in values)


def _scene(net: Net | Closed, theta: Numbers, inputs: Sequence[Numbers], targets: Sequence[Numbers],
           sure: dict[str, bool] | None = None, **more: Any) -> Scene:  # fmt: skip
    case = Case(net, _row(theta), tuple(map(_row, inputs)), tuple(map(_row, targets)), **more)
    return Scene(case, sure={"": sure or {}}, free=frozenset(["parameters"]))


def _net(widths: Sequence[int], activations: str = "", biases: Sequence[int] = (), **more: Any) -> Net:
    names = activations.split() or ["linear"] * (len(widths) - 1)
    return Net(tuple(widths), tuple(names), tuple(map(bool, biases)) or (False,) * len(names), **more)


def _apart(scene: Scene, theta: Numbers, **data: Sequence[Numbers]) -> Scene:
    """The scene, in a problem whose witness has these parameters (and data, where those are open)."""
    rows: dict[str, Any] = {key: tuple(map(_row, value)) for key, value in data.items()}
    return replace(scene, witness=replace(scene.case, theta=_row(theta), **rows), free=scene.free | {*data})


def _pair(net: Net, a: Numbers, b: Numbers, target: Numbers, *, linear: bool, **more: Any) -> Scene:
    case = Case(net, _row(a), (_row([1]),), (_row(target),), **more)
    return Scene(case, {"A": _row(a), "B": _row(b)}, {}, linear)


def special() -> list[Scene]:
    """One scene after another, with the reason for what is sure there."""
    return [
        # ab = 1 on both sides of 0; w² + w³ from −1 to 0; a loss that falls from A to B.
        *(_pair(_net((1, 1, 1)), (1, 1), (-1, -1), (1,), linear=linear) for linear in (True, False)),
        *(_pair(_net((1, 1)), (-1,), (0,), (0,), linear=linear, loss="cubic") for linear in (True, False)),
        *(_pair(_net((1, 1)), (3,), (1,), (1,), linear=linear) for linear in (True, False)),
        Scene(Case(_net((1, 2, 1)), _row((1, 0, 1, 2)), (_row([1]),), (_row([3]),)),
              {"A": _row((1, 0, 1, 2)), "B": _row((2, 1, 0, 1))}, {"s": (1, 0), "t": (0, 1)}),
        Scene(Case(_net((1, 2, 1), "square linear"), _row((1, 2, 1, 2)), (_row([1]),), (_row([3]),)),
              {"A": _row((1, 2, 1, 2)), "B": _row((2, 1, 0, 1))}, {"s": (1, 0), "t": (0, 1)}),
        # Rank one, quartic: F = uvᵀ with u = v = (1, 1), errors ±2. Across the orbit H ≥ 12·4 − 8·8 > 0 in units of
        # p² + q² ± 2pq; −2 and 2 in the places of −1 and 3 leave errors of 1.
        _scene(_net((2, 1, 2)), (1, 1, 1, 1), EYE, ((-1, 3), (3, -1)), LOCAL, loss="quartic"),
        _scene(_net((2, 1, 2)), (1, 1, 1, 1), EYE, ((-1, 3), (3, -1)), LOCAL, loss="quartic", mean=True),
        # The same F of inputs ±1, by a bias of the first layer alone.
        _scene(_net((1, 1, 2), "", (1, 0)), (0, 1, 1, 1), ((1,), (-1,)), ((-1, 3), (3, -1)), LOCAL, loss="quartic"),
        # Three layers at 0: a strict minimum with weight decay, a degenerate critical point without.
        _scene(_net((1, 1, 1, 1)), (0, 0, 0), ((1,),), ((1,),), LOCAL, decay=Fraction(1, 10)),
        _scene(_net((1, 1, 1, 1)), (0, 0, 0), ((1,),), ((1,),), SADDLE),
        # ½(ab − 2)² + ½(a² + b²) ≥ ½(m − 2)² + |m| for m = ab, least at m = 1.
        _scene(_net((1, 1, 1)), (1, 1), ((1,),), ((2,),), GLOBAL, decay=Fraction(1)),
        # The best approximation of rank one of diag(2, 1), by Eckart and Young.
        _scene(_net((2, 1, 2)), (1, 0, 2, 0), EYE, ((2, 0), (0, 1)), GLOBAL),
        # σ(w), σ(10w) against 1 (four times) and 3/10: a minimum at w = 0 with L = 0.52, and 0.245 as w grows.
        _scene(_net((1, 1)), (0,), ((1,),) * 4 + ((10,),), ((1,),) * 4 + (("3/10",),), LOCAL, squash=True),
        _scene(_net((1, 1, 1)), (0, 0), ((1,),) * 4 + ((10,),), ((1,),) * 4 + (("3/10",),),
               {"critical_point": True, "global_minimum": False}, squash=True),
        # A dead relu unit: L is constant nearby, and smaller where it is alive. Units of other kinds at 0 are not off.
        _scene(_net((1, 1, 1), "relu linear"), (-1, 1), ((1,),), ((1,),), LOCAL),
        _scene(_net((1, 1, 1), "square linear"), (0, 0), ((1,),), ((1,),), SADDLE),
        _scene(_net((1, 1, 1), "square linear"), (0, 0), ((1,),), ((1,),), LOCAL, decay=Fraction(1, 10)),
        # f − y = −1: the cubic loss is 0 and r = 1. At −2/3 it has a maximum, at 0 a minimum that is not global.
        _scene(_net((1, 1)), (0,), ((1,),), ((1,),), loss="cubic"),
        _scene(_net((1, 1)), (0,), ((1,),), (("2/3",),), SADDLE, loss="cubic"),
        _scene(_net((1, 1)), (0,), ((1,),), ((0,),), LOCAL, loss="cubic"),
        _scene(_net((1, 1)), (3,), ((1,),), ((5,),), loss="cubic"),
        # Cross-entropy of an output 1: L = 0 and r = −1. Of outputs that do not sum to 1.
        _scene(_net((1, 1)), (1,), ((1,),), ((1,),), loss="cross_entropy"),
        _scene(_net((1, 2)), (3, 1), ((1,),), ((1, 0),), loss="cross_entropy"),
        # A loss that does not see the second output.
        _scene(_net((1, 2)), (1, 1), ((1,),), ((1, 5),), loss="flat"),
        _scene(_net((1, 1, 2)), (1, 1, 1), ((1,),), ((1, 5),), loss="flat"),
        # Labels y ± 1 of one input, pooled; the same with weight decay, and with a loss that is not convex.
        _scene(_net((1, 1, 1)), (1, 1), ((1,), (1,)), ((2,), (0,)), GLOBAL),
        _scene(_net((1, 1, 1)), (1, 1), ((1,), (1,)), ((2,), (0,)), decay=Fraction(1, 2)),
        _scene(_net((1, 1)), (0,), ((1,), (1,)), (("2/3",), ("2/3",)), SADDLE, loss="cubic"),
        _scene(_net((1, 1, 1)), (0, 0), ((1,), (-1,)), ((1,), (1,)), GLOBAL),
        _scene(_net((1, 1, 1)), (0, 0), ((1,), (2,)), ((2,), (-2,)), {"critical_point": True}),
        # Perfect fits: with weight decay, with D = 0, of a loss whose least value is 1.
        _scene(_net((1, 1)), (1,), ((1,),), ((1,),), {"perfect_fit": True, "global_minimum": False}, decay=Fraction(1)),
        _scene(_net((1, 1)), (1,), ((1,),), ((1,),), GLOBAL | {"perfect_fit": True}, loss="quartic"),
        _scene(_net((1, 1)), (1,), ((1,),), ((1,),), GLOBAL | {"perfect_fit": True}, loss="raised"),
        # D = diag(2, −2) and G = (1, 1)ᵀ; a point that is not critical with H = I; softmax at logits 0.
        _scene(_net((1, 1)), (0,), ((1,), (1,)), ((0,), ("2/3",)), loss="cubic"),
        _scene(_net((1, 1, 1)), (1, 1), ((1,),), ((2,),)),
        _scene(_net((1, 2)), (0, 0), ((1,),), ((1, 0),), loss="softmax_cross_entropy"),
        _scene(_net((2, 1)), (1, 1), ((1, 2),), ((1,),), decay=Fraction(1)),
        # Points of relu networks where all units are off, in an open set.
        _scene(_net((1, 1, 1), "relu linear"), (-1, 1), ((1,),), ((1,),), {"generic": True}),
        _scene(Closed(("a",), ("x",), ("relu(a*x)",), _relu), (-1,), ((1,),), ((1,),), {"generic": True}),
        _scene(_net((1, 1)), (1,), ((1,),), ((2,),), {"generic": True}, loss="ramp"),
        # The witness is least (L = 0), or is not (L = 1/2 and 0 here), or has other targets.
        _apart(_scene(_net((1, 1)), (0,), ((1,),), ((1,),)), (1,)),
        _apart(_scene(_net((1, 1)), (1,), ((1,),), ((1,),)), (0,)),
        _apart(_scene(_net((1, 1)), (0,), ((0,),), ((0,),)), (0,), targets=((1,),)),
        _apart(_scene(_net((1, 1)), (1,), ((1,),), ((1,),)), (0,), inputs=((0,),)),
        # Losses that are not least at a fit, not convex, weighted by labels, or below 0; D within a sample.
        _scene(_net((1, 1)), (1,), ((1,),), ((2,),), loss="sunk"),
        _scene(_net((1, 1)), (1,), ((1,),), ((2,),), loss="capped"),
        _scene(_net((1, 1)), (1,), ((1,),), ((-1,),), loss="weighted"),
        _scene(_net((1, 2)), (1, 1), ((1,),), ((0, 0),), loss="mixed"),
        _scene(_net((1, 1)), (0,), ((1,),), ((1,),), loss="squared_hinge"),
        _scene(_net((1, 1)), (0,), ((1,),), ((1,),), loss="softmax_cross_entropy"),
        _scene(_net((1, 2)), (0, 0), ((1,),), (("1/2", "1/2"),), squash=True),
        _scene(_net((1, 3)), (0, 0, 0), ((1,), (2,)), ((1, 0, 0), (1, 0, 0)), squash=True),
        # Layers that are not linear, linked or with a bias, and what their activations span.
        _scene(_net((1, 1), "relu"), (-1,), ((1,),), ((1,),)),
        _scene(_net((1, 1), "square", (1,)), (1, 1), ((1,), (2,)), ((0,), (1,))),
        _scene(_net((1, 3, 1), "square linear", (1, 0)), (1, 1, 1, 0, 1, 2, 1, 1, 1), ((1,), (2,), (3,)), ((0,),) * 3),
        _scene(_net((2, 1, 2, 1), "", links=(None, 0, None)), (1, 1, 1, 1, 1, 1), EYE, ((0,), (1,))),
        _scene(_net((1, 1, 1), "", (1, 0)), (1, 1, 1), ((0,),), ((0,),)),
        _scene(_net((1, 1, 1), "relu linear", links=(0, None)), (2, 3), ((1,), (-1,)), ((0,), (0,))),
        _scene(_net((1, 1, 1), "relu linear"), (1, 1), ((1,),), ((2,),), GLOBAL, decay=Fraction(1)),
        # Orbits, and what is none: links, relu units that do not mix, squares, two outputs, biases missing.
        _scene(_net((1, 1, 1), "square linear", links=(0, None)), (2, 3), ((1,), (2,)), ((0,), (0,))),
        _scene(_net((1, 1, 1), "square square", links=(None, 1)), (2, 3), ((1,), (2,)), ((0,), (0,))),
        _scene(_net((2, 2, 1), "relu linear"), (1, 2, 3, 1, 1, 2), ((1, 1), (1, 2), (2, 1), (3, 1)), ((0,),) * 4),
        _scene(_net((2, 2, 1), "square linear"), (1, 2, 3, 1, 1, 2), ((1, 1), (1, 2), (2, 1), (3, 1)), ((0,),) * 4),
        _scene(_net((2, 2, 2), "square linear"), (1, 2, 3, 1, 1, 2, 3, -1), ((1, 1), (1, 2), (2, 1)), ((0, 0),) * 3),
        _scene(_net((1, 1, 1), "square linear", (1, 0)), (2, 1, 3), ((1,), (2,), (3,)), ((0,),) * 3),
        _scene(_net((1, 1, 1), "relu linear", (1, 1)), (1, -1, 2, 0), ((0,), (2,), (3,)), ((0,),) * 3),
        _scene(_net((1, 1, 1), "square linear", (1, 1)), (1, 2, 3, 0), ((1,), (2,), (3,), (4,)), ((0,),) * 4),
        _scene(_net((2, 2, 1), "power(3) linear"), (1, 2, 3, 1, 1, 2), ((1, 1), (1, 2), (2, 1), (3, 1)), ((0,),) * 4),
        _scene(_net((1, 1, 1), "", (1, 0)), (2, 1, 3), ((1,), (2,)), ((0,), (0,))),
        _scene(_net((1, 1, 1), "", (0, 1)), (2, 1, 3), ((1,), (2,)), ((0,), (0,))),
        _scene(_net((1, 1, 1), "exp linear"), (0, 1), ((1,), (2,)), ((0,), (0,))),
        _scene(_net((1, 2, 1), "relu linear", (1, 0)), (1, -1, -1, 0, 0, 0), ((2,), (3,)), ((1,), (-1,))),
        _scene(_net((1, 1, 1), "power(3) linear"), (1, 0), ((1,), (-1,)), ((0,), (1,))),
        # Closed formulas: affine in the parameters or not, and probabilities or not.
        _scene(Closed(("a",), ("x",), ("a*a*x",), lambda t, x: [t[0] * t[0] * x[0]]), (0,), ((1,),), ((1,),), SADDLE),
        _scene(Closed(("a",), ("x",), ("1/a + 0*x",), lambda t, x: [_below(t[0])]), (1,), ((1,),), ((2,),)),
        _scene(Closed(("a",), ("x",), ("x/(a+1)",), lambda t, x: [x[0] * _below(t[0] + x[0])]), (1,), ((1,),), ((2,),)),
        _scene(Closed(("a",), ("x",), ("exp(a)*x",), lambda t, x: [_exp(t[0]) * x[0]]), (0,), ((1,),), ((3,),)),
        _scene(Closed(("a", "b"), (), ("a", "b"), lambda t, _: list(t)), (1, 2), ((),), ((1, 0),),
               loss="cross_entropy"),
        _scene(Closed(("a",), ("x",), ("a*x", "1-a*x"), _shared), ("1/2",), ((1,),), (("1/2", "1/2"),),
               GLOBAL | {"perfect_fit": True}, loss="cross_entropy"),
        _scene(Closed(("a",), ("x",), ("a*x", "1-a*x"), _shared), ("1/2",), ((1,),), ((1, 0),), loss="cross_entropy"),
        _scene(Closed(("a",), ("x",), ("a*x", "2-a*x"), _double), (1,), ((1,),), (("1/2", "1/2"),),
               loss="cross_entropy"),
    ]  # fmt: skip


def _below(number: Any) -> Any:
    a = number.a
    return number.composed(1 / a, -1 / a**2, 2 / a**3)


def _relu(t: Sequence[Any], x: Sequence[Any]) -> list[Any]:
    part = t[0] * x[0]
    return [part.composed(max(part.a, 0), int(part.a > 0), 0)]


def _exp(number: Any) -> Any:
    if number.a:
        raise Unknown("exp of another number than 0")
    return number.composed(1, 1, 1)


def _shared(t: Sequence[Any], x: Sequence[Any]) -> list[Any]:
    part = t[0] * x[0]
    return [part, part.composed(1 - part.a, -1, 0)]


def _double(t: Sequence[Any], x: Sequence[Any]) -> list[Any]:
    part = t[0] * x[0]
    return [part, part.composed(2 - part.a, -1, 0)]


def drawn(draw: random.Random) -> Scene:
    """A random scene: one point, its degenerate relatives, or named points."""
    while True:
        case = a_case(draw)
        match draw.randrange(8):
            case 0:
                case = replace(case, theta=(Fraction(0),) * case.net.size)
            case 1:  # each input with labels on both sides
                case = _pooled(case)
            case 2:
                case = replace(case, theta=tuple(x * draw.choice((0, 1)) for x in case.theta))
            case 3:
                with suppress(Unknown):
                    return _named(draw, case)
            case 4:
                case = replace(case, theta=tuple(Fraction(draw.randint(-50, 50), 7) for _ in case.theta))
        with suppress(Unknown):
            quantities(case)
            return Scene(case, free=frozenset(draw.choice(FREE)))


def _pooled(case: Case) -> Case:
    with suppress(Unknown):
        known, width = quantities(case), case.net.widths[-1]
        if case.loss in ("mse", "quartic"):
            rows = [[x[0] for x in known.matrices["F"][i * width : (i + 1) * width]] for i in range(len(case.inputs))]
            targets = tuple(tuple(x + side for x in row) for row in rows for side in (1, -1))
            return replace(case, inputs=tuple(row for row in case.inputs for _ in range(2)), targets=targets)
    return case


def _named(draw: random.Random, case: Case) -> Scene:
    """Two points, perhaps of one orbit, perhaps of one output layer."""
    a = case.theta
    if not isinstance(case.net, Net) or case.squash:
        raise Unknown("no points")
    hidden = case.net.widths[1] if len(case.net.widths) == 3 and all(link is None for link in case.net.links) else 0
    orders = {name: tuple(draw.sample(range(hidden), hidden)) for name in "st"} if hidden else {}
    b = tuple(Fraction(draw.randint(-2, 2)) for _ in a)
    if draw.random() < 1 / 2 and hidden:
        b = case.net.moved(a, orders["s"])
    elif draw.random() < 1 / 3:
        keep = case.net.widths[-1] * case.net.widths[-2]
        b = (*a[:-keep], *(x + draw.randint(0, 2) for x in a[-keep:]))
    for theta in (a, b):
        quantities(replace(case, theta=theta))
    return Scene(case, {"A": a, "B": b}, orders, draw.random() < 1 / 2)
