"""Which operations make sense: the kind (statement, number, matrix, subspace) of a claim tree.

One table of rules serves the parser, which reports a mismatch at its place in the text, and `tree_from_json`, which
reads trees that did not come from a text.
"""

from fractions import Fraction
from typing import Any

from geomcheck.claims.tree import (
    COMPARISONS,
    MAX_DEPTH,
    Tree,
    bare_quantities,
    constant_value,
    depends_on_point,
    is_constant,
    points_in,
    unparse,
)
from geomcheck.claims.vocabulary import A_KIND, POINT_SETS, WORDS, WORDS_BY_HEAD, Kind
from geomcheck.errors import InputError
from geomcheck.problem.letters import is_permutation_letter, is_point_letter

MAX_DIGITS = 4_000
MAX_INDEX = 10**9

_ZERO = ("number", "0")
_LETTERS = {"point": is_point_letter, "permutation": is_permutation_letter}
_CONSTANTS = {word.tree() for word in WORDS if not word.arguments and word.result != "formula"}
_MOST_UNITS = 1000


class KindMismatch(Exception):
    """An operation was applied to operands it does not take; `operand` is the position of the one to point at."""

    def __init__(self, message: str, operand: int = 0) -> None:
        super().__init__(message)
        self.operand = operand


def combine(head: str, operands: tuple[tuple[Any, Kind], ...]) -> Kind:
    """The kind of `head` applied to operands, given as (tree, kind) pairs; raises `KindMismatch`.

    >>> combine("+", ((("ker", ("matrix", "H")), "subspace"), (("im", ("matrix", "G")), "subspace")))
    'subspace'
    """
    if head in ("and", "or", "implies", "not"):
        return _all("formula", head, operands)
    if head in COMPARISONS:
        return _comparison(head, *operands)
    if head == "@":
        return _at_point(*operands)
    if head == "neg":
        return _one_of(("scalar", "matrix", "point"), "-", operands)
    if head in ("+", "-"):
        extra: tuple[Kind, ...] = ("subspace",) if head == "+" else ()
        return _one_of(("scalar", "matrix", "point", *extra), head, operands)
    if head == "&":
        return _all("subspace", head, operands)
    if head == "*":
        return _product(*operands)
    if head == "entry":
        _all("matrix", "[i, j]", operands)
        return "scalar"
    word = WORDS_BY_HEAD[head]
    for position, ((tree, kind), wanted) in enumerate(zip(operands, word.arguments, strict=True)):
        if wanted == "count" and is_constant(tree) and constant_value(tree) in range(_MOST_UNITS + 1):
            continue
        if kind != wanted:
            advice = f"; did you mean '{tree[1].upper()}'?" if _is_small_matrix(tree) else _advice(wanted)
            raise KindMismatch(f"{word.name} takes {A_KIND[wanted]}, not {A_KIND[kind]}{advice}", position)
    if head == "generic_rank" and points_in(operands[0][0]):
        raise KindMismatch("generic_rank is not taken at a point: write rank(...)")
    return word.result


def _is_small_matrix(tree: Tree) -> bool:
    """Whether a permutation's letter was perhaps meant for a matrix: h for H."""
    return tree[0] == "permutation" and ("matrix", tree[1].upper()) in _CONSTANTS


def _at_point(quantity: tuple[Any, Kind], place: tuple[Any, Kind]) -> Kind:
    if not depends_on_point(quantity[0]):
        same = " is the same at every point" if quantity[0][0] == "word" else " is not such a quantity"
        advice = "'@' takes L, a named matrix or a predicate to a point, as in rank(H@A)"
        raise KindMismatch(f"{advice}: {unparse(quantity[0])}{same}")
    if place[1] != "point":
        raise KindMismatch(f"'@' takes a point on its right, not {A_KIND[place[1]]}: write A or permuted(A, s)", 1)
    return quantity[1]


def check_places(tree: Tree) -> None:
    """Raise `InputError` where a tree names points and also has quantities that are not taken at one.

    >>> check_places(("==", ("word", "L"), ("@", ("word", "L"), ("point", "A"))))
    Traceback (most recent call last):
        ...
    geomcheck.errors.InputError: expected every quantity at a point, got L beside the point A; write L@A
    """
    points = points_in(tree)
    for quantity in bare_quantities(tree) if points else ():
        bare = unparse(quantity)
        said = f"got {bare} beside the point {points[0]}; write {bare}@{points[0]}"
        raise InputError(f"expected every quantity at a point, {said}")


