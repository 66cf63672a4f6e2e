"""Findings of an audit in a report: each at its note, and none that tells of what is above it."""

from __future__ import annotations

import json
import re

import pytest
from cli_tools import data_of, make_vault, put, tierpub
from report_tools import LADDER, page_of, plain, site_of

from tierpub.errors import TierpubError
from tierpub.policy import load_policy
from tierpub.report.site import audit_remarks, bounded, hold, read_audit
from tierpub.report.site.pages import address
from tierpub.vault import scan

pytestmark = pytest.mark.usefixtures("templates")

POLICY = LADDER + "defaults: {note: internal, comment: secret}\nmentions: 'off'\n"
OFFICE = """\
---
confidential: public
phone: 12345678
---

# Office

Open words.

Inner words of it. [confidential:: internal]

Private words of it. [confidential:: private]

Secret words of it. [confidential:: secret]

Last words.
"""
NOTES = {
    "Office.md": OFFICE,
    "Plans.md": "Plans of all\n",
    "Falcon.md": "---\nconfidential: secret\n---\n\nWings\n",
}
AT = {"inner": 10, "private": 12, "secret": 14, "last": 16}
"""Lines of the canonical note."""
PUBLIC = "_public/Office.public.md"


def finding(rule="leaked-value", file=PUBLIC, line=7, at=None, **more):
    """One finding; `at` is a line of the canonical office, or a file with a line."""
    file_of, number = at if isinstance(at, tuple) else ("_Standards/Office.md", at)
    canonical = {"canonical": {"file": file_of, "line": number, "column": number and 1}}
    made = {"rule": rule, "severity": "error", "confidence": "high", "file": file, "line": line,
            "column": 1, "message": f"the words of {rule}"}  # fmt: skip
    return made | (canonical if at else {}) | more


def document(*findings, **more):
    """What `tierpub audit --format json --confidential` prints."""
    counts = {"low": 0, "medium": 0, "high": len(findings)}
    made = {"schema": "tierpub/audit/1", "publication": "release", "against": ["vault", "policy"],
            "counts": counts, "held_back": 0, "findings": list(findings)}  # fmt: skip
    return json.dumps(made | more).encode()


@pytest.fixture
def vault(tmp_path):
    """A note with a portion of each tier, one that is internal, and one that is secret."""
    return make_vault(tmp_path / "vault", NOTES, POLICY)


def remarks(root, level, *findings, publication="release"):
    """The remarks that the report up to `level` makes of findings, those above it left out."""
    found = read_audit(document(*findings, publication=publication), "a.json")
    policy = load_policy(root / "tierpub.yaml")
    held = hold(scan(root, policy), policy, level, found.places)
    return bounded(held, audit_remarks(held, found, "a.json"))


def report_of(root, level, *findings):
    """All of the report, with its audit."""
    return site_of(root, level, more=remarks(root, level, *findings))


def test_a_finding_stands_at_its_note_and_line(vault):
    """On the overview and on the page, with what it is, how sure it is, and where it stands."""
    files = report_of(vault, 1, finding(at=AT["inner"]))
    page = page_of(files, "Office.md")
    said = re.search(r'<ul class="findings">(.*?)</ul>', page, re.DOTALL)[1]
    assert '<a href="#L10">line 10</a>' in said
    assert "leaked-value" in said
    assert 'class="origin">audit<' in said
    assert "high confidence; in the projection for public, line 7" in said
    assert "leaked-value" in files["index.html"].decode()
    rows = re.search(r'id="data">(.*?)</script>', files["index.html"].decode(), re.DOTALL)[1]
    counted = {row[1]: row[5] for row in json.loads(rows)["rows"]}
    assert counted == {"Office": 1, "Plans": 0}
    assert 'class="origin"' not in page_of(files, "Plans.md")


@pytest.mark.parametrize(
    ("level", "told"),
    [(0, ["last"]), (1, ["last", "inner"]), (2, ["last", "inner", "private"]), (3, list(AT))],
)
def test_no_finding_above_the_level(vault, level, told):
    """A leak is told from the tier of what leaked on, whatever it leaked into."""
    every = {name: finding("lost-text" if name == "last" else "leaked-value", at=line,
                           message=f"m-{name}") for name, line in AT.items()}  # fmt: skip
    found = remarks(vault, level, *every.values())
    assert sorted(r.tier for r in found) == list(range(len(told)))
    files = report_of(vault, level, *every.values())
    page = page_of(files, "Office.md")
    assert page.count('class="origin">audit<') == len(told)
    without = site_of(vault, level)
    assert files.keys() == without.keys()
    changed = {path for path in files if files[path] != without[path]}
    assert changed == {"index.html", f"notes/{address('Office.md')}"}
    whole = b"\n".join(files.values()).decode()
    assert not [name for name in AT if name not in told and f"m-{name}" in whole]


