"""The Kubernetes recipe as kustomize builds it: every object against Kubernetes' schemas, strictly, and against each other."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import kubernetes_validate
import pytest
from ruamel.yaml import YAML

from pipeline.broker.monitoring import metrics
from tests.deploy.recipes import DEPLOY, check_command, read, settings_from

FOLDER = DEPLOY / "kubernetes"
BASE = FOLDER / "base"
OVERLAYS = ["small", "production"]
VERSIONS = ["1.31", "1.34"]
PARTS = {"connectors", "worker", "enrich", "desk", "alerts"}
#: Which secrets each part may have; whatever connectors and alerts name themselves comes on top.
SECRETS = {
    "connectors": {"KAFKA_PASSWORD"},
    "worker": {"KAFKA_PASSWORD", "ELASTIC_API_KEY"},
    "enrich": {"KAFKA_PASSWORD"},
    "desk": {"KAFKA_PASSWORD", "ELASTIC_API_KEY", "WIREDESK_TOKEN"},
    "alerts": {"KAFKA_PASSWORD", "ELASTIC_API_KEY", "HOOK_SECRET"},
}
_built: dict[str, list[dict[str, Any]]] = {}


def built(overlay: str) -> list[dict[str, Any]]:
    """The objects of an overlay."""
    if overlay not in _built:
        if shutil.which("kubectl") is None:
            pytest.skip("kubectl is not installed: kustomize cannot build the overlays")
        command = ["kubectl", "kustomize", FOLDER / "overlays" / overlay]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        _built[overlay] = list(YAML(typ="safe").load_all(done.stdout))
    return _built[overlay]


def of_kind(overlay: str, kind: str) -> dict[str, dict[str, Any]]:
    return {entry["metadata"]["name"]: entry for entry in built(overlay) if entry["kind"] == kind}


def container(deployment: dict[str, Any]) -> dict[str, Any]:
    (only,) = deployment["spec"]["template"]["spec"]["containers"]
    return dict(only)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_object_follows_its_schema(overlay: str, version: str) -> None:
    for entry in built(overlay):
        kubernetes_validate.validate(entry, version, strict=True)


def test_the_check_of_schemas_can_fail() -> None:
    wrong = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "x"},
        "spec": {"maxUnavail": 1},
    }
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


def test_overlays_have_the_parts_that_they_should() -> None:
    assert set(of_kind("production", "Deployment")) == PARTS
    assert set(of_kind("small", "Deployment")) == PARTS - {"enrich"}
    assert container(of_kind("small", "Deployment")["worker"])["args"] == ["worker"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_deployments(overlay: str) -> None:
    maps, accounts = of_kind(overlay, "ConfigMap"), of_kind(overlay, "ServiceAccount")
    for name, deployment in of_kind(overlay, "Deployment").items():
        pod, only = deployment["spec"]["template"]["spec"], container(deployment)
        check_command(only["args"])
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        assert {mount["name"] for mount in only["volumeMounts"]} == set(volumes)
        assert all(volume["configMap"]["name"] in maps for volume in volumes.values() if "configMap" in volume)
        assert pod["serviceAccountName"] == name
        assert accounts[name]["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert only["securityContext"]["readOnlyRootFilesystem"] is True
        assert only["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert "memory" in only["resources"]["limits"]
        topologies = {entry["topologyKey"] for entry in pod["topologySpreadConstraints"]}
        assert topologies == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}
        config = next(entry["value"] for entry in only["env"] if entry["name"] == "WIREDESK_CONFIG")
        assert any(config.startswith(mount["mountPath"]) for mount in only["volumeMounts"])


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_probes_ask_the_endpoint_of_the_settings(overlay: str) -> None:
    settings = settings_from({}, BASE / "config" / "wiredesk.yaml").monitoring
    assert settings.host == "0.0.0.0"
    assert settings.ports == 1, "a pod has one process: a second port would be one that nobody probes"
    for deployment in of_kind(overlay, "Deployment").values():
        only = container(deployment)
        assert {"name": "monitoring", "containerPort": settings.port} in only["ports"]
        paths = {name: only[name]["httpGet"]["path"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
        assert paths == {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"}


def test_each_part_gets_only_its_own_secrets() -> None:
    secrets = {
        entry["metadata"]["name"]: entry
        for entry in YAML(typ="safe").load_all((FOLDER / "secrets.example.yaml").read_text())
    }
    for entry in secrets.values():
        kubernetes_validate.validate(entry, VERSIONS[-1], strict=True)
        assert not any(entry["stringData"].values()), "no secret is committed"
    for name, deployment in of_kind("production", "Deployment").items():
        (source,) = container(deployment)["envFrom"]
        assert source == {"secretRef": {"name": f"wiredesk-{name}"}}
        assert set(secrets[f"wiredesk-{name}"]["stringData"]) == SECRETS[name]
    assert not of_kind("production", "Secret"), "applying the recipe again must not empty the secrets"


def test_settings_are_settings_and_name_the_secrets() -> None:
    for name, deployment in of_kind("production", "Deployment").items():
        environment = {entry["name"]: entry["value"] for entry in container(deployment)["env"]}
        environment.pop("WIREDESK_CONFIG")
        settings = settings_from(environment, BASE / "config" / "wiredesk.yaml")
        assert settings.kafka.sasl is not None
        assert settings.elasticsearch.api_key is not None
        assert settings.desk.token is not None
        assert settings.kafka.sasl.password.env == "KAFKA_PASSWORD"
        assert settings.elasticsearch.api_key.env == "ELASTIC_API_KEY"
        assert settings.desk.token.env == "WIREDESK_TOKEN"
        if "KAFKA_PASSWORD" in SECRETS[name]:
            assert settings.kafka.sasl.username == f"wiredesk-{name}"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_what_selects_pods_finds_some(overlay: str) -> None:
    labels = [entry["spec"]["template"]["metadata"]["labels"] for entry in of_kind(overlay, "Deployment").values()]
    for service in of_kind(overlay, "Service").values():
        assert any(service["spec"]["selector"].items() <= one.items() for one in labels)
    for budget in of_kind(overlay, "PodDisruptionBudget").values():
        assert any(budget["spec"]["selector"]["matchLabels"].items() <= one.items() for one in labels)
    for deployment in of_kind(overlay, "Deployment").values():
        assert deployment["spec"]["selector"]["matchLabels"] == deployment["spec"]["template"]["metadata"]["labels"]


def test_every_part_that_runs_more_than_once_has_a_disruption_budget() -> None:
    assert set(of_kind("production", "PodDisruptionBudget")) == PARTS - {"alerts"}
    assert of_kind("production", "Deployment")["alerts"]["spec"]["strategy"] == {"type": "Recreate"}


def test_network_policies_deny_everything_else() -> None:
    policies = of_kind("production", "NetworkPolicy")
    assert policies["deny-all"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    allowed = {name: json.dumps(policy["spec"]["podSelector"]) for name, policy in policies.items()}
    assert "wiredesk-desk" in allowed["kafka"], "its page of feeds reads the states of the connectors"
    assert "wiredesk-enrich" not in allowed["elasticsearch"]
    assert "wiredesk-connectors" not in allowed["elasticsearch"]
    closed = policies["internet"]["spec"]["egress"][0]["to"][0]["ipBlock"]["except"]
    assert {"10.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"} <= set(closed)


def test_enrichment_scales_on_a_metric_that_exists() -> None:
    (scaler,) = of_kind("production", "HorizontalPodAutoscaler").values()
    assert scaler["spec"]["scaleTargetRef"]["name"] == "enrich"
    assert "replicas" not in of_kind("production", "Deployment")["enrich"]["spec"]
    metric = scaler["spec"]["metrics"][0]["external"]["metric"]
    assert metric["name"] == metrics.STAGE_LAG.describe()[0].name
    assert metric["selector"]["matchLabels"] == {"stage": "enrich"}
    partitions = settings_from({}, BASE / "config" / "wiredesk.yaml").kafka.partitions
    assert scaler["spec"]["maxReplicas"] <= partitions


def test_sample_files_are_valid() -> None:
    from connectors.config import ConnectorConfig
    from pipeline.alerts.config import load_alerts

    (alert,) = load_alerts(BASE / "config" / "alerts")
    assert alert.enabled is False
    sample = read(BASE / "config" / "connectors" / "example-news.yaml")
    assert ConnectorConfig.model_validate({"name": "example-news", **sample}).provider == "Example News"
