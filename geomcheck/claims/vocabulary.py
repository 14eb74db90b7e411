"""The words of the claim language: every quantity, matrix, subspace and predicate a claim may name, one entry each.

Adding a quantity is adding one entry to `WORDS` and one function that evaluates it, in the table of its kind:
`matrix_quantities`, `point_quantities` or `set_quantities`. The parser, the checks of kinds and shapes and the
suggestions in error messages read `WORDS`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

Kind = Literal["formula", "scalar", "matrix", "subspace", "index", "point", "permutation", "set", "count", "triple"]

#: How an error message names each kind.
A_KIND: Mapping[Kind, str] = MappingProxyType(
    {
        "formula": "a statement",
        "scalar": "a number",
        "matrix": "a matrix",
        "subspace": "a subspace",
        "index": "a whole number",
        "point": "a point",
        "permutation": "a permutation",
        "set": "a set of points",
        "count": "a whole number",
        "triple": "a triple",
    }
)


@dataclass(frozen=True)
class Word:
    """One name of the claim language: what it is applied to, what it gives and what it means.

    `head` is the word's head in claim trees where that is not its name; `square` says that its matrix must be square.
    A word without arguments is written bare (`P`, `H`, `perfect_fit`), one with index arguments in brackets (`A[1]`),
    any other in parentheses (`rank(H)`).

    >>> WORDS_BY_NAME["rank"].usage
    'rank(matrix)'
    >>> WORDS_BY_NAME["rank"].tree(WORDS_BY_NAME["H"].tree())
    ('rank', ('matrix', 'H'))
    """

    name: str
    arguments: tuple[Kind, ...]
    result: Kind
    meaning: str
    head: str = ""
    square: bool = False

    @property
    def indexed(self) -> bool:
        """Whether the arguments are written in brackets."""
        return bool(self.arguments) and all(kind == "index" for kind in self.arguments)

    @property
    def usage(self) -> str:
        """How the word is written, with the kinds of its arguments."""
        letters = {"index": ["l"], "permutation": ["s"], "point": ["B", "A"], "set": ["minima"], "count": ["m", "r"]}
        inside = ", ".join(letters[kind].pop() if kind in letters else kind for kind in self.arguments)
        if not self.arguments:
            return self.name
        return f"{self.name}[{inside}]" if self.indexed else f"{self.name}({inside})"

    def tree(self, *arguments: Any) -> tuple[Any, ...]:
        """The claim tree of this word applied to the trees (or indices) of its arguments."""
        if self.arguments or self.result == "formula":
            return (self.head or self.name, *arguments)
        return ({"matrix": "matrix", "set": "set"}.get(self.result, "word"), self.name)


WORDS: tuple[Word, ...] = (
    Word("P", (), "scalar", "number of parameters"),
    Word("N", (), "scalar", "number of samples"),
    Word("K", (), "scalar", "number of outputs"),
    Word("L", (), "scalar", "the loss: the sum (or mean) of the per-sample losses, plus weight decay"),
    Word("F", (), "matrix", "behaviour, all outputs on all samples as one column, NK × 1"),
    Word("G", (), "matrix", "behaviour Jacobian ∂F/∂θ, NK × P"),
    Word("r", (), "matrix", "loss gradient ∂ℓ/∂F as one column, NK × 1"),
    Word("D", (), "matrix", "output Hessian ∂²ℓ/∂F², NK × NK, block diagonal"),
    Word("H", (), "matrix", "loss Hessian ∇²L, P × P"),
    Word("H_o", (), "matrix", "outer-product (Gauss–Newton) part of H, Gᵀ D G, P × P"),
    Word("H_f", (), "matrix", "functional part of H, Σ r_j ∇²F_j, P × P"),
    Word("A", ("index",), "matrix", "activations after hidden layer l, N × width; A[0] = inputs", head="activations"),
    Word("rank", ("matrix",), "scalar", "rank at the point"),
    Word("generic_rank", ("matrix",), "scalar", "rank off a proper algebraic subset"),
    Word("nullity", ("matrix",), "scalar", "columns − rank"),
    Word("index", ("matrix",), "scalar", "number of negative eigenvalues of a symmetric matrix", square=True),
    Word(
        "inertia",
        ("matrix",),
        "triple",
        "its positive, negative and zero eigenvalues, counted: for `eval`",
        square=True,
    ),
    Word("trace", ("matrix",), "scalar", "sum of the diagonal of a square matrix", square=True),
    Word("det", ("matrix",), "scalar", "determinant of a square matrix", square=True),
    Word("dim", ("subspace",), "scalar", "dimension"),
    Word("transpose", ("matrix",), "matrix", "transpose, also written M.T"),
    Word("ker", ("matrix",), "subspace", "kernel, the vectors v with M v = 0"),
    Word("im", ("matrix",), "subspace", "image, the span of the columns"),
    Word("positive_definite", ("matrix",), "formula", "symmetric with every eigenvalue > 0", square=True),
    Word("positive_semidefinite", ("matrix",), "formula", "symmetric with every eigenvalue ≥ 0", square=True),
    Word("permuted", ("point", "permutation"), "point", "the point with hidden unit i taken from unit s[i]"),
    Word("orbit_size", ("point",), "scalar", "number of distinct points permuted(A, s)"),
    Word("signed_orbit_size", ("point",), "scalar", "the same with sign flips of units of odd or even activation"),
    Word("overlap", ("point", "point"), "scalar", "inner product of two points in parameter space"),
    Word("activation_overlap", ("point", "point"), "scalar", "inner product of the hidden activations on the inputs"),
    Word("max_overlap", ("point", "point"), "scalar", "greatest overlap(A, permuted(B, s)) over all permutations s"),
    Word("barrier", ("point", "point"), "scalar", "greatest loss above the baseline on the segment between two points"),
    Word("min_barrier", ("point", "point"), "scalar", "least barrier(A, permuted(B, s)) over all permutations s"),
    Word("minima", (), "set", "the set of all global minima, over all parameters"),
    Word("components", ("set",), "scalar", "number of connected components"),
    Word("expansions", ("count", "count"), "scalar", "T(r, m), affine subspaces of width-m students of r units"),
    Word("surjections", ("count", "count"), "scalar", "G(r, m), maps of m units onto r"),
    Word("perfect_fit", (), "formula", "the point is in perfect_fits"),
    Word("critical_point", (), "formula", "the point is in critical_points"),
    Word("local_minimum", (), "formula", "the point is in local_minima"),
    Word("global_minimum", (), "formula", "the point is in global_minima"),
)

WORDS_BY_NAME: Mapping[str, Word] = MappingProxyType({word.name: word for word in WORDS})
WORDS_BY_HEAD: Mapping[str, Word] = MappingProxyType({word.head or word.name: word for word in WORDS})

#: The sets of points a claim may quantify over, written after `at`.
POINT_SETS: Mapping[str, str] = MappingProxyType(
    {
        "perfect_fits": "F(θ) is the loss's own minimiser for the targets: f = y, or p = y for probabilities",
        "global_minima": "L(θ) is least among all parameters",
        "local_minima": "L(θ) is least among nearby parameters",
        "critical_points": "the gradient of L vanishes",
        "generic_points": "all points off a proper algebraic subset",
        "all_points": "every point, also what a claim without `at` quantifies over",
    }
)

#: Words of the grammar itself, which no quantity may be called.
KEYWORDS: tuple[str, ...] = ("and", "or", "not", "implies", "at", "given")
