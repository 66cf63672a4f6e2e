"""The pages of a report: what they show is what the projections hold, and nothing above it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from cli_tools import make_vault, put
from report_tools import (
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
from tierpub.report.site import Remark, remarks_of
from tierpub.report.site.align import align
from tierpub.report.site.pages import address

LADDER = "version: 1\ntiers: [public, internal, private, secret]\n"


def pair_of(tmp_path, policy, one, other):
    """The reports up to internal of two vaults under one policy."""
    made = []
    for name, notes in (("one", one), ("other", other)):
        root = make_vault(tmp_path / name, notes, policy)
        made.append(site_of(root, 1))
    return made


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
            assert held.classified(note, held.projections(note)) is not None, (level, note)


def test_nothing_above_its_level_is_in_the_report_of_the_sample():
    """What only higher levels read, names of notes and tiers included, is in no byte of it."""
    root, policy = sample()
    files = site_of(root, 1, policy)
    whole = "\n".join([*files, *(data.decode() for data in files.values())])
    for canary in (
        "Ljungfeldt", "Quintavega", "Okwanjo", "Solvang", "Meridian", "Quiet_Harbour",
        "Quiet Harbour", "Media_Lines", "Rue de Montbrillant", "Contact_Tree",
    ):  # fmt: skip
        assert canary.casefold() not in whole.casefold(), canary
    text = "\n".join(data.decode() for path, data in files.items() if path.endswith(".html"))
    around = re.sub(r"<pre.*?</pre>", "", text, flags=re.DOTALL)
    assert not re.search(r"\b(private|personal)\b", around)


INSIDE, SECRET = "[confidential:: internal]", "[confidential:: secret]"
TWINS = {
    "lines above": (
        "Open\n",
        "%% long\nlonger\n%%\n\nOpen\n",
        f"\n## Pay {INSIDE}\n\nCoins\n",
    ),
    "a comment in a heading": (
        "## Pay\n",
        "## Pay %% Falcon %%\n",
        f"\nOpen\n\n- x {INSIDE}\n",
    ),
    "a hidden item": ("", f"- Falcon {SECRET}\n", f"- one\n- two {INSIDE}\n"),
    "a hidden section": ("", f"## Falcon {SECRET}\n\nHe\n", ""),
    "a hidden link": ("Open.\n", "Open [[Falcon]].\n", ""),
    "a label in what is hidden": ("", f"## F {SECRET}\n\n%% x %%\n\nconfidential:: internal\n", ""),
    "a hidden use of a footnote": ("", f"Falcon[^a] {SECRET}\n\n", "Open[^a]\n\n[^a]: Words\n"),
    "a hidden second link to a file": ("", f"![[pic.png]] {SECRET}\n\n", "Open ![[pic.png]]\n"),
}
"""What a note has at one place in one vault, and in the other; and how it goes on in both."""


@pytest.mark.parametrize("case", list(TWINS))
def test_twins_by_hand_have_the_same_report(tmp_path, case):
    """What is hidden moves no line, count, reason, finding or link of a report below it."""
    bare, filled, rest = TWINS[case]
    policy = LADDER + "defaults: {note: internal, comment: secret}\n"
    falcon = "---\nconfidential: secret\n---\n\nHe leads to [[Note]].\n"
    one, other = pair_of(
        tmp_path, policy, {"Note.md": bare + rest}, {"Note.md": filled + rest, "Falcon.md": falcon}
    )
    assert one == other


def test_files_of_a_hidden_folder_are_not_named(tmp_path):
    """Where a link may mean a file beside hidden notes, nothing tells of that file or folder."""
    made = []
    for name, hidden in (("one", False), ("other", True)):
        notes = {"Open/A.md": "![[pic.png]]\n"}
        if hidden:
            notes["Falcon/B.md"] = "---\nconfidential: secret\n---\nx\n"
        root = make_vault(tmp_path / name, notes, LADDER + "defaults: {note: internal}\n")
        put(root, "Open/pic.png", b"x")
        if hidden:
            put(root, "Falcon/pic.png", b"x")
        made.append(site_of(root, 1))
    assert b"_Standards/Open/pic.png" in made[0]["index.html"]
    assert made[0] == made[1]


def test_a_rule_above_the_level_is_not_quoted(tmp_path):
    """Rules of higher tiers, their reasons, and what the policy allows are not in a report."""
    policy = LADDER + (
        "defaults: {note: internal, comment: secret}\n"
        "allow:\n  - {text: Harrier, reason: Goshawk}\n"
        "rules:\n"
        "  - {note: 'Falcon/**', tier: secret, reason: Kestrel}\n"
        "  - {field: buzzard, tier: private, reason: Osprey}\n"
        "  - {field: phone, tier: internal, reason: how one is reached}\n"
    )
    root = make_vault(tmp_path, {"A.md": "---\nphone: 1\nbuzzard: x\n---\nText\n"}, policy)
    whole = "\n".join(data.decode() for data in site_of(root, 1).values())
    assert "how one is reached" in whole
    for word in ("Falcon", "Kestrel", "buzzard", "Osprey", "Harrier", "Goshawk", "secret"):
        assert word not in whole, word


def test_a_report_is_refused_where_its_level_would_be(tmp_path):
    """What visible text mentions of what is above the level keeps a report from being made."""
    notes = {
        "A.md": "Here is Ann Falcon\n",
        "People/Ann Falcon.md": "---\nconfidential: secret\n---\nx\n",
    }
    root = make_vault(tmp_path, notes, LADDER + "defaults: {note: internal}\n")
    with pytest.raises(TierpubError, match="mention"):
        held_of(root, 1)
    assert held_of(root, 3).notes == ("A.md", "People/Ann Falcon.md")


def test_a_mention_between_two_levels_it_holds_is_a_finding(tmp_path):
    """A report that may hold both shows what a lower level mentions of a higher one."""
    notes = {
        "A.md": "---\nconfidential: public\n---\nHere is Ann Falcon\n",
        "People/Ann Falcon.md": "---\nconfidential: private\n---\nx\n",
    }
    root = make_vault(tmp_path, notes, LADDER + "defaults: {note: internal}\n")
    found = remarks_of(held_of(root, 2))
    assert [(r.rule, r.severity, r.note, r.line) for r in found] == [
        ("mention", "error", "A.md", 4)
    ]


def test_faults_refuse_a_report(tmp_path):
    """A vault that cannot be projected has no report."""
    root = make_vault(tmp_path, {"A.md": "---\na: [\n---\n"})
    with pytest.raises(TierpubError):
        held_of(root, 1)


def test_findings_of_other_tools_are_bounded(tmp_path):
    """Of the findings that are handed over those above the level are left out."""
    root = make_vault(tmp_path)
    more = [
        Remark("leaked-value", "error", "a value that is shown", 1, "Plans.md", 3, origin="audit"),
        Remark("leaked-title", "error", "a Falcon above", 2, "Plans.md", 3),
        Remark("leaked-path", "error", "a Kestrel elsewhere", 0, "People/Ann_Falcon.md"),
    ]
    files = site_of(root, 1, more=more)
    assert "a value that is shown" in page_of(files, "Plans.md")
    index = files["index.html"].decode()
    assert "a value that is shown" in index
    assert "Kestrel" not in index + page_of(files, "Plans.md")
    assert "Falcon" not in index + page_of(files, "Plans.md")


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


HOSTILE = (
    "---\ntitle: \"</script><script>document.title='PWNED'</script>\"\n---\n\n"
    "# {{ 7 * 7 }} {% raw %} ${x} <%= y %>\r\n\r\n"
    "</pre></main><script>alert(1)</script> <img src=x onerror=alert(1)> <svg/onload=alert(1)>\n\n"
    "[a](javascript:alert(1)) [b](data:text/html,<script>alert(1)</script>) &lt;b&gt; &#13;\n\n"
    "<!-- \u202e gnp.exe \u2066 \ufeff\u200b\u2028 x \x01\x7f\x85 --> `-->`\n\n"
    "\u202e\u2067 turned \u200d \U000e0041\n\n" + "w" * 20000 + "\n"
)


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


def test_pieces_are_exact_where_tiers_lean_on_what_is_hidden(tmp_path):
    """Where portions cannot be told apart the page still reads as each level does."""
    notes = {"N.md": "# N\n\nOpen\n\n## F [confidential:: secret]\n\nconfidential:: internal\n"}
    policy = LADDER + "defaults: {note: public}\n"
    root = make_vault(tmp_path, notes, policy)
    stated = load_policy(root / "tierpub.yaml")
    held = held_of(root, 2)
    made = held.projections("N.md")
    assert held.classified("N.md", made) is None
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


def test_mentions_that_the_policy_lets_pass_do_not_stop_a_report(tmp_path):
    """Where the policy only warns, so does the report, and its pages do not name it."""
    notes = {"A.md": "Here is Ann Falcon\n", "Ann Falcon.md": "---\nconfidential: secret\n---\nx\n"}
    root = make_vault(tmp_path, notes, LADDER + "defaults: {note: internal}\nmentions: warn\n")
    policy = replace(load_policy(root / "tierpub.yaml"), mentions="warn")
    held = held_of(root, 1, policy)
    assert [fault.code for fault in held.warnings] == ["mention"]
    assert remarks_of(held) == []
