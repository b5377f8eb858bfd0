"""Changes of posted bills that cannot be made as things stand: known before they are sent, for the preview."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from mlc_pipeline.accounting.problems import Problem, Reason
from mlc_pipeline.posting.bills import Bills
from mlc_pipeline.posting.decisions import Decision
from mlc_pipeline.posting.postings import Posting
from mlc_pipeline.posting.refusals import UNCHANGEABLE_IN_A_LOCKED_PERIOD
from mlc_pipeline.posting.shelves import sent


def held_back(decision: Decision, bills: Bills, locked_until: date | None) -> Decision:
    """The decision as a run would end it: a change that cannot be made is a question to a person.

    Zoho Books is asked for a bill only where an earlier run has kept its change back. Days before `locked_until`
    are closed for bills.

    Raises:
        ZohoError: the bill cannot be read.
    """
    replaced = decision.replaces
    if decision.action != "change" or replaced is None:
        return decision
    problem = _locked(replaced, locked_until) or _still_in_the_way(decision, replaced, bills)
    return replace(decision, action="review", problems=(problem,)) if problem else decision


def _locked(replaced: Posting, locked_until: date | None) -> Problem | None:
    document, _ = sent(replaced)
    if replaced.is_being_voided or locked_until is None or document.date >= locked_until:
        return None
    text = (
        f"{replaced.number} is of {document.date}, and Zoho Books is locked up to {locked_until}: it can neither "
        f"be changed nor made void. {UNCHANGEABLE_IN_A_LOCKED_PERIOD}"
    )
    return Problem(Reason.LOCKED_PERIOD, text)


def _still_in_the_way(decision: Decision, replaced: Posting, bills: Bills) -> Problem | None:
    waiting = decision.posting
    if waiting is None or (waiting.state, waiting.reason_code) != ("review", Reason.FOREIGN_DOCUMENT):
        return None
    obstacles, _ = bills.obstacles_to(decision.amendment, replaced.zoho_id or "", *sent(replaced))
    return Problem(Reason.FOREIGN_DOCUMENT, waiting.reason or "") if obstacles else None
