"""The delivery of one document's receipts, one after the other: Zoho's list of its files tells what is there.

What Zoho Books may have already is looked for among those files before it is sent. Only a limit, an outage or a
lost login ends more than one receipt.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from mlc_pipeline.expensify.errors import ExpensifyError
from mlc_pipeline.expensify.receipts import LinkClosed, ReceiptUnavailable, TooLarge
from mlc_pipeline.posting.claimants import is_dead
from mlc_pipeline.posting.ledger_rows import ClaimLost
from mlc_pipeline.posting.patience import MOST_ATTEMPTS, Patience
from mlc_pipeline.posting.receipts.contents import Contents
from mlc_pipeline.posting.receipts.kinds import Unfit, kind_of
from mlc_pipeline.posting.receipts.parcels import Parcel, PostedDocument, Receipt, receipt_parcel, report_parcel
from mlc_pipeline.posting.receipts.records import Record, Records
from mlc_pipeline.posting.receipts.telling import Told, as_recorded, standing_for, told
from mlc_pipeline.zoho.attachments import AttachedFiles, Attachments, File
from mlc_pipeline.zoho.errors import AccessRefused, NotFound, OutcomeUnknown, Refused, ZohoError

_log = logging.getLogger(__name__)

_BY_HAND = "Attach it by hand."
_LATER = "Materialize the asset receipts again."

Pdfs = Callable[[], tuple[bytes, ...]]
"""Makes the PDFs of the document's report; raises an ExpensifyError."""


@dataclass(frozen=True, slots=True)
class Means:
    """What the deliveries of one run share, each of it safe between threads."""

    records: Records
    attachments: Attachments
    contents: Contents
    patience: Patience
    claimant: str


