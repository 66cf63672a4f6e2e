"""From a run over a whole vault to what is remembered of it."""

from __future__ import annotations

from collections.abc import Mapping

from tierpub.classify.attachments import Use
from tierpub.classify.context import Context
from tierpub.crew import Crew
from tierpub.mentions import Names, Needle
from tierpub.path import packed as packing
from tierpub.path import row as rows
from tierpub.path.keyed import Keyed
from tierpub.path.memory import File, Memory, Note, folders_of
from tierpub.path.row import Row
from tierpub.path.shard import Shard
from tierpub.path.speech import says, speech_of
from tierpub.vault import Vault

Heard = tuple[list[Needle], Names, bool]
"""The needles of a run, the names that may excuse them, and whether a link gave some of these."""


def remember(  # noqa: PLR0913, PLR0917 - one for each thing that is remembered
    crew: Crew[Shard],
    vault: Vault,
    ctx: Context,
    heard: Heard,
    uses: Mapping[str, Use],
    key: bytes,
) -> Memory | None:
    """What a run knows, in numbers; None where a note is not told wholly by them."""
    keyed = Keyed(key)
    learned = {each.note: each for part in crew.each(Shard.learned, key) for each in part}
    if len({keyed.note(note) for note in learned}) != len(learned):
        return None
    all_rows = {note: Row.unpacked(each.row) for note, each in learned.items()}
    needles, names, any_leads = heard
    speech = speech_of(keyed, needles, names, all_rows.values())
    leading = set().union(*crew.each(Shard.leading, needles)) if any_leads else set()
    speaking = {needle.note for needle in needles} | leading
    if speech.excuses:
        speaking |= {note for note, row in all_rows.items() if says(row, speech)}
    rules, notes = packing.rule_numbers(ctx.policy), {}
    for note in vault.notes:
        reason = packing.packed_reason(ctx.reasons[note], rules)
        if reason is None:
            return None
        each = learned[note]
        flags = rows.WANTED * each.wanted | rows.SPEAKS * (note in speaking)
        flags |= rows.LEADS * (note in leading)
        notes[note] = Note(each.content, reason, flags, keyed.digest(each.row))
    packed = {keyed.note(note): each.row for note, each in learned.items()}
    files, folders = _files(keyed, ctx, uses), folders_of(keyed, ctx)
    return Memory(keyed, notes, files, folders, speech, packed.__getitem__, packed.items)


def _files(keyed: Keyed, ctx: Context, uses: Mapping[str, Use]) -> dict[int, File]:
    """What is remembered of every attachment. Raises a `TierpubError` where one that something
    refers to cannot be read."""
    return {
        rows.file_of(keyed, path): File(
            uses[path].level if path in uses else -1,
            path in uses and ctx.attachments.fate(path).copied,
        )
        for path in ctx.vault.attachments
    }
