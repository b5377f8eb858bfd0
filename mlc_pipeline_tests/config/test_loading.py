"""A configuration file is loaded as far as it is sound, and everything wrong with it is said at once."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mlc_pipeline.config import (
    ConfigurationError,
    Connection,
    FallbackAccount,
    example_configuration,
    load_configuration,
)
from mlc_pipeline_tests.config.conftest import SOUND, Load

FULL = """\
connections:
  - name: us
    sandbox: false
    period: {cadence: weekly, start: 2026-01-05, timezone: America/New_York}
    schedule: {hour: 7, delay_days: 2, enabled: false}
    expensify:
      workspaces: [0810E551A5F2A9C2, 0123, 12e4]
      states: [APPROVED, ARCHIVED]
      url: https://integrations.expensify.com/Integration-Server/ExpensifyIntegrations
      mark_exported: Zoho Books
    zoho:
      organization: 0010234695
      accounts_url: https://accounts.zoho.eu/
      requests_per_minute: 60
      concurrency: 3
    posting:
      reimbursable: journal
      company_paid: bill
      lines: expense
      date: period_end
      company_card_accounts: {default: 02110, Amex: 2_115}
      employee_payable_account: "2120"
      create_vendors: false
      attach_receipts: true
      on_amendment: reverse_and_repost
      on_locked_period: next_open_date
    mapping:
      categories: {"Meals & Entertainment": "6640", yes: 6650}
      tags:
        1: {reporting_tag: Cost Center}
        2: {project: true}
      taxes: {"Standard": "VAT 20%"}
      unmapped_category: {account: 06999}
