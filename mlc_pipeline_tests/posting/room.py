"""The room that the tests of posting work in: a ledger, Zoho Books with a fault to order, and runs of periods."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mlc_pipeline.accounting.documents import ReportPlan
from mlc_pipeline.budgets import SharedBudget
from mlc_pipeline.posting import audit
from mlc_pipeline.posting.audit import Actor
from mlc_pipeline.posting.ledger import Ledger
from mlc_pipeline.posting.postings import Posting
from mlc_pipeline.sandbox.serving import serve_app
from mlc_pipeline.sandbox.zoho import Fault, FaultKind, LoggedRequest, Organization, ZohoBooks, create_zoho_app
from mlc_pipeline.sandbox.zoho.fault_layer import Reply, client_gone
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.limits import BooksRules, organization_limits
from mlc_pipeline.zoho.tokens import InMemoryTokenStore, TokenStore
from mlc_pipeline_tests.posting.reports import ACCOUNTS, ADA, CARD, CARD_CODE, Report, plan_of
from mlc_pipeline_tests.posting.runs import (
    CONNECTION,
    CREDENTIALS,
    ORGANIZATION_ID,
    Outcome,
    Run,
    perform,
    process_of,
    zoho_client,
)


@dataclass(slots=True)
class Room:
    """One ledger and one Zoho Books, and what is done with them."""

    engine: sa.Engine
    database_url: str
    zoho_url: str
    books: ZohoBooks
    door: Door
    tokens: TokenStore = field(default_factory=InMemoryTokenStore)

    # What a run does.

    def run(self, *reports: Report, **facts: Any) -> Outcome:
        """One run of a period in which these reports are approved; `facts` are those of `Run`."""
        return self.perform(self.run_of(*reports, **facts))

    def run_of(self, *reports: Report, **facts: Any) -> Run:
        """A run to be done elsewhere."""
        return Run(self.database_url, self.zoho_url, self.plans(*reports), **facts)

    def perform(self, run: Run) -> Outcome:
        """Do a run that was put together before."""
        return perform(run, self.engine, self.tokens)

    def kill_while_writing(self, run: Run) -> None:
        """Do a run in a process that is killed as soon as the books have a request for a change in hand."""
        self.door.has_a_write_in_hand = False
        with process_of(run) as process:
            self.wait_until(lambda: self.door.has_a_write_in_hand)
            process.kill()
            process.join()

    def at_once(self, *acts: Callable[[], None]) -> None:
        """Do all of it at the same time, each in a thread; the first error is raised."""
        with ThreadPoolExecutor(len(acts)) as threads:
            for done in [threads.submit(act) for act in acts]:
                done.result()

    def plans(self, *reports: Report) -> tuple[ReportPlan, ...]:
        """The plans of the reports, mapped to what the books hold now."""
        return tuple(plan_of(one, self.organization) for one in reports)

    def ledger(self, who: str = "ada@traders.example") -> Ledger:
        """The ledger as a person moves it."""
        return Ledger(self.engine, Actor(who, CONNECTION, ORGANIZATION_ID))

    def client(self, timeout: float = 5.0) -> ZohoBooksClient:
        """A client of these books."""
        return zoho_client(self.zoho_url, self.tokens, timeout)

    def paced_client(self, minute: float) -> ZohoBooksClient:
        """A client that waits for its places as a connection's does; its minutes last so many seconds."""
        limits = organization_limits(
            requests_per_minute=100, concurrency=5, requests_per_day=None, daily_reserve_percent=10, plan=None
        )
        budget = SharedBudget(self.engine, "zoho", limits.scaled(minute / 60))
        return ZohoBooksClient(
            connection=CONNECTION,
            accounts_url=self.zoho_url,
            credentials=CREDENTIALS,
            token_store=self.tokens,
            organization=ORGANIZATION_ID,
            sandbox=True,
            rules=BooksRules(lambda *_: budget, organization=ORGANIZATION_ID, time_scale=minute / 60),
        )

    # What the world does.

    def order(self, kind: FaultKind, method: str = "POST", path: str = "/bills$", **facts: Any) -> Fault:
        """Let something go wrong with the next request of this kind."""
        fault = Fault(kind, method, path, **facts)
        self.books.faults.append(fault)
        return fault

    def order_after_a_write(self, kind: FaultKind, method: str, path: str) -> None:
        """Let something go wrong, again and again, as soon as somebody has tried to change the books."""
        self.books.faults.append(AfterAWrite(kind, method, path, times=99, log=self.books.request_log))

    def wait_until_quiet(self) -> None:
        """Wait until no request is under way any more, also none whose client has gone."""
        self.wait_until(lambda: self.door.under_way == 0)

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        """Wait for something that is about to happen."""
        deadline = time.monotonic() + 20
        while not is_so():
            assert time.monotonic() < deadline, "It did not happen."
            time.sleep(0.005)

    def forgive_logins(self) -> None:
        """Each process logs in by itself; Zoho would soon refuse that many of them."""
        for token in self.books.refresh_tokens.values():
            token.granted_at.clear()

    def person(self) -> PersonInZoho:
        """Somebody who works in Zoho Books by hand."""
        return PersonInZoho(self.organization)

    # What there is to see.

    @property
    def organization(self) -> Organization:
        """The one organization."""
        return self.books.organizations[ORGANIZATION_ID]

    def bills(self, report_id: str | None = None) -> list[dict[str, Any]]:
        """All bills, or those of one report, void ones included."""
        bills = self.organization.bills.values()
        return [bill for bill in bills if report_id in (None, bill["reference_number"])]

    def held(self) -> dict[str, list[Decimal]]:
        """The totals of the bills that are not void, by report."""
        totals: dict[str, list[Decimal]] = {}
        for bill in self.bills():
            if bill["status"] != "void":
                totals.setdefault(bill["reference_number"], []).append(bill["total"])
        return totals

    def writes(self) -> int:
        """How many requests so far asked for a change of the books."""
        log = self.books.request_log
        return sum(1 for one in log if one.method != "GET" and one.path.startswith("/books/v3/"))

    def posting(self, report_id: str, revision: int | None = None) -> Posting:
        """The newest revision of a report in the ledger, or the one that is named."""
        (revisions,) = self.ledger().of_reports([report_id]).values()
        return revisions[-1] if revision is None else next(one for one in revisions if one.revision == revision)

    def posted(self, report_id: str) -> list[Posting]:
        """The revisions of a report that the ledger calls posted."""
        (revisions,) = self.ledger().of_reports([report_id]).values()
        return [one for one in revisions if one.state == "posted"]

    def story(self, report_id: str) -> list[str]:
        """The events of one report, oldest first."""
        return [str(event["event"]) for event in audit.events(self.engine, report_id)]

    def assert_exactly_once(self, *reports: Report) -> None:
        """Each report is in the books once with its cents, the ledger says so, and the trail holds."""
        bills = [one for one in reports if one.part == "reimbursable"]
        journals = [one for one in reports if one.part == "company_paid"]
        assert self.held() == {one.report_id: [Decimal(one.cents) / 100] for one in bills}
        for one in bills:
            (posting,) = self.posted(one.report_id)
            bill = self.organization.bills[posting.zoho_id or ""]
            assert posting.total_cents == one.cents
            assert (bill["bill_number"], bill["status"]) == (posting.number, "open")
        held = {key: (one["reference_number"], one["total"]) for key, one in self.organization.journals.items()}
        postings = [posting for one in journals for posting in self.posted(one.report_id)]
        assert held == {one.zoho_id or "": (one.number, Decimal(one.total_cents) / 100) for one in postings}
        assert len(postings) == len(journals)
        self.assert_trail_holds()

    def assert_trail_holds(self) -> None:
        """Nobody has touched the audit trail."""
        assert audit.verify(self.engine)[1] is None


