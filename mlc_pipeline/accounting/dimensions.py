"""Dimensions: what the tags and report fields of an expense stand for, put together.

They come from several levels, which may contradict each other; and Zoho Books decides for each reporting tag
whether it stands in the header of a document, on its lines or not at all, and whether it may be missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mlc_pipeline.accounting.mapping import Resolution
from mlc_pipeline.accounting.organization import Organization, ReportingTag, TagPlace
from mlc_pipeline.accounting.problems import Problem, Reason

Pairs = tuple[tuple[str, str], ...]
"""Pairs of (reporting tag id, option id)."""


@dataclass(frozen=True, slots=True)
class LineDimensions:
    """Where an expense belongs beside its account.

    `tags` stand on the line, `header_tags` in the header; `left_out` are those that Zoho Books takes on neither,
    in words. `cost_center` is the name of the option of the line's first reporting tag, by which lines are
    ordered; `customer` is the customer in words.
    """

    cost_center: str = ""
    tags: Pairs = ()
    header_tags: Pairs = ()
    project_id: str = ""
    customer_id: str = ""
    customer: str = ""
    location_id: str = ""
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TagPlaces:
    """Where an organization's reporting tags stand on a kind of document; one that it does not know, on lines."""

    kind: str
    tags: tuple[ReportingTag, ...] = ()

    @classmethod
    def of(cls, organization: Organization | None, kind: str) -> TagPlaces:
        """The places on `bill` (vendor credits too) or `journal`."""
        return cls(kind, organization.reporting_tags if organization else ())

    def place(self, tag_id: str) -> TagPlace:
        """Where this reporting tag stands."""
        return next((self._place(tag) for tag in self.tags if tag.tag_id == tag_id), "line_item")

    def name(self, tag_id: str) -> str:
        """The name of this reporting tag, for people."""
        return next((tag.name for tag in self.tags if tag.tag_id == tag_id), "a reporting tag")

    def missing(self, tag_ids: Iterable[str]) -> Iterator[str]:
        """The names of the reporting tags that must stand on the document and are not among these."""
        given = set(tag_ids)
        for tag in self.tags:
            if tag.is_mandatory and self._place(tag) and tag.tag_id not in given:
                yield tag.name

    def required(self, tags: Pairs) -> Pairs:
        """Those of the tags that must stand on every line of the document."""
        mandatory = {tag.tag_id for tag in self.tags if tag.is_mandatory and self._place(tag) == "line_item"}
        return tuple(sorted(pair for pair in tags if pair[0] in mandatory))

    def _place(self, tag: ReportingTag) -> TagPlace:
        return tag.on_journals if self.kind == "journal" else tag.on_bills


def line_dimensions(answers: Sequence[Resolution], places: TagPlaces) -> LineDimensions:
    """Put the resolved tags and report fields of one expense together; of contradictions the first counts."""
    options: dict[str, Resolution] = {}
    for answer in answers:
        if answer.dimension == "reporting_tag":
            options.setdefault(answer.group_id, answer)
    tags = tuple((tag_id, answer.target_id) for tag_id, answer in options.items())
    on_line = tuple(pair for pair in tags if places.place(pair[0]) == "line_item")
    return LineDimensions(
        cost_center=options[on_line[0][0]].target_name if on_line else "",
        tags=on_line,
        header_tags=tuple(pair for pair in tags if places.place(pair[0]) == "transaction"),
        project_id=_first(answers, "project"),
        customer_id=_first(answers, "customer"),
        customer=next((_customer(answer) for answer in answers if _said(answer, "customer")), ""),
        location_id=_first(answers, "location"),
        left_out=tuple(
            f"{places.name(tag_id)} “{answer.target_name}”"
            for tag_id, answer in options.items()
            if not places.place(tag_id)
        ),
    )


def problems_with(answers: Sequence[Resolution], places: TagPlaces) -> Iterator[Problem]:
    """What contradicts itself or is missing; the sentences go on after “Expense 123”."""
    tag_ids = dict.fromkeys(answer.group_id for answer in answers if answer.dimension == "reporting_tag")
    for what in ("project", "customer", "location", *tag_ids):
        named = {_said(answer, what): answer.target_name for answer in reversed(answers) if _said(answer, what)}
        if len(named) > 1:
            noun = f"one option of {places.name(what)}" if what in tag_ids else f"one {what}"
            yield Problem(
                Reason.CONFLICTING_DIMENSIONS,
                f"belongs to more than {noun} in Zoho Books: “{'” and “'.join(reversed(named.values()))}”. Choose "
                "in Expensify what belongs together, or change mapping.tags in mlc.yaml.",
            )
    for name in places.missing(tag_ids):
        yield Problem(
            Reason.MISSING_DIMENSION,
            f"has no {name}, which Zoho Books requires on a {places.kind}: choose it in Expensify, or map the tag "
            "level that says it under mapping.tags in mlc.yaml.",
        )


def _first(answers: Iterable[Resolution], what: str) -> str:
    return next((said for answer in answers if (said := _said(answer, what))), "")


def _customer(answer: Resolution) -> str:
    return f"customer of {answer.target_name}" if answer.dimension == "project" else answer.target_name


def _said(answer: Resolution, what: str) -> str:
    """What an answer says about a project, a customer, a location or a reporting tag; a project says both."""
    if answer.dimension == "project" and what == "customer":
        return answer.group_id
    if answer.dimension == "reporting_tag":
        return answer.target_id if answer.group_id == what else ""
    return answer.target_id if answer.dimension == what else ""
