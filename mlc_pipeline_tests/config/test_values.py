"""Each wrong value is refused with a sentence that says what would be right."""

from collections.abc import Callable
from datetime import date

import pytest
from pydantic import ValidationError

from mlc_pipeline.config import Connection, ExpensifySettings, PeriodSettings, ZohoSettings
from mlc_pipeline.zoho.data_centers import ACCOUNTS_SERVERS
from mlc_pipeline_tests.config.conftest import Load

Problems = Callable[[str], dict[str, str]]

WRONG_VALUES = [
    ("sandbox: perhaps", "sandbox", "must be true or false"),
    ("sandbox: [true]", "sandbox", "must be true or false"),
    ("schedule: {hour: 24}", "schedule.hour", "from 0 to 23, not '24'"),
    ("schedule: {hour: 6.5}", "schedule.hour", "from 0 to 23, not '6.5'"),
    ("schedule: {delay_days: -1}", "schedule.delay_days", "from 0 to 28"),
    ("schedule: {delay_days: 29}", "schedule.delay_days", "from 0 to 28"),
    ("schedule: 6", "schedule", "must be a section"),
    ("expensify: {workspaces: A1}", "expensify.workspaces", "must be a list such as [A, B]"),
    ("expensify: {workspaces: [A1, A1]}", "expensify.workspaces", "names A1 twice"),
    ("expensify: {workspaces: ['A1,B2']}", "expensify.workspaces[0]", "letters and digits only"),
    ("expensify: {workspaces: [A1, ~]}", "expensify.workspaces[1]", "has no value"),
    ("expensify: {states: []}", "expensify.states", "at least one of APPROVED"),
    ("expensify: {states: [OPEN]}", "expensify.states[0]", "unapproved expenses are never posted"),
    ("expensify: {states: [SUBMITTED]}", "expensify.states[0]", "unapproved expenses are never posted"),
    ("expensify: {states: [aproved]}", "expensify.states[0]", "did you mean APPROVED?"),
    ("expensify: {states: [[APPROVED]]}", "expensify.states[0]", "must be APPROVED, REIMBURSED or ARCHIVED."),
    ("expensify: {mark_exported: ' '}", "expensify.mark_exported", "is empty"),
    ("zoho: {organization: ''}", "zoho.organization", "is empty"),
    ("zoho: {requests_per_minute: 0}", "zoho.requests_per_minute", "from 1 to 100"),
    ("zoho: {requests_per_minute: 101}", "zoho.requests_per_minute", "from 1 to 100"),
    ("zoho: {concurrency: 11}", "zoho.concurrency", "from 1 to 10"),
    ("zoho: {client_secret: abc}", "zoho.client_secret", "`mlc connect` stores credentials"),
    ("posting: {reimbursable: journl}", "posting.reimbursable", "bill, journal or skip, not 'journl'; did you"),
    ("posting: {company_paid: vendor}", "posting.company_paid", "must be journal, bill or skip"),
    ("posting: {lines: category_total}", "posting.lines", "must be category or expense"),
    ("posting: {date: today}", "posting.date", "must be approved, last_expense or period_end"),
    ("posting: {on_amendment: skip}", "posting.on_amendment", "review, update or reverse_and_repost"),
    ("posting: {on_locked_period: skip}", "posting.on_locked_period", "review or next_open_date"),
    ("posting: {attach_receipts: 2}", "posting.attach_receipts", "must be true or false"),
    ("posting: {company_card_accounts: '2110'}", "posting.company_card_accounts", "must be a section"),
    ("posting: {company_card_accounts: {Amex: }}", "posting.company_card_accounts.Amex", "has no value"),
    ("posting: {reimbursable: journal}", "posting.employee_payable_account", "is required with reimbursable"),
    ("mapping: {categories: {Meals: [1, 2]}}", "mapping.categories.Meals", "must be a single text"),
    ("mapping: {tags: {0: {project: true}}}", "mapping.tags.0", "counted 1, 2, 3"),
    ("mapping: {tags: {01: {project: true}}}", "mapping.tags.01", "counted 1, 2, 3"),
    ("mapping: {tags: {1: }}", "mapping.tags.1", "has no value"),
    ("mapping: {tags: {1: {}}}", "mapping.tags.1", "exactly one of"),
    ("mapping: {tags: {1: {project: false}}}", "mapping.tags.1", "exactly one of"),
    ("mapping: {tags: {1: {project: true, location: true}}}", "mapping.tags.1", "exactly one of"),
    ("mapping: {tags: {1: {projekt: true}}}", "mapping.tags.1.projekt", "did you mean project?"),
    ("mapping: {tags: {1: {project: true}, 2: {project: true}}}", "mapping.tags", "both become project"),
    ("mapping: {taxes: {Standard: ''}}", "mapping.taxes.Standard", "is empty"),
    ("mapping: {categories: {Travel: '1', 'Travel ': '2'}}", "mapping.categories", "are the same name; keep one"),
    ("mapping: {taxes: {VAT: none, vat: none}}", "mapping.taxes", "'VAT' and 'vat' are the same name"),
    (
        "mapping: {tags: {1: {project: true, values: {A: B, a: C}}}}",
        "mapping.tags.1.values",
        "'A' and 'a' are the same name",
    ),
    ("posting: {company_card_accounts: {Visa: '1', VISA: '2'}}", "posting.company_card_accounts", "keep one of"),
    ("mapping: {unmapped_category: '6999'}", "mapping.unmapped_category", 'account such as {account: "6999"}'),
    ("mapping: {unmapped_category: {account: }}", "mapping.unmapped_category.account", "is missing"),
    ("color: red", "color", "known here: name, sandbox, period"),
]


