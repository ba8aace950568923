"""What the tests share: the archive of real photographs, the model that is shipped, the folder `shared`."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.photographs import build

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.buckets import Bucket, Server

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ROOT = Path(__file__).resolve().parent.parent


def pytest_configure(config: pytest.Config) -> None:
    # Whatever models and default the person has who runs the tests, they are not meant here.
    folder = tempfile.TemporaryDirectory(prefix="geotag-models-")
    config.add_cleanup(folder.cleanup)
    os.environ["GEOTAG_MODELS"] = folder.name
    # geotag.decode silences what Pillow thinks of odd metadata; pytest sets its own filters for each test.
    config.addinivalue_line("filterwarnings", r"ignore:::PIL\.")
    # However busy the machine is.
    settings.register_profile("patient", deadline=None)
    settings.load_profile("patient")


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """The command changes what SIGTERM and SIGINT do, which is no business of the next test."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(scope="session")
def _built_photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photographs")
    build(folder)
    return folder


@pytest.fixture
def photographs(_built_photographs: Path, tmp_path: Path) -> Path:
    """A fresh copy of the archive that `tests/photographs.py` builds, to do with what the test likes."""
    return Path(shutil.copytree(_built_photographs, tmp_path / "photographs"))


@pytest.fixture(scope="session")
def model() -> Path:
    """The model that the wheel carries. It is part of the repository: without it tests fail, never skip."""
    return ROOT / "models" / "geovision.onnx"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder `shared` beside the checkout (weights, photographs, nasty files); skips without it."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("needs the folder ../shared beside the checkout")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless browser, for one module: its driver keeps an event loop running in this thread, and that may
    not outlast those who want it.
    """
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = [path for name in BROWSERS if (path := shutil.which(name))]
    if not found:
        pytest.skip("no Chromium here (Debian: apt-get install chromium)")
    with playwright.sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=found[0], args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The map of RECORDS in a browser, and a reviewer who has been asked for her name."""
    from tests.maps import pictured, watched
    from tests.reviewers import name

    with watched(browser, pictured(tmp_path)) as page:
        name(page)
        yield page


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of a tiny model by the contract that is sure of itself (100 km) and answers at once."""
    # onnx takes a second to import, which tests that run no model do not pay.
    from tests import models

    return models.saved(tmp_path_factory.mktemp("models") / "tiny.onnx", models.model())


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Another tiny model, of another opinion."""
    from tests import models

    content = models.model(turn=0.5, meta={"geotag.name": "other"})
    return models.saved(tmp_path_factory.mktemp("models") / "other.onnx", content)


@pytest.fixture(scope="session")
def unsure(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A tiny model that gives a radius of 5,000 km for everything."""
    from tests import models

    content = models.model(km=(5000.0, 0.0))
    return models.saved(tmp_path_factory.mktemp("models") / "unsure.onnx", content)


@pytest.fixture(scope="session")
def _s3_server() -> Iterator[Server]:
    # The server takes a second to import, too.
    from tests import buckets

    with pytest.MonkeyPatch.context() as patch, buckets.serving() as server:
        for name, value in (buckets.ENVIRONMENT | {"AWS_ENDPOINT_URL": server.url}).items():
            patch.setenv(name, value)
        yield server


@pytest.fixture
def store(_s3_server: Server, request: pytest.FixtureRequest) -> Iterator[Bucket]:
    """A bucket of its own for each test, in a server that behaves until the test says otherwise."""
    from tests import buckets

    made = buckets.Bucket(f"bucket-{abs(hash(request.node.nodeid)):x}", _s3_server)
    made.call("create_bucket")
    yield made
    _s3_server.trouble, _s3_server.cut = lambda _: None, 0


@pytest.fixture
def bucketed(store: Bucket, tmp_path: Path) -> Bucket:
    """The bucket with photos below `old photos`; the same files lie in the folder `local/old photos`."""
    from tests import archives, buckets

    folder = archives.fill(tmp_path / "local" / "old photos", buckets.NAMES)
    for name, content in archives.snapshot(folder).items():
        store.put(f"old photos/{name}", content)
    store.server.count()
    return store
