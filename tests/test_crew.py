"""Work in several processes: the same results, in the same order, and no process left over."""

from __future__ import annotations

import os
import signal
from functools import partial
from types import SimpleNamespace

import pytest
from cli_tools import make_vault, put, tierpub

from tierpub import load_policy, project, scan
from tierpub.crew import Alone, Forks, helpful
from tierpub.errors import Fault, TierpubError
from tierpub.mentions import Called, Needle, join
from tierpub.path import Run
from tierpub.policy import parse_policy


class Worker:
    """Has a share of numbers."""

    def __init__(self, share):
        self.share = share

    def times(self, factor):
        """The share, multiplied."""
        return [number * factor for number in self.share]

    def walk(self, step):
        """The share, one after the other."""
        for number in self.share:
            yield number + step

    def fail(self):
        """Refuse with the share."""
        raise TierpubError(Fault("bad", f"share {self.share}"))

    def break_down(self):
        """Fail with an error that cannot be sent."""
        raise Strange(lambda: None)

    def die(self):
        """End as if killed from outside, in one of the processes."""
        if 0 in self.share:
            os.kill(os.getpid(), signal.SIGKILL)


class Strange(Exception):  # noqa: N818 - what a library may raise
    """Cannot be pickled."""


@pytest.fixture
def crew():
    """Three processes with six numbers dealt out."""
    with Forks([partial(Worker, range(start, 6, 3)) for start in range(3)]) as forks:
        yield forks


def test_each_answers_in_order(crew):
    """What a step returns comes in the order of the crew."""
    assert crew.each(Worker.times, 10) == [[0, 30], [10, 40], [20, 50]]
    assert Alone(Worker(range(2))).each(Worker.times, 10) == [[0, 10]]


def test_streams_take_turns(crew):
    """What is dealt out like cards comes back in the order of the deck, as often as asked."""
    assert list(crew.stream(Worker.walk, 1)) == [1, 2, 3, 4, 5, 6]
    assert list(crew.stream(Worker.walk, 0)) == list(Alone(Worker(range(6))).stream(Worker.walk, 0))


def test_streams_of_any_length_are_whole():
    """Streams longer than what is sent at once come whole and in turn, and end each for itself."""
    with Forks([partial(Worker, range(start, 200, 2)) for start in range(2)]) as forks:
        assert list(forks.stream(Worker.walk, 0)) == list(range(200))
    with Forks([partial(Worker, range(length)) for length in (0, 33, 64)]) as forks:
        assert sorted(forks.stream(Worker.walk, 0)) == sorted([*range(33), *range(64)])


def test_a_refusal_comes_through(crew):
    """A refusal in a process is raised here, with its faults."""
    with pytest.raises(TierpubError) as caught:
        crew.each(Worker.fail)
    assert [fault.message for fault in caught.value.faults] == ["share range(0, 6, 3)"]


def test_an_error_that_cannot_be_sent_tells_its_kind_alone(crew):
    """Of an error that cannot be sent only the kind is known here: it could quote a note."""
    with pytest.raises(RuntimeError, match=r"^Strange$"):
        crew.each(Worker.break_down)


def test_a_process_that_was_ended_is_told(crew):
    """Where a process is killed the run is refused, and nothing waits for it."""
    with pytest.raises(TierpubError, match="a process of this run was ended from outside"):
        crew.each(Worker.die)


def test_no_process_is_left(crew):
    """Closing ends every process, whatever it is at."""
    children = list(crew._children)  # noqa: SLF001 - nobody else is told of them
    crew.close()
    for child in children:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


def test_how_many_help(monkeypatch):
    """As many as there are shares, and cores; the variable overrides it, but not what there is."""
    monkeypatch.delenv("TIERPUB_PROCESSES", raising=False)
    assert helpful(10, 100) == 1
    assert 1 <= helpful(10**6, 10) <= 8
    monkeypatch.setenv("TIERPUB_PROCESSES", "3")
    assert helpful(10, 100) == 3
    assert helpful(2, 100) == 2
    monkeypatch.setenv("TIERPUB_PROCESSES", "many")
    assert helpful(10, 100) == 1


# What a run gives does not depend on it.

LINKED = {
    "A.md": "[[B#Salaries]] and [[C#^id]]\n\nSee [[logo.png]].\n",
    "B.md": "# B\n\n## Salaries [confidential:: secret]\n\nx\n\n## See [[D]]\n\n[[A]]\n",
    "C.md": "words ^id\n\nmore ^unused\n",
    "D.md": "---\nconfidential: secret\naliases: [The Falcon]\n---\n[[B#See D]]\n",
    "E.md": "---\nconfidential: internal\n---\n[[D]] [[C#^id]] ![[logo.png]]\n",
    **{f"{name}.md": "a\n\n%% open\n" for name in "FGHIJ"},
}


@pytest.mark.parametrize("count", [2, 3, 6])
def test_any_number_of_processes_gives_the_same(tmp_path, count):
    """Faults, trees and their order are those of one process."""
    root = make_vault(tmp_path / "vault", LINKED)
    policy = load_policy(root / "tierpub.yaml")
    alone = project(root, policy, processes=1)
    shared = project(root, policy, processes=count)
    assert shared == alone
    assert [list(tree) for tree in shared.values()] == [list(tree) for tree in alone.values()]
    faults = []
    for processes in (1, count):
        with Run(scan(root, policy), policy, processes) as run:
            faults.append(run.faults)
    assert faults[0] == faults[1]
    assert [fault.place.file for fault in faults[0]] == [f"_Standards/{n}.md" for n in "FGHIJ"]


@pytest.mark.parametrize("count", [1, 3])
def test_mentions_are_the_same(tmp_path, count):
    """The mention gate of several processes refuses what that of one does, in its order."""
    notes = LINKED | {"Y.md": "Ask The Falcon.\n", "B2.md": "The Falcon flies.\n"}
    root = make_vault(tmp_path / "vault", notes)
    text = (root / "tierpub.yaml").read_text()
    with pytest.raises(TierpubError) as caught:
        project(root, parse_policy(text, "p", root), processes=count)
    places = [fault.place.file for fault in caught.value.faults]
    assert places == ["_Standards/B2.md", "_Standards/Y.md"]


def test_needles_come_in_the_order_of_the_notes():
    """Whichever part finds what may be a needle, the order is that of the vault."""
    parts = [Called(raised=[Needle("x", 1, "name", note, 0)]) for note in ("B.md", "A.md")]
    known = SimpleNamespace(notes=("A.md", "B.md"), source="_Standards")
    whole = join(parts, SimpleNamespace(vault=known, folders={}, reasons={}))
    assert [needle.note for needle in whole.raised] == ["A.md", "B.md"]


def test_files_written_by_several_are_the_same(tmp_path):
    """`project` in several processes writes the tree that one writes, and says the same."""
    made = []
    for count in ("1", "3"):
        root = make_vault(tmp_path / count, LINKED)
        put(root, "_Standards/logo.png", b"none")
        done = tierpub("project", "--all", "--vault", root, env={"TIERPUB_PROCESSES": count})
        again = tierpub("project", "--all", "--vault", root, env={"TIERPUB_PROCESSES": count})
        files = {
            str(p.relative_to(root)): (p.read_bytes(), p.stat().st_mode)
            for p in root.rglob("*")
            if p.is_file() and ".tierpub" not in p.parts
        }
        said = [text.replace(str(root), "") for text in (done.stdout, done.stderr, again.stdout)]
        made.append((done.returncode, again.returncode, said, files))
    assert made[0] == made[1]
    assert made[0][0] == 0
