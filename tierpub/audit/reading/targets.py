"""What a link leads to, and of which tier that is, by the rules of Obsidian."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from tierpub.audit.layout import ODD_CASE, Layout, lowered
from tierpub.audit.reading.destinations import inside_url
from tierpub.audit.reading.files import Files
from tierpub.audit.reading.vault import Listing
from tierpub.policy import NoteRules, Policy
from tierpub.tiers import fold

_SCHEME = re.compile(r"[a-zA-Z][\w+.-]+:|//[^/]+\.")
_QUOTED = {"“": "”", "”": "”", "„": "“", '"': '"', "«": "»", "‹": "›"}
_BLANKS = 8
"""More of them are no name in quotation marks."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What a target comes to."""

    tier: int
    notes: tuple[str, ...] = ()
    """The canonical notes it may mean, relative to the source."""
    anchor: str = ""
    files: tuple[str, ...] = ()
    """The attachments it may mean, relative to the root."""


class Targets:
    """Answers for one vault. `tiers` are those of its notes, which must be known before."""

    def __init__(
        self, listing: Listing, policy: Policy, layout: Layout, tiers: dict[str, int]
    ) -> None:
        self._list = listing
        self._policy = policy
        self._layout = layout
        self._tiers = tiers
        self.files = Files(listing, policy, layout, tiers)
        self._known: dict[tuple[str, str, bool, int], Reach] = {}
        names = [re.escape(layout.tree(rank)) for rank in range(len(layout.ladder))]
        self._trees = {fold(layout.tree(rank)): rank for rank in range(len(layout.ladder))}
        self._suffixes = [fold(layout.suffix(rank)) for rank in range(len(layout.ladder))]
        self._plain = [layout.tree(rank).casefold() for rank in range(len(layout.ladder))]
        if not all(tree.isascii() for tree in self._plain):
            self._plain = [""]  # in any case that may be anything
        self._here: dict[str, str] = {}
        self._tree = re.compile(rf"(?:^|/)({'|'.join(names)})(?:/|$)", re.IGNORECASE)
        self._in_text = re.compile(
            rf"(?<![\w/])/?(?:\.\./)*({'|'.join(names)})(?:/[^\s\[\]()<>|`\"'{{}},;“”„«»‹›]*|(?=\W|$))",
            re.IGNORECASE,
        )

    def trees(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Where paths into the trees of tiers stand in running text, and the paths. One in
        quotation marks ends where they do, whatever blanks are in it."""
        if not self._names_tree(text):
            return
        for match in self._in_text.finditer(text):
            start, end = match.span()
            closing = _QUOTED.get(text[start - 1 : start], "")
            stop = text.find(closing, end) if closing else -1
            if stop > end and "\n" not in text[end:stop] and text[end:stop].count(" ") < _BLANKS:
                end = stop
            yield start, end, text[start:end]

    def _names_tree(self, text: str) -> bool:
        """Whether the name of a tree may stand in a text: nearly none has one."""
        low = lowered(text)
        return any(tree in low for tree in self._plain) or ODD_CASE.search(text) is not None

    def reach(self, target: str, note: str, rules: NoteRules, *, markdown: bool) -> Reach:
        """What `target`, as it stands in `note`, leads to."""
        folder = self._here.get(note)
        if folder is None:
            folder = self._here[note] = posixpath.dirname(note)
        key = (target, note if target.startswith("#") else folder, markdown, id(rules))
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._reach(target, note, rules, markdown=markdown)
        return found

    def _reach(self, target: str, note: str, rules: NoteRules, *, markdown: bool) -> Reach:
        if _SCHEME.match(target) and not self._list.by_name.get(fold(target)):
            return self._url(target, note, rules)
        if "#" not in target and "%23" in target:
            target = unquote(target)
        path, _, anchor = target.replace("\\", "/").partition("#")
        if path.startswith("^^"):
            path, anchor = "", path[1:]
        elif path.startswith("^"):
            path, anchor = "", path
        path = path.split("?")[0].strip() if markdown else path.strip()
        if not path:
            return Reach(self._tiers.get(note, 0), (note,), anchor)
        tree = self._tree_in("/" + path)
        if tree and fold(path.lstrip("./")).startswith(fold(tree[1])):
            return self._in_tree(tree[1], path, rules, anchor)
        return self._file(path, note, rules, anchor, markdown=markdown)

    def _tree_in(self, path: str) -> re.Match[str] | None:
        """The name of a tier's tree in a path. What an expression takes for one and folding does
        not, such as one with a dotless `i`, is the name of another folder."""
        found = self._tree.search(path)
        return found if found and fold(found[1]) in self._trees else None

    def _url(self, target: str, note: str, rules: NoteRules) -> Reach:
        rule = rules.link(target) or rules.link(unquote(target))
        tier = rule.tier if rule else 0
        unknown = Reach(tier if rule else self._policy.defaults.link or 0)
        inner = inside_url(target)
        if not inner:
            return unknown
        path, _, anchor = inner.partition("#")
        tree = self._tree_in("/" + path)
        if tree:
            more = self._in_tree(tree[1], path[tree.start(1) - 1 :], rules, anchor)
            return Reach(max(tier, more.tier), more.notes, anchor, more.files)
        source = self._list.source + "/"
        more = self._file(path.rpartition(source)[2], note, rules, anchor, markdown=False)
        found = more.notes or more.files
        return Reach(max(tier, more.tier), more.notes, anchor, more.files) if found else unknown

    def _in_tree(self, tree: str, path: str, rules: NoteRules, anchor: str) -> Reach:
        rank = self._trees[fold(tree)]
        inside = path[fold(path).index(fold(tree)) + len(tree) :].strip("/")
        stem = _without(_without(inside, ".md"), self._layout.suffix(rank))
        found = [n for n in self._matching(f"{self._list.source}/{stem}") if n in self._tiers]
        tier = max([rank, *(self._tiers[n] for n in found)])
        file = self._list.paths.get(fold(f"{self._list.source}/{inside}"), "")
        if not found and file:
            return Reach(max(tier, self.files.attachment(file, rules)), (), anchor, (file,))
        if not found and stem:
            tier = max(tier, self.files.missing(f"{stem}.md", rules, tier, default=0))
        if not found and fold(f"{self._list.source}/{stem}") in self._list.folders:
            tier = max(tier, self.files.folder(f"{self._list.source}/{stem}"))
        return Reach(max(tier, self._link_rule(path, rules)), tuple(found), anchor)

    def _file(
        self, path: str, note: str, rules: NoteRules, anchor: str, *, markdown: bool
    ) -> Reach:
        here = posixpath.dirname(f"{self._list.source}/{note}")
        for form in dict.fromkeys((path, _without(path, ".md"))):
            hits = self._candidates(form, here, markdown=markdown)
            if hits:
                return self._joined(hits, here, rules, anchor, max(0, self._called(path)))
            folder = self._folder_of(form, here)
            if folder:
                rule = rules.link(folder + "/") or rules.link(folder)
                inner = self.files.folder(folder, rule.tier if rule else None)
                return Reach(max(inner, rule.tier if rule else 0))
        level = self._called(path)
        if level >= 0:
            bare = _without(_without(path, ".md"), self._layout.suffix(level))
            meant = self._file(bare, note, rules, anchor, markdown=markdown)
            return Reach(max(level, meant.tier if meant.notes else 0), meant.notes, anchor)
        if "]" in path:  # other readers end such a link there
            return self._file(path.partition("]")[0], note, rules, anchor, markdown=markdown)
        return Reach(self.files.unknown(path, here, rules), (), anchor)

    def _called(self, path: str) -> int:
        """The tier that a name like a projection's names; -1 for any other."""
        stem = fold(_without(path, ".md"))
        return next(
            (level for level, end in enumerate(self._suffixes) if end and stem.endswith(end)), -1
        )

    def _candidates(self, path: str, here: str, *, markdown: bool) -> list[str]:
        clean = posixpath.normpath(path.strip("/")) if path.strip("/") else ""
        if path.startswith("."):
            inside = posixpath.normpath(posixpath.join(here, path))
            exact = self._matching(inside, exact=True)
            return exact or self._matching(clean.lstrip("./"))
        if path.startswith("/"):
            return self._matching(clean, exact=True) or self._matching(clean)
        near = markdown or "/" in clean
        exact = self._matching(posixpath.join(here, clean), exact=True) if near else []
        if exact and "/" in clean:
            return exact
        return self._matching(clean)

    def _matching(self, path: str, *, exact: bool = False) -> list[str]:
        """Files whose path ends in `path` (or is it), as canonical notes are named or whole."""
        ends = fold(path)
        if exact:
            found = self._list.paths.get(ends)
            return [self._name(found)] if found else []
        out = []
        for found in self._list.by_name.get(posixpath.basename(ends), ()):
            whole = fold(found)
            forms = (whole, whole.removesuffix(".md"))
            if any(f == ends or f.endswith("/" + ends) for f in forms):
                out.append(self._name(found))
        return out

    def _name(self, found: str) -> str:
        """A canonical note by its path below the source, any other file by its whole path."""
        below = found.removeprefix(self._list.source + "/")
        return below if below in self._tiers and below != found else found

    def _joined(
        self, hits: list[str], here: str, rules: NoteRules, anchor: str, tier: int
    ) -> Reach:
        notes = tuple(hit for hit in hits if hit in self._tiers)
        beside = [hit for hit in hits if posixpath.dirname(hit) == here]
        if not notes and beside:  # of several files with one name the one beside the note
            hits = beside
        tiers, files = [tier], []
        for hit in hits:
            whole = f"{self._list.source}/{hit}" if hit in self._tiers else hit
            rule = rules.link(whole)
            if hit in self._tiers:
                tiers.append(max(self._tiers[hit], rule.tier if rule else 0))
            else:
                files.append(hit)
                tiers.append(self.files.attachment(hit, rules))
        return Reach(max(tiers), notes, anchor, tuple(files))

    def _folder_of(self, path: str, here: str) -> str:
        clean = path.strip("/")
        forms = [clean, posixpath.normpath(posixpath.join(here, path)) if path else ""]
        forms += [f"{self._list.source}/{clean}"]
        ends = [f for f in forms if fold(f) in self._list.folders]
        if not ends and path.endswith("/"):
            name = "/" + fold(clean)
            ends = [f for f in self._list.folders if f.endswith(name)]
        return ends[0] if ends else ""

    def folder(self, path: str, note: str) -> str:
        """The folder that a path in a note means, relative to the root; empty for none."""
        return self._folder_of(path, posixpath.dirname(f"{self._list.source}/{note}"))

    def _link_rule(self, path: str, rules: NoteRules) -> int:
        rule = rules.link(path.lstrip("/"))
        return rule.tier if rule else 0


def _without(path: str, suffix: str) -> str:
    return path[: -len(suffix)] if suffix and fold(path).endswith(fold(suffix)) else path
