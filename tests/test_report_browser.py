"""The report in a real browser, from the disk: what a person sees, presses and gets."""

from __future__ import annotations

import itertools
import json
import os
import re
from pathlib import Path

import pytest
from browser_tools import PHONE, WIDE, start
from cli_tools import make_vault
from report_tools import HOSTILE, LADDER, held_of, sample, site_of

import tierpub
from tierpub.report.site import Remark, write
from tierpub.report.site.pages import address

try:
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import Select
except ImportError:  # then `start` skips every test, or fails in CI
    Keys = Select = None

DOCS = os.environ.get("TIERPUB_PICTURES", "")
"""A folder to write pictures to; without it they go to a temporary one."""
READS = """
const slider = document.getElementById("level");
const seen = (run) => getComputedStyle(run).display !== "none";
const read = (level) => {
  slider.value = level;
  slider.dispatchEvent(new Event("input", {bubbles: true}));
  const text = document.getElementById("text");
  if (!seen(text)) return null;
  return [...text.children].filter(seen).map((run) => run.textContent).join("");
};
return Array.from({length: Number(slider.max) + 1}, (_, level) => read(level));
"""
IOM = "UN(United_Nations)/IOM(International_Organization_for_Migration).md"
OFFICE = "UN(United_Nations)/UNHCR(UN_High_Commissioner_for_Refugees).md"


@pytest.fixture(scope="session")
def browser():
    """One browser for all tests of a process."""
    made = start()
    yield made
    made.driver.quit()


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """A report of the sample vault with all six tiers."""
    out = tmp_path_factory.mktemp("whole") / "report"
    root, policy = sample()
    write(out, site_of(root, 5, policy).items())
    return out


@pytest.fixture(autouse=True)
def quiet(request):
    """Each test begins in a wide window without memory, and ends without a word on the console."""
    browser = request.getfixturevalue("browser")
    browser.driver.get("about:blank")
    browser.size(*WIDE)
    browser.media()
    browser.said()
    browser.asked()
    yield
    loud = [message for message in browser.said() if "favicon" not in message]
    assert loud == [] or "may_speak" in request.fixturenames
    for url in browser.asked():
        assert url.startswith(("file:///", "about:", "data:,")), url
    browser.js("try { localStorage.clear(); sessionStorage.clear(); } catch {}")


@pytest.fixture
def may_speak():
    """For tests that provoke what the console tells of."""


def page(out, note):
    """The page of a note."""
    return out / "notes" / address(note)


def names_in_list(browser):
    """The rows that are drawn."""
    return [row.text for row in browser.all("#rows .name")]


def search(browser, words):
    """Type words into the search field, in the place of those that are there."""
    browser.keys("/")
    browser.focused().send_keys(Keys.CONTROL + "a")
    browser.keys(words or Keys.DELETE)


def test_the_slider_shows_what_projections_hold(browser, whole):
    """At every level of every sample note the visible text is the projection, byte for byte."""
    root, policy = sample()
    made = tierpub.project(root, policy)
    notes = held_of(root, 5, policy).notes
    assert len(notes) == 45
    for note in notes:
        browser.open(page(whole, note))
        read = browser.js(READS)
        for level, text in enumerate(read):
            data = made[level].get(policy.projection_of(note, level))
            assert (None if text is None else text.encode()) == data, (note, level)


def test_what_goes_is_shown_struck_out(browser, whole):
    """With the box ticked all of the note is there; what the level does not read is struck out."""
    root, _ = sample()
    browser.open(page(whole, OFFICE))
    browser.one("#cuts").click()
    for _ in range(5):
        browser.keys("[")
    runs = browser.js("""return [...document.querySelectorAll("#text > *")]
      .filter((run) => getComputedStyle(run).display !== "none")
      .map((run) => [run.textContent, getComputedStyle(run).textDecorationLine])""")
    text = (root / "_Standards" / OFFICE).read_text(encoding="utf-8")
    assert "".join(words for words, _ in runs) == text
    struck = "".join(words for words, line in runs if "line-through" in line)
    assert "street_address" in struck
    assert "has_id_wikidata" not in struck
    assert "[[_Standards/WikiData/WD~Geneva,71]]" not in struck


