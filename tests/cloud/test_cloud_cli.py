"""The command line: one process, from nothing to a serving cloud and back; every mistake one sentence."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from cloud.cli import main

Run = Callable[..., "Ended"]
ROOT = Path(__file__).parents[2]
WAIT_SECONDS = 60


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="comanda-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COMANDA_")}
    return {**kept, "COMANDA_DATA_FOLDER": str(folder), "COMANDA_LANGUAGE": "en", **more}


@dataclass
class Ended:
    """How a command ended."""

    code: object
    said: str
    complained: str


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Calls a command within this process, which spares a second each time: `run("migrate", COMANDA_PORT="1")`."""
    handler = signal.getsignal(signal.SIGTERM)

    def call(*words: str, given: str = "", **more: str) -> Ended:
        with monkeypatch.context() as patched:
            for name in [name for name in os.environ if name.startswith("COMANDA_")]:
                patched.delenv(name)
            for name, value in environment(folder, **more).items():
                patched.setenv(name, value)
            patched.setattr(sys, "stdin", io.StringIO(given))
            with pytest.raises(SystemExit) as ended:
                main(words)
        captured = capsys.readouterr()
        return Ended(ended.value.code or 0, captured.out, captured.err)

    yield call
    signal.signal(signal.SIGTERM, handler)


class Serving:
    """`comanda-cloud serve` in a process of its own."""

    def __init__(self, folder: Path, **more: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cloud.cli", "serve", "--port", "0"],
            cwd=ROOT,
            env=environment(folder, **more),
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said: list[str] = []
        self._reader = threading.Thread(target=self._listen)
        self._reader.start()

    def _listen(self) -> None:
        assert self.process.stderr is not None
        self.said.extend(iter(self.process.stderr.readline, ""))

    @property
    def address(self) -> str:
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            found = re.search(r"Listening on (\S+)", "".join(self.said))
            if found:
                return found[1]
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.02)

    def until_said(self, words: str) -> None:
        """Wait until it has said something."""
        deadline = time.monotonic() + WAIT_SECONDS
        while words not in "".join(self.said):
            assert time.monotonic() < deadline, self.said
            time.sleep(0.02)

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        code = self.process.wait(WAIT_SECONDS)
        self._reader.join()
        return code


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=["TERM", "INT", "KILL"])
def test_serving_without_a_database_starts_one_and_stops_it_again(folder: Path, run: Run, number: int) -> None:
    serving = Serving(folder)
    try:
        assert httpx.get(f"{serving.address}/health").json()["status"] == "well"
        assert "COMANDA_DATABASE_URL is not set" in serving.said[0]
        serving.until_said("comanda-cloud create-organization")
        if number == signal.SIGTERM:
            made = run("create-organization", "Cevichería El Faro")
            assert made.said.startswith("Organization Cevichería El Faro (cevicheria-el-faro): "), made.complained
            assert "Country PE, currency PEN, clock of America/Lima." in made.said
            assert "already runs" in made.complained
            account = ("create-account", "rosa@faro.pe", "--role", "organization_admin", "--organization")
            told = run(*account, "cevicheria-el-faro", given="long enough for us\n")
            assert told.said.endswith(f"\nLog in at {serving.address}/login\n"), "where it listens, not where it would"
            log_in = {"email": "rosa@faro.pe", "password": "long enough for us"}
            assert httpx.post(f"{serving.address}/api/v1/session", json=log_in).status_code == 200
        server = int((folder / "database" / "data" / "postmaster.pid").read_text().splitlines()[0])
    finally:
        code = serving.end(number)
    assert code in {0, 130, -number, 143}
    assert (folder / "listening").exists() == (number == signal.SIGKILL)
    deadline = time.monotonic() + WAIT_SECONDS
    while Path(f"/proc/{server}").exists():
        assert time.monotonic() < deadline, "the database outlived the cloud"
        time.sleep(0.02)


