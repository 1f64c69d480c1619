"""The types describe every setting, and what is generated from them can be read back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML

from pipeline.alerts.config import Alert, json_schema
from pipeline.settings import Settings, load_settings, reference

#: End of a name → a word of which one must be in the description.
UNITS = {
    "_seconds": ("second",),
    "_days": ("days",),
    "_bytes": ("bytes",),
    "_chars": ("chars",),
    "_items": ("stories", "documents"),
}


def fields(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Path and description of every field, also of the types within."""
    for name, field in model.model_fields.items():
        yield prefix + name, field.description or ""
        inner = reference.submodel(field)
        if inner:
            yield from fields(inner, f"{prefix}{name}.")


@pytest.mark.parametrize("model", [Settings, Alert])
def test_every_field_is_described_with_its_unit(model: type[BaseModel]) -> None:
    described = dict(fields(model))
    assert len(described) > 20
    assert [path for path, text in described.items() if not text.rstrip().endswith((".", "…"))] == []
    for path, text in described.items():
        for ending, words in UNITS.items():
            if path.endswith(ending):
                assert any(word in text.lower() for word in words), path


def test_the_default_file_is_read_back_as_the_defaults_and_has_every_key(tmp_path: Path) -> None:
    path = tmp_path / "wiredesk.yaml"
    path.write_text(reference.default_yaml(), encoding="utf-8")
    assert load_settings(path, {}) == Settings()
    document = YAML(typ="safe").load(reference.default_yaml())
    for name, field in Settings.model_fields.items():
        section = reference.submodel(field)
        assert section
        assert list(document[name]) == list(section.model_fields), name


def test_the_examples_in_the_comments_are_valid(tmp_path: Path) -> None:
    """All of them in place of their defaults: what the file suggests is what the program takes."""
    lines, examples = reference.default_yaml().splitlines(), 0
    for number, line in enumerate(lines):
        key = line.removeprefix("  # ").partition(":")[0]
        if line.startswith("  # ") and lines[number + 1].startswith(f"  {key}: "):
            lines[number], lines[number + 1] = "", line.replace("# ", "", 1)
            examples += 1
    path = tmp_path / "wiredesk.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    settings = load_settings(path, {})
    assert examples >= 8
    assert settings.kafka.sasl
    assert settings.desk.token


def test_the_schema_takes_the_default_file_and_refuses_what_the_types_refuse() -> None:
    schema = reference.json_schema()
    document = YAML(typ="safe").load(reference.default_yaml())
    jsonschema.validate(document, schema)
    for wrong in ({"kafka": {"partition": 3}}, {"desk": {"port": 99999}}, {"log": {"level": "loud"}}, {"rooms": {}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)


def test_the_schema_of_an_alert_takes_an_alert_and_refuses_an_unknown_key() -> None:
    alert = {"words": "bridge", "webhook": {"url": "https://chat.example/", "secret": {"env": "X"}}}
    jsonschema.validate(alert, json_schema())
    for wrong in ({**alert, "wrods": "x"}, {**alert, "webhook": {}}, {**alert, "place": 3}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, json_schema())


def test_the_page_has_a_row_for_every_setting() -> None:
    page = reference.settings_page()
    for path, text in fields(Settings):
        if "." in path and not path.rpartition(".")[0].endswith(("key", "password", "token")):
            assert f"| `{path}` |" in page
            assert " ".join(text.split()) in page
