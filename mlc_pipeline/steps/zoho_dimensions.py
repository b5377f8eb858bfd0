"""What lines can be told apart by in Zoho Books: reporting tags and options, projects, customers, locations."""

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import dagster as dg
import pandas as pd

from mlc_pipeline.accounting.wording import name_key
from mlc_pipeline.config import Connection, TagTarget
from mlc_pipeline.failures import explained
from mlc_pipeline.frames import frame_of, records
from mlc_pipeline.resources import ZohoAccess
from mlc_pipeline.schemas import DIMENSIONS
from mlc_pipeline.steps.metadata import materialized, posts_nothing, reading
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.errors import Refused, UnexpectedAnswer
from mlc_pipeline.zoho.models import Customer, Location, ReportingTag

_log = logging.getLogger(__name__)


def step(connection: Connection, context: dg.AssetExecutionContext, zoho: ZohoAccess) -> dg.Output[pd.DataFrame]:
    """What the asset does."""
    metadata: dict[str, Any] = {}

    def customers() -> Iterable[Customer]:
        read = zoho.customers(connection, whole=posts_nothing(context, connection))
        metadata.update(reading("customers", read))
        return read.contacts

    with explained():
        frame = read_dimensions(connection, zoho.client(connection), customers)
    return materialized(frame, **metadata)


def targets(connection: Connection) -> list[TagTarget]:
    """What mlc.yaml maps tag levels and report fields to."""
    return [*connection.mapping.tags.values(), *connection.mapping.report_fields.values()]


def read_dimensions(
    connection: Connection, client: ZohoBooksClient, customers: Callable[[], Iterable[Customer]] | None = None
) -> pd.DataFrame:
    """One row each. All reporting tags, since some may be mandatory; of the rest only what mlc.yaml asks for.

    `customers` gives all of them where mlc.yaml asks for that; by default Zoho Books is asked.
    """
    return frame_of(DIMENSIONS, _rows(connection, client, customers or client.customers))


def with_customers(dimensions: pd.DataFrame, customers: Iterable[Customer]) -> pd.DataFrame:
    """The frame with these customers in place of those it has."""
    others = records(dimensions[dimensions["dimension"] != "customer"])
    return frame_of(DIMENSIONS, [*others, *map(_customer, _in_order(customers))])


def _rows(
    connection: Connection, client: ZohoBooksClient, customers: Callable[[], Iterable[Customer]]
) -> Iterator[dict[str, Any]]:
    wanted = targets(connection)
    kinds = {target.dimension for target in wanted}
    yield from _tags(client, [target for target in wanted if target.reporting_tag is not None])
    if "project" in kinds:
        yield from _projects(client)
    if kinds & {"customer", "project"}:
        # Of projects the customers come with them; whether these are active does not.
        listed = customers() if "customer" in kinds else client.customers("Inactive")
        yield from map(_customer, _in_order(listed))
    if "location" in kinds:
        yield from _locations(client.locations())


def _in_order(customers: Iterable[Customer]) -> list[Customer]:
    return sorted(customers, key=lambda customer: customer.customer_id)


def _customer(customer: Customer) -> dict[str, Any]:
    row = _row("customer", customer.customer_id, customer.name, is_active=customer.is_active)
    return row | {"code": customer.number}


def _tags(client: ZohoBooksClient, wanted: list[TagTarget]) -> Iterator[dict[str, Any]]:
    places = {name_key(target.reporting_tag or ""): target.place for target in wanted}
    for tag in _reporting_tags(client, needed=bool(wanted)):
        place = places.get(name_key(tag.name))
        # Where a tag may stand is documented for the tag, but not in the list; the lines are the usual place.
        yield _row("tag", tag.tag_id, tag.name, is_active=tag.is_active) | {
            "is_mandatory": tag.is_mandatory,
            "on_bills": place or ("line_item" if tag.on_bills is None else tag.on_bills),
            "on_journals": place or ("line_item" if tag.on_journals is None else tag.on_journals),
        }
        for option in client.tag_options(tag.tag_id) if name_key(tag.name) in places else ():
            yield _row(
                "reporting_tag", option.option_id, option.name, *option.path, is_active=option.is_active
            ) | {
                "group_id": tag.tag_id,
                "group_name": tag.name,
            }


def _reporting_tags(client: ZohoBooksClient, *, needed: bool) -> tuple[ReportingTag, ...]:
    try:
        return client.reporting_tags()
    except (Refused, UnexpectedAnswer) as error:
        if needed:
            raise
        _log.warning(
            "The reporting tags of Zoho Books cannot be read, and mlc.yaml maps nothing to them: %s", error
        )
        return ()


def _projects(client: ZohoBooksClient) -> Iterator[dict[str, Any]]:
    for project in client.projects():
        yield _row("project", project.project_id, project.name, is_active=project.is_active) | {
            "group_id": project.customer_id,
            "group_name": project.customer_name,
        }


def _locations(locations: tuple[Location, ...]) -> Iterator[dict[str, Any]]:
    known = {location.location_id: location for location in locations}
    for location in locations:
        path = [location.name]
        above = known.get(location.parent_id)
        while above is not None and len(path) <= len(known):
            path.insert(0, above.name)
            above = known.get(above.parent_id)
        yield _row("location", location.location_id, location.name, *path, is_active=location.is_active)


def _row(dimension: str, record_id: str, name: str, *path: str, is_active: bool) -> dict[str, Any]:
    return {
        "dimension": dimension,
        "id": record_id,
        "name": name,
        "path": json.dumps(path or (name,), ensure_ascii=False),
        "is_active": is_active,
    }
