"""A release is audited before it is in place: what a broken splitter makes does not get out."""

from __future__ import annotations

import importlib
import re

import pytest
from cli_tools import NOTES, put
from release_tools import everything, released, sealed_vault

from tierpub.classify import targets
from tierpub.classify.labels import LabelReader
from tierpub.classify.reasons import Reason
from tierpub.publish import outputs

frame = importlib.import_module("tierpub.cli.main")
verb = importlib.import_module("tierpub.cli.release")
auditing = importlib.import_module("tierpub.cli.auditing")

OWN = "tierpub.classify.own._OwnTiers"
REFUSED = "error: the audit found what must not get out as it is"
MORE = {
    **NOTES,
    "Plans.md": "# Plans\n\nInside words. %% ask the landlord first %%\n\n"
    "## Pay [confidential:: secret]\n\nNine coins.\n",
}
WORDS = re.compile("Falcon|Nine coins|landlord|Inside words|Plans|Office")


@pytest.fixture
def vault(tmp_path):
    """The small vault, private and secret sealed, with a comment in it, and the gate open: it
    would refuse some of this before the auditor could."""
    made = sealed_vault(tmp_path, MORE)
    policy = made / "tierpub.yaml"
    policy.write_text(policy.read_text() + 'mentions: "off"\n')
    return made


@pytest.fixture
def site(vault, tmp_path):
    """A clean release, and a note that was changed since."""
    (tmp_path / "www").mkdir()
    released(vault, tmp_path / "www/site")
    put(vault, "More.md", "# More\n\nOther words.\n")
    return tmp_path / "www/site"


def run(vault, site, capsys, *more):
    """Release within this process; exit code and stderr."""
    capsys.readouterr()
    code = frame.run(["release", "--vault", str(vault), "--out", str(site), *more])
    return code, capsys.readouterr()


def links_are_kept(monkeypatch):
    """A link to a hidden note has the tier of the text around it."""
    monkeypatch.setitem(vars(targets)["_BY_SORT"], "note", lambda *_: None)


def comments_are_kept(monkeypatch):
    """No comment has a tier of its own."""
    monkeypatch.setattr(f"{OWN}._comment", lambda *_: None)


def labels_are_not_heeded(monkeypatch):
    """A label marks nothing."""
    monkeypatch.setattr(LabelReader, "mark", lambda *_: None)


def text_is_added(monkeypatch):
    """Every projection ends in a word that nobody wrote."""
    real = outputs.Output
    monkeypatch.setattr(
        "tierpub.publish.Output", lambda path, data, tier: real(path, data + b"ghost\n", tier)
    )


def text_is_lost(monkeypatch):
    """Every section is of the highest tier."""
    monkeypatch.setattr(f"{OWN}._section", lambda *_: Reason("label", 3))


BREAKS = (links_are_kept, comments_are_kept, labels_are_not_heeded, text_is_added, text_is_lost)


@pytest.mark.parametrize("broken", BREAKS, ids=[each.__name__ for each in BREAKS])
def test_what_a_broken_splitter_makes_is_refused(broken, vault, site, monkeypatch, capsys):
    """Leaks, additions and losses: exit code 1, the old release as it was, nothing left beside it,
    and of what is hidden not a word."""
    before = everything(site)
    broken(monkeypatch)
    code, said = run(vault, site, capsys)
    assert (code, said.out) == (1, "")
    first, hint = said.err.splitlines()
    assert first == REFUSED
    assert hint.startswith("  hint: nothing was released")
    assert not WORDS.search(said.err)
    assert everything(site) == before
    assert {path.name for path in site.parent.iterdir()} == {"site"}


def test_the_splitter_as_it_is_passes(vault, site, capsys):
    """What refuses is the break: unbroken, the same vault is released."""
    code, said = run(vault, site, capsys)
    assert (code, said.err) == (0, "")
    assert (site / "internal/_internal/More.internal.md").exists()


@pytest.mark.parametrize("level", ["private", "secret"])
def test_sealed_tiers_are_audited_without_a_key(level, vault, site, monkeypatch, capsys):
    """What was sealed is held against the vault, too, in memory."""
    broken = labels_are_not_heeded if level == "private" else text_is_lost_at_the_top
    broken(monkeypatch)
    before = everything(site)
    code, said = run(vault, site, capsys, "--level", level)
    assert code == 1
    assert said.err.startswith(REFUSED)
    assert everything(site) == before


def text_is_lost_at_the_top(monkeypatch):
    """The last line of every note is missing."""
    from tierpub import seal  # noqa: PLC0415 - what is replaced is this package's name

    real = seal.build

    def build(members, recipients=()):
        return real([(path, data[: data.rstrip().rfind(b"\n") + 1]) for path, data in members],
                    recipients)  # fmt: skip

    monkeypatch.setattr(seal, "build", build)


def test_at_the_highest_level_places_are_told(vault, tmp_path, monkeypatch, capsys):
    """Where whoever reads the log may see everything, it says what was found and where."""
    text_is_lost_at_the_top(monkeypatch)
    code, said = run(vault, tmp_path / "top", capsys, "--level", "secret")
    assert code == 1
    assert said.err.startswith(REFUSED)
    assert "secret/_secret.tar.age/_secret/Plans.secret.md" in said.err
    assert "hint: `tierpub rule lost-text`" in said.err
    assert not (tmp_path / "top").exists()


def test_a_vault_that_changes_meanwhile_is_told_apart(vault, site, monkeypatch, capsys):
    """A note that was written between reading and auditing is no leak: run it again."""
    before, real = everything(site), verb.audited

    def audited(new, terms):
        real(new, terms)
        put(vault, "Plans.md", "# Plans\n\nWritten just now.\n")

    monkeypatch.setattr(verb, "audited", audited)
    code, said = run(vault, site, capsys)
    assert (code, said.err) == (
        1, "error: the vault was changed while it was released\n  hint: run it again\n"
    )  # fmt: skip
    assert everything(site) == before


def test_an_audit_that_fails_releases_nothing(vault, site, monkeypatch, capsys):
    """An auditor that breaks down has not found that all is well."""
    before = everything(site)

    def audit(*_, **__):
        raise RuntimeError

    monkeypatch.setattr("tierpub.audit.audit", audit)
    code, said = run(vault, site, capsys)
    assert code == 1
    assert said.err.startswith("error: tierpub failed in a way it should not")
    assert everything(site) == before
    assert {path.name for path in site.parent.iterdir()} == {"site"}


def test_low_confidence_does_not_refuse(vault, site, monkeypatch, capsys):
    """Nor do warnings: only errors of which the auditor is sure enough."""
    from tierpub.audit import Finding  # noqa: PLC0415

    unsure = [
        Finding("lost-text", "error", "low", "public/x", 1, 1, "m"),
        Finding("image-metadata", "warning", "high", "public/x", 1, 1, "m"),
    ]
    monkeypatch.setattr("tierpub.audit.audit", lambda *_, **__: unsure)
    assert run(vault, site, capsys)[0] == 0


def test_nothing_is_audited_where_nothing_changes(vault, site, monkeypatch, capsys):
    """A release that stays as it is was audited when it was made."""
    assert run(vault, site, capsys)[0] == 0
    monkeypatch.setattr(auditing, "hold_against_vault", None)
    assert run(vault, site, capsys)[0] == 0
