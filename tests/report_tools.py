"""What the tests of the report share: sites in memory, and what a page of one holds."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from tierpub.policy import load_policy
from tierpub.report.site import hold, remarks_of, site
from tierpub.report.site.pages import address
from tierpub.vault import scan

ROOT = Path(__file__).parents[1]


def opened(policy):
    """The policy with no tier sealed, so that a report may hold all of it."""
    return replace(policy, seal_from=None, recipients={})


def held_of(root, level, policy=None):
    """What a site of the vault at `root` up to `level` may hold."""
    stated = policy or load_policy(root / "tierpub.yaml")
    return hold(scan(root, stated), stated, level)


def site_of(root, level, policy=None, more=()):
    """The files of the site, by path; `more` are findings of other tools."""
    held = held_of(root, level, policy)
    return dict(site(held, [*remarks_of(held), *more]))


def sample():
    """The sample vault and its policy, nothing sealed."""
    return ROOT / "vault", opened(load_policy(ROOT / "policies/default.yaml"))


def page_of(files, note):
    """The HTML of a note's page."""
    return files[f"notes/{address(note)}"].decode()


def data_of_page(page):
    """The JSON that a page brings for its script."""
    return json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])


def whys_of(files, note):
    """Kind, tier and reason of each portion on a note's page."""
    return [(p[0], p[1], p[3]) for p in data_of_page(page_of(files, note))["portions"]]


class _Runs(HTMLParser):
    """The runs of a note's text, as a parser of HTML sees them."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.runs, self.inside, self.depth = [], False, 0

    def handle_starttag(self, _tag, attrs):
        found = dict(attrs)
        if found.get("id") == "text":
            self.inside = True
        elif self.inside:
            self.depth += 1
            if self.depth == 1:
                self.runs.append([found, ""])

    def handle_endtag(self, tag):
        if self.inside and tag == "pre":
            self.inside = False
        elif self.inside:
            self.depth -= 1

    def handle_data(self, data):
        if self.inside:
            self.runs[-1][1] += data


def runs_of(page):
    """Attributes and text of each run of a note's text."""
    parser = _Runs()
    parser.feed(page)
    return [(attributes, text) for attributes, text in parser.runs]


def reads(page, level):
    """What the runs of a page say that a level reads."""
    return "".join(text for found, text in runs_of(page) if int(found["data-k"]) >> level & 1)


def plain(page):
    """The words of a page without its tags."""
    return html.unescape(re.sub(r"<[^>]*>", "", page))


def left_beside(out):
    """What stands beside a report that a run should have taken away."""
    return [path.name for path in out.parent.iterdir() if ".tierpub-" in path.name]


HOSTILE = (
    "---\ntitle: \"</script><script>document.title='PWNED'</script>\"\n---\n\n"
    "# {{ 7 * 7 }} {% raw %} ${x} <%= y %>\r\n\r\n"
    "</pre></main><script>alert(1)</script> <img src=x onerror=alert(1)> <svg/onload=alert(1)>\n\n"
    "[a](javascript:alert(1)) [b](data:text/html,<script>alert(1)</script>) &lt;b&gt; &#13;\n\n"
    "<!-- \u202e gnp.exe \u2066 \ufeff\u200b\u2028 x \x01\x7f\x85 --> `-->`\n\n"
    "\u202e\u2067 turned \u200d \U000e0041\n\n" + "w" * 20000 + "\n"
)
"""What a note may hold that wants to be more than text."""

LADDER = "version: 1\ntiers: [public, internal, private, secret]\n"
