"""Whatever is wrong, a run ends with a sentence that says what, and how to mend it; nothing is posted."""

from __future__ import annotations

import base64
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mlc_pipeline_tests.databases import PostgresServer
from mlc_pipeline_tests.front_door import ACME, House, Said, open_house, week

RUN = ("run", "--connection", ACME, "--period", week(0))
ANOTHER_KEY = base64.urlsafe_b64encode(b"32 bytes, as a Fernet key wants.").decode()
Prepare = Callable[[House], object]


def check_refusal(house: House, said: Said, *words: str) -> None:
    """It failed, the last line tells a person why, and Zoho Books is untouched."""
    assert said.exit_code == 2, said.everything
    for word in words:
        assert word in said.last_line
    for trace in ("Traceback", 'File "', "unexpected", "dagster."):
        assert trace not in said.everything
    assert house.writes() == []
    assert not house.organization.bills


def with_secrets(**secrets: str) -> Prepare:
    return lambda house: house.connect(**secrets)


def with_broken_report(house: House) -> None:
    """What stands where an expense should stand is none: the template cannot be rendered."""
    report = {**house.company.reports[0], "reportID": "R00broken", "transactionList": ["no expense"]}
    house.sandbox.expensify_account.reports = [*house.company.reports, report]


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        pytest.param(
            with_secrets(MLC_EXPENSIFY_PARTNER_USER_SECRET="not-the-secret"),
            ("Expensify", "401", "mlc connect expensify"),
            id="wrong Expensify credentials",
        ),
        pytest.param(
            with_secrets(MLC_ZOHO_REFRESH_TOKEN="1000.not.the.token"),
            ("invalid_code", "mlc connect zoho --connection acme"),
            id="wrong refresh token",
        ),
        pytest.param(
            with_secrets(MLC_ZOHO_CLIENT_ID="1000.NOBODY"),
            ("invalid_client", "client id", "zoho.accounts_url"),
            id="wrong client",
        ),
        pytest.param(
            with_secrets(MLC_ZOHO_CLIENT_SECRET="not-the-secret"),
            ("invalid_client_secret", "client id and secret"),
            id="wrong client secret",
        ),
        pytest.param(
            lambda house: house.configure(zoho={"organization": "Somebody Else"}),
            ("Somebody Else", "zoho.organization", "Example Trading"),
            id="wrong organization",
        ),
        pytest.param(
            lambda house: house.configure(zoho={"accounts_url": "https://accounts.zoho.eu"}),
            ("zoho.accounts_url", "sandbox: true"),
            id="an address outside of the sandbox",
        ),
        pytest.param(
            lambda house: house.configure(sandbox=False),
            ("zoho.accounts_url", "https://accounts.zoho.eu"),
            id="a server that is not Zoho's",
        ),
        pytest.param(with_broken_report, ("Expensify", "rendering the template"), id="template error"),
        pytest.param(
            lambda house: house.sandbox.expensify_account.faults.add("http_500", job="file"),
            ("Expensify answered 500", "Run it again later"),
            id="Expensify fails",
        ),
        pytest.param(
            lambda house: house.sandbox.expensify_account.faults.add("http_502_html", job="file"),
            ("Expensify answered 502", "Run it again later"),
            id="a gateway's page",
        ),
    ],
)
def test_what_the_two_systems_refuse(house: House, prepare: Prepare, words: tuple[str, ...]) -> None:
    prepare(house)
    check_refusal(house, house.mlc_here(*RUN), *words)


def test_a_download_that_never_comes_whole(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)  # the client waits for minutes between downloads
    house.sandbox.expensify_account.faults.add("download_truncated", times=1000)
    check_refusal(house, house.mlc_here(*RUN), "did not come whole", "nothing is posted")


def test_what_was_posted_before_is_told_when_a_run_fails(house: House) -> None:
    posted = house.run(week(0))
    house.sandbox.expensify_account.faults.add("http_500", job="file")
    failed = house.run(week(0))
    assert failed.exit_code == 2
    assert {one["report_id"]: one["state"] for one in failed.documents} == {
        one["report_id"]: one["state"] for one in posted.documents
    }