def test_a_level_that_does_not_get_a_note_says_so(browser, whole):
    """Below its tier a note is not empty but absent, in words."""
    browser.open(page(whole, "People/Tove_Ljungfeldt.md"))
    assert not browser.one("#absent").is_displayed()
    for _ in range(5):
        browser.keys("[")
    assert browser.one("#absent").text == "public does not get this note."
    assert not browser.one("#text").is_displayed()
    assert browser.one("#state").text == "public does not get it"


def test_pointing_and_focus_tell_why(browser, whole):
    """The rule and its reason are shown for what the mouse or the keyboard is at."""
    browser.open(page(whole, OFFICE))
    field = next(run for run in browser.all("#text .r") if run.text.startswith("street_address"))
    browser.point(field)
    told = browser.one("#why").text
    assert "protect" in told
    assert "how somebody is reached" in told
    assert "default.yaml" in told
    browser.keys("j")
    assert "encyclopedic knowledge" in browser.one("#why").text
    first = browser.focused().get_attribute("data-r")
    browser.keys("j")
    assert browser.focused().get_attribute("data-r") != first
    browser.keys("k")
    assert browser.focused().get_attribute("data-r") == first


def test_keys_of_a_note(browser, whole):
    """Each key that a note's page names does what it says."""
    notes = sorted(p.name for p in (whole / "notes").iterdir())
    browser.open(page(whole, IOM))
    slider = browser.one("#level")
    slider.send_keys(Keys.ARROW_LEFT)
    assert slider.get_attribute("aria-valuetext") == "personal"
    browser.keys("[")
    assert slider.get_attribute("aria-valuetext") == "private"
    browser.keys("]")
    assert slider.get_attribute("aria-valuetext") == "personal"
    browser.keys("c")
    assert browser.one("#cuts").is_selected()
    browser.keys("n")
    other = browser.driver.current_url.rpartition("/")[2]
    assert other in notes
    assert other != address(IOM)
    assert browser.one("#level").get_attribute("aria-valuetext") == "personal"
    assert browser.one("#cuts").is_selected()
    browser.keys("p")
    assert browser.driver.current_url.endswith(address(IOM))
    browser.keys("o")
    assert browser.driver.current_url.endswith("index.html#notes")
    told = browser.one("main").text
    assert "45 notes" in told


def test_links_between_notes(browser, whole):
    """A link of the text opens the page of the note it leads to, and that page links back."""
    browser.open(page(whole, OFFICE))
    link = next(a for a in browser.all("#text a") if "WD~Geneva,71" in a.text)
    link.click()
    assert browser.driver.current_url.endswith(address("WikiData/WD~Geneva,71.md"))
    back = next(a for a in browser.all(".referring a") if "UNHCR" in a.text)
    back.click()
    assert browser.driver.current_url.endswith(address(OFFICE))


def test_a_finding_leads_to_its_line(browser, whole):
    """A finding of the overview opens the note at the portion of its line."""
    browser.open(whole / "index.html")
    for summary in browser.all(".finding summary"):
        summary.click()
    link = next(a for a in browser.all(".finding a") if ", line" in a.text and a.is_displayed())
    line = int(re.search(r"line (\d+)", link.text)[1])
    link.click()
    assert browser.driver.current_url.endswith(f"#L{line}")
    assert browser.focused().get_attribute("data-r") is not None


