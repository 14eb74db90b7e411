"""The pieces of a set of minima as a graph, for small cases: what `components` counts, to look at and to draw."""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING

from geomcheck.connectivity.count import unknown
from geomcheck.connectivity.expansions import Subspace, intersection_graph
from geomcheck.connectivity.piecewise_linear import applies, cells_of, vertex_masks
from geomcheck.connectivity.teacher import components as student_components
from geomcheck.errors import LimitError
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem

if TYPE_CHECKING:
    import networkx

MAX_PIECES = 3_000


def cell_graph(problem: Problem, student_of: int | None = None) -> networkx.Graph[str]:
    """A graph whose components are those of the set of global minima: its pieces, joined where they meet.

    For one hidden layer of piecewise-linear units and one output a piece is one type for every unit, written as the
    sign of a_i and the signs of its pre-activations on the distinct inputs, 0 for those that no parameters move. For a
    student of a teacher (exp without biases) a piece is an affine subspace, written as the units that copy each teacher
    unit and the groups that add up to zero. Raises Undecided for other problems, LimitError for too many pieces.

    >>> import networkx
    >>> from geomcheck.problem.read import problem_from
    >>> data = {"inputs": [1, -1], "targets": [1, 1]}
    >>> graph = cell_graph(problem_from({"network": "1-2-1 relu, no bias", **data}))
    >>> sorted(graph.nodes), networkx.number_connected_components(graph)
    (['+(+-) +(-+)', '+(-+) +(+-)'], 2)
    """
    import networkx

    if student_of is not None:
        found = student_components(problem, student_of)
        assert isinstance(problem.model, DenseNetwork)
        hidden = problem.model.layers[0]
        if hidden.activation.name != "exp":
            raise unknown(f"there are {found.count} components, but no list of subspaces", "use exp without biases")
        spaces = intersection_graph(student_of, hidden.width)
        return networkx.relabel_nodes(spaces, {space: written(space) for space in spaces})
    if not applies(problem):
        raise unknown("pieces are listed for one hidden layer of piecewise-linear units and one output", "draw another")
    cells = cells_of(problem)
    supports = vertex_masks(cells)
    if len(cells.types) ** cells.width > MAX_PIECES:
        raise LimitError(f"there are {len(cells.types)}^{cells.width} pieces, more than {MAX_PIECES}; take fewer units")

    def feasible(masks: tuple[int, ...]) -> bool:
        whole = 0
        for mask in masks:
            whole |= mask
        return any(support & ~whole == 0 for support in supports)

    names = [cells.name(t) for t in range(len(cells.types))]
    nodes = {
        chosen: " ".join(names[t] for t in chosen)
        for chosen in product(range(len(cells.types)), repeat=cells.width)
        if feasible(tuple(cells.types[t] for t in chosen))
    }
    graph: networkx.Graph[str] = networkx.Graph()
    graph.add_nodes_from(nodes.values())
    for one, other in combinations(nodes, 2):
        if sum(a != b for a, b in zip(one, other, strict=True)) == 1 and feasible(
            tuple(cells.types[a] & cells.types[b] for a, b in zip(one, other, strict=True))
        ):
            graph.add_edge(nodes[one], nodes[other])
    return graph


def written(space: Subspace) -> str:
    """A subspace as text, its units counted from 1.

    >>> written(Subspace(((0, 2), (1,)), ((3,),)))
    '13|2 0:4'
    """
    blocks = [
        "".join(str(i + 1) for i in block) if max(block) < 9 else ",".join(str(i + 1) for i in block)
        for block in space.copies + space.zeros
    ]
    copies = "|".join(blocks[: len(space.copies)])
    return " 0:".join([copies, *blocks[len(space.copies) :]])