def test_the_commands_of_an_operator(run: Run, postgres: Any, database_name: str) -> None:
    urls = {
        "COMANDA_DATABASE_URL": postgres.app_url(database_name),
        "COMANDA_DATABASE_OWNER_URL": postgres.owner_url(database_name),
    }
    assert run("migrate", **urls).complained.startswith("The database is at revision")
    assert run("create-organization", "El Faro", **urls).code == 0
    twice = run("create-organization", "El Faro", **urls)
    assert (twice.code, twice.complained) == (1, "There is already an organization with the short name el-faro.\n")
    unknown = run("create-pairing-code", "Caja", "--organization", "x", "--branch", "y", "--kind", "till", **urls)
    assert (unknown.code, unknown.complained) == (1, "There is no organization x. There are: el-faro.\n")
    assert [run("restored", **urls).said.split(".")[0] for _again in range(2)] == [
        "This is life 2 of this cloud",
        "This is life 3 of this cloud",
    ]
    with psycopg.connect(postgres.app_url(database_name), application_name="comanda-hints"):
        assert "still connected" in run("restored", **urls).complained, "a worker that is frozen"
    with psycopg.connect(postgres.app_url(database_name)) as connection:
        connection.execute(
            "insert into control.process (id, place, fold, begun_at, beat_at, until)"
            " values (gen_random_uuid(), 'web 7', 'idle', now(), now(), now() + interval '30 s')"
        )
    refused = run("restored", **urls)
    assert (refused.code, refused.complained.split(":")[0]) == (1, "A server still runs (web 7)")


def test_an_operator_sees_and_ends_what_failed_and_what_is_held(run: Run, postgres: Any, database_name: str) -> None:
    url = {"COMANDA_DATABASE_URL": postgres.app_url(database_name)}
    assert run("jobs", "list", **url).said == "No job needs anybody.\n"
    assert run("outbox", "list", **url).said == "Nothing is held.\n"
    with psycopg.connect(postgres.owner_url(database_name)) as connection:
        connection.execute(
            "insert into procrastinate_jobs (queue_name, task_name, args, status, attempts) select 'mail', 'mail', %s,"
            " 'failed', 8 from generate_series(1, 3)",
            ['{"organization": null, "args": {"receipt": 7}, "most_runs": 8}'],
        )
        connection.execute(
            "insert into control.outbox"
            " (organization_id, id, kind, args, most_runs, fact_at, made_at, expires_at, state) select"
            " gen_random_uuid(), gen_random_uuid(), 'mail', '{}', 8, now(), now(), now() + interval '1 day', 'held'"
            " from generate_series(1, 2)"
        )
    listed = run("jobs", "list", **url).said.splitlines()
    assert (len(listed), listed[0]) == (3, '1  mail  dead  runs: 8  organization: -  {"receipt": 7}')
    assert run("jobs", "retry", **url).complained == "Say which job, by its number, or --all.\n"
    assert run("jobs", "retry", "9", **url).complained.startswith("There is no dead job 9")
    assert run("jobs", "retry", "1", **url).said == "1 to be run again.\n"
    assert run("jobs", "drop", "--all", **url).said == "2 dropped.\n"
    held = run("outbox", "list", **url).said.splitlines()
    assert run("outbox", "release", "x", **url).complained.startswith("x is not an id: comanda-cloud outbox list")
    assert run("outbox", "release", held[0].split()[0], **url).said.startswith("1 released")
    assert run("outbox", "drop", "--all", **url).said == "1 dropped.\n"
    assert len(run("outbox", "list", "--all", **url).said.splitlines()) == 2


def test_an_organization_from_a_plan(run: Run, postgres: Any, database_name: str) -> None:
    found = ("create-organization", "--plan", str(ROOT / "terminal" / "demo" / "restaurant.toml"))
    url = {"COMANDA_DATABASE_URL": postgres.app_url(database_name)}
    made = json.loads(run(*found, "--json", **url).said)
    assert (made["slug"], made["existed"]) == ("la-tia-zarcilla", False)
    assert {key: each["kind"] for key, each in made["devices"].items()} == {
        "lima/caja": "till",
        "lima/cocina": "kitchen",
        "arequipa/caja": "till",
    }
    assert all(re.fullmatch(r"(\w{4}-){2}\w{4}", each["pairing_code"]) for each in made["devices"].values())
    assert made["branches"]["arequipa"]["name"] == "Yanahuara"
    again = run(*found, **url)
    assert "It was there already: 0 missing records were added" in again.said
    assert made["organization_id"] in again.said
    spanish = run(*found, COMANDA_LANGUAGE="es", **url).said
    assert "Ya existía" in spanish
    assert "Lince, Caja (till): código de enlace " in spanish
    other = json.loads(run(*found[:1], "Otra", *found[1:], "--slug", "otra", "--json", **url).said or "{}")
    assert other["accounts"] == made["accounts"], "somebody may work in two organizations"
    assert other["organization_id"] != made["organization_id"]


