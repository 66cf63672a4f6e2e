"""Names that some system or reader mistakes: each is refused, or published all the same."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pyrage
import pytest
from cli_tools import POLICY, make_vault
from name_tools import MD, found, leaves_all, main, make, project, tree

from tierpub.cli.output import ABOVE
from tierpub.policy import load_policy
from tierpub.report.findings import check


@pytest.fixture
def vault(tmp_path):
    """A vault with one public note."""
    return make_vault(tmp_path / "vault", {"Open/A.md": MD})


UNSAFE = [
    (b"Open/a\xff.md", "name-not-utf-8"),
    (b"Open/a\xff/b.md", "name-not-utf-8"),
    (b"Open/\xed\xa0\x80.md", "name-not-utf-8"),
    ("Open/a\nb.md", "control-in-name"),
    ("Open/a\r.md", "control-in-name"),
    ("Open/a\t.md", "control-in-name"),
    ("Open/\x1b[2J.md", "control-in-name"),
    ("Open/a\u0085b.md", "control-in-name"),
    ("Open/a\u2028b.md", "control-in-name"),
    ("Open/a\n/b.md", "control-in-name"),
    ("Open/\u202edm.md", "bidi-in-name"),
    ("Open/\u2066a.md", "bidi-in-name"),
    ("Open/a\\b.md", "backslash-in-name"),
    ("Open/b\\..\\c.md", "backslash-in-name"),
]


@pytest.mark.parametrize(("name", "code"), UNSAFE)
def test_a_note_whose_name_no_reader_can_trust_is_refused(vault, capsys, name, code):
    """The run is refused whole and writes nothing; `check` names the file, escaped, and a hint."""
    project(vault)
    capsys.readouterr()
    make(vault, "Open/A.md", "New words.\n")
    make(vault, name)
    assert leaves_all(vault, capsys) == f"error: {ABOVE}\n"
    assert [severity for severity, _ in found(vault)[code]] == ["error"]
    assert all(fault.hint for fault in check(vault, load_policy(vault / "tierpub.yaml")).errors)


@pytest.mark.parametrize(("name", "code"), UNSAFE)
def test_an_ignored_note_of_such_a_name_stops_nothing(vault, name, code):
    """What the policy ignores may be called as it likes."""
    policy = POLICY.replace("defaults:", "vault:\n  ignore: [Old/]\ndefaults:")
    (vault / "tierpub.yaml").write_text(policy, encoding="utf-8")
    make(vault, b"Old/" + os.fsencode(name))
    assert project(vault) == 0
    assert tree(vault) == {"Open/A.public.md": MD}
    assert code not in found(vault)


@pytest.mark.parametrize(
    "name", [b"Open/a\xff.png", "Open/Icon\r", "Open/a\\b.pdf", "Open/\u202ea"]
)
def test_another_file_of_such_a_name_is_published_nowhere_and_stops_nothing(vault, name):
    """No note can depend on it: it counts as ignored, and `check` warns."""
    make(vault, name)
    assert project(vault) == 0
    assert tree(vault) == {"Open/A.public.md": MD}
    assert [s for code, faults in found(vault).items() if "name" in code for s, _ in faults] == [
        "warning"
    ]


@pytest.mark.parametrize("link", ["a%07b.png", "./a%07b.png", "../Open/a%07b.png"])
def test_a_link_to_such_a_file_is_as_hidden_as_what_is_ignored(vault, link):
    """What is treated as ignored is so for links, too."""
    make(vault, "Open/a\x07b.png")
    make(vault, "Open/L.md", f"Here [a]({link}) there.\n")
    assert project(vault) == 0
    assert tree(vault)["Open/L.public.md"] == "Here there.\n"
    assert tree(vault, "secret")["Open/L.secret.md"] == f"Here [a]({link}) there.\n"


TWINS = [
    ("Open/Ann.md", "Open/ANN.md"),
    ("Open/Ann.md", "Open/Ann.MD"),
    ("Open/Zoe\u0308.md", "Open/Zo\u00eb.md"),
    ("Open/Straße.md", "Open/STRASSE.md"),
    ("Open/\u212a.md", "Open/k.md"),
    ("Open/İ.md", "Open/i\u0307.md"),
    ("Open/ς.md", "Open/Σ.md"),
    ("Open/ﬀ.md", "Open/FF.md"),
    ("Open/d/x.md", "Open/D/X.md"),
    ("Open/Mo\u0308/x.md", "Open/M\u00f6/x.md"),
    ("Open/d.md", "Open/d .md"),
]


@pytest.mark.parametrize(("one", "two"), TWINS)
@pytest.mark.parametrize("hidden", [True, False])
def test_notes_that_some_file_system_takes_for_one_are_refused(vault, capsys, one, two, hidden):
    """Else the one published last would stand for both: by a visible or a hidden twin alike."""
    make(vault, one)
    make(vault, two, "confidential:: secret\n" if hidden else MD)
    assert leaves_all(vault, capsys) == f"error: {ABOVE}\n"
    assert [severity for severity, _ in found(vault)["colliding-names"]] == ["error"]
    assert "output-collision" not in found(vault)


@pytest.mark.parametrize(
    ("one", "two"), [("Open/d/x.md", "Open/d./x.md"), ("Open/d/x.md", "Open/d /X.md")]
)
def test_notes_that_windows_takes_for_one_are_refused(vault, capsys, one, two):
    """Windows drops dots and blanks at the end of a name."""
    make(vault, one)
    make(vault, two)
    leaves_all(vault, capsys)
    assert {"output-collision", "colliding-names"} & found(vault).keys()


def test_folders_that_some_file_system_takes_for_one_lose_nothing(vault):
    """Two spellings of a folder with different notes: each note is published once."""
    for name in ("Open/Dir/x.md", "Open/dir/y.md", "Open/Mo\u0308/a.md", "Open/M\u00f6/b.md"):
        make(vault, name, f"{name}\n")
    assert project(vault) == 0
    assert sorted(tree(vault).values()) == sorted([
        MD, "Open/Dir/x.md\n", "Open/dir/y.md\n", "Open/Mo\u0308/a.md\n", "Open/M\u00f6/b.md\n",
    ])  # fmt: skip


def test_a_note_where_another_projection_needs_a_folder(vault, capsys):
    """A folder that is called like the projection of a note: refused, and `check` says so."""
    make(vault, "Open/X.md")
    make(vault, "Open/X.public.md/Y.md")
    said = leaves_all(vault, capsys)
    assert "error: _public/Open/X.public.md: another output needs a folder of this name" in said
    assert ("error", "_public/Open/X.public.md") in found(vault)["output-collision"]


LONGEST = 255 - len(".internal.md")


def test_names_that_only_a_sealed_tier_cannot_hold(vault, capsys):
    """`check` says at once what would only be refused when the bundle is made."""
    key = str(pyrage.x25519.Identity.generate().to_public())
    tiers = f"private, {{name: secret, recipients: [{key}]}}]\nseal_from: private"
    (vault / "tierpub.yaml").write_text(POLICY.replace("private, secret]", tiers), encoding="utf-8")
    make(vault, "Open/ /x.md")
    leaves_all(vault, capsys)
    assert found(vault)["bundle-name"] == [("error", "_private/Open/ /x.private.md")]
    assert project(vault, "--level", "public") == 0


def test_the_longest_name(vault):
    """A name that just holds the longest tier is published at every level."""
    make(vault, f"Open/{'x' * LONGEST}.md")
    make(vault, f"Open/{'ö' * (LONGEST // 2)}.md")
    assert project(vault) == 0
    assert len(tree(vault, "internal")) == 3
    assert "bad-output-path" not in found(vault)


@pytest.mark.parametrize("name", ["x" * (LONGEST + 1), "ö" * (LONGEST // 2 + 1)])
def test_a_name_that_is_too_long_with_its_tier(vault, capsys, name):
    """Refused before anything is written, with the name and a hint; `check` finds it, too, with
    the tree there or not."""
    make(vault, f"Open/{name}.md")
    said = leaves_all(vault, capsys)
    assert project(vault, "--level", "internal") == 1
    said = capsys.readouterr().err
    assert f"error: _internal/Open/{name}.internal.md: a name in this path has more than" in said
    assert "  hint: rename the note" in said
    (vault / "_internal/Open").mkdir(parents=True)
    assert found(vault)["bad-output-path"] == [("error", f"_internal/Open/{name}.internal.md")]
    assert "stranger" not in found(vault)
    assert project(vault, "--level", "public") == 0
    assert f"Open/{name}.public.md" in tree(vault)


def test_a_name_that_is_too_long_everywhere_is_told_once(vault):
    """`check` names the lowest level that cannot hold it."""
    make(vault, f"Open/{'x' * 252}.md")
    assert found(vault)["bad-output-path"] == [("error", f"_public/Open/{'x' * 252}.public.md")]


def test_a_path_that_is_too_long_is_no_crash(tmp_path, capsys):
    """Deeper than the system opens by one path: told as a folder that cannot be read."""
    root = make_vault(tmp_path / "vault", {"Open/A.md": MD})
    above = Path.cwd()
    try:
        os.chdir(root / "_Standards")
        for _ in range(25):
            Path("d" * 200).mkdir()
            os.chdir("d" * 200)
        Path("x.md").write_text(MD, encoding="utf-8")
    finally:
        os.chdir(above)
    try:
        assert project(root) == 1
        assert capsys.readouterr().err == f"error: {ABOVE}\n"
        assert [severity for severity, _ in found(root)["unreadable-folder"]] == ["error"]
        assert not (root / "_public").exists()
    finally:
        shutil.rmtree(root)


PLAIN = [
    "-rf.md", "--level.md", "secret.md", "public/x.md", "a%20b.md", "a&amp;b.md", "a b. c,1.md",
    "$(x) `y` ;'.md", "X.md.md", "X.MD", "Ω — 東京.md", "~x.md", "d.md/x.md", "{tier}.md",
    "%s{0}.md", "é" * 100 + ".md",
]  # fmt: skip


@pytest.mark.parametrize("name", PLAIN)
def test_odd_names_that_are_fine(vault, name):
    """Published under their own name; nothing that is said against them is an error."""
    make(vault, f"Open/{name}", "Odd.\n")
    assert project(vault) == 0
    assert tree(vault)[f"Open/{name[:-3]}.public.md"] == "Odd.\n"
    assert not [f for faults in found(vault).values() for f in faults if f[0] == "error"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("con.md", "reserved-name"),
        ("NUL.tar.md", "reserved-name"),
        ("aux/x.md", "reserved-name"),
        ("com¹.md", "reserved-name"),
        ("LPT9 .md", "reserved-name"),
        ("conin$.md", "reserved-name"),
        ("a:b.md", "unportable-name"),
        ('a*?"<>.md', "unportable-name"),
        ("d./x.md", "unportable-name"),
        ("d /x.md", "unportable-name"),
        ("a|b.md", "unportable-name"),
        ("a#b.md", "unlinkable-name"),
        ("a^b.md", "unlinkable-name"),
        ("a[[b]].md", "unlinkable-name"),
        ("An\u200bn.md", "invisible-in-name"),
        ("\ufeffA.md", "invisible-in-name"),
        ("a\u00adb.md", "invisible-in-name"),
        ("\u200fa.md", "invisible-in-name"),
        ("a\U000e0041.md", "invisible-in-name"),
    ],
)
def test_names_that_some_readers_cannot_have(vault, name, code):
    """Published as they are, with a warning of `check`."""
    make(vault, f"Open/{name}", "Odd.\n")
    assert project(vault) == 0
    assert tree(vault)[f"Open/{name[:-3]}.public.md"] == "Odd.\n"
    assert [severity for severity, _ in found(vault)[code]] == ["warning"]


@pytest.mark.parametrize(
    "name", ["می\u200cخواهم", "👩\u200d💻", "cone", "null", "com10", "a [b] c"]
)
def test_names_that_nothing_is_wrong_with(vault, name):
    """Joiners that letters need, and names that only begin like a device's, are no warning."""
    make(vault, f"Open/{name}.md", "Odd.\n")
    assert tuple(found(vault)) == ("idle-rule",)


