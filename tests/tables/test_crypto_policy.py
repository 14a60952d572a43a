"""crypto_policy: what the whole system allows; openssl says the same."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows

CHAIN = "openssl_conf = a # c\n.include /etc/ssl/more.d\n[a]\nssl_conf = b\n[ b ]\nsystem_default = c\n"


def found(tmp_path: Path, files: dict[str, str]) -> dict[tuple[object, object], object]:
    return {(row["instance"], row["name"]): row["value"] for row in rows("crypto_policy", make_root(tmp_path, files))}


@pytest.mark.parametrize(
    ("text", "protocol", "level"),
    [
        (CHAIN + "[c]\nMinProtocol = TLSv1.2\nCipherString = DEFAULT@SECLEVEL=2\n", "TLSv1.2", "2"),
        (CHAIN + "[c]\nMinProtocol = TLSv1.2\nMinProtocol = TLSv1\n", "TLSv1", ""),
        (CHAIN + "[c]\nTLS.MinProtocol = TLSv1.1\nDTLS.MinProtocol = DTLSv1\n", "TLSv1.1", ""),
        (CHAIN + "[other]\nMinProtocol = None\n", "", ""),
        ("[c]\nMinProtocol = None\n", "", ""),
        (CHAIN + "[c]\nlow = TLSv1\nMinProtocol = $low\nCipherString = A:\\\n@SECLEVEL=0\n", "TLSv1", "0"),
    ],
)
def test_only_the_section_that_every_program_gets_counts(tmp_path: Path, text: str, protocol: str, level: str) -> None:
    values = found(tmp_path, {"/etc/ssl/openssl.cnf": text})
    assert (values["openssl", "min_protocol"], values["openssl", "seclevel"]) == (protocol, level)


def test_includes_are_followed(tmp_path: Path) -> None:
    files = {"/etc/ssl/openssl.cnf": CHAIN, "/etc/ssl/more.d/x.cnf": "[c]\nOptions = UnsafeLegacyRenegotiation\n"}
    assert found(tmp_path, files)["openssl", "options"] == "UnsafeLegacyRenegotiation"


def test_the_policy_of_fedora_and_gnutls(tmp_path: Path) -> None:
    files = {
        "/etc/crypto-policies/config": "# c\ndefault:sha1\n",
        "/etc/crypto-policies/state/current": "DEFAULT\n",
        "/etc/gnutls/config": "[overrides]\n# x\ndisabled-version = tls1.0\n",
    }
    values = found(tmp_path, files)
    assert (values["crypto-policies", "policy"], values["crypto-policies", "applied"]) == ("DEFAULT:SHA1", "DEFAULT")
    assert values["gnutls", "overrides.disabled-version"] == "tls1.0"


def test_nothing_here_is_absent(tmp_path: Path) -> None:
    assert read_table("crypto_policy", make_root(tmp_path, {})).status == "absent"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
@pytest.mark.parametrize(
    "lines", ["CipherString = $low # c", "CipherString = ALL@SECLEVEL=1\nCipherString = $low", "# CipherString = $low"]
)
def test_openssl_itself_takes_the_same_value(tmp_path: Path, lines: str) -> None:
    text = f"low = DEFAULT@SECLEVEL=3\nopenssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n{lines}\n"
    (tmp_path / "o.cnf").write_text(text)
    done = subprocess.run(
        ["openssl", "ciphers", "-s"],
        capture_output=True,
        text=True,
        check=True,
        env={"OPENSSL_CONF": str(tmp_path / "o.cnf")},
    )
    without_forward_secrecy = "AES128-SHA" in done.stdout.strip().split(":")  # allowed up to level 2
    ours = found(tmp_path / "root", {"/etc/ssl/openssl.cnf": text})["openssl", "seclevel"]
    assert (ours == "3") == (not without_forward_secrecy)
