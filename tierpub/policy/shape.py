"""The tree of a policy file against the schema: what is there, of the right type, with places.

Whatever does not fit becomes a fault and is left out, so that one reading names all of them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

from msgspec import inspect

from tierpub.errors import Fault, Place
from tierpub.policy.schema import PolicyFile
from tierpub.policy.tree import Broken, Mapping, Node, Scalar, Sequence

_T = TypeVar("_T")

_CALLED = {
    "PolicyFile": "the policy",
    "TierEntry": "a tier",
    "VaultEntry": "`vault`",
    "LabelsEntry": "`labels`",
    "DefaultsEntry": "`defaults`",
    "RedactionEntry": "`redaction`",
    "LinksEntry": "`links`",
    "AllowEntry": "an `allow` entry",
    "RuleEntry": "a rule",
}
_TYPES = {"bool": "a boolean", "int": "a number", "float": "a number", "timestamp": "a date"}


@dataclass(frozen=True, slots=True)
class Word:
    """A string of the file and where it stands."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping of the file: the values that fit, the place of each key, and its own.

    `whole` is False where a value was refused, so that what is missing is no news.
    """

    values: dict[str, Any]
    places: dict[str, Place]
    place: Place
    whole: bool = True

    def word(self, key: str) -> Word | None:
        """The string under `key`, if there is one."""
        found = self.values.get(key)
        return found if isinstance(found, Word) else None

    def words(self, key: str) -> tuple[Word, ...]:
        """The strings under `key`, which takes one or a list."""
        return tuple(item for item in self.values.get(key, ()) if isinstance(item, Word))

    def records(self, key: str) -> tuple[Record, ...]:
        """The mappings in the list under `key`."""
        return tuple(item for item in self.values.get(key, ()) if isinstance(item, Record))

    def record(self, key: str) -> Record:
        """The mapping under `key`, or an empty one."""
        found = self.values.get(key)
        return found if isinstance(found, Record) else Record({}, {}, self.place)

    def choice(self, key: str, default: _T) -> _T:
        """The boolean or keyword under `key`, or `default`."""
        found: _T = self.values.get(key, default)
        return found


class _Refused:
    """What a value that does not fit becomes."""


_REFUSED = _Refused()


def shape(root: Node, faults: list[Fault]) -> Record:
    """`root` as a record of the schema's `PolicyFile`; adds to `faults` what does not fit."""
    fitted = _Shaper(faults).struct(root, _types(), "the policy")
    return fitted if isinstance(fitted, Record) else Record({}, {}, root.place, whole=False)


