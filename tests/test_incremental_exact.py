"""What a run does again: the notes that changed and those that depend on what changed, no other."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
import time

import pyrage
import pytest
from cli_tools import make_vault, put
from fixtures import pictures
from incremental_tools import OTHER, Watch, contents, project

from tierpub.publish import glance, origin

POLICY = """\
version: 1
tiers: [public, internal, private, secret]
defaults: {note: public, comment: secret}
mentions: "off"
rules:
  - {note: "People/**", tier: private}
"""
NOTES = {
    "Pier.md": "# Pier\n\n## Plan\n\nPlain words. ^one\n\n## Costs\n\nFew.\n",
    "ToHeading.md": "See [[Pier#Plan]].\n",
    "ToCosts.md": "See [[Pier#Costs]].\n",
    "ToNote.md": "See [[Pier]].\n",
    "ToBlock.md": "See [[Pier#^one]].\n",
    "Onward.md": "# Way\n\n## [[Pier#Plan|Plan]]\n\nOn.\n",
    "Further.md": "See [[Onward#Plan]].\n",
    "Alone.md": "---\naliases: [Lone Heron]\n---\nNothing of note.\n",
    "Waiting.md": "See [[Ferry]].\n",
    "Folder.md": "See [[Quiet/]].\n",
    "Quiet/Deep.md": "---\nconfidential: private\n---\nDeep.\n",
    "People/Ann.md": "She.\n",
    "Shown.md": "![[map.png]]\n",
    "map.png": pictures.png(dirty=False),
}
ALL = ("--level", "public", "--level", "internal")


@pytest.fixture
def vault(tmp_path):
    """A vault whose open levels have been written, with something remembered of it."""
    root = make_vault(tmp_path / "vault", NOTES, POLICY)
    assert project(root, *ALL)[0] == 0
    return root


def edit(root, name, old, new):
    """Replace words of a note."""
    text = (root / "_Standards" / name).read_text()
    assert old in text
    put(root, name, text.replace(old, new))


def again(root, watch, *options):
    """Run once more, only what has changed; returns what was projected and what was printed."""
    before = watch.partial
    told = project(root, *(options or ALL))
    assert watch.partial == before + 1, told
    return watch.projected, told


def as_if_whole(root, folder):
    """Assert that a run that does everything, on a copy, changes nothing."""
    other = folder / "whole"
    shutil.rmtree(other, ignore_errors=True)
    shutil.copytree(root, other)
    (other / ".tierpub" / "notes.db").unlink()
    code, out, _ = project(other, *ALL)
    assert (code, re.search(r"created|replaced|removed", out)) == (0, None)
    assert contents(other) == contents(root)


CASES = {
    "words": (lambda v: edit(v, "Pier.md", "Few", "Many"), {"Pier.md"}),
    "alias": (lambda v: edit(v, "Alone.md", "Lone", "Old"), {"Alone.md"}),
    "label": (
        lambda v: edit(v, "Pier.md", "# Pier", "[confidential:: private]\n\n# Pier"),
        {"Pier.md", "ToHeading.md", "ToCosts.md", "ToNote.md", "ToBlock.md", "Onward.md",
         "Further.md"},
    ),
    "heading": (
        lambda v: edit(v, "Pier.md", "## Plan", "## Plan [confidential:: private]"),
        {"Pier.md", "ToHeading.md", "Onward.md", "Further.md", "ToBlock.md"},
    ),
    "heading that stands": (
        lambda v: edit(v, "Pier.md", "## Costs", "## Costs [confidential:: private]"),
        {"Pier.md", "ToCosts.md"},
    ),
    "block": (
        lambda v: edit(v, "Pier.md", "words. ^one", "words. [confidential:: internal] ^one"),
        {"Pier.md", "ToBlock.md", "ToHeading.md", "Onward.md", "Further.md"},  # all its section has
    ),
    "block without links": (
        lambda v: edit(v, "ToBlock.md", "#^one", ""), {"ToBlock.md", "Pier.md"},
    ),
    "the only link to a block gone": (
        lambda v: (v / "_Standards/ToBlock.md").unlink(), {"Pier.md"},
    ),
    "the only note with a picture gone": (lambda v: (v / "_Standards/Shown.md").unlink(), set()),
    "new": (lambda v: put(v, "Lake/Ferry.md", "Here.\n"), {"Lake/Ferry.md", "Waiting.md"}),
    "new, of a case": (lambda v: put(v, "FERRY.md", "Here.\n"), {"FERRY.md", "Waiting.md"}),
    "gone": (
        lambda v: (v / "_Standards/Pier.md").unlink(),
        {"ToHeading.md", "ToCosts.md", "ToNote.md", "ToBlock.md", "Onward.md"},
    ),
    "moved": (
        lambda v: (v / "_Standards/Pier.md").replace(v / "_Standards/People/Pier.md"),
        {"People/Pier.md", "ToHeading.md", "ToCosts.md", "ToNote.md", "ToBlock.md", "Onward.md",
         "Further.md"},
    ),
    "folder": (lambda v: put(v, "Quiet/Open.md", "Open.\n"), {"Quiet/Open.md", "Folder.md"}),
    "picture": (lambda v: put(v, "map.png", pictures.png(dirty=True) + b"x"), set()),
    "another picture": (lambda v: put(v, "map.png", OTHER), set()),
    "no picture": (lambda v: put(v, "map.png", b"none"), {"Shown.md"}),
    "picture gone": (lambda v: (v / "_Standards/map.png").unlink(), {"Shown.md"}),
    "picture not shown": (lambda v: edit(v, "Shown.md", "![[map.png]]", "None."), {"Shown.md"}),
    "output gone": (lambda v: (v / "_public/Alone.public.md").unlink(), {"Alone.md"}),
    "output touched": (lambda v: os.utime(v / "_public/Alone.public.md", ns=(7, 7)), {"Alone.md"}),
    "copy gone": (lambda v: (v / "_public/map.png").unlink(), set()),
    "touched": (lambda v: os.utime(v / "_Standards/Pier.md", ns=(7, 7)), set()),
    "nothing": (lambda _: None, set()),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_changed_and_its_dependents(vault, tmp_path, monkeypatch, name):
    """Exactly the changed notes and those that depend on what changed are projected again."""
    change, expected = CASES[name]
    watch = Watch(monkeypatch)
    change(vault)
    projected, told = again(vault, watch)
    assert told[0] == 0
    assert set(projected) == expected
    as_if_whole(vault, tmp_path)
    projected, told = again(vault, watch)
    assert (projected, told[1].splitlines()[-1].split(" ", 1)[1]) == ([], "unchanged")


def test_levels_wait_for_what_changed(vault, tmp_path, monkeypatch):
    """A level that a run did not write gets what changed by the next run that writes it."""
    watch = Watch(monkeypatch)
    edit(vault, "Alone.md", "Nothing", "Little")
    assert again(vault, watch, "--level", "internal")[0] == ["Alone.md"]
    edit(vault, "Pier.md", "Few", "Many")
    assert again(vault, watch, "--level", "internal")[0] == ["Pier.md"]
    assert again(vault, watch, "--level", "public")[0] == ["Alone.md", "Pier.md"]
    as_if_whole(vault, tmp_path)


def test_a_circle_of_anchors_comes_down_again(vault, tmp_path, monkeypatch):
    """Headings that hide each other by their links show again when the label that hid both is
    gone: no tier holds itself up."""
    put(vault, "Here.md", "## [[There#Two|One]] [confidential:: private]\n")
    put(vault, "There.md", "## [[Here#One|Two]]\n")
    assert project(vault, *ALL)[0] == 0
    assert "Two" not in (vault / "_public/There.public.md").read_text()
    watch = Watch(monkeypatch)
    edit(vault, "Here.md", " [confidential:: private]", "")
    assert set(again(vault, watch)[0]) == {"Here.md", "There.md"}
    assert "Two" in (vault / "_public/There.public.md").read_text()
    as_if_whole(vault, tmp_path)


@pytest.mark.parametrize("words", ["Ann walks.", "Hidden Heron walks.", "Nobody walks."])
def test_the_gate_sees_what_it_saw(vault, tmp_path, monkeypatch, words):
    """A mention in a changed note is refused, and needles are what they were."""
    policy = POLICY.replace('"off"', "refuse")
    (vault / "tierpub.yaml").write_text(policy)
    put(vault, "People/Ann.md", "---\naliases: [Hidden Heron]\n---\nShe.\n")
    assert project(vault, *ALL)[0] == 0
    before = contents(vault)
    edit(vault, "Alone.md", "Nothing of note.", words)
    watch = Watch(monkeypatch)
    code, _, err = project(vault, *ALL)
    mentions = "Nobody" not in words
    assert (code, "mention" in err, watch.whole) == (int(mentions), mentions, int(mentions))
    assert (contents(vault) == before) == mentions
    if not mentions:
        as_if_whole(vault, tmp_path)


SAID = {
    "an alias that everybody may know is gone": lambda v: edit(v, "Known.md", "Hidden Heron", "X"),
    "a hidden note has another alias": lambda v: edit(v, "People/Ann.md", "Hidden Heron", "Few at"),
    "a longer name that is no secret is gone": lambda v: (v / "_Standards/Long.md").unlink(),
    "a note is hidden": lambda v: edit(v, "Stairs.md", "public", "private"),
}


@pytest.mark.parametrize("name", SAID)
def test_what_is_said_elsewhere_can_make_a_mention(vault, monkeypatch, name):
    """A run is refused for a mention in a note that did not change, as one over everything is."""
    (vault / "tierpub.yaml").write_text(POLICY.replace('"off"', "refuse"))
    put(vault, "People/Ann.md", "---\naliases: [Hidden Heron, Moorings]\n---\nShe.\n")
    put(vault, "Known.md", "---\naliases: [Hidden Heron]\n---\nIt.\n")
    put(vault, "Long.md", "---\naliases: [Lower Moorings]\n---\nIt.\n")
    put(vault, "Stairs.md", "---\nconfidential: public\n---\nIt.\n")
    put(vault, "Says.md", "The Hidden Heron, few at Lower Moorings, on the stairs.\n")
    assert project(vault, *ALL)[0] == 0
    watch = Watch(monkeypatch)
    edit(vault, "Says.md", "The Hidden", "A Hidden")
    assert again(vault, watch)[0] == ["Says.md"]  # what was no mention is none
    before = contents(vault)
    watch.partial = 0
    SAID[name](vault)
    code, _, err = project(vault, *ALL)
    assert (code, watch.partial, "Says.md" in err) == (1, 0, True)
    assert contents(vault) == before


def test_another_policy_or_program_does_everything(vault, monkeypatch):
    """Where the policy or the program is another, nothing that is remembered counts."""
    watch = Watch(monkeypatch)
    (vault / "tierpub.yaml").write_text(POLICY + "  - {field: x, tier: secret}\n")
    assert project(vault, *ALL)[0] == 0
    assert (watch.partial, watch.whole) == (0, 1)
    again(vault, watch)
    monkeypatch.setattr(origin, "_code", lambda: b"another")
    assert project(vault, *ALL)[0] == 0
    assert watch.whole == 2


def test_a_copy_of_the_state_does_everything(vault, tmp_path, monkeypatch):
    """A state that came with a copied vault is not believed."""
    watch = Watch(monkeypatch)
    shutil.copytree(vault, tmp_path / "copy")
    assert project(tmp_path / "copy", *ALL)[0] == 0
    assert (watch.partial, watch.whole) == (0, 1)


def test_a_state_that_was_copied_in_its_place_does_everything(vault, monkeypatch):
    """The same bytes under the same names are another state."""
    folder = vault / ".tierpub"
    shutil.copytree(folder, vault / "copy")
    shutil.rmtree(folder)
    (vault / "copy").replace(folder)
    watch = Watch(monkeypatch)
    assert project(vault, *ALL)[0] == 0
    assert (watch.partial, watch.whole) == (0, 1)


def test_another_record_of_files_does_everything(vault):
    """Where the record of files is not the one that was left, that is told and mended."""
    record = vault / ".tierpub" / "state.db"
    record.write_bytes(b"no database")
    code, _, err = project(vault, *ALL)
    assert (code, "the record of earlier runs cannot be read" in err) == (0, True)
    assert record.read_bytes()[:6] == b"SQLite"
    assert project(vault, *ALL)[2] == ""


DAMAGES = {
    "contents": "UPDATE parts SET data = zeroblob(length(data)) WHERE name = 'contents'",
    "reasons": "UPDATE parts SET data = zeroblob(length(data)) WHERE name = 'reasons'",
    "a part gone": "DELETE FROM parts WHERE name = 'needles'",
    "a row": "UPDATE rows SET data = zeroblob(length(data))",
    "rows gone": "DELETE FROM rows",
    "rows that are none": "UPDATE rows SET data = 'x'",
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_noticed(vault, tmp_path, monkeypatch, name):
    """Where anything that is remembered was changed, everything is done again."""
    edit(vault, "Pier.md", "# Pier", "[confidential:: private]\n\n# Pier")
    db = sqlite3.connect(vault / ".tierpub" / "notes.db")
    with db:
        db.execute(DAMAGES[name])
    db.close()
    watch = Watch(monkeypatch)
    assert project(vault, *ALL)[0] == 0
    assert (watch.partial, watch.whole) == (0, 1)
    as_if_whole(vault, tmp_path)


def test_a_stranger_where_a_hidden_note_would_stand(vault):
    """What somebody put where a projection of a hidden note would be is not left alone."""
    stranger = vault / "_public/People/Ann.public.md"
    stranger.parent.mkdir(parents=True)
    stranger.write_text("She.\n")
    code, _, err = project(vault, *ALL)
    assert (code, "no record says whose it is" in err) == (1, True)


def test_a_symlink_that_leads_elsewhere_now(vault, tmp_path):
    """A fault of the vault that changes no name in it refuses a run."""
    link = vault / "_Standards" / "way"
    link.symlink_to(vault / "tierpub.yaml")
    assert project(vault, *ALL)[0] == 0
    link.unlink()
    link.symlink_to(tmp_path)
    assert project(vault, *ALL)[0] == 1


def test_other_readers_in_a_file_of_keys(vault):
    """A bundle is sealed anew when a file of keys beside the policy names others."""
    keys = vault / "readers.txt"
    keys.write_text(str(pyrage.x25519.Identity.generate().to_public()) + "\n")
    tiers = "private, {name: secret, recipients: [readers.txt]}]\nseal_from: secret"
    (vault / "tierpub.yaml").write_text(POLICY.replace("private, secret]", tiers))
    assert project(vault, "--all")[0] == 0
    bundle = vault / "_secret.tar.age"
    before = bundle.read_bytes()
    assert project(vault, "--all")[0] == 0
    assert bundle.read_bytes() == before
    keys.write_text(str(pyrage.x25519.Identity.generate().to_public()) + "\n")
    assert project(vault, "--all")[0] == 0
    assert bundle.read_bytes() != before


class Blind:
    """A glance that sees nothing but names."""

    pack = staticmethod(lambda *_: bytes(glance.LOOK))


@pytest.mark.parametrize("slack", [glance.FINE_SLACK, -(10**18)])
def test_young_files_are_read(vault, monkeypatch, slack):
    """A note that was changed in the tick of the clock in which it was last looked at is read,
    though a glance sees no difference; an old one is not."""
    monkeypatch.setattr(glance, "_LOOK", Blind)
    monkeypatch.setattr(glance, "FINE_SLACK", slack)
    edit(vault, "Alone.md", "Nothing", "Little")
    assert project(vault, *ALL)[0] == 0
    watch = Watch(monkeypatch)
    edit(vault, "Alone.md", "Little", "Nought")
    assert again(vault, watch)[0] == (["Alone.md"] if slack > 0 else [])


def test_nothing_remembered_can_be_read(tmp_path):
    """What is remembered holds no name, heading, block id, alias or value, at any tier, in any
    spelling."""
    words = ("Zanderkopf", "Quillmark", "Brackwater", "Ottersby", "Larkhollow", "Fenwright")
    name, heading, alias, value, block, folder = words
    text = f"---\naliases: [{alias}]\nphone: {value}\n---\n\n## {heading}\n\nWords. ^{block}\n"
    notes = {
        f"{folder}/{name}.md": text,
        "People/Ann.md": f"[[{name}#{heading}]] [[{name}#^{block}]] ![[{folder}.png]]\n",
        f"{folder}.png": pictures.png(dirty=False),
    }
    root = make_vault(tmp_path / "vault", notes, POLICY.replace('"off"', "warn"))
    assert project(root, "--level", "secret")[0] == 0
    data = (root / ".tierpub" / "notes.db").read_bytes()
    spelled = [w for word in words for w in (word, word.lower(), word.upper(), word[1:-1])]
    for word in spelled:
        for form in (word.encode(), word.encode("utf-16-le"), word.encode().hex().encode()):
            assert form not in data, word
    with contextlib.closing(sqlite3.connect(root / ".tierpub" / "notes.db")) as db, db:
        kinds = {
            t for row in db.execute("SELECT typeof(note), typeof(data) FROM rows") for t in row
        }
        names = {name for (name,) in db.execute("SELECT name FROM parts")}
    db.close()
    assert kinds == {"integer", "blob"}
    assert all(re.fullmatch(r"[a-z ]+|tree -?[0-9a-f]+ \d", name) for name in names)
    assert (root / ".tierpub" / "notes.db").stat().st_mode & 0o777 == 0o600


def test_time_passes(vault, monkeypatch):
    """What is not young any more is not read, and nothing is put down for it."""
    watch = Watch(monkeypatch)
    time.sleep(0.2)
    edit(vault, "Alone.md", "Nothing", "Little")
    again(vault, watch)
    before = (vault / ".tierpub" / "notes.db").read_bytes()
    time.sleep(0.2)
    again(vault, watch)
    assert (vault / ".tierpub" / "notes.db").read_bytes() == before
