"""The vendors or the customers of an organization as lists: all pages, the newest page, the inactive ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Generic, Literal

from mlc_pipeline.zoho.api import BooksApi
from mlc_pipeline.zoho.fields import Row
from mlc_pipeline.zoho.models import Vendor
from mlc_pipeline.zoho.newest_first import Kind


class ContactList(Generic[Kind]):
    """The contacts of one type; `requests` counts what was asked for so far."""

    def __init__(
        self, api: BooksApi, contact_type: Literal["vendor", "customer"], read: Callable[[Row], Kind]
    ) -> None:
        self._api = api
        self._type = contact_type
        self._read = read
        self.requests = 0

    def pages(self) -> Iterator[tuple[Kind, ...]]:
        """All contacts, inactive ones included, in Zoho's own order."""
        return self._pages({"filter_by": "Status.All"})

    def newest(self) -> tuple[Kind, ...]:
        """One page of all sorted by the time of change; in which direction is not documented."""
        return next(self._pages({"filter_by": "Status.All", "sort_column": "last_modified_time"}), ())

    def inactive(self) -> Iterator[Kind]:
        """The inactive ones alone."""
        return chain.from_iterable(self._pages({"filter_by": "Status.Inactive"}))

    def _pages(self, params: Mapping[str, str]) -> Iterator[tuple[Kind, ...]]:
        wanted = {"contact_type": self._type, **params}
        for page in self._api.page_by_page("/contacts", "contacts", "contact_id", self._read, wanted):
            self.requests += 1
            yield tuple(one for one in page if self._is_of_type(one))

    def _is_of_type(self, contact: Kind) -> bool:
        return not isinstance(contact, Vendor) or contact.contact_type in ("", self._type)
