"""Setting somebody's PIN in a branch, and taking it over for them everywhere, which is the cloud's part.

A PIN that was set in a branch and the person's own in `staff` each have a stamp; the newest holds. What the cloud takes
over keeps the stamp of the branch (`StaffMember.pin_said`), so that a till whose clock is behind the cloud's is not
overruled by a copy of what it said before.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.permissions import Permission
from shared.kernel.stamps import said_of, said_text
from shared.kernel.work import Work
from shared.staff.pin_records import PinChange
from shared.staff.pin_stamps import SetPin, pin_said
from shared.staff.pins import HashedPin, hashed_pin, pin_is_well_formed, pin_matches
from shared.staff.queries import StaffView, actor_now
from shared.staff.records import StaffMember
from shared.staff.rules import WORK_EVERYWHERE


def new_pin(pin: str, pepper: bytes, salt: bytes, person_id: UUID, staff: Iterable[StaffView]) -> HashedPin:
    """Hash a new PIN for somebody. Takes tens of milliseconds: call it outside the event loop and the transaction.

    Args:
        staff: those who log in at the branch; each has a PIN of their own.

    Raises:
        DomainError: PIN_NOT_WELL_FORMED, PIN_TAKEN.
    """
    if not pin_is_well_formed(pin):
        raise DomainError("PIN_NOT_WELL_FORMED")
    hashed = hashed_pin(pin, pepper, salt)
    alike = (each for each in staff if each.pin_hint == hashed.hint and each.id != person_id)
    if any(pin_matches(each.pin_hash, pin, pepper) for each in alike):
        raise DomainError("PIN_TAKEN")
    return hashed


async def set_pin(work: Work, person_id: UUID, pin: HashedPin) -> PinChange:
    """Set the PIN of somebody who works in this branch. It holds here at once, also offline.

    Raises:
        DomainError: NOT_PERMITTED, NO_LONGER_WORKS_HERE (params: name), PIN_OF_AN_ADMINISTRATOR (params: name).
    """
    work.require(Permission.SET_PIN)
    person = await work.get(StaffMember, person_id)
    if person.role in WORK_EVERYWHERE:
        raise DomainError("PIN_OF_AN_ADMINISTRATOR", name=person.name)
    if await actor_now(work.session, work.organization_id, work.branch_id, person_id) is None:
        raise DomainError("NO_LONGER_WORKS_HERE", name=person.name)
    key, text = pin_change_id(work.branch_id, person_id), f"{pin.hint} {pin.encoded}"
    knew = said_text(pin_said(person.pin_said, person.stamps))
    held = await work.session.get(PinChange, (work.organization_id, key))
    if held is not None:
        held.pin, held.knew = text, knew
        return held
    place = {"organization_id": work.organization_id, "branch_id": work.branch_id, "id": key}
    return work.add(PinChange(**place, person_id=person_id, pin=text, knew=knew))


async def take_over_pin(work: Work, person_id: UUID, set_here: SetPin) -> bool:
    """Give somebody the PIN that was set in a branch, everywhere, unless theirs is newer. Twice changes nothing.

    Run by the cloud. Returns whether it was newer.
    """
    person = await work.session.get(
        StaffMember, (work.organization_id, person_id), with_for_update=True, populate_existing=True
    )
    if person is None or person.role in WORK_EVERYWHERE or person.pin_hash == set_here.pin.encoded:
        return False
    if not set_here.holds_over(pin_said(person.pin_said, person.stamps)):
        return False
    person.pin_hash, person.pin_hint = set_here.pin.encoded, set_here.pin.hint
    person.pin_said = said_text(max(set_here.said, said_of(set_here.knew)))
    return True


def pin_change_id(branch_id: UUID, person_id: UUID) -> UUID:
    """Id of the PIN of somebody in a branch. Two tills that set it first write one row."""
    return derived_id("pin", branch_id, person_id)
