"""What should become of a report, worked out from its purchases and the entity's facts, not from its raw form."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeVar

from mlc_pipeline.sandbox.company.group.entity import Entity, TagValue
from mlc_pipeline.sandbox.company.group.model import PostedDocument
from mlc_pipeline.sandbox.company.group.purchases import Purchase

Key = TypeVar("Key")


def expected_documents(
    entity: Entity, purchases: Iterable[Purchase], field_value: TagValue | None
) -> tuple[PostedDocument, ...]:
    """The documents of a report without problems; `field_value` is its report field's."""
    purchases = list(purchases)
    paid = [purchase for purchase in purchases if purchase.card is None]
    on_card = [purchase for purchase in purchases if purchase.card is not None]
    documents = []
    if any(purchase.cents for purchase in paid):
        documents.append(_reimbursable(entity, paid, field_value))
    if any(purchase.cents for purchase in on_card):
        credits = Counter[str]()
        for purchase in on_card:
            credits[purchase.card.account if purchase.card else ""] -= purchase.cents
        documents.append(_journal(entity, on_card, credits, field_value))
    return tuple(documents)


def _reimbursable(entity: Entity, paid: list[Purchase], field_value: TagValue | None) -> PostedDocument:
    total = sum(purchase.cents for purchase in paid)
    if entity.reimbursable == "journal":
        return _journal(entity, paid, {entity.payable_account: -total}, field_value)
    accounts, taxes = Counter[str](), Counter[str]()
    for purchase in paid:
        accounts[purchase.category.account] += purchase.cents
        if purchase.tax and purchase.tax.tax:
            taxes[purchase.tax.tax] += purchase.tax_cents
    return PostedDocument(
        kind="bill" if total >= 0 else "vendor_credit",
        cents=total,
        accounts=_without_zeros(accounts),
        dimensions=_dimensions(entity, paid, field_value),
        taxes=_without_zeros(taxes),
        billable_cents=sum(purchase.cents for purchase in paid if purchase.billable),
    )


def _journal(
    entity: Entity, purchases: list[Purchase], credits: Mapping[str, int], field_value: TagValue | None
) -> PostedDocument:
    """The tax goes to its own account where the configuration names one, else it stays with the costs."""
    accounts, taxes, costs = Counter[str](credits), Counter[str](), Counter[tuple[str, str]]()
    for purchase in purchases:
        books_tax = purchase.tax is not None and purchase.tax.account is not None
        tax_cents = purchase.tax_cents if books_tax else 0
        accounts[purchase.category.account] += purchase.cents - tax_cents
        for dimension in _dimensions_of(entity, purchase, field_value):
            costs[dimension] += purchase.cents - tax_cents
        if purchase.tax and purchase.tax.account:
            accounts[purchase.tax.account] += tax_cents
            taxes[purchase.tax.tax or ""] += tax_cents
    return PostedDocument(
        kind="journal",
        cents=sum(purchase.cents for purchase in purchases),
        accounts=_without_zeros(accounts),
        dimensions=_without_zeros(costs),
        taxes=_without_zeros(taxes),
    )


def _dimensions(
    entity: Entity, purchases: list[Purchase], field_value: TagValue | None
) -> dict[tuple[str, str], int]:
    costs = Counter[tuple[str, str]]()
    for purchase in purchases:
        for dimension in _dimensions_of(entity, purchase, field_value):
            costs[dimension] += purchase.cents
    return _without_zeros(costs)


def _dimensions_of(entity: Entity, purchase: Purchase, field_value: TagValue | None) -> Iterable[tuple[str, str]]:
    """The dimensions that a purchase carries; a billable one also the customer of its project."""
    for value in (*purchase.tags, field_value):
        if value is None or value.dimension is None:
            continue
        yield value.dimension
        if purchase.billable and value.dimension[0] == "project":
            yield ("customer", entity.customer_of(value.dimension[1]))


def _without_zeros(counts: Mapping[Key, int]) -> dict[Key, int]:
    return {key: cents for key, cents in counts.items() if cents}
