"""A check: where in a sheet something is wrong, found for all at once, and what is said about one place of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from mlc_pipeline.accounting.columns import Flags, Integers
from mlc_pipeline.accounting.money import format_money
from mlc_pipeline.accounting.problems import Problem
from mlc_pipeline.accounting.sheets import Sheet

_Problems = Iterable[Problem]


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """Where something is wrong, by report or by amount, and what is said about one of these."""

    wrong: Flags
    problems: Callable[[int], _Problems]

    def of(self, places: Iterable[int]) -> Iterator[Problem]:
        """What is said about those of the places that are wrong."""
        for place in places:
            if self.wrong[place]:
                yield from self.problems(place)


def answers_of(numbers: Integers, problems: list[Problem | None]) -> Check:
    """A check of what was resolved: of each place the problem with the number of its answer."""
    wrong = np.array([problem is not None for problem in problems], dtype=np.bool_)
    flags = wrong[numbers] if len(wrong) else np.zeros(len(numbers), dtype=np.bool_)
    return Check(flags, lambda place: [problem for problem in [problems[numbers[place]]] if problem is not None])


def about(sheet: Sheet, place: int, finding: Problem) -> Problem:
    """A finding as a sentence about the expense of an amount."""
    return Problem(finding.code, f"Expense {name_of(sheet, place)} {finding.message}")


def name_of(sheet: Sheet, place: int) -> str:
    """The transaction of an amount."""
    ids = sheet.part.period.expenses.texts("transaction_id")
    return str(ids[sheet.part.positions[sheet.spent[place]]]) or "without an id"


def money_of(sheet: Sheet, place: int, amounts: Integers) -> str:
    """One of the amounts as people read it."""
    currency = sheet.currencies[sheet.currency[sheet.reports[place]]].target_code
    return format_money(int(amounts[place]), currency)
