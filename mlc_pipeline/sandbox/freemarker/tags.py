"""Reads what stands inside single tags: loop variables, assignments, parameters, arguments, settings."""

from mlc_pipeline.sandbox.freemarker.assignments import Assign, Assignments, Setting
from mlc_pipeline.sandbox.freemarker.errors import TemplateFailure
from mlc_pipeline.sandbox.freemarker.expression_parser import ExpressionParser
from mlc_pipeline.sandbox.freemarker.expressions import Expression, Literal
from mlc_pipeline.sandbox.freemarker.lexer import Tag
from mlc_pipeline.sandbox.freemarker.macros import Arguments, Parameters

_ASSIGNMENTS = ("=", "+=", "-=", "*=", "/=", "%=")
_SETTINGS = ("number_format", "boolean_format")
_HEADER = ("encoding", "strip_whitespace", "strict_syntax", "attributes", "output_format")
_PLAIN_FORMATS = ("undefined", "plainText", "JSON", "JavaScript")


def list_source(tag: Tag) -> tuple[Expression, tuple[str, ...]]:
    """`source as a` or `source as key, value` of a `<#list>`; the names may be left out."""
    tokens = ExpressionParser(tag.tokens, tag.at)
    return tokens.expression(), loop_variables(tokens)


def loop_variables(tokens: ExpressionParser) -> tuple[str, ...]:
    """`as a` or `as key, value`, up to the end of the tag; none when nothing is left."""
    if not tokens.takes_name("as"):
        tokens.expect_end()
        return ()
    names = [tokens.expect_name()]
    if tokens.takes_operator(","):
        names.append(tokens.expect_name())
    tokens.expect_end()
    return tuple(names)


def captured_name(tag: Tag) -> str | None:
    """The variable of `<#assign x>...</#assign>`; None for a tag that assigns by itself."""
    tokens = ExpressionParser(tag.tokens, tag.at)
    name = tokens.expect_name()
    return None if tokens.token else name


def assignments(tag: Tag) -> Assign | Assignments:
    """`x = 1 y = 2`, `x += 1`, `x++`."""
    tokens = ExpressionParser(tag.tokens, tag.at)
    found: list[Assign] = []
    while tokens.token:
        found.append(_assignment(tag.name, tokens))
        tokens.takes_operator(",")
    return found[0] if len(found) == 1 else Assignments(tuple(found))


def _assignment(layer: str, tokens: ExpressionParser) -> Assign:
    name = tokens.expect_name()
    if step := tokens.takes_operator("++", "--"):
        return Assign(layer, name, f"{step.value[0]}=", Literal(1, step.at), step.at)
    operator = tokens.takes_operator(*_ASSIGNMENTS)
    if operator is None:
        raise TemplateFailure(f"'=' is missing behind {name}", tokens.at)
    return Assign(layer, name, operator.value, tokens.expression(), operator.at)


def signature(tag: Tag) -> tuple[str, Parameters]:
    """`name a b=1 rest...` of a macro or function, with or without brackets and commas."""
    tokens = ExpressionParser(tag.tokens, tag.at)
    routine = tokens.expect_name()
    defaults: dict[str, Expression | None] = {}
    rest = None
    bracketed = tokens.takes_operator("(") is not None
    while tokens.token and not tokens.token.is_operator(")"):
        name = tokens.expect_name()
        if tokens.takes_operator("..."):
            rest = name
        else:
            defaults[name] = tokens.expression() if tokens.takes_operator("=") else None
        tokens.takes_operator(",")
    if bracketed:
        tokens.expect_operator(")")
    tokens.expect_end()
    return routine, Parameters(defaults, rest)


def call_arguments(tag: Tag) -> Arguments:
    """`a=1 b=2` or `1 2` of a macro call, then `; x, y` for its body."""
    tokens = ExpressionParser(tag.tokens, tag.at)
    positional: list[Expression] = []
    named: dict[str, Expression] = {}
    while tokens.token and not tokens.token.is_operator(";"):
        if tokens.at_named_argument():
            name = tokens.expect_name()
            tokens.expect_operator("=")
            named[name] = tokens.expression()
        else:
            positional.append(tokens.expression())
        tokens.takes_operator(",")
    return Arguments(tuple(positional), named, _body_variables(tokens))


def _body_variables(tokens: ExpressionParser) -> tuple[str, ...]:
    variables: list[str] = []
    if tokens.takes_operator(";"):
        variables.append(tokens.expect_name())
        while tokens.takes_operator(","):
            variables.append(tokens.expect_name())
    return tuple(variables)


def nested_values(tag: Tag) -> tuple[Expression, ...]:
    """`1, 2` of a `<#nested>`."""
    tokens = ExpressionParser(tag.tokens, tag.at)
    values: list[Expression] = []
    while tokens.token:
        values.append(tokens.expression())
        tokens.takes_operator(",")
    return tuple(values)


def setting(tag: Tag) -> Setting:
    """`number_format="..."` or `boolean_format="..."`."""
    tokens = ExpressionParser(tag.tokens, tag.at)
    name = tokens.expect_name()
    if name not in _SETTINGS:
        raise TemplateFailure(f"The sandbox does not know the setting {name}", tag.at)
    tokens.expect_operator("=")
    value = tokens.expression()
    tokens.expect_end()
    return Setting(name, value)


def check_header(tag: Tag) -> None:
    """An `<#ftl>` header may name only what changes nothing here."""
    tokens = ExpressionParser(tag.tokens, tag.at)
    while tokens.token:
        name = tokens.expect_name()
        tokens.expect_operator("=")
        value = tokens.expression()
        is_plain = isinstance(value, Literal) and value.value in _PLAIN_FORMATS
        if name not in _HEADER or (name == "output_format" and not is_plain):
            raise TemplateFailure(f"The sandbox does not know this {name} in <#ftl>", tag.at)
