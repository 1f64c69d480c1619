"""Which authorities a TLS client trusts: those that the operating system trusts, or a file of the settings.

On Linux that is OpenSSL's default store; the environment variables ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` name another,
which is how a proxy with its own authority is made known.
"""

from __future__ import annotations

import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.events.errors import ConfigurationError


def client_context(ca_file: Path | None = None) -> ssl.SSLContext:
    """A context for TLS clients: certificates and host names are verified.

    Args:
        ca_file: PEM file of the only authorities to trust; ``None``: those of the operating system.

    Raises:
        ConfigurationError: the file cannot be read, or holds no certificate.
    """
    if ca_file is not None:
        try:
            return ssl.create_default_context(cafile=str(ca_file))
        except OSError as error:
            raise ConfigurationError(
                f"The authorities in {ca_file} cannot be read: {error.strerror}.",
                hint="Name a PEM file with their certificates.",
            ) from error
    if sys.platform == "linux" and _has_default_store():
        # truststore would read the same store for each connection (measured: 30 ms of processor time).
        return ssl.create_default_context()
    import truststore  # noqa: PLC0415 - not needed on most servers

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _has_default_store() -> bool:
    """Whether the places that this OpenSSL looks at hold certificates: in some builds of Python they do not exist."""
    paths = ssl.get_default_verify_paths()
    return bool(paths.cafile) or bool(paths.capath and any(Path(paths.capath).iterdir()))


@contextmanager
def system_trust() -> Iterator[None]:
    """While it lasts, libraries that bring a list of authorities with them trust the operating system's as well.

    For libraries that offer no way to pass a context. It changes the ``ssl`` module of the process.
    """
    import truststore  # noqa: PLC0415

    truststore.inject_into_ssl()
    try:
        yield
    finally:
        truststore.extract_from_ssl()
