"""Each rule of the audit: silent on a clean publication, and loud where its fault is planted."""

# ruff: noqa: D103 - a plant is what its name says

from __future__ import annotations

import base64
import os
import time
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote

import pyrage
import pytest
from audit_tools import OFFICE, PLAN, make_bench

from benchmarks.plants import picture
from tierpub import seal
from tierpub.audit import RULES
from tierpub.errors import TierpubError

HIDDEN = "Nineteen silver coins a week"
NAMES = [rule.name for rule in RULES]


@pytest.fixture
def bench(tmp_path):
    """A vault with a clean release."""
    return make_bench(tmp_path)


def places(found):
    """File and line of each finding."""
    return [(each.file, each.line) for each in found]


def test_a_clean_publication_has_no_finding_at_all(bench):
    """With vault, policy and identities nothing is held against a clean release."""
    assert bench.findings() == []


def test_a_clean_publication_alone_has_no_finding(bench):
    """Without vault and policy, but for low confidence, a clean release is fine."""
    found = bench.findings(vault=None, policy=None, identities=())
    assert [each for each in found if each.confidence != "low"] == []


def plant_value(bench):
    bench.change(OFFICE, "Open words", "Nineteen silver coins a week. Open words")


def plant_field(bench):
    bench.change(OFFICE, "town:", "phone: 555 0100 2200\ntown:")


def plant_title(bench):
    bench.change(OFFICE, "From eight", "Ask Ann Falconer. From eight")


def plant_link(bench):
    bench.change(OFFICE, "See and", "See [[Ann_Falconer|her page]] and")


def plant_path(bench):
    bench.change(OFFICE, "From eight", "people/ann_falconer From eight")


def plant_file_name(bench):
    bench.put("public/_public/People/Ann_Falconer.public.md", "")


def plant_anchor(bench):
    bench.change("public/_public/Open/Lake.public.md", "Opening hours", "Salaries of the crew")


def plant_comment(bench):
    bench.change(OFFICE, "From eight", "%% the landlord wants to sell in spring %% From eight")


def plant_attachment(bench):
    bench.put("public/_public/Open/cellar.txt", PLAN)


def plant_metadata(bench):
    bench.put("public/_public/Open/lake.png", picture(b"Author\0somebody"))


def plant_altered(bench):
    bench.change(OFFICE, "by the lake", "by the late")


def plant_blank(bench):
    bench.change(OFFICE, "about the house", "about  the house")


def plant_lost(bench):
    bench.change(OFFICE, "From eight to noon", "From noon")


def plant_dangling(bench):
    (bench.out / "public/_public/Open/Lake.public.md").unlink()


def plant_orphan(bench):
    bench.change(OFFICE, "noon.[^hours]", "noon.")


def plant_banner(bench):
    bench.change(OFFICE, "confidential: public", "confidential: internal")


def plant_low_banner(bench):
    place = OFFICE.replace("public", "internal")
    bench.change(place, "confidential: internal", "confidential: public")


def plant_unexpected(bench):
    bench.put("public/_public/Open/todo.txt", b"to do")


def plant_stranger(bench):
    bench.put("public/backup.zip", b"PK")


def plant_link_out(bench):
    (bench.out / "public/_public/Open/host.public.md").symlink_to("/etc/hostname")


def plant_missing(bench):
    (bench.out / "internal/_internal/Plans.internal.md").unlink()


def plant_stale(bench):
    bench.put("public/_public/Open/Old.public.md", "# Old\n")


def plant_raised(bench):
    bench.note("Open/Lake.md", "---\nconfidential: secret\n---\n# Lake\n")


def plant_not_monotone(bench):
    (bench.out / "internal/_internal/Open/Lake.internal.md").unlink()


def plant_swapped(bench):
    low, high = bench.out / OFFICE, bench.out / "internal/_internal/Open/Office.internal.md"
    one, other = low.read_bytes(), high.read_bytes()
    low.write_bytes(other.replace(b"internal", b"public"))
    high.write_bytes(one.replace(b"public", b"internal"))


