"""What the tests of incremental runs share: two vaults that are edited alike, one without memory.

Before each of its runs the second vault's `notes.db` is taken away, so that everything is done
there. Whatever can be seen of a run must be the same in both.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import shutil
import zlib
from pathlib import Path

from fixtures import pictures

from tierpub.cli.main import run
from tierpub.publish import again as doing
from tierpub.publish.recall import Recall

NAMES = ("Ann", "Boat", "Crew", "Dock", "Eel", "Ferry", "Gull", "Mooring Lease", "Pier", "Boat.md")
FOLDERS = ("", "Open/", "People/", "Open/Lake/", "Crew/", "People/Old/")
HEADINGS = ("Plan", "Pay [confidential:: secret]", "Fares", "[[Ann]] and crew", "Plan", "Costs")
BLOCKS = ("one", "two", "three")
WORDS = ("alder", "birch", "cedar", "maple", "rowan", "Willow Court", "salt", "Ann", "Boat")
TIERS = ("public", "internal", "private", "secret")
PICTURES = ("map.png", "chart.png", "plan.pdf", "Open/map.png", "Lake/view.png")
POLICY = """\
version: 1
tiers: [public, internal, private, secret]
defaults: {{note: {note}, comment: secret}}
mentions: "{mentions}"
redaction: {{block: {block}, inline: {inline}, mark: "[{{tier}} {{reason}}]"}}
rules:
  - {{note: "Open/**", tier: public, reason: for everybody}}
  - {{note: "People/**", tier: {people}, reason: persons}}
  - {{field: phone, tier: private, reason: how one is reached, guard: {guard}}}
  - {{section: "Costs*", tier: internal}}
  - {{attachment: "*.pdf", tier: {pdf}}}
