"""Settings: what is wrong is named with file, line, key and value."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.events.errors import ConfigurationError
from pipeline.settings import load_settings


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kafka:\n  partitions: many\n", ":2: kafka.partitions: Input should be a valid integer"),
        ("kafka:\n  partition: 3\n", ":2: kafka.partition: there is no such setting (given: 3)."),
        ("desk:\n  port: 99999\n", ":2: desk.port: Input should be less than or equal to 65535 (given: 99999)."),
        ("kafka: [1\n", ":2: this is not YAML"),
        ("- a\n", ":1: a mapping of sections is expected"),
        ("kafka:\n  sasl: {username: u, password: {env: P}}\n", "sasl without tls sends the password in the clear"),
        ("elasticsearch:\n  api_key: {}\n", ":2: elasticsearch.api_key: name exactly one of env"),
    ],
)
def test_errors_name_the_place(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "wiredesk.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as error:
        load_settings(path, {})
    assert message in str(error.value)
    assert str(path) in str(error.value)


def test_environment_over_file(tmp_path: Path) -> None:
    path = tmp_path / "wiredesk.yaml"
    path.write_text("kafka:\n  partitions: 4\n  topic_prefix: w\n", encoding="utf-8")
    settings = load_settings(path, {"WIREDESK_KAFKA__PARTITIONS": "16", "WIREDESK_UNRELATED": "x"})
    assert (settings.kafka.partitions, settings.kafka.topic_prefix) == (16, "w")


def test_environment_errors_name_the_variable() -> None:
    with pytest.raises(ConfigurationError, match=r"WIREDESK_KAFKA__PARTITIONS: kafka\.partitions: .*given: 'x'"):
        load_settings(None, {"WIREDESK_KAFKA__PARTITIONS": "x"})


def test_a_setting_under_its_old_name_is_read_with_a_warning_that_names_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "wiredesk.yaml"
    path.write_text("cluster:\n  window_days: 3\n  events: true\nelasticsearch:\n  compress: true\n", encoding="utf-8")
    warnings: list[str] = []
    settings = load_settings(path, {}, warn=warnings.append)
    assert settings.cluster.group_events
    assert settings.elasticsearch.compress_requests
    advice = "Rename it: the old name will not be read for ever."
    assert sorted(warnings) == [
        f"{path}:3: cluster.events is now called cluster.group_events. {advice}",
        f"{path}:5: elasticsearch.compress is now called elasticsearch.compress_requests. {advice}",
    ]


def test_an_old_name_in_the_environment_is_named_as_the_variable_and_overrides_the_file(tmp_path: Path) -> None:
    path, warnings = tmp_path / "wiredesk.yaml", list[str]()
    path.write_text("cluster:\n  group_events: false\n", encoding="utf-8")
    settings = load_settings(path, {"WIREDESK_CLUSTER__EVENTS": "true"}, warn=warnings.append)
    assert settings.cluster.group_events
    assert len(warnings) == 1
    assert warnings[0].startswith("WIREDESK_CLUSTER__EVENTS: cluster.events is now called cluster.group_events.")


def test_both_names_of_one_setting_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "wiredesk.yaml"
    path.write_text("cluster:\n  group_events: false\n  events: true\n", encoding="utf-8")
    with pytest.raises(
        ConfigurationError, match=r"wiredesk.yaml:3: cluster.events is the old name of cluster.group_ev"
    ):
        load_settings(path, {})


def test_a_wrong_value_under_an_old_name_is_an_error_of_its_section(tmp_path: Path) -> None:
    path = tmp_path / "wiredesk.yaml"
    path.write_text("log:\n  level: info\ncluster:\n  events: perhaps\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"wiredesk.yaml:3: cluster.group_events: .*given: 'perhaps'"):
        load_settings(path, {}, warn=lambda _: None)
