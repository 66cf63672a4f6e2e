"""The mention gate, as callers, `project` and `check` meet it."""

from __future__ import annotations

import pytest
from cli_tools import POLICY, data_of, make_vault, put, snapshot, tierpub

from tierpub.classify import survey
from tierpub.cut import Cutter
from tierpub.errors import TierpubError
from tierpub.mentions import Gate
from tierpub.mentions.gather import needles_of
from tierpub.mentions.needles import is_distinct, is_needle
from tierpub.mentions.plain import is_whole, plain, unmarked
from tierpub.path import project
from tierpub.policy import parse_policy
from tierpub.vault import scan

HIDDEN = "People/Ann_Falcon.md"
QUIET = "a mention of something above this level"


@pytest.fixture
def vault(tmp_path):
    """A vault that mentions nothing."""
    return make_vault(tmp_path / "vault")


def surveyed(root, more=""):
    """The vault below `root`, classified under the policy with `more` below it."""
    text = (root / "tierpub.yaml").read_text(encoding="utf-8") + more
    policy = parse_policy(text, "tierpub.yaml", root)
    return survey(scan(root, policy), policy)


def needles(root, more=""):
    """Text, sort and floor of each needle."""
    return {(n.text, n.what, n.floor) for n in needles_of(surveyed(root, more))[0]}


def found(root, more=""):
    """Note, level, needle, line and column of each mention at any level."""
    state = surveyed(root, more)
    gate = Gate(state)
    levels = range(len(state.context.policy.ladder))
    for note, classified in state.notes.items():
        cutter = Cutter(state.context, classified)
        for projection in filter(None, map(cutter.at, levels)):
            gate.look(note, projection.level, projection.text)
    return [(m.note, m.level, m.needle.text, m.place.line, m.place.column) for m in gate.mentions()]


# What is searched for.


def test_names_of_raised_notes_are_needles(vault):
    """The name and the path of a note that a label or rule raised, and its folder's name where
    it holds nothing else."""
    assert needles(vault) >= {
        ("ann falcon", "name", 2),
        ("people/ann falcon", "path", 2),
        ("people", "folder", 2),
    }


def test_a_default_makes_no_needle(vault):
    """What only a default keeps from a level may be named there."""
    assert not any("plans" in text for text, _, _ in needles(vault))


def test_a_note_named_like_a_projection_has_two_names(vault):
    """A stem that ends in a tier is a needle with and without it."""
    put(vault, "People/Heron.secret.md", "words\n")
    assert {t for t, _, _ in needles(vault)} >= {"heron.secret", "heron"}


def test_a_tier_and_the_label_key_are_no_needles(vault):
    """Every path of a projection holds the name of a tier."""
    put(vault, "People/internal.md", "words\n")
    put(vault, "People/Confidential.md", "words\n")
    assert not {"internal", "confidential"} & {text for text, _, _ in needles(vault)}


def test_a_value_visible_elsewhere_is_no_needle(vault):
    """A labelled value is no secret at a level where another field shows it."""
    put(vault, "Open/A.md", "---\nconfidential_secret: [at]\nat: Quay 7\n---\n")
    assert ("quay 7", "value", 3) in needles(vault)
    put(vault, "Plans.md", "---\nplace: quay 7\n---\n")
    assert ("quay 7", "value", 1) in needles(vault)


def test_an_alias_elsewhere_does_not_make_a_name_public(vault):
    """The name of a hidden note stays a needle where a visible note takes it for an alias."""
    put(vault, "Open/A.md", "---\naliases: [Ann_Falcon]\n---\n")
    assert ("ann falcon", "name", 2) in needles(vault)
    assert ("Open/A.md", 0, "ann falcon", 2, 11) in found(vault)


def test_an_alias_shared_with_a_visible_note_is_none(vault):
    """Two notes may go by one nickname."""
    put(vault, HIDDEN, "---\naliases: [The Bird, Nightjar]\n---\n")
    put(vault, "Open/A.md", "---\naliases: [The Bird]\n---\n")
    made = {text for text, _, _ in needles(vault)}
    assert "nightjar" in made
    assert "the bird" not in made


@pytest.mark.parametrize("text", ["ann", "a-1-b", "山田", "4821", "12345", "r&dx"])
def test_distinct_enough(text):
    """Three letters or digits, two signs of a script without blanks, four digits."""
    assert is_needle(text)


