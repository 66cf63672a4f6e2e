"""Documentation as tests: what the pages say is what the tool does."""

from __future__ import annotations

import importlib
import importlib.util
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

import tierpub
from tierpub.errors import TierpubError
from tierpub.policy import load_policy, parse_policy

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "SECURITY.md",
    ROOT / "CHANGELOG.md",
    *(ROOT / "docs").glob("*.md"),
]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LABELS = (ROOT / "docs/labels.md").read_text(encoding="utf-8")
PAGE_IDS = [page.name for page in PAGES]
VERBS = importlib.import_module("tierpub.cli.main").VERBS
POLICY = load_policy(ROOT / "policies/default.yaml")
ANN = {"People/Ann.md": "Ann\n"}

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CALL = re.compile(r"(?:`|\$ |bin/)tierpub ([a-z]+)((?: [^`|&\n]*)?)")
_ROW = re.compile(r"^\| `(.+?)`[^|`]* \| (.+) \|$", re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")


def blocks(text, language):
    """The fenced blocks of a page in `language`."""
    return [body for found, body in _FENCE.findall(text) if found == language]


def written(folder, notes, policy=POLICY, name="Earth/N.md"):
    """What the public gets of the note `name` in a vault that holds just `notes`."""
    return projected(folder, notes, policy, name, 0)


def projected(folder, notes, policy, name, level):
    """What `level` gets of the note `name`, or None."""
    for path, text in notes.items():
        file = folder / "_Standards" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="")
    tier = policy.ladder.names[level]
    made = tierpub.project(folder, policy, [level])[level]
    data = made.get(f"_{tier}/{name.removesuffix('.md')}.{tier}.md")
    return None if data is None else data.decode()