def near(name: str, known: Iterable[str]) -> str:
    """A hint that names what was probably meant, else all that could have been."""
    known = list(known)
    folded = name.casefold().strip().replace("-", "_").replace(" ", "_")
    close = difflib.get_close_matches(folded, known, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{close[0]}`?"
    return "known: " + ", ".join(f"`{each}`" for each in known)


@cache
def _types() -> inspect.StructType:
    found = inspect.type_info(PolicyFile)
    if not isinstance(found, inspect.StructType):  # pragma: no cover
        raise TypeError("the schema is no struct")
    return found


@dataclass(slots=True)
class _Shaper:
    faults: list[Fault] = field(default_factory=list)

    def struct(self, node: Node, kind: inspect.StructType, called: str) -> Any:
        """A record of the entries that fit."""
        if not isinstance(node, Mapping):
            return self._wrong(node, called, "a mapping")
        fields = {each.encode_name: each for each in kind.fields}
        values: dict[str, Any] = {}
        places: dict[str, Place] = {}
        for key, value in node.entries:
            if key.text not in fields:
                self._unknown_key(key, fields, kind)
                continue
            places[key.text] = key.place
            fitted = self._value(value, fields[key.text].type, f"`{key.text}`")
            if fitted is not _REFUSED:
                values[key.text] = fitted
        self._missing(fields, places, node, kind)
        return Record(values, places, node.place, len(values) == len(node.entries))

    def _unknown_key(self, key: Scalar, fields: Iterable[str], kind: inspect.StructType) -> None:
        message = f"`{key.text}` is no key of {_CALLED[kind.cls.__name__]}"
        self._fault("unknown-key", message, key.place, near(key.text, fields))

    def _missing(
        self,
        fields: dict[str, inspect.Field],
        places: dict[str, Place],
        node: Mapping,
        kind: inspect.StructType,
    ) -> None:
        for name, each in fields.items():
            if each.required and name not in places:
                message = f"{_CALLED[kind.cls.__name__]} lacks `{name}`"
                self._fault("missing-key", message, node.place, f"add `{name}:`")

    def _value(self, node: Node, kind: inspect.Type, called: str) -> Any:
        if isinstance(kind, inspect.Metadata):
            return self._value(node, kind.type, called)
        if isinstance(kind, inspect.StructType):
            return self.struct(node, kind, called)
        if isinstance(kind, inspect.UnionType):
            return self._union(node, kind, called)
        if isinstance(kind, inspect.ListType):
            return self._list(node, kind, called)
        if isinstance(kind, inspect.LiteralType):
            return self._literal(node, kind, called)
        return (
            self._bool(node, called)
            if isinstance(kind, inspect.BoolType)
            else self._str(node, called)
        )

    def _union(self, node: Node, kind: inspect.UnionType, called: str) -> Any:
        """One of several types, told apart by the node. `one or a list` gives always a tuple."""
        plain = [t.type if isinstance(t, inspect.Metadata) else t for t in kind.types]
        lists = [t for t in plain if isinstance(t, inspect.ListType)]
        structs = [t for t in plain if isinstance(t, inspect.StructType)]
        words = any(isinstance(t, inspect.StrType) for t in plain)
        if lists and (isinstance(node, Sequence) or not words):
            return self._list(node, lists[0], called)
        if structs and isinstance(node, Mapping):
            return self.struct(node, structs[0], called)
        word = self._str(node, called)
        return word if word is _REFUSED or not lists else (word,)

    def _list(self, node: Node, kind: inspect.ListType, called: str) -> Any:
        if not isinstance(node, Sequence):
            return self._wrong(node, called, "a list")
        if not node.items and kind.min_length:
            return self._fault("empty-value", f"{called} is an empty list", node.place)
        fitted = (self._value(item, kind.item_type, f"an item of {called}") for item in node.items)
        return tuple(item for item in fitted if item is not _REFUSED)

    def _literal(self, node: Node, kind: inspect.LiteralType, called: str) -> Any:
        """One of a few words. `off` is a boolean to YAML 1.1 and the word itself here."""
        if not isinstance(node, Scalar):
            return self._wrong(node, called, "one word")
        for value in kind.values:
            if node.text == str(value):
                return value
        message = f"{called} cannot be `{node.text}`"
        hint = near(node.text, [str(value) for value in kind.values])
        return self._fault("bad-value", message, node.place, hint)

    def _bool(self, node: Node, called: str) -> Any:
        if isinstance(node, Scalar) and node.text in ("true", "false") and node.type == "bool":
            return node.text == "true"
        return self._wrong(node, called, "true or false")

    def _str(self, node: Node, called: str) -> Any:
        if not isinstance(node, Scalar) or node.type == "null":
            return self._wrong(node, called, "a string")
        if node.type in _TYPES:
            message = f"YAML takes `{node.text}` for {_TYPES[node.type]}, where a string must stand"
            return self._fault("wrong-type", message, node.place, f'write "{node.text}"')
        if not node.text.strip():
            return self._fault("empty-value", f"{called} is empty", node.place)
        return Word(node.text, node.place)

    def _wrong(self, node: Node, called: str, wanted: str) -> Any:
        if isinstance(node, Broken):
            return _REFUSED
        if isinstance(node, Scalar) and node.type == "null":
            hint = "give it a value or remove its key"
            return self._fault("empty-value", f"{called} is empty", node.place, hint)
        found = {Scalar: "a single value", Sequence: "a list", Mapping: "a mapping"}[type(node)]
        return self._fault("wrong-type", f"{called} must be {wanted}, not {found}", node.place)

    def _fault(self, code: str, message: str, place: Place, hint: str = "") -> Any:
        self.faults.append(Fault(code, message, place, hint))
        return _REFUSED
