"""Claims as trees: nested tuples whose first entry is a head, the same nesting of lists in JSON.

Heads: `claim`; `and or not implies`; `== != <= < >= >`; `+ - * neg &`; `number` (text `p` or `p/q` in lowest terms);
`word` (P, N, K, L); `matrix` (G, D, H, H_o, H_f, F, r); `activations` and `entry` (0-based integers); and one head for
every other entry of `vocabulary.WORDS`. `point` and `permutation` hold a letter, and `@` a quantity and the point it is
taken at. `unparse` writes the canonical text, which parses to the tree.
"""

from fractions import Fraction
from typing import Any, TypeAlias

from geomcheck.claims.vocabulary import WORDS_BY_HEAD

Tree: TypeAlias = tuple[Any, ...]

CONNECTIVES = ("and", "or", "not", "implies")
COMPARISONS = ("==", "!=", "<=", "<", ">=", ">")
ARITHMETIC = ("+", "-", "*", "neg")
MAX_DEPTH = 100

_OPPOSITE = {"==": "!=", "!=": "==", "<=": ">", ">": "<=", ">=": "<", "<": ">="}

# How tightly each head binds; an operand that binds less tightly than its place asks for is put in parentheses.
_LEVEL = {"implies": 1, "or": 2, "and": 3, "not": 4, "+": 6, "-": 6, "&": 7, "*": 8, "neg": 9, "entry": 10, "@": 10}
_LEVEL |= dict.fromkeys(COMPARISONS, 5)
_TIGHTEST = 11


def level(head: str) -> int:
    """How tightly the operator `head` binds: 1 (`implies`) to 10 (postfix); 11 for what needs no parentheses.

    >>> level("implies") < level("and") < level("<=") < level("+") < level("*") < level("rank")
    True
    """
    return _LEVEL.get(head, _TIGHTEST)


def unparse(tree: Tree) -> str:
    """The canonical text of a claim, formula or term: one space around operators, no needless parentheses.

    >>> unparse(("==", ("rank", ("matrix", "H")), ("-", ("word", "P"), ("number", "1"))))
    'rank(H) == P - 1'
    """
    head = tree[0]
    if head == "claim":
        scope = f" at {tree[2]}" if tree[2] is not None else ""
        given = f" given {unparse(tree[3])}" if tree[3] is not None else ""
        return unparse(tree[1]) + scope + given
    if head in ("number", "word", "matrix", "point", "permutation", "set"):
        return str(tree[1])
    if head == "@":
        place = unparse(tree[2])
        return f"{unparse(tree[1])}@{place if tree[2][0] in ('point', 'permuted') else f'({place})'}"
    if head == "entry":
        return f"{_inside(tree[1], 10)}[{tree[2]}, {tree[3]}]"
    if head == "not":
        return f"not {_inside(tree[1], 4)}"
    if head == "neg":
        return f"-{_inside(tree[1], 10)}"
    if head in _LEVEL:
        # All operators associate to the left but `implies`, and comparisons, which do not associate at all.
        own = _LEVEL[head]
        left = own + 1 if head == "implies" or head in COMPARISONS else own
        right = own if head == "implies" else own + 1
        space = "" if head == "*" else " "
        return f"{_inside(tree[1], left)}{space}{head}{space}{_inside(tree[2], right)}"
    word = WORDS_BY_HEAD[head]
    if not word.arguments:
        return word.name
    inside = ", ".join(str(argument) if word.indexed else unparse(argument) for argument in tree[1:])
    return f"{word.name}[{inside}]" if word.indexed else f"{word.name}({inside})"


def _inside(tree: Tree, needed: int) -> str:
    text = unparse(tree)
    return text if level(tree[0]) >= needed else f"({text})"


def to_json(tree: Tree) -> list[Any]:
    """The tree as nested lists, ready for `json.dumps`.

    >>> to_json(("rank", ("matrix", "H")))
    ['rank', ['matrix', 'H']]
    """
    return [to_json(part) if isinstance(part, tuple) else part for part in tree]


def frozen(data: Any) -> Any:
    """Nested lists as a tree; the inverse of `to_json`.

    >>> frozen(["rank", ["matrix", "H"]])
    ('rank', ('matrix', 'H'))
    """
    return tuple(frozen(part) for part in data) if isinstance(data, list) else data


def children(tree: Tree) -> tuple[Tree, ...]:
    """The subtrees one step below a tree.

    >>> children(("entry", ("matrix", "H"), 0, 1))
    (('matrix', 'H'),)
    """
    return tuple(part for part in tree if isinstance(part, tuple))


def subtrees(tree: Tree) -> tuple[Tree, ...]:
    """All distinct subtrees, the tree itself first, each before what it contains.

    >>> [unparse(part) for part in subtrees(("rank", ("transpose", ("matrix", "G"))))]
    ['rank(transpose(G))', 'transpose(G)', 'G']
    """
    found: dict[Tree, None] = {tree: None}
    for part in children(tree):
        found |= dict.fromkeys(subtrees(part))
    return tuple(found)


