"""After any sequence of faults, kills and replays that ends in one quiet replay, each document is there once.

`make faults` draws new seeds, `make soak` fights for longer. A seed that fails there can be put here.
"""

from __future__ import annotations

import pytest

from mlc_pipeline_tests.faults.campaign import Plan, Score, fight


def test_forty_kills_and_two_hundred_faulted_postings_on_sqlite(sqlite_url: str) -> None:
    score = fight(sqlite_url, Plan(20260105, 40, 200, "update", workers=4))
    _assert_clean(score, kills=40, faulted=200)
    assert score.caught_sending > 0  # else the killer would have been at work only while nothing happened


def test_twenty_kills_on_postgresql(postgresql_url: str) -> None:
    score = fight(postgresql_url, Plan(20260112, 20, 60, "reverse_and_repost", workers=4))
    _assert_clean(score, kills=20, faulted=60)


@pytest.mark.parametrize("workers", [1, 4])
def test_a_few_kills_without_amendments(sqlite_url: str, workers: int) -> None:
    score = fight(sqlite_url, Plan(1, kills=5, faulted=20, on_amendment="review", workers=workers))
    _assert_clean(score, kills=5, faulted=20)


def _assert_clean(score: Score, kills: int, faulted: int) -> None:
    print(score)
    assert score.verdict.is_clean, score
    assert score.kills >= kills
    assert score.faulted >= faulted
