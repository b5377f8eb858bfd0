"""What a kept list lacks is looked for in the whole one before it is believed not to be there.

A vendor that is not found is made, so that one who was overlooked would be there twice. What is found is not in
doubt: Zoho Books refuses a document for somebody who was deleted, and the inactive ones are read with each run.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pandas as pd

from mlc_pipeline.config import Connection
from mlc_pipeline.resources import ZohoAccess
from mlc_pipeline.steps.reference import ReferenceFrames
from mlc_pipeline.steps.zoho_dimensions import targets, with_customers
from mlc_pipeline.steps.zoho_vendors import vendors_frame


def missed(connection: Connection, mappings: pd.DataFrame) -> frozenset[str]:
    """The kept lists in which something of the mappings was not found, or not by what it is known by best."""
    names = set()
    unresolved = mappings["reason_code"].notna()
    of_employees = (mappings["kind"] == "employee") & (mappings["how"] != "email")
    of_cards = (mappings["kind"] == "card_vendor") & unresolved
    if (of_cards | (of_employees & (connection.posting.reimbursable == "bill"))).any():
        names.add("vendors")
    of_tags = mappings["kind"].isin(["tag", "report_field"]) & unresolved
    if of_tags.any() and any(target.dimension == "customer" for target in targets(connection)):
        names.add("customers")
    return frozenset(names)


def read_anew(
    connection: Connection, frames: ReferenceFrames, names: Collection[str], zoho: ZohoAccess
) -> ReferenceFrames | None:
    """The frames with those of the lists read whole that are in doubt; None if none is."""
    doubted = {name for name in names if zoho.kept(connection, name).is_in_doubt}
    if "vendors" in doubted:
        vendors = zoho.vendors(connection, whole=True).contacts
        frames = replace(frames, vendors=vendors_frame(connection, vendors))
    if "customers" in doubted:
        customers = zoho.customers(connection, whole=True).contacts
        frames = replace(frames, dimensions=with_customers(frames.dimensions, customers))
    return frames if doubted else None
