"""By hand: a person gives a posted document what was approved since, and dismisses the entry that asked for it.

The person is believed by what the document comes to: its total, currency and vendor. How its lines are cut is
theirs to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from mlc_pipeline.accounting.money import to_decimal
from mlc_pipeline.posting.books import Found, Head, folded, rounded
from mlc_pipeline.posting.comparing import shown
from mlc_pipeline.posting.journals import debit_total
from mlc_pipeline.posting.postings import Posting
from mlc_pipeline.posting.shelves import sent

_OTHERWISE = "Correct it there, or dismiss this entry with the reason."


def approved_since(posting: Posting, revisions: Iterable[Posting]) -> list[Posting]:
    """The later revisions that a person may have given to the document of a posting, newest first.

    None where one of them has a document of its own, or may have.
    """
    later = [one for one in revisions if one.revision > posting.revision]
    if any(one.stands or one.is_open for one in later):
        return []
    asked = [one for one in later if one.kind == posting.kind and (one.is_dismissed or one.state == "review")]
    return sorted(asked, key=lambda one: one.revision, reverse=True)


def given(posting: Posting, found: Found, since: Iterable[Posting]) -> Posting | None:
    """The revision that the document of a posting has become, under a number of ours; None when it is none."""
    if _comes_to(found.head, posting, posting):
        return None
    those = (one for one in since if _number(found.head, posting, one) and _comes_to(found.head, one, posting))
    return next(those, None)


def settlement(later: Posting, replaced: Posting, found: Found) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the audit trail and the row say of a revision that is posted in the place of an earlier one."""
    document, number = sent(later)[0], _number(found.head, replaced, later)
    details = {
        "how": "changed by hand",
        "dismissal": later.reason,
        "replaced_revision": replaced.revision,
        "zoho_id": found.zoho_id,
        "number": number,
        "total": str(found.head.total),
        "total_cents": later.total_cents,
    }
    values = {
        "number": number,
        "document": replace(document, number=number).to_json(),
        "vendor_id": found.head.vendor_id,
        "zoho_id": found.zoho_id,
        "replaces_id": replaced.id,
        "amendment": "by_hand",
        "reason_code": None,
        "reason": None,
    }
    return details, values


def way_out(posting: Posting, found: Found, since: Sequence[Posting]) -> str:
    """What to do with a document that is not as it was posted, nor as its report was approved since."""
    if not since:
        return _OTHERWISE
    waiting = given(posting, found, since)
    if waiting is not None:
        text = "That is what was approved since"
        return f"{text}: dismiss entry {waiting.id} with the reason, and the next run takes it as posted."
    document, _ = sent(posting)
    totals = (found.head.total, _total(posting), _total(since[0]))
    now, before, after = (shown(total, document) for total in totals)
    if now in (before, after):
        return _OTHERWISE
    text = f"{now} is neither {before} as posted nor {after} as approved since"
    return f"{text}: correct it there to {after}, or dismiss this entry with the reason."


def _number(head: Head, *revisions: Posting) -> str:
    """Which of their numbers the document has; empty when it has another one."""
    numbers = (sent(one)[0].number for one in revisions)
    return next((number for number in numbers if folded(number) == folded(head.number)), "")


def _comes_to(head: Head, revision: Posting, posted: Posting) -> bool:
    document, vendor_id = sent(revision)
    return (
        head.stands
        and head.vendor_id == (vendor_id or sent(posted)[1])
        and head.currency in ("", document.currency)
        and rounded(head.total, document) == _total(revision)
    )


def _total(posting: Posting) -> Decimal:
    document, _ = sent(posting)
    return debit_total(document) if document.kind == "journal" else to_decimal(document.total_cents)
