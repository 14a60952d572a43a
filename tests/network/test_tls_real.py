"""Real servers show what they were told to show: openssl s_server, nginx, Apache, Postfix, Dovecot, vsftpd, tlslite-ng."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from networktest import free_port, hosts, network_rows, read_network, site, unplanned
from secaudit.model import Consent, Status, TableStatus
from secaudit.protocols.tls import hello, suites
from secaudit.targets.recorder import Cache
from tabletest import open_to_others
from tlstest import judge, make_certificate, nginx, program, running, s_server, suite_names, survey_of

GOOD = (
    "ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305; ssl_prefer_server_ciphers off; "
)
BAD = (
    "ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers ALL:COMPLEMENTOFALL:!PSK:!SRP:@SECLEVEL=0; "
    "ssl_prefer_server_ciphers on; ssl_session_tickets off; "
)


def paper(pair: tuple[Path, Path]) -> str:
    return f"ssl_certificate {pair[0]}; ssl_certificate_key {pair[1]}; "


def test_a_good_nginx(tmp_path: Path) -> None:
    with nginx(tmp_path, GOOD + paper(make_certificate(tmp_path))) as port:
        access = site(f"https://localhost:{port}/")
        results = judge(access)
        found = survey_of(access, "localhost", port)
        tables = ("tls_handshakes", "tls_features")
        assert unplanned(access, *tables) == []
    failed = {name for name, (status, _) in results.items() if status is Status.FAIL}
    assert failed == {"tls-certificate-trusted", "tls-certificate-not-authority", "tls-post-quantum", "tls-http2"}
    assert {name: len(listed) for name, listed in suite_names(found).items()} == {"TLSv1.2": 3, "TLSv1.3": 3}
    assert found.versions[hello.TLS12].server_order is False
    assert found.connections < 50


def test_a_bad_nginx_with_an_expired_certificate(tmp_path: Path) -> None:
    old = make_certificate(tmp_path, "old", "-sha1", key=("-newkey", "rsa:1024"))
    settings = BAD + paper(old) + f"ssl_ecdh_curve prime192v1:X25519; ssl_dhparam {tmp_path}/dh.pem; "
    subprocess.run(
        [program("openssl"), "dhparam", "-dsaparam", "-out", f"{tmp_path}/dh.pem", "1024"],
        check=True,
        capture_output=True,
    )
    with nginx(tmp_path, settings) as port:
        results = judge(hosts("localhost", ports=[port]))
        access = hosts("localhost", ports=[port])
        found = survey_of(access, "localhost", port)
    failed = {name for name, (status, _) in results.items() if status is Status.FAIL}
    assert failed >= {
        "tls-no-old-versions", "tls-version-1-3", "tls-no-null-suites", "tls-no-anonymous-suites",
        "tls-suites-forward-secrecy", "tls-suites-authenticated", "tls-dh-size", "tls-curve-size",
        "tls-certificate-key", "tls-certificate-signature",
    }  # fmt: skip
    assert found.versions[hello.TLS12].server_order is True
    assert found.dh_bits == 1024


def local_suites(version: str) -> list[str]:
    """Suites of RSA that this openssl can serve in a version, by the names of IANA."""
    words = [program("openssl"), "ciphers", "-s", f"-{version}", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"]
    lines = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    # of those that need no certificate of ECDSA, no shared key and no password
    return sorted(
        line.split()[0]
        for line in lines
        if re.search(r"Au=(RSA|None|any)\b", line)
        and "SRP" not in line
        and "PSK" not in line
        and not (version != "tls1_3" and "Au=any" in line)
    )


@pytest.mark.parametrize(("option", "version"), [("tls1", "TLSv1.0"), ("tls1_1", "TLSv1.1"), ("tls1_2", "TLSv1.2")])
def test_every_suite_that_openssl_serves_is_found(option: str, version: str, tmp_path: Path) -> None:
    pair = make_certificate(tmp_path, "rsa", key=("-newkey", "rsa:2048"))
    with s_server(tmp_path, f"-{option}", "-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0", certificate=pair) as port:
        found = suite_names(survey_of(hosts("127.0.0.1", ports=[port]), "127.0.0.1", port))
    assert found == {version: local_suites(option)}


def test_every_suite_of_tls_1_3(tmp_path: Path) -> None:
    wanted = ["TLS_AES_128_CCM_8_SHA256", "TLS_AES_128_CCM_SHA256", "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
              "TLS_CHACHA20_POLY1305_SHA256"]  # fmt: skip
    with s_server(tmp_path, "-tls1_3", "-ciphersuites", ":".join(wanted), "-groups", "P-384:X448") as port:
        found = survey_of(hosts("127.0.0.1", ports=[port]), "127.0.0.1", port)
    assert suite_names(found) == {"TLSv1.3": wanted}
    assert (sorted(found.groups13), found.groups13_complete) == ([24, 30], True)
    assert found.best_old is None


@pytest.mark.parametrize(
    "name",
    ["ECDHE-RSA-AES128-GCM-SHA256", "AES256-SHA", "DHE-RSA-CHACHA20-POLY1305", "NULL-SHA256", "AECDH-AES128-SHA"],
)
def test_one_suite_alone(name: str, tmp_path: Path) -> None:
    pair = make_certificate(tmp_path, "rsa", key=("-newkey", "rsa:2048"))
    with s_server(tmp_path, "-tls1_2", "-cipher", f"{name}:@SECLEVEL=0", certificate=pair) as port:
        found = survey_of(hosts("127.0.0.1", ports=[port]), "127.0.0.1", port)
    words = [program("openssl"), "ciphers", "-stdname", "-tls1_2", "-s", f"{name}:@SECLEVEL=0"]
    named = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()[0]
    assert suite_names(found) == {"TLSv1.2": [named]}


def test_the_facts_of_suites_are_those_of_openssl() -> None:
    words = [program("openssl"), "ciphers", "-V", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"]
    lines = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(lines) > 100
    for line in lines:
        match = re.match(r"\s*0x(..),0x(..) - (\S+)", line)
        assert match is not None
        one = suites.suite(int(match[1] + match[2], 16))
        bits = re.search(r"Enc=[\w/]+(?:\((\d+)\))?", line)
        assert one.name == match[3]
        assert bits is not None
        assert one.bits == int(bits[1] or 0), line
        assert one.aead == ("Mac=AEAD" in line), line
        assert one.forward_secrecy == bool(re.search(r"Kx=(ECDH|DH|ECDHEPSK|DHEPSK|SRP|any)\b", line)), line
        assert (one.authentication == "anon") == ("Au=None" in line and "Kx=SRP" not in line), line


def test_a_visitor_needs_no_active_consent(tmp_path: Path) -> None:
    with nginx(tmp_path, GOOD + paper(make_certificate(tmp_path))) as port:
        access = site(f"https://localhost:{port}/", Consent(local=True, level="passive"))
        results = judge(access)
        sent = access.gate.sent()
    assert results["tls-handshake-version"][0] is Status.PASS
    assert results["tls-certificate-key"][0] is Status.PASS
    assert results["tls-no-ssl"][0] is Status.UNKNOWN
    assert len(sent) <= 3


def test_plain_http_is_no_tls(tmp_path: Path) -> None:
    port = free_port()
    with running([sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)], port, tmp_path):
        access = hosts("127.0.0.1", ports=[port])
        data = read_network("tls_handshakes", access)
    assert (data.status, data.reason) == (TableStatus.ABSENT, "no port is open that speaks TLS")


def test_apache(tmp_path: Path) -> None:
    paper_path, key = make_certificate(tmp_path, "rsa", key=("-newkey", "rsa:2048"))
    port = free_port()
    modules = "/usr/lib/apache2/modules"
    if not Path(modules, "mod_ssl.so").exists():
        pytest.skip("apache2 is not installed")
    loads = "\n".join(
        f"LoadModule {name}_module {modules}/mod_{name}.so"
        for name in ("mpm_event", "authz_core", "ssl", "socache_shmcb")
    )
    (tmp_path / "httpd.conf").write_text(
        f"ServerRoot {tmp_path}\n{loads}\nServerName localhost\nPidFile {tmp_path}/pid\nErrorLog {tmp_path}/error.log\n"
        f"Mutex file:{tmp_path}\nDefaultRuntimeDir {tmp_path}\nListen 127.0.0.1:{port}\nSSLEngine on\n"
        f"SSLCertificateFile {paper_path}\nSSLCertificateKeyFile {key}\nSSLProtocol -all +TLSv1.2\n"
        "SSLCipherSuite ECDHE-RSA-AES128-GCM-SHA256:AES128-SHA\nSSLHonorCipherOrder on\n"
    )
    argv = [program("apache2"), "-X", "-f", str(tmp_path / "httpd.conf")]
    with running(argv, port, tmp_path):
        found = survey_of(hosts("127.0.0.1", ports=[port]), "127.0.0.1", port)
    assert suite_names(found) == {"TLSv1.2": ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA"]}
    assert found.versions[hello.TLS12].server_order is True


TLSLITE = """
import socket, sys, threading
from tlslite.api import HandshakeSettings, TLSConnection, X509CertChain, parsePEMKey
paper, key, port, low, high = sys.argv[1:]
chain = X509CertChain(); chain.parsePemList(open(paper).read())
key = parsePEMKey(open(key).read(), private=True)
settings = HandshakeSettings()
settings.minVersion, settings.maxVersion = tuple(map(int, low.split("."))), tuple(map(int, high.split(".")))
settings.versions = [one for one in settings.versions if settings.minVersion <= one <= settings.maxVersion]
settings.cipherNames = ["aes128gcm", "aes256", "aes128", "3des", "rc4", "null"]
settings.macNames = ["sha", "sha256", "sha384", "md5", "aead"]
settings.minKeySize = 512
server = socket.create_server(("127.0.0.1", int(port)))
def one(client):
    try:
        TLSConnection(client).handshakeServer(certChain=chain, privateKey=key, settings=settings)
    except Exception:
        pass
    client.close()
