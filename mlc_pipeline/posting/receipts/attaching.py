"""Attaches receipts to the documents of a period, each once, and tells what became of each.

What Zoho Books may have already is looked for among the files of its document before it is sent. Only a limit,
an outage or a lost login ends the whole; anything else concerns one receipt. No posting is ever changed here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from mlc_pipeline.expensify.errors import ExpensifyError
from mlc_pipeline.expensify.receipts import LinkClosed, ReceiptUnavailable, TooLarge
from mlc_pipeline.posting.claimants import claimant, is_dead
from mlc_pipeline.posting.ledger_rows import ClaimLost
from mlc_pipeline.posting.poster import MOST_ATTEMPTS, Patience
from mlc_pipeline.posting.receipts.contents import Contents
from mlc_pipeline.posting.receipts.kinds import Unfit, kind_of
from mlc_pipeline.posting.receipts.parcels import (
    Parcel,
    PostedDocument,
    Receipt,
    receipt_parcel,
    report_parcel,
)
from mlc_pipeline.posting.receipts.records import Record, Records
from mlc_pipeline.zoho.attachments import AttachedFiles, Attachments, File
from mlc_pipeline.zoho.errors import AccessRefused, NotFound, OutcomeUnknown, Refused, ZohoError

_log = logging.getLogger(__name__)

_BY_HAND = "Attach it by hand."
_LATER = "Materialize the asset receipts again."


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one receipt: attached, skipped, unknown or failed, with the reason."""

    posting_id: int
    report_id: str
    number: str
    transaction_id: str
    state: str
    reason: str | None = None
    file_name: str | None = None
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Attached:
    """All receipts of a period; `uploads` counts the files sent, `failure` is what ended the whole."""

    receipts: tuple[Told, ...]
    uploads: int
    failure: str | None


class _Stopped(Exception):
    """Nothing more is sent in this run; the text says why."""


