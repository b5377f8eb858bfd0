"""The export template, rendered by the real FreeMarker and by the sandbox's own interpreter."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlc_pipeline.expensify.export_file import whole_file
from mlc_pipeline.expensify.template import export_template
from mlc_pipeline.sandbox.freemarker import render
from mlc_pipeline_tests.expensify.data_model import expense, report
from mlc_pipeline_tests.freemarker_engine import FreemarkerEngine

REPORT_TEXTS = (  # noqa: SIM905 - one name a line would fill the page
    "reportID oldReportID reportName status displayStatus policyID policyName currency accountEmail created "
    "submitted approved reimbursed managerEmail"
).split()
EXPENSE_TEXTS = (  # noqa: SIM905
    "transactionID currency created modifiedCreated merchant modifiedMerchant category categoryGlCode tag "
    "tagGlCode comment bank cardName taxName taxRate taxRateName taxCode receiptID receiptFilename ntag1 ntag2 "
    "ntag3 ntag4 ntag5 ntag1GlCode ntag2GlCode ntag3GlCode ntag4GlCode ntag5GlCode"
).split()
EXPENSE_AMOUNTS = ["amount", "modifiedAmount", "convertedAmount", "taxAmount", "modifiedTaxAmount"]
EXPENSE_TRUTHS = ["billable", "reimbursable"]
CUSTOM_FIELDS = {"employeeCustomField1": "submitterUserID", "employeeCustomField2": "submitterPayrollID"}
MEMBERS = {"receiptURL": ("receiptObject", "url")}

HOSTILE = st.sampled_from(
    [
        "",
        " ",
        'a "quoted" \\ back\\slash',
        "line\nend\r\n\ttab \x00\x01\x1f\x7f",
        "</script><!-- ]]> -->",
        "${report.total} <#list x as y> </#list> [=1] #{2}",
        "Metro C&amp;C &lt;b&gt;",
        "日本 \u2028\u2029 🧾 \U0010ffff ﷽ שלום",
        "true",
        "FALSE",
        "null",
        "1,234.50",
        "-12",
    ]
)
ANYTHING = st.one_of(
    HOSTILE,
    st.text(max_size=30),
    st.integers(-(2**63), 2**63 - 1),
    st.decimals(-1000, 1000, places=3),
    st.booleans(),
    st.none(),
    st.just({}),
    st.just([]),
)
NAMES = st.from_regex(r"[A-Za-z0-9_]{1,12}", fullmatch=True)


def usually(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.booleans().flatmap(lambda usual: inner if usual else ANYTHING)


def loose(names: list[str], **nested: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Hashes in which each attribute may be missing, null, empty, or of any type."""
    every_second = {name: usually(inner) for name, inner in nested.items()}
    return st.fixed_dictionaries(every_second, optional=dict.fromkeys(names, ANYTHING))


EXPENSES = loose(
    EXPENSE_TEXTS + EXPENSE_AMOUNTS + EXPENSE_TRUTHS,
    nameValuePairs=loose(["source"]),
    units=loose(["count", "rate", "unit", "name"]),
    receiptObject=loose(["url", "type"]),
)
REPORTS = loose(
    [*REPORT_TEXTS, "total", *CUSTOM_FIELDS, *CUSTOM_FIELDS.values()],
    submitter=loose(["fullName"]),
    manager=loose(["fullName"]),
    approvers=st.lists(loose(["email", "date"]), max_size=3),
    customField=st.dictionaries(NAMES, ANYTHING, max_size=4),
    transactionList=st.lists(EXPENSES, max_size=3),
)


def text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return format(value.normalize() + 0, "f")
    return str(value) if isinstance(value, int | str) else ""


def amount(value: Any) -> str | None:
    return None if isinstance(value, bool) else text(value) or None


def truth(value: Any) -> bool | None:
    words = {"true": True, "false": False}
    return value if isinstance(value, bool) else words.get(value.lower()) if isinstance(value, str) else None


def member(owner: Any, name: str) -> Any:
    return owner.get(name) if isinstance(owner, dict) else None


def either(owner: dict[str, Any], name: str, older_name: str) -> Any:
    return owner.get(older_name) if owner.get(name) in (None, "", [], {}) else owner[name]


def listed(value: Any) -> list[dict[str, Any]]:
    return value if isinstance(value, list) else []


