"""How many files and sockets this process may have open."""

from __future__ import annotations

MOST_DESCRIPTORS = 65_536
"""More than a server uses; some systems have no limit at all, and say so by a number that they refuse."""


def raise_limit() -> int:
    """Raise the soft limit, mostly 1,024, to the hard one. Returns the limit: so many may be open."""
    try:
        import resource
    except ImportError:  # no POSIX
        return MOST_DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, MOST_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return MOST_DESCRIPTORS if soft == resource.RLIM_INFINITY else soft
