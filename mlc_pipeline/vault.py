"""The vault: credentials and access tokens, encrypted at rest in our own database.

Fernet (AES-128-CBC with HMAC-SHA256, from the `cryptography` package) over one JSON object a secret. With several
keys the first one encrypts and all of them decrypt, which is how a key is rotated.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import simplejson
import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy.dialects import postgresql, sqlite

from mlc_pipeline.database import explained, now_ms
from mlc_pipeline.settings import Settings
from mlc_pipeline.tables import vault_secrets

_log = logging.getLogger(__name__)

_INSERT: Mapping[str, Callable[[sa.Table], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}
"""The inserts that know ON CONFLICT."""

_Statement = TypeVar("_Statement", sa.Select[Any], sa.Update, sa.Delete)


class VaultError(Exception):
    """A secret cannot be read or written; the text says why and what to do."""


class Vault:
    """Named secrets of each connection; a secret is a flat mapping of strings."""

    def __init__(self, engine: sa.Engine, keys: Iterable[str]) -> None:
        self._engine = engine
        self._fernet = MultiFernet([_fernet(key) for key in keys])

    def store(self, connection: str, name: str, secret: Mapping[str, str]) -> None:
        """Encrypt and keep `secret` under (connection, name), in the place of an older one."""
        ciphertext = self._fernet.encrypt(simplejson.dumps(dict(secret)).encode()).decode()
        insert = _INSERT[self._engine.dialect.name](vault_secrets)
        with explained(self._engine), self._engine.begin() as database:
            new = {"ciphertext": ciphertext, "updated_ms": now_ms(database)}
            database.execute(
                insert.values(connection=connection, name=name, **new).on_conflict_do_update(
                    index_elements=[vault_secrets.c.connection, vault_secrets.c.name], set_=new
                )
            )

    def load(self, connection: str, name: str) -> dict[str, str] | None:
        """The secret under (connection, name), or None.

        Raises:
            VaultError: it was encrypted with a key that is not among ours.
        """
        with explained(self._engine), self._engine.connect() as database:
            ciphertext = database.execute(_this(sa.select(vault_secrets.c.ciphertext), connection, name)).scalar()
        if ciphertext is None:
            return None
        secret: dict[str, str] = simplejson.loads(self._decrypt(ciphertext, connection))
        return secret

    def forget(self, connection: str, name: str) -> None:
        """Remove the secret under (connection, name), if any."""
        with explained(self._engine), self._engine.begin() as database:
            database.execute(_this(sa.delete(vault_secrets), connection, name))

    def rotate(self) -> int:
        """Encrypt every secret anew with the first key; returns how many there are."""
        everything = sa.select(vault_secrets).order_by(*vault_secrets.primary_key).with_for_update()
        with explained(self._engine), self._engine.begin() as database:
            rows = database.execute(everything).all()
            for row in rows:
                plain = self._decrypt(row.ciphertext, row.connection)
                database.execute(
                    _this(sa.update(vault_secrets), row.connection, row.name).values(
                        ciphertext=self._fernet.encrypt(plain).decode(), updated_ms=now_ms(database)
                    )
                )
        return len(rows)

    def _decrypt(self, ciphertext: str, connection: str) -> bytes:
        try:
            return self._fernet.decrypt(ciphertext.encode())
        except InvalidToken:
            raise VaultError(
                f"The credentials of connection {connection} were encrypted with another key. Set MLC_VAULT_KEY "
                "to the key they were stored with (several keys may stand there, comma separated), or store "
                f"them again with: mlc connect expensify --connection {connection} and the same for zoho."
            ) from None


def open_vault(engine: sa.Engine, settings: Settings) -> Vault:
    """The vault with the keys of `MLC_VAULT_KEY`, or else with the generated key in `MLC_HOME`."""
    return Vault(engine, settings.vault_keys or [_key_file(settings.vault_key_path)])


def _key_file(path: Path) -> str:
    """Read the key file; make it, readable by its owner alone, on first use.

    Raises:
        VaultError: it cannot be read or made.
    """
    try:
        if not path.exists():
            _make_key_file(path)
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError as error:
        raise VaultError(
            f"The vault key {path} cannot be used: {error.strerror}. Set MLC_HOME to a folder that this user may "
            "read and write, or the key itself in MLC_VAULT_KEY."
        ) from error


def _make_key_file(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=path.name, encoding="ascii") as draft:  # 0600
        draft.write(Fernet.generate_key().decode() + "\n")
        draft.flush()
        os.fsync(draft.fileno())  # a stored secret must not outlive its key
        try:
            os.link(draft.name, path)
        except FileExistsError:
            return  # of two processes that start at once, the first one's key stays
    _log.warning("A new vault key was written to %s. Keep a copy: without it stored credentials are lost.", path)


def _fernet(key: str) -> Fernet:
    try:
        return Fernet(key)
    except ValueError:
        raise VaultError(
            "The vault key is not a Fernet key (32 bytes, URL-safe base64): look at MLC_VAULT_KEY, or where that "
            "is not set at the file vault.key in MLC_HOME. Make a key with: "
            'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
        ) from None


def _this(statement: _Statement, connection: str, name: str) -> _Statement:
    return statement.where(vault_secrets.c.connection == connection, vault_secrets.c.name == name)
