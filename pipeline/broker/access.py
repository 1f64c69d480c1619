"""Whether a broker lets us in, asked once before the clients are: they try again for ever and do not say why.

Waiting does not help against a wrong password or an untrusted certificate, as it does where a broker does not answer.
"""

from __future__ import annotations

import asyncio
import ssl

from aiokafka.conn import create_conn
from aiokafka.errors import (
    AuthenticationFailedError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from pipeline.broker.kafka_clients import security_options
from pipeline.events.errors import ConfigurationError
from pipeline.settings import KafkaSettings

_SECONDS = 10


def require_access(kafka: KafkaSettings) -> None:
    """Log in at the first broker that answers; nothing where none does, or where the broker asks for no log-in.

    Raises:
        ConfigurationError: the broker refuses the log-in, or its certificate is not trusted.
    """
    if kafka.tls or kafka.sasl:
        asyncio.run(_log_in_and_out(kafka))


async def _log_in_and_out(kafka: KafkaSettings) -> None:
    try:
        await _log_in(kafka)
    finally:
        # The client closes a refused connection, but does not wait until it is closed.
        await asyncio.sleep(0.1)


async def _log_in(kafka: KafkaSettings) -> None:
    security = security_options(kafka)
    for server in kafka.bootstrap_servers.split(","):
        host, _, port = server.strip().rpartition(":")
        try:
            connection = await create_conn(host.strip("[]"), int(port), request_timeout_ms=_SECONDS * 1000, **security)
        except (AuthenticationFailedError, SaslAuthenticationFailed, UnsupportedSaslMechanismError) as error:
            who = kafka.sasl.username if kafka.sasl else "this client"
            raise ConfigurationError(
                f"Kafka at {server} refuses the log-in of {who}: {error}.",
                hint="Check kafka.sasl: mechanism, username and password.",
            ) from error
        except ssl.SSLError as error:
            raise ConfigurationError(
                f"The TLS connection to Kafka at {server} fails: {error.reason or error}. Its certificate must come "
                "from an authority that is trusted here, and name the host.",
                hint="Check kafka.tls: ca_file, certificate_file, verify_hostname.",
            ) from error
        except (KafkaError, OSError):
            continue
        await connection.close()
        return