def atoms(tree: Tree) -> tuple[Tree, ...]:
    """The distinct terms a formula or term is built from by connectives, comparisons and `+ - * neg`; numbers excluded.

    A product of two terms, neither of them a number, is an atom: sums of atoms with rational coefficients are then all
    that is left, which is what linear arithmetic over the atoms needs.

    >>> formula = ("<=", ("rank", ("matrix", "H")), ("*", ("number", "2"), ("word", "K")))
    >>> [unparse(atom) for atom in atoms(formula)]
    ['rank(H)', 'K']
    """
    if tree[0] == "number":
        return ()
    product = tree[0] == "*" and not (is_constant(tree[1]) or is_constant(tree[2]))
    if product or not (tree[0] in ARITHMETIC or tree[0] in COMPARISONS or tree[0] in (*CONNECTIVES, "claim")):
        return (tree,)
    return tuple(dict.fromkeys(atom for part in children(tree) for atom in atoms(part)))


def is_constant(tree: Tree) -> bool:
    """Whether a term is built from numbers alone.

    >>> is_constant(("neg", ("number", "1/2")))
    True
    """
    return tree[0] == "number" or (tree[0] in ARITHMETIC and all(map(is_constant, children(tree))))


def negation_normal_form(formula: Tree) -> Tree:
    """The equivalent formula in which `not` stands only in front of predicates such as `positive_definite(D)`.

    A negated comparison becomes the opposite comparison and `not (a implies b)` becomes `a and not b`; an implication
    that is not negated is kept.

    >>> unparse(negation_normal_form(("not", ("and", ("<", ("word", "N"), ("word", "K")), ("perfect_fit",)))))
    'N >= K or not perfect_fit'
    """
    head = formula[0]
    if head in ("and", "or", "implies"):
        return (head, negation_normal_form(formula[1]), negation_normal_form(formula[2]))
    return _negated(formula[1]) if head == "not" else formula


def _negated(formula: Tree) -> Tree:
    head = formula[0]
    if head == "not":
        return negation_normal_form(formula[1])
    if head == "and":
        return ("or", _negated(formula[1]), _negated(formula[2]))
    if head == "or":
        return ("and", _negated(formula[1]), _negated(formula[2]))
    if head == "implies":
        return ("and", negation_normal_form(formula[1]), _negated(formula[2]))
    if head in _OPPOSITE:
        return (_OPPOSITE[head], formula[1], formula[2])
    return ("not", formula)


def constant_value(tree: Tree) -> Fraction:
    """The value of a term made of numbers alone.

    >>> constant_value(("-", ("number", "1/2"), ("number", "2")))
    Fraction(-3, 2)
    """
    if tree[0] == "number":
        return Fraction(tree[1])
    if tree[0] == "neg":
        return -constant_value(tree[1])
    left, right = constant_value(tree[1]), constant_value(tree[2])
    return left + right if tree[0] == "+" else left - right if tree[0] == "-" else left * right


def points_in(tree: Tree) -> tuple[str, ...]:
    """The names of the points in a claim, formula or term, in alphabetical order.

    >>> points_in(("overlap", ("point", "B"), ("permuted", ("point", "A"), ("permutation", "s"))))
    ('A', 'B')
    """
    return tuple(sorted({part[1] for part in subtrees(tree) if part[0] == "point"}))


def permutations_in(tree: Tree) -> tuple[str, ...]:
    """The names of the permutations in a claim, formula or term, in alphabetical order.

    >>> permutations_in(("permuted", ("point", "A"), ("permutation", "s")))
    ('s',)
    """
    return tuple(sorted({part[1] for part in subtrees(tree) if part[0] == "permutation"}))


def depends_on_point(tree: Tree) -> bool:
    """Whether a tree is a quantity with a value at each point: L, a named matrix, activations, or a predicate.

    >>> depends_on_point(("word", "L")), depends_on_point(("word", "P")), depends_on_point(("perfect_fit",))
    (True, False, True)
    """
    return tree == ("word", "L") or tree[0] in ("matrix", "activations") or len(tree) == 1


def depends_beside(tree: Tree, head: str) -> bool:
    """Whether a tree depends on a point outside of its subtrees with a head.

    >>> rank = ("generic_rank", ("matrix", "G"))
    >>> depends_beside(("==", rank, ("word", "P")), "generic_rank"), depends_beside(("+", rank, ("word", "L")), "rank")
    (False, True)
    """
    if tree[0] == head:
        return False
    return depends_on_point(tree) or any(depends_beside(part, head) for part in children(tree))


def bare_quantities(tree: Tree) -> tuple[Tree, ...]:
    """The quantities in a tree that depend on a point and are not taken at a named one.

    >>> bare_quantities(("==", ("word", "L"), ("@", ("word", "L"), ("point", "A"))))
    (('word', 'L'),)
    """
    if depends_on_point(tree):
        return (tree,)
    return (
        ()
        if tree[0] == "@"
        else tuple(dict.fromkeys(bare for part in children(tree) for bare in bare_quantities(part)))
    )