def plant_unsealed(bench):
    for path, data in bench.trees[2].items():
        bench.put(f"secret/{path}", data)


def plant_plain_bundle(bench):
    bench.put("secret/_secret.tar.age", seal.build(bench.trees[2].items()))


def plant_recipient(bench):
    stranger = str(pyrage.x25519.Identity.generate().to_public())
    bench.seal(bench.trees[2], (*bench.policy.recipients[2], stranger))


def plant_other_recipient(bench):
    bench.seal(bench.trees[2], (str(pyrage.x25519.Identity.generate().to_public()),))


def plant_unreadable(bench):
    bench.note("Open/Lake.md", "---\na: [\n---\n# Lake\n")


def plant_sealed_value(bench):
    """What is above a sealed tier stands in no tier; a word nobody wrote stands in this one."""
    tree = dict(bench.trees[2])
    path = "_secret/People/Ann_Falconer.secret.md"
    tree[path] = tree[path].replace(b"bees", b"wasps")
    bench.seal(tree)


PLANTS = [
    ("leaked-value", plant_value), ("leaked-value", plant_field), ("leaked-title", plant_title),
    ("leaked-title", plant_link), ("leaked-path", plant_path), ("leaked-path", plant_file_name),
    ("leaked-anchor", plant_anchor), ("leaked-comment", plant_comment),
    ("leaked-attachment", plant_attachment), ("image-metadata", plant_metadata),
    ("altered-text", plant_altered), ("altered-text", plant_blank), ("lost-text", plant_lost),
    ("dangling-link", plant_dangling), ("orphan-definition", plant_orphan),
    ("mislabelled-banner", plant_banner), ("mislabelled-banner", plant_low_banner),
    ("unexpected-file", plant_unexpected),
    ("unexpected-file", plant_stranger), ("unexpected-file", plant_link_out),
    ("missing-file", plant_missing), ("stale-file", plant_stale), ("stale-file", plant_raised),
    ("not-monotone", plant_not_monotone), ("not-monotone", plant_swapped),
    ("unsealed-tier", plant_unsealed), ("unsealed-tier", plant_plain_bundle),
    ("wrong-recipients", plant_recipient), ("wrong-recipients", plant_other_recipient),
    ("readers-differ", plant_unreadable), ("altered-text", plant_sealed_value),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "plant"), PLANTS, ids=[p.__name__ for _, p in PLANTS])
def test_what_is_planted_is_found(bench, rule, plant):
    """Each rule finds its fault, with at least medium confidence, and is silent before."""
    assert bench.findings(rule) == []
    plant(bench)
    found = bench.findings(rule)
    assert found
    assert {each.rule for each in found} == {rule}
    assert any(each.confidence != "low" for each in found)


def test_every_rule_has_a_planted_case():
    """No rule goes without a case that makes it speak; bad-signature has its own below."""
    assert {rule for rule, _ in PLANTS} | {"bad-signature"} == set(NAMES)


ENCODINGS = {
    "base64": lambda text: base64.b64encode(b"__" + text.encode() + b"__").decode(),
    "base64 shifted": lambda text: base64.b64encode(b"_" + text.encode() + b"__").decode(),
    "hex": lambda text: text.encode().hex().upper(),
    "URL": quote,
    "every byte": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "HTML": lambda text: "".join(f"&#{ord(c)};" for c in text),
    "case": str.upper,
    "slug": lambda text: text.lower().replace(" ", "-"),
    "invisible": lambda text: text.replace("e", "e\u200b"),
    "NFD": lambda text: unicodedata.normalize("NFD", text),
}


@pytest.mark.parametrize("form", ENCODINGS)
def test_a_hidden_string_is_found_in_every_form(bench, form):
    """In bytes that are no note, so that nothing but the search can find it."""
    bench.put("public/_public/Open/data.bin", b"\xff\x00" + ENCODINGS[form](HIDDEN).encode())
    found = bench.findings("leaked-value")
    assert [(each.file, each.confidence) for each in found] == [
        ("public/_public/Open/data.bin", "high")
    ]


