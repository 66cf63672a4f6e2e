"""The tiers of what is no note: attachments, folders, and paths that nothing stands at."""

from __future__ import annotations

import posixpath
import re

from tierpub.audit.layout import Layout
from tierpub.audit.reading.vault import Listing
from tierpub.policy import NoteRules, Policy, Rule
from tierpub.tiers import fold

_EXTENSION = re.compile(
    r"\.(?:a?png|jpe?g?|jfif|gif|webp|svg|bmp|avif|pdf|docx?|xlsx?|pptx?|zip|mp[34]|"
    r"webm|mov|wav|ogg|m4a|csv|json|geojson|canvas|base|txt)$",
    re.IGNORECASE,
)


class Files:
    """Answers for one vault. `tiers` are those of its notes."""

    def __init__(
        self, listing: Listing, policy: Policy, layout: Layout, tiers: dict[str, int]
    ) -> None:
        self._list = listing
        self._policy = policy
        self._layout = layout
        self._tiers = tiers
        self._folders: dict[tuple[str, int | None], int] = {}

    def attachment(self, file: str, rules: NoteRules) -> int:
        """The tier of a link to a file that is no canonical note."""
        below = file.removeprefix(self._list.source + "/")
        named = [rule.tier for rule in (rules.link(file), rules.attachment(below)) if rule]
        if file in self._list.withheld:
            return max(named, default=self._layout.ladder.top)
        own = max(named, default=self._policy.defaults.attachment or 0)
        said = [rule.tier for _, _, rule in rules.text(below)]
        return max([own, self.around(file), *said])

    def around(self, file: str) -> int:
        """What the folders of a file say of it: the lowest tier of a note in the nearest folder
        that holds any. The source itself says nothing."""
        folder = posixpath.dirname(file)
        while folder.startswith(self._list.source + "/"):
            if self.holds_notes(folder):
                return self.folder(folder)
            folder = posixpath.dirname(folder)
        return 0

    def holds_notes(self, folder: str) -> bool:
        """Whether any canonical note stands below a folder."""
        inside = self._list.folders.get(fold(folder), ())
        return any(path.removeprefix(self._list.source + "/") in self._tiers for path in inside)

    def within(self, folder: str) -> tuple[str, ...]:
        """The attachments below a folder."""
        inside = self._list.source + "/"
        return tuple(
            path for path in self._list.folders.get(fold(folder), ())
            if path.startswith(inside) and path.removeprefix(inside) not in self._tiers
            and path not in self._list.withheld
        )  # fmt: skip

    def folder(self, folder: str, ruled: int | None = None) -> int:
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

    def unknown(self, path: str, here: str, rules: NoteRules) -> int:
        """The tier of a target that no file stands at: what the rules say of the places it may
        mean; of one outside the source the highest, where they say nothing."""
        whole = posixpath.normpath(path.strip("/")) if path.strip("/") else ""
        if path.startswith("."):
            whole = posixpath.normpath(posixpath.join(here, path))
        bare = "/" not in path and not path.startswith(".")
        places = [] if bare else self._places(path, whole, here)
        if places is None:
            rule = rules.link(whole) or rules.attachment(whole)
            return rule.tier if rule else self._layout.ladder.top
        if not places:
            said = [rules.link(whole), self._attachment(whole, rules)]
            named = [rule.tier for rule in said if rule]
            return max([max(named, default=self._policy.defaults.link or 0),
                        self._above(whole, here)])  # fmt: skip
        return max(self.missing(_as_note(below), rules, 0) for below in places)

    def _places(self, path: str, whole: str, here: str) -> list[str] | None:
        """Where below the source a path may mean to lead; None where it leads out of it."""
        source = self._list.source + "/"
        if fold(whole).startswith(fold(source)):
            return [whole[len(source) :]]
        first = fold(whole.partition("/")[0])
        beside = first in self._list.folders and first != fold(self._list.source)
        if beside or path.startswith((".", "/")):
            return None
        return [whole, f"{here}/{whole}".removeprefix(source)]

    def _attachment(self, below: str, rules: NoteRules) -> Rule | None:
        """The rule over an attachment that is not there."""
        return rules.attachment(below) if _EXTENSION.search(below) else None

    def _above(self, path: str, here: str) -> int:
        """The tier of the nearest folder that is there, of a path that leads nowhere."""
        above = posixpath.dirname(path)
        while above:
            for folder in (above, posixpath.join(here, above), f"{self._list.source}/{above}"):
                if fold(folder) in self._list.folders:
                    return self.folder(folder)
            above = posixpath.dirname(above)
        return 0

    def missing(
        self, below: str, rules: NoteRules, floor: int, *, default: int | None = None
    ) -> int:
        """A path below the source that nothing stands at: rules over notes and attachments, else
        link rules, else the default; and at least as high as the nearest folder that is there."""
        if default is None:
            default = self._policy.defaults.link or 0
        named = [self._policy.rules_for(below).note(below), self._attachment(below, rules)]
        if not any(named):
            named = [rules.link(f"{self._list.source}/{below.removesuffix('.md')}")]
        said = [rule.tier for rule in named if rule]
        tier = max(said, default=default)
        above = posixpath.dirname(below)
        while above and fold(f"{self._list.source}/{above}") not in self._list.folders:
            above = posixpath.dirname(above)
        if above:
            tier = max(tier, self.folder(f"{self._list.source}/{above}"))
        return max(tier, floor)


def _as_note(below: str) -> str:
    return below if below.endswith(".md") or _EXTENSION.search(below) else below + ".md"