def test_a_plain_organization_has_a_branch(run: Run, postgres: Any, database_name: str) -> None:
    url = {"COMANDA_DATABASE_URL": postgres.app_url(database_name)}
    words = ("create-organization", "La Boya", "--country", "CL", "--currency", "CLP", "--zone", "America/Santiago")
    made = json.loads(run(*words, "--json", **url).said)
    branch = made["branches"]["main"]
    assert branch["name"] == "La Boya"
    pairing = ("create-pairing-code", "Caja", "--organization", "la-boya", "--branch", branch["id"], "--kind", "till")
    assert run(*pairing, **url).said.startswith("Pairing code ")


def test_an_operator_finds_the_names_and_ids_that_commands_ask_for(run: Run, postgres: Any, database_name: str) -> None:
    url = {"COMANDA_DATABASE_URL": postgres.app_url(database_name), "COMANDA_PUBLIC_URL": "https://comanda.pe"}
    assert run("list", **url).said.startswith("There is no organization yet")
    run("create-organization", "La Boya", **url)
    manager = ("create-account", "ana@boya.pe", "--role", "branch_manager", "--organization", "la-boya")
    assert "needs a branch" in run(*manager, given="long enough for us\n", **url).complained
    told = run(*manager, "--branch", "la boya", given="long enough for us\n", **url)
    assert told.said.splitlines()[1] == "Log in at https://comanda.pe/login", told.complained
    pairing = ("create-pairing-code", "Caja", "--organization", "la-boya", "--kind", "till", "--branch")
    code = run(*pairing, "La Boya", **url).said.splitlines()
    assert code[1] == f"On the device: comanda enroll https://comanda.pe {code[0].split()[2].rstrip(',')}"
    branch, account = (line.split() for line in run("list", "--organization", "la-boya", **url).said.splitlines()[1:])
    assert (branch[0], branch[2:]) == ("branch", ["La", "Boya", "(la-boya)"])
    assert account == ["account", "ana@boya.pe,", "branch_manager"]
    assert run(*pairing, branch[1], **url).code == 0
    assert f"There are: La Boya ({branch[1]})." in run(*pairing, "Boya", **url).complained
    assert run("list", "devices", **url).said.startswith("No device has enrolled yet: comanda-cloud create-pairing")


def test_a_mistyped_name_among_many_is_answered_with_those_that_are_like_it(
    run: Run, postgres: Any, database_name: str, folder: Path
) -> None:
    url = {"COMANDA_DATABASE_URL": postgres.app_url(database_name)}
    branches = [{"key": f"l{number}", "name": f"Local {number:03}", "zone": "America/Lima"} for number in range(1, 41)]
    plan = folder / "plan.json"
    house = {"name": "Cien Sabores", "country": "PE", "currency": "PEN", "language": "es"}
    plan.write_text(json.dumps({"organization": house, "branches": branches}), encoding="utf-8")
    assert run("create-organization", "--plan", str(plan), **url).code == 0
    pairing = ("create-pairing-code", "Caja", "--organization", "cien-sabores", "--kind", "till", "--branch")
    complained = run(*pairing, "Locl 017", **url).complained
    assert "Local 017 (" in complained
    assert complained.endswith(", … (40).\n")
    assert complained.count("Local") == 5


def test_what_is_listed_can_be_named_by_slug_or_the_beginning_of_its_id_and_read_by_programs(
    run: Run, postgres: Any, database_name: str
) -> None:
    url = {"COMANDA_DATABASE_URL": postgres.app_url(database_name)}
    for name in ("La Boya", "El Muelle"):
        run("create-organization", name, **url)
    found = {kind: json.loads(run("list", kind, "--json", **url).said)[kind] for kind in ("organizations", "branches")}
    assert [each["slug"] for each in found["organizations"]] == ["el-muelle", "la-boya"]
    assert [(each["organization"], each["slug"]) for each in found["branches"]] == [
        ("el-muelle", "el-muelle"),
        ("la-boya", "la-boya"),
    ]
    boya, branch = found["organizations"][1]["id"], found["branches"][1]["id"]
    listed = run("list", "branches", **url).said.splitlines()[1]
    assert listed.split()[:3] == ["la-boya", "branch", branch]
    assert listed.endswith("La Boya (la-boya)"), "by its short name commands know it, too"
    pairing = ("create-pairing-code", "Caja", "--kind", "till", "--json")
    for organization, named in (("la-boya", "la-boya"), (boya, branch), (boya[:13], branch)):
        made = run(*pairing, "--organization", organization, "--branch", named, **url)
        assert json.loads(made.said)["result"] == "pairing_created", made.complained
        assert re.fullmatch(r"\d\d:\d\d America/Lima", json.loads(made.said)["until"]), "by the clock of the branch"
    everything = json.loads(run("list", "--json", **url).said)
    assert {kind: len(rows) for kind, rows in everything.items()} == {
        "organizations": 2,
        "branches": 2,
        "devices": 0,
        "accounts": 0,
    }
    assert json.loads(run("jobs", "list", "--json", **url).said) == []


