"""Vendors made while posting: an employee without one gets one, once, also when two runs ask at the same time.

Zoho takes a contact's name once, so the name is the guard: who comes second is refused and finds the vendor. It
can be told not to, so what may still be made by a lost request is waited for. Since lists may lag behind, our
processes also make the vendor of one employee one after the other, and tell each other.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from itertools import islice

from mlc_pipeline.accounting.documents import Document
from mlc_pipeline.accounting.mapping import with_address
from mlc_pipeline.posting.made_vendors import MadeVendors
from mlc_pipeline.posting.vendor_doubts import VendorDoubts
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.errors import DuplicateContact, OutcomeUnknown
from mlc_pipeline.zoho.models import Vendor

_ROWS_OF_A_REQUEST = 200

_Key = tuple[str, str]


class VendorConflict(Exception):
    """No vendor can be made for the employee without a person; the text says why."""


class Vendors:
    """Makes missing vendors; each employee is asked for once a run. Safe between threads.

    The list that the mapping read may be older than a vendor that another run or a person has made since. So one
    look comes before: a search where few vendors are missing, else one listing for all of them, as long as that
    takes fewer requests than the searches.
    """

    def __init__(self, zoho: ZohoBooksClient, made: MadeVendors, doubts: VendorDoubts) -> None:
        self._zoho = zoho
        self._made_lately = made
        self._doubts = doubts
        self._made: dict[_Key, str] = {}
        self._turns: dict[_Key, threading.Lock] = {}
        self._lock = threading.Lock()
        self._missing = 0
        self._listed: Sequence[Vendor] | None = None
        self.created = 0

    def expect(self, documents: Iterable[Document]) -> None:
        """Say for which documents a vendor will be asked."""
        self._missing = len({_key(document) for document in documents if not document.vendor_id})
        self._listed = None

    def vendor_for(self, document: Document) -> str:
        """The id of the document's vendor, created when there is none.

        Raises:
            VendorConflict: the employee's name is taken by another contact.
            LeaseUnavailable: another process has been making the vendor for long.
            ZohoError: refused, or it cannot be known whether the vendor was created.
        """
        if document.vendor_id:
            return document.vendor_id
        key = _key(document)
        with self._lock:
            turn = self._turns.setdefault(key, threading.Lock())
        with turn:
            if key not in self._made:
                self._made[key] = self._find_or_create(document)
            return self._made[key]

    def _find_or_create(self, document: Document) -> str:
        existing = self._made_lately.find(*_key(document)) or self._look(document)
        if existing is None and self._doubts.waited_for(*_key(document)):
            existing = self._search(document)
        if existing is not None:
            return existing
        # The name alone is no guard while the lists do not show who has it.
        with self._made_lately.turn(*_key(document)):
            return self._made_lately.find(*_key(document)) or self._made_anew(document)

    def _made_anew(self, document: Document) -> str:
        decided = document.vendor_name or document.employee_name
        # A customer or another employee may have the name.
        for name in (decided, with_address(decided, document.employee_email)):
            try:
                return self._create(document, name)
            except DuplicateContact as error:
                refusal = error
            # Another run may have made the vendor meanwhile, or a lost request of ours was carried out late.
            existing = self._search(document)
            if existing is not None:
                return existing
        raise VendorConflict(f"A vendor for {document.employee_email} cannot be made: {refusal}") from refusal

    def _create(self, document: Document, name: str) -> str:
        try:
            with self._doubts.making(*_key(document)):
                vendor = self._zoho.create_vendor(
                    name=name,
                    email=document.employee_email,
                    currency_id=document.currency_id,
                    contact_number=document.vendor_number,
                )
        except OutcomeUnknown:
            found = self._search(document)
            if found is None:
                raise
            return found
        self._made_lately.note(vendor, *_key(document))
        with self._lock:
            self.created += 1
        return vendor.vendor_id

    def _look(self, document: Document) -> str | None:
        if self._missing < 2:
            return self._search(document)
        with self._lock:
            if self._listed is None:
                self._listed = self._list()
        return self._search(document) if not self._listed else _one_of(self._listed, document)

    def _list(self) -> Sequence[Vendor]:
        """All vendors; none where there are so many that searching is less."""
        most = self._missing * _ROWS_OF_A_REQUEST
        vendors = tuple(islice(self._zoho.vendors(), most + 1))
        return vendors if len(vendors) <= most else ()

    def _search(self, document: Document) -> str | None:
        return _one_of(self._zoho.find_vendors(email=document.employee_email), document)


def _one_of(vendors: Iterable[Vendor], document: Document) -> str | None:
    fitting = [vendor for vendor in vendors if _fits(vendor, document)]
    if len(fitting) > 1:
        raise VendorConflict(
            f"{len(fitting)} vendors in Zoho Books have the e-mail address {document.employee_email}: merge them."
        )
    return fitting[0].vendor_id if fitting else None


def _key(document: Document) -> _Key:
    return document.employee_email.casefold(), document.currency_id


def _fits(vendor: Vendor, document: Document) -> bool:
    same_email = vendor.email.casefold() == document.employee_email.casefold()
    return same_email and vendor.is_active and vendor.currency_code in ("", document.currency)
