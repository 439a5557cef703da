"""What the entrance brings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from cloud.accounts.commands import LogIn
from cloud.accounts.refusals import Refusals
from cloud.edge.room import Room
from cloud.entrance.choosing import choose_organization, organization_address, organizations_page
from cloud.entrance.home import home
from cloud.entrance.link_pages import accept, ask_link, forgot_page, invitation_page, reset, reset_page
from cloud.entrance.log_in_page import code_page, enter, entered, give_code, leave, log_in_page
from cloud.entrance.routes import end_session, open_session, refresh_session, this_session
from cloud.entrance.visiting import begin_visit, leave_organization
from cloud.jobs.kinds import JobCall, JobKind
from cloud.mail.frame import MailFrame
from cloud.mail.links import MAIL_LINK
from cloud.mail.port import mailer_of
from cloud.parts import Parts
from shared.kernel.language import Language, Texts


def _provide(parts: Parts) -> Mapping[str, object]:
    settings = parts.settings
    texts = {language: Texts(language, ("cloud.entrance",)) for language in Language}
    address = settings.public_url or f"http://{settings.host}:{settings.port}"
    return {
        "log_in": LogIn(parts.database, parts.passwords, parts.throttle, parts.refusals),
        "links": parts.links,
        "refusals": parts.refusals,
        "mailer": mailer_of(settings, parts.clock),
        "mail_frame": MailFrame(texts, address, settings.language),
    }


async def _note_refusals(_call: JobCall, provided: Mapping[str, object]) -> None:
    await cast("Refusals", provided["refusals"]).note()


ROOM = Room(
    "cloud.entrance",
    routes=(open_session, this_session, refresh_session, end_session, begin_visit),
    pages=(
        home,
        log_in_page,
        enter,
        entered,
        code_page,
        give_code,
        leave,
        forgot_page,
        ask_link,
        reset_page,
        reset,
        invitation_page,
        accept,
        organizations_page,
        organization_address,
        choose_organization,
        leave_organization,
    ),
    jobs=(MAIL_LINK, JobKind("entrance.note_refusals", _note_refusals, every="*/5 * * * *")),
    has_templates=True,
    has_texts=True,
    provide=_provide,
)
