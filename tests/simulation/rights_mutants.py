"""Planted bugs of the cloud's judge: declarations of branch, id, rule and right that nobody holds a change against."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from cloud.replication import judge
from cloud.replication.approvals import Approvals
from cloud.replication.rights_judge import RightsJudge
from sync.fold import Objection


@contextmanager
def branch_not_judged() -> Iterator[None]:
    """A device may write rows of another branch."""
    with patch.object(judge._Judging, "_of_branch", lambda *_arguments: None):
        yield


@contextmanager
def taken_id_not_judged() -> Iterator[None]:
    """A device may write another row under an id that is taken."""
    with patch.object(judge._Judging, "_of_row", lambda *_arguments: None):
        yield


@contextmanager
def rules_not_judged() -> Iterator[None]:
    """A row that breaks its own rule counts."""
    with patch.object(judge, "_of_rule", lambda *_arguments: None):
        yield


@contextmanager
def rights_not_judged() -> Iterator[None]:
    """Nobody is asked about what somebody did without the right."""
    with patch.object(RightsJudge, "_check", lambda *_arguments: None):
        yield


@contextmanager
def edits_not_judged() -> Iterator[None]:
    """Nobody is asked about who edits without the right, only about who creates."""
    with patch.object(RightsJudge, "_of_edits", lambda *_arguments: None):
        yield


@contextmanager
def approvals_not_heard() -> Iterator[None]:
    """People are asked about what somebody with the right approved."""
    with patch.object(Approvals, "of", lambda *_arguments: ()):
        yield


@contextmanager
def approvals_believed() -> Iterator[None]:
    """An approval counts, whoever approved."""
    real = RightsJudge._may

    def may(self: RightsJudge, table: Any, change: Any, act: Any) -> bool:
        return real(self, table, change, act) or bool(self._approvals.of(table.name, change))

    with patch.object(RightsJudge, "_may", may):
        yield


@contextmanager
def rights_void() -> Iterator[None]:
    """What somebody did without the right is void: the money is gone from the books."""

    def void(self: RightsJudge, _kind: Any, _cause: Any, table: Any, change: Any, _reason: str) -> None:
        self._batch.refuse(change.at, Objection("ACTOR_NOT_ALLOWED", {"table": table.name}, voids=True))

    with patch.object(RightsJudge, "_ask", void):
        yield
