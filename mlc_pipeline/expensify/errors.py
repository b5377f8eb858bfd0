"""What can go wrong with Expensify, as a small tree of errors. Each one is a sentence and how to mend it.

No message ever holds the partner user secret, and none holds the content of a report.
"""

from __future__ import annotations

from typing import ClassVar

_CREDENTIALS_PAGE = "https://www.expensify.com/tools/integrations/"


class ExpensifyError(Exception):
    """Base of all; `message` says what is wrong, `code` is Expensify's or HTTP's, `what_to_do` mends it.

    `temporary` says that the same may succeed later with nothing mended.
    """

    temporary: ClassVar[bool] = False
    what_to_do = "Run it again; if it stays, look at the message that Expensify gave."

    def __init__(self, message: str, *, code: int | None = None, what_to_do: str | None = None) -> None:
        self.message = message
        self.code = code
        if what_to_do is not None:
            self.what_to_do = what_to_do
        super().__init__(message)

    def __str__(self) -> str:
        return f"{self.message} {self.what_to_do}"


class CredentialsRefused(ExpensifyError):
    """The partner credentials are wrong, revoked, or not allowed to do what was asked (401, 403)."""

    what_to_do = (
        f"Make new credentials at {_CREDENTIALS_PAGE} with an account that is admin of the workspaces, "
        "then store them with `mlc connect expensify`."
    )


class RateLimited(ExpensifyError):
    """More than 5 requests in 10 s or 20 in 60 s, even after waiting (429)."""

    temporary = True
    what_to_do = "Wait a minute and run it again; another program may be using the same credentials."


class LimitsClosed(RateLimited):
    """Nothing was sent, for Expensify asked for a pause that is too long to wait for: `retry_after` seconds."""

    def __init__(self, message: str, *, retry_after: float, what_to_do: str) -> None:
        super().__init__(message, what_to_do=what_to_do)
        self.retry_after = retry_after


class InvalidRequest(ExpensifyError):
    """Expensify found a parameter wrong, or something named in it does not exist (410 and the like)."""

    what_to_do = "Check `expensify.workspaces`, `expensify.states` and `expensify.url` in mlc.yaml."


class TemplateError(ExpensifyError):
    """Expensify could not render the export template, or rendered something of another shape."""

    what_to_do = "The export template does not fit this account's data: please report it with this sentence."


class Unavailable(ExpensifyError):
    """Expensify could not be reached, did not answer in time, or failed inside (5xx)."""

    temporary = True
    what_to_do = "Nothing was changed in Expensify. Run it again later."


class AnsweredByAnother(Unavailable):
    """A page, a redirection or nothing in the place of Expensify's answer: a proxy's, or its own for a while."""

    what_to_do = (
        "Nothing was changed in Expensify. Run it again later; if it stays, check that `expensify.url` in "
        "mlc.yaml is Expensify's own address, and what stands between (a proxy, a gateway)."
    )


class UnexpectedAnswer(ExpensifyError):
    """An answer that is neither what was asked for nor an error that Expensify documents."""

    what_to_do = "Check that `expensify.url` in mlc.yaml is Expensify's own address, then run it again."


class ExportIncomplete(ExpensifyError):
    """The exported file never came whole. It is never taken for an empty period."""

    temporary = True
    what_to_do = "Nothing was read, so nothing is posted. Run this period again later."