"""


OTHER = pictures.png(dirty=False).replace(
    pictures.PNG_PIXELS, pictures.png_chunk(b"IDAT", zlib.compress(bytes(14)))
)
"""A picture with other pixels."""


class Vaults:
    """Two vaults, edited alike."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - the same edits for one seed
        self.roots = (folder / "a" / "vault", folder / "b" / "vault")
        self.remembered = 0
        """How many runs of the first vault did only what had changed."""
        for root in self.roots:
            (root / "_Standards").mkdir(parents=True)
        self.levels: list[str] = ["--all"]
        self.policy()
        for _ in range(8):
            self.add()

    # What an edit can be.

    def notes(self) -> list[str]:
        """Paths of all notes."""
        source = self.roots[0] / "_Standards"
        return sorted(p.relative_to(source).as_posix() for p in source.rglob("*.md"))

    def read(self, path: str) -> str:
        """The text of a note."""
        return (self.roots[0] / "_Standards" / path).read_text("utf-8")

    def put(self, path: str, data: str | bytes) -> None:
        """Write a file below both sources, if there can be one."""
        for root in self.roots:
            file = root / "_Standards" / path
            with contextlib.suppress(OSError):
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data.encode() if isinstance(data, str) else data)

    def each(self, do) -> None:
        """Do something to both roots, if it can be done."""
        for root in self.roots:
            with contextlib.suppress(OSError):
                do(root)

    def a_note(self) -> str:
        """The path of any note."""
        return self.random.choice(self.notes() or ["Open/Gone.md"])

    def a_link(self) -> str:
        """A link to anything, there or not."""
        pick = self.random.choice
        name = pick((*NAMES, *NAMES, *(n.removesuffix(".md") for n in self.notes())))
        forms = (
            f"[[{name}]]", f"[[{name}|words]]", f"[[{name}#{pick(HEADINGS).partition(' [')[0]}]]",
            f"[[{name}#^{pick(BLOCKS)}]]", f"![[{name}]]", f"[[/_Standards/{name}]]",
            f"[words](/_Standards/{name.replace(' ', '%20')}.md)", f"[[{name}.secret]]",
            f"![[{pick(PICTURES)}]]", f"![p](../{pick(PICTURES)})", f"[[{pick(FOLDERS)}]]",
            f"[[/_private/{name}.private]]", "[[#Plan]]", f"[[^{pick(BLOCKS)}]]",
        )  # fmt: skip
        return pick(forms)

    def a_block(self) -> str:
        """A block of a body."""
        pick = self.random.choice
        words = " ".join(self.random.choices(WORDS, k=3))
        forms = (
            f"{words}.", f"{words} {self.a_link()} {words}.", f"- {self.a_link()}",
            f"- {words} [confidential:: {pick(TIERS)}]", f"{words} ^{pick(BLOCKS)}",
            f"{self.a_link()} ^{pick(BLOCKS)}", f"## {pick(HEADINGS)}", f"## {self.a_link()}",
            f"%% {words} %%", f"^{pick(BLOCKS)}", f"{words} [^1]\n\n[^1]: {self.a_link()}",
            f"| a | b |\n| --- | --- |\n| {words} | x |", f"> [!private]\n> {words}",
        )  # fmt: skip
        return pick(forms)

    def a_front(self) -> str:
        """Frontmatter, or none."""
        pick = self.random.choice
        lines = [
            line
            for line in (
                f"confidential: {pick(TIERS)}", f"aliases: [{pick(WORDS)} {pick(WORDS)}]",
                "phone: 555 0123", f"part_of: '{self.a_link()}'",
            )
            if self.random.random() < 0.3
        ]  # fmt: skip
        return "---\n" + "\n".join(lines) + "\n---\n" if lines else ""

    def a_text(self) -> str:
        """A whole note."""
        blocks = [self.a_block() for _ in range(self.random.randrange(1, 7))]
        return self.a_front() + "\n" + "\n\n".join(blocks) + "\n"

    def add(self) -> None:
        """A new note, or one that takes an old one's place."""
        name = self.random.choice(NAMES).removesuffix(".md")
        self.put(f"{self.random.choice(FOLDERS)}{name}.md", self.a_text())

    def edit(self) -> None:
        """One block of a note is another, is gone, or is new."""
        path = self.a_note()
        front, fence, body = self.read(path).rpartition("---\n") if self.notes() else ("", "", "")
        blocks = body.strip("\n").split("\n\n")
        at = self.random.randrange(len(blocks))
        blocks[at : at + self.random.randrange(2)] = [
            self.a_block() for _ in range(self.random.randrange(2))
        ]
        self.put(path, front + fence + "\n" + "\n\n".join(blocks) + "\n")

    def relabel(self) -> None:
        """A note has other frontmatter."""
        path = self.a_note()
        body = self.read(path).rpartition("---\n")[2] if self.notes() else ""
        self.put(path, self.a_front() + body)

    def move(self) -> None:
        """A note is moved or renamed."""
        old = self.a_note()
        name = self.random.choice((old.rpartition("/")[2], self.random.choice(NAMES) + ".md"))
        new = self.random.choice(FOLDERS) + name

        def do(root: Path) -> None:
            target = root / "_Standards" / new
            target.parent.mkdir(parents=True, exist_ok=True)
            (root / "_Standards" / old).replace(target)

        self.each(do)

    def delete(self) -> None:
        """A note is gone."""
        old = self.a_note()
        self.each(lambda root: (root / "_Standards" / old).unlink())

    def picture(self) -> None:
        """An attachment is new, another, no picture any more, or gone."""
        path = self.random.choice(PICTURES)
        data = self.random.choice((
            pictures.png(dirty=True), pictures.png(dirty=False), OTHER, OTHER, b"no picture", None,
            pictures.png(dirty=False).replace(b"IDAT", b"IDOT"),
        ))  # fmt: skip
        if data is None:
            self.each(lambda root: (root / "_Standards" / path).unlink())
        else:
            self.put(path, data)

    def policy(self) -> None:
        """The policy is another."""
        pick = self.random.choice
        text = POLICY.format(
            note=pick(("internal", "public")), mentions=pick(("off", "off", "refuse", "warn")),
            block=pick(("cut", "mark")), inline=pick(("cut", "mark")),
            people=pick(("private", "internal")), guard=pick(("true", "false")),
            pdf=pick(("internal", "secret")),
        )  # fmt: skip
        for root in self.roots:
            (root / "tierpub.yaml").write_text(text, encoding="utf-8")

    def ignore(self) -> None:
        """Some notes are ignored, or no longer."""
        line = self.random.choice(("", "Ann.md\n", "Old/\n", "*.png\n"))
        for root in self.roots:
            (root / ".gitignore").write_text(line, encoding="utf-8")

    def output(self) -> None:
        """A published file is gone, is another, was touched, or a stranger is beside it."""
        trees = [self.roots[0] / f"_{tier}" for tier in TIERS]
        files = sorted(p for tree in trees for p in tree.rglob("*") if p.is_file())
        if not files:
            return
        path = self.random.choice(files).relative_to(self.roots[0])
        what = self.random.choice(("gone", "other", "touched", "mode", "beside", "absent"))
        note, rank = self.a_note().removesuffix(".md"), self.random.choice(TIERS)

        def do(root: Path) -> None:
            file = root / path
            if what == "gone":
                file.unlink()
            elif what == "other" and self.harsh:
                file.write_bytes(file.read_bytes() + b"edited")
            elif what == "touched":
                os.utime(file, ns=(7, 7))
            elif what == "mode":
                file.chmod(0o600)
            elif what == "beside":
                file.with_name("mine.md").write_bytes(b"mine")
            elif self.harsh:
                absent = root / f"_{rank}" / f"{note}.{rank}.md"
                absent.parent.mkdir(parents=True, exist_ok=True)
                if not absent.exists():
                    absent.write_bytes(b"a stranger's")

        self.harsh = self.random.random() < 0.3
        self.each(do)

    def touch(self) -> None:
        """A note has another time and the same text."""
        path = self.a_note()
        self.each(lambda root: os.utime(root / "_Standards" / path))

    def rewrite(self) -> None:
        """A note is put there again by another file of the same text."""
        path = self.a_note()

        def do(root: Path) -> None:
            file = root / "_Standards" / path
            new = file.with_name("new")
            new.write_bytes(file.read_bytes())
            new.replace(file)

        self.each(do)

    def clean(self) -> None:
        """What strangers left in the trees is removed, so that runs are not refused for good."""

        def do(root: Path) -> None:
            for tier in TIERS:
                shutil.rmtree(root / f"_{tier}", ignore_errors=True)

        self.each(do)

    def state(self) -> None:
        """What is remembered is lost, damaged, or a copy; in the first vault alone."""
        book = self.roots[0] / ".tierpub" / "notes.db"
        if not book.exists():
            return
        what = self.random.choice(("lost", "torn", "flipped", "old", "copied"))
        data = bytearray(book.read_bytes())
        if what == "lost":
            book.unlink()
        elif what == "torn":
            book.write_bytes(data[: self.random.randrange(len(data))])
        elif what == "flipped":
            for _ in range(5):
                data[self.random.randrange(len(data))] ^= 1 << self.random.randrange(8)
            book.write_bytes(data)
        elif what == "old" and self.kept:
            book.write_bytes(self.kept)
        elif what == "copied":
            folder = book.parent
            shutil.copytree(folder, folder.with_name("copy"))
            shutil.rmtree(folder)
            folder.with_name("copy").replace(folder)
        self.kept = bytes(data)

    kept = b""

    EDITS = (
        (edit, 12), (relabel, 4), (move, 3), (delete, 2), (add, 4), (picture, 3), (policy, 1),
        (ignore, 1), (output, 3), (touch, 1), (rewrite, 1), (state, 2), (clean, 1),
    )  # fmt: skip

    # What is held together.

    def step(self) -> list[str]:
        """One edit, or several, or none, then a run of both; what they were."""
        count = self.random.choice((0, 1, 1, 1, 1, 2, 3))
        edits, weights = zip(*self.EDITS, strict=True)
        done = []
        for edit in self.random.choices(edits, weights, k=count):
            done.append(edit.__name__)
            edit(self)
        if self.random.random() < 0.15:
            self.levels = self.random.choice(
                (["--all"], ["--level", "internal"], ["--level", "public", "--level", "secret"])
            )
        self.runs(*self.random.choice(((), (), (), (), ("--dry-run",), ("--format", "json"))))
        return done

    def runs(self, *options: str) -> tuple[int, str, str]:
        """Run both, and hold what can be seen of them together; returns it."""
        (self.roots[1] / ".tierpub" / "notes.db").unlink(missing_ok=True)
        before = [times(root) for root in self.roots]
        told = [project(root, *self.levels, *options) for root in self.roots]
        after = [times(root) for root in self.roots]
        assert told[0] == told[1]
        assert contents(self.roots[0]) == contents(self.roots[1])
        kept = [{p for p in a if b.get(p) == a[p]} for a, b in zip(after, before, strict=True)]
        assert kept[0] == kept[1]
        return told[0]


