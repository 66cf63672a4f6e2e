"""`tierpub release --since`: what would newly be shown, and nothing that would not."""

from __future__ import annotations

import re
import shutil

import pytest
from cli_tools import NOTES, data_of, put, tierpub
from release_tools import everything, released, sealed_vault

from tierpub.report.newly import newly

OFFICE = "_public/Open/Office.public.md"
NOTHING = "note: nothing is written\n"


@pytest.fixture
def vault(tmp_path):
    """The small vault, private and secret sealed, and its release in `site`."""
    vault = sealed_vault(tmp_path)
    released(vault, tmp_path / "site")
    return vault


def since(vault, *more):
    """Run `tierpub release --since` on the release beside the vault."""
    return tierpub("release", "--vault", vault, "--since", vault.parent / "site", *more)


def test_nothing_new(vault):
    """Where nothing would be newly shown it exits with 0 and says so for each level."""
    before = everything(vault.parent)
    done = since(vault)
    assert (done.returncode, done.stderr) == (
        0, "note: what follows is for readers of internal\n" + NOTHING)  # fmt: skip
    assert done.stdout == (
        "public: 0 files, 0 lines newly shown\n"
        "internal: 0 files, 0 lines newly shown\n"
        "private: not compared: sealed, and no identity is at hand\n"
        "secret: not compared: sealed, and no identity is at hand\n"
    )
    assert everything(vault.parent) == before


def test_new_lines_and_files(vault):
    """A line more and a new note are listed and shown as a diff, at each level that reads them;
    the exit code is 10 and nothing is written."""
    put(vault, "Open/Office.md", NOTES["Open/Office.md"] + "\nA new line.\n")
    put(vault, "Open/New.md", "First.\n\nSecond.\n")
    before = everything(vault.parent)
    done = since(vault, "--level", "public")
    assert done.returncode == 10
    assert done.stderr == "note: what follows is for readers of public\n" + NOTHING
    assert done.stdout == (
        "public: 2 files, 5 lines newly shown\n"
        "  new   _public/Open/New.public.md (3 lines)\n"
        f"  more  {OFFICE} (2 lines)\n"
        "--- /dev/null\n"
        "+++ _public/Open/New.public.md\n"
        "@@ -0,0 +1,3 @@\n"
        "+First.\n"
        "+\n"
        "+Second.\n"
        f"--- {OFFICE}\n"
        f"+++ {OFFICE}\n"
        "@@ -5,3 +5,5 @@\n"
        " # Office\n"
        " \n"
        " Open words. See and.\n"
        "+\n"
        "+A new line.\n"
    )
    assert everything(vault.parent) == before


def test_what_is_hidden_now_is_not_shown(vault):
    """A line, a file and a name that are above the level today stand nowhere in what is printed,
    though the earlier release had them."""
    put(vault, "Open/Old.md", "An eel in the harbour.\n")
    put(vault, "Open/Rose.md", "Pike.\n")
    put(vault, "Open/Office.md", "# Office\n\nThe osprey nests.\n\nOpen words.\n")
    assert released(vault, vault.parent / "site").returncode == 0
    put(vault, "Open/Office.md", "# Office\n\nThe osprey nests. [confidential:: secret]\n\nMore.\n")
    put(vault, "Open/Old.md", "---\nconfidential: private\n---\nAn eel in the harbour.\n")
    (vault / "_Standards/Open/Rose.md").unlink()
    for more in ((), ("--format", "json")):
        done = since(vault, "--level", "public", "--level", "internal", *more)
        assert done.returncode == 10
        assert "More." in done.stdout
        hidden = ("osprey", "eel", "Old", "Rose", "Pike", "Open words")
        assert not [word for word in hidden if word in done.stdout + done.stderr]


def test_each_level_speaks_of_what_it_reads(vault):
    """What is new above a level stands only under the levels that read it."""
    put(vault, "Plans.md", NOTES["Plans.md"].replace("Inside", "Other"))
    done = since(vault)
    public, internal = done.stdout.split("internal: ")
    assert public == "public: 0 files, 0 lines newly shown\n"
    assert "+Other words." in internal
    assert "Nine coins" not in done.stdout


def test_sealed_tiers_with_an_identity(vault):
    """With the key of a sealed tier it is opened in memory and compared; with that of a lower
    one, the higher is said to be not compared."""
    put(vault, "People/Ann_Falcon.md", "---\nconfidential: private\n---\n\nShe left.\n")
    before = everything(vault.parent)
    done = since(vault, "-i", vault.parent / "private.key")
    assert done.returncode == 10
    assert "private: 1 file, 1 line newly shown\n" in done.stdout
    assert "+She left." in done.stdout
    assert "secret: not compared: none of the identities opens this file\n" in done.stdout
    assert "for readers of private" in done.stderr
    every = since(vault, "-i", vault.parent / "secret.key")
    assert every.stdout.count("+She left.") == 2
    assert everything(vault.parent) == before


