"""Settings: what is wrong is named with file, line, key and value."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.events.errors import ConfigurationError
from pipeline.settings import Settings, load_settings
from pipeline.settings.yaml import plain, read_yaml

ROOT = Path(__file__).parents[2]


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


def test_the_file_of_an_installation_writes_out_every_default() -> None:
    """What config/wiredesk.yaml says is what holds without it, and no setting is missing there."""
    document = plain(read_yaml(ROOT / "config" / "wiredesk.yaml"))
    assert Settings.model_validate(document) == Settings()
    written = {f"{section}.{key}" for section, keys in document.items() for key in keys}
    assert written == {
        f"{section}.{key}"
        for section, field in Settings.model_fields.items()
        for key in field.annotation.model_fields  # type: ignore[union-attr]
    }