@dataclass(slots=True)
class AfterAWrite(Fault):
    """A fault that waits for the next write before it happens."""

    log: list[LoggedRequest] = field(default_factory=list)
    seen: int = -1

    def matches(self, method: str, path: str) -> bool:
        """As any fault, but not before there was a write since it was first asked."""
        if self.seen < 0:
            self.seen = len(self.log)
        written = any(one.method != "GET" and "/books/" in one.path for one in self.log[self.seen :])
        return written and Fault.matches(self, method, path)


class Door:
    """Before the server: knows how many requests are under way, and can be made to be in the way itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.under_way = 0
        self.writing = 0
        self.most_writing = 0
        self.has_a_write_in_hand = False
        self.shows_lines = True
        self.refuses_prefixes = False
        self.lets_writes_through = True
        self.change_body: Callable[[bytes], bytes] = bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        is_write = scope["path"].startswith("/books/") and scope["method"] != "GET"
        self.under_way += 1
        self.writing += is_write
        self.most_writing = max(self.most_writing, self.writing)
        try:
            if is_write and not self.lets_writes_through:
                self.has_a_write_in_hand = True
                await client_gone(receive)
            else:
                await self._serve(scope, receive, send)
        finally:
            self.under_way -= 1
            self.writing -= is_write

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.refuses_prefixes and b"_startswith=" in scope["query_string"]:
            await JSONResponse({"code": 2, "message": "Invalid value passed."}, 400)(scope, receive, send)
            return
        reply = Reply()

        async def changed() -> Message:
            message = await receive()
            is_whole = message["type"] == "http.request" and not message.get("more_body", False)
            self.has_a_write_in_hand |= is_whole and self.writing > 0
            return {**message, "body": self.change_body(message["body"])} if message.get("body") else message

        await self.app(scope, changed, reply.collect)
        before, reply.body = reply.body, self.change_body(reply.body)
        if scope["method"] == "POST" and not self.shows_lines:
            reply.body = re.sub(rb'"line_items": \[.*?\], ', b"", reply.body)
        if reply.body != before:
            reply.headers = [header for header in reply.headers if header[0] != b"content-length"]
        if reply.status:
            await reply.give(send)


@dataclass(frozen=True, slots=True)
class PersonInZoho:
    """What people do in Zoho Books without telling us."""

    organization: Organization

    def bill(self, number: str) -> dict[str, Any]:
        """The bill with this number."""
        return next(one for one in self.organization.bills.values() if one["bill_number"] == number)

    def edits_total(self, number: str, total: str) -> None:
        """Change the amount of a bill's first line so that the bill has this total."""
        bill = self.bill(number)
        line = bill["line_items"][0]
        amount = line["item_total"] + Decimal(total) - bill["total"]
        line |= {"rate": amount, "item_total": amount}
        bill |= {"total": Decimal(total), "balance": Decimal(total)}

    def voids(self, number: str) -> None:
        """Make a bill void."""
        self.bill(number).update({"status": "void", "balance": Decimal(0)})

    def reopens(self, number: str) -> None:
        """Make a void bill open again."""
        bill = self.bill(number)
        bill.update({"status": "open", "balance": bill["total"]})

    def deletes(self, number: str) -> dict[str, Any]:
        """Delete a bill; returns it."""
        return self.organization.bills.pop(self.bill(number)["bill_id"])

    def restores(self, bill: dict[str, Any]) -> None:
        """Bring a deleted bill back."""
        self.organization.bills[bill["bill_id"]] = bill

    def pays(self, number: str, amount: str | None = None) -> None:
        """Pay a bill, wholly or in part."""
        bill = self.bill(number)
        rest = Decimal(0) if amount is None else bill["total"] - Decimal(amount)
        status = "partially_paid" if rest else "paid"
        bill.update({"status": status, "balance": rest, "payments": [{"payment_id": "1"}]})


@contextmanager
def open_room(engine: sa.Engine, database_url: str) -> Iterator[Room]:
    """A room whose books are empty but for their accounts and the vendor Ada; no limits are enforced."""
    books = empty_books()
    door = Door(create_zoho_app(books))
    with serve_app(door) as url:
        yield Room(engine, database_url, url, books, door)


def empty_books() -> ZohoBooks:
    """Zoho Books of a small company in US dollars."""
    books = ZohoBooks()
    books.limits = replace(books.limits, enforced=False)
    books.allow_client(CREDENTIALS.client_id, CREDENTIALS.client_secret)
    books.allow_refresh_token(CREDENTIALS.client_id, CREDENTIALS.refresh_token)
    organization = books.add_organization(Organization(ORGANIZATION_ID, "Example Traders Inc."))
    books.add_currency(organization, "JPY", price_precision=0, exchange_rate=Decimal("0.0067"))
    for name, code in ACCOUNTS.items():
        books.add_account(organization, name, account_code=code)
    books.add_account(organization, CARD, account_code=CARD_CODE, account_type="credit_card")
    books.add_contact(organization, ADA, email="ada@traders.example")
    return books
