"""Certificates for tests: an authority, and what it issues for this machine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Issuer(NamedTuple):
    """Who signs certificates."""

    name: x509.Name
    key: ec.EllipticCurvePrivateKey


def issued(directory: Path, name: str, by: Issuer | None = None, host: str = "127.0.0.1") -> Issuer:
    """Write a key and a certificate: NAME.crt has the certificate, NAME.pem both.

    Args:
        directory: to write to.
        name: of the files and of the certificate's subject.
        by: ``None``: it is an authority, signed by itself.
        host: that it is for: an IPv4 address or a name.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = by or Issuer(subject, key)
    now = datetime.now(UTC)
    numeric = host.replace(".", "").isdigit()
    alternative = x509.IPAddress(IPv4Address(host)) if numeric else x509.DNSName(host)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .sign(issuer.key, hashes.SHA256())
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (directory / f"{name}.crt").write_bytes(public)
    (directory / f"{name}.pem").write_bytes(private + public)
    return Issuer(subject, key)
