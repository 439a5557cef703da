"""`comanda-cloud`: the server's command line. Each command imports its modules when it is called.

Every mistake ends with one sentence on standard error and the exit code 1 (2 for a wrong command line).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from cloud.kernel.operator_error import OperatorError
from shared.domains import TEXT_ROOMS
from shared.kernel.command_line import COMMAND, Parser
from shared.kernel.errors import DomainError
from shared.kernel.language import Texts, language_of
from shared.kernel.permissions import Role

LISTED = ("organizations", "branches", "devices", "accounts")
RUN_ON = frozenset({"serve", "worker"})
"""Commands that give no answer: they run until somebody ends them."""
CLOSED = ("account", "branch", "organization")
SUSPENDED = ("organization",)
RENAMED = ("branch", "device", "organization")
TIERS = ("free", "starter", "pro", "enterprise")
DEVICE_KINDS = ("till", "waiter", "kitchen", "manager")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and end the process with its exit code."""
    texts = Texts(language_of(os.environ), (*TEXT_ROOMS, "cloud"))
    asked = _parser(texts).parse_args(arguments)
    try:
        sys.exit(_run(asked, texts))
    except OperatorError as error:
        sys.exit(_complain(error.sentence(texts.language)))
    except DomainError as error:
        sys.exit(_complain(texts(error.code, **error.params)))
    except KeyboardInterrupt:
        sys.exit(130)


def _run(asked: argparse.Namespace, texts: Texts) -> int:
    from cloud.settings import names_of_no_use, read_settings

    given = {name: value for name in ("host", "port") if (value := getattr(asked, name, None)) is not None}
    settings = read_settings(**given)

    def say(code: str, **params: Any) -> None:
        sys.stderr.write(texts(code, **params) + "\n")  # whole: the log writes beside it
        sys.stderr.flush()

    for name in names_of_no_use(os.environ):
        say("settings.unknown", name=name)
    if asked.command == "serve":
        from cloud.cli_serve import serve

        return serve(settings, say, with_worker=asked.with_worker)
    if asked.command == "worker":
        from cloud.cli_worker import work

        return work(settings, say)
    from cloud import cli_control, cli_running

    cli_running.as_json.set(asked.json)
    return cli_control.COMMANDS[asked.command](settings, say, asked)


def _parser(texts: Texts) -> Parser:
    parser = Parser("comanda-cloud", texts=texts, description=texts("cli.about"), epilog=texts("cli.language_note"))
    parser.add_version()
    commands = parser.add_subparsers(dest="command", required=True, metavar=COMMAND)

    def command(name: str) -> Parser:
        summary = texts(f"cli.{name.replace('-', '_')}")
        made = commands.add_parser(name, texts=texts, help=summary, description=summary)
        if name not in RUN_ON:
            made.add_argument("--json", action="store_true", help=texts("cli.json"))
        return made

    serve = command("serve")
    serve.add_argument("--host", help=texts("cli.host"))
    serve.add_argument("--port", type=int, help=texts("cli.port"))
    serve.add_argument("--with-worker", action="store_true", help=texts("cli.with_worker"))
    command("worker")
    command("migrate")
    listing = command("list")
    listing.add_argument("what", nargs="?", choices=LISTED, metavar="|".join(LISTED), help=texts("cli.what"))
    listing.add_argument("--organization", metavar="SLUG", help=texts("cli.organization"))
    organization = command("create-organization")
    organization.add_argument("name", nargs="?", help=texts("cli.name_over_plan"))
    organization.add_argument("--slug", help=texts("cli.slug"))
    organization.add_argument("--plan", metavar="FILE", help=texts("cli.plan_file"))
    organization.add_argument("--country", help=texts("cli.country"))
    organization.add_argument("--currency", help=texts("cli.currency"))
    organization.add_argument("--zone", help=texts("cli.zone"))
    link = command("log-in-link")
    link.add_argument("email", help=texts("cli.email"))
    account = command("create-account")
    account.add_argument("email", help=texts("cli.email"))
    account.add_argument("--name", default="", help=texts("cli.name"))
    account.add_argument("--role", choices=[role.value for role in Role], required=True, help=texts("cli.role"))
    account.add_argument("--organization", metavar="SLUG", help=texts("cli.organization"))
    account.add_argument("--branch", metavar="BRANCH", action="append", default=[], help=texts("cli.branch"))
    for name in ("reset-link", "remove-second-factor"):
        command(name).add_argument("email", help=texts("cli.email"))
    _add_tenants(command, texts)
    pairing = command("create-pairing-code")
    pairing.add_argument("name", help=texts("cli.name"))
    pairing.add_argument("--organization", metavar="SLUG", required=True, help=texts("cli.organization"))
    pairing.add_argument("--branch", metavar="BRANCH", required=True, help=texts("cli.one_branch"))
    pairing.add_argument("--kind", choices=DEVICE_KINDS, required=True, help=texts("cli.kind"))
    cards = command("guest-cards")
    cards.add_argument("--organization", metavar="SLUG", required=True, help=texts("cli.organization"))
    cards.add_argument("--branch", metavar="BRANCH", help=texts("cli.one_branch"))
    key = command("create-api-key")
    key.add_argument("name", help=texts("cli.name"))
    key.add_argument("--organization", metavar="SLUG", required=True, help=texts("cli.organization"))
    key.add_argument("--as", dest="as_email", metavar="EMAIL", required=True, help=texts("cli.as_email"))
    key.add_argument("--scope", metavar="SCOPE", action="append", required=True, help=texts("cli.scope"))
    key.add_argument("--branch", metavar="BRANCH", action="append", default=[], help=texts("cli.branch"))
    key.add_argument("--days", type=int, default=0, metavar="N", help=texts("cli.days"))
    command("api-keys").add_argument("--organization", metavar="SLUG", required=True, help=texts("cli.organization"))
    key_revoking = command("revoke-api-key")
    key_revoking.add_argument("key", metavar="KEY", help=texts("cli.key"))
    key_revoking.add_argument("--organization", metavar="SLUG", required=True, help=texts("cli.organization"))
    command("restored")
    auditing = command("audit")
    auditing.add_argument("action", choices=("verify",), metavar="verify", help=texts("cli.audit_action"))
    auditing.add_argument("file", nargs="?", metavar="FILE", help=texts("cli.audit_file"))
    auditing.add_argument("--organization", metavar="SLUG", help=texts("cli.organization"))
    jobs = command("jobs")
    jobs.add_argument(
        "action", metavar="list|retry|drop", choices=("list", "retry", "drop"), help=texts("cli.jobs_action")
    )
    jobs.add_argument("id", nargs="?", type=int, metavar="ID", help=texts("cli.job"))
    jobs.add_argument("--all", action="store_true", help=texts("cli.jobs_all"))
    outbox = command("outbox")
    outbox.add_argument(
        "action", metavar="list|release|drop", choices=("list", "release", "drop"), help=texts("cli.outbox_action")
    )
    outbox.add_argument("id", nargs="?", metavar="ID", help=texts("cli.effect"))
    outbox.add_argument("--all", action="store_true", help=texts("cli.jobs_all"))
    revoking = command("revoke-device")
    revoking.add_argument("device", metavar="DEVICE", help=texts("cli.device"))
    revoking.add_argument("--organization", metavar="SLUG", help=texts("cli.organization"))
    return parser


