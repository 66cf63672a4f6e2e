"""What each kind of rule takes for a pattern, compiled: one predicate over one subject.

Everything runs on RE2, so that no pattern can hang. A pattern that could never match is refused,
for a rule that misses is a leak.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tierpub.policy.names import (
    BadPatternError,
    Predicate,
    compile_whole,
    field_variants,
    fold_field_pattern,
    glob_regex,
    variants,
)
from tierpub.policy.paths import links, meets, paths

SEP = "\0"
"""Stands between the keys of a field's path: no key holds it."""


def compile_patterns(kind: str, patterns: Iterable[str]) -> Predicate:
    """The predicate of a rule of `kind` (any but `text`). Raises `BadPatternError`."""
    return _MAKERS[kind](list(patterns))


def fields(patterns: list[str]) -> Predicate:
    """Dotted paths of frontmatter keys, joined by `SEP`; what is named names all below it."""
    regex = compile_whole(
        [each for pattern in patterns for each in _field_regexes(pattern)], patterns
    )

    def matches(path: str) -> bool:
        keys = [field_variants(key) for key in path.split(SEP)]
        width = max(map(len, keys))
        joined = {SEP.join(k[min(i, len(k) - 1)] for k in keys) for i in range(width)}
        return meets(regex, joined | {form.replace(".", SEP) for form in joined})

    return matches


def inline_fields(patterns: list[str]) -> Predicate:
    """Globs over the key of an inline field."""
    expressions = [
        glob_regex(each, one=True)
        for pattern in patterns
        for each in _some(fold_field_pattern(pattern), pattern)
    ]
    regex = compile_whole(expressions, patterns)
    return lambda key: meets(regex, field_variants(key))


def names(patterns: list[str]) -> Predicate:
    """Globs over a heading's text, a language, a callout's type or a comment."""
    expressions = [glob_regex(e) for p in patterns for e in _some(variants(_spaced(p)), p)]
    regex = compile_whole(expressions, patterns)

    def matches(name: str) -> bool:
        bare = _spaced(name)
        return meets(regex, {*variants(bare), *variants(bare.rstrip(": "))})

    return matches


def tags(patterns: list[str]) -> Predicate:
    """Tags from the top: `hr`, `hr/**` are hr and all below it, `hr/*` only what is below."""
    bare = [pattern.strip().lstrip("#").strip("/") for pattern in patterns]
    expressions = [_tag_regex(e) for p in bare for e in _some(variants(p), p)]
    regex = compile_whole(expressions, patterns)
    return lambda tag: meets(regex, variants(tag.strip().lstrip("#").strip("/")))


def _field_regexes(pattern: str) -> list[str]:
    """From the top where the pattern holds a dot, else at any depth; then all below."""
    _no_link(pattern)
    found = []
    for form in _some(fold_field_pattern(pattern), pattern):
        parts = [_field_part(part) for part in form.split(".")]
        start = f"(?:.*{SEP})?" if len(parts) == 1 else ""
        path = SEP.join(parts).replace(f"**{SEP}", f"(?:[^{SEP}]+{SEP})*")
        found.append(f"{start}{path}(?:{SEP}.*)?")
    return found


def _field_part(part: str) -> str:
    if not part:
        raise BadPatternError("a dotted path has an empty part", "remove the dot or name the key")
    return part if part == "**" else glob_regex(part, apart=SEP, one=True)


def _tag_regex(pattern: str) -> str:
    if pattern.startswith("**/"):
        return f"(?:.*/)?{_tag_regex(pattern.removeprefix('**/'))}"
    stem = pattern.removesuffix("/**")
    return glob_regex(stem, apart="/") + "(?:/.*)?"


def _no_link(pattern: str) -> None:
    if "[[" in pattern:
        raise BadPatternError(f"`{pattern}` holds the brackets of a link", "write the name only")


def _some(forms: tuple[str, ...], pattern: str) -> tuple[str, ...]:
    """`forms`, none of them empty."""
    if not all(forms):
        raise BadPatternError(f"{pattern!r} names nothing", "write a name or a glob")
    return forms


def _spaced(text: str) -> str:
    """`text` with each run of white space as one blank, none around it."""
    return " ".join(text.split())


_MAKERS: dict[str, Callable[[list[str]], Predicate]] = {
    "note": paths,
    "body": paths,
    "attachment": paths,
    "link": links,
    "field": fields,
    "inline_field": inline_fields,
    "section": names,
    "code": names,
    "callout": names,
    "comment": names,
    "tag": tags,
}
