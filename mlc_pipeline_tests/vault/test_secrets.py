"""Stored secrets: they come back as they were, with the right key only, and nobody reads them in the database."""

import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlc_pipeline.database import DatabaseError, open_database
from mlc_pipeline.tables import vault_secrets
from mlc_pipeline.vault import Vault, VaultError
from mlc_pipeline_tests.database.processes import at_once

CREDENTIALS = {"client_id": "1000.NORTHWIND", "client_secret": "Tr0ub4dor&3", "refresh_token": "1000.aa.bb"}
OLD, NEW = "T0xEIGtleSBvZiB0aGUgdmF1bHQgaW4gdGVzdHMhISE=", "TkVXIGtleSBvZiB0aGUgdmF1bHQgaW4gdGVzdHMhISE="


@pytest.fixture
def vault(database: sa.Engine) -> Vault:
    return Vault(database, [OLD])


def test_a_secret_comes_back_as_it_was_stored(vault: Vault) -> None:
    vault.store("us", "zoho", CREDENTIALS)
    assert vault.load("us", "zoho") == CREDENTIALS


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(), st.text(st.characters()), max_size=4))
def test_every_text_comes_back(vault: Vault, secret: dict[str, str]) -> None:
    vault.store("us", "zoho", secret)
    assert vault.load("us", "zoho") == secret


def test_what_was_never_stored_is_none(vault: Vault) -> None:
    vault.store("us", "zoho", CREDENTIALS)
    assert vault.load("us", "expensify") is None
    assert vault.load("de", "zoho") is None


def test_a_secret_takes_the_place_of_an_older_one(vault: Vault) -> None:
    vault.store("us", "zoho", CREDENTIALS)
    vault.store("us", "zoho", {"client_id": "other"})
    assert vault.load("us", "zoho") == {"client_id": "other"}


def test_a_forgotten_secret_is_gone_and_the_others_stay(vault: Vault) -> None:
    vault.store("us", "zoho", CREDENTIALS)
    vault.store("us", "expensify", {"partner_user_id": "aa_example"})
    vault.forget("us", "zoho")
    vault.forget("us", "never stored")
    assert vault.load("us", "zoho") is None
    assert vault.load("us", "expensify") == {"partner_user_id": "aa_example"}


def test_the_same_secret_looks_different_each_time(vault: Vault, database: sa.Engine) -> None:
    for connection in ("us", "de"):
        vault.store(connection, "zoho", CREDENTIALS)
    assert len(set(ciphertexts(database))) == 2


def test_a_wrong_key_is_answered_with_what_to_do(vault: Vault, database: sa.Engine) -> None:
    vault.store("us", "zoho", CREDENTIALS)
    with pytest.raises(VaultError) as refused:
        Vault(database, [NEW]).load("us", "zoho")
    assert str(refused.value) == (
        "The credentials of connection us were encrypted with another key. Set MLC_VAULT_KEY to the key they were "
        "stored with (several keys may stand there, comma separated), or store them again with: "
        "mlc connect expensify --connection us and the same for zoho."
    )


def test_a_changed_ciphertext_is_refused(vault: Vault, database: sa.Engine) -> None:
    vault.store("us", "zoho", CREDENTIALS)
    [ciphertext] = ciphertexts(database)
    with database.begin() as connection:
        connection.execute(sa.update(vault_secrets).values(ciphertext=ciphertext[:-6] + "AAAAAA"))
    with pytest.raises(VaultError, match="encrypted with another key"):
        vault.load("us", "zoho")


def test_several_keys_all_decrypt_and_the_first_one_encrypts(vault: Vault, database: sa.Engine) -> None:
    vault.store("us", "zoho", CREDENTIALS)
    both = Vault(database, [NEW, OLD])
    assert both.load("us", "zoho") == CREDENTIALS
    both.store("de", "zoho", CREDENTIALS)
    assert Vault(database, [NEW]).load("de", "zoho") == CREDENTIALS
    with pytest.raises(VaultError):
        vault.load("de", "zoho")


def test_after_a_rotation_the_old_key_is_not_needed_any_more(vault: Vault, database: sa.Engine) -> None:
    vault.store("us", "zoho", CREDENTIALS)
    vault.store("us", "expensify", {"partner_user_id": "aa_example"})
    assert Vault(database, [NEW, OLD]).rotate() == 2
    assert Vault(database, [NEW]).load("us", "zoho") == CREDENTIALS
    with pytest.raises(VaultError):
        vault.load("us", "zoho")


