"""`comanda-cloud create-organization`: an organization from a plan, or without a plan one with a single branch."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from datetime import timedelta

from cloud.composition import assemble
from cloud.control.slugs import slug_of
from cloud.database.opening import Say, generation_of, open_database
from cloud.enrolment.commands import PAIRING_LIFETIME
from cloud.enrolment.room import enrolment
from cloud.founding.found import Founding
from cloud.founding.outcome import Founded
from cloud.founding.plan import Plan
from cloud.founding.reading import plan_of, read_plan
from cloud.founding.walk import PlanPlace
from cloud.kernel.operator_error import OperatorError
from cloud.parts import Parts
from cloud.realtime.carriers import carriers_of
from cloud.realtime.link import telling
from cloud.settings import Settings
from shared.kernel.errors import DomainError
from shared.kernel.language import Language, Texts, language_of
from shared.kernel.text import clean

FIRST_BRANCH = "main"
"""The key of a plain organization's branch; a plan with a branch of this key continues it."""
_OPTIONS: dict[PlanPlace, str] = {
    ("organization", "name"): "NAME",
    ("branches", 0, "name"): "NAME",
    ("organization", "country"): "--country",
    ("organization", "currency"): "--currency",
    ("branches", 0, "zone"): "--zone",
}


def create_organization(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    """Run the command. The plan is checked before a server is started."""
    plan = _plan(asked, settings.language)
    slug = asked.slug or slug_of(plan.organization.name)

    async def work(parts: Parts) -> Founded:
        try:
            founding = Founding(parts.database, parts.units, parts.passwords, enrolment(parts), parts.ids, parts.clock)
            async with telling(carriers_of(parts.settings, parts.redis), parts.hub):
                return await founding.found(slug, plan)
        finally:
            await parts.close()

    with open_database(settings, say) as ready:
        founded = asyncio.run(work(assemble(ready, generation=generation_of(ready))))
    if founded.existed and not founded.added and asked.plan is None:
        # Only the name was given, so nothing shows that this is the same restaurant.
        raise DomainError("SLUG_TAKEN", slug=slug)
    if asked.json:
        print(json.dumps(founded.as_json(), ensure_ascii=False, indent=2))
    else:
        texts = Texts(language_of(os.environ), ("cloud",))
        print("\n".join(_summary(founded, texts)))
        if asked.plan is None:
            organization, branch = plan.organization, plan.branches[0]
            place = {"country": organization.country, "currency": organization.currency, "zone": branch.zone}
            print(texts("cli.founded_in", **place))
    return 0


def _plan(asked: argparse.Namespace, language: Language) -> Plan:
    if asked.plan is None:
        return _plain(asked, language)
    if asked.country or asked.currency or asked.zone:
        raise OperatorError("cli.plan_says_it")
    plan = read_plan(asked.plan)
    if asked.name is None:
        return plan
    if not clean(asked.name):
        raise OperatorError("NAME_MISSING")
    return plan.model_copy(update={"organization": plan.organization.model_copy(update={"name": clean(asked.name)})})


def _plain(asked: argparse.Namespace, language: Language) -> Plan:
    if asked.name is None:
        raise OperatorError("cli.name_or_plan")
    if not clean(asked.name):
        raise OperatorError("NAME_MISSING")
    organization = {
        "name": asked.name,
        "country": asked.country or "PE",
        "currency": asked.currency or "PEN",
        "language": language.value,
    }
    branch = {"key": FIRST_BRANCH, "name": asked.name, "zone": asked.zone or "America/Lima"}
    return plan_of({"organization": organization, "branches": [branch]}, None, _OPTIONS)


def _summary(founded: Founded, texts: Texts) -> list[str]:
    lines = [texts("cli.organization_created", name=founded.name, slug=founded.slug, id=founded.organization_id)]
    if founded.existed:
        lines.append(texts("cli.organization_existed", added=founded.added))
    lines += [texts("cli.branch_founded", name=branch.name, id=branch.id) for branch in founded.branches.values()]
    if founded.items or founded.staff:
        lines.append(
            texts(
                "cli.restaurant_founded",
                items=len(founded.items),
                staff=len(founded.staff),
                methods=", ".join(founded.payment_methods),
            )
        )
    lines += [texts("cli.account_founded", email=email) for email in founded.accounts]
    for device in founded.devices.values():
        place = {"branch": device.branch_name, "name": device.name, "kind": device.kind.value}
        if device.pairing_code is None or device.expires_at is None:
            lines.append(texts("cli.device_enrolled", **place))
        else:
            minutes = PAIRING_LIFETIME // timedelta(minutes=1)
            lines.append(texts("cli.device_waits", **place, code=device.pairing_code, minutes=minutes))
    return lines
