"""`tierpub audit` and `tierpub rule` as processes: formats, exit codes, who may see what."""

from __future__ import annotations

import json
import re

import pytest
from audit_tools import OFFICE, TIERS, make_bench
from cli_tools import tierpub

from tierpub.audit import RULES
from tierpub.report.audit_data import audit_schema


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    """A vault with a release in which a hidden name and a comment were planted."""
    made = make_bench(tmp_path_factory.mktemp("bench"))
    made.change(OFFICE, "From eight", "Ask Ann Falconer. From eight")
    made.change(OFFICE, "Office", "%% sold? %% Office")
    return made


def run(bench, *arguments, **options):
    """The auditor with vault and policy."""
    return tierpub("audit", bench.out, "--vault", bench.vault, "--policy", bench.policy_file,
                   *arguments, **options)  # fmt: skip


def test_findings_exit_with_ten(bench):
    """And are told by rule, with places and a verdict."""
    done = run(bench)
    assert done.returncode == 10
    assert "the name of a note above the level" in done.stdout
    assert f"{OFFICE}:" in done.stdout
    assert "held against vault, policy" in done.stdout
    assert done.stderr == ""


def test_nothing_found_exits_with_zero(tmp_path):
    """A clean release, with an identity."""
    made = make_bench(tmp_path)
    done = run(made, "-i", made.key)
    assert (done.returncode, done.stderr) == (0, "")
    assert "nothing found" in done.stdout


def test_no_hidden_text_is_printed(bench):
    """Neither words nor canonical places, unless they are asked for."""
    for form in ("text", "json", "sarif"):
        done = run(bench, "--format", form)
        assert not re.search("Falconer|_Standards|landlord", done.stdout), form


def test_canonical_places_are_for_cleared_eyes(bench):
    """`--confidential` names them, and says who may read that."""
    for form in ("text", "json", "sarif"):
        done = run(bench, "--format", form, "--confidential")
        assert "_Standards/People/Ann_Falconer.md" in done.stdout, form
        assert "for readers who may see the whole vault" in done.stderr


def test_json_is_what_its_schema_says(bench):
    """Every key that the schema requires is there, and no other."""
    data = json.loads(run(bench, "--format", "json").stdout)
    schema = audit_schema()
    document = schema["$defs"]["AuditData"]
    assert set(data) == set(document["required"]) == set(document["properties"])
    finding = schema["$defs"]["FindingData"]
    for each in data["findings"]:
        assert set(finding["required"]) <= set(each) <= set(finding["properties"])
    assert data["schema"] == "tierpub/audit/1"
    assert data["against"] == ["vault", "policy"]
    assert sum(data["counts"].values()) == len(data["findings"])


def test_sarif_has_the_required_shape(bench):
    """What SARIF 2.1.0 requires of a log, a run, a tool, a rule, a result and a place."""
    log = json.loads(run(bench, "--format", "sarif").stdout)
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (entry,) = log["runs"]
    rules = entry["tool"]["driver"]["rules"]
    assert entry["tool"]["driver"]["name"] == "tierpub"
    assert [rule["id"] for rule in rules] == [rule.name for rule in RULES]
    assert entry["invocations"] == [{"executionSuccessful": True}]
    assert entry["results"]
    for result in entry["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"none", "note", "warning", "error"}
        assert result["message"]["text"]
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        assert re.fullmatch(r"[\w./~%()-]+", physical["artifactLocation"]["uri"])
        assert all(number >= 1 for number in physical.get("region", {}).values())


def test_low_confidence_is_shown_on_demand(bench):
    """The default hides it and says how much there is."""
    held = json.loads(run(bench, "--format", "json").stdout)["held_back"]
    done = json.loads(run(bench, "--format", "json", "--min-confidence", "low").stdout)
    assert done["held_back"] == 0
    assert done["counts"]["low"] == held


def test_rules_are_selected_and_ignored(bench):
    """An audit of one rule finds what that rule finds."""
    chosen = json.loads(run(bench, "--format", "json", "--select", "leaked-title").stdout)
    assert {each["rule"] for each in chosen["findings"]} == {"leaked-title"}
    without = json.loads(run(bench, "--format", "json", "--ignore", "leaked-title").stdout)
    assert "leaked-title" not in {each["rule"] for each in without["findings"]}


def test_the_publication_alone(bench):
    """Needs neither vault nor policy; a comment is seen all the same."""
    done = tierpub("audit", bench.out, "--format", "json")
    assert done.returncode == 10
    assert "leaked-comment" in {each["rule"] for each in json.loads(done.stdout)["findings"]}


@pytest.mark.parametrize("name", ["", "empty"])
def test_nothing_to_audit_could_not_run(tmp_path, name):
    """Exit code 1, and a sentence that says what is missing."""
    (tmp_path / "empty").mkdir()
    done = tierpub("audit", tmp_path / (name or "nowhere"))
    assert done.returncode == 1
    assert done.stdout == ""
    assert re.match("error: `.*` (is no folder|holds no tree of any tier)", done.stderr)


@pytest.mark.parametrize("arguments", [[], ["x", "--format", "xml"], ["x", "y"]])
def test_wrong_usage(arguments):
    """Exit code 2."""
    assert tierpub("audit", *arguments).returncode == 2


def test_an_unknown_rule_is_refused(bench):
    """A misspelt rule must not pass for one that found nothing."""
    done = run(bench, "--select", "leaked-titel")
    assert done.returncode == 1
    assert "no rule is called `leaked-titel`" in done.stderr


def test_no_colours_where_none_are_wanted(bench):
    """`NO_COLOR` and a pipe get plain text."""
    assert "\x1b" not in run(bench, env={"NO_COLOR": "1"}).stdout


def test_sealed_plaintext_never_touches_the_disk(bench, tmp_path):
    """A sealed tier is opened in memory: the publication and the temporary folder stay as is."""
    before = sorted(path for path in bench.out.rglob("*"))
    (tmp_path / "tmp").mkdir()
    run(bench, "-i", bench.key, env={"TMPDIR": str(tmp_path / "tmp")})
    assert sorted(path for path in bench.out.rglob("*")) == before
    assert list((tmp_path / "tmp").iterdir()) == []
    assert len(TIERS) == 3


@pytest.mark.parametrize("rule", [rule.name for rule in RULES])
def test_rule_prints_the_docstring(rule):
    """What it finds, why it matters, how to mend it."""
    done = tierpub("rule", rule)
    assert done.returncode == 0
    assert done.stdout.startswith(f"{rule}\n\n")
    assert "To mend it:" in done.stdout


def test_rule_lists_all():
    """Without a name: one line a rule."""
    done = tierpub("rule")
    assert [line.split()[0] for line in done.stdout.splitlines()] == [r.name for r in RULES]


def test_rule_knows_what_was_meant():
    """A misspelt name gets a hint."""
    done = tierpub("rule", "leaked-titel")
    assert done.returncode == 1
    assert "did you mean `leaked-title`?" in done.stderr
