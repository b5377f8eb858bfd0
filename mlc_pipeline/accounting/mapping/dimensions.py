"""Dimensions: which option, project, customer or location a tag or a report field of Expensify stands for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mlc_pipeline.accounting.mapping.answers import NOTHING, Resolution, refused
from mlc_pipeline.accounting.mapping.reference import (
    DimensionKind,
    DimensionValue,
    ReportingTagHead,
    indexed,
)
from mlc_pipeline.accounting.problems import Reason
from mlc_pipeline.accounting.wording import name_key

_KINDS = {
    "reporting_tag": "option",
    "project": "project",
    "customer": "customer",
    "location": "location",
}
_SEPARATOR = re.compile(r"(?<!\\):")  # a colon that belongs to a name is written \:


@dataclass(frozen=True, slots=True)
class DimensionRule:
    """What a tag level or a report field becomes: `values` are overrides from Expensify's name to Zoho's."""

    dimension: DimensionKind
    reporting_tag: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Term:
    """A value as Expensify has it: where it stands (`tag level 1`), its name and its GL code."""

    place: str
    name: str
    gl_code: str = ""

    def __str__(self) -> str:
        code = f" (GL code {self.gl_code})" if self.gl_code else ""
        return f"“{self.name}”{code} of {self.place}"


class Dimensions:
    """All that lines can be told apart by, looked up by id group, code, name and path."""

    def __init__(self, tags: Iterable[ReportingTagHead], values: Iterable[DimensionValue]) -> None:
        self._tags = tuple(tags)
        self._inactive_customers: dict[str, str] = {}
        by_group: dict[tuple[str, str], list[DimensionValue]] = {}
        for value in values:
            if value.dimension == "customer" and not value.is_active:
                self._inactive_customers[value.id] = value.name
            group = value.group_id if value.dimension == "reporting_tag" else ""
            by_group.setdefault((value.dimension, group), []).append(value)
        self._groups = {group: _Group(found) for group, found in by_group.items()}

    def tags_named(self, name: str) -> Sequence[ReportingTagHead]:
        """The reporting tags of this name."""
        return [tag for tag in self._tags if name_key(tag.name) == name_key(name)]

    def inactive_customer(self, answer: Resolution) -> str:
        """The name of the customer that a project brings, if that customer is known to be inactive; else empty."""
        return self._inactive_customers.get(answer.group_id, "") if answer.dimension == "project" else ""

    def group(self, dimension: DimensionKind, tag_id: str = "") -> _Group:
        """The values of a dimension, of a reporting tag its options."""
        return self._groups.get((dimension, tag_id)) or _Group(())


class _Group:
    def __init__(self, values: Iterable[DimensionValue]) -> None:
        rows = tuple(values)
        self._by_code = indexed(rows, lambda value: value.code.strip())
        self._by_name = indexed(rows, lambda value: name_key(value.name))
        self._by_path = indexed(rows, lambda value: _path_key(value.path))

    def with_code(self, code: str) -> Sequence[DimensionValue]:
        """By a code of Zoho's, else by a name that is the code: options have no codes in Zoho."""
        return (self._by_code.get(code.strip()) or self._by_name.get(name_key(code), ())) if code.strip() else ()

    def with_path(self, name: str) -> Sequence[DimensionValue]:
        """By the whole path, from the topmost down, that the name is when cut at its colons."""
        return self._by_path.get(_path_key(_parts(name)), ())

    def with_name(self, name: str) -> Sequence[DimensionValue]:
        """By the name as written or the whole path, else by the end of a path.

        Each parent that is given counts: another option of the same last name under another parent is another one.
        """
        parts = _parts(name)
        whole = self._by_name.get(name_key(name)) or self._by_name.get(name_key(name.replace("\\:", ":")), ())
        # A name may have colons of its own, and be the path of another option: then both are candidates.
        found = tuple(dict.fromkeys((*whole, *self.with_path(name))))
        return found or [value for value in self._by_name.get(name_key(parts[-1]), ()) if _ends_with(value, parts)]


