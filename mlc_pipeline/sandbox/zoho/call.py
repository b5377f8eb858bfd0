"""One checked call to the Books API, as a handler sees it, and what a handler gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mlc_pipeline.sandbox.zoho.books import ZohoBooks
from mlc_pipeline.sandbox.zoho.multipart import UploadedFile
from mlc_pipeline.sandbox.zoho.organization import Organization, Record

#: A handler answers with a file itself by giving an `UploadedFile` under this name.
FILE = "file"


@dataclass(frozen=True, slots=True)
class Call:
    """A call whose token, organization, query and body were found good.

    Calls that name no organization come with the login's default one.
    """

    books: ZohoBooks
    organization: Organization
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Record
    files: tuple[UploadedFile, ...] = ()


#: Takes a call and returns the answer's properties; code 0 and the status come from the caller.
Handler = Callable[[Call], Record]
