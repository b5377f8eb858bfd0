"""Every expected text here was also given by FreeMarker 2.3.31 itself."""

from typing import Any

import pytest

from mlc_pipeline.sandbox.freemarker import TemplateFailure, render

MODEL: dict[str, Any] = {"l": ["x", "y", "z"], "h": {"a": 1, "b": None}, "yes": True, "no": False, "n": 1000}


@pytest.mark.parametrize(
    ("template", "printed"),
    [
        ("<#if no>a<#elseif yes>b<#else>c</#if>", "b"),
        ("<#if (2 > 1)>a<#else>b</#if>", "a"),
        ("<#switch n><#case 1>a<#break><#case 1000>b<#break><#default>c</#switch>", "b"),
        ("<#list l as x>${x}<#sep>, </#list>", "x, y, z"),
        ("<#list l as x>${x?index}${x?has_next?c} </#list>", "0true 1true 2false "),
        ("<#list l as x>${x_index}${x_has_next?c} </#list>", "0true 1true 2false "),
        ("<#list [] as x>a<#else>none</#list>", "none"),
        ('<#list h as k, v>${k}=${v!"-"};</#list>', "a=1;b=-;"),
        ("<#list l>[<#items as x>${x}<#sep>,</#items>]<#else>none</#list>", "[x,y,z]"),
        ('<#list l as x><#if x == "y"><#break></#if>${x}</#list>', "x"),
        ('<#list l as x><#if x == "y"><#continue></#if>${x}</#list>', "xz"),
        ("<#list 1..2 as i><#list l as x>${i}${x}<#sep>,</#list><#sep>;</#list>", "1x,1y,1z;2x,2y,2z"),
        ("<#noparse>${x}<#if></#noparse>", "${x}<#if>"),
        ("<#compress>  a   b \n\n c  </#compress>|", "a b\nc|"),
        ('<#setting number_format="computer">${n}', "1000"),
        ("a < b </b> $ { <# c", "a < b </b> $ { <# c"),
        ("a<#-- ${x} <#if> -->b", "ab"),
    ],
)
def test_a_template_decides_and_repeats(template: str, printed: str) -> None:
    assert render(template, MODEL) == printed


@pytest.mark.parametrize(
    ("template", "printed"),
    [
        ("<#assign x = 1 y = x + 1>${y}", "2"),
        ("<#assign x = 1><#assign x += 2><#assign x++>${x}", "4"),
        ("<#assign x>abc${n}</#assign>${x}", "abc1,000"),
        ('<#assign sep = ""><#list l as x>${sep}${x}<#assign sep = ","></#list>', "x,y,z"),
        ("<#function f a b=2><#return a + b></#function>${f(1)} ${f(1, 5)}", "3 6"),
        ("${g(1)}<#function g a><#return a * 2></#function>", "2"),
        ("<#function f a...><#return a?size></#function>${f(1, 2, 3)}", "3"),
        ("<#function f a><#local y = a><#return y></#function>${f(1)}${y!'-'}", "1-"),
        ("<#list l as q>${f()}</#list><#function f><#return q!'-'></#function>", "---"),
        ("<#function f n><#if n lte 1><#return 1></#if><#return n * f(n - 1)></#function>${f(5)}", "120"),
        ("<#function f a>${a.b}<#return 1></#function>${(f({}))!'caught'}", "caught"),
        ("<#function f a><#return a></#function>${f(missing!'d')}", "d"),
        ('<#macro m a b="x">[${a}${b}]</#macro><@m a=1/><@m 1 2/>', "[1x][12]"),
        ("<#macro m>[<#nested 1, 2>]</#macro><@m ; p, q>${p}${q}</@m>", "[12]"),
        ("<#macro m><#nested></#macro><#list l as q><@m>${q}</@m></#list>", "xyz"),
        ("<#macro m a rest...>${rest?keys?join(',')}</#macro><@m a=1 q=2 r=3/>", "q,r"),
    ],
)
def test_a_template_keeps_variables_and_calls_its_own_functions(template: str, printed: str) -> None:
    assert render(template, MODEL) == printed


@pytest.mark.parametrize(
    ("template", "printed"),
    [
        ("a\n<#if yes>\n  b\n</#if>\nc\n", "a\n  b\nc\n"),
        ("<#assign x = 1>\n\n<#assign y = 2>\n[", "["),
        ("  a <#t>\n  b\n", "a   b\n"),
        ("a <#lt>\n  b", "a \n  b"),
        ("a\n  <#-- comment -->  \nb", "a\nb"),
        ("x <#if yes>\ny</#if>", "x \ny"),
        ('<#ftl output_format="JSON">\n[1]', "[1]"),
    ],
)
def test_lines_that_hold_only_tags_print_nothing(template: str, printed: str) -> None:
    assert render(template, MODEL) == printed


@pytest.mark.parametrize(
    ("template", "line", "column"),
    [
        ("a\n  <#foo>", 2, 3),
        ("${l?no_such_builtin?c}", 1, 5),
        ("a\n${missing}", 2, 3),
        ("a\r\nb ${'x' + yes}", 2, 9),
        ("<#if yes>a", 1, 1),
        ("</#if>", 1, 1),
        ("a ${l", 1, 5),
        ("<#-- never closed", 1, 1),
        ("<#if n>a</#if>", 1, 6),
        ("<#list n as x>a</#list>", 1, 1),
        ("<#assign x = missing>", 1, 14),
        ("<#function f a><#return a></#function>${f(missing)}", 1, 42),
        ("<#function f a><#return a></#function>${f(1, 2)}", 1, 42),
        ("<@nobody/>", 1, 1),
        ("<#return 1>", 1, 1),
        ("<#break>", 1, 1),
        ("<#include 'x'>", 1, 1),
        ('<#stop "no">', 1, 1),
        ("<#function f><#return f()></#function>${f()}", 1, 1),
        ('${"a${missing}"}', 1, 7),
    ],
)
def test_a_failure_names_its_line_and_column(template: str, line: int, column: int) -> None:
    with pytest.raises(TemplateFailure) as caught:
        render(template, MODEL)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert f"line {line}, column {column}" in str(caught.value)
