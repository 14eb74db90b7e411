"""Tied axes: which axes of which tensors of a torch module move together, found from its own graph.

The module is traced in eval and in train mode (`tracing`), every operation of the graph has a rule that says how its
axes move (`rules_*`), and a union-find collects what the rules say (`axes`). Axes of inputs and outputs are fixed.
What is left free are the groups of permutations under which the function stays what it is.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, final

import numpy as np

from geomcheck.align import rules_linear, rules_pointwise, rules_shape
from geomcheck.align.axes import Axes
from geomcheck.align.errors import UnknownOperation
from geomcheck.align.layout import Tensor, fixed_axes
from geomcheck.align.operation import RULES, Call, Value
from geomcheck.align.pieces import Piece, cut_up, permuted, view_of
from geomcheck.align.tracing import Traced, state_of, traced

if TYPE_CHECKING:
    import networkx as nx
    import torch
    from numpy.typing import NDArray
    from torch import nn

__all__ = ["Group", "Permutations", "Ties", "tied_axes"]

Permutations = dict[str, "NDArray[np.int64]"]

_RULE_FILES: Final = (rules_linear, rules_pointwise, rules_shape)
_CONTRACTIONS: Final = frozenset(
    ["linear", "bilinear", "matmul", "mm", "bmm", "mv", "addmm", "baddbmm", "einsum", "scaled_dot_product_attention"]
) | {f"{name}{rank}d" for name in ("conv", "conv_transpose") for rank in (1, 2, 3)}
_MISFITS: Final = (AssertionError, LookupError, StopIteration, TypeError, ValueError)
_NO_TENSOR: Final = frozenset(["_assert_tensor_metadata", "_assert_async", "sym_size", "sym_numel"])


@final
@dataclass(frozen=True)
class Group:
    """Axes that one permutation of ``size`` moves; with a context, one permutation for every index of those groups.

    ``tensor`` and ``axis`` say where it occurs first.
    """

    name: str
    size: int
    context: tuple[str, ...]
    tensor: str
    axis: int


@final
@dataclass(frozen=True)
class Ties:
    """The groups of permutations of a module, and how each moves the tensors of its state.

    ``pieces`` maps the name of a tensor to its pieces; ``groups`` are in an order in which contexts come first;
    ``features`` are the pieces of tensors inside the eval graph (by the place of the node) that feed weights.
    """

    groups: Mapping[str, Group]
    atoms: Mapping[int, str]
    pieces: Mapping[str, Sequence[Piece]]
    features: Mapping[int, Sequence[Piece]]
    graph_eval: Traced

    @property
    def graph(self) -> nx.Graph:
        """The networkx graph of tied axes: nodes are axes (tensor, axis) and groups, edges where one moves the other.

        An edge carries ``pieces``, in how many parts of the tensor the group moves that axis.
        """
        import networkx as nx

        graph = nx.Graph()
        for name, group in self.groups.items():
            graph.add_node(name, kind="group", size=group.size, context=group.context)
        for tensor, pieces in self.pieces.items():
            for piece in pieces:
                for dimension, axis in zip(piece.dimensions, piece.axes, strict=True):
                    if dimension.group is not None:
                        node, group_name = (tensor, axis), self.atoms[dimension.group]
                        graph.add_node(node, kind="axis")
                        known = graph.get_edge_data(node, group_name, {"pieces": 0})["pieces"]
                        graph.add_edge(node, group_name, pieces=known + 1)
        return graph

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of the permutation of a group: the sizes of its context, then its own."""
        group = self.groups[name]
        return (*(self.groups[other].size for other in group.context), group.size)

    def identity(self) -> Permutations:
        """The permutations that move nothing."""
        return {name: np.broadcast_to(np.arange(g.size), self.shape(name)).copy() for name, g in self.groups.items()}

    def random(self, rng: np.random.Generator) -> Permutations:
        """Independent uniform permutations."""
        return {name: rng.permuted(array, axis=-1) for name, array in self.identity().items()}

    def by_atom(self, permutations: Mapping[str, NDArray[np.int64]]) -> dict[int, NDArray[np.int64]]:
        """The same permutations under the atoms that pieces speak of."""
        return {atom: permutations[name] for atom, name in self.atoms.items()}

    def apply(
        self, state: Mapping[str, torch.Tensor], permutations: Mapping[str, NDArray[np.int64]]
    ) -> dict[str, torch.Tensor]:
        """The permuted state: T'[i, j] = T[p(i), q(j)]; tensors that no group moves are copied.

        A state with several names for one tensor may carry any of them.
        """
        import torch

        atoms = self.by_atom(permutations)
        answer = {}
        for name, tensor in state.items():
            moved = [p for p in self.pieces.get(name, ()) if any(d.group is not None for d in p.dimensions)]
            if not moved:
                answer[name] = tensor.detach().clone()
                continue
            places = np.arange(tensor.numel()).reshape(tensor.shape)
            source = places.copy()
            for piece in moved:
                view_of(places, piece.steps)[...] = permuted(view_of(source, piece.steps), piece.dimensions, atoms)
            index = torch.from_numpy(places.reshape(-1)).to(tensor.device)
            answer[name] = tensor.detach().reshape(-1)[index].reshape(tensor.shape)
        return answer