def times(root: Path) -> dict[str, tuple[int, int]]:
    """Inode and modification time of every published file."""
    found = {}
    for file in files(root):
        state = file.lstat()
        found[file.relative_to(root).as_posix()] = (state.st_ino, state.st_mtime_ns)
    return found


def contents(root: Path) -> dict[str, tuple[int, bytes]]:
    """Mode and bytes of every published file."""
    return {
        f.relative_to(root).as_posix(): (f.lstat().st_mode, f.read_bytes()) for f in files(root)
    }


def files(root: Path) -> list[Path]:
    """All files in the trees of the tiers."""
    return sorted(p for tree in root.glob("_[a-z]*") for p in tree.rglob("*") if p.is_file())


def project(root: Path, *options: str) -> tuple[int, str, str]:
    """Run `tierpub project` in this process; its exit code and what it printed."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(["project", *options, "--vault", str(root)])
    place = str(root)
    return code, out.getvalue().replace(place, "ROOT"), err.getvalue().replace(place, "ROOT")


class Watch:
    """Counts what runs do: which notes they projected, and how many were incremental."""

    def __init__(self, monkeypatch) -> None:
        self.partial = 0
        self.whole = 0
        self.projected: list[str] = []
        again, partial = Recall.again, doing.Partial

        def count(recall, state):
            self.projected = []
            done = again(recall, state)
            if f"{os.sep}b{os.sep}" not in str(state.folder):
                self.partial += done is not None
                self.whole += done is None
            return done

        class Counted(partial):
            def projections(self_, levels):  # noqa: N805
                yield from super().projections(levels)
                self.projected = sorted(self_.dirty)

        monkeypatch.setattr(Recall, "again", count)
        monkeypatch.setattr(doing, "Partial", Counted)
