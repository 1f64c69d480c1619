"""Each saved alert sends each story once, on the real index with real receivers."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from pipeline.alerts.breaking import Pace
from pipeline.alerts.breaking_alerts import BreakingEvents
from pipeline.alerts.config import Alert
from pipeline.alerts.state import AlertState
from pipeline.events.errors import ConfigurationError, UnreachableError
from pipeline.settings import AlertsSettings, Secret, Settings
from tests.alerts.office import Mailbox, Office, at, until, write_alert, write_whole

pytestmark = pytest.mark.stack


def test_once_a_story_over_versions_copies_and_restarts(office: Office) -> None:
    alert = office.alert()

    def check(minutes: float) -> int:
        return office.service([alert]).check(alert, at(minutes))  # as new each time: nothing in memory

    office.add("old", "An old bridge", minutes=-30)
    assert check(0) == 0, "the first look only says from when on"
    office.add("one", "A bridge falls", minutes=1)
    office.add("ferry", "A ferry sinks", minutes=1)
    office.add("fill", "A bridge of long ago", minutes=1, lane="backfill")
    assert check(2) == 1
    assert office.receiver.notices == [("match", "one")], "nothing that is older than the alert"
    office.receiver.taken.clear()
    office.add("one", "A bridge falls, five hurt", minutes=3, version=2)
    office.add("copy", "The bridge fell", minutes=3, group="one")
    office.add("one", "A bridge falls, six hurt", minutes=3.5, version=3, group="two")
    assert check(4) == 0
    office.add("ferry", "A ferry sinks under a bridge", minutes=5, version=2)
    assert check(6) == 1
    assert office.receiver.notices == [("match", "ferry")]


def test_what_was_on_its_way_for_long_is_told_when_it_can_be_found(office: Office) -> None:
    alert = office.alert()
    service = office.service([alert])
    service.check(alert, at(0))
    service.check(alert, at(600))
    office.add("late", "A bridge falls while a server is away", minutes=1, minutes_on_its_way=600)
    office.add("again", "A bridge of last month, worked through once more", minutes=-50_000, minutes_on_its_way=50_600)
    assert service.check(alert, at(601)) == 1
    assert office.receiver.notices == [("match", "late")]


def test_two_copies_at_once_are_one(office: Office) -> None:
    alert = office.alert()
    service = office.service([alert])
    service.check(alert, at(0))
    office.add("one", "A bridge falls", minutes=1)
    office.add("copy", "The bridge fell", minutes=1.5, group="one")
    assert service.check(alert, at(2)) == 1
    assert office.receiver.notices == [("match", "one")]


def test_a_kill_is_told_to_whom_the_story_was_told(office: Office) -> None:
    alert = office.alert(words="", place=[office.word])
    service = office.service([alert])
    service.check(alert, at(0))
    office.add("one", "A bridge falls", minutes=1, places=(office.word,))
    office.add("else", "Minister resigns", minutes=1)
    service.check(alert, at(2))
    office.add("one", "A bridge falls", "Do not use.", minutes=3, version=2, killed=True)
    office.add("else", "Minister resigns", "Do not use.", minutes=3, version=2, killed=True)
    assert service.check(alert, at(4)) == 1
    assert service.check(alert, at(5)) == 0
    assert office.receiver.notices == [("match", "one"), ("kill", "one")]


def test_killed_before_it_was_told_it_is_not_told(office: Office) -> None:
    alert = office.alert()
    service = office.service([alert])
    service.check(alert, at(0))
    office.add("one", "A bridge falls", minutes=1, killed=True)
    office.add("two", "A bridge sways", minutes=1, pubstatus="withheld")
    assert service.check(alert, at(2)) == 0


def test_for_readers_an_embargoed_story_is_told_when_its_embargo_ends(office: Office) -> None:
    now = datetime.now(UTC)
    early, public = office.alert(), office.alert(name=f"public-{uuid.uuid4().hex[:8]}", only_public=True)
    service = office.service([early, public])
    for alert in (early, public):
        service.check(alert, now - timedelta(hours=9))
    minutes = office.minutes_now()
    office.add("one", "A bridge for all", minutes=minutes - 500, embargoed=now + timedelta(seconds=3))
    assert service.check(early, now) == 1
    assert service.check(public, now) == 0
    threading.Event().wait(3.5)
    assert service.check(public, datetime.now(UTC)) == 1


def test_a_receiver_that_fails_is_told_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", "hush")
    alert = office.alert(
        webhook={"url": office.receiver.url, "secret": Secret(env="HOOK"), "bearer_token": Secret(env="HOOK")}
    )
    service = office.service([alert])
    service.check(alert, at(0))
    office.add("one", "A bridge falls", minutes=1)
    for status in (500, 302, 404):
        office.receiver.status = status
        with pytest.raises(UnreachableError, match=str(status)):
            service.check(alert, at(2))
    office.receiver.status = 204
    assert service.check(alert, at(300)) == 1, "however long it took"
    ((headers, body),) = office.receiver.taken
    assert headers["x-wiredesk-signature"] == "sha256=" + hmac.new(b"hush", body, hashlib.sha256).hexdigest()
    assert headers["authorization"] == "Bearer hush"
    assert len(headers["idempotency-key"]) == 64


def test_by_mail(office: Office, mailbox: Mailbox) -> None:
    port, messages = mailbox
    email = {"to": ["a@example.org", "b@example.org"]}
    alert = Alert.model_validate({"name": office.word, "words": office.word, "email": email})
    unset = office.service([alert])
    unset.check(alert, at(0))
    office.add("one", "A bridge falls", minutes=1)
    with pytest.raises(ConfigurationError, match="smtp_host"):
        unset.check(alert, at(1))
    server = AlertsSettings(smtp_host="127.0.0.1", smtp_port=port, mail_from="desk@example.org")
    service = office.service([alert], office.settings.model_copy(update={"alerts": server}))
    office.add("two", "Anóther bridge falls", minutes=2)
    assert service.check(alert, at(3)) == 2
    (message,) = messages
    assert message["To"] == "a@example.org, b@example.org"
    assert message["Subject"] == f"A {office.word} falls (and 1 more)"
    assert "Anóther" in message.get_content()


def test_a_new_alert_sends_nothing_that_is_older_and_neither_does_an_edited_one(office: Office) -> None:
    for number in range(5):
        office.add(f"old{number}", "An old bridge", minutes=-5)
    alert, town = office.alert(), f"Port{office.word}"
    assert [office.service([alert]).check(alert, at(minutes)) for minutes in (0, 1, 2)] == [0, 0, 0]
    office.add("rail", "A railway strike", minutes=3, places=(town,))
    assert office.service([alert]).check(alert, at(4)) == 0
    edited = office.alert(words="", place=[town])
    assert office.service([edited]).check(edited, at(5)) == 0, "within the hour of overlap, but before the edit"
    office.add("quay", "A quay sinks", minutes=6, places=(town,))
    assert office.service([edited]).check(edited, at(7)) == 1
    assert office.receiver.notices == [("match", "quay")]


def test_each_way_of_sending_sends_once(office: Office, mailbox: Mailbox) -> None:
    """The mail server fails after the webhook succeeded: only the mail is sent again."""
    port, messages = mailbox
    alert = office.alert(email={"to": ["a@example.org"]})

    def service(mail_port: int) -> Any:
        server = AlertsSettings(smtp_host="127.0.0.1", smtp_port=mail_port, mail_from="desk@example.org")
        return office.service([alert], office.settings.model_copy(update={"alerts": server}))

    service(port).check(alert, at(0))
    office.add("one", "A bridge falls", minutes=1)
    for _ in range(3):
        with pytest.raises(UnreachableError, match="mail server"):
            service(9).check(alert, at(2))
    assert service(port).check(alert, at(3)) == 1
    assert service(port).check(alert, at(4)) == 0
    assert office.receiver.notices == [("match", "one")]
    assert len(messages) == 1


def test_a_receiver_that_drips_or_never_ends_delays_no_other_alert(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.alerts.service._SECONDS", 0.1)
    slow = office.alert(name=f"slow-{office.word}", webhook={"url": office.receiver.url, "timeout_seconds": 1.5})
    office.receiver.drip_seconds = 0.2
    service = office.service([slow])
    service.check(slow, at(0))
    office.add("one", "A bridge falls", minutes=1)
    begun = time.monotonic()
    with pytest.raises(UnreachableError, match=r"did not answer completely within 1\.5 s"):
        service.check(slow, at(2))
    assert time.monotonic() - begun < 30, "its answer would take many minutes"
    office.receiver.drip_seconds, office.receiver.endless = 0.0, True
    assert service.check(slow, at(2)) == 1, "enough of the answer is read"


def test_a_receiver_that_drips_does_not_delay_the_end(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.alerts.service._SECONDS", 0.1)
    monkeypatch.setattr("pipeline.alerts.service._STOP_SECONDS", 0.5)
    slow = office.alert(webhook={"url": office.receiver.url, "timeout_seconds": 60})
    service, stopping = office.service([slow]), threading.Event()
    service.check(slow, datetime.now(UTC) - timedelta(minutes=5))
    office.receiver.drip_seconds = 5.0
    office.add("one", "A bridge falls", minutes=office.minutes_now() - 1)
    thread = threading.Thread(target=service.run, args=(stopping,))
    thread.start()
    assert until(lambda: office.receiver.taken)
    stopping.set()
    thread.join(20)
    assert not thread.is_alive(), "it waits for the delivery's deadline"


def test_a_fault_of_one_alert_ends_no_other(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.alerts.service._SECONDS", 0.1)
    broken, sound = office.alert(name=f"a-{office.word}"), office.alert()
    service, stopping, check = office.service([broken, sound]), threading.Event(), None
    check = service.check

    def failing(alert: Alert, now: datetime) -> int:
        if alert is broken:
            raise RuntimeError("a fault of the program")
        return check(alert, now)

    monkeypatch.setattr(service, "check", failing)
    state = AlertState(office.client, office.settings.elasticsearch)
    state.prepare()
    with structlog.testing.capture_logs() as logs:
        thread = threading.Thread(target=service.run, args=(stopping,))
        thread.start()
        assert until(lambda: state.cursor(sound.name))
        office.add("one", "A bridge falls", minutes=office.minutes_now())
        assert until(lambda: office.receiver.taken)
        stopping.set()
        thread.join()
    assert {line["alert"] for line in logs if line["event"] == "alert_failed"} == {broken.name}


def in_directory(office: Office, directory: Path) -> Settings:
    return office.settings.model_copy(update={"alerts": AlertsSettings(directory=directory)})


def test_files_are_taken_over_while_it_runs(office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("pipeline.alerts.service._SECONDS", 0.1)
    state = AlertState(office.client, office.settings.elasticsearch)
    state.prepare()
    service, stopping = office.service(None, in_directory(office, tmp_path)), threading.Event()
    with structlog.testing.capture_logs() as logs:
        thread = threading.Thread(target=service.run, args=(stopping,))
        thread.start()
        write_whole(tmp_path / "wrong.yaml", "words: [\n")
        path = write_alert(tmp_path, office, office.word)
        assert until(lambda: state.cursor(office.word))
        office.add("one", "A bridge falls", minutes=office.minutes_now())
        assert until(lambda: len(office.receiver.taken) == 1)
        write_whole(path, "words: [\n")  # being edited: it goes on as it was
        assert until(lambda: any(line.get("keeps_former") for line in logs))
        office.add("two", "A bridge sways", minutes=office.minutes_now())
        assert until(lambda: len(office.receiver.taken) == 2)
        path.unlink()
        assert until(lambda: any(line["event"] == "alert_removed" for line in logs))
        stopping.set()
        thread.join()
    assert office.receiver.notices == [("match", "one"), ("match", "two")]
    rejected = [line for line in logs if line["event"] == "alert_file_rejected"]
    assert len(rejected) == 2, "each error is logged once"


RUN = """
import sys, threading
from pathlib import Path
from pipeline.alerts import service
from pipeline.broker.elasticsearch_client import elasticsearch_client
from pipeline.settings import AlertsSettings, ElasticsearchSettings, Settings
service._SECONDS = 0.05
url, prefix, directory = sys.argv[1:]
settings = Settings(elasticsearch=ElasticsearchSettings(url=url, prefix=prefix),
                    alerts=AlertsSettings(directory=Path(directory)))