def test_a_level_that_was_not_released(vault):
    """All of a level that the earlier release did not have is new."""
    shutil.rmtree(vault.parent / "site/internal")
    done = since(vault, "--level", "internal", "--level", "secret")
    assert done.stdout.startswith("internal: 2 files, ")
    assert done.stdout.count("  new   ") == 2
    shutil.rmtree(vault.parent / "site/secret")
    done = since(vault, "--level", "secret")
    assert "secret: not compared: sealed, and not so in the earlier release\n" in done.stdout


def test_a_level_that_was_sealed_and_is_open_now(vault):
    """Where a tier is not sealed any more, all of it is newly shown."""
    policy = vault / "tierpub.yaml"
    policy.write_text(policy.read_text().replace("seal_from: private", "seal_from: secret"))
    text = policy.read_text().splitlines()
    text = [re.sub(r"\{name: private, .*\}", "private", line) for line in text]
    policy.write_text("\n".join(text) + "\n")
    done = since(vault, "--level", "private")
    assert done.returncode == 10
    assert done.stdout.startswith("private: 3 files, ")
    assert done.stdout.count("  new   ") == 3


def test_json(vault):
    """JSON has level, file, number and text of each new line, and the diff."""
    put(vault, "Open/Office.md", NOTES["Open/Office.md"] + "Below.\n")
    data = data_of(since(vault, "--level", "public", "--level", "secret", "--format", "json"))
    assert data == {
        "schema": "tierpub/release/1",
        "tiers": [
            {
                "tier": "public",
                "compared": True,
                "reason": None,
                "files": [{
                    "path": OFFICE,
                    "new": False,
                    "bytes": data["tiers"][0]["files"][0]["bytes"],
                    "lines": [{"line": 8, "text": "Below."}],
                    "diff": ["@@ -5,3 +5,4 @@", " # Office", " ", " Open words. See and.",
                             "+Below."],
                }],
            },
            {
                "tier": "secret",
                "compared": False,
                "reason": "sealed, and no identity is at hand",
                "files": [],
            },
        ],
    }  # fmt: skip


@pytest.mark.parametrize("change", ["changed", "extra", "missing", "empty", "symlink"])
def test_an_earlier_release_that_is_not_as_published(vault, change):
    """What would be compared must be what was published: else somebody could make new things
    look old."""
    site = vault.parent / "site"
    if change == "changed":
        (site / "public" / OFFICE).write_text("words")
    elif change == "extra":
        (site / "public/_public/more.md").write_text("words")
    elif change == "missing":
        (site / "public" / OFFICE).unlink()
    else:
        site.rename(vault.parent / "moved")
        if change == "empty":
            site.mkdir()
        else:
            site.symlink_to(vault.parent / "moved")
    done = since(vault)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"error: {site}: ")


def test_a_mention_stops_it(vault):
    """What would be refused is refused here too, without a hidden word."""
    put(vault, "Open/Office.md", "Ask Ann Falcon.\n")
    done = since(vault)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Falcon" not in done.stderr


def test_lines_cannot_steer_the_terminal(vault):
    """Control characters in a line are escaped."""
    put(vault, "Open/Office.md", "\x1b[2Jwords\u202e\r\n")
    assert "\\x1b[2Jwords\\u202e\\r\n" in since(vault, "--level", "public").stdout


def shown(before: bytes, now: bytes) -> list[tuple[int, str]]:
    """New lines of one file."""
    return [line for one in newly({"f": before}, {"f": now}) for line in one.lines]


def test_newly_shown():
    """A line is new unless it stood there in the same order; what has gone is no difference."""
    assert shown(b"a\nb\nc\n", b"a\nc\n") == []
    assert shown(b"a\nc\n", b"a\nb\nc\n") == [(2, "b")]
    assert shown(b"a", b"a\n") == []
    assert shown(b"", b"a\r\n\n") == [(1, "a\r"), (2, "")]
    assert shown(b"a\nb\n", b"b\na\n") in ([(1, "b")], [(2, "a")])


def test_newly_shown_without_text():
    """A file that is no text is told by its size."""
    (one,) = newly({"f": b"\x89PNG"}, {"f": b"\x89PNG\0\xff"})
    assert (one.path, one.whole, one.lines, one.diff, one.size) == ("f", False, (), (), 6)
    (empty,) = newly({}, {"g": b""})
    assert (empty.whole, empty.lines) == (True, ())
