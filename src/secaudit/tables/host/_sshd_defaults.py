"""What each OpenSSH server does when nothing is set: facts measured on real programs, not written by hand.

Measured on 23 November 2026 by `tests/tables/sshd_facts.py` with `sshd -T -f /dev/null` of Ubuntu 20.04 (8.2),
Debian 11 (8.4), Ubuntu 22.04 (8.9), Debian 12 (9.2, whose updates added one name to KexAlgorithms), Ubuntu 24.04 (9.6),
Debian 13 (10.0), Ubuntu 26.04 (10.2), Debian 13 backports (10.3) and Debian unstable (10.6).
"""

from __future__ import annotations

from typing import Mapping

MEASURED = ((8, 2), (8, 4), (8, 9), (9, 2), (9, 6), (10, 0), (10, 2), (10, 3), (10, 6))
"""Versions, oldest first."""


def _names(text: str) -> str:
    return ",".join(text.split())


_KEYS = (
    (
        (8, 2),
        _names(
            """
        ecdsa-sha2-nistp256-cert-v01@openssh.com ecdsa-sha2-nistp384-cert-v01@openssh.com
        ecdsa-sha2-nistp521-cert-v01@openssh.com sk-ecdsa-sha2-nistp256-cert-v01@openssh.com
        ssh-ed25519-cert-v01@openssh.com sk-ssh-ed25519-cert-v01@openssh.com
        rsa-sha2-512-cert-v01@openssh.com rsa-sha2-256-cert-v01@openssh.com ssh-rsa-cert-v01@openssh.com
        ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521 sk-ecdsa-sha2-nistp256@openssh.com
        ssh-ed25519 sk-ssh-ed25519@openssh.com rsa-sha2-512 rsa-sha2-256 ssh-rsa
        """
        ),
    ),
    (
        (8, 9),
        _names(
            """
        ssh-ed25519-cert-v01@openssh.com ecdsa-sha2-nistp256-cert-v01@openssh.com
        ecdsa-sha2-nistp384-cert-v01@openssh.com ecdsa-sha2-nistp521-cert-v01@openssh.com
        sk-ssh-ed25519-cert-v01@openssh.com sk-ecdsa-sha2-nistp256-cert-v01@openssh.com
        rsa-sha2-512-cert-v01@openssh.com rsa-sha2-256-cert-v01@openssh.com ssh-ed25519 ecdsa-sha2-nistp256
        ecdsa-sha2-nistp384 ecdsa-sha2-nistp521 sk-ssh-ed25519@openssh.com
        sk-ecdsa-sha2-nistp256@openssh.com rsa-sha2-512 rsa-sha2-256
        """
        ),
    ),
    (
        (10, 3),
        _names(
            """
        ssh-ed25519-cert-v01@openssh.com ecdsa-sha2-nistp256-cert-v01@openssh.com
        ecdsa-sha2-nistp384-cert-v01@openssh.com ecdsa-sha2-nistp521-cert-v01@openssh.com
        sk-ssh-ed25519-cert-v01@openssh.com sk-ecdsa-sha2-nistp256-cert-v01@openssh.com
        webauthn-sk-ecdsa-sha2-nistp256-cert-v01@openssh.com rsa-sha2-512-cert-v01@openssh.com
        rsa-sha2-256-cert-v01@openssh.com ssh-ed25519 ecdsa-sha2-nistp256 ecdsa-sha2-nistp384
        ecdsa-sha2-nistp521 sk-ssh-ed25519@openssh.com sk-ecdsa-sha2-nistp256@openssh.com
        webauthn-sk-ecdsa-sha2-nistp256@openssh.com rsa-sha2-512 rsa-sha2-256
        """
        ),
    ),
    (
        (10, 6),
        _names(
            """
        ssh-ed25519-cert-v01@openssh.com ecdsa-sha2-nistp256-cert-v01@openssh.com
        ecdsa-sha2-nistp384-cert-v01@openssh.com ecdsa-sha2-nistp521-cert-v01@openssh.com
        sk-ssh-ed25519-cert-v01@openssh.com sk-ecdsa-sha2-nistp256-cert-v01@openssh.com
        webauthn-sk-ecdsa-sha2-nistp256-cert-v01@openssh.com rsa-sha2-512-cert-v01@openssh.com
        rsa-sha2-256-cert-v01@openssh.com ssh-mldsa44-ed25519-cert ssh-ed25519 ecdsa-sha2-nistp256
        ecdsa-sha2-nistp384 ecdsa-sha2-nistp521 sk-ssh-ed25519@openssh.com
        sk-ecdsa-sha2-nistp256@openssh.com webauthn-sk-ecdsa-sha2-nistp256@openssh.com rsa-sha2-512
        rsa-sha2-256 ssh-mldsa44-ed25519
        """
        ),
    ),
)

