"""What is told of each receipt of a period, and of all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from mlc_pipeline.posting.receipts.parcels import Parcel
from mlc_pipeline.posting.receipts.records import Record


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


_TOLD_AS = {"sending": "unknown", "refused": "skipped", "planned": "failed"}


def as_recorded(parcel: Parcel, record: Record) -> Told:
    """What our database knows of a file."""
    state = _TOLD_AS.get(record.state, record.state)
    return told(parcel, state, record.reason, record.file_name, record.bytes)


def told(
    parcel: Parcel, state: str, reason: str | None, file_name: str | None = None, size: int | None = None
) -> Told:
    """What became of a file."""
    posting = parcel.posting
    return Told(posting.id, posting.report_id, posting.number or "", parcel.key, state, reason, file_name, size)


def standing_for(report: Iterable[Told], receipts: Iterable[Told]) -> Iterator[Told]:
    """The receipts whose links do not open share the fate of their report's PDF; of several, the worst."""
    order = ("failed", "unknown", "skipped", "attached")
    fate = min(report, key=lambda one: order.index(one.state))
    for receipt in receipts:
        standing = "The PDF of the report stands for it." if fate.state == "attached" else fate.reason or ""
        reason = f"{receipt.reason} {standing}".strip()
        yield replace(receipt, state=fate.state, reason=reason, file_name=fate.file_name, bytes=fate.bytes)
