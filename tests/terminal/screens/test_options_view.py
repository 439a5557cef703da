from __future__ import annotations

from dataclasses import replace

from shared.menu.rules import ModifierChoice
from terminal.screens.order.options_view import Choosing, Step, answer_tiles, heading, option_by_hint, question_tiles
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.paper_dishes import COMBO, EXTRAS, POTATOES, SAUCES, SIDE, changed, dishes_desk
from tests.terminal.screens.paper_menu import DONENESS, SIDES, SIZE, WISHES, item_of, key, menu_of, paper_menu
from tests.terminal.screens.till import driven

MENU = paper_menu()
STEAK = Choosing.begin(item_of(MENU, "bif"))
MEDIUM = DONENESS.choices[1].id


def test_it_begins_at_the_first_question_without_its_answers() -> None:
    assert STEAK.question is DONENESS
    assert Choosing.begin(item_of(MENU, "bif"), [MEDIUM]).question is SIDES


def test_it_begins_with_the_usual_answers() -> None:
    assert Choosing.begin(item_of(MENU, "lim")).ids() == (SIZE.choices[0].id,)


def test_a_question_with_one_answer_changes_to_the_other() -> None:
    changed = STEAK.with_answer(DONENESS.choices[0].id).with_answer(MEDIUM)
    assert changed.ids() == (MEDIUM,)
    assert changed.with_answer(MEDIUM) is changed


def test_an_answer_too_many_is_not_taken() -> None:
    sides = STEAK.turned(1)
    full = sides.with_answer(SIDES.choices[0].id).with_answer(SIDES.choices[1].id)
    assert full.with_answer(SIDES.choices[2].id) is full
    assert len(full.with_answer(SIDES.choices[1].id).ids()) == 1


def test_the_missing_question_is_found_until_all_are_answered() -> None:
    answered = STEAK.with_answer(MEDIUM)
    assert answered.missing() == 1
    assert answered.turned(1).with_answer(SIDES.choices[3].id).missing() is None


def test_answers_of_another_dish_are_not_taken_over() -> None:
    assert Choosing.begin(item_of(MENU, "lom"), [MEDIUM]).ids() == ()


def test_tiles_show_answers_keys_and_prices(voice) -> None:
    state = STEAK.with_answer(MEDIUM).turned(1)
    assert [tile.hint for tile in question_tiles(state, voice)] == ["Término medio", "elige de 1 a 2", "hasta 3"]
    tacu = answer_tiles(state, voice)[3]
    assert (tacu.title, tacu.hint, tacu.detail) == ("+ Tacu tacu", "4", "S/ 6.00")
    assert heading(state, voice) == "Guarnición · elige de 1 a 2"


def test_what_is_left_out_is_marked_so(voice) -> None:
    state = Choosing.begin(item_of(MENU, "lom"))
    assert state.question is WISHES
    assert answer_tiles(state, voice)[0].title == "− sin cebolla"


def test_every_answer_is_shown_also_behind_the_last_key(voice) -> None:
    options = tuple(ModifierChoice(key(6, 100 + at), f"Plato {at}", 0, default=False) for at in range(50))
    many = replace(DONENESS, choices=options)
    state = Choosing.begin(replace(item_of(MENU, "bif"), modifier_groups=(many,)))
    tiles = answer_tiles(state, voice)
    assert [tile.id for tile in tiles] == [option.id for option in options]
    assert (tiles[8].hint, tiles[9].hint) == ("9", "")
    assert option_by_hint(state, "9") == options[8].id


async def test_an_answer_behind_the_last_key_is_chosen_by_arrows() -> None:
    desk = PaperDesk()
    options = tuple(ModifierChoice(key(6, 100 + at), f"Plato {at}", 0, default=False) for at in range(50))
    many = replace(DONENESS, choices=options)
    desk.menu = menu_of(
        [
            replace(
                category,
                items=tuple(
                    replace(item, modifier_groups=(many,) if item.code == "bif" else ()) for item in category.items
                ),
            )
            for category in desk.menu.categories
        ]
    )
    async with driven(desk, script="1234\n7\nbif\n") as till:
        await till.press(*["pagedown"] * 9, "right", *["right"] * 60, "space")
        line = next(iter(desk.orders.values())).lines[0]
        assert line.modifiers == (("Plato 49", 0),)