@pytest.mark.parametrize(("line", "key", "said"), WRONG_VALUES, ids=[line for line, _, _ in WRONG_VALUES])
def test_a_wrong_value_is_refused_with_what_would_be_right(
    problems_of: Problems, line: str, key: str, said: str
) -> None:
    problems = problems_of(line)
    assert list(problems) == [key]
    assert said in problems[key]


def test_a_secret_in_the_file_is_never_repeated(problems_of: Problems) -> None:
    problems = problems_of("""\
        zoho: {client_secret: s3cr3t, accounts_url: "https://me:s3cr3t@accounts.zoho.com"}
        expensify: {url: "https://integrations.expensify.com/x?partnerUserSecret=s3cr3t"}
    """)
    assert set(problems) == {"zoho.client_secret", "zoho.accounts_url", "expensify.url"}
    assert "s3cr3t" not in " ".join(problems.values())


@pytest.mark.parametrize("name", ["1st", "_us", "us-east", "us east", "ü", "input", "class", "Config", "a" * 61])
def test_a_name_that_cannot_be_an_asset_prefix_is_refused(load: Load, name: str) -> None:
    period = "period: {cadence: weekly, start: 2026-01-05, timezone: UTC}"
    (problem,) = load(f"connections:\n  - name: '{name}'\n    {period}\n").problems
    assert problem.key == "connections[0].name"


def test_name_and_period_are_required_with_an_example_of_each(load: Load) -> None:
    configuration = load("connections:\n  - sandbox: false\n  - name: eu\n    period: {cadence: weekly}\n")
    said = {problem.key: problem.message for problem in configuration.problems}
    assert said["connections[0].name"] == "is missing; write for example `name: us`."
    assert "`period: {cadence: weekly, start: 2026-01-05" in said["connections[0].period"]
    assert set(said) == {
        "connections[0].name",
        "connections[0].period",
        "connections[1].period.start",
        "connections[1].period.timezone",
    }


@pytest.mark.parametrize(
    ("period", "key", "said"),
    [
        ("{cadence: weekly, start: 05.01.2026, timezone: UTC}", "start", "write YYYY-MM-DD"),
        ("{cadence: weekly, start: 20260105, timezone: UTC}", "start", "write YYYY-MM-DD"),
        ("{cadence: weekly, start: 2026-02-29, timezone: UTC}", "start", "is not a date"),
        ("{cadence: weekly, start: 0206-01-05, timezone: UTC}", "start", "check the year"),
        ("{cadence: monthly, start: 2026-01-29, timezone: UTC}", "start", "not every month has a day 29"),
        ("{cadence: monthly, start: 2026-01-31, timezone: UTC}", "start", "from 1 to 28"),
        ("{cadence: daily, start: 2026-01-05, timezone: UTC}", "cadence", "must be weekly or monthly"),
        ("{cadence: weekly, start: 2026-01-05, timezone: america/new_york}", "timezone", "America/New_York?"),
        ("{cadence: weekly, start: 2026-01-05, timezone: New York}", "timezone", "mean America/New_York?"),
        ("{cadence: weekly, start: 2026-01-05, timezone: Europe/Berln}", "timezone", "mean Europe/Berlin?"),
        ("{cadence: weekly, start: 2026-01-05, timezone: ../../etc/passwd}", "timezone", "not a time zone"),
        ("{cadence: weekly, start: 2026-01-05, timezone: America}", "timezone", "not a time zone"),
        ("{cadence: weekly, start: 2026-01-05, timezone: +02:00}", "timezone", "such as America/New_York"),
    ],
)
def test_a_period_that_does_not_fit_is_refused_at_its_key(load: Load, period: str, key: str, said: str) -> None:
    (problem,) = load(f"connections:\n  - name: us\n    period: {period}\n").problems
    assert problem.key == f"connections[0].period.{key}"
    assert said in problem.message


