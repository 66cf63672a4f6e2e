"""What keeps secrets out of messages: pyrage's errors are dropped, keys in a text are noticed.

Every error of this package is our own sentence. Where a user may have put a key by mistake, in a
policy or on the command line, `holds_secret` is asked before anything is quoted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tierpub.errors import TierpubError

_SECRET = re.compile(
    r"AGE-SECRET-KEY-(PQ-)?1[A-Z0-9]{8}|AGE-PLUGIN-[A-Z0-9+._-]{0,64}1[A-Z0-9]{8}|"
    r"-----BEGIN [A-Z ]{0,32}PRIVATE KEY",
    re.IGNORECASE,
)


def secret_at(text: str) -> int | None:
    """Offset of the first secret key in `text`, comments included; None where there is none."""
    found = _SECRET.search(text)
    return found.start() if found else None


def holds_secret(text: str) -> bool:
    """Whether a secret key stands anywhere in `text`."""
    return secret_at(text) is not None


@contextmanager
def guarded(explain: Callable[[BaseException], TierpubError]) -> Iterator[None]:
    """Turn whatever pyrage raises into the error that `explain` makes of it.

    A panic inside it arrives as `PanicException`, which is no `Exception`. The original is
    dropped, not chained: its text may hold what it was given.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001
        raise explain(error) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise explain(error) from None
