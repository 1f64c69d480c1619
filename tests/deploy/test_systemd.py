"""The units: their commands and settings, what systemd itself says of them, and how much they are confined."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.recipes import DEPLOY, check_command, settings_from

FOLDER = DEPLOY / "systemd"
UNITS = sorted(FOLDER.glob("*.service"))
COMMON = FOLDER / "wiredesk-.service.d" / "10-common.conf"
#: systemd-analyze security: 0 is confined as far as it goes, 10 not at all.
MAX_EXPOSURE = 2.0

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed (Debian package systemd)"
)


def directives(path: Path) -> list[tuple[str, str]]:
    """Sections and ``Name=value`` lines; anything else is an error."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith(("#", "[")):
            continue
        name, equals, value = line.partition("=")
        assert equals, f"{path.name}: {line!r}"
        assert re.fullmatch(r"[A-Z][A-Za-z]+", name), line
        found.append((name, value))
    return found


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units(path: Path) -> None:
    lines = directives(path) + directives(COMMON)
    (start,) = [value for name, value in lines if name == "ExecStart"]
    program, *arguments = shlex.split(start)
    assert program.endswith("/bin/wiredesk")
    check_command(arguments)
    environment = dict(
        entry.split("=", 1) for name, value in lines if name == "Environment" for entry in shlex.split(value)
    )
    settings_from({name: value for name, value in environment.items() if name != "WIREDESK_CONFIG"})
    assert ("Restart", "always") in lines
    assert ("WantedBy", "wiredesk.target") in lines
    assert path.name.startswith("wiredesk-"), "the common part is read for these names only"
    assert [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("[")] == [
        "[Unit]",
        "[Service]",
        "[Install]",
    ]


def test_each_unit_reads_only_its_own_secrets() -> None:
    (file,) = [value for name, value in directives(COMMON) if name == "EnvironmentFile"]
    assert file == "-/etc/wiredesk/secrets/%p.env"


def test_the_target_wants_units_that_exist() -> None:
    (wants,) = [value for name, value in directives(FOLDER / "wiredesk.target") if name == "Wants"]
    names = {re.sub(r"@\w+", "@", unit) for unit in wants.split()}
    assert names == {path.name for path in UNITS}


def analyze(tmp_path: Path, unit: Path, *arguments: str) -> str:
    """What systemd-analyze prints about a unit whose program exists; the common part is read as on a real machine."""
    program = tmp_path / "wiredesk"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    folder = tmp_path / "units"
    shutil.copytree(FOLDER, folder)
    for path in folder.glob("*.service"):
        path.write_text(path.read_text(encoding="utf-8").replace("/opt/wiredesk/.venv/bin/wiredesk", str(program)))
    common = folder / COMMON.relative_to(FOLDER)
    common.write_text(common.read_text(encoding="utf-8").replace("/opt/wiredesk/README.md", str(program)))
    name = unit.name.replace("@.", "@1.")
    done = subprocess.run(
        ["systemd-analyze", *arguments, str(folder / name)], capture_output=True, text=True, check=False
    )
    return f"{done.returncode}\n{done.stdout}{done.stderr}"


@needs_systemd
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_accepts_the_unit(path: Path, tmp_path: Path) -> None:
    said = analyze(tmp_path, path, "verify", "--man=no")
    about = [line for line in said.splitlines() if "wiredesk" in line]
    assert said.startswith("0\n"), said
    assert about == [], said


@needs_systemd
def test_the_check_of_units_can_fail(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.service"
    wrong.write_text("[Service]\nExecStart=/nowhere/wiredesk\nProtectSytem=strict\n")
    done = subprocess.run(["systemd-analyze", "verify", str(wrong)], capture_output=True, text=True, check=False)
    assert "wrong.service" in done.stdout + done.stderr


@needs_systemd
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_the_unit_is_confined(path: Path, tmp_path: Path) -> None:
    said = analyze(tmp_path, path, "security", "--offline=true", "--no-pager")
    match = re.search(r"Overall exposure level for \S+: (\d+\.\d)", said)
    assert match, said
    assert float(match[1]) <= MAX_EXPOSURE
