"""Patterns over paths and URLs: gitwildmatch through pathspec, and globs over whole URLs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from urllib.parse import unquote

from pathspec import GitIgnoreSpec

from tierpub.policy.names import (
    BadPatternError,
    Predicate,
    Regex,
    compile_one,
    glob_regex,
    variants,
)

_URL = re.compile(
    r"(?:[a-z*][a-z0-9+.*-]*:)?//"
    r"|(?:data|file|geo|javascript|magnet|mailto|obsidian|sms|tel|urn|xmpp):",
    re.IGNORECASE,
)
_COLON = re.compile(r"[a-z][a-z0-9+.*-]+:", re.IGNORECASE)
_AUTHORITY = re.compile(r"([^/]*//)([^/?#]*)(.*)", re.DOTALL)
_ROOTED = re.compile(r"!?/([^/*?\[\]\\!\s]+)/")
"""A pattern for what lies below a folder at the root, whose name is written out."""
_PORTS = {"http:": ":80", "https:": ":443"}


def paths(patterns: list[str]) -> Predicate:
    """Match paths in any spelling by gitwildmatch, with and without `.md`; `!` takes back."""
    runs, tops = _runs([_path_entry(each) for each in patterns]), _tops(patterns)
    return lambda path: _may_be_below(tops, path) and _last(runs, _path_forms(path))


def links(patterns: list[str]) -> Predicate:
    """Paths relative to the vault root, or URLs. A pattern of one sort never meets the other,
    but what has a colon and no scheme we know (`Re:Zero`) may be either."""
    bare = [(each, each.removeprefix("!")) for each in patterns]
    urls = _runs([_url_entry(each) for each, body in bare if may_be_url(body)])
    of_files = [each for each, body in bare if not is_url(body)]
    files, tops = _runs([_path_entry(each) for each in of_files]), _tops(of_files)

    def matches(target: str) -> bool:
        if urls and may_be_url(target) and _last(urls, _url_forms(target)):
            return True
        if not files or not _may_be_below(tops, target) or is_url(target):
            return False
        return _last(files, _path_forms(target))

    return matches


def meets(regex: Regex, forms: Iterable[str]) -> bool:
    """Whether `regex` finds something in any of `forms`. It is given bytes: of a text RE2's
    wrapper would count the characters, which nobody asks for."""
    return any(regex.search(form.encode()) for form in forms)


def is_url(target: str) -> bool:
    """Whether `target` is a URL (or a pattern for some) and not a path."""
    return bool(_URL.match(target))


def may_be_url(target: str) -> bool:
    """Whether `target` is a URL, or a path that looks like one."""
    if ":" not in target and not target.startswith("//"):
        return False  # as nearly always
    return bool(_URL.match(target) or _COLON.match(target))


Entry = tuple[bool, str, str]
"""Whether a pattern takes in or back, its expression, and the pattern as written."""


def _runs(entries: list[Entry]) -> list[tuple[bool, Regex]]:
    """Entries that follow one another and do the same as one expression; the last run first."""
    runs = [(include, list(run)) for include, run in groupby(entries, itemgetter(0))]
    return [
        (include, compile_one("(?s)" + "|".join(e[1] for e in run), f"`{run[0][2]}`"))
        for include, run in reversed(runs)
    ]


def _last(runs: list[tuple[bool, Regex]], forms: frozenset[str]) -> bool:
    """What the last run that matches any of `forms` says; False where none does."""
    for include, regex in runs:
        if meets(regex, forms):
            return include
    return False


def _tops(patterns: list[str]) -> frozenset[str] | None:
    """The folders at the root, in every spelling, that all `patterns` ask for; None where one
    of them may match elsewhere."""
    matches = [_ROOTED.match(pattern) for pattern in patterns]
    if not all(matches):
        return None
    return frozenset(form for match in matches if match for form in variants(match[1]))


def _may_be_below(tops: frozenset[str] | None, path: str) -> bool:
    """Whether `path` may lie below one of `tops`, sooner than the patterns tell."""
    top, slash, _ = path.lstrip("/").partition("/")
    return tops is None or not slash or not tops.isdisjoint(variants(top))


@lru_cache(maxsize=64)
def _path_forms(path: str) -> frozenset[str]:
    """The forms of a path that a folded pattern may match; kept for the next rule's question."""
    whole = variants(path.lstrip("/"))
    return frozenset((*whole, *(form.removesuffix(".md") for form in whole)))


def _path_entry(pattern: str) -> Entry:
    """The entry of a path pattern, all its folded forms in one expression."""
    _check_path(pattern)
    forms = [_gitignore(form, pattern) for form in variants(pattern)]
    return not pattern.startswith("!"), "|".join(forms), pattern


def _gitignore(form: str, pattern: str) -> str:
    """The expression that pathspec makes of `form`: anchored at its start, open at its end."""
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


def _url_entry(pattern: str) -> Entry:
    """The entry of a glob over a URL: in the host `*` stops at any of `/?#@`, below it at `/`."""
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
    return not pattern.startswith("!"), "|".join(rf"\A(?:{e})\z" for e in expressions), pattern


@lru_cache(maxsize=64)
def _url_forms(url: str) -> frozenset[str]:
    """The URL as written, unescaped, and with a host without default port and last dot."""
    forms = {url, unquote(url)}
    if url.startswith("//"):
        forms |= {f"{scheme}:{form}" for form in forms for scheme in ("http", "https")}
    forms |= {_plain_host(form) for form in forms}
    return frozenset(variant for form in forms for variant in variants(form.strip()))


def _plain_host(url: str) -> str:
    match = _AUTHORITY.match(url)
    if not match:
        return url
    scheme, host, rest = match.groups()
    port = _PORTS.get(scheme.removesuffix("//").lower(), "")
    return f"{scheme}{host.removesuffix(port).removesuffix('.')}{rest}"