@pytest.mark.parametrize("name", [".md", ".hidden.md", ".obsidian/x.md", "Open/.stversions/A.md"])
def test_names_with_a_leading_dot_are_no_notes(vault, name):
    """Files and folders of other tools, old versions among them, are published at no level."""
    make(vault, name, "Old.\n")
    assert project(vault) == 0
    assert tree(vault, "secret") == {"Open/A.secret.md": MD}


def test_a_link_into_a_folder_with_a_leading_dot_leads_outside(vault):
    """What other tools keep is the top tier's, as all that is not published."""
    make(vault, "Open/.stversions/Old.md")
    make(vault, "Open/L.md", "Here [[Old]] and [a](.stversions/Old.md) there.\n")
    assert project(vault) == 0
    assert tree(vault)["Open/L.public.md"] == "Here and there.\n"


@pytest.mark.parametrize("name", ["-x/y", "-rf"])
def test_a_note_with_a_leading_dash_is_named_behind_two(vault, capsys, name):
    """`--` ends the options, as everywhere."""
    make(vault, f"{name}.md")
    arguments = ["project", "--level", "internal", "--vault", str(vault)]
    assert main.run([*arguments, "--", name]) == 0
    assert main.run([*arguments, f"./{name}"]) == 0
    assert main.run(["explain", "--vault", str(vault), "--", name]) == 0
    assert set(tree(vault, "internal")) == {f"{name}.internal.md"}
    capsys.readouterr()