class ReceiptAttacher:
    """Attaches what the documents of a period lack, under a claimant that lives as long as `attach` runs."""

    def __init__(
        self, records: Records, attachments: Attachments, contents: Contents, patience: Patience | None = None
    ) -> None:
        self._records = records
        self._attachments = attachments
        self._contents = contents
        self._patience = patience or Patience()
        self._claimant = ""
        self._known: dict[tuple[int, str], Record] = {}
        self._files: dict[int, AttachedFiles] = {}
        self._doubtful: set[int] = set()
        self._failure: str | None = None
        self._uploads = 0

    def attach(self, documents: Sequence[PostedDocument]) -> Attached:
        """Send what is not attached yet; what stays unknown is looked for again after the time of grace."""
        self._known = self._records.of_postings(document.posting.id for document in documents)
        self._doubtful = {document.posting.id for document in documents if not document.is_new}
        with claimant() as self._claimant:
            told = [one for document in documents for one in self._document(document)]
            unsettled = {one.posting_id for one in told if self._waits(one)}
            if unsettled and self._failure is None:
                self._wait_for_grace()
                again = [document for document in documents if document.posting.id in unsettled]
                told = [one for one in told if one.posting_id not in unsettled]
                told += [one for document in again for one in self._document(document)]
        told.sort(key=lambda one: (one.report_id, one.number, one.transaction_id))
        return Attached(tuple(told), self._uploads, self._failure)

    def _waits(self, told: Told) -> bool:
        records = (one for one in self._known.values() if one.posting_id == told.posting_id)
        return any(map(_may_show_up, records))

    def _wait_for_grace(self) -> None:
        now = self._records.now_ms()
        left = [self._grace_left(record, now) for record in self._known.values() if _may_show_up(record)]
        self._patience.sleep(max([0.0, *left]))

    def _grace_left(self, record: Record, now: int) -> float:
        return self._patience.grace_seconds - (now - (record.sent_ms or 0)) / 1000

    # One document.

    def _document(self, document: PostedDocument) -> Iterator[Told]:
        in_report = []
        for receipt in document.receipts:
            told = self._receipt(document, receipt)
            if told.state == "in_report":
                in_report.append(told)
            else:
                yield told
        if in_report:
            yield from _standing_for(self._report(document), in_report)

    def _receipt(self, document: PostedDocument, receipt: Receipt) -> Told:
        parcel = receipt_parcel(document, receipt)
        if document.posting.kind == "vendor_credit":
            return _told(parcel, "skipped", f"Zoho Books takes no files on vendor credits by program. {_BY_HAND}")
        return self._brought(parcel, lambda: self._contents.receipt(receipt.url))

    def _report(self, document: PostedDocument) -> list[Told]:
        first = report_parcel(document)
        known = self._known.get(first.id)
        if known is not None and known.is_final(first):
            return [_as_recorded(first, known)]
        try:
            contents = () if self._failure else self._contents.report(document.posting.report_id)
        except ExpensifyError as error:
            return [_told(first, "failed", f"The PDF of the report was not made: {error}")]
        if not contents:
            return [_told(first, "failed", f"Not sent: the run stopped before it. {_LATER}")]
        # The first one last: once it is attached, all are.
        numbered = reversed(list(enumerate(contents)))
        return [self._brought(report_parcel(document, at), _given(content)) for at, content in numbered]

    # One file.

    def _brought(self, parcel: Parcel, fetch: Callable[[], bytes]) -> Told:
        """Bring one file as far as it goes now."""
        seen = self._known.get(parcel.id)
        if seen is not None and seen.is_final(parcel):
            return _as_recorded(parcel, seen)
        if self._failure is not None:
            state = "unknown" if seen is not None and seen.is_open else "failed"
            return _told(parcel, state, f"Not sent: the run stopped before it. {_LATER}")
        try:
            return self._found(parcel, seen) or self._sent(parcel, seen, fetch)
        except ClaimLost as lost:
            _log.info("Left to another run: %s", lost)
            return _told(parcel, "unknown", f"Being attached by another run. {_LATER}")
        except _Stopped as stopped:
            self._failure = str(stopped)
            return self._brought(parcel, fetch)

    def _found(self, parcel: Parcel, seen: Record | None) -> Told | None:
        """What a look at the document's files settles, where there is doubt; None: it may be sent."""
        if seen is not None and self._is_held(seen):
            raise ClaimLost(parcel.stem)
        is_open = seen is not None and seen.is_open
        if not is_open and parcel.posting.id not in self._doubtful:
            return None
        try:
            files = self._looked(parcel, anew=is_open)
        except NotFound:
            return _told(parcel, "skipped", f"{parcel.posting.number} is not in Zoho Books any more.")
        return self._settled_by_look(parcel, seen, files)

    def _is_held(self, seen: Record) -> bool:
        if seen.claimed_by is None:
            return False
        return not is_dead(seen.claimed_by, seen.claimed_until_ms or 0, self._records.now_ms())

    def _settled_by_look(self, parcel: Parcel, seen: Record | None, files: AttachedFiles) -> Told | None:
        if files.names is None:
            state = "unknown" if seen is not None and seen.is_open else "skipped"
            unsaid = "Zoho Books does not say which files the document has, so nothing is sent that may be there."
            return _told(parcel, state, f"{unsaid} Look there and attach what is missing by hand.")
        there = next((name for name in sorted(files.names) if parcel.is_named(name)), None)
        if there is not None:
            return self._note(parcel, seen, "attached", None, there)
        if seen is not None and seen.is_open:
            if self._grace_left(seen, self._records.now_ms()) > 0:
                released = seen if seen.claimed_by is None else self._released(parcel, seen)
                return _as_recorded(parcel, released)
            if seen.attempts >= MOST_ATTEMPTS:
                lost = f"Sent {seen.attempts} times without an answer, and not among the files of the document."
                return _told(parcel, "unknown", f"{lost} {_BY_HAND}", seen.file_name, seen.bytes)
        if files.status == "paid":
            return _told(parcel, "skipped", f"The bill is paid, and Zoho Books takes no files then. {_BY_HAND}")
        return None

    def _released(self, parcel: Parcel, seen: Record) -> Record:
        """One whose run died while it was sent: unknown until it shows."""
        reason = "The run ended while it was sent."
        self._known[parcel.id] = self._records.note(parcel, seen, "unknown", reason)
        return self._known[parcel.id]

    def _looked(self, parcel: Parcel, *, anew: bool) -> AttachedFiles:
        posting = parcel.posting
        if anew or posting.id not in self._files:
            try:
                found = self._attachments.of_document(posting.kind or "", posting.zoho_id or "")
            except NotFound:
                raise
            except ZohoError as error:
                raise _Stopped(str(error)) from error
            self._files[posting.id] = found
        return self._files[posting.id]

    def _sent(self, parcel: Parcel, seen: Record | None, fetch: Callable[[], bytes]) -> Told:
        try:
            content = fetch()
            kind = kind_of(content)
        except ReceiptUnavailable as error:
            return _told(parcel, "failed", f"Not fetched: {error}. {_LATER}")
        except LinkClosed as error:
            return self._note(parcel, seen, "in_report", f"Not fetched: {error}.")
        except (TooLarge, Unfit) as error:
            return self._note(parcel, seen, "skipped", f"Not attached: {error}. {_BY_HAND}")
        file = File(f"{parcel.stem}.{kind.extension}", kind.media_type, content)
        lease_ms = int(self._patience.lease_seconds * 1000)
        held = self._records.claim(parcel, file, seen, self._claimant, lease_ms)
        return self._uploaded(parcel, held, file)

    def _uploaded(self, parcel: Parcel, held: Record, file: File) -> Told:
        posting = parcel.posting
        self._uploads += 1
        try:
            self._attachments.add(posting.kind or "", posting.zoho_id or "", file)
        except OutcomeUnknown as error:
            lost = self._settled(parcel, held, "unknown", str(error))
            return self._found(parcel, lost) or _as_recorded(parcel, lost)
        except ZohoError as error:
            if isinstance(error, AccessRefused) or not isinstance(error, Refused):
                self._settled(parcel, held, "planned", str(error))
                raise _Stopped(str(error)) from error
            self._doubtful.add(posting.id)  # the bill may be paid: its other receipts need not be tried
            return _as_recorded(parcel, self._settled(parcel, held, "refused", str(error)))
        return _as_recorded(parcel, self._settled(parcel, held, "attached", None))

    def _settled(self, parcel: Parcel, held: Record, state: str, reason: str | None) -> Record:
        self._known[parcel.id] = self._records.settle(parcel, held, state, reason)
        return self._known[parcel.id]

    def _note(
        self, parcel: Parcel, seen: Record | None, state: str, reason: str | None, file_name: str | None = None
    ) -> Told:
        self._known[parcel.id] = self._records.note(parcel, seen, state, reason, file_name)
        return _as_recorded(parcel, self._known[parcel.id])


