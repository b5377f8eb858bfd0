"""`mlc mapping`: what a period's values become in Zoho Books, what fits those without an answer, and overrides.

`answers` reads, `suggestions` proposes, `sheets` is the file for a spreadsheet, `overrides` brings it
into mlc.yaml.
"""

from mlc_pipeline.commands.mapping.answers import Answers, answers_of
from mlc_pipeline.commands.mapping.overrides import Import, plan_import
from mlc_pipeline.commands.mapping.problems import MappingRefused
from mlc_pipeline.commands.mapping.sheets import COLUMNS, sheet_rows, write_sheet
from mlc_pipeline.commands.mapping.suggestions import Suggestion, suggestions_for

__all__ = [
    "COLUMNS",
    "Answers",
    "Import",
    "MappingRefused",
    "Suggestion",
    "answers_of",
    "plan_import",
    "sheet_rows",
    "suggestions_for",
    "write_sheet",
]