def test_a_string_that_the_level_may_read_is_no_finding(bench):
    """What visible text holds is none, although something hidden holds it, too."""
    bench.note("People/Ann_Falconer.md", "# Ann\n\nOpen words about the house by the lake.\n")
    assert bench.findings("leaked-value", identities=()) == []


def test_a_short_string_has_low_confidence(bench):
    """A hidden value of a few letters is a note, not an error."""
    bench.note("People/Ann_Falconer.md", "---\nnick: Bzq\n---\n# Ann\n")
    bench.put("public/_public/Open/data.txt", b"of Bzq there")
    found = bench.findings("leaked-value", identities=())
    assert [(each.severity, each.confidence) for each in found] == [("warning", "low")]


def test_findings_quote_no_text(bench):
    """A message can be shown where the hidden text cannot; the canonical place is a field."""
    plant_value(bench)
    (found,) = bench.findings("leaked-value")
    assert "silver" not in found.message
    assert (found.file, found.line) == (OFFICE, 9)
    assert str(found.canonical) == "_Standards/Open/Office.md:19:1"


def test_sealed_tiers_are_not_looked_into_without_identity(bench):
    """What is wrong in a bundle is found only by who can open it."""
    plant_sealed_value(bench)
    assert bench.findings("altered-text", identities=()) == []


def test_links_into_higher_trees_are_found_without_a_vault(bench):
    """The publication alone shows a link that its readers must not have."""
    bench.change(OFFICE, "From eight", "[x](/_secret/A.secret.md) From eight")
    found = bench.findings("leaked-path", vault=None, policy=None, identities=())
    assert set(places(found)) == {(OFFICE, 14)}


def test_names_are_looked_for_with_their_underscores(bench):
    """What stands within a word is no markup: encodings hold it."""
    bench.note("People/Ann_Falconer.md", "# Ann\n\nblue_heron_bay_two, she says.\n")
    bench.put("public/_public/Open/data.bin", b"blue_heron_bay_two, she says".hex())
    found = bench.findings("leaked-value", identities=())
    assert [(each.file, each.confidence) for each in found] == [
        ("public/_public/Open/data.bin", "high")
    ]


def lake(head: str, body: str) -> str:
    """A visible note with hidden parts."""
    return f"---\n{head}\n---\n# Lake\n\n{body}\n"


@pytest.mark.parametrize(
    ("head", "body", "said"),
    [
        ("phone: 1", "", "moorings_taken_since, as a list"),
        ("town: Lake # the captain counts boats at night", "", "captain counts boats"),
        ("town: Lake", "<!-- the captain counts boats at night -->", "captain counts boats"),
        ("town: Lake", '%% <b title="the captain counts boats">x</b> %%', "captain counts boats"),
        ("town: Lake", "%% `= this.captains_boat` %%", "this.captains_boat"),
        ("town: Lake", "%% Bootsverleihstation %%", "in Bootsverleihstation, and"),
    ],
)
def test_all_that_is_hidden_is_looked_for(bench, head, body, said):
    """Names of fields, parts of comments of each kind, attributes, code, long words alone."""
    if said.startswith("moorings"):
        bench.note("People/Ann_Falconer.md", "---\nmoorings_taken_since: 1987\n---\n# Ann\n")
    else:
        bench.note("Open/Lake.md", lake(head, body))
    bench.put("public/_public/Open/data.txt", said.encode())
    rules = ("leaked-value", "leaked-comment", "unexpected-file")
    found = {each.rule for rule in rules for each in bench.findings(rule, identities=())
             if each.file.endswith("data.txt") and each.confidence != "low"}  # fmt: skip
    assert found > {"unexpected-file"}