CHANGES: Mapping[str, tuple[tuple[tuple[int, int], str | None], ...]] = {
    "addressfamily": (((8, 2), "any"),),
    "allowagentforwarding": (((8, 2), "yes"),),
    "allowstreamlocalforwarding": (((8, 2), "yes"),),
    "allowtcpforwarding": (((8, 2), "yes"),),
    "authenticationmethods": (((8, 2), "any"),),
    "authorizedkeyscommand": (((8, 2), "none"),),
    "authorizedkeyscommanduser": (((8, 2), "none"),),
    "authorizedkeysfile": (((8, 2), ".ssh/authorized_keys .ssh/authorized_keys2"),),
    "authorizedprincipalscommand": (((8, 2), "none"),),
    "authorizedprincipalscommanduser": (((8, 2), "none"),),
    "authorizedprincipalsfile": (((8, 2), "none"),),
    "banner": (((8, 2), "none"),),
    "casignaturealgorithms": (
        (
            (8, 2),
            _names(
                """
        ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521 sk-ecdsa-sha2-nistp256@openssh.com
        ssh-ed25519 sk-ssh-ed25519@openssh.com rsa-sha2-512 rsa-sha2-256
        """
            ),
        ),
        (
            (8, 9),
            _names(
                """
        ssh-ed25519 ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521 sk-ssh-ed25519@openssh.com
        sk-ecdsa-sha2-nistp256@openssh.com rsa-sha2-512 rsa-sha2-256
        """
            ),
        ),
        (
            (10, 3),
            _names(
                """
        ssh-ed25519 ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521 sk-ssh-ed25519@openssh.com
        sk-ecdsa-sha2-nistp256@openssh.com webauthn-sk-ecdsa-sha2-nistp256@openssh.com rsa-sha2-512
        rsa-sha2-256
        """
            ),
        ),
    ),
    "channeltimeout": (
        ((8, 2), None),
        ((9, 6), "none"),
    ),
    "chrootdirectory": (((8, 2), "none"),),
    "ciphers": (
        (
            (8, 2),
            _names(
                """
        chacha20-poly1305@openssh.com aes128-ctr aes192-ctr aes256-ctr aes128-gcm@openssh.com
        aes256-gcm@openssh.com
        """
            ),
        ),
        (
            (10, 0),
            _names(
                """
        chacha20-poly1305@openssh.com aes128-gcm@openssh.com aes256-gcm@openssh.com aes128-ctr aes192-ctr
        aes256-ctr
        """
            ),
        ),
    ),
    "clientalivecountmax": (((8, 2), "3"),),
    "clientaliveinterval": (((8, 2), "0"),),
    "compression": (((8, 2), "yes"),),
    "debianbanner": (
        ((8, 2), None),
        ((9, 6), "yes"),
    ),
    "disableforwarding": (((8, 2), "no"),),
    "exposeauthinfo": (((8, 2), "no"),),
    "fingerprinthash": (((8, 2), "SHA256"),),
    "forcecommand": (((8, 2), "none"),),
    "gatewayports": (((8, 2), "no"),),
    "gssapiauthentication": (
        ((8, 2), "no"),
        ((10, 6), None),
    ),
    "gssapicleanupcredentials": (
        ((8, 2), "yes"),
        ((10, 6), None),
    ),
    "gssapidelegatecredentials": (
        ((8, 2), None),
        ((10, 3), "yes"),
        ((10, 6), None),
    ),
    "gssapikexalgorithms": (
        ((8, 2), "gss-gex-sha1-,gss-group14-sha1-"),
        (
            (8, 4),
            "gss-group14-sha256-,gss-group16-sha512-,gss-nistp256-sha256-,gss-curve25519-sha256-,"
            "gss-group14-sha1-,gss-gex-sha1-",
        ),
        ((10, 2), "gss-group14-sha256-,gss-group16-sha512-,gss-nistp256-sha256-,gss-curve25519-sha256-"),
        ((10, 6), None),
    ),
    "gssapikeyexchange": (
        ((8, 2), "no"),
        ((10, 6), None),
    ),
    "gssapistorecredentialsonrekey": (
        ((8, 2), "no"),
        ((10, 6), None),
    ),
    "gssapistrictacceptorcheck": (
        ((8, 2), "yes"),
        ((10, 6), None),
    ),
    "hostbasedacceptedalgorithms": _KEYS,
    "hostbasedauthentication": (((8, 2), "no"),),
    "hostbasedusesnamefrompacketonly": (((8, 2), "no"),),
    "hostkey": (
        ((8, 2), "/etc/ssh/ssh_host_rsa_key /etc/ssh/ssh_host_ecdsa_key /etc/ssh/ssh_host_ed25519_key"),
        (
            (10, 6),
            "/etc/ssh/ssh_host_rsa_key "
            "/etc/ssh/ssh_host_ecdsa_key "
            "/etc/ssh/ssh_host_ed25519_key "
            "/etc/ssh/ssh_host_mldsa44_ed25519_key",
        ),
    ),
    "hostkeyagent": (((8, 2), "none"),),
    "hostkeyalgorithms": _KEYS,
    "ignorerhosts": (((8, 2), "yes"),),
    "ignoreuserknownhosts": (((8, 2), "no"),),
    "ipqos": (
        ((8, 2), "lowdelay throughput"),
        ((10, 0), "ef cs1"),
        ((10, 2), "ef cs0"),
    ),
    "kbdinteractiveauthentication": (((8, 2), "yes"),),
    "kerberosauthentication": (
        ((8, 2), "no"),
        ((10, 6), None),
    ),
    "kerberosorlocalpasswd": (
        ((8, 2), "yes"),
        ((10, 6), None),
    ),
    "kerberosticketcleanup": (
        ((8, 2), "yes"),
        ((10, 6), None),
    ),
    "kexalgorithms": (
        (
            (8, 2),
            _names(
                """
        curve25519-sha256 curve25519-sha256@libssh.org ecdh-sha2-nistp256 ecdh-sha2-nistp384
        ecdh-sha2-nistp521 diffie-hellman-group-exchange-sha256 diffie-hellman-group16-sha512
        diffie-hellman-group18-sha512 diffie-hellman-group14-sha256
        """
            ),
        ),
        (
            (8, 9),
            _names(
                """
        curve25519-sha256 curve25519-sha256@libssh.org ecdh-sha2-nistp256 ecdh-sha2-nistp384
        ecdh-sha2-nistp521 sntrup761x25519-sha512@openssh.com diffie-hellman-group-exchange-sha256
        diffie-hellman-group16-sha512 diffie-hellman-group18-sha512 diffie-hellman-group14-sha256
        """
            ),
        ),
        (
            (9, 2),
            _names(
                """
        sntrup761x25519-sha512 sntrup761x25519-sha512@openssh.com curve25519-sha256
        curve25519-sha256@libssh.org ecdh-sha2-nistp256 ecdh-sha2-nistp384 ecdh-sha2-nistp521
        diffie-hellman-group-exchange-sha256 diffie-hellman-group16-sha512 diffie-hellman-group18-sha512
        diffie-hellman-group14-sha256
        """
            ),
        ),
        (
            (9, 6),
            _names(
                """
        sntrup761x25519-sha512@openssh.com curve25519-sha256 curve25519-sha256@libssh.org ecdh-sha2-nistp256
        ecdh-sha2-nistp384 ecdh-sha2-nistp521 diffie-hellman-group-exchange-sha256
        diffie-hellman-group16-sha512 diffie-hellman-group18-sha512 diffie-hellman-group14-sha256
        """
            ),
        ),
        (
            (10, 0),
            _names(
                """
        mlkem768x25519-sha256 sntrup761x25519-sha512 sntrup761x25519-sha512@openssh.com curve25519-sha256
        curve25519-sha256@libssh.org ecdh-sha2-nistp256 ecdh-sha2-nistp384 ecdh-sha2-nistp521
        """
            ),
        ),
    ),
    "logingracetime": (((8, 2), "120"),),
    "loglevel": (((8, 2), "INFO"),),
    "macs": (
        (
            (8, 2),
            _names(
                """
        umac-64-etm@openssh.com umac-128-etm@openssh.com hmac-sha2-256-etm@openssh.com
        hmac-sha2-512-etm@openssh.com hmac-sha1-etm@openssh.com umac-64@openssh.com umac-128@openssh.com
        hmac-sha2-256 hmac-sha2-512 hmac-sha1
        """
            ),
        ),
    ),
    "maxauthtries": (((8, 2), "6"),),
    "maxsessions": (((8, 2), "10"),),
    "maxstartups": (((8, 2), "10:30:100"),),
    "modulifile": (
        ((8, 2), None),
        ((8, 9), "/etc/ssh/moduli"),
    ),
    "pamservicename": (
        ((8, 2), None),
        ((10, 0), "sshd"),
    ),
    "passwordauthentication": (((8, 2), "yes"),),
    "permitemptypasswords": (((8, 2), "no"),),
    "permitlisten": (((8, 2), "any"),),
    "permitopen": (((8, 2), "any"),),
    "permitrootlogin": (((8, 2), "prohibit-password"),),
    "permittty": (((8, 2), "yes"),),
    "permittunnel": (((8, 2), "no"),),
    "permituserenvironment": (((8, 2), "no"),),
    "permituserrc": (((8, 2), "yes"),),
    "persourcemaxstartups": (
        ((8, 2), None),
        ((8, 9), "none"),
    ),
    "persourcenetblocksize": (
        ((8, 2), None),
        ((8, 9), "32:128"),
    ),
    "persourcepenalties": (
        ((8, 2), None),
        (
            (10, 0),
            "crash:90 authfail:5 noauth:1 grace-exceeded:10 refuseconnection:10 max:600 min:15 "
            "max-sources4:65536 max-sources6:65536 overflow:permissive overflow6:permissive",
        ),
        (
            (10, 3),
            "crash:90 authfail:5 noauth:1 invaliduser:5 grace-exceeded:10 refuseconnection:10 max:600 min:15 "
            "max-sources4:65536 max-sources6:65536 overflow:permissive overflow6:permissive",
        ),
    ),
    "persourcepenaltyexemptlist": (
        ((8, 2), None),
        ((10, 0), "none"),
    ),
    "pidfile": (((8, 2), "/run/sshd.pid"),),
    "port": (((8, 2), "22"),),
    "printlastlog": (((8, 2), "yes"),),
    "printmotd": (((8, 2), "yes"),),
    "pubkeyacceptedalgorithms": _KEYS,
    "pubkeyauthentication": (((8, 2), "yes"),),
    "pubkeyauthoptions": (((8, 2), "none"),),
    "refuseconnection": (
        ((8, 2), None),
        ((10, 0), "no"),
    ),
    "rekeylimit": (((8, 2), "0 0"),),
    "requiredrsasize": (
        ((8, 2), None),
        ((9, 2), "1024"),
    ),
    "revokedkeys": (((8, 2), "none"),),
    "securitykeyprovider": (((8, 2), "internal"),),
    "sshdauthpath": (
        ((8, 2), None),
        ((10, 0), "/usr/lib/openssh/sshd-auth"),
    ),
    "sshdsessionpath": (
        ((8, 2), None),
        ((10, 0), "/usr/lib/openssh/sshd-session"),
    ),
    "streamlocalbindmask": (((8, 2), "0177"),),
    "streamlocalbindunlink": (((8, 2), "no"),),
    "strictmodes": (((8, 2), "yes"),),
    "syslogfacility": (((8, 2), "AUTH"),),
    "tcpkeepalive": (((8, 2), "yes"),),
    "trustedusercakeys": (((8, 2), "none"),),
    "unusedconnectiontimeout": (
        ((8, 2), None),
        ((9, 2), "none"),
    ),
    "usedns": (((8, 2), "no"),),
    "usepam": (((8, 2), "no"),),
    "versionaddendum": (((8, 2), "none"),),
    "warnweakcrypto": (
        ((8, 2), None),
        ((10, 6), "yes"),
    ),
    "x11displayoffset": (((8, 2), "10"),),
    "x11forwarding": (((8, 2), "no"),),
    "x11uselocalhost": (((8, 2), "yes"),),
    "xauthlocation": (((8, 2), "/usr/bin/xauth"),),
}
"""Keyword -> the value from each measured version on; None where `sshd -T` does not print it.

HostKey has its values separated by blanks. ListenAddress follows from Port and AddressFamily and is not here."""

