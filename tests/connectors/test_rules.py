"""Rules: what they keep, drop and set, what they never drop, how they are counted, what a wrong one says."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY
from ruamel.yaml import YAML

from connectors.config import ConnectorConfig, load_connector
from connectors.rules import Verdict, apply_rules
from connectors.runner import ConnectorRun
from pipeline.events import ConnectorState, RawItem
from pipeline.events.errors import ConfigurationError
from pipeline.events.item import Author, Item, Signal, Subject

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DOCS = Path(__file__).parents[2] / "docs" / "rules.md"


def config(rules: Any, **options: Any) -> ConnectorConfig:
    transport = {"type": "http", "url": "https://site.example/rss"}
    return ConnectorConfig.model_validate(
        {"name": "c", "provider": "P", "transport": transport, "rules": rules, **options}
    )


def item(**fields: Any) -> RawItem:
    defaults: dict[str, Any] = {"headline": "Headline", "versioncreated": NOW - timedelta(hours=1)}
    return RawItem(
        connector="c",
        provider="P",
        item_id="1",
        received=NOW,
        parser="rss",
        language="en",
        item=Item(**{**defaults, **fields}),
    )


def verdict(rules: Any, **fields: Any) -> Verdict:
    return apply_rules(item(**fields), config(rules).rules)


ITEM: dict[str, Any] = {
    "headline": "Floods: DAM breaks", "body_text": "The Straße is closed.", "byline": "By A. Writer", "link": "https://x.example/live/1",
    "authors": (Author(name="Müller"),), "subjects": (Subject(scheme="medtop", code="03000000", name="disaster"),), "keywords": ("Water",), "language": "en-GB",
}  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "matches"),
    [
        ({"headline": "dam"}, True), ({"headline": "^dam"}, False), ({"headline": ["x", "flood|fire"]}, True), ({"headline": "x|breaks"}, True),
        ({"body": "STRASSE"}, False), ({"body": "straße"}, True), ({"author": "writer"}, True), ({"author": "^müller$"}, True), ({"author": "^$"}, False),
        ({"link": "/live/"}, True), ({"subject": "^medtop:03000000$"}, True), ({"subject": "disaster"}, True), ({"keyword": "^water$"}, True),
        ({"language": "en"}, True), ({"language": "e"}, False), ({"language": "de"}, False), ({"older_than": "30m"}, True), ({"older_than": "2h"}, False),
        ({"newer_than": "2h"}, True), ({"newer_than": "1d", "headline": "x"}, False), ({"any": [{"headline": "x"}, {"keyword": "water"}]}, True),
        ({"all": [{"headline": "x"}, {"keyword": "water"}]}, False), ({"not": {"headline": "x"}}, True), ({"headline": "dam", "not": {"language": "en"}}, False),
    ],
)  # fmt: skip
def test_conditions(condition: Any, matches: bool) -> None:
    assert (verdict([{"drop": condition}], **ITEM).dropped_by is not None) is matches
    assert (verdict([{"keep": condition}], **ITEM).dropped_by is None) is matches


def test_without_a_time_an_item_is_neither_old_nor_new() -> None:
    for condition in ({"older_than": "1m"}, {"newer_than": "7d"}):
        assert verdict([{"drop": condition}], versioncreated=None).dropped_by is None


def test_the_rules_apply_in_their_order() -> None:
    rules = [
        {"when": {"headline": "dam"}, "set": {"tags": ["floods"], "urgency": 2, "keywords": ["Dam"]}},
        {"name": "no water", "drop": {"keyword": "^dam$"}},
    ]
    found = verdict(rules, **ITEM)
    assert (found.dropped_by, found.set_by) == ("no water", ("rule 1",))
    assert (found.raw.tags, found.raw.item.urgency, found.raw.item.keywords) == (("floods",), 2, ("Water", "Dam"))


@pytest.mark.parametrize("fields", [{"pubstatus": "canceled"}, {"pubstatus": "withheld"}, {"signals": (Signal.KILL,)}])
def test_no_rule_drops_a_kill(fields: dict[str, Any]) -> None:
    assert (
        verdict([{"drop": {"headline": "."}}, {"keep": {"headline": "nothing like it"}}], **fields).dropped_by is None
    )


@pytest.mark.parametrize(
    ("rule", "line", "message"),
    [
        ("- drop: {headline: 'a['}", 4, "rules.0.drop.headline: not a regular expression"),
        ("- drop: {language: de}\n  - drop: {headline: '(?=a)'}", 5, "rules.1.drop.headline: not a regular expression that can be used here: look-around"),
        ("- drop: {title: a}", 4, "rules.0.drop.title: there is no such setting"),
        ("- drop: {older_than: 2 days}", 4, "rules.0.drop.older_than: a number with m, h or d is expected, such as 48h (given: '2 days')"),
        ("- drop: {}", 4, "rules.0.drop: name a property: headline, body"),
        ("- {keep: {language: en}, drop: {language: de}}", 4, "rules.0: name one of keep, drop, or when together with set"),
        ("- {when: {language: en}, set: {pubstatus: canceled}}", 4, "rules.0.set: 'pubstatus' cannot be set; these can: urgency"),
        ("- {when: {language: en}, set: {urgency: 11}}", 4, "urgency: "), ("- {when: {language: en}, set: {tags: a}}", 4, "tags: a list of texts is expected"),
    ],
)  # fmt: skip
def test_a_wrong_rule_is_named_with_its_line(tmp_path: Path, rule: str, line: int, message: str) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(f'transport: {{type: http, url: "https://site.example/x"}}\nprovider: X\nrules:\n  {rule}\n')
    with pytest.raises(ConfigurationError) as caught:
        load_connector(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{path}:{line}: rules.")


def test_the_examples_of_the_documentation_are_valid() -> None:
    blocks = re.findall(r"\n\n((?:    [^\n]*\n)+)", DOCS.read_text(encoding="utf-8"))
    assert len(blocks) == 10
    for block in blocks:
        assert config(YAML(typ="safe").load(block)["rules"]).rules


FEED = "<rss><channel>{}</channel></rss>"
ENTRY = "<item><guid>{0}</guid><title>{0}</title><pubDate>Tue, 24 Nov 2026 10:00:00 GMT</pubDate></item>"


def counted(rule: str, name: str) -> float:
    return REGISTRY.get_sample_value("wiredesk_connector_rule_items_total", {"connector": name, "rule": rule}) or 0


def test_dropped_items_are_counted_once_and_published_once_the_rule_is_gone(web: Any, fake_broker: Any) -> None:
    web.page("/rss", FEED.format(ENTRY.format("lottery") + ENTRY.format("news")).encode())
    transport = {"type": "http", "url": f"{web.url}/rss", "allow_private_addresses": True, "ignore_http_cache": True}
    rules = [
        {"name": "games", "drop": {"headline": "lottery"}},
        {"name": "tagged", "when": {"headline": "news"}, "set": {"tags": ["n"]}},
    ]
    ruled = config(rules, name="ruled", transport=transport)
    run = ConnectorRun(ruled, ConnectorState(connector="ruled"), fake_broker.settings, fake_broker.publisher)
    for _ in range(2):
        run.state = run.state.model_copy(update={"body_hash": None})
        run.poll_once(NOW)
    assert [RawItem.decode(value).item_id for _, value in fake_broker.read("raw")] == ["news"]
    assert (counted("games", "ruled"), counted("tagged", "ruled")) == (1, 1)
    state = run.state.model_copy(update={"body_hash": None})
    ConnectorRun(
        config([], name="ruled", transport=transport), state, fake_broker.settings, fake_broker.publisher
    ).poll_once(NOW)
    assert "lottery" in [RawItem.decode(value).item_id for _, value in fake_broker.read("raw")]
