"""What a policy says when it is loaded: the shipped ones, the defaults, the JSON Schema."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tierpub.policy import Defaults, Policy, load_policy, parse_policy, policy_schema

ROOT = Path(__file__).parents[1]
SHIPPED = sorted((ROOT / "policies").glob("*.yaml"))
HEAD = "version: 1\ntiers: [public, internal, secret]\n"


def parse(text: str) -> Policy:
    """The policy that `text` states."""
    return parse_policy(text, "policy.yaml", Path("vault"))


def shipped(name: str) -> Policy:
    """One of the policies that come with tierpub."""
    return load_policy(ROOT / "policies" / f"{name}.yaml")


def fits(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    """Whether `value` is what `schema` describes, for the words of JSON Schema used here."""
    if "$ref" in schema:
        return fits(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    if "anyOf" in schema:
        return any(fits(value, each, root) for each in schema["anyOf"])
    if "enum" in schema:
        return value in schema["enum"]
    checks: dict[str, Callable[..., bool]] = {
        "object": _entries,
        "array": lambda v, s, r: (
            isinstance(v, list)
            and len(v) >= s.get("minItems", 0)
            and all(fits(each, s["items"], r) for each in v)
        ),
        "string": lambda v, s, _: isinstance(v, str) and len(v) >= s.get("minLength", 0),
        "boolean": lambda v, *_: isinstance(v, bool),
    }
    return checks[schema["type"]](value, schema, root)


def _entries(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    if not isinstance(value, dict):
        return False
    known = schema["properties"]
    one = [all(k in value for k in each["required"]) for each in schema.get("oneOf", ())]
    return (
        set(schema.get("required", ())) <= value.keys() <= known.keys()
        and schema["additionalProperties"] is False
        and (not one or sum(one) == 1)
        and all(fits(each, known[key], root) for key, each in value.items())
    )


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_shipped_policy_loads_without_a_warning(path: Path) -> None:
    """Every shipped policy is without fault and without warning, and holds no key."""
    made = load_policy(path)
    assert made.warnings == ()
    assert made.recipients == {}
    assert all(rule.reason for rule in made.rules)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_schema_takes_the_shipped_policies(path: Path) -> None:
    """The JSON Schema describes the shipped policies."""
    schema = policy_schema()
    assert fits(yaml.safe_load(path.read_text()), schema, schema)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(mentoins="warn"),
        lambda d: d.pop("version"),
        lambda d: d.update(tiers=[]),
        lambda d: d.update(mentions="loud"),
        lambda d: d["rules"][0].update(teir="public"),
        lambda d: d["rules"][0].pop("tier"),
        lambda d: d["rules"][0].update(body="x"),
        lambda d: d["rules"][0].pop("note"),
        lambda d: d["rules"][0].update(note=[]),
        lambda d: d["vault"].update(source=""),
        lambda d: d.update(allow=[{"in": "**"}]),
    ],
)
def test_schema_takes_no_faulty_policy(change: Callable[[dict[str, Any]], Any]) -> None:
    """An editor that knows the JSON Schema finds unknown keys, missing ones and two matchers."""
    schema = policy_schema()
    policy = yaml.safe_load((ROOT / "policies" / "default.yaml").read_text())
    broken = copy.deepcopy(policy)
    change(broken)
    assert fits(policy, schema, schema)
    assert not fits(broken, schema, schema)


def test_default_policy_tells_places_apart() -> None:
    """Encyclopedic notes are public, people and partners private, the rest as the default."""
    rules = shipped("default").rules_for("x.md")
    paths = ["WikiData/a.md", "UN/b.md", "earth/c/d.md", "People/Ann.md", "Partners/x/y.md", "z.md"]
    found = [rule.tier if (rule := rules.note(path)) else None for path in paths]
    assert found == [0, 0, 0, 3, 3, None]


@pytest.mark.parametrize(
    "key",
    [
        "email_address",
        "Phone Number",
        "street_address",
        "X_Twitter_username",
        "YouTube handle",
        "fax_number",
        "address",
        "E-Mail",
        "Mastodon_address",
    ],
)
def test_default_policy_keeps_contacts_back(key: str) -> None:
    """How somebody is reached is at protect, as frontmatter and as inline field."""
    rules = shipped("default").rules_for("Earth/a.md")
    found = rules.field((key,)), rules.inline_field(f"**{key}**")
    assert [rule.tier for rule in found if rule] == [2, 2]


@pytest.mark.parametrize(
    "key",
    [
        "date_of_birth",
        "emergency_phone_number",
        "postal_code",
        "official_website",
        "location",
        "ISNI",
        "telephone_country_code",
        "dv_has_place_latitude",
    ],
)
def test_default_policy_leaves_facts_alone(key: str) -> None:
    """Facts of an encyclopedia stay with their note."""
    assert shipped("default").rules_for("Earth/a.md").field((key,)) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("write to ann.b+c@mail.example.org.", ["ann.b+c@mail.example.org"]),
        ("jürg@bücher.example", ["jürg@bücher.example"]),
        ("info@163.com, a@1und1.de", ["info@163.com", "a@1und1.de"]),
        ("![[logo@2x.png]] and @ann", []),
        ("call +49 (0) 30 1234 567", ["+49 (0) 30 1234 567"]),
        ("call +49-30-1234567", ["+49-30-1234567"]),
        ("2 + 2, +5, C++ 17 20", []),
        ("DE89 3704 0044 0532 0130 00", ["DE89 3704 0044 0532 0130 00"]),
        ("GB29NWBK60161331926819", ["GB29NWBK60161331926819"]),
        ("ISNI 0000000404924948, WD~Ann,AB12", []),
    ],
)
def test_default_policy_finds_contacts_in_text(text: str, found: list[str]) -> None:
    """Mail addresses, telephone numbers and bank accounts are found in running text."""
    matches = shipped("default").rules_for("Earth/a.md").text(text)
    assert [text[start:end] for start, end, _ in matches] == found


def test_strict_policy_denies_by_default() -> None:
    """Under the strict policy everything is at the top until something speaks for it."""
    made = shipped("strict")
    assert made.defaults == Defaults(note=5, body=5, field=5, link=5, attachment=5, comment=5)


def test_tlp_policy_has_its_own_ladder() -> None:
    """Tiers are the user's own: the ladder of the Traffic Light Protocol."""
    made = shipped("tlp")
    assert made.ladder.names == ("clear", "green", "amber", "amber+strict", "red")
    assert (made.label_key, made.defaults.note, made.seal_from) == ("tlp", 2, 2)


