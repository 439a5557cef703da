"""All programs of the server write one kind of line, with its time, unless the journal gives it one."""

from __future__ import annotations

import logging
import re

import pytest

from cloud.kernel.logs import log_to_stderr

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ "


def log_as_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a process that has no log yet: a server that ran in this one before has set levels that stay."""
    monkeypatch.setattr(logging.root, "handlers", [])
    monkeypatch.setattr(logging.root, "level", logging.root.level)
    monkeypatch.setattr(logging.Logger, "manager", logging.Manager(logging.root))
    log_to_stderr()


def test_a_line_says_when_how_bad_who_and_what(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    log_as_a_program(monkeypatch)
    logging.getLogger("cloud.of_this_test").info("Redis answers")
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    logging.getLogger("procrastinate.worker").info("Starting worker on queues")
    well, warned = capsys.readouterr().err.splitlines()
    assert matches(TIME + "INFO cloud.of_this_test: Redis answers", well)
    assert matches(TIME + "WARNING uvicorn.error: Invalid HTTP request received.", warned)


def test_the_journal_has_its_own_time(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "8:9137")
    log_as_a_program(monkeypatch)
    logging.getLogger("cloud.jobs").warning("a job failed")
    assert capsys.readouterr().err == "WARNING cloud.jobs: a job failed\n"


def test_what_the_database_tells_in_three_lines_is_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "8:9137")
    log_as_a_program(monkeypatch)
    logging.getLogger("cloud.realtime.link").warning("no hints: %s", "server closed\n\tThis probably means\n\tmore")
    assert capsys.readouterr().err == "WARNING cloud.realtime.link: no hints: server closed This probably means more\n"


def matches(pattern: str, line: str) -> bool:
    return re.fullmatch(pattern, line) is not None
