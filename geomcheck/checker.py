"""Re-check geomcheck certificates: one file, the standard library only, nothing of geomcheck imported.

    python -I checker.py CERTIFICATE.json [...]      exit 0: all accepted, 4: one rejected, 2: usage or unreadable file

A certificate states a claim, a problem, a verdict and evidence. Nothing in it is believed: the claim is parsed again,
F, G, r, D and H are derived again from the problem by naive forward differentiation, and every obligation of the
verdict is checked here. Whatever is not understood is rejected.

What acceptance means. `kind = instance`: the witness lies in the claim's point set, satisfies `given`, and the formula
is true (PROVED, for a fully given problem, or where the targets alone are open and a given point fits them perfectly)
or false (REFUTED) there. `kind = universal`: the steps derive the formula (PROVED) or its negation (REFUTED) for all
points of the point set at which the named quantities exist, and the witness shows that there is such a point. A claim
about named points is about all of them in the point set at once.

Numbers. (1) Fractions. (2) ℚ(t, u), where t = e^{1/q} and u = tan(1/2q'). exp at multiples of 1/q is a power of t, sin
and cos at multiples of 1/q' are rational in u. 1/q and i/q' are linearly independent over ℚ, so e^{1/q} and w =
e^{i/q'} are algebraically independent (Lindemann–Weierstrass; for t alone, Hermite), and so are t and u = -i (w - 1)/(w
+ 1). Therefore t and u behave as free variables: an element is zero iff its numerator is the zero polynomial, and any
residues for t and u at which the denominators are invertible give a homomorphism to ℤ/m. Signs come from enclosures of
the real t and u. (3) Intervals with dyadic end points, rounded outward. A value is exact where it can be; where it
leaves ℚ(t, u), intervals are used, and only strict facts can be shown.
"""
# fmt: off
# ruff: noqa: D101, D102, D103, E701 (what a small function is for stands beside its name)

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import cached_property
from hashlib import sha256
from itertools import combinations, pairwise, permutations, product
from math import comb, factorial, gcd, isqrt, lcm, prod
from typing import Any, NamedTuple

Tree = Any  # nested tuples that start with a head: claims and formulas
Value = Any  # int, Fraction, an element of ℚ(t, u), Interval or BEYOND
Matrix = list[list[Value]]
Truth = bool | None  # None: not known
Names = frozenset[Any]
Pairs = list[tuple[int, int]]
Rows = list[list[Fraction]]  # a polynomial in b, its coefficients polynomials in a, the constant terms first

MAX_TEXT, MAX_DIGITS, MAX_SIZE, MAX_BITS, MAX_WORK, WORK = 1 << 25, 4000, 4000, 200_000, 3 * 10**8, [0]
MAX_DEGREE = 6  # of plane curves
WHOLE = 1000  # an order for polynomials, of which nothing is cut off: see Calculus.join
PROBE = (2**61 - 1, 1234567891011121314, 987654321234567891)  # a modulus and residues of t and u for our own use

class Reject(Exception): """The certificate is not accepted; the text says why."""
class Outside(Reject): """A value is not in ℚ(t, u), or an enclosure is too wide to decide."""
class Restart(Exception): """Start again in ℚ(e^{1/q}, tan(1/2q')) with the q and q' in `args`."""
def wider(*q: int) -> Exception: return Restart(*q) if max(q) < 10**9 else Outside("too many denominators in exponents")

def need(condition: Any, reason: str, error: type[Reject] = Reject) -> None:
    if not condition: raise error(reason)

def spend(amount: int) -> None:  # work in units of about 0.1 µs; too much is a rejection, the same on every machine
    WORK[0] += amount
    need(WORK[0] <= MAX_WORK, "too much work for this checker")

# -- reading -----------------------------------------------------------------------------------------------------------

def read_json(text: str) -> Any:  # without duplicate keys, floats, long integers or trailing data
    def pairs(entries: list[tuple[str, Any]]) -> dict[str, Any]:
        need(len(dict(entries)) == len(entries), "duplicate key")
        return dict(entries)
    def number(token: str) -> int:
        need(re.fullmatch("-?[0-9]{1,10}", token), f"the number {token[:20]} must be written as text")
        return int(token)
    need(len(text) <= MAX_TEXT, "the file is too large")
    return json.loads(text, object_pairs_hook=pairs, parse_float=number, parse_constant=number, parse_int=number)

def keys(data: Any, names: str, optional: str = "") -> None:  # an object with exactly these fields, optional ones apart
    need(type(data) is dict, f"expected an object with the fields {names}")
    missing, unknown = set(names.split()) - set(data), set(data) - set(names.split()) - set(optional.split())
    need(not missing and not unknown, f"missing fields {sorted(missing)}, unknown fields {sorted(unknown)}"[:200])

def listed(data: Any) -> list[Any]:
    need(type(data) is list, f"expected a list, got {str(data)[:40]}")
    return list(data)

def integer(data: Any, low: int, high: int) -> int:  # and no truth value
    need(type(data) is int and low <= data <= high, f"expected an integer from {low} to {high}, got {str(data)[:40]}")
    return int(data)

def rational(data: Any) -> Fraction:  # written as text, p or p/q
    known = type(data) is str and re.fullmatch(rf"-?[0-9]{{1,{MAX_DIGITS}}}(/[1-9][0-9]{{0,{MAX_DIGITS - 1}}})?", data)
    need(known and str(Fraction(data)) == data, f"expected a rational in lowest terms, got {str(data)[:40]}")
    return Fraction(data)

def rationals(data: Any, rows: int, columns: int) -> list[list[Fraction]]:
    need([len(listed(row)) for row in listed(data)] == [columns] * rows, f"expected {rows} rows of {columns} numbers")
    return [[rational(entry) for entry in row] for row in data]

def frozen(data: Any) -> Tree:  # nested lists as nested tuples
    need(type(data) in (list, tuple, str, int), "expected a tree")
    return tuple(frozen(part) for part in data) if type(data) in (list, tuple) else data

# -- the two languages: formulas of models and losses, and claims ------------------------------------------------------

CALLS = {name: ("call", name) for name in ("exp", "log", "tanh", "sigmoid", "softplus", "sin", "cos", "relu", "abs")}
SETS = {"perfect_fit": "perfect_fits", "critical_point": "critical_points", "local_minimum": "local_minima",
        "global_minimum": "global_minima"}  # the predicate of a point, and the set of all such points
SCALARS, MATRICES, SYMMETRIC = ("P", "N", "K", "L"), ("F", "G", "r", "D", "H", "H_o", "H_f"), ("D", "H", "H_o", "H_f")
COMPARISONS = {"==": {0}, "!=": {-1, 1}, "<=": {-1, 0}, "<": {-1}, ">=": {0, 1}, ">": {1}}  # signs of left − right
OPPOSITE = {"==": "!=", "!=": "==", "<=": ">", ">": "<=", ">=": "<", "<": ">="}
ZERO, ONE = ("number", "0"), ("number", "1")
WITHOUT_DATA = {*COMPARISONS, "and", "or", "implies", "not", "+", "-", "*", "neg", "number", "point", "permuted",
                "permutation", "orbit_size", "signed_orbit_size", "overlap", "max_overlap", "expansions", "surjections"}
POINTS, PERMUTATIONS = "ABCEIJMOQRSTUVWXYZ", "abcdefghijklmnopqstuvwxyz"  # letters of named points, of permutations
SIGNATURES = {(head, takes): gives for heads, takes, gives in (
    ("and or implies", "formula formula", "formula"), ("not", "formula", "formula"), (" ".join(SETS), "", "formula"),
    (" ".join(COMPARISONS), "scalar scalar", "formula"), ("== !=", "matrix matrix", "formula"),
    ("positive_definite positive_semidefinite", "matrix", "formula"), ("dim", "subspace", "scalar"),
    ("rank generic_rank nullity index trace det entry", "matrix", "scalar"), ("ker im", "matrix", "subspace"),
    ("+ - *", "scalar scalar", "scalar"), ("+ - *", "matrix matrix", "matrix"),
    ("+ &", "subspace subspace", "subspace"), ("neg", "scalar", "scalar"), ("neg transpose", "matrix", "matrix"),
    ("stack constraint", "subspace", "matrix"), ("permuted", "point permutation", "point"), ("neg", "point", "point"),
    ("+ -", "point point", "point"), ("orbit_size signed_orbit_size", "point", "scalar"),
    ("overlap activation_overlap max_overlap barrier min_barrier", "point point", "scalar"),
    ("components", "set", "scalar"), ("expansions surjections", "scalar scalar", "scalar")) for head in heads.split()}
WORDS = {name: ("word" if name in SCALARS else "matrix", name) for name in SCALARS + MATRICES}
WORDS["minima"] = ("set", "minima")  # of all global minima
WORDS |= {x: ("point", x) for x in POINTS} | {x: ("permutation", x) for x in PERMUTATIONS}
APPLIED = {head: len(takes.split()) for head, takes in SIGNATURES if re.fullmatch("[a-z_]{2,}", head) and takes and head
           not in ["and", "or", "implies", "not", "neg", "entry", "stack", "constraint"]}

def parse(text: Any, limit: int, levels: Sequence[Iterable[str]], words: dict[str, Any], calls: dict[str, Any]) -> Any:
    """The tree of a text, by precedence climbing; `levels` lists the infix operators from the loosest, `calls` what is
    applied to parentheses: the tree without what they hold, or how many terms they hold.
    """
    need(type(text) is str and len(text) <= limit, "expected a text that is not too long")
    form = r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|[A-Za-z_][A-Za-z_0-9]*|\*\*|[<>=!]=|[-+*/^()<>&,.@\[\]]"
    tokens, ranks, slash = [*re.findall(form, text)[::-1]], [tuple(level) for level in levels], "/" in levels[-1]
    need("".join(tokens[::-1]) == re.sub("[ \t\r\n]", "", text), f"unexpected characters in {text[:60]!r}")

    def accept(*known: str) -> str: return tokens.pop() if tokens and tokens[-1] in known else ""

    def expect(pattern: str) -> str:
        need(tokens and re.fullmatch(pattern, tokens[-1]), f"expected {pattern} at {' '.join(tokens[:-9:-1])[:60]!r}")
        return str(tokens.pop())

    def infix(i: int = 0) -> Tree:
        if i == len(ranks):
            sign = accept("-", "+") if slash else accept("-")
            return ("neg", infix(i)) if sign == "-" else infix(i) if sign else postfix(primary())
        if ranks[i] == ("not",): return ("not", infix(i)) if accept("not") else infix(i + 1)
        left, chain = infix(i + 1), None
        while operator := accept(*ranks[i]):
            right = infix(i + (operator != "implies"))  # implies groups to the right, everything else to the left
            link = (operator, left, right)
            left = right if operator in COMPARISONS else link
            if operator in COMPARISONS: chain = ("and", chain, link) if chain else link  # a < b < c is a < b and b < c
        return chain or left

    def inside() -> Tree: return (expect(r"\("), infix(), expect(r"\)"))[1]

    def primary() -> Tree:
        if tokens and tokens[-1] == "(": return inside()
        token = expect("[A-Za-z_0-9].*")
        if token in words: return words[token]
        if token in calls and slash: return (*calls[token], inside())
        if token in calls:
            parts = [(expect(r"\(" if not place else ","), infix())[1] for place in range(calls[token])]
            return (token, *parts, expect(r"\)"))[:-1]
        fine = token[0].isdigit() and len(token) <= MAX_DIGITS and not re.search("[eE].{5}", token)
        need(fine, f"unexpected {token[:40]}")
        if slash: return ("number", Fraction(token))
        below = expect(f"[0-9]{{0,{MAX_DIGITS}}}[1-9][0-9]*") if accept("/") else "1"
        return ("number", str(Fraction(int(token), int(below))))

    def postfix(tree: Tree) -> Tree:
        powers = 0
        while bracket := accept(".", "[", "@") if not slash else accept("^", "**"):
            if bracket == ".": tree = (("transpose", tree), expect("T"))[0]
            elif bracket == "@": tree = ("@", tree, primary())
            elif bracket != "[":
                tree, powers = ("^", tree, int(expect("[0-9]{1,3}|1000"))), powers + 1
                need(powers == 1, "a power of a power needs parentheses")
            elif tree == ("point", "A"): tree = ("activations", int(expect("[0-9]{1,9}")), expect("]"))[:2]
            else: tree = ("entry", tree, *[int(expect("[0-9]{1,9}") + expect(end)[:0]) for end in (",", "]")])
        return tree

    tree = infix()
    need(not tokens, f"unexpected {tokens[-1][:40] if tokens else ''} in {text[:60]!r}")
    return tree

def parse_formula(text: Any, names: Iterable[str], calls: dict[str, Tree] = CALLS) -> Tree:
    spend(50 * len(text))
    return parse(text, 100_000, ("+-", "*/"), {name: ("name", name) for name in names}, calls)

def parse_claim(text: Any, unknowns: str = "") -> Tree:
    """The tree ("claim", formula, point set or None, given or None) of a claim; unknowns are letters for any term."""
    need(type(text) is str and len(text) <= 10_000, "expected a text that is not too long")
    split = re.fullmatch(r"(.*?)(?:\bat[ \t\r\n]+([a-z_]+)[ \t\r\n]*)?(?:\bgiven\b(.*))?", text, re.DOTALL)
    assert split is not None
    levels = (("implies",), ("or",), ("and",), ("not",), COMPARISONS, "+-", "&", "*")
    words = WORDS | {word: (word,) for word in SETS} | {word: ("?", word) for word in unknowns}
    formula, given = (part and parse(part, 10_000, levels, words, APPLIED) for part in split.group(1, 3))
    need(split[2] in (None, *SETS.values(), "generic_points", "all_points"), "unknown point set")
    return ("claim", formula, split[2], given)

def named(tree: Tree) -> set[str]:  # the points that a term names
    if type(tree) is not tuple: return set()
    return {tree[1]} if tree[:1] == ("point",) else set().union(*map(named, tree))

def taken(tree: Tree) -> list[tuple[Tree | None, Tree]]:  # the quantities, after where they are taken (None: bare)
    if type(tree) is not tuple or not tree: return []
    if tree[0] == "@": return [(tree[2], tree[1])]
    bare = tree[0] in (*SETS, "matrix", "activations") or tree == ("word", "L")
    return [(None, tree)] if bare else [pair for part in tree for pair in taken(part)]

def placed(tree: Tree) -> Tree | None:  # the one point at which all of a term is taken, if there is one
    places = {place for place, _ in taken(tree)}
    return places.pop() if len(places) == 1 else None

def speaks_of_data(tree: Tree, *more: str) -> bool:  # whether inputs and targets can matter to a claim
    if type(tree) is not tuple: return tree not in (None, "all_points", "generic_points")  # a point set
    parts = tree[1:] if tree[0] == "claim" else [part for part in tree[1:] if type(part) is tuple]
    free = tree[0] in ("claim", *WITHOUT_DATA, *more) or tree in (("word", "P"), ("word", "N"), ("word", "K"))
    return not free or any(speaks_of_data(part, *more) for part in parts)

def conjuncts(tree: Tree) -> list[Tree]:
    return [x for side in tree[1:] for x in conjuncts(side)] if tree and tree[0] == "and" else [tree]

def stripped(tree: Tree) -> Tree:  # the term without its points
    return tree if type(tree) is not tuple else tree[1] if tree[0] == "@" else tuple(map(stripped, tree))

def arithmetic(head: str, values: Sequence[Any]) -> Any:  # of anything that has it
    if head == "neg": return -values[0]
    need(head in ("+", "-", "*", "/"), f"unknown operation {head[:40]}")
    a, b = values
    return a + b if head == "+" else a - b if head == "-" else a * b if head == "*" else a / b

def constant(tree: Tree) -> Fraction | None:  # the value of a term built from numbers alone, else None
    if tree[0] == "number": return Fraction(tree[1])
    values = [constant(part) for part in tree[1:]] if tree[0] in ("+", "-", "*", "neg") else [None]
    return None if None in values else arithmetic(tree[0], values)

def sort_of(tree: Tree, p: Problem) -> tuple[Any, ...]:
    """What a term is in a problem: ("formula",), ("scalar",), ("matrix", rows, columns) or ("subspace", n, w, c).

    A subspace is X · ker C with X of shape n x w and C of shape c x w: ker M = I · ker M, im M = M · ker 0, and S + T =
    [X Y] · ker diag(C, D), S & T = [X 0] · ker [C 0; 0 D; X −Y]. Hence dim = rank [C; X] − rank C, the matrices
    ("stack", S) and ("constraint", S). Rejects malformed trees, shapes that do not fit, index of what may not be
    symmetric.
    """
    need(type(tree) is tuple and tree and type(tree[0]) is str, "malformed tree")
    spend(80)
    head, parts, behaviours = tree[0], tree[1:], p.N * p.K
    if head in ("point", "permutation"):
        known = len(parts) == 1 and type(parts[0]) is str and len(parts[0]) == 1
        need(known and parts[0] in (POINTS if head == "point" else PERMUTATIONS), "no name of a " + head)
        return (head,)
    if head == "@":
        need(len(parts) == 2 and sort_of(parts[1], p) == ("point",), "no point after @")
        need(parts[0][0] in (*SETS, "matrix", "activations") or parts[0] == ("word", "L"), "@ does not apply to this")
        return sort_of(parts[0], p)
    if head in ("number", "word", "matrix", "activations", "set"):
        need(len(parts) == 1, f"malformed {head}")
        if head == "activations": return ("matrix", p.N, p.widths[integer(parts[0], 0, len(p.layers) - 1)])
        need(rational(parts[0]) >= 0 if head == "number" else WORDS.get(parts[0]) == tree, "unknown word")
        if head == "set": return ("set",)
        columns = {"F": 1, "r": 1, "D": behaviours}.get(parts[0], p.P)
        return ("matrix", p.P if parts[0][0] == "H" else behaviours, columns) if head == "matrix" else ("scalar",)
    sorts = [sort_of(part, p) for part in (parts[:1] if head == "entry" else parts)]
    kinds, ends = " ".join(sort[0] for sort in sorts), [(*sort[1:], 0, 0)[:2] for sort in sorts[:1] + sorts[-1:]]
    (a, b), (c, d) = ends or ((0, 0), (0, 0))
    if head == "*" and kinds == "scalar matrix" and constant(parts[0]) is not None: return sorts[1]
    if head in ("==", "!=") and kinds == "matrix scalar" and parts[1] == ZERO: return ("formula",)
    if head == "*" and kinds == "scalar point" and constant(parts[0]) is not None: return ("point",)
    need(head != "generic_rank" or not named(tree), "a generic rank is not taken at a point")
    hidden = re.fullmatch("permuted|signed_orbit_size|activation_overlap|min_barrier", head)
    need(p.layers or not hidden, "no hidden units")
    for part in parts if head in ("expansions", "surjections") else (): amount(part)
    need((head, kinds) in SIGNATURES, f"{head[:40]} does not apply to {kinds.replace(' ', ' and ') or 'nothing'}")
    if kinds == "matrix matrix": need(b == c if head == "*" else (a, b) == (c, d), f"{head} of {a}x{b} and {c}x{d}")
    if kinds == "subspace subspace":
        need(a == c, "subspaces of different spaces")
        return ("subspace", a, b + d, sorts[0][3] + sorts[1][3] + (a if head == "&" else 0))
    if head in ("ker", "im"): return ("subspace", b, b, a) if head == "ker" else ("subspace", a, b, 0)
    if head in ("stack", "constraint"): return ("matrix", sorts[0][3] + (a if head == "stack" else 0), b)
    if head == "entry": need([integer(i, 0, n - 1) for i, n in zip(parts[1:], (a, b), strict=True)], "no entry")
    need(head not in ("trace", "det") or a == b, f"{head} of a matrix that is not square")
    need(head not in ("index", "positive_definite", "positive_semidefinite") or symmetric(parts[0]), "not symmetric")
    gives = SIGNATURES[head, kinds]
    return (gives, *((b, a) if head == "transpose" else (a, d))) if gives == "matrix" else (gives,)

def symmetric(tree: Tree) -> bool:  # by its form: D, H, H_o, H_f, products like G.T*D*G, and combinations of these
    def factors(term: Tree) -> list[Tree]: return factors(term[1]) + factors(term[2]) if term[0] == "*" else [term]
    def turned(term: Tree) -> Tree:
        return term[1] if term[0] == "transpose" else term if symmetric(term) else ("transpose", term)
    head, *parts = tree
    if head == "*" and constant(parts[0]) is None: return list(map(turned, factors(tree)[::-1])) == factors(tree)
    if head == "matrix": return parts[0] in SYMMETRIC
    if head == "@": return symmetric(parts[0])
    return head in ("+", "-", "neg", "transpose", "*") and all(map(symmetric, parts[1:] if head == "*" else parts))

# -- sparse rings ------------------------------------------------------------------------------------------------------

class AbstractRing:  # what follows from +, * and inverse()
    def __add__(self, other: Any) -> Any: raise NotImplementedError
    def __mul__(self, other: Any) -> Any: raise NotImplementedError
    def inverse(self) -> Any: raise NotImplementedError
    def __radd__(self, other: Any) -> Any: return self + other
    def __rmul__(self, other: Any) -> Any: return self * other
    def __neg__(self) -> Any: return self * -1
    def __sub__(self, other: Any) -> Any: return self + other * -1
    def __rsub__(self, other: Any) -> Any: return self * -1 + other
    def __truediv__(self, other: Any) -> Any: return self * inverse(other)
    def __rtruediv__(self, other: Any) -> Any: return self.inverse() * other

class Monomials(NamedTuple):  # a kind of monomials: their unit, and their product, None for one that is cut off
    unit: Any
    join: Callable[[Any, Any], Any]
    def invert(self, x: Sparse) -> Any: return no_polynomial(x)

POWERS = Monomials((0, 0), lambda a, b: (a[0] + b[0], a[1] + b[1]))  # t^i u^j as (i, j), i and j possibly negative
NAMED = Monomials((), lambda a, b: tuple(sorted(a + b, key=repr)))  # sorted tuples of atoms of any type

