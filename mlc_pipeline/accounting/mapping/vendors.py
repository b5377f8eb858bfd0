"""Vendors: whom a report's bill is owed to, and whom the bill for a company card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mlc_pipeline.accounting.mapping.answers import Resolution, refused
from mlc_pipeline.accounting.mapping.new_vendors import LONGEST_ADDRESS, called
from mlc_pipeline.accounting.mapping.reference import Vendor
from mlc_pipeline.accounting.problems import Reason
from mlc_pipeline.accounting.wording import name_key


@dataclass(frozen=True, slots=True)
class Employee:
    """Who submitted reports, in one of the currencies of these; `number` is the employee number, if any.

    `has_another`: a vendor in another currency is to be created already.
    """

    email: str
    name: str
    currency: str
    number: str = ""
    has_another: bool = False


@dataclass(frozen=True, slots=True)
class EmployeeRules:
    """`create`: an employee without a vendor becomes one. `trusts_number`: mlc.yaml names the number's field.

    A contact number that nobody named as the employee's may be any number: it decides only where the name agrees.
    `numbers_contacts`: a new vendor gets the employee's number as its contact number; not so where mlc.yaml names
    a custom field, for contact numbers are something else there.
    """

    create: bool
    trusts_number: bool = False
    numbers_contacts: bool = True


class Vendors:
    """Vendors, looked up by e-mail address, number and name without regard to case and spaces."""

    def __init__(self, vendors: Iterable[Vendor]) -> None:
        self._by_email: dict[str, list[Vendor]] = {}
        self._by_number: dict[str, list[Vendor]] = {}
        self._by_name: dict[str, list[Vendor]] = {}
        for vendor in vendors:
            self._by_email.setdefault(name_key(vendor.email), []).append(vendor)
            self._by_number.setdefault(name_key(vendor.number), []).append(vendor)
            self._by_name.setdefault(name_key(vendor.name), []).append(vendor)

    def with_email(self, email: str) -> Sequence[Vendor]:
        """Those whose primary contact person has the address; nobody has an empty one."""
        return self._by_email.get(name_key(email), ()) if email else ()

    def with_number(self, number: str) -> Sequence[Vendor]:
        """Those with the number; nobody has an empty one."""
        return self._by_number.get(name_key(number), ()) if number else ()

    def with_name(self, name: str) -> Sequence[Vendor]:
        """Those with the name; nobody has an empty one."""
        return self._by_name.get(name_key(name), ()) if name else ()


def resolve_employee(employee: Employee, vendors: Vendors, rules: EmployeeRules) -> Resolution:
    """The vendor with the employee's e-mail address, else with the number, else with the name; else a new one."""
    if not employee.email:
        return refused(Reason.VENDOR_MISSING, "The report names no employee: it cannot become a bill.")
    known = vendors.with_email(employee.email)
    if known:
        return _one_vendor(known, f"the e-mail address {employee.email}", employee, rules, how="email")
    numbered = vendors.with_number(employee.number)
    if numbered:
        return _by_number(numbered, employee, rules)
    named = vendors.with_name(employee.name)
    if any(vendor.email for vendor in named):
        return refused(
            Reason.VENDOR_AMBIGUOUS,
            f"Zoho Books has a vendor named “{employee.name}” with another e-mail address than {employee.email}: "
            "if it is the same person give that vendor this address, else create a vendor with this address.",
        )
    if named:
        return _one_vendor(named, f"the name “{employee.name}”", employee, rules, how="name")
    if rules.create and employee.has_another:
        return _second_vendor(employee)
    if rules.create:
        number = employee.number if rules.numbers_contacts else ""
        return _new_vendor(employee, called(employee.name, employee.email), number)
    return refused(
        Reason.VENDOR_MISSING,
        f"Zoho Books has no vendor with the e-mail address {employee.email}: create one, or set "
        "posting.create_vendors.",
    )


def resolve_card_vendor(
    card_name: str, bank: str, currency: str, vendors: Mapping[str, str], known: Vendors
) -> Resolution:
    """The vendor of the bill for a company card: the configured one, else one named like the card or the bank.

    Where that is kept in another currency than the report, it is the one named `Name (EUR)`.

    `vendors` is `posting.company_card_vendors` of mlc.yaml: card or bank, or `default`, to the vendor's name.
    """
    configured = {name_key(name): vendor for name, vendor in vendors.items()}
    for name in (card_name, bank, "default"):
        if name and name_key(name) in configured:
            key = f"posting.company_card_vendors: {name}"
            return _vendor_named(configured[name_key(name)], key, currency, known)
    for name in (card_name, bank):
        if known.with_name(name):
            return _one_of_that_name(name, currency, known, how="name")
    card = card_name or bank or "default"
    return refused(
        Reason.UNMAPPED_CARD,
        f"The card “{card_name or bank or 'without a name'}” has no vendor: write who is owed for it in mlc.yaml, "
        f'for example posting.company_card_vendors: {{"{card}": NAME OF THE VENDOR}}.',
    )