@pytest.mark.parametrize("command", ["run", "preview"])
@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("last week", ("'last week' is not a period", "YYYY-MM-DD")),
        ("2025-02-30", ("is not a period", "YYYY-MM-DD")),
        ("2025-01-07", ("2025-01-06", "2025-01-13", "every Monday")),
        ("2024-12-30", ("There is no period", "from 2025-01-06 on")),
        ("", ("is not a period",)),
    ],
)
def test_a_period_that_is_none(house: House, command: str, key: str, words: tuple[str, ...]) -> None:
    check_refusal(house, house.mlc_here(command, "--connection", ACME, "--period", key), *words)


def test_a_period_that_has_not_ended(house: House) -> None:
    said = house.mlc_here("run", "--connection", ACME, "--period", week(5200))
    check_refusal(house, said, week(5200), "ends only at")


def test_a_connection_that_is_unknown(house: House) -> None:
    said = house.mlc_here("run", "--connection", "acm", "--period", week(0))
    check_refusal(house, said, "'acm'", "did you mean acme?")


def test_no_configuration_in_a_process_of_its_own(house: House) -> None:
    house.settings.config_path.unlink()
    said = house.mlc(*RUN)
    check_refusal(house, said, str(house.settings.config_path), "mlc init")
    assert said.out == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("connections: [\n  - name: acme\n", ("line 2", "not valid YAML")),
        ("", ("mlc.yaml", "`mlc init`")),
        ("connections:\n  - name: acme\n    periods: {}\n", ("line 3", "connections[0].periods", "did you mean")),
    ],
)
def test_a_broken_configuration(house: House, text: str, words: tuple[str, ...]) -> None:
    house.configure(text)
    check_refusal(house, house.mlc_here(*RUN), *words)


def test_no_credentials(house: House) -> None:
    for path in house.home.glob("mlc.db*"):
        path.unlink()
    said = house.mlc_here(*RUN)
    for system in ("expensify", "zoho"):
        assert f"`mlc connect {system} --connection acme`" in said.last_line
    check_refusal(house, said, "has no credentials")


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (ANOTHER_KEY, ("another key", "MLC_VAULT_KEY")),
        ("abc", ("not a Fernet key", "MLC_VAULT_KEY")),
    ],
)
def test_a_wrong_vault_key(house: House, key: str, words: tuple[str, ...]) -> None:
    said = house.mlc_here(*RUN, MLC_VAULT_KEY=key)
    assert said.exit_code == 2
    assert all(word in said.last_line for word in words)
    assert "Traceback" not in said.everything
    assert ANOTHER_KEY not in said.everything
    assert house.writes() == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("our database", ("MLC_DATABASE_URL", "SQLAlchemy URL")),
        ("mysql://me:pass-w0rd@db.example/books", ("MLC_DATABASE_URL", "mysql", "postgresql")),
        ("sqlite:////dev/null/books/mlc.db", ("/dev/null/books/mlc.db", "MLC_DATABASE_URL")),
    ],
)
def test_a_database_that_cannot_be_meant(house: House, url: str, words: tuple[str, ...]) -> None:
    said = house.mlc_here(*RUN, MLC_DATABASE_URL=url)
    assert "pass-w0rd" not in said.everything
    assert said.exit_code == 2
    assert all(word in said.last_line for word in words)
    assert "Traceback" not in said.everything
    assert house.writes() == []


def test_a_database_server_that_is_not_there(house: House) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # not listening: whoever comes is refused
        port = nobody.getsockname()[1]
        said = house.mlc_here(*RUN, MLC_DATABASE_URL=f"postgresql://me:pass-w0rd@127.0.0.1:{port}/books")
    check_refusal(house, said, f"127.0.0.1:{port}", "cannot be reached", "MLC_DATABASE_URL")
    assert "pass-w0rd" not in said.everything


