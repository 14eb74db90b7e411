"""Matrix and subspace terms of a claim, as arrays over whichever field an instance is seen in.

Subspaces have one normal form, S = X·ker(C):  ker M is I·ker(M), im M is M·ker(∅), and

    S₁ + S₂ = [X₁ X₂] · ker diag(C₁, C₂),        S₁ ∩ S₂ = [X₁ 0] · ker [C₁ 0; 0 C₂; X₁ −X₂],

so that every dimension is a difference of two ranks: dim S = rank [C; X] − rank C. The two block matrices are the
terms ``("stack", S)`` and ``("constraint", S)``.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from geomcheck.claims.kinds import kind_of
from geomcheck.claims.named_points import check_names
from geomcheck.claims.tree import Tree, is_constant, subtrees, unparse
from geomcheck.claims.vocabulary import WORDS_BY_HEAD
from geomcheck.errors import InputError
from geomcheck.problem.network import DenseNetwork

if TYPE_CHECKING:
    from geomcheck.fields.base import AbstractField
    from geomcheck.problem.problem import Problem

Array = Any
Shape = tuple[int, int]


def shape(tree: Tree, problem: Problem) -> Shape:
    """(rows, columns) of a matrix term; raises ``InputError`` where sizes do not fit together."""
    head = tree[0]
    if head == "matrix":
        behaviour, size = problem.N * problem.K, problem.P
        return {
            "G": (behaviour, size),
            "D": (behaviour, behaviour),
            "F": (behaviour, 1),
            "r": (behaviour, 1),
        }.get(tree[1], (size, size))
    if head == "activations":
        return problem.N, _width(tree[1], problem)
    if head in ("neg", "@"):
        return shape(tree[1], problem)
    if head == "transpose":
        rows, columns = shape(tree[1], problem)
        return columns, rows
    if head in ("stack", "constraint"):
        ambient, (rows, columns) = _subspace_shape(tree[1], problem)
        return (rows + ambient if head == "stack" else rows), columns
    left, right = tree[1], tree[2]
    if head == "*" and is_constant(left):
        return shape(right, problem)
    if head == "*" and is_constant(right):
        return shape(left, problem)
    first, second = shape(left, problem), shape(right, problem)
    if head == "*":
        _require(first[1] == second[0], tree, first, second, "the columns of the left to match the rows of the right")
        return first[0], second[1]
    _require(first == second, tree, first, second, "two matrices of one shape")
    return first


def check_shapes(tree: Tree, problem: Problem) -> None:
    """Raise ``InputError`` unless every term of a claim makes sense for this problem: names, sizes, layers, indices."""
    check_names(tree, problem)
    for part in subtrees(tree):
        head = part[0]
        if head in ("matrix", "activations", "transpose", "neg", "+", "-", "*") and _is_matrix(part):
            shape(part, problem)
        if head in ("==", "!=") and kind_of(part[1]) == "matrix" and not is_constant(part[2]):
            shape(("-", part[1], part[2]), problem)
        if head in ("&", "+") and not _is_matrix(part) and kind_of(part) == "subspace":
            ambient_dimension(part, problem)
        if head in WORDS_BY_HEAD and WORDS_BY_HEAD[head].square:
            rows, columns = shape(part[1], problem)
            if rows != columns:
                raise InputError(
                    f"expected a square matrix in {unparse(part)}, got {rows}×{columns}; use rank or nullity instead"
                )
        if head == "entry":
            rows, columns = shape(part[1], problem)
            if part[2] >= rows or part[3] >= columns:
                raise InputError(
                    f"expected indices below {rows} and {columns} (counted from 0), got {unparse(part)}; choose others"
                )


def build(tree: Tree, at: Any) -> Array:
    """A matrix term at an instance, as a two-dimensional array over the field of ``at``.

    ``at`` are the ``Derivatives`` of one point, or ``Everywhere`` for terms about several.
    """
    head, field = tree[0], at.field
    if head == "@":
        return build(tree[1], at.place(tree[2]))
    if head == "matrix":
        return getattr(at, tree[1])
    if head == "activations":
        return at.model.activations(tree[1])
    if head == "neg":
        return -build(tree[1], at)
    if head == "transpose":
        return build(tree[1], at).mT
    if head in ("stack", "constraint"):
        span, constraint = _subspace(tree[1], at)
        return field.concatenate([constraint, span], axis=0) if head == "stack" else constraint
    left, right = tree[1], tree[2]
    if head == "+":
        return build(left, at) + build(right, at)
    if head == "-":
        return build(left, at) - build(right, at)
    if is_constant(left):
        return build(right, at) * field.constant(number(left))
    if is_constant(right):
        return build(left, at) * field.constant(number(right))
    return field.matmul(build(left, at), build(right, at))


def _is_matrix(tree: Tree) -> bool:
    return tree[0] not in ("claim", "entry") and kind_of(tree) == "matrix"


def ambient_dimension(subspace: Tree, problem: Problem) -> int:
    """The dimension of the space a subspace lies in; raises ``InputError`` when two parts lie in different spaces."""
    return _subspace_shape(subspace, problem)[0]


def number(tree: Tree) -> Fraction:
    """The value of a term built from numbers alone."""
    head = tree[0]
    if head == "number":
        return Fraction(tree[1])
    if head == "neg":
        return -number(tree[1])
    left, right = number(tree[1]), number(tree[2])
    return left + right if head == "+" else left - right if head == "-" else left * right


def _width(layer: int, problem: Problem) -> int:
    network = problem.model
    hidden = len(network.layers) - 1 if isinstance(network, DenseNetwork) else 0
    if not isinstance(network, DenseNetwork) or not 0 <= layer <= hidden:
        if not isinstance(network, DenseNetwork):
            raise InputError(
                f"expected no activations of an explicit model, got A[{layer}]; describe it as a network, "
                "or leave A out"
            )
        last = f"to {hidden} (the last hidden layer)" if hidden else "to 0: there are no hidden layers"
        raise InputError(f"expected a layer from 0 (the inputs) {last}, got A[{layer}]; choose another")
    return network.n_inputs if layer == 0 else network.layers[layer - 1].width


def _subspace_shape(tree: Tree, problem: Problem) -> tuple[int, Shape]:
    """The ambient dimension, and the shape of the constraint C."""
    head = tree[0]
    if head == "ker":
        rows, columns = shape(tree[1], problem)
        return columns, (rows, columns)
    if head == "im":
        rows, columns = shape(tree[1], problem)
        return rows, (0, columns)
    first, (rows_1, columns_1) = _subspace_shape(tree[1], problem)
    second, (rows_2, columns_2) = _subspace_shape(tree[2], problem)
    _require(first == second, tree, (first,), (second,), "two subspaces of one space")
    extra = first if head == "&" else 0
    return first, (rows_1 + rows_2 + extra, columns_1 + columns_2)


def _subspace(tree: Tree, at: Any) -> tuple[Array, Array]:
    """X and C with S = X·ker(C)."""
    head, field = tree[0], at.field
    if head == "ker":
        matrix = build(tree[1], at)
        return field.identity(matrix.shape[1]), matrix
    if head == "im":
        matrix = build(tree[1], at)
        return matrix, field.zeros((0, matrix.shape[1]))
    (span_1, constraint_1), (span_2, constraint_2) = _subspace(tree[1], at), _subspace(tree[2], at)
    diagonal = _block_diagonal(field, constraint_1, constraint_2)
    if head == "+":
        return field.concatenate([span_1, span_2], axis=1), diagonal
    agree = field.concatenate([span_1, -span_2], axis=1)
    span = field.concatenate([span_1, field.zeros(span_2.shape)], axis=1)
    return span, field.concatenate([diagonal, agree], axis=0)


def _block_diagonal(field: AbstractField, first: Array, second: Array) -> Array:
    upper = field.concatenate([first, field.zeros((first.shape[0], second.shape[1]))], axis=1)
    lower = field.concatenate([field.zeros((second.shape[0], first.shape[1])), second], axis=1)
    return field.concatenate([upper, lower], axis=0)


def _require(fits: bool, tree: Tree, first: tuple[int, ...], second: tuple[int, ...], expected: str) -> None:
    if not fits:
        sizes = " and ".join("×".join(map(str, size)) for size in (first, second))
        raise InputError(f"expected {expected} in {unparse(tree)}, got {sizes}; transpose or change one of them")
