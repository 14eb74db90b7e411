"""Re-check geomcheck certificates: one file, the standard library only, nothing of geomcheck imported.

    python -I checker.py CERTIFICATE.json [...]      exit 0: all accepted, 4: one rejected, 2: usage or unreadable file

A certificate states a claim, a problem, a verdict and evidence. Nothing in it is believed: the claim is parsed again, F, G,
r, D and H are derived again from the problem by naive forward differentiation, and every obligation of the verdict is
checked here. Whatever is not understood is rejected.

What acceptance means. `kind = instance`: the witness lies in the claim's point set, satisfies `given`, and the formula
is true (PROVED, for a fully given problem) or false (REFUTED) there. `kind = universal` (PROVED): the steps derive the
formula for all points of the point set at which the named quantities exist, and the witness shows there is such a point.

Numbers. (1) Fractions. (2) ℚ(t, u), where t = e^{1/q} and u = tan(1/2q'). exp at multiples of 1/q is a power of t, sin
and cos at multiples of 1/q' are rational in u. 1/q and i/q' are linearly independent over ℚ, so e^{1/q} and e^{i/q'} are
algebraically independent (Lindemann–Weierstrass; with t alone this is Hermite's theorem), and so are t and
u = tan(1/2q') = -i (w - 1)/(w + 1), w = e^{i/q'}. Therefore t and u behave as free variables: an element is zero iff its
numerator is the zero polynomial, and any choice of residues for t and u at which the denominators are invertible is a
ring homomorphism to ℤ/m. Signs come from enclosures of the real t and u. (3) Intervals with dyadic end points, rounded
outward. A value is exact where it can be; where it leaves ℚ(t, u), intervals are used and only strict facts can be shown.
"""
# fmt: off

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from math import comb, isqrt, lcm
from typing import Any, NamedTuple

Tree = Any  # nested tuples that start with a head: claims and formulas
Value = Any  # int, Fraction, Element, Interval, Residue or BEYOND
Matrix = list[list[Value]]
Truth = bool | None  # None: not known

MAX_TEXT, MAX_DIGITS, MAX_SIZE, MAX_BITS, MAX_WORK = 1 << 26, 4000, 4000, 200_000, 5 * 10**8
PROBE = (2**61 - 1, 1234567891011121314, 987654321234567891)  # a modulus and residues of t and u for our own use

class Reject(Exception):
    """The certificate is not accepted; the text says why."""

class Outside(Reject):
    """A value is not in ℚ(t, u), or an enclosure is too wide to decide."""

class Restart(Exception):
    """Start again in ℚ(e^{1/q}, tan(1/2q')) with the q and q' in `args`."""

def need(condition: Any, reason: str, error: type[Reject] = Reject) -> None:
    """Reject unless the condition holds."""
    if not condition:
        raise error(reason)

WORK = [0]

def spend(amount: int) -> None:
    """Count elementary operations, so that too much work is a rejection, the same on every machine."""
    WORK[0] += amount
    need(WORK[0] <= MAX_WORK, "too much work for this checker")

# -- reading -----------------------------------------------------------------------------------------------------------

def read_json(text: str) -> Any:
    """The JSON value of a text without duplicate keys, floats, long integers or trailing data."""
    def pairs(entries: list[tuple[str, Any]]) -> dict[str, Any]:
        need(len({key for key, _ in entries}) == len(entries), "duplicate key")
        return dict(entries)

    def number(token: str) -> int:
        need(re.fullmatch("-?[0-9]{1,10}", token), f"the number {token[:20]} must be written as text")
        return int(token)

    need(len(text) <= MAX_TEXT, "the file is too large")
    try:
        return json.loads(text, object_pairs_hook=pairs, parse_float=number, parse_constant=number, parse_int=number)
    except json.JSONDecodeError as error:
        raise Reject(f"not JSON: {error}") from None

def keys(data: Any, names: str, optional: str = "") -> None:
    """The data must be an object with exactly these fields, optional ones apart."""
    need(type(data) is dict, f"expected an object with the fields {names}")
    missing, unknown = set(names.split()) - set(data), set(data) - set(names.split()) - set(optional.split())
    need(not missing and not unknown, f"missing fields {sorted(missing)}, unknown fields {sorted(unknown)}"[:200])

def listed(data: Any) -> list[Any]:
    """The data must be a list."""
    need(type(data) is list, f"expected a list, got {str(data)[:40]}")
    return list(data)

def integer(data: Any, low: int, high: int) -> int:
    """An integer (and no truth value) from low to high."""
    need(type(data) is int and low <= data <= high, f"expected an integer from {low} to {high}, got {str(data)[:40]}")
    return int(data)

def rational(data: Any) -> Fraction:
    """A rational written as text, p or p/q in lowest terms."""
    known = type(data) is str and re.fullmatch(rf"-?[0-9]{{1,{MAX_DIGITS}}}(/[1-9][0-9]{{0,{MAX_DIGITS - 1}}})?", data)
    need(known and str(Fraction(data)) == data, f"expected a rational in lowest terms, got {str(data)[:40]}")
    return Fraction(data)

def rationals(data: Any, rows: int, columns: int) -> list[list[Fraction]]:
    """A matrix of rationals of this shape."""
    need([len(listed(row)) for row in listed(data)] == [columns] * rows, f"expected {rows} rows of {columns} numbers")
    return [[rational(entry) for entry in row] for row in data]

def frozen(data: Any) -> Tree:
    """Nested lists as nested tuples."""
    need(type(data) in (list, str, int), "expected a tree")
    return tuple(frozen(part) for part in data) if type(data) is list else data

# -- the two languages: formulas of models and losses, and claims ------------------------------------------------------

CALLS = ("exp", "log", "tanh", "sigmoid", "softplus", "sin", "cos", "relu", "abs", "logcosh")
SCALARS, MATRICES, SYMMETRIC = ("P", "N", "K", "L"), ("F", "G", "r", "D", "H", "H_o", "H_f"), ("D", "H", "H_o", "H_f")
SETS = {"perfect_fit": "perfect_fits", "critical_point": "critical_points", "local_minimum": "local_minima",
        "global_minimum": "global_minima"}  # the predicate of a point, and the set of all such points
COMPARISONS = {  # the signs of left − right at which each holds
    "==": {0}, "!=": {-1, 1}, "<=": {-1, 0}, "<": {-1}, ">=": {0, 1}, ">": {1}}
OPPOSITE = {"==": "!=", "!=": "==", "<=": ">", ">": "<=", ">=": "<", "<": ">="}
SIGNATURES = {(head, takes): gives for heads, takes, gives in (
    ("and or implies", "formula formula", "formula"), ("not", "formula", "formula"), (" ".join(SETS), "", "formula"),
    (" ".join(COMPARISONS), "scalar scalar", "formula"), ("== !=", "matrix matrix", "formula"),
    ("positive_definite positive_semidefinite", "matrix", "formula"), ("dim", "subspace", "scalar"),
    ("rank generic_rank nullity index trace det entry", "matrix", "scalar"), ("ker im", "matrix", "subspace"),
    ("+ - *", "scalar scalar", "scalar"), ("+ - *", "matrix matrix", "matrix"), ("+ &", "subspace subspace", "subspace"),
    ("neg", "scalar", "scalar"), ("neg transpose", "matrix", "matrix"), ("stack constraint", "subspace", "matrix"),
) for head in heads.split()}
WORDS = {head for head, _ in SIGNATURES if head.isidentifier()} - set("and or implies not neg entry stack constraint".split())
ZERO, ONE = ("number", "0"), ("number", "1")

class Parser:
    """Precedence climbing: `levels` lists the infix operators from the loosest, `primary` reads what they join."""

    TOKEN = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|[A-Za-z_][A-Za-z_0-9]*|\*\*|[<>=!]=|[-+*/^()<>&,.\[\]]")

    def __init__(self, text: Any, limit: int, levels: Sequence[Iterable[str]], primary: Callable[[Parser], Tree]) -> None:
        need(type(text) is str and len(text) <= limit, "expected a text that is not too long")
        self.tokens = [*self.TOKEN.findall(text), ""]
        need("".join(self.tokens) == re.sub("[ \t\r\n]", "", text), f"unexpected characters in {text[:60]!r}")
        self.levels, self.primary, self.place = [tuple(level) for level in levels], primary, 0

    @property
    def next(self) -> str:
        """The next token, "" at the end."""
        return self.tokens[self.place]

    def accept(self, *tokens: str) -> str:
        """Move past the next token if it is one of these, or if none are named; "" if it is another."""
        token = self.next if not tokens or self.next in tokens else ""
        self.place += bool(token)
        return token

    def expect(self, token: str) -> None:
        """Move past this token; "" is the end."""
        need(self.next == token, f"expected {token or 'the end'}, got {self.next[:40]!r}")
        self.place += bool(token)

    def inside(self, brackets: str, read: Callable[[], Any]) -> Any:
        """What is read in brackets."""
        self.expect(brackets[0])
        result = read()
        self.expect(brackets[1])
        return result

    def index(self) -> int:
        """A whole number."""
        need(re.fullmatch("[0-9]{1,9}", self.next), "expected a whole number")
        return int(self.accept())

    def infix(self, i: int = 0) -> Tree:
        """An expression whose operators are at least as tight as level i."""
        if i == len(self.levels):
            sign = self.accept("-", *(("+",) if "/" in self.levels[-1] else ()))
            return ("neg", self.infix(i)) if sign == "-" else self.infix(i) if sign else self.primary(self)
        if self.levels[i] == ("not",):
            return ("not", self.infix(i)) if self.accept("not") else self.infix(i + 1)
        left, chain = self.infix(i + 1), None
        while operator := self.accept(*self.levels[i]):
            right = self.infix(i + (operator != "implies"))  # implies groups to the right, everything else to the left
            link = (operator, left, right)
            if operator in COMPARISONS:  # a <= b <= c is a <= b and b <= c
                chain, left = link if chain is None else ("and", chain, link), right
            else:
                left = link
        return chain or left

def parse_formula(text: Any, names: Iterable[str]) -> Tree:
    """The tree of a formula: number, name, + - * / neg, ^ with an integer from 0 to 1000, call."""
    def primary(parser: Parser) -> Tree:
        token = parser.next
        if token == "(":
            tree = parser.inside("()", parser.infix)
        elif token[:1].isdigit():
            need(len(token) <= MAX_DIGITS and not re.search("[eE].{5}", token), "a number with too many digits")
            tree = ("number", Fraction(parser.accept()))
        else:
            need(token in CALLS or token in known, f"unexpected {token[:40]!r} in a formula")
            parser.accept()
            tree = ("call", token, parser.inside("()", parser.infix)) if token in CALLS else ("name", token)
        if not parser.accept("^", "**"):
            return tree
        exponent = parser.index()
        need(exponent <= 1000 and parser.next not in ("^", "**"), "expected one exponent, up to 1000")
        return ("^", tree, exponent)

    known = set(names)
    parser = Parser(text, 100_000, ("+-", "*/"), primary)
    tree = parser.infix()
    parser.expect("")
    return tree

def parse_claim(text: Any, unknowns: str = "") -> Tree:
    """The tree ("claim", formula, point set or None, given or None) of a claim's text; unknowns are letters for any term."""
    def primary(parser: Parser) -> Tree:
        tree = word(parser)
        while bracket := parser.next if parser.next in (".", "[") else "":
            if bracket == ".":
                parser.place += 1
                parser.expect("T")
                tree = ("transpose", tree)
            else:
                tree = ("entry", tree, *parser.inside("[]", lambda: (parser.index(), parser.expect(","), parser.index())[::2]))
        return tree

    def word(parser: Parser) -> Tree:
        if parser.next == "(":
            return parser.inside("()", parser.infix)
        token = parser.accept()
        if token[:1].isdigit():
            below = parser.accept() if parser.accept("/") else "1"
            need(re.fullmatch("[0-9]+", token) and re.fullmatch("[0-9]*[1-9][0-9]*", below), "expected a fraction")
            need(len(token) <= MAX_DIGITS and len(below) <= MAX_DIGITS, "a number with too many digits")
            return ("number", str(Fraction(int(token), int(below))))
        if token in SCALARS or token in MATRICES or (token and token in unknowns):
            return ("?", token) if token in unknowns else ("word" if token in SCALARS else "matrix", token)
        if token == "A":
            return ("activations", parser.inside("[]", parser.index))
        need(token in WORDS, f"unexpected {token[:40]!r} in a claim")
        return (token,) if token in SETS else (token, parser.inside("()", parser.infix))

    parser = Parser(text, 10_000, (("implies",), ("or",), ("and",), ("not",), COMPARISONS, "+-", "&", "*"), primary)
    formula = parser.infix()
    point_set = parser.accept() if parser.accept("at") else None
    need(point_set in (None, *SETS.values(), "generic_points", "all_points"), "unknown point set")
    given = parser.infix() if parser.accept("given") else None
    parser.expect("")
    return ("claim", formula, point_set, given)

