"""Offsets: the other side of a journal in words, what its expenses were paid from or who is owed them."""

from __future__ import annotations

from collections.abc import Sequence

from mlc_pipeline.accounting import descriptions
from mlc_pipeline.accounting.batches import Head
from mlc_pipeline.accounting.checks import PAYABLES
from mlc_pipeline.accounting.columns import Groups
from mlc_pipeline.accounting.cuts import Amounts, Cut
from mlc_pipeline.accounting.documents import DocumentLine
from mlc_pipeline.accounting.sheets import Sheet


class Offsets:
    """One line for each card account of a report, or for what its employee is owed.

    Where Zoho Books wants a reporting tag on every line, one for each of the options that the expenses have.
    """

    def __init__(self, sheet: Sheet, groups: Groups, amounts: Amounts, heads: Sequence[Head]) -> None:
        cut = Cut.of(amounts, groups)
        self._ids = cut.ids
        self._bounds, self._starts, self._ends = cut.bounds.tolist(), cut.starts.tolist(), cut.ends.tolist()
        self._cents: list[int] = cut.cents.tolist()
        self._payers = [sheet.payers[payer] for payer in cut.first(sheet.payer)]
        self._tags = [sheet.required_tags[coding] for coding in cut.first(sheet.coding)]
        self._is_card = sheet.part.name == "company_paid"
        self._tails = descriptions.tails(heads, cut.reports(), cut.counts())

    def of(self, number: int, vendor_id: str) -> tuple[DocumentLine, ...]:
        """The lines of a report of the batch; where one is on accounts payable it names the vendor."""
        lines = range(self._bounds[number], self._bounds[number + 1])
        return tuple([self._line(line, vendor_id) for line in lines])

    def _line(self, number: int, vendor_id: str) -> DocumentLine:
        payer, tail = self._payers[number], self._tails[number]
        return DocumentLine(
            payer.target_id,
            payer.target_code,
            payer.target_name,
            self._cents[number],
            descriptions.of_card(payer.target_name, tail) if self._is_card else descriptions.of_payable(tail),
            self._ids[self._starts[number] : self._ends[number]],
            self._tags[number],
            customer_id=vendor_id if payer.detail == PAYABLES else "",
        )
