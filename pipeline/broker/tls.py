"""TLS of a client's connection, from the settings."""

from __future__ import annotations

import ssl

from pipeline.settings import Tls
from pipeline.settings.trust import client_context


def ssl_context(tls: Tls) -> ssl.SSLContext:
    """A client's TLS context: trusted authorities, client certificate, host name check."""
    context = client_context(tls.ca_file)
    context.check_hostname = tls.verify_hostname
    if tls.certificate_file:
        password = tls.key_password.read() if tls.key_password else None
        context.load_cert_chain(tls.certificate_file, tls.key_file, password)
    return context
