"""The `mapping` section of mlc.yaml: what categories, tags, report fields and taxes become in Zoho Books."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)

from mlc_pipeline.accounting.wording import exact_key, name_key
from mlc_pipeline.config.sections import Section, no_two_alike
from mlc_pipeline.config.values import TagLevel, Words, YesOrNo


class TagTarget(Section):
    """What a level of Expensify's tags, or a report field, becomes in Zoho Books: exactly one of the four.

    `values` are overrides, from Expensify's name to that of the option, project, customer or location. `place` is
    where the reporting tag stands on a document, for organizations whose interface does not say.
    """

    reporting_tag: Words | None = None
    project: YesOrNo = False
    customer: YesOrNo = False
    location: YesOrNo = False
    values: Annotated[Mapping[Words, Words], no_two_alike(name_key)] = Field(default_factory=dict)
    place: Literal["line_item", "transaction"] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if len(self._targets()) != 1:
            raise ValueError(
                "must say exactly one of {reporting_tag: NAME}, {project: true}, {customer: true}, "
                "{location: true}."
            )
        if self.place is not None and self.reporting_tag is None:
            raise ValueError("place is only for a reporting tag; leave it out.")
        return self

    @property
    def dimension(self) -> Literal["reporting_tag", "project", "customer", "location"]:
        """Which of the four it is."""
        return self._targets()[0]

    def _targets(self) -> list[Literal["reporting_tag", "project", "customer", "location"]]:
        targets: list[Literal["reporting_tag", "project", "customer", "location"]] = []
        if self.reporting_tag is not None:
            targets.append("reporting_tag")
        if self.project:
            targets.append("project")
        if self.customer:
            targets.append("customer")
        if self.location:
            targets.append("location")
        return targets


class FallbackAccount(Section):
    """The account, by its code, of every category that has no account of its own."""

    account: Words


def _review_or_account(value: object) -> object:
    if value == "review" or isinstance(value, Mapping | FallbackAccount):
        return value
    raise ValueError('must be review, or an account such as {account: "6999"}.')


UnmappedCategory = Annotated[
    Annotated[Literal["review"], Tag("<review>")] | Annotated[FallbackAccount, Tag("<account>")],
    Discriminator(lambda value: "<review>" if isinstance(value, str) else "<account>"),
    BeforeValidator(_review_or_account),
]


class TaxTarget(Section):
    """What a tax becomes: Zoho's tax by name (or none), and the account, by its code, where a journal books it."""

    tax: Words | None = None
    account: Words | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.tax is None and self.account is None:
            raise ValueError('must say {tax: NAME}, {account: "1500"} or both.')
        return self


TaxChoice = Annotated[
    Annotated[Words, Tag("<name>")] | Annotated[TaxTarget, Tag("<tax>")],
    Discriminator(lambda value: "<name>" if isinstance(value, str) else "<tax>"),
]


def _field_of_a_vendor(name: str) -> str:
    if not re.fullmatch(r"contact_number|cf_[A-Za-z0-9_]+", name):
        raise ValueError(
            f"{name!r} is no field of a vendor; write contact_number or cf_..., its API name in Zoho."
        )
    return name


class MappingSettings(Section):
    """Overrides of what a category, a tag level or a tax becomes; the rest is found by code, then by name."""

    categories: Annotated[Mapping[Words, Words], no_two_alike(exact_key)] = Field(default_factory=dict)
    tags: Mapping[TagLevel, TagTarget] = Field(default_factory=dict)
    report_fields: Mapping[Words, TagTarget] = Field(default_factory=dict)
    taxes: Annotated[Mapping[Words, TaxChoice], no_two_alike(name_key)] = Field(default_factory=dict)
    employee_number_field: Annotated[Words, AfterValidator(_field_of_a_vendor)] | None = None
    unmapped_category: UnmappedCategory = "review"

    @field_validator("tags")
    @classmethod
    def _one_level_each(cls, tags: Mapping[int, TagTarget]) -> Mapping[int, TagTarget]:
        _each_becomes_another(_named_levels(tags))
        return tags

    @field_validator("report_fields")
    @classmethod
    def _one_source_each(cls, fields: Mapping[str, TagTarget], info: ValidationInfo) -> Mapping[str, TagTarget]:
        named = {f"report field {name}": target for name, target in fields.items()}
        _each_becomes_another(_named_levels(info.data.get("tags", {})) | named)
        return fields


def _named_levels(tags: Mapping[int, TagTarget]) -> dict[str, TagTarget]:
    return {f"level {level}": target for level, target in tags.items()}


def _each_becomes_another(targets: Mapping[str, TagTarget]) -> None:
    source_of: dict[tuple[str, str], str] = {}
    for source, target in targets.items():
        name = target.reporting_tag or target.dimension
        earlier = source_of.setdefault((target.dimension, name_key(name)), source)
        if earlier != source:
            raise ValueError(f"{earlier} and {source} both become {name}; only one of them can.")
