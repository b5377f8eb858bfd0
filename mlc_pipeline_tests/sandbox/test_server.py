"""Both systems on one port: started, stopped, and remembered in a file."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from mlc_pipeline.sandbox.company import Company, generate_company
from mlc_pipeline.sandbox.server import Sandbox, sandbox_for, serve_sandbox
from mlc_pipeline.sandbox.serving import PortTaken
from mlc_pipeline.sandbox.state_file import StateFileUnreadable


@pytest.fixture(scope="module")
def company() -> Company:
    return generate_company(7, zone="Europe/Berlin", first_period_start=date(2026, 1, 5), weeks=1)


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=10) as client:
        yield client


def log_in(http: httpx.Client, sandbox: Sandbox) -> dict[str, str]:
    """Return the headers of a fresh access token."""
    credentials = sandbox.credentials
    answer = http.post(
        f"{sandbox.accounts_url}/oauth/v2/token",
        data={
            "grant_type": "refresh_token",
            "client_id": credentials.zoho_client_id,
            "client_secret": credentials.zoho_client_secret,
            "refresh_token": credentials.zoho_refresh_token,
        },
    )
    return {"Authorization": f"Zoho-oauthtoken {answer.json()['access_token']}"}


def books(http: httpx.Client, sandbox: Sandbox, path: str, headers: dict[str, str], **more: Any) -> Any:
    organization = next(iter(sandbox.zoho_books.organizations))
    url = f"{sandbox.url}/books/v3{path}?organization_id={organization}"
    return http.request("POST" if more else "GET", url, headers=headers, **more).json()


def expensify(http: httpx.Client, sandbox: Sandbox, job: dict[str, Any]) -> Any:
    credentials = {
        "partnerUserID": sandbox.credentials.expensify_partner_user_id,
        "partnerUserSecret": sandbox.credentials.expensify_partner_user_secret,
    }
    content = {"requestJobDescription": json.dumps({**job, "credentials": credentials})}
    return http.post(sandbox.expensify_url, data=content).json()


def test_a_company_is_there_on_both_sides(company: Company, http: httpx.Client) -> None:
    with serve_sandbox(*sandbox_for(company)) as sandbox:
        policies = expensify(http, sandbox, {"type": "get", "inputSettings": {"type": "policyList"}})
        assert {policy["name"] for policy in policies["policyList"]} == {
            policy["name"] for policy in company.policies
        }
        headers = log_in(http, sandbox)
        contacts = books(http, sandbox, "/contacts", headers)["contacts"]
        assert {row["contact_name"] for row in contacts} == {vendor["contact_name"] for vendor in company.vendors}
        accounts = books(http, sandbox, "/chartofaccounts", headers)["chartofaccounts"]
        assert len(accounts) == min(10, len(company.chart_of_accounts))


def test_the_server_stops_by_itself(company: Company, http: httpx.Client) -> None:
    with serve_sandbox(*sandbox_for(company)) as sandbox:
        url = sandbox.url
    with pytest.raises(httpx.ConnectError):
        http.get(url)


def test_a_taken_port_is_named(company: Company) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} of 127.0.0.1 is in use"):  # noqa: SIM117
            with serve_sandbox(*sandbox_for(company), port=port):
                pass


def test_a_state_file_brings_back_what_was_posted(company: Company, http: httpx.Client, tmp_path: Path) -> None:
    state_file = tmp_path / "deep" / "sandbox.json"
    with serve_sandbox(*sandbox_for(company), state_file=state_file) as sandbox:
        assert not state_file.exists()
        headers = log_in(http, sandbox)
        created = books(http, sandbox, "/contacts", headers, json={"contact_name": "Zoë Example"})
        before = state_file.read_bytes()
        books(http, sandbox, "/contacts", headers)
        assert state_file.read_bytes() == before
    with serve_sandbox(*sandbox_for(company), state_file=state_file) as sandbox:
        path = f"/contacts/{created['contact']['contact_id']}"
        assert books(http, sandbox, path, headers)["contact"] == created["contact"]
    assert list(state_file.parent.iterdir()) == [state_file]


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"zoho": 1, "expensify": {}}'])
def test_a_file_of_something_else_is_refused_and_left_alone(
    company: Company, tmp_path: Path, content: str
) -> None:
    state_file = tmp_path / "sandbox.json"
    state_file.write_text(content)
    with pytest.raises(StateFileUnreadable, match="holds no state of this sandbox"):  # noqa: SIM117
        with serve_sandbox(*sandbox_for(company), state_file=state_file):
            pass
    assert state_file.read_text() == content


RUN = """
from datetime import date
from mlc_pipeline.sandbox.server import run_sandbox
run_sandbox(
    lambda sandbox: print(sandbox.url, flush=True), port=0, state_file=None, seed=1, weeks=1,
    zone="UTC", first_period_start=date(2026, 1, 5),
)
print("ended", flush=True)
"""


def test_a_sandbox_in_its_own_process_tells_its_address_and_ends_on_interrupt(http: httpx.Client) -> None:
    with subprocess.Popen([sys.executable, "-c", RUN], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert http.get(f"{url}/books/v3/organizations").status_code == 401
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == "ended\n"
    assert process.returncode == 0
