"""What of mlc.yaml and of the period decides how the documents of one part of the reports look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True, slots=True)
class DocumentRules:
    """The posting rules of the connection for one part, and the period.

    `names_customers`: a tag level or report field is mapped to a customer or a project, so that an expense can be
    billed to one; else the billable flag is ignored. `number_suffix` follows the report in a document's number.
    """

    period: str
    period_last_day: date
    timezone: str
    kind: Literal["bill", "journal", "skip"]
    lines: Literal["category", "expense"]
    date: Literal["approved", "last_expense", "period_end"]
    on_locked_period: Literal["review", "next_open_date"] = "review"
    names_customers: bool = False
    number_suffix: str = ""
