"""The kinds of single values in the configuration, each with the sentence that says what would be right.

They take the text of the file, and the Python value that the text stands for.
"""

import keyword
import re
from datetime import date
from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator

from mlc_pipeline.config.problems import did_you_mean

_LONGEST_NAME = 60  # it becomes part of the names of files, assets and jobs
_DAGSTER_WORDS = frozenset(
    {"context", "conf", "config", "meta", "arg_dict", "dict", "input_arg_dict", "output_arg_dict"}
    | {"int", "str", "float", "bool", "input", "output", "type"}
)
_YEARS = range(2000, 2100)


def _connection_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
        raise ValueError(f"{name!r} must begin with a letter a-z and hold only letters, digits and _.")
    if len(name) > _LONGEST_NAME:
        raise ValueError(f"has {len(name)} characters; use at most {_LONGEST_NAME}.")
    if name.lower() in _DAGSTER_WORDS or keyword.iskeyword(name):
        raise ValueError(f"{name!r} is a word that Dagster keeps for itself; take another, such as {name}_1.")
    return name


def _words(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty; fill it in or leave the key out.")
    return text


def _policy_id(text: str) -> str:
    if not re.fullmatch(r"[0-9A-Za-z]+", text):
        raise ValueError(f"{text!r} is not a policy id; Expensify's are letters and digits only.")
    return text


def _currency_code(text: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", text):
        raise ValueError(f"{text!r} is not an ISO currency code; write three capital letters, such as USD.")
    return text


def _exchange_rate(value: object) -> object:
    text = str(value)
    if not re.fullmatch(r"\d{1,9}(\.\d{1,12})?", text) or not text.strip("0."):
        raise ValueError(f'{text!r} is not a rate; write a number above zero in quotes, for example "0.92".')
    return text


def _yes_or_no(value: object) -> object:
    if isinstance(value, str):
        if value.lower() not in {"true", "false"}:
            raise ValueError(f"must be true or false, not {value!r}.")
        return value.lower() == "true"
    return value


def _day(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        day = date.fromisoformat(value) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) else None
    except ValueError:
        day = None
    if day is None:
        raise ValueError(f"{value!r} is not a date; write YYYY-MM-DD, for example 2026-01-05.")
    return day


def _of_our_time(day: date) -> date:
    if day.year not in _YEARS:
        raise ValueError(f"{day.isoformat()} is not between {_YEARS[0]} and {_YEARS[-1]}; check the year.")
    return day


def _time_zone(name: str) -> str:
    if name in _time_zones():
        return name
    by_city = {zone.rpartition("/")[2].lower(): zone for zone in sorted(_time_zones())}
    city = name.rpartition("/")[2].strip().replace(" ", "_").lower()
    near = f"; did you mean {by_city[city]}?" if city in by_city else did_you_mean(name, _time_zones())
    raise ValueError(f"{name!r} is not a time zone{near or '; write one such as America/New_York or UTC.'}")


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones() - {"localtime", "Factory"})


def _tag_level(value: object) -> int:
    if not re.fullmatch(r"[1-5]", str(value)):
        raise ValueError(f"{value!r} is not a level of tags; levels are counted 1, 2, 3, to 5.")
    return int(str(value))


def whole_number(lowest: int, highest: int) -> BeforeValidator:
    """Takes a whole number from `lowest` to `highest`, both included."""

    def check(value: object) -> int:
        text = str(value)
        if not re.fullmatch(r"-?[0-9]{1,9}", text) or not lowest <= int(text) <= highest:
            raise ValueError(f"must be a whole number from {lowest} to {highest}, not {text!r}.")
        return int(text)

    return BeforeValidator(check)


ConnectionName = Annotated[str, AfterValidator(_connection_name)]
Words = Annotated[str, AfterValidator(_words)]
CurrencyCode = Annotated[str, AfterValidator(_currency_code)]
ExchangeRate = Annotated[str, BeforeValidator(_exchange_rate)]
PolicyId = Annotated[str, AfterValidator(_policy_id)]
YesOrNo = Annotated[bool, BeforeValidator(_yes_or_no)]
Day = Annotated[date, BeforeValidator(_day), AfterValidator(_of_our_time)]
TagLevel = Annotated[int, BeforeValidator(_tag_level)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
