"""Random stories: faults, replays, changes of mind, people in Zoho Books, in any order; then one quiet replay."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal

import pytest
import sqlalchemy as sa

from mlc_pipeline.posting import audit
from mlc_pipeline.posting.decisions import OnAmendment
from mlc_pipeline.sandbox.zoho import FaultKind
from mlc_pipeline_tests.posting.reports import BOB, Expense, Report, report
from mlc_pipeline_tests.posting.room import Room

STEPS = 20
KINDS = tuple(kind for kind in FaultKind if kind != FaultKind.SLOW_COMMIT)
PLACES = (
    ("POST", r"/bills$"),
    ("POST", r"/journals$"),
    ("POST", r"/contacts$"),
    ("POST", r"/void$"),
    ("PUT", "/bills"),
    ("GET", "/bills"),
)


class Story:
    """One story: which reports are approved at present, and what may happen next."""

    def __init__(self, room: Room, rng: random.Random, on_amendment: OnAmendment) -> None:
        self.room = room
        self.rng = rng
        self.on_amendment = on_amendment
        self.approved: dict[str, Report] = {}
        self.before: dict[str, Report] = {}
        self.told: list[str] = []
        self.steps: tuple[Callable[[], None], ...] = (
            self.approve, self.approve, self.change, self.change, self.change_back, self.vanish,
            self.lose_an_answer, self.lose_an_answer, self.run, self.run,
        )  # fmt: skip

    def go_on(self) -> None:
        """Let one thing happen, and check what must hold at any moment."""
        step = self.rng.choice(self.steps)
        self.told.append(step.__name__)
        step()
        self.check_always()

    def approve(self) -> None:
        report_id = f"R{len(self.told)}"
        expenses = [Expense(self.rng.randint(1, 9999), self.rng.choice(("Meals", "Travel"))) for _ in range(2)]
        part = self.rng.choice(("reimbursable", "reimbursable", "company_paid"))
        self.approved[report_id] = report(
            report_id, *expenses, part=part, employee=self.rng.choice(("Ada Example", BOB))
        )

    def change(self) -> None:
        """Bills only: an amended journal always waits for a person."""
        bills = [one for one in self.approved.values() if one.part == "reimbursable"]
        if bills:
            old = self.rng.choice(bills)
            self.before[old.report_id] = old
            self.approved[old.report_id] = report(
                old.report_id, self.rng.randint(10_000, 99_999), employee=old.employee
            )

    def change_back(self) -> None:
        """A report is approved again as it was before its last change."""
        if self.before:
            _, old = self.before.popitem()
            self.approved[old.report_id] = old

    def vanish(self) -> None:
        """A report is away for one run, and is approved again as it was."""
        if self.approved:
            away = self.approved.pop(self.rng.choice(list(self.approved)))
            self.run()
            self.approved[away.report_id] = away

    def lose_an_answer(self) -> None:
        method, path = self.rng.choice(PLACES)
        self.room.order(self.rng.choice(KINDS), method, path, times=self.rng.randint(1, 3))

    def run(self) -> None:
        self.room.run(*self.approved.values(), on_amendment=self.on_amendment, grace=0.01)

    def check_always(self) -> None:
        """No report is ever there twice, and the trail holds."""
        bills = self.room.held()
        assert all(len(totals) == 1 for totals in bills.values()), self.told
        journals = [one["reference_number"] for one in self.room.organization.journals.values()]
        assert len(journals) == len(set(journals)), self.told
        assert audit.verify(self.room.engine)[1] is None, self.told

    def end(self) -> None:
        """One quiet replay, after which everything is there, and another, which writes nothing."""
        self.room.books.faults.clear()
        self.run()
        self.room.assert_exactly_once(*self.approved.values())
        writes = self.room.writes()
        self.run()
        assert self.room.writes() == writes, self.told


@pytest.mark.parametrize("on_amendment", ["update", "reverse_and_repost"])
@pytest.mark.parametrize("seed", range(8))
def test_after_any_story_that_ends_in_a_quiet_replay_each_document_is_there_once(
    room: Room, seed: int, on_amendment: OnAmendment
) -> None:
    story = Story(room, random.Random(f"{seed} {on_amendment}"), on_amendment)
    for _ in range(STEPS):
        story.go_on()
    story.end()


@pytest.mark.parametrize("seed", range(4))
def test_what_people_change_meanwhile_is_never_overwritten_nor_doubled(room: Room, seed: int) -> None:
    """The bill that somebody edited stays as it is, whatever else happens; the others are there once."""
    rng = random.Random(seed)
    story = Story(room, rng, "review")
    theirs = report("R0", 5000)
    story.approved["R0"] = theirs
    room.run(theirs)
    room.person().edits_total("EXP-R0", "77.77")
    for _ in range(STEPS):
        story.go_on()
        story.approved["R0"] = report("R0", rng.choice((5000, 6000, 7000)))
    room.books.faults.clear()
    story.run()
    assert room.held()["R0"] == [Decimal("77.77")]
    with room.engine.connect() as database:
        states = database.execute(sa.text("select distinct state from postings where report_id = 'R0'"))
        assert "posted" not in set(states.scalars())
