"""Alerts of the installation: each problem is told once when it has lasted, and once when it is over."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from pydantic import ValidationError

from pipeline.alerts.config import Alert
from pipeline.alerts.problem_alerts import ProblemAlerts
from pipeline.alerts.state import AlertState
from pipeline.broker.elasticsearch_client import elasticsearch_client
from pipeline.events.errors import UnreachableError
from pipeline.events.problem import Problem
from pipeline.settings import AlertsSettings, ElasticsearchSettings
from tests.alerts.office import Mailbox, Office, Receiver, at

QUIET = Problem("feed_quiet", "orbis", "Answers, but nothing new since 09:00 UTC.")
LATE = Problem("late", "index", "3,000 messages waiting, the oldest for 12 min.")


class Site:
    """An alert of an installation whose problems the test says."""

    def __init__(self, office: Office, name: str, **more: Any) -> None:
        self.now: Sequence[Problem] = ()
        self.office = office
        channels = {"webhook": {"url": office.receiver.url}} | more
        self.alert = Alert.model_validate({"name": name, "watch": "installation", **channels})
        self.start()

    def start(self, elasticsearch: ElasticsearchSettings | None = None) -> None:
        """As after a restart: nothing is in memory."""
        settings = self.office.settings
        state = AlertState(self.office.client, elasticsearch or settings.elasticsearch)
        self.alerts = ProblemAlerts(settings, state, lambda: self.now)
        self.alerts._source = lambda: self.now  # type: ignore[assignment]

    def check(self, time: datetime, *problems: Problem) -> list[tuple[str, str]]:
        """Look once with these problems; what the receiver got of it."""
        self.now = problems
        taken = len(self.office.receiver.taken)
        self.alerts.check(self.alert, time)
        bodies = [json.loads(body) for _, body in self.office.receiver.taken[taken:]]
        return [(body["event"], body["problem"]["subject"]) for body in bodies]


@pytest.fixture
def site(office: Office) -> Site:
    return Site(office, f"ops{uuid.uuid4().hex[:8]}")


def test_a_problem_that_lasts_is_told_once_and_its_end_too(site: Site) -> None:
    assert site.check(at(0), QUIET) == []
    assert site.check(at(1), QUIET) == []
    assert site.check(at(2), QUIET) == [("problem", "orbis")]
    assert site.check(at(3), QUIET, LATE) == []
    assert site.check(at(5), LATE) == [("problem", "index")]
    assert site.check(at(7.1), LATE) == [("solved", "orbis")]
    assert site.check(at(8), LATE) == []


def test_what_passes_quickly_is_not_told(site: Site) -> None:
    assert [site.check(at(minute), *([QUIET] if minute % 2 else [])) for minute in range(6)] == [[]] * 6


def test_a_restart_tells_nothing_twice_and_knows_what_it_must_call_solved(site: Site) -> None:
    site.check(at(0), QUIET)
    assert site.check(at(2), QUIET) == [("problem", "orbis")]
    site.start()
    site.check(at(3), QUIET)
    assert site.check(at(6), QUIET) == []
    site.start()
    assert site.check(at(7)) == []
    assert site.check(at(9)) == [("solved", "orbis")]
    site.start()
    site.check(at(10), QUIET)
    assert site.check(at(12), QUIET) == [("problem", "orbis")], "another time"


def test_a_receiver_that_is_away_gets_it_later(site: Site, receiver: Receiver) -> None:
    site.check(at(0), QUIET)
    receiver.status = 503
    with pytest.raises(UnreachableError):
        site.check(at(2), QUIET)
    receiver.status = 204
    assert site.check(at(3), QUIET) == [("problem", "orbis")]


def test_elasticsearch_away_is_told_without_its_memory(site: Site) -> None:
    away = Problem("elasticsearch_unreachable", "Elasticsearch", "It does not answer.")
    nowhere = ElasticsearchSettings(url="http://127.0.0.1:9", prefix="none-")
    with elasticsearch_client(nowhere) as client:
        site.office.client, here = client, site.office.client
        site.start(nowhere)
        site.check(at(0), away)
        assert site.check(at(2), away) == [("problem", "Elasticsearch")]
        assert site.check(at(3), away) == []
    site.office.client = here


def test_by_mail_all_of_a_check_in_one(office: Office, mailbox: Mailbox) -> None:
    port, messages = mailbox
    server = AlertsSettings(smtp_host="127.0.0.1", smtp_port=port, mail_from="desk@example.org")
    office.settings = office.settings.model_copy(update={"alerts": server})
    site = Site(office, f"ops{uuid.uuid4().hex[:8]}", webhook=None, email={"to": ["a@example.org"]})
    site.check(at(0), QUIET, LATE)
    site.check(at(2), QUIET, LATE)
    (message,) = messages
    assert message["Subject"].strip() == "Wiredesk: orbis: Answers, but nothing new since 09:00 UTC. (and 1 more)"
    assert "index: 3,000 messages waiting" in message.get_content()
    assert "https://desk.example/feeds" in message.get_content()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"watch": "installation", "words": "bridge", "webhook": {"url": "https://a.example/"}}, "takes no conditions"),
        ({"watch": "installation"}, "say where to send it"),
        ({"watch": "feeds", "webhook": {"url": "https://a.example/"}}, "'events' or 'installation'"),
    ],
)
def test_a_wrong_file_says_why(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Alert.model_validate({"name": "ops", **given})