@pytest.mark.parametrize(
    "hidden",
    [
        finding(at=("_Standards/Falcon.md", None)),
        finding("leaked-title", file="_public/Falcon.public.md", line=None),
        finding("stale-file", "_public/Falcon.public.md", None, ("_Standards/Falcon.md", None)),
        finding("altered-text", "_public/Falcon.public.md", 1, ("_Standards/Falcon.md", None)),
        finding("not-monotone", message="words that tier secret does not have"),
        finding("dangling-link", message="a link to Falcon"),
        finding("readers-differ", at=("_Standards/Office.md", None)),
        finding("unsealed-tier", "secret/_secret/Falcon.secret.md", None),
        finding("unexpected-file", "Falcon", None),
        finding("bad-signature", "_secret.manifest.json", None),
        finding(at=("_Standards/Office.md", None)),
        finding(at=AT["last"]),
        finding(),
    ],
    ids=lambda f: f["rule"] + "|" + f["file"],
)
def test_what_may_tell_of_more_is_not_told(vault, hidden):
    """Where nothing says how high that is which a finding tells of, only the highest level is
    told: the report of any other is the one without it."""
    for level in (0, 1, 2):
        assert report_of(vault, level, hidden) == site_of(vault, level), level
    assert len(remarks(vault, 3, hidden)) == 1


def test_no_word_of_the_document_below_the_highest_level(vault):
    """Neither messages nor paths of the document are in the report of a lower level, but for
    those of notes that it has."""
    made = [
        finding("altered-text", message="Falcon at large", at=AT["last"]),
        finding("unexpected-file", "public/_public/Falcon.public.md", None, message="Falcon"),
        finding("image-metadata", "public/_public/Falcon.png", None, message="Falcon"),
        finding("missing-file", "public/_public.manifest.json", None, message="Falcon"),
    ]
    whole = b"\n".join(report_of(vault, 2, *made).values()).decode()
    assert "Falcon" not in whole
    assert whole.count("in what is published for public") == 3
    assert "Text in a projection that does not stand in the canonical note" in whole
    assert "Falcon at large" in b"\n".join(report_of(vault, 3, *made).values()).decode()


def test_a_finding_without_a_note_is_told_on_the_overview(vault):
    """What stands in no note of the report is on the overview alone, from its tier on."""
    made = finding("wrong-recipients", "internal/_internal.tar.age", None)
    assert report_of(vault, 0, made) == site_of(vault, 0)
    files = report_of(vault, 1, made)
    assert "wrong-recipients" in files["index.html"].decode()
    assert "in what is published for internal" in files["index.html"].decode()
    assert not [p for p, data in files.items() if p != "index.html" and b"wrong-recip" in data]


def test_lines_are_those_of_the_text_that_is_shown(tmp_path):
    """Lines above that the level does not read are not counted; where the place is cut there is
    no line."""
    text = OFFICE.replace("Open words.", "Open\n\n%% secret\nremark %%\n\nwords.")
    root = make_vault(tmp_path, NOTES | {"Office.md": text}, POLICY)
    line = text.split("\n").index("Last words.") + 1
    found = [remarks(root, level, finding("lost-text", at=line))[0].line for level in range(4)]
    assert found == [12, 14, 16, line]


def test_a_leak_of_another_note_stands_where_it_leaked(vault):
    """The page is that of the note whose projection it stands in, and names the other."""
    made = finding(at=("_Standards/Plans.md", 1))
    [remark] = remarks(vault, 1, made)
    assert (remark.note, remark.line) == ("Office.md", None)
    assert "it stands in Plans.md, line 1" in remark.hint
    assert remarks(vault, 0, made) == []


@pytest.mark.parametrize(
    ("publication", "file", "tier"),
    [
        ("release", "public/_public/Office.public.md", 0),
        ("out", "_internal/Office.internal.md", 1),
        ("x/_internal", "Office.internal.md", 1),
        ("x/_internal/", "Office.internal.md", 1),
        ("release", "internal/_internal.tar.age", 1),
        ("release", "Office.public.md", 3),
        ("release", "", 3),
        ("release", "../_public/Office.public.md", 3),
    ],
)
def test_tier_of_a_file(vault, publication, file, tier):
    """The tree or folder of a tier says whose a file is; any other counts as the highest's."""
    made = finding("altered-text", file, 1)
    for level in range(4):
        assert bool(remarks(vault, level, made, publication=publication)) == (level >= tier)


def test_low_confidence_is_a_note(vault):
    """What the auditor is not sure of is no error."""
    made = finding("lost-text", at=AT["last"], confidence="low", severity="error")
    assert remarks(vault, 0, made)[0].severity == "note"


HOSTILE = (
    "</script><script>document.title='PWNED'</script>\u202e<img src=x onerror=alert(1)>{{ 7*7 }}"
)


