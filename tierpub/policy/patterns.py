"""What each kind of rule takes for a pattern, compiled: one predicate over one subject.

Everything runs on RE2, so that no pattern can hang. A pattern that could never match is refused,
for a rule that misses is a leak.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from urllib.parse import unquote

import re2
from pathspec import GitIgnoreSpec

from tierpub.policy.names import (
    OPTIONS,
    Regex,
    compile_any,
    field_variants,
    fold_field_pattern,
    glob_regex,
    variants,
)

SEP = "\0"
"""Stands between the keys of a field's path: no key holds it."""

Predicate = Callable[[str], bool]

_URL = re.compile(r"(?:[a-z*][a-z0-9+.*-]+:|//)", re.IGNORECASE)
_AUTHORITY = re.compile(r"([^/]*//)([^/?#]*)(.*)", re.DOTALL)
_PORTS = {"http:": ":80", "https:": ":443"}


class BadPatternError(Exception):
    """A pattern that cannot be used: the fact, then what to write instead."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def compile_patterns(kind: str, patterns: Iterable[str]) -> Predicate:
    """The predicate of a rule of `kind` (any but `text`). Raises `BadPatternError`."""
    return _MAKERS[kind](list(patterns))


def paths(patterns: list[str]) -> Predicate:
    """gitwildmatch over a path in any spelling, with and without `.md`; `!` takes back."""
    entries = [_path_entry(each) for each in patterns]

    def matches(path: str) -> bool:
        forms = _path_forms(path)
        return _last(entries, forms)

    return matches


def links(patterns: list[str]) -> Predicate:
    """Paths relative to the vault root, or URLs. A pattern of one sort never meets the other."""
    urls = [_url_entry(each) for each in patterns if is_url(each.removeprefix("!"))]
    files = [_path_entry(each) for each in patterns if not is_url(each.removeprefix("!"))]

    def matches(target: str) -> bool:
        if is_url(target):
            return _last(urls, _url_forms(target))
        return _last(files, _path_forms(target))

    return matches


def fields(patterns: list[str]) -> Predicate:
    """Dotted paths of frontmatter keys, joined by `SEP`; what is named names all below it."""
    regex = _compiled([each for pattern in patterns for each in _field_regexes(pattern)], patterns)

    def matches(path: str) -> bool:
        keys = [field_variants(key) for key in path.split(SEP)]
        width = max(map(len, keys))
        joined = (SEP.join(k[min(i, len(k) - 1)] for k in keys) for i in range(width))
        return any(
            regex.search(form) or ("." in form and regex.search(form.replace(".", SEP)))
            for form in joined
        )

    return matches


def inline_fields(patterns: list[str]) -> Predicate:
    """Globs over the key of an inline field."""
    expressions = [
        glob_regex(each, one=True) for pattern in patterns for each in fold_field_pattern(pattern)
    ]
    regex = _compiled(expressions, patterns)
    return lambda key: any(regex.search(form) for form in field_variants(key))


def names(patterns: list[str]) -> Predicate:
    """Globs over a heading's text, a language, a callout's type or a comment."""
    expressions = [glob_regex(e) for p in patterns for e in variants(_spaced(p))]
    regex = _compiled(expressions, patterns)

    def matches(name: str) -> bool:
        bare = _spaced(name)
        forms = {*variants(bare), *variants(bare.rstrip(": "))}
        return any(regex.search(form) for form in forms)

    return matches


def tags(patterns: list[str]) -> Predicate:
    """Tags from the top: `hr`, `hr/**` are hr and all below it, `hr/*` only what is below."""
    bare = [pattern.strip().lstrip("#").strip("/") for pattern in patterns]
    expressions = [_tag_regex(e) for p in bare for e in variants(p)]
    regex = _compiled(expressions, patterns)
    return lambda tag: any(regex.search(f) for f in variants(tag.strip().lstrip("#").strip("/")))


def is_url(target: str) -> bool:
    """Whether `target` is a URL (or a pattern for some) and not a path."""
    return bool(_URL.match(target))


def _last(entries: list[tuple[bool, Regex]], forms: set[str]) -> bool:
    """What the last entry that matches any of `forms` says; False where none does."""
    for include, regex in reversed(entries):
        if any(regex.search(form) for form in forms):
            return include
    return False


def _path_forms(path: str) -> set[str]:
    whole = set(variants(path.lstrip("/")))
    return whole | {form.removesuffix(".md") for form in whole}


def _path_entry(pattern: str) -> tuple[bool, Regex]:
    """Whether the pattern includes, and an expression for all its folded forms."""
    _check_path(pattern)
    forms = [_gitignore(form, pattern) for form in variants(pattern)]
    return not pattern.startswith("!"), _expression("(?s)" + "|".join(forms), pattern)


def _gitignore(form: str, pattern: str) -> str:
    """The expression that pathspec makes of `form`: it begins where it must, ends where it likes."""
    try:
        made = GitIgnoreSpec.from_lines([form]).patterns[0]
    except Exception as error:  # pathspec raises errors of several families
        raise BadPatternError(f"`{pattern}` is no path pattern") from error
    regex = getattr(made, "regex", None)
    if regex is None:
        raise BadPatternError(f"`{pattern}` would never match", "see docs/policy.md, *Paths*")
    return "(?:" + str(regex.pattern).replace("(?P<ps_d>", "(?:") + ")"


def _check_path(pattern: str) -> None:
    """Refuses what gitwildmatch takes and reads otherwise than its author."""
    if "[[" in pattern:
        raise BadPatternError(f"`{pattern}` holds the brackets of a link", "write its target only")
    if re.search(r"\\[^\W_]", pattern):
        raise BadPatternError(f"`{pattern}` holds a backslash", "write `/` between folders")
    if pattern != pattern.strip():
        raise BadPatternError(f"`{pattern}` begins or ends in a blank", "remove it")
    if any(part in (".", "..") for part in pattern.removeprefix("!").split("/")):
        raise BadPatternError(f"`{pattern}` holds `.` or `..`", "start at the folder's own name")
    if "//" in pattern:
        raise BadPatternError(f"`{pattern}` holds `//`", "write one `/`")


def _url_entry(pattern: str) -> tuple[bool, Regex]:
    """A glob over a whole URL. In the host `*` crosses none of `/?#@`, below it no `/`."""
    body = pattern.removeprefix("!")
    expressions = []
    for form in variants(body):
        match = _AUTHORITY.match(form)
        scheme, host, rest = match.groups() if match else ("", "", form)
        end = r"(?:[/?#].*)?" if rest.endswith("/**") else ""
        rest = rest.removesuffix("/**") if end else rest
        expressions.append(
            glob_regex(scheme, apart="/")
            + glob_regex(host, apart="/?#@\\")
            + glob_regex(rest, apart="/")
            + end
        )
    return not pattern.startswith("!"), _compiled(expressions, [pattern])


def _url_forms(url: str) -> set[str]:
    """The URL as written, unescaped, and with a host without default port and last dot."""
    forms = {url, unquote(url)}
    if url.startswith("//"):
        forms |= {f"{scheme}:{form}" for form in forms for scheme in ("http", "https")}
    forms |= {_plain_host(form) for form in forms}
    return {variant for form in forms for variant in variants(form.strip())}


def _plain_host(url: str) -> str:
    match = _AUTHORITY.match(url)
    if not match:
        return url
    scheme, host, rest = match.groups()
    port = _PORTS.get(scheme.removesuffix("//").lower(), "")
    return f"{scheme}{host.removesuffix(port).removesuffix('.')}{rest}"


def _field_regexes(pattern: str) -> list[str]:
    """From the top where the pattern holds a dot, else at any depth; then all below."""
    _no_link(pattern)
    found = []
    for form in fold_field_pattern(pattern):
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


def _spaced(text: str) -> str:
    """`text` with each run of white space as one blank, none around it."""
    return " ".join(text.split())


def _compiled(expressions: list[str], patterns: list[str]) -> Regex:
    try:
        return compile_any(expressions)
    except re2.error as error:
        listed = ", ".join(f"`{each}`" for each in patterns)
        raise BadPatternError(f"{listed}: {reason(error)}") from error


def _expression(text: str, pattern: str) -> Regex:
    try:
        made: Regex = re2.compile(text, OPTIONS)
    except re2.error as error:
        raise BadPatternError(f"`{pattern}`: {reason(error)}") from error
    return made


def reason(error: Exception) -> str:
    """What RE2 said."""
    said = error.args[0] if error.args else error
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


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
