"""What the tests of the verbs share: a small vault, and `tierpub` as a process."""

from __future__ import annotations

import array
import atexit
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

POLICY = """\
version: 1
tiers: [public, internal, private, secret]
defaults:
  note: internal
  comment: secret
rules:
  - note: Open/**
    tier: public
    reason: for everybody
  - note: People/**
    tier: private
    reason: persons we know
  - field: phone
    tier: internal
    reason: how somebody is reached
"""
NOTES = {
    "Open/Office.md": "---\nname: Office\nphone: 555 0100\n---\n\n# Office\n\n"
    "Open words. See [[Ann_Falcon|her page]] and [[Plans]].\n",
    "Plans.md": "# Plans\n\nInside words.\n\n## Pay [confidential:: secret]\n\nNine coins.\n",
    "People/Ann_Falcon.md": "---\nconfidential: private\n---\n\nShe works at [[Office]].\n",
}
"""Office is public, Plans internal by default, Ann_Falcon private."""


def make_vault(root: Path, notes=NOTES, policy=POLICY):
    """Write a vault below `root`, with its policy; returns its root."""
    (root / "_Standards").mkdir(parents=True, exist_ok=True)
    (root / "tierpub.yaml").write_text(policy, encoding="utf-8")
    for name, text in notes.items():
        put(root, name, text)
    return root


def put(root: Path, name: str, text: str | bytes):
    """Write one canonical note."""
    path = root / "_Standards" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def tierpub(*arguments, cwd=None, env=None, **options):
    """Run `tierpub` as a process, and return the ended one.

    After the first few it is forked from one of two servers that have imported it already, in
    turn, so that sets are in another order from one run to the next. It starts from nothing where
    the start could matter: with an environment for Python itself, with `options` but `input`, and
    everywhere with TIERPUB_TESTS_FRESH=1.
    """
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("TIERPUB", "NO_COLOR"))}
    whole = {**plain, "PYTHONPATH": HERE, **(env or {})}
    words = [str(argument) for argument in arguments]
    if _may_be_served(env or {}, options) and _one_at_a_time.acquire(blocking=False):
        try:
            return _served(words, str(cwd or Path.cwd()), whole, options.get("input", ""))
        finally:
            _one_at_a_time.release()
    return subprocess.run(
        [sys.executable, "-m", "tierpub", *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env=whole,
        check=False,
        timeout=LONGEST,
        **options,
    )


HERE = str(Path(__file__).parents[1])
LONGEST = 60
FIRST = 3
"""So many runs of one tester start from nothing: a server takes as long as two."""
_runs = itertools.count()
SERVERS = {}
_one_at_a_time = threading.Lock()


def _may_be_served(env, options):
    at_start = ("PYTHON", "LANG", "LC_", "TZ", "COVERAGE")
    alike = sys.platform == "linux" and os.environ.get("TIERPUB_TESTS_FRESH") != "1"
    own = options.keys() <= {"input"} and not any(key.startswith(at_start) for key in env)
    return next(_runs) >= FIRST and alike and own


def _server():
    """One of two servers of this process, in turn."""
    number = next(_runs) % 4 // 2
    key = os.getpid(), number
    if key not in SERVERS:
        ours, theirs = socket.socketpair()
        command = [sys.executable, f"{HERE}/tests/tierpub_server.py", str(theirs.fileno())]
        process = subprocess.Popen(
            command,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": HERE},
        )
        theirs.close()
        SERVERS[key] = ours, process
    return SERVERS[key][0]


@atexit.register
def _end_servers():
    for (pid, _), (ours, process) in SERVERS.items():
        if pid == os.getpid():
            ours.close()
            process.wait()


def _served(words, cwd, env, given):
    """As `subprocess.run`, by a server."""
    mask = os.umask(0)
    os.umask(mask)
    order = json.dumps({"arguments": words, "cwd": cwd, "env": env, "umask": mask}).encode()
    files = [os.memfd_create(name) for name in ("in", "out", "error")]
    try:
        os.write(files[0], given.encode())
        os.lseek(files[0], 0, os.SEEK_SET)
        code = _ended(_server(), order, files, words)
        told = [os.pread(file, os.fstat(file).st_size, 0).decode() for file in files[1:]]
        told = [text.replace("\r\n", "\n").replace("\r", "\n") for text in told]  # as `text=True`
    finally:
        for file in files:
            os.close(file)
    return subprocess.CompletedProcess(["tierpub", *words], code, *told)


def _ended(server, order, files, words):
    """The exit code of the run that a server makes of an order."""
    whose = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files))]
    server.sendmsg([b"%8d" % len(order)], whose)
    server.sendall(order)
    child = int(_exactly(server, 8))
    server.settimeout(LONGEST)
    try:
        return int(_exactly(server, 8))
    except TimeoutError:
        os.kill(child, signal.SIGKILL)
        _exactly(server, 8)
        raise subprocess.TimeoutExpired(words, LONGEST) from None
    finally:
        server.settimeout(None)


def _exactly(server, size):
    found = b""
    while len(found) < size:
        more = server.recv(size - len(found))
        assert more, "the server of tierpub has ended"
        found += more
    return found


def data_of(done) -> dict:
    """The JSON document that a process printed."""
    return json.loads(done.stdout)


def snapshot(root: Path):
    """Path, bytes, mode and modification time of all below `root`, to be compared."""
    found = {}
    for path in sorted(root.rglob("*")):
        state = path.lstat()
        data = path.read_bytes() if path.is_file() and not path.is_symlink() else None
        if not path.is_dir():
            found[str(path.relative_to(root))] = (data, state.st_mode, state.st_mtime_ns)
    return found
