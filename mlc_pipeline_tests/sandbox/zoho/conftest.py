"""A small Zoho Books with one organization, served over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import simplejson

from mlc_pipeline.sandbox.serving import serve_app
from mlc_pipeline.sandbox.zoho import Organization, ZohoBooks, create_zoho_app
from mlc_pipeline.sandbox.zoho.exchanges import Exchange, observing
from mlc_pipeline_tests.contract.checker import check_answer


@dataclass
class MovableClock:
    """A clock that stands still until it is moved."""

    time: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def move(self, **by: float) -> None:
        self.time += timedelta(**by)


@dataclass
class Zoho:
    """The served books, and a plain HTTP client that is logged in to them."""

    books: ZohoBooks
    url: str
    clock: MovableClock
    http: httpx.Client
    token: str = ""
    organization_id: str = "10234695"
    vendor: dict[str, Any] = field(default_factory=dict)
    meals: dict[str, Any] = field(default_factory=dict)
    travel: dict[str, Any] = field(default_factory=dict)

    @property
    def organization(self) -> Organization:
        return self.books.organizations[self.organization_id]

    def log_in(self, refresh_token: str = "1000.refresh.example") -> httpx.Response:
        answer = self.http.post(
            f"{self.url}/oauth/v2/token",
            data={
                "grant_type": "refresh_token",
                "client_id": "1000.CLIENT",
                "client_secret": "client-secret",
                "refresh_token": refresh_token,
            },
        )
        self.token = answer.json().get("access_token", "")
        return answer

    def call(self, method: str, path: str, *, json: Any = None, **query: Any) -> httpx.Response:
        query.setdefault("organization_id", self.organization_id)
        content = None if json is None else simplejson.dumps(json, use_decimal=True)
        return self.http.request(
            method,
            f"{self.url}/books/v3{path}",
            params={name: value for name, value in query.items() if value is not None},
            content=content,
            headers={
                "Authorization": f"Zoho-oauthtoken {self.token}",
                **({"Content-Type": "application/json"} if content else {}),
            },
        )

    def bill(self, number: str = "EXP-1001", **changes: Any) -> dict[str, Any]:
        return {
            "vendor_id": self.vendor["contact_id"],
            "bill_number": number,
            "date": "2026-02-27",
            "line_items": [
                {"account_id": self.meals["account_id"], "rate": 12.34, "quantity": 1, "description": "Meals"}
            ],
            **changes,
        }

    def journal(self, account: dict[str, Any], amount: Any = 12.34, **changes: Any) -> dict[str, Any]:
        """A journal that books meals and credits an account."""
        return {
            "journal_date": "2026-02-27",
            "reference_number": "EXP-1001",
            "status": "published",
            "line_items": [
                {"account_id": self.meals["account_id"], "debit_or_credit": "debit", "amount": amount},
                {"account_id": account["account_id"], "debit_or_credit": "credit", "amount": amount},
            ],
            **changes,
        }

    def credit(self, number: str = "EXP-7", **changes: Any) -> dict[str, Any]:
        """A vendor credit over meals."""
        return {
            "vendor_id": self.vendor["contact_id"],
            "vendor_credit_number": number,
            "reference_number": "7",
            "date": "2026-02-27",
            "line_items": [{"account_id": self.meals["account_id"], "rate": 5.05}],
            **changes,
        }

    def attach(self, path: str, name: str, content: bytes = b"%PDF-", field: str = "attachment") -> httpx.Response:
        """Upload a file, as a form."""
        return self.http.post(
            f"{self.url}/books/v3{path}/attachment",
            params={"organization_id": self.organization_id},
            files={field: (name, content)},
            headers={"Authorization": f"Zoho-oauthtoken {self.token}"},
        )

    def post_bill(self, number: str = "EXP-1001", **changes: Any) -> httpx.Response:
        return self.call("POST", "/bills", json=self.bill(number, **changes))


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """The status and the sentence of a refusal; its code is never that of success."""
    assert answer.json()["code"] != 0
    return answer.status_code, answer.json()["message"]


@pytest.fixture
def card(zoho: Zoho) -> dict[str, Any]:
    """A company card's account."""
    return zoho.books.add_account(
        zoho.organization, "Corporate Card", account_code="2110", account_type="credit_card"
    )


@pytest.fixture(autouse=True)
def contract_with_zoho() -> Iterator[None]:
    """Whatever a test sends, right or wrong, the answer is one the OpenAPI files describe.

    It stands in for the suite's fixture of this name, which checks the requests too.
    """
    problems: list[str] = []

    def observe(exchange: Exchange) -> None:
        problems.extend(check_answer(exchange))

    with observing(observe):
        yield
    assert problems == []


@pytest.fixture
def zoho() -> Iterator[Zoho]:
    clock = MovableClock()
    books = ZohoBooks(clock=clock)
    books.allow_client("1000.CLIENT", "client-secret")
    books.allow_refresh_token("1000.CLIENT", "1000.refresh.example")
    organization = books.add_organization(Organization("10234695", "Example Traders Inc."))
    books.add_currency(organization, "JPY", price_precision=0, exchange_rate=0.0067)
    with serve_app(create_zoho_app(books)) as url, httpx.Client(timeout=5) as http:
        zoho = Zoho(books, url, clock, http)
        zoho.meals = books.add_account(organization, "Meals and Entertainment", account_code="6640")
        zoho.travel = books.add_account(organization, "Travel Expense", account_code="6600")
        zoho.vendor = books.add_contact(organization, "Ada Example", email="ada@traders.example")
        zoho.log_in()
        yield zoho