def constant(tree: Tree) -> Fraction | None:
    """The value of a term built from numbers alone, else None."""
    if tree[0] == "number":
        return Fraction(tree[1])
    values = [constant(part) for part in tree[1:]] if tree[0] in ("+", "-", "*", "neg") else [None]
    return None if None in values else arithmetic(tree[0], values)

def arithmetic(head: str, values: Sequence[Any]) -> Any:
    """+, -, *, / or neg of anything that has them."""
    if head == "neg":
        return -values[0]
    a, b = values
    return a + b if head == "+" else a - b if head == "-" else a * b if head == "*" else a / b

def sort_of(tree: Tree, p: Problem) -> tuple[Any, ...]:
    """What a term is in a problem: ("formula",), ("scalar",), ("matrix", rows, columns) or ("subspace", n, w, c).

    A subspace is X · ker C with X of shape n x w and C of shape c x w: ker M = I · ker M, im M = M · ker 0, and
    S + T = [X Y] · ker diag(C, D), S & T = [X 0] · ker [C 0; 0 D; X −Y]. Hence dim = rank [C; X] − rank C: the matrices
    ("stack", S) and ("constraint", S). Rejects malformed trees, shapes that do not fit, and index of what may not be symmetric.
    """
    need(type(tree) is tuple and tree and type(tree[0]) is str, "malformed tree")
    head, parts, behaviours = tree[0], tree[1:], p.N * p.K
    if head in ("number", "word", "matrix", "activations"):
        need(len(parts) == 1, f"malformed {head}")
        if head == "activations":
            return ("matrix", p.N, p.widths[integer(parts[0], 1, len(p.layers) - 1)])
        need(rational(parts[0]) >= 0 if head == "number" else parts[0] in (SCALARS if head == "word" else MATRICES), "unknown word")
        columns = {"F": 1, "r": 1, "D": behaviours}.get(parts[0], p.P)
        return ("matrix", p.P if parts[0][0] == "H" else behaviours, columns) if head == "matrix" else ("scalar",)
    sorts = [sort_of(part, p) for part in (parts[:1] if head == "entry" else parts)]
    kinds = " ".join(sort[0] for sort in sorts)
    (a, b), (c, d) = (sorts[0] + (0, 0))[1:3] if sorts else (0, 0), (sorts[-1] + (0, 0))[1:3] if sorts else (0, 0)
    if head == "*" and kinds == "scalar matrix" and constant(parts[0]) is not None:
        return sorts[1]
    if head in ("==", "!=") and kinds == "matrix scalar" and parts[1] == ZERO:
        return ("formula",)
    need((head, kinds) in SIGNATURES, f"{head[:40]} does not apply to {kinds.replace(' ', ' and ') or 'nothing'}")
    if kinds == "matrix matrix":
        need(b == c if head == "*" else (a, b) == (c, d), f"the shapes {a}x{b} and {c}x{d} do not fit for {head}")
    if kinds == "subspace subspace":
        need(a == c, "subspaces of different spaces")
        return ("subspace", a, b + d, sorts[0][3] + sorts[1][3] + (a if head == "&" else 0))
    if head in ("ker", "im"):
        return ("subspace", b, b, a) if head == "ker" else ("subspace", a, b, 0)
    if head in ("stack", "constraint"):
        return ("matrix", sorts[0][3] + (a if head == "stack" else 0), b)
    if head == "entry":
        need(len(parts) == 3 and integer(parts[1], 0, a - 1) + integer(parts[2], 0, b - 1) >= 0, "malformed entry")
    need(head not in ("trace", "det") or a == b, f"{head} of a matrix that is not square")
    need(head not in ("index", "positive_definite", "positive_semidefinite") or symmetric(parts[0]), f"{head}: not visibly symmetric")
    need(head != "generic_rank", "generic ranks are not decided here")
    return ("matrix", *((b, a) if head == "transpose" else (a, d))) if SIGNATURES[head, kinds] == "matrix" else (SIGNATURES[head, kinds],)

def symmetric(tree: Tree) -> bool:
    """Whether a matrix term is symmetric by its form: D, H, H_o, H_f, products like G.T*D*G, and combinations of these."""
    def factors(term: Tree) -> list[Tree]:
        return factors(term[1]) + factors(term[2]) if term[0] == "*" else [term]

    def transposed(term: Tree) -> Tree:
        return term[1] if term[0] == "transpose" else term if symmetric(term) else ("transpose", term)

    if tree[0] == "*" and constant(tree[1]) is None:
        return [transposed(term) for term in factors(tree)[::-1]] == factors(tree)
    parts = tree[2:] if tree[0] == "*" else tree[1:]
    return tree[1] in SYMMETRIC if tree[0] == "matrix" else tree[0] in ("+", "-", "neg", "transpose", "*") and all(map(symmetric, parts))

# -- polynomials in the atoms of formulas ------------------------------------------------------------------------------

Poly = dict[Any, Any]  # monomial: coefficient ≠ 0

def add_into(target: Poly, other: Poly, factor: Any = 1) -> Poly:
    """target += factor · other; entries that cancel are dropped."""
    spend(2 * len(other))
    for key, value in other.items():
        target[key] = target.get(key, 0) + factor * value
        if not target[key]:
            del target[key]
    return target

def product(left: Poly, right: Poly, join: Callable[[Any, Any], Any]) -> Poly:
    """The product of two polynomials; `join` multiplies monomials."""
    spend(4 * len(left) * len(right))
    result: Poly = {}
    for a, x in left.items():
        for b, y in right.items():
            key = join(a, b)
            result[key] = result.get(key, 0) + x * y
    return {key: value for key, value in result.items() if value}

def expand(tree: Tree) -> Poly:
    """A formula as a polynomial in its names, calls and inverses: monomials are sorted tuples of these."""
    def times(left: Poly, right: Poly) -> Poly:
        return product(left, right, lambda a, b: tuple(sorted(a + b, key=repr)))

    head = tree[0]
    if head in ("number", "name", "call"):
        return {(): tree[1]} if head == "number" and tree[1] else {(tree,): Fraction(1)} if head != "number" else {}
    left = expand(tree[1])
    if head == "^":
        result: Poly = {(): Fraction(1)}
        for _ in range(tree[2]):
            result = times(result, left)
        return result
    right = expand(tree[-1])
    if head == "/":
        right = {(): 1 / right[()]} if set(right) == {()} else {(("inverse", tree[2]),): Fraction(1)}
    return add_into({}, left, -1) if head == "neg" else times(left, right) if head in "*/" else add_into(left, right, 1 if head == "+" else -1)

def names_of(tree: Tree) -> set[str]:
    """The names in a formula."""
    return {tree[1]} if tree[0] == "name" else set().union(*(names_of(part) for part in tree[1:] if type(part) is tuple))

# -- the problem -------------------------------------------------------------------------------------------------------

class Loss(NamedTuple):
    """A loss per sample, as a formula in f and y to be summed over the outputs (or in all outputs and targets)."""

    text: str
    link: str | None  # the targets that f fits perfectly; None: there are no finite ones
    fit: str  # D at a perfect fit: "definite" or "semidefinite"
    always: bool  # D ≻ 0 everywhere. D ⪰ 0 everywhere and convex: all of these
    label: str = ""  # which targets are allowed

LOSSES = {
    "mse": Loss("(f-y)^2/2", "identity", "definite", True),
    "quartic": Loss("(f-y)^4/4", "identity", "semidefinite", False),
    "logcosh": Loss("logcosh(f-y)", "identity", "definite", True),
    "bce": Loss("-y*log(f)-(1-y)*log(1-f)", "identity", "definite", True, "unit"),
    "cross_entropy": Loss("-y*log(f)", "identity", "definite", False, "simplex"),
    "bce_logits": Loss("softplus(f)-y*f", "sigmoid", "definite", True, "unit"),
    "softmax_cross_entropy": Loss("-y*f", "softmax", "semidefinite", False, "simplex"),  # + log Σ exp f
    "logistic": Loss("softplus(-y*f)", None, "", True, "sign"),
    "exponential": Loss("exp(-y*f)", None, "", True, "sign"),
    "squared_hinge": Loss("relu(1-y*f)^2/2", None, "", False, "sign"),
}
ACTIVATIONS = "linear relu leaky_relu abs square power tanh sigmoid softplus silu gaussian sin exp gelu".split()

class Problem:
    """A problem in canonical form; what it leaves open is None."""

    def __init__(self, data: Any) -> None:
        keys(data, "model loss behaviour reduction weight_decay samples inputs targets parameters")
        self.data, self.N, model, loss = data, integer(data["samples"], 1, MAX_SIZE), data["model"], data["loss"]
        self.layers: list[dict[str, Any]] = []  # of a dense network
        self.widths: list[int] = []
        self.names: list[str] = []  # of an explicit model: parameters, then inputs
        self.formulas: list[Tree] = []
        if type(model) is dict and model.get("kind") == "dense":
            self._dense(model)
        else:
            keys(model, "kind parameters inputs outputs")
            need(model["kind"] == "explicit", "unknown kind of model")
            self.P, self.d, self.K = (len(listed(model[part])) for part in ("parameters", "inputs", "outputs"))
            self.names = distinct_names(model["parameters"] + model["inputs"])
            self.formulas = [parse_formula(text, self.names) for text in model["outputs"]]
        need(1 <= self.P <= MAX_SIZE and 1 <= self.N * self.K <= MAX_SIZE, "the problem is empty or too large")
        self.outputs: list[str] = []  # of a loss given as a formula
        self.labels: list[str] = []
        self.named = loss if type(loss) is str else ""
        if self.named:
            need(loss in LOSSES, f"unknown loss {loss[:40]}")
            self.loss = LOSSES[loss]
        else:
            keys(loss, "outputs targets value")
            self.outputs, self.labels = listed(loss["outputs"]), listed(loss["targets"])
            need(len(self.outputs) == len(self.labels) == self.K, f"the loss needs {self.K} outputs and targets")
            self.loss = Loss(loss["value"], "identity", "", False)
        self.loss_formula = parse_formula(self.loss.text, "fy" if self.named else distinct_names(self.outputs + self.labels))
        need(data["behaviour"] in ("outputs", "probabilities") and data["reduction"] in ("sum", "mean"), "unknown behaviour or reduction")
        self.scale = Fraction(1, self.N if data["reduction"] == "mean" else 1)
        self.decay = rational(data["weight_decay"])
        need(self.decay >= 0, "the weight decay is negative")
        self.squash = ""
        if data["behaviour"] == "probabilities":
            need(self.named not in ("softmax_cross_entropy", "bce_logits"), "not canonical: write cross_entropy or bce")
            softmax = self.named == "cross_entropy" or (self.K >= 2 and self.named not in ("bce", "logistic"))
            self.squash = "softmax" if softmax else "sigmoid"
        self.parameters = None if data["parameters"] is None else rationals([data["parameters"]], 1, self.P)[0]
        self.inputs = None if data["inputs"] is None else rationals(data["inputs"], self.N, self.d)
        self.fits = data["targets"] == "perfect_fit"
        self.targets = None if self.fits or data["targets"] is None else rationals(data["targets"], self.N, self.K)
        for row in self.targets or []:
            need(self.loss.label not in ("unit", "simplex") or all(0 <= y <= 1 for y in row), "targets outside [0, 1]")
            need(self.loss.label != "simplex" or sum(row) == 1, "targets outside the simplex")
            need(self.loss.label != "sign" or {abs(y) for y in row} == {1}, "targets other than 1 and -1")

    def _dense(self, model: Any) -> None:
        keys(model, "kind inputs layers")
        self.d, self.P = integer(model["inputs"], 1, MAX_SIZE), 0
        self.widths = [self.d]
        need(1 <= len(listed(model["layers"])) <= 100, "expected from 1 to 100 layers")
        for layer in model["layers"]:
            keys(layer, "width bias activation residual")
            width, text, source = integer(layer["width"], 1, MAX_SIZE), layer["activation"], layer["residual"]
            need(type(layer["bias"]) is bool, "bias is true or false")
            match = re.fullmatch(r"([a-z_]{1,20})(?:\((.{1,99})\))?", text) if type(text) is str else None
            name, c = (match[1], match[2] and rational(match[2])) if match else ("", None)
            need(name in ACTIVATIONS and (c is not None) == (name in ("leaky_relu", "power")), "unknown activation")
            need(name != "power" or c in range(1, 101), "the degree of a power is an integer from 1 to 100")
            need(source is None or width == self.widths[integer(source, 0, len(self.widths) - 1)], "a residual link joins equal widths")
            self.layers.append({**layer, "name": name, "c": c})
            self.P += width * (self.widths[-1] + layer["bias"])
            self.widths.append(width)
        self.K = self.widths[-1]

    def specialised(self, witness: Any) -> Problem:
        """The instance that a witness names; it must agree with everything that the problem gives."""
        keys(witness, "parameters inputs targets")
        for name, value in witness.items():
            need(value is not None and self.data[name] in (None, value), f"the witness leaves open or changes the {name}")
        return Problem({**self.data, **witness})

    @property
    def normalised(self) -> bool:
        """Whether the outputs sum to 1 at every parameter and input."""
        total: Poly = {}
        for formula in self.formulas if not self.squash else ():
            add_into(total, expand(formula))
        return self.squash == "softmax" or total == {(): 1}

    @property
    def affine(self) -> bool:
        """Whether the behaviour is affine in the parameters."""
        if self.squash or self.layers:
            return not self.squash and len(self.layers) == 1 and self.layers[0]["name"] == "linear"
        def degree(atom: Tree) -> int:
            return len(names_of(atom) & parameters) * (1 if atom[0] == "name" else 2)
        parameters = set(self.names[: self.P])
        return all(sum(map(degree, monomial)) <= 1 for formula in self.formulas for monomial in expand(formula))

    @property
    def fit_form(self) -> tuple[list[list[Fraction]] | None, bool]:
        """∇²ℓ at f = y for a loss formula that is minimised there, else None; and whether the loss is convex in f.

        With f = y + w the value must be a part without w, plus a constant quadratic form ½ wᵀQw with Q ⪰ 0, plus products of even
        powers of w, of degree 4 or more, with coefficients ≥ 0; then r = 0 and D = Q at w = 0. With powers of single
        variables only, the loss is convex.
        """
        place, convex = {("name", name): k for k, name in enumerate(self.outputs)}, True
        form = [[Fraction(0)] * self.K for _ in range(self.K)]
        for monomial, c in expand(shifted(self.loss_formula, dict(zip(self.outputs, self.labels, strict=True)))).items():
            powers = [place[atom] for atom in monomial if atom in place]
            if not all(atom[0] == "name" for atom in monomial) or (powers and (len(powers) < len(monomial) or len(powers) < 2)):
                return None, False
            if len(powers) == 2:
                form[powers[0]][powers[1]] += c
                form[powers[1]][powers[0]] += c
            elif powers and (c < 0 or any(powers.count(k) % 2 for k in powers)):
                return None, False
            convex = convex and (len(powers) == 2 or len(set(powers)) <= 1)
        return (None, False) if definiteness(form) == "indefinite" else (form, convex)

    @property
    def fit(self) -> str:
        """D at perfect fits where the loss is known to be least there: definite or semidefinite; else ""."""
        if self.named:
            return self.loss.fit if self.named != "cross_entropy" or self.normalised else ""
        form, _ = self.fit_form
        return definiteness(form) if form else ""

