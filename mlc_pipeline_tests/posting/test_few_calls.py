"""Few requests: a document costs one, a replay one for each kind; and never a double journal for all that."""

from __future__ import annotations

from datetime import date, timedelta

from mlc_pipeline.accounting.documents import Part
from mlc_pipeline.database import open_database
from mlc_pipeline.posting import audit
from mlc_pipeline.sandbox.zoho import FaultKind
from mlc_pipeline_tests.posting.reports import Report, report
from mlc_pipeline_tests.posting.room import Room

PARTS: tuple[Part, ...] = ("reimbursable", "company_paid") * 30
REPORTS: tuple[Report, ...] = tuple(report(f"R{number}", 100, part=part) for number, part in enumerate(PARTS))
JOURNALS = tuple(report(f"J{number}", 100 + number, part="company_paid") for number in range(4))
MOVED = tuple(report(one.report_id, one.cents, part="company_paid", day=date(2026, 3, 4)) for one in JOURNALS)


def test_a_document_costs_one_request_and_a_replay_one_for_each_kind(room: Room) -> None:
    assert room.run(*REPORTS, workers=4).progress.failure is None
    assert _asked(room) <= 1.05 * len(REPORTS)
    _forget(room)
    room.run(*REPORTS, workers=4)
    assert _asked(room) == 2
    room.assert_exactly_once(*REPORTS)


def test_vendors_of_many_new_employees_are_looked_for_with_one_request(room: Room) -> None:
    names = ("Cleo", "Dora", "Emil", "Fritz", "Gala")
    reports = tuple(report(f"R{name}", 100, employee=f"{name} Newcomer") for name in names)
    run = room.run_of(*reports, workers=3)
    room.books.add_contact(room.organization, "Dora N.", email="dora@traders.example")  # since the mapping
    room.perform(run)
    assert _paths(room, "GET", "/contacts") == 1
    assert _paths(room, "POST", "/contacts") == 4
    assert {bill["vendor_name"] for bill in room.bills("RDora")} == {"Dora N."}
    room.assert_exactly_once(*reports)


def test_where_there_are_too_many_vendors_to_list_they_are_searched(room: Room) -> None:
    for number in range(401):
        room.books.add_contact(room.organization, f"Vendor {number}", email=f"v{number}@vendors.example")
    reports = tuple(report(f"R{name}", 100, employee=f"{name} Newcomer") for name in ("Cleo", "Dora"))
    room.run(*reports)
    room.assert_exactly_once(*reports)


# Journals, of which Zoho takes any number.


def test_a_lost_ledger_and_another_rule_for_dates_make_no_double_journals(
    room: Room, other_database_url: str
) -> None:
    """The days of the documents show nothing; what stands around them does."""
    room.run(*JOURNALS)
    _lose_the_ledger(room, other_database_url)
    again = room.run(*MOVED)
    assert again.progress.writes == 0
    assert len(room.organization.journals) == len(JOURNALS)


def test_a_ledger_that_is_older_than_it_should_be_searches_each_journal(
    room: Room, other_database_url: str
) -> None:
    """One journal was moved out of sight, but others that the ledger does not know stand there."""
    room.run(*JOURNALS)
    next(iter(room.organization.journals.values()))["journal_date"] = "2024-01-01"
    _lose_the_ledger(room, other_database_url)
    room.run(*JOURNALS)
    assert len(room.organization.journals) == len(JOURNALS)


def test_journals_that_people_made_under_our_prefix_cost_searches_and_nothing_else(room: Room) -> None:
    room.run(JOURNALS[0])
    (journal,) = room.organization.journals.values()
    room.organization.journals["1"] = {**journal, "journal_id": "1", "reference_number": "EXP-by-hand"}
    _forget(room)
    room.run(*JOURNALS)
    assert _paths(room, "POST", "/journals") == len(JOURNALS) - 1
    assert _paths(room, "GET", "/journals") == 1 + len(JOURNALS) - 1


def test_a_journal_that_was_sent_before_and_refused_for_now_is_searched_for(room: Room) -> None:
    room.order(FaultKind.TOO_MANY_PER_DAY, path=r"/journals$")
    room.run(JOURNALS[0])
    assert room.posting("J0").state == "planned"
    _forget(room)
    room.run(JOURNALS[0])
    assert _paths(room, "GET", "/journals") == 2
    assert len(room.organization.journals) == 1


def test_where_zoho_refuses_the_list_each_document_is_searched_once(room: Room, other_database_url: str) -> None:
    room.door.refuses_prefixes = True
    documents = (*JOURNALS, report("B0", 100), report("B1", 200))
    room.run(*documents)
    assert (_paths(room, "GET", "/journals"), _paths(room, "GET", "/bills")) == (len(JOURNALS), 2)
    room.assert_exactly_once(*documents)
    _lose_the_ledger(room, other_database_url)
    assert room.run(*documents).progress.writes == 0
    room.assert_exactly_once(*documents)
    assert '"how": "adopted"' in _last_details(room, "J0")


def test_where_zoho_ignores_the_dates_of_the_list_each_journal_is_there_once(room: Room) -> None:
    room.books.settings.date_filters_work = False
    later = tuple(
        report(f"K{n}", 7, part="company_paid", day=date(2026, 1, 7) + timedelta(days=7)) for n in range(3)
    )
    room.run(*JOURNALS)
    room.run(*later, period="2026-01-12")
    room.assert_exactly_once(*JOURNALS, *later)


def _lose_the_ledger(room: Room, url: str) -> None:
    room.engine.dispose()
    room.engine, room.database_url = open_database(url), url


def _last_details(room: Room, report_id: str) -> str:
    return str(list(audit.events(room.engine, report_id))[-1]["details"])


def _forget(room: Room) -> None:
    room.books.request_log.clear()


def _asked(room: Room) -> int:
    """Requests but those that log in and look up the organization, which are once a run."""
    log = room.books.request_log
    return sum(1 for one in log if one.path.startswith("/books/") and not one.path.endswith("/organizations"))


def _paths(room: Room, method: str, end: str) -> int:
    return sum(1 for one in room.books.request_log if one.method == method and one.path.endswith(end))