KEYWORDS = frozenset(
    """
    acceptenv addressfamily afstokenpassing agentsocketpath allowagentforwarding allowgroups
    allowstreamlocalforwarding allowtcpforwarding allowusers authenticationmethods authorizedkeyscommand
    authorizedkeyscommanduser authorizedkeysfile authorizedkeysfile2 authorizedprincipalscommand
    authorizedprincipalscommanduser authorizedprincipalsfile banner casignaturealgorithms
    challengeresponseauthentication channeltimeout checkmail chrootdirectory ciphers clientalivecountmax
    clientaliveinterval compression debianbanner denygroups denyusers disableforwarding dsaauthentication
    exposeauthinfo fingerprinthash forcecommand gatewayports gssapiauthentication gssapicleanupcredentials
    gssapicleanupcreds gssapidelegatecredentials gssapikexalgorithms gssapikeyexchange
    gssapistorecredentialsonrekey gssapistrictacceptorcheck gssapiusesessioncredcache gssusesessionccache
    hostbasedacceptedalgorithms hostbasedacceptedkeytypes hostbasedauthentication
    hostbasedusesnamefrompacketonly hostcertificate hostdsakey hostkey hostkeyagent hostkeyalgorithms
    ignorerhosts ignoreuserknownhosts include ipqos kbdinteractiveauthentication keepalive
    kerberosauthentication kerberosgetafstoken kerberosorlocalpasswd kerberostgtpassing kerberosticketcleanup
    kexalgorithms keyregenerationinterval listenaddress logingracetime loglevel logverbose macs match
    maxauthtries maxsessions maxstartups modulifile pamauthenticationviakbdint pamservicename
    passwordauthentication permitblacklistedkeys permitemptypasswords permitlisten permitopen permitrootlogin
    permittty permittunnel permituserenvironment permituserrc persourcemaxstartups persourcenetblocksize
    persourcepenalties persourcepenaltyexemptlist pidfile port printlastlog printmotd protocol
    pubkeyacceptedalgorithms pubkeyacceptedkeytypes pubkeyauthentication pubkeyauthoptions rdomain
    refuseconnection rekeylimit requiredrsasize reversemappingcheck revokedkeys rhostsauthentication
    rhostsrsaauthentication rsaauthentication securitykeyprovider serverkeybits setenv skeyauthentication
    sshdauthpath sshdsessionpath streamlocalbindmask streamlocalbindunlink strictmodes subsystem syslogfacility
    tcpkeepalive trustedusercakeys unusedconnectiontimeout usedns uselogin usepam useprivilegeseparation
    verifyreversemapping versionaddendum warnweakcrypto x11displayoffset x11forwarding x11uselocalhost
    xauthlocation
    """.split()
)
"""Every keyword that a measured sshd takes, in lower case."""