def test_search_and_filters(browser, whole):
    """Words of name and folder, the tier, defaults and findings narrow the list; headers sort."""
    browser.open(whole / "index.html")
    assert len(names_in_list(browser)) > 15
    search(browser, "geneve")
    assert [n for n in names_in_list(browser) if "Genève" in n]
    assert browser.one("#found").text == "1 note"
    search(browser, "united refu")
    assert all("UN(United_Nations)" in n for n in names_in_list(browser))
    search(browser, "")
    Select(browser.one("#tier")).select_by_visible_text("private")
    tiers = [chip.text for chip in browser.all("#rows .chip")]
    assert tiers
    assert set(tiers) == {"private"}
    Select(browser.one("#tier")).select_by_visible_text("any")
    browser.one("#only-defaults").click()
    assert all(int(row.text) for row in browser.all("#rows .row .number:nth-of-type(4)"))
    browser.one("#only-defaults").click()
    browser.one("#only-findings").click()
    found = len(browser.all("#rows .row"))
    assert 0 < found < 45
    browser.one("#only-findings").click()
    browser.one("[data-sort=findings]").click()
    first = browser.all("#rows .row .number:nth-of-type(5)")[0].text
    assert int(first) >= 1
    search(browser, "no such note")
    assert browser.one("#found").text == "0 notes"
    assert names_in_list(browser) == []


def test_keys_of_the_list(browser, whole):
    """From the search one goes on to the rows, and opens one, without a mouse."""
    browser.open(whole / "index.html")
    browser.keys("/")
    assert browser.focused().get_attribute("id") == "search"
    browser.keys(Keys.ARROW_DOWN)
    assert browser.focused().get_attribute("data-at") == "0"
    for _ in range(30):
        browser.keys(Keys.ARROW_DOWN)
    assert browser.focused().get_attribute("data-at") == "30"
    assert browser.focused().is_displayed()
    browser.keys(Keys.END)
    assert browser.focused().get_attribute("data-at") == "44"
    browser.keys(Keys.HOME, Keys.ARROW_DOWN)
    name = browser.focused().text
    browser.keys(Keys.ENTER)
    assert "/notes/" in browser.driver.current_url
    assert browser.one("h1").text.split("\n")[-1] in name


