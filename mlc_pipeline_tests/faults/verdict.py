"""What is left after all mishaps: is each approved document in Zoho Books once, to the cent, and in the ledger?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mlc_pipeline.posting import audit
from mlc_pipeline.posting.postings import Posting
from mlc_pipeline_tests.posting.reports import Report
from mlc_pipeline_tests.posting.room import Room


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many documents should be there, and everything that is wrong; `cents_off` sums the differences.

    `strangers` are documents that nobody approved; `unsettled` what the ledger does not call posted, or calls
    posted under another id; `left` tells of each document that the ledger does not call posted why.
    """

    documents: int
    duplicates: int
    missing: int
    cents_off: int
    strangers: int
    unsettled: int
    broken_trail: str | None
    left: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Nothing is wrong."""
        wrong = (self.duplicates, self.missing, self.cents_off, self.strangers, self.unsettled)
        return not any(wrong) and self.broken_trail is None


def verdict(room: Room, approved: Iterable[Report]) -> Verdict:
    """Compare what is approved with the books and with the ledger."""
    wanted = {(one.report_id, one.part): one for one in approved}
    held = _held(room)
    ledger = room.ledger().of_reports(report_id for report_id, _ in wanted)
    posted = {key: [one.zoho_id for one in ledger.get(key, []) if one.state == "posted"] for key in wanted}
    here = {key: held.get(key, {}) for key in wanted}
    _, broken = audit.verify(room.engine)
    return Verdict(
        documents=len(wanted),
        duplicates=sum(len(one) - 1 for one in here.values() if len(one) > 1),
        missing=sum(1 for one in here.values() if not one),
        cents_off=sum(
            abs(cents - wanted[key].cents) for key, documents in here.items() for cents in documents.values()
        ),
        strangers=sum(len(documents) for key, documents in held.items() if key not in wanted),
        unsettled=sum(1 for key in wanted if posted[key] != list(here[key])),
        broken_trail=f"event {broken.sequence}: {broken.why}" if broken else None,
        left=tuple(_told(ledger.get(key, [])) for key in wanted if not posted[key]),
    )


def _told(revisions: Iterable[Posting]) -> str:
    return ", ".join(
        f"{one.number} {one.state} ({one.reason_code}, {one.attempts} attempts: {one.reason})" for one in revisions
    )


def _held(room: Room) -> dict[tuple[str, str], dict[str, int]]:
    """The cents of each document in the books, by the part of a report and by id; a void bill holds nothing."""
    held: dict[tuple[str, str], dict[str, int]] = {}
    for key, zoho_id, total in (*_bills(room.organization.bills), *_journals(room.organization.journals)):
        held.setdefault(key, {})[zoho_id] = int(total * 100)
    return held


def _bills(bills: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], str, Decimal]]:
    for zoho_id, bill in bills.items():
        if bill["status"] != "void":
            yield (bill["reference_number"], "reimbursable"), zoho_id, bill["total"]


def _journals(journals: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], str, Decimal]]:
    for zoho_id, journal in journals.items():
        report_id = journal["reference_number"].removeprefix("EXP-").partition("-")[0]
        yield (report_id, "company_paid"), zoho_id, journal["total"]
