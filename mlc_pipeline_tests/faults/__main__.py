"""`make faults` and `make soak`: campaigns on both databases; exit code 1 if anything is wrong at the end.

python -m mlc_pipeline_tests.faults [--kills N] [--workers N] [--seed N]
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from mlc_pipeline_tests.faults.campaign import Plan, Score, fight
from mlc_pipeline_tests.faults.postgresql import postgresql


def main() -> int:
    """Fight on SQLite, then with half as many kills on PostgreSQL."""
    arguments = _arguments()
    logging.disable()  # what goes wrong here is meant to
    print(f"seed {arguments.seed}: repeat with --seed {arguments.seed}", flush=True)
    scores = []
    for database, score in _campaigns(arguments.kills, arguments.seed, arguments.workers):
        print(f"{database}: {score}", flush=True)
        scores.append(score)
    return 0 if all(score.verdict.is_clean for score in scores) else 1


def _campaigns(kills: int, seed: int, workers: int) -> Iterator[tuple[str, Score]]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'mlc.db'}"
        yield "SQLite", fight(url, Plan(seed, kills, 5 * kills, "update", workers))
    with postgresql() as server:
        plan = Plan(seed, kills // 2, 5 * kills // 2, "reverse_and_repost", workers)
        yield "PostgreSQL", fight(server.url(server.create()), plan)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m mlc_pipeline_tests.faults", description=main.__doc__)
    parser.add_argument("--kills", type=int, default=40, help="how many runs are killed at least (SQLite)")
    parser.add_argument("--workers", type=int, default=4, help="how many requests of a run are under way at once")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
