"""How the sandbox behaves where the reference knows no single answer, and how much it lets through."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Plan(StrEnum):
    """A subscription plan, which sets the calls per day and the requests at once."""

    FREE = "FREE"
    STANDARD = "STANDARD"
    PROFESSIONAL = "PROFESSIONAL"
    PREMIUM = "PREMIUM"
    ELITE = "ELITE"
    ULTIMATE = "ULTIMATE"

    @property
    def calls_per_day(self) -> int:
        """The daily limit of the plan (API introduction page)."""
        return {Plan.FREE: 1000, Plan.STANDARD: 2000, Plan.PROFESSIONAL: 5000}.get(self, 10000)

    @property
    def concurrency(self) -> int:
        """The requests at once (API introduction page)."""
        return 5 if self is Plan.FREE else 10


@dataclass(slots=True)
class BooksSettings:
    """One switch for each point the Zoho Books reference marks unknown, conflicting or seen once.

    void_bill_blocks_number: whether a void bill still takes its number (4.2, unknown).
    negative_bill_lines: whether a bill takes lines below zero (4.1, unknown).
    bills_become_overdue: whether an open bill past its due date reads `overdue`, a listed status (4.3).
    lock_includes_its_date: whether the lock date itself is locked (4.6, conflicting).
    date_filters_work: false ignores every date filter of the lists (4.3, said of some data centers).
    number_filters_are_exact: false lets `bill_number=` and its like match a part (section 9, question 10).
    page_context_everywhere: false leaves it out where the OpenAPI files do (section 0).
    journal_status_default: the status of a journal sent without one (5.1, seen once).
    throttled_token_status: the HTTP status of `Access Denied` for tokens, 200 or 400 (1.5, conflicting).
    rate_limit_headers: whether X-Rate-Limit-* come with answers (section 2, conflicting).
    retry_after_seconds: the Retry-After of a 429, None for no header (section 2, unknown).
    fiscal_year_month_by_name: the month as `january`, as seen live, or as the documented number (section 6).
    code_of_unknown_refusals: the code of each refusal whose code the reference does not know (section 3); None
        keeps one of our own for each case.
    tags_show_preferences: whether GET /reportingtags tells for which documents a tag is enabled, as the answers
        to changes of a tag do (section 6; its own answer has no such property).
    all_tag_options_show_inactive: whether `options/all`, which shows no status, has inactive options (section 6).
    mandatory_tags_on_every_journal_line: false asks for them on lines of income and expense accounts only.
    negative_vendor_credit_lines: whether a vendor credit takes lines below zero (4.1, unknown for bills).
    bills_refuse_excess_decimals, journals_refuse_excess_decimals: an amount with more decimals than its currency
        is refused or rounded (section 8, unknown).
    inclusive_rates_contain_tax: false puts the tax on top although `is_inclusive_tax` is true (section 8, the
        description contradicts itself).
    inclusive_lines_show_net: whether `item_total` of an inclusive line leaves the tax out (4.1, unknown).
    tax_rounded_per_line: how a bill is rounded that does not say `is_item_level_tax_calc` (section 8, unknown).
    journals_take_taxes: whether a journal line outside India takes a `tax_id` (section 9, question 9).
    payable_lines_need_contact: whether a payable or receivable journal line needs its contact (5.2, unknown).
    bound_accounts_need_their_currency: whether an account of a foreign currency takes no other (section 6).
    contact_names_are_unique: false is the preference that allows duplicates (section 6).
    contacts_by_time: how a list of contacts is sorted by a time, `newest first`, `oldest first` or `not sorted`;
        no `sort_order` is documented for it.
    contacts_are_listed_until: a time of creation; contacts made later are not listed yet (unknown; "" for none).
    vendors_without_gst_treatment_are_unregistered: India, where nothing was said of a vendor (section 8).
    consumers_need_reverse_charge, exempt_lines_need_reverse_charge: India, of employees (section 8, unverified).
    """

    void_bill_blocks_number: bool = True
    negative_bill_lines: bool = True
    bills_become_overdue: bool = False
    lock_includes_its_date: bool = False
    date_filters_work: bool = True
    number_filters_are_exact: bool = True
    page_context_everywhere: bool = True
    journal_status_default: str = "published"
    throttled_token_status: int = 200
    rate_limit_headers: bool = False
    retry_after_seconds: int | None = None
    fiscal_year_month_by_name: bool = True
    code_of_unknown_refusals: int | None = None
    tags_show_preferences: bool = False
    all_tag_options_show_inactive: bool = True
    mandatory_tags_on_every_journal_line: bool = True
    negative_vendor_credit_lines: bool = True
    bills_refuse_excess_decimals: bool = False
    journals_refuse_excess_decimals: bool = True
    inclusive_rates_contain_tax: bool = True
    inclusive_lines_show_net: bool = True
    tax_rounded_per_line: bool = False
    journals_take_taxes: bool = True
    payable_lines_need_contact: bool = True
    bound_accounts_need_their_currency: bool = True
    contact_names_are_unique: bool = True
    contacts_by_time: str = "newest first"
    contacts_are_listed_until: str = ""
    vendors_without_gst_treatment_are_unregistered: bool = True
    consumers_need_reverse_charge: bool = False
    exempt_lines_need_reverse_charge: bool = False


@dataclass(slots=True)
class Limits:
    """The documented limits; `None` for a number means the plan's own.

    A minute lasts 60 / `time_scale` seconds of the clock and a day 86400 / `time_scale`, so that tests run
    quickly. `latency` is how long each request takes, in seconds; requests at once only add up when it is
    above zero. `block_seconds` is how long an organization stays blocked after code 44 (unknown at Zoho).
    """

    enforced: bool = True
    requests_per_minute: int = 100
    concurrency: int | None = None
    calls_per_day: int | None = None
    time_scale: float = 1.0
    latency: float = 0.0
    block_seconds: float = 0.0
    refused_requests_count: bool = False


@dataclass(slots=True)
class Usage:
    """What an organization used: times of the last minute, calls of the day, requests in process."""

    recent: list[float] = field(default_factory=list)
    day: int = 0
    calls_today: int = 0
    in_process: int = 0
    most_in_process: int = 0
    blocked_until: float = 0.0
