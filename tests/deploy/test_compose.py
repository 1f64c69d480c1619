"""The compose file: its schema, commands, settings and limits. A machine with Docker is not needed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.recipes import DEPLOY, check_command, read, schema_errors, settings_from

FILE = DEPLOY / "docker" / "compose.yaml"
COMPOSE: dict[str, Any] = read(FILE)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OWN = {name: service for name, service in SERVICES.items() if service["image"] == "wiredesk"}
LONG_LIVED = ["alerts", "connectors", "desk", "worker"]


def test_the_check_of_commands_can_fail() -> None:
    with pytest.raises(AssertionError, match="no command"):
        check_command(["connectors", "walk"])
    with pytest.raises(AssertionError, match="no option"):
        check_command(["kibana", "install", "--uri", "x"])
    with pytest.raises(Exception, match="Missing"):
        check_command(["kibana", "install"])


def test_it_follows_the_compose_specification(tmp_path: Path) -> None:
    assert schema_errors("vendor.compose-spec", FILE) == ""
    wrong = tmp_path / "compose.yaml"
    wrong.write_text(FILE.read_text(encoding="utf-8").replace("stop_grace_period", "stop_grace_time"))
    assert schema_errors("vendor.compose-spec", wrong), "the check can fail"


def test_it_has_the_whole_installation() -> None:
    assert set(OWN) == {*LONG_LIVED, "dashboards"}
    assert {"kafka", "elasticsearch", "kibana", "prometheus"} < set(SERVICES)
    for service in SERVICES.values():
        assert set(service.get("networks", [])) <= set(COMPOSE["networks"])
        for needed in service.get("depends_on", {}):
            assert "healthcheck" in SERVICES[needed]
    sources = {entry.split(":")[0] for service in SERVICES.values() for entry in service.get("volumes", [])}
    assert {name for name in sources if not name.startswith(".")} == set(COMPOSE["volumes"])
    for name in sources - set(COMPOSE["volumes"]) - {"./wire-in"}:
        assert (FILE.parent / name).exists(), name


@pytest.mark.parametrize("name", sorted(OWN))
def test_commands_and_settings(name: str) -> None:
    service = OWN[name]
    check_command(service["command"])
    settings = settings_from(service["environment"])
    assert settings.kafka.bootstrap_servers == "kafka:9092"
    assert settings.elasticsearch.url == "http://elasticsearch:9200"
    if name == "desk":
        assert settings.desk.token is not None
        assert settings.desk.token.env in service["environment"]
    assert (DEPLOY / "docker" / service["build"]["context"] / service["build"]["dockerfile"]).is_file()


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_has_a_memory_limit(name: str) -> None:
    assert re.fullmatch(r"\d+[mg]", SERVICES[name]["mem_limit"])


@pytest.mark.parametrize("name", LONG_LIVED)
def test_processes_are_confined_and_probed(name: str) -> None:
    service = OWN[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    port = settings_from(service["environment"]).monitoring.port
    assert f"http://127.0.0.1:{port}/livez" in service["healthcheck"]["test"][-1]
    compile(service["healthcheck"]["test"][-1], "healthcheck", "exec")


def test_only_the_loopback_is_published_and_pushes_arrive() -> None:
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert all(port.startswith("127.0.0.1:") for published in ports.values() for port in published)
    settings = settings_from(OWN["connectors"]["environment"]).connectors
    assert settings.webhook_host == "0.0.0.0"
    assert ports["connectors"] == [f"127.0.0.1:{settings.webhook_port}:{settings.webhook_port}"]


def test_prometheus_scrapes_every_process() -> None:
    path = FILE.parent / "prometheus.yaml"
    (job,) = read(path)["scrape_configs"]
    (found,) = job["dns_sd_configs"]
    assert sorted(found["names"]) == LONG_LIVED
    assert found["port"] == settings_from(OWN["worker"]["environment"]).monitoring.port
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (Debian package prometheus)")
    done = subprocess.run(
        ["promtool", "check", "config", "--syntax-only", path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
