"""What a link leads to, and of which tier that is, by the rules of Obsidian."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from urllib.parse import unquote

from tierpub.audit.layout import Layout
from tierpub.audit.reading.inline import inside_url
from tierpub.audit.reading.vault import Listing
from tierpub.policy import NoteRules, Policy
from tierpub.tiers import fold

_SCHEME = re.compile(r"[a-zA-Z][\w+.-]+:|//[^/]+\.")
_EXTENSION = re.compile(
    r"\.(?:png|jpe?g|gif|webp|svg|bmp|avif|pdf|docx?|xlsx?|pptx?|zip|mp[34]|"
    r"webm|mov|wav|ogg|m4a|csv|json|geojson|canvas|base|txt)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reach:
    """What a target comes to."""

    tier: int
    notes: tuple[str, ...] = ()
    """The canonical notes it may mean, relative to the source."""
    anchor: str = ""
    file: str = ""
    """The attachment it means, relative to the root."""


class Targets:
    """Answers for one vault. `tiers` are those of its notes, which must be known before."""

    def __init__(
        self, listing: Listing, policy: Policy, layout: Layout, tiers: dict[str, int]
    ) -> None:
        self._list = listing
        self._policy = policy
        self._layout = layout
        self._tiers = tiers
        self._folders: dict[tuple[str, int | None], int] = {}
        self._known: dict[tuple[str, str, bool, int], Reach] = {}
        names = [re.escape(layout.tree(rank)) for rank in range(len(layout.ladder))]
        self._tree = re.compile(rf"(?:^|/)({'|'.join(names)})(?:/|$)", re.IGNORECASE)
        self.tree_in_text = re.compile(
            rf"(?<![\w/])/?(?:\.\./)*({'|'.join(names)})(?:/[^\s\[\]()<>|`\"'{{}},;]*|(?=\W|$))",
            re.IGNORECASE,
        )

    def reach(self, target: str, note: str, rules: NoteRules, *, markdown: bool) -> Reach:
        """What `target`, as it stands in `note`, leads to."""
        folder = posixpath.dirname(note)
        key = (target, note if target.startswith("#") else folder, markdown, id(rules))
        if key not in self._known:
            self._known[key] = self._reach(target, note, rules, markdown=markdown)
        return self._known[key]

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
        tree = self._tree.search("/" + path)
        if tree and fold(path.lstrip("./")).startswith(fold(tree[1])):
            return self._in_tree(tree[1], path, rules, anchor)
        return self._file(path, note, rules, anchor, markdown=markdown)

    def _url(self, target: str, note: str, rules: NoteRules) -> Reach:
        rule = rules.link(target) or rules.link(unquote(target))
        tier = rule.tier if rule else self._policy.defaults.link or 0
        inner = inside_url(target)
        if inner:
            name = inner.rpartition("_Standards/")[2] if "_Standards/" in inner else inner
            more = self._file(name, note, rules, "", markdown=False)
            tier = max(tier, more.tier if more.notes or more.file else tier)
        return Reach(tier)

    def _in_tree(self, tree: str, path: str, rules: NoteRules, anchor: str) -> Reach:
        rank = next(
            r for r in range(len(self._layout.ladder)) if fold(self._layout.tree(r)) == fold(tree)
        )
        inside = path[fold(path).index(fold(tree)) + len(tree) :].strip("/")
        stem = _without(_without(inside, ".md"), self._layout.suffix(rank))
        found = [n for n in self._matching(f"{self._list.source}/{stem}") if n in self._tiers]
        tier = max([rank, *(self._tiers[n] for n in found)])
        if not found and stem:
            tier = max(tier, self._missing(f"{stem}.md", rules, tier))
        if not found and fold(f"{self._list.source}/{stem}") in self._list.folders:
            tier = max(tier, self._folder(f"{self._list.source}/{stem}"))
        return Reach(max(tier, self._link_rule(path, rules)), tuple(found), anchor)

    def _file(
        self, path: str, note: str, rules: NoteRules, anchor: str, *, markdown: bool
    ) -> Reach:
        here = posixpath.dirname(f"{self._list.source}/{note}")
        for form in dict.fromkeys((path, _without(path, ".md"))):
            hits = self._candidates(form, here, markdown=markdown)
            if hits:
                return self._joined(hits, rules, anchor)
            folder = self._folder_of(form, here)
            if folder:
                rule = rules.link(folder + "/") or rules.link(folder)
                inner = self._folder(folder, rule.tier if rule else None)
                return Reach(max(inner, rule.tier if rule else 0))
        for level in range(len(self._layout.ladder)):
            suffix = self._layout.suffix(level)
            stem = _without(path, ".md")
            if suffix and fold(stem).endswith(fold(suffix)):
                bare = stem[: -len(suffix)]
                meant = self._file(bare, note, rules, anchor, markdown=markdown)
                return Reach(max(level, meant.tier if meant.notes else 0), meant.notes, anchor)
        return Reach(self._unknown(path, here, rules), (), anchor)

    def _candidates(self, path: str, here: str, *, markdown: bool) -> list[str]:
        clean = posixpath.normpath(path.strip("/")) if path.strip("/") else ""
        if path.startswith("."):
            inside = posixpath.normpath(posixpath.join(here, path))
            exact = self._matching(inside, exact=True)
            return exact or self._matching(clean.lstrip("./"))
        if path.startswith("/"):
            return self._matching(clean, exact=True) or self._matching(clean)
        near = markdown or "/" in clean
        near = markdown or "/" in clean
        exact = self._matching(posixpath.join(here, clean), exact=True) if near else []
        if exact and "/" in clean:
            return exact
        return self._matching(clean)

    def _matching(self, path: str, *, exact: bool = False) -> list[str]:
        """Files whose path ends in `path` (or is it), as canonical notes are named or whole."""
        ends = fold(path)
        out = []
        for found in self._list.by_name.get(posixpath.basename(ends), ()):
            whole = fold(found)
            forms = (whole, whole.removesuffix(".md"))
            if any(f == ends or (not exact and f.endswith("/" + ends)) for f in forms):
                below = found.removeprefix(self._list.source + "/")
                out.append(below if below in self._tiers and below != found else found)
        return out

    def _joined(self, hits: list[str], rules: NoteRules, anchor: str) -> Reach:
        notes = tuple(hit for hit in hits if hit in self._tiers)
        tiers, file = [0], ""
        for hit in hits:
            whole = f"{self._list.source}/{hit}" if hit in self._tiers else hit
            rule = rules.link(whole)
            if hit in self._tiers:
                own = rule.tier if rule else self._policy.defaults.link or 0
                tiers.append(max(self._tiers[hit], own))
            else:
                file = hit
                tiers.append(self.attachment(hit, rules))
        return Reach(max(tiers), notes, anchor, file)

    def attachment(self, file: str, rules: NoteRules) -> int:
        """The tier of a link to a file that is no canonical note."""
        inside = file.startswith(self._list.source + "/") and not file.endswith(".md")
        below = file.removeprefix(self._list.source + "/")
        named = [rule.tier for rule in (rules.link(file), rules.attachment(below)) if rule]
        if named:
            return max(named)
        default = self._policy.defaults.attachment
        return (default or 0) if inside else self._layout.ladder.top

    def _folder_of(self, path: str, here: str) -> str:
        clean = path.strip("/")
        forms = [clean, posixpath.normpath(posixpath.join(here, path)) if path else ""]
        forms += [f"{self._list.source}/{clean}"]
        ends = [f for f in forms if fold(f) in self._list.folders]
        if not ends and path.endswith("/"):
            ends = [f for f in self._list.folders if f.endswith("/" + fold(clean))]
        return ends[0] if ends else ""

    def _folder(self, folder: str, ruled: int | None = None) -> int:
        """The lowest tier of what stands in a folder; `ruled` where no note does."""
        key = (fold(folder), ruled)
        if key not in self._folders:
            self._folders[key] = self._lowest_in(key[0], ruled)
        return self._folders[key]

    def _lowest_in(self, folder: str, ruled: int | None) -> int:
        inside = self._list.folders[folder]
        below = [p.removeprefix(self._list.source + "/") for p in inside]
        return min((self._tiers[b] for b in below if b in self._tiers),
                   default=self._layout.ladder.top if ruled is None else ruled)  # fmt: skip

    def _unknown(self, path: str, here: str, rules: NoteRules) -> int:
        """The tier of a target that no file stands at."""
        whole = path.strip("/")
        if path.startswith("."):
            whole = posixpath.normpath(posixpath.join(here, path))
        if fold(whole).startswith(fold(self._list.source) + "/"):
            below = whole[len(self._list.source) + 1 :]
            return self._missing(below if below.endswith(".md") else below + ".md", rules, 0)
        rule = rules.link(whole)
        if rule:
            return rule.tier
        if path.startswith(".."):  # out of the source, whether or not anything is there
            return self._layout.ladder.top
        return max(self._policy.defaults.link or 0, self._above(whole, here))

    def _above(self, path: str, here: str) -> int:
        """The tier of the nearest folder that is there, of a path that leads nowhere."""
        above = posixpath.dirname(path)
        while above:
            for folder in (above, posixpath.join(here, above), f"{self._list.source}/{above}"):
                if fold(folder) in self._list.folders:
                    return self._folder(folder)
            above = posixpath.dirname(above)
        return 0

    def _missing(self, below: str, rules: NoteRules, floor: int) -> int:
        """A path below the source that nothing stands at: note rules, else link rules, else the
        default; and at least as high as the nearest folder that is there."""
        rule = self._policy.rules_for(below).note(below)
        if rule is None:
            rule = rules.link(f"{self._list.source}/{below.removesuffix('.md')}")
        tier = rule.tier if rule else self._policy.defaults.link or 0
        above = posixpath.dirname(below)
        while above and fold(f"{self._list.source}/{above}") not in self._list.folders:
            above = posixpath.dirname(above)
        if above:
            tier = max(tier, self._folder(f"{self._list.source}/{above}"))
        return max(tier, floor)

    def _link_rule(self, path: str, rules: NoteRules) -> int:
        rule = rules.link(path.lstrip("/"))
        return rule.tier if rule else 0


def _without(path: str, suffix: str) -> str:
    return path[: -len(suffix)] if suffix and fold(path).endswith(fold(suffix)) else path
