"""The colours of the report, computed: contrast for everybody, tiers apart for the colour-blind."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[1] / "tierpub/report/site/assets/site.css").read_text("utf-8")
THEMES = ("light", "dark")
SEEN = {
    "all colours": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deuteranopia": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "tritanopia": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
}
"""Linear RGB as it is seen (Machado, Oliveira and Fernandes 2009, full severity)."""


def colours(theme):
    """The variables of the style in a theme, as linear red, green and blue."""
    found = re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", CSS)
    return {name: linear(pair[THEMES.index(theme)]) for name, *pair in found}


def linear(code):
    """`#rrggbb` without the curve of the screen (sRGB)."""
    values = [int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return tuple(v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values)


def luminance(colour):
    """As WCAG 2 has it."""
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


def contrast(one, other):
    """From 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lab(colour):
    """Where eyes place a colour (CIELAB, D65)."""
    r, g, b = colour
    xyz = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
        luminance(colour),
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
    )
    x, y, z = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def apart(one, other, matrix):
    """How far apart two colours seem to eyes that see by `matrix`."""
    seen = [
        tuple(min(max(sum(m * v for m, v in zip(row, c, strict=True)), 0), 1) for row in matrix)
        for c in (one, other)
    ]
    return sum((a - b) ** 2 for a, b in zip(lab(seen[0]), lab(seen[1]), strict=True)) ** 0.5


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read_on_every_ground(theme):
    """Text on paper, cards and the tint of every tier has the contrast of WCAG AA or more."""
    found = colours(theme)
    grounds = ["paper", "raised", *(f"tint-{n}" for n in range(8))]
    for ground in grounds:
        assert contrast(found["ink"], found[ground]) >= 7, ground
        assert contrast(found["gone"], found[ground]) >= 4.5, ground
        assert contrast(found["accent"], found[ground]) >= 4.5, ground
    for ink, ground in itertools.product(("faint", "error", "warning"), ("paper", "raised")):
        assert contrast(found[ink], found[ground]) >= 4.5, (ink, ground)
    assert contrast(found["paper"], found["error"]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_lines_and_bars_can_be_seen(theme):
    """The line of each tier stands out from its tint, from paper and from a card (3:1)."""
    found = colours(theme)
    for n, ground in itertools.product(range(8), ("paper", "raised", "own")):
        under = found[f"tint-{n}" if ground == "own" else ground]
        assert contrast(found[f"line-{n}"], under) >= 3, (n, ground)


@pytest.mark.parametrize("eyes", list(SEEN))
@pytest.mark.parametrize("theme", THEMES)
def test_tiers_are_told_apart(theme, eyes):
    """The lines of two tiers are never nearly one colour, whatever colours one sees, unless
    the way they are drawn differs."""
    found = colours(theme)
    for one, other in itertools.combinations(range(1, 8), 2):
        far = apart(found[f"line-{one}"], found[f"line-{other}"], SEEN[eyes])
        assert far > 8 or edge(one) != edge(other), (one, other, far)
        if other - one == 1:
            assert far > 10, (one, other, far)


def edge(tier):
    """How the line under a tier's text is drawn."""
    return re.search(rf"\.t{tier} {{[^}}]*--under: ([^;]+);", CSS)[1]


def test_the_lowest_eight_tiers_differ_in_line_or_tint():
    """Each way to mark a tier is stated once."""
    ways = {(edge(n), re.search(rf"--line-{n}: (.*);", CSS)[1]) for n in range(8)}
    assert len(ways) == 8


def test_no_colour_is_stated_but_in_the_palette():
    """What is not a variable of both themes would be missing in one of them."""
    rules = CSS.partition('[data-theme="light"]')[2]
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsl", rules)
