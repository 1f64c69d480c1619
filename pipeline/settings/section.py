"""What all sections of the settings share: strict keys, secrets, TLS."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipeline.events.errors import ConfigurationError
from pipeline.settings.redaction import hide_from_now_on


class Section(BaseModel):
    """A section of a configuration file: unknown keys are refused.

    Attributes:
        renamed_keys: old name of a key → its name now. The old one is still read, with a warning (renamed.py).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    renamed_keys: ClassVar[Mapping[str, str]] = {}


_MAX_SECRET_BYTES = 65_536


class Secret(Section):
    """Where a secret is: in an environment variable or in a file."""

    env: str | None = Field(None, description="Name of the environment variable that holds the secret.")
    file: Path | None = Field(None, description="Path of the file that holds the secret.")

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.env is None) == (self.file is None):
            raise ValueError("name exactly one of env (an environment variable) or file (a path)")
        return self

    def read(self, min_chars: int = 1) -> str:
        """The secret itself. From now on it is removed from logs and messages.

        Args:
            min_chars: shorter ones are refused; a secret that authenticates others needs some length.

        Raises:
            ConfigurationError: it is not there, is empty, too short, or cannot be a secret.
        """
        place = f"The environment variable {self.env}" if self.env is not None else f"The secret file {self.file}"
        value = self._value().strip()
        if not value and self.env is not None:
            raise ConfigurationError(f"{place} is not set.", hint=f"Set it: export {self.env}=…")
        if not value:
            raise ConfigurationError(f"{place} is empty.", hint="Write the secret into it.")
        hide_from_now_on(value)
        if len(value) < min_chars:
            raise ConfigurationError(
                f"{place} holds {len(value)} characters; at least {min_chars} are needed.",
                hint="Make one: python -c 'import secrets; print(secrets.token_urlsafe(32))'",
            )
        if not value.isprintable():
            raise ConfigurationError(f"{place} holds a line break or control character within the secret.")
        return value

    def read_text(self) -> str:
        """A secret of several lines, such as a key in PEM.

        Raises:
            ConfigurationError: it is not there or is empty.
        """
        value = self._value()
        if not value.strip():
            raise ConfigurationError(f"The secret {self.env or self.file} is empty or not set.")
        return value

    def _value(self) -> str:
        if self.env is not None:
            return os.environ.get(self.env, "")
        assert self.file is not None
        try:
            with self.file.open("rb") as file:
                data = file.read(_MAX_SECRET_BYTES + 1)
            if len(data) > _MAX_SECRET_BYTES:
                raise ConfigurationError(f"The secret file {self.file} has more than {_MAX_SECRET_BYTES:,} bytes.")
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ConfigurationError(f"The secret file {self.file} is not UTF-8.") from error
        except OSError as error:
            raise ConfigurationError(f"The secret file {self.file} cannot be read: {error.strerror}.") from error


class Tls(Section):
    """TLS of a connection."""

    ca_file: Path | None = Field(
        None, description="PEM file of the authorities to trust; null: those that the operating system trusts."
    )
    certificate_file: Path | None = Field(None, description="PEM file of the client's own certificate, if any.")
    key_file: Path | None = Field(
        None, description="PEM file of the certificate's key; null: the key is in certificate_file."
    )
    key_password: Secret | None = Field(None, description="Password of the key, if it is encrypted.")
    verify_hostname: bool = Field(True, description="Refuse a certificate that was issued for another host name.")


def secrets_of(section: BaseModel) -> Iterator[Secret]:
    """Every secret that a section and the sections in it name."""
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, Secret):
            yield value
        elif isinstance(value, BaseModel):
            yield from secrets_of(value)
