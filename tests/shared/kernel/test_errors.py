"""Errors cross process borders: a worker's "no" must reach the person who started it as the same sentence."""

from __future__ import annotations

import pickle

import pytest

from shared.kernel.errors import DomainError, NotFound, NotPermitted


@pytest.mark.parametrize(
    "error", [DomainError("ORDER_CLOSED", number="A-1"), NotPermitted("give_discount"), NotFound("check", 7)]
)
def test_an_error_arrives_in_another_process_as_it_was_raised(error: DomainError) -> None:
    arrived = pickle.loads(pickle.dumps(error))
    assert type(arrived) is type(error)
    assert (arrived.code, arrived.params, str(arrived)) == (error.code, error.params, str(error))
