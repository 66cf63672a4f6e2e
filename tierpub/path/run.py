"""One run over a vault: every note classified, projections as they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from types import TracebackType
from typing import Self

from tierpub.classify import classify_all
from tierpub.classify.attachments import Use
from tierpub.classify.context import Context
from tierpub.crew import Alone, Crew, Forks, helpful
from tierpub.errors import Fault
from tierpub.mentions import Called, Names, choose, join, names_of, verdict
from tierpub.path.memory import Memory
from tierpub.path.remember import Heard, remember
from tierpub.path.shard import Made, Shard
from tierpub.policy import Policy
from tierpub.vault import Vault

_SHARE = 128
"""Fewer notes than this are not worth a process of their own."""


class Run:
    """A vault under a policy. Use it as a context: it may have processes to end."""

    def __init__(self, vault: Vault, policy: Policy, processes: int | None = None) -> None:
        """Reads and classifies every note, in so many processes; by default as many as help.

        What is wrong is in `faults`: where there is an error, ask for nothing else.
        """
        self._policy = policy
        self.vault = vault
        self._forks: Forks[Shard] | None = None
        self._crew: Crew[Shard]
        count = processes or helpful(len(vault.notes), _SHARE)
        if count == 1:
            self._crew = Alone(Shard(vault, policy, vault.notes))
        else:
            # Dealt out like cards: the shards are alike, and what they make comes in order.
            shares = [vault.notes[start::count] for start in range(count)]
            self._forks = Forks([partial(Shard, vault, policy, share) for share in shares])
            self._crew = self._forks
        try:
            self._classify(vault, policy)
        except BaseException:
            self.close()
            raise

    def _classify(self, vault: Vault, policy: Policy) -> None:
        reasons, self.faults = classify_all(self._crew, vault)
        self._context = Context.of(policy, vault)
        self._context.set_tiers(reasons)
        self._watched = False
        self._spoken: Heard = [], Names({}, {}), False
        self._uses: dict[str, Use] | None = None

    @property
    def tiers(self) -> dict[str, int]:
        """The tier of each note that could be read, in the order of the vault."""
        return self._context.tiers

    def projections(
        self, levels: Sequence[int], notes: Sequence[str] | None = None
    ) -> Iterator[Made]:
        """The projections at `levels`, note by note, of all notes or those named.

        Each passes the gate: ask for its verdict before anything of them leaves the program.
        """
        if not self._watched:
            self._watch()
        for made in self._crew.stream(Shard.projections, sorted(levels), notes):
            yield from made

    def copies(self, levels: Sequence[int], notes: Sequence[str] | None = None) -> Iterator[Made]:
        """A copy at each of `levels` of each attachment that something visible there refers to;
        with `notes` of those only that one of them names. One is read and held at a time.

        They pass the gate as projections do. Where both are made this goes first: what links read
        as depends on which attachments are fit to be copied, and here each is looked at anyway.
        """
        if not self._watched:
            self._watch()
        attachments, names = self._context.attachments, self._policy.ladder.names
        named = None if notes is None else self.named(notes)
        going: list[tuple[Use, int, str]] = []
        looked_at: list[str] = []
        for path, use in self.uses().items():
            seeing = [level for level in sorted(levels) if level >= use.level]
            if not seeing or (named is not None and path not in named):
                continue
            data = attachments.copy(path)
            looked_at.append(path)
            for level in seeing if data is not None else ():
                going.append((use, level, path))
                yield Made(level, self.vault.copy_path(path, names[level]), data or b"")
        # Of the others the shards find out what becomes of them where a visible link asks.
        self._crew.each(Shard.copied, going, attachments.fates(looked_at))

    def uses(self) -> dict[str, Use]:
        """For each attachment that anything refers to, what does so at the lowest level, the
        first of several; in the order of their paths."""
        if self._uses is None:
            place = {note: index for index, note in enumerate(self.vault.notes)}
            found: dict[str, Use] = {}
            for each in self._crew.each(Shard.uses):
                for path, use in each.items():
                    known = found.get(path, use)
                    found[path] = min(known, use, key=lambda u: (u.level, place[u.note]))
            self._uses = dict(sorted(found.items()))
        return self._uses

    def named(self, notes: Iterable[str]) -> set[str]:
        """The attachments that any of `notes` refers to."""
        return set().union(*self._crew.each(Shard.named, list(notes)))

    def may_go(self, attachment: str) -> bool:
        """Whether there may be a copy of an attachment; its bytes are not asked."""
        return self._context.attachments.may_go(attachment)

    def _watch(self) -> None:
        """Tell every shard's gate what to look for."""
        called = join(self._crew.each(Shard.called), self._context)
        needles = choose(called, self._context)
        leads = self._crew.each(Shard.leads, needles) if needles else []
        # Names only excuse needles: where there are none, none need be sent.
        names = names_of(called if needles else Called(), leads)
        self._crew.each(Shard.watch, needles, names)
        self._spoken = needles, names, any(leads)
        self._watched = True

    def verdict(self) -> list[Fault]:
        """Warnings about what was made and mentions something above its level, where the policy
        lets that pass. Raises a `TierpubError` where it does not."""
        found = [m for mentions, _ in self._crew.each(Shard.mentions) for m in mentions]
        return verdict(sorted(found, key=lambda mention: mention.note), self._policy)

    def memory(self, key: bytes) -> Memory | None:
        """What is to be remembered of this run, with the state's `key`, so that another need do
        only what has changed; None where that cannot be told in numbers."""
        if not self._watched:
            self._watch()
        return remember(self._crew, self.vault, self._context, self._spoken, self.uses(), key)

    def close(self) -> None:
        """End the processes of this run."""
        if self._forks is not None:
            self._forks.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
