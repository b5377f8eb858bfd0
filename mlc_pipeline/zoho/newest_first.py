"""Whether a list of contacts can be trusted to show what is new on one page, and what is known then.

Zoho documents a column to sort contacts by, `last_modified_time`, but neither in which direction nor which changes
count, and no list shows what was deleted. So nothing is taken for granted: all of it is proven by the whole list
when that was read, and contradicted by nothing on each page since; else the whole list is read again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, pairwise
from typing import Generic, Protocol, TypeVar


class NotProven(Exception):
    """What Zoho Books lists does not prove that the page shows all that is new; the text says why."""


class Contact(Protocol):
    """A vendor or a customer."""

    @property
    def contact_id(self) -> str:
        """Its id."""

    @property
    def last_modified(self) -> datetime | None:
        """When it was changed last, where Zoho says it."""

    @property
    def is_active(self) -> bool:
        """Whether it can be posted to."""


Kind = TypeVar("Kind", bound=Contact)


@dataclass(frozen=True, slots=True)
class KnownContacts(Generic[Kind]):
    """All contacts of a kind by id, and the time of the newest change among them."""

    contacts: Mapping[str, Kind]
    newest: datetime

    def __post_init__(self) -> None:
        """What has no time could be hidden anywhere."""
        if any(contact.last_modified is None for contact in self.contacts.values()):
            raise NotProven(_UNDATED)


def learnt(pages: Sequence[Sequence[Kind]], page: Sequence[Kind]) -> KnownContacts[Kind]:
    """What is known from all pages in Zoho's own order, and from the one page sorted by time that came after them.

    That page has what was changed while the others were read, since it reaches back beyond the first of them.

    Raises:
        NotProven: it cannot be told that the sorted page has the newest.
    """
    times = _falling(page)
    before = _times(pages[0])
    if times[-1] >= max(before):
        raise NotProven(_TOO_MANY)
    rows = list(chain.from_iterable(pages))
    places = {contact.contact_id: place for place, contact in enumerate(rows)}
    sorted_places = [places[one.contact_id] for one in page if one.contact_id in places]
    if sorted_places == sorted(sorted_places):
        raise NotProven("Zoho Books lists them in the same order whether they are to be sorted by time or not")
    return _known(_by_id(rows), page)


def brought_up(known: KnownContacts[Kind], page: Sequence[Kind]) -> KnownContacts[Kind]:
    """What is known with a page sorted by time that was read since.

    Raises:
        NotProven: the page does not reach back to what is known, or contradicts it.
    """
    if _falling(page)[-1] >= known.newest:
        raise NotProven(_TOO_MANY)
    older = [one for one in page if one.last_modified is not None and one.last_modified < known.newest]
    if any(known.contacts.get(one.contact_id) != one for one in older):
        raise NotProven("something is not as it was, although its time of change says so")
    return _known(known.contacts, page)


def confirm_inactive(known: KnownContacts[Kind], inactive: Iterable[Kind]) -> None:
    """See that those are known as inactive which Zoho Books lists as such.

    Raises:
        NotProven: others are.
    """
    listed = set()
    for contact in inactive:
        if contact.is_active:  # the filter does nothing: the rest of the list would tell no more
            raise NotProven("Zoho Books does not list the inactive ones alone")
        listed.add(contact.contact_id)
    if listed != {one.contact_id for one in known.contacts.values() if not one.is_active}:
        raise NotProven("others are inactive than what was changed tells")


def _known(before: Mapping[str, Kind], page: Sequence[Kind]) -> KnownContacts[Kind]:
    """All of before, and of the page; what is newer than the end of the page must be on it."""
    times, shown = _times(page), _by_id(page)
    known = KnownContacts({**before, **shown}, times[0])
    _refuse_missing(known.contacts.values(), shown, times[-1])
    return known


def _refuse_missing(contacts: Iterable[Kind], shown: Collection[str], end: datetime) -> None:
    for contact in contacts:
        is_newer = contact.last_modified is not None and contact.last_modified > end
        if is_newer and contact.contact_id not in shown:
            raise NotProven("one of the newest is missing: it was deleted, or they are sorted by something else")


def _falling(page: Sequence[Kind]) -> list[datetime]:
    times = _times(page)
    if any(later > earlier for earlier, later in pairwise(times)):
        raise NotProven("Zoho Books does not list the newest first")
    return times


def _times(page: Sequence[Kind]) -> list[datetime]:
    times = [contact.last_modified for contact in page if contact.last_modified is not None]
    if not times or len(times) < len(page):
        raise NotProven(_UNDATED)
    return times


def _by_id(contacts: Iterable[Kind]) -> dict[str, Kind]:
    return {contact.contact_id: contact for contact in contacts}


_UNDATED = "Zoho Books does not say when each was changed"
_TOO_MANY = "more were changed at once, or lately, than fit on a page"