IGNORED = frozenset(
    """
    afstokenpassing authorizedkeysfile2 checkmail gssapiusesessioncredcache gssusesessionccache
    kerberosgetafstoken kerberostgtpassing keyregenerationinterval pamauthenticationviakbdint
    permitblacklistedkeys protocol reversemappingcheck rhostsauthentication rhostsrsaauthentication
    rsaauthentication serverkeybits uselogin useprivilegeseparation verifyreversemapping
    """.split()
)
"""Taken and without effect: deprecated, or not built in."""

IN_MATCH = frozenset(
    """
    acceptenv agentsocketpath allowagentforwarding allowgroups allowstreamlocalforwarding allowtcpforwarding
    allowusers authenticationmethods authorizedkeyscommand authorizedkeyscommanduser authorizedkeysfile
    authorizedkeysfile2 authorizedprincipalscommand authorizedprincipalscommanduser authorizedprincipalsfile
    banner casignaturealgorithms challengeresponseauthentication channeltimeout chrootdirectory
    clientalivecountmax clientaliveinterval denygroups denyusers disableforwarding exposeauthinfo forcecommand
    gatewayports gssapiauthentication hostbasedacceptedalgorithms hostbasedacceptedkeytypes
    hostbasedauthentication hostbasedusesnamefrompacketonly ignorerhosts include ipqos
    kbdinteractiveauthentication kerberosauthentication loglevel logverbose match maxauthtries maxsessions
    pamservicename passwordauthentication permitemptypasswords permitlisten permitopen permitrootlogin permittty
    permittunnel permituserrc pubkeyacceptedalgorithms pubkeyacceptedkeytypes pubkeyauthentication
    pubkeyauthoptions rdomain refuseconnection rekeylimit requiredrsasize revokedkeys rhostsrsaauthentication
    rsaauthentication setenv skeyauthentication streamlocalbindmask streamlocalbindunlink subsystem
    trustedusercakeys unusedconnectiontimeout x11displayoffset x11forwarding x11uselocalhost
    """.split()
)
"""Allowed inside a Match block by the newest measured version."""

