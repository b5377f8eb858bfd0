"""Overrides of a sheet, brought into mlc.yaml: all are checked, the change is shown, then written whole."""

from __future__ import annotations

import difflib
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlc_pipeline.accounting.mapping import (
    ChartOfAccounts,
    Dimensions,
    ExpenseTax,
    Resolution,
    Term,
    resolve_category,
    resolve_dimension,
    resolve_tax,
    resolve_tax_account,
)
from mlc_pipeline.accounting.mapping.taxes import NONE
from mlc_pipeline.accounting.mappings import field_name
from mlc_pipeline.accounting.period_mappings import MappingRules, ReferenceData
from mlc_pipeline.accounting.wording import name_key
from mlc_pipeline.commands.mapping.answers import asked_reference, stored_reference
from mlc_pipeline.commands.mapping.places import NoPlace, Place, place_of
from mlc_pipeline.commands.mapping.problems import MappingRefused
from mlc_pipeline.commands.mapping.sheets import Format, SheetRow, at, filled, read_sheet
from mlc_pipeline.commands.mapping.suggestions import choices, nearest
from mlc_pipeline.config import Connection, load_configuration
from mlc_pipeline.config.editing import NotEditable, Wanted, edited, wanted
from mlc_pipeline.config.problems import KeyPath
from mlc_pipeline.config.yaml_document import Value, read_document
from mlc_pipeline.settings import Settings
from mlc_pipeline.steps.category_mappings import rules
from mlc_pipeline.steps.reference import ReferenceFrames

_MOST_SENTENCES = 20


@dataclass(frozen=True, slots=True)
class Import:
    """Overrides that were found good: the text that mlc.yaml becomes, and the change as a diff, empty if none."""

    path: Path
    before: bytes
    after: bytes
    changes: tuple[dict[str, str], ...]
    diff: str

    def write(self) -> None:
        """Put the new text in the place of the old one.

        Raises:
            MappingRefused: the file was changed since it was read.
        """
        with _draft(self.path, self.after) as draft:
            if self.path.read_bytes() != self.before:
                raise MappingRefused(f"{self.path} was changed meanwhile. Nothing was written: import again.")
            draft.replace(self.path)


def plan_import(settings: Settings, name: str, sheet: Path, form: Format | None) -> Import:
    """Read a sheet's overrides for a connection and see that mlc.yaml can take all of them; writes nothing.

    Raises:
        MappingRefused: any of them is wrong; the text has one sentence each, with its line.
        ConfigurationError: the connection cannot be used.
    """
    path = settings.config_path.resolve()
    configuration = load_configuration(path)
    connection = configuration.connection(name)
    if configuration.problems:
        _refuse([f"{path} has a problem of its own, mend it first: {configuration.problems[0]}"])
    rows = filled(read_sheet(sheet, form))
    if not rows:
        raise MappingRefused(f"{sheet} has no override: write what a value becomes into the column override.")
    places = _places(sheet, connection, rows)
    before = path.read_bytes()
    after, changed = _changed(path, before, connection, {place: row.override for place, row in places.items()})
    answers = _checked(settings, sheet, changed, list(places.values()))
    return Import(
        path,
        before,
        after,
        changes=tuple(_told(row, answer) for row, answer in zip(places.values(), answers, strict=True)),
        diff=_diff(path, before, after),
    )


def _places(sheet: Path, connection: Connection, rows: Sequence[SheetRow]) -> dict[Place, SheetRow]:
    """Where each override belongs; the same place named twice is refused, with both lines."""
    wrong: list[str] = []
    places: dict[Place, SheetRow] = {}
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        line = seen.setdefault((row.kind, row.level, row.name, row.code), row.line)
        if line != row.line:
            wrong.append(at(sheet, row.line, f"the same row is in line {line} already; keep one of the two."))
            continue
        try:
            place = place_of(connection, row.kind, row.level, row.name, row.code)
        except NoPlace as none:
            wrong.append(at(sheet, row.line, str(none)))
            continue
        first = places.setdefault(place, row)
        if first.override != row.override:
            says = f"{'.'.join(place[:-1])} has one entry for {place[-1]!r}, and line {first.line} says"
            wrong.append(at(sheet, row.line, f"{says} {first.override!r} for it: write the same in both."))
    _refuse(wrong)
    return places


def _changed(
    path: Path, before: bytes, connection: Connection, overrides: Mapping[Place, str]
) -> tuple[bytes, Connection]:
    """The new content of mlc.yaml, and the connection as it then reads; nothing else in the file differs."""
    mark = b"\xef\xbb\xbf" if before.startswith(b"\xef\xbb\xbf") else b""
    values = read_document(path).values
    base: KeyPath = ("connections", _position(values, connection.name))
    changes = wanted({(*base, *place): value for place, value in overrides.items()})
    try:
        after = mark + edited(before.removeprefix(mark).decode("utf-8"), changes).encode("utf-8")
    except NotEditable as error:
        raise MappingRefused(f"{path} cannot be edited here: {error} Nothing was written.") from error
    with _draft(path, after) as draft:
        configuration = load_configuration(draft)
        if configuration.problems:
            first = str(configuration.problems[0]).replace(str(draft), str(path))
            _refuse([f"With these overrides mlc.yaml would not load. {first}"])
        if read_document(draft).values != _merged(values, changes):
            _refuse([f"{path} is written in a way that cannot be edited here: write these overrides by hand."])
    return after, configuration.connection(connection.name)


