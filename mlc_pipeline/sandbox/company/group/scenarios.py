"""The kinds of report each entity hands in: what they hold, and why some of them wait in review."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from mlc_pipeline.sandbox.company.group.purchases import Purchase, Shopper

Fill = Callable[[Shopper], list[Purchase]]

#: Larger than what Zoho Books takes as an attachment.
TOO_LARGE: Final = 6 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of report; `review` is the reason why all of it waits, and `cents_off` makes its total wrong."""

    name: str
    fill: Fill
    review: str | None = None
    cents_off: int = 0


def _ordinary(shopper: Shopper) -> list[Purchase]:
    return [shopper.cash() for _ in range(shopper.rng.randrange(1, 6))]


def _with_receipts(shopper: Shopper) -> list[Purchase]:
    kinds = (("png", 20_000), ("jpg", 300_000), ("pdf", 90_000), ("heic", 50_000), ("pdf", TOO_LARGE))
    return [shopper.cash(receipt=(f"w_{shopper.rng.getrandbits(64):016x}.{kind}", size)) for kind, size in kinds]


def _in_bad_category(reason: str) -> Fill:
    def fill(shopper: Shopper) -> list[Purchase]:
        category = next(each for each in shopper.entity.categories if each.review == reason)
        return [shopper.cash(), shopper.cash(category=category)]

    return fill


def _with_bad_tag(shopper: Shopper) -> list[Purchase]:
    bad = next(value for value in shopper.entity.tag_levels[0] if value.review)
    purchase = shopper.cash()
    return [shopper.cash(), replace(purchase, tags=(bad, *purchase.tags[1:]))]


def _untagged(shopper: Shopper) -> list[Purchase]:
    return [shopper.cash(tags=(None,) * len(shopper.entity.tag_levels)), shopper.cash()]


def _billable(shopper: Shopper) -> list[Purchase]:
    return [shopper.cash(billable=True), shopper.cash(billable=True), shopper.cash()]


def _billable_to_nobody(shopper: Shopper) -> list[Purchase]:
    purchase = shopper.cash(billable=True)
    return [replace(purchase, tags=(purchase.tags[0], None))]


def _of_each_category(shopper: Shopper) -> list[Purchase]:
    categories = shopper.entity.good_categories * 3
    return [shopper.cash(category=category) for category in categories]


def _on_bad_card(shopper: Shopper) -> list[Purchase]:
    return [shopper.card(card=next(card for card in shopper.entity.cards if card.review))]


def _foreign(*currencies: str) -> Fill:
    return lambda shopper: [shopper.foreign(currency) for currency in currencies]


def _taxed(*percents: int) -> Fill:
    return lambda shopper: [shopper.taxed(percent) for percent in percents]


def _taxed_on_card(shopper: Shopper) -> list[Purchase]:
    percents = [rate.percent for rate in shopper.entity.tax_rates if rate.review is None]
    return [replace(shopper.card(), tax=shopper.taxed(percent).tax) for percent in percents]


_EVERYWHERE: Final = (
    Scenario("ordinary", _ordinary),
    Scenario("company card", lambda shopper: [shopper.card(), shopper.card(), shopper.card()]),
    Scenario("both ways of paying", lambda shopper: [*_ordinary(shopper), shopper.card(), shopper.card(-700)]),
    Scenario("refund within", lambda shopper: [shopper.cash(90_000), shopper.cash(-1234)]),
    Scenario("net refund", lambda shopper: [shopper.cash(-45_00), shopper.cash(12_34)]),
    Scenario("receipts", _with_receipts),
    Scenario("unmapped category", _in_bad_category("unmapped_category"), "unmapped_category"),
)

SCENARIOS: Final = {
    "us": (
        *_EVERYWHERE,
        Scenario("billable", _billable),
        Scenario("billable to nobody", _billable_to_nobody, "billable_without_customer"),
        Scenario("yen and euro", _foreign("JPY", "EUR", "KWD")),
        Scenario("each category", _of_each_category),
        Scenario("untagged", _untagged),
        Scenario("inactive account", _in_bad_category("inactive_account"), "inactive_account"),
        Scenario("unknown department", _with_bad_tag, "unmapped_tag"),
        Scenario("wrong total", _ordinary, "total_mismatch", cents_off=1),
    ),
    "germany": (
        *_EVERYWHERE,
        Scenario("taxes", _taxed(19, 7, 19, 0)),
        Scenario("many taxed", _taxed(*(19, 7) * 10)),
        Scenario("taxes on the card", _taxed_on_card),
        Scenario("taxed and untaxed", lambda shopper: [*_taxed(19, 7)(shopper), *_ordinary(shopper)]),
        Scenario("dollars", _foreign("USD", "USD", "CHF")),
        Scenario("each category", _of_each_category),
        Scenario("old tax", _taxed(16), "unmapped_tax"),
        Scenario("closed cost center", _with_bad_tag, "unmapped_tag"),
        Scenario("no cost center", _untagged, "missing_dimension"),
    ),
    "india": (
        *_EVERYWHERE,
        Scenario("taxes", _taxed(18, 5, 18)),
        Scenario("taxes on the card", _taxed_on_card),
        Scenario("yen and dollars", _foreign("JPY", "USD")),
        Scenario("each category", _of_each_category),
        Scenario("untagged", _untagged),
        Scenario("unknown card", _on_bad_card, "unmapped_card"),
    ),
}
