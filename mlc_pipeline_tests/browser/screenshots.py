"""Takes the pictures of the documentation anew: `python -m mlc_pipeline_tests.browser.screenshots docs/images`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from mlc_pipeline_tests.browser.chromium import chromium
from mlc_pipeline_tests.browser.dagster_ui import DagsterUI
from mlc_pipeline_tests.browser.dev_server import MLC, dev_server
from mlc_pipeline_tests.front_door import clean_environment, run_command

PERIOD = "2025-01-06"


def take(folder: Path) -> None:
    """Run the demo in a new home and take a picture of what its UI shows."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="ml-connector-") as temporary:
        home = Path(temporary)
        said = run_command([MLC, "demo"], clean_environment(home))
        assert said.exit_code == 0, said.everything
        with dev_server(home) as server, chromium(home / "window") as driver:
            ui = DagsterUI(driver, server.url)
            ui.hide_navigation()
            usual = driver.get_window_size()
            driver.set_window_size(2000, 2150)  # so that all of the lineage fits
            ui.open("/asset-groups")
            for asset in ("expensify_reports", "zoho_taxes", "reconciliation"):
                ui.asset_box(asset)
            driver.save_screenshot(str(folder / "lineage.png"))
            driver.set_window_size(usual["width"], usual["height"])
            for asset, name in (("zoho_bills", "zoho_bills_partition"), ("reconciliation", "reconciliation")):
                ui.open(f"/assets/demo/{asset}?view=partitions&partition={PERIOD}")
                ui.metadata("totals")
                driver.save_screenshot(str(folder / f"{name}.png"))


if __name__ == "__main__":
    take(Path(sys.argv[1]))
