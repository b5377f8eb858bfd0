"""The desk where the tests attach receipts: the room's books, and an Expensify that has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import httpx
import sqlalchemy as sa

from mlc_pipeline.budgets import SharedBudget
from mlc_pipeline.expensify import ExpensifyClient, Patience
from mlc_pipeline.expensify.limits import EXPENSIFY_LIMITS, ExpensifyRules
from mlc_pipeline.expensify.receipts import ReceiptLinks
from mlc_pipeline.posting.audit import Actor
from mlc_pipeline.posting.poster import Patience as PostingPatience
from mlc_pipeline.posting.postings import Posting
from mlc_pipeline.posting.receipts.attaching import ReceiptAttacher
from mlc_pipeline.posting.receipts.contents import Contents
from mlc_pipeline.posting.receipts.parcels import PostedDocument, Receipt
from mlc_pipeline.posting.receipts.records import Records
from mlc_pipeline.posting.receipts.telling import Attached
from mlc_pipeline.sandbox.expensify import ENDPOINT, RECEIPTS, ExpensifyAccount, create_expensify_app
from mlc_pipeline.sandbox.serving import serve_app
from mlc_pipeline.tables import receipts
from mlc_pipeline.zoho.attachments import LARGEST_FILE
from mlc_pipeline_tests.posting.reports import Report
from mlc_pipeline_tests.posting.room import Room
from mlc_pipeline_tests.posting.runs import CONNECTION, ORGANIZATION_ID

ATTACHMENT = "/attachment$"
ONCE = Patience(attempts=1, first_wait=0, longest_wait=0)


@dataclass(slots=True)
class Desk:
    """Where receipts are attached: the room's books, and an Expensify that has a receipt for each transaction."""

    room: Room
    account: ExpensifyAccount
    url: str

    def post(self, *reports: Report, **facts: object) -> None:
        """Post these reports; each of their expenses gets a receipt."""
        self.room.run(*reports, **facts)
        for one in reports:
            self.account.reports.append(
                {"reportID": one.report_id, "status": "Approved", "transactionList": _expenses(one)}
            )
            self.account.receipts |= {f"{transaction}.png": 500 for transaction in one.expenses}

    def attach(
        self,
        *reports: Report,
        grace: float = 0.2,
        timeout: float = 5.0,
        is_new: bool = True,
        run_id: str = "run",
        workers: int = 1,
        minute: float | None = None,
    ) -> Attached:
        """Attach what the documents of these reports lack; paced as a connection is, if a minute has a length."""
        patience = PostingPatience(grace_seconds=grace, lease_seconds=60.0)
        with (
            self.expensify(minute) as expensify,
            ReceiptLinks(sandbox=True, most_bytes=LARGEST_FILE, patience=ONCE) as links,
            self.room.client(timeout) if minute is None else self.room.paced_client(minute) as zoho,
        ):
            contents = Contents(links, expensify.report_pdfs)
            attacher = ReceiptAttacher(self.records(run_id), zoho.attachments, contents, patience, workers)
            return attacher.attach([self.document(one, is_new=is_new) for one in reports])

    def document(self, one: Report, *, is_new: bool = True) -> PostedDocument:
        """The newest posted document of a report."""
        theirs = tuple(Receipt(each, f"{self.url}{RECEIPTS}{each}.png") for each in sorted(one.expenses))
        return PostedDocument(self._posted(one)[-1], theirs, is_new)

    def records(self, run_id: str = "run") -> Records:
        return Records(self.room.engine, Actor("run of us", CONNECTION, ORGANIZATION_ID, run_id))

    def files(self) -> dict[str, Counter[str]]:
        """The names of the files on each bill and journal."""
        documents = [*self.room.organization.bills.values(), *self.room.organization.journals.values()]
        return {
            one["reference_number"]: Counter(file["file_name"] for file in one["documents"]) for one in documents
        }

    def uploads(self) -> int:
        return sum(1 for one in self.room.books.request_log if one.path.endswith("/attachment"))

    def records_in(self, state: str) -> int:
        """How many files our database has in this state."""
        query = sa.select(sa.func.count()).select_from(receipts).where(receipts.c.state == state)
        with self.room.engine.connect() as database:
            return int(database.execute(query).scalar_one())

    @contextmanager
    def expensify(self, minute: float | None = None) -> Iterator[ExpensifyClient]:
        """A client of this Expensify; paced, if its minute has a length."""
        with ExpensifyClient(
            self.url + ENDPOINT,
            self.account.partner_user_id,
            self.account.partner_user_secret,
            zone=ZoneInfo("Europe/Berlin"),
            rules=None if minute is None else self._rules(minute / 60),
            http=httpx.Client() if minute is None else None,
            downloads=ONCE,
        ) as client:
            yield client

    def _rules(self, time_scale: float) -> ExpensifyRules:
        budget = SharedBudget(self.room.engine, "expensify", EXPENSIFY_LIMITS.scaled(time_scale))
        return ExpensifyRules(budget, time_scale=time_scale)

    def _posted(self, one: Report) -> list[Posting]:
        parts = self.room.ledger().of_reports([one.report_id]).values()
        all_of_it = [posting for part in parts for posting in part]
        return [posting for posting in all_of_it if (posting.state, posting.part) == ("posted", one.part)]

    def assert_each_once(self, *reports: Report) -> None:
        """Every receipt is on its document once, under the document's number."""
        for one in reports:
            (posting,) = self._posted(one)
            expected = Counter(f"{posting.number}-{transaction}.png" for transaction in one.expenses)
            assert self.files()[posting.number if one.part == "company_paid" else one.report_id] == expected
        self.room.assert_trail_holds()


def _expenses(one: Report) -> list[dict[str, object]]:
    return [{"transactionID": key, "amount": value.cents} for key, value in one.expenses.items()]


@contextmanager
def open_desk(room: Room) -> Iterator[Desk]:
    """A desk in the room; Expensify enforces no limits."""
    account = ExpensifyAccount("aa_ada_traders_example", "a-secret-of-the-tests")
    account.limit = None
    with serve_app(create_expensify_app(account)) as url:
        yield Desk(room, account, url)


def states(attached: Attached) -> Counter[str]:
    """How many receipts became what."""
    return Counter(one.state for one in attached.receipts)
