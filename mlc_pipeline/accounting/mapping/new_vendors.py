"""New vendors: under which names the employees of a period get those that they have none of yet."""

from __future__ import annotations

from dataclasses import replace

from mlc_pipeline.accounting.mapping.answers import Resolution
from mlc_pipeline.accounting.wording import name_key, one_line, shortened

LONGEST_ADDRESS = 100
"""Zoho Books takes no longer one (`contact_persons.email` of its OpenAPI description)."""

_LONGEST_NAME = 90
"""With a currency and the longest address behind it a name still is shorter than 200."""


class NewVendors:
    """The new vendors of a period. Zoho Books takes a contact's name once, so no two are given the same."""

    def __init__(self) -> None:
        self._currencies: dict[str, str] = {}
        self._addresses: dict[str, str] = {}

    def has_another(self, email: str, currency: str) -> bool:
        """Whether the employee gets one in another currency."""
        return self._currencies.get(name_key(email), currency) != currency

    def told_apart(self, answer: Resolution, email: str) -> Resolution:
        """The answer for an employee; the address follows the name of a new one that somebody else gets too."""
        if answer.how != "to_create":
            return answer
        address = name_key(email)
        self._currencies.setdefault(address, answer.detail)
        if self._addresses.setdefault(name_key(answer.target_name), address) == address:
            return answer
        return replace(answer, target_name=with_address(answer.target_name, email))


def called(name: str, email: str) -> str:
    """What a new vendor is called: by the employee's name, else by the address."""
    return shortened(one_line(name) or one_line(email), _LONGEST_NAME)


def with_address(name: str, email: str) -> str:
    """The name where it is taken: with the address it is nobody else's."""
    return f"{name} ({one_line(email)})"
