"""The downloaded file of an export: is it whole, and which report objects does it hold?"""

from __future__ import annotations

import re
from typing import Any

from mlc_pipeline.expensify.errors import TemplateError
from mlc_pipeline.transport import json

# FreeMarker prints its own failure into the output. Inside a JSON string there is no raw line end, so a
# merchant of that name in a cut file is not mistaken for it.
_FREEMARKER_FAILURE = re.compile(r'FreeMarker template error[^"\n]*\r?\n\s*([^\n]{0,200})', re.IGNORECASE)


class NotWhole(Exception):
    """The file is empty, not there yet, or cut; the message says which. Downloading again may mend it."""


def reports_in(body: bytes) -> list[dict[str, Any]]:
    """The report objects of a whole file, without its end marker.

    Raises NotWhole as long as the end marker is missing or counts other figures than the file holds, and
    TemplateError when FreeMarker failed or the file is whole but not what the template renders.
    """
    if not body.strip():
        raise NotWhole("it is empty")
    try:
        elements = json.loads(body)
    except ValueError as error:
        _raise_if_freemarker_failed(body)
        raise NotWhole("it is cut or not JSON") from error
    if not isinstance(elements, list):
        raise NotWhole("it is not the list of reports")
    if not elements or not isinstance(elements[-1], dict) or elements[-1].get("_end") is not True:
        raise NotWhole("its end marker is missing")
    return _counted(elements[:-1], elements[-1])


def _counted(reports: list[Any], marker: dict[str, Any]) -> list[dict[str, Any]]:
    for report in reports:
        if not isinstance(report, dict) or not isinstance(report.get("expenses"), list):
            raise TemplateError(
                "Expensify's file is whole but is not what the export template renders: "
                "it holds something else than reports with expenses."
            )
    found = (len(reports), sum(len(report["expenses"]) for report in reports))
    promised = (marker.get("reports"), marker.get("expenses"))
    if found != promised:
        raise NotWhole(
            f"its end marker counts {promised[0]} reports and {promised[1]} expenses, "
            f"but it holds {found[0]} and {found[1]}"
        )
    return reports


def _raise_if_freemarker_failed(body: bytes) -> None:
    failure = _FREEMARKER_FAILURE.search(body.decode("utf-8", errors="replace"))
    if failure is not None:
        raise TemplateError(f"Expensify could not render the export template: {failure[1].strip()}")