def _by_number(numbered: Sequence[Vendor], employee: Employee, rules: EmployeeRules) -> Resolution:
    if not rules.trusts_number and not any(_same(vendor.name, employee.name) for vendor in numbered):
        return refused(
            Reason.VENDOR_AMBIGUOUS,
            f"The vendor {numbered[0].name} has the number {employee.number} of {employee.email}, but another "
            "name and e-mail address: give the right vendor this address, or say in mapping.employee_number_field "
            "which field of a vendor holds the employee number.",
        )
    return _one_vendor(numbered, f"the number {employee.number}", employee, rules, how="number")


def _one_vendor(
    found: Sequence[Vendor], by: str, employee: Employee, rules: EmployeeRules, *, how: str
) -> Resolution:
    active = [vendor for vendor in found if vendor.is_active]
    if not active:
        return refused(Reason.INACTIVE_VENDOR, f"The vendor with {by} is inactive in Zoho Books: activate it.")
    fitting = _in_currency(active, employee.currency)
    if not fitting and _in_currency(found, employee.currency):
        return refused(
            Reason.INACTIVE_VENDOR,
            f"The vendor with {by} in {employee.currency} is inactive in Zoho Books: activate it.",
        )
    if not fitting and rules.create:
        return _second_vendor(employee)
    if not fitting:
        return refused(
            Reason.CURRENCY_MISMATCH,
            f"The vendor with {by} is kept in {active[0].currency}, the report is in {employee.currency}: add a "
            f"vendor for this employee in {employee.currency}.",
        )
    if len(fitting) > 1:
        return refused(
            Reason.VENDOR_AMBIGUOUS,
            f"{len(fitting)} vendors in Zoho Books have {by}: merge them, or mark all but one as inactive.",
        )
    return _found(fitting[0], how)


def _in_currency(vendors: Sequence[Vendor], currency: str) -> Sequence[Vendor]:
    """Those of the currency, else those of which Zoho does not say it."""
    exact = [vendor for vendor in vendors if vendor.currency == currency]
    return exact or [vendor for vendor in vendors if not vendor.currency]


def _second_vendor(employee: Employee) -> Resolution:
    # The number stays with the first: whether Zoho takes it twice is not documented.
    return _new_vendor(employee, f"{called(employee.name, employee.email)} ({employee.currency})", number="")


def _new_vendor(employee: Employee, name: str, number: str) -> Resolution:
    if len(employee.email) > LONGEST_ADDRESS:
        return refused(
            Reason.VENDOR_MISSING,
            f"The e-mail address {employee.email} has {len(employee.email)} characters, and Zoho Books takes up "
            f"to {LONGEST_ADDRESS}: create a vendor named “{name}” there without an address, or correct the "
            "address in Expensify.",
        )
    return Resolution("to_create", "", number, name, detail=employee.currency)


def _vendor_named(name: str, key: str, currency: str, vendors: Vendors) -> Resolution:
    if not vendors.with_name(name):
        return refused(
            Reason.VENDOR_MISSING,
            f"{key} names the vendor “{name}”, which Zoho Books does not have: create it, or correct the name in "
            "mlc.yaml.",
        )
    return _one_of_that_name(name, currency, vendors, how="override")


def _one_of_that_name(name: str, currency: str, vendors: Vendors, *, how: str) -> Resolution:
    named, in_currency = vendors.with_name(name), f"{name} ({currency})"
    fitting = _in_currency(named, currency)
    if not fitting:
        name, fitting = in_currency, _in_currency(vendors.with_name(in_currency), currency)
    if not fitting:
        return refused(
            Reason.CURRENCY_MISMATCH,
            f"The vendor “{named[0].name}” is kept in {named[0].currency}, the report is in {currency}: add a "
            f"vendor named “{in_currency}” in {currency} in Zoho Books.",
        )
    active = [vendor for vendor in fitting if vendor.is_active]
    if not active:
        return refused(Reason.INACTIVE_VENDOR, f"The vendor “{name}” is inactive in Zoho Books: activate it.")
    if len(active) > 1:
        return refused(
            Reason.VENDOR_AMBIGUOUS, f"{len(active)} vendors in Zoho Books are named “{name}”: rename all but one."
        )
    return _found(active[0], how)


def _found(vendor: Vendor, how: str) -> Resolution:
    return Resolution(how, vendor.vendor_id, "", vendor.name, detail=vendor.currency)


def _same(one: str, other: str) -> bool:
    return name_key(one) == name_key(other)
