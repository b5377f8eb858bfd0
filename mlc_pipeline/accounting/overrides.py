"""Overrides of mlc.yaml that no value of a period asked for: a name that was misspelt shows here.

One that is only not spent on in this period stands here too, so they are told and nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pandas as pd

from mlc_pipeline.accounting.mapping import ExpenseTax
from mlc_pipeline.accounting.mappings import field_name
from mlc_pipeline.accounting.period_mappings import MappingRules
from mlc_pipeline.accounting.wording import exact_key, name_key


def unmatched(mappings: pd.DataFrame, rules: MappingRules) -> tuple[str, ...]:
    """The keys of overrides, as in `mapping.categories: Lodging`, that no row of `category_mappings` has."""
    return tuple(_unmatched(mappings.reindex(columns=["kind", "level", "name", "code"]).fillna(""), rules))


def _unmatched(rows: pd.DataFrame, rules: MappingRules) -> Iterator[str]:
    categories = rows[rows["kind"] == "category"]["name"]
    yield from _left("mapping.categories", rules.categories.overrides, categories, exact_key)
    for level, rule in sorted(rules.tags.items()):
        names = rows[(rows["kind"] == "tag") & (rows["level"] == level)]["name"]
        yield from _left(f"mapping.tags.{level}.values", rule.values, names, name_key)
    for field, rule in sorted(rules.report_fields.items()):
        names = rows[(rows["kind"] == "report_field") & (rows["level"] == field_name(field))]["name"]
        yield from _left(f"mapping.report_fields.{field}.values", rule.values, names, name_key)
    taxes = rows[rows["kind"] == "tax"]
    found = map(ExpenseTax, taxes["name"], taxes["level"], taxes["code"])
    yield from _left("mapping.taxes", rules.taxes.overrides, [key for tax in found for key in tax.keys], name_key)


def _left(
    section: str, overrides: Iterable[str], names: Iterable[str], key: Callable[[str], str]
) -> Iterator[str]:
    asked = {key(name) for name in names}
    return (f"{section}: {name}" for name in overrides if key(name) not in asked)
