"""A report holds nothing above its level, not even that there is anything."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from cli_tools import make_vault, put
from report_tools import LADDER, held_of, page_of, sample, site_of

from tierpub.errors import TierpubError
from tierpub.policy import load_policy
from tierpub.report.site import Remark, remarks_of

pytestmark = pytest.mark.usefixtures("templates")


def pair_of(tmp_path, policy, one, other):
    """The reports up to internal of two vaults under one policy."""
    made = []
    for name, notes in (("one", one), ("other", other)):
        root = make_vault(tmp_path / name, notes, policy)
        made.append(site_of(root, 1))
    return made


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
    assert any(b"pic.png" in data for data in made[0].values())
    assert made[0] == made[1]


def test_only_attachments_that_the_level_refers_to_are_known(tmp_path):
    """A report is made as if no other attachment stood in the vault."""
    notes = {"Open/A.md": "![[pic.png]]\n", "Falcon/B.md": "confidential:: secret\n\n![[b.png]]\n"}
    root = make_vault(tmp_path, notes, LADDER + "defaults: {note: internal}\n")
    for name in ("Open/pic.png", "Open/other.png", "Falcon/b.png"):
        put(root, name, b"x")
    assert held_of(root, 1).edition.context.vault.attachments == ("Open/pic.png",)


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


def test_mentions_that_the_policy_lets_pass_do_not_stop_a_report(tmp_path):
    """Where the policy only warns, so does the report, and its pages do not name it."""
    notes = {"A.md": "Here is Ann Falcon\n", "Ann Falcon.md": "---\nconfidential: secret\n---\nx\n"}
    root = make_vault(tmp_path, notes, LADDER + "defaults: {note: internal}\nmentions: warn\n")
    policy = replace(load_policy(root / "tierpub.yaml"), mentions="warn")
    held = held_of(root, 1, policy)
    assert [fault.code for fault in held.warnings] == ["mention"]
    assert remarks_of(held) == []
