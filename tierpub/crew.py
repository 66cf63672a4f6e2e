"""Work in several processes: the same steps on the same kind of worker, here or in forks.

A crew has one worker or more, each with a share of what there is to do. `each` has all of them
take one step and gives what they return, in the order of the crew; `stream` hands on what their
generators yield, one piece of each in turn. Results do not depend on how many there are.

Threads would not help: the work is Python's own, and one thread runs at a time. Workers are
forked, so that nothing they are made of needs to be sent; only what a step takes and returns is.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Protocol, Self, TypeVar

from tierpub.errors import TierpubError, refuse

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from types import TracebackType

W = TypeVar("W")
W_co = TypeVar("W_co", covariant=True)
P = ParamSpec("P")
R = TypeVar("R")

Step = Callable[Concatenate[W, P], R]
"""A method of the worker, named on its class: `Worker.read`."""


_BATCH = 32
"""So many pieces of a stream are sent at once: each message wakes another process."""
MOST = 8
"""More processes than this do not help: what one of them has to do for all grows."""


def helpful(things: int, share: int) -> int:
    """How many processes help with so many things of which fewer than `share` are not worth one;
    1 where forking is not safe. The variable `TIERPUB_PROCESSES` overrides it."""
    if sys.platform != "linux" or threading.active_count() > 1:
        return 1
    wanted = os.environ.get("TIERPUB_PROCESSES", "")
    if wanted.isascii() and wanted.isdigit():
        return max(1, min(int(wanted), things))
    return max(1, min(len(os.sched_getaffinity(0)), MOST, things // share))


class Crew(Protocol[W_co]):
    """Workers that take the same steps."""

    def each(self, step: Step[W_co, P, R], *args: P.args, **kwargs: P.kwargs) -> list[R]:
        """What `step` returns of every worker. Raises what any of them raises."""

    def stream(
        self, step: Step[W_co, P, Iterable[R]], *args: P.args, **kwargs: P.kwargs
    ) -> Iterator[R]:
        """What `step` yields of every worker, one of each in turn. Take it to the end."""


class Alone(Generic[W]):
    """A crew of one, in this process."""

    def __init__(self, worker: W) -> None:
        self._worker = worker

    def each(self, step: Step[W, P, R], *args: P.args, **kwargs: P.kwargs) -> list[R]:
        """What `step` returns, alone in a list."""
        return [step(self._worker, *args, **kwargs)]

    def stream(
        self, step: Step[W, P, Iterable[R]], *args: P.args, **kwargs: P.kwargs
    ) -> Iterator[R]:
        """What `step` yields."""
        yield from step(self._worker, *args, **kwargs)


class Forks(Generic[W]):
    """Workers in processes of their own; `close` ends them, and so does the end of this one."""

    def __init__(self, makers: Sequence[Callable[[], W]]) -> None:
        """Forks one process for each of `makers`, which then makes its worker."""
        self._pipes: list[Connection] = []
        self._children: list[int] = []
        for maker in makers:
            self._start(maker)

    def _start(self, maker: Callable[[], W]) -> None:
        from multiprocessing import Pipe  # noqa: PLC0415 - only where there is more than one

        ours, theirs = Pipe()
        child = os.fork()
        if not child:
            for pipe in (ours, *self._pipes):
                pipe.close()
            _work(theirs, maker)
        theirs.close()
        self._pipes.append(ours)
        self._children.append(child)

    def each(self, step: Step[W, P, R], *args: P.args, **kwargs: P.kwargs) -> list[R]:
        """What `step` returns of every worker, all of them at work at once."""
        self._send(step.__name__, args, kwargs, stream=False)
        return [self._receive(pipe) for pipe in self._pipes]

    def stream(
        self, step: Step[W, P, Iterable[R]], *args: P.args, **kwargs: P.kwargs
    ) -> Iterator[R]:
        """What `step` yields of every worker, one of each in turn."""
        self._send(step.__name__, args, kwargs, stream=True)
        going = [(pipe, deque[Any]()) for pipe in self._pipes]
        while going:
            for each in list(going):
                pipe, items = each
                if not items:
                    items += self._receive(pipe) or ()
                if items:
                    yield items.popleft()
                else:
                    going.remove(each)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all workers, whatever they are at."""
        for pipe in self._pipes:
            pipe.close()
        for child in self._children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        self._pipes, self._children = [], []

    def _send(self, name: str, args: object, kwargs: object, *, stream: bool) -> None:
        order = pickle.dumps((name, args, kwargs, stream), pickle.HIGHEST_PROTOCOL)
        try:
            for pipe in self._pipes:
                pipe.send_bytes(order)
        except BrokenPipeError:
            raise _lost() from None

    def _receive(self, pipe: Connection) -> Any:  # noqa: ANN401 - what the step returns
        try:
            fine, value = pickle.loads(pipe.recv_bytes())  # noqa: S301 - from our own fork
        except EOFError:
            raise _lost() from None
        if not fine:
            raise value
        return value


def _lost() -> TierpubError:
    message = "a process of this run was ended from outside"
    return refuse("lost-process", message, None, "was it short of memory? run again")


def _work(pipe: Connection, maker: Callable[[], Any]) -> None:
    """Take steps until the pipe is closed at its other end. Never returns."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is told, and ends this process
    try:
        worker = maker()
        while True:
            name, args, kwargs, stream = pickle.loads(pipe.recv_bytes())  # noqa: S301
            try:
                result = getattr(worker, name)(*args, **kwargs)
                if stream:
                    pieces, result = iter(result), None
                    while batch := list(islice(pieces, _BATCH)):
                        _answer(pipe, (True, batch))
                _answer(pipe, (True, result))
            except (EOFError, OSError, SystemExit):
                raise
            except BaseException as error:  # noqa: BLE001 - a panic of a Rust library is none
                _answer(pipe, (False, _portable(error)))
    finally:
        os._exit(0)


def _answer(pipe: Connection, answer: object) -> None:
    pipe.send_bytes(pickle.dumps(answer, pickle.HIGHEST_PROTOCOL))


def _portable(error: BaseException) -> BaseException:
    """`error`, or where it cannot be sent, one that tells only its kind."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301
    except Exception:  # noqa: BLE001 - whatever its classes raise
        return RuntimeError(type(error).__name__)
    return error
