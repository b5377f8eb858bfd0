"""The FreeMarker template that Expensify renders for every export, as text."""

from __future__ import annotations

from importlib.resources import files


def export_template() -> str:
    """`report_export.ftl`: a JSON array of reports, its last element the marker of a whole file."""
    return files(__package__).joinpath("report_export.ftl").read_text(encoding="utf-8")
