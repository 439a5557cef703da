"""What reports bring."""

from __future__ import annotations

from cloud.edge.room import Link, Room
from cloud.pages.rendering import HOME_PATH
from cloud.reports.kitchen import kitchen
from cloud.reports.pages import sales_page
from cloud.reports.routes import sales
from shared.kernel.permissions import Permission

ROOM = Room(
    "cloud.reports",
    routes=(sales, kitchen),
    pages=(sales_page,),
    has_templates=True,
    has_texts=True,
    links=(Link(HOME_PATH, "reports.title", needs=(Permission.SEE_REPORTS,)),),
)
