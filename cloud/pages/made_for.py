"""Every form names the organization for which its page was made, and the renewal of a page does, too.

A session has one chosen organization, a browser has many windows. Who chooses another one in a second window must not
save the form of the first one there. No template has to think of it: the name is put into the address of each form as
templates are read, and `accounts.guards` holds it against the session.
"""

from __future__ import annotations

import re
from uuid import UUID

from jinja2 import Environment, pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context

from cloud.accounts.guards import MADE_FOR

_FORM = re.compile(r'(<form\b[^>]*?\bmethod="post"[^>]*?\baction=")([^"]*)(")')
CONTEXT_NAME = "made_for"


class NamedOrganization(Extension):
    """Puts the organization into the address of each form that changes something."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.filters["for_organization"] = for_organization

    def preprocess(self, source: str, _name: str | None, _filename: str | None = None) -> str:
        """The template with a filter around each such address."""
        return _FORM.sub(r"\1{% filter for_organization %}\2{% endfilter %}\3", source)


@pass_context
def for_organization(context: Context, address: str) -> str:
    """The address of a form, with the organization of the page that shows it."""
    organization_id: UUID | None = context.get(CONTEXT_NAME)
    if organization_id is None:
        return address
    return f"{address}{'&' if '?' in address else '?'}{MADE_FOR}={organization_id.hex}"