class Sparse(AbstractRing):
    """Σ coefficient · monomial. Four uses: polynomials in t and u; elements of ℚ(t, u), sums of fractions whose
    monomials are products of denominators; jets, polynomials in increments of the variables; linear forms and
    polynomials in names.
    """
    def __init__(self, kind: Any, terms: dict[Any, Value]) -> None:
        self.kind, self.terms = kind, {m: c for m, c in terms.items() if c}
    def __bool__(self) -> bool: return bool(self.terms)  # False: visibly zero
    def inverse(self) -> Any: return self.kind.invert(self)
    def lifted(self, other: Value) -> dict[Any, Value]:
        if isinstance(other, Sparse) and other.kind is self.kind: return other.terms
        return {self.kind.unit: self.kind.coefficient(other) if isinstance(self.kind, Numbers) else other}
    def __add__(self, other: Any) -> Any:
        if other is BEYOND and isinstance(self.kind, Numbers): return BEYOND
        terms = dict(self.terms)
        for m, c in self.lifted(other).items():
            if m in terms: spend(length(terms[m]) * length(c) >> 16)
            terms[m] = terms[m] + c if m in terms else c
        spend(4 * len(terms))
        return Sparse(self.kind, terms)
    def __mul__(self, other: Any) -> Any:
        if other is BEYOND and isinstance(self.kind, Numbers): return BEYOND
        terms, entries = dict[Any, Value](), sorted(self.lifted(other).items(), key=lambda entry: len(entry[0]))
        long = max(map(len, self.terms), default=0) + max((len(m) for m, _ in entries[-1:]), default=0)
        bits = sum(map(length, self.terms.values())) * sum(length(c) for _, c in entries)
        spend((25 + long * long // 8) * len(self.terms) * len(entries) + (bits >> 16))
        for a, x in self.terms.items():
            for b, y in entries:
                if (m := self.kind.join(a, b)) is None: break  # and so are all longer ones
                terms[m] = terms[m] + x * y if m in terms else x * y
        spend(60 * max(len(terms) - 1000, 0))  # for the memory
        return Sparse(self.kind, terms)

def inverse(value: Value) -> Value:
    need(isinstance(value, AbstractRing) or value != 0, "division by zero")
    return value.inverse() if isinstance(value, AbstractRing) else 1 / Fraction(value)

def length(c: Value) -> int: return c.numerator.bit_length() + c.denominator.bit_length() if type(c) is Fraction else 0

def guarded(value: Value) -> Value:  # the value itself, unless it contains too long a rational
    number = value.terms.get((), 0) if isinstance(value, Sparse) else value
    bits = number.numerator.bit_length() + number.denominator.bit_length() if isinstance(number, Fraction) else 0
    spend(1 + (bits >> 8) ** 2)
    need(bits <= MAX_BITS, "a number grows too long")
    return value

def power_of(value: Value, n: int) -> Value:
    result: Value = Fraction(1)
    for bit in f"{n:b}": result = guarded(result * result * (value if bit == "1" else 1))
    return result

def evaluate(formula: Tree, names: dict[str, Value], apply: Callable[[str, Value], Value]) -> Value:
    head = formula[0]
    if head in ("number", "name"): return formula[1] if head == "number" else names[formula[1]]
    if head == "call": return apply(formula[1], evaluate(formula[2], names, apply))
    if head == "^": return power_of(evaluate(formula[1], names, apply), formula[2])
    return guarded(arithmetic(head, [evaluate(part, names, apply) for part in formula[1:]]))

def no_polynomial(*_: Any) -> Any: need(False, "not a polynomial", Outside)

# -- the problem -------------------------------------------------------------------------------------------------------

class Loss(NamedTuple):
    text: str  # a formula in f and y, to be summed over the outputs; or a formula in all outputs and targets
    link: str | None  # the targets that f fits perfectly; None: there are no finite ones
    fit: str  # D at a perfect fit: "definite" or "semidefinite"
    always: bool  # D ≻ 0 everywhere. D ⪰ 0 everywhere, and convex in f: all of these
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
    "squared_hinge": Loss("relu(1-y*f)^2/2", None, "", False, "sign")}
ELEMENTARY = {name: ("call", name) for name in ("exp", "log", "sin", "cos", "relu", "cdf")}  # known to `derivatives`
COMPOSED = {name: parse_formula(text, "zc", ELEMENTARY) for name, text in {  # c: the slope
    "linear": "z", "leaky_relu": "c*z+(1-c)*relu(z)", "abs": "2*relu(z)-z", "square": "z^2", "tanh": "1-2/(exp(2*z)+1)",
    "sigmoid": "1/(exp(-z)+1)", "softplus": "log(exp(z)+1)", "silu": "z/(exp(-z)+1)", "gaussian": "exp(-z^2)",
    "gelu": "z*cdf(z)", "logcosh": "log((exp(2*z)+1)/(2*exp(z)))"}.items()}
BENT = ("linear", "relu", "leaky_relu", "abs")  # piecewise linear
def composed(name: str, c: Any) -> Tree | None:  # an activation as a formula in z, unless it is elementary
    return ("^", ("name", "z"), int(c)) if name == "power" else COMPOSED.get(name)

ACTIVATIONS = ("relu", "power", "sin", "exp", *set(COMPOSED) - {"logcosh"})

class Problem:
    """A problem in canonical form; what it leaves open is None."""
    def __init__(self, data: Any) -> None:
        keys(data, "model loss behaviour reduction weight_decay samples inputs targets parameters",
             "points permutations baseline teacher")
        self.data, self.N, model, loss = data, integer(data["samples"], 1, MAX_SIZE), data["model"], data["loss"]
        self.layers, self.widths = list[dict[str, Any]](), list[int]()  # of a dense network
        self.names, self.formulas = list[str](), list[Tree]()  # of an explicit model: parameters, then inputs; outputs
        if type(model) is dict and model.get("kind") == "dense": self._dense(model)
        else:
            keys(model, "kind parameters inputs outputs")
            need(model["kind"] == "explicit", "unknown kind of model")
            self.P, self.d, self.K = (len(listed(model[part])) for part in ("parameters", "inputs", "outputs"))
            self.names = distinct(model["parameters"] + model["inputs"])
            self.formulas = [parse_formula(text, self.names) for text in model["outputs"]]
        need(1 <= self.P <= MAX_SIZE and 1 <= self.N * self.K <= MAX_SIZE, "the problem is empty or too large")
        self.named, self.outputs, self.labels = loss if type(loss) is str else "", ["f"], ["y"]
        if not self.named:
            keys(loss, "outputs targets value")
            self.outputs, self.labels = listed(loss["outputs"]), listed(loss["targets"])
            need(len(self.outputs) == len(self.labels) == self.K, f"the loss needs {self.K} outputs and targets")
        need(not self.named or loss in LOSSES, f"unknown loss {self.named[:40]}")
        self.loss = LOSSES[loss] if self.named else Loss(loss["value"], "identity", "", False)
        calls = CALLS | ({"logcosh": ("call", "logcosh")} if self.named else {})
        self.loss_formula = parse_formula(self.loss.text, distinct(self.outputs + self.labels), calls)
        need(data["behaviour"] in ("outputs", "probabilities"), "unknown behaviour")
        need(data["reduction"] in ("sum", "mean"), "unknown reduction")
        self.scale = Fraction(1, self.N if data["reduction"] == "mean" else 1)
        self.decay = rational(data["weight_decay"])
        need(self.decay >= 0, "the weight decay is negative")
        softmax = self.named == "cross_entropy" or (self.K >= 2 and self.named not in ("bce", "logistic"))
        self.squash = "" if data["behaviour"] == "outputs" else "softmax" if softmax else "sigmoid"
        need(not self.squash or self.named not in ("softmax_cross_entropy", "bce_logits"), "write cross_entropy or bce")
        self.parameters = None if data["parameters"] is None else rationals([data["parameters"]], 1, self.P)[0]
        self.inputs = None if data["inputs"] is None else rationals(data["inputs"], self.N, self.d)
        self.fits = data["targets"] == "perfect_fit"
        self.targets = None if self.fits or data["targets"] is None else rationals(data["targets"], self.N, self.K)
        for row in self.targets or []:
            need(self.loss.label not in ("unit", "simplex") or all(0 <= y <= 1 for y in row), "targets outside [0, 1]")
            need(self.loss.label != "simplex" or sum(row) == 1, "targets outside the simplex")
            need(self.loss.label != "sign" or {abs(y) for y in row} == {1}, "targets other than 1 and -1")
        need(data.get("baseline", "linear") == "linear" and integer(data.get("teacher", 1), 1, MAX_SIZE), "wrong words")
        self.points, self.permutations = (data.get(name, {"": []}) for name in ("points", "permutations"))
        need(type(self.points) is dict and type(self.permutations) is dict, "expected points and permutations by name")
        self.points = {x: rationals([theta], 1, self.P)[0] for x, theta in self.points.items() if x}
        self.permutations = {x: self.permutation(images) for x, images in self.permutations.items() if x}
        need(all(data.get(name, 1) for name in ("points", "permutations")), "no points, no permutations")
        need({*self.points} <= {*POINTS} and {*self.permutations} <= {*PERMUTATIONS}, "unknown names")
        need(not self.points or not (self.fits or self.parameters), "points beside parameters, or targets of one point")

    def classes(self) -> list[list[int]]:  # the hidden layers that are permuted, alike where links tie them
        links = [{l, l if layer["residual"] is None else layer["residual"]} for l, layer in enumerate(self.layers, 1)]
        return sorted(sorted(group) for group in merged(links) if not {*group} & {0, len(self.layers)})

    def permutation(self, data: Any) -> list[list[int]]:  # of the units of all layers, input and output too
        inner = [[integer(i, 0, width - 1) for i in listed(images)] for width, images in
                 zip(self.widths[1:-1], listed(data), strict=True)]
        images = [list(range(self.d)), *inner, list(range(self.K))]
        need(self.layers and all(sorted(order) == list(range(width)) for order, width in
                                 zip(images, self.widths, strict=True)), "a permutation lists every unit once")
        tied = all(images[l] == images[layer["residual"]] for l, layer in enumerate(self.layers, 1)
                   if layer["residual"] is not None)
        need(tied, "a permutation that breaks a residual link")
        return images

    def places(self) -> list[tuple[int, int, int]]:  # of each parameter: layer, unit, and unit before (−1: a bias)
        return [(l, i, j) for l, layer in enumerate(self.layers, 1) for fan in (self.widths[l - 1],) for i, j in (
            [(i, j) for i in range(layer["width"]) for j in range(fan)] + [(i, -1) for i in range(layer["width"])]
            * layer["bias"])]

    def moved(self, theta: list[Fraction], images: list[list[int]]) -> list[Fraction]:  # unit i from unit images[l][i]
        if not self.layers: return theta
        at = dict(zip(self.places(), theta, strict=True))
        return [at[l, images[l][i], images[l - 1][j] if j >= 0 else j] for l, i, j in self.places()]

    def units(self, theta: list[Fraction], layer: int) -> list[list[Fraction]]:  # the weights of each unit of a layer
        entries = list(zip(self.places(), theta, strict=True))
        return [[x for (l, j, k), x in entries if (l, j) == (layer, i) or (l, k) == (layer + 1, i)]
                for i in range(self.widths[layer])]

    def theta(self, place: Tree) -> list[Fraction]:  # the parameters that a point term stands for
        head, *parts = place
        if head in ("point", "permuted"):
            known = self.points if head == "point" else self.permutations
            name = parts[0] if head == "point" else parts[1][1]
            need(name in known, f"no {head} {name}")
            return known[name] if head == "point" else self.moved(self.theta(parts[0]), known[name])
        if head == "*": return [x * (constant(parts[0]) or 0) for x in self.theta(parts[1])]
        return [arithmetic(head, pair) for pair in zip(*map(self.theta, parts), strict=True)]

    def at(self, place: Tree) -> Problem:  # the problem at a point
        shared = {x: y for x, y in self.data.items() if x not in ("points", "permutations")}
        return Problem({**shared, "parameters": [str(x) for x in self.theta(place)]})

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
            reach = None if source is None else self.widths[integer(source, 0, len(self.widths) - 1)]
            need(reach in (None, width), "a residual of another width")
            self.layers.append({**layer, "name": name, "c": c})
            self.P += width * (self.widths[-1] + layer["bias"])
            self.widths.append(width)
        self.K = self.widths[-1]

    def specialised(self, witness: Any) -> Problem:  # to the instance of a witness, which agrees with all that is given
        keys(witness, "parameters inputs targets", "points permutations")
        named = "points" in witness
        need(named or "permutations" not in witness, "permutations of no points")
        for name, value in witness.items():
            if name in ("points", "permutations"):
                need(type(value) is dict and value and {**value, **self.data.get(name, {})} == value, f"other {name}")
            else:
                lacks = (value is None) != (named and name == "parameters")
                need(not lacks and self.data[name] in (None, value), f"the witness changes or lacks the {name}")
        need({*self.data.get("points", {})} <= {*witness.get("points", {})}, "the witness lacks points")
        return Problem({**self.data, **witness})

    def affine_in(self, names: Iterable[str]) -> bool:  # whether the formulas are, by their form
        def degree(tree: Tree) -> int:
            if tree[0] in ("number", "name"): return int(tree[1] in names)
            degrees = [degree(part) for part in tree[1:] if type(part) is tuple]
            if tree[0] == "call" or (tree[0] == "/" and degrees[1]): return 2 * max(degrees)
            return degrees[0] * tree[2] if tree[0] == "^" else sum(degrees) if tree[0] == "*" else max(degrees)
        spend(sum(map(len, self.data["model"]["outputs"])))
        return all(degree(formula) <= 1 for formula in self.formulas)

    @cached_property
    def affine(self) -> bool:  # whether the behaviour is affine in the parameters
        if self.squash or self.layers: return not self.squash and [layer["name"] for layer in self.layers] == ["linear"]
        return self.affine_in(self.names[: self.P])

    @property
    def bent(self) -> list[int]:  # the layers, from the last one down, in whose parameters F is affine off the kinks
        layers = [0 if self.squash or x["name"] not in BENT else l for l, x in enumerate(self.layers, 1)]
        return layers[max([l for l, x in enumerate(layers, 1) if not x], default=0):]

    def flat(self, i: int, j: int) -> bool:  # whether ∂_i ∂_j F = 0: affine in both, or one a bias of the output
        if self.squash or not self.layers: return not self.squash and self.affine_in({self.names[i], self.names[j]})
        (l, _, a), (m, _, b) = self.places()[i], self.places()[j]
        return bool(self.bent) and max(l, m) in self.bent and (l == m or len(self.layers) in ((a < 0) * l, (b < 0) * m))

    @property
    def multiaffine(self) -> bool:  # whether ∂_i² F = 0 for all i
        if self.layers: return len(self.bent) == len(self.layers)
        return not self.squash and all(self.affine_in([name]) for name in self.names[: self.P])

    @cached_property
    def block(self) -> tuple[int, int]:  # bounds of rank(H_f) and index(H_f): rows of zeros, and a block of zeros
        if self.layers: sizes = [self.widths[l] * (self.widths[l - 1] + self.layers[l - 1]["bias"]) for l in self.bent]
        else:
            names = list[str]()
            for name in self.names[: self.P * (not self.squash)]: names += [name] * self.affine_in([*names, name])
            sizes = [len(names)]
        zero = self.K * bool(self.bent and self.layers[-1]["bias"])
        sizes[-1:] = [size - zero for size in sizes[-1:]]
        index = self.P - zero - max(sizes, default=0)
        return min(self.P - zero, 2 * index), index

    @property
    def scalings(self) -> int:  # units that relu, leaky_relu or abs let us rescale, exp with a bias shift: fields that
        # vanish nowhere off the kinks, and independent, since of the weights into a layer only itself and the one
        # before move any
        def free(l: int, layer: Any) -> bool:
            plain = layer["residual"] is None and all(other["residual"] != l for other in self.layers)
            scaled = layer["name"] in ("relu", "abs") or (layer["name"] == "leaky_relu" and layer["c"] != 1)
            return plain and (scaled or (layer["name"] == "exp" and layer["bias"]))
        return sum(layer["width"] for l, layer in enumerate(self.layers[:-1], 1) if free(l, layer))

    @property
    def features(self) -> bool:  # whether F = W A + b (+ a residual): G holds a copy of A for each output
        return bool(self.layers) and self.layers[-1]["name"] == "linear" and not self.squash

    @cached_property
    def fit_form(self) -> tuple[Matrix | None, bool, bool]:
        """∇²ℓ at f = y for a loss formula that is minimised there, else None; whether it is convex in f; and 0 there.

        With f = y + w the value must be a part without w, plus a quadratic form ½ wᵀQw with Q ⪰ 0, plus products of
        even powers of w, of degree 4 or more, all with constant coefficients, the last ones ≥ 0; then ℓ is least at w =
        0, with r = 0 and D = Q. It is convex if the last ones are powers of single variables.
        """
        y = {name: Sparse(NAMED, {(name,): Fraction(1)}) for name in self.labels}
        w = {name: y[self.labels[k]] + Sparse(NAMED, {(k,): Fraction(1)}) for k, name in enumerate(self.outputs)}
        try: terms = (Sparse(NAMED, {}) + evaluate(self.loss_formula, y | w, no_polynomial)).terms
        except Outside: return None, False, False
        convex, form = True, [[Fraction(0)] * self.K for _ in range(self.K)]
        for monomial, c in terms.items():
            powers = [k for k in monomial if type(k) is int]
            if powers and (len(powers) < len(monomial) or len(powers) < 2): return None, False, False
            if len(powers) == 2:
                form[powers[0]][powers[1]] += c
                form[powers[1]][powers[0]] += c
            elif powers and (c < 0 or any(powers.count(k) % 2 for k in powers)): return None, False, False
            convex = convex and (len(powers) == 2 or len(set(powers)) <= 1)
        if definiteness(form) == "indefinite": return None, False, False
        return form, convex, all(any(type(k) is int for k in monomial) for monomial in terms)

    @property
    def convex(self) -> Any: return self.named or self.fit_form[1]  # the loss, in f

    @property
    def vanishing(self) -> bool: return self.fit_form[2] if not self.named else self.named in VANISHING  # ℓ = 0 at fits

    @property
    def wide_linear(self) -> bool:  # F = W_L ⋯ W_1 x (+ b, free) with hidden layers no narrower than d or K
        forms, biases = {(layer["name"], layer["residual"]) for layer in self.layers}, [x["bias"] for x in self.layers]
        if forms != {("linear", None)} or self.squash or self.decay or not (biases[-1] or not any(biases)): return False
        return self.named not in ("bce", "cross_entropy") and bool(self.convex) and (
            min(self.widths) >= min(self.d, self.K))

    @property
    def two_linear(self) -> bool:  # one hidden layer, linear, squared loss
        forms = [(layer["name"], layer["residual"]) for layer in self.layers]
        return forms == [("linear", None)] * 2 and self.named == "mse" and not self.squash and self.decay == 0

    @property
    def strict(self) -> Any:  # whether r = 0 at a fit alone
        if not self.named: return self.fit_form[1] and self.fit == "definite"
        return self.named in ("mse", "quartic", "logcosh", "bce", "bce_logits", "softmax_cross_entropy")

    @cached_property
    def normalised(self) -> bool:  # of cross-entropy: Σ_k F_k ≡ 1, names and calls being free variables
        def fraction(tree: Tree) -> Any:
            if tree[0] == "number": return tree[1], Fraction(1)
            if tree[0] in ("name", "call"): return Sparse(NAMED, {(tree,): Fraction(1)}), Fraction(1)
            if tree[0] == "^": return [power_of(part, tree[2]) for part in fraction(tree[1])]
            (a, b), (c, d) = fraction(tree[1]), fraction(tree[2]) if len(tree) > 2 else (Fraction(0), Fraction(1))
            if tree[0] in "*/": return (a * c, b * d) if tree[0] == "*" else (a * d, b * c)
            return (a * d - c * b, b * d) if tree[0] == "-" else (a * d + c * b, b * d) if tree[0] == "+" else (-a, b)
        if self.squash or self.named != "cross_entropy" or self.layers: return self.squash == "softmax"
        total: Tree = ("number", Fraction(-1))
        for formula in self.formulas: total = ("+", total, formula)
        above, below = fraction(total)
        return not above and bool(below)

    @property
    def fit(self) -> str:  # D at perfect fits, if the loss is known to be least there: (semi)definite; else ""
        if self.named: return self.loss.fit if self.named != "cross_entropy" or self.normalised else ""
        form = self.fit_form[0]
        return definiteness(form) if form else ""

def inertia(form: Matrix) -> tuple[int, int]:  # how many eigenvalues are positive, negative, by Lagrange's reduction
    spend(7 * len(form) ** 3)
    matrix, signs = [list(row) for row in form], list[bool]()
    while matrix:
        i = next((i for i, row in enumerate(matrix) if row[i]), None)
        if i is None:
            pair = next(((i, j) for i, row in enumerate(matrix) for j, c in enumerate(row) if c), None)
            if pair is None: break
            i, j = pair  # x_i + x_j in place of x_i makes the entry on the diagonal 2 m_ij
            matrix[i] = [a + b for a, b in zip(matrix[i], matrix[j], strict=True)]
            for row in matrix: row[i] += row[j]
        top = matrix[i]
        signs.append(top[i] > 0)
        matrix = [[guarded(c - row[i] * d / top[i]) for k, (c, d) in enumerate(zip(row, top, strict=True)) if k != i]
                  for h, row in enumerate(matrix) if h != i]
    return sum(signs), len(signs) - sum(signs)

def definiteness(form: Matrix) -> str:
    positive, negative = inertia(form)
    return "indefinite" if negative else "definite" if positive == len(form) else "semidefinite"

def distinct(names: list[Any]) -> list[str]:
    need(len(names) <= 2 * MAX_SIZE, "too many names")
    for name in names:
        known = type(name) is str and re.fullmatch("[A-Za-z_][A-Za-z_0-9]{0,79}", name)
        need(known and name not in CALLS and names.count(name) == 1, "expected distinct names that are no functions")
    return names

# -- ℚ(t, u), intervals, jets ------------------------------------------------------------------------------------------

class Beyond(AbstractRing):  # a value outside ℚ(t, u), an error only when used: log x, of which derivatives are wanted
    def __add__(self, other: Any) -> Any: return self
    def __mul__(self, other: Any) -> Any: return self
    def inverse(self) -> Any: return self

BEYOND = Beyond()

class Interval(AbstractRing):
    """{x : lo ≤ x·2^bits ≤ hi}; every operation rounds lo down and hi up."""
    def __init__(self, lo: int, hi: int, bits: int) -> None:
        self.lo, self.hi, self.bits = lo, hi, bits
        size = max(hi.bit_length(), lo.bit_length())
        spend(15 + (bits >> 5) + (size * bits >> 16))
        need(lo <= hi and size <= MAX_BITS, "an interval grows too long", Outside)
    def __bool__(self) -> bool: return bool(self.lo or self.hi)
    def __add__(self, other: Any) -> Any:
        other = enclose(other, self.bits)
        return Interval(self.lo + other.lo, self.hi + other.hi, self.bits)
    def __mul__(self, other: Any) -> Any:
        other = enclose(other, self.bits)
        ends = (self.lo * other.lo, self.lo * other.hi, self.hi * other.lo, self.hi * other.hi)
        return Interval(min(ends) >> self.bits, -(-max(ends) >> self.bits), self.bits)
    def inverse(self) -> Any:
        need(self.lo > 0 or self.hi < 0, "an enclosure of a divisor contains zero", Outside)
        return Interval((1 << 2 * self.bits) // self.hi, -(-(1 << 2 * self.bits) // self.lo), self.bits)
    def size(self) -> int: return max(abs(self.lo), abs(self.hi))
    def ends(self) -> tuple[Fraction, ...]: return tuple(Fraction(end, 1 << self.bits) for end in (self.lo, self.hi))

    def series(self, step: Callable[..., Any], weight: Callable[[int], int] = lambda _: 1, start: int = 0) -> Any:
        """Σ term_n / weight(n), term_0 = x, term_n = step(n, term_{n−1}), up to an n ≥ start with |term_n| ≤ 2^−bits.

        From there on the terms must at least halve: then the rest is at most that term.
        """
        total, term, n = self, self, 0
        while term.size() > 1 or n < start:
            term, n = step(n + 1, term), n + 1
            total = total + term / weight(n)
        return Interval(total.lo - 4, total.hi + 4, self.bits)

    def arctan(self, sign: int = 1) -> Any:  # |x| ≤ 1/2; artanh for sign −1
        return self.series(lambda n, term: term * self * self * -sign, lambda n: 2 * n + 1)

    def halved(self) -> tuple[int, Any]:  # k and x/2^k, at most 1/16
        k = (self.size() >> self.bits).bit_length() + 4
        need(k <= 20, "an argument too large to enclose", Outside)
        return k, self * Fraction(1, 1 << k)

    def exp(self) -> Any:  # (e^{x/2^k})^{2^k}, by Taylor's series
        k, y = self.halved()
        result = enclose(1, self.bits).series(lambda n, term: term * y / n)
        for _ in range(k): result = result * result
        return result

    def sincos(self) -> tuple[Any, Any]:  # Taylor's series at x/2^k, and k doublings of the angle
        k, y = self.halved()
        sin = y.series(lambda n, term: term * y * y / (-2 * n * (2 * n + 1)))
        cos = enclose(1, self.bits).series(lambda n, term: term * y * y / (-2 * n * (2 * n - 1)))
        for _ in range(k): sin, cos = sin * cos * 2, 1 - sin * sin * 2
        return sin, cos

    def log(self) -> Any:  # k log 2 + 2 artanh((m − 1)/(m + 1)) for x = m 2^k; log 2 = 2 artanh(1/3)
        need(self.lo > 0, "the logarithm of what may not be positive", Outside)
        k = self.hi.bit_length() - self.bits
        z = (self / Fraction(2) ** k - 1) / (self / Fraction(2) ** k + 1)
        need(2 * z.size() <= 1 << self.bits, "too wide an enclosure", Outside)
        return enclose(Fraction(1, 3), self.bits).arctan(-1) * (2 * k) + z.arctan(-1) * 2

    def normal(self) -> tuple[Any, Any]:  # Φ(x) = 1/2 + φ(x) Σ x^{2n+1}/(1·3·…·(2n+1)), φ(x) = e^{−x²/2}/√2π; Machin
        pi = enclose(Fraction(1, 5), self.bits).arctan() * 16 - enclose(Fraction(1, 239), self.bits).arctan() * 4
        root = Interval(isqrt(2 * pi.lo << self.bits), isqrt(2 * pi.hi << self.bits) + 1, self.bits)
        density, square = (self * self / -2).exp() / root, self * self
        start = (square.size() >> self.bits) + 1  # then the factors x²/(2n+1) are below 1/2
        return self.series(lambda n, term: term * square / (2 * n + 1), start=start) * density + Fraction(1, 2), density

def enclose(value: Value, bits: int) -> Interval:
    if isinstance(value, Sparse) and isinstance(value.kind, Numbers): value = value.kind.enclosure(value, bits)
    if isinstance(value, Interval) and value.bits == bits: return value
    need(isinstance(value, (int, Fraction)), "not a number of this precision", Outside)
    above, below = Fraction(value).numerator << bits, Fraction(value).denominator
    return Interval(above // below, -(-above // below), bits)

class Numbers:
    """ℚ(t, u), t = e^{1/q}, u = tan(1/2q'); or, with `bits`, intervals, where what stays rational stays exact.
    An element is a sum of fractions, {denominator: numerator}: a denominator is a product of numbered factors, a
    numerator a polynomial in t and u. No gcd is ever taken; equal denominators are merged, so most sums that cancel do.
    """
    unit: Any = ()

    def __init__(self, q: int, angle: int, bits: int = 0) -> None:
        self.q, self.angle, self.bits = q, angle, bits
        self.factors, self.numbering, self.known = list[Sparse](), dict[Names, int](), dict[Any, Any]()

    def join(self, a: Any, b: Any) -> Any: return tuple(sorted(a + b))
    def element(self, terms: dict[Any, Any]) -> Sparse: return Sparse(self, {(): Sparse(POWERS, terms)})

    def coefficient(self, c: Value) -> Value:
        need(isinstance(c, (int, Fraction)), "a number outside ℚ(t, u)", Outside)
        return Sparse(POWERS, {(0, 0): c})

    def together(self, x: Sparse) -> tuple[Any, Sparse]:  # one denominator and its numerator
        common, total = Counter[int](), Sparse(POWERS, {})
        for below in x.terms: common |= Counter(below)
        for below, above in x.terms.items():
            total += prod((self.factors[factor] for factor in (common - Counter(below)).elements()), start=above)
        return tuple(sorted(common.elements())), total

    def invert(self, x: Sparse) -> Any:  # the numerator, up to its content and least monomial, becomes a factor
        need(not self.is_zero(x), "division by zero")
        below, above = self.together(x)
        i, j = min(i for i, _ in above.terms), min(j for _, j in above.terms)
        unit = Sparse(POWERS, {(-i, -j): 1 / Fraction(above.terms[min(above.terms)])})
        factor, unit = above * unit, prod((self.factors[other] for other in below), start=unit)
        if len(factor.terms) == 1: return Sparse(self, {(): unit})
        number = self.numbering.setdefault(frozenset(factor.terms.items()), len(self.factors))
        if number == len(self.factors): self.factors.append(factor)
        return Sparse(self, {(number,): unit})

    def rational(self, value: Value) -> Fraction:  # the rational that a value is; Outside if it is none
        if isinstance(value, Sparse):
            below, above = self.together(value)
            need(not below and set(above.terms) <= {(0, 0)}, "a function of an irrational number", Outside)
            value = above.terms.get((0, 0), 0)
        need(isinstance(value, (int, Fraction)), "a function of a number outside ℚ(t, u)", Outside)
        return Fraction(value)

    def exp(self, value: Value) -> Value:  # a power of t, or an interval
        if self.bits: return enclose(value, self.bits).exp() if value else Fraction(1)
        z = self.rational(value)
        if self.q % z.denominator: raise wider(lcm(self.q, z.denominator), self.angle)
        need(abs(z * self.q) <= 10**6, "an exponent past the limit", Outside)
        return self.element({(int(z * self.q), 0): 1}) if z else Fraction(1)

    def sincos(self, value: Value) -> tuple[Value, Value]:  # Im and Re of (1 + iu)^{2k} / (1 + u²)^k for z = k/q'
        if self.bits and value: return enclose(value, self.bits).sincos()
        z = self.rational(value)
        if self.angle % z.denominator: raise wider(self.q, lcm(self.angle, z.denominator))
        need(abs(z * self.angle) <= 200, "an angle too large", Outside)
        k, n, below = int(z * self.angle), 2 * abs(int(z * self.angle)), inverse(self.element({(0, 0): 1, (0, 2): 1}))
        if not k: return Fraction(0), Fraction(1)
        cos, sin = ({(0, j): comb(n, j) * (-1) ** (j // 2) for j in range(odd, n + 1, 2)} for odd in (0, 1))
        below = power_of(below, abs(k))
        return self.element(sin) * below * (1 if k > 0 else -1), self.element(cos) * below

    def log(self, z: Value) -> Value:  # an interval, or BEYOND
        need(z is BEYOND or self.sign(z) > 0, "the logarithm of a number that is not positive")
        if isinstance(z, (int, Fraction)) and z == 1: return Fraction(0)
        return enclose(z, self.bits).log() if self.bits else BEYOND

    def normal(self, z: Value) -> tuple[Value, Value]:  # Φ(z) and φ(z)
        need(self.bits or not z, "the normal distribution is outside ℚ(t, u)", Outside)
        below, density = enclose(z, self.bits).normal() if self.bits else (BEYOND, BEYOND)
        return below if z else Fraction(1, 2), density

    def mapped(self, x: Sparse, name: Any, monomial: Callable[[Any], Any], scalar: Callable[[Any], Any],
               invert: Callable[[Any], Any]) -> Any:
        """The image of an element under a homomorphism, named for the cache, given on monomials and rationals."""
        def image(poly: Sparse) -> Any: return sum(monomial(m) * scalar(c) for m, c in poly.terms.items())
        total: Any = 0
        for below, above in x.terms.items():
            spend(40 * len(above.terms))
            for factor in below:
                if (name, factor) not in self.known: self.known[name, factor] = invert(image(self.factors[factor]))
            total = total + prod((self.known[name, factor] for factor in below), start=image(above))
        return total

    def residue(self, value: Value, point: tuple[int, int, int]) -> int:  # at (m, t, u); ValueError where undefined
        modulus, t, u = point
        def scalar(c: Any) -> int:
            return c % modulus if type(c) is int else int(c.numerator * pow(c.denominator, -1, modulus) % modulus)
        def monomial(m: Any) -> int: return pow(t, m[0], modulus) * pow(u, m[1], modulus) % modulus
        def invert(x: int) -> int: return pow(x % modulus, -1, modulus)
        if isinstance(value, Sparse): value = self.mapped(value, point, monomial, scalar, invert)
        need(isinstance(value, (int, Fraction)), "a value outside ℚ(t, u) has no residue", Outside)
        return scalar(value)

    def reduced(self, value: Value, point: Any) -> Value:  # the residue, where there is one to take
        return self.residue(value, point) if point and value is not BEYOND else value

    def enclosure(self, x: Sparse, bits: int) -> Interval:
        def monomial(m: Any) -> Any:
            if (bits, m) not in self.known:
                sin, cos = enclose(Fraction(1, 2 * self.angle), bits).sincos()
                u = power_of(sin / cos if m[1] >= 0 else cos / sin, abs(m[1]))
                self.known[bits, m] = enclose(Fraction(m[0], self.q), bits).exp() * u
            return self.known[bits, m]
        return enclose(self.mapped(x, bits, monomial, lambda c: c, lambda factor: 1 / enclose(factor, bits)), bits)

    def is_zero(self, value: Value) -> bool:  # a nonzero residue shows that it is not, a zero numerator that it is
        need(isinstance(value, (int, Fraction, Sparse)), "a value outside ℚ(t, u)", Outside)
        if not isinstance(value, Sparse) or not value: return not value
        try: return self.residue(value, PROBE) == 0 and not self.together(value)[1]
        except ValueError: return not self.together(value)[1]  # a denominator happens to vanish there

    def signs(self, value: Value) -> set[int]:  # that it may have: one of an exact value, several of a wide interval
        if isinstance(value, Interval):
            possible = {-1: value.lo < 0, 0: value.lo <= 0 <= value.hi, 1: value.hi > 0}
            return {sign for sign in possible if possible[sign]}
        if self.is_zero(value): return {0}
        if not isinstance(value, Sparse): return {1 if value > 0 else -1}
        for bits in (96, 384, 1536, 6144):
            try: signs = self.signs(self.enclosure(value, bits))
            except Outside: continue  # a divisor too close to zero at this precision
            if len(signs) == 1: return signs
        return {-1, 1}

    def sign(self, value: Value) -> int:
        possible = self.signs(value)
        need(len(possible) == 1, "the sign of a value is not decided", Outside)
        return possible.pop()

class Calculus:
    """Forward differentiation: a jet is a value plus its Taylor polynomial, up to an order, in increments of variables.
    The coefficient of (i,) is ∂_i, that of (i, j) is ∂_i ∂_j for i ≠ j and half of it for i = j.
    With `point`, (m, t, u), it is the image in ℤ/m, at residues of t and u, of a computation whose `places` are known:
    f, f' and f'' are taken there, so that signs and exponents are those of the real numbers, and only then reduced.
    """
    unit: Any = ()

    def __init__(self, numbers: Numbers, order: int, squared: bool = False, hull: bool = False, point: Any = None,
                 places: Iterable[Any] = ()) -> None:
        self.numbers, self.order, self.point, self.coming = numbers, order, point, iter(places)
        self.squared, self.hull = squared, hull  # relu occurs as relu² only, which is C¹; at a kink, both slopes
        self.places = list[tuple[str, Value, Fraction | None]]()  # where functions were applied
        self.atoms: dict[Any, tuple[int, str, Sparse]] | None = None  # of order WHOLE: g(f) as a variable of its own

    def atom(self, name: str, x: Sparse) -> Sparse:
        known: Any = self.atoms
        entry = known.setdefault((name, frozenset(x.terms.items())), (2 * MAX_SIZE + len(known), name, x))
        return Sparse(self, {(entry[0],): Fraction(1)})

    def slope(self, i: int, name: str, x: Sparse) -> Any:  # g'(f) of the atom i = g(f)
        need(name in ("exp", "reciprocal", "log", "sin", "cos", "relu", "step"), "not smooth")
        if name in ("relu", "step"): return self.atom("step", x) if name == "relu" else self.jet(0)  # off the kinks
        if name in ("exp", "reciprocal"): return Sparse(self, {(i,): 1} if name == "exp" else {(i, i): -1})
        return self.apply({"log": "reciprocal", "sin": "cos", "cos": "sin"}[name], x) * (-1 if name == "cos" else 1)

    def join(self, a: Any, b: Any) -> Any:
        if len(a) + len(b) <= self.order: return tuple(sorted(a + b))
        need(self.order <= 2, "a polynomial of too high a degree", Outside)  # it must be whole, not cut off

    def invert(self, x: Sparse) -> Any: return self.apply("reciprocal", x)

    def jet(self, value: Value, variable: int | None = None) -> Sparse:
        if isinstance(value, Sparse) and value.kind is self: return value
        return self.reduced({(): value} | ({(variable,): 1} if self.order and variable is not None else {}))

    def reduced(self, terms: dict[Any, Value]) -> Sparse:
        return Sparse(self, {m: self.numbers.reduced(v, self.point) for m, v in terms.items()} if self.point else terms)

    def apply(self, name: str, x: Value, c: Fraction | None = None) -> Sparse:
        """f(z + δ) = f(z) + f'(z) δ + ½ f''(z) δ²; rejects a derivative at a kink. Above order 2: polynomials only."""
        x = self.jet(x)
        if self.order > 2 and set(x.terms) - {()}:
            if not composed(name, c) and self.atoms is not None: return self.atom(name, x)
            need(composed(name, c), "not a polynomial", Outside)
            apply = no_polynomial if self.atoms is None else self.apply
            return self.jet(evaluate(composed(name, c), {"z": x}, apply))
        z, delta = value_of(x), Sparse(self, {m: v for m, v in x.terms.items() if m})
        at = [Sparse(v.kind, dict([v.kind.together(v)])) if isinstance(v, Sparse) and v is not z else v
              for v in self.taylor(name, z, c)]
        return self.reduced(self.jet(delta * (delta * at[2]) + delta * at[1] + guarded(at[0])).terms)

    def taylor(self, name: str, z: Value, c: Fraction | None) -> list[Value]:  # f(z), f'(z), ½ f''(z)
        if self.point:
            place = next(self.coming, None)
            if place is None: raise Outside("a function of a residue")
            return [self.numbers.reduced(v, self.point) for v in Calculus(self.numbers, self.order).taylor(*place)]
        self.places.append((name, z, c))
        if formula := composed(name, c):
            line = Calculus(self.numbers, self.order, hull=self.hull)
            terms = line.jet(evaluate(formula, {"z": line.jet(z, 0), "c": c}, line.apply)).terms
            return [terms.get(m, Fraction(0)) for m in ((), (0,), (0, 0))]
        return self.derivatives(name, z)

    def derivatives(self, name: str, z: Value) -> list[Value]:  # the same, of what is not built from others
        if name == "relu":
            if self.hull and 0 in self.numbers.signs(z):
                bits, z = self.numbers.bits, enclose(z, self.numbers.bits)
                return [Interval(max(z.lo, 0), max(z.hi, 0), bits), Interval(0, 1 << bits, bits), 0]
            sign = self.numbers.sign(z)
            need(sign or self.order <= self.squared, "a kink: H does not exist at the witness")
            return [z, Fraction(1), 0] if sign > 0 else [Fraction(0)] * 3
        if name == "exp": return [(e := self.numbers.exp(z)), e, e / 2]
        if name in ("sin", "cos"):
            sin, cos = self.numbers.sincos(z)
            return [sin, cos, sin / -2] if name == "sin" else [cos, -sin, cos / -2]
        if name == "cdf":
            below, density = self.numbers.normal(z)
            return [below, density, z * density / -2]
        need(name == "log" or z is BEYOND or 0 not in self.numbers.signs(z), "division by what may be zero")
        value = self.numbers.log(z) if name == "log" else inverse(z)  # else the reciprocal
        below = inverse(z) if self.order else Fraction(0)
        return [value, below, below * below / -2] if name == "log" else [value, -(below * below), power_of(below, 3)]

def value_of(jet: Sparse) -> Value: return jet.terms.get((), Fraction(0))

def softmax(jets: Sequence[Sparse], at: Calculus) -> list[Sparse]:
    powers = [at.apply("exp", jet) for jet in jets]
    below = inverse(sum(powers[1:], powers[0]))
    return [power * below for power in powers]

# -- an instance: F, G, r, D and H at the witness ----------------------------------------------------------------------

class Instance:
    """The quantities of a fully given problem over one arithmetic; or, with `point`, their images in ℤ/m."""
    def __init__(self, problem: Problem, numbers: Numbers, exact: Instance | None = None, point: Any = None) -> None:
        self.problem, self.numbers, self.known = problem, numbers, dict[Any, Any]()
        self.exact, self.point = exact, point

    def at(self, place: Tree) -> Instance:  # the instance of a named point, over the same numbers
        if ("at", place) not in self.known:
            exact = self.exact and self.exact.at(place)
            self.known["at", place] = Instance(self.problem.at(place), self.numbers, exact, self.point)
        there: Instance = self.known["at", place]
        return there

    def once(self, what: Callable[..., Any], *arguments: Any) -> Any:  # what(*arguments), a method, computed only once
        if (key := (what.__name__, *arguments)) not in self.known: self.known[key] = what(*arguments)
        return self.known[key]

    def forward(self, order: int) -> list[tuple[list[Sparse], list[list[Sparse]]]]:
        """Per sample, the behaviour as jets in θ, and the outputs of every layer, the input first."""
        places = self.exact.places() if self.exact else []
        at = self.known["calculus", order] = Calculus(self.numbers, order, point=self.point, places=places)
        return self.run(at, self.variables(at))

    def places(self) -> list[Any]:  # where functions are applied, one after another
        self.once(self.forward, 0)
        return list(self.known["calculus", 0].places)

    def variables(self, at: Calculus) -> list[Sparse]:  # θ + δ, around 0 if θ is open
        return [at.jet(value, i) for i, value in enumerate(self.problem.parameters or [Fraction(0)] * self.problem.P)]

    def run(self, at: Any, theta: list[Sparse], own: Any = ()) -> list[tuple[list[Sparse], list[list[Sparse]]]]:
        p, result = self.problem, []  # `own`: layers other than those of the problem
        samples: Any = p.inputs or [[at.jet(Fraction(0), p.P + j) for j in range(p.d)]]  # open: a variable each
        for sample in samples:
            layers, start = [[at.jet(value) for value in sample]], 0
            for layer in own or p.layers:
                entering, width, units = layers[-1], layer["width"], []
                bias = start + width * len(entering)
                for o in range(width):
                    weights = theta[start + o * len(entering) : start + (o + 1) * len(entering)]
                    z = sum((w * a for w, a in zip(weights, entering, strict=True)), at.jet(0))
                    units.append(at.apply(layer["name"], z + theta[bias + o] if layer["bias"] else z, layer["c"]))
                source = layers[layer["residual"]] if layer["residual"] is not None else [Fraction(0)] * width
                layers.append([a + b for a, b in zip(units, source, strict=True)])
                start = bias + width * layer["bias"]
            names = dict(zip(p.names, theta + layers[0], strict=True)) if p.names else {}
            outputs = [at.jet(evaluate(formula, names, at.apply)) for formula in p.formulas] or layers[-1]
            if p.squash == "softmax": outputs = softmax(outputs, at)
            if p.squash == "sigmoid": outputs = [at.apply("sigmoid", z) for z in outputs]
            result.append((outputs, layers))
        return result

    def jets(self, order: int) -> list[list[Sparse]]: return [outputs for outputs, _ in self.once(self.forward, order)]
    def values(self) -> list[list[Value]]: return [list(map(value_of, row)) for row in self.jets(0)]

    def links(self) -> list[list[Value]]:  # the targets that the point fits perfectly
        at, link = Calculus(self.numbers, 0), self.problem.loss.link
        need(link, "the loss has no finite minimiser")
        if link == "identity": return self.values()
        rows = [[at.jet(value) for value in row] for row in self.values()]
        rows = [softmax(row, at) if link == "softmax" else [at.apply("sigmoid", jet) for jet in row] for row in rows]
        return [list(map(value_of, row)) for row in rows]

    def in_domain(self) -> bool:  # whether the loss is defined: 0 < F (< 1 for bce), and targets of a fit are allowed
        p, signs = self.problem, self.numbers.signs
        if p.squash or p.named not in ("bce", "cross_entropy"): return True
        inside = all(signs(f) == {1} for row in self.values() for f in row)
        if p.named == "bce": return inside and all(signs(1 - f) == {1} for row in self.values() for f in row)
        return inside and (not p.fits or all(signs(sum(row) - 1) == {0} for row in self.values()))

    def losses(self, order: int) -> list[Sparse]:  # of each sample, as a jet in the K numbers f of that sample
        p, at, result = self.problem, Calculus(self.numbers, order, self.problem.named == "squared_hinge"), []
        if self.exact: return self.images(self.exact, Calculus(self.numbers, order, point=self.point))
        for values, y in zip(self.values(), self.once(self.links) if p.fits else p.targets or [], strict=True):
            loss = self.at_fit(y, at) if p.fits and order else None
            if loss is None: loss = self.loss_of(at, [at.jet(value, k) for k, value in enumerate(values)], y)
            result.append(loss)
        return result

    def images(self, exact: Instance, at: Calculus) -> list[Sparse]:  # of the jets of the losses; L is not asked for
        try:
            need(not self.problem.fits, "known by formulas", Outside)
            rows = [[at.jet(f, k) for k, f in enumerate(row)] for row in self.values()]
            return [self.loss_of(at, row, y) for row, y in zip(rows, self.problem.targets or [], strict=True)]
        except Outside:  # the loss is no polynomial
            jets = exact.once(exact.losses, at.order)
            return [at.reduced({m: v for m, v in jet.terms.items() if m}) for jet in jets]

    def loss_of(self, at: Any, f: list[Sparse], y: list[Value]) -> Sparse:
        p, labels = self.problem, [at.jet(value) for value in y]
        rows = zip(f, labels, strict=True) if p.named else [f + labels]
        names = [dict(zip(p.outputs + p.labels, row, strict=True)) for row in rows]
        loss: Sparse = sum((at.jet(evaluate(p.loss_formula, row, at.apply)) for row in names), at.jet(0))
        if "softmax" in p.named: loss = at.jet(loss + at.apply("log", sum(at.apply("exp", z) for z in f)))
        return loss

    def along(self, at: Any, theta: list[Sparse], own: Any = ()) -> Sparse:  # L where all of these numbers depend on λ
        p, rows = self.problem, [outputs for outputs, _ in self.run(at, theta, own)]
        total: Sparse = sum((self.loss_of(at, f, y) for f, y in zip(rows, p.targets or [], strict=True)), at.jet(0))
        return Sparse(total.kind, (total * p.scale + sum((x * x for x in theta), at.jet(0)) * (p.decay / 2)).terms)

    def at_fit(self, y: list[Value], at: Calculus) -> Any:
        """The jet at y = link(f), by the formulas that hold there: r = 0, or r = −1 for cross-entropy; or None."""
        name, size, form = self.problem.named, range(len(y)), None if self.problem.named else self.problem.fit_form[0]
        if form is None and not name: return None
        def entry(k: int, j: int) -> Value:  # of D
            if form is not None: return form[k][j]
            if name == "softmax_cross_entropy": return y[k] * (int(k == j) - y[j])
            if k != j or name in ("mse", "logcosh", "quartic"): return int(k == j and name != "quartic")
            bell = y[k] if name == "cross_entropy" else y[k] * (1 - y[k])
            return bell if name == "bce_logits" else inverse(bell)
        terms = {(k, j): entry(k, j) * Fraction(1, 1 + (k == j)) for k in size for j in size if k <= j}
        return Sparse(at, {(): BEYOND} | {(k,): -1 for k in size if name == "cross_entropy"} | terms)

    def loss(self) -> Value:  # L
        p = self.problem
        least = p.fits and p.named in ("mse", "logcosh", "quartic")
        value = Fraction(0) if least else sum(map(value_of, self.losses(0)))
        return value * p.scale + p.decay / 2 * sum((x * x for x in p.parameters or []), Fraction(0))

    def annihilated(self, fields: Any, point: list[Fraction]) -> int:
        """How many vector fields, polynomials in p0, p1, …, are independent at a point, all with Σ ∂F/∂θ_i v_i ≡ 0.
        An identity in what the problem leaves open, and in each exp(f), 1/f, … as if it were a variable; so rank(G) ≤
        P − that number everywhere (semicontinuity).
        """
        P, at, rows = self.problem.P, Calculus(self.numbers, WHOLE), list[list[Value]]()
        at.atoms, known, theta = {}, {f"p{i}": value for i, value in enumerate(point)}, range(P)
        variables = {f"p{i}": at.jet(Fraction(0), i) for i in theta}
        samples = [outputs for outputs, _ in self.run(at, list(variables.values()))]
        need(self.problem.data["parameters"] is None and not self.problem.squash, "not the fields of an open problem")
        for field in listed(fields):
            need(len(listed(field)) == P, "a field has an entry for each parameter")
            trees = [parse_formula(text, variables, {}) for text in field]
            values = [at.jet(evaluate(tree, variables, no_polynomial)) for tree in trees]
            moving = dict(enumerate(values))
            def derivative(f: Sparse, moving: dict[int, Sparse] = moving) -> Sparse:
                total = at.jet(0)
                for m, c in f.terms.items():
                    for i in {*m} & {*moving}:
                        less = (*m[: m.index(i)], *m[m.index(i) + 1 :])
                        total = at.jet(total + moving[i] * Sparse(at, {less: c * m.count(i)}))
                return total
            for i, name, f in list(at.atoms.values()): moving[i] = at.jet(at.slope(i, name, f) * derivative(f))
            for output in (output for outputs in samples for output in outputs):
                total = derivative(output)
                for i, name, f in reversed(at.atoms.values()) if total else ():  # times f^n, where the atom i is 1/f
                    n = max((m.count(i) for m in total.terms if name == "reciprocal"), default=0)
                    parts = [Sparse(at, {tuple(j for j in m if j != i): c}) * power_of(f, n - m.count(i))
                             for m, c in total.terms.items()] if n else [total]
                    total = sum(parts, at.jet(0))
                need(all(self.numbers.is_zero(c) for c in total.terms.values()), "G does not annihilate a field")
            rows.append([evaluate(tree, known, no_polynomial) for tree in trees])
        need(shown_rank(rows, self.numbers) == len(rows), "the fields are not shown to be independent")
        return len(rows)

    def excess(self) -> Any:  # L(θ + δ) − L(θ), a polynomial in δ
        total = self.along(at := Calculus(self.numbers, WHOLE), self.variables(at))
        return at.jet(total - value_of(total))

    def residual(self) -> list[list[Value]]:  # r as N rows of K
        def entry(jet: Sparse, k: int) -> Value: return jet.terms.get((k,), 0) * self.problem.scale
        jets = self.once(self.losses, 1)
        return [[self.numbers.reduced(entry(jet, k), self.point) for k in range(self.problem.K)] for jet in jets]

    def blocks(self) -> list[Matrix]:  # the K x K blocks of D
        def entry(jet: Sparse, k: int, j: int) -> Value:
            value = jet.terms.get((min(k, j), max(k, j)), 0) * self.problem.scale * (1 + (k == j))
            return self.numbers.reduced(value, self.point)
        size = range(self.problem.K)
        return [[[entry(jet, k, j) for j in size] for k in size] for jet in self.once(self.losses, 2)]

    def weights(self) -> list[list[Value]]:  # w with Σ w ∇F = Gᵀr, Σ w ∇²F = H_f: r; r_k − r_0 if Σ_k F_k ≡ 1
        return [[x - row[0] for x in row] if self.problem.normalised else row for row in self.residual()]

    def pooled(self) -> list[Value]:  # Σ w over the samples of each input, for each output
        sums: dict[Any, list[Value]] = {}
        for x, row in zip(map(tuple, self.problem.inputs or []), self.weights(), strict=True):
            sums[x] = [a + b for a, b in zip(sums.get(x, [Fraction(0)] * len(row)), row, strict=True)]
        return [total for row in sums.values() for total in row]

    def gradient(self) -> list[Value]:  # ∇L = Gᵀ r + c θ
        result: list[Value] = [x * self.problem.decay for x in self.problem.parameters or []]
        for row, weights in zip(self.jets(1), self.weights(), strict=True):
            for jet, weight in zip(row, weights, strict=True):
                for m, value in jet.terms.items() if weight else ():
                    if m: result[m[0]] = result[m[0]] + weight * value
        return result

    def matrix(self, tree: Tree) -> Matrix:
        """The matrix that a tree names, as rows; its shape is `sort_of(tree, problem)`."""
        head, (_, rows, columns) = tree[0], sort_of(tree, self.problem)
        spend(rows * columns)
        if head == "@": return list(self.at(tree[2]).once(self.at(tree[2]).matrix, tree[1]))
        if head == "matrix": return self.named(tree[1], [[0] * columns for _ in range(rows)])
        if head == "activations":
            return [list(map(value_of, layers[tree[1]])) for _, layers in self.once(self.forward, 0)]
        if head == "stack": return self.span(tree[1])[1] + self.span(tree[1])[0]
        if head == "constraint": return self.span(tree[1])[1]
        if head == "transpose": return [[row[j] for row in self.once(self.matrix, tree[1])] for j in range(rows)]
        if head == "neg" or (head == "*" and constant(tree[1]) is not None):
            factor = constant(tree[1]) if head == "*" else -1
            return [[guarded(x * factor) for x in row] for row in self.once(self.matrix, tree[-1])]
        left, right = self.once(self.matrix, tree[1]), self.once(self.matrix, tree[2])
        return multiply(left, right) if head == "*" else entrywise(head, left, right)

    def named(self, name: str, result: Matrix) -> Matrix:  # put into zeros
        K = self.problem.K
        def whole(other: str) -> Matrix: return list(self.once(self.matrix, ("matrix", other)))
        if name in ("F", "r"): return [[x] for row in (self.values() if name == "F" else self.residual()) for x in row]
        for row, jet in zip(result, [jet for jets in self.jets(1) for jet in jets], strict=True) if name == "G" else ():
            for m, value in jet.terms.items():
                if m: row[m[0]] = value
        for i, block in enumerate(self.blocks() if name == "D" else ()):
            for k, row in enumerate(block): result[i * K + k][i * K : i * K + K] = row
        if name == "H_o": return multiply(transposed(whole("G")), multiply(whole("D"), whole("G")))
        weights = [weight for row in self.weights() for weight in row] if name == "H_f" else []  # H_f = Σ w ∇²F
        # Where r = 0, only G need exist.
        jets = [jet for row in self.jets(2 if any(weights) else 1) for jet in row] if weights else []
        for jet, weight in zip(jets, weights, strict=True):
            spend(len(jet.terms) * price([*jet.terms.values(), weight]))
            for i, j in (m for m in jet.terms if len(m) == 2 and weight):
                entry = weight * jet.terms[i, j]
                for a, b in ((i, j), (j, i)): result[a][b] = result[a][b] + entry  # twice for i = j: see Calculus
        if name != "H": return result
        result = entrywise("+", whole("H_o"), whole("H_f"))
        for i, row in enumerate(result): row[i] = row[i] + self.problem.decay
        return result

    def span(self, tree: Tree) -> tuple[Matrix, Matrix]:  # X and C with the subspace = X · ker C; see `sort_of`
        if tree[0] in ("ker", "im"):
            matrix, size = self.once(self.matrix, tree[1]), range(sort_of(tree, self.problem)[2])
            return ([[int(i == j) for j in size] for i in size], matrix) if tree[0] == "ker" else (matrix, [])
        (x, c), (y, d) = self.span(tree[1]), self.span(tree[2])
        left, right = ([0] * sort_of(part, self.problem)[2] for part in tree[1:])
        conditions = [row + right for row in c] + [left + row for row in d]
        if tree[0] == "+": return [a + b for a, b in zip(x, y, strict=True)], conditions
        return [row + right for row in x], conditions + [a + [e * -1 for e in b] for a, b in zip(x, y, strict=True)]

def multiply(left: Matrix, right: Matrix) -> Matrix:
    result, columns = list[list[Value]](), len(right[0]) if right else 0
    for row in left:
        entries: list[Value] = [0] * columns
        spend(len(row) + 10 * columns * sum(map(bool, row)))
        for x, other in zip(row, right, strict=True):
            if x: entries = [a + x * b if b else a for a, b in zip(entries, other, strict=True)]
            spend(columns * max(map(length, entries), default=0) ** 2 >> 16)
        result.append(entries)
    return result

def entrywise(head: str, left: Matrix, right: Matrix) -> Matrix:
    pairs = [zip(*rows, strict=True) for rows in zip(left, right, strict=True)]
    return [[guarded(arithmetic(head, pair)) for pair in row] for row in pairs]

def centred(rows: Matrix) -> Matrix:  # less the mean of each column
    means = [sum(column) / Fraction(len(rows)) for column in transposed(rows)]
    return [[x - mean for x, mean in zip(row, means, strict=True)] for row in rows]

def transposed(matrix: Matrix) -> Matrix: return [list(column) for column in zip(*matrix, strict=True)]

def independent(rows: list[list[int]], modulus: int) -> int:
    """How many rows are shown to be independent, by elimination with invertible pivots (ValueError if one is not)."""
    spend(len(rows) * len(rows) * max(map(len, rows), default=0))
    count = 0
    for i, row in enumerate(rows):
        column = next((j for j, x in enumerate(row) if x % modulus), None)
        if column is None: continue
        unit, count = pow(row[column], -1, modulus), count + 1
        for j in range(i + 1, len(rows)):
            if factor := rows[j][column] * unit % modulus:
                rows[j] = [(x - factor * y) % modulus for x, y in zip(rows[j], row, strict=True)]
    return count

def dominant(matrix: Matrix) -> int | None:  # how many negative diagonal entries, if all exceed their rows
    negative = 0
    for i, row in enumerate(matrix):
        ends = [x.ends() if isinstance(x, Interval) else (Fraction(x), Fraction(x)) for x in row]
        weight = sum(max(-a, b) for j, (a, b) in enumerate(ends) if j != i)
        if max(ends[i][0], -ends[i][1]) <= weight: return None
        negative += ends[i][1] < 0
    return negative

def shown_rank(rows: Matrix, numbers: Numbers) -> int:
    return independent([[numbers.residue(x, PROBE) for x in row] for row in rows], PROBE[0])

RATIONALS = Numbers(1, 1)

def echelon(rows: Iterable[Sequence[Value]], numbers: Numbers = RATIONALS) -> list[tuple[int, list[Value], Value]]:
    """Independent rows that span the same, reduced: the column of each pivot, the row, and what it was divided by."""
    found: list[tuple[int, list[Value], Value]] = []
    for row in rows:
        left = list(row)
        spend(6 * len(left) * (len(found) + 1))
        for j, other, _ in found:
            if factor := left[j]: left = [x - factor * y for x, y in zip(left, other, strict=True)]
        place = next((j for j, x in enumerate(left) if 0 not in numbers.signs(x)), None)
        need(place is not None or all(numbers.signs(x) == {0} for x in left), "a rank is not decided", Outside)
        if place is None: continue
        pivot, below = left[place], inverse(left[place])
        left = [guarded(x * below) for x in left]
        found = [(j, [x - other[place] * y for x, y in zip(other, left, strict=True)], p) for j, other, p in found]
        found.append((place, left, pivot))
    return found

def null(rows: Sequence[Sequence[Value]], size: int) -> Matrix:  # a basis of the kernel
    found = {j: row for j, row, _ in echelon(rows)}
    return [[-found[i][j] if i in found else Fraction(i == j) for i in range(size)]
            for j in range(size) if j not in found]

def determinant(matrix: Matrix, numbers: Numbers) -> Value:  # the pivots, and the sign of the order of their columns
    spend(20 * len(matrix) ** 3)
    found = echelon(matrix, numbers)
    swaps = sum(a > b for (a, *_), (b, *_) in combinations(found, 2))
    return prod((pivot for *_, pivot in found), start=Fraction((-1) ** swaps if len(found) == len(matrix) else 0))

# -- the claim at the witness ------------------------------------------------------------------------------------------

G, D, H, H_O, H_F = (("matrix", name) for name in ("G", "D", "H", "H_o", "H_f"))

MINIMA = {"": "", "perfect-fit": "", "pooled": "", "convex": "", "orbit": "", "eckart-young": "solution separator",
          "lower": "parameters", "squares": "monomials gram"}  # rule: its data

class Site:
    """Truth at the witness: True or False only where it is shown, else None."""
    def __init__(self, problem: Problem, evidence: Any, minimum: Any, field: tuple[int, int], bits: int) -> None:
        self.problem, self.field, self.bits = problem, field, bits
        self.exact, self.enclosed = Instance(problem, Numbers(*field)), Instance(problem, Numbers(*field, bits))
        self.ranks, self.indices = dict[Tree, tuple[int, int]](), dict[Tree, tuple[int, int]]()
        self.evidence = dict[Tree, dict[str, Any]]()
        for entry in listed(evidence):
            keys(entry, "of", "rank inertia barrier match")
            stored, tree = self.evidence.setdefault(frozen(entry["of"]), {}), frozen(entry["of"])
            shown = {"barrier": "barrier", "min_barrier": "barrier", "max_overlap": "match"}.get(tree[0])
            need(sort_of(tree, problem)[0] == ("scalar" if shown else "matrix"), "evidence of what?")
            need({*entry} <= {"of", *([shown] if shown else ("rank", "inertia"))}, "evidence of another kind")
            need(not problem.points or None not in dict(taken(tree)), "evidence at no point")
            need(len(entry) == 2 and not set(stored) & set(entry), "evidence given twice, or none")
            stored.update({key: value for key, value in entry.items() if key != "of"})
        self.sites, self.given, self.minima = dict[Tree, Site](), dict[Tree, list[Any]](), dict[Tree, Any]()
        for entry in evidence if problem.points else ():
            tree = frozen(entry["of"])
            self.given.setdefault(placed(tree), []).append(entry | {"of": stripped(tree)})
        for entry in listed(minimum or []) if problem.points else ():
            self.minima[frozen(entry["at"])] = {x: entry[x] for x in entry if x != "at"}
        minimum = None if problem.points else minimum
        self.minimum, self.data = minimum["rule"] if type(minimum) is dict else "", minimum
        need(type(self.minimum) is str and self.minimum in MINIMA, "unknown rule for minima")
        if minimum is not None: keys(minimum, "rule " + MINIMA[self.minimum])
        for tree in self.evidence: (self.scalar if tree[0] in POINT_NUMBERS else self.index)(tree)
        for place in self.minima: need(sort_of(place, problem) == ("point",) and self.at(place), "no point")

    def at(self, place: Tree) -> Site:
        """The site of a named point, with what the evidence says of terms whose quantities are all taken there."""
        if place not in self.sites:
            own = self.given.get(place, [])
            self.sites[place] = Site(self.problem.at(place), own, self.minima.get(place), self.field, self.bits)
        return self.sites[place]

    def over(self, compute: Callable[[Instance], Any]) -> Any:  # exactly, or enclosed where a value is Outside
        try: value = compute(self.exact)
        except Outside: value = BEYOND
        return compute(self.enclosed) if value is BEYOND else value

    def zero(self, compute: Callable[[Instance], Iterable[Value]]) -> Any:  # whether all of these values are zero
        def answer(instance: Instance) -> Truth:
            possible = [instance.numbers.signs(value) for value in compute(instance)]
            if any(0 not in signs for signs in possible): return False
            return True if all(signs == {0} for signs in possible) else None
        return self.over(answer)

    def bounds(self, tree: Tree) -> tuple[int, int]:  # of the rank: by shape, and as the evidence shows
        if self.problem.points and (place := placed(tree)):
            return self.at(place).bounds(stripped(tree))
        (_, rows, columns), rank = sort_of(tree, self.problem), self.evidence.get(tree, {}).get("rank")
        if tree not in self.ranks:
            if rank is not None: keys(rank, "lower upper")
            low = self.lower(tree, rank["lower"], rows, columns) if rank and rank["lower"] is not None else 0
            high = self.upper(tree, rank["upper"], columns) if rank and rank["upper"] is not None else columns
            if tree == D and self.problem.named == "softmax_cross_entropy": rows -= self.problem.N  # each block kills 1
            need(low <= min(rows, high), "contradictory bounds of a rank")
            self.ranks[tree] = low, min(rows, high)
        return self.ranks[tree]

    def lower(self, tree: Tree, data: Any, rows: int, columns: int) -> int:
        """The size of a minor M that is not zero: it is not in ℤ/m, or M·B is diagonally dominant, in intervals."""
        modular = type(data) is dict and "prime" in data
        keys(data, "rows columns prime t u" if modular else "rows columns precision inverse")
        I = [integer(i, 0, rows - 1) for i in listed(data["rows"])]
        J = [integer(j, 0, columns - 1) for j in listed(data["columns"])]
        size, bits = len(I), 0 if modular else integer(data["precision"], 16, 8192) + self.bits - 192
        need(size == len(J) == len(set(I)) == len(set(J)), "a minor is square and repeats no line")
        instance, modulus = Instance(self.problem, Numbers(*self.field, bits)), 0
        if modular:
            point = [rational("1" if data[name] is None else data[name]) for name in ("prime", "t", "u")]
            need(all(x.denominator == 1 for x in point), "residues are integers")
            need(2 < point[0] < 1 << 128, "expected a modulus from 3 to 2^128")
            modulus, t, u = map(int, point)
            instance = Instance(self.problem, self.exact.numbers, self.exact, (modulus, t, u))
        matrix = instance.once(instance.matrix, tree)
        minor = [[matrix[i][j] for j in J] for i in I]
        if modular:
            residues = [[instance.numbers.residue(x, (modulus, t, u)) for x in row] for row in minor]
            need(independent(residues, modulus) == size, "a minor may be zero")
        else:
            shown = dominant(multiply(minor, rationals(data["inverse"], size, size))) is not None
            need(shown, "an enclosed minor is not shown to be invertible", Outside)
        return size

    def upper(self, tree: Tree, data: Any, columns: int) -> int:
        """Return columns − dim of a space in the kernel, or the rank of a factor of GᵀDG."""
        keys(data, "through" if type(data) is dict and "through" in data else "kernel")
        if "through" in data:
            factor = {"G": G, "D": D, "DG": ("*", D, G)}.get(str(data["through"]))
            still = tree == H and self.problem.decay == 0 and (
                self.zero(lambda instance: [w for row in instance.weights() for w in row]) or self.vanishes(H_F))
            need(factor and (tree == H_O or still), "not shown to be GᵀDG")
            return self.bounds(factor)[1]
        vectors = [[str(x) for x in listed(vector)] for vector in listed(data["kernel"])]
        need(all(len(vector) == columns for vector in vectors), "a kernel vector of the wrong length")
        def parsed(numbers: Numbers) -> Matrix:
            names = {"t": numbers.element({(1, 0): 1}), "u": numbers.element({(0, 1): 1})}
            def number(x: str) -> Value: return evaluate(parse_formula(x, "tu", {}), names, no_polynomial)
            return [[rational(x) if re.fullmatch("[-0-9/]+", x) else number(x) for x in vector] for vector in vectors]
        def images(instance: Instance) -> list[Value]:
            product = multiply(instance.once(instance.matrix, tree), transposed(parsed(instance.numbers)))
            return [x for row in product for x in row]
        need(self.zero(images) is True, "a kernel vector is not in the kernel")
        shown = shown_rank(parsed(self.exact.numbers), self.exact.numbers)
        need(shown == len(vectors), "the kernel vectors are not shown to be independent")
        return columns - len(vectors)

    def vanishes(self, tree: Tree) -> Any: return self.zero(lambda a: [x for y in a.once(a.matrix, tree) for x in y])

    def index(self, tree: Tree) -> tuple[int, int]:
        """Bounds of the number of negative eigenvalues; the evidence also bounds the rank from below.
        If VᵀM_SV, S a set of s indices, is strictly diagonally dominant with a positive and b negative diagonal
        entries, then V and M_S are invertible and M_S has inertia (a, b, 0) (Gershgorin), so M has at least a positive
        and b negative eigenvalues (Cauchy); with rank M ≤ r there are at most r − a negative ones.
        """
        if self.problem.points and (place := placed(tree)):
            return self.at(place).index(stripped(tree))
        (low, high), data = self.bounds(tree), self.evidence.get(tree, {}).get("inertia")
        if data is None or tree in self.indices: return self.indices.get(tree, (0, high))
        keys(data, "subset basis")
        need(symmetric(tree), "an inertia of what may not be symmetric")
        subset = [integer(i, 0, sort_of(tree, self.problem)[1] - 1) for i in listed(data["subset"])]
        size = len(subset)
        need(len(set(subset)) == size <= high, "a subset repeats an index or is larger than the rank")
        basis, matrix = rationals(data["basis"], size, size), self.enclosed.once(self.enclosed.matrix, tree)
        inner = multiply([[matrix[i][j] for j in subset] for i in subset], basis)
        negative = dominant(multiply(transposed(basis), inner))
        need(negative is not None, "a congruent matrix is not diagonally dominant", Outside)
        self.ranks[tree], self.indices[tree] = (max(low, size), high), (negative or 0, (negative or 0) + high - size)
        return self.index(tree)

    def scalar(self, tree: Tree) -> Value:
        """A number: exact, or an interval."""
        head, part, p = tree[0], tree[-1], self.problem
        need(head != "generic_rank", "a generic rank is not decided at one point")
        if head in ("number", "word"):
            return self.over(Instance.loss) if part == "L" else Fraction({"P": p.P, "N": p.N, "K": p.K}.get(part, part))
        if head == "@": return self.over(lambda instance: instance.at(part).loss())
        if head in POINT_NUMBERS: return POINT_NUMBERS[head](self, *tree[1:])
        if head in ("+", "-", "*", "neg"): return self.joined(head, [self.scalar(part) for part in tree[1:]])
        if head in ("rank", "nullity", "index", "dim"):
            low, high = self.index(part) if head == "index" else self.bounds(("stack", part) if head == "dim" else part)
            least, most = self.bounds(("constraint", part)) if head == "dim" else (0, 0)
            low, high = max(low - most, 0), high - least
            if head == "nullity": low, high = sort_of(part, p)[2] - high, sort_of(part, p)[2] - low
            return Fraction(low) if low == high else Interval(low << self.bits, high << self.bits, self.bits)
        if head == "entry": return self.over(lambda instance: instance.once(instance.matrix, tree[1])[tree[2]][tree[3]])
        size = sort_of(part, p)[1]
        if head == "trace":
            return self.over(lambda instance: sum(instance.once(instance.matrix, part)[i][i] for i in range(size)))
        if self.bounds(part)[1] < size: return Fraction(0)
        return self.over(lambda instance: determinant(instance.once(instance.matrix, part), instance.numbers))

    def joined(self, head: str, values: list[Value]) -> Value:  # arithmetic, in intervals if one is an interval
        wide = any(isinstance(value, Interval) for value in values)
        return arithmetic(head, [enclose(value, self.bits) for value in values] if wide else values)

    def truth(self, tree: Tree) -> Truth:
        """Whether a formula holds."""
        head = tree[0]
        if head == "not": return {True: False, False: True, None: None}[self.truth(tree[1])]
        if head == "implies": return self.truth(("or", ("not", tree[1]), tree[2]))
        if head in ("and", "or"):
            answers, decisive = [self.truth(part) for part in tree[1:]], head == "or"
            return decisive if decisive in answers else None if None in answers else not decisive
        if head in SETS: return self.member(SETS[head])
        if head == "@": return self.at(tree[2]).truth(tree[1])
        if head in ("==", "!=") and tree[1][0] == "det" and tree[2] == ZERO: return self.truth(normal(tree))
        if head in COMPARISONS and sort_of(tree[1], self.problem)[0] == "matrix":
            equal: Truth = self.vanishes(tree[1] if tree[2] == ZERO else ("-", *tree[1:]))
            return equal if head == "==" or equal is None else not equal
        if head in COMPARISONS:
            possible = self.exact.numbers.signs(self.joined("-", [self.scalar(part) for part in tree[1:]]))
            return True if possible <= COMPARISONS[head] else None if possible & COMPARISONS[head] else False
        (least, most), (low, high), size = self.index(tree[1]), self.bounds(tree[1]), sort_of(tree[1], self.problem)[1]
        if least > 0 or (head == "positive_definite" and high < size): return False
        return True if most == 0 and (low == size or head == "positive_semidefinite") else None

    def member(self, point_set: str | None, names: Iterable[str] = ()) -> Truth:
        """Whether the witness, or every point of these names, lies in a point set."""
        p = self.problem
        if point_set in (None, "all_points"): return True
        if p.points:
            answers = [self.at(("point", name)).member(point_set) for name in names]
            return False if False in answers else None if None in answers or not answers else True
        zero: Callable[..., Truth] = self.zero
        if point_set == "critical_points": return zero(Instance.gradient)
        if point_set == "perfect_fits" and (p.fits or not p.fit): return True if p.fit else None
        if point_set == "perfect_fits":  # y = link(F), where the loss of every sample is least
            y = [b for row in p.targets or [] for b in row]
            return zero(lambda instance: map(lambda a, b: a - b, [a for row in instance.links() for a in row], y))
        if point_set not in ("global_minima", "local_minima"): return None
        best: Truth = self.global_minimum()
        if best or (best is False and point_set == "global_minima"): return best
        critical = self.member("critical_points")
        if critical is False or self.index(H)[0] > 0: return False
        # Morse–Bott: H ≻ 0 across an orbit of critical points, along which L is constant.
        outputs = [layers for _, layers in self.over(lambda instance: instance.once(instance.forward, 1))]
        moving = self.minimum in ("orbit", "lower") and p.decay == 0
        across = p.P - (orbit(p, outputs, self.exact.numbers) if moving else 0)
        settled = point_set == "local_minima" and self.index(H) == (0, 0) and self.bounds(H) == (across, across)
        return True if critical and settled else None

    def global_minimum(self) -> Truth:
        """By a perfect fit without weight decay; by convexity; by the least error of a linear network.
        Pooled: ℓ is convex in F, and F agrees on equal inputs, so L(θ') − L(θ) ≥ Σ w (F' − F) = 0 if w sums to 0 there.
        """
        p = self.problem
        if self.minimum in ("", "perfect-fit") and p.decay == 0 and self.member("perfect_fits"): return True
        if self.minimum == "pooled" and p.decay == 0 and p.convex and self.zero(Instance.pooled): return True
        if self.minimum in ("", "convex") and p.affine and p.convex and self.member("critical_points"): return True
        if self.minimum == "squares": return self.least_by_squares()
        if self.minimum == "lower":  # a point with a smaller loss
            other = Site(Problem({**p.data, "parameters": self.data["parameters"]}), [], None, self.field, self.bits)
            need(p.targets and other.over(Instance.in_domain), "the loss is not defined, or not for the same targets")
            ours, lower = (enclose(site.over(Instance.loss), self.bits) for site in (self, other))
            return False if lower.hi < ours.lo else None
        return self.least_error(rational(self.data["separator"])) if self.minimum == "eckart-young" else None

    def least_by_squares(self) -> Truth:  # L(θ + δ) − L(θ) = zᵀQz for monomials z in δ, Q ⪰ 0
        p, monomials = self.problem, [frozen(m) for m in listed(self.data["monomials"])]
        gram, rest = rationals(self.data["gram"], len(monomials), len(monomials)), self.exact.excess()
        for m in monomials: need(type(m) is tuple and m and [integer(i, 0, p.P - 1) for i in m], "expected monomials")
        need(p.targets and gram == transposed(gram) and definiteness(gram) != "indefinite", "Q ⪰ 0 is not shown")
        for a, row in zip(monomials, gram, strict=True):
            for b, v in zip(monomials, row, strict=True): rest -= Sparse(rest.kind, {tuple(sorted(a + b)): v})
        need(all(self.exact.numbers.is_zero(v) for v in rest.terms.values()), "the identity does not hold")
        return True

    def least_error(self, c: Fraction) -> Truth:
        """Of F = X M with rank M ≤ m in squared error: S = X N is the least-squares fit, R = S − F.
        If FᵀR = 0 and F Rᵀ = 0, then SᵀS = FᵀF + RᵀR, and its nonzero eigenvalues are those of both. If c I ⪰ RᵀR,
        (FᵀF)² ⪰ c FᵀF and rank F = m or c = 0, the m greatest are those of FᵀF (or R = 0), so |R|² is the sum of the
        others, the least of |S − Z|² over rank Z ≤ m (Eckart and Young). A last bias is free: then all are taken less
        their means, which must agree; else a first one is a column of ones in X.
        """
        p, biases = self.problem, [layer["bias"] for layer in self.problem.layers]
        forms = {(layer["name"], layer["residual"]) for layer in p.layers}
        fitting = forms == {("linear", None)} and len(biases) > 1 and p.named == "mse" and not p.squash and p.targets
        need(fitting and p.decay == 0 and (biases[-1] or not any(biases[1:])), "Eckart–Young does not apply")
        x = [row + [Fraction(1)] * (biases[0] and not biases[-1]) for row in p.inputs or []]
        y, f = list[Any](p.targets or []), self.exact.values()
        if biases[-1]:
            need(all(sum(a) == sum(b) for a, b in zip(transposed(y), transposed(f), strict=True)), "other means")
            x, y, f = centred(x), centred(y), centred(f)
        s = multiply(x, rationals(self.data["solution"], len(x[0]), p.K))
        rest, scalar = entrywise("-", s, f), [[c * (i == j) for j in range(p.K)] for i in range(p.K)]
        zero = [*multiply(transposed(x), entrywise("-", y, s)), *multiply(transposed(f), rest)]
        zero, upper = zero + multiply(f, transposed(rest)), multiply(transposed(f), f)
        need(not any(v for row in zero for v in row), "F is not a part of the least-squares fit")
        need(c >= 0 and (c == 0 or shown_rank(f, self.exact.numbers) == min(p.widths[1:-1])), "F has too low a rank")
        lower = multiply(transposed(rest), rest)
        parts = entrywise("-", scalar, lower), entrywise("-", multiply(upper, upper), multiply(scalar, upper))
        need(all(definiteness(part) != "indefinite" for part in parts), "c separates no singular values")
        return True

    def require(self, tree: Tree) -> None:  # that the loss and all matrices that a claim names exist at the witness
        if self.problem.points:
            for place, quantity in taken(tree): self.at(place).require(quantity)
            for name in named(tree[1:2] + tree[3:]) if speaks_of_data(tree) else ():
                self.at(("point", name)).require((tree[2] or "",))
            return
        need(self.over(Instance.in_domain), "the loss is not defined at the witness")
        names = {name for name in MATRICES if repr(("matrix", name)) in repr(tree)}
        if names & {"G", "H", "H_o", "H_f"} or "critical_point" in repr(tree): self.enclosed.jets(1)
        if names & {"r", "D", "H", "H_o", "H_f"}: self.enclosed.losses(2 if names & {"D", "H", "H_o"} else 1)

class Symmetry:
    """The permutations (and sign flips) of hidden units of a problem's network, and what they do to a point θ.
    A flip negates the row and the bias of a unit, and its column where σ is odd (σ even: not). What is done to a layer
    is written as pairs (k, e), one for each unit i: unit k takes its place, flipped for e = −1.
    """
    def __init__(self, p: Problem, theta: list[Fraction]) -> None:
        self.p, self.theta, self.classes = p, theta, p.classes()
        spend(2 * p.P)
        self.sizes = [p.widths[group[0]] for group in self.classes]
        self.order, self.single = prod(map(factorial, self.sizes)), [len(group) for group in self.classes] == [1]
        odd, even = ("linear", "tanh", "sin"), ("abs", "square", "gaussian")
        kinds = [(layer["name"], layer["c"]) for layer in p.layers[:-1]]
        self.parity = [0] + [-1 if name in odd or (name == "power" and c % 2) or (name, c) == ("leaky_relu", 1) else
                             int(name in (*even, "power") or (name, c) == ("leaky_relu", -1)) for name, c in kinds]
        self.parity += [0] * bool(p.layers)  # of inputs, hidden units, outputs

    @property
    def signed_order(self) -> int:
        return self.order << sum(n for n, sign in zip(self.p.widths, self.parity, strict=True) if sign)

    def few(self, count: int) -> None:
        need(count <= 50_000, "too many arrangements of units")
        spend(20 * count * self.p.P)

    def orbit_size(self, signed: bool = False) -> int:
        """|group| / |stabiliser|. What fixes θ is found layer by layer: units go where their rows agree, after what was
        done to the layer before. In a last hidden layer that is permuted alone, columns must agree as well: units of
        the same class {u, flipped u} are exchanged in Π n! ways, times 2 for each unit with u = flipped u.
        """
        p, signs = self.p, [(1, -1) if signed and sign else (1,) for sign in self.parity]
        if not p.layers: return 1
        need(not signed or all(layer["residual"] is None for layer in p.layers), "sign flips across residual links")
        weights, name = dict(zip(p.places(), self.theta, strict=True)), {l: g[0] for g in self.classes for l in g}
        still = [[(i, 1) for i in range(width)] for width in p.widths]
        def effect(l: int, e: int) -> int: return e if self.parity[l] < 0 else 1  # on what follows
        def rows(l: int, before: Pairs) -> dict[tuple[int, int], tuple[Fraction, ...]]:
            inputs = [(j, effect(l - 1, e)) for j, e in before] + [(-1, 1)] * p.layers[l - 1]["bias"]
            return {(k, e): tuple(weights[l, k, j] * c * e for j, c in inputs) for k, _ in still[l] for e in signs[l]}
        def fixing(l: int, done: dict[int, Pairs]) -> int:  # in how many ways, from layer l on
            if l == len(p.widths): return 1
            spend(50 * p.P)
            own, seen = rows(l, still[l - 1]), rows(l, done[name.get(l - 1, l - 1)])
            if [l] in self.classes and l == len(p.layers) - 1:
                columns = {(k, e): tuple(weights[l + 1, o, k] * effect(l, e) for o, _ in still[-1]) for k, e in own}
                kinds, others = (Counter(frozenset(found[k, e] + columns[k, e] for e in signs[l]) for k, _ in still[l])
                                 for found in (own, seen))
                ways = prod(factorial(n) * (len(signs[l]) // len(kind)) ** n for kind, n in kinds.items())
                return ways if kinds == others else 0
            places, known, ways = dict[Any, Pairs](), done.get(name.get(l, l)), [Pairs()]
            for pair, row in seen.items(): places.setdefault(row, []).append(pair)
            for i, _ in still[l]:
                ways = [[*way, pair] for way in ways for pair in places.get(own[i, 1], [])
                        if (pair == known[i] if known else all(pair[0] != k for k, _ in way))]
                need(len(ways) <= 50_000, "too many arrangements of units")
                spend(20 * len(ways) * (1 + i))
            return sum(fixing(l + 1, {**done, name.get(l, l): way}) for way in ways)
        order = self.signed_order if signed else self.order
        return order // fixing(1, {l: pairs for l, pairs in enumerate(still) if l not in name})

    def spread(self, chosen: Sequence[list[int]], identity: list[list[int]]) -> list[list[int]]:
        at = {l: images for group, images in zip(self.classes, chosen, strict=True) for l in group}
        return [at.get(l, images) for l, images in enumerate(identity)]

    def max_overlap(self, other: Symmetry, match: Any = None) -> Fraction:  # for one layer reached at `match`
        if match is None: return max(overlap(self.theta, point) for point in other.copies())
        need(self.single, "a match of more than one layer")
        moved = self.p.moved(other.theta, self.p.permutation(match))
        spend(20 * self.sizes[0] * self.p.P)
        ours, theirs = (self.p.units(theta, self.classes[0][0]) for theta in (self.theta, moved))
        need(cheapest([[-overlap(a, b) for b in theirs] for a in ours]), "no best match")
        return overlap(self.theta, moved)

    def copies(self) -> list[list[Fraction]]:  # θ permuted in every way
        self.few(self.order)
        ways = product(*(map(list, permutations(range(n))) for n in self.sizes))
        return [self.p.moved(self.theta, self.spread(way, [list(range(n)) for n in self.p.widths])) for way in ways]

def overlap(a: list[Fraction], b: list[Fraction]) -> Fraction:
    total = Fraction(0)
    for x, y in zip(a, b, strict=True): total = guarded(total + x * y)
    return total

def cheapest(costs: Sequence[Sequence[Fraction]]) -> bool:
    """Whether Σ c[i][s(i)] is least for s = 1: there are d with d_k ≤ d_i + c[i][k] − c[i][i], for all i and k, which
    shows it by summing over k = s(i); they are lengths of shortest paths (Bellman and Ford).
    """
    size, d = range(len(costs)), [Fraction(0)] * len(costs)
    for _ in range(len(costs) + 1):
        last, d = d, [min(guarded(d[i] + costs[i][k] - costs[i][i]) for i in size) for k in size]
        if d == last: return True
    return False

def activation_overlap(site: Site, *places: Tree) -> Value:  # Σ of products, over hidden layers, samples
    def total(instance: Instance) -> Value:
        hidden = range(1, len(site.problem.layers))
        rows = [[x for l in hidden for row in at.once(at.matrix, ("activations", l)) for x in row]
                for at in map(instance.at, places)]
        return sum((x * y for x, y in zip(*rows, strict=True)), Fraction(0))
    return site.over(total)

def symmetry(site: Site, place: Tree) -> Symmetry: return Symmetry(site.problem, site.problem.theta(place))

# -- barriers: how far the loss rises on the segment between two points ------------------------------------------------

class Along:
    """Polynomials in λ on [low, high]. Where the argument of relu may change its sign, `choices` say which branch is
    followed; one more is asked for. All branches together hold whatever the function is at each λ.
    """
    def __init__(self, low: Fraction, high: Fraction, choices: Sequence[int]) -> None:
        self.low, self.high, self.choices, self.asked = low, high, choices, 0
    def jet(self, x: Value) -> Sparse: return x if isinstance(x, Sparse) else Sparse(POWERS, {(0, 0): x})
    def apply(self, name: str, x: Value, c: Fraction | None = None) -> Sparse:
        formula, x = composed(name, c), self.jet(x)
        if formula: return self.jet(evaluate(formula, {"z": x, "c": c}, self.apply))
        need(name == "relu", "not a polynomial", Outside)
        signs = signs_on(x, self.low, self.high) - {0}
        if len(signs) == 2: self.asked, signs = self.asked + 1, {*self.choices[self.asked : self.asked + 1]}
        return x if signs == {1} else self.jet(0)

def line(a: Value, b: Value) -> Sparse: return Sparse(POWERS, {(0, 0): a, (1, 0): b - a})

def value_at(f: Sequence[Fraction], x: Fraction) -> Fraction:
    spend(len(f) * (10 + (len(f) * length(x) >> 4) + (length(x) * len(f) * max(map(length, f), default=0) >> 16)))
    return sum((c * x**i for i, c in enumerate(f)), Fraction(0))

def signs_on(g: Sparse, low: Fraction, high: Fraction) -> set[int]:
    """The signs of a polynomial on low ≤ λ ≤ high. Roots at the ends are divided out; the rest has V(u) − V(v) distinct
    roots between u and v that are none (Sturm), and where this is at most 1, all its signs there are those at u and v.
    """
    spend(20 * (size := 1 + max((i for i, _ in g.terms), default=-1)))
    found = set[int]()
    f = [Fraction(g.terms.get((i, 0), 0)) for i in range(size)]
    for end, turn in ((low, 1), (high, -1)):
        while f and low < high and value_at(f, end) == 0:
            quotient, found = [Fraction(0)], {0}
            for c in f[:0:-1]: quotient.append(quotient[-1] * end + c)
            f = [turn * c for c in quotient[:0:-1]]
    chain, parts = sturm(f), [(low, high)] if f else []
    while parts:
        u, v = parts.pop()
        roots = below(chain, [v])[0] - below(chain, [u])[0] if low < high else 0
        found |= {(x > 0) - (x < 0) for x in (value_at(f, u), value_at(f, v), *[Fraction(0)] * roots)}
        if roots > 1:
            middle = next(x for k in range(2, 999) if value_at(f, x := u + (v - u) * Fraction(k, 2 * k + k % 2)))
            parts += [(u, middle), (middle, v)]
    return found or {0}

class Segment:
    """The excess of the loss over its baseline along (1 − λ) A + λ B."""
    def __init__(self, site: Site, a: list[Fraction], b: list[Fraction]) -> None:
        self.exact, self.enclosed, self.bits, self.a, self.b = site.exact, site.enclosed, site.bits, a, b
        self.linear, self.ends, self.site = "baseline" in site.problem.data, list[Value](), site
        need(site.problem.inputs is not None and site.problem.targets is not None, "a barrier needs data")
        at = Along(Fraction(0), Fraction(0), ())
        try: self.ends = [self.exact.along(at, list(map(line, x, x))).terms.get((0, 0), Fraction(0)) for x in (a, b)]
        except Outside: self.bounds = [self.mean_value(Fraction(i), Fraction(i), (0, 0))[0] for i in (0, 1)]

    def at_an_end(self) -> tuple[Value, bool]:
        """The excess at the higher end, 0 over the line, |L(A) − L(B)|/2 over the mean; and whether it is the barrier
        as F is affine in λ and the loss convex in F, so that L is at most the line between its ends: where a linear
        output layer alone moves, and units whose outgoing weights are 0 at both ends; or F is constant.
        """
        def loss(run: Instance, x: list[Fraction]) -> Value:
            return value_of(run.along(at := Calculus(run.numbers, 0), list(map(at.jet, x))))
        p, layers = self.site.problem, self.site.problem.layers
        moves = [*zip(p.places(), self.a, self.b, strict=bool(layers))]
        used = {(l - 1, j) for (l, _, j), x, y in moves if x or y}  # units with an outgoing weight that is not 0
        linked = [len(layers), *(layer["residual"] for layer in layers)]
        moved = {l for (l, i, _), x, y in moves if x != y and ((l, i) in used or l in linked)}
        last = bool(layers) and not p.squash and layers[-1]["name"] == "linear" and moved <= {len(layers)}
        still = bool(layers) and not moved and not p.decay  # then F and L are constant
        gap = 0 if self.linear or still else self.site.over(lambda run: loss(run, self.a) - loss(run, self.b))
        signs = self.exact.numbers.signs(gap)
        need(len(signs) == 1, "it is not known which end is higher", Outside)
        return gap * Fraction(max(signs), 2), still or bool(p.convex and (p.affine or last))

    def base(self, x: Any, first: Value, last: Value) -> Any:
        return (x if self.linear else Fraction(1, 2)) * (last - first) + first
    def polynomials(self, low: Fraction, high: Fraction) -> list[Sparse]:  # on an interval, one for each branch
        found, waiting, theta = list[Sparse](), [tuple[int, ...]()], list(map(line, self.a, self.b))
        while waiting:
            f = self.exact.along(at := Along(low, high, waiting.pop()), theta) - self.base(line(0, 1), *self.ends)
            if at.asked > len(at.choices): waiting += [(*at.choices, 0), (*at.choices, 1)]
            else: found.append(f)
            need(len(waiting) + len(found) <= 256, "too many units turn in one interval")
        return found

    def mean_value(self, low: Fraction, high: Fraction, ends: Sequence[Value]) -> list[Interval]:
        """Enclosures of the excess on an interval and of its slopes (Clarke's, by the chain rule)."""
        at, place = Calculus(self.enclosed.numbers, 1, hull=True), enclose(low, self.bits)
        place = Interval(place.lo, enclose(high, self.bits).hi, self.bits)
        def moving(x: Value, y: Value) -> Sparse: return Sparse(at, {(): place * (y - x) + x, (0,): y - x})
        excess = self.enclosed.along(at, list(map(moving, self.a, self.b))) - self.base(moving(0, 1), *ends)
        return [enclose(excess.terms.get(m, 0), self.bits) for m in ((), (0,))]

    def within(self, low: Fraction, high: Fraction | None, cuts: list[Fraction]) -> tuple[Value, Value | None]:
        """Bounds low ≤ max of the excess ≤ high (None: not asked for) as claimed, shown by polynomials or intervals; or
        what it is at an end, where low = high says that between these cuts, off a part next to an end on which it does
        not rise from that end, it is at most that.
        """
        need(all(0 <= x <= 1 for x in cuts) and all(x < y for x, y in pairwise(cuts)), "cuts are not in order")
        if self.a == self.b: return Fraction(0), Fraction(0)
        peak, below = self.at_an_end() if low == high and not self.ends else (None, False)
        if below: return peak, peak
        if peak is not None: low, high = Fraction(0), enclose(peak, self.bits).ends()[0]
        shown, parts = low <= 0, [*zip(cuts, cuts, strict=True), *pairwise([Fraction(0), *cuts, Fraction(1)])]
        while parts and not (shown and high is None):  # (at an end the excess is never negative)
            u, v = parts.pop(0)
            if u == v and shown: continue
            if self.ends:
                branches = self.polynomials(u, v)
                fine = high is None or all(-1 not in signs_on(f * -1 + high, u, v) for f in branches)
                shown = shown or (len(branches) == 1 and bool({0, 1} & signs_on(branches[0] - low, u, v)))
            else:
                try:
                    (least, most), slope = (x.ends() for x in self.mean_value(u, v, self.bounds))
                    middle = self.mean_value((u + v) / 2, (u + v) / 2, self.bounds)[0].ends()[1]
                    fine = high is None or min(most, middle + max(-slope[0], slope[1]) * (v - u) / 2) <= high
                    fine = fine or (peak is not None and ((u == 0 and slope[1] <= 0) or (v == 1 and slope[0] >= 0)))
                    shown = shown or least >= low
                except Outside: fine = high is None
                if not fine and (fine := v - u > Fraction(1, 2**40)): parts[:0] = (u, (u + v) / 2), ((u + v) / 2, v)
            need(fine, "a barrier is not shown to be so low", Reject if self.ends else Outside)
        need(shown, "a barrier is not shown to be so high")
        return (max(low, Fraction(0)), high) if peak is None else (peak, peak)

def relaxed(site: Site, a: list[Fraction], b: list[Fraction], data: Any) -> Fraction:
    """A lower bound of the excess at one λ for all permutations of the units of one hidden layer: F is affine in the
    matrix Π that joins unit i of A to unit j of B, F = F₀ + Σ Π_ij c_ij, and the squared loss is convex, so that L(Π) ≥
    L(Π₀) + ⟨M, Π − Π₀⟩, M = ∇L(Π₀), and ⟨M, Π⟩ is least at a best assignment.
    """
    keys(data, "place center match")
    p, m, x = site.problem, site.problem.widths[1], rational(data["place"])
    at = Calculus(site.exact.numbers, 1, squared=True)  # the arguments of relu are constants, so a kink does not matter
    fitting = [layer["residual"] for layer in p.layers] == [None, None] and p.layers[1]["name"] == "linear"
    need(fitting and p.named == "mse" and not p.squash and p.decay == 0 and 0 <= x <= 1, "no relaxation here")
    center, (first, last), segment = rationals(data["center"], m, m), p.layers, Segment(site, a, b)
    one, two = (dict(zip(p.places(), theta, strict=True)) for theta in (a, b))
    def mixed(u: tuple[int, int, int], v: tuple[int, int, int]) -> Fraction: return (1 - x) * one[u] + x * two[v]
    pairs = list(product(range(m), repeat=2))  # a unit each, its outgoing weights times Π_ij
    theta = [at.jet(mixed((1, i, k), (1, j, k))) for i, j in pairs for k in range(p.d)]
    theta += [at.jet(mixed((1, i, -1), (1, j, -1))) for i, j in pairs] if first["bias"] else []
    theta += [at.jet(center[i][j], v) * mixed((2, k, i), (2, k, j))
              for k in range(p.K) for v, (i, j) in enumerate(pairs)]
    theta += [at.jet(mixed((2, k, -1), (2, k, -1))) for k in range(p.K)] if last["bias"] else []
    loss = site.exact.along(at, theta, [{**first, "width": m * m}, last])
    low, *slope = (at.numbers.rational(loss.terms.get(key, 0)) for key in ((), *((v,) for v in range(m * m))))
    costs = [[slope[i * m + j] for j in p.permutation([data["match"]])[1]] for i in range(m)]
    need(cheapest(costs), "no best assignment")
    low += sum(costs[i][i] for i in range(m)) - sum(center[i][j] * slope[i * m + j] for i, j in pairs)
    return Fraction(low - segment.base(x, *segment.ends))

def barrier(site: Site, head: str, a: Tree, b: Tree) -> Value:
    """A barrier, or the least one over all permutations of the units of B: exact, or an interval."""
    p, data = site.problem, dict[str, Any](site.evidence.get((head, a, b), {}).get("barrier", {}))
    keys(data, "bounds relaxation")
    need(head == "min_barrier" or data["relaxation"] is None, "a relaxation of no permutations")
    start, end, found = p.theta(a), p.theta(b), dict[tuple[Fraction, ...], tuple[Fraction, Fraction | None]]()
    for entry in listed(data["bounds"]):
        keys(entry, "permutation low high cuts")
        point = end if entry["permutation"] is None else p.moved(end, p.permutation(entry["permutation"]))
        (low,), (cuts,) = (rationals([row], 1, len(listed(row))) for row in ([entry["low"]], entry["cuts"]))
        high = None if entry["high"] is None else rational(entry["high"])
        bounds = found[tuple(point)] = (segment := Segment(site, start, point)).within(low[0], high, cuts)
        if low[0] == high and not segment.ends and (head == "min_barrier" or point == end): return bounds[0]
    least, symmetry = Fraction(0), Symmetry(p, end) if head == "min_barrier" else None
    if data["relaxation"] is not None: least = max(least, relaxed(site, start, end, data["relaxation"]))
    elif symmetry is None or symmetry.order <= 50_000:  # a barrier that is not bounded here is at least 0
        points = {tuple(end)} if symmetry is None else set(map(tuple, symmetry.copies()))
        least, found = min(found.get(x, (least,))[0] for x in points), {x: found[x] for x in points & {*found}}
    most = min((bound for _, bound in found.values() if bound is not None), default=Fraction(-1))
    need(least <= most, "a barrier needs two bounds")
    return least if least == most else Interval(enclose(least, site.bits).lo, enclose(most, site.bits).hi, site.bits)

POINT_NUMBERS: dict[str, Callable[..., Value]] = {
    **{head: lambda site, a, b, head=head: barrier(site, head, a, b) for head in ("barrier", "min_barrier")},
    "overlap": lambda site, a, b: overlap(site.problem.theta(a), site.problem.theta(b)),
    "max_overlap": lambda site, a, b: symmetry(site, a).max_overlap(
        symmetry(site, b), site.evidence.get(("max_overlap", a, b), {}).get("match")),
    "orbit_size": lambda site, a: Fraction(symmetry(site, a).orbit_size()),
    "signed_orbit_size": lambda site, a: Fraction(symmetry(site, a).orbit_size(signed=True)),
    "activation_overlap": activation_overlap, "components": lambda site, _: Fraction(components(site.problem)),
    "expansions": lambda site, r, m: Fraction(expansions(amount(r), amount(m))),
    "surjections": lambda site, r, m: Fraction(surjections(amount(r), amount(m)))}

def amount(tree: Tree) -> int:
    need((n := constant(tree)) is not None and n in range(1001), "expected a whole number of units")
    spend(300 * int(n or 0))
    return int(n or 0)

def orbit(p: Problem, outputs: Any = (), numbers: Numbers = RATIONALS) -> int:  # outputs: over these numbers
    """The dimension, at least, of the orbit of θ under groups that leave F unchanged for all inputs, by their
    velocities at θ.
    For a hidden layer that feeds the next one only, z = W a + b, a' = σ(z), next weights V: δ(W_i, b_i) = (W_j, b_j)
    with δV_·j = −d V_·i, for i = j where σ(λz) = λ^d σ(z) for λ > 0 (rescaling), for all i, j where σ is linear; there
    also δb_i = 1 with δ(next b) = −V_·i; and for σ = square and V a row v: δ(W_i, b_i) = v_j (W_j, b_j), δ(W_j, b_j) =
    −v_i (W_i, b_i); for σ = exp: δb_i = 1 with δV_·i = −V_·i. With the outputs of all layers at each sample, at a point
    where H exists: also all parameters of relu units that are 0 at every sample, for they stay so nearby; and units of
    relu or leaky_relu with one sign at every sample are linear there, of slope s: then d is s_i/s_j, and −s_i V_·i.
    """
    theta, at, found = p.parameters or [], {place: n for n, place in enumerate(p.places())}, list[dict[int, Value]]()
    degrees = {"linear": 1, "relu": 1, "leaky_relu": 1, "abs": 1, "square": 2}
    for l, (layer, after) in enumerate(pairwise(p.layers), 1):
        name, bias, units, wide = layer["name"], layer["bias"], range(layer["width"]), range(after["width"])
        if layer["residual"] is not None: continue
        rows = [[at[l, i, j] for j in (*range(p.widths[l - 1]), *[-1] * bias)] for i in units]
        columns = [[at[l + 1, k, i] for k in wide] for i in units]
        off = [i for i in units if name == "relu" and outputs and not any(value_of(layers[l][i]) for layers in outputs)]
        found += [{a: 1} for i in off for a in (*rows[i], *columns[i])]
        if any(other["residual"] == l for other in p.layers): continue
        if name == "exp" and bias: found += [{rows[i][-1]: 1} | {a: -theta[a] for a in columns[i]} for i in units]
        degree, pure = layer["c"] if name == "power" else degrees.get(name), name in ("linear", "square", "power")
        if degree is None: continue
        spend(10 * p.P * len(units) * (len(units) if pure else 1))
        slope = {i: Fraction(1) for i in units if pure and degree == 1}
        for i in units if outputs and (name == "relu" or (name == "leaky_relu" and layer["c"] > 0)) else ():
            signs = set().union(*(numbers.signs(value_of(layers[l][i])) for layers in outputs))
            if signs in ({1}, {-1}): slope[i] = Fraction(1 if signs == {1} else layer["c"])
        for i, j in product(units, repeat=2):
            if i == j or (i in slope and j in slope):
                d, field = degree, {a: theta[b] for a, b in zip(rows[i], rows[j], strict=True)}
                if i != j: d = slope[i] / slope[j]
                found.append(field | {a: -d * theta[b] for a, b in zip(columns[j], columns[i], strict=True)})
            if i == j and i in slope and bias and after["bias"]:
                found.append({rows[i][-1]: 1} | {at[l + 1, k, -1]: -slope[i] * theta[columns[i][k]] for k in wide})
            if i > j and pure and degree == 2 and len(wide) == 1:
                (v,), (w,), both = columns[i], columns[j], list(zip(rows[i], rows[j], strict=True))
                found.append({a: theta[w] * theta[b] for a, b in both} | {b: -theta[v] * theta[a] for a, b in both})
    return shown_rank([[field.get(a, 0) for a in range(p.P)] for field in found], RATIONALS)

def ambient(p: Problem) -> int | None:
    """K times the number of monomials that F combines, for all θ: a bound of rank G for polynomial networks."""
    degrees = [{"linear": 1, "square": 2, "power": layer["c"]}.get(layer["name"]) for layer in p.layers]
    if not p.layers or None in degrees or p.squash or {layer["residual"] for layer in p.layers} != {None}: return None
    degree = prod(int(d) for d in degrees if d)
    return p.K * comb(p.d + degree - (not any(layer["bias"] for layer in p.layers)), degree) if degree <= 1000 else None

def least_bound(p: Problem, matrix: str) -> int | None:
    """A bound of the rank of G, H_f or H at every θ by the form of a network without biases; None where there is none.
    One hidden layer of even powers: products of two forms that vanish at all weights pair to 0 with the rows of G.
    Linear layers: the image of G is a sum of U_a ⊗ V_a for two opposite flags of products of weights, of the dimension
    of a staircase, a union of rectangles; so are parts of the kernels of H_f and H. See proofs/lemmas/architecture.md.
    """
    def area(rectangles: Iterable[tuple[int, int]]) -> int:
        total, reach = 0, 0
        for u, v in sorted(rectangles, key=lambda sides: -sides[1]):
            total, reach = total + max(0, u - reach) * v, max(reach, u)
        return total
    def kernel(l: int) -> Iterable[tuple[int, int]]:
        before, after, residual = w[:l], w[l:], min(p.N, p.d, p.K)
        for i in range(l + 1, depth + 1): yield w[l] - min(w[l:i]), w[l - 1] - min(residual, *w[i - 1:], *before)
        for j in range(1, l): yield w[l] - min(residual, *after, *w[: j + 1]), w[l - 1] - min(w[j:l])
        left, right = w[l] - min(residual, *after) * (l > 1), w[l - 1] - min(residual, *before) * (l < depth)
        if matrix == "H_f": yield left, right
        else: yield from [(w[l] - min(after), w[l - 1] - min(residual, *before)), (left, w[l - 1] - min(p.N, *before))]
    w, depth, names = p.widths, len(p.layers), [layer["name"] for layer in p.layers]
    if p.squash or any(layer["bias"] or layer["residual"] is not None for layer in p.layers): return None
    if names and set(names) == {"linear"}:
        if matrix == "G": return area((min(w[k:]), min(p.N, *w[:k])) for k in range(1, depth + 1))
        return p.P - sum(area(kernel(l)) for l in range(1, depth + 1)) if matrix == "H_f" or p.decay == 0 else None
    if matrix != "G" or len(names) != 2 or names[1] != "linear" or names[0] not in ("square", "power"): return None
    degree = int(p.layers[0]["c"] or 2)
    m = comb(p.d + degree // 2 - 1, degree // 2) - w[1]
    return p.K * (comb(p.d + degree - 1, degree) - 2 * m + 1) if degree % 2 == 0 and m > 0 else None

# -- components of the set of global minima: proofs/lemmas/components.md -----------------------------------------------

def surjections(r: int, m: int) -> int: return sum((-1) ** (r - i) * comb(r, i) * i**m for i in range(r + 1))

def expansions(r: int, m: int) -> int:  # Σ_u C(m, u) G(r, m − u) Bell(u), Bell(u + 1) = Σ_k C(u, k) Bell(k)
    spend(30 * m * m)
    bell = [1]
    for u in range(m - r): bell.append(sum(comb(u, k) * count for k, count in enumerate(bell)))
    return sum(comb(m, u) * surjections(r, m - u) * bell[u] for u in range(m - r + 1))

def components(p: Problem) -> int:
    """The number of connected components of the set of all global minima of L; rejects where it is not known."""
    names, biases = [layer["name"] for layer in p.layers], [layer["bias"] for layer in p.layers]
    plain, r = bool(p.layers) and all(layer["residual"] is None for layer in p.layers), p.data.get("teacher")
    need(p.decay == 0 and not p.squash, "global minima with weight decay or of probabilities are not known")
    if r is not None:  # the units are linearly independent, up to the sign for tanh and sin
        odd = (names[:1] == ["tanh"] and biases != [True, False]) or (names[:1] == ["sin"] and not biases[0])
        independent_units = odd or (names[:1] == ["exp"] and not any(biases))
        need(plain and len(names) == 2 and names[1] == "linear" and independent_units, "units may be dependent")
        need(p.named in VANISHING, "a loss that may be least at other functions than the teacher's")
        need(integer(r, 1, MAX_SIZE) <= p.widths[1], "a student narrower than its teacher")
        return factorial(r) * (2**r if odd else 1) if r == p.widths[1] else 1
    need(p.named in ("mse", "quartic", "logcosh") and p.inputs is not None and p.targets is not None, "minima unknown")
    x, y = p.inputs or [], p.targets or []
    if plain and set(names) == {"linear"} and (biases[-1] or not any(biases)):  # W_L⋯W_1 = T of rank r on the data
        if biases[-1]: x, y = centred(x), centred(y)
        exact = len(echelon([a + b for a, b in zip(x, y, strict=True)])) == len(echelon(x))
        rank, hidden = len(echelon(multiply(transposed(x), y))), p.widths[1:-1]
        need(exact or p.named == "mse", "the global minima of this loss are not known without an exact fit")
        if min([rank, *hidden]) < rank: need(p.named == "mse" and parted(x, y, min(hidden)), "many best approximations")
        return int(2 ** hidden.count(min([rank, *hidden])))
    groups: dict[Any, list[Any]] = {}
    for row, label in zip(x, y, strict=True): groups.setdefault(tuple(row), []).append(label)
    alike = all(label == labels[0] for labels in groups.values() for label in labels)
    need(alike or p.named == "mse", "equal inputs with different targets")
    x, y = [list(row) for row in groups], [[sum(c) / Fraction(len(c)) for c in transposed(g)] for g in groups.values()]
    last = names[-1:] == ["linear"] and p.layers[-1]["residual"] is None
    if last and (not any(map(any, y)) or (biases[-1] and y.count(y[0]) == len(y))): return 1  # W = 0 fits for all v
    if last and plain and len(names) == 2 and len(x) == 1 and (any(x[0]) or biases[0]):
        if p.widths[1] > 1 or names[0] in ("exp", "sigmoid", "softplus", "gaussian", "relu"): return 1
        if names[0] != "sin": return 2 if p.layers[0]["c"] != 0 else 1  # where σ(v·x) ≠ 0
    known = names[:1] and names[0] in ("relu", "leaky_relu", "abs", "linear")
    if plain and known and names[1:] == ["linear"] and p.K == 1: return cells(p, x, [row[0] for row in y])
    return common_zeros(p, x, y)

def parted(x: Matrix, y: Matrix, q: int) -> bool:  # λ_q > λ_{q+1} for YᵀQY, Q onto im X: one best map of rank q
    some = [[row[j] for row in x] for j, *_ in echelon(x)]
    cross, gram = multiply(some, y), multiply(some, transposed(some))
    solution = [row[len(some):] for _, row, _ in sorted(echelon([a + b for a, b in zip(gram, cross, strict=True)]))]
    form, low = multiply(transposed(cross), solution), Fraction(0)
    high = sum((row[i] for i, row in enumerate(form)), Fraction(1))
    for _ in range(100):
        middle = (low + high) / 2
        above, _ = inertia([[v - middle * (i == j) for j, v in enumerate(row)] for i, row in enumerate(form)])
        if above == q: return True
        low, high = (middle, high) if above > q else (low, middle)
    return False

def cells(p: Problem, x: Matrix, y: list[Value]) -> int:
    """For f = Σ a_i σ(v_i·x̃) + c, σ piecewise linear. A type is a sign of a_i and a region of the signs of v_i·x̃_j.
    The fits in which every unit has a given type form a connected piece, empty or not according to the set of types:
    the target must be a positive combination, modulo c, of images ± σ(z) of rays of their regions. Pieces that differ
    in one unit meet iff the rays that both types have suffice, with those of the others. See the page for the rest.
    """
    layer, after = p.layers
    slopes = {"relu": (1, 0), "abs": (1, -1), "linear": (1, 1)}.get(layer["name"], (1, layer["c"]))
    rows = [row + [Fraction(1)] * layer["bias"] for row in x]
    rows = [[row[j] for j, *_ in echelon(rows)] for row in rows]
    size, m = len(rows[0]), p.widths[1]
    planes = [list(plane) for plane in {tuple(echelon([row])[0][1]): 0 for row in rows if any(row)}]
    need(len(planes) <= 12 and comb(len(planes), max(size - 1, 0)) <= 2500, "too many hyperplanes")
    lines = [null(some, size) for some in combinations(planes, max(size - 1, 0))]
    around = {tuple(c / abs(next(filter(None, line[0]))) * sign for c in line[0]): 0
              for line in lines if len(line) == 1 for sign in (1, -1)}
    def at(row: Sequence[Value], u: Sequence[Value]) -> Value: return sum(a * b for a, b in zip(row, u, strict=True))
    signs, regions = [[at(plane, u) for u in around] for plane in planes], list[int]()
    sides = [[sum(1 << i for i, z in enumerate(row) if z * s > 0) for s in (1, -1)] for row in signs]
    spend(2 ** len(planes) * (1 + len(planes)) * 4)
    for pattern in product((0, 1), repeat=len(planes)):
        inside = (1 << len(around)) - 1
        for side, j in zip(sides, pattern, strict=True): inside &= ~side[1 - j]
        if all(inside & side[j] for side, j in zip(sides, pattern, strict=True)): regions.append(inside)
    images = [[slopes[z <= 0] * z for z in (at(row, u) for row in rows)] for u in around]
    types, free = regions + [region << len(around) for region in regions], [[Fraction(1)] * len(y)] * after["bias"]
    if m >= 2 * len(y):
        need(len(echelon([*free, *images, y])) == len(echelon([*free, *images])), "no fit is known")
        return 1
    images += [[-z for z in image] for image in images]
    supports = list[int]()
    for support in sorted(set(vertices(images, free, y)), key=int.bit_count):
        if all(other & ~support for other in supports): supports.append(support)
    need(supports, "there is no fit")
    largest = max(support.bit_count() for support in supports)
    if m >= 2 * largest or m > len(types): return 1
    # All fits can be brought to `largest` units: what is connected for that many or more units stays so for m.
    for k in range(min(largest, m), m + 1):
        count = sets_of_types(types, supports, k)
        if k == m or (count == 1 and k >= largest): break
    need(count > 0, "there is no fit")
    return count

def vertices(generators: Matrix, free: Matrix, target: list[Value]) -> Iterable[int]:
    """The masks of all independent sets of generators, modulo `free`, with the target as a positive combination."""
    size = len(target)
    def whole(row: list[Value], slot: int = -1) -> list[int]:  # a multiple, and behind it a unit vector
        return [int(c * lcm(*(v.denominator for v in row))) for c in row] + [int(k == slot) for k in range(size + 1)]
    def reduced(row: list[int], basis: list[tuple[int, list[int]]]) -> list[int]:  # up to a positive factor
        spend(10 + 3 * len(row) * len(basis))
        for j, other in basis:
            if factor := row[j]: row = [other[j] * c - factor * d for c, d in zip(row, other, strict=True)]
        return row
    def search(chosen: list[int], basis: list[tuple[int, list[int]]]) -> Iterable[int]:
        left = reduced(end, basis)  # a multiple of target − Σ c_i g_i, and behind it the −c_i
        if not any(left[:size]):
            if all(c < 0 for c in left[size: size + len(chosen)]): yield sum(1 << i for i in chosen)
            return
        for i in range(chosen[-1] + 1 if chosen else 0, len(vectors)):
            row = reduced(vectors[i] + units[len(chosen)], basis)
            j = next((j for j, c in enumerate(row[:size]) if c), None)
            if j is None: continue
            unit = gcd(*row) * (1 if row[j] > 0 else -1)
            yield from search([*chosen, i], [*basis, (j, [c // unit for c in row])])
    vectors, units = [whole(row)[:size] for row in generators], [whole([], k) for k in range(size + 1)]
    end, lines = whole(target), [(0, whole(line)) for line in free]
    return search([], lines)

def sets_of_types(types: list[int], supports: list[int], m: int) -> int:
    """The components of the fits with m units: sets of m types, with numbered units where no unit can be spared.
    With any m − 1 types, the types that have all that is missing of a support make sets that meet. If nothing is
    missing, the last unit is free.
    """
    moves, loose, owners = list[tuple[tuple[int, ...], list[int]]](), set[int](), {0: list(range(len(types)))}
    def whole(units: Iterable[int]) -> int: return sum(1 << t for t in units)
    for others in combinations(range(len(types)), m - 1):
        spend(2 * len(supports))
        rest = 0
        for t in others: rest |= types[t]
        for missing in {support & ~rest for support in supports}:
            if missing not in owners: owners[missing] = [t for t, mask in enumerate(types) if missing & ~mask == 0]
            fitting = [t for t in owners[missing] if t not in others]
            spend(20 * len(fitting))
            if fitting: moves.append((others, fitting))
            if fitting and not missing: loose.add(whole(others) | 1 << fitting[0])
    classes = merged([whole(others) | 1 << t for t in fitting] for others, fitting in moves)
    firm = {node for members in classes if not loose & {*members} for node in members}
    need(len(firm) * factorial(m) <= 250_000, "too many numberings")
    numbered = merged([(*order[:i], t, *order[i:]) for t in fitting]  # a unit that changes its type keeps its number
                      for others, fitting in moves if whole(others) | 1 << fitting[0] in firm
                      for order in permutations(others) for i in range(m))
    return sum(not firm & {*members} for members in classes) + len(numbered)

def common_zeros(p: Problem, x: Matrix, y: Matrix) -> int:
    """The components of {F = y}, F polynomial: monomials, one parameter, Σ a_k c_k, one quadric, or a plane curve."""
    at = Calculus(Numbers(1, 1), WHOLE)
    samples = Instance(p, at.numbers).run(at, [at.jet(Fraction(0), i) for i in range(p.P)])
    known = {tuple(row): outputs for row, (outputs, _) in zip(p.inputs or [], samples, strict=True)}
    fits = [(f - label).terms for row, labels in zip(x, y, strict=True)
            for f, label in zip(known[tuple(row)], labels, strict=True)]
    return zeros([{NAMED.join(m, ()): at.numbers.rational(c) for m, c in terms.items()} for terms in fits])

def merged(groups: Iterable[Iterable[Any]]) -> list[list[Any]]:  # the finest classes in which every group stays whole
    parent, found = dict[Any, Any](), dict[Any, list[Any]]()
    def top(x: Any) -> Any:
        while parent.setdefault(x, x) != x: parent[x] = x = parent[parent[x]]
        return x
    for group in groups:
        first, *others = group
        for x in (first, *others): parent[top(x)] = top(first)
    for x in parent: found.setdefault(top(x), []).append(x)
    return list(found.values())

def sharing(parts: Iterable[tuple[set[int], Any]]) -> list[tuple[set[int], list[Any]]]:  # those with common names
    named = list(parts)
    return [(names, [member for own, member in named if own <= names])
            for names in map(set, merged(own for own, _ in named))]

def zeros(fits: list[dict[Any, Fraction]]) -> int:
    """Equations without common variables multiply; c·v + h = 0, c ≠ 0, h without v, makes v a function of the rest."""
    fits = [*{frozenset((m, c / f[max(f)]) for m, c in f.items()): f for f in fits if f}.values()]  # up to factors
    total = 1
    for names, members in sharing(({i for m in terms for i in m} or {-1}, terms) for terms in fits):
        found = zeros_of_block(members, names)
        if found is None:
            linear_in = ((k, v) for k, terms in enumerate(members) for v in sorted(names)
                         if [m for m in terms if v in m] == [(v,)])
            k, v = next(linear_in, (-1, -1))
            if v < 0:
                need(len(names) == 2, "no rule for these equations")
                total *= curve(members, names)
                continue
            rest = Sparse(NAMED, {m: -c / members[k][v,] for m, c in members[k].items() if m != (v,)})
            def put(m: Any, c: Fraction, v: int = v, rest: Any = rest) -> Any:
                return prod([rest] * m.count(v), start=Sparse(NAMED, {tuple(i for i in m if i != v): c}))
            others = [sum((put(m, c) for m, c in terms.items()), Sparse(NAMED, {})) for terms in members]
            found = zeros([other.terms for j, other in enumerate(others) if j != k])
        total *= found
    return total

def zeros_of_block(fits: list[dict[Any, Fraction]], names: set[int]) -> int | None:  # None: no rule applies
    moving = [{m: c for m, c in terms.items() if m} for terms in fits]
    if all(len(terms) <= 1 for terms in moving):
        parts = [next(iter(terms.items()), ((), Fraction(1))) for terms in moving]
        values = [(m, c, -terms.get((), Fraction(0))) for (m, c), terms in zip(parts, fits, strict=True)]
        firm = [(m, value / c) for m, c, value in values if value]
        used = sorted({i for m, _ in firm for i in m})
        need(all(m and (value or not set(m) <= set(used)) for m, _, value in values), "no fit")
        for relation in null([[Fraction(m.count(i)) for m, _ in firm] for i in used], len(firm)):
            scale = lcm(*(n.denominator for n in relation))
            sizes = [abs(n * scale) * len(str(v)) for n, (_, v) in zip(relation, firm, strict=True)]
            need(max(sizes, default=0) <= 30_000, "exponents too large")
            need(prod(abs(v) ** int(n * scale) for n, (_, v) in zip(relation, firm, strict=True)) == 1, "no fit")
        signs = [sum(1 << k for k, i in enumerate(used) if m.count(i) % 2) << 1 | (v < 0) for m, v in firm]
        kept = list[int]()  # rows over F_2, the signs of the values last
        for left in signs:
            for other in kept: left = min(left, left ^ other)  # noqa: PLW2901
            if left: kept.append(left)
        need(1 not in kept, "no fit")
        return int(2 ** (len(used) - len(kept)))
    if len(names) == 1:
        common, (v,) = list[Fraction](), names
        for terms in fits:
            f = [terms.get((v,) * i, Fraction(0)) for i in range(max(map(len, terms)) + 1)]
            while f: common, f = f, remainder(common, f)
        if not common: return 1
        need(roots := below(sturm(common), [])[0], "no fit")
        return roots
    if len(fits) == 1 and fits[0].get(()):  # Σ a_k c_k = y ≠ 0 without common variables
        heads = sharing((set(m), m) for m in fits[0] if m)
        if len(heads) > 1 and all(any(all(m.count(v) == 1 for m in ms) for v in vs) for vs, ms in heads): return 1
    first = fits[0]
    ratios = [terms.get(max(first), 0) / first[max(first)] for terms in fits]
    alike = all(terms == {m: c * s for m, c in first.items()} for terms, s in zip(fits, ratios, strict=True))
    if max(map(len, first)) != 2 or not alike: return None
    place, size = {v: i for i, v in enumerate(sorted(names))}, len(names)
    border = [[Fraction(0)] * (size + 1) for _ in range(size + 1)]  # of (θ, 1)ᵀ M (θ, 1)
    for m, c in first.items():
        i, j = [*(place[v] for v in m), size, size][:2]
        border[i][j] += c / 2
        border[j][i] += c / 2
    (up, down), (more, less) = inertia([row[:-1] for row in border[:-1]]), inertia(border)
    if more + less != up + down + 1: return 1  # a graph or a cone; else yᵀQy = s, and M has −s besides the signs of Q
    need(same := up if less > down else down, "no fit")
    return 2 if same == 1 else 1

def trimmed(f: list[Fraction]) -> list[Fraction]: return trimmed(f[:-1]) if f and not f[-1] else f
def scaled(f: list[Fraction]) -> list[Fraction]: return [c / max(map(abs, f)) for c in f]
def slope(f: list[Fraction]) -> list[Fraction]: return [i * c for i, c in enumerate(f)][1:]
def changes(signs: Iterable[Any]) -> int: return sum((a < 0) != (b < 0) for a, b in pairwise([x for x in signs if x]))
def remainder(a: list[Fraction], b: list[Fraction]) -> list[Fraction]: return division(a, b)[1]

def price(values: Sequence[Value]) -> int:  # of a − b·c with numbers of this length
    bits = max(map(length, values), default=0)  # none for residues, which are quick
    return (20 if bits else 3) + (bits >> 5) + (bits >> 8) ** 2

def division(a: list[Fraction], b: list[Fraction]) -> tuple[list[Fraction], list[Fraction]]:  # the constant term first
    left, whole = trimmed(a), [Fraction(0)] * max(len(a) - len(b) + 1, 0)
    while len(left) >= len(b):
        shift = len(left) - len(b)
        factor = whole[shift] = guarded(left[-1] / b[-1])
        spend(len(b) * price([factor, left[-1], b[-1]]))
        left = trimmed([c - factor * b[i - shift] if i >= shift else c for i, c in enumerate(left)][:-1])
    return whole, left

def minus(a: list[Fraction], b: list[Fraction], factor: list[Fraction]) -> list[Fraction]:  # a − b·factor
    spend(len(factor) * len(b) * price([*factor[-1:], *b[-1:]]))
    found = [*a, *[Fraction(0)] * (len(b) + len(factor) - len(a))]
    for i, x in enumerate(factor):
        for j, y in enumerate(b): found[i + j] -= x * y
    return trimmed(found)

def times(a: list[Fraction], b: list[Fraction]) -> list[Fraction]: return minus([], b, [-x for x in a])

def common_factor(a: list[Fraction], b: list[Fraction]) -> list[Fraction]:  # with leading coefficient 1
    while b: a, b = b, scaled(remainder(a, b))
    return [c / a[-1] for c in a]

def resultant(a: list[Fraction], b: list[Fraction]) -> Fraction:
    if len(b) < 2: return b[0] ** (len(a) - 1) if b else Fraction(len(a) == 1)
    rest, sign = remainder(a, b), (-1) ** ((len(a) - 1) * (len(b) - 1))
    return sign * b[-1] ** (len(a) - len(rest)) * resultant(b, rest) if rest else Fraction(0)

def through(values: Sequence[tuple[int, Fraction]]) -> list[Fraction]:  # the polynomial with these values (Newton)
    found, nodes = list[Fraction](), [Fraction(1)]
    for x, y in values:
        step = (y - value_at(found, Fraction(x))) / value_at(nodes, Fraction(x))
        found, nodes = minus(found, nodes, [-step]), minus([], nodes, [Fraction(x), Fraction(-1)])
    return found

def sturm(f: list[Fraction]) -> Rows:  # f, f' and negated remainders, scaled by positive numbers
    chain = [f, slope(f)]
    while chain[-1]: chain.append(scaled([-c for c in remainder(*chain[-2:])]))
    return chain[:-1]

def below(chain: Rows, cuts: list[Fraction]) -> list[int]:  # how many roots below each cut, and below ∞
    first = changes(f[-1] * (-1) ** (len(f) - 1) for f in chain)
    return [first - changes(value_at(f, x) for f in chain) for x in cuts] + [first - changes(f[-1] for f in chain)]

def cuts_between(count: Callable[[Fraction], int | None], total: int) -> list[Fraction]:
    """Numbers below, between, and above all roots; count(x) roots are below x, None: x is one."""
    size = next(Fraction(2**k) for k in range(9999) if (count(Fraction(-(2**k))), count(Fraction(2**k))) == (0, total))
    found, parts = [-size, size], [(-size, 0, size, total)]
    while parts:
        u, first, v, last = parts.pop()
        if last - first < 2: continue
        tries = ((x, count(x)) for k in range(2, 999) for x in (u + (v - u) * Fraction(k, 2 * k + k % 2),))
        x, n = next((x, n) for x, n in tries if n is not None)
        found += [x] if first < n < last else []
        parts += [(u, first, x, n), (x, n, v, last)]
    return sorted(found)

class Root:
    """The only root of m between low and high, a simple one; m and the interval become smaller when asked."""
    def __init__(self, m: list[Fraction], ends: Sequence[Fraction]) -> None: self.m, (self.low, self.high) = m, ends
    def sign(self, f: list[Fraction]) -> int:  # 0 if f is 0 at the root; else the sign of f on all of [low, high]
        tried = 0
        while f:
            middle, size, tried = (self.low + self.high) / 2, max(abs(self.low), abs(self.high)), tried + 1
            value, change = value_at(f, middle), value_at([abs(c) for c in slope(f)], size) * (self.high - self.low) / 2
            if abs(value) > change: return 1 if value > 0 else -1
            if tried == 9 and len(common := common_factor(self.m, f)) > 1:
                if value_at(common, self.low) * value_at(common, self.high) < 0: self.m, f = common, []
                else: self.m = division(self.m, common)[0]
            here = value_at(self.m, middle)
            if not here: self.m = [-middle, Fraction(1)]
            rim = (self.high - self.low) / 4 if not here else Fraction(0)
            if here * value_at(self.m, self.high) >= 0: self.high = middle + rim
            if here * value_at(self.m, self.low) >= 0: self.low = middle - rim
        return 0
    def shortened(self, f: Rows) -> Rows:  # without leading coefficients that vanish at the root
        return self.shortened(f[:-1]) if f and not self.sign(f[-1]) else f
    def cuts(self, generic: list[Rows]) -> list[Fraction]:  # between the roots of s(root, ·), s = generic[0]; no roots
        chain = list[Rows]()                                # of s(a, ·) for low ≤ a ≤ high
        for f in generic:
            chain.append(self.shortened(f))
            if len(chain[-1]) <= len(generic[0]) - len(chain): break
        while chain[-1]: chain.append(self.shortened([remainder(c, self.m) for c in turned(*chain[-2:])]))
        def count(x: Fraction) -> int | None:
            signs = [self.sign(put(f, x)) for f in chain]
            return first - changes(signs) if signs[0] else None
        tops = [self.sign(f[-1]) for f in chain[:-1]]
        first = changes(top * (-1) ** (len(f) - 1) for top, f in zip(tops, chain, strict=False))
        return cuts_between(count, first - changes(tops)) if first > changes(tops) else []

def turned(f: Rows, g: Rows) -> Rows:  # −c²ⁿ f mod g, c leading g, for the least n that serves
    rest, steps = f, len(f) - len(g) + 1
    for shift in range(steps - 1, -1, -1):
        pairs = zip(rest[:-1], [list[Fraction]()] * shift + g[:-1], strict=True)
        rest = [minus(times(g[-1], c), d, rest[-1]) for c, d in pairs]
    return [times([Fraction(-1)] if steps % 2 == 0 else times([Fraction(-1)], g[-1]), c) for c in rest]

def subresultants(s: Rows) -> list[Rows]:
    """s, ∂s/∂b, and f_{k+2} = −(c_{k+1}² f_k mod f_{k+1})/c_k², c_k leading f_k, up to the first that drops by two."""
    chain = [s, [[i * c for c in row] for i, row in enumerate(s)][1:]]
    while len(chain[-2]) - 1 == len(chain[-1]) > 1:
        found = [division(c, times(chain[-2][-1], chain[-2][-1])) for c in turned(*chain[-2:])]
        need(not any(left for _, left in found), "no subresultants")
        chain.append([whole for whole, _ in found])
        while chain[-1] and not chain[-1][-1]: chain[-1].pop()
    return chain

def put(f: Rows, b: Fraction) -> list[Fraction]:  # f(·, b), the rows being the coefficients of 1, b, b², …
    found = list[Fraction]()
    for row in reversed(f): found = minus(row, found, [-b])
    return found

def curve(fits: list[dict[Any, Fraction]], names: set[int]) -> int:
    """The components of common zeros in the plane: branches over open intervals, and where they end over the others."""
    g, (u, v), d = dict[tuple[int, int], Fraction](), sorted(names), max(len(m) for terms in fits for m in terms)
    need((d := d * min(len(fits), 2)) <= MAX_DEGREE, "a curve of too high degree")  # of the sum of squares, if several
    for terms in fits:
        for (m, x), (n, y) in product(terms.items(), (terms if len(fits) > 1 else {(): Fraction(1)}).items()):
            place = ((m + n).count(u), (m + n).count(v))
            g[place] = g.get(place, Fraction(0)) + x * y
    k = next(k for k in range(d + 1) if sum(c * k**i for (i, j), c in g.items() if i + j == d))
    rows = [[Fraction(0)] * (d + 1) for _ in range(d + 1)]  # of g(a + k·b, b), in which b^d has a constant coefficient
    for (i, j), c in g.items():
        for h in range(i + 1): rows[j + h][i - h] += c * comb(i, h) * k**h
    def at(f: Rows, x: int | Fraction) -> list[Fraction]: return trimmed([value_at(row, Fraction(x)) for row in f])
    fibres = [(x, f, common_factor(f, slope(f))) for x in range(d * d + 1) for f in [at(rows, x)]]
    least = min(len(common) for _, _, common in fibres)  # as over ℚ(a), for all but d(d − 1) of the x
    plain = [(x, division(f, common)[0]) for x, f, common in fibres if len(common) == least][: d + 1]
    s = [through([(x, f[i]) for x, f in plain]) for i in range(d + 2 - least)]
    critical = through([(x, resultant(f, slope(f))) for x in range(d * d + 1) for f in [at(s, x)]])
    m = division(critical, common_factor(critical, slope(critical)))[0]
    chain, total, generic = sturm(m), below(sturm(m), [])[0], subresultants(s)
    ends = cuts_between(lambda x: below(chain, [x])[0] if value_at(m, x) else None, total)
    branches = list(range(below(sturm(at(s, ends[0])), [])[0]))
    meeting, first = [[branch] for branch in branches], len(branches)
    for interval in pairwise(ends if total else []):
        root = Root(m, interval)
        cuts = root.cuts(generic)
        before, after = (below(sturm(at(s, x)), cuts) for x in (root.low, root.high))
        last = first + max(len(cuts) - 1, 0)
        old, branches = branches, list(range(last, last + after[-1]))
        for count, group in ((before, old), (after, branches)):
            need(count[0] == 0 and count[-2:][0] == len(group), "a branch outside all strips")
            meeting += [[first + i, *group[u:v]] for i, (u, v) in enumerate(pairwise(count[:-1]))]
        first = last + len(branches)
    need(meeting, "no fit")
    return len(merged(meeting))

# -- universal proofs --------------------------------------------------------------------------------------------------

def normal(tree: Tree, yes: bool = True) -> Tree:
    """A formula, or its negation: `not` only before predicates, by == != <= <, no definiteness, no det == 0."""
    head, *parts = tree
    if head == "not": return normal(parts[0], not yes)
    if head == "implies": return ("implies" if yes else "and", normal(parts[0]), normal(parts[1], yes))
    if head in ("and", "or"): return ("or" if (head == "and") != yes else "and", *(normal(part, yes) for part in parts))
    head = head if yes or head not in OPPOSITE else OPPOSITE[head]
    if head in ("==", "!=") and parts[0][0] == "det" and parts[1] == ZERO:
        return ("<=", ONE, ("nullity", parts[0][1])) if head == "==" else ("<=", ("nullity", parts[0][1]), ZERO)
    if head in (">=", ">"): return ("<=" if head == ">=" else "<", *parts[::-1])
    if head in COMPARISONS: return (head, *parts)
    if head in ("positive_definite", "positive_semidefinite"):
        terms = ("index", *parts), ("nullity", *parts)
        index, nullity = (("<=", term, ZERO) if yes else ("<", ZERO, term) for term in terms)
        return index if head == "positive_semidefinite" else ("and" if yes else "or", index, nullity)
    return tree if yes else ("not", tree)

def linear(tree: Tree, p: Problem) -> Any:  # a scalar or matrix term as a linear form over atoms; P, N, K are numbers
    head, zero, sizes = tree[0], Sparse(NAMED, {}), {"P": p.P, "N": p.N, "K": p.K}
    if head == "number" or (head == "word" and tree[1] in sizes): return zero + Fraction(sizes.get(tree[1], tree[1]))
    parts = [linear(part, p) for part in tree[1:]] if head in ("+", "-", "neg", "*") else []
    known = parts and (head != "*" or any(set(part.terms) <= {()} for part in parts))
    return arithmetic(head, parts) if known else zero + Sparse(NAMED, {(tree,): Fraction(1)})

def literals(tree: Tree, p: Problem) -> Names:  # the facts that assuming a formula in normal form gives
    head, *parts = tree
    if head == "and": return literals(parts[0], p) | literals(parts[1], p)
    if head == "<":  # between integers x < y is x + 1 <= y
        forms = [(atom, c) for part in parts for atom, c in linear(part, p).terms.items()]
        counts = ("rank", "generic_rank", "nullity", "index", "dim")
        whole = all(c.denominator == 1 and (not atom or atom[0][0] in counts) for atom, c in forms)
        return Names([("<=", ("+", parts[0], ONE), parts[1])] if whole else [tree])
    none = head == "<=" and parts[0][0] in ("index", "nullity") and parts[1] == ZERO
    return Names([tree, ("==", *parts)] if none else [tree] if head in ("==", "<=", "@", *SETS) else [])

def replaced(tree: Tree, left: Tree, right: Tree) -> Tree:  # right for left, everywhere
    if tree == left: return right
    deeper = type(tree) is tuple and tree[0] != "@"  # what holds at every θ in scope need not hold at a combination
    return tuple(replaced(part, left, right) for part in tree) if deeper else tree

def matches(pattern: Tree, tree: Tree, found: dict[str, Tree]) -> bool:  # the same term for the same unknown
    if tuple not in (type(pattern), type(tree)) or type(pattern) is not type(tree): return repr(pattern) == repr(tree)
    if pattern[0] == "?": return bool(found.setdefault(pattern[1], tree) == tree)
    return len(pattern) == len(tree) and all(matches(a, b, found) for a, b in zip(pattern, tree, strict=True))

def meant(pattern: Tree, found: dict[str, Tree]) -> Tree:  # the pattern with what its unknowns stand for
    if type(pattern) is not tuple: return pattern
    return found[pattern[1]] if pattern[0] == "?" else tuple(meant(part, found) for part in pattern)

# Rules: the facts they give (X, Y, Z: matrices; S, T: subspaces; n, c: numbers), where. H = GᵀDG + Σ r_j ∇²F_j + c·I
# by the chain rule. D ⪰ 0 is CᵀC with ker C = ker D, so rank(GᵀDG) = rank((CG)ᵀ(CG)) = rank(CG) = rank(G) − dim(im G ∩
# ker D). Points are those where the named quantities exist, hence off the kinks, and there L is smooth in a
# neighbourhood. generic_rank is the greatest rank over all θ and all that the problem leaves open; a minor or field
# that is nonzero at the witness is so generically.
R, LOSS, VANISHING = ("matrix", "r"), ("word", "L"), ("mse", "quartic", "logcosh")  # losses that are 0 at a fit alone
LOST = {("==", LOSS, ZERO), ("<=", LOSS, ZERO)}
RULES: list[tuple[str, str, Callable[[Proof, dict[str, Tree]], Any]]] = [
    ("decomposition", "H == H_o + H_f", lambda proof, _: proof.p.decay == 0),
    ("residual-vanishes", "H_f == 0",  # r = 0; or all r_k = −1, and Σ_k ∇²F_k = 0
     lambda proof, _: proof.fitted() or ("==", R, ZERO) in proof.premises),
    ("residual-vanishes", "r == 0", lambda proof, _: proof.unforced() or (  # each ℓ is at its least, 0
        proof.p.named and proof.p.named != "cross_entropy" and LOST & proof.premises)),
    ("affine-model", "H_f == 0", lambda proof, _: proof.p.affine),
    ("segment", "barrier(p,q) == 0", lambda proof, found: proof.p.affine and proof.p.convex and (
        "baseline" in proof.p.data or {("@", ("global_minimum",), found[x]) for x in "pq"} <= proof.premises)),
    ("segment", "L@(1/2*p + 1/2*q) <= 1/2*L@p + 1/2*L@q", lambda proof, _: proof.p.affine and proof.p.convex),
    ("segment", "barrier(p,q) <= 1/2*L@p + 1/2*L@q",
     lambda proof, _: proof.p.affine and proof.p.named not in ("", "cross_entropy")),
    ("segment", "1/2*L@p - 1/2*L@q <= barrier(p,q)", lambda proof, _: "baseline" not in proof.p.data),
    ("output-definite", "index(D) == 0", lambda proof, _: proof.p.convex or proof.fitted()),
    ("output-definite", "nullity(D) == 0", lambda proof, _: proof.p.loss.always or (
        proof.p.fit == "definite" and (proof.fitted() or (not proof.p.named and proof.p.convex)))),
    ("output-definite", "rank(D) <= n", lambda proof, found: proof.p.named in ("quartic", "squared_hinge", "") and (
        proof.fitted() or (proof.p.named == "squared_hinge" and LOST & proof.premises)) and (
            constant(found["n"]) == proof.p.N * len(echelon(proof.p.fit_form[0] or [] if not proof.p.named else [])))),
    ("output-definite", "S == n", lambda proof, found: found["S"][:2] == ("entry", D) and (
        (constant(found["n"]) == proof.p.scale and proof.p.named == "mse" and found["S"][2] == found["S"][3]) or (
            found["n"] == ZERO and found["S"][2] != found["S"][3] and (found["S"][2] // proof.p.K != found["S"][3] // (
                proof.p.K) or (proof.p.named and proof.p.named != "softmax_cross_entropy"))))),
    ("least-loss", "L == c*trace(transpose(r)*r)", lambda proof, found: proof.p.named == "mse" and (
        proof.p.decay == 0 and constant(found["c"]) == 1 / (2 * proof.p.scale))),
    ("weight-decay", "index(H) + nullity(H) <= index(H_o + H_f)", lambda proof, _: proof.p.decay > 0),
    ("affine-block", "trace(H_f) == 0", lambda proof, _: proof.p.multiaffine),
    ("affine-block", "S == 0", lambda proof, found: found["S"][:2] == ("entry", H_F) and proof.p.flat(*found["S"][2:])),
    ("scaling", "rank(H) <= n", lambda proof, found: constant(found["n"]) == proof.p.P - proof.p.scalings and (
        proof.p.decay == 0 and proof.within("critical_points", "local_minima", "global_minima"))),
    ("features", "c*rank(X) <= rank(G)", lambda proof, found: proof.p.features and (
        constant(found["c"]) == proof.p.K and found["X"] == ("activations", len(proof.p.layers) - 1))),
    ("features", "rank(X) <= rank(Y) + n", lambda proof, found: found["X"][0] == found["Y"][0] == "activations" and (
        found["X"][1] == found["Y"][1] + 1 and proof.p.layers[found["Y"][1]]["name"] == "linear" and (
            proof.p.layers[found["Y"][1]]["residual"] is None and (
                constant(found["n"]) == proof.p.layers[found["Y"][1]]["bias"])))),
    ("inertia", "0 <= S", lambda proof, found: found["S"][0] == "entry" and found["S"][2] == found["S"][3] and (
        ("==", ("index", found["S"][1]), ZERO) in proof.premises)),
    ("inertia", "0 < S", lambda proof, found: found["S"][0] == "entry" and found["S"][2] == found["S"][3] and (
        {(("==", (head, found["S"][1]), ZERO)) for head in ("index", "nullity")} <= proof.premises)),
    ("symmetric", "S == T", lambda _, found: found["S"][0] == "entry" and symmetric(found["S"][1]) and (
        found["T"] == (*found["S"][:2], *found["S"][:1:-1]))),
    *(("gram-definite", f"{fact} if index(D) == 0 if nullity(D) == 0", lambda *_: True) for fact in (
        "rank(H_o) == rank(G)", "dim(ker(H_o) & S) == dim(ker(G) & S)", "dim(S & ker(H_o)) == dim(S & ker(G))",
        "dim(im(H_o) & S) == dim(im(transpose(G)) & S)", "dim(S & im(H_o)) == dim(S & im(transpose(G)))")),
    ("minimum-psd", "index(H) == 0", lambda proof, _: proof.within("local_minima", "global_minima")),
    ("convex", "global_minimum", lambda proof, _: proof.within("critical_points", "local_minima") and (
        proof.p.affine and proof.p.convex)),
    ("linear-minima", "global_minimum", lambda proof, _: proof.within("local_minima") and proof.p.wide_linear),
    ("linear-minima", "H_f == 0", lambda proof, _: proof.within("global_minima") and proof.p.wide_linear),
    ("strict-saddles", "global_minimum", lambda proof, _: proof.within("critical_points", "local_minima") and (
        {("==", ("index", H), ZERO), ("<=", ("index", H), ZERO)} & proof.premises) and proof.p.two_linear),
    ("strict-minimum", "local_minimum", lambda proof, _: proof.within("critical_points") and {
        ("==", ("index", H), ZERO), ("==", ("nullity", H), ZERO)} <= proof.premises),
    ("full-rank", "r == 0", lambda proof, _: {("==", ("*", ("transpose", G), R), ZERO), (
        "<=", ("number", str(proof.p.N * proof.p.K)), ("rank", G))} <= proof.premises),  # Gᵀ is injective
    ("fit-by-residual", "perfect_fit", lambda proof, _: ("==", R, ZERO) in proof.premises and proof.p.strict),
    ("fit-by-loss", "perfect_fit", lambda proof, _: proof.p.vanishing and LOST & proof.premises and (
        proof.p.named or proof.p.fit == "definite")),
    ("least-loss", "L == 0", lambda proof, _: proof.p.vanishing and proof.fitted() and proof.p.decay == 0),
    ("least-loss", "0 <= L", lambda proof, _: proof.p.vanishing or (proof.p.named and (
        proof.p.normalised or proof.p.named != "cross_entropy"))),
    ("least-loss", "0 < L", lambda proof, _: proof.p.named in ("logistic", "exponential", "bce", "bce_logits") or (
        proof.p.K > 1 and (
            proof.p.named == "softmax_cross_entropy" or (proof.p.named == "cross_entropy" and proof.p.normalised)))),
    ("least-value", "n <= L", lambda proof, found: proof.least(found["n"])),
    ("least-value", "L == n", lambda proof, found: proof.within("global_minima") and proof.least(found["n"])),
    ("softmax-kernel", "nullity(D) == n", lambda proof, found: proof.p.named == "softmax_cross_entropy" and (
        constant(found["n"]) == proof.p.N)),
    ("decomposition", "H_o == c*(transpose(G)*G)", lambda proof, found: proof.p.named == "mse" and (
        constant(found["c"]) == proof.p.scale)),
    ("inertia", "index(c*X) == index(X)", lambda _, found: (constant(found["c"]) or 0) > 0),
    ("trace", "trace(c*X) == c*trace(X)", lambda _, found: constant(found["c"]) is not None),
    ("inclusion", "dim(im(X) & ker(X)) == 0", lambda _, found: symmetric(found["X"])),
    *(("stationary", fact, lambda proof, _: proof.p.decay == 0 and (
        proof.unforced() or proof.within("critical_points", "local_minima", "global_minima")))
      for fact in ("transpose(G)*r == 0", "transpose(r)*G == 0")),
    ("point", "perfect_fit", lambda proof, _: proof.fitted() or ("perfect_fit",) in proof.premises),
    ("point", "global_minimum", lambda proof, _: proof.within("global_minima")),
    ("point", "local_minimum", lambda proof, _: proof.within("local_minima", "global_minima")),
    ("point", "critical_point", lambda proof, _: proof.within("critical_points", "local_minima", "global_minima") or (
        proof.p.decay == 0 and {("==", x, ZERO) for x in (R, G, ("*", ("transpose", G), R))} & proof.premises)),
    ("product", "rank(c*X) == rank(X)", lambda _, found: constant(found["c"])),
    ("product", "rank(X*X) == rank(X)", lambda _, found: symmetric(found["X"])),
    ("symmetric", "transpose(X) == X", lambda _, found: symmetric(found["X"])),
    ("rank-nullity", "rank(X) + nullity(X) == n", lambda proof, found: found["n"] == proof.size(found["X"], 2)),
    ("shape", "rank(X) <= n", lambda proof, found: found["n"] in [proof.size(found["X"], place) for place in (1, 2)]),
    ("shape", "dim(S) <= n", lambda proof, found: found["n"] == proof.size(found["S"], 1)),
    ("generic-lower", "n <= generic_rank(X)",
     lambda proof, found: (constant(found["n"]) or 0) <= proof.site.bounds(found["X"])[0]),
    ("generic-upper", "generic_rank(X) <= n",
     lambda proof, found: found["n"] in [proof.size(found["X"], place) for place in (1, 2)]),
    ("generic-upper", "generic_rank(H) <= generic_rank(H_o) + generic_rank(H_f)", lambda proof, _: proof.p.decay == 0),
    ("kernel-fields", "generic_rank(G) <= n",
     lambda proof, found: (constant(found["n"]) or 0) >= proof.p.P - orbit(proof.site.problem)),
    *((rule, head + fact, lambda proof, found, number=number: constant(found["n"]) == number(proof.p))
      for rule, heads, fact, number in (
        ("ambient", "rank generic_rank", "(G) <= n", ambient),
        ("normalised", "rank generic_rank", "(G) <= n", lambda p: p.N * (p.K - 1) if p.normalised else None),
        ("output-definite", "trace", "(D) == n", lambda p: p.scale * p.N * p.K if p.named == "mse" else None),
        ("output-definite", "det", "(D) == n", lambda p: p.scale ** (p.N * p.K) if p.named == "mse" else None),
        ("weight-decay", "trace", "(H) == trace(H_o) + trace(H_f) + n", lambda p: p.decay * p.P),
        ("affine-block", "rank generic_rank", "(H_f) <= n", lambda p: p.block[0]),
        ("affine-block", "index", "(H_f) <= n", lambda p: p.block[1]),
        ("affine-block", "index", "(-H_f) <= n", lambda p: p.block[1]),
        ("affine-model", "rank", "(G) == n", lambda p: p.K * len(echelon(
            [[*x, int(p.layers[0]["bias"])] for x in p.inputs])) if p.inputs and p.layers and p.affine else None),
        ("scaling", "rank", "(G) <= n", lambda p: p.P - p.scalings),
        ("features", "rank", "(G) <= n", lambda p: p.inputs and p.K * len({*map(tuple, p.inputs)})),
        ("features", "", "n <= rank(G)", lambda p: p.K * bool(p.features and p.layers[-1]["bias"])))
      for head in heads.split() or [""]),
    *((rule, f"{head}(X) <= n",
       lambda proof, found: found["X"] in (G, H, H_F) and constant(found["n"]) == least_bound(proof.p, found["X"][1]))
      for rule in ("linear-network", "apolarity") for head in ("rank", "generic_rank")),
    ("semicontinuity", "rank(X) <= generic_rank(X)", lambda proof, _: proof.p.data["parameters"] is None),
    ("semicontinuity", "rank(X) == generic_rank(X)", lambda proof, _: proof.generic() and proof.analytic()),
    ("permutation", "orbit_size(p) <= n",
     lambda proof, found: (constant(found["n"]) or 0) >= Symmetry(proof.p, []).order),
    ("permutation", "signed_orbit_size(p) <= n",
     lambda proof, found: (constant(found["n"]) or 0) >= Symmetry(proof.p, []).signed_order),
    *(("permutation", f"{head}({name}@permuted(p, s)) == {head}({name}@p)", lambda *_: True)
      for head in ("rank", "nullity", "index", "trace", "det")
      for name in (MATRICES if head in ("rank", "nullity") else SYMMETRIC)),
    ("least-at-point", "L@p <= L@q", lambda proof, found: ("@", ("global_minimum",), found["p"]) in proof.premises),
    *(("permutation", f"{word}@permuted(p, s)",
       lambda proof, found, word=word: ("@", (word,), found["p"]) in proof.premises) for word in SETS),
    *((rule, fact, lambda *_: True) for rule, facts in {  # "if" before what the step must use
        "generic-upper": "0 <= generic_rank(X), generic_rank(H_o) <= generic_rank(G), "
         "generic_rank(H_o) <= generic_rank(D), generic_rank(X*Y) <= generic_rank(X), "
         "generic_rank(X*Y) <= generic_rank(Y), generic_rank(X + Y) <= generic_rank(X) + generic_rank(Y), "
         "generic_rank(X - Y) <= generic_rank(X) + generic_rank(Y), generic_rank(transpose(X)) <= generic_rank(X)",
        "decomposition": "H_o == transpose(G)*D*G, H_o == 0 if G == 0, H_o == 0 if D == 0",
        "shape": "0 <= rank(X), 0 <= nullity(X)",
        "transpose": "rank(transpose(X)) == rank(X)", "gram-semidefinite": "index(H_o) == 0 if index(D) == 0, "
         "rank(H_o) == rank(D*G) if index(D) == 0, rank(H_o) == rank(G) - dim(im(G) & ker(D)) if index(D) == 0",
        # inertia is a matter of eigenvalues; a diagonal entry of X is eᵀXe, and positive ones add up to the trace
        "inertia": "index(X) <= rank(X), 0 <= index(X), index(X) + index(-X) == rank(X), "
         "index(X + Y) <= index(X) + index(Y), index(X - Y) <= index(X) + index(-Y), index(transpose(X)*X) == 0, "
         "index(X*transpose(X)) == 0, index(X*X) == 0, index(transpose(X)*Y*X) == 0 if index(Y) == 0, "
         "index(X*Y*transpose(X)) == 0 if index(Y) == 0, "
         "0 <= trace(X) if index(X) == 0, 0 <= det(X) if index(X) == 0, X == 0 if index(X) == 0 if trace(X) <= 0, "
         "index(X) == 0 if index(X) <= 0, 0 < trace(X) if index(X) == 0 if 1 <= rank(X), "
         "0 < det(X) if index(X) == 0 if nullity(X) == 0",
        "product": "rank(X*Y) <= rank(X), rank(X*Y) <= rank(Y), rank(-X) == rank(X), rank(H_o) <= rank(G), "
         "X == 0 if rank(X) <= 0, "
         "rank(H_o) <= rank(D), rank(transpose(X)*X) == rank(X), rank(X*transpose(X)) == rank(X)",
        "sum": "rank(X + Y) <= rank(X) + rank(Y), rank(X - Y) <= rank(X) + rank(Y)",
        "dimension": "dim(im(X)) == rank(X), dim(ker(X)) == nullity(X), 0 <= dim(S), dim(S & T) <= dim(S), "
         "dim(S & T) <= dim(T), dim(S + T) + dim(S & T) == dim(S) + dim(T)",
        # F(πθ) = F(θ) and L(πθ) = L(θ) for a permutation π of hidden units, so r, D agree, and G, H up to order of θ
        "permutation": "L@permuted(p,s) == L@p, F@permuted(p,s) == F@p, r@permuted(p,s) == r@p, "
         "D@permuted(p,s) == D@p, 1 <= orbit_size(p), 1 <= signed_orbit_size(p), "
         "orbit_size(permuted(p,s)) == orbit_size(p), signed_orbit_size(permuted(p,s)) == signed_orbit_size(p), "
         "overlap(permuted(p,s),permuted(q,s)) == overlap(p,q), overlap(p,permuted(q,s)) <= max_overlap(p,q), "
         "overlap(p,q) <= max_overlap(p,q), max_overlap(permuted(p,s),q) == max_overlap(p,q), "
         "max_overlap(p,permuted(q,s)) == max_overlap(p,q), max_overlap(p,q) == max_overlap(q,p), "
         "activation_overlap(permuted(p,s),permuted(q,s)) == activation_overlap(p,q), "
         "orbit_size(p) <= signed_orbit_size(p), max_overlap(p,p) == overlap(p,p), overlap(p,q) == overlap(q,p), "
         "0 <= overlap(p,p), overlap(permuted(p,s),permuted(p,s)) == overlap(p,p), "
         "2*max_overlap(p,q) <= overlap(p,p) + overlap(q,q), 0 - 2*overlap(p,q) <= overlap(p,p) + overlap(q,q), "
         "0 <= activation_overlap(p,p), activation_overlap(p,q) == activation_overlap(q,p), "
         "2*activation_overlap(p,q) <= activation_overlap(p,p) + activation_overlap(q,q)",
        # by symmetry in λ, L(πθ) = L(θ), and what the least over all permutations is
        "segment": "0 <= barrier(p,q), barrier(p,p) == 0, barrier(p,q) == barrier(q,p), "
         "barrier(permuted(p,s),permuted(q,s)) == barrier(p,q), min_barrier(p,q) <= barrier(p,q), "
         "0 <= min_barrier(p,q), min_barrier(p,p) == 0, min_barrier(p,q) == min_barrier(q,p), "
         "min_barrier(permuted(p,s),q) == min_barrier(p,q), min_barrier(permuted(p,s),p) == 0, "
         "min_barrier(p,permuted(q,s)) == min_barrier(p,q), min_barrier(p,permuted(p,s)) == 0, "
         "min_barrier(p,q) <= barrier(p,permuted(q,s)), L@(1/2*p + 1/2*q) - 1/2*L@p - 1/2*L@q <= barrier(p,q)",
        "trace": "trace(X + Y) == trace(X) + trace(Y), trace(X - Y) == trace(X) - trace(Y), trace(-X) == -trace(X), "
         "trace(transpose(X)) == trace(X), trace(X*Y) == trace(Y*X), trace(X*Y*Z) == trace(Y*Z*X)",
        "inclusion": "dim(ker(Y) & ker(X*Y)) == nullity(Y), dim(ker(X*Y) & ker(Y)) == nullity(Y), "
         "dim(im(X*Y) & im(X)) == rank(X*Y), dim(im(X) & im(X*Y)) == rank(X*Y), dim(im(X*Y*Z) & im(X)) == rank(X*Y*Z), "
         "dim(im(X) & im(X*Y*Z)) == rank(X*Y*Z), dim(ker(X) & ker(Y)) <= nullity(X + Y), dim(S & S) == dim(S), "
         "dim(ker(X) & ker(Y)) <= nullity(X - Y), dim(im(X) & im(Y)) == 0 if transpose(Y)*X == 0, "
         "dim(im(X) & im(Y)) == 0 if transpose(X)*Y == 0, dim(ker(G) & S) <= dim(ker(H_o) & S), "
         "dim(im(X) & ker(transpose(X))) == 0, dim(ker(transpose(X)) & im(X)) == 0, "
         "dim(im(transpose(X)) & ker(X)) == 0, dim(ker(X) & im(transpose(X))) == 0",
    }.items() for fact in facts.split(", "))]
PATTERNS = [(rule, *(parse_claim(part, "XYZSTncpqs")[1] for part in fact.split(" if ")), where)
            for rule, fact, where in RULES]

class Proof:
    """Steps, each a fact with what it assumes, and linear combinations of them that give the leaves of the formula."""
    def __init__(self, problem: Problem, point_set: str | None, steps: Any, conclusion: Any, site: Any = None) -> None:
        self.p: Problem = problem
        self.site: Any = site  # the witness
        self.premises: set[Tree] = set()
        self.point_set, self.facts = point_set, list[tuple[Tree, Names]]()
        for step in listed(steps):
            keys(step, "rule args fact")
            spend(1000 + 3 * len(problem.layers) ** 3)
            extra = {"equal-matrices": " left right combination", "combine": " combination",
                     "polynomial-fields": " fields point"}
            keys(step["args"], "uses" + extra.get(str(step["rule"]), ""))
            fact, rule, args = frozen(step["fact"]), step["rule"], step["args"]
            need(sort_of(fact, problem) == ("formula",), "a fact is a statement")
            used = [self.facts[integer(i, 0, len(self.facts) - 1)] for i in listed(args["uses"])]
            self.premises = {premise for premise, _ in used}
            assumed = Names([fact] if rule == "assume" else []).union(*(more for _, more in used))
            spend(20 * len(assumed))
            if rule == "equal-matrices":
                self.equal(fact, frozen(args["left"]), frozen(args["right"]), args["combination"], assumed)
            if rule == "combine":  # x <= y where y − x is a combination of facts and a constant ≥ 0
                need(fact[0] == "<=" and self.leaf(fact, args["combination"], assumed), "no such combination")
            if rule == "polynomial-fields":
                point = rationals([args["point"]], 1, problem.P)[0]
                found = Instance(problem, Numbers(1, 1)).annihilated(args["fields"], point)
                least = constant(fact[2]) if fact[0] == "<=" and fact[1] in (("rank", G), ("generic_rank", G)) else None
                need(least is not None and least >= problem.P - found, "the fields do not give this bound")
            if rule == "at-point":  # what holds at every θ in scope holds at a named one, and at a permuted one
                place, here = placed(fact), placed(fact)
                while here and here[0] == "permuted": here = here[1]
                inside = here and here[0] == "point" and point_set != "generic_points"
                anywhere = place and point_set in (None, "all_points")
                need(inside or anywhere, "not in scope")
                general = not assumed and used and used[0][0] == stripped(fact) and not named(stripped(fact))
                need(general and "'generic_rank'" not in repr(fact), "this does not hold at every point in scope")
            if rule == "point-in-scope":
                need(fact[0] == "@" and fact[2][0] == "point" and SETS[fact[1][0]] == point_set, "not in scope")
            replayed = ("assume", "equal-matrices", "combine", "polynomial-fields", "at-point", "point-in-scope")
            known = rule in replayed or any(
                name == rule and self.follows(fact, *pattern, {}) for name, *pattern in PATTERNS)
            need(known, f"step {len(self.facts)}: {str(rule)[:40]} does not give this fact")
            self.facts.append((fact, assumed))
        for entry in listed(conclusion): keys(entry, "leaf combination")
        self.conclusion = [(frozen(entry["leaf"]), entry["combination"]) for entry in conclusion]

    def follows(self, fact: Tree, pattern: Tree, *more: Any) -> bool:  # premises, where, and what is found
        *premises, where, found = more
        if not matches(pattern, fact, found) or constant(found.get("n", ZERO)) is None: return False  # n is a number
        return {meant(premise, found) for premise in premises} <= self.premises and bool(where(self, found))

    def within(self, *sets: str) -> bool:
        """Whether all points in scope lie in one of these sets: by the claim, by the problem's targets, or by
        assumption; or as perfect fits without weight decay, which are global minima where the loss is least at a fit.
        """
        known = {self.point_set, "perfect_fits" * self.p.fits, *(SETS.get(fact[0]) for fact in self.premises)}
        return bool(known & set(sets)) or ("global_minima" in sets and self.fitted() and self.p.decay == 0)

    def least(self, value: Tree) -> bool:  # the witness, for data that are given, is a global minimum, and L is `value`
        if not (self.site and self.p.inputs and self.p.targets and self.site.member("global_minima")): return False
        return bool(self.site.exact.numbers.is_zero(self.site.exact.loss() - constant(value)))

    def size(self, term: Tree, place: int) -> Tree: return ("number", str(sort_of(term, self.p)[place]))

    def analytic(self) -> bool:  # the minors of every matrix are, and all that the problem leaves open is connected
        used = {self.p.named, *(layer["name"] for layer in self.p.layers)}
        kinked = used & {"relu", "leaky_relu", "abs", "squared_hinge"}
        signed = self.p.loss.label == "sign" and self.p.targets is None
        return bool(self.p.named and self.p.layers and not kinked and not signed)

    def generic(self) -> bool: return self.point_set == "generic_points" and self.p.data["parameters"] is None
    def fitted(self) -> bool: return self.within("perfect_fits") and bool(self.p.fit)  # each sample's loss is least
    def unforced(self) -> bool: return self.fitted() and self.p.named != "cross_entropy"  # and so r = 0

    def rest(self, difference: Any, combination: Any, matrices: bool, force: Names) -> Any:
        """Return difference − Σ multiplier · (right − left) over facts; None where a fact may not be used so."""
        for place, multiplier in map(listed, listed(combination)):
            (fact, assumed), factor = self.facts[integer(place, 0, len(self.facts) - 1)], rational(multiplier)
            usable = assumed <= force and (fact[0] == "==" or (fact[0] in ("<=", "<") and factor >= 0))
            fits = sort_of(fact, self.p) and (sort_of(fact[1], self.p)[0] == "matrix") == matrices
            if not usable or not fits: return None
            difference = difference - (linear(fact[2], self.p) - linear(fact[1], self.p)) * factor
        return difference.terms

    def equal(self, fact: Tree, left: Tree, right: Tree, combination: Any, assumed: Names) -> None:
        """f(left) == f(right) for a term f at the point, as right − left is a combination of matrix facts."""
        (_, rows, columns), function = sort_of(left, self.p), fact[1][0]
        need(right == ZERO or sort_of(right, self.p) == ("matrix", rows, columns), "matrices of different shapes")
        value = ("number", str(columns if function == "nullity" else 0)) if right == ZERO else fact[2]
        plain = function in ("rank", "nullity", "index", "trace", "det") and fact[1] == (function, left)
        need(plain or right != ZERO, "no function of matrices")
        need(not re.search("generic_rank|@", repr(fact)) and sort_of(fact[1], self.p) == ("scalar",), "no term here")
        same = fact[2] == (replaced(fact[1], left, right) if right != ZERO else value)
        need(fact[0] == "==" and same, "the fact is not about these matrices")
        rest = self.rest(linear(right, self.p) - linear(left, self.p), combination, True, assumed)
        need(rest == {}, "the matrices are not shown to be equal")

    def check(self, formula: Tree, given: Tree) -> None:
        goal = normal(formula) if given is None else ("implies", normal(given), normal(formula))
        need(self.proves(goal, Names()), "the steps do not give the formula")

    def proves(self, goal: Tree, force: Names) -> bool:
        """Whether a formula in normal form follows from the assumptions in force."""
        head, *parts = goal
        if head == "and": return all(self.proves(part, force) for part in parts)
        if head == "or":  # either, perhaps from the contrary of the other
            spend(50_000)
            return any(self.proves(part, force) for part in parts) or any(
                self.proves(a, force | literals(normal(b, False), self.p)) for a, b in (parts, parts[::-1]))
        if head == "implies":
            more, less = force | literals(parts[0], self.p), force | literals(normal(parts[1], False), self.p)
            return self.proves(parts[1], more) or self.proves(normal(parts[0], False), less)  # or from its contrary
        unequal = head == "!=" and sort_of(parts[0], self.p)[0] == "matrix"
        if head == "not" or unequal:  # a contradiction
            denied = ("==", *parts) if unequal else parts[0]
            return self.proves(("<=", ONE, ZERO), force | literals(denied, self.p))
        if head in ("==", "!=") and sort_of(parts[0], self.p)[0] == "scalar":
            order = "<=" if head == "==" else "<"
            return self.proves(("and" if head == "==" else "or", (order, *parts), (order, *parts[::-1])), force)
        return any(leaf == goal and self.leaf(goal, combination, force) for leaf, combination in self.conclusion)

    def leaf(self, goal: Tree, combination: Any, force: Names) -> bool:
        """A predicate as a fact; x <= y if y − x combines facts and a constant ≥ 0; x < y if the constant is > 0."""
        head, *parts = goal
        if head in SETS or head == "@":
            fact, assumed = self.facts[integer(combination[0][0], 0, len(self.facts) - 1)]
            return len(combination) == 1 and fact == goal and assumed <= force
        if head not in ("==", "<=", "<"): return False
        matrices = sort_of(parts[0], self.p)[0] == "matrix"
        difference = linear(parts[1], self.p) - linear(parts[0], self.p)
        rest = self.rest(difference, combination, matrices, force)
        if rest is None or not set(rest) <= ({()} if not matrices else set()): return False
        strict = any(self.facts[place][0][0] == "<" and rational(factor) for place, factor in combination)
        return bool(rest.get((), 0) > 0 if head == "<" and not strict else rest.get((), 0) >= 0)

# -- certificates ------------------------------------------------------------------------------------------------------

def digest(cert: dict[str, Any]) -> str:  # of all other fields: against slips, not forgers
    rest = {key: cert[key] for key in cert if key != "digest"}
    return sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()

def verify(cert: Any, field: tuple[int, int], bits: int) -> str:  # what a certificate shows; rejects it if it does not
    known = type(cert) is dict and [cert.get("format"), repr(cert.get("version"))] == ["geomcheck-certificate", "2"]
    need(known, "no certificate of version 2")
    universal = cert.get("kind") == "universal"
    names = "format version digest claim tree problem verdict kind witness evidence minimum"
    keys(cert, names + " steps conclusion" * universal, "field")
    need(cert["digest"] == digest(cert), "the file was altered after it was written: its digest does not fit it")
    need(cert["kind"] in ("instance", "universal"), "unknown kind")
    need(cert["verdict"] in ("PROVED", "REFUTED"), "unknown verdict")
    _, formula, point_set, given = claim = parse_claim(cert["claim"])
    need(json.dumps(claim) == json.dumps(cert["tree"]), "the tree is not that of the claim")
    problem, points, bare = Problem(cert["problem"]), named((formula, given)), None in dict(taken((formula, given)))
    need(not points or not (bare or problem.parameters or problem.fits), "named points beside what is of one point")
    need(points or not {"points", "permutations"} & {*cert["witness"], *cert["problem"]}, "points in no claim")
    need(points <= {*cert["witness"].get("points", {})}, "the witness lacks points")
    for part in (formula, given): need(part is None or sort_of(part, problem) == ("formula",), "a claim is a statement")
    unused = not points and point_set != "generic_points" and not speaks_of_data(claim, "components", "set")  # θ
    sampled = problem.inputs or problem.targets or problem.fits or not unused
    need("teacher" not in problem.data or not sampled, "the loss against a teacher has no value in a sample")
    instance = problem.specialised(cert["witness"])
    site = Site(instance, cert["evidence"], cert["minimum"], field, bits)
    site.require(claim)
    # There always are generic points, so no witness of them is asked for.
    generic = universal and point_set == "generic_points" and given is None and problem.data["parameters"] is None
    def shows(answer: Truth, wanted: bool, reason: str) -> None:  # where nothing is known, more digits may help
        need(answer is wanted, reason, Outside if answer is None else Reject)
    inside = True if generic else site.member(point_set, sorted(points))
    shows(inside, True, "the witness is not shown to lie in the point set")
    if given is not None: shows(site.truth(given), True, "the witness is not shown to satisfy the condition")
    proved = cert["verdict"] == "PROVED"
    shown = formula if proved else ("not", formula)
    if universal: Proof(problem, point_set, cert["steps"], cert["conclusion"], site).check(shown, given)
    else:
        open_data = not speaks_of_data(claim) or (unused and "teacher" in problem.data)
        # What a given point fits under a named loss is y = link(F) and nothing else: the witness has the only targets.
        fit: Tree = ("perfect_fit",)
        fits = [("@", fit, ("point", name)) for name in problem.data.get("points", ())] or [fit]
        fitted = point_set == "perfect_fits" or any(fact in conjuncts(given) for fact in fits)
        free = {*("targets",) * (fitted and bool(problem.named) and not unused), *("parameters",) * unused}
        free |= {"inputs", "targets"} if open_data else set()
        same = all(instance.data.get(x) == problem.data.get(x) for x in {*instance.data} - free)
        need(not proved or same, "a proof by evaluation needs a problem without open parts")
        shows(site.truth(formula), proved, f"the formula is not shown to be {proved}")
    return f"{cert['verdict']} {cert['claim']}"

def check_certificate(text: str) -> tuple[bool, str]:
    """Whether a certificate is accepted, and what it shows or why it is rejected."""
    WORK[0], field, bits, reason = 0, (1, 1), 256, "too many denominators in exponents"
    try:
        cert = read_json(text)
        if type(cert) is dict and "field" in cert:  # the q and q' of t and u; any multiple of what is needed will do
            field = integer(cert["field"][0], 1, 10**6), integer(cert["field"][1], 1, 10**6)
            need(len(listed(cert["field"])) == 2, "a field is q and q'")
        while bits <= 2048 and max(field) <= 10**9:
            try: return True, verify(cert, field, bits)
            except Restart as wider: field = wider.args
            except Outside as error: reason, bits = f"{error}, in 2048 bits", bits * 8  # perhaps a matter of precision
    except Exception as error:  # the default is to reject: malformed data, recursion and memory errors end here
        reason = str(error) if isinstance(error, Reject) else f"{type(error).__name__}: {error}"
    return False, reason[:300]

def main(paths: Sequence[str]) -> int:  # the exit status
    statuses = set[int]()
    for path in paths:
        try:
            with open(path, encoding="utf-8") as file: accepted, reason = check_certificate(file.read(MAX_TEXT + 1))
            print(f"{path}: {'ACCEPTED ' if accepted else 'REJECTED: '}{reason}")
            statuses.add(0 if accepted else 4)
        except (OSError, UnicodeDecodeError) as error:
            print(f"{path}: cannot be read: {error}", file=sys.stderr)
            statuses.add(2)
    return max(statuses - {4}, default=0) or max(statuses, default=2)

if __name__ == "__main__": sys.exit(main(sys.argv[1:]))
