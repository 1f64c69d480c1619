"""TLS of a client's connection, from the settings."""

from __future__ import annotations

import ssl

from pipeline.settings import Tls


def ssl_context(tls: Tls) -> ssl.SSLContext:
    """A client's TLS context: trusted authorities, client certificate, host name check."""
    context = ssl.create_default_context(cafile=str(tls.ca_file) if tls.ca_file else None)
    context.check_hostname = tls.verify_hostname
    if tls.certificate_file:
        password = tls.key_password.read() if tls.key_password else None
        context.load_cert_chain(tls.certificate_file, tls.key_file, password)
    return context
