"""A real browser for the tests of the report: Chromium without a window, as Debian packages it."""

from __future__ import annotations

import json
import os
import shutil

import pytest

CI = os.environ.get("CI") == "true"
WIDE, PHONE = (1280, 860), (360, 740)


def missing():
    """What a browser test needs and does not find; empty where all is there."""
    lacking = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    try:
        import selenium  # noqa: F401, PLC0415 - only looked for
    except ImportError:
        lacking.append("selenium")
    return lacking


def start():
    """A browser; skips, but never in CI, where there is none."""
    if lacking := missing():
        assert not CI, f"CI must have {lacking}"
        pytest.skip(f"no browser to test with: {', '.join(lacking)} not installed")
    from selenium import webdriver  # noqa: PLC0415
    from selenium.webdriver.chrome.service import Service  # noqa: PLC0415

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for switch in ("headless=new", "disable-gpu", "disable-dev-shm-usage", "hide-scrollbars",
                   "disable-background-networking", "no-first-run", "lang=en"):  # fmt: skip
        options.add_argument(f"--{switch}")
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return Browser(webdriver.Chrome(options, Service(shutil.which("chromedriver"))))


class Browser:
    """One window, and what it said and asked for since it was last looked at."""

    def __init__(self, driver):
        self.driver = driver
        self.size(*WIDE)

    def open(self, page, mark=""):
        """Open a file; `mark` is what follows `#`."""
        self.driver.get(page.as_uri() + mark)

    def js(self, script, *arguments):
        """What a script returns."""
        return self.driver.execute_script(script, *arguments)

    def one(self, selector):
        """The first element that a selector names."""
        return self.driver.find_element("css selector", selector)

    def all(self, selector):
        """All of them."""
        return self.driver.find_elements("css selector", selector)

    def keys(self, *typed):
        """Press keys where the focus is."""
        from selenium.webdriver import ActionChains  # noqa: PLC0415

        ActionChains(self.driver, duration=0).send_keys(*typed).perform()

    def point(self, element):
        """Move the mouse onto an element."""
        from selenium.webdriver import ActionChains  # noqa: PLC0415

        ActionChains(self.driver, duration=0).move_to_element(element).perform()

    def focused(self):
        """The element that has the focus."""
        return self.driver.switch_to.active_element

    def size(self, width, height):
        """The size of the window."""
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height,
                 deviceScaleFactor=1, mobile=width < 600)  # fmt: skip

    def media(self, media="", **features):
        """Which sort of medium, and what its reader prefers."""
        named = [{"name": k.replace("_", "-"), "value": v} for k, v in features.items()]
        self.cdp("Emulation.setEmulatedMedia", media=media, features=named)

    def cdp(self, command, **parameters):
        """A command of the browser's own protocol."""
        return self.driver.execute_cdp_cmd(command, parameters)

    def said(self):
        """What the console said since it was last asked."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def asked(self):
        """The addresses of all that was asked for since it was last asked; what the security
        policy of a page stopped is none of it."""
        messages = [json.loads(e["message"])["message"] for e in self.driver.get_log("performance")]
        found = {}
        for message in messages:
            told = message["params"]
            if message["method"] == "Network.requestWillBeSent":
                found[told["requestId"]] = told["request"]["url"]
            elif told.get("blockedReason") == "csp":
                found.pop(told["requestId"], None)
        return list(found.values())

    def picture(self, file):
        """Write what is to be seen as a PNG."""
        file.write_bytes(self.driver.get_screenshot_as_png())
