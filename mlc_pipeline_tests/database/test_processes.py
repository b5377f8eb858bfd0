"""The name of a process tells others of its machine, and nobody else, that it is gone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlc_pipeline.processes import fate, is_own, this_process
from mlc_pipeline_tests.database.processes import python, read_line
from mlc_pipeline_tests.forking import processes

NAMED = """
from mlc_pipeline.processes import this_process
print(this_process(), flush=True)
sys.stdin.readline()
"""


def test_a_process_is_alive_until_it_is_killed_even_while_nobody_has_waited_for_it() -> None:
    with python(NAMED) as process:
        name = read_line(process)
        assert (fate(name), fate(f"{name}/a-ticket"), is_own(f"{name}/a-ticket")) == ("alive", "alive", False)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # a zombie now
        assert fate(name) == "gone"
    assert fate(name) == "gone"


def test_another_process_with_the_same_number_is_another_process() -> None:
    host, pid, started = this_process().split("/")
    assert fate(f"{host}/{pid}/{int(started) + 1}/a-ticket") == "gone"
    assert fate(f"{host}/{pid}/{started}/a-ticket") == "alive"


@pytest.mark.parametrize("name", ["", "3f2a9c", "another-machine:1:1/1/1/x", "////", "{host}/x/1", "{host}"])
def test_of_other_machines_and_of_names_of_another_form_nobody_knows(name: str) -> None:
    assert fate(name.replace("{host}", this_process().split("/")[0])) == "unknown"


def test_a_child_has_a_name_of_its_own() -> None:
    assert is_own(f"{this_process()}/a-ticket")
    with processes.Pool(1) as pool:
        assert pool.apply(this_process) != this_process()
    ours, (reading, writing) = this_process(), os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, this_process().encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reading, 1000).decode()
    assert theirs.split("/")[1] == str(child)
    assert this_process() == ours
    assert fate(theirs) == "gone"


def test_a_process_that_the_system_hides_is_not_called_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where /proc shows nobody the processes of other users."""
    with python(NAMED) as process:
        name, shown = read_line(process), Path.read_text

        def hidden(path: Path, *arguments: str, **more: str) -> str:
            if path == Path(f"/proc/{process.pid}/stat"):
                raise FileNotFoundError(path)
            return shown(path, *arguments, **more)

        monkeypatch.setattr(Path, "read_text", hidden)
        assert fate(name) == "unknown"
