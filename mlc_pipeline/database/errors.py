"""What can go wrong with our own database, each in one sentence with its way out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

_PLACE = ("host", "port", "dbname")
"""The options of a URL that say where the database is; others may hold a secret and are never shown."""

# By the names of SQLite's result codes and by PostgreSQL's SQLSTATE; the first that the error's begins with.
_MENDS = {
    ("SQLITE_READONLY", "25006"): "It is read-only: give this user the right to write; nothing was posted.",
    ("SQLITE_FULL", "53100"): "The disk is full: make room and run the period again.",
    ("SQLITE_BUSY", "SQLITE_LOCKED", "40", "55P03"): (
        "Another process held it for too long: wait for it to end and run again."
    ),
    ("57014",): "It took too long to answer: see what keeps the server busy and run again.",
    ("25P03",): "Our process stood still in the middle of a transaction, so the server ended it: run again.",
    ("53",): "The server has no connections or memory left: run again when it is less busy.",
    ("SQLITE_CANTOPEN",): "It must be a file in a folder, both of which this user may write.",
    ("SQLITE_NOTADB", "SQLITE_CORRUPT"): (
        "The file is damaged or no SQLite database: restore a backup, then run `mlc audit verify`."
    ),
    ("28P01",): "The user name or the password is wrong: correct it in MLC_DATABASE_URL.",
    ("3D000",): "The server has no such database: create it there, or correct its name in MLC_DATABASE_URL.",
    ("SQLITE_PERM", "42501", "28"): "This user may not do that: give it the right, or name another user.",
    ("08", "57P"): "It cannot be reached: check MLC_DATABASE_URL and that the server runs.",
}

_TEMPORARY = ("SQLITE_BUSY", "SQLITE_LOCKED", "40", "55P03", "57014", "25P03", "53", "08", "57P")
_FULL_DISK = "53100"  # a person makes room


_REFUSALS = {
    "28P01": r"(password|SASL|Peer|Ident|[Cc]ertificate) authentication failed|no password supplied"
    r"|role \"[^\"]+\" does not exist|no such user",
    "3D000": r"database \"[^\"]+\" does not exist|no such database",
    "28000": r"no pg_hba\.conf entry|not permitted to log in|permission denied for database",
}
"""By SQLSTATE how PostgreSQL and PgBouncer refuse a connection, where they speak English; else it counts as away.

Who is not let in is told no code, and whoever checks passwords elsewhere (LDAP and the like) may be away as well.
"""


class DatabaseError(Exception):
    """The database cannot be used; the text says why and what to do.

    `temporary` says that the same may succeed later with nothing mended.
    """

    def __init__(self, message: str, *, temporary: bool = False) -> None:
        super().__init__(message)
        self.temporary = temporary


@contextmanager
def explained(engine: sa.Engine) -> Iterator[None]:
    """Turn the driver's errors into one sentence for a person."""
    try:
        yield
    except sa.exc.IntegrityError:
        raise
    except sa.exc.DBAPIError as error:
        raise DatabaseError(_sentence(engine, error), temporary=passes(error.orig)) from error
    except sa.exc.TimeoutError as error:
        raise DatabaseError(
            f"The database {_place(engine.url)} cannot be used: all our connections are busy. Run again later.",
            temporary=True,
        ) from error


def passes(error: BaseException | None) -> bool:
    """Whether a driver's error says that the database is held by somebody, busy or away for a while."""
    known = _code(error)
    return known.startswith(_TEMPORARY) and known != _FULL_DISK


def _sentence(engine: sa.Engine, error: sa.exc.DBAPIError) -> str:
    said = (str(error.orig).strip() or type(error.orig).__name__).splitlines()
    line = next(filter(_refusal, said), said[0])  # a line for each address that was tried
    return f"The database {_place(engine.url)} cannot be used: {line}. {_mend(_code(error.orig))}"


def _code(error: BaseException | None) -> str:
    code = getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None)
    if code is None and any(kind.__name__ == "OperationalError" for kind in type(error).__mro__):
        return _refusal(str(error)) or "08"
    return str(code or "")


def _refusal(said: str) -> str | None:
    return next((code for code, words in _REFUSALS.items() if re.search(words, said)), None)


def _mend(code: str) -> str:
    return next((mend for codes, mend in _MENDS.items() if code.startswith(codes)), "See its own message.")


def _place(url: sa.URL) -> str:
    shown = url.set(query={key: value for key, value in url.query.items() if key in _PLACE})
    return shown.render_as_string(hide_password=True)
