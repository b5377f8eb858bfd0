"""How full a budget is: whatever comes when, no window ever holds too many, and no place is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlc_pipeline.transport.occupancy import Limits, Occupancy, Window
from mlc_pipeline.transport.pacing import DAY, FULL, NOTHING, PAUSE, Heard, Pause, Remaining

MINUTE, HOUR, DAYS = 60_000, 3_600_000, 86_400_000
START = 1_767_600_000_000
LIMITS = Limits(windows=(Window(3, 60.0),), at_once=2, lease_seconds=90.0)


def at(occupancy: Occupancy, now: int, limits: Limits = LIMITS, *, jumped: int = 0) -> Occupancy:
    occupancy.move_to(now, limits, jumped=jumped)
    return occupancy


def served(occupancy: Occupancy, now: int, limits: Limits = LIMITS, heard: Heard = NOTHING) -> None:
    """One request that is answered at once."""
    assert at(occupancy, now, limits).take("t", limits) is None
    occupancy.end("t", heard)


def test_a_small_period_goes_at_once_and_the_next_waits_for_the_first_to_leave_the_window() -> None:
    occupancy = Occupancy()
    for second in range(3):
        served(occupancy, START + second * 1000)
    wait = at(occupancy, START + 3000).take("t", LIMITS)
    assert wait is not None
    assert (wait.kind, wait.until_ms) == (FULL, START + MINUTE)
    served(occupancy, START + MINUTE)


def test_a_request_is_in_the_window_until_a_minute_after_its_answer() -> None:
    limits = replace(LIMITS, windows=(Window(1, 60.0),))
    occupancy = at(Occupancy(), START, limits)
    assert occupancy.take("slow", limits) is None
    at(occupancy, START + 20_000, limits).end("slow", NOTHING)
    wait = at(occupancy, START + MINUTE, limits).take("t", limits)
    assert wait is not None
    assert wait.until_ms == START + 20_000 + MINUTE


def test_only_so_many_are_in_flight_and_a_killed_process_gives_its_place_back_by_itself() -> None:
    occupancy = at(Occupancy(), START)
    assert occupancy.take("a", LIMITS) is None
    assert occupancy.take("b", LIMITS) is None
    assert occupancy.take("c", LIMITS) is not None
    assert at(occupancy, START + 90_000).take("c", LIMITS) is None


def test_a_place_whose_process_is_gone_is_free_but_its_request_stays_in_the_windows() -> None:
    limits = replace(LIMITS, per_day=3)
    occupancy = at(Occupancy(), START, limits)
    assert occupancy.take("gone", limits) is None
    assert occupancy.take("alive", limits) is None
    assert occupancy.take("next", limits) is not None
    at(occupancy, START + 5_000, limits).abandon(["gone", "unheard of"])
    assert occupancy.take("next", limits) is None
    occupancy.end("alive", NOTHING)
    wait = occupancy.take("last", limits)
    assert wait is not None
    assert (wait.kind, wait.seconds > HOUR / 1000) == (DAY, True), "it counts in the day"
    wait = occupancy.take("last", LIMITS)
    assert wait is not None
    assert wait.until_ms == START + 5_000 + MINUTE


def test_a_place_that_was_abandoned_is_not_counted_twice_when_it_is_answered_all_the_same() -> None:
    occupancy = at(Occupancy(), START)
    occupancy.take("t", LIMITS)
    occupancy.abandon(["t"])
    at(occupancy, START + 1000).end("t", NOTHING)
    assert occupancy.answered == [START]


def test_a_request_that_never_left_counts_nowhere() -> None:
    limits = replace(LIMITS, per_day=1)
    occupancy = at(Occupancy(), START, limits)
    for _ in range(5):
        assert occupancy.take("t", limits) is None
        occupancy.give_back("t", limits)
    assert occupancy.take("t", limits) is None


def test_an_answer_that_comes_after_its_lease_is_not_counted_twice() -> None:
    occupancy = at(Occupancy(), START)
    occupancy.take("t", LIMITS)
    at(occupancy, START + 91_000).end("t", NOTHING)
    assert len(occupancy.answered) == 1


@pytest.mark.parametrize("back", [1, 5_000, HOUR, 30 * DAYS])
def test_a_clock_that_is_set_back_makes_nobody_wait_for_longer_than_the_window(back: int) -> None:
    occupancy = Occupancy()
    for second in range(3):
        served(occupancy, START + second)
    wait = at(occupancy, START - back).take("t", LIMITS)
    assert wait is not None
    assert wait.seconds <= 60
    served(occupancy, START - back + MINUTE)


def test_a_clock_that_is_set_back_does_not_make_a_pause_longer() -> None:
    occupancy = Occupancy()
    served(occupancy, START, heard=Heard(Pause(60, PAUSE, "blocked")))
    wait = at(occupancy, START - DAYS).take("t", LIMITS)
    assert wait is not None
    assert wait.seconds == 60


def test_a_clock_that_is_set_forward_frees_no_place_when_somebody_saw_it() -> None:
    occupancy = Occupancy()
    for second in range(3):
        served(occupancy, START + second)
    wait = at(occupancy, START + HOUR, jumped=HOUR).take("t", LIMITS)
    assert wait is not None
    assert 59 <= wait.seconds <= 60


def test_the_day_ends_before_the_reserve_and_begins_anew_a_day_later() -> None:
    limits = Limits(windows=(), per_day=10, reserve_percent=20)
    occupancy = Occupancy()
    for _ in range(8):
        served(occupancy, START, limits)
    wait = at(occupancy, START + HOUR, limits).take("t", limits)
    assert wait is not None
    assert wait.kind == DAY
    assert "of 10 a day, 2 of them are kept for people and other programs" in wait.reason
    assert START + DAYS <= wait.until_ms <= START + DAYS + HOUR
    served(occupancy, wait.until_ms, limits)


def test_what_the_answers_say_of_the_day_goes_before_the_usual_number_but_not_before_our_own() -> None:
    usual = Limits(windows=(), usual_per_day=1)
    told = Heard(remaining=Remaining(limit=100, left=50, seconds=3600))
    occupancy = Occupancy()
    for _ in range(5):
        served(occupancy, START, usual, told)
    wait = at(occupancy, START + 2 * HOUR, usual).take("t", usual)
    assert wait is not None, "the word has expired, so that the usual number holds again"
    wait = at(occupancy, START + 2 * HOUR, replace(usual, per_day=5)).take("t", replace(usual, per_day=5))
    assert wait is not None


def test_others_who_used_up_the_day_stop_us_at_the_reserve_until_the_reset() -> None:
    limits = Limits(windows=(), usual_per_day=1000, reserve_percent=10)
    occupancy = Occupancy()
    served(occupancy, START, limits, Heard(remaining=Remaining(limit=1000, left=102, seconds=1800)))
    served(occupancy, START, limits)
    served(occupancy, START, limits)
    wait = at(occupancy, START, limits).take("t", limits)
    assert wait is not None
    assert (wait.kind, wait.until_ms) == (DAY, START + 1_800_000)
    served(occupancy, START + 1_800_000, limits)


def test_what_is_left_of_a_short_while_is_used_to_the_last_and_then_waited_for() -> None:
    limits = replace(LIMITS, reserve_percent=10)
    occupancy = Occupancy()
    served(occupancy, START, limits, Heard(remaining=Remaining(limit=30, left=1, seconds=20, kind=FULL)))
    served(occupancy, START, limits)
    wait = at(occupancy, START, limits).take("t", limits)
    assert wait is not None
    assert (wait.kind, wait.until_ms) == (FULL, START + 20_000)
    served(occupancy, START + 20_000, limits)


def test_what_is_under_way_may_not_be_counted_in_what_is_left_and_is_taken_from_it() -> None:
    limits = replace(LIMITS, windows=(), at_once=9)
    occupancy = at(Occupancy(), START, limits)
    for ticket in "abc":
        assert occupancy.take(ticket, limits) is None
    occupancy.end("a", Heard(remaining=Remaining(limit=30, left=3, seconds=20, kind=FULL)))
    assert occupancy.take("d", limits) is None, "three are left, two of them for those under way"
    wait = occupancy.take("e", limits)
    assert wait is not None
    assert (wait.kind, wait.until_ms) == (FULL, START + 20_000)


def test_after_an_unknown_reset_one_request_looks_while_the_others_wait() -> None:
    limits = replace(LIMITS, at_once=5)
    occupancy = Occupancy()
    closed = Heard(Pause(3600, DAY, "used up", probe=True))
    served(occupancy, START, limits, closed)
    later = START + HOUR
    assert at(occupancy, later, limits).take("probe", limits) is None
    assert occupancy.take("other", limits) is not None
    occupancy.end("probe", closed)
    assert occupancy.take("other", limits) is not None
    assert at(occupancy, later + HOUR, limits).take("probe", limits) is None
    occupancy.end("probe", NOTHING)
    assert occupancy.take("other", limits) is None


def test_a_probe_that_was_never_sent_goes_to_the_next_and_its_answer_is_awaited() -> None:
    limits = replace(LIMITS, at_once=5)
    occupancy = Occupancy()
    served(occupancy, START, limits, Heard(Pause(3600, DAY, "used up", probe=True)))
    assert at(occupancy, START + HOUR, limits).take("lost", limits) is None
    occupancy.give_back("lost", limits)
    assert at(occupancy, START + HOUR + 1, limits).take("probe", limits) is None
    waiting = occupancy.take("other", limits)
    assert waiting is not None
    assert waiting.kind == FULL
    assert waiting.seconds < 1


def test_a_probe_whose_process_is_gone_goes_to_the_next() -> None:
    limits = replace(LIMITS, at_once=5)
    occupancy = Occupancy()
    served(occupancy, START, limits, Heard(Pause(3600, DAY, "used up", probe=True)))
    assert at(occupancy, START + HOUR, limits).take("gone", limits) is None
    at(occupancy, START + HOUR + 1, limits).abandon(["gone"])
    assert occupancy.take("probe", limits) is None
    waiting = occupancy.take("other", limits)
    assert waiting is not None
    assert (waiting.kind, waiting.seconds < 1) == (FULL, True)


def test_requests_that_come_too_fast_for_others_limits_come_half_as_fast_until_an_hour_went_well() -> None:
    limits = Limits(windows=(Window(8, 60.0),), at_once=8)
    too_fast = Heard(Pause(60, PAUSE, "too many a minute", slows=True))
    occupancy = at(Occupancy(), START, limits)
    for ticket in "ab":
        assert occupancy.take(ticket, limits) is None
    for ticket in "ab":
        occupancy.end(ticket, too_fast)  # both were under way: that counts once
    assert taken(occupancy, START + 2 * MINUTE, limits) == 4
    served(occupancy, START + 4 * MINUTE, limits, too_fast)
    assert taken(occupancy, START + 6 * MINUTE, limits) == 2
    assert taken(occupancy, START + 4 * MINUTE + HOUR, limits) == 4
    assert taken(occupancy, START + 4 * MINUTE + 2 * HOUR, limits) == 8


def test_a_long_block_is_asked_about_by_one_request_a_minute_and_slows_with_each() -> None:
    limits = Limits(windows=(Window(64, 60.0),), at_once=8)
    blocked = Heard(Pause(60, PAUSE, "blocked", probe=True, slows=True))
    occupancy = Occupancy()
    served(occupancy, START, limits, blocked)
    for minute in (1, 2):
        assert at(occupancy, START + minute * MINUTE, limits).take("probe", limits) is None
        assert occupancy.take("other", limits) is not None
        occupancy.end("probe", blocked)
    assert taken(occupancy, START + 3 * MINUTE, limits) == 1
    assert taken(occupancy, START + 3 * MINUTE, limits) == 8 - 1


def taken(occupancy: Occupancy, now: int, limits: Limits) -> int:
    """How many places there are at once; all are answered then."""
    at(occupancy, now, limits)
    tickets = [str(number) for number in range(99) if occupancy.take(str(number), limits) is None]
    for ticket in tickets:
        occupancy.end(ticket, NOTHING)
    return len(tickets)


def test_a_lower_limit_holds_for_what_was_sent_before_it() -> None:
    occupancy = Occupancy()
    for second in range(3):
        served(occupancy, START + second)
    lower = replace(LIMITS, windows=(Window(1, 60.0),))
    wait = at(occupancy, START + MINUTE, lower).take("t", lower)
    assert wait is not None
    assert wait.until_ms == START + 2 + MINUTE


def test_what_is_written_is_read_back() -> None:
    occupancy = Occupancy()
    served(occupancy, START, heard=Heard(Pause(60, PAUSE, "blocked"), Remaining(10, 5, 60)))
    occupancy.in_flight |= {"3f2a9c81d0be": START + 5, "host:boot:ns/17/4711/3f2a9c81d0be": START + 6}
    assert Occupancy.read(occupancy.written()) == occupancy


STEPS = st.lists(st.tuples(st.integers(0, 25_000), st.integers(0, 8_000)), max_size=80)
KILLS = st.sets(st.integers(0, 79))


@settings(deadline=None, max_examples=150)
@given(STEPS, st.integers(0, 8_000), KILLS)
def test_wherever_between_sending_and_answer_a_request_arrives_no_window_there_is_over_full(
    steps: list[tuple[int, int]], jitter: int, kills: set[int]
) -> None:
    """Also when processes are killed before they hear the answer, as the next who comes finds."""
    limits = Limits(windows=(Window(2, 10.0), Window(5, 60.0)), at_once=2)
    occupancy, now, arrivals, under_way = Occupancy(), START, dict[str, int](), dict[str, int]()
    for number, (pause, latency) in enumerate(steps):
        now += pause
        for ticket, answer in sorted(under_way.items(), key=lambda pair: pair[1]):
            if answer <= now:
                at(occupancy, answer, limits).end(ticket, NOTHING)
                del under_way[ticket]
        gone = [ticket for ticket in under_way if int(ticket) in kills]
        at(occupancy, now, limits).abandon(gone)
        for ticket in gone:
            arrivals[ticket] = min(arrivals[ticket], now)
            del under_way[ticket]
        if occupancy.take(str(number), limits) is None:
            under_way[str(number)] = now + latency
            arrivals[str(number)] = now + min(latency, jitter * (number % 2))
        assert len(occupancy.in_flight) == len(under_way) <= 2
    for window in limits.windows:
        for arrival in arrivals.values():
            inside = [each for each in arrivals.values() if arrival <= each < arrival + window.seconds * 1000]
            assert len(inside) <= window.requests
