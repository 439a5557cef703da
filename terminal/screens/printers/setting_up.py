"""Setting printers up from their dialog: a list, the settings of one, a test page, what it prints."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from shared.printers.settings import PrinterSettings, settings_of
from terminal.desks.printers import PrintRuleWanted
from terminal.dialogs.questions import Field, FieldKind, Form, Pick, Picked
from terminal.screens.base import Keyed
from terminal.screens.printers.settings_view import (
    ADD,
    PRINTS,
    SWITCH,
    TRY,
    House,
    Target,
    changed,
    choices_of,
    field_of,
    named,
    printer_rows,
    setting_rows,
    target_rows,
)
from terminal.snapshots.sources import PRINTERS
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

_MOST_NAME = 24


class SettingUp(Keyed):
    """See the module. It is no screen: of several bases Textual takes style sheets from the first that is one."""

    desk: Desk

    def follow(self, job_id: UUID, name: str, printer: str) -> None:
        """Let the sentence that was just said be followed by what becomes of its paper."""
        raise NotImplementedError

    async def do_set_up(self) -> None:
        """Ask which printer to set up, or a new one."""
        table, texts = self.desk.seen[PRINTERS], self.desk.texts
        own = {name: each for name, each in self.desk.setup.printers.items() if name not in table.printers}
        rows = printer_rows(table.printers, own, table.rules, texts)
        await self.host.ask(
            Pick(texts("printers.set_up_title"), rows, texts("printers.set_up_asked")), self._printer_chosen
        )

    async def _printer_chosen(self, picked: Picked) -> None:
        if picked.id == ADD:
            await self._ask_new()
        elif isinstance(picked.id, str):
            await self._ask_setting(picked.id)

    # A new one

    async def _ask_new(self) -> None:
        texts = self.desk.texts
        usual = PrinterSettings("", "")
        fields = (
            Field("name", texts("printers.name"), hint=texts("printers.name_hint"), needed=True, most=_MOST_NAME),
            Field("address", texts("printers.setting.address"), hint="tcp://192.168.1.50:9100", needed=True, most=200),
            Field("columns", texts("printers.setting.columns"), FieldKind.NUMBER, hint=str(usual.columns), most=2),
            Field("page", texts("printers.setting.page"), hint=usual.page, most=16),
            Field("page_number", texts("printers.setting.page_number"), FieldKind.NUMBER, hint="2", most=3),
        )
        await self.host.ask(Form(texts("printers.add"), fields, texts("printers.add_asked")), self._add)

    async def _add(self, answer: Mapping[str, str]) -> None:
        said: dict[str, object] = {key: text for key, text in answer.items() if text and key != "name"}
        said |= {key: int(answer[key]) for key in ("columns", "page_number") if answer[key]}
        if "page" in said:
            said["page"] = answer["page"].upper()
        settings = settings_of(named(answer), {"device_id": self._here, **said})
        await self.desk.printers.put(settings)
        await self._ask_setting(settings.name)

    # One that is there

    async def _ask_setting(self, name: str) -> None:
        texts, settings = self.desk.texts, self._settings(name)
        rules, diverted = self.desk.printers.rules_of(name), self.desk.printers.diverted(name)
        rows = setting_rows(settings, rules, await self._house(), texts, diverted)
        title = texts("printers.one_title", name=name)
        await self.host.ask(Pick(title, rows, texts("printers.one_asked")), partial(self._chosen, name))

    async def _chosen(self, name: str, picked: Picked) -> None:
        settings = self._settings(name)
        if picked.id == TRY:
            job_id = await self.desk.printers.try_page(name)
            self.say(self.desk.texts("printers.trying_page", name=name), Tone.READY)
            self.follow(job_id, self.desk.texts("printers.test"), name)
        elif picked.id == PRINTS:
            await self._ask_prints(name)
        elif picked.id == SWITCH:
            await self.desk.printers.switch(name, on=not settings.is_active)
            await self._ask_setting(name)
        else:
            await self._ask_value(settings, str(picked.id))

    async def _ask_value(self, settings: PrinterSettings, setting: str) -> None:
        texts, house = self.desk.texts, await self._house()
        title = f"{settings.name} · {texts(f'printers.setting.{setting}')}"
        rows = choices_of(settings, setting, house, texts)
        if rows is None:
            form = Form(title, (field_of(settings, setting, texts),), texts(f"printers.about.{setting}"))
            await self.host.ask(form, partial(self._typed_value, settings.name, setting))
        else:
            await self.host.ask(Pick(title, rows), partial(self._chosen_value, settings.name, setting))

    async def _typed_value(self, name: str, setting: str, answer: Mapping[str, str]) -> None:
        await self._change(name, setting, answer[setting])

    async def _chosen_value(self, name: str, setting: str, picked: Picked) -> None:
        await self._change(name, setting, picked.id)

    async def _change(self, name: str, setting: str, answer: object) -> None:
        await self.desk.printers.put(changed(self._settings(name), setting, answer, self._here))
        await self._ask_setting(name)

    # What it prints

    async def _ask_prints(self, name: str) -> None:
        texts = self.desk.texts
        rules, diverted = self.desk.printers.rules_of(name), self.desk.printers.diverted(name)
        rows = target_rows(rules, await self._house(), texts, diverted)
        title = texts("printers.prints_title", name=name)
        await self.host.ask(Pick(title, rows, texts("printers.prints_asked")), partial(self._toggle, name))

    async def _toggle(self, name: str, picked: Picked) -> None:
        assert isinstance(picked.id, Target), "rows are targets"
        rules = self.desk.printers.rules_of(name)
        wanted = {PrintRuleWanted(rule.document, rule.station_id, rule.device_id == self._here) for rule in rules}
        same = {each for each in wanted if each[:2] == tuple(picked.id)}
        wanted = wanted - same if same else wanted | {PrintRuleWanted(*picked.id)}
        await self.desk.printers.put(self._settings(name), tuple(wanted))
        await self._ask_prints(name)

    # What is known

    def _settings(self, name: str) -> PrinterSettings:
        return self.desk.seen[PRINTERS].printers[name]

    async def _house(self) -> House:
        devices = {each.id: each.name for each in await self.desk.printers.devices()}
        stations = {each.id: each.name for each in self.desk.stations}
        return House(devices, stations, tuple(self.desk.seen[PRINTERS].printers))

    @property
    def _here(self) -> UUID:
        return self.desk.store.identity.device_id
