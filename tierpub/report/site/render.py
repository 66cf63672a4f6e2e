"""Templates to pages. Everything that a template prints is escaped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tierpub.report.site import markup
from tierpub.report.site.held import Held

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)
"""What a page may do: load the site's own script and style. Hashes would be stricter, but browsers
do not check them of files that they load from a disk, and no script on a page has a name."""
_TEMPLATES = Path(__file__).parent / "templates"


class Renderer:
    """Makes the pages of one site."""

    def __init__(self, held: Held) -> None:
        self._pages = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._pages.filters["count"] = lambda number: f"{number:,}"
        self._pages.filters["coded"] = markup.coded
        self._pages.filters["shown"] = markup.shown
        self._common: dict[str, Any] = {
            "policy": POLICY,
            "tiers": held.tiers,
            "level": held.level,
            "top": held.tiers[-1],
            "shade": markup.shade,
        }
        parts = self._pages.get_template("parts.html").make_module(self._common)
        self._common["chips"] = [parts.chip(rank) for rank in range(len(held.tiers))]  # type: ignore[attr-defined] # macros of the template
        self._common["caveat"] = parts.caveat()  # type: ignore[attr-defined]

    def page(self, template: str, **found: Any) -> bytes:  # noqa: ANN401 - as templates need it
        """One page."""
        made = self._pages.get_template(template).render(self._common | found)
        return made.encode()
