"""The pages of a report: what they show is what the projections hold, and nothing above it."""

from __future__ import annotations

import re

import pytest
from cli_tools import make_vault
from report_tools import (
    HOSTILE,
    LADDER,
    data_of_page,
    held_of,
    page_of,
    reads,
    runs_of,
    sample,
    site_of,
    whys_of,
)

import tierpub
from tierpub.errors import TierpubError
from tierpub.policy import load_policy
from tierpub.report.site.align import align
from tierpub.report.site.pages import address

pytestmark = pytest.mark.usefixtures("templates")


def test_each_level_of_each_sample_note_reads_as_its_projection():
    """The runs of a page that a level keeps are its projection, byte for byte."""
    root, policy = sample()
    files = site_of(root, 5, policy)
    projections = tierpub.project(root, policy)
    names = policy.ladder.names
    seen = 0
    for path in sorted((root / "_Standards").rglob("*.md")):
        note = path.relative_to(root / "_Standards").as_posix()
        page = page_of(files, note)
        sizes = data_of_page(page)["sizes"]
        for level, name in enumerate(names):
            data = projections[level].get(policy.projection_of(note, level))
            assert (str(level) in sizes) == (data is not None), (note, name)
            if data is not None:
                assert reads(page, level).encode() == data, (note, name)
                seen += 1
    assert seen > 200


def test_what_stands_in_the_note_is_the_note():
    """The runs that are typed are the canonical text, where the report holds all of it."""
    root, policy = sample()
    files = site_of(root, 5, policy)
    for path in (root / "_Standards").rglob("*.md"):
        page = page_of(files, path.relative_to(root / "_Standards").as_posix())
        typed = "".join(t for found, t in runs_of(page) if "n" not in found["class"].split())
        assert typed.encode() == path.read_bytes()


def test_every_portion_of_the_sample_is_told_apart_at_every_bound():
    """Reasons read from a level's own text give the real projections for all sample notes."""
    root, policy = sample()
    for level in range(6):
        held = held_of(root, level, policy)
        for note in held.notes:
            assert held.classified(note) is not None, (level, note)


def test_faults_refuse_a_report(tmp_path):
    """A vault that cannot be projected has no report."""
    root = make_vault(tmp_path, {"A.md": "---\na: [\n---\n"})
    with pytest.raises(TierpubError):
        held_of(root, 1)


def test_reasons_are_those_of_the_text_that_is_shown(tmp_path):
    """A portion's page says its rule, label, target or default, and where."""
    root = make_vault(tmp_path)
    files = site_of(root, 1)
    note, phone = whys_of(files, "Open/Office.md")[:2]
    rule = "falls under the rule `{}` in line {} of tierpub.yaml: {}".format
    assert note == ("note", 0, rule("note: Open/**", 7, "for everybody"))
    assert phone == ("field", 1, rule("field: phone", 13, "how somebody is reached"))
    default = "is under neither label nor rule, only under `defaults.note`"
    assert whys_of(files, "Plans.md")[0] == ("note", 1, default)


def test_links_lead_to_pages(tmp_path):
    """A link to a note of the report leads to its page, one to a hidden note is not there."""
    root = make_vault(tmp_path)
    files = site_of(root, 1)
    page = page_of(files, "Open/Office.md")
    links = [found["href"] for found, _ in runs_of(page) if "href" in found]
    assert set(links) == {address("Plans.md")}
    assert f'<a href="{address("Open/Office.md")}">' in page_of(files, "Plans.md")
    assert "Ann" not in page


def test_every_page_says_whom_it_is_for(tmp_path):
    """Above and below, each page names the highest tier that the report holds."""
    files = site_of(make_vault(tmp_path), 1)
    pages = [data.decode() for path, data in files.items() if path.endswith(".html")]
    assert len(pages) == 3
    for page in pages:
        assert page.count("holds text up to <strong>internal</strong>") == 2
        assert "(internal)</title>" in page


def test_pages_load_nothing_but_their_own_style_and_scripts(tmp_path):
    """The security policy of each page lets nothing else load, and no page asks for more."""
    files = site_of(make_vault(tmp_path), 1)
    assets = {path for path in files if path.startswith("assets/")}
    for path, data in files.items():
        page = data.decode()
        if not path.endswith(".html"):
            assert not re.search(r"https?:|url\(|@import|innerHTML|eval|Function\(", page), path
            continue
        policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
        assert policy.startswith("default-src &#39;none&#39;; script-src &#39;self&#39;;")
        assert "unsafe" not in policy
        assert page.index("Content-Security-Policy") < page.index("<script")
        loads = re.findall(r'<(?:script|link|img|iframe)[^>]*?(?:src|href)="([^"]*)"', page)
        assert {load.removeprefix("../") for load in loads} <= assets
        assert not re.search(r"<[^>]*\s(?:style|on\w+)=", page)


def test_the_same_vault_gives_the_same_bytes():
    """A second run of the same vault makes the same site."""
    root, policy = sample()
    assert site_of(root, 2, policy) == site_of(root, 2, policy)


def test_of_a_link_only_what_differs_is_new(tmp_path):
    """The words of a link that a level keeps are those that are typed, and not written anew."""
    notes = {"A.md": "See [[B|her page]] and more\n", "B.md": "x\n"}
    root = make_vault(tmp_path, notes, LADDER + "defaults: {note: internal}\n")
    runs = runs_of(page_of(site_of(root, 1), "A.md"))
    new = "".join(text for found, text in runs if "n" in found["class"].split())
    kept = "".join(text for found, text in runs if found["data-k"] == "2")
    assert "internal" in new
    assert "her page" not in new
    assert "|her page]]" in kept


