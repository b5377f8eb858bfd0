"""What of Zoho Books a value without an answer is most like by name; never applied by itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from typing import Any

from mlc_pipeline.accounting.mapping import (
    NOT_FOR_CARDS,
    NOT_FOR_EXPENSES,
    NOT_FOR_PAYABLES,
    Account,
)
from mlc_pipeline.accounting.period_mappings import ReferenceData
from mlc_pipeline.accounting.wording import name_key
from mlc_pipeline.commands.mapping.answers import Answers
from mlc_pipeline.commands.mapping.places import NoPlace, place_of, tag_target
from mlc_pipeline.config import Connection
from mlc_pipeline.config.editing import block, wanted

Choice = tuple[str, str]
"""What mlc.yaml would say for something in Zoho Books, and its name there."""

_WRONG_TYPES: Mapping[str, frozenset[str]] = {
    "category": NOT_FOR_EXPENSES,
    "card": NOT_FOR_CARDS,
    "payable": NOT_FOR_PAYABLES,
    "tax_account": frozenset(),
}
_MOST = 3
_LEAST_PERCENT = 35


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something in Zoho Books: what mlc.yaml would say for it, its name, and how alike the names are, 0 to 100."""

    value: str
    name: str
    score: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value without an answer, what is like it, and the lines of mlc.yaml that take the first of these.

    `lines` is empty where nothing is like it, or where it is mended elsewhere: `advice` then says where.
    """

    kind: str
    level: str
    name: str
    code: str
    expenses: int
    reason: str
    candidates: tuple[Candidate, ...]
    lines: tuple[str, ...]
    advice: str

    def to_json(self) -> dict[str, Any]:
        """One entry of what `--json` prints."""
        return asdict(self)


def suggestions_for(connection: Connection, answers: Answers, reference: ReferenceData) -> list[Suggestion]:
    """One for each value without an answer; of a value in several workspaces only one."""
    found: dict[tuple[str, ...], Suggestion] = {}
    known: dict[tuple[str, str], list[Choice]] = {}
    for row in answers.unresolved:
        kind, level, name, code = (str(row[column] or "") for column in ("kind", "level", "name", "code"))
        if (kind, level, name, code) in found:
            continue
        if (kind, level) not in known:
            known[kind, level] = list(choices(connection, reference, kind, level))
        candidates = nearest(_word(kind, level, name, code), known[kind, level])
        lines, advice = _lines(connection, (kind, level, name, code), candidates)
        found[kind, level, name, code] = Suggestion(
            kind, level, name, code, row["expenses"], row["reason"] or "", candidates, lines=lines, advice=advice
        )
    return list(found.values())


def nearest(word: str, known: Iterable[Choice]) -> tuple[Candidate, ...]:
    """Those whose names are most like the word, at most three, the best first.

    Names are compared letter by letter, and once more with their words in the order of the alphabet.
    """
    if not word.strip():
        return ()
    matchers = [SequenceMatcher(None, b=text, autojunk=False) for text in _readings(word)]
    best: list[Candidate] = []
    for value, name in known:
        least = best[-1].score if len(best) == _MOST else _LEAST_PERCENT
        score = max(_percent(*pair, least) for pair in zip(matchers, _readings(name), strict=True))
        if score >= least:
            best = sorted(
                [*best, Candidate(value, name, score)], key=lambda one: (-one.score, one.name, one.value)
            )
            del best[_MOST:]
    return tuple(best)


def choices(connection: Connection, reference: ReferenceData, kind: str, level: str) -> Iterator[Choice]:
    """What a value of this kind may become."""
    if kind in _WRONG_TYPES:
        wrong = _WRONG_TYPES[kind]
        yield from _accounts(account for account in reference.accounts if account.type not in wrong)
    elif kind == "tax":
        yield from ((tax.name, tax.name) for tax in reference.taxes if tax.is_active)
    elif kind in ("employee", "card_vendor"):
        yield from ((vendor.name, vendor.name) for vendor in reference.vendors if vendor.is_active)
    elif kind in ("tag", "report_field"):
        yield from _dimension_values(connection, reference, kind, level)


def _word(kind: str, level: str, name: str, code: str) -> str:
    """What of a value is compared with names: of an address what is before the @; of a tax it may be the rate."""
    if kind == "employee":
        return re.sub(r"[._-]+", " ", name.partition("@")[0])
    return name or code or (level if kind == "tax" else "")


def _lines(
    connection: Connection, value: tuple[str, str, str, str], candidates: tuple[Candidate, ...]
) -> tuple[tuple[str, ...], str]:
    try:
        place = place_of(connection, *value)
    except NoPlace as none:
        return (), str(none)
    if not candidates:
        return (), "Nothing in Zoho Books has a name like it."
    return tuple(block(wanted({place: candidates[0].value}), "")), ""


def _accounts(accounts: Iterable[Account]) -> Iterator[Choice]:
    """Active ones whose code names only them: mlc.yaml names accounts by their code."""
    by_code: dict[str, list[Account]] = {}
    for account in accounts:
        if account.is_active and account.code.strip():
            by_code.setdefault(account.code.strip(), []).append(account)
    return ((code, found[0].name) for code, found in by_code.items() if len(found) == 1)


def _dimension_values(connection: Connection, reference: ReferenceData, kind: str, level: str) -> Iterator[Choice]:
    try:
        _, _, target = tag_target(connection, kind, level)
    except NoPlace:
        return
    named = name_key(target.reporting_tag or "")
    tags = {tag.tag_id for tag in reference.reporting_tags if tag.is_active and name_key(tag.name) == named}
    values = [
        one
        for one in reference.dimensions
        if one.is_active and one.dimension == target.dimension and (not named or one.group_id in tags)
    ]
    names = Counter(name_key(one.name) for one in values)
    for one in values:
        yield (one.name if names[name_key(one.name)] == 1 else one.written_path), one.name


def _readings(text: str) -> tuple[str, str]:
    plain = name_key(text)
    return plain, " ".join(sorted(re.findall(r"\w+", plain)))


def _percent(matcher: SequenceMatcher[str], name: str, least: int) -> int:
    """How alike the matcher's word and a name are, 0 to 100; 0 as soon as it is known to be below `least`."""
    matcher.set_seq1(name)
    for bound in (matcher.real_quick_ratio, matcher.quick_ratio):
        if round(bound() * 100) < least:
            return 0
    return round(matcher.ratio() * 100)
