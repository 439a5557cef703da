"""The frame of all mails: greeting, what it is about, the link, and what to do if one did not ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from cloud.mail.port import Mail
from shared.kernel.language import Language, Texts


class MailFrame:
    """Says mails in the language of who gets them.

    Args:
        texts: by language.
        address: of this server, as people reach it.
    """

    def __init__(self, texts: Mapping[Language, Texts], address: str, usual: Language) -> None:
        self._texts = texts
        self._address = address
        self._usual = usual

    def of(self, code: str, to: str, language: str, fact_id: UUID, path: str, **params: object) -> Mail:
        """A mail.

        Args:
            code: of the sentences: `CODE.subject`, `CODE.what`, `CODE.why`.
            language: of the account; empty: the server's.
            path: of the page to which the link leads.
        """
        chosen = Language(language) if language in set(Language) else self._usual
        t = self._texts[chosen]
        lines = (
            t(f"{code}.what", **params),
            f"{self._address}{path}",
            t(f"{code}.why", **params),
            t("mail.closing", address=self._address),
        )
        return Mail(to, t(f"{code}.subject", **params), lines, chosen.value, str(fact_id))
