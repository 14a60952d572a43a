"""network_controls: what each network interface really does, after `all` and its own setting are combined."""

from __future__ import annotations

from typing import Callable, Iterator, NamedTuple

from secaudit.tableapi import Target, Unsupported, table
from secaudit.tables.host._dropins import say_unread
from secaudit.tables.host._sysctl import Assignment, Configured, Defaults, boot_value, read_configured, read_running

MAX_INTERFACES = 1000


class NetworkControl(NamedTuple):
    """One setting of one interface, as the kernel acts on it."""

    interface: str
    """`default` stands for interfaces that appear later. The loopback is left out."""
    family: str
    """ipv4 or ipv6."""
    setting: str
    """accept_redirects, secure_redirects, send_redirects, accept_source_route, rp_filter, log_martians, accept_ra."""
    value: int | None
    """What counts now, with `all` and forwarding taken into account; in a mounted file system `boot_value`. accept_ra
    is 1 when the kernel accepts router advertisements, else 0."""
    boot_value: int | None
    """What counts after the next start; NULL when it is not known."""
    forwarding: int | None
    """1 when this interface passes on packets of others, now (in a mounted file system: after the next start)."""
    path: str | None
    """The file that decides about `boot_value`; NULL when that is the kernel's default."""
    line: int | None


Reader = Callable[[str], "int | None"]
"""Gives the number at a key below /proc/sys."""


def _either(left: int | None, right: int | None) -> int | None:
    if left or right:
        return 1
    return None if left is None or right is None else 0


def _both(left: int | None, right: int | None) -> int | None:
    if left == 0 or right == 0:
        return 0
    return None if left is None or right is None else 1


def _largest(left: int | None, right: int | None) -> int | None:
    return None if left is None or right is None else max(left, right)


def _accept_redirects(everything: int | None, own: int | None, forwarding: int | None) -> int | None:
    if forwarding is None:
        loose, tight = _either(everything, own), _both(everything, own)
        return loose if loose == tight else None
    return _both(everything, own) if forwarding else _either(everything, own)


IPV4: dict[str, Callable[[int | None, int | None, int | None], int | None]] = {
    "accept_redirects": _accept_redirects,
    "secure_redirects": lambda everything, own, _: _either(everything, own),
    "send_redirects": lambda everything, own, _: _either(everything, own),
    "log_martians": lambda everything, own, _: _either(everything, own),
    "accept_source_route": lambda everything, own, _: _both(everything, own),
    "rp_filter": lambda everything, own, _: _largest(everything, own),
}
"""(all, interface, forwarding) -> effect: the macros IN_DEV_* of include/linux/inetdevice.h."""


def _six_redirects(_: int | None, own: int | None, forwarding: int | None) -> int | None:
    if forwarding is None:
        return 0 if own == 0 else None
    return 0 if forwarding else (None if own is None else int(own != 0))


def _six_source_route(everything: int | None, own: int | None, _: int | None) -> int | None:
    """Zero means that only the harmless type 2 of Mobile IPv6 is taken; below zero, none at all."""
    if (everything is not None and everything <= 0) or (own is not None and own <= 0):
        return 0
    return None if everything is None or own is None else 1


def _six_advertisements(_: int | None, own: int | None, forwarding: int | None) -> int | None:
    if own == 0 or own == 2:
        return int(own == 2)
    return None if forwarding is None or own is None else int(not forwarding)


IPV6: dict[str, Callable[[int | None, int | None, int | None], int | None]] = {
    "accept_redirects": _six_redirects,
    "accept_source_route": _six_source_route,
    "accept_ra": _six_advertisements,
}
"""net/ipv6/route.c (rt6_do_redirect), net/ipv6/exthdrs.c (ipv6_rthdr_rcv), include/net/ipv6.h (ipv6_accept_ra)."""


@table(targets={"host", "root"})
def network_controls(target: Target) -> Iterator[NetworkControl]:
    """Yield one row per interface and setting. A family that the running kernel does not have gives none.

    Source: Documentation/networking/ip-sysctl of Linux and the kernel's sources named in this module.

    Raises:
        Unsupported: the kernel shows no network settings.
        Partial: a configuration file could not be read.
    """
    configured = read_configured(target)
    defaults = Defaults(target)
    seen = False
    for family, rules in (("ipv4", IPV4), ("ipv6", IPV6)):
        top = f"net/{family}/conf"
        interfaces = _interfaces(target, top, configured)
        seen = seen or bool(interfaces)
        for interface in interfaces:
            yield from _rows(target, family, interface, rules, configured, defaults)
    if not seen:
        raise Unsupported("the kernel shows no settings of network interfaces")
    say_unread(configured.unread)


def _interfaces(target: Target, top: str, configured: Configured) -> list[str]:
    if target.live:
        try:
            names = target.listdir(f"/proc/sys/{top}")
        except FileNotFoundError:  # a kernel without IPv6, or started with ipv6.disable=1
            return []
    else:
        named = {key.split("/")[3] for key in configured.names() if key.startswith(top + "/") and key.count("/") == 4}
        names = sorted(named | {"default"})
    if len(names) > MAX_INTERFACES:
        configured.unread.append(f"more than {MAX_INTERFACES} interfaces")
    return [name for name in names if name not in ("all", "lo")][:MAX_INTERFACES]


def _rows(
    target: Target,
    family: str,
    interface: str,
    rules: dict[str, Callable[[int | None, int | None, int | None], int | None]],
    configured: Configured,
    defaults: Defaults,
) -> Iterator[NetworkControl]:
    top = f"net/{family}/conf"

    def now(key: str) -> int | None:
        return _number(read_running(target, key))

    def later(key: str) -> int | None:
        return _number(boot_value(target, configured, defaults, key))

    moments: list[Reader] = [now, later] if target.live else [later]
    for setting, rule in rules.items():
        values: list[int | None] = []
        forwards: list[int | None] = []
        for read in moments:
            forwarding = read(f"{top}/{interface}/forwarding")
            if read is later:  # writing `all` writes every interface
                forwarding = _either(forwarding, later(f"{top}/all/forwarding"))
                if family == "ipv4":
                    forwarding = _either(forwarding, later("net/ipv4/ip_forward"))
            off = family == "ipv6" and _either(read(f"{top}/{interface}/disable_ipv6"), _all_off(read, later, top))
            effect = rule(read(f"{top}/all/{setting}"), read(f"{top}/{interface}/{setting}"), forwarding)
            values.append(0 if off else effect)
            forwards.append(forwarding)
        decider = _decider(configured, top, interface, setting)
        yield NetworkControl(
            interface=interface,
            family=family,
            setting=setting,
            value=values[0],
            boot_value=values[-1],
            forwarding=forwards[0],
            path=None if decider is None else decider.path,
            line=None if decider is None else decider.line,
        )


def _all_off(read: Reader, later: Reader, top: str) -> int | None:
    """`all.disable_ipv6` is copied to every interface when it is written, so it only counts for the next start."""
    return later(f"{top}/all/disable_ipv6") if read is later else 0


def _number(text: str | None) -> int | None:
    try:
        return None if text is None else int(text)
    except ValueError:
        return None


def _decider(configured: Configured, top: str, interface: str, setting: str) -> Assignment | None:
    for place in (interface, "default", "all"):
        assignment = configured.of(f"{top}/{place}/{setting}")
        if assignment is not None:
            return assignment
    return None
