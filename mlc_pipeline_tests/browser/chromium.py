"""A headless Chromium that keeps everything in a folder of its own and talks to nobody but the page's server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

BROWSER, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
"""Where Debian's packages chromium and chromium-driver put them."""

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
)


def missing() -> list[str]:
    """The programs that are not there."""
    return [str(path) for path in (BROWSER, DRIVER) if not path.exists()]


@contextmanager
def chromium(folder: Path, *, width: int = 1600, height: int = 1000) -> Iterator[webdriver.Chrome]:
    """A window whose page is `width` x `height` pixels; profile and caches are in the empty `folder`."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(BROWSER)
    for flag in (*_FLAGS, f"--user-data-dir={folder / 'profile'}", f"--window-size={width},{height}"):
        options.add_argument(flag)
    homes = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"), str(folder))
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER), env=os.environ | homes))
    try:
        # The window's own bars take some of its height.
        missing_height = height - int(driver.execute_script("return window.innerHeight"))  # type: ignore[no-untyped-call]
        driver.set_window_size(width, height + missing_height)
        yield driver
    finally:
        driver.quit()
