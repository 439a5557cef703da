"""What a key seals: the same for the same, nothing for another place or key, and nobody's name in an error."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.sealed import SECRET_BYTES, FieldPlace, PersonKey, SealBroken, Sealed, WrappedWith

WHOSE = UUID(int=1), UUID(int=2), UUID(int=3)
KEY = PersonKey(*WHOSE, bytes(range(SECRET_BYTES)))
PLACE = FieldPlace(UUID(int=1), "order_contacts", UUID(int=9), "name")
PLACES = [
    FieldPlace(UUID(int=4), PLACE.table, PLACE.row_id, PLACE.field),
    FieldPlace(PLACE.organization_id, "customers", PLACE.row_id, PLACE.field),
    FieldPlace(PLACE.organization_id, PLACE.table, UUID(int=8), PLACE.field),
    FieldPlace(PLACE.organization_id, PLACE.table, PLACE.row_id, "phone"),
]


@given(st.text(min_size=1, max_size=120, alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_text_comes_back_and_is_the_same_value_each_time(text: str) -> None:
    sealed = KEY.seal(PLACE, text)
    assert KEY.open(PLACE, sealed) == text
    assert KEY.seal(PLACE, text) == sealed
    assert Sealed(120).accepts(sealed)


@pytest.mark.parametrize("place", PLACES, ids=["organization", "table", "row", "field"])
def test_a_text_opens_in_its_place_only(place: FieldPlace) -> None:
    sealed = KEY.seal(PLACE, "María")
    with pytest.raises(SealBroken):
        KEY.open(place, sealed)
    assert KEY.seal(place, "María") != sealed


@pytest.mark.parametrize(
    "other",
    [PersonKey(*WHOSE, bytes(SECRET_BYTES)), PersonKey(*WHOSE[:2], uuid4(), KEY.secret)],
    ids=["another secret", "another person's"],
)
def test_another_key_has_another_name_and_opens_nothing(other: PersonKey) -> None:
    assert other.name != KEY.name
    with pytest.raises(SealBroken):
        other.open(PLACE, KEY.seal(PLACE, "María"))


def test_a_damaged_text_is_refused() -> None:
    sealed = bytearray(KEY.seal(PLACE, "María"))
    sealed[-1] ^= 1
    with pytest.raises(SealBroken):
        KEY.open(PLACE, bytes(sealed))


def test_no_repr_shows_the_secret() -> None:
    assert "secret" not in repr(KEY)
    assert KEY.secret.hex() not in repr(KEY)


@pytest.mark.parametrize(
    "wrong", ["María", 7, b"short", KEY.seal(PLACE, "x" * 200)], ids=["text", "int", "short", "long"]
)
def test_the_column_takes_only_what_a_key_made(wrong: object) -> None:
    assert not Sealed(40).accepts(wrong)


def test_a_wrapped_secret_opens_under_its_name_and_its_wrapping() -> None:
    wrapping = WrappedWith(b"a secret from outside the database")
    stored = wrapping.wrap(KEY.name, KEY.secret)
    assert KEY.secret not in stored
    assert wrapping.unwrap(KEY.name, stored) == KEY.secret
    for name, other in ((bytes(16), wrapping), (KEY.name, WrappedWith(b"another secret"))):
        with pytest.raises(SealBroken):
            other.unwrap(name, stored)
