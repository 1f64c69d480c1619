"""``wiredesk kibana``: install data views and dashboards, or write them to a file."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.console import ConfigOption, begin, console
from pipeline.events.errors import ConfigurationError

app = typer.Typer(no_args_is_help=True, help="Kibana: data views, saved searches and four dashboards.")


def _tell(message: str) -> None:
    console.print(f"  {message}", highlight=False, markup=False, soft_wrap=True)


@app.command()
def install(
    url: Annotated[str, typer.Option("--url", help="Address of Kibana, with its base path: http://127.0.0.1:5601")],
    space: Annotated[
        str | None, typer.Option("--space", help="Id of a Kibana space, created if it does not exist.")
    ] = None,
    api_key_env: Annotated[
        str | None, typer.Option("--api-key-env", help="Name of the environment variable that holds an API key.")
    ] = None,
    ca_file: Annotated[
        Path | None, typer.Option("--ca-file", help="File with the authority (CA) of Kibana's certificate.")
    ] = None,
    wait: Annotated[float, typer.Option("--wait", min=0, help="Seconds to wait until Kibana is ready.")] = 120,
    config: ConfigOption = None,
) -> None:
    """Install data views, saved searches and dashboards, or update them.

    Changes made by hand in these objects are overwritten: make them in copies. Links to a story's page use the setting
    desk.url.
    """
    import httpx  # noqa: PLC0415 - heavy: --help must be quick

    from pipeline.kibana.install import KibanaInstaller  # noqa: PLC0415
    from pipeline.settings.trust import client_context  # noqa: PLC0415

    headers = {"Authorization": f"ApiKey {_secret(api_key_env)}"} if api_key_env else {}
    objects = _objects(config)
    with httpx.Client(base_url=url.rstrip("/"), headers=headers, verify=client_context(ca_file), timeout=60) as client:
        done = KibanaInstaller(client, _tell).install(objects, space=space, wait_seconds=wait)
    where = f"space {done.space}{' (new)' if done.space_created else ''}" if done.space else "the default space"
    _tell(f"{done.objects} objects in {where} of Kibana {done.version}: {url.rstrip('/')}/app/dashboards")


def _objects(config: Path | None) -> bytes:
    from pipeline.kibana.objects import ndjson, saved_objects  # noqa: PLC0415
    from pipeline.kibana.specification import load_specification  # noqa: PLC0415

    settings = begin(config, level="warning")
    desk_url = settings.desk.url or f"http://{settings.desk.host}:{settings.desk.port}"
    return ndjson(saved_objects(load_specification(), settings.elasticsearch.prefix, desk_url))


def _secret(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise ConfigurationError(f"The environment variable {name} is not set.", hint=f"Set it: export {name}=…")
    return value


@app.command()
def generate(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write to instead of standard output.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Write the saved objects as NDJSON, for an import by hand (Stack Management, Saved Objects)."""
    objects = _objects(config)
    if output:
        output.write_bytes(objects)
        _tell(f"{len(objects.splitlines())} objects in {output}")
    else:
        sys.stdout.buffer.write(objects)
        sys.stdout.buffer.flush()