def test_a_key_that_stands_twice_is_not_read(bench):
    """Readers of YAML disagree on which value counts: such a note has no projection to trust."""
    bench.note("Open/Lake.md", "---\nconfidential: secret\nconfidential: public\n---\n# Lake\n")
    found = bench.findings("readers-differ", identities=())
    assert {each.confidence for each in found} == {"high"}
    assert "public/_public/Open/Lake.public.md" in {each.file for each in found}


def test_what_is_never_copied_may_stand_nowhere(bench):
    """A file of a folder of settings, whatever rule lets its like through."""
    place = bench.vault / "_Standards/Open/.settings/plan.txt"
    place.parent.mkdir()
    place.write_bytes(b"run me")
    bench.put("internal/_internal/Open/.settings/plan.txt", b"run me")
    found = bench.findings("leaked-attachment", identities=())
    assert [each.file for each in found] == ["internal/_internal/Open/.settings/plan.txt"]


def test_a_raised_note_is_surely_stale(bench):
    """That the note is above the level today needs no times of files."""
    plant_raised(bench)
    found = bench.findings("stale-file", identities=())
    assert [(each.confidence, each.message) for each in found] == [
        ("high", "the note is above this level today")
    ] * 2


def test_a_newer_note_makes_a_difference_stale(bench):
    """Where the canonical note changed after its projection was written, that is said."""
    text = (bench.vault / "_Standards/Open/Lake.md").read_text()
    bench.note("Open/Lake.md", text + "\nA new line of words.\n")
    later = time.time() + 10
    os.utime(bench.vault / "_Standards/Open/Lake.md", (later, later))
    found = bench.findings("stale-file", identities=())
    assert {each.confidence for each in found} == {"medium"}
    assert len(found) == 2


@dataclass(frozen=True)
class Problem:
    """As the manifest layer states one."""

    code: str
    path: str
    message: str


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("bad-signature", "bad-signature"), ("bad-manifest", "bad-signature"),
        ("no-manifest", "bad-signature"), ("changed-file", "bad-signature"),
        ("missing-file", "missing-file"), ("unexpected-file", "unexpected-file"),
        ("unsealed-tier", "unsealed-tier"),
    ],
)  # fmt: skip
def test_problems_of_manifests_become_findings(bench, code, rule):
    """What a manifest holds against its folder is said under the rule for it."""
    asked = []

    def statements(folder, key):
        asked.append((folder.name, key))
        return [Problem(code, "_public/x", "the fact")] if folder.name == "public" else []

    bench.put("public/_public.manifest.json", "{}")
    found = bench.findings(rule, statements=statements)
    assert [(each.file, each.message) for each in found] == [("public/_public/x", "the fact")]
    assert asked == [("public", None)]


def test_with_a_key_every_tier_must_have_a_manifest(bench, tmp_path):
    """A key given means that signatures are asked for everywhere."""
    asked = []

    def statements(folder, key):
        asked.append((folder.name, key))
        return []

    bench.findings("bad-signature", key=tmp_path / "k", statements=statements)
    assert asked == [(tier, tmp_path / "k") for tier in ("internal", "public", "secret")]


def test_a_key_that_nothing_checks_is_refused(bench, tmp_path):
    """An audit must not pass for one that looked at signatures."""
    with pytest.raises(TierpubError, match="signatures"):
        bench.findings("bad-signature", key=tmp_path / "k")


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_explains_itself(name):
    """What it finds, why it matters, how to mend it."""
    doc = next(rule for rule in RULES if rule.name == name).doc
    assert "Why it matters: " in doc
    assert "To mend it: " in doc


def test_select_and_ignore(bench):
    """Only the rules that are selected and not ignored speak; an unknown one is refused."""
    plant_value(bench)
    plant_missing(bench)
    assert {f.rule for f in bench.findings("leaked-value", "missing-file")} == {
        "leaked-value", "missing-file",
    }  # fmt: skip
    assert {
        f.rule for f in bench.findings("leaked-value", "missing-file", ignore=["missing-file"])
    } == {"leaked-value"}
    with pytest.raises(TierpubError, match="no rule is called"):
        bench.findings("leaked-valeu")
