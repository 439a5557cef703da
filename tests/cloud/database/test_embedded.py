"""The embedded server: starts anywhere, survives kills, never outlives its launcher, stops only what it started."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from cloud.database.binaries import EmbeddedServerError, find_binaries, runnable
from cloud.database.embedded import (
    THROWAWAY,
    EmbeddedServer,
    EmbeddedServerInUse,
    running_url,
    throwaway_server,
    usable_root,
)

WAIT_SECONDS = 20


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the server's unprivileged user can enter (pytest's own are closed to it)."""
    path = Path(tempfile.mkdtemp(prefix="comanda-test-"))
    yield path / "database"
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def open_folder(folder: Path) -> Path:
    folder.parent.chmod(0o755)
    return folder


def test_data_survives_a_restart_and_the_address_stays(open_folder: Path) -> None:
    with EmbeddedServer(open_folder) as server:
        first = server.url()
        with psycopg.connect(first) as connection:
            connection.execute("create table kept as select 7 as seven")
    with EmbeddedServer(open_folder) as server:
        assert server.url() == first
        with psycopg.connect(server.url()) as connection:
            assert connection.execute("select seven from kept").fetchone() == (7,)


@pytest.mark.parametrize("times", [1, 2])
def test_a_killed_server_is_started_again_with_what_was_committed(open_folder: Path, times: int) -> None:
    with EmbeddedServer(open_folder) as server:
        with psycopg.connect(server.url()) as connection:
            connection.execute("create table kept as select 7 as seven")
        for _ in range(times):
            dead = running_pid(open_folder)
            os.kill(dead, signal.SIGKILL)
            wait_until(lambda dead=dead: running_url(open_folder) == server.url() and running_pid(open_folder) != dead)
            with psycopg.connect(server.url()) as connection:
                assert connection.execute("select seven from kept").fetchone() == (7,)
        assert "started again" in (open_folder / "server.log").read_text()
        last = running_pid(open_folder)
    assert not is_running(last), "it is stopped with its launcher all the same"


def test_whoever_finds_the_server_learns_what_it_is_for(open_folder: Path) -> None:
    with EmbeddedServer(open_folder, THROWAWAY) as server:
        assert "comanda-cloud" in (open_folder / "README.txt").read_text()
        with psycopg.connect(server.url()) as connection:
            assert connection.execute("show cluster_name").fetchone() == ("comanda",)


def test_the_same_folder_twice_is_refused_and_the_first_goes_on(open_folder: Path) -> None:
    with EmbeddedServer(open_folder, THROWAWAY) as first:
        with pytest.raises(EmbeddedServerInUse, match="in use"):
            EmbeddedServer(open_folder, THROWAWAY).start()
        assert running_url(open_folder) == first.url()
        with psycopg.connect(first.url()) as connection:
            assert connection.execute("select 1").fetchone() == (1,)


@pytest.mark.parametrize("kill_guardian", [False, True], ids=["launcher killed", "launcher and guardian killed"])
def test_no_server_outlives_its_launcher(open_folder: Path, kill_guardian: bool) -> None:
    program = (
        "import sys, time; from pathlib import Path; from cloud.database.embedded import EmbeddedServer, THROWAWAY\n"
        "server = EmbeddedServer(Path(sys.argv[1]), THROWAWAY); server.start()\n"
        "print(server.pid, server._guardian.pid, flush=True); time.sleep(600)"
    )
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", program, str(open_folder)], stdout=subprocess.PIPE, text=True, cwd=root
    ) as launcher:
        assert launcher.stdout is not None
        server_pid, guardian_pid = (int(word) for word in launcher.stdout.readline().split())
        if kill_guardian:
            os.kill(guardian_pid, signal.SIGKILL)
        launcher.kill()
    if kill_guardian:
        assert is_running(server_pid), "nobody is left to stop it"
        with EmbeddedServer(open_folder, THROWAWAY) as next_one:
            assert next_one.pid != server_pid
            assert not is_running(server_pid), "the next start in the folder stops the orphan"
    else:
        wait_until(lambda: not is_running(server_pid))


def test_a_process_that_only_has_the_old_number_is_left_alone(open_folder: Path) -> None:
    with EmbeddedServer(open_folder, THROWAWAY):
        pass
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as stranger:
        lines = [str(stranger.pid), str(open_folder / "data"), "0", "1", "", "127.0.0.1", "", "ready"]
        (open_folder / "data" / "postmaster.pid").write_text("\n".join(lines))
        assert running_url(open_folder) is None
        with EmbeddedServer(open_folder, THROWAWAY):
            assert stranger.poll() is None
        assert stranger.poll() is None
        stranger.kill()


def test_an_interrupted_creation_is_begun_anew(open_folder: Path) -> None:
    (open_folder / "data.new" / "base").mkdir(parents=True)
    with EmbeddedServer(open_folder, THROWAWAY) as server, psycopg.connect(server.url()) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_throwaway_server_leaves_no_folder() -> None:
    with throwaway_server() as server:
        assert server.root.exists()
    assert not server.root.exists()


def test_nobody_gets_in_without_the_password(postgres: object) -> None:
    url = postgres.server.url()  # type: ignore[attr-defined]
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url.replace(url.split(":")[2].split("@")[0], "guess"))
    assert (postgres.server.root / "keys.json").stat().st_mode & 0o077 == 0  # type: ignore[attr-defined]


def test_damaged_data_gives_one_sentence(open_folder: Path) -> None:
    with EmbeddedServer(open_folder, THROWAWAY):
        pass
    (open_folder / "data" / "global" / "pg_control").write_bytes(b"")
    with pytest.raises(EmbeddedServerError, match=r"does not start: .+"):
        EmbeddedServer(open_folder, THROWAWAY).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives up its rights for the server")
def test_root_is_moved_out_of_folders_that_the_server_cannot_enter(folder: Path) -> None:
    assert usable_root(folder) != folder
    folder.parent.chmod(0o755)
    assert usable_root(folder) == folder


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives up its rights for the server")
def test_programs_in_a_closed_folder_are_copied_and_run(open_folder: Path) -> None:
    package = find_binaries().parents[1]
    closed = open_folder.parent / "closed"
    for part in (package.name, f"{package.name}.libs"):
        shutil.copytree(package.parent / part, closed / part, symlinks=True, ignore=shutil.ignore_patterns("pginstall"))
    closed.chmod(0o700)
    open_folder.mkdir()
    copied = runnable(closed / package.name / find_binaries().parent.name / "bin", open_folder)
    assert copied.is_relative_to(open_folder)


def running_pid(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])


def is_running(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def wait_until(condition: object) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
