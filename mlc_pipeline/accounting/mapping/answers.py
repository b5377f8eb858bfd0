"""What a mapping answers: the thing in Zoho Books and how it was found, or the reason why there is none."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from mlc_pipeline.accounting.problems import Problem, Reason
from mlc_pipeline.accounting.wording import one_line


@dataclass(frozen=True, slots=True)
class Resolution:
    """What was found and how, or why not. `target_id` is empty for a vendor that is still to be created.

    A tag or report field has a `dimension` (reporting_tag, project, customer or location) and, in `group_id`, the
    reporting tag that its option belongs to or the customer that its project belongs to. `detail` is the decimals
    of a currency, the percentage of a tax, the type of an account, the currency of a vendor. A vendor `to_create`
    has its name in `target_name`, the employee's number in `target_code` and its currency in `detail`. `none` is
    the answer that nothing is to be sent.
    """

    how: str = ""
    target_id: str = ""
    target_code: str = ""
    target_name: str = ""
    problem: Problem | None = None
    detail: str = ""
    dimension: str = ""
    group_id: str = ""


NOTHING = Resolution(how="none")
"""The answer that nothing is to be sent: no tax, no tag."""


def refused(code: Reason, message: str) -> Resolution:
    """No answer, with a sentence that says what is wrong, where and how to mend it."""
    return Resolution(problem=Problem(code, one_line(message)))


def mapping_version(*parts: object) -> str:
    """A short hash over the configuration and the reference data that decided a mapping."""
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