def test_ten_thousand_notes_are_a_few_rows(browser, whole, tmp_path):
    """However many notes there are, the rows that are drawn are those in view."""
    index = (whole / "index.html").read_text(encoding="utf-8")
    rows = [[f"area-{n // 50}/", f"Place-{n}", "x.html", n % 6, n % 2, 0, [1, 2, 3, 4, 5, 6]]
            for n in range(10_000)]  # fmt: skip
    data = json.dumps({"tiers": ["a", "b", "c", "d", "e", "f"], "rows": rows})
    made = re.sub(
        r'(id="data">).*?(</script>)', lambda m: m[1] + data + m[2], index, flags=re.DOTALL
    )
    write(tmp_path / "many", [("index.html", made.encode())] + [
        (f"assets/{p.name}", p.read_bytes()) for p in (whole / "assets").iterdir()
    ])  # fmt: skip
    browser.open(tmp_path / "many/index.html")
    assert browser.one("#found").text == "10,000 notes"
    assert len(browser.all("#rows .row")) < 60
    browser.js("document.getElementById('rows').scrollTop = 1e9")
    browser.js("return new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    assert "Place-9999" in names_in_list(browser)[-1]
    search(browser, "place-123")
    assert browser.one("#found").text == "11 notes"
    assert len(browser.all("#rows .row")) == 11


def test_hostile_notes_do_nothing(browser, tmp_path):
    """No script of a note runs, nothing is loaded for it, and its text is all there."""
    name = "a'b\"c%41#d?e&<img src=x onerror=alert(1)>.md"
    policy = LADDER + "defaults: {note: public, comment: public}\nmentions: 'off'\n"
    root = make_vault(tmp_path, {name: HOSTILE, "{{ 7*7 }}.md": "x\n"}, policy)
    out = tmp_path / "r#e%p?o"
    write(out, site_of(root, 3).items())
    title = browser.driver.title
    for target in (out / "index.html", page(out, name)):
        browser.driver.get(target.as_uri())
        assert "PWNED" not in browser.driver.title != title
        assert browser.js("return document.querySelectorAll('script').length") == 3
        assert (
            browser.js("return document.querySelectorAll('img, svg:not(.meter), iframe').length")
            == 0
        )
    assert browser.js(READS)[0] == HOSTILE
    assert browser.one("h1").text.endswith(name.removesuffix(".md"))
    assert browser.js(
        "return getComputedStyle(document.querySelector('.u'), '::before').content"
    ).startswith('"U+')
    browser.open(out / "index.html")
    assert "{{ 7*7 }}" in " ".join(names_in_list(browser))
    assert browser.js("return document.documentElement.scrollWidth <= innerWidth")


def test_findings_of_an_audit_are_text_and_lead_to_their_line(browser, tmp_path):
    """Whatever an audit says does nothing but stand there; it is found by rule on the overview and
    at its note, and opens the note at the part of its line."""
    words = HOSTILE.partition("w" * 100)[0]
    text = "---\nconfidential: public\n---\n\nFirst\n\nSecond [confidential:: private]\n"
    root = make_vault(tmp_path / "v", {"A.md": text, "B.md": "x\n"}, LADDER)
    more = [
        Remark("leaked-value", "error", words, 2, "A.md", 7, words, "audit"),
        Remark("unexpected-file", "error", words, 0, hint=words, origin="audit"),
    ]
    write(tmp_path / "r", site_of(root, 3, more=more).items())
    browser.open(tmp_path / "r/index.html")
    groups = browser.all(".finding")
    for group in groups:
        group.find_element("css selector", "summary").click()
    assert [g.find_element("css selector", ".origin").text for g in groups] == ["audit"] * 2
    assert "PWNED" not in browser.driver.title
    assert "<script>alert(1)</script>" in groups[0].text
    assert "⟨U+202E⟩" in groups[0].text
    assert browser.js("return document.querySelectorAll('script').length") == 3
    assert browser.js("return document.querySelectorAll('main img, iframe').length") == 0
    assert browser.js("return document.documentElement.scrollWidth <= innerWidth")
    groups[0].find_element("css selector", "a").click()
    assert browser.driver.current_url.endswith(f"{address('A.md')}#L7")
    assert "Second" in browser.focused().text
    assert "<script>alert(1)</script>" in browser.one(".findings").text
    assert "PWNED" not in browser.driver.title
    assert browser.js("return document.querySelectorAll('script').length") == 3


def test_the_policy_stops_a_script_that_got_in(browser, whole, tmp_path, may_speak):
    """Were markup of a note ever not escaped, neither script nor request would come of it."""
    files = {p.relative_to(whole).as_posix(): p.read_bytes() for p in whole.rglob("*.*")}
    del files["tierpub-report.sha256"]
    path = f"notes/{address(OFFICE)}"
    planted = (
        b"<script>document.title='PWNED'</script><img src='https://example.invalid/x.png'"
        b" onerror=\"document.title='PWNED'\"><style>body{display:none}</style>"
        b"<link rel=stylesheet href='https://example.invalid/x.css'>"
        b"<script src='https://example.invalid/x.js'></script>"
        b"<base href='https://example.invalid/'><form id=f action='https://example.invalid/'></form>"
    )
    files[path] = files[path].replace(b"<h1>", planted + b"<h1>")
    write(tmp_path / "r", list(files.items()))
    browser.open(tmp_path / "r" / path)
    browser.js("document.getElementById('f').submit()")
    assert "PWNED" not in browser.driver.title
    assert browser.one("h1").is_displayed()
    assert browser.driver.current_url.startswith("file:")
    assert (
        browser.js(
            "try { document.body.innerHTML = '<b>x</b>'; return 'set' } catch { return 'no' }"
        )
        == "no"
    )
    assert [message for message in browser.said() if "Content Security Policy" in message]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_themes(browser, whole, theme):
    """The system's theme is followed, and the button overrules it on every page."""
    paper = "return getComputedStyle(document.body).backgroundColor"
    colours = {"light": "rgb(253, 252, 249)", "dark": "rgb(22, 24, 28)"}
    other = "dark" if theme == "light" else "light"
    browser.media(prefers_color_scheme=theme)
    browser.open(whole / "index.html")
    assert browser.js(paper) == colours[theme]
    while browser.one("#theme").text != f"Theme: {other}":
        browser.keys("t")
    assert browser.js(paper) == colours[other]
    browser.open(page(whole, OFFICE))
    assert browser.js(paper) == colours[other]
    browser.one("#theme").click()


@pytest.mark.parametrize("where", ["index", "note"])
def test_it_can_be_used_on_a_phone(browser, whole, where):
    """In a narrow window nothing stands beyond its edge, and controls can be touched."""
    browser.size(*PHONE)
    browser.open(whole / "index.html" if where == "index" else page(whole, IOM))
    assert browser.js("return document.documentElement.scrollWidth <= innerWidth")
    if where == "index":
        assert browser.one("#rows .name").size["width"] > 180
    if where == "note":
        browser.all(".tick")[0].click()
        assert browser.one("#level").get_attribute("aria-valuetext") == "public"
        run = next(r for r in browser.all("#text .r") if r.is_displayed() and r.text.strip())
        browser.js("arguments[0].click()", run)
        assert "public" in browser.one("#why").text


def test_it_can_be_printed(browser, whole):
    """On paper stand the text and whom it is for, and no controls."""
    browser.open(page(whole, OFFICE))
    browser.media("print", prefers_color_scheme="dark")
    assert browser.js("return getComputedStyle(document.body).backgroundColor") == (
        "rgb(253, 252, 249)"
    )
    for selector in (".bar", ".slider", ".keys"):
        assert not browser.one(selector).is_displayed(), selector
    for selector in (".caveat", "#text", ".legend", "#state"):
        assert browser.one(selector).is_displayed(), selector
    assert len(browser.cdp("Page.printToPDF", printBackground=True)["data"]) > 20_000


@pytest.mark.parametrize("where", ["index", "note"])
def test_names_roles_and_order(browser, whole, where):
    """Each control has a name, ids are unique, headings do not skip, and Tab begins at the skip
    link."""
    browser.open(whole / "index.html" if where == "index" else page(whole, IOM))
    for control in browser.all("input, select, button, a[href], [role=table], aside, nav, pre"):
        if not control.is_displayed():
            continue
        assert control.accessible_name.strip(), control.get_attribute("outerHTML")[:200]
    ids = browser.js("return [...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids))
    levels = [int(h.tag_name[1]) for h in browser.all("h1, h2, h3, h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    assert browser.js("return document.documentElement.lang") == "en"
    browser.keys(Keys.TAB)
    assert browser.focused().text == "Skip to the content"
    browser.keys(Keys.TAB)
    assert browser.js("return getComputedStyle(document.activeElement).outlineStyle !== 'none'")


def test_reduced_motion(browser, whole):
    """Who prefers no motion gets none."""
    browser.media(prefers_reduced_motion="reduce")
    browser.open(whole / "index.html")
    assert (
        browser.js("return getComputedStyle(document.getElementById('theme')).transitionDuration")
        == "0s"
    )


def test_pictures(browser, tmp_path):
    """The pictures of the documentation can be taken of a report of the sample vault."""
    folder = Path(DOCS) if DOCS else tmp_path
    out = tmp_path / "report"
    root, policy = sample()
    write(out, site_of(root, 2, policy).items())
    browser.size(1280, 1400)
    browser.open(out / "index.html")
    browser.picture(folder / "report-overview.png")
    browser.size(1280, 1000)
    browser.open(page(out, OFFICE))
    browser.keys("c", "[", "[")
    field = next(run for run in browser.all("#text .r") if run.text.startswith("street_address"))
    browser.point(field)
    browser.picture(folder / "report-note.png")
    for name in ("report-overview.png", "report-note.png"):
        assert 20_000 < (folder / name).stat().st_size < 300_000
