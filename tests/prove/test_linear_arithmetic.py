"""Exact linear programming and Farkas combinations, on programs of known answer."""

from fractions import Fraction as Q
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomcheck.claims.grammar import parse_term as parse_term_and_kind
from geomcheck.claims.tree import Tree
from geomcheck.linear_algebra.linear_program import minimise
from geomcheck.prove.linear_arithmetic import ONE, Inequality, LinearForm, farkas, matrix_form, scalar_form

X, Y, Z = (("rank", ("matrix", name)) for name in ("G", "H", "D"))
small = st.integers(-3, 3).map(Q)


def parse_term(text: str) -> Tree:
    return parse_term_and_kind(text)[0]


def form(x: int = 0, y: int = 0, z: int = 0, constant: int = 0) -> LinearForm:
    return LinearForm.of({X: Q(x), Y: Q(y), Z: Q(z), ONE: Q(constant)})


def test_simplex_finds_the_cheapest_vertex() -> None:
    rows = [{0: Q(1), 1: Q(2), 2: Q(1)}, {0: Q(3), 1: Q(1), 3: Q(1)}]
    solution = minimise([Q(0), Q(1), Q(5), Q(5)], rows, [Q(4), Q(3)])
    assert solution == (Q(2, 5), Q(9, 5), Q(0), Q(0))


def test_simplex_terminates_on_a_cycling_program() -> None:
    # Beale (1955): the textbook pivoting rule cycles on this one.
    rows = [
        {0: Q(1, 4), 1: Q(-60), 2: Q(-1, 25), 3: Q(9), 4: Q(1)},
        {0: Q(1, 2), 1: Q(-90), 2: Q(-1, 50), 3: Q(3), 5: Q(1)},
        {2: Q(1), 6: Q(1)},
    ]
    costs = [Q(-3, 4), Q(150), Q(-1, 50), Q(6), Q(0), Q(0), Q(0)]
    solution = minimise(costs, rows, [Q(0), Q(0), Q(1)])
    assert solution is not None
    assert sum(c * x for c, x in zip(costs, solution, strict=True)) == Q(-1, 20)


def test_simplex_with_dependent_rows_and_without_solution() -> None:
    assert minimise([Q(1)], [{0: Q(1)}, {0: Q(2)}], [Q(3), Q(6)]) == (Q(3),)
    assert minimise([Q(1)], [{0: Q(1)}, {0: Q(2)}], [Q(3), Q(7)]) is None
    assert minimise([], [{}], [Q(0)]) == ()
    assert minimise([], [{}], [Q(1)]) is None


@given(st.lists(st.tuples(small, small, small), min_size=1, max_size=4), st.tuples(*[st.integers(0, 3).map(Q)] * 4))
def test_simplex_meets_every_feasible_right_side(columns: list[tuple[Q, Q, Q]], weights: tuple[Q, ...]) -> None:
    rows = [{j: column[i] for j, column in enumerate(columns)} for i in range(3)]
    right = [sum((w * c[i] for w, c in zip(weights, columns, strict=False)), Q(0)) for i in range(3)]
    solution = minimise([Q(1)] * len(columns), rows, right)
    assert solution is not None
    assert min(solution) >= 0
    assert [sum((x * c[i] for x, c in zip(solution, columns, strict=True)), Q(0)) for i in range(3)] == right
    assert sum(solution) <= sum(weights[: len(columns)])


@given(
    st.lists(st.tuples(small, small, small, small, st.booleans()), min_size=1, max_size=5),
    st.tuples(small, small, small, small),
)
def test_farkas_answers_are_identities(known: list[tuple[Q, Q, Q, Q, bool]], goal: tuple[Q, Q, Q, Q]) -> None:
    inequalities = [Inequality(form(*map(int, row[:4])), row[4]) for row in known]
    wanted = form(*map(int, goal))
    multipliers = farkas(wanted, inequalities)
    if multipliers is None:
        return
    rest = wanted
    for m, inequality in zip(multipliers, inequalities, strict=True):
        assert inequality.equation or m >= 0
        rest = rest - inequality.form.times(m)
    assert set(rest.terms) <= {ONE}
    assert rest.constant >= 0


def test_farkas_finds_every_consequence_of_a_box() -> None:
    box = [Inequality(form(x=1), False), Inequality(form(x=-1, constant=2), False), Inequality(form(y=1), False)]
    for a, b, c in product(range(-2, 3), repeat=3):
        holds = b >= 0 and c + min(0, 2 * a) >= 0
        assert (farkas(form(x=a, y=b, constant=c), box) is not None) == holds


def test_farkas_prefers_cheap_facts() -> None:
    expensive = Inequality(form(x=1), False, cost=9)
    cheap = [Inequality(form(x=1, y=-1), False), Inequality(form(y=1), False)]
    assert farkas(form(x=1), [expensive, *cheap]) == (0, 1, 1)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("2*(rank(H) - P) + 1/2", "rank(H) + rank(H) - 2*P + 1 - 1/2"),
        ("rank(H) * 3 - N*K", "-(4 - 3*rank(H))"),
        ("-(-dim(ker(D)))", "dim(ker(D))"),
    ],
)
def test_scalar_forms_of_equal_terms(left: str, right: str) -> None:
    sizes = {"P": 13, "N": 4, "K": 1}
    assert scalar_form(parse_term(left), sizes) == scalar_form(parse_term(right), sizes)


def test_products_of_terms_are_atoms() -> None:
    term = parse_term("rank(G)*rank(H)")
    assert scalar_form(term, {}).terms == {term: Q(1)}
    assert not scalar_form(term, {}).is_integer_valued
    assert scalar_form(parse_term("2*rank(G) - 1"), {}).is_integer_valued
    assert not scalar_form(parse_term("1/2*rank(G)"), {}).is_integer_valued
    assert not scalar_form(parse_term("trace(H)"), {}).is_integer_valued


def test_matrix_forms() -> None:
    left, right = parse_term("2*H - (H_o + H_f)"), parse_term("H - H_o - (H_f - H)")
    assert matrix_form(left) == matrix_form(right)
    assert matrix_form(parse_term("G.T*D*G")).terms == {parse_term("G.T*D*G"): Q(1)}