def test_hostile_words_are_text(vault):
    """Whatever a document says, it is text, and what cannot be seen is spelt out."""
    files = report_of(vault, 3, finding(at=AT["last"], message=HOSTILE, file=HOSTILE))
    for page in (files["index.html"].decode(), page_of(files, "Office.md")):
        assert len(re.findall("<script", page)) == 3
        assert "<img" not in page
        assert "\u202e" not in page
        assert "⟨U+202E⟩" in plain(page)
        assert "{{ 7*7 }}" in plain(page)


BAD = {
    "nothing": b"",
    "no JSON": b"{",
    "no document": b"[]",
    "bytes": b"\xff\xfe\x00",
    "deep": b'{"schema":' + b"[" * 100_000,
    "SARIF": b'{"version": "2.1.0", "runs": []}',
    "another verb": document(schema="tierpub/check/1"),
    "another version": document(schema="tierpub/audit/2"),
    "no schema": json.dumps({"publication": "x", "findings": []}).encode(),
    "no findings": json.dumps({"schema": "tierpub/audit/1", "publication": "x"}).encode(),
    "unknown rule": document(finding("leaked-everything")),
    "unknown severity": document(finding(severity="fatal")),
    "unknown confidence": document(finding(confidence="sure")),
    "line 0": document(finding(line=0)),
    "line of text": document(finding(line="7")),
    "huge line": document(finding(line=10**30)),
    "a place that is text": document(finding(canonical="_Standards/Office.md")),
}


@pytest.mark.parametrize("case", list(BAD))
def test_a_document_that_is_none_is_refused(case):
    """Broken or foreign JSON is refused before anything is read, and nothing of it is quoted."""
    with pytest.raises(TierpubError) as caught:
        read_audit(BAD[case], "a.json")
    [fault] = caught.value.faults
    assert fault.code == "not-an-audit"
    assert str(fault.place) == "a.json"
    assert "fatal" not in str(fault)
    assert "--confidential" in fault.hint


@pytest.mark.parametrize(
    "at",
    [("_Standards/Gone.md", 1), ("_Standards/Office.md", 99), ("Office2.md", None),
     ("_Standards/Office.md", 2**31)],
)  # fmt: skip
def test_an_audit_of_another_vault_is_refused(vault, at):
    """A place that the vault has not says that the audit was not of it."""
    with pytest.raises(TierpubError, match="another vault"):
        remarks(vault, 3, finding(at=at))


def test_members_that_a_later_version_may_have_are_passed_over(vault):
    """A version of the form may gain members; a report of this one reads on."""
    made = document(finding(at=AT["last"], new=1), new={"x": []})
    assert len(read_audit(made, "a.json").findings) == 1


def test_from_the_auditor_to_the_page(tmp_path, vault):
    """A leak that is planted into what `project` wrote is found by `audit`, and `report` shows
    it at its note; through a file or a pipe."""
    out, site_of_it, file = tmp_path / "out", tmp_path / "site", tmp_path / "a.json"
    tierpub("project", "--all", "--vault", vault, "--out", out)
    leaking = out / "_public/Office.public.md"
    leaking.write_text(leaking.read_text() + "\nInner words of it.\n")
    audit = tierpub("audit", out, "--vault", vault, "--format", "json", "--confidential")
    assert audit.returncode == 10, audit.stderr
    file.write_text(audit.stdout)
    done = tierpub("report", site_of_it, "--vault", vault, "--max-level", "internal",
                   "--audit", file, "--format", "json")  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = data_of(done)
    assert told["findings"] > 0
    assert told["findings"] + told["withheld"] == len(data_of(audit)["findings"])
    index = (site_of_it / "index.html").read_text()
    assert re.search(r"leaked-value</span>.*?<bdi>Office</bdi>, line 10</a>", index, re.DOTALL)
    piped = tierpub("report", site_of_it, "--vault", vault, "--max-level", "internal",
                    "--audit", "-", input=audit.stdout)  # fmt: skip
    assert piped.stdout.split("\n")[0].endswith("unchanged")
    assert re.search(r"\d findings? of the audit shown", piped.stdout)


def test_a_bad_audit_leaves_the_report_as_it_was(tmp_path, vault):
    """Nothing is written where the audit cannot be shown."""
    out, file = tmp_path / "out", tmp_path / "a.json"
    file.write_bytes(b"{}")
    done = tierpub("report", out, "--vault", vault, "--audit", file)
    assert done.returncode == 1
    assert f"{file}: this is no audit" in done.stderr
    assert not out.exists()
    put(vault, "More.md", "x\n")
    missing = tierpub("report", out, "--vault", vault, "--audit", tmp_path / "none.json")
    assert missing.returncode == 2
    assert not out.exists()