@pytest.mark.parametrize("text", ["", "ox", "a-b", "山", "123", "1951", "2026", "!!!!", "---"])
def test_too_common(text):
    """What is short, a number below 1,000 or a year is not searched for."""
    assert not is_needle(text)


def test_ordinary_words_of_labelled_values():
    """Of what a label raises, a single word in small letters or a word of YAML is too common."""
    assert is_distinct("Falcon")
    assert is_distinct("two words")
    assert is_distinct("山田")
    assert not is_distinct("active")
    assert not is_distinct("True")


def test_guard_makes_a_needle_whatever_else_raises_the_value(vault):
    """A `guard` rule counts, also where a label gives the field its tier."""
    more = "  - field: code\n    tier: internal\n    guard: true\n"
    put(vault, "Open/A.md", "---\nconfidential_secret: [code]\ncode: heron\n---\n")
    assert ("heron", "value", 3) in needles(vault, more)


def test_an_inline_field_with_guard(vault):
    """The value of an inline field that a `guard` rule matches may not stand elsewhere."""
    more = "  - inline_field: code\n    tier: internal\n    guard: true\n"
    put(vault, "Open/A.md", "a\n\ncode:: heron\n\nA heron.\n")
    assert found(vault, more) == [("Open/A.md", 0, "heron", 5, 3)]


# How it is searched for.


@pytest.mark.parametrize(
    "text",
    [
        "Ann_Falcon", "ANN FALCON", "_Ann_ Falcon", "**Ann** Falcon", "Ann\\_Falcon", "#Ann_Falcon",
        "Ann_Fal**con**", "/Ann%20Falcon/",
        "Ann_Fal<b>con</b>", "Ann_F&#97;lcon", "Ann_Fal\u200bcon", "Ann_Fal\u00adcon",
        "(Ann_Falcon's)",
        "```\nx=Ann_Falcon\n```", "| a | Ann_Falcon |\n| - | - |", "# On Ann_Falcon",
        "[x](https://open.example/Ann_Falcon)", "Ann_Fal%%x%%con", "[[Ann_Falcon budget]]",
    ],
)  # fmt: skip
def test_disguises(vault, text):
    """A name is found however it is typed, in prose, code, tables, headings, tags and URLs."""
    put(vault, "Open/A.md", f"words\n\n{text}\n")
    assert [m[:3] for m in found(vault)] == [("Open/A.md", 0, "ann falcon")]


def test_lines_and_quotes_do_not_part_a_name(vault):
    """A name of two words is found over a line's end, in a list and in a quote."""
    put(vault, "People/Two Herons.md", "words\n")
    put(vault, "Open/A.md", "> met two\n> herons\n")
    put(vault, "Open/B.md", "- met two\n  herons\n")
    put(vault, "Open/C.md", "---\nx: met two\n  herons\n---\n")
    put(vault, "Open/D.md", "met two\r\nherons\r\n")
    assert [(m[0], m[3]) for m in found(vault)] == [
        ("Open/A.md", 1), ("Open/B.md", 1), ("Open/C.md", 2), ("Open/D.md", 1),
    ]  # fmt: skip


def test_items_are_apart(vault):
    """The end of one list item and the start of the next make no name."""
    put(vault, "People/Two Herons.md", "words\n")
    put(vault, "Open/A.md", "* two\n* herons\n\n- two\n- herons\n\nbig two\n\nherons fly\n")
    assert not found(vault)


def test_it_is_found_at_every_level_below(vault):
    """What comes in at a higher level is searched there; the first level that reads it counts."""
    put(vault, "Plans.md", "Ann_Falcon\n")
    assert found(vault) == [("Plans.md", 1, "ann falcon", 1, 1)]


def test_the_place_is_that_of_visible_text(vault):
    """A mention that is cut itself is not what the place points at."""
    put(vault, "Open/A.md", "- Ann_Falcon [confidential:: secret]\n\nand Ann_Falcon\n")
    assert found(vault) == [("Open/A.md", 0, "ann falcon", 3, 5)]