def test_a_key_beyond_the_answers_means_nothing() -> None:
    assert option_by_hint(STEAK, "2") == MEDIUM
    assert option_by_hint(STEAK, "9") is None
    assert option_by_hint(STEAK, "enter") is None


def test_what_is_chosen_instead_of_another_carries_no_sign_of_an_addition(voice) -> None:
    assert [tile.title for tile in answer_tiles(STEAK, voice)][:2] == ["Jugoso", "Término medio"]


def test_letters_leave_the_answers_that_are_called_so_and_number_them_anew(voice) -> None:
    typed = STEAK.turned(1).typing("ta")
    assert [(tile.title, tile.hint) for tile in answer_tiles(typed, voice)] == [("+ Tacu tacu", "1")]
    assert typed.sure() == SIDES.choices[3].id
    assert STEAK.typing("ceb").question is WISHES, "another question has it"
    assert STEAK.typing("xyz").shown() == ()
    assert STEAK.typing("o").sure() is None


def test_the_last_required_answer_ends_it_and_an_optional_question_does_not_hold_it_up() -> None:
    doneness, step = STEAK.answered(MEDIUM)
    assert (doneness.question, step) == (SIDES, Step.STAYS)
    one, step = doneness.answered(SIDES.choices[0].id)
    assert (one.question, step) == (SIDES, Step.STAYS), "it takes one more"
    assert one.answered(SIDES.choices[1].id)[1] is Step.DONE
    wish, step = doneness.turned(1).answered(WISHES.choices[0].id)
    assert (wish.question, step) == (WISHES, Step.STAYS)


async def test_letters_and_enter_choose_and_the_last_required_digit_closes() -> None:
    desk = PaperDesk()
    async with driven(desk, script="1234\n7\nbif\n") as till:
        await till.type("coc\n")
        await till.type("arr\n")
        assert till.screen_name == "options"
        await till.press("1")
        assert till.screen_name == "order"
        line = next(iter(desk.orders.values())).lines[0]
        assert [name for name, _ in line.modifiers] == ["Bien cocido", "Papas fritas", "Arroz blanco"]


async def test_letters_that_fit_several_ask_and_escape_shows_all_again() -> None:
    async with driven(script="1234\n7\nbif\n") as till:
        await till.type("o\n")
        assert "varias" in await till.grid()
        await till.press("f2")
        assert till.screen_name == "options"
        assert "Jugoso" in await till.grid()
        await till.type("xyz\n")
        assert "Ninguna opción" in await till.grid()


# -- more than once, and what opens more -----------------------------------------------------------------------------


def test_a_modifier_can_be_chosen_again_up_to_the_maximum_of_its_group() -> None:
    cheese, onion = (option.id for option in EXTRAS.choices)
    extras = Choosing.begin(COMBO, [SIDE.choices[1].id]).turned(1)
    double, step = extras.once_more(cheese)[0].once_more(cheese)
    assert (double.count(cheese), step) == (2, Step.STAYS)
    assert double.once_more(cheese) == (double, Step.REFUSED)
    assert double.with_answer(onion) is double, "two of two are chosen"
    assert double.once_less(cheese)[0].count(cheese) == 1
    assert double.with_answer(cheese).count(cheese) == 0
    without = extras.with_answer(onion)
    assert without.once_more(onion) == (without, Step.REFUSED), "what is left out is left out once"


