"""Nothing is sent that nobody allowed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from secaudit.app.reaching import Options, reach
from secaudit.errors import ConsentMissing, UsageError
from secaudit.model import Consent
from secaudit.targets.network.consent import covers

OWN = Consent(local=True, level="active")
CLIENT = Consent(by="Ana, owner", until="2026-12-31", level="active")
TYPED = Consent(confirmed="shop.example")


@pytest.mark.parametrize(
    ("consent", "address", "reason"),
    [
        (OWN, "127.0.0.1", ""), (OWN, "192.168.1.1", ""), (OWN, "8.8.8.8", "--authorised-by"),
        (CLIENT, "8.8.8.8", ""), (CLIENT, "127.0.0.1", "--i-may-scan"), (CLIENT, "10.0.0.1", "--i-may-scan"),
        (TYPED, "8.8.8.8", ""), (TYPED, "127.0.0.1", ""),
        (Consent(confirmed="shop.example", level="active"), "8.8.8.8", "--authorised-by"),
        (Consent(confirmed="shop.example", intrusive=("mail-x",)), "8.8.8.8", "--authorised-by"),
        (OWN, "169.254.169.254", "cloud"), (CLIENT, "::ffff:169.254.169.254", "cloud"), (OWN, "0.0.0.0", "no server"),
        (CLIENT, "::ffff:127.0.0.1", "--i-may-scan"),
    ],
)  # fmt: skip
def test_a_consent_reaches_so_far(consent: Consent, address: str, reason: str) -> None:
    found = covers(consent, address)
    assert bool(found) == bool(reason)
    assert reason in found


def test_without_a_word_nothing_is_sent() -> None:
    for options in (Options(site="http://localhost/"), Options(network="127.0.0.1"), Options(domain="shop.example")):
        with pytest.raises(ConsentMissing) as caught:
            reach(options)
        assert "nothing was sent" in caught.value.message
        assert caught.value.exit_code == 5


def test_an_authorisation_has_a_person_and_a_last_day() -> None:
    site = "https://shop.example/"
    day = date(2026, 11, 29)
    good = reach(Options(site=site, authorised_by="Ana, owner", authorised_until="2026-11-29"), today=day)
    assert (good.consent.by, good.consent.until) == ("Ana, owner", "2026-11-29")
    with pytest.raises(ConsentMissing, match="2026-11-28"):
        reach(Options(site=site, authorised_by="Ana, owner", authorised_until="2026-11-28"), today=day)
    for options in (
        Options(site=site, authorised_by="Ana"),
        Options(site=site, authorised_until="2026-12-31"),
        Options(site=site, authorised_by="Ana", authorised_until="soon"),
        Options(domain="shop.example", may_scan=True, ports="80"),
        Options(domain="shop.example", may_scan=True, engine="nmap"),
        Options(site=site, domain="shop.example", may_scan=True),
        Options(),
    ):
        with pytest.raises(UsageError):
            reach(options, today=day)


def test_a_person_at_the_terminal_types_the_name() -> None:
    asked: list[str] = []

    def answer(text: str) -> str:
        asked.append(text)
        return "Shop.example "

    found = reach(Options(site="https://shop.example/"), answer)
    assert found.consent.confirmed == "Shop.example"
    assert "shop.example" in asked[0]
    with pytest.raises(ConsentMissing):
        reach(Options(site="https://shop.example/"), lambda _: "yes")
    reach(Options(site="https://shop.example/", may_scan=True), lambda _: pytest.fail("it was said already"))


def test_the_list_of_assets_is_read(tmp_path: Path) -> None:
    path = tmp_path / "assets.txt"
    path.write_text("# office\nNAS.example  # box\n192.168.1.0/30\n\n")
    found = reach(Options(network="192.168.1.1", assets=path, may_scan=True))
    assert found.named.assets == ("nas.example", "192.168.1.1", "192.168.1.2")
