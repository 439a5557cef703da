"""What somebody prefers at the screens: the language."""

from __future__ import annotations

from uuid import UUID

from shared.kernel.ids import derived_id
from shared.kernel.language import Language
from shared.kernel.work import Work
from shared.staff.records import PersonSettings


async def prefer_language(work: Work, language: Language) -> PersonSettings:
    """Show the screens of this branch to the actor in a language, from their next log-in on everywhere."""
    person_id = work.actor.staff_id
    assert person_id is not None, "the system reads no screens"
    key = settings_id(work.branch_id, person_id)
    held = await work.session.get(PersonSettings, (work.organization_id, key))
    if held is not None:
        held.language = language.value
        return held
    return work.add(
        PersonSettings(
            organization_id=work.organization_id,
            branch_id=work.branch_id,
            id=key,
            person_id=person_id,
            language=language.value,
        )
    )


def settings_id(branch_id: UUID, person_id: UUID) -> UUID:
    """Id of what somebody prefers in a branch. Two devices that write it first write one row."""
    return derived_id("person settings", branch_id, person_id)
