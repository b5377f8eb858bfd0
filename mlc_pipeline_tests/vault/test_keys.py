"""The key of the vault: from the environment, or from a file of its own that is made once."""

import logging
import os
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

from mlc_pipeline.settings import Settings
from mlc_pipeline.vault import VaultError, open_vault
from mlc_pipeline_tests.database.processes import at_once

OLD, NEW = "T0xEIGtleSBvZiB0aGUgdmF1bHQgaW4gdGVzdHMhISE=", "TkVXIGtleSBvZiB0aGUgdmF1bHQgaW4gdGVzdHMhISE="


def settings(home: Path, **environment: str) -> Settings:
    return Settings.from_environment({"MLC_HOME": str(home), **environment})


def refusal(database: sa.Engine, home: Path) -> str:
    with pytest.raises(VaultError) as refused:
        open_vault(database, settings(home))
    return str(refused.value)


def test_without_a_key_one_is_made_for_its_owner_alone(
    database: sa.Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        open_vault(database, settings(tmp_path / "new")).store("us", "zoho", {"client_id": "1000.A"})
    path = tmp_path / "new/vault.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert f"A new vault key was written to {path}. Keep a copy" in caplog.text
    assert path.read_text().strip() not in caplog.text
    assert [file.name for file in path.parent.iterdir()] == ["vault.key"]


def test_the_file_is_for_its_owner_alone_under_any_umask(database: sa.Engine, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        open_vault(database, settings(tmp_path))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "vault.key").stat().st_mode) == 0o600


def test_the_made_key_is_used_again(database: sa.Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    open_vault(database, settings(tmp_path)).store("us", "zoho", {"client_id": "1000.A"})
    caplog.clear()
    assert open_vault(database, settings(tmp_path)).load("us", "zoho") == {"client_id": "1000.A"}
    assert caplog.text == ""


def test_a_key_in_the_environment_needs_no_file(database: sa.Engine, tmp_path: Path) -> None:
    open_vault(database, settings(tmp_path, MLC_VAULT_KEY=OLD)).store("us", "zoho", {"client_id": "1000.A"})
    both = open_vault(database, settings(tmp_path, MLC_VAULT_KEY=f" {NEW} ,{OLD},"))
    assert both.load("us", "zoho") == {"client_id": "1000.A"}
    assert both.rotate() == 1
    assert open_vault(database, settings(tmp_path, MLC_VAULT_KEY=NEW)).load("us", "zoho") is not None
    assert not (tmp_path / "vault.key").exists()


@pytest.mark.parametrize("content", [b"", b"secret\n", b"\xff\xfe" * 22])
def test_a_file_that_holds_no_key_is_named_and_left_alone(
    database: sa.Engine, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "vault.key").write_bytes(content)
    assert "the file vault.key in MLC_HOME" in refusal(database, tmp_path)
    assert (tmp_path / "vault.key").read_bytes() == content


def test_a_home_that_cannot_be_written_is_named(database: sa.Engine, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    sentence = refusal(database, tmp_path / "file/home")
    assert sentence.startswith(f"The vault key {tmp_path}/file/home/vault.key cannot be used: Not a directory.")
    assert "Set MLC_HOME to a folder that this user may read and write" in sentence


def test_a_key_file_that_cannot_be_read_is_named(database: sa.Engine, tmp_path: Path) -> None:
    (tmp_path / "vault.key").mkdir()
    assert "vault.key cannot be used: Is a directory." in refusal(database, tmp_path)


def test_what_a_killed_process_left_behind_is_in_nobodys_way(database: sa.Engine, tmp_path: Path) -> None:
    (tmp_path / f"vault.key.{os.getpid()}").touch()
    open_vault(database, settings(tmp_path))
    assert (tmp_path / "vault.key").stat().st_size == 45


def test_processes_that_start_at_once_share_one_key(tmp_path: Path, sqlite_url: str) -> None:
    loaded = at_once(
        """
        from mlc_pipeline.database import open_database
        from mlc_pipeline.settings import Settings
        from mlc_pipeline.vault import open_vault
        engine = open_database(sys.argv[1])
        """,
        """
        vault = open_vault(engine, Settings.from_environment({"MLC_HOME": sys.argv[2]}))
        vault.store("us", "zoho", {"client_id": "1000.A"})
        print(vault.load("us", "zoho"))
        """,
        sqlite_url,
        str(tmp_path / "home"),
        processes=4,
    )
    assert loaded == ["{'client_id': '1000.A'}"] * 4
    assert [file.name for file in (tmp_path / "home").iterdir()] == ["vault.key"]
