"""`mlc ping`: whether both systems can be reached with what was stored, and how to mend what cannot."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlc_pipeline_tests.front_door import ACME, House, Said, connection_entry

PING = ("ping", "--connection", ACME)


def checks(said: Said) -> dict[str, dict[str, Any]]:
    """The checks of the one connection, by system and name."""
    (connection,) = said.json["connections"]
    return {f"{one['system']} {one['check']}": one for one in connection["checks"]}


def test_people_see_what_was_found(house: House) -> None:
    said = house.mlc_here(*PING)
    assert said.exit_code == 0, said.err
    assert said.out.startswith("acme\n")
    for found in ("2 workspaces: Example Trading EUR, Example Trading USD", "Example Trading (10234695)", "EUR"):
        assert found in said.out
    assert "NOT" not in said.out


def test_json_is_one_object_with_every_check(house: House) -> None:
    said = house.mlc_here(*PING, "--json")
    assert said.exit_code == 0
    assert said.json["ok"] is True
    assert all(one["ok"] and one["message"] for one in checks(said).values())
    assert {one["system"] for one in checks(said).values()} == {"expensify", "zoho"}


def test_a_workspace_that_is_not_there_is_named_with_those_that_are(house: House) -> None:
    house.configure(expensify={"workspaces": ["00000000DEADBEEF"]})
    said = house.mlc_here(*PING)
    assert said.exit_code == 2
    line = next(line for line in said.out.splitlines() if "NOT" in line)
    for word in ("00000000DEADBEEF", "Example Trading EUR", "expensify.workspaces"):
        assert word in line
    assert "zoho organization" in said.out


def test_wrong_expensify_credentials_do_not_keep_zoho_from_being_checked(house: House) -> None:
    house.connect(MLC_EXPENSIFY_PARTNER_USER_SECRET="not-the-secret")
    said = house.mlc_here(*PING, "--json")
    assert said.exit_code == 2
    assert said.json["ok"] is False
    found = checks(said)
    assert not found["expensify workspaces"]["ok"]
    assert "mlc connect expensify" in found["expensify workspaces"]["message"]
    assert found["zoho organization"]["ok"]


def test_a_wrong_refresh_token_says_to_connect_again(house: House) -> None:
    house.connect(MLC_ZOHO_REFRESH_TOKEN="1000.not.the.token")
    said = house.mlc_here(*PING, "--json")
    assert said.exit_code == 2
    assert "mlc connect zoho --connection acme" in checks(said)["zoho organization"]["message"]
    assert checks(said)["expensify workspaces"]["ok"]


def test_no_credentials_says_how_to_store_them(house: House) -> None:
    for path in house.home.glob("mlc.db*"):
        path.unlink()
    said = house.mlc_here(*PING, "--json")
    assert said.exit_code == 2
    for system in ("expensify", "zoho"):
        assert f"mlc connect {system} --connection acme" in checks(said)[f"{system} credentials"]["message"]


@pytest.mark.usefixtures("outside_the_contract")
def test_a_missing_scope_shows_before_the_first_run(house: House) -> None:
    books = house.sandbox.zoho_books
    secrets = house.sandbox.credentials
    books.refresh_tokens[secrets.zoho_refresh_token].scopes = ["ZohoBooks.settings.ALL", "ZohoBooks.contacts.ALL"]
    books.access_tokens.clear()
    said = house.mlc_here(*PING, "--json")
    assert said.exit_code == 2
    failed = [name for name, one in checks(said).items() if not one["ok"]]
    assert "zoho bills" in failed
    assert "scopes" in checks(said)["zoho bills"]["message"]


@pytest.mark.usefixtures("outside_the_contract")
def test_a_missing_scope_does_not_cost_each_process_a_token(house: House) -> None:
    books = house.sandbox.zoho_books
    scopes = ["ZohoBooks.settings.ALL", "ZohoBooks.contacts.ALL"]
    books.refresh_tokens[house.sandbox.credentials.zoho_refresh_token].scopes = scopes
    for _ in range(4):
        assert "scopes" in checks(house.mlc_here(*PING, "--json"))["zoho bills"]["message"]
    assert sum(request.path == "/oauth/v2/token" for request in books.request_log) == 2
    house.connect()
    house.mlc_here(*PING)
    assert sum(request.path == "/oauth/v2/token" for request in books.request_log) == 4


def test_all_connections_are_pinged_and_a_broken_one_is_told_beside_them(house: House) -> None:
    broken = {"name": "broken", "periods": {}}
    house.configure(json.dumps({"connections": [connection_entry(house.sandbox), broken]}))
    said = house.mlc_here("ping", "--json")
    assert [one["connection"] for one in said.json["connections"]] == [ACME]
    assert "did you mean period?" in said.err


def test_it_writes_nothing_but_the_token_that_all_processes_share(house: House) -> None:
    house.mlc_here(*PING)
    house.sandbox.expensify_account.received.clear()
    before = house.database_dump(without=["leases", "rate_budgets"])
    assert house.mlc_here(*PING).exit_code == 0
    assert house.writes() == []
    assert {job["type"] for job in house.sandbox.expensify_account.received} == {"get"}
    assert house.database_dump(without=["leases", "rate_budgets"]) == before