def test_a_rotation_without_the_old_key_changes_nothing(vault: Vault, database: sa.Engine) -> None:
    vault.store("us", "zoho", CREDENTIALS)
    Vault(database, [NEW]).store("us", "expensify", CREDENTIALS)
    before = ciphertexts(database)
    with pytest.raises(VaultError, match="connection us"):
        Vault(database, [NEW]).rotate()
    assert ciphertexts(database) == before


def test_an_empty_vault_rotates_nothing(vault: Vault) -> None:
    assert vault.rotate() == 0


@pytest.mark.parametrize("key", ["", "secret", "ä" * 44, OLD[:-1], OLD[:-8]])
def test_a_key_that_is_none_is_refused_with_how_to_make_one_and_not_shown(database: sa.Engine, key: str) -> None:
    with pytest.raises(VaultError) as refused:
        Vault(database, [OLD, key])
    assert "look at MLC_VAULT_KEY" in str(refused.value)
    assert "Fernet.generate_key()" in str(refused.value)
    assert not key or key not in str(refused.value)


def test_the_command_in_that_sentence_makes_a_key(database: sa.Engine) -> None:
    with pytest.raises(VaultError) as refused:
        Vault(database, ["secret"])
    command = shlex.split(str(refused.value).partition("Make a key with: ")[2])
    made = subprocess.run([sys.executable, *command[1:]], capture_output=True, text=True, check=True)
    assert Vault(database, [made.stdout.strip()]).rotate() == 0


def test_nothing_readable_stands_in_the_file(tmp_path: Path, sqlite_url: str) -> None:
    engine = open_database(sqlite_url)
    vault = Vault(engine, [OLD])
    vault.store("us", "zoho", CREDENTIALS)
    assert readable(tmp_path) == []
    vault.store("us", "zoho", CREDENTIALS | {"client_id": "1000.OTHER"})
    vault.rotate()
    vault.forget("us", "zoho")
    assert readable(tmp_path) == []
    engine.dispose()
    assert readable(tmp_path) == []


def readable(folder: Path) -> list[str]:
    files = [path for path in folder.iterdir() if path.is_file()]
    assert files
    content = b"".join(path.read_bytes() for path in files)
    return [word for word in (*CREDENTIALS, *CREDENTIALS.values(), OLD) if word.encode() in content]


def ciphertexts(database: sa.Engine) -> list[str]:
    with database.connect() as connection:
        return list(connection.execute(sa.select(vault_secrets.c.ciphertext)).scalars())


def test_processes_that_store_the_same_secret_at_once_leave_one_of_theirs(vault: Vault, database_url: str) -> None:
    at_once(
        """
        from mlc_pipeline.database import open_database
        from mlc_pipeline.vault import Vault
        vault = Vault(open_database(sys.argv[1]), [sys.argv[2]])
        vault.load("us", "zoho")
        """,
        """
        for number in range(100):
            vault.store("us", "zoho", {"client_id": str(number), "client_secret": str(number)})
            assert len(set(vault.load("us", "zoho").values())) == 1
        """,
        database_url,
        OLD,
        processes=3,
    )
    assert vault.load("us", "zoho") == {"client_id": "99", "client_secret": "99"}


def test_a_locked_database_is_one_sentence(sqlite_url: str) -> None:
    engine = open_database(f"{sqlite_url}?timeout=0.1")
    vault = Vault(engine, [OLD])
    with engine.begin():
        for attempt in (
            lambda: vault.store("us", "zoho", CREDENTIALS),
            lambda: vault.load("us", "zoho"),
            lambda: vault.forget("us", "zoho"),
            vault.rotate,
        ):
            with pytest.raises(DatabaseError, match="Another process held it for too long"):
                attempt()
    engine.dispose()


def test_a_secret_stored_while_the_keys_are_rotated_is_not_lost(vault: Vault) -> None:
    vault.store("us", "zoho", CREDENTIALS)
    with ThreadPoolExecutor() as pool:
        rotations = pool.submit(lambda: [vault.rotate() for _ in range(60)])
        for number in range(60):
            vault.store("us", "zoho", {"client_id": str(number)})
            assert vault.load("us", "zoho") == {"client_id": str(number)}
        assert rotations.result() == [1] * 60
