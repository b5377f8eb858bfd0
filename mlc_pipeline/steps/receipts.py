"""The receipts of a period on their documents in Zoho Books; only where `posting.attach_receipts` asks for it."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import dagster as dg
import pandas as pd

from mlc_pipeline.config import Connection
from mlc_pipeline.expensify.receipts import ReceiptLinks
from mlc_pipeline.failures import explained
from mlc_pipeline.frames import frame_of
from mlc_pipeline.posting.ledger import Ledger
from mlc_pipeline.posting.outcomes import counts
from mlc_pipeline.posting.receipts.attaching import ReceiptAttacher
from mlc_pipeline.posting.receipts.contents import Contents
from mlc_pipeline.posting.receipts.parcels import PostedDocument, Receipt
from mlc_pipeline.posting.receipts.records import Records
from mlc_pipeline.posting.receipts.telling import Attached, Told
from mlc_pipeline.resources import ExpensifyAccess, PostingAccess, ZohoAccess
from mlc_pipeline.schemas import RECEIPTS
from mlc_pipeline.steps.metadata import materialized, preview
from mlc_pipeline.zoho.attachments import LARGEST_FILE


def step(
    connection: Connection,
    context: dg.AssetExecutionContext,
    expenses: pd.DataFrame,
    expensify: ExpensifyAccess,
    zoho: ZohoAccess,
    posting: PostingAccess,
) -> dg.Output[pd.DataFrame]:
    """What the asset does."""
    with (
        explained(),
        expensify.client(connection) as exports,
        ReceiptLinks(sandbox=connection.sandbox, most_bytes=LARGEST_FILE) as links,
    ):
        client = zoho.client(connection)
        organization_id = client.organization().organization_id
        ledger = posting.ledger(connection, organization_id, f"run of {connection.name}", context.run.run_id)
        records = Records(ledger.engine, ledger.actor)
        contents = Contents(links, exports.report_pdfs)
        workers = connection.zoho.concurrency
        attacher = ReceiptAttacher(records, client.attachments, contents, posting.patience, workers)
        attached = attacher.attach(list(posted_documents(ledger, records, context.partition_key, expenses)))
    frame = frame_of(RECEIPTS, (_row(one) for one in attached.receipts))
    metadata = _metadata(frame, attached)
    failure = _failure(attached)
    if failure is not None:
        raise dg.Failure(failure, metadata=metadata)
    return materialized(frame, **metadata)


def posted_documents(
    ledger: Ledger, records: Records, period: str, expenses: pd.DataFrame
) -> Iterator[PostedDocument]:
    """The posted documents of the period with the receipts of their expenses; none without receipts."""
    has_receipt = (expenses[["receipt_id", "receipt_filename", "receipt_url"]].fillna("") != "").any(axis=1)
    rows = expenses[has_receipt & expenses["transaction_id"].notna()].fillna({"receipt_url": ""})
    links: dict[str, str] = dict(zip(rows["transaction_id"], rows["receipt_url"], strict=True))
    posted = [one for one in ledger.of_period(period) if one.state == "posted" and one.zoho_id]
    transactions = records.transactions(one.id for one in posted)
    made = records.made_in_this_run(one.report_id for one in posted)
    for one in posted:
        theirs = sorted(transactions.get(one.id, set()) & links.keys())
        if theirs:
            receipts = tuple(Receipt(transaction_id, links[transaction_id]) for transaction_id in theirs)
            yield PostedDocument(one, receipts, (one.report_id, one.part, one.revision) in made)


def _row(told: Told) -> dict[str, Any]:
    return {name: getattr(told, name) for name in RECEIPTS.columns}


def _failure(attached: Attached) -> str | None:
    left = [one for one in attached.receipts if one.state in ("failed", "unknown")]
    if not left:
        return None
    first = attached.failure or left[0].reason or ""
    return (
        f"{len(left)} of {len(attached.receipts)} receipts are not attached yet: {first}\n"
        "The documents themselves are posted. Materialize the asset receipts of this period again."
    )


def _metadata(frame: pd.DataFrame, attached: Attached) -> dict[str, Any]:
    states = counts([asdict(one) for one in attached.receipts])
    missing = frame[frame["state"] != "attached"]
    return {
        "uploads": attached.uploads,
        "states": ", ".join(f"{count} {state}" for state, count in states.items()) or "none",
        "not_attached": preview(missing, "number", "transaction_id", "state", "reason"),
    }
