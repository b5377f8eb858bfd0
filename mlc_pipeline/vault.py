"""The vault: credentials and access tokens, encrypted at rest in our own database.

Fernet (AES-128-CBC with HMAC-SHA256, from the `cryptography` package) over one JSON object a secret. With several
keys the first one encrypts and all of them decrypt, which is how a key is rotated.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import simplejson
import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from mlc_pipeline.database import now_ms
from mlc_pipeline.settings import Settings
from mlc_pipeline.tables import vault_secrets

_log = logging.getLogger(__name__)

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
        with self._engine.begin() as database:
            database.execute(_this(sa.delete(vault_secrets), connection, name))
            row = {"connection": connection, "name": name, "ciphertext": ciphertext}
            database.execute(sa.insert(vault_secrets).values(**row, updated_ms=now_ms(database)))

    def load(self, connection: str, name: str) -> dict[str, str] | None:
        """The secret under (connection, name), or None.

        Raises:
            VaultError: it was encrypted with a key that is not among ours.
        """
        with self._engine.connect() as database:
            ciphertext = database.execute(_this(sa.select(vault_secrets.c.ciphertext), connection, name)).scalar()
        if ciphertext is None:
            return None
        secret: dict[str, str] = simplejson.loads(self._decrypt(ciphertext, connection))
        return secret

    def forget(self, connection: str, name: str) -> None:
        """Remove the secret under (connection, name), if any."""
        with self._engine.begin() as database:
            database.execute(_this(sa.delete(vault_secrets), connection, name))

    def rotate(self) -> int:
        """Encrypt every secret anew with the first key; returns how many there are."""
        with self._engine.begin() as database:
            rows = database.execute(sa.select(vault_secrets)).all()
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
    """Read the key file; make it, readable by its owner alone, on first use."""
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    key = Fernet.generate_key().decode()
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600, exist_ok=False)
    draft.write_text(key + "\n", encoding="ascii")
    try:
        os.link(draft, path)  # of two processes that start at once, the first one's key stays
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    finally:
        draft.unlink()
    _log.warning("A new vault key was written to %s. Keep a copy: without it stored credentials are lost.", path)
    return key


def _fernet(key: str) -> Fernet:
    try:
        return Fernet(key)
    except ValueError:
        raise VaultError(
            "MLC_VAULT_KEY holds a key that is not a Fernet key (32 bytes, URL-safe base64). Make one with: "
            'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
        ) from None


def _this(statement: _Statement, connection: str, name: str) -> _Statement:
    return statement.where(vault_secrets.c.connection == connection, vault_secrets.c.name == name)