def resolve_dimension(term: Term, rule: DimensionRule, dimensions: Dimensions) -> Resolution:
    """Override, then the GL code, then the name, without case but otherwise exact; nothing for an empty name."""
    if not term.name.strip():
        return NOTHING
    tag_id = ""
    if rule.dimension == "reporting_tag":
        tags = [tag for tag in dimensions.tags_named(rule.reporting_tag) if tag.is_active]
        if len(tags) != 1:
            return _no_tag(term, rule, dimensions)
        tag_id = tags[0].tag_id
    answer = _resolved(term, rule, dimensions.group(rule.dimension, tag_id))
    customer = dimensions.inactive_customer(answer)
    if not customer:
        return answer
    return refused(
        Reason.INACTIVE_TAG,
        f"{term} is the project “{answer.target_name}” of the customer “{customer}”, which is inactive in Zoho "
        "Books: activate the customer, or name another project under values of this entry in mlc.yaml.",
    )


def _resolved(term: Term, rule: DimensionRule, group: _Group) -> Resolution:
    wanted = {name_key(name): target for name, target in rule.values.items()}.get(name_key(term.name))
    if wanted is not None:
        found = group.with_path(wanted) or group.with_name(wanted) or group.with_code(wanted)
        return _one_value(term, rule, found, "override", wanted)
    coded = group.with_code(term.gl_code)
    if coded:
        return _one_value(term, rule, coded, "gl_code", term.gl_code)
    return _one_value(term, rule, group.with_name(term.name), "name", term.name)


def _one_value(
    term: Term, rule: DimensionRule, found: Sequence[DimensionValue], how: str, wanted: str
) -> Resolution:
    active = [value for value in found if value.is_active]
    if len(active) == 1:
        [value] = active
        path = ":".join(value.path) or value.name
        return Resolution(how, value.id, value.code, path, dimension=value.dimension, group_id=value.group_id)
    of_tag = f" of {rule.reporting_tag}" if rule.reporting_tag else ""
    kind, kinds = f"{_KINDS[rule.dimension]}{of_tag}", f"{_KINDS[rule.dimension]}s{of_tag}"
    if active:
        return refused(Reason.AMBIGUOUS_TAG, f"{term} fits {len(active)} {kinds} in Zoho Books {_which(active)}")
    if found:
        return refused(
            Reason.INACTIVE_TAG,
            f"{term} is the {kind} “{found[0].name}”, which is inactive in Zoho Books: activate it, or name "
            "another one under values of this entry in mlc.yaml.",
        )
    given = f" (mlc.yaml says “{wanted}”)" if how == "override" else ""
    return refused(
        Reason.UNMAPPED_TAG,
        f"{term}{given} is no {kind} in Zoho Books: add it there, or name one under values of this entry in "
        "mlc.yaml.",
    )


def _which(values: Sequence[DimensionValue]) -> str:
    """What a tag fits, as mlc.yaml would name it, and how one of them is chosen."""
    paths = Counter(value.written_path for value in values)
    if len(paths) > 1:
        return f"({', '.join(sorted(paths.elements()))}): name one under values of this entry in mlc.yaml."
    ids = ", ".join(sorted(value.id for value in values))
    return f"(all named {values[0].written_path}, with the ids {ids}): rename all but one there."


def _no_tag(term: Term, rule: DimensionRule, dimensions: Dimensions) -> Resolution:
    named = dimensions.tags_named(rule.reporting_tag)
    active = sum(tag.is_active for tag in named)
    code = Reason.INACTIVE_TAG if named and not active else Reason.UNMAPPED_TAG
    if not named:
        state = "which Zoho Books does not have"
    else:
        state = f"of which Zoho Books has {active}" if active else "which is inactive or a draft in Zoho Books"
    return refused(
        code,
        f"{term} becomes the reporting tag “{rule.reporting_tag}”, {state}: mend it there, or correct the name in "
        "mlc.yaml.",
    )


def _parts(name: str) -> list[str]:
    return [part.replace("\\:", ":").strip() for part in _SEPARATOR.split(name)]


def _ends_with(value: DimensionValue, parts: Sequence[str]) -> bool:
    return len(value.path) >= len(parts) and _path_key(value.path[-len(parts) :]) == _path_key(parts)


def _path_key(path: Sequence[str]) -> str:
    return "\x1f".join(name_key(name) for name in path)
