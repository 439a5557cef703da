from __future__ import annotations

import dataclasses

import pytest

from terminal.theme.palette import Tone
from terminal.widgets.extra import Extra, ExtraKind
from terminal.widgets.line_widget import changed_regions
from terminal.widgets.ticket_card import WallLine, WallTicket, age_text
from terminal.widgets.ticket_wall import TicketWall
from terminal.widgets.wall_layout import AgeLimits
from tests.terminal.looks.gallery import NOW_S, WALL_WORDS, wall_tickets

KITCHEN_SIZES = [(49, 14), (73, 21), (99, 28), (120, 36)]


def wall() -> TicketWall:
    return TicketWall(WALL_WORDS)


def picked(heard) -> list[object]:
    return [message.ticket_id for message in heard if isinstance(message, TicketWall.Picked)]


async def test_the_keys_one_to_nine_pick_tickets_in_order_of_sending(stage) -> None:
    widget = wall()
    async with stage(widget, (120, 36)) as on:
        widget.show(wall_tickets())
        assert all(widget.press(key) for key in "123456789")
        assert not widget.press("0")
        assert picked(await on.settled()) == [1, 2, 3, 4, 5, 6, 7, 8, 9]


@pytest.mark.parametrize("size", KITCHEN_SIZES)
async def test_a_tap_picks_the_ticket_that_is_drawn_there(stage, size) -> None:
    widget = wall()
    async with stage(widget, size) as on:
        widget.tick(NOW_S)
        widget.show(wall_tickets())
        await on.settled()
        for card in widget._cards():
            await on.pilot.click(widget, offset=(card.column * (widget._card_width() + 1) + 3, card.top))
        assert picked(await on.settled()) == [card.ticket.id for card in widget._cards()]


async def test_the_gap_below_and_beside_a_card_is_its_own(stage) -> None:
    widget = wall()
    async with stage(widget, (99, 28)):
        widget.show(wall_tickets())
        first, second = widget._cards()[:2]
        gap_row = first.top + widget._head_height() + first.body_height
        assert second.top == gap_row + 1
        assert widget.target_at(0, gap_row) == first.ticket.id
        assert widget.target_at(widget._card_width(), 0) == first.ticket.id
        assert widget.target_at(0, 27) is None


@pytest.mark.parametrize("size", KITCHEN_SIZES)
async def test_tickets_that_do_not_fit_are_counted_and_the_rest_is_shown_in_full(stage, size) -> None:
    widget = wall()
    async with stage(widget, size) as on:
        widget.tick(NOW_S)
        widget.show(wall_tickets())
        text = " ".join(" ".join(row.split()) for row in await on.grid())
        shown = {card.ticket.id: card.ticket for card in widget._cards()}
        assert len(shown) + widget.hidden_count == len(wall_tickets())
        assert (f"{widget.hidden_count} más esperan" in text) == (widget.hidden_count > 0)
        words = text.split()
        for ticket in shown.values():
            for line in ticket.lines:
                assert set(line.name.split()) <= set(words)


async def test_a_ticket_longer_than_a_column_goes_on_in_the_next(stage) -> None:
    widget = wall()
    long = WallTicket("long", "A1", "Mesa 1", 0, tuple(WallLine("1", f"Plato {n}") for n in range(20)))
    async with stage(widget, (73, 14)) as on:
        widget.show([long])
        text = "\n".join(await on.grid())
        assert all(f"Plato {n}" in text for n in range(20))
        assert "sigue…" in text
        assert widget.hidden_count == 0


async def test_a_ticket_longer_than_the_wall_says_that_it_goes_on(stage) -> None:
    widget = wall()
    endless = WallTicket("long", "A1", "Mesa 1", 0, tuple(WallLine("1", f"Plato {n}") for n in range(90)))
    async with stage(widget, (49, 14)) as on:
        widget.show([endless])
        assert "▼ sigue…" in "\n".join(await on.grid())