def test_a_database_that_the_server_does_not_have(house: House, postgresql_server: PostgresServer) -> None:
    url = postgresql_server.url("nowhere").replace("postgres:@", "postgres:pass-w0rd@")
    said = house.mlc_here(*RUN, MLC_DATABASE_URL=url)
    check_refusal(house, said, '"nowhere" does not exist', "create it there", "MLC_DATABASE_URL")
    assert "pass-w0rd" not in said.everything


def test_a_database_that_is_read_only(house: House) -> None:
    """Read alone it has all credentials: the run gets as far as it can, and must not post without a ledger."""
    said = house.mlc_here(*RUN, MLC_DATABASE_URL=f"sqlite:///file:{house.home / 'mlc.db'}?mode=ro&uri=true")
    check_refusal(house, said, "read-only", "right to write")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_read_only(house: House) -> None:
    house.home.chmod(0o500)
    try:
        said = house.mlc_here(*RUN)
    finally:
        house.home.chmod(0o700)
    assert said.exit_code == 2
    assert "Traceback" not in said.everything
    assert house.writes() == []


def test_a_database_that_is_no_database(house: House) -> None:
    damaged = house.home / "damaged.db"
    damaged.write_text("This was a database once. " * 400)
    said = house.mlc_here(*RUN, MLC_DATABASE_URL=f"sqlite:///{damaged}")
    check_refusal(house, said, "damaged.db", "not a database", "backup")


def test_a_home_that_cannot_be_made(tmp_path: Path) -> None:
    with open_house(tmp_path / "home") as house:
        (house.home / "file").write_text("a file, no folder")
        said = house.mlc_here(*RUN, MLC_HOME=str(house.home / "file" / "home"))
        check_refusal(house, said, str(house.home / "file"), "MLC_HOME")


def test_a_log_level_that_is_none(house: House) -> None:
    check_refusal(house, house.mlc_here(*RUN, MLC_LOG_LEVEL="LOUD"), "MLC_LOG_LEVEL", "LOUD", "INFO")


def test_whoever_asked_for_json_gets_the_sentence_as_json_too(house: House) -> None:
    said = house.mlc_here("run", "--connection", ACME, "--period", "last week", "--json")
    check_refusal(house, said, "'last week' is not a period")
    assert said.json["error"] == said.json["failure"] == said.err.strip()
    assert_tells_of_no_run(said, "last week")
    said = house.mlc_here("preview", "--connection", ACME, "--period", "last week", "--json")
    assert said.json == {"error": said.err.strip()}


def test_a_run_whose_database_is_not_there_tells_in_json_which_run_it_was(house: House) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"postgresql://me:pass-w0rd@127.0.0.1:{nobody.getsockname()[1]}/books"
        said = house.mlc_here(*RUN, "--json", MLC_DATABASE_URL=url)
    assert said.exit_code == 2
    assert (said.json["connection"], said.json["period"]) == (ACME, week(0))
    with house.dagster_instance() as instance:
        assert [run.run_id for run in instance.get_runs()] == [said.json["run_id"]]
    assert (said.json["documents"], said.json["reconciliation"]["balanced"]) == ([], False)
    assert "MLC_DATABASE_URL" in said.json["failure"]
    assert "pass-w0rd" not in said.everything


def test_a_run_of_a_connection_that_is_not_there_tells_in_json_that_there_was_none(house: House) -> None:
    said = house.mlc_here("run", "--connection", "nobody", "--period", week(0), "--json")
    assert (said.exit_code, said.json["connection"], said.json["run_id"]) == (2, "nobody", None)
    assert_tells_of_no_run(said, week(0))


def assert_tells_of_no_run(said: Said, period: str) -> None:
    """All that `mlc run --json` promises is there, and empty."""
    told = said.json
    assert (told["period"], told["run_id"], told["reports"], told["documents"]) == (period, None, 0, [])
    assert told["reconciliation"]["balanced"] is False