def _all(wanted: Kind, head: str, operands: tuple[tuple[Any, Kind], ...]) -> Kind:
    for position, (_, kind) in enumerate(operands):
        if kind != wanted:
            raise KindMismatch(f"'{head}' takes {A_KIND[wanted]}, not {A_KIND[kind]}{_advice(wanted)}", position)
    return wanted


def _advice(wanted: Kind) -> str:
    advice: dict[Kind, str] = {
        "formula": ": compare it, as in rank(H) == 2",
        "scalar": ": take rank(...), dim(...) or an entry M[i, j] of it",
        "matrix": ": write G, D, H, H_o or H_f",
        "subspace": ": write ker(M) or im(M)",
        "point": ": write a capital letter such as A, or permuted(A, s)",
        "permutation": ": write a small letter such as s",
        "count": f": write one from 0 to {_MOST_UNITS}, as in expansions(2, 3)",
        "set": ": write minima",
    }
    return advice.get(wanted, "")


def _one_of(allowed: tuple[Kind, ...], symbol: str, operands: tuple[tuple[Any, Kind], ...]) -> Kind:
    kinds = [kind for _, kind in operands]
    for position, kind in enumerate(kinds):
        if kind not in allowed:
            raise KindMismatch(f"'{symbol}' does not apply to {A_KIND[kind]}", position)
    if len(set(kinds)) > 1:
        raise KindMismatch(f"'{symbol}' needs two of the same kind, not {A_KIND[kinds[0]]} and {A_KIND[kinds[1]]}", 1)
    return kinds[0]


def _comparison(head: str, left: tuple[Any, Kind], right: tuple[Any, Kind]) -> Kind:
    for position, (_, kind) in enumerate((left, right)):
        if kind == "subspace":
            raise KindMismatch(f"'{head}' does not compare subspaces: compare their dimensions, dim(...)", position)
        if kind == "triple":
            raise KindMismatch(f"'{head}' does not compare inertias: compare index(-M), index(M), nullity(M)", position)
        if kind in ("point", "permutation"):
            message = f"'{head}' does not compare {kind}s: compare numbers, as in overlap(A, B) == 0 or L@A == L@B"
            raise KindMismatch(message, position)
        if kind == "formula":
            raise KindMismatch(f"'{head}' compares numbers or matrices, not statements: use and, or", position)
    kinds = (left[1], right[1])
    if "matrix" in kinds and head not in ("==", "!="):
        position = kinds.index("matrix")
        raise KindMismatch(f"'{head}' does not order matrices: write positive_semidefinite(...)", position)
    if kinds[0] != kinds[1]:
        if kinds == ("matrix", "scalar") and right[0] == _ZERO:
            return "formula"
        message = f"'{head}' needs two numbers, two matrices, or a matrix on the left and 0 on the right"
        raise KindMismatch(message, 0 if kinds[1] == "matrix" else 1)
    return "formula"


def _product(left: tuple[Any, Kind], right: tuple[Any, Kind]) -> Kind:
    for position, (_, kind) in enumerate((left, right)):
        if kind not in ("scalar", "matrix", "point"):
            raise KindMismatch(f"'*' does not apply to {A_KIND[kind]}", position)
    if left[1] == "matrix" and right[1] == "scalar":
        raise KindMismatch("in a multiple of a matrix the number comes first, as in 2*H", 1)
    if left[1] == "scalar" and right[1] == "matrix" and not is_constant(left[0]):
        raise KindMismatch("only a number multiplies a matrix, as in 2*H or 1/2*H", 0)
    if "point" in (left[1], right[1]) and not (right[1] == "point" and is_constant(left[0])):
        raise KindMismatch("a point has multiples by numbers alone, the number first, as in 1/2*A + 1/2*B", 0)
    return right[1]


def kind_of(tree: Tree) -> Kind:
    """The kind of a formula or term; raises `KindMismatch` where an operation does not apply.

    >>> kind_of(("&", ("im", ("matrix", "G")), ("ker", ("matrix", "D"))))
    'subspace'
    """
    if tree[0] in ("number", "word"):
        return "scalar"
    if tree[0] in ("matrix", "activations"):
        return "matrix"
    if tree[0] == "point":
        return "point"
    if tree[0] == "permutation":
        return "permutation"
    if tree[0] == "set":
        return "set"
    return combine(tree[0], tuple((part, kind_of(part)) for part in tree[1:] if isinstance(part, tuple)))


