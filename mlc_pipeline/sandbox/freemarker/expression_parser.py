"""Reads tokens into expression nodes, with FreeMarker's precedence."""

import re
from collections.abc import Callable

from mlc_pipeline.sandbox.freemarker.builtin_calls import BuiltinCall, known, takes_arguments
from mlc_pipeline.sandbox.freemarker.errors import Place, TemplateFailure
from mlc_pipeline.sandbox.freemarker.expressions import (
    Binary,
    Bracketed,
    Call,
    Default,
    Exists,
    Expression,
    Literal,
    Logic,
    Member,
    Name,
    Unary,
)
from mlc_pipeline.sandbox.freemarker.literals import HashLiteral, InterpolatedString, SequenceLiteral
from mlc_pipeline.sandbox.freemarker.numbers import parse as parse_number
from mlc_pipeline.sandbox.freemarker.ranges import Range, Slice
from mlc_pipeline.sandbox.freemarker.string_literals import string_parts
from mlc_pipeline.sandbox.freemarker.tokens import NAME, NUMBER, OPERATOR, RAW_STRING, STRING, Token

_WORD_OPERATORS = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_RESERVED = {"true", "false", "gt", "gte", "lt", "lte", "as", "in", "using"}
_RANGES = ("..", "..<", "..!", "..*")