def test_what_is_left_out_is_safe() -> None:
    """Without `defaults`, notes and comments are at the top and the rest where it stands."""
    made = parse(HEAD)
    assert made.defaults == Defaults(
        note=2, body=None, field=None, link=None, attachment=None, comment=2
    )
    assert (made.source, made.projection) == ("_Standards", "_{tier}/{path}.{tier}.md")
    assert (made.mentions, made.retarget, made.banner) == ("refuse", True, "rollup")
    assert made.ignore == (".obsidian/", ".trash/")
    assert (made.redaction.block, made.redaction.inline) == ("cut", "cut")


def test_everything_that_can_be_said() -> None:
    """Each key of the file arrives in the policy."""
    made = parse(
        "version: 1\ntiers:\n  - open\n  - name: shut\n    recipients: [age1x, keys/a.txt]\n"
        "seal_from: Shut\nvault: {source: Notes/, projection: 'out/{tier}/{path}.md', ignore: []}\n"
        "labels: {key: tlp, banner: keep}\n"
        "defaults: {note: open, body: shut, field: INHERIT, link: open, comment: open}\n"
        "redaction: {block: mark, inline: alias, mark: '<{tier}: {reason}>'}\n"
        "links: {retarget: false}\nmentions: off\n"
        "allow:\n  - {text: Berlin, in: [a/**, b], reason: a city}\n  - text: Bonn\n"
    )
    assert made.recipients == {1: ("age1x", "keys/a.txt")}
    assert (made.seal_from, made.sealed(0), made.sealed(1)) == (1, False, True)
    assert (made.source, made.ignore, made.label_key, made.banner) == ("Notes", (), "tlp", "keep")
    assert made.defaults == Defaults(0, 1, None, 0, None, 0)
    assert (made.retarget, made.mentions) == (False, "off")
    assert made.redaction.marked("shut", "why {tier}") == "<shut: why {tier}>"
    assert [(a.text, a.within, a.reason) for a in made.allow] == [
        ("Berlin", ("a/**", "b"), "a city"),
        ("Bonn", ("**",), ""),
    ]
    assert (made.tree(1), made.projection_of("UN/IOM.md", 1)) == ("out/shut", "out/shut/UN/IOM.md")


def test_digest_is_of_the_file(tmp_path: Path) -> None:
    """The digest is that of the bytes, and the folder that of the file."""
    path = tmp_path / "policy.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + HEAD.replace("\n", "\r\n").encode())
    made = load_policy(path)
    assert made.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (made.folder, made.file) == (tmp_path, str(path))


@pytest.mark.parametrize(
    ("rules", "line"),
    [
        ("  - {note: a, tier: secret}\n  - {note: [a, b], tier: public}\n", 5),
        ("  - {field: Confidential, tier: secret}\n", 4),
    ],
)
def test_idle_rules_are_warned_of(rules: str, line: int) -> None:
    """A rule that can never speak is allowed and pointed out."""
    warnings = parse(f"{HEAD}rules:\n{rules}").warnings
    assert [(w.code, w.severity, w.place.line) for w in warnings if w.place] == [
        ("idle-rule", "warning", line)
    ]


def test_docs_name_every_key_and_matcher() -> None:
    """The reference names every key that a policy may hold."""
    page = (ROOT / "docs" / "policy.md").read_text()
    keys = {key for each in policy_schema()["$defs"].values() for key in each["properties"]}
    assert {key for key in keys if f"`{key}`" not in page} == set()


def test_examples_of_the_docs_load() -> None:
    """Each YAML example of the reference is a policy, or a part of one."""
    page = (ROOT / "docs" / "policy.md").read_text()
    examples = [part.partition("\n```")[0] for part in page.split("```yaml\n")[1:]]
    head = "version: 1\ntiers: [public, internal, protect, private, personal, secret]\n"
    for example in examples:
        text = example if "version:" in example else head + example
        parse(text)
    assert len(examples) >= 5