MISSING_UNTIL: Mapping[str, tuple[int, int]] = {
    "agentsocketpath": (10, 3),
    "channeltimeout": (8, 9),
    "gssapidelegatecredentials": (10, 2),
    "hostbasedacceptedalgorithms": (8, 4),
    "logverbose": (8, 4),
    "modulifile": (8, 4),
    "pamservicename": (9, 6),
    "persourcemaxstartups": (8, 4),
    "persourcenetblocksize": (8, 4),
    "persourcepenalties": (9, 6),
    "persourcepenaltyexemptlist": (9, 6),
    "pubkeyacceptedalgorithms": (8, 4),
    "refuseconnection": (9, 6),
    "requiredrsasize": (8, 9),
    "sshdauthpath": (9, 6),
    "sshdsessionpath": (9, 6),
    "unusedconnectiontimeout": (8, 9),
    "warnweakcrypto": (10, 3),
}
"""Keyword -> the newest measured version that refuses it because it is too old."""

OUTSIDE_MATCH_UNTIL: Mapping[str, tuple[int, int]] = {
    "challengeresponseauthentication": (8, 4),
    "ignorerhosts": (8, 2),
    "skeyauthentication": (8, 4),
    "subsystem": (9, 2),
}
"""Keyword of IN_MATCH -> the newest measured version that refuses it inside a Match block."""

