"""The registry: every action has a key of its own, a method, and words in both languages."""

from __future__ import annotations

import pytest

from shared.kernel.language import Language, Texts, catalogue
from terminal.actions import HELP, ScreenName, actions_of, key_label
from terminal.dialogs.amount import AmountDialog
from terminal.dialogs.form import FormDialog
from terminal.dialogs.pick import PickDialog
from terminal.dialogs.preview import PreviewDialog
from terminal.dialogs.qr import QrDialog
from terminal.screens.approval.screen import ApprovalDialog
from terminal.screens.before_opening.screen import BeforeOpeningDialog
from terminal.screens.devices.screen import DevicesScreen
from terminal.screens.exceptions.screen import ExceptionsScreen
from terminal.screens.expediter.screen import ExpediterScreen
from terminal.screens.floor.screen import FloorScreen
from terminal.screens.handover.screen import HandoverDialog
from terminal.screens.help.screen import HelpDialog
from terminal.screens.help.view import help_lines
from terminal.screens.house_menu.screen import HouseMenuScreen
from terminal.screens.kitchen.recall import RecallDialog
from terminal.screens.kitchen.review import ReviewDialog
from terminal.screens.kitchen.screen import KitchenScreen
from terminal.screens.kitchen_times.screen import TimesScreen
from terminal.screens.login.screen import LoginScreen
from terminal.screens.order.options import OptionsDialog
from terminal.screens.order.screen import OrderScreen
from terminal.screens.payment.screen import PaymentScreen
from terminal.screens.people.screen import PeopleScreen
from terminal.screens.pickup.screen import PickupScreen
from terminal.screens.printers.screen import PrintersDialog
from terminal.screens.receipts.screen import ReceiptsScreen
from terminal.screens.shift.screen import ShiftScreen
from terminal.screens.split.screen import SplitDialog
from terminal.screens.today.screen import TodayScreen

SCREENS = {
    ScreenName.LOGIN: LoginScreen,
    ScreenName.FLOOR: FloorScreen,
    ScreenName.ORDER: OrderScreen,
    ScreenName.OPTIONS: OptionsDialog,
    ScreenName.PAYMENT: PaymentScreen,
    ScreenName.PAID: PaymentScreen,
    ScreenName.KITCHEN: KitchenScreen,
    ScreenName.EXPEDITER: ExpediterScreen,
    ScreenName.RECALL: RecallDialog,
    ScreenName.REVIEW: ReviewDialog,
    ScreenName.PRINTERS: PrintersDialog,
    ScreenName.BEFORE_OPENING: BeforeOpeningDialog,
    ScreenName.TODAY: TodayScreen,
    ScreenName.PEOPLE: PeopleScreen,
    ScreenName.DEVICES: DevicesScreen,
    ScreenName.HOUSE_MENU: HouseMenuScreen,
    ScreenName.PICKUP: PickupScreen,
    ScreenName.KITCHEN_TIMES: TimesScreen,
    ScreenName.EXCEPTIONS: ExceptionsScreen,
    ScreenName.ENDING: ExceptionsScreen,
    ScreenName.NOTE: ExceptionsScreen,
    ScreenName.RECEIPTS: ReceiptsScreen,
    ScreenName.REFUND: ReceiptsScreen,
    ScreenName.HANDOVER: HandoverDialog,
    ScreenName.SHIFT: ShiftScreen,
    ScreenName.SHIFT_OPEN: ShiftScreen,
    ScreenName.SHIFT_COUNT: ShiftScreen,
    ScreenName.SHIFT_BEFORE: ShiftScreen,
    ScreenName.SHIFT_RESULT: ShiftScreen,
    ScreenName.SHIFT_PAPER: ShiftScreen,
    ScreenName.HELP: HelpDialog,
    ScreenName.PICK: PickDialog,
    ScreenName.AMOUNT: AmountDialog,
    ScreenName.FORM: FormDialog,
    ScreenName.QR: QrDialog,
    ScreenName.PREVIEW: PreviewDialog,
    ScreenName.APPROVAL: ApprovalDialog,
    ScreenName.SPLIT: SplitDialog,
}
LANGUAGES = list(Language)


@pytest.mark.parametrize("name", list(ScreenName))
def test_no_key_means_two_things_on_one_screen(name) -> None:
    keys = [key for action in actions_of(name) for key in action.keys]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("name", list(ScreenName))