def _add_tenants(command: Callable[[str], Parser], texts: Texts) -> None:
    """Add the commands that close, suspend and open what is named, and that change plan and names."""
    for name, kinds in (("close", CLOSED), ("suspend", SUSPENDED), ("reopen", CLOSED), ("rename", RENAMED)):
        made = command(name)
        made.add_argument("what", choices=kinds, metavar="|".join(kinds), help=texts("cli.of_what"))
        made.add_argument("name", help=texts("cli.named"))
        if name == "rename":
            made.add_argument("to", metavar="NEW", help=texts("cli.new_name"))
        else:
            made.add_argument("--reason", help=texts("cli.reason"))
        if name == "close":
            made.add_argument("--yes", action="store_true", help=texts("cli.yes_close"))
        if kinds != SUSPENDED:
            made.add_argument("--organization", metavar="SLUG", help=texts("cli.organization"))
    export = command("export")
    export.add_argument("what", choices=SUSPENDED, metavar="organization", help=texts("cli.of_what"))
    export.add_argument("name", metavar="SLUG", help=texts("cli.organization"))
    export.add_argument("--to", metavar="FILE", help=texts("cli.export_to"))
    command("verify-export").add_argument("file", metavar="FILE", help=texts("cli.export_file"))
    delete = command("delete")
    delete.add_argument("what", choices=SUSPENDED, metavar="organization", help=texts("cli.of_what"))
    delete.add_argument("name", metavar="SLUG", help=texts("cli.organization"))
    delete.add_argument("--undo", action="store_true", help=texts("cli.delete_undo"))
    delete.add_argument("--yes", metavar="SLUG", help=texts("cli.delete_yes"))
    delete.add_argument("--receipt", metavar="FILE", help=texts("cli.delete_receipt"))
    moving = command("move-device")
    moving.add_argument("device", metavar="DEVICE", help=texts("cli.device"))
    moving.add_argument("--branch", metavar="BRANCH", required=True, help=texts("cli.one_branch"))
    moving.add_argument("--organization", metavar="SLUG", required=True, help=texts("cli.organization"))
    plan = command("plan")
    plan.add_argument("name", metavar="SLUG", help=texts("cli.organization"))
    plan.add_argument("tier", nargs="?", choices=TIERS, metavar="|".join(TIERS), help=texts("cli.tier"))


def _complain(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    main()