"""


def test_every_key_of_a_full_file_reaches_the_connection_as_it_was_typed(load: Load) -> None:
    configuration = load(FULL)
    assert configuration.problems == ()
    us = configuration.connection("us")
    assert us.expensify.workspaces == ("0810E551A5F2A9C2", "0123", "12e4")
    assert us.expensify.states == ("APPROVED", "ARCHIVED")
    assert us.expensify.mark_exported == "Zoho Books"
    assert us.zoho.organization == "0010234695"
    assert us.zoho.accounts_url == "https://accounts.zoho.eu"
    assert (us.zoho.requests_per_minute, us.zoho.concurrency) == (60, 3)
    assert us.posting.company_card_accounts == {"default": "02110", "Amex": "2_115"}
    assert us.posting.reimbursable == "journal"
    assert us.posting.attach_receipts
    assert us.mapping.categories == {"Meals & Entertainment": "6640", "yes": "6650"}
    assert us.mapping.tags[1].reporting_tag == "Cost Center"
    assert [us.mapping.tags[level].dimension for level in (1, 2)] == ["reporting_tag", "project"]
    assert us.mapping.unmapped_category == FallbackAccount(account="06999")
    assert (us.schedule.hour, us.schedule.delay_days, us.schedule.enabled) == (7, 2, False)


def test_what_is_left_out_has_the_documented_default(load: Load) -> None:
    us = load(SOUND).connection("us")
    assert us.model_dump(mode="json") == {
        "name": "us",
        "sandbox": False,
        "period": {"cadence": "weekly", "start": "2026-01-05", "timezone": "America/New_York"},
        "schedule": {"hour": 6, "delay_days": 1, "enabled": True},
        "expensify": {
            "workspaces": [],
            "states": ["APPROVED", "REIMBURSED"],
            "url": "https://integrations.expensify.com/Integration-Server/ExpensifyIntegrations",
            "mark_exported": None,
        },
        "zoho": {
            "organization": None,
            "accounts_url": "https://accounts.zoho.com",
            "requests_per_minute": 100,
            "concurrency": 5,
            "requests_per_day": None,
            "daily_reserve_percent": 10,
        },
        "posting": {
            "reimbursable": "bill",
            "company_paid": "journal",
            "lines": "category",
            "date": "approved",
            "company_card_accounts": {},
            "company_card_vendors": {},
            "employee_payable_account": None,
            "exchange_rates": {},
            "create_vendors": True,
            "attach_receipts": False,
            "on_amendment": "review",
            "on_locked_period": "review",
        },
        "mapping": {
            "categories": {},
            "tags": {},
            "report_fields": {},
            "taxes": {},
            "employee_number_field": None,
            "unmapped_category": "review",
        },
    }


def test_the_example_file_loads_and_shows_the_defaults(load: Load) -> None:
    configuration = load(example_configuration())
    assert configuration.problems == ()
    assert configuration.connections == load(SOUND).connections


def test_the_example_file_names_every_key_and_explains_every_line_with_a_value() -> None:
    example = example_configuration()
    for section in (Connection, *(field.annotation for field in Connection.model_fields.values())):
        for key in getattr(section, "model_fields", {}):
            assert f"{key}:" in example
    values = [line for line in example.splitlines() if ": " in line and not line.lstrip().startswith("#")]
    unexplained = [line for line in values if "#" not in line]
    assert unexplained == [
        "      url: https://integrations.expensify.com/Integration-Server/ExpensifyIntegrations"
    ]


def test_a_section_or_value_with_nothing_behind_it_counts_as_left_out(load: Load) -> None:
    text = SOUND + "    zoho:\n      organization: null\n      # concurrency: 3\n    posting:\n    mapping: ~\n"
    assert load(text).connections == load(SOUND).connections


def test_the_word_null_in_quotes_is_a_name(load: Load) -> None:
    assert load(SOUND + '    zoho: {organization: "null"}\n').connection("us").zoho.organization == "null"


def test_a_broken_connection_does_not_stop_the_others(load: Load) -> None:
    configuration = load("""\
        connections:
          - name: broken
            period: {cadence: daily, start: 2026-01-05, timezone: UTC}
          - name: sound
            period: {cadence: weekly, start: 2026-01-05, timezone: UTC}
          - nonsense
    """)
    assert [connection.name for connection in configuration.connections] == ["sound"]
    assert [(problem.connection, problem.line) for problem in configuration.problems] == [
        ("broken", 3),
        (None, 6),
    ]


def test_every_problem_of_the_file_is_reported_with_its_line_and_key(load: Load) -> None:
    configuration = load("""\
        connections:
          - name: us
            sandbox: true
            period:
              cadence: weekly
              start: 2026-02-30
              timezone: Mars/Olympus
            expensify:
              states: [APPROVED, DRAFT]
            zoho:
              concurency: 3
              accounts_url: https://accounts.zoho.com
            mapping:
              categories: {"Meals & Co": }
              unmapped_category: {acount: "6999"}
    """)
    assert configuration.connections == ()
    assert [(problem.line, problem.key) for problem in configuration.problems] == [
        (6, "connections[0].period.start"),
        (7, "connections[0].period.timezone"),
        (8, "connections[0].expensify.url"),
        (9, "connections[0].expensify.states[1]"),
        (11, "connections[0].zoho.concurency"),
        (12, "connections[0].zoho.accounts_url"),
        (14, 'connections[0].mapping.categories["Meals & Co"]'),
        (15, "connections[0].mapping.unmapped_category.account"),
        (15, "connections[0].mapping.unmapped_category.acount"),
    ]
    assert {problem.connection for problem in configuration.problems} == {"us"}


def test_a_problem_reads_as_one_sentence_with_file_line_and_key(load: Load) -> None:
    (problem,) = load(SOUND + "    shedule: {hour: 6}\n").problems
    assert str(problem) == (
        f"{problem.file}, line 4: connections[0].shedule: is not a known key; did you mean schedule?"
    )
    assert Path(problem.file).name == "mlc.yaml"


def test_a_name_given_twice_invalidates_the_later_connection_and_names_the_line_of_the_first(
    load: Load,
) -> None:
    second = SOUND.partition("\n")[2].replace("us", "US")
    configuration = load(SOUND + second)
    assert [connection.name for connection in configuration.connections] == ["us"]
    (problem,) = configuration.problems
    assert (problem.line, problem.key) == (4, "connections[1].name")
    assert "already the name of the connection in line 2" in problem.message


@pytest.mark.parametrize("again", ["us", "US"])
def test_a_name_given_twice_is_refused_to_who_asks_for_it(load: Load, again: str) -> None:
    configuration = load(SOUND + SOUND.partition("\n")[2].replace("us", again))
    for name in ("us", again):
        with pytest.raises(ConfigurationError, match=r"cannot be used.\n.*line 4.*already the name"):
            configuration.connection(name)


def test_a_name_given_twice_in_one_line_is_noticed_too(load: Load) -> None:
    period = "period: {cadence: weekly, start: 2026-01-05, timezone: UTC}"
    configuration = load(f"connections: [{{name: us, {period}}}, {{name: us, {period}}}]\n")
    assert len(configuration.connections) == 1
    assert [problem.key for problem in configuration.problems] == ["connections[1].name"]


def test_a_key_given_twice_is_a_problem_of_its_connection(load: Load) -> None:
    configuration = load(SOUND + "    zoho: {concurrency: 1}\n    zoho: {concurrency: 2}\n")
    assert configuration.connections == ()
    (problem,) = configuration.problems
    assert (problem.line, problem.key) == (5, "connections[0].zoho")
    assert "already given in line 4" in problem.message


def test_unknown_keys_around_the_connections_do_not_stop_them(load: Load) -> None:
    configuration = load(SOUND + "conections: []\n")
    assert len(configuration.connections) == 1
    assert "did you mean connections?" in configuration.problems[0].message


def test_a_connection_that_is_not_there_is_answered_with_those_that_are(load: Load) -> None:
    with pytest.raises(ConfigurationError, match=r"no connection 'uss'; did you mean us\? Known: us"):
        load(SOUND).connection("uss")


def test_a_connection_that_is_broken_is_answered_with_what_is_wrong_with_it(load: Load) -> None:
    configuration = load(SOUND + "    shedule: {}\n")
    with pytest.raises(ConfigurationError, match=r"'us' cannot be used.\n.*line 4.*did you mean schedule"):
        configuration.connection("us")
    with pytest.raises(ConfigurationError, match=r"No connection can be used.\n.*line 4"):
        configuration.connection("eu")


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (b"", 1, "The file is empty"),
        (b"# only a comment\n", 1, "The file is empty"),
        (b"- name: us\n", 1, "The file holds no keys"),
        (b"just a text", 1, "The file holds no keys"),
        (b"connections: []\n", 1, "names no connection"),
        (b"connections: us\n", 1, "names no connection"),
        (b"connections:\n\t- name: us\n", 2, "A tab is used"),
        (b"connections:\n  - {name: us\n  - x\n", 4, "not valid YAML"),
        (b"connections:\n  - name: a: b\n", 2, "not valid YAML"),
        (b"connections: 'never closed\n", 2, "not valid YAML"),
        (b"connections: []\n---\nmore: 1\n", 2, "not valid YAML"),
        (b"a: &x [1]\nb: *x\n", 2, "*x is an alias"),
        (b"a:\n  b: " + b"[" * 3000, 2, "more than 20 levels"),
        (b"a: 1\nb: \x00\n", 2, "control character"),
        (b"a: 1\nname: M\xfcnchen\n", 2, "not UTF-8"),
        ("connections: []".encode("utf-16"), 1, "not UTF-8"),
        (b"? [a]\n: b\n", 1, "no plain text"),
        (b"connections: !!python/name:os.system []\n", 1, "remove the tag"),
        (b"#" * 1_000_001, 0, "larger than 1 MB"),
    ],
)
def test_a_file_that_is_no_configuration_is_a_problem_with_its_line(
    tmp_path: Path, content: bytes, line: int, said: str
) -> None:
    path = tmp_path / "mlc.yaml"
    path.write_bytes(content)
    configuration = load_configuration(path)
    assert configuration.connections == ()
    problem = configuration.problems[0]
    assert (problem.line, problem.connection) == (line, None)
    assert said in problem.message


def test_a_missing_file_and_a_directory_are_problems_without_a_line(tmp_path: Path) -> None:
    (missing,) = load_configuration(tmp_path / "mlc.yaml").problems
    assert str(missing) == (
        f"{tmp_path / 'mlc.yaml'}: There is no configuration file here; `mlc init` writes one to fill in."
    )
    (directory,) = load_configuration(tmp_path).problems
    assert "cannot be read" in str(directory)


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "mlc.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SOUND.replace("\n", "\r\n").encode())
    assert load_configuration(path).problems == ()


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace")))
@settings(deadline=None, max_examples=150)
def test_no_content_whatever_makes_loading_raise(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "hostile.yaml"
    path.write_bytes(content)
    assert load_configuration(path).problems


@given(
    st.integers(0, len(FULL) - 1),
    st.integers(0, 12),
    st.sampled_from(
        ["", "x", ":", "{", "[", "]", "- ", "'", '"', "\t", "&a ", "*a", "!t ", "0", "\n", "null", "é"]
    ),
)
@settings(deadline=None, max_examples=250)
def test_a_slip_anywhere_in_a_file_is_loaded_or_explained_but_never_raises(
    tmp_path_factory: pytest.TempPathFactory, position: int, length: int, inserted: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "slip.yaml"
    path.write_text(FULL[:position] + inserted + FULL[position + length :], encoding="utf-8")
    configuration = load_configuration(path)
    assert configuration.connections or configuration.problems
    lines = path.read_text(encoding="utf-8").count("\n") + 1
    for problem in configuration.problems:
        assert 1 <= problem.line <= lines
        assert problem.message.endswith((".", "?"))


def keys_within(value: Any) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield (key,)
        yield from ((key, *path) for path in keys_within(item))


@pytest.mark.parametrize("shape", [None, "x", "", 7, [], ["x"], [[1]], {}, {"x": "y"}, {"x": [None]}], ids=repr)
def test_a_value_of_any_shape_in_any_place_is_loaded_or_explained(tmp_path: Path, shape: object) -> None:
    path = tmp_path / "mlc.yaml"
    full = yaml.load(FULL, Loader=yaml.BaseLoader)
    for *outer, last in keys_within(full):
        changed = deepcopy(full)
        place = changed
        for key in outer:
            place = place[key]
        place[last] = shape
        path.write_text(yaml.safe_dump(changed), encoding="utf-8")
        configuration = load_configuration(path)
        assert configuration.connections or configuration.problems
        assert not any("Input should" in problem.message for problem in configuration.problems)
