"""Linear arithmetic: terms as linear forms over atoms, and Farkas combinations that derive inequalities from others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from geomcheck.claims.tree import Tree, is_constant
from geomcheck.linear_algebra.linear_program import minimise

#: The atom under which a form keeps its constant.
ONE: Final[Tree] = ("number", "1")
INTEGER_VALUED: Final = ("rank", "generic_rank", "nullity", "index", "dim")


@dataclass(frozen=True)
class LinearForm:
    """Σ c_a·a over atoms a (trees) with rational c_a ≠ 0; a constant stands under the atom `ONE`.

    Laws: forms are a vector space under `+`, `-` and `times`; two terms with equal forms are equal for every value of
    their atoms.

    >>> x = LinearForm.of({("rank", ("matrix", "G")): Fraction(2), ONE: Fraction(0)})
    >>> (x - x).terms
    mappingproxy({})
    """

    terms: Mapping[Tree, Fraction]

    @classmethod
    def of(cls, terms: Mapping[Tree, Fraction]) -> "LinearForm":
        """The form with these coefficients; zeros are dropped."""
        return cls(MappingProxyType({atom: value for atom, value in terms.items() if value}))

    def __add__(self, other: "LinearForm") -> "LinearForm":
        return LinearForm.of({atom: self[atom] + other[atom] for atom in dict.fromkeys((*self.terms, *other.terms))})

    def __sub__(self, other: "LinearForm") -> "LinearForm":
        return self + other.times(Fraction(-1))

    def __getitem__(self, atom: Tree) -> Fraction:
        return self.terms.get(atom, Fraction(0))

    def times(self, factor: Fraction) -> "LinearForm":
        """The form multiplied by a number."""
        return LinearForm.of({atom: factor * value for atom, value in self.terms.items()})

    @property
    def constant(self) -> Fraction:
        """The coefficient of `ONE`."""
        return self[ONE]

    @property
    def is_integer_valued(self) -> bool:
        """Whether only integers are taken: integer coefficients on ranks, nullities, indices and dimensions."""
        return all(
            value.denominator == 1 and (atom == ONE or atom[0] in INTEGER_VALUED) for atom, value in self.terms.items()
        )


def scalar_form(term: Tree, sizes: Mapping[str, int]) -> LinearForm:
    """The linear form of a scalar term; `sizes` gives P, N and K, which become numbers.

    Atoms are the maximal terms that `+ - neg` and multiplication by a number do not build.

    >>> form = scalar_form(("-", ("*", ("number", "2"), ("rank", ("matrix", "H"))), ("word", "P")), {"P": 13})
    >>> form[("rank", ("matrix", "H"))], form.constant
    (Fraction(2, 1), Fraction(-13, 1))
    """
    head = term[0]
    if head == "number":
        return LinearForm.of({ONE: Fraction(term[1])})
    if head == "word" and term[1] in sizes:
        return LinearForm.of({ONE: Fraction(sizes[term[1]])})
    if head == "*":
        left, right = scalar_form(term[1], sizes), scalar_form(term[2], sizes)
        for one, other in ((left, right), (right, left)):
            if all(atom == ONE for atom in one.terms):
                return other.times(one.constant)
        return LinearForm.of({term: Fraction(1)})
    if head in ("+", "-", "neg"):
        return _sum(head, *(scalar_form(part, sizes) for part in term[1:]))
    return LinearForm.of({term: Fraction(1)})


def matrix_form(term: Tree) -> LinearForm:
    """The linear form of a matrix term over matrix atoms; `("number", "0")` is the zero matrix.

    >>> H, H_o = ("matrix", "H"), ("matrix", "H_o")
    >>> matrix_form(("-", H, ("+", H, H_o))).terms[H_o]
    Fraction(-1, 1)
    """
    head = term[0]
    if head == "number":
        return LinearForm.of({})
    if head == "*" and is_constant(term[1]):
        return matrix_form(term[2]).times(scalar_form(term[1], {}).constant)
    if head in ("+", "-", "neg"):
        return _sum(head, *(matrix_form(part) for part in term[1:]))
    return LinearForm.of({term: Fraction(1)})


def _sum(head: str, first: LinearForm, second: LinearForm | None = None) -> LinearForm:
    if second is None:
        return first.times(Fraction(-1))
    return first + second if head == "+" else first - second


@dataclass(frozen=True)
class Inequality:
    """`form ≥ 0`, or `form = 0` where `equation`; `cost` says how gladly a proof uses it (small is glad)."""

    form: LinearForm
    equation: bool
    cost: int = 1


def farkas(goal: LinearForm, known: Sequence[Inequality]) -> tuple[Fraction, ...] | None:
    """Multipliers m, one for each known inequality, with goal = Σ m_i·form_i + c identically and a constant c ≥ 0.

    m_i ≥ 0 where i is not an equation, so the multipliers prove goal ≥ 0. By Farkas' lemma (Farkas 1902; Schrijver
    1986, Corollary 7.1h) they exist whenever the known inequalities have a solution and imply the goal over ℚ; the
    answer is None where there are none. One choice of least total cost Σ cost_i·|m_i| is taken.

    >>> x = LinearForm.of({("rank", ("matrix", "G")): Fraction(1)})
    >>> bound = LinearForm.of({("rank", ("matrix", "G")): Fraction(-1), ONE: Fraction(4)})
    >>> goal = LinearForm.of({("rank", ("matrix", "G")): Fraction(-2), ONE: Fraction(9)})
    >>> [str(m) for m in farkas(goal, [Inequality(x, False), Inequality(bound, False)])]
    ['0', '2']
    """
    columns: list[tuple[int, int]] = []
    for i, inequality in enumerate(known):
        columns += [(i, 1), (i, -1)] if inequality.equation else [(i, 1)]
    atoms = dict.fromkeys(atom for form in (goal, *(k.form for k in known)) for atom in form.terms if atom != ONE)
    rows = [
        {c: sign * known[i].form[atom] for c, (i, sign) in enumerate(columns) if known[i].form[atom]} for atom in atoms
    ]
    # The last row balances the constants; its slack, the last column, is the nonnegative constant that is left over.
    constants = {c: sign * known[i].form.constant for c, (i, sign) in enumerate(columns) if known[i].form.constant}
    rows.append(constants | {len(columns): Fraction(1)})
    right = [*(goal[atom] for atom in atoms), goal.constant]
    costs = [Fraction(known[i].cost) for i, _ in columns] + [Fraction(0)]
    solution = minimise(costs, rows, right)
    if solution is None:
        return None
    multipliers = [Fraction(0)] * len(known)
    for (i, sign), value in zip(columns, solution, strict=False):
        multipliers[i] += sign * value
    return tuple(multipliers)