with elasticsearch_client(settings.elasticsearch) as client:
    service.AlertService(settings, client).run(threading.Event())
"""


@pytest.mark.parametrize("kills", [3, pytest.param(50, marks=[pytest.mark.long, pytest.mark.timeout(1200)])])
def test_exactly_once_however_often_the_process_is_killed(office: Office, tmp_path: Path, kills: int) -> None:
    """Stories arrive while the process is killed at random moments. By its key, the receiver gets each story once."""
    write_alert(tmp_path, office, office.word)
    state = AlertState(office.client, office.settings.elasticsearch)
    state.prepare()
    elasticsearch, number, chance = office.settings.elasticsearch, 0, random.Random(7)
    command = [sys.executable, "-c", RUN, elasticsearch.url, elasticsearch.prefix, str(tmp_path)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        assert until(lambda: state.cursor(office.word), 60)
        for _ in range(kills):
            for _ in range(4):
                office.add(f"s{number}", f"A bridge falls, {number}", minutes=office.minutes_now())
                number += 1
            before = len(office.receiver.taken)
            until(lambda before=before: len(office.receiver.taken) > before, 10)
            time.sleep(chance.random() * 0.1)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        assert until(lambda: len(set(office.receiver.keys)) == number, 60)
        assert until(
            lambda: state.count(office.word) == number or office.client.indices.refresh(index=state.index) is None, 30
        )
    finally:
        process.kill()
        process.wait()
    assert len(set(office.receiver.keys)) == number, "none is missing"
    assert len(office.receiver.keys) - number <= kills, (
        "at most the delivery that was cut off is repeated, with its key"
    )


def test_a_breaking_event_is_told_once_and_copies_are_not_independent(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    pace, limit = BreakingEvents(office.client, office.settings.elasticsearch)._learned(at(0))
    assert limit == pytest.approx(pace.of_day / 48), "two days are needed to learn from"
    monkeypatch.setattr(BreakingEvents, "_learned", lambda *_: (Pace((60.0,) * 24), 30.0))
    alert = office.alert(words="", watch="events")

    def check(minutes: float) -> int:
        return office.service([alert]).check(alert, at(minutes))

    assert check(0) == 0
    office.add("a", "A ferry sinks", "The ferry sank. " * 20, minutes=1, event="ferry")
    office.add("b", "Ferry disaster", minutes=10, event="ferry", provider="Orbis")
    for number in range(4):
        office.add(f"copy{number}", "A ferry sinks", minutes=5, event="ferry", group="a", provider=f"Paper {number}")
    office.add("x", "Bridge opens", minutes=1, event="slow")
    office.add("y", "New bridge", minutes=12, event="slow", provider="Orbis")
    assert check(15) == 0, "two agencies, and four copies of one of them"
    office.add("c", "Ferry sinks", minutes=20, event="ferry", provider="Vorwerk")
    assert check(21) == 1
    office.add("d", "Ferry sinks, all saved", minutes=22, event="ferry", provider="Quillon")
    office.add("z", "The new bridge", minutes=300, event="slow", provider="Vorwerk")
    assert check(301) == 0
    (body,) = (json.loads(body) for _, body in office.receiver.taken)
    assert body["event"] == "breaking"
    assert body["text"].startswith("BREAKING: A ferry sinks\nhttps://desk.example/event/")
    assert "Talvek, Orbis and Vorwerk within 19 minutes" in body["story"]["summary"]
    office.add("a", "A ferry sinks", minutes=302, version=2, event="ferry", killed=True, pubstatus="canceled")
    assert check(303) == 1
    assert office.receiver.notices == [("breaking", "a"), ("kill", "a")]