def shifted(tree: Tree, moves: dict[str, str]) -> Tree:
    """The formula with f replaced by f + y, for each f: y in moves."""
    if tree[0] == "name":
        return ("+", tree, ("name", moves[tree[1]])) if tree[1] in moves else tree
    return tuple(shifted(part, moves) if type(part) is tuple else part for part in tree)

def definiteness(form: list[list[Fraction]]) -> str:
    """definite, semidefinite or indefinite: symmetric elimination of a symmetric rational matrix."""
    matrix, answer = [list(row) for row in form], "definite"
    for i, row in enumerate(matrix):
        if row[i] < 0 or (row[i] == 0 and any(row[i:])):
            return "indefinite"
        answer = answer if row[i] else "semidefinite"
        for j in range(i + 1, len(matrix)) if row[i] else ():
            matrix[j] = [x - matrix[j][i] / row[i] * y for x, y in zip(matrix[j], row, strict=True)]
    return answer

def distinct_names(names: list[Any]) -> list[str]:
    """Distinct identifiers that are no functions."""
    for name in names:
        need(type(name) is str and re.fullmatch("[A-Za-z_][A-Za-z_0-9]{0,79}", name) and name not in CALLS, "expected a name")
    need(len(set(names)) == len(names), "a name is given twice")
    return names

# -- numbers -----------------------------------------------------------------------------------------------------------

