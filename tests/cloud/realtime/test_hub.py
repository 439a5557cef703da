"""Who is woken by a hint, and who is not."""

from __future__ import annotations

from uuid import uuid4

import pytest

from cloud.realtime.hub import Audience, Hint, Hub, Room

SOON = 0.01


async def test_only_those_in_the_room_who_lack_it_are_woken() -> None:
    hub, room = Hub(), Room(uuid4(), uuid4())
    hint = Hint(uuid4(), uuid4(), 5)
    with (
        hub.waiting([room], lambda hint: hint.seq > 4) as lacking,
        hub.waiting([room], lambda hint: hint.seq > 5) as holding,
        hub.waiting([Room(room.organization_id, uuid4())], lambda _hint: True) as abroad,
    ):
        hub.tell(room, hint)
        assert await lacking.news(SOON)
        assert not await lacking.news(SOON), "woken twice"
        assert not await holding.news(SOON)
        assert not await abroad.news(SOON)
        hub.tell(room)
        assert await holding.news(SOON)


async def test_news_that_come_before_the_wait_are_not_missed() -> None:
    hub, room = Hub(), Room(uuid4(), uuid4())
    with hub.waiting([room], lambda _hint: True) as waiting:
        hub.tell(room)
        assert await waiting.news(0)


async def test_the_whole_organization_hears_what_is_told_in_its_own_room() -> None:
    hub, organization = Hub(), uuid4()
    rooms = [Room(organization, uuid4()), Room(organization, organization)]
    with hub.waiting(rooms, lambda _hint: True) as waiting:
        hub.tell_organization(organization)
        assert await waiting.news(SOON)


async def test_whoever_waits_is_told_at_once_that_the_server_stops() -> None:
    hub = Hub()
    with hub.waiting([Room(uuid4(), uuid4())], lambda _hint: False) as waiting:
        hub.close()
        assert hub.is_closing
        assert await waiting.news(SOON)


async def test_rooms_are_forgotten_with_the_last_who_waits() -> None:
    hub, room = Hub(), Room(uuid4(), uuid4())
    with hub.waiting([room], lambda _hint: True), hub.waiting([room], lambda _hint: True):
        assert hub.places == 2
    assert hub.places == 0
    assert hub._rooms == {}


def test_a_room_is_read_back_from_its_text() -> None:
    organization_id, branch_id, place = uuid4(), uuid4(), uuid4()
    rooms = [
        Room(organization_id, branch_id),
        Room.of_organization(organization_id),
        Room.of_table(organization_id, branch_id, place),
        Room.of_session(organization_id, branch_id, place),
        *(Room.of_role(organization_id, branch_id, audience) for audience in Audience),
    ]
    assert [Room.parsed(str(room)) for room in rooms] == rooms
    assert len(set(rooms)) == len(rooms)


@pytest.mark.parametrize("text", ["", "x", "6" * 32, f"{'6' * 32}.{'7' * 32}/kitchen", "a.b/table:"])
def test_what_is_no_room_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what it says is nobody's
        Room.parsed(text)
