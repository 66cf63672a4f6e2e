"""A `tierpub` that has imported everything and forks a run for each order that it gets.

Run as a process of its own by `cli_tools`, with a socket as its only argument. Imports are all
that a run has from here; arguments, environment, folder, mask and files are those of its order.
"""

from __future__ import annotations

import array
import gc
import importlib
import json
import os
import pkgutil
import socket
import sys
import tempfile
import traceback

LATER = ("ahocorasick_rs", "difflib", "frontmatter", "jinja2", "markdown_it", "pyrage")
"""What a run imports only when it comes to need it."""


def warm_up() -> None:
    """Import what runs import. Nothing is run: no cache is filled, no setting made."""
    package = importlib.import_module("tierpub")
    for module in pkgutil.walk_packages(package.__path__, "tierpub."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in LATER:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()


def be_tierpub(order: dict, files: list[int]) -> int:
    """Become what the order says, and return the exit code."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(order["env"])
    os.chdir(order["cwd"])
    os.umask(order["umask"])
    tempfile.tempdir = None
    sys.argv = ["tierpub", *order["arguments"]]
    try:
        importlib.import_module("tierpub.cli").main()
    except SystemExit as leave:
        return leave.code if isinstance(leave.code, int) else 0
    except BaseException:  # noqa: BLE001 - as the interpreter ends
        traceback.print_exc()
        return 1


def serve(orders: socket.socket) -> None:
    """Fork a run for each order; answer with its process, and then with how it ended."""
    size = array.array("i").itemsize
    while True:
        head, more, _, _ = orders.recvmsg(8, socket.CMSG_SPACE(3 * size))
        if not head:
            return
        files = array.array("i")
        for _, _, data in more:
            files.frombytes(data)
        body = b""
        while len(body) < int(head):
            body += orders.recv(int(head) - len(body))
        child = os.fork()
        if not child:
            code = 70
            try:
                orders.close()
                code = be_tierpub(json.loads(body), list(files))
            finally:
                os._exit(code)
        for file in files:
            os.close(file)
        orders.sendall(b"%8d" % child)
        _, status = os.waitpid(child, 0)
        orders.sendall(b"%8d" % os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    warm_up()
    serve(socket.socket(fileno=int(sys.argv[1])))