while True:
    client, _ = server.accept()
    threading.Thread(target=one, args=(client,), daemon=True).start()
"""


def test_ssl_3_with_rc4_and_triple_des_which_no_openssl_speaks_any_more(tmp_path: Path) -> None:
    pytest.importorskip("tlslite", reason="tlslite-ng is not installed")
    paper_path, key = make_certificate(tmp_path, "rsa", key=("-newkey", "rsa:2048"))
    port = free_port()
    (tmp_path / "server.py").write_text(TLSLITE)
    argv = [sys.executable, str(tmp_path / "server.py"), str(paper_path), str(key), str(port), "3.0", "3.3"]
    with running(argv, port, tmp_path):
        access = hosts("localhost", ports=[port])
        found = survey_of(access, "localhost", port)
        results = judge(hosts("localhost", ports=[port]))
    listed = suite_names(found)
    assert set(listed) == {"SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2"}
    assert {"TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_3DES_EDE_CBC_SHA", "TLS_RSA_WITH_NULL_SHA"} <= set(
        listed["SSLv3"]
    )
    failed = {name for name, (status, _) in results.items() if status is Status.FAIL}
    assert failed >= {"tls-no-ssl", "tls-no-old-versions", "tls-no-weak-ciphers", "tls-no-null-suites"}


def test_a_server_with_ssl_3_only_still_shows_its_certificate(tmp_path: Path) -> None:
    pytest.importorskip("tlslite", reason="tlslite-ng is not installed")
    paper_path, key = make_certificate(tmp_path, "rsa", key=("-newkey", "rsa:2048"))
    port = free_port()
    (tmp_path / "server.py").write_text(TLSLITE)
    argv = [sys.executable, str(tmp_path / "server.py"), str(paper_path), str(key), str(port), "3.0", "3.0"]
    with running(argv, port, tmp_path):
        access = hosts("localhost", ports=[port])
        cache = Cache()
        rows = network_rows("tls_certificates", access, cache)
        shakes = network_rows("tls_handshakes", access, cache)
        trust = network_rows("tls_trust", access, cache)
    assert [row["common_name"] for row in rows] == ["localhost"]
    assert [row["version"] for row in shakes] == ["SSLv3"]
    assert [(row["trusted"], row["name_matches"]) for row in trust] == [(None, 1)]


# ---------------------------------------------------------------- STARTTLS


@contextlib.contextmanager
def postfix(folder: Path, *settings: str) -> Iterator[int]:
    """Postfix with one smtpd."""
    master = Path("/usr/lib/postfix/sbin/master")
    if not master.exists() or os.geteuid() != 0:
        pytest.skip("postfix is not installed, or this is not root, from whom it changes to its own account")
    open_to_others(folder)
    port = free_port()
    config, queue, data = folder / "etc", folder / "queue", folder / "data"
    for one in (config, queue, data):
        one.mkdir()
    shutil.chown(data, "postfix")
    (config / "main.cf").write_text(
        f"compatibility_level = 3.6\nqueue_directory = {queue}\ndata_directory = {data}\ninet_interfaces = loopback-only\n"
        f"myhostname = localhost\nmaillog_file = {folder}/mail.log\nmaillog_file_prefixes = {folder}\n"
        "alias_maps =\nlocal_recipient_maps =\nsmtpd_tls_session_cache_database =\n" + "\n".join(settings) + "\n"
    )
    (config / "master.cf").write_text(
        f"127.0.0.1:{port} inet n - n - - smtpd\npostlog unix-dgram n - n - 1 postlogd\n"
        "tlsmgr unix - - n 1000? 1 tlsmgr\nrewrite unix - - n - - trivial-rewrite\nanvil unix - - n - 1 anvil\n"
        "cleanup unix n - n - 0 cleanup\nqmgr unix n - n 300 1 qmgr\npickup unix n - n 60 1 pickup\n"
    )
    subprocess.run([program("postfix"), "-c", str(config), "check"], capture_output=True, check=False)
    with running([str(master), "-c", str(config), "-d"], port, folder):
        yield port


DOVECOT = """
protocols = imap pop3
base_dir = {folder}/run
log_path = {folder}/dovecot.log
listen = 127.0.0.1
passdb {{
  driver = static
  args = password=none
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}
}}
ssl = {ssl}
ssl_cert = <{paper}
ssl_key = <{key}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {other}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
"""


@pytest.mark.parametrize("ssl", ["yes", "no"])
def test_dovecot(ssl: str, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("dovecot needs root to change to its own accounts")
    open_to_others(tmp_path)
    paper_path, key = make_certificate(tmp_path)
    port, other = free_port(), free_port()
    text = DOVECOT.format(folder=tmp_path, ssl=ssl, paper=paper_path, key=key, port=port, other=other)
    (tmp_path / "dovecot.conf").write_text(text)
    with running([program("dovecot"), "-F", "-c", str(tmp_path / "dovecot.conf")], port, tmp_path):
        access = hosts("localhost", ports=[port, other])
        cache = Cache()
        rows = network_rows("tls_starttls", access, cache)
        papers = read_network("tls_certificates", access, cache).rows
    assert sorted((row["protocol"], row["offered"]) for row in rows) == [
        ("imap", int(ssl == "yes")),
        ("pop3", int(ssl == "yes")),
    ]
    assert len(papers) == (2 if ssl == "yes" else 0)


@pytest.mark.parametrize("level", ["may", "none"])
def test_postfix(level: str, tmp_path: Path) -> None:
    paper_path, key = make_certificate(tmp_path)
    settings = (f"smtpd_tls_security_level = {level}", f"smtpd_tls_chain_files = {key}, {paper_path}")
    with postfix(tmp_path, *settings) as port:
        access = hosts("localhost", ports=[port])
        cache = Cache()
        rows = network_rows("tls_starttls", access, cache)
        results = judge(hosts("localhost", ports=[port]))
    assert [(row["protocol"], row["offered"]) for row in rows] == [("smtp", int(level == "may"))]
    expected = (Status.PASS, Status.PASS) if level == "may" else (Status.FAIL, Status.NOT_APPLICABLE)
    assert (results["tls-starttls-offered"][0], results["tls-version-1-3"][0]) == expected


@pytest.mark.parametrize("on", [True, False])
def test_vsftpd(on: bool, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("vsftpd needs root to change to its own account")
    paper_path, key = make_certificate(tmp_path)
    port = free_port()
    (tmp_path / "empty").mkdir()
    (tmp_path / "vsftpd.conf").write_text(
        f"listen=YES\nlisten_address=127.0.0.1\nlisten_port={port}\nbackground=NO\nsecure_chroot_dir={tmp_path}/empty\n"
        f"seccomp_sandbox=NO\nlocal_enable=YES\nssl_enable={'YES' if on else 'NO'}\n"
        f"rsa_cert_file={paper_path}\nrsa_private_key_file={key}\n"
    )
    with running([program("vsftpd"), str(tmp_path / "vsftpd.conf")], port, tmp_path):
        rows = network_rows("tls_starttls", hosts("localhost", ports=[port]))
    assert [(row["protocol"], row["offered"]) for row in rows] == [("ftp", int(on))]