def tree_from_json(data: object) -> Tree:
    """The tree that nested lists stand for, fully checked: heads, numbers of operands, kinds, canonical numbers, depth.

    Raises `InputError` when it is no tree of the claim language.

    >>> unparse(tree_from_json(["<=", ["rank", ["matrix", "H"]], ["word", "P"]]))
    'rank(H) <= P'
    """
    if isinstance(data, list) and len(data) == 4 and data[0] == "claim":
        formula, scope, given = _checked(data[1]), data[2], None if data[3] is None else _checked(data[3])
        if scope is not None and not (isinstance(scope, str) and scope in POINT_SETS):
            raise _malformed(scope, f"one of the point sets {', '.join(POINT_SETS)}, or null")
        for part in (formula, given):
            if part is not None and kind_of(part) != "formula":
                raise _malformed(unparse(part), "a statement")
        check_places(("claim", *(part for part in (formula, given) if part is not None)))
        return ("claim", formula, scope, given)
    return _checked(data)


def _checked(data: object) -> Tree:
    tree = _shape(data, MAX_DEPTH)
    try:
        kind_of(tree)
    except KindMismatch as mismatch:
        raise InputError(f"malformed claim tree {_short(unparse(tree))}: {mismatch}") from None
    return tree


def _shape(data: object, depth: int) -> Tree:
    if depth == 0:
        raise InputError(f"malformed claim tree: nested deeper than {MAX_DEPTH} levels; write a shorter claim")
    if not isinstance(data, list | tuple) or not data or not isinstance(data[0], str):
        raise _malformed(data, "a list that starts with a head, such as ['rank', ['matrix', 'H']]")
    head, parts = data[0], tuple(data[1:])
    if head == "number" and len(parts) == 1 and is_canonical_number(parts[0]):
        return (head, *parts)
    if len(parts) == 1 and isinstance(parts[0], str) and (head, *parts) in _CONSTANTS:
        return (head, *parts)
    if head in _LETTERS and len(parts) == 1 and isinstance(parts[0], str) and _LETTERS[head](parts[0]):
        return (head, *parts)
    operands, indices = _arity(head)
    good = len(parts) == operands + indices and all(
        type(part) is int and 0 <= part <= MAX_INDEX for part in parts[operands:]
    )
    if not good:
        raise _malformed(data, f"a tree of the claim language, with the operands that {_short(head)!r} takes")
    return (head, *(_shape(part, depth - 1) for part in parts[:operands]), *parts[operands:])


def _arity(head: str) -> tuple[int, int]:
    """How many trees and how many indices follow a head; (-1, 0), which nothing matches, for an unknown head."""
    if head in ("and", "or", "implies", *COMPARISONS, "+", "-", "*", "&", "@"):
        return 2, 0
    if head in ("not", "neg"):
        return 1, 0
    if head == "entry":
        return 1, 2
    word = WORDS_BY_HEAD.get(head)
    if word is None or (not word.arguments and word.result != "formula"):
        return -1, 0
    return (0, len(word.arguments)) if word.indexed else (len(word.arguments), 0)


def is_canonical_number(text: object) -> bool:
    """Whether a text is how a claim tree writes a number: `p` or `p/q`, p ≥ 0, in lowest terms, at most 4,000 digits.

    >>> is_canonical_number("3/2"), is_canonical_number("6/4")
    (True, False)
    """
    if not isinstance(text, str) or not text.isascii() or len(text) > 2 * MAX_DIGITS + 1:
        return False
    parts = text.split("/")
    if len(parts) > 2 or not all(part.isdigit() and len(part) <= MAX_DIGITS for part in parts):
        return False
    return int(parts[-1]) > 0 and str(Fraction(text)) == text if len(parts) == 2 else str(int(text)) == text


def _malformed(data: object, expected: str) -> InputError:
    return InputError(f"malformed claim tree: expected {expected}, got {_short(data)} ({type(data).__name__})")


def _short(data: object) -> str:
    # A hostile tree may be too deep or too large to print whole.
    text = data if isinstance(data, str) else type(data).__name__
    return text if len(text) <= 60 else text[:57] + "..."
