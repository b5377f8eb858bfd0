"""The Dagster UI as a person uses it: pages are found by what they say, not by how they are built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    NoSuchElementException,
    StaleElementReferenceException,
    TimeoutException,
)
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

T = TypeVar("T")

SECONDS_FOR_A_PAGE = 30.0
SECONDS_FOR_A_RUN = 60.0

_SECONDS_BETWEEN_LOOKS = 0.5
_STILL_LOADING = (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    NoSuchElementException,
    StaleElementReferenceException,
)
_DIALOG = "//*[@role='dialog']"


@dataclass(frozen=True, slots=True)
class DagsterUI:
    """A browser window on the UI at `url`."""

    driver: WebDriver
    url: str

    def open(self, path: str) -> None:
        """Go to a page."""
        self.driver.get(self.url + path)

    def hide_navigation(self) -> None:
        """Give its room to the pages, from now on."""
        self.open("/")
        self._click("//*[normalize-space(text())='Hide navigation']")

    def open_lineage(self) -> None:
        """Click to the lineage of all assets."""
        self.open("/")
        self._click("//a[normalize-space()='Lineage']")

    def asset_box(self, name: str) -> str:
        """What the box of an asset in the lineage says."""
        box = f"//*[@data-tooltip='{name}']/ancestor::*[contains(., 'Latest event')][1]"

        def loaded() -> str:
            said = self._one(box).text
            return "" if "Loading" in said else said

        return self._wait(loaded, f"asset {name} in the lineage")

    def materialize_all(self, partition: str) -> None:
        """On the lineage page: launch one run of all assets for one partition."""
        self._click("//button[contains(., 'Materialize all')]")

        def launched() -> bool:
            # The dialog hides old partitions once it has counted them: what was typed is lost then, or not found.
            for name in ("OK", "Show all partitions"):
                for button in self.driver.find_elements(By.XPATH, f"{_DIALOG}//button[.='{name}']"):
                    button.click()
            chosen = self._one(f"{_DIALOG}//input[@type='text']")
            chosen.send_keys(Keys.CONTROL, "a", Keys.NULL)
            chosen.send_keys(partition, Keys.ENTER)
            self._one(f"{_DIALOG}//button[.='Launch 1 run' and not(@disabled)]").click()
            return True

        self._wait(launched, f"choice of partition {partition} to launch")
        self._wait(lambda: not self.driver.find_elements(By.XPATH, _DIALOG), "end of the dialog")

    def wait_for_the_run(self) -> None:
        """Open the newest run and wait until it is green."""
        self.open("/runs")
        self._click("//a[.='View' and contains(@href, '/runs/')]")
        self._wait_for("//*[normalize-space(text())='Success']", SECONDS_FOR_A_RUN)

    def open_partition(self, asset: str, partition: str) -> None:
        """Open an asset's partitions and click on one of them."""
        self.open(f"/assets/{asset}?view=partitions")
        self._wait_for("//input[starts-with(@placeholder, 'Filter by name')]").send_keys(partition)
        self._click(f"//*[@data-tooltip='{partition}']")
        self._wait_for("//*[normalize-space(text())='Latest materialization']")

    def wait_until_green(self) -> None:
        """On a partition's page: wait until it says that the partition is materialized."""
        self._wait_for("//*[normalize-space(text())='Materialized']")

    def metadata(self, key: str) -> str:
        """On a partition's page: the value of one metadata entry, its cells and rows parted by white space."""
        return self._wait_for(f"//tr[td[1][normalize-space()='{key}']]/td[2]").text

    def _click(self, xpath: str) -> None:
        def clicked() -> bool:
            self._one(f"({xpath})[not(@disabled)]").click()
            return True

        self._wait(clicked, f"{xpath} to click on")

    def _wait_for(self, xpath: str, seconds: float = SECONDS_FOR_A_PAGE) -> WebElement:
        return self._wait(lambda: self._one(xpath), xpath, seconds)

    def _one(self, xpath: str) -> WebElement:
        for element in self.driver.find_elements(By.XPATH, xpath):
            if element.is_displayed():
                return element
        raise NoSuchElementException(xpath)

    def _wait(self, look: Callable[[], T], what: str, seconds: float = SECONDS_FOR_A_PAGE) -> T:
        waiting = WebDriverWait(self.driver, seconds, _SECONDS_BETWEEN_LOOKS, _STILL_LOADING)
        try:
            return waiting.until(lambda _: look())
        except TimeoutException:
            shown = self.driver.find_element(By.TAG_NAME, "body").text
            raise AssertionError(f"No {what} on {self.driver.current_url}, which shows:\n{shown}") from None