class Ring:
    """What follows from +, * and inverse()."""

    __slots__ = ()

    def __add__(self, other: Any) -> Any:
        return NotImplemented

    def __mul__(self, other: Any) -> Any:
        return NotImplemented

    def inverse(self) -> Any:
        """1/x."""
        raise Reject("no inverse")

    def __radd__(self, other: Any) -> Any:
        return self + other

    def __rmul__(self, other: Any) -> Any:
        return self * other

    def __neg__(self) -> Any:
        return self * -1

    def __sub__(self, other: Any) -> Any:
        return self + other * -1

    def __rsub__(self, other: Any) -> Any:
        return self * -1 + other

    def __truediv__(self, other: Any) -> Any:
        return self * inverse(other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.inverse() * other

def inverse(value: Value) -> Value:
    """1/x."""
    need(isinstance(value, Ring) or value != 0, "division by zero")
    return value.inverse() if isinstance(value, Ring) else 1 / Fraction(value)

def power_of(value: Value, n: int) -> Value:
    """value^n for n ≥ 0 by repeated squaring."""
    result: Value = Fraction(1)
    while n:
        result = result * value if n & 1 else result
        n >>= 1
        value = guarded(value * value) if n else value
    return guarded(result)

def guarded(value: Value) -> Value:
    """The value itself, if it is not too long a rational."""
    if isinstance(value, Fraction):
        bits = value.numerator.bit_length() + value.denominator.bit_length()
        need(bits <= MAX_BITS, "a number grows too long")
        spend(1 + (bits >> 8) ** 2)
    return value

class Beyond(Ring):
    """A value outside ℚ(t, u) that is an error only when it is used: log x, of which the derivatives are wanted."""

    def __add__(self, other: Any) -> Any:
        return self

    def inverse(self) -> Any:
        """Again unknown."""
        return self

    __mul__ = __add__

BEYOND = Beyond()

class Residue(Ring):
    """An element of ℤ/m."""

    __slots__ = ("modulus", "value")

    def __init__(self, value: int, modulus: int) -> None:
        self.value, self.modulus = value % modulus, modulus

    def __add__(self, other: Any) -> Any:
        return Residue(self.value + (other.value if isinstance(other, Residue) else other), self.modulus)

    def __mul__(self, other: Any) -> Any:
        return Residue(self.value * (other.value if isinstance(other, Residue) else other), self.modulus)

class Element(Ring):
    """A sum of fractions in ℚ(t, u): {denominator: numerator}, a denominator being a product of numbered factors.

    No gcd is ever taken. Equal denominators are merged, so most sums that cancel do so at once.
    """

    __slots__ = ("numbers", "parts")

    def __init__(self, numbers: Numbers, parts: dict[tuple[tuple[int, int], ...], Poly]) -> None:
        self.numbers, self.parts = numbers, {below: above for below, above in parts.items() if above}

    def __add__(self, other: Any) -> Any:
        if not isinstance(other, Element):
            return self + self.numbers.element({(0, 0): other}) if isinstance(other, (int, Fraction)) else NotImplemented
        parts = dict(self.parts)
        for below, above in other.parts.items():
            parts[below] = add_into(dict(parts.get(below, {})), above)
        return Element(self.numbers, parts)

    def __mul__(self, other: Any) -> Any:
        if not isinstance(other, Element):
            return self * self.numbers.element({(0, 0): other}) if isinstance(other, (int, Fraction)) else NotImplemented
        parts: dict[tuple[tuple[int, int], ...], Poly] = {}
        for below, above in self.parts.items():
            for other_below, other_above in other.parts.items():
                powers = dict(below)
                for factor, power in other_below:
                    powers[factor] = powers.get(factor, 0) + power
                add_into(parts.setdefault(tuple(sorted(powers.items())), {}), product(above, other_above, plus))
        return Element(self.numbers, parts)

    def inverse(self) -> Any:
        """1/x: the numerator of x, freed of its content and of its monomial (units), becomes a factor."""
        numbers = self.numbers
        need(not numbers.is_zero(self), "division by zero")
        [(below, above)] = self.together().parts.items()
        a, b = min(i for i, _ in above), min(j for _, j in above)
        content = Fraction(above[min(above)])
        factor = {(i - a, j - b): simple(c / content) for (i, j), c in above.items()}
        unit = product(numbers.expanded(below), {(-a, -b): simple(1 / content)}, plus)
        if len(factor) == 1:
            return numbers.element(unit)
        number = numbers.numbering.setdefault(frozenset(factor.items()), len(numbers.factors))
        numbers.factors += [factor] if number == len(numbers.factors) else []
        return Element(numbers, {((number, 1),): unit})

    def together(self) -> Element:
        """The same as a single fraction."""
        if len(self.parts) <= 1:
            return self
        common: dict[int, int] = {}
        for below in self.parts:
            for factor, power in below:
                common[factor] = max(power, common.get(factor, 0))
        total: Poly = {}
        for below, above in self.parts.items():
            missing = [(factor, power - dict(below).get(factor, 0)) for factor, power in common.items()]
            add_into(total, product(above, self.numbers.expanded(missing), plus))
        return Element(self.numbers, {tuple(sorted(common.items())): total})

def plus(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    """The product of two monomials t^i u^j."""
    return a[0] + b[0], a[1] + b[1]

def simple(value: Fraction) -> Any:
    """An integer as an int: it is faster."""
    return value.numerator if value.denominator == 1 else value

class Interval(Ring):
    """{x : lo ≤ x·2^bits ≤ hi}; every operation rounds lo down and hi up."""

    __slots__ = ("bits", "hi", "lo")

    def __init__(self, lo: int, hi: int, bits: int) -> None:
        self.lo, self.hi, self.bits = lo, hi, bits
        spend(3 + (bits >> 8))
        need(lo <= hi and hi.bit_length() <= MAX_BITS and lo.bit_length() <= MAX_BITS, "an interval grows too long", Outside)

    def __add__(self, other: Any) -> Any:
        other = enclose(other, self.bits)
        return Interval(self.lo + other.lo, self.hi + other.hi, self.bits)

    def __mul__(self, other: Any) -> Any:
        other = enclose(other, self.bits)
        ends = (self.lo * other.lo, self.lo * other.hi, self.hi * other.lo, self.hi * other.hi)
        return Interval(min(ends) >> self.bits, -(-max(ends) >> self.bits), self.bits)

    def inverse(self) -> Any:
        """1/x."""
        need(self.lo > 0 or self.hi < 0, "an enclosure of a divisor contains zero", Outside)
        one = 1 << (2 * self.bits)
        return Interval(one // self.hi, -(-one // self.lo), self.bits)

    def widened(self) -> Interval:
        """With room for the rest of a series and its roundings."""
        return Interval(self.lo - 4, self.hi + 4, self.bits)

    def halvings(self) -> int:
        """k with |x| / 2^k ≤ 1/16."""
        k = max(abs(self.lo), abs(self.hi)) >> self.bits
        need(k < 1 << 16, "an argument too large to enclose", Outside)
        return k.bit_length() + 4

    def series(self, step: Callable[[int, Interval], Interval], term: Interval | None = None) -> Interval:
        """x + step(1, x) + step(2, that) + …; the steps end up at least halving, so the rest is at most the last term."""
        total = term = self
        n = 0
        while max(abs(term.lo), abs(term.hi)) > 1 or n < 2:
            n += 1
            term = step(n, term)
            total = total + term
        return total.widened()

    def odd_series(self, sign: int) -> Interval:
        """Σ sign^n x^{2n+1}/(2n+1), |x| ≤ 1/2: artanh for sign 1, arctan for −1."""
        total = power = self
        n = 1
        while max(abs(power.lo), abs(power.hi)) > 1:
            power, n = power * self * self * sign, n + 2
            total = total + power / n
        return total.widened()

    def exp(self) -> Interval:
        """(e^{x/2^k})^{2^k}, by Taylor's series."""
        k = self.halvings()
        y = self * Fraction(1, 2**k)
        result = enclose(1, self.bits).series(lambda n, term: term * y / n)
        for _ in range(k):
            result = result * result
        return result

    def sincos(self) -> tuple[Interval, Interval]:
        """sin x and cos x by Taylor's series at x/2^k and k doublings of the angle."""
        k = self.halvings()
        y = self * Fraction(1, 2**k)
        sin = y.series(lambda n, term: term * y * y / (-2 * n * (2 * n + 1)))
        cos = enclose(1, self.bits).series(lambda n, term: term * y * y / (-2 * n * (2 * n - 1)))
        for _ in range(k):
            sin, cos = sin * cos * 2, 1 - sin * sin * 2
        return sin, cos

    def log(self) -> Interval:
        """k log 2 + 2 artanh((m − 1)/(m + 1)) for x = m 2^k; log 2 = 2 artanh(1/3)."""
        need(self.lo > 0, "the logarithm of what may not be positive", Outside)
        k = self.hi.bit_length() - self.bits
        z = (self / Fraction(2) ** k - 1) / (self / Fraction(2) ** k + 1)
        need(2 * max(abs(z.lo), abs(z.hi)) <= 1 << self.bits, "too wide an enclosure", Outside)
        return enclose(Fraction(1, 3), self.bits).odd_series(1) * (2 * k) + z.odd_series(1) * 2

    def normal(self) -> tuple[Interval, Interval]:
        """Φ(x) = 1/2 + φ(x) Σ x^{2n+1} / (1·3·…·(2n+1)) and φ(x) = e^{−x²/2} / √2π, with π by Machin's formula."""
        need(self.halvings() <= 10, "an argument too large to enclose", Outside)
        pi = enclose(Fraction(1, 5), self.bits).odd_series(-1) * 16 - enclose(Fraction(1, 239), self.bits).odd_series(-1) * 4
        root = Interval(isqrt(2 * pi.lo << self.bits), isqrt(2 * pi.hi << self.bits) + 1, self.bits)
        square, term, n = self * self, self, 1
        density, total = (square * Fraction(-1, 2)).exp() / root, self
        while max(abs(term.lo), abs(term.hi)) > 1 or 2 * max(abs(square.lo), abs(square.hi)) >> self.bits >= n:
            n += 2  # from there on the terms at least halve
            term = term * square / n
            total = total + term
        return total.widened() * density + Fraction(1, 2), density

    @property
    def ends(self) -> tuple[Fraction, Fraction]:
        """Both end points as rationals."""
        return Fraction(self.lo, 1 << self.bits), Fraction(self.hi, 1 << self.bits)

def enclose(value: Value, bits: int) -> Interval:
    """An interval around a value."""
    if isinstance(value, Interval):
        need(value.bits == bits, "intervals of different precision")
        return value
    if isinstance(value, Element):
        return value.numbers.enclosure(value, bits)
    need(isinstance(value, (int, Fraction)), "a value outside the real numbers", Outside)
    scaled = Fraction(value).numerator << bits
    return Interval(scaled // Fraction(value).denominator, -(-scaled // Fraction(value).denominator), bits)

class Numbers:
    """One arithmetic for values and one for their derivatives: both exact; exact, and residues; or both in intervals.

    Exact are ℚ and ℚ(t, u), t = e^{1/q}, u = tan(1/2q'). Residues are images of exact values at `point` = (modulus, t, u);
    intervals have `bits` bits, and what stays rational stays exact.
    """

    def __init__(self, q: int, angle: int, bits: int = 0, point: tuple[int, int, int] | None = None) -> None:
        self.q, self.angle, self.bits, self.point = q, angle, bits, point
        self.factors: list[Poly] = []
        self.numbering: dict[frozenset[Any], int] = {}
        self.known: dict[Any, Any] = {}

    def element(self, poly: Poly) -> Element:
        """A polynomial in t and u."""
        return Element(self, {(): {key: c for key, c in poly.items() if c}})

    def rational(self, value: Value) -> Fraction:
        """The rational that a value is; Outside if it is none."""
        if isinstance(value, Element):
            parts = value.together().parts
            need(set(parts) <= {()} and set(parts.get((), ())) <= {(0, 0)}, "a function of an irrational number", Outside)
            return Fraction(parts[()][0, 0] if parts else 0)
        need(isinstance(value, (int, Fraction)), "a function of a number outside ℚ(t, u)", Outside)
        return Fraction(value)

    def exp(self, value: Value) -> Value:
        """e^z: a power of t, or an interval."""
        if self.bits:
            return Fraction(1) if nothing(value) else enclose(value, self.bits).exp()
        z = self.rational(value)
        if self.q % z.denominator:
            raise Restart(lcm(self.q, z.denominator), self.angle)
        need(abs(z * self.q) <= 10**6, "an exponent too large", Outside)
        return self.element({(int(z * self.q), 0): 1}) if z else Fraction(1)

    def sincos(self, value: Value) -> tuple[Value, Value]:
        """sin z and cos z, z = k/q': the imaginary and real part of (1 + iu)^{2k} / (1 + u²)^k; or intervals."""
        if self.bits and not nothing(value):
            return enclose(value, self.bits).sincos()
        z = self.rational(value)
        if self.angle % z.denominator:
            raise Restart(self.q, lcm(self.angle, z.denominator))
        k = int(z * self.angle)
        need(abs(k) <= 200, "an angle too large", Outside)
        parts = [{(0, j): comb(2 * abs(k), j) * (-1) ** (j // 2) for j in range(odd, 2 * abs(k) + 1, 2)} for odd in (1, 0)]
        below = power_of(inverse(self.element({(0, 0): 1, (0, 2): 1})), abs(k))
        return (self.element(parts[0]) * (below if k > 0 else -below), self.element(parts[1]) * below) if k else (Fraction(0), Fraction(1))

    def log(self, z: Value) -> Value:
        """log z: an interval, or BEYOND."""
        need(z is BEYOND or self.sign(z) > 0, "the logarithm of a number that is not positive")
        if isinstance(z, (int, Fraction)) and z == 1:
            return Fraction(0)
        return enclose(z, self.bits).log() if self.bits else BEYOND

    def normal(self, z: Value) -> tuple[Value, Value]:
        """Φ(z) and φ(z)."""
        need(self.bits or nothing(z), "the normal distribution is outside ℚ(t, u)", Outside)
        below, density = enclose(z, self.bits).normal() if self.bits else (BEYOND, BEYOND)
        return (Fraction(1, 2) if nothing(z) else below), density

    def expanded(self, below: Iterable[tuple[int, int]]) -> Poly:
        """A product of factors as a polynomial."""
        result: Poly = {(0, 0): 1}
        for factor, power in below:
            for _ in range(power):
                result = product(result, self.factors[factor], plus)
        return result

    def image(self, value: Value, point: tuple[int, int, int] | None = None) -> Value:
        """A value as a coefficient of derivatives, or its residue at a given point; ValueError where there is none."""
        need(value is not BEYOND, "a value outside ℚ(t, u)", Outside)
        if not (point := point or self.point):
            return value
        modulus, t, u = point
        if isinstance(value, Element):
            return Residue(self._evaluated(value, lambda key: pow(t, key[0], modulus) * pow(u, key[1], modulus) % modulus,
                                           lambda c: self.image(c, point).value, lambda x: pow(x % modulus, -1, modulus), point), modulus)
        need(isinstance(value, (int, Fraction)), "a value outside ℚ(t, u) has no residue", Outside)
        return Residue(value.numerator * pow(value.denominator, -1, modulus), modulus)

    def enclosure(self, value: Element, bits: int) -> Interval:
        """An interval of so many bits around an element."""
        def monomial(key: tuple[int, int]) -> Interval:
            if (bits, key) not in self.known:
                sin, cos = enclose(Fraction(1, 2 * self.angle), bits).sincos()
                tangent = power_of(sin / cos if key[1] >= 0 else cos / sin, abs(key[1]))
                self.known[bits, key] = enclose(Fraction(key[0], self.q), bits).exp() * tangent
            return self.known[bits, key]

        return enclose(0, bits) + self._evaluated(value, monomial, lambda c: c, lambda x: enclose(x, bits).inverse(), bits)

    def _evaluated(self, value: Element, monomial: Callable[[Any], Any], scalar: Callable[[Any], Any],
                   invert: Callable[[Any], Any], cache: Any) -> Any:
        def image(poly: Poly) -> Any:
            spend(8 * len(poly))
            return sum(monomial(key) * scalar(c) for key, c in poly.items())

        total = 0
        for below, above in value.parts.items():
            part = image(above)
            for factor, power in below:
                if (cache, factor) not in self.known:
                    self.known[cache, factor] = invert(image(self.factors[factor]))
                for _ in range(power):
                    part = part * self.known[cache, factor]
            total = total + part
        return total

    def is_zero(self, value: Value) -> bool:
        """Whether an exact value is 0: a nonzero residue shows that it is not, a zero numerator that it is."""
        if not isinstance(value, Element):
            need(isinstance(value, (int, Fraction)), "a value outside ℚ(t, u)", Outside)
            return bool(value == 0)
        try:
            return not value.parts or (self.image(value, PROBE).value == 0 and not value.together().parts)
        except ValueError:  # a denominator happens to vanish there
            return not value.together().parts

    def signs(self, value: Value) -> set[int]:
        """The signs that a value may have: one for an exact value, several for a wide interval."""
        if isinstance(value, Interval):
            return {sign for sign, possible in ((-1, value.lo < 0), (0, value.lo <= 0 <= value.hi), (1, value.hi > 0)) if possible}
        if self.is_zero(value):
            return {0}
        if not isinstance(value, Element):
            return {1 if value > 0 else -1}
        for bits in (96, 384, 1536, 6144):
            try:
                possible = self.signs(self.enclosure(value, bits))
            except Outside:  # a divisor too close to zero at this precision
                continue
            if len(possible) == 1:
                return possible
        return {-1, 1}

    def sign(self, value: Value) -> int:
        """The sign of a value; Outside if it cannot be told."""
        possible = self.signs(value)
        need(len(possible) == 1, "the sign of a value is not decided", Outside)
        return possible.pop()

def nothing(value: Value) -> bool:
    """True only for a value that is visibly zero."""
    if isinstance(value, Interval):
        return value.lo == value.hi == 0
    return value.value == 0 if isinstance(value, Residue) else not value.parts if isinstance(value, Element) else value == 0

# -- jets: forward differentiation -------------------------------------------------------------------------------------

def derivatives(numbers: Numbers, name: str, c: Fraction | None, z: Value, order: int) -> list[Value]:
    """f(z), f'(z), f''(z) of an activation or a function of formulas; rejects a derivative at a kink."""
    if name in ("relu", "abs", "leaky_relu"):
        sign = numbers.sign(z)
        need(sign or not order, "a kink: H does not exist at the witness")
        slope = Fraction(1) if sign >= 0 else {"relu": Fraction(0), "abs": Fraction(-1), "leaky_relu": c}[name]
        return [z * slope, slope, Fraction(0)]
    if name in ("linear", "square", "power"):
        d = {"linear": 1, "square": 2}.get(name) or int(c or 0)
        return [power_of(z, d), power_of(z, d - 1) * d, power_of(z, d - 2) * (d * (d - 1)) if d > 1 else Fraction(0)]
    if name == "reciprocal":
        need(z is BEYOND or 0 not in numbers.signs(z), "division by what may be zero")
        below = inverse(z)
        return [below, -(below * below), power_of(below, 3) * 2]
    if name == "log":
        return [numbers.log(z), inverse(z), -(inverse(z) * inverse(z))] if order else [numbers.log(z)]
    if name in ("exp", "gaussian"):
        e = numbers.exp(-(z * z) if name == "gaussian" else z)
        return [e, e, e] if name == "exp" else [e, e * z * -2, (z * z * 4 - 2) * e]
    if name in ("sin", "cos"):
        sin, cos = numbers.sincos(z)
        return [sin, cos, -sin] if name == "sin" else [cos, -sin, -cos]
    if name == "gelu":
        below, density = numbers.normal(z)
        return [z * below, below + z * density, (2 - z * z) * density]
    if name in ("tanh", "logcosh"):
        e = numbers.exp(z * 2)
        t = (e - 1) / (e + 1)
        bell = tidy(1 - t * t)
        return [t, bell, t * bell * -2] if name == "tanh" else [numbers.log((e + 1) / (numbers.exp(z) * 2)), t, bell]
    e = numbers.exp(-z)
    s = inverse(e + 1)
    bell = tidy(s * (1 - s))
    if name in ("sigmoid", "softplus"):
        return [s, bell, tidy(bell * (1 - s * 2))] if name == "sigmoid" else [numbers.log(inverse(e) + 1), s, bell]
    need(name == "silu", f"unknown function {name}")
    return [z * s, s + z * bell, bell * (z * (1 - s * 2) + 2)]

def tidy(value: Value) -> Value:
    """The same value, as a single fraction."""
    return value.together() if isinstance(value, Element) else value

class Jet(Ring):
    """A value with its gradient {i: ∂} and Hessian {(i, j): ∂²}, i ≤ j; a missing key means no dependence at all.

    `at` is the arithmetic and the order, 0, 1 or 2, up to which derivatives are kept.
    """

    __slots__ = ("at", "first", "second", "value")

    def __init__(self, at: tuple[Numbers, int], value: Value, first: dict[int, Value] | None = None,
                 second: dict[tuple[int, int], Value] | None = None) -> None:
        self.at, self.value, self.first, self.second = at, guarded(value), first or {}, second or {}

    def __add__(self, other: Any) -> Jet:
        return total([self, other if isinstance(other, Jet) else Jet(self.at, Fraction(other))])

    def __mul__(self, other: Any) -> Jet:  # (ab)'' = a''b + a'b' + b'a' + ab''
        other = other if isinstance(other, Jet) else Jet(self.at, Fraction(other))
        numbers, order = self.at
        left = numbers.image(other.value) if self.first else 0
        right = numbers.image(self.value) if other.first else 0
        second = combined([(left, self.second), (right, other.second)])
        for i, x in self.first.items() if order > 1 else ():
            spend(6 * len(other.first))
            for j, y in other.first.items():
                key, entry = (i, j) if i <= j else (j, i), x * y if i != j else x * y * 2
                second[key] = second[key] + entry if key in second else entry
        return Jet(self.at, self.value * other.value, combined([(left, self.first), (right, other.first)]), second)

    def apply(self, name: str, c: Fraction | None = None) -> Jet:
        """f(a) with f' a', and f'' a' a'ᵀ + f' a''."""
        numbers, order = self.at
        order = order if self.first else 0
        values = derivatives(numbers, name, c, self.value, order)
        if not order:
            return Jet(self.at, values[0])
        slope, bend, entries = numbers.image(values[1]), numbers.image(values[2]) if order > 1 else 0, sorted(self.first.items())
        second = combined([(slope, self.second)])
        for place, (i, x) in enumerate(entries if order > 1 else ()):
            spend(6 * (len(entries) - place))
            factor = bend * x
            for j, y in entries[place:]:
                second[i, j] = second[i, j] + factor * y if (i, j) in second else factor * y
        return Jet(self.at, values[0], combined([(slope, self.first)]), second)

    def inverse(self) -> Jet:
        """1/a."""
        return self.apply("reciprocal")

def combined(terms: Iterable[tuple[Value, dict[Any, Value]]]) -> dict[Any, Value]:
    """Σ factor · entries; no key is ever dropped, as a key records dependence."""
    result: dict[Any, Value] = {}
    for factor, entries in terms:
        spend(4 * len(entries))
        for key, value in entries.items():
            result[key] = result[key] + factor * value if key in result else factor * value
    return result

def total(jets: Sequence[Jet]) -> Jet:
    """The sum."""
    value = jets[0].value
    for jet in jets[1:]:
        value = value + jet.value
    return Jet(jets[0].at, value, combined((1, jet.first) for jet in jets), combined((1, jet.second) for jet in jets))

def softmax(jets: Sequence[Jet]) -> list[Jet]:
    """e^{z_k} / Σ e^{z_j}."""
    powers = [jet.apply("exp") for jet in jets]
    below = total(powers).inverse()
    return [power * below for power in powers]

def evaluate(formula: Tree, names: dict[str, Jet], at: tuple[Numbers, int]) -> Jet:
    """A formula at jets for its names."""
    head = formula[0]
    if head in ("number", "name"):
        return Jet(at, formula[1]) if head == "number" else names[formula[1]]
    if head == "call":
        return evaluate(formula[2], names, at).apply(formula[1])
    if head == "^":
        base = evaluate(formula[1], names, at)
        return base.apply("power", Fraction(formula[2])) if formula[2] else Jet(at, Fraction(1))
    result: Jet = arithmetic(head, [evaluate(part, names, at) for part in formula[1:]])
    return result

# -- an instance: F, G, r, D and H at the witness ----------------------------------------------------------------------

class Instance:
    """The quantities of a fully given problem over one arithmetic; each is computed when first asked for."""

    def __init__(self, problem: Problem, numbers: Numbers) -> None:
        self.problem, self.numbers = problem, numbers
        self.known: dict[Any, Any] = {}

    def once(self, what: Callable[..., Any], *arguments: Any) -> Any:
        """what(*arguments), computed only once."""
        key = (what.__name__, *arguments)
        if key not in self.known:
            self.known[key] = what(*arguments)
        return self.known[key]

    def jets(self, order: int) -> list[list[Jet]]:
        """Per sample, the behaviour as jets in θ."""
        return [behaviour for behaviour, _ in self.once(self.forward, order)]

    def values(self) -> list[list[Value]]:
        """F as N rows of K."""
        return [[jet.value for jet in row] for row in self.jets(0)]

    def forward(self, order: int) -> list[tuple[list[Jet], list[list[Jet]]]]:
        """Per sample, the behaviour, and the outputs of every layer, the input first."""
        p, at = self.problem, (self.numbers, order)
        theta, result = [Jet(at, value, {i: 1} if order else {}) for i, value in enumerate(p.parameters or [])], []
        for sample in p.inputs or []:
            layers, start = [[Jet(at, value) for value in sample]], 0
            for layer in p.layers:
                entering, width = layers[-1], layer["width"]
                bias = start + width * len(entering)
                units = []
                for o in range(width):
                    weights = theta[start + o * len(entering) : start + (o + 1) * len(entering)]
                    terms = [w * a for w, a in zip(weights, entering, strict=True)]
                    units.append(total(terms + theta[bias + o : bias + o + layer["bias"]]).apply(layer["name"], layer["c"]))
                if layer["residual"] is not None:
                    units = [a + b for a, b in zip(units, layers[layer["residual"]], strict=True)]
                start = bias + width * layer["bias"]
                layers.append(units)
            names = dict(zip(p.names, theta + layers[0], strict=True)) if p.names else {}
            units = [evaluate(formula, names, at) for formula in p.formulas] or layers[-1]
            units = softmax(units) if p.squash == "softmax" else [z.apply("sigmoid") for z in units] if p.squash else units
            result.append((units, layers))
        return result

    def links(self) -> list[list[Value]]:
        """The targets that the point fits perfectly."""
        link = self.problem.loss.link
        need(link, "the loss has no finite minimiser")
        rows = self.jets(0)
        rows = [softmax(row) for row in rows] if link == "softmax" else rows
        return [[(jet.apply("sigmoid") if link == "sigmoid" else jet).value for jet in row] for row in rows]

    def in_domain(self) -> bool:
        """Whether the loss is defined: 0 < F (< 1 for bce), and targets defined by the fit are allowed."""
        p, signs = self.problem, self.numbers.signs
        if p.squash or p.named not in ("bce", "cross_entropy"):
            return True
        inside = all(signs(f) == {1} and (p.named != "bce" or signs(1 - f) == {1}) for row in self.values() for f in row)
        return inside and (p.named == "bce" or not p.fits or p.normalised or all(signs(sum(row) - 1) == {0} for row in self.values()))

    def losses(self, order: int) -> list[Jet]:
        """The loss of each sample as a jet in the K numbers f of that sample."""
        p, at, result = self.problem, (self.numbers, order), []
        for values, y in zip(self.values(), self.once(self.links) if p.fits else p.targets or [], strict=True):
            at_fit = self.at_fit(y) if p.fits and order else None
            f = [Jet(at, value, {k: 1} if order else {}) for k, value in enumerate(values)]
            names = [{"f": a, "y": Jet(at, b)} for a, b in zip(f, y, strict=True)]
            if not p.named:
                names = [dict(zip(p.outputs + p.labels, f + [Jet(at, value) for value in y], strict=True))]
            terms = [evaluate(p.loss_formula, row, at) for row in names] if at_fit is None else [at_fit]
            if p.named == "softmax_cross_entropy" and at_fit is None:
                terms.append(total([jet.apply("exp") for jet in f]).apply("log"))
            result.append(total(terms))
        return result

    def at_fit(self, y: list[Value]) -> Jet | None:
        """The jet at y = link(f), by the formulas that hold there: r = 0, or r = −1 for cross-entropy."""
        name, size = self.problem.named, range(len(y))
        form = None if name else self.problem.fit_form[0]
        if form is None and not name:
            return None
        def entry(k: int, j: int) -> Value:
            if form is not None or name == "softmax_cross_entropy":
                return form[k][j] if form is not None else y[k] * ((k == j) - y[j])
            if k != j or name in ("mse", "logcosh", "quartic"):
                return int(k == j and name != "quartic")
            bell = y[k] if name == "cross_entropy" else y[k] * (1 - y[k])
            return bell if name == "bce_logits" else inverse(bell)

        second = {(k, j): self.numbers.image(entry(k, j)) for k in size for j in size if k <= j}
        return Jet((self.numbers, 2), BEYOND, {k: -1 if name == "cross_entropy" else 0 for k in size}, second)

    def loss(self) -> Value:
        """L."""
        p = self.problem
        value: Value = Fraction(0)
        if not (p.fits and p.named in ("mse", "logcosh", "quartic")):
            value = total(self.losses(0)).value
        need(value is not BEYOND, "L is outside ℚ(t, u)", Outside)
        return value * p.scale + p.decay / 2 * sum((x * x for x in p.parameters or []), Fraction(0))

    def residual(self) -> list[list[Value]]:
        """r as N rows of K."""
        scale = self.numbers.image(self.problem.scale)
        return [[jet.first.get(k, 0) * scale for k in range(self.problem.K)] for jet in self.once(self.losses, 1)]

    def blocks(self) -> list[dict[tuple[int, int], Value]]:
        """The K x K blocks of D."""
        scale = self.numbers.image(self.problem.scale)
        return [{key: v * scale for (k, j), v in jet.second.items() for key in ((k, j), (j, k))} for jet in self.once(self.losses, 2)]

    def weights(self) -> list[list[Value]]:
        """w with Σ w ∇F = Gᵀr and Σ w ∇²F = H_f: r, or r_k − r_0 within a sample where Σ_k F_k = 1 at all θ."""
        return [[x - row[0] for x in row] if self.problem.normalised else row for row in self.residual()]

    def gradient(self) -> list[Value]:
        """∇L = Gᵀ r + c θ."""
        result: list[Value] = [self.numbers.image(x * self.problem.decay) for x in self.problem.parameters or []]
        for row, weights in zip(self.jets(1), self.weights(), strict=True):
            for jet, weight in zip(row, weights, strict=True):
                for i, value in jet.first.items() if not nothing(weight) else ():
                    result[i] = result[i] + weight * value
        return result

    def matrix(self, tree: Tree) -> Matrix:
        """The matrix that a tree names, as rows; its shape is `sort_of(tree, problem)`."""
        p, head, (_, rows, columns) = self.problem, tree[0], sort_of(tree, self.problem)
        spend(rows * columns)
        if head == "matrix":
            result: Matrix = [[0] * columns for _ in range(rows)]
            getattr(self, "add_" + tree[1])(result)
            return result
        if head == "activations":
            return [[self.numbers.image(jet.value) for jet in layers[tree[1]]] for _, layers in self.once(self.forward, 0)]
        if head in ("stack", "constraint"):
            basis, conditions = self.span(tree[1])
            return conditions if head == "constraint" else conditions + basis
        if head == "transpose":
            inner = self.once(self.matrix, tree[1])
            return [[row[j] for row in inner] for j in range(rows)]
        if head == "neg" or (head == "*" and constant(tree[1]) is not None):
            scale = self.numbers.image(Fraction(-1) if head == "neg" else constant(tree[1]))
            return [[scale * x for x in row] for row in self.once(self.matrix, tree[-1])]
        left, right = self.once(self.matrix, tree[1]), self.once(self.matrix, tree[2])
        if head == "*":
            return multiply(left, right, columns)
        return [[arithmetic(head, pair) for pair in zip(a, b, strict=True)] for a, b in zip(left, right, strict=True)]

    def add_F(self, result: Matrix) -> None:
        """F as a column."""
        result[:] = [[self.numbers.image(value)] for row in self.values() for value in row]

    def add_r(self, result: Matrix) -> None:
        """r as a column."""
        result[:] = [[value] for row in self.residual() for value in row]

    def add_G(self, result: Matrix) -> None:
        """G."""
        for target, jet in zip(result, [jet for row in self.jets(1) for jet in row], strict=True):
            for i, value in jet.first.items():
                target[i] = value

    def add_D(self, result: Matrix) -> None:
        """D, block by block."""
        for i, block in enumerate(self.blocks()):
            for (k, j), value in block.items():
                result[i * self.problem.K + k][i * self.problem.K + j] = value

    def add_H_o(self, result: Matrix) -> None:
        """GᵀDG."""
        for row, block in zip(self.jets(1), self.blocks(), strict=True):
            for (k, j), weight in block.items():
                spend(6 * len(row[k].first) * len(row[j].first))
                for a, x in row[k].first.items() if not nothing(weight) else ():
                    scaled, target = weight * x, result[a]
                    for b, y in row[j].first.items():
                        target[b] = target[b] + scaled * y

    def add_H_f(self, result: Matrix) -> None:
        """Σ w ∇²F."""
        weights = self.weights()
        still = all(nothing(w) for row in weights for w in row)  # then only G need exist
        for jets, row in zip(self.jets(1 if still else 2), weights, strict=True):
            for jet, weight in zip(jets, row, strict=True):
                spend(8 * len(jet.second))
                for (i, j), value in jet.second.items() if not nothing(weight) else ():
                    for a, b in {(i, j), (j, i)}:
                        result[a][b] = result[a][b] + weight * value

    def add_H(self, result: Matrix) -> None:
        """H_o + H_f + c·I."""
        self.add_H_o(result)
        self.add_H_f(result)
        for i, row in enumerate(result):
            row[i] = row[i] + self.numbers.image(self.problem.decay)

    def span(self, tree: Tree) -> tuple[Matrix, Matrix]:
        """X and C with the subspace = X · ker C; see `sort_of`."""
        if tree[0] in ("ker", "im"):
            matrix, size = self.once(self.matrix, tree[1]), sort_of(tree, self.problem)[2]
            return ([[int(i == j) for j in range(size)] for i in range(size)], matrix) if tree[0] == "ker" else (matrix, [])
        (x, c), (y, d) = self.span(tree[1]), self.span(tree[2])
        left, right = [0] * sort_of(tree[1], self.problem)[2], [0] * sort_of(tree[2], self.problem)[2]
        conditions = [row + right for row in c] + [left + row for row in d]
        if tree[0] == "+":
            return [a + b for a, b in zip(x, y, strict=True)], conditions
        return [row + right for row in x], conditions + [a + [-e for e in b] for a, b in zip(x, y, strict=True)]

def multiply(left: Matrix, right: Matrix, columns: int) -> Matrix:
    """The matrix product; `columns` is the width of the right factor, which may have no rows."""
    spend(3 * len(left) * len(right) * columns)
    result: Matrix = []
    for row in left:
        entries: list[Value] = [0] * columns
        for x, other in zip(row, right, strict=True):
            if not nothing(x):
                entries = [a if nothing(b) else a + x * b for a, b in zip(entries, other, strict=True)]
        result.append(entries)
    return result

def independent(rows: list[list[int]], modulus: int) -> bool:
    """Whether rows of residues are shown to be linearly independent, by elimination with invertible pivots."""
    rows = [[x % modulus for x in row] for row in rows]
    spend(len(rows) * len(rows) * max(map(len, rows), default=0))
    for i, row in enumerate(rows):
        column = next((j for j, x in enumerate(row) if x), None)
        if column is None:
            return False
        unit = pow(row[column], -1, modulus)  # ValueError, hence a rejection, if there is none
        for j in range(i + 1, len(rows)):
            if factor := rows[j][column] * unit % modulus:
                rows[j] = [(x - factor * y) % modulus for x, y in zip(rows[j], row, strict=True)]
    return True

def determinant(matrix: Matrix, numbers: Numbers) -> Value:
    """By elimination; the pivot is the first entry that is surely not zero."""
    rows, result = [list(row) for row in matrix], Fraction(1)
    spend(len(rows) ** 3)
    for i in range(len(rows)):
        place = next((j for j in range(i, len(rows)) if 0 not in numbers.signs(rows[j][i])), None)
        if place is None:
            need(all(numbers.signs(rows[j][i]) == {0} for j in range(i, len(rows))), "a determinant is not decided", Outside)
            return Fraction(0)
        rows[i], rows[place] = rows[place], rows[i]
        result = result * rows[i][i] * (1 if place == i else -1)
        for j in range(i + 1, len(rows)):
            factor = rows[j][i] / Fraction(rows[i][i]) if isinstance(rows[i][i], int) else rows[j][i] / rows[i][i]
            rows[j] = [guarded(x - factor * y) for x, y in zip(rows[j], rows[i], strict=True)]
    return result

# -- the claim at the witness ------------------------------------------------------------------------------------------

G, D, H, H_O, H_F, R = (("matrix", name) for name in ("G", "D", "H", "H_o", "H_f", "r"))

class Site:
    """Truth at the witness: True or False only where it is shown, else None."""

    def __init__(self, problem: Problem, evidence: Any, minimum: Any, field: tuple[int, int], bits: int) -> None:
        self.problem, self.field, self.bits = problem, field, bits
        self.exact, self.enclosed = Instance(problem, Numbers(*field)), Instance(problem, Numbers(*field, bits))
        self.images: dict[Any, Instance] = {}
        self.known: dict[Tree, tuple[int, int]] = {}
        self.evidence: dict[Tree, dict[str, Any]] = {}
        for entry in listed(evidence):
            keys(entry, "of", "rank inertia")
            stored = self.evidence.setdefault(frozen(entry["of"]), {})
            need(sort_of(frozen(entry["of"]), problem)[0] == "matrix", "evidence about what is no matrix")
            need(len(entry) == 2 and not set(stored) & set(entry), "evidence given twice, or none")
            stored.update({key: value for key, value in entry.items() if key != "of"})
        self.minimum, self.spectrum = None, None
        if minimum is not None:
            keys(minimum, "rule", "eigenvalues")
            self.minimum = minimum["rule"]
            need(self.minimum in ("perfect-fit", "convex", "eckart-young"), "unknown rule for minima")
            need(("eigenvalues" in minimum) == (self.minimum == "eckart-young"), "misplaced eigenvalues")
            if self.minimum == "eckart-young":
                self.spectrum = sorted(rationals([minimum["eigenvalues"]], 1, problem.K)[0], reverse=True)
        for tree in self.evidence:
            self.bounds(tree)
            self.index(tree)

    def over(self, compute: Callable[[Instance], Any]) -> Any:
        """A quantity computed exactly, or enclosed where it leaves the exact numbers."""
        try:
            return compute(self.exact)
        except Outside:
            return compute(self.enclosed)

    def zero(self, compute: Callable[[Instance], Iterable[Value]]) -> Truth:
        """Whether all of these values are zero."""
        def answer(instance: Instance) -> Truth:
            possible = [instance.numbers.signs(value) for value in compute(instance)]
            return False if any(0 not in signs for signs in possible) else True if all(signs == {0} for signs in possible) else None
        return self.over(answer)

    def entries(self, tree: Tree) -> Callable[[Instance], list[Value]]:
        """The entries of a matrix."""
        return lambda instance: [x for row in instance.once(instance.matrix, tree) for x in row]

    # ranks and inertias

    def bounds(self, tree: Tree) -> tuple[int, int]:
        """Bounds of the rank: by shape, and as the evidence shows."""
        if tree in self.known:
            return self.known[tree]
        _, rows, columns = sort_of(tree, self.problem)
        low, high, rank = 0, min(rows, columns), self.evidence.get(tree, {}).get("rank")
        if rank is not None:
            keys(rank, "lower upper")
            low = 0 if rank["lower"] is None else self.lower(tree, rank["lower"], rows, columns)
            high = high if rank["upper"] is None else min(high, self.upper(tree, rank["upper"], columns))
        need(low <= high, "contradictory bounds of a rank")
        self.known[tree] = low, high
        return low, high

    def lower(self, tree: Tree, data: Any, rows: int, columns: int) -> int:
        """The size of a minor that is not zero: its image in ℤ/m is a unit, or ‖1 − M·B‖ < 1 in intervals."""
        modular = type(data) is dict and "prime" in data
        keys(data, "rows columns prime t u" if modular else "rows columns precision inverse")
        chosen = [[integer(i, 0, size - 1) for i in listed(data[name])] for name, size in (("rows", rows), ("columns", columns))]
        size = len(chosen[0])
        need(size == len(chosen[1]) and all(len(set(part)) == len(part) for part in chosen), "a minor is square and repeats no line")
        if modular:
            need(re.fullmatch("[0-9]{1,40}", str(data["prime"])) and int(data["prime"]) > 2, "expected a modulus above 2")
            point = (int(data["prime"]), *(1 if data[name] is None else int(rational(data[name])) for name in ("t", "u")))
            if point not in self.images:
                self.images[point] = Instance(self.problem, Numbers(*self.field, point=point))
            matrix = self.images[point].once(self.images[point].matrix, tree)
            need(independent([[to_int(matrix[i][j]) for j in chosen[1]] for i in chosen[0]], point[0]), "a minor is not shown to be nonzero")
            return size
        bits = integer(data["precision"], 16, 8192) + 64
        instance = Instance(self.problem, Numbers(*self.field, bits=bits))
        matrix, near = instance.matrix(tree), rationals(data["inverse"], size, size)
        minor = [[enclose(matrix[i][j], bits) for j in chosen[1]] for i in chosen[0]]
        for i, row in enumerate(multiply(minor, near, size)):
            off = [enclose(x - int(i == j), bits).ends for j, x in enumerate(row)]
            need(sum(max(-low, high) for low, high in off) < 1, "an enclosed minor is not shown to be invertible")
        return size

    def upper(self, tree: Tree, data: Any, columns: int) -> int:
        """columns − dim of a space in the kernel, or the rank of a factor of GᵀDG."""
        keys(data, "", "kernel through")
        need(len(data) == 1, "expected one upper bound")
        if "through" in data:
            factor = {"G": G, "D": D, "DG": ("*", D, G)}.get(str(data["through"]))
            need(factor and tree in (H, H_O), "only H and H_o are bounded through a factor")
            still = tree == H_O or (self.problem.decay == 0 and self.vanishing())
            need(still, "H is not shown to be GᵀDG")
            return self.bounds(factor)[1]
        vectors = [[str(x) for x in listed(vector)] for vector in listed(data["kernel"])]
        need(all(len(vector) == columns for vector in vectors), "a kernel vector of the wrong length")
        def parsed(instance: Instance) -> list[list[Value]]:
            numbers = instance.numbers
            names = {"t": Jet((numbers, 0), numbers.element({(1, 0): 1})), "u": Jet((numbers, 0), numbers.element({(0, 1): 1}))}
            return [[rational(x) if re.fullmatch("[-0-9/]+", x) else evaluate(parse_formula(x, "tu"), names, (numbers, 0)).value
                     for x in vector] for vector in vectors]
        def images(instance: Instance) -> list[Value]:
            rows = [list(column) for column in zip(*parsed(instance), strict=True)]
            return [x for row in multiply(instance.once(instance.matrix, tree), rows, len(vectors)) for x in row]
        need(self.zero(images) is True, "a kernel vector is not in the kernel")
        residues = [[to_int(self.exact.numbers.image(x, PROBE)) for x in vector] for vector in parsed(self.exact)]
        need(independent(residues, PROBE[0]), "the kernel vectors are not shown to be independent")
        return columns - len(vectors)

    def vanishing(self) -> bool:
        """Whether H_f is shown to be 0."""
        if self.zero(lambda instance: [w for row in instance.weights() for w in row]) is True:
            return True
        return self.zero(self.entries(H_F)) is True

    def index(self, tree: Tree) -> tuple[int, int]:
        """Bounds of the number of negative eigenvalues; evidence also shows a lower bound of the rank.

        If VᵀM_SV, S a set of s indices, is strictly diagonally dominant with a positive and b negative diagonal entries, then V and
        M_S are invertible and M_S has inertia (a, b, 0) (Gershgorin), so M has at least a positive and b negative eigenvalues
        (Cauchy); with rank M ≤ r there are at most r − a negative ones.
        """
        low, high = self.bounds(tree)
        data = self.evidence.get(tree, {}).get("inertia")
        if data is None:
            return 0, high
        keys(data, "subset basis")
        need(symmetric(tree), "an inertia of what may not be symmetric")
        subset = [integer(i, 0, sort_of(tree, self.problem)[1] - 1) for i in listed(data["subset"])]
        size = len(subset)
        need(len(set(subset)) == size <= high, "a subset repeats an index or is larger than the rank")
        basis, matrix = rationals(data["basis"], size, size), self.enclosed.once(self.enclosed.matrix, tree)
        inner = multiply([[matrix[i][j] for j in subset] for i in subset], basis, size)
        negative = 0
        for i, row in enumerate(multiply([list(column) for column in zip(*basis, strict=True)], inner, size)):
            ends = [x.ends if isinstance(x, Interval) else (Fraction(x), Fraction(x)) for x in row]
            weight = sum((max(-a, b) for j, (a, b) in enumerate(ends) if j != i), Fraction(0))
            need(max(ends[i][0], -ends[i][1]) > weight, "a congruent matrix is not diagonally dominant")
            negative += ends[i][1] < 0
        self.known[tree] = max(low, size), high
        return negative, negative + high - size

    # scalars and formulas

    def scalar(self, tree: Tree) -> Value:
        """A number: exact, or an interval."""
        head, part = tree[0], tree[-1]
        if head in ("number", "word"):
            sizes = {"P": self.problem.P, "N": self.problem.N, "K": self.problem.K}
            return self.over(Instance.loss) if part == "L" else Fraction(sizes.get(part, part))
        if head in ("+", "-", "*", "neg"):
            return arithmetic(head, [self.scalar(part) for part in tree[1:]])
        if head in ("rank", "nullity", "index", "dim"):
            low, high = self.index(part) if head == "index" else self.bounds(("stack", part) if head == "dim" else part)
            if head == "dim":
                least, most = self.bounds(("constraint", part))
                low, high = max(low - most, 0), high - least
            if head == "nullity":
                low, high = sort_of(part, self.problem)[2] - high, sort_of(part, self.problem)[2] - low
            return Fraction(low) if low == high else Interval(low << self.bits, high << self.bits, self.bits)
        if head == "entry":
            return self.over(lambda instance: instance.once(instance.matrix, tree[1])[tree[2]][tree[3]])
        size = sort_of(part, self.problem)[1]
        if head == "trace":
            return self.over(lambda instance: sum((instance.once(instance.matrix, part)[i][i] for i in range(size)), Fraction(0)))
        if self.bounds(part)[1] < size:
            return Fraction(0)
        return self.over(lambda instance: determinant(instance.once(instance.matrix, part), instance.numbers))

    def truth(self, tree: Tree) -> Truth:
        """Whether a formula holds."""
        head = tree[0]
        if head == "not":
            answer = self.truth(tree[1])
            return None if answer is None else not answer
        if head == "implies":
            return self.truth(("or", ("not", tree[1]), tree[2]))
        if head in ("and", "or"):
            answers, decisive = [self.truth(part) for part in tree[1:]], head == "or"
            return decisive if decisive in answers else None if None in answers else not decisive
        if head in SETS:
            return self.member(SETS[head])
        if head in COMPARISONS:
            _, left, right = tree
            if sort_of(left, self.problem)[0] == "matrix":
                equal = self.zero(self.entries(left if right == ZERO else ("-", left, right)))
                return equal if head == "==" or equal is None else not equal
            possible = self.exact.numbers.signs(self.scalar(left) - self.scalar(right))
            return True if possible <= COMPARISONS[head] else None if possible & COMPARISONS[head] else False
        least, most = self.index(tree[1])  # before the rank, which its evidence may bound
        low, high = self.bounds(tree[1])
        size = sort_of(tree[1], self.problem)[1]
        if least > 0 or (head == "positive_definite" and high < size):
            return False
        return True if most == 0 and (low == size or head == "positive_semidefinite") else None

    # point sets

    def member(self, point_set: str | None) -> Truth:
        """Whether the witness lies in a point set."""
        if point_set in (None, "all_points"):
            return True
        if point_set == "perfect_fits":
            return self.perfect_fit()
        if point_set == "critical_points":
            return self.zero(Instance.gradient)
        if point_set not in ("global_minima", "local_minima"):
            return None
        best = self.global_minimum()
        if best is not None and (best or point_set == "global_minima"):
            return best
        critical = self.member("critical_points")
        if critical is False or self.index(H)[0] > 0:
            return False
        return True if critical and point_set == "local_minima" and self.truth(("positive_definite", H)) else None

    def perfect_fit(self) -> Truth:
        """Whether F is where the loss of every sample is least: y = link(F)."""
        p = self.problem
        if not p.fit:
            return None
        if p.fits:
            return True
        return self.zero(lambda instance: [a - b for row, y in zip(instance.links(), p.targets or [], strict=True) for a, b in zip(row, y, strict=True)])

    def global_minimum(self) -> Truth:
        """By a perfect fit without weight decay; by convexity; or by the least loss of a linear network with one hidden layer."""
        p = self.problem
        if self.minimum in (None, "perfect-fit") and p.decay == 0 and self.perfect_fit():
            return True
        if self.minimum in (None, "convex") and p.affine and (p.named or p.fit_form[1]) and self.member("critical_points"):
            return True
        if self.minimum != "eckart-young":
            return None
        linear = all(layer["name"] == "linear" and not layer["bias"] and layer["residual"] is None for layer in p.layers)
        need(len(p.layers) == 2 and linear and p.named == "mse" and not p.squash and p.decay == 0 and p.targets, "Eckart–Young does not apply")
        least = (sum(y * y for row in p.targets or [] for y in row) - sum((self.spectrum or [])[: p.widths[1]])) / 2 * p.scale
        self.check_spectrum(p.inputs or [], p.targets or [])
        return {frozenset({0}): True, frozenset({1}): False}.get(frozenset(self.exact.numbers.signs(self.exact.loss() - least)))

    def check_spectrum(self, x: Matrix, y: Matrix) -> None:
        """The eigenvalues of B = YᵀX(XᵀX)⁻¹XᵀY, K numbers λ: det [XᵀX XᵀY; YᵀX z] = det(XᵀX) Π (z − λ) at z = 0, …, K.

        F = X Mᵀ with rank M ≤ m, so min ½|F − Y|² = ½(tr YᵀY − λ_1 − … − λ_m), λ_1 ≥ λ_2 ≥ … (Eckart and Young).
        """
        joined, d = [a + b for a, b in zip(x, y, strict=True)], self.problem.d
        gram = multiply([list(column) for column in zip(*joined, strict=True)], joined, d + self.problem.K)
        whole = determinant([row[:d] for row in gram[:d]], self.exact.numbers)
        need(whole != 0, "XᵀX is singular")
        for z in range(self.problem.K + 1):
            shifted = [row[:d] + [z * int(i == j) if i >= d else e for j, e in enumerate(row[d:], d)] for i, row in enumerate(gram)]
            expected = whole
            for value in self.spectrum or []:
                expected *= z - value
            need(determinant(shifted, self.exact.numbers) == expected, "these are not the eigenvalues")

    def require(self, tree: Tree) -> None:
        """Reject unless the loss is defined at the witness, and all matrices that a formula names exist there."""
        need(self.over(Instance.in_domain), "the loss is not defined at the witness")
        names = {name for name in MATRICES if repr(("matrix", name)) in repr(tree)}
        if names & {"G", "H", "H_o", "H_f"} or "critical_point" in repr(tree):
            self.enclosed.jets(1)
        if names & {"r", "D", "H", "H_o", "H_f"}:
            self.enclosed.losses(2 if names & {"D", "H", "H_o"} else 1)

def to_int(value: Value) -> int:
    """A residue as an integer."""
    return int(value.value) if isinstance(value, Residue) else int(value)

# -- universal proofs --------------------------------------------------------------------------------------------------

def normal(tree: Tree, yes: bool = True) -> Tree:
    """A formula, or its negation: `not` only before predicates, comparisons by == != <= <, definiteness by index and nullity."""
    head = tree[0]
    if head == "not":
        return normal(tree[1], not yes)
    if head in ("and", "or"):
        return (head if yes else "or" if head == "and" else "and", normal(tree[1], yes), normal(tree[2], yes))
    if head == "implies":
        return ("implies" if yes else "and", normal(tree[1]), normal(tree[2], yes))
    if head in COMPARISONS:
        head, left, right = head if yes else OPPOSITE[head], tree[1], tree[2]
        return ("<=" if head == ">=" else "<", right, left) if head in (">=", ">") else (head, left, right)
    if head in ("positive_definite", "positive_semidefinite"):
        index, nullity = (("<=", term, ZERO) if yes else ("<", ZERO, term) for term in (("index", tree[1]), ("nullity", tree[1])))
        return index if head == "positive_semidefinite" else ("and" if yes else "or", index, nullity)
    return tree if yes else ("not", tree)

def linear(tree: Tree, p: Problem) -> Poly:
    """A scalar or matrix term as a linear form over atoms, () for the constant; P, N and K are numbers."""
    head, sizes = tree[0], {"P": p.P, "N": p.N, "K": p.K}
    if head == "number" or (head == "word" and tree[1] in sizes):
        value = Fraction(tree[1]) if head == "number" else Fraction(sizes[tree[1]])
        return {(): value} if value else {}
    if head not in ("+", "-", "*", "neg") or sort_of(tree, p)[0] == "subspace":
        return {tree: Fraction(1)}
    left, right = linear(tree[1], p), linear(tree[-1], p)
    if head == "neg":
        return add_into({}, left, -1)
    if head != "*":
        return add_into(left, right, 1 if head == "+" else -1)
    for factor, other in ((left, right), (right, left)):
        if set(factor) <= {()}:
            return add_into({}, other, factor.get((), 0)) if factor else {}
    return {tree: Fraction(1)}

def literals(tree: Tree, p: Problem) -> set[Tree]:
    """The facts that assuming a formula in normal form gives; no others are used."""
    head = tree[0]
    if head == "and":
        return literals(tree[1], p) | literals(tree[2], p)
    if head == "<":  # between integers x < y is x + 1 <= y
        forms = [*linear(tree[1], p).items(), *linear(tree[2], p).items()]
        whole = all(c.denominator == 1 and (atom == () or atom[0] in ("rank", "nullity", "index", "dim")) for atom, c in forms)
        return {("<=", ("+", tree[1], ONE), tree[2])} if whole else set()
    if head == "<=" and tree[1][0] in ("index", "nullity") and tree[2] == ZERO:
        return {tree, ("==", tree[1], ZERO)}
    return {tree} if head in ("==", "<=", *SETS) else set()

def matches(pattern: Tree, tree: Tree, found: dict[str, Tree]) -> bool:
    """Whether a term is an instance of a pattern, with the same term for the same unknown."""
    if type(pattern) is tuple and pattern[0] == "?":
        return found.setdefault(pattern[1], tree) == tree
    if type(pattern) is not tuple or type(tree) is not tuple or len(pattern) != len(tree):
        return type(pattern) is type(tree) and bool(pattern == tree)
    return all(matches(a, b, found) for a, b in zip(pattern, tree, strict=True))

def always(_: Proof, __: dict[str, Tree]) -> bool:
    """A theorem about all matrices."""
    return True

def fitted(proof: Proof) -> bool:
    """Every point in scope minimises the loss of every sample in f."""
    return bool(proof.p.fit) and proof.within("perfect_fits")

def least(proof: Proof, *sets: str) -> bool:
    """Every point in scope lies in one of these sets, or is a global minimum as a perfect fit without weight decay."""
    return proof.within(*sets) or (fitted(proof) and proof.p.decay == 0)

def sized(*places: int) -> Callable[[Proof, dict[str, Tree]], bool]:
    """n is one of these sizes of X or S, or the least of them."""
    def holds(proof: Proof, found: dict[str, Tree]) -> bool:
        sizes = [sort_of(found.get("X", found.get("S")), proof.p)[place] for place in places]
        return constant(found["n"]) in (*sizes, min(sizes))
    return holds

# Rule, the facts it gives (X, Y: matrices; S, T: subspaces; n, c: numbers), and where. H = GᵀDG + Σ r_j ∇²F_j + c·I is the
# chain rule. D ⪰ 0 factors as CᵀC with ker C = ker D, so rank(GᵀDG) = rank((CG)ᵀ(CG)) = rank(CG) = rank(G) − dim(im G ∩ ker D).
# Points are those where the named quantities exist, hence off the kinks, where L is smooth in a neighbourhood.
RULES: list[tuple[str, str, Callable[[Proof, dict[str, Tree]], bool]]] = [
    ("decomposition", "H == H_o + H_f", lambda proof, _: proof.p.decay == 0),
    ("decomposition", "H_o == transpose(G)*D*G", always),
    ("residual-vanishes", "H_f == 0", lambda proof, _: fitted(proof)),  # r = 0; or r = −1 where Σ_k ∇²F_k = 0
    ("residual-vanishes", "r == 0", lambda proof, _: fitted(proof) and proof.p.named != "cross_entropy"),
    ("affine-model", "H_f == 0", lambda proof, _: proof.p.affine),
    ("output-definite", "index(D) == 0", lambda proof, _: bool(proof.p.named) or fitted(proof)),
    ("output-definite", "nullity(D) == 0",
     lambda proof, _: proof.p.loss.always or (fitted(proof) and proof.p.fit == "definite")),
    ("gram-definite", "rank(H_o) == rank(G)", lambda proof, _: {("==", ("index", D), ZERO), ("==", ("nullity", D), ZERO)} <= proof.premises),
    ("gram-semidefinite", "rank(H_o) == rank(G) - dim(im(G) & ker(D))", lambda proof, _: ("==", ("index", D), ZERO) in proof.premises),
    ("gram-semidefinite", "index(H_o) == 0", lambda proof, _: ("==", ("index", D), ZERO) in proof.premises),
    ("minimum-psd", "index(H) == 0", lambda proof, _: least(proof, "local_minima", "global_minima")),
    ("stationary", "transpose(G)*r == 0", lambda proof, _: proof.p.decay == 0 and (
        proof.within("critical_points", "local_minima", "global_minima") or (fitted(proof) and proof.p.named != "cross_entropy"))),
    ("point", "perfect_fit", lambda proof, _: proof.within("perfect_fits")),
    ("point", "global_minimum", lambda proof, _: least(proof, "global_minima")),
    ("point", "local_minimum", lambda proof, _: least(proof, "global_minima", "local_minima")),
    ("point", "critical_point", lambda proof, _: least(proof, "global_minima", "local_minima", "critical_points")),
    ("product", "rank(c*X) == rank(X)", lambda _, found: constant(found["c"]) not in (None, 0)),
    ("rank-nullity", "rank(X) + nullity(X) == n", sized(2)), ("shape", "rank(X) <= n", sized(1, 2)), ("shape", "dim(S) <= n", sized(1)),
    *((rule, fact, always) for rule, facts in {
        "shape": "0 <= rank(X), 0 <= nullity(X)",
        "product": "rank(X*Y) <= rank(X), rank(X*Y) <= rank(Y), rank(-X) == rank(X), rank(H_o) <= rank(G), rank(H_o) <= rank(D)",
        "sum": "rank(X + Y) <= rank(X) + rank(Y), rank(X - Y) <= rank(X) + rank(Y)",
        "transpose": "rank(transpose(X)) == rank(X)",
        "dimension": "dim(im(X)) == rank(X), dim(ker(X)) == nullity(X), 0 <= dim(S), dim(S & T) <= dim(S), dim(S & T) <= dim(T), "
                     "dim(S + T) + dim(S & T) == dim(S) + dim(T)",
        "inertia": "index(X) <= rank(X), 0 <= index(X)",
        "symmetric": "transpose(D) == D, transpose(H) == H, transpose(H_o) == H_o, transpose(H_f) == H_f",
    }.items() for fact in facts.split(", ")),
]
PATTERNS = [(rule, parse_claim(fact, "XYSTnc")[1], condition) for rule, fact, condition in RULES]

class Proof:
    """Steps, each a fact with what it assumes, and linear combinations of them that give the leaves of the formula."""

    def __init__(self, problem: Problem, point_set: str | None, steps: Any, conclusion: Any) -> None:
        self.p, self.point_set = problem, point_set
        self.facts: list[tuple[Tree, frozenset[Tree]]] = []
        for step in listed(steps):
            keys(step, "rule args fact")
            keys(step["args"], "uses", "left right combination")
            fact, rule, args = frozen(step["fact"]), step["rule"], step["args"]
            uses = [integer(i, 0, len(self.facts) - 1) for i in listed(args["uses"])]
            need(sort_of(fact, problem) == ("formula",), "a fact is a statement")
            self.premises = {self.facts[i][0] for i in uses}
            assumed = frozenset({fact}) if rule == "assume" else frozenset[Tree]().union(*(self.facts[i][1] for i in uses))
            if rule == "equal-matrices":
                keys(args, "uses left right combination")
                need(self.equal(fact, frozen(args["left"]), frozen(args["right"]), args["combination"], assumed), "no equal matrices")
            else:
                keys(args, "uses")
                good = any(matches(pattern, fact, found := {}) and where(self, found) for name, pattern, where in PATTERNS if name == rule)
                need(good or (rule == "assume" and not uses), f"step {len(self.facts)}: {str(rule)[:40]} does not give this fact")
            self.facts.append((fact, assumed))
        self.conclusion: list[tuple[Tree, Any]] = []
        for entry in listed(conclusion):
            keys(entry, "leaf combination")
            self.conclusion.append((frozen(entry["leaf"]), entry["combination"]))

    def within(self, *sets: str) -> bool:
        """Whether all points in scope lie in one of these sets: by the claim, by the problem's targets, or by assumption."""
        fits = "perfect_fits" in sets and self.p.fits
        return self.point_set in sets or fits or any(fact[0] in SETS and SETS[fact[0]] in sets for fact in self.premises)

    def rest(self, difference: Poly, combination: Any, matrices: bool, force: frozenset[Tree]) -> Poly | None:
        """difference − Σ multiplier · (right − left) over facts; None where a fact may not be used so."""
        for pair in listed(combination):
            need(len(listed(pair)) == 2, "expected a step and its multiplier")
            (fact, assumed), factor = self.facts[integer(pair[0], 0, len(self.facts) - 1)], rational(pair[1])
            usable = fact[0] == "==" or (fact[0] == "<=" and factor >= 0)
            if not usable or not assumed <= force or (sort_of(fact[1], self.p)[0] == "matrix") != matrices:
                return None
            add_into(difference, linear(fact[2], self.p), -factor)
            add_into(difference, linear(fact[1], self.p), factor)
        return difference

    def equal(self, fact: Tree, left: Tree, right: Tree, combination: Any, assumed: frozenset[Tree]) -> bool:
        """f(left) == f(right) for a function f of matrices, as left − right is a combination of matrix facts."""
        _, rows, columns = sort_of(left, self.p)
        need(right == ZERO or sort_of(right, self.p) == ("matrix", rows, columns), "matrices of different shapes")
        function = fact[1][0]
        value = ("number", str(columns if function == "nullity" else 0)) if right == ZERO else (function, right)
        difference = add_into(linear(right, self.p), linear(left, self.p), -1)
        expected = ("==", (function, left), value)
        return function in ("rank", "nullity", "index", "trace", "det") and fact == expected and self.rest(difference, combination, True, assumed) == {}

    def check(self, formula: Tree, given: Tree) -> None:
        """Reject unless the formula follows under the condition."""
        force = frozenset(literals(normal(given), self.p) if given else ())
        need(self.proves(normal(formula), force), "the steps do not give the formula")

    def proves(self, goal: Tree, force: frozenset[Tree]) -> bool:
        """Whether a formula in normal form follows from the assumptions in force."""
        head = goal[0]
        if head == "and":
            return self.proves(goal[1], force) and self.proves(goal[2], force)
        if head == "or":
            return self.proves(goal[1], force) or self.proves(goal[2], force)
        if head == "implies":
            return self.proves(goal[2], force | literals(goal[1], self.p)) or self.proves(normal(goal[1], False), force)
        if head in ("==", "!=") and sort_of(goal[1], self.p)[0] == "scalar":
            order = "<=" if head == "==" else "<"
            return self.proves(("and" if head == "==" else "or", (order, goal[1], goal[2]), (order, goal[2], goal[1])), force)
        return any(leaf == goal and self.leaf(goal, combination, force) for leaf, combination in self.conclusion)

    def leaf(self, goal: Tree, combination: Any, force: frozenset[Tree]) -> bool:
        """Whether a combination gives a leaf: x <= y where y − x is one with a constant ≥ 0 left over; x < y where y − x − 1 is."""
        head = goal[0]
        if head in SETS:
            [[i, _]] = combination
            fact, assumed = self.facts[integer(i, 0, len(self.facts) - 1)]
            return bool(fact == goal) and assumed <= force
        if head not in ("==", "<=", "<"):
            return False
        matrices = sort_of(goal[1], self.p)[0] == "matrix"
        difference = add_into(add_into({}, linear(goal[2], self.p)), linear(goal[1], self.p), -1)
        rest = self.rest(difference, combination, matrices, force)
        if matrices or rest is None:
            return rest == {}
        return set(rest) <= {()} and rest.get((), 0) - (head == "<") >= 0

# -- certificates ------------------------------------------------------------------------------------------------------

def verify(cert: Any, field: tuple[int, int], bits: int) -> str:
    """What a certificate shows; rejects it if it does not."""
    universal = type(cert) is dict and cert.get("kind") == "universal"
    keys(cert, "format version claim tree problem verdict kind witness evidence minimum" + " steps conclusion" * universal)
    need(cert["format"] == "geomcheck-certificate" and integer(cert["version"], 1, 1), "unknown format")
    need(cert["kind"] in ("instance", "universal") and cert["verdict"] in ("PROVED", "REFUTED"), "unknown kind or verdict")
    claim = parse_claim(cert["claim"])
    need(json.dumps(claim) == json.dumps(cert["tree"]), "the tree is not that of the claim")
    _, formula, point_set, given = claim
    problem = Problem(cert["problem"])
    for part in (formula, given):
        need(part is None or sort_of(part, problem) == ("formula",), "a claim must be a statement")
    instance = problem.specialised(cert["witness"])
    site = Site(instance, cert["evidence"], cert["minimum"], field, bits)
    site.require(claim)
    need(site.member(point_set) is True, "the witness is not shown to lie in the point set")
    need(given is None or site.truth(given) is True, "the witness is not shown to satisfy the condition")
    if universal:
        need(cert["verdict"] == "PROVED", "a refutation is an instance")
        Proof(problem, point_set, cert["steps"], cert["conclusion"]).check(formula, given)
    else:
        need(cert["verdict"] == "REFUTED" or instance.data == problem.data, "a proof by evaluation needs a problem without open parts")
        need(site.truth(formula) is (cert["verdict"] == "PROVED"), f"the formula is not shown to be {cert['verdict'] == 'PROVED'}")
    return f"{cert['verdict']} {cert['claim']}"

def check_certificate(text: str) -> tuple[bool, str]:
    """Whether a certificate is accepted, and what it shows or why it is rejected."""
    WORK[0] = 0
    field, bits, reason = (1, 1), 256, "too many exponents"
    try:
        cert = read_json(text)
        for _ in range(1000):
            try:
                return True, verify(cert, field, bits)
            except Restart as wider:
                field = wider.args
                need(max(field) <= 10**9, "too many denominators in exponents")
            except Outside as error:  # perhaps a matter of precision
                reason, bits = str(error), bits * 8
                if bits > 2048:
                    break
    except Exception as error:  # the default is to reject: malformed data end here, and so do recursion and memory errors
        reason = str(error) if isinstance(error, Reject) else f"{type(error).__name__}: {error}"
    return False, reason[:300]

def main(paths: Sequence[str]) -> int:
    """Check files; the exit status."""
    status = 0 if paths else 2
    for path in paths:
        try:
            with open(path, encoding="utf-8") as file:
                accepted, reason = check_certificate(file.read(MAX_TEXT + 1))
        except (OSError, UnicodeDecodeError) as error:
            print(f"{path}: cannot be read: {error}", file=sys.stderr)
            status = 2
            continue
        print(f"{path}: {'ACCEPTED ' if accepted else 'REJECTED: '}{reason}")
        status = status or (0 if accepted else 4)
    return status

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
