"""Codings as columns: each coding of a part has a number, and what is asked of all of them stands in arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from mlc_pipeline.accounting.by_report import are_of
from mlc_pipeline.accounting.codings import UNCODED, Coder, Coding
from mlc_pipeline.accounting.columns import Flags, Integers, Shared, compacted, ranked
from mlc_pipeline.accounting.dimensions import TagPlaces
from mlc_pipeline.accounting.documents import Part
from mlc_pipeline.accounting.expenses import Expenses
from mlc_pipeline.accounting.mapping import NOTHING, Resolution
from mlc_pipeline.accounting.wording import one_line


class CodingColumns:
    """The codings of the amounts of one part, worked out once for all reports; arrays are by their numbers.

    `numbers` is by expense the number of its coding; of an expense that is no amount of the part it is 0.
    """

    def __init__(self, expenses: Expenses, name: Part, coder: Coder) -> None:
        is_amount = are_of(name, expenses) & (expenses.whole("effective_cents") != 0)
        of_amounts, used = compacted(coder.numbers[is_amount], coder.count)
        self.numbers: Integers = np.zeros_like(coder.numbers)
        self.numbers[is_amount] = of_amounts
        self.codings: Sequence[Coding] = [coder.coding(number) for number in used.tolist()]
        self.categories = Shared.of_list([coder.category(number) for number in used.tolist()])
        self._places = TagPlaces.of(coder.organization, "journal")

    @cached_property
    def line_ranks(self) -> Integers:
        """What expenses must share to stand on one line: all that is sent of it."""
        return self._ranks(lambda coding: coding.line)

    @cached_property
    def credit_line_ranks(self) -> Integers:
        """The same for the lines of a vendor credit."""
        return self._ranks(lambda coding: coding.credit_line)

    @cached_property
    def headers(self) -> Integers:
        """What expenses must share to stand on one document."""
        return self._ranks(lambda coding: tuple(sorted(coding.dimensions.header_tags)))

    @cached_property
    def locations(self) -> Integers:
        """The locations."""
        return self._ranks(lambda coding: coding.dimensions.location_id)

    @cached_property
    def customers(self) -> Shared:
        """Whom it is billed to, in words."""
        return Shared.of_list([one_line(coding.dimensions.customer) or "no customer" for coding in self.codings])

    @cached_property
    def required_tags(self) -> Integers:
        """The reporting tags that each line of the document must have."""
        return ranked(self._required_tags)

    @cached_property
    def required(self) -> Sequence[Coding]:
        """Codings of nothing but these tags."""
        tagged = {tags: UNCODED.tagged(tags) for tags in set(self._required_tags)}
        return [tagged[tags] for tags in self._required_tags]

    @cached_property
    def taxes(self) -> Integers:
        """The taxes of Zoho Books."""
        return self._ranks(lambda coding: coding.tax.tax_id if coding.tax else "")

    @cached_property
    def percentages(self) -> tuple[Integers, Integers]:
        """Of the taxes, as numerators and denominators; 0 where there is none."""
        found = [coding.tax.percentage if coding.tax else (0, 1) for coding in self.codings]
        numerators, denominators = np.array(found, dtype=np.int64).reshape(-1, 2).T
        return numerators, denominators

    @cached_property
    def are_taxed(self) -> Flags:
        """Where there is a tax."""
        return self._flags(lambda coding: coding.tax is not None)

    @cached_property
    def name_taxes(self) -> Flags:
        """Where Zoho Books computes the tax."""
        return self._flags(lambda coding: bool(coding.tax_id))

    @cached_property
    def book_taxes(self) -> Flags:
        """Where the tax is booked on an account of its own."""
        return self._flags(lambda coding: coding.tax_account is not None)

    @cached_property
    def are_wrong(self) -> Flags:
        """Where something keeps expenses from being booked."""
        return self._flags(lambda coding: bool(coding.problems or coding.findings))

    @cached_property
    def are_to_bill(self) -> Flags:
        """Where somebody is to be billed, whether or not the document can say so."""
        return self._flags(lambda coding: coding.is_to_bill)

    @cached_property
    def leave_tags_out(self) -> Flags:
        """Where reporting tags have no place on the document."""
        return self._flags(lambda coding: bool(coding.dimensions.left_out))

    @cached_property
    def accounts(self) -> Sequence[Resolution]:
        """The account of each coding, then the account of each one's tax."""
        bought = [coding.account for coding in self.codings]
        return bought + [coding.tax_account or NOTHING for coding in self.codings]

    @cached_property
    def account_ranks(self) -> Integers:
        """The order of the lines on these accounts: by cost center, then account."""
        centers = [coding.dimensions.cost_center for coding in self.codings] * 2
        pairs = zip(centers, self.accounts, strict=True)
        return ranked([(center, account.target_code, account.target_id) for center, account in pairs])

    @cached_property
    def _required_tags(self) -> Sequence[Any]:
        return [self._places.required(coding.dimensions.tags) for coding in self.codings]

    def _ranks(self, key: Callable[[Coding], Any]) -> Integers:
        return ranked([key(coding) for coding in self.codings])

    def _flags(self, flag: Callable[[Coding], bool]) -> Flags:
        return np.array([flag(coding) for coding in self.codings], dtype=np.bool_)
