"""What the sections of mlc.yaml have in common: fixed keys, and names that are written once."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator


class Section(BaseModel):
    """A section of the file: fixed keys, immutable; a key with nothing behind it counts as left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _empty_is_left_out(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {key: value for key, value in data.items() if value is not None}
        return data


def each_once(items: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse an entry that stands there twice."""
    twice = sorted({item for item in items if items.count(item) > 1})
    if twice:
        raise ValueError(f"names {', '.join(twice)} twice; name each once.")
    return items


def no_two_alike(key: Callable[[str], str]) -> AfterValidator:
    """Names that are looked for as one are written once: which of two would count could only be guessed."""

    def checked(entries: Mapping[str, Any]) -> Mapping[str, Any]:
        first: dict[str, str] = {}
        for name in entries:
            earlier = first.setdefault(key(name), name)
            if earlier != name:
                raise ValueError(f"{earlier!r} and {name!r} are the same name; keep one of them.")
        return entries

    return AfterValidator(checked)