@pytest.mark.parametrize("day", [1, 28])
def test_monthly_periods_begin_on_day_1_to_28_and_weekly_ones_on_any_day(day: int) -> None:
    assert PeriodSettings(cadence="monthly", start=date(2026, 1, day), timezone="UTC").start.day == day
    assert PeriodSettings(cadence="weekly", start=date(2026, 1, 31), timezone="UTC").start.day == 31


NOT_EXPENSIFY = [
    "http://integrations.expensify.com/Integration-Server/ExpensifyIntegrations",
    "https://integrations.expensify.com.evil.example/",
    "https://integrations.expensify.com:8443/",
    "https://evil.example/integrations.expensify.com",
    "https://integrations.expensify.com@evil.example/",
    "https://evil.example\\@integrations.expensify.com/",
    "https://integrations.expensify.com/?x=1",
    "https://integrations.expensify.com/#x",
    "http://127.0.0.1:8080/",
    "integrations.expensify.com",
    "ftp://integrations.expensify.com",
    "https://[::1",
    "https://integrations.expensify.com:port/",
    "https:///x",
]


@pytest.mark.parametrize("url", NOT_EXPENSIFY)
def test_only_expensify_itself_is_spoken_to_outside_of_the_sandbox(problems_of: Problems, url: str) -> None:
    assert list(problems_of(f"expensify: {{url: '{url}'}}")) == ["expensify.url"]


@pytest.mark.parametrize(
    "url",
    [
        "http://accounts.zoho.com",
        "https://www.zohoapis.com",
        "https://accounts.zoho.com.evil.example",
        "https://accounts.zoho.com/oauth",
        "https://accounts.zoho.com:444",
        "https://a@accounts.zoho.com",
        "http://localhost:8080",
    ],
)
def test_only_zohos_accounts_servers_get_credentials_outside_of_the_sandbox(
    problems_of: Problems, url: str
) -> None:
    assert list(problems_of(f"zoho: {{accounts_url: '{url}'}}")) == ["zoho.accounts_url"]


@pytest.mark.parametrize("server", sorted(ACCOUNTS_SERVERS))
def test_every_data_centers_accounts_server_is_accepted(problems_of: Problems, server: str) -> None:
    assert problems_of(f"zoho: {{accounts_url: '{server}'}}") == {}


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "127.8.9.1", "localhost:1", "[::1]:8080"])
def test_a_sandbox_connection_speaks_to_this_machine(problems_of: Problems, host: str) -> None:
    lines = f"""\
        sandbox: true
        expensify: {{url: "http://{host}/expensify"}}
        zoho: {{accounts_url: "http://{host}"}}
    """
    assert problems_of(lines) == {}


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1",
        "http://127.0.0.1.evil.example",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "http://2130706433",
        "http://localhost.evil.example",
        "http://x@127.0.0.1",
        "http://[::2]",
        "https://integrations.expensify.com",
        "https://accounts.zoho.com",
    ],
)
def test_a_sandbox_connection_speaks_to_nothing_else(problems_of: Problems, url: str) -> None:
    lines = f"""\
        sandbox: true
        expensify: {{url: "{url}"}}
        zoho: {{accounts_url: "{url}"}}
    """
    assert set(problems_of(lines)) == {"expensify.url", "zoho.accounts_url"}


def test_a_sandbox_connection_needs_its_own_addresses(problems_of: Problems) -> None:
    problems = problems_of("sandbox: true")
    assert set(problems) == {"expensify.url", "zoho.accounts_url"}
    assert "mlc sandbox serve" in problems["expensify.url"]


def test_the_rule_on_addresses_holds_for_connections_made_in_python_too() -> None:
    period = PeriodSettings(cadence="weekly", start=date(2026, 1, 5), timezone="UTC")
    with pytest.raises(ValidationError, match=r"expensify\.url"):
        Connection(name="us", period=period, expensify=ExpensifySettings(url="https://evil.example"))
    with pytest.raises(ValidationError, match=r"zoho\.accounts_url"):
        Connection(name="us", period=period, zoho=ZohoSettings(accounts_url="http://127.0.0.1:1"))


def test_a_connection_cannot_be_changed() -> None:
    period = PeriodSettings(cadence="weekly", start=date(2026, 1, 5), timezone="UTC")
    connection = Connection(name="us", period=period)
    with pytest.raises(ValidationError, match="frozen"):
        connection.sandbox = True
