"""What usually listens where: data only. Source: the service name registry of IANA, and the makers' documentation.

A number proves nothing: it decides which question is asked first, and gives a name where nobody answers.
"""

from __future__ import annotations

from typing import NamedTuple


class Usual(NamedTuple):
    """What to expect at a port."""

    service: str
    first: str
    """banner: the server speaks first. http: ask for a page. tls: begin with TLS. silent: it waits for its own
    protocol. hands-off: connect, and send nothing: whatever comes may be printed or may move a machine."""


_LINES = """
21 ftp banner
22 ssh banner
23 telnet banner
25 smtp banner
53 dns silent
79 finger silent
80 http http
102 s7comm hands-off
110 pop3 banner
111 portmapper silent
113 ident silent
119 nntp banner
135 msrpc silent
139 netbios-ssn silent
143 imap banner
179 bgp silent
389 ldap silent
443 http tls
445 smb silent
465 smtp tls
502 modbus hands-off
512 rexec silent
513 rlogin silent
514 rsh silent
515 lpd hands-off
548 afp silent
554 rtsp http
563 nntp tls
587 smtp banner
593 msrpc-http silent
631 http http
636 ldap tls
853 dns tls
873 rsync banner
989 ftp tls
990 ftp tls
992 telnet tls
993 imap tls
995 pop3 tls
1080 socks silent
1099 java-rmi silent
1194 openvpn silent
1433 mssql silent
1521 oracle silent
1723 pptp silent
1883 mqtt silent
2000 sccp silent
2049 nfs silent
2181 zookeeper silent
2222 ssh banner
2323 telnet banner
2375 http http
2376 http tls
2379 http http
2380 http http
3000 http http
3128 http http
3260 iscsi silent
3306 mysql banner
3389 rdp silent
3632 distcc silent
4222 nats banner
4369 epmd silent
4443 http tls
4444 unknown banner
5000 http http
5044 beats silent
5060 sip silent
5061 sip tls
5222 xmpp silent
5432 postgresql silent
5433 postgresql silent
5555 adb silent
5601 http http
5671 amqp tls
5672 amqp silent
5800 http http
5900 vnc banner
5901 vnc banner
5902 vnc banner
5984 http http
5985 http http
5986 http tls
6000 x11 silent
6001 x11 silent
6379 redis http
6380 redis tls
6443 http tls
6667 irc banner
7000 cassandra silent
7474 http http
7687 bolt silent
8000 http http
8008 http http
8080 http http
8081 http http
8086 http http
8088 http http
8123 http http
8161 http http
8200 http http
8443 http tls
8500 http http
8883 mqtt tls
8888 http http
9000 http http
9001 http http
9042 cassandra silent
9090 http http
9091 http http
9092 kafka silent
9093 http http
9100 printer hands-off
9101 printer hands-off
9102 printer hands-off
9103 printer hands-off
9104 printer hands-off
9105 printer hands-off
9106 printer hands-off
9107 printer hands-off
9200 http http
9300 elasticsearch-transport silent
9418 git silent
9443 http tls
9999 http http
10000 http http
10250 http tls
10255 http http
11211 memcached http
11434 http http
15672 http http
20000 dnp3 hands-off
25565 minecraft silent
27017 mongodb http
27018 mongodb http
28017 http http
33060 mysqlx silent
44818 ethernet-ip hands-off
47808 bacnet hands-off
50000 http http
50051 grpc silent
50070 http http
61613 stomp silent
61616 activemq silent
"""
USUAL = {
    int(number): Usual(service, first)
    for number, service, first in (line.split() for line in _LINES.splitlines() if line)
}

COMMON = (
    21, 22, 23, 25, 53, 80, 110, 111, 135, 139, 143, 389, 443, 445, 465, 512, 513, 514, 587, 631, 873, 993, 995, 1433,
    1521, 1883, 2049, 2181, 2222, 2375, 2376, 2379, 3000, 3128, 3306, 3389, 4222, 5000, 5432, 5601, 5672, 5900, 5901,
    5984, 6000, 6379, 6443, 8000, 8080, 8086, 8443, 8500, 8883, 8888, 9000, 9090, 9100, 9200, 10000, 10250, 11211,
    11434, 15672, 27017,
)  # fmt: skip
"""Tried when the user names no ports: as many as may be tried without `--active`."""


def wide() -> tuple[int, ...]:
    """Tried with `--active` when the user names no ports: all below 1025, and those above where something usual is."""
    return tuple(sorted({*range(1, 1025), *USUAL, *range(5900, 5911), *range(6000, 6011), *range(8000, 8100)}))


def usual(port: int) -> Usual:
    """What to expect at a port; a banner or a page where nothing is known."""
    return USUAL.get(port, Usual("", "banner"))
