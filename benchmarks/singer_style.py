"""Next to the loop that connectors of this kind usually are: for each report a search of its vendor, a search of
its bill, a post, and a fixed sleep when Zoho Books refuses. Both meet the same limits, their minutes shortened.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from benchmarks.measuring import Row
from mlc_pipeline.commands.sandbox import credentials
from mlc_pipeline_tests.front_door import House, open_house, small_company, week

REPORTS = 300
_TIMES_FASTER = 20
_FIXED_SLEEP_SECONDS = 60 / _TIMES_FASTER


@dataclass(frozen=True, slots=True)
class Cost:
    """What posting the period took: requests to the Books API, those refused, and seconds."""

    requests: int
    refused: int
    seconds: float


def measure() -> Iterator[Row]:
    """Requests, refusals and wall time of the loop, against `mlc run` of the same period."""
    loop, ours = _cost(_loop), _cost(_ours)
    what, against = f"a plain loop, {REPORTS} reports: ", "mlc run: "
    yield Row(f"{what}{loop.requests} requests", f"{against}{ours.requests}", loop.requests / ours.requests)
    yield Row(f"{what}wall time", f"{against}wall time", loop.seconds / ours.seconds)
    refused = ours.refused / max(1, loop.refused)
    yield Row("refused requests of mlc run", f"of the loop: {loop.refused}", refused, at_most=0)


def _cost(post: Callable[[House], None]) -> Cost:
    company = small_company(weeks=1, reports_per_week=REPORTS)
    with tempfile.TemporaryDirectory() as folder, open_house(Path(folder) / "home", company) as house:
        house = replace(house, environment=house.environment | {"MLC_SANDBOX_TIME_SCALE": str(1 / _TIMES_FASTER)})
        books = house.sandbox.zoho_books
        books.limits.enforced, books.limits.time_scale = True, _TIMES_FASTER
        started = time.perf_counter()
        post(house)
        seconds = time.perf_counter() - started
        calls = [call for call in books.request_log if call.path.startswith("/books/")]
        return Cost(len(calls), sum(call.status == httpx.codes.TOO_MANY_REQUESTS for call in calls), seconds)


def _ours(house: House) -> None:
    run = house.run(week(0))
    assert run.failure is None, run.failure


def _loop(house: House) -> None:
    secrets = credentials(house.sandbox)
    with httpx.Client(timeout=60) as http:
        token = http.post(
            f"{house.sandbox.accounts_url}/oauth/v2/token",
            data={
                "grant_type": "refresh_token",
                "client_id": secrets["MLC_ZOHO_CLIENT_ID"],
                "client_secret": secrets["MLC_ZOHO_CLIENT_SECRET"],
                "refresh_token": secrets["MLC_ZOHO_REFRESH_TOKEN"],
            },
        ).json()
        books = _Books(http, token["api_domain"], token["access_token"], house.organization.organization_id)
        account_id = next(iter(house.organization.accounts))
        for report in house.company.reports:
            books.post(report, account_id)


class _Books:
    def __init__(self, http: httpx.Client, host: str, token: str, organization_id: str) -> None:
        self._http, self._root = http, f"{host}/books/v3"
        self._headers = {"Authorization": f"Zoho-oauthtoken {token}"}
        self._organization = {"organization_id": organization_id}

    def post(self, report: dict[str, Any], account_id: str) -> None:
        email = report["accountEmail"]
        found = self._call("GET", "/contacts", {"email": email, "contact_type": "vendor"})["contacts"]
        vendor = found[0] if found else self._call("POST", "/contacts", {}, _vendor(email))["contact"]
        number = f"EXP-{report['reportID']}"
        if self._call("GET", "/bills", {"bill_number": number})["bills"]:
            return
        bill = {"vendor_id": vendor["contact_id"], "bill_number": number, "date": "2025-01-08"}
        lines = [
            {"account_id": account_id, "rate": float(Decimal(max(1, abs(expense["amount"]))) / 100), "quantity": 1}
            for expense in report["transactionList"]
        ]
        self._call("POST", "/bills", {}, bill | {"line_items": lines or [{"account_id": account_id, "rate": 1.0}]})

    def _call(self, method: str, path: str, params: dict[str, str], body: Any = None) -> Any:
        while True:
            answer = self._http.request(
                method, self._root + path, params=params | self._organization, json=body, headers=self._headers
            )
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                return answer.json()
            time.sleep(_FIXED_SLEEP_SECONDS)


def _vendor(email: str) -> dict[str, Any]:
    return {
        "contact_name": email,
        "contact_type": "vendor",
        "contact_persons": [{"email": email, "last_name": email}],
    }
