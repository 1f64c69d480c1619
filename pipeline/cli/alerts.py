"""``wiredesk alerts``: run the saved searches, check their files, try one, list them.

Heavy imports are inside the functions, so that ``--help`` answers at once.
"""

from __future__ import annotations

import signal
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.console import ConfigOption, begin, console
from pipeline.events.errors import ConfigurationError

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from pipeline.alerts.config import Alert
    from pipeline.settings import Settings

app = typer.Typer(invoke_without_command=True, help="Run the saved searches, check, try or list them.")


def _tell(message: str) -> None:
    console.print(message, highlight=False, markup=False, soft_wrap=True)


@app.callback()
def run(context: typer.Context, config: ConfigOption = None) -> None:
    """Run the saved searches in alerts.directory every few seconds, and send each new story once.

    Files that are added, changed or removed are taken over while this runs.
    """
    if context.invoked_subcommand is not None:
        return
    from pipeline.alerts.service import AlertService  # noqa: PLC0415
    from pipeline.broker.elasticsearch_client import elasticsearch_client  # noqa: PLC0415
    from pipeline.runtime.monitoring import monitored  # noqa: PLC0415
    from pipeline.runtime.problem_reader import ProblemReader  # noqa: PLC0415

    settings = begin(config)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with elasticsearch_client(settings.elasticsearch) as client:
        problems = ProblemReader(settings, client)
        service = AlertService(settings, client, problems=problems)
        names = ", ".join(alert.name for alert in service.alerts)
        _tell(
            f"Watching for {names}." if names else f"No enabled alert in {settings.alerts.directory}; waiting for one."
        )
        with monitored("alerts", settings, installation=False) as monitor:
            monitor.started()
            service.run(stopping)


@app.command()
def check(config: ConfigOption = None) -> None:
    """Check every file: keys and values, addresses, secrets that are set, the mail server.

    Exit code 2: something is wrong.
    """
    from pipeline.alerts.config import read_alerts  # noqa: PLC0415

    settings = begin(config, level="error").alerts
    files = read_alerts(settings.directory)
    wrong = [str(error) for error in files.errors.values()]
    for path, alert in files.alerts.items():
        problems = alert.problems(settings)
        wrong += [f"{path}: {problem}" for problem in problems]
        if not problems:
            _tell(f"{alert.name}: correct{'' if alert.enabled else ', not enabled'}")
    for line in wrong:
        _tell(line)
    if not files.alerts and not files.errors:
        _tell(f"No alerts in {settings.directory}.")
    if wrong:
        raise typer.Exit(2)


@app.command("try")
def try_(
    name: Annotated[str, typer.Argument(help="The alert: the name of its file, without .yaml.")],
    hours: Annotated[float, typer.Option("--hours", min=0.1, max=24 * 366, help="How far to look back.")] = 24.0,
    send: Annotated[bool, typer.Option("--send", help="Send the newest story to the alert's receivers.")] = False,
    config: ConfigOption = None,
) -> None:
    """Show what an alert would have sent in the last hours; nothing is sent or recorded."""
    from pipeline.alerts.delivery import desk_address  # noqa: PLC0415
    from pipeline.alerts.message import headline, page  # noqa: PLC0415
    from pipeline.alerts.service import AlertService, find_alert  # noqa: PLC0415
    from pipeline.broker.elasticsearch_client import elasticsearch_client  # noqa: PLC0415

    settings = begin(config, level="error")
    alert, now = find_alert(settings, name), datetime.now(UTC)
    with elasticsearch_client(settings.elasticsearch) as client:
        if alert.watch == "installation":
            _try_installation(settings, client, alert, send=send)
            return
        service = AlertService(settings, client, [alert])
        notices = service.preview(alert, now - timedelta(hours=hours), now)
        for notice in notices:
            _tell(f"{str(notice.story['version_created'])[:16]}  {headline(notice, now)}")
            _tell(f"  {page(notice, desk_address(settings))}")
        _tell(f"{len(notices)} {'story' if len(notices) == 1 else 'stories'} in the last {hours:g} hours.")
        if send:
            if not notices:
                raise ConfigurationError("There is no story to send.", hint="Look back further: --hours.")
            service.send_test(alert, notices[-1], now)
            _tell(f"Sent: {headline(notices[-1], now)}")


def _try_installation(settings: Settings, client: Elasticsearch, alert: Alert, *, send: bool) -> None:
    from pipeline.alerts.delivery import desk_address, post, send_mail  # noqa: PLC0415
    from pipeline.alerts.problem_message import ProblemNotice, mail, payload  # noqa: PLC0415
    from pipeline.events.problem import Problem  # noqa: PLC0415
    from pipeline.runtime.problem_reader import ProblemReader  # noqa: PLC0415

    now, reader = datetime.now(UTC), ProblemReader(settings, client)
    problems = list(reader())
    reader.close()
    for problem in problems:
        _tell(f"{problem.subject}: {problem.message}")
    _tell(f"{len(problems)} {'problem' if len(problems) == 1 else 'problems'} now.")
    if send:
        first = problems[0] if problems else Problem("test", "Test", "Nothing is wrong; this message is a test.")
        notice, desk = ProblemNotice(alert.name, "problem", first, now), desk_address(settings)
        if alert.webhook:
            post(alert.webhook, payload(notice, desk), notice.key)
        if alert.email:
            send_mail(mail([notice], settings.alerts.mail_from or "", alert.email.to, desk, now), settings.alerts)
        _tell(f"Sent: {notice.line}")


@app.command("list")
def list_(config: ConfigOption = None) -> None:
    """List the alerts: where each sends to, when it looked last, how many stories it has sent."""
    from urllib.parse import urlsplit  # noqa: PLC0415

    from rich.table import Table  # noqa: PLC0415

    from pipeline.alerts.config import read_alerts  # noqa: PLC0415
    from pipeline.alerts.state import AlertState  # noqa: PLC0415
    from pipeline.broker.elasticsearch_client import elasticsearch_client  # noqa: PLC0415

    settings = begin(config, level="error")
    files = read_alerts(settings.alerts.directory)
    table = Table("alert", "sends to", "looked last", "stories sent")
    with elasticsearch_client(settings.elasticsearch) as client:
        state = AlertState(client, settings.elasticsearch)
        state.prepare()
        for alert in files.alerts.values():
            receivers = [urlsplit(alert.webhook.url).hostname or ""] if alert.webhook else []
            receivers += alert.email.to if alert.email else ()
            cursor = state.cursor(alert.name)
            looked = f"{cursor.looked:%Y-%m-%d %H:%M}" if cursor else "never"
            looked = looked if alert.enabled else "not enabled"
            sent = f"{state.count(alert.name):,}" if alert.watch != "installation" else "-"
            table.add_row(alert.name, ", ".join(receivers), looked, sent)
    console.print(table)
    for error in files.errors.values():
        _tell(str(error))
