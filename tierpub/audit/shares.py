"""Shares of the work, done in one process or several, with faults told as they are.

Workers are forked, so that nothing of what they work on is sent to them; what they make is.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from tierpub.crew import Alone, Crew, Forks

W = TypeVar("W")


class UnreadError(Exception):
    """Carries the fault of a file out of a process, which a crew takes for the end of it."""


@contextmanager
def in_share() -> Iterator[None]:
    """Around what reads files in a worker."""
    try:
        yield
    except OSError as error:
        raise UnreadError(error) from error


@contextmanager
def in_all() -> Iterator[None]:
    """Around what asks workers: raises what `in_share` carried."""
    try:
        yield
    except UnreadError as carried:
        fault: OSError = carried.args[0]
        raise fault from None


@contextmanager
def at_work(makers: Sequence[Callable[[], W]]) -> Iterator[Crew[W]]:
    """A crew of one worker for each of `makers`: here where there is one, else in forks."""
    if len(makers) == 1:
        yield Alone(makers[0]())
        return
    gc.freeze()  # or collecting copies every page in every process
    try:
        with Forks(makers) as forks:
            yield forks
    finally:
        gc.unfreeze()