def tied_axes(model: nn.Module, inputs: Sequence[torch.Tensor]) -> Ties:
    """The tied axes of a module, traced on inputs of these shapes.

    Raises:
        UnknownOperation: for an operation without a rule, with its name.
        InputError: for a module that cannot be traced.
    """
    axes = Axes()
    state = state_of(model)
    buffers = {name for name, _ in model.named_buffers()}
    tensors = {name: _free(axes, tuple(tensor.shape)) for name, tensor in state.items()}
    running: set[int] = set()
    used: set[str] = set()
    values: dict[int, Value] = {}
    modes = {training: traced(model, inputs, training=training) for training in (True, False)}
    for training in (True, False):
        values = _walk(axes, modes[training], tensors, running, used)
    for name, nodes in tensors.items():
        # Buffers other than running statistics are constants that both models share.
        if name not in used or (name in buffers and not running.intersection(nodes)):
            for node in nodes:
                axes.fix(node)
    # A tensor inside the graph may hold a family that its parameters restrict, so the parameters are cut up first.
    cut_up(axes, list(tensors.values()))
    places = [place for place in _feature_places(modes[False]) if place in values]
    cut = cut_up(axes, [*tensors.values(), *(values[place].axes for place in places)])
    pieces = dict(zip(tensors, cut, strict=False))
    features = dict(zip(places, cut[len(tensors) :], strict=True))
    for parameter_name, tensor in _aliases(model, state).items():
        pieces[parameter_name] = pieces[tensor]
    return _named(axes, pieces, features, modes[False])


def _aliases(model: nn.Module, state: Mapping[str, torch.Tensor]) -> dict[str, str]:
    """Further names of tensors in the state, as of tied weights."""
    first = {id(tensor): name for name, tensor in state.items()}
    everything = [*model.named_parameters(remove_duplicate=False), *model.named_buffers(remove_duplicate=False)]
    return {name: first[id(tensor)] for name, tensor in everything if name not in state}


def _free(axes: Axes, shape: tuple[int, ...]) -> Tensor:
    # Every axis may depend on those before it, until an operation says otherwise.
    nodes: list[int] = []
    for size in shape:
        nodes.append(axes.atom(size, nodes))
    return tuple(nodes)


def _named(axes: Axes, pieces: dict[str, list[Piece]], features: dict[int, list[Piece]], graph: Traced) -> Ties:
    first: dict[int, tuple[str, int]] = {}
    for tensor, found in pieces.items():
        for piece in found:
            for dimension, axis in zip(piece.dimensions, piece.axes, strict=True):
                if dimension.group is not None:
                    first.setdefault(dimension.group, (tensor, axis))
    seen: Counter[str] = Counter()
    atoms: dict[int, str] = {}
    for atom, (tensor, axis) in first.items():
        base = f"{tensor}[{axis}]"
        seen[base] += 1
        atoms[atom] = base if seen[base] == 1 else f"{base}#{seen[base]}"
    groups: dict[str, Group] = {}
    waiting = list(first)
    while waiting:
        atom = next(a for a in waiting if all(atoms[c] in groups for c in axes.context(a)))
        waiting.remove(atom)
        context = tuple(atoms[c] for c in sorted(axes.context(atom)))
        groups[atoms[atom]] = Group(atoms[atom], axes.size(atom), context, *first[atom])
    known = {
        place: found
        for place, found in features.items()
        if all(d.group is None or d.group in atoms for piece in found for d in piece.dimensions)
    }
    return Ties(groups, atoms, pieces, known, graph)