def test_an_answer_opens_its_own_group_and_takes_it_along_when_it_goes() -> None:
    potatoes, rice = (option.id for option in SIDE.choices)
    state = Choosing.begin(COMBO)
    assert [group.name for group in state.groups] == ["Acompaña", "Extras"]
    opened, step = state.answered(potatoes)
    assert (opened.question, step) == (POTATOES, Step.STAYS)
    assert [group.name for group in opened.groups] == ["Acompaña", "Papas", "Extras"]
    done, step = opened.answered(POTATOES.choices[0].id)
    assert (step, done.ids()) == (Step.DONE, (potatoes, POTATOES.choices[0].id))
    assert done.turned(-1).with_answer(rice).ids() == (rice,)


def test_an_optional_group_that_an_answer_opens_is_shown_too() -> None:
    sauced = replace(POTATOES, choices=(replace(POTATOES.choices[0], opens_id=SAUCES.id), POTATOES.choices[1]))
    item = replace(COMBO, opened_groups=(sauced, SAUCES))
    state = Choosing.begin(item).answered(SIDE.choices[0].id)[0]
    opened, step = state.answered(sauced.choices[0].id)
    assert (opened.question, step, opened.missing()) == (SAUCES, Step.STAYS, None)


def test_what_is_opened_has_its_usual_answers() -> None:
    usual = replace(POTATOES, choices=(replace(POTATOES.choices[0], default=True), POTATOES.choices[1]))
    item = replace(COMBO, opened_groups=(usual,))
    assert Choosing.begin(item).with_answer(SIDE.choices[0].id).missing() is None


def test_tiles_say_how_often_and_a_plus_stands_only_before_what_costs_more(voice) -> None:
    cheese = EXTRAS.choices[0].id
    state = Choosing.begin(COMBO).answered(SIDE.choices[0].id)[0].turned(1).once_more(cheese)[0].once_more(cheese)[0]
    assert state.question is POTATOES, "what is required and lacks comes next"
    state = state.turned(1)
    assert [(tile.title, tile.badge) for tile in answer_tiles(state, voice)] == [
        ("+ Queso extra", "×2"),
        ("− sin cebolla", ""),
    ]
    assert [(tile.title, tile.hint) for tile in question_tiles(state, voice)] == [
        ("Acompaña", "Con papas"),
        ("· Papas", "elige una"),
        ("Extras", "2× Queso extra"),
    ]
    sauces = Choosing.begin(replace(COMBO, modifier_groups=(SAUCES,)))
    assert [tile.title for tile in answer_tiles(sauces, voice)] == ["Ají", "+ Huancaína"]


async def test_plus_and_minus_double_the_last_answer_by_keys_and_by_taps() -> None:
    desk = dishes_desk()
    async with driven(desk, script="1234\n7\ncom\n") as till:
        await till.press("tab")
        assert "Elige antes una opción" in await pressed(till, "+")
        assert "2× Queso extra" in await pressed(till, "1", "+")
        assert "Fritas" in await pressed(till, "1")
        await till.type("nat\n")
        assert till.screen_name == "order"
        line = next(iter(desk.orders.values())).lines[0]
        assert line.modifiers == (
            ("Con papas", 0),
            ("Nativas", 200),
            ("Queso extra", 300),
            ("Queso extra", 300),
        )
        shown = await till.grid()
        assert "+ 2× Queso extra" in shown
        assert "S/ 6.00" in shown
        assert "· Con papas" in shown
        assert "×2" in await pressed(till, "f4", "tab", "tab")
        assert "2× Queso extra" not in await pressed(till, "1")


async def pressed(till, *keys: str) -> str:
    await till.press(*keys)
    return await till.grid()


async def test_a_modifier_that_left_the_menu_stays_on_its_line_until_it_is_taken_off() -> None:
    desk = dishes_desk()
    async with driven(desk, script="1234\n7\ncom\n2<f4>\t1\n".replace("\t", "<tab>")) as till:
        line = next(iter(desk.orders.values())).lines[0]
        assert [name for name, _ in line.modifiers] == ["Con arroz", "Queso extra"]
        changed(desk, COMBO, modifier_groups=(SIDE,))
        desk.publish("menu")
        await till.press("f4")
        assert "Ya no está" in await till.grid()
        await till.press("f2")