def _checked(
    settings: Settings, sheet: Path, connection: Connection, rows: Sequence[SheetRow]
) -> list[Resolution]:
    """What each row is answered with the overrides; asked from Zoho Books where what is kept knows less."""
    kept = stored_reference(settings, connection)
    answers = _resolved(connection, kept, rows) if kept else []
    if kept is None or not all(map(_is_good, rows, answers)):
        kept = asked_reference(settings, connection)
        answers = _resolved(connection, kept, rows)
    reference = kept.to_reference_data()
    _refuse(
        [
            at(sheet, row.line, _bad(connection, reference, row, answer))
            for row, answer in zip(rows, answers, strict=True)
            if not _is_good(row, answer)
        ]
    )
    return answers


def _resolved(connection: Connection, frames: ReferenceFrames, rows: Sequence[SheetRow]) -> list[Resolution]:
    reference = frames.to_reference_data()
    decided = rules(connection, reference, frames.edition)
    chart = ChartOfAccounts(reference.accounts)
    known = Dimensions(reference.reporting_tags, reference.dimensions)
    return [_answer(row, decided, chart, known, reference) for row in rows]


def _answer(
    row: SheetRow, decided: MappingRules, chart: ChartOfAccounts, known: Dimensions, reference: ReferenceData
) -> Resolution:
    if row.kind == "category":
        return resolve_category(row.name, row.code, chart, decided.categories)
    tax = ExpenseTax(row.name, row.level, row.code)
    if row.kind == "tax":
        return resolve_tax(tax, reference.taxes, decided.taxes)
    if row.kind == "tax_account":
        return resolve_tax_account(tax, chart, decided.taxes) or Resolution()
    if row.kind == "tag":
        return resolve_dimension(
            Term(f"tag level {row.level}", row.name, row.code), decided.tags[row.level], known
        )
    from_field = {field_name(name): rule for name, rule in decided.report_fields.items()}
    return resolve_dimension(Term(f"report field {row.level}", row.name), from_field[row.level], known)


def _is_good(row: SheetRow, answer: Resolution) -> bool:
    expected = "none" if row.kind == "tax" and name_key(row.override) == NONE else "override"
    return answer.problem is None and answer.how == expected


def _bad(connection: Connection, reference: ReferenceData, row: SheetRow, answer: Resolution) -> str:
    said = answer.problem.message if answer.problem else "Zoho Books takes no such thing in this organization."
    known = list(choices(connection, reference, row.kind, row.level))
    by_code = difflib.get_close_matches(row.override, [value for value, _ in known])
    near = [(value, name) for value, name in known if value in by_code] or [
        (one.value, one.name) for one in nearest(row.override, known)
    ]
    meant = [value if value == name else f"{value} ({name})" for value, name in near]
    return f"override {row.override!r}: {said}" + (f" Near to it: {', '.join(meant[:3])}." if meant else "")


def _told(row: SheetRow, answer: Resolution) -> dict[str, str]:
    return {
        "kind": row.kind,
        "level": row.level,
        "name": row.name,
        "code": row.code,
        "override": row.override,
        "target_id": answer.target_id,
        "target_name": answer.target_name,
    }


def _position(values: Value, name: str) -> int:
    entries: Any = values["connections"] if isinstance(values, dict) else []
    return next(place for place, entry in enumerate(entries) if entry["name"] == name)


def _merged(values: Value, changes: str | Wanted) -> Value:
    """The values with the changes in them: what the file must read as afterwards."""
    if isinstance(changes, str):
        return changes
    if isinstance(values, list):
        return [_merged(one, changes[at]) if at in changes else one for at, one in enumerate(values)]
    known = values if isinstance(values, dict) else {}
    return known | {str(name): _merged(known.get(str(name)), change) for name, change in changes.items()}


def _diff(path: Path, before: bytes, after: bytes) -> str:
    old, new = (content.decode("utf-8-sig").splitlines() for content in (before, after))
    return "\n".join(difflib.unified_diff(old, new, str(path), f"{path} (new)", lineterm=""))


@contextmanager
def _draft(path: Path, content: bytes) -> Iterator[Path]:
    """A file beside another one, with its rights; gone afterwards, unless it took the other's place."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.touch(0o600)
        draft.write_bytes(content)
        shutil.copymode(path, draft)
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def _refuse(sentences: Sequence[str]) -> None:
    if not sentences:
        return
    more = len(sentences) - _MOST_SENTENCES
    shown = [*sentences[:_MOST_SENTENCES], *([f"... and {more} more."] if more > 0 else [])]
    raise MappingRefused("\n".join([*shown, "Nothing was written."]))