def _walk(
    axes: Axes, trace: Traced, tensors: Mapping[str, Tensor], running: set[int], used: set[str]
) -> dict[int, Value]:
    """Apply the rules along one graph; the values of its nodes, by place."""
    import torch

    values: dict[Any, Any] = {}
    placeholders = 0
    for node in trace.graph.graph.nodes:
        shape = _shape(node)
        if node.op == "placeholder":
            if placeholders < len(trace.names):
                name = trace.names[placeholders]
                values[node] = Value(tensors[name], shape)
                if node.users:
                    used.add(name)
            else:
                values[node] = Value(fixed_axes(axes, shape), shape)
            placeholders += 1
        elif node.op == "get_attr":
            shape = tuple(operator.attrgetter(node.target)(trace.graph).shape)
            values[node] = Value(fixed_axes(axes, shape), shape)
        elif node.op == "output":
            for value in torch.fx.node.map_arg(node.args[0], lambda n: values[n]):
                for axis in value.axes:
                    axes.fix(axis)
        elif node.target is operator.getitem:
            values[node] = values[node.args[0]][node.args[1]]
        else:
            values[node] = _applied(axes, node, values, running)
    return {k: values[node] for k, node in enumerate(trace.graph.graph.nodes) if isinstance(values.get(node), Value)}


def _applied(axes: Axes, node: Any, values: Mapping[Any, Any], running: set[int]) -> Any:
    import torch

    if not isinstance(node.target, torch._ops.OpOverload):
        raise UnknownOperation(getattr(node.target, "__name__", str(node.target)))
    schema = node.target._schema
    name = schema.name.split("::")[-1]
    name = name[:-1] if name.endswith("_") and not name.endswith("__") else name
    if name in _NO_TENSOR:
        return None
    if "val" not in node.meta:
        if node.users or schema.is_mutable:
            raise UnknownOperation(str(node.target), "with no result")
        return None  # it failed, and the module caught the error
    results = node.meta["val"]
    shapes = [tuple(r.shape) for r in (results if isinstance(results, list | tuple) else [results])]
    arguments = {argument.name: argument.default_value for argument in schema.arguments if argument.has_default_value()}
    arguments.update(zip((argument.name for argument in schema.arguments), node.args, strict=False))
    arguments.update(node.kwargs)
    arguments = {key: torch.fx.node.map_arg(value, lambda n: values[n]) for key, value in arguments.items()}
    call = Call(axes, name, arguments, shapes, running)
    if schema.name.split("::")[0] != "aten" or name not in RULES:
        of = ", ".join(str(value.shape) for value in call.tensors())
        raise UnknownOperation(str(node.target), f"of tensors of shape {of}" if of else "")
    try:
        answer = RULES[name](call)
    except _MISFITS as error:  # an overload whose arguments the rule does not foresee
        raise UnknownOperation(str(node.target), f"with arguments that are not understood: {schema}") from error
    if isinstance(answer, list):
        return [Value(a, s) for a, s in zip(answer, shapes, strict=True)]
    if isinstance(results, list | tuple):
        raise UnknownOperation(str(node.target), "with several results")
    return Value(answer, shapes[0])


def _shape(node: Any) -> tuple[int, ...]:
    value = node.meta.get("val")
    return tuple(getattr(value, "shape", ()))


def _feature_places(trace: Traced) -> list[int]:
    """The nodes that are multiplied with weights, or with each other: what the next layer sees."""
    nodes = list(trace.graph.graph.nodes)
    places = {node: place for place, node in enumerate(nodes)}
    found: set[int] = set()
    for node in nodes:
        name = str(node.target).split(".")[1:2]
        if node.op == "call_function" and name and name[0] in _CONTRACTIONS:
            found.update(places[source] for source in node.all_input_nodes if source.op == "call_function")
    return sorted(found)
