"""An authority of our own, and the broker's certificate by it. Sole owner of cryptography.

Elliptic curve P-256, as every TLS library of the last ten years has it. A station that is set up
and forgotten must not fall silent because a date has passed: both are valid for many years, and a
stolen key is answered by a new authority, not by waiting.
"""

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

YEARS: Final = 20
_EARLIER: Final = timedelta(days=1)
"""Clocks of ground stations are not all right."""


class Issued(NamedTuple):
    """A certificate and its key, both PEM."""

    certificate: bytes
    key: bytes


def authority(now_us: int) -> Issued:
    """A new authority, which signs for its own broker and for nobody else."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "windsock")])
    builder = _valid(x509.CertificateBuilder(), now_us).subject_name(name).issuer_name(name)
    builder = builder.public_key(key.public_key()).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=True,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = builder.add_extension(usage, critical=True).add_extension(
        x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
    )
    return _issued(builder, key, key)


def for_server(hosts: Sequence[str], signed_by: Issued, now_us: int) -> Issued:
    """A certificate for a server that is reached as any of *hosts*: names or IP addresses."""
    issuer = x509.load_pem_x509_certificate(signed_by.certificate)
    issuer_key = serialization.load_pem_private_key(signed_by.key, password=None)
    if not isinstance(issuer_key, ec.EllipticCurvePrivateKey):
        raise TypeError("the authority's key is not one that `authority` made")
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _valid(x509.CertificateBuilder(), now_us).issuer_name(issuer.subject)
    builder = builder.subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "windsock broker")])
    ).public_key(key.public_key())
    for extension, critical in (
        (x509.SubjectAlternativeName([_name(host) for host in hosts]), False),
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False),
    ):
        builder = builder.add_extension(extension, critical=critical)
    return _issued(builder, key, issuer_key)


def hosts_of(certificate: bytes) -> list[str]:
    """The names and addresses that a server's certificate (PEM) is for."""
    loaded = x509.load_pem_x509_certificate(certificate)
    names = loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(name.value) for name in names]


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _valid(builder: x509.CertificateBuilder, now_us: int) -> x509.CertificateBuilder:
    since = datetime.fromtimestamp(now_us // 1_000_000, UTC) - _EARLIER
    until = since.replace(year=since.year + YEARS, day=min(since.day, 28))
    numbered = builder.serial_number(x509.random_serial_number())
    return numbered.not_valid_before(since).not_valid_after(until)


def _issued(
    builder: x509.CertificateBuilder,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
) -> Issued:
    return Issued(
        builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
