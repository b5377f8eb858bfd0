"""Puts the pieces of a template together into nodes: one method per directive."""

from dataclasses import dataclass
from functools import lru_cache

from mlc_pipeline.sandbox.freemarker import directives as d
from mlc_pipeline.sandbox.freemarker import whitespace
from mlc_pipeline.sandbox.freemarker.assignments import Capture
from mlc_pipeline.sandbox.freemarker.blocks import tidied
from mlc_pipeline.sandbox.freemarker.errors import Place, TemplateFailure
from mlc_pipeline.sandbox.freemarker.expression_parser import ExpressionParser, parse_expression
from mlc_pipeline.sandbox.freemarker.expressions import Expression, Name
from mlc_pipeline.sandbox.freemarker.lexer import Comment, Interpolation, Piece, Tag, Text, pieces
from mlc_pipeline.sandbox.freemarker.macros import (
    Define,
    Function,
    Macro,
    MacroCall,
    Nested,
    ReturnStatement,
)
from mlc_pipeline.sandbox.freemarker.tags import (
    assignments,
    call_arguments,
    captured_name,
    check_header,
    list_source,
    loop_variables,
    nested_values,
    setting,
    signature,
)
from mlc_pipeline.sandbox.freemarker.tokens import Source


@dataclass(frozen=True, slots=True)
class Template:
    """A template ready to run; `definitions` are known from the start, wherever they stand."""

    body: d.Block
    definitions: tuple[Macro | Function, ...]


@lru_cache(maxsize=32)
def parse(text: str) -> Template:
    """Read a template."""
    parser = _TemplateParser(whitespace.strip(list(pieces(Source(text, Place(1, 1))))))
    return Template(parser.whole(), tuple(parser.definitions))


