"""The workflow and the issue forms follow GitHub's schemas; the workflow runs what a change must pass."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.deploy.recipes import ROOT, read, schema_errors

GITHUB = ROOT / ".github"
WORKFLOW: dict[str, Any] = read(GITHUB / "workflows" / "ci.yaml")


@pytest.mark.parametrize("path", sorted((GITHUB / "workflows").glob("*")), ids=lambda path: path.name)
def test_workflows(path: Path) -> None:
    assert schema_errors("vendor.github-workflows", path) == ""


@pytest.mark.parametrize("name", ["bug.yml", "feed.yml"])
def test_issue_forms(name: str) -> None:
    assert schema_errors("vendor.github-issue-forms", GITHUB / "ISSUE_TEMPLATE" / name) == ""


def test_the_check_of_schemas_can_fail(tmp_path: Path) -> None:
    (tmp_path / "ci.yaml").write_text("on: push\njobs: {test: {steps: [{runs: make}]}}\n")
    assert schema_errors("vendor.github-workflows", tmp_path / "ci.yaml")


def test_the_workflow_runs_the_gate_on_every_supported_python() -> None:
    job = WORKFLOW["jobs"]["test"]
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    newest = WORKFLOW["jobs"]["newest-dependencies"]
    for steps in (job["steps"], newest["steps"]):
        assert any(step.get("run") == "bash .ci/run" for step in steps)
    assert newest["steps"][-1]["env"]["CONSTRAINTS"] == ""
    assert "$(CONSTRAINTS)" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_every_pinned_package_has_one_exact_version() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert lines == sorted(set(lines))
    assert all("==" in line for line in lines)


def imported(path: Path) -> Iterator[str]:
    """The packages that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def test_an_installation_has_every_package_that_its_code_imports() -> None:
    """What only the tools for developing bring along is missing where the wheel is installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    brought = {canonicalize_name(Requirement(line).name) for line in asked}
    training = ROOT / "pipeline" / "enrich" / "training"
    modules = [path for name in ("connectors", "pipeline") for path in (ROOT / name).rglob("*.py")]
    names = {name for path in modules if training not in path.parents for name in imported(path)}
    names -= sys.stdlib_module_names | {"connectors", "pipeline"}
    makers = packages_distributions()
    assert {name for name in names if not brought & {*map(canonicalize_name, makers.get(name, ()))}} == set()


def test_the_version_of_the_project_has_a_place_in_the_changelog() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"## {project['version']} (" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