def test_a_longer_name_on_the_same_line_is_not_pointed_at(vault):
    """Each mention has a place of its own, and what a longer visible name excuses has none."""
    put(vault, "Open/Ann Falcon Street.md", "words\n")
    put(vault, "Open/B.md", "Ann Falcon Street, Ann Falcon, ann_falcon, Ann Falcon Street\n")
    assert [m for m in found(vault) if m[0] == "Open/B.md"] == [
        ("Open/B.md", 0, "ann falcon", 1, 20),
        ("Open/B.md", 0, "ann falcon", 1, 32),
    ]


def test_a_name_that_holds_another_is_looked_at_once(vault):
    """The visible note whose own name holds a hidden one is a mention, without a line."""
    put(vault, "Open/Ann Falcon Street.md", "words\n")
    assert found(vault) == [("Open/Ann Falcon Street.md", 0, "ann falcon", None, None)]


def test_whole_words():
    """Letters, digits and marks go on a word, signs do not; around Han nothing has to end."""
    assert is_whole("x ann-y", 2, 5)
    assert not is_whole("joann", 2, 5)
    assert not is_whole("ann4", 0, 3)
    assert not is_whole("ann\u0331", 0, 3)
    assert is_whole("今日山田が", 2, 4)
    assert is_whole("山ann", 1, 4)


def test_plain_and_unmarked():
    """What is compared is folded, in one normalisation and on one line."""
    assert plain("Zoe\u0308\u00a0 STRASSE\n> \u2019x\u2019") == plain("Zoë straße 'x'")
    assert unmarked("**a**`b` &amp; [[c]]") == "ab & c"
    assert unmarked("a b") is None


# What comes of it.


def mention(root):
    """Let a public note name a hidden one, and another name it at internal."""
    put(root, "Open/A.md", "words\n\nSee Ann_Falcon there.\n")


def test_project_refuses_and_writes_nothing(vault):
    """The run is refused before anything is written, with the place in the canonical note."""
    mention(vault)
    before = snapshot(vault)
    done = tierpub("project", "--all", "--vault", vault)
    assert done.returncode == 1
    assert done.stderr == (
        f"error: _Standards/Open/A.md:3:5: {QUIET}\n"
        "  hint: `tierpub check` names what it mentions; relabel it or write an `allow`\n"
    )
    after = {k: v for k, v in snapshot(vault).items() if not k.startswith(".tierpub")}
    assert after == before
    assert done.stdout == ""


def test_what_was_published_stays(vault):
    """A refusal leaves the trees of an earlier run as they were."""
    tierpub("project", "--level", "public", "--vault", vault)
    before = {k: v for k, v in snapshot(vault).items() if k.startswith("_public")}
    mention(vault)
    assert tierpub("project", "--level", "public", "--vault", vault).returncode == 1
    assert {k: v for k, v in snapshot(vault).items() if k.startswith("_public")} == before


def test_a_mention_above_the_lowest_level_is_one_sentence(vault):
    """Of a mention that only a higher level reads nothing is told but that there is one."""
    put(vault, "Plans.md", "Ann_Falcon\n")
    done = tierpub("project", "--all", "--vault", vault)
    assert done.stderr == "error: a fault above this level; `tierpub check` shows it\n"
    assert tierpub("project", "--level", "public", "--vault", vault).returncode == 0


def test_only_what_is_projected_is_searched(vault):
    """A note that is not named does not stop those that are."""
    mention(vault)
    assert tierpub("project", "Office", "--level", "public", "--vault", vault).returncode == 0
    assert tierpub("project", "Open/A", "--level", "public", "--vault", vault).returncode == 1


def test_stdout_prints_nothing_refused(vault):
    """Nothing of a refused projection is printed."""
    mention(vault)
    done = tierpub("project", "Open/A", "--level", "public", "--stdout", "--vault", vault)
    assert (done.returncode, done.stdout) == (1, "")


def test_a_sealed_tier_is_searched(vault):
    """What goes into a bundle passes by the gate as well."""
    key = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
    policy = POLICY.replace(
        "private, secret]", f"{{name: private, recipients: [{key}]}}, {{name: secret}}]"
    )
    (vault / "tierpub.yaml").write_text("seal_from: private\n" + policy)
    put(vault, "Ghost.md", "---\nconfidential: secret\n---\n")
    put(vault, HIDDEN, "On ghost.\n")
    done = tierpub("project", "--level", "private", "--vault", vault)
    assert done.stderr.startswith(f"error: _Standards/{HIDDEN}:1:4: {QUIET}")
    assert not (vault / "_private.tar.age").exists()


