"""Contacts of an organization: its customers, and its vendors, which are looked for and made."""

from collections.abc import Iterator, Mapping
from typing import Literal

from mlc_pipeline.zoho.api import BooksApi
from mlc_pipeline.zoho.contact_lists import ContactList
from mlc_pipeline.zoho.models import Customer, Vendor

_LONGEST_LAST_NAME = 100
_LONGEST_SEARCH = 100  # "Max-length [100]", GET /contacts


class ContactCalls:
    """What is read of customers and vendors, and how a vendor is made."""

    _api: BooksApi

    def customers(self, status: Literal["All", "Inactive"] = "All") -> tuple[Customer, ...]:
        """All customers, inactive ones included, or only these."""
        params = {"contact_type": "customer", "filter_by": f"Status.{status}"}
        return tuple(self._api.pages("/contacts", "contacts", "contact_id", Customer.read, params))

    def customer_list(self) -> ContactList[Customer]:
        """The customers as a list that can be asked for what is new."""
        return ContactList(self._api, "customer", Customer.read)

    def vendor_list(self) -> ContactList[Vendor]:
        """The vendors as a list that can be asked for what is new."""
        return ContactList(self._api, "vendor", Vendor.read)

    def vendors(self) -> Iterator[Vendor]:
        """All vendors, inactive ones included; customers are not among them."""
        return self._vendors({})

    def find_vendors(self, *, email: str = "", name: str = "") -> tuple[Vendor, ...]:
        """The vendors with this primary email and this name, compared without case and outer spaces.

        Zoho's filters are not exact everywhere, so what it returns is compared again here.
        """
        if not email.strip() and not name.strip():
            raise ValueError("find_vendors needs an email or a name.")
        params = {**_search("email", email), **_search("contact_name", name)}
        return tuple(
            vendor
            for vendor in self._vendors(params)
            if (not email or _same(vendor.email, email)) and (not name or _same(vendor.name, name))
        )

    def create_vendor(self, name: str, *, email: str, currency_id: str = "", contact_number: str = "") -> Vendor:
        """Make a vendor named `name` with one primary contact person, in the organization's currency by default.

        `contact_number` is the employee's number, where there is one.

        Raises DuplicateContact when a customer or vendor already has the name.
        """
        numbered = {"contact_number": contact_number, "ignore_auto_number_generation": True}
        payload = {
            "contact_name": name,
            "contact_type": "vendor",
            **({"currency_id": currency_id} if currency_id else {}),
            **(numbered if contact_number else {}),
            "contact_persons": [
                {"last_name": name[:_LONGEST_LAST_NAME], "email": email, "is_primary_contact": True}
            ],
        }
        return self._api.write("POST", "/contacts", "contact", Vendor.read, payload)

    def _vendors(self, params: Mapping[str, str]) -> Iterator[Vendor]:
        wanted = {"contact_type": "vendor", "filter_by": "Status.All", **params}
        found = self._api.pages("/contacts", "contacts", "contact_id", Vendor.read, wanted)
        return (contact for contact in found if contact.contact_type in ("", "vendor"))


def _search(field: str, value: str) -> dict[str, str]:
    """A contact filter; a longer value than Zoho takes is searched by its beginning."""
    value = value.strip()
    if not value:
        return {}
    return {field: value} if len(value) <= _LONGEST_SEARCH else {f"{field}_startswith": value[:_LONGEST_SEARCH]}


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
