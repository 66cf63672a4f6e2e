"""Links to notes of odd names, and names that are taken for those of others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cli_tools import POLICY, make_vault
from name_tools import MD, found, make, project, tree


@pytest.fixture
def vault(tmp_path):
    """A vault with one public note."""
    return make_vault(tmp_path / "vault", {"Open/A.md": MD})


HIDDEN = [
    ("a#b", ["[w](<../People/a#b.md>)", "[w](../People/a%23b.md)"]),
    ("a^b", ["[w](<../People/a^b.md>)", "[[a^b]]"]),
    ("a%20b", ["[w](../People/a%2520b.md)"]),
    ("a&amp;b", ["[w](../People/a&amp;amp;b.md)", "[[a&amp;b]]"]),
    ("-rf", ["[[-rf]]", "[w](../People/-rf.md)"]),
    ("X.secret", ["[[X.secret]]", "[w](../People/X.secret.md)"]),
    ("secret", ["[[secret]]", "[w](../People/secret.md)", "[[People/secret]]"]),
    ("con", ["[[con]]", "[[CON.md]]"]),
    ("d.md/x", ["[[d.md/x]]", "[w](../People/d.md/x.md)"]),
    ("X.md", ["[[X.md]]", "[[X.md.md]]", "[w](../People/X.md.md)"]),
    ("Zoe\u0308", ["[[Zo\u00eb]]", "[[ZOË]]", "[w](../People/Zo%C3%AB.md)"]),
]


@pytest.mark.parametrize(("name", "links"), HIDDEN)
def test_links_to_hidden_notes_of_odd_names_are_cut(vault, name, links):
    """Every form that names the note is as hidden as it is, and stays where it is visible."""
    policy = POLICY.replace("defaults:", 'mentions: "off"\ndefaults:')
    (vault / "tierpub.yaml").write_text(policy, encoding="utf-8")
    make(vault, f"People/{name}.md")
    for number, link in enumerate(links):
        make(vault, f"Open/L{number}.md", f"Here {link} there.\n")
    assert project(vault) == 0
    for number in range(len(links)):
        assert tree(vault)[f"Open/L{number}.public.md"] == "Here there.\n"
        assert tree(vault, "secret")[f"Open/L{number}.secret.md"] != "Here there.\n"


@pytest.mark.parametrize(
    "name",
    ["An|n Falcon", "Ann#Falcon", "Ann^Falcon", "An\u200bn Falcon", "-Falcon-", "Falcon: a life"],
)
def test_the_gate_knows_hidden_names_that_are_odd(vault, capsys, name):
    """A hidden note's name in visible words stops the run however it is spelt."""
    make(vault, f"People/{name}.md")
    make(vault, "Open/L.md", f"Ask {name} first.\n")
    assert project(vault, "--level", "public") == 1
    assert "_Standards/Open/L.md:1:" in capsys.readouterr().err


def test_a_note_that_is_called_like_a_projection(vault):
    """`X.secret.md` is a note; what names it may mean the projection of X and is as high."""
    make(vault, "Open/X.md", "See [[X.secret]].\n")
    make(vault, "Open/X.secret.md", "Named so.\n")
    assert project(vault) == 0
    assert tree(vault)["Open/X.secret.public.md"] == "Named so.\n"
    assert tree(vault)["Open/X.public.md"] == "See.\n"
    assert "See [[X.secret" in tree(vault, "secret")["Open/X.secret.md"]


def test_a_folder_of_the_source_that_is_called_like_a_tree(vault):
    """Its notes are published by their own tiers, links by its bare name are the tier's, and
    `check` warns."""
    make(vault, "Open/_secret/y.md", "Open words.\n")
    make(vault, "_secret/z.md", "Default.\n")
    links = "[[y]] [a](/_Standards/Open/_secret/y.md) [b](_secret/y.md) [[_secret/z]]"
    make(vault, "Open/L.md", f"{links} end.\n")
    assert project(vault) == 0
    assert tree(vault)["Open/_secret/y.public.md"] == "Open words.\n"
    assert "_secret/z.public.md" not in tree(vault)
    kept = tree(vault)["Open/L.public.md"]
    assert "[[y.public|y]] [a](/_public/Open/_secret/y.public.md)" in kept
    assert "_secret/z" not in kept
    assert found(vault)["folder-like-a-tree"] == [
        ("warning", "_Standards/Open/_secret"),
        ("warning", "_Standards/_secret"),
    ]


def test_a_tree_that_is_called_like_a_word(vault):
    """`check` warns where prose reads as a path into a tier's tree."""
    policy = POLICY.replace("defaults:", 'vault:\n  projection: "{tier}/{path}.md"\ndefaults:')
    (vault / "tierpub.yaml").write_text(policy, encoding="utf-8")
    assert [severity for severity, _ in found(vault)["tree-like-a-word"]] == ["warning"]
    make(vault, "Open/P.md", "It is secret/hidden now.\n")
    assert project(vault) == 0
    assert (vault / "public/Open/P.md").read_text() == "It is now.\n"


def test_the_usual_trees_are_no_words(vault):
    """A tree that begins with a sign is no warning."""
    assert "tree-like-a-word" not in found(vault)
    assert "folder-like-a-tree" not in found(vault)


def test_a_file_outside_the_source_that_has_the_name_of_a_note(vault):
    """A bare link may mean it: kept at the top only, and `check` says why and what to do."""
    make(vault, "Open/L.md", "See [[A]] and [[Open/A]].\n")
    (vault / "other").mkdir()
    (vault / "other/A.md").write_text(MD, encoding="utf-8")
    assert project(vault) == 0
    assert tree(vault)["Open/L.public.md"] == "See and [[Open/A.public|A]].\n"
    assert found(vault)["shadowed-link"] == [("warning", "_Standards/Open/L.md:1:5")]


def test_names_that_are_no_utf_8_elsewhere_stop_nothing(tmp_path):
    """The vault's own path, and files beside the source, may be called as they like."""
    root = Path(os.fsdecode(os.fsencode(tmp_path) + b"/v\xff"))
    make_vault(root, {"Open/A.md": MD})
    make(root, b"../x\xfe.md")
    make(root, b"../y\xfe/z.md")
    assert project(root) == 0
    assert tree(root) == {"Open/A.public.md": MD}
