"""Vendors made while posting: an employee without one gets one, once, also when two runs ask at the same time."""

from __future__ import annotations

import threading

from mlc_pipeline.accounting.documents import Document
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.errors import DuplicateContact, OutcomeUnknown
from mlc_pipeline.zoho.models import Vendor


class VendorConflict(Exception):
    """No vendor can be made for the employee without a person; the text says why."""


class Vendors:
    """Makes missing vendors; each employee is asked for once a run."""

    def __init__(self, zoho: ZohoBooksClient) -> None:
        self._zoho = zoho
        self._made: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()
        self.created = 0

    def vendor_for(self, document: Document) -> str:
        """The id of the document's vendor, created when there is none.

        Raises:
            VendorConflict: the employee's name is taken by another contact.
            ZohoError: refused, or it cannot be known whether the vendor was created.
        """
        if document.vendor_id:
            return document.vendor_id
        key = (document.employee_email.casefold(), document.currency_id)
        with self._lock:
            if key not in self._made:
                self._made[key] = self._find_or_create(document)
            return self._made[key]

    def _find_or_create(self, document: Document) -> str:
        # The list that the mapping read may be older than a vendor that another run has made since.
        existing = self._find(document)
        if existing is not None:
            return existing
        # A customer or another employee may have the name; with the address it is nobody else's.
        for name in (document.employee_name, f"{document.employee_name} ({document.employee_email})"):
            try:
                return self._create(document, name)
            except DuplicateContact as error:
                refusal = error
            # Another run may have made the vendor meanwhile, or a lost request of ours was carried out late.
            existing = self._find(document)
            if existing is not None:
                return existing
        raise VendorConflict(f"A vendor for {document.employee_email} cannot be made: {refusal}") from refusal

    def _create(self, document: Document, name: str) -> str:
        try:
            vendor = self._zoho.create_vendor(
                name=name, email=document.employee_email, currency_id=document.currency_id
            )
        except OutcomeUnknown:
            found = self._find(document)
            if found is None:
                raise
            return found
        self.created += 1
        return vendor.vendor_id

    def _find(self, document: Document) -> str | None:
        fitting = [
            vendor for vendor in self._zoho.find_vendors(email=document.employee_email) if _fits(vendor, document)
        ]
        if len(fitting) > 1:
            raise VendorConflict(
                f"{len(fitting)} vendors in Zoho Books have the e-mail address {document.employee_email}: "
                "merge them."
            )
        return fitting[0].vendor_id if fitting else None


def _fits(vendor: Vendor, document: Document) -> bool:
    same_email = vendor.email.casefold() == document.employee_email.casefold()
    return same_email and vendor.is_active and vendor.currency_code in ("", document.currency)
