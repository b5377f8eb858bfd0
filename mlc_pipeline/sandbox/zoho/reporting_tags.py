"""Reporting tags: their lists, and whether a document may or must carry them where it does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mlc_pipeline.sandbox.zoho import errors, lookups
from mlc_pipeline.sandbox.zoho.call import Call
from mlc_pipeline.sandbox.zoho.organization import Organization, Record

#: The most options of the details page, which takes no page number (reporting tags file).
OPTIONS_PER_PAGE = 200

#: The account types of the profit and loss report.
OF_PROFIT_AND_LOSS = ("income", "other_income", "expense", "cost_of_goods_sold", "other_expense")


def get_tags(call: Call) -> Record:
    """GET /reportingtags: without the options, in the order the organization gave them."""
    hidden = {"options"} if call.books.settings.tags_show_preferences else {"options", "multi_preference_entities"}
    tags = sorted(call.organization.reporting_tags.values(), key=lambda tag: int(tag.get("tag_order", 0)))
    return {"reporting_tags": [{name: tag[name] for name in tag if name not in hidden} for tag in tags]}


def get_all_tag_options(call: Call) -> Record:
    """GET /reportingtags/options?tag_id=: a tree, of which only the first page can be had."""
    tag = _tag(call, call.query["tag_id"])
    tree = _children(tag["options"], "")
    return {
        "tag_id": tag["tag_id"],
        "tag_name": tag["tag_name"],
        "description": tag.get("description", ""),
        "is_draft": tag.get("is_draft", False),
        "options": tree[:OPTIONS_PER_PAGE],
        "page_context": {
            "page": 1,
            "per_page": OPTIONS_PER_PAGE,
            "has_more_page": len(tree) > OPTIONS_PER_PAGE,
        },
    }


def all_tag_options(call: Call) -> Record:
    """GET /reportingtags/{tag_id}/options/all: under `results`, and nothing but ids, names and depth."""
    options = _tag(call, call.path["tag_id"])["options"]
    shows_inactive = call.books.settings.all_tag_options_show_inactive
    results = [
        {"option_id": option["option_id"], "option_name": option["option_name"], "depth": depth}
        for option, depth in _in_depth(options, "", 0)
        if option.get("is_active", True) or shows_inactive
    ]
    if call.query.get("show_untagged") == "true":
        results.append({"option_id": "untagged", "option_name": "Untagged", "depth": 0})
    return {"results": results}


def check_tags(call: Call, entity: str, lines: Sequence[Record]) -> None:
    """Refuse tags that do not exist, are not active or stand where they may not, and missing mandatory ones.

    `entity` is `purchases` or `journals`. A tag without preferences may stand anywhere.
    """
    header = call.body.get("tags", ())
    _check_given(call.organization, header, entity, "transaction")
    for line in lines:
        _check_given(call.organization, line.get("tags", ()), entity, "line_item")
    for tag in call.organization.reporting_tags.values():
        if tag["is_active"] and tag["is_mandatory"] and not tag.get("is_draft") and _is_enabled(tag, entity):
            _check_mandatory(call, tag, header, lines)


def _check_given(organization: Organization, given: Iterable[Record], entity: str, level: str) -> None:
    seen = set()
    for choice in given:
        if not choice.get("tag_id") or choice["tag_id"] in seen:
            raise errors.invalid_value("tag_id")
        seen.add(choice["tag_id"])
        tag = lookups.known(organization.reporting_tags, choice, "tag_id")
        if not choice.get("tag_option_id"):
            raise errors.invalid_value("tag_option_id")
        option = lookups.known({each["option_id"]: each for each in tag["options"]}, choice, "tag_option_id")
        if not tag["is_active"] or tag.get("is_draft") or not option.get("is_active", True):
            raise errors.option_not_usable(tag["tag_name"])
        if not _is_enabled(tag, entity):
            raise errors.tag_not_enabled(tag["tag_name"], entity)
        if _preference(tag) not in ("", level):
            raise errors.tag_not_enabled(tag["tag_name"], f"{entity} on the {level} level")


def _check_mandatory(call: Call, tag: Record, header: Sequence[Record], lines: Sequence[Record]) -> None:
    in_header = _has(header, tag)
    preference = _preference(tag)
    if preference != "line_item" and in_header:
        return
    if preference == "transaction" or (preference == "" and not any(_has(_tags(line), tag) for line in lines)):
        raise errors.mandatory_tag_missing(tag["tag_name"])
    if preference == "line_item" and not all(_has(_tags(line), tag) for line in lines if _needs(call, line)):
        raise errors.mandatory_tag_missing(tag["tag_name"])


def _needs(call: Call, line: Record) -> bool:
    """Whether a line must carry the mandatory tags; those of bills and vendor credits always must."""
    if "debit_or_credit" not in line or call.books.settings.mandatory_tags_on_every_journal_line:
        return True
    account = call.organization.accounts.get(line.get("account_id", ""), {})
    return account.get("account_type") in OF_PROFIT_AND_LOSS


def _tags(line: Record) -> Sequence[Record]:
    tags: Sequence[Record] = line.get("tags", ())
    return tags


def _has(given: Iterable[Record], tag: Record) -> bool:
    return any(choice.get("tag_id") == tag["tag_id"] for choice in given)


def _preference(tag: Record) -> str:
    return str(tag.get("multi_preference_entities", {}).get("preference", ""))


def _is_enabled(tag: Record, entity: str) -> bool:
    entities = tag.get("multi_preference_entities", {}).get("entities")
    return entities is None or any(
        each["is_enabled"] for each in entities if each["entity_name"].casefold() == entity
    )


def _tag(call: Call, tag_id: str) -> Record:
    tag = call.organization.reporting_tags.get(tag_id)
    if tag is None:
        raise errors.does_not_exist("Reporting Tag")
    return tag


def _children(options: Sequence[Record], parent_id: str) -> list[Record]:
    return [
        {**option, "children": _children(options, option["option_id"])}
        for option in options
        if option.get("parent_id", "") == parent_id
    ]


def _in_depth(options: Sequence[Record], parent_id: str, depth: int) -> Iterable[tuple[Record, int]]:
    for option in options:
        if option.get("parent_id", "") == parent_id:
            yield option, depth
            yield from _in_depth(options, option["option_id"], depth + 1)