async def test_an_age_warns_and_is_late_in_words_and_at_the_second(stage) -> None:
    widget = TicketWall(WALL_WORDS, limits=AgeLimits(warn_s=60, late_s=120))
    async with stage(widget, (49, 14)) as on:
        widget.show([WallTicket(1, "A1", "Mesa 1", 1000, (WallLine("1", "Causa"),), Tone.COOKING)])
        for now, word, age in ((1059, "◐ EN MARCHA", "0:59"), (1060, "▲ APURA", "1:00"), (1120, "▲ TARDE", "2:00")):
            widget.tick(now)
            row = (await on.grid())[1]
            assert word in row
            assert age in row


async def test_a_second_repaints_clocks_only(stage) -> None:
    widget = wall()
    async with stage(widget, (120, 36)):
        widget.tick(NOW_S)
        widget.show(wall_tickets())
        before = widget._drawn()
        widget.tick(NOW_S + 1)
        regions = list(changed_regions(before, widget._drawn()))
        assert 0 < len(regions) <= len(wall_tickets())
        assert sum(region.area for region in regions) <= 20 * len(wall_tickets())


async def test_a_bumped_ticket_stays_in_its_place_until_it_is_taken_away(stage) -> None:
    widget = wall()
    async with stage(widget, (99, 28)) as on:
        widget.tick(NOW_S)
        widget.show(wall_tickets())
        places = {card.ticket.id: (card.column, card.top) for card in widget._cards()}
        bumped = [dataclasses.replace(t, tone=Tone.READY) if t.id == 2 else t for t in wall_tickets()]
        widget.show(bumped)
        assert {card.ticket.id: (card.column, card.top) for card in widget._cards()} == places
        assert any("✓ LISTO" in row for row in await on.grid())


async def test_an_empty_wall_says_so(stage) -> None:
    widget = wall()
    async with stage(widget, (49, 14)) as on:
        assert any("Nada pendiente" in row for row in await on.grid())
        assert not widget.press("1")
        await on.pilot.click(widget, offset=(3, 3))
        assert picked(await on.settled()) == []


def test_an_age_is_never_negative_and_turns_into_hours() -> None:
    assert [age_text(seconds) for seconds in (-5, 0, 65, 5999, 6000, 90000)] == [
        "0:00",
        "0:00",
        "1:05",
        "99:59",
        "1h40",
        "25h00",
    ]


async def test_a_card_keeps_its_key_while_it_stands_and_a_new_one_takes_the_lowest_that_is_free(stage) -> None:
    widget = wall()
    tickets = [WallTicket(at, f"A-{at}", "Mesa 1", 0, (WallLine("1", "Causa"),)) for at in range(1, 6)]
    async with stage(widget, (120, 36)):
        widget.show(tickets[:4])
        widget.show([each for each in tickets if each.id != 2])
        assert [widget.key_of(each) for each in (1, 3, 4, 5)] == ["1", "3", "4", "2"]


async def test_a_card_that_was_hidden_takes_no_key_from_the_card_that_has_it_now(stage) -> None:
    widget = wall()
    tickets = [WallTicket(at, f"A-{at}", "Mesa 1", 0, (WallLine("1", "Causa"),)) for at in range(1, 30)]
    async with stage(widget, (49, 14)):
        widget.show(tickets)
        first = {each: widget.key_of(each) for each in widget.shown_ids}
        widget.turn()
        second = {each: widget.key_of(each) for each in widget.shown_ids}
        assert len(set(second.values())) == len(second)
        widget.turn(-1)
        assert {each: widget.key_of(each) for each in widget.shown_ids} == first


async def test_big_digits_stand_only_where_they_hide_no_ticket(stage) -> None:
    widget = wall()
    few = [WallTicket(at, f"A-{at}", "Mesa 1", 0, (WallLine("1", "Causa"),)) for at in range(1, 4)]
    many = [WallTicket(at, f"A-{at}", "Mesa 1", 0, (WallLine("1", "Causa"),)) for at in range(1, 40)]
    async with stage(widget, (120, 36)):
        widget.show(few)
        assert widget._head_height() == 4
        widget.show(many)
        assert widget._head_height() == 2


