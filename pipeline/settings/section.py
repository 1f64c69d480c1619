"""What all sections of the settings share: strict keys, secrets, TLS."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipeline.events.errors import ConfigurationError


class Section(BaseModel):
    """A section of a configuration file: unknown keys are refused.

    Attributes:
        renamed_keys: old name of a key → its name now. The old one is still read, with a warning (renamed.py).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    renamed_keys: ClassVar[Mapping[str, str]] = {}


class Secret(Section):
    """Where a secret is: in an environment variable or in a file."""

    env: str | None = Field(None, description="Name of the environment variable that holds the secret.")
    file: Path | None = Field(None, description="Path of the file that holds the secret.")

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.env is None) == (self.file is None):
            raise ValueError("name exactly one of env (an environment variable) or file (a path)")
        return self

    def read(self) -> str:
        """The secret itself.

        Raises:
            ConfigurationError: the variable is not set or the file cannot be read.
        """
        if self.env is not None:
            value = os.environ.get(self.env)
            if not value:
                raise ConfigurationError(
                    f"The environment variable {self.env} is not set.", hint=f"Set it: export {self.env}=…"
                )
            return value
        assert self.file is not None
        try:
            return self.file.read_text(encoding="utf-8").strip()
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