def test_warn_writes_and_says_so(vault):
    """Under `mentions: warn` the run goes on, and says where."""
    mention(vault)
    (vault / "tierpub.yaml").write_text("mentions: warn\n" + POLICY)
    done = tierpub("project", "--level", "public", "--vault", vault)
    assert done.returncode == 0
    assert done.stderr.startswith(f"warning: _Standards/Open/A.md:3:5: {QUIET}\n")
    assert (vault / "_public/Open/A.public.md").exists()


def test_off_does_not_look(vault):
    """Under `mentions: off` nothing is searched."""
    mention(vault)
    (vault / "tierpub.yaml").write_text("mentions: off\n" + POLICY)
    done = tierpub("project", "--level", "public", "--vault", vault)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_function_refuses_too(vault):
    """`tierpub.project` raises, and its faults quote nothing hidden."""
    mention(vault)
    policy = parse_policy(POLICY, "tierpub.yaml", vault)
    with pytest.raises(TierpubError) as caught:
        project(vault, policy)
    (fault,) = caught.value.faults
    assert (fault.code, fault.tier) == ("mention", 0)
    assert "falcon" not in f"{fault.message}{fault.hint}".lower()


def test_output_does_not_depend_on_the_gate(vault):
    """The gate says yes or no: what is written is the same with it and without."""
    policy = parse_policy(POLICY, "tierpub.yaml", vault)
    off = parse_policy("mentions: off\n" + POLICY, "tierpub.yaml", vault)
    assert project(vault, policy) == project(vault, off)


def findings(root):
    """Code, severity, message, place and hint of what `check` says of mentions."""
    data = data_of(tierpub("check", "--format", "json", "--vault", root))
    return [
        (f["code"], f["severity"], f["message"], f"{f['file']}:{f['line']}", f["hint"])
        for f in data["findings"]
        if f["code"] in ("mention", "idle-allow")
    ]


def test_check_names_both_places(vault):
    """`check` quotes the words and says what they name, at which tier and where."""
    mention(vault)
    ((code, severity, message, place, hint),) = findings(vault)
    assert (code, severity, place) == ("mention", "error", "_Standards/Open/A.md:3")
    assert message.endswith("the name of a note that public does not get: Ann_Falcon")
    assert hint.startswith("it is private by _Standards/People/Ann_Falcon.md:")


def test_check_names_the_field_of_a_value(vault):
    """The second place of a value is that of its field."""
    put(vault, "Open/A.md", "---\nconfidential_secret: [at]\nat: Quay 7\n---\nOn quay 7.\n")
    ((_, _, _, place, hint),) = findings(vault)
    assert place == "_Standards/Open/A.md:5"
    assert hint.startswith("it is secret by _Standards/Open/A.md:3:1:")


def test_an_idle_allow_is_a_warning(vault):
    """An `allow` that silences nothing stands out; one that does is not spoken of."""
    mention(vault)
    allow = "allow:\n  - text: ann_falcon\n    in: Open/**\n  - text: Heron\n"
    (vault / "tierpub.yaml").write_text(allow + POLICY)
    assert [f[:3] for f in findings(vault)] == [
        ("idle-allow", "warning", "an `allow` that lets nothing pass: Heron")
    ]
    assert tierpub("project", "--level", "public", "--vault", vault).returncode == 0


def test_the_same_in_any_order(vault):
    """Faults come in the order of notes and text, whatever the hash seed."""
    mention(vault)
    put(vault, "People/Heron.md", "words\n")
    put(vault, "Open/B.md", "Heron\n\nAnn_Falcon\n\npeople/heron\n")
    runs = {
        tierpub("project", "--all", "--vault", vault, env={"PYTHONHASHSEED": seed}).stderr
        for seed in ("0", "1", "2")
    }
    assert len(runs) == 1
    assert [line.split(":")[2:4] for line in runs.pop().splitlines() if QUIET in line] == [
        ["3", "5"], ["1", "1"], ["3", "1"], ["5", "1"], ["5", "8"],
    ]  # fmt: skip
