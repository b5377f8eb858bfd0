"""Invents single expenses of an entity, each with what is known of it beside its raw form."""

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from mlc_pipeline.sandbox.company.group.entity import Card, Category, Entity, TagValue, TaxRate
from mlc_pipeline.sandbox.company.words import COMMENTS, MERCHANTS, escaped
from mlc_pipeline.sandbox.expensify.receipts import RECEIPTS

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Purchase:
    """One expense: the cents that count in the report's currency, and what decides where they are posted.

    `original` is the amount and currency on the receipt, where it is another one. `tags` has a value or None for
    each level. A purchase without a `card` was paid by the employee.
    """

    cents: int
    category: Category
    tags: tuple[TagValue | None, ...]
    tax: TaxRate | None = None
    card: Card | None = None
    billable: bool = False
    original: tuple[int, str] | None = None
    receipt: tuple[str, int] | None = None

    @property
    def tax_cents(self) -> int:
        """The tax that the amount contains, rounded half away from zero."""
        if self.tax is None:
            return 0
        whole = 100 + self.tax.percent
        size = (2 * abs(self.cents) * self.tax.percent + whole) // (2 * whole)
        return size if self.cents >= 0 else -size


class Shopper:
    """Invents the purchases of one report of an entity; whatever is not asked for is drawn."""

    def __init__(self, rng: random.Random, entity: Entity) -> None:
        self.rng = rng
        self.entity = entity

    def cash(self, cents: int | None = None, **facts: Any) -> Purchase:
        """Paid by the employee, in a category and with tags that reach their targets."""
        purchase = Purchase(
            cents=self.rng.randrange(150, 60_000) if cents is None else cents,
            category=self.rng.choice(self.entity.good_categories),
            tags=tuple(self._tag(level) for level in self.entity.tag_levels),
        )
        return replace(purchase, **facts)

    def card(self, cents: int | None = None, **facts: Any) -> Purchase:
        """Paid with a company card."""
        card = self.rng.choice([card for card in self.entity.cards if card.review is None])
        return replace(self.cash(cents), **({"card": card} | facts))

    def foreign(self, currency: str) -> Purchase:
        """Paid by the employee in another currency; whole yen, as everywhere times 100."""
        amount = self.rng.randrange(500, 90_000)
        amount = amount * 100 if currency == "JPY" else amount
        cents = (amount * self.entity.foreign_rates_ppm[currency] + 500_000) // 1_000_000
        return self.cash(cents, original=(amount, currency))

    def taxed(self, percent: int, cents: int | None = None, **facts: Any) -> Purchase:
        """With a tax of so many percent in the amount; `facts` may name a card."""
        tax = next(rate for rate in self.entity.tax_rates if rate.percent == percent)
        return self.cash(cents, tax=tax, **facts)

    def _tag(self, level: tuple[TagValue, ...]) -> TagValue:
        return self.rng.choice([value for value in level if value.review is None])


def raw_expense(rng: random.Random, entity: Entity, purchase: Purchase, handed_in: date) -> JsonObject:
    """The purchase as export templates see it; what is not set is either missing or an empty string."""
    day = handed_in - timedelta(days=rng.randrange(1, 21))
    amount, currency = purchase.original or (purchase.cents, entity.currency)
    raw: JsonObject = {
        "transactionID": str(rng.randrange(4 * 10**18, 5 * 10**18)),
        "type": "expense",
        "amount": amount,
        "currency": currency,
        "currencyConversionRate": "1",
        "created": str(day),
        "inserted": f"{day} 11:03:20",
        "merchant": escaped(rng.choice(MERCHANTS)),
        "category": escaped(purchase.category.name),
        "comment": escaped(rng.choice(COMMENTS)),
        "reimbursable": purchase.card is None,
        "billable": purchase.billable,
        "hasTax": purchase.tax is not None,
        **_conversion(entity, purchase),
        **_codes(purchase),
        **_tags(purchase),
        **_tax(purchase),
    }
    if purchase.card:
        raw |= {"bank": purchase.card.bank, "cardName": purchase.card.name, "mcc": "7011"}
    if purchase.receipt:
        name = purchase.receipt[0]
        kind = name.rpartition(".")[2]
        receipt = {"url": RECEIPTS + name, "type": kind, "transactionID": raw["transactionID"]}
        raw |= {"receiptID": str(rng.randrange(10**9, 10**10)), "receiptFilename": name, "receiptObject": receipt}
    unset = ("modifiedAmount", "convertedAmount", "modifiedMerchant", "bank", "cardName", "taxAmount", "tag")
    return raw | {name: "" for name in unset if name not in raw and rng.random() < 0.5}


def _conversion(entity: Entity, purchase: Purchase) -> JsonObject:
    if purchase.original is None:
        return {}
    rate = entity.foreign_rates_ppm[purchase.original[1]]
    return {
        "convertedAmount": purchase.cents,
        "currencyConversionRate": f"{rate // 10**6}.{rate % 10**6:06d}",
    }


def _codes(purchase: Purchase) -> JsonObject:
    return {"categoryGlCode": purchase.category.gl_code} if purchase.category.gl_code else {}


def _tags(purchase: Purchase) -> JsonObject:
    """Every level on its own, and all joined with a colon; a colon in a name is escaped in the joined form."""
    names = ["" if tag is None else tag.name for tag in purchase.tags]
    codes = ["" if tag is None else tag.gl_code for tag in purchase.tags]
    if not any(names):
        return {}
    raw = {
        "tag": escaped(":".join(name.replace(":", r"\:") for name in names)),
        "tagGlCode": ":".join(codes) if any(codes) else "",
    }
    for level, (name, code) in enumerate(zip(names, codes, strict=True), start=1):
        raw |= {f"ntag{level}": escaped(name), f"ntag{level}GlCode": code}
    return raw


def _tax(purchase: Purchase) -> JsonObject:
    if purchase.tax is None:
        return {}
    return {
        "taxAmount": purchase.tax_cents,
        "taxName": "Tax",
        "taxRate": f"{purchase.tax.percent}%",
        "taxRateName": escaped(purchase.tax.name),
        "taxCode": purchase.tax.code,
    }