class Delivery:
    """Brings the files of one document to it, given what is known of them by key. One thread at a time has it."""

    def __init__(self, means: Means, document: PostedDocument, known: Mapping[str, Record]) -> None:
        self.document = document
        self.told: tuple[Told, ...] = ()
        self.uploads = 0
        self._records = means.records
        self._attachments = means.attachments
        self._contents = means.contents
        self._patience = means.patience
        self._claimant = means.claimant
        self._known = dict(known)
        self._files: AttachedFiles | None = None
        self._is_doubtful = not document.is_new
        self._error: ZohoError | None = None

    def bring(self, pdfs: Pdfs) -> None:
        """Bring every file as far as it goes now.

        Raises:
            ZohoError: it would meet every document. What became of this one is told before.
        """
        self.told = tuple(self._all(pdfs))
        if self._error is not None:
            raise self._error

    def leave(self, error: ZohoError) -> None:
        """Tell what is known, and that the rest is not sent because of the error."""
        self._error = error
        self.told = tuple(self._all(tuple))

    @property
    def awaited(self) -> list[Record]:
        """What was sent and may yet turn up among the document's files."""
        return [one for one in self._known.values() if _may_show_up(one)]

    def grace_left(self) -> float:
        """Seconds until the last of it is to be looked for again."""
        now = self._records.now_ms()
        return max([0.0, *(self._grace_left(one, now) for one in self.awaited)])

    def _grace_left(self, record: Record, now: int) -> float:
        return self._patience.grace_seconds - (now - (record.sent_ms or 0)) / 1000

    def _all(self, pdfs: Pdfs) -> Iterator[Told]:
        in_report = []
        for receipt in self.document.receipts:
            one = self._receipt(receipt)
            if one.state == "in_report":
                in_report.append(one)
            else:
                yield one
        if in_report:
            yield from standing_for(self._report(pdfs), in_report)

    def _receipt(self, receipt: Receipt) -> Told:
        parcel = receipt_parcel(self.document, receipt)
        if self.document.posting.kind == "vendor_credit":
            return told(parcel, "skipped", f"Zoho Books takes no files on vendor credits by program. {_BY_HAND}")
        return self._brought(parcel, lambda: self._contents.receipt(receipt.url))

    def _report(self, pdfs: Pdfs) -> list[Told]:
        first = report_parcel(self.document)
        known = self._known.get(first.key)
        if known is not None and known.is_final(first):
            return [as_recorded(first, known)]
        if self._error is not None:
            return [self._unsent(first)]
        try:
            contents = pdfs()
        except ExpensifyError as error:
            return [told(first, "failed", f"The PDF of the report was not made: {error}")]
        except ZohoError as error:
            return [self._stopped(first, error)]
        # The first one last: once it is attached, all are.
        numbered = reversed(list(enumerate(contents)))
        return [self._brought(report_parcel(self.document, at), _given(content)) for at, content in numbered]

    # One file.

    def _brought(self, parcel: Parcel, fetch: Callable[[], bytes]) -> Told:
        """Bring one file as far as it goes now."""
        seen = self._known.get(parcel.key)
        if seen is not None and seen.is_final(parcel):
            return as_recorded(parcel, seen)
        if self._error is not None:
            return self._unsent(parcel)
        try:
            return self._found(parcel, seen) or self._sent(parcel, seen, fetch)
        except ClaimLost as lost:
            _log.info("Left to another run: %s", lost)
            return told(parcel, "unknown", f"Being attached by another run. {_LATER}")
        except ZohoError as error:
            return self._stopped(parcel, error)

    def _stopped(self, parcel: Parcel, error: ZohoError) -> Told:
        self._error = error
        return self._unsent(parcel)

    def _unsent(self, parcel: Parcel) -> Told:
        known = self._known.get(parcel.key)
        state = "unknown" if known is not None and known.is_open else "failed"
        return told(parcel, state, f"Not sent: the run stopped before it. {_LATER}")

    def _found(self, parcel: Parcel, seen: Record | None) -> Told | None:
        """What a look at the document's files settles, where there is doubt; None: it may be sent."""
        if seen is not None and self._is_held(seen):
            raise ClaimLost(parcel.stem)
        is_open = seen is not None and seen.is_open
        if not is_open and not self._is_doubtful:
            return None
        try:
            files = self._looked(anew=is_open)
        except NotFound:
            return told(parcel, "skipped", f"{parcel.posting.number} is not in Zoho Books any more.")
        return self._settled_by_look(parcel, seen, files)

    def _is_held(self, seen: Record) -> bool:
        if seen.claimed_by is None:
            return False
        return not is_dead(seen.claimed_by, seen.claimed_until_ms or 0, self._records.now_ms())

    def _settled_by_look(self, parcel: Parcel, seen: Record | None, files: AttachedFiles) -> Told | None:
        if files.names is None:
            state = "unknown" if seen is not None and seen.is_open else "skipped"
            unsaid = "Zoho Books does not say which files the document has, so nothing is sent that may be there."
            return told(parcel, state, f"{unsaid} Look there and attach what is missing by hand.")
        there = next((name for name in sorted(files.names) if parcel.is_named(name)), None)
        if there is not None:
            return self._note(parcel, seen, "attached", None, there)
        if seen is not None and seen.is_open:
            if self._grace_left(seen, self._records.now_ms()) > 0:
                released = seen if seen.claimed_by is None else self._released(parcel, seen)
                return as_recorded(parcel, released)
            if seen.attempts >= MOST_ATTEMPTS:
                lost = f"Sent {seen.attempts} times without an answer, and not among the files of the document."
                return told(parcel, "unknown", f"{lost} {_BY_HAND}", seen.file_name, seen.bytes)
        if files.status == "paid":
            return told(parcel, "skipped", f"The bill is paid, and Zoho Books takes no files then. {_BY_HAND}")
        return None

    def _released(self, parcel: Parcel, seen: Record) -> Record:
        """One whose run died while it was sent: unknown until it shows."""
        reason = "The run ended while it was sent."
        self._known[parcel.key] = self._records.note(parcel, seen, "unknown", reason)
        return self._known[parcel.key]

    def _looked(self, *, anew: bool) -> AttachedFiles:
        posting = self.document.posting
        if anew or self._files is None:
            self._files = self._attachments.of_document(posting.kind or "", posting.zoho_id or "")
        return self._files

    def _sent(self, parcel: Parcel, seen: Record | None, fetch: Callable[[], bytes]) -> Told:
        try:
            content = fetch()
            kind = kind_of(content)
        except ReceiptUnavailable as error:
            return told(parcel, "failed", f"Not fetched: {error}. {_LATER}")
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
        self.uploads += 1
        try:
            self._attachments.add(posting.kind or "", posting.zoho_id or "", file)
        except OutcomeUnknown as error:
            lost = self._settled(parcel, held, "unknown", str(error))
            return self._found(parcel, lost) or as_recorded(parcel, lost)
        except ZohoError as error:
            if isinstance(error, AccessRefused) or not isinstance(error, Refused):
                self._settled(parcel, held, "planned", str(error))
                raise
            self._is_doubtful = True  # the bill may be paid: its other receipts need not be tried
            return as_recorded(parcel, self._settled(parcel, held, "refused", str(error)))
        return as_recorded(parcel, self._settled(parcel, held, "attached", None))

    def _settled(self, parcel: Parcel, held: Record, state: str, reason: str | None) -> Record:
        self._known[parcel.key] = self._records.settle(parcel, held, state, reason)
        return self._known[parcel.key]

    def _note(
        self, parcel: Parcel, seen: Record | None, state: str, reason: str | None, file_name: str | None = None
    ) -> Told:
        self._known[parcel.key] = self._records.note(parcel, seen, state, reason, file_name)
        return as_recorded(parcel, self._known[parcel.key])


def _may_show_up(record: Record) -> bool:
    return record.is_open and record.claimed_by is None and record.attempts < MOST_ATTEMPTS


def _given(content: bytes) -> Callable[[], bytes]:
    return lambda: content
