"""From the text of a claim to its tree: a small recursive-descent parser that checks kinds as it goes.

    claim   := formula [ "at" point_set ] [ "given" formula ]
    formula := or [ "implies" formula ]       or    := and { "or" and }          and     := not { "and" not }
    not     := "not" not | comparison         comparison := sum { ("==" | "!=" | "<=" | "<" | ">=" | ">") sum }
    sum     := meet { ("+" | "-") meet }      meet  := product { "&" product }   product := unary { "*" unary }
    unary   := "-" unary | postfix            postfix := primary { ".T" | "[" integer "," integer "]" | "@" place }
    primary := "(" formula ")" | integer [ "/" integer ] | word | word "(" formula { "," formula } ")"
             | "A" "[" integer "]" | point | permutation
    place   := point | "permuted" "(" formula "," formula ")" | "(" formula ")"

A point is one capital letter other than the words P N K L F G D H (and A where "[" follows), a permutation one small
letter other than r. A claim that names points takes every quantity at a point: L@A, never bare L.

A chain `a <= b <= c` stands for `a <= b and b <= c`. Nothing is evaluated and no name is looked up outside
`geomcheck.claims.vocabulary`. Every failure is a `SyntaxProblem` with line, column, caret and the nearest known word.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NoReturn

from geomcheck.claims.kinds import MAX_DIGITS, MAX_INDEX, KindMismatch, combine
from geomcheck.claims.tree import COMPARISONS, MAX_DEPTH, Tree, depends_on_point, level, unparse
from geomcheck.claims.vocabulary import (
    A_KIND,
    KEYWORDS,
    POINT_SETS,
    WORDS_BY_NAME,
    Kind,
    Word,
)
from geomcheck.errors import InputError, SyntaxProblem, described
from geomcheck.problem.letters import is_permutation_letter, is_point_letter
from geomcheck.problem.scanner import Scanner, Token, suggest

MAX_LENGTH = 10_000
MAX_NESTING = 50

# What people write out of habit from elsewhere, and what to write here.
_HABITS: Final = {
    "=": "==", "≤": "<=", "≥": ">=", "≠": "!=", "&&": "and", "∧": "and", "||": "or", "|": "or", "∨": "or", "!": "not",
    "¬": "not", "->": "implies", "⇒": "implies", "→": "implies", "∈": "at", "∩": "&", "⊕": "+", "−": "-", "–": "-",
    "·": "*", "×": "*", "**": "*", "^": "*", "⁄": "/", "ᵀ": ".T", "⊤": ".T", "'": ".T",
}  # fmt: skip
_INFIX: Final = ("implies", "or", "and", *COMPARISONS, "+", "-", "&", "*")
_NAMES: Final = (*WORDS_BY_NAME, *KEYWORDS)


@dataclass(frozen=True)
class _Part:
    """A parsed part: its tree and kind, the nesting of the tree, and the token to point at."""

    tree: Tree
    kind: Kind
    depth: int
    token: Token


def parse(text: str, source_name: str = "claim") -> Tree:
    """The tree `("claim", formula, point_set or None, given or None)` of a claim's text.

    Raises `SyntaxProblem` for anything the grammar or the kinds do not allow and `LimitError` above 10,000 characters.

    >>> parse("rank(H) == rank(G) at perfect_fits")
    ('claim', ('==', ('rank', ('matrix', 'H')), ('rank', ('matrix', 'G'))), 'perfect_fits', None)
    """
    parser = _parser(text, source_name)
    formula = parser.formula()
    point_set = parser.point_set() if parser.scanner.accept("at") else None
    given = parser.formula() if parser.scanner.accept("given") else None
    parser.end()
    parser.same_subject()
    return ("claim", formula, point_set, given)


def parse_term(text: str, source_name: str = "term") -> tuple[Tree, Kind]:
    """The tree and the kind of one term, matrix, subspace or formula, as `geomcheck eval` takes them.

    >>> parse_term("im(G) & ker(D)")
    (('&', ('im', ('matrix', 'G')), ('ker', ('matrix', 'D'))), 'subspace')
    """
    parser = _parser(text, source_name)
    part = parser.expression()
    parser.end()
    parser.same_subject()
    return part.tree, part.kind


def _parser(text: str, source_name: str) -> "_Parser":
    if not isinstance(text, str):
        raise InputError(f"expected the text of a claim, got {described('text', text)}; write it in quotes")
    if not text.strip():
        message = "the claim is empty; write for example rank(H) == rank(G) at perfect_fits"
        raise SyntaxProblem(message, source_name, 1, 1, "")
    try:
        return _Parser(Scanner(text, source_name, MAX_LENGTH))
    except SyntaxProblem as problem:
        character = problem.text[problem.column - 1 : problem.column]
        if character not in _HABITS:
            raise
        message = f"unexpected character '{character}'; did you mean '{_HABITS[character]}'?"
        raise SyntaxProblem(message, source_name, problem.line, problem.column, problem.text) from None


class _Parser:
    """Recursive descent, with the operators by precedence: `geomcheck.claims.tree.level` says which binds tighter."""

    def __init__(self, scanner: Scanner) -> None:
        self.scanner = scanner
        self.nesting = 0  # parentheses and signs around the current place
        self.calls = 0  # calls of `expression` under way, which bound the depth of recursion
        self.bare: dict[Token, str] = {}  # quantities not taken at a point, and where they stand
        self.named: str | None = None  # the first point named

    def formula(self) -> Tree:
        """A whole expression that must be a statement."""
        part = self.expression()
        if part.kind != "formula":
            # `rank(H) = 2` stops before the wrong sign, which is then the better place to point at.
            self._habit()
            self.scanner.fail(f"expected a statement such as rank(H) == 2, got {A_KIND[part.kind]}", part.token)
        return part.tree

    def point_set(self) -> str:
        """The name after `at`."""
        token = self.scanner.take()
        if token.text not in POINT_SETS:
            if token.kind != "name":
                known = ", ".join(POINT_SETS)
                self.scanner.fail(f"expected a point set after 'at', got {token.shown()}; known: {known}", token)
            self.scanner.fail_unknown("point set", token, POINT_SETS)
        return token.text

    def end(self) -> None:
        """Nothing may follow."""
        token = self.scanner.peek()
        if token.kind == "end":
            return
        self._habit()
        if token.text == "at":
            self.scanner.fail("'at' comes once, before 'given'", token)
        if token.text in (")", "]"):
            self.scanner.fail(
                f"there is no '{'(' if token.text == ')' else '['}' that this '{token.text}' closes", token
            )
        if token.text in ("and", "or", "implies", *COMPARISONS):
            # The formula before 'at' takes them all, so this one follows the point set.
            order = "first the whole formula, then 'at' and the point set, then 'given' and a further hypothesis"
            self.scanner.fail(f"'{token.text}' stands after the point set; write {order}", token)
        if token.kind == "name" and token.text not in WORDS_BY_NAME and suggest(token.text, KEYWORDS):
            self.scanner.fail_unknown("connective", token, KEYWORDS)
        self.scanner.fail(f"expected the end or one of and, or, implies, at, given, got {token.shown()}", token)

    def same_subject(self) -> None:
        """Either no point is named, or every quantity is taken at one."""
        for token, text in self.bare.items() if self.named else ():
            message = f"'{text}' is not taken at a point, and '{self.named}' names one; write {text}@{self.named}"
            self.scanner.fail(message, token)

    def expression(self, weakest: int = 1) -> _Part:
        """An expression of any kind, up to the first operator that binds less tightly than `weakest`."""
        self.calls += 1
        if self.calls > 4 * MAX_NESTING:
            self._too_deep(self.scanner.peek(), MAX_NESTING)
        left = self._operand()
        while self.scanner.at(*_INFIX) and level(self.scanner.peek().text) >= weakest:
            if self.scanner.at(*COMPARISONS):
                left = self._comparisons(left)
                continue
            operator = self.scanner.take()
            tighter = 0 if operator.text == "implies" else 1
            right = self.expression(level(operator.text) + tighter)
            left = self._combine(operator.text, operator, left, right)
        self.calls -= 1
        return left

    def _comparisons(self, left: _Part) -> _Part:
        chain: _Part | None = None
        while self.scanner.at(*COMPARISONS):
            operator = self.scanner.take()
            right = self.expression(level(operator.text) + 1)
            link = self._combine(operator.text, operator, left, right)
            chain = link if chain is None else self._combine("and", operator, chain, link)
            left = right
        return chain or left

    def _nested(self, token: Token, weakest: int = 1) -> _Part:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            self._too_deep(token, MAX_NESTING)
        part = self.expression(weakest)
        self.nesting -= 1
        return part

    def _operand(self) -> _Part:
        token = self.scanner.peek()
        if self.scanner.accept("not"):
            return self._combine("not", token, self._nested(token, level("not")))
        if self.scanner.accept("-"):
            return self._combine("neg", token, self._nested(token, level("neg")))
        if self.scanner.accept("("):
            part = self._nested(token)
            self._close(")", token)
        else:
            part = self._primary(token)
        while self.scanner.at(".", "[", "@"):
            part = self._postfix(self.scanner.take(), part)
        return part

    def _postfix(self, operator: Token, part: _Part) -> _Part:
        if operator.text == ".":
            self.scanner.expect("T", "after '.', as in G.T")
            return self._combine("transpose", operator, part)
        if operator.text == "@":
            taken = self._combine("@", operator, part, self._place(operator))
            self.bare.pop(part.token, None)
            return taken
        row = self._integer("a row number, counted from 0")
        self.scanner.expect(",", "between row and column, as in H[0, 0]")
        column = self._integer("a column number, counted from 0")
        self._close("]", operator)
        return self._combine("entry", operator, part, indices=(row, column))

    def _place(self, operator: Token) -> _Part:
        """What follows '@': a point, never the activations A[l], so that H@A[0, 1] is an entry of H at A."""
        token = self.scanner.peek()
        if is_point_letter(token.text):
            return self._point(self.scanner.take())
        if token.text == "permuted":
            return self._primary(token)
        if not self.scanner.accept("("):
            expected = "expected a point after '@', such as A, permuted(A, s) or (1/2*A + 1/2*B)"
            self.scanner.fail(f"{expected}, got {token.shown()}", token)
        part = self._nested(operator)
        self._close(")", token)
        return part

    def _point(self, token: Token) -> _Part:
        self.named = self.named or token.text
        return _Part(("point", token.text), "point", 1, token)

    def _primary(self, token: Token) -> _Part:
        if token.kind == "integer":
            return self._number()
        if token.kind == "decimal":
            self.scanner.fail(f"a number is p or p/q, got {token.shown()}; write 1/10 for 0.1", token)
        if token.kind != "name" or token.text in KEYWORDS:
            self._habit()
            self.scanner.fail(f"expected a quantity, a number or '(', got {token.shown()}", token)
        if is_point_letter(token.text) and not (token.text in WORDS_BY_NAME and self.scanner.peek(1).text == "["):
            return self._point(self.scanner.take())
        if is_permutation_letter(token.text):
            return _Part(("permutation", self.scanner.take().text), "permutation", 1, token)
        if token.text not in WORDS_BY_NAME:
            if token.text in POINT_SETS:
                self.scanner.fail(f"'{token.text}' is a point set: write it after 'at'", token)
            self.scanner.fail_unknown("word", token, _NAMES)
        return self._word(WORDS_BY_NAME[self.scanner.take().text], token)

    def _word(self, word: Word, token: Token) -> _Part:
        if not word.arguments:
            if self.scanner.at("("):
                self.scanner.fail(f"'{word.name}' takes no argument ({word.meaning})")
            return self._quantity(_Part(word.tree(), word.result, 1, token))
        opening, closing = ("[", "]") if word.indexed else ("(", ")")
        self.scanner.expect(opening, f"after '{word.name}', as in {word.usage}")
        if word.indexed:
            layer = self._integer("the number of a layer, 0 for the inputs")
            self._close(closing, token)
            return self._quantity(_Part(word.tree(layer), word.result, 1, token))
        arguments: list[_Part] = []
        for position in range(len(word.arguments)):
            if position:
                self.scanner.expect(",", f"between the arguments of {word.usage}")
            # No word is about a statement: a comparison in here means that a parenthesis was left open.
            arguments.append(self._nested(token, level("==") + 1))
        self._close(closing, token)
        return self._combine(word.head or word.name, token, *arguments)

    def _quantity(self, part: _Part) -> _Part:
        if depends_on_point(part.tree):
            self.bare[part.token] = unparse(part.tree)
        return part

    def _number(self) -> _Part:
        token = self.scanner.take()
        value = Fraction(self._digits(token))
        if self.scanner.at("/"):
            slash, denominator = self.scanner.take(), self.scanner.peek()
            if denominator.kind != "integer":
                self.scanner.fail("'/' stands only between two whole numbers, as in 1/2", slash)
            if (bottom := self._digits(self.scanner.take())) == 0:
                self.scanner.fail("the denominator is zero", denominator)
            value /= bottom
        return _Part(("number", str(value)), "scalar", 1, token)

    def _integer(self, what: str) -> int:
        token = self.scanner.take()
        if token.kind != "integer":
            self.scanner.fail(f"expected {what}, got {token.shown()}", token)
        if (value := self._digits(token)) > MAX_INDEX:
            self.scanner.fail(f"the largest index is {MAX_INDEX}", token)
        return value

    def _digits(self, token: Token) -> int:
        if len(token.text) > MAX_DIGITS:
            message = f"a number may have {MAX_DIGITS} digits, this one has {len(token.text)}; shorten it"
            self.scanner.fail(message, token)
        return int(token.text)

    def _combine(self, head: str, operator: Token, *parts: _Part, indices: tuple[int, ...] = ()) -> _Part:
        try:
            kind = combine(head, tuple((part.tree, part.kind) for part in parts))
        except KindMismatch as mismatch:
            # `rank(H) and ...` and the like: an equals sign nearby explains more than the kinds do.
            self._habit()
            self.scanner.fail(str(mismatch), parts[mismatch.operand].token)
        depth = 1 + max(part.depth for part in parts)
        if depth > MAX_DEPTH:
            self._too_deep(operator, MAX_DEPTH)
        # Point at the start of an infix expression, at the operator or word of any other.
        start = parts[0].token if len(parts) == 2 else operator
        return _Part((head, *(part.tree for part in parts), *indices), kind, depth, start)

    def _habit(self) -> None:
        token = self.scanner.peek()
        if token.text in _HABITS:
            self.scanner.fail(f"unexpected '{token.text}'; did you mean '{_HABITS[token.text]}'?", token)
        if token.text == "/":
            self.scanner.fail("'/' stands only between two whole numbers, as in 1/2: multiply out instead", token)

    def _close(self, closing: str, opened: Token) -> None:
        if not self.scanner.at(closing):
            self._habit()
            self.scanner.expect(closing, f"to close {opened.shown()} of column {opened.column}")
        self.scanner.take()

    def _too_deep(self, token: Token, limit: int) -> NoReturn:
        self.scanner.fail(f"nested deeper than {limit} levels; write a shorter claim", token)