def _may_show_up(record: Record) -> bool:
    return record.is_open and record.claimed_by is None and record.attempts < MOST_ATTEMPTS


def _given(content: bytes) -> Callable[[], bytes]:
    return lambda: content


_TOLD_AS = {"sending": "unknown", "refused": "skipped", "planned": "failed"}


def _as_recorded(parcel: Parcel, record: Record) -> Told:
    state = _TOLD_AS.get(record.state, record.state)
    return _told(parcel, state, record.reason, record.file_name, record.bytes)


def _told(
    parcel: Parcel, state: str, reason: str | None, file_name: str | None = None, size: int | None = None
) -> Told:
    posting = parcel.posting
    return Told(posting.id, posting.report_id, posting.number or "", parcel.key, state, reason, file_name, size)


def _standing_for(report: Iterable[Told], receipts: Iterable[Told]) -> Iterator[Told]:
    """The receipts whose links do not open share the fate of their report's PDF; of several, the worst."""
    order = ("failed", "unknown", "skipped", "attached")
    fate = min(report, key=lambda one: order.index(one.state))
    for receipt in receipts:
        standing = "The PDF of the report stands for it." if fate.state == "attached" else fate.reason or ""
        reason = f"{receipt.reason} {standing}".strip()
        yield replace(receipt, state=fate.state, reason=reason, file_name=fate.file_name, bytes=fate.bytes)