async def test_what_has_no_page_is_counted_with_its_key(stage) -> None:
    widget = TicketWall(dataclasses.replace(WALL_WORDS, aside="{count} de antes", aside_key="F9"))
    async with stage(widget, (73, 21)) as on:
        widget.show(wall_tickets()[:1], aside=37)
        assert "F9 ▶ 37 de antes" in (await on.grid())[-1]
        assert widget.hidden_count == 37


@pytest.mark.parametrize("size", [(49, 14), (80, 24)])
async def test_what_was_taken_back_beyond_the_page_is_named_first_with_its_sign(stage, size) -> None:
    widget = wall()
    tickets = [WallTicket(at, f"A-{at}", "Mesa 1", 0, (WallLine("1", "Causa"),)) for at in range(1, 40)]
    tickets[-1] = dataclasses.replace(tickets[-1], tone=Tone.VOID)
    tickets[-2] = dataclasses.replace(tickets[-2], alert="alergia al maní")
    async with stage(widget, size) as on:
        widget.show(tickets, note="9 Causa · 3 Lomo saltado")
        foot = (await on.grid())[-1]
        assert f": {Tone.VOID.glyph} A-39" in foot
        if size[0] > 49:
            assert f"{Tone.VOID.glyph} A-39 · ! A-38" in foot


async def test_a_sentence_that_has_no_room_at_the_foot_stands_whole_above_it(stage) -> None:
    widget = wall()
    tickets = [WallTicket(at, f"A-{at}", "Mesa 1", 0, (WallLine("1", "Causa"),)) for at in range(1, 40)]
    sentence = "A-14 va primero. F4 lo deshace (3 s) mientras nadie toque otra tecla"
    async with stage(widget, (49, 14)) as on:
        widget.show(tickets)
        cards = widget._cards()
        widget.tell(sentence, Tone.WARN)
        grid = await on.grid()
        assert " ".join(" ".join(grid[-3:-1]).split()).endswith(sentence)
        assert "más" in grid[-1]
        assert widget._cards() == cards, "no card moves for a sentence"
        widget.tell("")
        assert sentence[:10] not in "".join(await on.grid())


@pytest.mark.parametrize("size", [(49, 14), (80, 24), (120, 36)])
@pytest.mark.parametrize(
    ("tone", "word"), [(Tone.COOKING, "EN MARCHA"), (Tone.VOID, "CAMBIO"), (Tone.PLAIN, "RETENIDA")]
)
async def test_the_word_of_a_state_stands_at_every_size_also_beside_its_station(stage, size, tone, word) -> None:
    words = dataclasses.replace(WALL_WORDS, card=dataclasses.replace(WALL_WORDS.card, held="RETENIDA"))
    widget = TicketWall(words)
    lines = (WallLine("1", "Causa"),)
    ticket = WallTicket(1, "A-1", "Mesa 12 · 3 personas", 0, lines, tone, station="Parrilla", held=tone is Tone.PLAIN)
    async with stage(widget, size) as on:
        widget.show([ticket])
        widget.tick(61)
        shown = "\n".join(await on.grid())
        assert word in shown
        assert "1:01" in shown or size[0] > 99, "an age in big digits is not to be read as text"
        assert "Parri" in shown or size[0] < 99


async def test_the_longest_note_is_never_cut(stage) -> None:
    widget = wall()
    note = ("para el señor de la esquina, sin nada de picante y muy bien cocido " * 4)[:258].strip() + " NO COMA MANI"
    extras = (Extra(note, ExtraKind.NOTE),)
    async with stage(widget, (73, 36)) as on:
        widget.show([WallTicket(1, "A-1", "Mesa 1", 0, (WallLine("1", "Causa", extras),))])
        assert "NO COMA MANI" in " ".join("\n".join(await on.grid()).split())
