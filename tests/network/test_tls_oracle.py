"""The same suites in each version as other scanners find, server by server. Where they differ, it is written down why."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from xml.etree import ElementTree

import pytest
from test_tls_real import BAD, GOOD, TLSLITE, paper

from networktest import free_port, hosts, oracle
from tlstest import make_certificate, nginx, program, running, s_server, suite_names, survey_of

SSLYZE = oracle("sslyze")
Found = dict[str, list[str]]


def good(folder: Path) -> AbstractContextManager[int]:
    return nginx(folder, GOOD + paper(make_certificate(folder)))


def bad(folder: Path) -> AbstractContextManager[int]:
    return nginx(folder, BAD + paper(make_certificate(folder, "rsa", key=("-newkey", "rsa:2048"))))


def tls10(folder: Path) -> AbstractContextManager[int]:
    pair = make_certificate(folder, "rsa", key=("-newkey", "rsa:2048"))
    return s_server(folder, "-tls1", "-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0", certificate=pair)


def tls13(folder: Path) -> AbstractContextManager[int]:
    return s_server(folder, "-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_SHA256:TLS_AES_256_GCM_SHA384")


def both_keys(folder: Path) -> AbstractContextManager[int]:
    pair = make_certificate(folder)
    other = make_certificate(folder, "rsa", key=("-newkey", "rsa:2048"))
    return s_server(folder, "-dcert", str(other[0]), "-dkey", str(other[1]), "-serverpref", certificate=pair)


def ssl3(folder: Path) -> AbstractContextManager[int]:
    pytest.importorskip("tlslite", reason="tlslite-ng is not installed")
    paper_path, key = make_certificate(folder, "rsa", key=("-newkey", "rsa:2048"))
    port = free_port()
    (folder / "server.py").write_text(TLSLITE)
    argv = [sys.executable, str(folder / "server.py"), str(paper_path), str(key), str(port), "3.0", "3.3"]
    return running(argv, port, folder)


SERVERS = [good, bad, tls10, tls13, both_keys, ssl3]


@pytest.fixture(params=SERVERS, ids=lambda one: one.__name__)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, int]]:
    with request.param(tmp_path) as port:
        yield request.param.__name__, port


def ours(port: int) -> Found:
    return suite_names(survey_of(hosts("127.0.0.1", ports=[port]), "127.0.0.1", port))


def by_sslyze(port: int, folder: Path) -> Found:
    if not SSLYZE.exists():
        pytest.skip("sslyze is not there; make-oracles.sh fetches it")
    out = folder / "sslyze.json"
    words = ("--sslv2", "--sslv3", "--tlsv1", "--tlsv1_1", "--tlsv1_2", "--tlsv1_3")
    subprocess.run([SSLYZE, *words, "--mozilla_config=disable", f"--json_out={out}", f"127.0.0.1:{port}"],
                   capture_output=True, check=False, timeout=120)  # fmt: skip
    result = json.loads(out.read_text())["server_scan_results"][0]["scan_result"]
    names = {"ssl_3_0": "SSLv3", "tls_1_0": "TLSv1.0", "tls_1_1": "TLSv1.1", "tls_1_2": "TLSv1.2", "tls_1_3": "TLSv1.3"}
    found: Found = {}
    for key, version in names.items():
        accepted = result[f"{key}_cipher_suites"]["result"]["accepted_cipher_suites"]
        if accepted:
            found[version] = sorted(one["cipher_suite"]["name"] for one in accepted)
    return found


def by_nmap(port: int) -> Found:
    argv = [program("nmap"), "-Pn", "-n", "-p", str(port), "--script", "+ssl-enum-ciphers", "-oX", "-", "127.0.0.1"]
    text = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=120).stdout
    found: Found = {}
    for table in ElementTree.fromstring(text).findall(".//script[@id='ssl-enum-ciphers']/table"):
        listed = table.findall("table[@key='ciphers']/table/elem[@key='name']")
        names = sorted((one.text or "").replace("TLS_AKE_WITH_", "TLS_") for one in listed)
        found[(table.get("key") or "")] = names
    return found


def test_sslyze_finds_no_more(server: tuple[str, int], tmp_path: Path) -> None:
    name, port = server
    theirs, own = by_sslyze(port, tmp_path), ours(port)
    assert theirs, "sslyze found nothing"
    for version, listed in theirs.items():
        assert set(listed) <= set(own[version]), (version, sorted(set(listed) - set(own[version])))
    if name not in ("ssl3", "tls13"):
        assert own == theirs


def test_nmap_finds_no_more(server: tuple[str, int]) -> None:
    name, port = server
    theirs, own = by_nmap(port), ours(port)
    assert theirs, "nmap found nothing"
    for version, listed in theirs.items():
        assert set(listed) <= set(own[version]), (version, sorted(set(listed) - set(own[version])))
    if name != "tls13":
        assert own == theirs
