"""Invents single expenses in Expensify's raw form, each with the amount that counts worked out beside it."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from mlc_pipeline.sandbox.company import ledger
from mlc_pipeline.sandbox.company.ledger import Category
from mlc_pipeline.sandbox.company.words import COMMENTS, FOREIGN_RATES_PPM, MERCHANTS, escaped

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Expense:
    """One expense: its raw form, the cents that count in the report's currency, and what is known about it."""

    raw: JsonObject
    cents: int
    reimbursable: bool
    category: Category


class ExpenseInventor:
    """Invents the expenses of one report, in its currency, dated before the day it was handed in."""

    def __init__(self, rng: random.Random, currency: str, handed_in: date) -> None:
        self._rng = rng
        self._currency = currency
        self._handed_in = handed_in

    def cash(self, category: Category | None = None, cents: int | None = None) -> Expense:
        """Paid by the employee in the report's currency; `convertedAmount` is unset or repeats the amount."""
        cents = self._cents() if cents is None else cents
        raw = self._raw(category := category or self._rng.choice(ledger.MAPPED[:6]), cents, self._currency)
        if self._rng.random() < 0.3:
            raw["convertedAmount"] = cents
        return Expense(raw, cents, reimbursable=True, category=category)

    def edited(self) -> Expense:
        """Edited by hand: amount, merchant, and sometimes the date."""
        original, cents = self._cents(), self._cents()
        raw = self._raw(category := self._category(), original, self._currency)
        raw |= {"modifiedAmount": cents, "modifiedMerchant": escaped(self._rng.choice(MERCHANTS))}
        raw["modifiedCreated"] = str(self._day())
        raw.pop("convertedAmount", None)
        return Expense(raw, cents, reimbursable=True, category=category)

    def foreign(self, currency: str | None = None) -> Expense:
        """Paid in another currency; every third one was also edited, before conversion."""
        currency = currency or self._rng.choice(list(FOREIGN_RATES_PPM))
        original = self._cents() * (100 if currency in ("JPY", "INR") else 1)
        original -= original % 100 if currency == "JPY" else 0  # whole yen, still times 100
        raw = self._raw(category := self._category(), original, currency)
        rate = FOREIGN_RATES_PPM[currency]
        if self._rng.random() < 0.3:
            raw["modifiedAmount"] = original = original + 1200
        cents = (original * rate + 500_000) // 1_000_000
        raw |= {"convertedAmount": cents, "currencyConversionRate": f"{rate // 10**6}.{rate % 10**6:06d}"}
        return Expense(raw, cents, reimbursable=True, category=category)

    def refund(self, cents: int | None = None) -> Expense:
        """Money that came back: a negative amount."""
        return self.cash(cents=-(self._cents() if cents is None else cents))

    def company_card(self, cents: int | None = None) -> Expense:
        """Bought with the company's card: imported, not reimbursable."""
        bought = self.cash(cents=cents)
        card = {"bank": "vcf", "cardName": "Corporate Visa", "cardNumber": "4111XXXXXXXX1111", "mcc": "7011"}
        raw = bought.raw | card | {"reimbursable": False}
        return Expense(raw, bought.cents, reimbursable=False, category=bought.category)

    def personal_card(self) -> Expense:
        """Imported from the employee's own card: has a bank, and is reimbursable all the same."""
        bought = self.cash()
        card = {"bank": "plaid.example", "cardName": "Private Card"}
        return Expense(bought.raw | card, bought.cents, reimbursable=True, category=bought.category)

    def split(self) -> list[Expense]:
        """One purchase split in two transactions."""
        parts = [self.cash(ledger.MAPPED[0]), self.cash(ledger.MAPPED[4])]
        merchant = escaped("Metro C&C")
        for part in parts:
            part.raw.update({"nameValuePairs": {"source": "split"}, "merchant": merchant})
        return parts

    def distance(self) -> Expense:
        """Mileage: kilometres times a rate in cents, printed as decimal text."""
        tenths, rate = self._rng.randrange(10, 3000), 30
        kilometres = f"{tenths // 10}.{tenths % 10}"
        drive = self.cash(ledger.MILEAGE, (tenths * rate + 5) // 10)
        units = {"count": kilometres, "rate": str(rate), "unit": "km", "name": "Distance"}
        drive.raw.update(
            {
                "type": "distance",
                "isDistance": True,
                "units": units,
                "merchant": f"{kilometres} km @ 0.30 / km",
            }
        )
        return drive

    def per_diem(self) -> Expense:
        """A daily allowance."""
        allowance = self.cash(ledger.PER_DIEM, 2800 * self._rng.randrange(1, 4))
        allowance.raw.update({"type": "perDiem", "merchant": "Per diem DE"})
        return allowance

    def taxed(self) -> Expense:
        """With tax, included in the amount."""
        bought = self.cash()
        rate, name, code = self._rng.choice(ledger.TAX_RATES)
        tax_cents = (bought.cents * rate + (100 + rate) // 2) // (100 + rate)
        bought.raw.update({"hasTax": True, "taxAmount": tax_cents, "taxName": "VAT"})
        bought.raw.update({"taxRate": f"{rate}%", "taxRateName": name, "taxCode": code})
        return bought

    def tagged(self) -> Expense:
        """With a two-level tag, and billable."""
        bought = self.cash()
        tag = self._rng.choice(ledger.TAGS)
        bought.raw.update(
            {"tag": escaped(tag.joined), "tagGlCode": f"{tag.first_code}:{tag.second_code}", "billable": True}
        )
        bought.raw.update({"ntag1": escaped(tag.first), "ntag1GlCode": tag.first_code})
        bought.raw.update({"ntag2": escaped(tag.second), "ntag2GlCode": tag.second_code})
        return bought

    def _raw(self, category: Category, amount: int, currency: str) -> JsonObject:
        day = self._day()
        raw = {
            "transactionID": str(self._rng.randrange(4 * 10**18, 5 * 10**18)),
            "type": "expense",
            "amount": amount,
            "currency": currency,
            "currencyConversionRate": "1",
            "created": str(day),
            "inserted": f"{day} 11:03:20",
            "merchant": escaped(self._rng.choice(MERCHANTS)),
            "category": escaped(category.name),
            "comment": escaped(self._rng.choice(COMMENTS)),
            "reimbursable": True,
            "billable": False,
            "hasTax": False,
            "isDistance": False,
        }
        if category.gl_code:
            raw["categoryGlCode"] = category.gl_code
        return raw | self._unset(
            "modifiedAmount", "convertedAmount", "modifiedMerchant", "modifiedCreated", "categoryGlCode", "tag",
            "ntag1", "ntag1GlCode", "ntag2", "ntag2GlCode", "bank", "cardName", "mcc", "taxAmount", "taxRateName",
            "receiptFilename", present=raw,
        )  # fmt: skip

    def _unset(self, *names: str, present: JsonObject) -> JsonObject:
        """What is not set is either missing altogether or an empty string; both occur."""
        return {name: "" for name in names if name not in present and self._rng.random() < 0.5}

    def _category(self) -> Category:
        return self._rng.choice(ledger.MAPPED[:6])

    def _cents(self) -> int:
        return self._rng.randrange(150, 60_000)

    def _day(self) -> date:
        return self._handed_in - timedelta(days=self._rng.randrange(1, 21))