class _TemplateParser:
    def __init__(self, found: list[Piece]) -> None:
        self._pieces = found
        self._next = 0
        self._repeats = False  # whether the block being read is repeated, so that <#break> makes sense
        self._switches = 0  # how many <#switch> are open
        self._routine: str | None = None  # "#macro" or "#function" while inside one
        self.definitions: list[Macro | Function] = []

    def whole(self) -> d.Block:
        """The whole template."""
        block, _ = self._block(None)
        return block

    # blocks ---------------------------------------------------------------------------------------------------

    def _block(self, opener: Tag | None, *sections: str) -> tuple[d.Block, Tag]:
        """Nodes up to the closing tag of `opener`, or to one of the `sections` that divide it."""
        elements: list[d.Element | Comment] = []
        while self._next < len(self._pieces):
            piece = self._pieces[self._next]
            self._next += 1
            if isinstance(piece, Tag) and (piece.closes or piece.name in sections):
                self._check_closer(piece, opener, sections)
                return tidied(elements, at_top=opener is None), piece
            elements.append(self._element(piece))
        if opener is not None:
            raise TemplateFailure(f"<{opener.name}> is never closed", opener.at)
        return tidied(elements, at_top=True), Tag("", Place(1, 1), 1)

    def _check_closer(self, piece: Tag, opener: Tag | None, sections: tuple[str, ...]) -> None:
        if not piece.closes:
            return
        if opener is None or (piece.name != opener.name and piece.name != "@"):
            raise TemplateFailure(f"</{piece.name}> closes nothing that is open here", piece.at)

    def _element(self, piece: Piece) -> d.Element | Comment:
        if isinstance(piece, Comment):
            return piece
        if isinstance(piece, Text):
            return d.Print(piece.text)
        if isinstance(piece, Interpolation):
            return d.Interpolate(parse_expression(piece.tokens, piece.at))
        if piece.name.startswith("@"):
            return self._macro_call(piece)
        read = getattr(self, f"_read_{_snake_case(piece.name[1:])}", None)
        if read is None:
            raise TemplateFailure(f"<{piece.name}> is not a directive that is known here", piece.at)
        element: d.Element = read(piece)
        return element

    # decisions and loops --------------------------------------------------------------------------------------

    def _read_if(self, tag: Tag) -> d.Element:
        branches: list[tuple[Expression | None, d.Block]] = []
        condition: Expression | None = parse_expression(tag.tokens, tag.at)
        while True:
            sections = ("#elseif", "#elseIf", "#else") if condition else ()
            body, end = self._block(tag, *sections)
            branches.append((condition, body))
            if end.closes:
                return d.If(tuple(branches))
            condition = None if end.name == "#else" else parse_expression(end.tokens, end.at)

    def _read_switch(self, tag: Tag) -> d.Element:
        self._switches += 1
        _, end = self._block(tag, "#case", "#default")
        cases: list[tuple[Expression | None, d.Block]] = []
        while not end.closes:
            case = None if end.name == "#default" else parse_expression(end.tokens, end.at)
            body, end = self._block(tag, "#case", "#default")
            cases.append((case, body))
        self._switches -= 1
        return d.Switch(parse_expression(tag.tokens, tag.at), tuple(cases), tag.at)

    def _read_list(self, tag: Tag) -> d.Element:
        source, variables = list_source(tag)
        outer, self._repeats = self._repeats, bool(variables)
        body, end = self._block(tag, "#else")
        repeated, self._repeats = self._repeats, outer
        if not repeated:
            raise TemplateFailure("<#list> needs `as` and a name, or an <#items> inside", tag.at)
        otherwise = None if end.closes else self._block(tag)[0]
        return d.List(source, variables, body, otherwise, tag.at)

    def _read_items(self, tag: Tag) -> d.Element:
        variables = loop_variables(ExpressionParser(tag.tokens, tag.at))
        if not variables:
            raise TemplateFailure("<#items> needs `as` and a name", tag.at)
        self._repeats = True
        return d.Items(variables, self._block(tag)[0], tag.at)

    def _read_sep(self, tag: Tag) -> d.Element:
        """`<#sep>` may be left open: it then ends with what holds it."""
        body, end = self._block_until_any_closer(tag)
        if end.name != "#sep":
            self._next -= 1
        return d.Sep(body)

    def _block_until_any_closer(self, tag: Tag) -> tuple[d.Block, Tag]:
        elements: list[d.Element | Comment] = []
        while self._next < len(self._pieces):
            piece = self._pieces[self._next]
            self._next += 1
            if isinstance(piece, Tag) and (piece.closes or piece.name == "#else"):
                return tidied(elements, at_top=False), piece
            elements.append(self._element(piece))
        raise TemplateFailure("<#sep> stands in no <#list> or <#items>", tag.at)

    def _read_break(self, tag: Tag) -> d.Element:
        if not (self._repeats or self._switches):
            raise TemplateFailure("<#break> may only stand in a <#list> or <#switch>", tag.at)
        return d.Jump(d.Break)

    def _read_continue(self, tag: Tag) -> d.Element:
        if not self._repeats:
            raise TemplateFailure("<#continue> may only stand in a <#list>", tag.at)
        return d.Jump(d.Continue)

    # variables ------------------------------------------------------------------------------------------------

    def _read_assign(self, tag: Tag) -> d.Element:
        name = captured_name(tag)
        return assignments(tag) if name is None else Capture(tag.name, name, self._block(tag)[0])

    _read_global = _read_assign

    def _read_local(self, tag: Tag) -> d.Element:
        if self._routine is None:
            raise TemplateFailure("<#local> may only stand in a macro or function", tag.at)
        return self._read_assign(tag)

    # macros and functions -------------------------------------------------------------------------------------

    def _read_macro(self, tag: Tag) -> d.Element:
        outer = (self._routine, self._repeats, self._switches)
        self._routine, self._repeats, self._switches = tag.name, False, 0
        name, parameters = signature(tag)
        body, _ = self._block(tag)
        self._routine, self._repeats, self._switches = outer
        definition = (Macro if tag.name == "#macro" else Function)(name, parameters, body)
        self.definitions.append(definition)
        return Define(definition)

    _read_function = _read_macro

    def _read_return(self, tag: Tag) -> d.Element:
        if self._routine is None:
            raise TemplateFailure("<#return> may only stand in a macro or function", tag.at)
        if (self._routine == "#function") != bool(tag.tokens):
            raise TemplateFailure("A function returns a value, and a macro does not", tag.at)
        return ReturnStatement(parse_expression(tag.tokens, tag.at) if tag.tokens else None)

    def _read_nested(self, tag: Tag) -> d.Element:
        if self._routine != "#macro":
            raise TemplateFailure("<#nested> may only stand in a macro", tag.at)
        return Nested(nested_values(tag))

    def _macro_call(self, tag: Tag) -> d.Element:
        arguments = call_arguments(tag)
        body = None if tag.is_empty else self._block(tag)[0]
        return MacroCall(Name(tag.name[1:], tag.at), arguments, body, tag.at)

    # the rest -------------------------------------------------------------------------------------------------

    def _read_compress(self, tag: Tag) -> d.Element:
        return d.Compress(self._block(tag)[0])

    def _read_noparse(self, tag: Tag) -> d.Element:
        return self._block(tag)[0]

    def _read_setting(self, tag: Tag) -> d.Element:
        return setting(tag)

    def _read_stop(self, tag: Tag) -> d.Element:
        return d.Stop(parse_expression(tag.tokens, tag.at), tag.at)

    def _read_t(self, tag: Tag) -> d.Element:
        """Trimming was done on the pieces; nothing is left to do."""
        return d.Print("")

    _read_lt = _read_rt = _read_nt = _read_t

    def _read_ftl(self, tag: Tag) -> d.Element:
        check_header(tag)
        return d.Print("")


def _snake_case(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
