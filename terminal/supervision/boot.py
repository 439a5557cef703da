"""What a device needs when its machine starts, and what may be there only in the session of whoever enrolled it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from terminal.device import DeviceFolder, KeysAtBoot
from terminal.sealing import SEAL_PHRASE

ENVIRONMENT = ("COMANDA_HOME", "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""Variables that change where a device is found, or how its cloud is reached."""
_AWAY = frozenset({"nfs", "nfs4", "cifs", "smb3", "9p", "ecryptfs", "afs", "ceph"})
"""File systems that come with a network or with somebody's log-in."""
_FLEETING = frozenset({"tmpfs", "ramfs"})
_SESSION_FOLDERS = ("/media/", "/run/")


@dataclass(frozen=True, slots=True)
class BootNote:
    """Something to see to, so that the device opens at boot. Its code has a sentence `at_boot.<code>`.

    Attributes:
        is_fatal: whether it will not open as it stands; else it needs what the sentence names.
    """

    code: str
    params: Mapping[str, Any]
    is_fatal: bool = False


def at_boot(folder: DeviceFolder, environment: Mapping[str, str] = os.environ) -> Iterator[BootNote]:
    """What to see to, for a device that opens in this session."""
    match folder.keys_at_boot():
        case KeysAtBoot.IN_KEYRING:
            yield BootNote("keyring", {}, is_fatal=True)
        case KeysAtBoot.WITH_PHRASE:
            yield BootNote("phrase", {"name": SEAL_PHRASE})
    names = [name for name in ENVIRONMENT if environment.get(name) or environment.get(name.lower())]
    if names:
        yield BootNote("environment", {"names": ", ".join(names)})
    mount = _mount_of(folder.root)
    if mount is not None and mount.kind in _FLEETING:
        yield BootNote("fleeting", {"path": str(folder.root)}, is_fatal=True)
    elif mount is not None and mount.may_be_missing:
        yield BootNote("mounted", {"path": str(folder.root), "mount": mount.point})


@dataclass(frozen=True, slots=True)
class _Mount:
    point: str
    kind: str

    @property
    def may_be_missing(self) -> bool:
        """Whether it is mounted by a session or over a network, and perhaps not when the machine starts."""
        is_home = self.point not in ("/", "/home") and Path(self.point) == Path.home()
        away = self.kind in _AWAY or self.kind.startswith("fuse")
        return is_home or away or self.point.startswith(_SESSION_FOLDERS)


def _mount_of(folder: Path, mounts: Path = Path("/proc/self/mounts")) -> _Mount | None:
    """The mount on which a folder lies. None where the system does not say."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    there = folder.resolve()
    found = [_Mount(_plain(parts[1]), parts[2]) for line in lines if len(parts := line.split()) > 2]
    around = [mount for mount in found if there == Path(mount.point) or Path(mount.point) in there.parents]
    return max(around, key=lambda mount: len(mount.point), default=None)


def _plain(point: str) -> str:
    """A mount point as it is called: the table writes blanks as octal numbers."""
    return point.replace("\\040", " ").replace("\\011", "\t")