def test_who_only_looks_something_up_makes_no_database(run: Run, folder: Path) -> None:
    for words in (("list",), ("jobs", "list"), ("outbox", "list"), ("restored",)):
        ended = run(*words)
        assert (ended.code, ended.complained[:27]) == (1, "There is no database in " + str(folder)[:3])
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("app", "owner", "sentence"),
    [
        ("comanda_app:pw@127.0.0.1:1", "", "needs COMANDA_DATABASE_OWNER_URL"),
        ("somebody:pw@127.0.0.1:1", "admin:pw@127.0.0.1:1", "COMANDA_DATABASE_URL logs in as somebody"),
        ("comanda_app:pw@127.0.0.1:1", "admin:pw@127.0.0.1:1", "and that COMANDA_DATABASE_OWNER_URL is right"),
    ],
)
def test_a_migration_that_cannot_be_names_the_setting(run: Run, app: str, owner: str, sentence: str) -> None:
    urls = {"COMANDA_DATABASE_URL": app, "COMANDA_DATABASE_OWNER_URL": owner}
    ended = run("migrate", **{name: f"postgresql://{url}/comanda" for name, url in urls.items() if url})
    assert ended.code == 1
    assert sentence in ended.complained


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Give the name of the organization, or a plan with --plan."),
        (("El Faro", "--zone", "Lima"), "--zone is not a time zone: use one such as America/Lima."),
        (("El Faro", "--currency", "soles"), "--currency must be the code of a currency"),
        (("El Faro", "--country", "Peru"), "--country must be the code of a country"),
        (("El Faro", "--country", "XX"), "--country must be the code of a country"),
        (("  ",), "Give a name."),
        (("El Faro", "--plan", "x.toml", "--zone", "America/Lima"), "are part of the plan"),
        (("El Faro", "--plan", "/nowhere/x.toml"), "The plan /nowhere/x.toml cannot be read"),
    ],
)
def test_a_mistake_in_founding_starts_nothing(run: Run, words: tuple[str, ...], sentence: str, folder: Path) -> None:
    ended = run("create-organization", *words)
    assert ended.code == 1
    assert sentence in ended.complained
    assert "Traceback" not in ended.complained
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"COMANDA_ENVIRONMENT": "production", "COMANDA_DATABASE_URL": "postgresql://x"}, "COMANDA_SECRET must be set"),
        ({"COMANDA_PORT": "x"}, "COMANDA_PORT must be a whole number"),
        ({"COMANDA_DATABASE_URL": "postgresql://a:b@127.0.0.1:1/x"}, "The database at 127.0.0.1:1 does not answer"),
        ({"COMANDA_PG_BIN": "/nowhere"}, "There is no PostgreSQL here"),
        ({"COMANDA_LANGUAGE": "es", "COMANDA_PG_BIN": "/nowhere"}, "Aquí no hay PostgreSQL"),
        ({"COMANDA_HOST": "192.0.2.1"}, "This machine has no address 192.0.2.1"),
    ],
)
def test_a_mistake_gives_one_sentence(run: Run, more: dict[str, str], sentence: str) -> None:
    ended = run("serve", **{"COMANDA_PORT": "0", **more})
    assert ended.code == 1
    assert sentence in ended.complained
    assert "Traceback" not in ended.complained


def test_a_port_that_is_taken_gives_one_sentence(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = run("serve", "--port", port)
    assert ended.code == 1
    assert ended.complained == (
        f"Port {port} on 127.0.0.1 is taken by another program: stop it, or choose another with --port.\n"
    )


def test_a_database_that_is_not_migrated_is_not_served(run: Run, postgres: Any, database_name: str) -> None:
    with psycopg.connect(postgres.owner_url(database_name)) as connection:
        connection.execute("delete from control.alembic_version")
    ended = run("serve", COMANDA_DATABASE_URL=postgres.app_url(database_name), COMANDA_PORT="0")
    assert ended.code == 1
    assert "run comanda-cloud migrate" in ended.complained


def test_the_command_line_loads_no_server_before_it_is_needed() -> None:
    program = (
        "import sys, cloud.cli\n"
        "heavy = {'litestar', 'pydantic', 'sqlalchemy', 'psycopg', 'uvicorn'} & set(sys.modules)\n"
        "sys.exit(f'loaded: {heavy}' if heavy else 0)"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0