def printed_expense(model: dict[str, Any]) -> dict[str, Any]:
    return (
        {name: text(model.get(name)) for name in EXPENSE_TEXTS}
        | {name: amount(model.get(name)) for name in EXPENSE_AMOUNTS}
        | {name: truth(model.get(name)) for name in EXPENSE_TRUTHS}
        | {name: text(member(model.get(owner), key)) for name, (owner, key) in MEMBERS.items()}
    )


def printed_report(model: dict[str, Any]) -> dict[str, Any]:
    custom = model.get("customField")
    return {name: text(model.get(name)) for name in REPORT_TEXTS} | {
        "total": amount(model.get("total")),
        "submitterFullName": text(member(model.get("submitter"), "fullName")),
        "managerFullName": text(member(model.get("manager"), "fullName")),
        **{name: text(either(model, name, older)) for name, older in CUSTOM_FIELDS.items()},
        "approvers": [
            {"email": text(approver.get("email")), "date": text(approver.get("date"))}
            for approver in listed(model.get("approvers"))
        ],
        "customField": {name: text(value) for name, value in (custom if isinstance(custom, dict) else {}).items()},
        "expenses": [printed_expense(item) for item in listed(model.get("transactionList"))],
    }


def printed(reports: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the template must print, straight from the data model."""
    return [printed_report(model) for model in reports]


def read_back(output: str) -> list[dict[str, Any]]:
    """What it did print; a file whose last line counts wrong is not whole."""
    file = whole_file(output.encode())
    return [file.report(position) for position in range(len(file))]


@pytest.mark.freemarker
@settings(deadline=None, max_examples=120, suppress_health_check=list(HealthCheck))
@given(reports=st.lists(REPORTS, min_size=1, max_size=2))
def test_the_real_engine_prints_every_attribute_whatever_it_is(
    freemarker: FreemarkerEngine, reports: list[dict[str, Any]]
) -> None:
    output = freemarker.render(export_template(), {"reports": reports})
    assert read_back(output) == printed(reports)


@pytest.mark.freemarker
@settings(deadline=None, max_examples=120, suppress_health_check=list(HealthCheck))
@given(reports=st.lists(REPORTS, min_size=1, max_size=2))
def test_the_sandbox_prints_the_same_records_as_the_real_engine(
    freemarker: FreemarkerEngine, reports: list[dict[str, Any]]
) -> None:
    real = freemarker.render(export_template(), {"reports": reports})
    assert render(export_template(), {"reports": reports}) == real


@pytest.mark.freemarker
@pytest.mark.parametrize("compatibility", ["2.3.0", "2.3.25", "2.3.31"])
@pytest.mark.parametrize(
    "engine_settings",
    [
        {},
        {"locale": "de_DE", "number_format": "#,##0.00"},
        {"locale": "hi_IN", "number_format": "currency", "boolean_format": "yes,no"},
        {"locale": "ar_EG", "number_format": "percent", "time_zone": "Asia/Tokyo"},
        {"locale": "tr_TR", "whitespace_stripping": "false"},
    ],
    ids=lambda chosen: chosen.get("locale", "default"),
)
def test_the_engines_settings_change_nothing(
    freemarker: FreemarkerEngine, engine_settings: dict[str, str], compatibility: str
) -> None:
    ids: dict[str, Any] = {
        "transactionID": 4056343049275634494,
        "receiptID": 7011,
        "reimbursable": "TRUE",
        "billable": "FALSE",
    }
    reports = [report("R00bCluvcO4T", expense(**ids), expense("2", amount=-1234567), total=-1230067)]
    output = freemarker.render(
        export_template(), {"reports": reports}, settings=engine_settings, compatibility=compatibility
    )
    assert read_back(output) == printed(reports)


@pytest.mark.freemarker
@pytest.mark.parametrize("model", [{}, {"reports": None}, {"reports": []}, {"reports": [{}]}])
def test_an_empty_export_is_a_whole_file(freemarker: FreemarkerEngine, model: dict[str, Any]) -> None:
    assert read_back(freemarker.render(export_template(), model)) == printed(model.get("reports") or [])


def test_the_template_uses_only_directives_seen_in_expensifys_own_samples() -> None:
    directives = set(re.findall(r"<#(\w+)", export_template()))
    assert directives <= {"function", "return", "if", "assign", "list"}
