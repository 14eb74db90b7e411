"""Sums of products as plain data: what a derivation prints, in whatever notation.

A polynomial becomes its terms, a coefficient and powers of named generators; a generator that stands for something has
a definition. Definitions are listed so that each uses only names that come earlier.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from geomcheck.fields.symbols import Polynomial, SpecialValue

Factors = tuple[tuple[str, int], ...]


@final
@dataclass(frozen=True)
class Terms:
    """Σ coefficient · Π name^exponent; no term means 0.

    >>> Terms(((Fraction(2), (("a", 1),)), (Fraction(-1), ()))).names
    frozenset({'a'})
    """

    terms: tuple[tuple[Fraction, Factors], ...]

    @classmethod
    def of(cls, polynomial: Polynomial) -> Terms:
        """The terms of a polynomial, in its ring's order."""
        names = polynomial.terms.context().names()
        return cls(
            tuple(
                (Fraction(int(c.p), int(c.q)), tuple((names[i], int(e)) for i, e in enumerate(exponents) if e))
                for exponents, c in polynomial.terms.to_dict().items()
            )
        )

    @classmethod
    def name(cls, name: str) -> Terms:
        """One generator."""
        return cls(((Fraction(1), ((name, 1),)),))

    @classmethod
    def number(cls, value: Fraction) -> Terms:
        """A constant."""
        return cls(((value, ()),) if value else ())

    @property
    def names(self) -> frozenset[str]:
        """The generators that occur."""
        return frozenset(name for _, factors in self.terms for name, _ in factors)

    @property
    def bare(self) -> str | None:
        """The generator this is, or None."""
        if len(self.terms) == 1 and self.terms[0][0] == 1 and len(self.terms[0][1]) == 1:
            name, exponent = self.terms[0][1][0]
            return name if exponent == 1 else None
        return None

    def renamed(self, rename: Callable[[str], str]) -> Terms:
        """The same sum in other names."""
        return Terms(tuple((c, tuple((rename(n), e) for n, e in factors)) for c, factors in self.terms))


@final
@dataclass(frozen=True)
class Definition:
    """``name`` = function(argument), or ``name`` = argument when ``function`` is None."""

    name: str
    function: str | None
    argument: Terms

    def renamed(self, rename: Callable[[str], str]) -> Definition:
        """The same definition in other names."""
        return Definition(rename(self.name), self.function, self.argument.renamed(rename))


def needed(definitions: Sequence[Definition], names: Iterable[str]) -> tuple[Definition, ...]:
    """The definitions that ``names`` rest on, directly or through one another, in their order."""
    wanted = set(names)
    kept: list[Definition] = []
    for definition in reversed(definitions):
        if definition.name in wanted:
            kept.append(definition)
            wanted |= definition.argument.names
    return tuple(reversed(kept))


@final
@dataclass(frozen=True)
class Template:
    """Formulas in local names, written out once for each unit or each sample.

    ``values`` gives what each output is in entries: a number, one product, or the name of a definition.
    """

    definitions: tuple[Definition, ...]
    values: dict[str, Terms]

    @classmethod
    def of(
        cls,
        outputs: dict[str, Polynomial],
        special_values: Sequence[SpecialValue],
        names: Callable[[str, int], str],
        inline: int = 1,
    ) -> Template:
        """From polynomials in special values; ``names(function, i)`` names the i-th value of a function.

        A special value that is itself an output takes the output's name; an output of more than ``inline`` terms gets
        a definition.
        """
        sums = {name: Terms.of(polynomial) for name, polynomial in outputs.items()}
        outward = {value.bare: name for name, value in reversed(sums.items())}
        local: dict[str, str] = {}
        met: Counter[str] = Counter()
        for special in special_values:
            number = met[special.function]
            local[special.generator] = outward.get(special.generator) or names(special.function, number)
            met[special.function] += special.generator not in outward

        def rename(name: str) -> str:
            return local.get(name, name)

        definitions = [
            Definition(local[special.generator], special.function, Terms.of(special.argument).renamed(rename))
            for special in special_values
        ]
        values: dict[str, Terms] = {}
        for name, value in sums.items():
            here = value.renamed(rename)
            if len(here.terms) <= inline or here.bare == name or not here.names:
                values[name] = here
            else:
                values[name] = Terms.name(name)
                definitions.append(Definition(name, None, here))
        return cls(tuple(definitions), values)

    @property
    def names(self) -> frozenset[str]:
        """The local names that entries can contain."""
        return frozenset(name for value in self.values.values() for name in value.names)

    def written(self, rename: Callable[[str], str]) -> Iterator[Definition]:
        """The definitions in the names of one unit or sample."""
        return (definition.renamed(rename) for definition in self.definitions)
