"""Reads back what an organization of the sandbox holds, in the shape of the group's expectations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from mlc_pipeline.sandbox.company.group import GroupEntity, PostedDocument
from mlc_pipeline.sandbox.zoho.organization import Organization
from mlc_pipeline.sandbox.zoho.reporting_tags import OF_PROFIT_AND_LOSS

Record = dict[str, Any]


def differences(entity: GroupEntity, organization: Organization, *periods: str) -> list[str]:
    """Return a sentence for each report whose documents are not the expected ones, and for each unexpected one.

    Looks at the reports of these periods, of all without any. Taxes may differ by a cent for each expense.
    """
    posted = posted_documents(organization)
    wanted = [one for one in entity.expected.values() if not periods or one.period in periods]
    found = [
        f"{one.report_id} ({one.scenario}): expected {list(one.documents)}, found {posted.get(one.report_id, [])}"
        for one in wanted
        if not _alike(one.documents, posted.get(one.report_id, []), tolerance=_expenses(entity, one.report_id))
    ]
    strangers = posted.keys() - entity.expected.keys()
    return found + [f"{report_id}: not a report of the entity" for report_id in sorted(strangers)]


def _expenses(entity: GroupEntity, report_id: str) -> int:
    report = next(each for each in entity.reports if each["reportID"] == report_id)
    return len(report["transactionList"])


def _alike(expected: Sequence[PostedDocument], found: Sequence[PostedDocument], tolerance: int) -> bool:
    if len(expected) != len(found):
        return False
    return all(
        replace(one, taxes={}) == replace(other, taxes={})
        and (other.kind == "journal" or _taxes_are_close(one, other, tolerance))
        for one, other in zip(_in_order(expected), _in_order(found), strict=True)
    )


def _in_order(documents: Sequence[PostedDocument]) -> list[PostedDocument]:
    """Journals of one report are posted in any order."""
    return sorted(documents, key=lambda document: (document.kind, document.cents))


def _taxes_are_close(one: PostedDocument, other: PostedDocument, tolerance: int) -> bool:
    names = one.taxes.keys() | other.taxes.keys()
    return all(abs(one.taxes.get(name, 0) - other.taxes.get(name, 0)) <= tolerance for name in names)


def posted_documents(organization: Organization) -> dict[str, list[PostedDocument]]:
    """Return the documents by report id (from `EXP-<report id>`), the bill or credit before the journal."""
    posted: dict[str, list[PostedDocument]] = {}
    for bill in organization.bills.values():
        if bill["status"] != "void":
            posted.setdefault(_report_id(bill["bill_number"]), []).append(_bill(organization, bill, "bill"))
    for credit in organization.vendor_credits.values():
        if credit["status"] != "void":
            report_id = _report_id(credit["vendor_credit_number"])
            posted.setdefault(report_id, []).append(_bill(organization, credit, "vendor_credit"))
    for journal in organization.journals.values():
        posted.setdefault(_report_id(journal["reference_number"]), []).append(_journal(organization, journal))
    return posted


@dataclass
class _Sums:
    accounts: Counter[str] = field(default_factory=Counter)
    dimensions: Counter[tuple[str, str]] = field(default_factory=Counter)
    taxes: Counter[str] = field(default_factory=Counter)
    cost_cents: int = 0
    billable_cents: int = 0

    def add(self, organization: Organization, line: Record, cents: int, header_tags: Iterable[Record]) -> None:
        """Count one line; only costs have dimensions."""
        account = organization.accounts[line["account_id"]]
        self.accounts[account["account_name"]] += cents
        if account["account_type"] not in OF_PROFIT_AND_LOSS:
            return
        for dimension in _dimensions(organization, line, header_tags):
            self.dimensions[dimension] += cents
        self.cost_cents += cents
        self.billable_cents += cents if line.get("is_billable") else 0


def _bill(organization: Organization, document: Record, kind: Any) -> PostedDocument:
    sums = _Sums()
    sign = -1 if kind == "vendor_credit" else 1
    for line in document["line_items"]:
        amount = line["item_total_inclusive_of_tax"]
        sums.add(organization, line, sign * _cents(amount), document.get("tags", ()))
        if line.get("tax_id"):
            name = organization.taxes[line["tax_id"]]["tax_name"]
            percent = Decimal(str(line["tax_percentage"]))
            sums.taxes[name] += sign * _cents(amount * percent / (100 + percent))
    return PostedDocument(
        kind=kind,
        cents=sign * _cents(document["total"]),
        accounts=_without_zeros(sums.accounts),
        dimensions=_without_zeros(sums.dimensions),
        taxes=_without_zeros(sums.taxes),
        billable_cents=sums.billable_cents,
    )


def _journal(organization: Organization, journal: Record) -> PostedDocument:
    """The taxes of a journal are not read back: they are on accounts."""
    sums = _Sums()
    for line in journal["line_items"]:
        cents = _cents(line["amount"])
        sums.add(
            organization,
            line,
            cents if line["debit_or_credit"] == "debit" else -cents,
            journal.get("tags", ()),
        )
    paid = sum(cents for name, cents in sums.accounts.items() if _is_paid_with(organization, name))
    return PostedDocument(
        kind="journal",
        cents=-paid,
        accounts=_without_zeros(sums.accounts),
        dimensions=_without_zeros(sums.dimensions),
    )


def _is_paid_with(organization: Organization, name: str) -> bool:
    account = next(each for each in organization.accounts.values() if each["account_name"] == name)
    return account["account_type"] in ("credit_card", "other_current_liability", "bank")


def _dimensions(
    organization: Organization, line: Record, header_tags: Iterable[Record]
) -> Iterable[tuple[str, str]]:
    for choice in (*header_tags, *line.get("tags", ())):
        tag = organization.reporting_tags[choice["tag_id"]]
        names = {option["option_id"]: option["option_name"] for option in tag["options"]}
        yield (tag["tag_name"], names[choice["tag_option_id"]])
    if line.get("project_id"):
        yield ("project", organization.projects[line["project_id"]]["project_name"])
    if line.get("is_billable"):
        yield ("customer", organization.contacts[line["customer_id"]]["contact_name"])


def _cents(amount: Any) -> int:
    return int((Decimal(str(amount)) * 100).quantize(Decimal(1)))


def _report_id(number: str) -> str:
    return number.removeprefix("EXP-").partition("-")[0]


def _without_zeros(counts: Mapping[Any, int]) -> dict[Any, int]:
    return {key: cents for key, cents in counts.items() if cents}
