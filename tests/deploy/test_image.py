"""The image's recipe: what goes into it. deploy/README.md says how it was built and run."""

from __future__ import annotations

import fnmatch
import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.deploy.recipes import DEPLOY, ROOT, settings_from

FOLDER = DEPLOY / "docker"
LINES = (FOLDER / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
STAGES = [line.split() for line in LINES if line.startswith("FROM")]


def test_two_stages_and_the_wheel() -> None:
    assert [stage[1] for stage in STAGES] == ["${BASE}", "${BASE}"]
    assert STAGES[0][2:] == ["AS", "build"]
    final = LINES[max(at for at, line in enumerate(LINES) if line.startswith("FROM")) :]
    assert [line for line in final if line.startswith("COPY")] == ["COPY --from=build /opt/wiredesk /opt/wiredesk"]
    assert not any("pip" in line for line in final if line.startswith("RUN"))
    build = "\n".join(LINES[: LINES.index(final[0])])
    assert "--require-hashes -r requirements.txt" in build
    assert "--only-binary :all:" in build
    assert "wheel" in build
    assert " -e " not in build


def test_it_runs_as_a_number_that_is_not_root() -> None:
    assert "USER 10001:10001" in LINES
    assert 'ENTRYPOINT ["wiredesk"]' in LINES
    environment = dict(re.findall(r"(WIREDESK_\w+)=(\S+)", "\n".join(LINES)))
    assert settings_from(environment).worker.state_directory == Path("/var/lib/wiredesk")


def test_the_build_gets_what_it_copies_and_nothing_secret() -> None:
    ignored = [
        line
        for line in (FOLDER / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    assert ignored[0] == "*"
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    copied = set()
    for line in LINES:
        if line.startswith("COPY") and "--from" not in line:
            *sources, _ = line.split()[1:]
            copied |= set(sources)
    assert copied == allowed
    assert all((ROOT / name).exists() for name in copied)
    assert not any(
        fnmatch.fnmatch(name, pattern) for name in (".git", ".env", "config", "tests") for pattern in allowed
    )


def test_every_dependency_has_the_version_of_the_constraints_and_its_hashes() -> None:
    """``make lock`` writes the list; a dependency that was added or changed without it is noticed here."""
    locked: dict[str, str] = {}
    entries = (FOLDER / "requirements.txt").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    for entry in entries:
        requirement, *hashes = entry.split(" --hash=")
        parsed = Requirement(requirement)
        locked[canonicalize_name(parsed.name)] = str(parsed.specifier).removeprefix("==")
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest.strip()) for digest in hashes)
    pinned = set()
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        parsed = Requirement(line)
        pinned.add((canonicalize_name(parsed.name), str(parsed.specifier).removeprefix("==")))
    assert set(locked.items()) <= pinned, "run: make lock"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {canonicalize_name(Requirement(line).name) for line in project["dependencies"]}
    assert needed <= set(locked), "run: make lock"
