"""The listener of the feed that turns facts into jobs, in the transaction of the fact: outbox and reactions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from cloud.jobs.facts import EffectKind, Made, Reaction
from cloud.jobs.outbox import put_in
from cloud.jobs.queue import Asked, enqueue_at_door
from shared.kernel.ids import derived_id
from sync.door import Door
from sync.feed import RowChange, each_once


class FactsToJobs:
    """What the rooms turn facts into, by table."""

    def __init__(self, effects: Sequence[EffectKind], reactions: Sequence[Reaction]) -> None:
        self.effects: defaultdict[str, list[EffectKind]] = defaultdict(list)
        self.reactions: defaultdict[str, list[Reaction]] = defaultdict(list)
        for effect in effects:
            self.effects[effect.table].append(effect)
        for reaction in reactions:
            self.reactions[reaction.table].append(reaction)

    def listener(self, organization_id: UUID) -> _Listener:
        """The listener of an organization's feed."""
        return _Listener(organization_id, self)


class _Listener:
    """Implements `sync.feed.Listener`. What nobody asked for costs a look at the names of tables."""

    def __init__(self, organization_id: UUID, facts: FactsToJobs) -> None:
        self._organization_id = organization_id
        self._facts = facts

    def prepare(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        """Nothing: whatever follows from rows follows from them alone."""

    def write(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        """Put effects into the outbox and ask for reactions, in the order of their ids."""
        self._write_effects(door, feed)
        asked = {
            (reaction.name, row): reaction
            for table in sorted(feed.keys() & self._facts.reactions.keys())
            for row, before, after in each_once(feed[table])
            for reaction in self._facts.reactions[table]
            if reaction.follows(before, after)
        }
        for (name, row), reaction in sorted(asked.items(), key=lambda each: each[0]):
            waiting = f"{name}:{row.hex()}"
            enqueue_at_door(door, Asked(reaction.job, self._organization_id, {"row": row.hex()}, once_waiting=waiting))

    def _write_effects(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        found: dict[UUID, tuple[EffectKind, Made]] = {}
        for table in sorted(feed.keys() & self._facts.effects.keys()):
            for row, before, after in each_once(feed[table]):
                for kind in self._facts.effects[table]:
                    made = kind.of(row, before, after)
                    if made is not None:
                        found[derived_id("effect", kind.name, row, made.part)] = kind, made
        for effect_id, (kind, made) in sorted(found.items()):
            put_in(door, self._organization_id, effect_id, kind, made)
