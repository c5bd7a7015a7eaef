"""A server with the layers that ship, and a browser that notes everything it is asked for."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))


def pytest_collection_modifyitems(items):
    """Browser tests run wherever Chromium is found."""
    here = Path(__file__).parent
    missing = pytest.mark.skip(reason=f"no Chromium at {CHROMIUM}; name it in CHROMIUM")
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM.exists():
                item.add_marker(missing)


def geomap(*arguments) -> str:
    """Run a command in this process; what it says, where it is done, with findings or without."""
    from typer.testing import CliRunner

    from geomap.cli import app

    unset = dict.fromkeys(os.environ.keys() - plain().keys())
    done = CliRunner().invoke(app, [*map(str, arguments)], env=unset)
    assert done.exit_code in (0, 1), done.output
    return done.stdout


def move(shown, lat: float, lon: float, zoom: float) -> None:
    """Move the map of a page or frame as a reader does: it no longer returns to its first view."""
    shown.evaluate(
        """([lat, lon, zoom]) => {
            map_1.geomap.touched = true;
            map_1.setView([lat, lon], zoom, { animate: false });
        }""",
        [lat, lon, zoom],
    )


def plain() -> dict[str, str]:
    """The environment without settings of geomap."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GEOMAP_")}


@contextmanager
def serving(log: Path, *folder: Path, **settings: str):
    """Serve a workspace, or the layers that ship, on a free port; give the address."""
    command = [sys.executable, "-u", "-m", "geomap", "serve", *map(str, folder), "--port", "0"]
    with (
        log.open("w") as out,
        subprocess.Popen(command, stdout=out, stderr=out, env=plain() | settings) as process,
    ):
        try:
            yield address_in(log, process)
        finally:
            process.terminate()
            process.wait(timeout=40)


@pytest.fixture(scope="session")
def server_url(tmp_path_factory):
    """The address of a server over the bundled layers, on a free port."""
    with serving(tmp_path_factory.mktemp("server") / "log") as address:
        for first in ("/tiles/context/8/214/104.json", "/api/v1/search?q=a"):
            urlopen(address + first, timeout=60).read()  # what is built when first asked for
        yield address


def address_in(log: Path, process: subprocess.Popen) -> str:
    """Wait for the line that says where the server listens."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        for line in log.read_text().splitlines():
            if line.startswith("geomap: "):
                return line.removeprefix("geomap: ").rstrip("/")
        time.sleep(0.1)
    pytest.fail(f"the server did not start: {log.read_text()}")


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Notes:
    """What a page asked for and complained about."""

    origin: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def foreign(self) -> list[str]:
        """Requests that leave the machine."""
        own = urlsplit(self.origin).netloc
        return [each for each in self.requests if urlsplit(each).netloc != own]


@pytest.fixture
def open_page(chromium, server_url):
    """Open a page; at the end, nothing may have left the machine or been complained of."""
    contexts, noted = [], []

    def go(path: str, *, width: int = 1440, height: int = 900, **options):
        context = chromium.new_context(
            viewport={"width": width, "height": height}, base_url=server_url,
            **{"locale": "zh-CN", **options},
        )  # fmt: skip
        page = context.new_page()
        notes = Notes(server_url)
        page.on("request", lambda request: notes.requests.append(request.url))
        page.on("pageerror", lambda error: notes.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                message.type in ("error", "warning") and notes.complaints.append(message.text)
            ),
        )
        contexts.append(context)
        noted.append(notes)
        page.goto(path)
        return page

    yield go
    for context in contexts:
        context.close()
    for notes in noted:
        assert notes.foreign == []
        assert notes.complaints == []
