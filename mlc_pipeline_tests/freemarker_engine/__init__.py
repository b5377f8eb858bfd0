"""The real FreeMarker engine for tests: one Java process that renders one template after the other.

It needs what Debian's `libfreemarker-java` and `default-jre-headless` install, nothing else.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from mlc_pipeline.transport import json

FREEMARKER_JAR = Path(os.environ.get("FREEMARKER_JAR", "/usr/share/java/freemarker.jar"))
HARNESS = Path(__file__).with_name("Render.java")


class TemplateFailed(Exception):
    """FreeMarker's own words on why it could not render."""


def missing_parts() -> list[str]:
    """Sentences on what the real engine needs and this machine lacks; empty when it can run."""
    missing = []
    if shutil.which("java") is None:
        missing.append("no `java` on the PATH (Debian: default-jre-headless).")
    if not FREEMARKER_JAR.exists():
        missing.append(f"no {FREEMARKER_JAR} (Debian: libfreemarker-java; elsewhere set FREEMARKER_JAR).")
    return missing


class FreemarkerEngine:
    """FreeMarker behind a pipe; a context manager, so that the Java process always ends."""

    def __init__(self) -> None:
        self._java = subprocess.Popen(
            ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", str(FREEMARKER_JAR), str(HARNESS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def render(
        self,
        template: str,
        model: Mapping[str, Any],
        *,
        settings: Mapping[str, str] | None = None,
        compatibility: str = "2.3.31",
    ) -> str:
        """What FreeMarker makes of `template` over `model` (plain JSON values, as Java maps and lists).

        Whole numbers must fit in 64 bits: FreeMarker's JSON reader drops digits of longer ones.
        """
        request = {
            "template": template,
            "model": model,
            "settings": settings or {},
            "compatibility": compatibility,
        }
        assert self._java.stdin is not None
        assert self._java.stdout is not None
        self._java.stdin.write(json.dumps(request) + "\n")
        self._java.stdin.flush()
        answer = json.loads(self._java.stdout.readline())
        if "error" in answer:
            raise TemplateFailed(answer["error"])
        return str(answer["output"])

    def close(self) -> None:
        """End the Java process by closing its input."""
        self._java.communicate(timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
