"""`comanda rehearse` when something is wrong: one sentence on standard error, in both languages, never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from shared.kernel.language import Language, Texts
from terminal.cli import ROOMS, main
from terminal.rehearsal.trouble import TROUBLES, sentence_of
from terminal.store.errors import StoreError
from terminal.syncing.link import LinkError

SALES = "ticket,date,item,quantity,amount\n1,2025-01-02,Lomo,1,40.00\n"
Run = Callable[..., tuple[int, str]]


@pytest.fixture(params=list(Language))
def run(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    plain_mapping: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Run:
    """Run the command on one plain file; its exit code and what it said on standard error."""
    monkeypatch.setenv("COMANDA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COMANDA_LANGUAGE", request.param)
    (tmp_path / "sales.csv").write_text(SALES, encoding="utf-8")

    def call(*options: str, mapping: str = plain_mapping) -> tuple[int, str]:
        (tmp_path / "mapping.toml").write_text(mapping, encoding="utf-8")
        asked = ["rehearse", str(tmp_path / "sales.csv"), "--mapping", str(tmp_path / "mapping.toml"), *options]
        with pytest.raises(SystemExit) as ended:
            main(asked)
        return int(ended.value.code or 0), capfd.readouterr().err

    return call


@pytest.mark.parametrize("below", ["", "below"])
def test_a_target_that_is_a_file_is_refused(run: Run, tmp_path: Path, below: str) -> None:
    (tmp_path / "file").touch()
    code, said = run("--target", str(tmp_path / "file" / below))
    assert code == 1
    assert said.count("\n") == 1
    assert "--target" in said


@pytest.mark.parametrize("wrong", ["0", "-1", "uno", "1.5"])
@pytest.mark.parametrize("option", ["--days", "--tills"])
def test_a_number_that_cannot_be_is_named_with_what_to_write(run: Run, option: str, wrong: str) -> None:
    code, said = run(f"{option}={wrong}")
    assert code == 2
    assert f"{option}: " in said
    assert wrong in said
    assert "_positive" not in said


def test_an_empty_list_of_delimiters_is_a_mistake_of_the_mapping(run: Run, plain_mapping: str) -> None:
    code, said = run(mapping=plain_mapping + "[files]\ndelimiter = []\n")
    assert code == 1
    assert said.count("\n") == 1


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize(
    ("error", "part"),
    [
        (StoreError("STORE_DISK_FULL", path="store.db"), ""),
        (LinkError("CLOUD_SLOW", url="http://127.0.0.1:9"), "127.0.0.1:9"),
        (httpx.ConnectError("All connection attempts failed"), "All connection"),
        (
            httpx.HTTPStatusError("", request=httpx.Request("GET", "http://x"), response=httpx.Response(503)),
            "503",
        ),
        (OSError(28, "No space left on device", "/tills"), "No space left on device (/tills)"),
        (BrokenProcessPool("a child process terminated abruptly"), ""),
        (OperationalError("select 1", {}, Exception("disk on fire")), "disk on fire"),
    ],
)
def test_every_trouble_of_a_run_is_one_sentence(error: Exception, part: str, language: Language) -> None:
    assert isinstance(error, TROUBLES)
    said = sentence_of(error, Texts(language, ROOMS))
    assert part in said
    assert "{" not in said
    assert "\n" not in said
    assert " " in said
