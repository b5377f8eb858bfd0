"""The answers as a file for a spreadsheet or an editor: CSV or YAML, written, and read back with line numbers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml

from mlc_pipeline.commands.mapping.answers import Answers
from mlc_pipeline.commands.mapping.problems import MappingRefused
from mlc_pipeline.config.problems import did_you_mean
from mlc_pipeline.config.yaml_document import Document, UnreadableDocument, read_document

Format = Literal["csv", "yaml"]

COLUMNS = ("kind", "level", "name", "code", "how", "target_code", "target_name", "override")
NEEDED = ("kind", "level", "name", "code", "override")
"""The columns that say what is overridden by what; the others only inform."""

_MOST_BYTES = 20_000_000
_MOST_YAML_BYTES = 1_000_000
# A spreadsheet takes such a cell for a formula; an apostrophe before it makes it text.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row as it was read; `line` is the line of the file in which it begins."""

    line: int
    kind: str
    level: str
    name: str
    code: str
    override: str


def sheet_rows(answers: Answers) -> list[dict[str, str]]:
    """One row a value; of several workspaces, for all of which an override is, the one without an answer."""
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for row in sorted(answers.rows, key=lambda one: bool(one["reason_code"])):
        told = {name: str(row.get(name) or "") for name in COLUMNS}
        rows[tuple(told[name] for name in ("kind", "level", "name", "code"))] = told
    return [rows[key] for key in sorted(rows)]


def write_sheet(rows: Sequence[Mapping[str, str]], form: Format) -> str:
    """The text of the file."""
    if form == "yaml":
        return yaml.safe_dump([dict(row) for row in rows], allow_unicode=True, sort_keys=False, width=1000)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([f"'{row[name]}" if _FORMULA.match(row[name]) else row[name] for name in COLUMNS])
    return text.getvalue()


def read_sheet(path: Path, form: Format | None) -> list[SheetRow]:
    """The rows of a file that was exported and filled in; the format by the file's name, if none is given.

    Raises:
        MappingRefused: it cannot be read, with the line.
    """
    chosen = form or ("yaml" if path.suffix.lower() in (".yaml", ".yml") else "csv")
    text = _read(path)
    return list(_yaml_rows(path, text) if chosen == "yaml" else _csv_rows(path, text))


def at(path: Path, line: int, message: str) -> str:
    """A sentence about a line of the file."""
    return f"{path}, line {line}: {message}"


def _read(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise MappingRefused(f"{path} cannot be read: {error.strerror}.") from error
    if len(content) > _MOST_BYTES:
        raise MappingRefused(f"{path} is larger than {_MOST_BYTES // 1_000_000} MB: this is no sheet of mappings.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        advice = "this is not UTF-8 text; save the file with UTF-8 encoding (in Excel: CSV UTF-8)."
        raise MappingRefused(at(path, line, advice)) from error


def _csv_rows(path: Path, text: str) -> Iterator[SheetRow]:
    first = text.split("\n", 1)[0]
    # Spreadsheets write the separator of their language.
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        _check_columns(path, 1, header)
        line = reader.line_num + 1
        for cells in reader:
            if any(cells):
                yield _csv_row(path, line, header, cells, separator)
            line = reader.line_num + 1
    except csv.Error as error:
        raise MappingRefused(
            at(path, reader.line_num, f"this is not valid CSV ({error}); look at its quotes.")
        ) from error


def _csv_row(path: Path, line: int, header: Sequence[str], cells: Sequence[str], separator: str) -> SheetRow:
    if len(cells) != len(header):
        counts = f"has {len(cells)} cells, the first line has {len(header)}"
        raise MappingRefused(at(path, line, f"{counts}; put quotes around a cell that holds {separator!r}."))
    plain = [cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell for cell in cells]
    return _row(line, dict(zip(header, plain, strict=True)))


def _yaml_rows(path: Path, text: str) -> Iterator[SheetRow]:
    if len(text.encode()) > _MOST_YAML_BYTES:
        raise MappingRefused(f"{path} is larger than 1 MB: use --format csv for so many rows.")
    try:
        document = read_document(path)
    except UnreadableDocument as error:
        raise MappingRefused(at(path, error.line, error.message)) from error
    for finding in document.findings:
        raise MappingRefused(at(path, finding.line or document.line_of(finding.path), finding.message))
    if not isinstance(document.values, list):
        raise MappingRefused(
            at(path, 1, "must be a list of rows, as `mlc mapping export --format yaml` writes it.")
        )
    for place, entry in enumerate(document.values):
        yield _yaml_row(path, document, place, entry)


def _yaml_row(path: Path, document: Document, place: int, entry: object) -> SheetRow:
    line = document.line_of((place,))
    if not isinstance(entry, dict):
        raise MappingRefused(at(path, line, "is no row: write kind, level, name, code and override."))
    _check_columns(path, line, list(entry))
    for name, value in entry.items():
        if isinstance(value, list | dict):
            raise MappingRefused(at(path, document.line_of((place, name)), f"{name} must be one value."))
    return _row(line, {name: value or "" for name, value in entry.items()})


def _check_columns(path: Path, line: int, names: Sequence[str]) -> None:
    missing = [name for name in NEEDED if name not in names]
    unknown = [name for name in names if name not in COLUMNS]
    twice = sorted({name for name in names if names.count(name) > 1})
    if missing:
        near = did_you_mean(unknown[0], missing) if unknown else ""
        written = f" Instead of it there is {unknown[0]!r}{near or '.'}" if unknown else ""
        raise MappingRefused(at(path, line, f"the column {missing[0]} is missing.{written} {_expected()}"))
    if unknown or twice:
        wrong = f"{unknown[0]!r} is no column here" if unknown else f"the column {twice[0]} is there twice"
        raise MappingRefused(at(path, line, f"{wrong}. {_expected()}"))


def _expected() -> str:
    return f"The columns are {', '.join(COLUMNS)}, as `mlc mapping export` writes them."


def _row(line: int, cells: Mapping[str, str]) -> SheetRow:
    return SheetRow(
        line, cells["kind"].strip(), cells["level"], cells["name"], cells["code"], cells["override"].strip()
    )


def filled(rows: Iterable[SheetRow]) -> list[SheetRow]:
    """Those that have an override."""
    return [row for row in rows if row.override]