class ExpressionParser:
    """Walks over the tokens of one tag or interpolation; `end` is where to point when they end too early."""

    def __init__(self, tokens: list[Token], end: Place) -> None:
        self._tokens = tokens
        self._next = 0
        self._end = end

    @property
    def token(self) -> Token | None:
        """The token that comes next, None at the end."""
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    @property
    def at(self) -> Place:
        """Where the next token stands."""
        return self.token.at if self.token else self._end

    def take(self) -> Token:
        """The next token; moves on."""
        token = self.token
        if token is None:
            raise TemplateFailure("An expression is missing or ends too early", self._end)
        self._next += 1
        return token

    def takes_operator(self, *values: str) -> Token | None:
        """The next token if it is one of these operators; then moves on."""
        return self.take() if self.token and self.token.is_operator(*values) else None

    def takes_name(self, *values: str) -> Token | None:
        """The next token if it is one of these words; then moves on."""
        return self.take() if self.token and self.token.is_name(*values) else None

    def expect_operator(self, value: str) -> Token:
        """The next token, which must be this operator."""
        return self.takes_operator(value) or self._fail(f"{value!r} is missing")

    def expect_name(self) -> str:
        """The next token, which must be a name (or a quoted one)."""
        token = self.take()
        if token.kind == STRING:
            return token.value[1:-1]
        if token.kind != NAME or token.value in _RESERVED:
            raise TemplateFailure(f"A name is needed here, not {token.value!r}", token.at)
        return unescaped_name(token.value)

    def expect_end(self) -> None:
        """Nothing may follow."""
        if self.token:
            self._fail(f"{self.token.value!r} does not belong here")

    def _fail(self, message: str) -> Token:
        raise TemplateFailure(message, self.at)

    def expression(self) -> Expression:
        """A whole expression."""
        return self._logic("||", lambda: self._logic("&&", self._equality))

    def _logic(self, operator: str, side: Callable[[], Expression]) -> Expression:
        left = side()
        while token := self.takes_operator(operator, *(("&",) if operator == "&&" else ())):
            left = Logic(operator, left, side(), token.at)
        return left

    def _equality(self) -> Expression:
        left = self._relation()
        if token := self.takes_operator("==", "!=", "="):
            return Binary("!=" if token.value == "!=" else "==", left, self._relation(), token.at)
        return left

    def _relation(self) -> Expression:
        left = self._range()
        if token := self.takes_operator("<", ">", "<=", ">=") or self.takes_name(*_WORD_OPERATORS):
            return Binary(_WORD_OPERATORS.get(token.value, token.value), left, self._range(), token.at)
        return left

    def _range(self) -> Expression:
        left = self._sum()
        if token := self.takes_operator(*_RANGES):
            end = self._sum() if self._starts_expression() else None
            return Range(left, token.value, end, token.at)
        return left

    def _sum(self) -> Expression:
        left = self._product()
        while token := self.takes_operator("+", "-"):
            left = Binary(token.value, left, self._product(), token.at)
        return left

    def _product(self) -> Expression:
        left = self.prefixed()
        while token := self.takes_operator("*", "/", "%"):
            left = Binary(token.value, left, self.prefixed(), token.at)
        return left

    def prefixed(self) -> Expression:
        """An operand with its signs; what a macro call takes as one positional argument."""
        if token := self.takes_operator("!", "-", "+"):
            return Unary(token.value, self.prefixed(), token.at)
        return self._postfixed(self._primary())

    def at_named_argument(self) -> bool:
        """Whether `name =` comes next."""
        named = self._tokens[self._next : self._next + 2]
        return len(named) == 2 and named[0].kind == NAME and named[1].is_operator("=")

    def _postfixed(self, node: Expression) -> Expression:
        while token := self.takes_operator(".", "[", "(", "?", "??", "!"):
            node = self._suffix(node, token)
        return node

    def _suffix(self, node: Expression, token: Token) -> Expression:
        if token.value == ".":
            return Member(node, Literal(self._member_name(), token.at), token.at)
        if token.value == "[":
            return self._index(node, token)
        if token.value == "(":
            return Call(node, self._arguments(), token.at)
        if token.value == "?":
            return self._builtin(node, token)
        if token.value == "??":
            return Exists(node, token.at)
        return Default(node, self.expression() if self._starts_default() else None, token.at)

    def _member_name(self) -> str:
        token = self.take()
        if token.kind != NAME:
            raise TemplateFailure(f"A name is needed behind the dot, not {token.value!r}", token.at)
        return unescaped_name(token.value)

    def _index(self, node: Expression, token: Token) -> Expression:
        key = self.expression()
        self.expect_operator("]")
        return Slice(node, key, token.at) if isinstance(key, Range) else Member(node, key, token.at)

    def _arguments(self) -> tuple[Expression, ...]:
        arguments: list[Expression] = []
        while not self.takes_operator(")"):
            arguments.append(self.expression())
            self._comma_before(")")
        return tuple(arguments)

    def _comma_before(self, closer: str) -> None:
        """A comma that may be left out between two items, but must not stand behind the last."""
        if self.takes_operator(",") and self.token and self.token.is_operator(closer):
            self._fail(f"Something is missing between ',' and {closer!r}")

    def _builtin(self, node: Expression, token: Token) -> Expression:
        name = self.take()
        if name.kind != NAME or not known(name.value):
            raise TemplateFailure(f"?{name.value} is not a built-in that is known here", name.at)
        arguments: tuple[Expression, ...] = ()
        if takes_arguments(name.value) and self.takes_operator("("):
            arguments = self._arguments()
        elif name.value == "string" and self.takes_operator("."):
            arguments = (Literal(self._member_name(), token.at),)
        elif name.value == "string" and self.takes_operator("["):
            arguments = (self.expression(),)
            self.expect_operator("]")
        return BuiltinCall(node, name.value, arguments, token.at)

    def _starts_expression(self) -> bool:
        token = self.token
        if token is None or token.is_name("gt", "gte", "lt", "lte", "as", "in", "using"):
            return False
        return token.kind != OPERATOR or token.value in ("(", "[", "{", "-", "+", "!")

    def _starts_default(self) -> bool:
        """Whether a default follows `!`; `x! y=1` in a macro call has none, as `y=` starts the next argument."""
        return self._starts_expression() and not self.at_named_argument()

    def _primary(self) -> Expression:
        token = self.take()
        if token.kind == NUMBER:
            return Literal(parse_number(token.value), token.at)
        if token.kind in (STRING, RAW_STRING):
            return self._string(token)
        if token.kind == NAME:
            return self._name(token)
        if token.value == "(":
            inner = self.expression()
            self.expect_operator(")")
            return Bracketed(inner, token.at)
        if token.value == "[":
            return SequenceLiteral(self._items(), token.at)
        if token.value == "{":
            return HashLiteral(self._pairs(), token.at)
        raise TemplateFailure(f"{token.value!r} cannot start an expression", token.at)

    def _name(self, token: Token) -> Expression:
        if token.value in ("true", "false"):
            return Literal(token.value == "true", token.at)
        if token.value in _RESERVED:
            raise TemplateFailure(f"{token.value!r} is a reserved word, not a variable", token.at)
        return Name(unescaped_name(token.value), token.at)

    def _string(self, token: Token) -> Expression:
        if token.kind == RAW_STRING:
            return Literal(token.value[2:-1], token.at)
        parts = tuple(part if isinstance(part, str) else parse_expression(*part) for part in string_parts(token))
        if all(isinstance(part, str) for part in parts):
            return Literal("".join(part for part in parts if isinstance(part, str)), token.at)
        return InterpolatedString(parts, token.at)

    def _items(self) -> tuple[Expression, ...]:
        items: list[Expression] = []
        while not self.takes_operator("]"):
            items.append(self.expression())
            self._comma_before("]")
        return tuple(items)

    def _pairs(self) -> tuple[tuple[Expression, Expression], ...]:
        pairs: list[tuple[Expression, Expression]] = []
        while not self.takes_operator("}"):
            key = self.expression()
            if not self.takes_operator(":", ","):
                self._fail("':' is missing between a key and its value")
            pairs.append((key, self.expression()))
            self._comma_before("}")
        return tuple(pairs)


def parse_expression(tokens: list[Token], end: Place) -> Expression:
    """The expression that all the tokens together make."""
    parser = ExpressionParser(tokens, end)
    node = parser.expression()
    parser.expect_end()
    return node


def unescaped_name(name: str) -> str:
    """A name without the backslashes before `-`, `.` and `:`."""
    return re.sub(r"\\([-.:])", r"\1", name)
