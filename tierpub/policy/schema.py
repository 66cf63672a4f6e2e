"""What a policy file may hold, said once: reading and the JSON Schema both come from here."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

Name = Annotated[str, Meta(min_length=1)]
OneOrMany = Name | Annotated[list[Name], Meta(min_length=1)]
TierName = Annotated[str, Meta(min_length=1, description="The name of a tier of this policy.")]
TierOrInherit = Annotated[
    str,
    Meta(min_length=1, description="A tier, or `inherit`: the tier of what it stands in."),
]
Cut = Literal["cut", "mark"]

IGNORE = (".obsidian/", ".trash/")
MATCHERS = (
    "note",
    "section",
    "body",
    "field",
    "inline_field",
    "link",
    "tag",
    "text",
    "code",
    "callout",
    "attachment",
    "comment",
)


def _about(text: str) -> Meta:
    return Meta(description=text)


class _Struct(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """No mapping of a policy takes a key that it does not know."""


class TierEntry(_Struct):
    """A tier that states who may open it."""

    name: TierName
    recipients: (
        Annotated[list[Name], Meta(min_length=1, description="age or ssh keys, or files of keys.")]
        | UnsetType
    ) = UNSET


class VaultEntry(_Struct):
    """Where notes stand and where projections go."""

    source: Annotated[Name, _about("Folder of the canonical notes.")] = "_Standards"
    projection: Annotated[
        Name, _about("Path of a projection: `{tier}` among its folders, and `{path}`.")
    ] = "_{tier}/{path}.{tier}.md"
    ignore: Annotated[list[Name], _about("gitwildmatch patterns of what is not read.")] = (
        msgspec.field(default_factory=lambda: list(IGNORE))
    )


class LabelsEntry(_Struct):
    """How authors label by hand."""

    key: Annotated[Name, _about("Frontmatter key, inline key, tag and comment word.")] = (
        "confidential"
    )
    banner: Literal["rollup", "keep"] = "rollup"


class DefaultsEntry(_Struct):
    """The tier of what neither a label nor a rule speaks of."""

    note: TierName | UnsetType = UNSET
    body: TierOrInherit = "inherit"
    field: TierOrInherit = "inherit"
    link: TierOrInherit = "inherit"
    attachment: TierOrInherit = "inherit"
    comment: TierName | UnsetType = UNSET


class RedactionEntry(_Struct):
    """What is left where something was cut."""

    block: Cut = "cut"
    inline: Literal["cut", "mark", "alias"] = "cut"
    mark: Annotated[Name, _about("May hold `{tier}` and `{reason}`.")] = "[redacted]"


class LinksEntry(_Struct):
    """What becomes of links."""

    retarget: bool = True


class AllowEntry(_Struct, rename={"in_": "in"}):
    """A mention that is fine."""

    text: Name
    in_: Annotated[OneOrMany, _about("Only in these notes (gitwildmatch).")] = "**"
    reason: str = ""


class RuleEntry(_Struct, rename={"in_": "in"}):
    """Exactly one matcher, and the tier of what it matches."""

    tier: TierName
    reason: Annotated[str, _about("Shown by explain, reports and marks.")] = ""
    in_: Annotated[OneOrMany, _about("Only in these notes (gitwildmatch).")] | UnsetType = UNSET
    guard: Annotated[bool, _about("The value joins the mention gate.")] = False
    note: Annotated[OneOrMany, _about("Path of a note, gitwildmatch.")] | UnsetType = UNSET
    section: Annotated[OneOrMany, _about("A heading's text, glob.")] | UnsetType = UNSET
    body: Annotated[OneOrMany, _about("Path of a note whose body it is.")] | UnsetType = UNSET
    field: Annotated[OneOrMany, _about("Frontmatter key or dotted path.")] | UnsetType = UNSET
    inline_field: Annotated[OneOrMany, _about("Key of an inline field.")] | UnsetType = UNSET
    link: Annotated[OneOrMany, _about("Path from the vault root, or URL.")] | UnsetType = UNSET
    tag: Annotated[OneOrMany, _about("A tag and all below it.")] | UnsetType = UNSET
    text: Annotated[OneOrMany, _about("RE2 expression.")] | UnsetType = UNSET
    code: Annotated[OneOrMany, _about("Language of a code block.")] | UnsetType = UNSET
    callout: Annotated[OneOrMany, _about("Type of a callout.")] | UnsetType = UNSET
    attachment: Annotated[OneOrMany, _about("Path of an attachment.")] | UnsetType = UNSET
    comment: Annotated[OneOrMany, _about("Text of a comment, glob.")] | UnsetType = UNSET


class PolicyFile(_Struct):
    """A tierpub policy."""

    version: Literal[1]
    tiers: Annotated[
        list[TierName | TierEntry], Meta(min_length=1, description="Ranked, lowest first.")
    ]
    seal_from: Annotated[TierName, _about("This tier and all above are encrypted.")] | UnsetType = (
        UNSET
    )
    vault: VaultEntry = msgspec.field(default_factory=VaultEntry)
    labels: LabelsEntry = msgspec.field(default_factory=LabelsEntry)
    defaults: DefaultsEntry = msgspec.field(default_factory=DefaultsEntry)
    redaction: RedactionEntry = msgspec.field(default_factory=RedactionEntry)
    links: LinksEntry = msgspec.field(default_factory=LinksEntry)
    mentions: Literal["refuse", "warn", "off"] = "refuse"
    allow: list[AllowEntry] = []
    rules: Annotated[list[RuleEntry], _about("The last match of a kind wins.")] = []


def policy_schema() -> dict[str, Any]:
    """The JSON Schema of a policy file, for editors that complete and check as one writes."""
    schema = msgspec.json.schema(PolicyFile)
    rule = schema["$defs"]["RuleEntry"]
    rule["oneOf"] = [{"required": [kind]} for kind in MATCHERS]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