@cache
def help_of(verb):
    """What `--help` prints, or None where the verb's module is not there."""
    if importlib.util.find_spec(f"tierpub.cli.{VERBS[verb][0]}") is None:
        return None
    done = subprocess.run(
        [sys.executable, "-m", "tierpub", verb, "--help"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return done.stdout


@pytest.mark.parametrize("verb", list(VERBS))
def test_every_verb_is_in_the_readme(verb):
    """The readme says of each verb what its help says."""
    assert f"| `{verb}` | {VERBS[verb][1]} |" in README


def test_readme_lists_no_other_verbs():
    """The readme's table of verbs has no row for what does not exist."""
    table = README.partition("| verb | |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)`", table, re.MULTILINE) == list(VERBS)


@pytest.mark.parametrize("page", PAGES, ids=PAGE_IDS)
def test_commands_on_the_pages_exist(page):
    """Each `tierpub VERB` on a page is a verb, and each option written with it one it has."""
    for verb, rest in _CALL.findall(page.read_text(encoding="utf-8")):
        assert verb in VERBS, f"{page.name}: tierpub {verb}"
        text = help_of(verb)
        if text is None:
            continue
        for option in re.findall(r"(?<= )--?[a-z-]+", rest):
            assert re.search(rf"(?<![\w-]){option}(?![\w-])", text), f"tierpub {verb} {option}"


def test_no_page_promises_verbs_that_are_not_there():
    """What is planned is named only to say that it does not exist."""
    planned = {"release", "verify", "audit", "report", "watch", "init"} - set(VERBS)
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert not {verb for verb, _ in _CALL.findall(text)} & planned
        if page.name != "README.md":
            assert not set(re.findall(r"`([a-z]+)`", text)) & planned


def test_set_up_commands_are_lines_to_paste():
    """Each set-up command is one line, and names what the package has."""
    main, tests = blocks(README, "sh")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert main.count("\n") == tests.count("\n") == 1
    assert "tierpub" in project["scripts"]
    assert "'.[test]'" in tests
    assert "test" in project["optional-dependencies"]
    assert "tierpub project --level internal" in main


def test_main_job_writes_the_note_that_the_readme_names(tmp_path):
    """The first command's result is the file that the readme names."""
    name = re.search(r"`vault/(_internal/[^`]+)`", README)[1]
    made = tierpub.project(ROOT / "vault", POLICY, [1])[1]
    assert name in made


def test_what_the_main_job_writes_is_ignored_by_git():
    """Trying tierpub in a clone leaves the clone clean, and ignores no canonical note."""
    paths = ["vault/_internal/A.internal.md", "vault/_private.tar.age", "vault/.tierpub/state.db"]
    kept = "vault/_Standards/ReadMe.md"
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    done = subprocess.run(
        ["git", "check-ignore", "--no-index", *paths, kept],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.splitlines() == paths


@pytest.mark.parametrize(("level", "tier"), [(0, "public"), (1, "internal")])
def test_readme_example_is_what_is_written(tmp_path, level, tier):
    """The readme's note, projected with the readme's policy, gives the readme's projections."""
    note, *projections = blocks(README, "markdown")
    policy = parse_policy(blocks(README, "yaml")[0], "README.md", tmp_path)
    assert policy.ladder.names[level] == tier
    notes = {
        "Lake/Ferry.md": note,
        "Lake/Pier.md": "---\nconfidential: public\n---\nPier\n",
        "People/Ann Keller.md": "Ann\n",
        "Partners/Lakeline.md": "Ferries\n",
    }
    got = projected(tmp_path, notes, policy, "Lake/Ferry.md", level)
    assert got.rstrip("\n") == projections[level].rstrip("\n")


def test_readme_policy_seals_from_private(tmp_path):
    """The readme's policy is read as its comments say."""
    policy = parse_policy(blocks(README, "yaml")[0], "README.md", tmp_path)
    assert policy.seal_from == policy.ladder.rank("private")
    assert not policy.warnings


def test_readme_policy_rules_all_match(tmp_path):
    """Each rule of the readme's policy meets what its comment or reason says."""
    rules = parse_policy(blocks(README, "yaml")[0], "README.md", tmp_path).rules_for("Lake/A.md")
    assert rules.note("People/Ann.md")
    assert rules.note("Partners/Deep/B.md")
    assert rules.field(("contact", "phone_number"))
    assert rules.section("Salaries")
    assert rules.link("https://en.wiki.example/Ferry")
    assert rules.text("IBAN CH93 0076 2011 6238 5295 7")


@pytest.mark.parametrize("page", PAGES, ids=PAGE_IDS)
def test_links_between_pages_resolve(page):
    """A link to a file or heading of the project leads to one."""
    text = re.sub(r"`[^`\n]*`", "", _FENCE.sub("", page.read_text(encoding="utf-8")))
    for path, anchor in _LINK.findall(text):
        target = (page.parent / path) if path else page
        assert target.exists(), f"{page.name}: {path}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", h).strip().lower().replace(" ", "-") for h in headings}
            assert anchor in slugs, f"{page.name}: #{anchor}"


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_every_page_is_linked_from_the_readme(page):
    """Nobody has to look into the folder to find a page."""
    assert f"(docs/{page.name})" in README


@pytest.mark.parametrize("page", PAGES, ids=PAGE_IDS)
def test_files_named_on_the_pages_exist(page):
    """A path into the project that a page names is there."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    for path in re.findall(r"`((?:policies|docs|tests|vault/_Standards)/[^`{*…]*)`", text):
        assert (ROOT / path).exists(), f"{page.name}: {path}"


def test_exit_codes_are_those_of_the_code():
    """The readme's table of exit codes has all that the command line returns."""
    output = importlib.import_module("tierpub.cli.output")
    codes = {getattr(output, name) for name in vars(output) if name.startswith("EXIT_")}
    table = README.partition("| exit code |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (\d[\d, ]*) \|", table, re.MULTILINE)
    assert {int(code) for row in rows for code in row.split(",")} == codes


DIFFS = blocks(LABELS, "diff")


@pytest.mark.parametrize("number", range(len(DIFFS)), ids=lambda n: f"example {n + 1}")
def test_labels_example(tmp_path, number):
    """Of each example of the page on labels the public gets just the lines without a minus."""
    lines = DIFFS[number].splitlines()
    assert all(line[:2] in ("- ", "  ", "-", "") for line in lines)
    note = "".join(line[2:] + "\n" for line in lines)
    kept = "".join(line[2:] + "\n" for line in lines if not line.startswith("-"))
    got = written(tmp_path, {"Earth/N.md": note, **ANN})
    assert (got or "").rstrip("\n") == kept.rstrip("\n")
    assert (got is None) == (not kept)


def rows(heading):
    """Code and text of each row of the table with this header."""
    return _ROW.findall(LABELS.partition(heading)[2].partition("\n\n")[0])


@pytest.mark.parametrize(("text", "message"), rows("| written | refused as |"))
def test_labels_refused(tmp_path, text, message):
    """What the page says is refused is refused with that message."""
    with pytest.raises(TierpubError) as refusal:
        written(tmp_path, {"Earth/N.md": f"A\n\n{text}\n\nB\n"})
    assert message in str(refusal.value.faults[0])


@pytest.mark.parametrize(("text", "expected"), rows("| canonical | at public |"))
def test_labels_gaps(tmp_path, text, expected):
    """What the page says of the gaps in running text is what is left."""
    got = written(tmp_path, {"Earth/N.md": text.strip("`") + "\n", **ANN})
    assert got == expected.strip("`") + "\n"


@pytest.mark.parametrize(
    "text",
    [
        "<p>Words #confidential/private</p>",
        "Words confidential:: private",
        "Words [#confidential/private](https://example.org) more",
        "---\nmeta:\n  confidential: private\n---\nT",
        "Words [confidential: private] more",
        "%% confidental: private %%\nWords\n%% /confidental %%",
    ],
)
def test_labels_that_cannot_be_read_are_refused(tmp_path, text):
    """What the page says is refused, because it only reads like a label, is refused."""
    with pytest.raises(TierpubError, match="label"):
        written(tmp_path, {"Earth/N.md": text + "\n"})


@pytest.mark.parametrize(
    "text",
    [
        "> [!privat] Words\n> more",
        "Words \\#confidential/private",
        "Words #confidential-ish",
        "`confidential:: private`",
    ],
)
def test_labels_that_are_none(tmp_path, text):
    """What the page names as no label is none."""
    assert written(tmp_path, {"Earth/N.md": text + "\n"}) == text + "\n"


def test_policy_page_has_every_matcher():
    """The reference of the policy names every matcher that there is."""
    page = (ROOT / "docs/policy.md").read_text(encoding="utf-8")
    schema = importlib.import_module("tierpub.policy").policy_schema()
    text = str(schema)
    for matcher in ("note", "body", "attachment", "section", "field", "inline_field", "link", "tag",
                    "text", "code", "callout", "comment"):  # fmt: skip
        assert f"| `{matcher}` |" in page
        assert f"'{matcher}'" in text


@pytest.mark.parametrize("page", PAGES, ids=PAGE_IDS)
def test_pages_name_no_options_that_are_not_there(page):
    """An option in the text of a page belongs to some verb, or to the benchmarks it is about."""
    helps = [text for verb in VERBS if (text := help_of(verb)) is not None]
    if page.name == "benchmarks.md":
        helps.append((ROOT / "benchmarks/__main__.py").read_text(encoding="utf-8"))
    known = set(re.findall(r"(?<!\w)--[a-z][a-z-]+", " ".join([*helps, "--version"])))
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    if len(helps) == len(VERBS):
        assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) <= known


TOUR = (ROOT / "docs/tour.md").read_text(encoding="utf-8")


def test_tour_counts_the_notes():
    """The tour says how many notes the sample vault has."""
    count = int(re.search(r"(\d+) notes in", TOUR)[1])
    assert count == len(list((ROOT / "vault/_Standards").rglob("*.md")))
