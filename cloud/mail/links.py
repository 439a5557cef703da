"""Mailing links: a job, so that whoever asks for one waits no longer for an account that is there than for none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import cast
from uuid import UUID

from cloud.accounts.links import Links, ToSend
from cloud.database.control_records import LinkKind
from cloud.jobs.kinds import JobCall, JobKind
from cloud.mail.frame import MailFrame
from cloud.mail.port import Mail, Mailer

RESET_PATH = "/login/reset"
INVITATION_PATH = "/invitation"


async def mail_link(call: JobCall, provided: Mapping[str, object]) -> None:
    """Make the secret of a link and mail it. Run again it mails another one, and the one before does not count."""
    links, frame = cast("Links", provided["links"]), cast("MailFrame", provided["mail_frame"])
    link_id = UUID(call.args["link"])
    found = await links.to_send(link_id)
    if found is not None:
        await cast("Mailer", provided["mailer"]).send(_mail_of(frame, link_id, found))


MAIL_LINK = JobKind(
    "entrance.mail_link",
    mail_link,
    most_runs=6,
    first_pause=timedelta(seconds=20),
    within=timedelta(minutes=1),
    shelf_life=timedelta(hours=1),
)


def _mail_of(frame: MailFrame, link_id: UUID, found: ToSend) -> Mail:
    if found.kind is LinkKind.RESET:
        return frame.of("reset_mail", found.email, found.language, link_id, f"{RESET_PATH}?key={found.token}")
    return frame.of(
        "invitation_mail",
        found.email,
        found.language,
        link_id,
        f"{INVITATION_PATH}?key={found.token}",
        organization=found.organization,
        who=found.invited_by or found.organization,
    )