NAMES: Mapping[str, Mapping[str, tuple[tuple[int, int], tuple[int, int]]]] = {
    "cipher": {
        "3des-cbc": ((8, 2), (10, 6)),
        "aes128-cbc": ((8, 2), (10, 6)),
        "aes128-ctr": ((8, 2), (10, 6)),
        "aes128-gcm@openssh.com": ((8, 2), (10, 6)),
        "aes192-cbc": ((8, 2), (10, 6)),
        "aes192-ctr": ((8, 2), (10, 6)),
        "aes256-cbc": ((8, 2), (10, 6)),
        "aes256-ctr": ((8, 2), (10, 6)),
        "aes256-gcm@openssh.com": ((8, 2), (10, 6)),
        "chacha20-poly1305@openssh.com": ((8, 2), (10, 6)),
        "rijndael-cbc@lysator.liu.se": ((8, 2), (8, 4)),
    },
    "mac": {
        "hmac-md5": ((8, 2), (10, 6)),
        "hmac-md5-96": ((8, 2), (10, 6)),
        "hmac-md5-96-etm@openssh.com": ((8, 2), (10, 6)),
        "hmac-md5-etm@openssh.com": ((8, 2), (10, 6)),
        "hmac-sha1": ((8, 2), (10, 6)),
        "hmac-sha1-96": ((8, 2), (10, 6)),
        "hmac-sha1-96-etm@openssh.com": ((8, 2), (10, 6)),
        "hmac-sha1-etm@openssh.com": ((8, 2), (10, 6)),
        "hmac-sha2-256": ((8, 2), (10, 6)),
        "hmac-sha2-256-etm@openssh.com": ((8, 2), (10, 6)),
        "hmac-sha2-512": ((8, 2), (10, 6)),
        "hmac-sha2-512-etm@openssh.com": ((8, 2), (10, 6)),
        "umac-128-etm@openssh.com": ((8, 2), (10, 6)),
        "umac-128@openssh.com": ((8, 2), (10, 6)),
        "umac-64-etm@openssh.com": ((8, 2), (10, 6)),
        "umac-64@openssh.com": ((8, 2), (10, 6)),
    },
    "kex": {
        "curve25519-sha256": ((8, 2), (10, 6)),
        "curve25519-sha256@libssh.org": ((8, 2), (10, 6)),
        "diffie-hellman-group-exchange-sha1": ((8, 2), (10, 6)),
        "diffie-hellman-group-exchange-sha256": ((8, 2), (10, 6)),
        "diffie-hellman-group1-sha1": ((8, 2), (10, 6)),
        "diffie-hellman-group14-sha1": ((8, 2), (10, 6)),
        "diffie-hellman-group14-sha256": ((8, 2), (10, 6)),
        "diffie-hellman-group16-sha512": ((8, 2), (10, 6)),
        "diffie-hellman-group18-sha512": ((8, 2), (10, 6)),
        "ecdh-sha2-nistp256": ((8, 2), (10, 6)),
        "ecdh-sha2-nistp384": ((8, 2), (10, 6)),
        "ecdh-sha2-nistp521": ((8, 2), (10, 6)),
        "mlkem768nistp256-sha256": ((10, 6), (10, 6)),
        "mlkem768x25519-sha256": ((10, 0), (10, 6)),
        "sntrup4591761x25519-sha512@tinyssh.org": ((8, 2), (8, 4)),
        "sntrup761x25519-sha512": ((9, 2), (10, 6)),
        "sntrup761x25519-sha512@openssh.com": ((8, 9), (10, 6)),
    },
    "key": {
        "ecdsa-sha2-nistp256": ((8, 2), (10, 6)),
        "ecdsa-sha2-nistp256-cert-v01@openssh.com": ((8, 2), (10, 6)),
        "ecdsa-sha2-nistp384": ((8, 2), (10, 6)),
        "ecdsa-sha2-nistp384-cert-v01@openssh.com": ((8, 2), (10, 6)),
        "ecdsa-sha2-nistp521": ((8, 2), (10, 6)),
        "ecdsa-sha2-nistp521-cert-v01@openssh.com": ((8, 2), (10, 6)),
        "rsa-sha2-256": ((8, 2), (10, 6)),
        "rsa-sha2-256-cert-v01@openssh.com": ((8, 2), (10, 6)),
        "rsa-sha2-512": ((8, 2), (10, 6)),
        "rsa-sha2-512-cert-v01@openssh.com": ((8, 2), (10, 6)),
        "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com": ((8, 2), (10, 6)),
        "sk-ecdsa-sha2-nistp256@openssh.com": ((8, 2), (10, 6)),
        "sk-ssh-ed25519-cert-v01@openssh.com": ((8, 2), (10, 6)),
        "sk-ssh-ed25519@openssh.com": ((8, 2), (10, 6)),
        "ssh-dss": ((8, 2), (9, 6)),
        "ssh-dss-cert-v01@openssh.com": ((8, 2), (9, 6)),
        "ssh-ed25519": ((8, 2), (10, 6)),
        "ssh-ed25519-cert-v01@openssh.com": ((8, 2), (10, 6)),
        "ssh-mldsa44-ed25519": ((10, 6), (10, 6)),
        "ssh-mldsa44-ed25519-cert": ((10, 6), (10, 6)),
        "ssh-rsa": ((8, 2), (10, 6)),
        "ssh-rsa-cert-v01@openssh.com": ((8, 2), (10, 6)),
        "webauthn-sk-ecdsa-sha2-nistp256-cert-v01@openssh.com": ((10, 3), (10, 6)),
        "webauthn-sk-ecdsa-sha2-nistp256@openssh.com": ((8, 4), (10, 6)),
    },
    "signature": {
        "ecdsa-sha2-nistp256": ((8, 2), (10, 6)),
        "ecdsa-sha2-nistp384": ((8, 2), (10, 6)),
        "ecdsa-sha2-nistp521": ((8, 2), (10, 6)),
        "rsa-sha2-256": ((8, 2), (10, 6)),
        "rsa-sha2-512": ((8, 2), (10, 6)),
        "sk-ecdsa-sha2-nistp256@openssh.com": ((8, 2), (10, 6)),
        "sk-ssh-ed25519@openssh.com": ((8, 2), (10, 6)),
        "ssh-dss": ((8, 2), (9, 6)),
        "ssh-ed25519": ((8, 2), (10, 6)),
        "ssh-mldsa44-ed25519": ((10, 6), (10, 6)),
        "ssh-rsa": ((8, 2), (10, 6)),
        "webauthn-sk-ecdsa-sha2-nistp256@openssh.com": ((8, 4), (10, 6)),
    },
}
"""Kind -> algorithm -> the first and the last measured version that has it."""
