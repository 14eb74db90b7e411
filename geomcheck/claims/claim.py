"""A claim: its text, its tree, and the three parts of it."""

from dataclasses import dataclass

from geomcheck.claims.grammar import parse
from geomcheck.claims.tree import Tree, unparse


@dataclass(frozen=True)
class Claim:
    """A parsed claim `formula at point_set given condition`.

    `tree` is `("claim", formula, point_set or None, given or None)`. Without `at` a claim is about all points, without
    `given` it has no condition.

    >>> claim = parse_claim("rank(H) <= N*K at perfect_fits given positive_definite(D)")
    >>> claim.point_set, claim.given
    ('perfect_fits', ('positive_definite', ('matrix', 'D')))
    """

    text: str
    tree: Tree

    @property
    def formula(self) -> Tree:
        """What is claimed to hold."""
        formula: Tree = self.tree[1]
        return formula

    @property
    def point_set(self) -> str | None:
        """The point set after `at`, or None."""
        point_set: str | None = self.tree[2]
        return point_set

    @property
    def given(self) -> Tree | None:
        """The condition after `given`, or None."""
        given: Tree | None = self.tree[3]
        return given

    @property
    def canonical(self) -> str:
        """The claim in its canonical spelling.

        >>> parse_claim("rank( H )==  2").canonical
        'rank(H) == 2'
        """
        return unparse(self.tree)


def parse_claim(text: str, source_name: str = "claim") -> Claim:
    """The claim that a text states; raises `SyntaxProblem` with line, column and caret, or `LimitError`.

    >>> parse_claim("nullity(H) > 0").formula
    ('>', ('nullity', ('matrix', 'H')), ('number', '0'))
    """
    return Claim(text, parse(text, source_name))
