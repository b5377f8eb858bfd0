"""Reading the vendors or customers: only what is new where the rest is kept and that can be proven, else whole."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Generic, Protocol

from mlc_pipeline.zoho.contact_lists import ContactList
from mlc_pipeline.zoho.errors import Refused, UnexpectedAnswer
from mlc_pipeline.zoho.newest_first import (
    Kind,
    KnownContacts,
    NotProven,
    brought_up,
    confirm_inactive,
    learnt,
)

_log = logging.getLogger(__name__)

REQUESTS_FOR_WHAT_IS_NEW = 2
"""The newest page, and the inactive ones: a list of no more pages than that is read whole for as little."""


class ListStore(Protocol):
    """Keeps one list between runs, for as long as it may be trusted."""

    def load(self) -> str | None:
        """What was kept last; None if nothing was, or if it may not be trusted any more."""

    def keep(self, content: str, *, is_whole: bool) -> None:
        """Keep a list that was just read, unless somebody else has kept or refused one since `load`."""

    def keep_nothing(self) -> None:
        """Say that the list was just read whole and is not to be kept."""


@dataclass(frozen=True, slots=True)
class Reading(Generic[Kind]):
    """The contacts of a kind, how they were read, in words, and with how many requests."""

    contacts: tuple[Kind, ...]
    how: str
    requests: int


def read_contacts(listed: ContactList[Kind], kind: type[Kind], store: ListStore, *, whole: bool) -> Reading[Kind]:
    """All contacts of a kind, `whole` from Zoho Books or where it can be proven with what was kept.

    Raises:
        ZohoError: they cannot be read.
    """
    content = store.load()
    if content is None or whole:
        return _read_whole(listed, store, "whole")
    kept = _decoded(content, kind)
    try:
        known = brought_up(kept, listed.newest())
        confirm_inactive(known, listed.inactive())
    except (NotProven, Refused, UnexpectedAnswer) as reason:
        _log.info("What is new in a list cannot be told: %s.", reason)
        return _read_whole(listed, store, f"whole: {reason}")
    store.keep(_encoded(known), is_whole=False)
    how = f"what was changed since {kept.newest.isoformat()}, and the inactive ones; the rest was kept"
    return Reading(tuple(known.contacts.values()), how, listed.requests)


def _read_whole(listed: ContactList[Kind], store: ListStore, how: str) -> Reading[Kind]:
    pages = tuple(listed.pages())
    contacts = tuple(contact for page in pages for contact in page)
    if len(pages) > REQUESTS_FOR_WHAT_IS_NEW:
        try:
            known = learnt(pages, listed.newest())
        except (NotProven, Refused, UnexpectedAnswer) as reason:
            how = f"{how}; not kept: {reason}"
        else:
            store.keep(_encoded(known), is_whole=True)
            return Reading(tuple(known.contacts.values()), how, listed.requests)
    store.keep_nothing()
    return Reading(contacts, how, listed.requests)


def _encoded(known: KnownContacts[Any]) -> str:
    contacts = [asdict(contact) for contact in known.contacts.values()]
    return json.dumps({"newest": known.newest, "contacts": contacts}, default=datetime.isoformat)


def _decoded(content: str, kind: type[Kind]) -> KnownContacts[Kind]:
    kept = json.loads(content)
    contacts = [_contact(row, kind) for row in kept["contacts"]]
    newest = datetime.fromisoformat(kept["newest"])
    return KnownContacts({contact.contact_id: contact for contact in contacts}, newest)


def _contact(row: Mapping[str, Any], kind: type[Kind]) -> Kind:
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    facts = {name: value for name, value in row.items() if name in known}
    return kind(**{**facts, "last_modified": datetime.fromisoformat(row["last_modified"])})
