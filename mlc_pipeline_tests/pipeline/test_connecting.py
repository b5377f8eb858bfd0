"""`mlc init` and `mlc connect`: from nothing to a connection that can be pinged."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mlc_pipeline.commands.sandbox import credentials
from mlc_pipeline.config import example_configuration, load_configuration
from mlc_pipeline.resources import ZOHO_SECRET, Database
from mlc_pipeline_tests.front_door import ACME, House, clean_environment, run_command, week

EXPENSIFY = ("connect", "expensify", "--connection", ACME)
ZOHO = ("connect", "zoho", "--connection", ACME)
PING = ("ping", "--connection", ACME)


@pytest.fixture
def stranger(house: House) -> House:
    """A house without any credentials."""
    for path in house.home.glob("mlc.db*"):
        path.unlink()
    return house


def test_init_writes_a_configuration_that_loads(house: House) -> None:
    path = house.settings.config_path
    path.unlink()
    said = house.mlc_here("init")
    assert said.exit_code == 0
    assert str(path) in said.out
    assert path.read_text(encoding="utf-8") == example_configuration()
    assert load_configuration(path).problems == ()


def test_init_makes_the_folder_it_needs(house: House) -> None:
    path = house.home / "new" / "folder" / "mlc.yaml"
    assert house.mlc_here("init", MLC_CONFIG=str(path)).exit_code == 0
    assert path.exists()


def test_init_leaves_a_file_that_is_there_alone(house: House) -> None:
    before = house.settings.config_path.read_text()
    said = house.mlc_here("init")
    assert said.exit_code != 0
    assert "exists already" in said.last_line
    assert "--force" in said.last_line
    assert house.settings.config_path.read_text() == before


def test_init_overwrites_when_it_is_told_to(house: House) -> None:
    assert house.mlc_here("init", "--force").exit_code == 0
    assert house.settings.config_path.read_text(encoding="utf-8") == example_configuration()


def test_credentials_from_the_environment_are_stored_and_work(stranger: House) -> None:
    variables = credentials(stranger.sandbox)
    for arguments in (EXPENSIFY, ZOHO):
        said = stranger.mlc_here(*arguments, **variables)
        assert said.exit_code == 0, said.err
        assert "mlc ping --connection acme" in said.out
    assert stranger.mlc_here(*PING).exit_code == 0


def test_a_grant_code_is_exchanged_for_a_refresh_token_at_once(stranger: House) -> None:
    books = stranger.sandbox.zoho_books
    variables = credentials(stranger.sandbox)
    code = books.allow_grant_code(variables["MLC_ZOHO_CLIENT_ID"], "1000.a-grant.code").code
    del variables["MLC_ZOHO_REFRESH_TOKEN"]
    assert stranger.mlc_here(*EXPENSIFY, **variables).exit_code == 0
    said = stranger.mlc_here(*ZOHO, **variables, MLC_ZOHO_GRANT_CODE=code)
    assert said.exit_code == 0, said.err
    database = Database(stranger.settings)
    stored = database.vault.load(ACME, ZOHO_SECRET)
    database.engine.dispose()
    assert stored is not None
    assert stored["refresh_token"] in books.refresh_tokens
    assert stored["refresh_token"] != credentials(stranger.sandbox)["MLC_ZOHO_REFRESH_TOKEN"]
    assert stored["refresh_token"] not in said.everything
    assert stranger.mlc_here(*PING).exit_code == 0


def test_a_grant_code_that_is_used_up_is_refused_and_nothing_is_stored(stranger: House) -> None:
    variables = credentials(stranger.sandbox)
    del variables["MLC_ZOHO_REFRESH_TOKEN"]
    said = stranger.mlc_here(*ZOHO, **variables, MLC_ZOHO_GRANT_CODE="1000.an-old.code")
    assert said.exit_code == 2
    assert "invalid_code" in said.last_line
    assert "1000.an-old.code" not in said.everything
    assert "has no credentials for zoho" in stranger.mlc_here(*PING).out


@pytest.mark.parametrize(
    ("arguments", "variable"),
    [
        (EXPENSIFY, "MLC_EXPENSIFY_PARTNER_USER_ID"),
        (EXPENSIFY, "MLC_EXPENSIFY_PARTNER_USER_SECRET"),
        (ZOHO, "MLC_ZOHO_CLIENT_ID"),
        (ZOHO, "MLC_ZOHO_CLIENT_SECRET"),
        (ZOHO, "MLC_ZOHO_REFRESH_TOKEN"),
    ],
)
def test_without_a_terminal_a_missing_variable_is_named(
    stranger: House, arguments: tuple[str, ...], variable: str
) -> None:
    variables = credentials(stranger.sandbox)
    del variables[variable]
    said = stranger.mlc_here(*arguments, **variables)
    assert said.exit_code == 2
    assert variable in said.last_line
    assert "Traceback" not in said.everything
    assert all(secret not in said.everything for name, secret in variables.items() if "SECRET" in name)


def test_a_process_without_a_terminal_does_not_wait_for_an_answer(house: House) -> None:
    said = house.mlc(*EXPENSIFY)
    assert said.exit_code == 2
    assert said.err.strip() == (
        "partnerUserID is missing: set MLC_EXPENSIFY_PARTNER_USER_ID, or type it when asked."
    )


@pytest.mark.parametrize(
    "arguments", [("connect", "xero", "--connection", ACME), ("connect", "zoho"), ("conect",)]
)
def test_what_cannot_be_meant_is_explained(house: House, arguments: tuple[str, ...]) -> None:
    said = house.mlc_here(*arguments)
    assert said.exit_code == 2
    assert said.err.strip()
    assert "Traceback" not in said.everything


def test_help_needs_no_configuration(tmp_path: Path) -> None:
    mlc = str(Path(sys.executable).with_name("mlc"))
    said = run_command([mlc, "--help"], clean_environment(tmp_path))
    assert said.exit_code == 0
    for command in ("init", "connect", "ping", "preview", "run", "vault", "sandbox"):
        assert f"\n  {command} " in said.out
    assert list(tmp_path.iterdir()) == []


def test_a_revoked_token_is_asked_with_once_says_reconnect_each_time_and_is_forgiven_when_it_is_stored_again(
    house: House,
) -> None:
    books = house.sandbox.zoho_books
    revoked = books.refresh_tokens.copy()
    for token in revoked:
        books.revoke(token)
    asked = len(_token_requests(house))
    for arguments in (
        ("run", "--period", week(0)),
        ("run", "--period", week(0)),
        ("ping",),
        ("preview", "--period", week(0)),
    ):
        command, *rest = arguments
        said = house.mlc_here(command, "--connection", ACME, *rest)
        assert said.exit_code == 2
        assert said.everything.count(f"mlc connect zoho --connection {ACME}") >= 1
    assert len(_token_requests(house)) == asked + 1
    books.refresh_tokens.update(revoked)
    assert house.mlc_here(*ZOHO, **credentials(house.sandbox)).exit_code == 0
    assert house.run(week(0)).reconciliation.balanced


def test_a_full_window_of_tokens_is_told_once(house: House) -> None:
    for token in house.sandbox.zoho_books.refresh_tokens.values():
        token.granted_at += [house.sandbox.zoho_books.now()] * 10
    said = house.mlc_here("run", "--connection", ACME, "--period", week(0), "--json").json
    assert said["failure"].count("Nothing is lost") == 1
    again = house.mlc_here("run", "--connection", ACME, "--period", week(0), "--json").json
    assert again["failure"].count("Nothing is lost") == 1


def _token_requests(house: House) -> list[str]:
    log = house.sandbox.zoho_books.request_log
    return [one.path for one in log if one.path == "/oauth/v2/token"]
