"""`mlc vault rotate`: a new key takes the old one's place, and nobody has to connect again."""

from __future__ import annotations

from pathlib import Path

from cryptography.fernet import Fernet

from mlc_pipeline_tests.front_door import ACME, House

PING = ("ping", "--connection", ACME)


def test_a_new_key_takes_over(house: House) -> None:
    old, new = (house.home / "vault.key").read_text().strip(), Fernet.generate_key().decode()
    house.mlc_here(*PING)
    said = house.mlc_here("vault", "rotate", MLC_VAULT_KEY=f"{new}, {old}")
    assert said.exit_code == 0, said.err
    assert "2 secrets" in said.out or "3 secrets" in said.out
    assert house.mlc_here(*PING, MLC_VAULT_KEY=new).exit_code == 0
    refused = house.mlc_here(*PING)
    assert refused.exit_code == 2
    assert "encrypted with another key" in refused.out
    assert old not in said.everything + refused.everything
    assert new not in said.everything + refused.everything


def test_without_the_old_key_nothing_is_rotated_and_nothing_is_lost(house: House) -> None:
    before = house.database_dump()
    said = house.mlc_here("vault", "rotate", MLC_VAULT_KEY=Fernet.generate_key().decode())
    assert said.exit_code == 2
    assert "another key" in said.last_line
    assert house.database_dump() == before
    assert house.mlc_here(*PING).exit_code == 0


def test_the_generated_key_is_its_owners_alone_and_is_announced(house: House) -> None:
    path: Path = house.home / "vault.key"
    assert path.stat().st_mode & 0o777 == 0o600
    path.unlink()
    for database in house.home.glob("mlc.db*"):
        database.unlink()
    said = house.mlc_here(*PING)
    assert f"A new vault key was written to {path}" in said.err
    assert path.read_text().strip() not in said.everything
