"""The printers dialog: a number or a tap picks a print job; keys end it, print it again, or print it elsewhere.

After an answer no job is picked, also if another person gave it: a further press answers for no job by accident.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical

from shared.kernel.errors import DomainError
from terminal.actions import Action, ScreenName
from terminal.dialogs.questions import Choice, Pick, Picked, Preview
from terminal.input.strokes import Stroke
from terminal.printing.documents import PaperKind
from terminal.printing.faults import PrinterFault
from terminal.printing.records import State
from terminal.printing.views import JobView
from terminal.screens.base import KeptDialog
from terminal.screens.printers.setting_up import SettingUp
from terminal.screens.printers.sheet import PrinterSheet
from terminal.screens.printers.view import job_name, job_tiles, printer_lines, question
from terminal.screens.till import put_cursor
from terminal.screens.title_line import TitleLine
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.item_grid import ItemGrid
from terminal.widgets.key_bar import BarKey, KeyBar

if TYPE_CHECKING:
    from terminal.desks.desk import Desk
    from terminal.screens.requests import Request

TALL = 30
OF_KITCHENS = frozenset({PaperKind.KITCHEN, PaperKind.PACKING, PaperKind.SLIP})
"""Papers that say what is made, and nothing of money."""
_STEPS = {"up": -1, "down": 1}


class PrintersDialog(SettingUp, KeptDialog):
    """Printers, and the print jobs that need an answer."""

    SCREEN_NAME = ScreenName.PRINTERS
    CSS_PATH = Path(__file__).with_name("screen.tcss")
    desk: Desk

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._picked: UUID | None = None
        self._receipt: JobView | None = None
        self._is_copied = False
        self._followed: tuple[UUID, str, str] | None = None
        self._endings: Mapping[str, State] = {}
        self.head = TitleLine(desk.texts("printers.title"), on_page=True)
        self.sheet = PrinterSheet()
        self.asked = TitleLine(id="asked", on_page=True)
        self.jobs = ItemGrid(columns=1, tile_height=2, id="jobs")
        self.words = TitleLine(id="words", on_page=True)
        self.bar = KeyBar()

    def compose(self) -> ComposeResult:
        """Printers, jobs, the question about the picked job or a message, keys."""
        with Vertical(classes="dialog"):
            yield self.head
            yield self.sheet
            yield self.asked
            yield self.jobs
            yield self.words
            yield self.bar

    def on_resize(self, event: events.Resize) -> None:
        """Lower tiles on a low screen."""
        self.jobs.set_shape(tile_height=2 if event.size.height >= TALL else 1)

    # What is shown

    async def load(self, request: Request | None = None) -> None:
        """Pick the oldest job that needs an answer, and read the last receipt."""
        self._receipt, self._is_copied = await self.desk.printing.last_receipt(), False
        self._endings = await self.desk.printing.last_endings()
        asked = {job.id for job in self.desk.state.prints.questions}
        self._picked = next((job.id for job in self._jobs() if job.id in asked), None)
        self.words.show("")
        self.refresh_view()

    def desk_changed(self, topics: frozenset[str]) -> None:
        """A paper may have ended: it says whether its printer answers."""
        self.refresh_view()
        self.tap("changed", self._read_endings)

    async def _read_endings(self) -> bool:
        self._endings = await self.desk.printing.last_endings()
        self._show_printers(Voice.of(self.desk))
        await self._say_what_became()
        return True

    def follow(self, job_id: UUID, name: str, printer: str) -> None:
        """Let the sentence that was just said be followed by what becomes of its paper."""
        self._followed = (job_id, name, printer)

    async def _say_what_became(self) -> None:
        if self._followed is None:
            return
        job_id, name, printer = self._followed
        found = await self.desk.printing.what_became_of(job_id)
        if self._followed is None or self._followed[0] != job_id or found is None:
            return
        (state, fault), voice = found, Voice.of(self.desk)
        if state in (State.SENT, State.CONFIRMED):
            self._followed = None
            self.words.show(voice.texts(f"printers.became_{state}", paper=name), Tone.READY)
        elif fault is not None and state in (State.FAILED, State.UNKNOWN):
            self.words.show(f"{name}: {fault.sentence(voice.texts.language, voice.printer(printer))}", Tone.WARN)

    def _show_printers(self, voice: Voice) -> None:
        self.sheet.show(printer_lines(self.desk.state.prints, voice, self._endings))

    def refresh_view(self) -> None:
        """Show printers, jobs and keys as they are now."""
        voice, job = Voice.of(self.desk), self._job
        self._picked = job.id if job else None
        self._show_printers(voice)
        self.asked.show(self._heading(voice))
        self.jobs.set_tiles(job_tiles(self._jobs(), self._picked, voice), keep_place=True)
        self._place_cursor()
        if job is not None:
            self.words.show(question(job, voice))
        self.bar.set_keys(self.bar_keys())

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show a message above the keys in place of the question, and pick no job."""
        self._picked = self._followed = None
        self.refresh_view()
        self.words.show(text, tone)

    def remark(self, code: str) -> None:
        """Show a sentence in place of the question; the picked job stays."""
        self.words.show(self.desk.texts(code), Tone.WARN)

    def bar_keys(self) -> tuple[BarKey, ...]:
        """The registry's keys. The answers for a job that was never sent have other titles."""
        if self._job is None or self._job.may_be_on_paper:
            return super().bar_keys()
        texts = self.desk.texts
        again = "printers.try_it" if self._job.on_its_way else "printers.print"
        named = {"came_out": texts("printers.not_needed"), "print_again": texts(again)}
        return tuple(
            replace(key, title=named[str(key.action)], short="") if key.action in named else key
            for key in super().bar_keys()
        )

    def why_not(self, action: Action) -> str | None:
        """An action needs its job, printer, failed job or receipt."""
        job, texts = self._job, self.desk.texts
        match action.id:
            case "came_out" | "print_again" | "print_elsewhere" if job is None:
                return texts("printers.pick")
            case "came_out" | "print_again" | "print_elsewhere" if job is not None and job.is_in_hand:
                return texts("printers.in_hand", printer=Voice.of(self.desk).printer(job.printer))
            case "print_elsewhere" if job is not None and not self._others(job):
                return texts("printers.no_other")
            case "print_again" if job is not None and job.error is PrinterFault.NO_PRINTER:
                return texts("printers.no_printer")
            case "try_now" if not any(printer.failed for printer in self.desk.state.prints.health.printers):
                return texts("printers.nothing_failed")
            case "reprint" if self._receipt is None:
                return texts("printers.no_receipt")
        return None

    def _heading(self, voice: Voice) -> str:
        prints = self.desk.state.prints
        if not prints.printers and not prints.health.printers:
            return voice.texts("printers.none")
        if not prints.questions:
            waiting = sum(printer.open for printer in prints.health.printers)
            nothing = voice.texts("printers.nothing_asked")
            return f"{nothing} {voice.texts('printers.all_waiting', count=waiting)}" if waiting else nothing
        return voice.texts("printers.asked", count=prints.health.asked)

    def _place_cursor(self) -> None:
        at = next((at for at, tile in enumerate(self.jobs.tiles) if tile.id == self._picked), None)
        if at is None:
            self.jobs.hide_cursor()
        else:
            put_cursor(self.jobs, at)

    @property
    def _job(self) -> JobView | None:
        """The picked job, while it is open."""
        return next((job for job in self._jobs() if job.id == self._picked), None)

    def _jobs(self) -> tuple[JobView, ...]:
        """What this person may see and answer: who stands at a wall without a PIN, the papers of kitchens alone."""
        jobs, actor = self.desk.state.prints.jobs, self.desk.actor
        if actor is None or actor.station_id is None:
            return jobs
        return tuple(job for job in jobs if job.kind in OF_KITCHENS)

    def _others(self, job: JobView) -> tuple[str, ...]:
        """The printers on which a job can be printed instead, its substitute first."""
        prints = self.desk.state.prints
        first = prints.substitutes.get(job.printer, "")
        names = [name for name in prints.printers if name != job.printer]
        return tuple(sorted(names, key=lambda name: (name != first, name)))

    # Picking

    async def typed(self, stroke: Stroke) -> None:
        """A number picks its job, arrows the next one."""
        jobs = self._jobs()
        if stroke.is_digit and 1 <= int(stroke.name) <= len(jobs):
            self._pick(jobs[int(stroke.name) - 1].id)
        elif stroke.name in _STEPS and jobs:
            self.jobs.move(0, _STEPS[stroke.name])
            tile = self.jobs.cursor_tile
            self._pick(tile.id if tile else None)

    def on_item_grid_chosen(self, event: ItemGrid.Chosen) -> None:
        """Pick the tapped job."""
        event.stop()

        async def tapped() -> bool:
            self._pick(event.tile.id)
            return False

        self.tap(f"job {event.tile.id}", tapped)

    def _pick(self, job_id: object) -> None:
        self._followed = None
        self._picked = job_id if isinstance(job_id, UUID) else None
        self.refresh_view()

    # Answering

    async def do_came_out(self) -> None:
        """Close the job: its paper came out, or is not needed any more."""
        job = self._take_job()
        if job.may_be_on_paper:
            await self.desk.printing.it_came_out(job)
        else:
            await self.desk.printing.cancel(job)
        self._tell("printers.closed" if job.may_be_on_paper else "printers.dropped", job)

    async def do_print_again(self) -> None:
        """Print the job again. The paper says COPY if any of it may be printed already. What waits is tried now."""
        job = self._take_job()
        if job.on_its_way:
            await self.desk.printing.try_now((job.printer,))
            self._tell("printers.trying_it", job)
            self.follow(job.id, job_name(job, Voice.of(self.desk)), job.printer)
            return
        await self.desk.printing.print_again(job)
        self._tell("printers.copied" if job.may_be_on_paper else "printers.printed", job)
        self.follow(job.id, job_name(job, Voice.of(self.desk)), job.printer)

    async def do_print_elsewhere(self) -> None:
        """Ask for another printer, and print the job there. Its paper says where it is from."""
        job, voice = self._take_job(), Voice.of(self.desk)
        choices = tuple(Choice(name, voice.printer(name)) for name in self._others(job))

        async def chosen(picked: Picked) -> None:
            await self.desk.printing.print_again(job, str(picked.id))
            key = "printers.copied_there" if job.may_be_on_paper else "printers.printed_there"
            self.say(voice.texts(key, paper=job_name(job, voice), printer=picked.text), Tone.READY)
            self.follow(job.id, job_name(job, voice), str(picked.id))

        await self.host.ask(Pick(voice.texts("printers.where"), choices, job_name(job, voice), at=0), chosen)

    async def do_try_now(self) -> None:
        """Retry the failed jobs."""
        voice = Voice.of(self.desk)
        failed = [printer.printer for printer in self.desk.state.prints.health.printers if printer.failed]
        count = await self.desk.printing.try_now()
        names = ", ".join(map(voice.printer, failed))
        self.say(voice.texts("printers.trying", printers=names) if count else voice.texts("printers.nothing_failed"))

    async def do_reprint(self) -> None:
        """Print a numbered copy of the last receipt, once for each time that the dialog is opened."""
        receipt = self._receipt
        if receipt is None or receipt.reference is None:
            return
        if receipt.on_its_way:
            raise DomainError("printers.receipt_waits", paper=job_name(receipt, Voice.of(self.desk)))
        if self._is_copied:
            raise DomainError("PRINT_ANSWERED")
        self._is_copied = True
        await self.desk.past.print_copy(receipt.reference)
        self._tell("printers.copied", receipt)

    async def do_preview_paper(self) -> None:
        """Show the paper of the picked job as its printer prints it. The job stays picked."""
        job = self._job
        if job is None or job.document is None:
            raise DomainError("printers.pick")
        paper = await self.desk.bills.show(job.document, job.printer)
        title = f"{job_name(job, Voice.of(self.desk))} · {job.printer}"

        async def seen(_seen: bool) -> None:
            """Nothing follows."""

        await self.host.ask(Preview(title, paper, self.desk.texts("printers.previewed")), seen)

    async def do_page_on(self) -> None:
        """The next page of jobs."""
        self.jobs.turn(1)

    async def do_page_back(self) -> None:
        """The page before."""
        self.jobs.turn(-1)

    async def do_back(self) -> None:
        """Close the dialog without an answer."""
        await self.host.close_dialog()

    def _take_job(self) -> JobView:
        job, self._picked = self._job, None
        self.refresh_view()
        if job is None:
            raise DomainError("printers.pick")
        return job

    def _tell(self, code: str, job: JobView) -> None:
        voice = Voice.of(self.desk)
        self.say(voice.texts(code, paper=job_name(job, voice)), Tone.READY)