def test_hostile_text_is_text(tmp_path):
    """Whatever stands in a note, a parser finds the same text and no other element."""
    names = ["a'b\"c%41#d?e&<i>f.md", "{{ x }}.md", "</title><script>x.md".replace("/", "∕")]
    policy = LADDER + "defaults: {note: public, comment: public}\nmentions: 'off'\n"
    root = make_vault(tmp_path, dict.fromkeys(names, HOSTILE), policy)
    files = site_of(root, 3)
    canonical = HOSTILE
    for name in names:
        page = page_of(files, name)
        assert reads(page, 3) == canonical
        assert len(re.findall(r"<script", page)) == 3
        assert "onerror=alert(1)>" not in page
        assert "\u202e" not in re.sub(r"<pre.*?</pre>", "", page, flags=re.DOTALL)
        assert re.search(r'<span class="u" data-c="U\+202E">\u202e</span>', page)
        assert not [f for f, _ in runs_of(page) if f.get("href", "x").startswith(("j", "data"))]
    index = files["index.html"].decode()
    assert "<script>x" not in index
    assert len(re.findall(r"<script", index)) == 3


def test_what_cannot_be_seen_is_spelt_out_in_names_and_reasons(tmp_path):
    """Around the text of a note no character hides or turns what stands beside it."""
    text = "## He\u202ead\u2066ing [confidential:: secret]\n\n- [ne\u200bar:: 1] [[ze\u200bro]]\n"
    policy = LADDER + "defaults: {note: public}\n"
    rule = 'rules:\n  - {inline_field: "ne\u200bar", tier: secret}\n'
    root = make_vault(tmp_path, {"ze\u200bro.md": text}, policy + rule)
    files = site_of(root, 3)
    for path, data in files.items():
        around = re.sub(r"<pre.*?</pre>", "", data.decode(), flags=re.DOTALL)
        assert not re.search("[\u200b-\u200f\u202a-\u202e\u2066-\u2069]", around), path
    page = page_of(files, "ze\u200bro.md")
    assert "<bdi>ze⟨U+200B⟩ro</bdi>" in page
    reasons = " ".join(why for _, _, why in whys_of(files, "ze\u200bro.md"))
    assert "`inline_field: ne⟨U+200B⟩ar`" in reasons
    assert "“He⟨U+202E⟩ad⟨U+2066⟩ing" in reasons


def test_pieces_are_exact_where_tiers_lean_on_what_is_hidden(tmp_path):
    """Where portions cannot be told apart the page still reads as each level does."""
    notes = {"N.md": "# N\n\nOpen\n\n## F [confidential:: secret]\n\nconfidential:: internal\n"}
    policy = LADDER + "defaults: {note: public}\n"
    root = make_vault(tmp_path, notes, policy)
    stated = load_policy(root / "tierpub.yaml")
    held = held_of(root, 2)
    assert held.classified("N.md") is None
    page = page_of(site_of(root, 2), "N.md")
    for level in (1, 2):
        data = tierpub.project(root, stated, [level])[level][
            f"_{held.tiers[level]}/N.{held.tiers[level]}.md"
        ]
        assert reads(page, level).encode() == data
    assert "lean on something above" in page


def test_marks_and_edits_are_told_from_what_is_typed(tmp_path):
    """A mark, a link target and a banner are in the pieces of their level alone."""
    policy = LADDER + "defaults: {note: internal}\nredaction: {inline: mark, block: mark}\n"
    text = "---\nconfidential: public\n---\nSee [[B]]\n\nx #confidential/private\n\nEnd [[A]]\n"
    notes = {"A.md": text, "B.md": "x\n"}
    root = make_vault(tmp_path, notes, policy)
    page = page_of(site_of(root, 2), "A.md")
    new = [(text, int(f["data-k"])) for f, text in runs_of(page) if "n" in f["class"].split()]
    assert ("[redacted]\n\n", 3) in new or any("[redacted]" in text for text, _ in new)
    assert any(".public" in text and bits == 1 for text, bits in new)
    for level in (0, 1, 2):
        stated = load_policy(root / "tierpub.yaml")
        name = stated.ladder.names[level]
        assert (
            reads(page, level).encode()
            == tierpub.project(root, stated, [level])[level][f"_{name}/A.{name}.md"]
        )


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("", ""),
        ("abc", ""),
        ("", "abc"),
        ("a b c d e f", "a b x d e f"),
        ("one\ntwo\nthree\n", "one\nthree\n"),
        ("x\n" * 300, "x\n" * 299),
        ("[[A]] " * 3000, "[[A.public|A]] " * 3000),
        ("- a\n" * 2000 + "end\n", "end\n"),
        ("same\n" * 5000, "other\n" * 5000),
    ],
)
def test_stretches_that_are_aligned_are_alike(source, target):
    """Each stretch reads alike in both texts, and they follow one another in both."""
    at = to = 0
    for block in align(source, target):
        assert source[block.source :][: block.size] == target[block.target :][: block.size]
        assert block.source >= at
        assert block.target >= to
        at, to = block.source + block.size, block.target + block.size
    assert at <= len(source)
    assert to <= len(target)
