"""Attachments: the tier of each, which of them are copied, and what refers to them.

An attachment is copied to a level when a link to it is visible there. Its own tier is part of
the tier of every link to it (`targets`), so nothing else need be asked. The four types of images
are copied without their metadata; any other type is withheld unless an `attachment` rule lets it
through, and then goes as it is. What a link reads as at a level depends on that alone, so it
depends on nothing that is hidden from the level.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tierpub.classify.reasons import Reason, by_rule, highest
from tierpub.media import NotExact, image_type, remux, sniff
from tierpub.note import Syntax
from tierpub.vault.extensions import is_attachment

if TYPE_CHECKING:
    from tierpub.classify.classify import Classified
    from tierpub.classify.context import Context
    from tierpub.vault import Target

Sort = Literal["image", "raw", "type", "unfit", "settings"]


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of an attachment at the levels that refer to it."""

    sort: Sort
    """`image`: copied without metadata. `raw`: copied as it is, for a rule lets its type through.
    `type`: withheld, for none does. `unfit`: withheld, for it is not exactly the image that its
    name says. `settings`: withheld, for it lies in a folder with a leading dot, whose files can
    make a reader's tool run code."""
    why: str = ""
    """Of an unfit one: what is wrong with it."""

    @property
    def copied(self) -> bool:
        """Whether it is copied at all."""
        return self.sort in ("image", "raw")


@dataclass(frozen=True, slots=True)
class Use:
    """The lowest portion that refers to an attachment."""

    level: int
    """Its tier: at this level and above the attachment is copied."""
    note: str
    portion: int


class Attachments:
    """The attachments of one vault, by path relative to the source. Images are looked at when
    they are first asked for, once."""

    def __init__(self, ctx: Context) -> None:
        """`ctx` may still be without the tiers of notes."""
        self._ctx = ctx
        self._all = frozenset(ctx.vault.attachments)
        self._rules = ctx.policy.rules_for("*.md")  # an `attachment` rule is for all notes
        self._fates: dict[str, Fate] = {}

    def rule(self, path: str) -> Reason | None:
        """What an `attachment` rule says of `path`, whether or not anything stands there."""
        return by_rule(self._rules.attachment(path)) if is_attachment(path) else None

    def own(self, path: str) -> list[Reason | None]:
        """What gives the attachment at `path` a tier of its own: its rule, and the folder that
        it lies in, for the path of a copy names that."""
        tier = self._ctx.folder_above(self._place(path))
        folder = Reason("target", tier, detail=path.rpartition("/")[0]) if tier > 0 else None
        return [by_rule(self._rules.attachment(path)), folder]

    def floor(self, path: str) -> int:
        """The lowest level at which the attachment at `path` may be known of."""
        rule, folder = self.own(path)
        default = self._ctx.policy.defaults.attachment
        if rule is None and default is not None:
            rule = Reason("default", default, detail="attachment")
        reason = highest(rule, folder)
        return 0 if reason is None else reason.tier

    # Copies.

    def fate(self, path: str) -> Fate:
        """What becomes of the attachment at `path`."""
        known = self._fates.get(path)
        if known is None:
            self.copy(path)
            known = self._fates[path]
        return known

    def know(self, fates: dict[str, Fate]) -> None:
        """Take in what was found out about attachments elsewhere."""
        self._fates |= fates

    def fates(self, paths: Iterable[str]) -> dict[str, Fate]:
        """What becomes of each of `paths`."""
        return {path: self.fate(path) for path in paths}

    def may_go(self, path: str) -> bool:
        """Whether there may be a copy of the attachment at `path`; its bytes are not asked."""
        return (self._fates.get(path) or self._outward(path)).copied

    def is_moved(self, target: Target) -> bool:
        """Whether a visible link to `target` is pointed at a copy."""
        return target.sort != "attachment" or self.fate(self.inside(target.path)).copied

    def copy(self, path: str) -> bytes | None:
        """The bytes of the copy at every level; None where it is withheld.

        Raises a `TierpubError` where the file cannot be read.
        """
        fate = self._fates.get(path) or self._outward(path)
        if not fate.copied:
            self._fates[path] = fate
            return None
        data = self._ctx.vault.read_attachment(path)
        try:
            made = self._made(path, data, fate)
        except NotExact as error:
            self._fates[path] = Fate("unfit", str(error))
            return None
        self._fates[path] = fate
        return made

    @staticmethod
    def _made(path: str, data: bytes, fate: Fate) -> bytes:
        if fate.sort == "image":
            return remux(path, data)
        if sniff(data):  # it would take its metadata along under another name
            raise NotExact("its name and its bytes say different things of its type")
        return data

    def _outward(self, path: str) -> Fate:
        """What name and rules say; of an image that it is copied, if it is fit."""
        if path not in self._all:
            return Fate("type")
        if any(part.startswith(".") for part in path.split("/")):
            return Fate("settings")
        if image_type(path):
            return Fate("image")
        return Fate("raw" if self._rules.attachment(path) is not None else "type")

    # References.

    def uses(self, notes: Iterable[Classified]) -> dict[str, Use]:
        """For each attachment that anything refers to, what does so at the lowest level; in the
        order of their paths."""
        found: dict[str, Use] = {}
        for note in notes if self._all else ():
            for portion, path in self.named(note):
                tier = note.tiers[portion]
                known = found.get(path)
                if known is None or tier < known.level:
                    found[path] = Use(tier, note.path, portion)
        return dict(sorted(found.items()))

    def named(self, note: Classified) -> Iterator[tuple[int, str]]:
        """The attachments that a note refers to, each with the portion that does. A folder that
        a leaflet block names stands for all that lie below it and may be known of where it is."""
        for portion, target in note.targets.items():
            if target.sort == "attachment":
                yield portion, self.inside(target.path)
            elif target.sort == "folder":
                link = note.note.portions[portion].link
                if link is not None and link.code and link.syntax == Syntax.PLAIN:
                    for path in self._below(target.path):
                        if self.floor(path) <= note.tiers[portion]:
                            yield portion, path

    def _below(self, folder: str) -> list[str]:
        head = self.inside(folder.strip("/") + "/")
        return [path for path in sorted(self._all) if path.startswith(head)]

    def inside(self, path: str) -> str:
        """A path from the vault root, relative to the source."""
        source = self._ctx.vault.source
        return path.removeprefix(f"{source}/") if source else path

    def _place(self, path: str) -> str:
        source = self._ctx.vault.source
        return f"{source}/{path}" if source else path
