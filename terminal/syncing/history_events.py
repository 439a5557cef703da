"""Tells people what happened to this device's history: each stored event becomes an exception of its branch, once."""

from __future__ import annotations

from functools import partial

from shared.exceptions.commands import note_event
from shared.exceptions.rules import EventKind
from shared.kernel.permissions import SYSTEM
from shared.kernel.work import Work
from terminal.store.incarnations import HistoryEvent, told, untold_events
from terminal.store.store import Store


async def tell_history(store: Store) -> None:
    """Write an exception for each event that nobody was told of. Waits for the first contact with the cloud."""
    if not store.history.has_news or store.premises is None:
        return
    store.history.has_news = False
    for event in await store.look(untold_events):
        await store.run(SYSTEM, partial(_tell, event=event))


async def _tell(work: Work, event: HistoryEvent) -> None:
    await note_event(
        work,
        EventKind(event.kind),
        event.cause,
        device_id=work.place.device_id,
        reason=str(event.params.get("why", "")),
        details=[dict(event.params)],
    )
    await work.session.execute(told(event))