def test_every_action_is_done_by_its_screen(name) -> None:
    missing = [action.id for action in actions_of(name) if not hasattr(SCREENS[name], f"do_{action.id}")]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_action_has_a_title(language) -> None:
    texts = Texts(language, ("terminal",))
    untitled = [a.id for name in ScreenName for a in actions_of(name) if not texts.has(f"action.{a.id}")]
    assert untitled == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_place_has_a_name(language) -> None:
    texts = Texts(language, ("terminal",))
    assert [name for name in ScreenName if not texts.has(f"screen.{name}")] == []


def test_both_languages_have_the_same_sentences() -> None:
    spanish, english = (catalogue("terminal", language) for language in (Language.SPANISH, Language.ENGLISH))
    assert spanish.keys() == english.keys()
    for key, sentence in spanish.items():
        assert _params(sentence) == _params(english[key]), key


def _params(sentence: str) -> set[str]:
    return {part.partition("}")[0] for part in sentence.split("{")[1:]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_names_every_key_of_a_place(language) -> None:
    lines = help_lines(ScreenName.ORDER, Texts(language, ("terminal",)))
    assert "2*lom" in [line.keys for line in lines]
    assert {"F5", "F12  Ctrl X", "+"} <= {line.keys for line in lines}
    assert all(line.does for line in lines)


def test_keys_are_named_as_on_the_keyboard() -> None:
    texts = Texts(Language.SPANISH, ("terminal",))
    named = [key_label(key, texts) for key in ("f5", "enter", "space", "ctrl+up", "shift+tab", "pagedown", "+", "/")]
    assert named == ["F5", "Enter", "Espacio", "Ctrl ↑", "Mayús Tab", "AvPág", "+", "/"]


KEPT = {
    "GNOME and other terminals made with VTE": {"f1", "f10", "f11", "shift+pageup", "shift+pagedown", "ctrl+pageup"},
    "Windows Terminal": {"f11", "ctrl+v", "alt+enter", "ctrl+tab", "ctrl+comma", "ctrl+plus", "ctrl+minus"},
    "drop-down terminals": {"f11", "f12"},
    "xterm": {"shift+pageup", "shift+pagedown", "shift+insert"},
    "the Linux console": {"ctrl+up", "ctrl+down", "shift+up", "shift+down", "shift+pageup", "shift+pagedown"},
    "PuTTY": {"ctrl+up", "ctrl+down", "shift+up", "shift+down", "shift+pageup", "shift+pagedown"},
    "macOS": {"f11", "f12", "ctrl+up", "ctrl+down", "ctrl+left", "ctrl+right"},
    "tmux and screen": {"ctrl+b", "ctrl+a"},
    "a line with flow control": {"ctrl+s", "ctrl+q"},
}
"""Keys of ours, or that could be, which do not arrive as themselves, by default."""


@pytest.mark.parametrize("name", list(ScreenName))
def test_every_action_has_a_key_that_all_terminals_deliver(name) -> None:
    kept = set().union(*KEPT.values())
    unreached = [each.id for each in actions_of(name) if not set(each.keys) - kept and not each.in_menu]
    assert unreached == []


@pytest.mark.parametrize("name", list(ScreenName))
def test_the_help_says_which_keys_a_window_may_keep(name) -> None:
    texts = Texts(Language.SPANISH, ("terminal",))
    said = [line.keys for line in help_lines(name, texts) if line.does == texts("help_kept")]
    ours = {key for action in actions_of(name) for key in action.keys if key in {"f1", "f10", "f11", "f12"}}
    assert {key_label(key, texts) for key in ours} == set("  ".join(said).split())


@pytest.mark.parametrize("name", list(ScreenName))
def test_a_bar_shows_keys_that_windows_deliver(name) -> None:
    texts = Texts(Language.SPANISH, ("terminal",))
    labels = {action.key_label(texts) for action in actions_of(name)}
    assert not labels & {"F1", "F10", "F11", "F12"}


def test_where_everything_is_text_the_help_shows_a_key_that_is_none() -> None:
    texts = Texts(Language.SPANISH, ("terminal",))
    assert (HELP.key_label(texts), HELP.key_label(texts, typing=True)) == ("?", "F1")
