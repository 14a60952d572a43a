"""password_policy: what is in force, not what is written somewhere."""

from __future__ import annotations

import ctypes
import ctypes.util
from pathlib import Path

import pytest

from secaudit.tables.host import _pwquality
from tabletest import make_root, read_table, rows

SECURITY = "/lib/x86_64-linux-gnu/security/"
MODULES = {
    f"{SECURITY}pam_{name}.so": ""
    for name in ("unix", "pwquality", "faillock", "deny", "permit", "pwhistory", "cracklib", "passwdqc", "tally2")
}
UNIX = "password [success=1 default=ignore] pam_unix.so obscure use_authtok try_first_pass yescrypt\n"
REST = "password requisite pam_deny.so\npassword required pam_permit.so\n"
AUTH = "auth [success=1 default=ignore] pam_unix.so\nauth requisite pam_deny.so\nauth required pam_permit.so\n"

Files = dict[str, "str | bytes"]


def _policy(
    tmp_path: Path, password: str = UNIX + REST, auth: str = AUTH, more: Files | None = None
) -> dict[str, object]:
    files: Files = {**MODULES, "/etc/pam.d/passwd": password, "/etc/pam.d/login": auth, **(more or {})}
    return {str(row["name"]): row["number"] if row["name"] not in ("quality_module", "hash_method") else row["value"]
            for row in rows("password_policy", make_root(tmp_path, files))}  # fmt: skip


def test_pam_unix_alone_demands_six_characters(tmp_path: Path) -> None:
    found = _policy(tmp_path)
    assert (found["quality_module"], found["min_length"], found["dictionary_check"]) == ("", 6, 0)


def test_pam_unix_minlen_counts(tmp_path: Path) -> None:
    assert _policy(tmp_path, UNIX.replace("obscure", "minlen=14") + REST)["min_length"] == 14


def test_pwquality_defaults_and_files_in_their_order(tmp_path: Path) -> None:
    text = "password requisite pam_pwquality.so retry=3\n" + UNIX + REST
    assert _policy(tmp_path / "a", text)["min_length"] == 8
    more: Files = {
        "/etc/security/pwquality.conf": "minlen = 11\n",
        "/etc/security/pwquality.conf.d/a.conf": "minlen=12\nminclass = 2\n",
        "/etc/security/pwquality.conf.d/b.txt": "minlen=30\n",
    }
    found = _policy(tmp_path / "b", text, more=more)
    assert (found["min_length"], found["min_classes"], found["retry"]) == (11, 2, 3)
    found = _policy(tmp_path / "c", text.replace("retry=3", "minlen=15 enforce_for_root dictcheck=0 bogus"), more=more)
    assert (found["min_length"], found["enforce_for_root"], found["dictionary_check"]) == (15, 1, 0)


@pytest.mark.parametrize(
    "line",
    [
        "password optional pam_pwquality.so minlen=20",
        "password [default=ignore] pam_pwquality.so minlen=20",
        "password requisite pam_pwquality.so minlen=20 enforcing=0",
        "-password requisite pam_gone_pwquality.so minlen=20",
        "# password requisite pam_pwquality.so minlen=20",
        "password sufficient pam_permit.so\npassword requisite pam_pwquality.so minlen=20",
        "password [success=1 default=ignore] pam_permit.so\npassword requisite pam_pwquality.so minlen=20",
    ],
)
def test_a_quality_module_that_cannot_refuse_does_not_count(tmp_path: Path, line: str) -> None:
    unix = UNIX.replace("use_authtok ", "") + REST
    assert _policy(tmp_path, f"{line}\n{unix}")["min_length"] in (0, 6)
    assert _policy(tmp_path, f"{line}\n{unix}")["quality_module"] == ""


def test_a_quality_module_after_pam_unix_or_not_installed_does_not_count(tmp_path: Path) -> None:
    after = "password sufficient pam_unix.so\npassword requisite pam_pwquality.so minlen=20\n"
    assert _policy(tmp_path / "a", after)["quality_module"] == ""
    files: Files = {f"{SECURITY}pam_unix.so": "", "/etc/pam.d/passwd": "password requisite pam_pwquality.so\n" + UNIX}
    found = {r["name"]: r["value"] for r in rows("password_policy", make_root(tmp_path / "b", files))}
    assert found["quality_module"] == ""


def test_fedora_stack_is_understood(tmp_path: Path) -> None:
    system_auth = (
        "auth required pam_env.so\nauth required pam_faildelay.so delay=2000000\n"
        "auth required pam_faillock.so preauth silent\n"
        "auth [default=1 ignore=ignore success=ok] pam_usertype.so isregular\n"
        "auth [default=1 ignore=ignore success=ok] pam_localuser.so\nauth sufficient pam_unix.so nullok\n"
        "auth [default=1 ignore=ignore success=ok] pam_usertype.so isregular\nauth sufficient pam_sss.so forward_pass\n"
        "auth required pam_faillock.so authfail\nauth required pam_deny.so\n"
        "password requisite pam_pwquality.so local_users_only\n"
        "password [default=1 ignore=ignore success=ok] pam_localuser.so\n"
        "password requisite pam_pwhistory.so use_authtok remember=7\n"
        "password sufficient pam_unix.so yescrypt shadow nullok use_authtok\npassword required pam_deny.so\n"
    )
    files: Files = {
        "/etc/pam.d/system-auth": system_auth,
        "/etc/security/faillock.conf": "# x\ndeny = 5\nunlock_time=never\neven_deny_root\n",
    }
    found = _policy(tmp_path, "password substack system-auth\n", "auth substack system-auth\n", files)
    assert (found["quality_module"], found["min_length"], found["remember"]) == ("pam_pwquality", 8, 7)
    assert (found["lockout_attempts"], found["lockout_seconds"], found["lockout_root"]) == (5, 0, 1)
    assert found["empty_allowed"] == 1


PREAUTH = "auth requisite pam_faillock.so preauth deny=4 unlock_time=900\n"
UNIX_AUTH = "auth [success=2 default=ignore] pam_unix.so\n"
AUTHFAIL = "auth [default=die] pam_faillock.so authfail deny=4\n"
AUTHSUCC = "auth sufficient pam_faillock.so authsucc\n"
END = "auth requisite pam_deny.so\nauth required pam_permit.so\n"


@pytest.mark.parametrize(
    ("auth", "attempts"),
    [
        (PREAUTH + UNIX_AUTH + AUTHFAIL + END, 4),
        (UNIX_AUTH.replace("2", "1") + AUTHFAIL + AUTHSUCC + END, 3),  # authsucc refuses, by a limit of its own
        (UNIX_AUTH + AUTHFAIL + END, 0),  # counts, but never refuses
        (PREAUTH + UNIX_AUTH + END, 0),  # never counts
        (PREAUTH + AUTH + AUTHFAIL, 0),  # pam_deny ends the stack before the count
        (PREAUTH.replace("requisite", "optional") + UNIX_AUTH + AUTHFAIL + END, 0),
        (PREAUTH + "auth sufficient pam_unix.so\n" + AUTHFAIL + END, 4),
        ("auth required pam_tally2.so deny=6\n" + AUTH, 6),
        ("auth optional pam_tally2.so deny=6\n" + AUTH, 0),
    ],
)
def test_a_lockout_counts_only_where_it_counts_and_refuses(tmp_path: Path, auth: str, attempts: int) -> None:
    assert _policy(tmp_path, auth=auth)["lockout_attempts"] == attempts


def test_each_way_to_log_in_is_judged_by_itself(tmp_path: Path) -> None:
    files: Files = {
        **MODULES,
        "/etc/pam.d/login": PREAUTH + UNIX_AUTH + AUTHFAIL + END,
        "/etc/pam.d/sshd": AUTH.replace("pam_unix.so", "pam_unix.so nullok"),
    }
    found = {(r["service"], r["name"]): r["number"] for r in rows("password_policy", make_root(tmp_path, files))}
    assert (found["login", "lockout_attempts"], found["sshd", "lockout_attempts"]) == (4, 0)
    assert (found["login", "empty_allowed"], found["sshd", "empty_allowed"]) == (0, 1)


@pytest.mark.parametrize(
    ("args", "defs", "method"),
    [
        ("sha512", "ENCRYPT_METHOD YESCRYPT\n", "sha512"),
        ("obscure sha512 yescrypt", "", "yescrypt"),
        ("obscure", "ENCRYPT_METHOD SHA512\nENCRYPT_METHOD DES\n", "sha512"),
        ("obscure", "ENCRYPT_METHOD DES\nENCRYPT_METHOD SHA512\n", "des"),
        ("obscure", "", "des"),
        ("md5", "ENCRYPT_METHOD SHA512\n", "md5"),
    ],
)
def test_hash_method_is_the_argument_or_the_first_of_login_defs(
    tmp_path: Path, args: str, defs: str, method: str
) -> None:
    assert (
        _policy(tmp_path, f"password required pam_unix.so {args}\n", more={"/etc/login.defs": defs})["hash_method"]
        == method
    )


def test_other_modules_are_read_too(tmp_path: Path) -> None:
    found = _policy(
        tmp_path / "a", "password requisite pam_cracklib.so minlen=14 dcredit=-1 ucredit=-1\n" + UNIX + REST
    )
    assert (found["min_length"], found["min_classes"], found["dictionary_check"]) == (12, 2, 1)
    found = _policy(
        tmp_path / "b", "password requisite pam_passwdqc.so min=disabled,disabled,disabled,12,10\n" + UNIX + REST
    )
    assert (found["min_length"], found["min_classes"]) == (10, 3)


def test_without_pam_the_table_is_absent(tmp_path: Path) -> None:
    assert read_table("password_policy", make_root(tmp_path, {})).status == "absent"


@pytest.mark.parametrize(
    ("session", "defs", "umask"),
    [
        ("", "UMASK 027\n", 0o022),
        ("session optional pam_umask.so\n", "UMASK 027\n", 0o027),
        ("session optional pam_umask.so\n", "UMASK 027\nUSERGROUPS_ENAB yes\n", 0o027),
        ("session optional pam_umask.so usergroups\n", "UMASK 027\n", 0o007),
        ("session optional pam_umask.so umask=0077\n", "UMASK 022\n", 0o077),
        ("session optional pam_umask.so\n", "", 0o077),
        ("session optional pam_umask.so\n", "UMASK 02x\n", None),
        ("session optional pam_gone_umask.so\n", "UMASK 077\n", 0o022),
    ],
)
def test_umask_is_what_pam_umask_sets(tmp_path: Path, session: str, defs: str, umask: int | None) -> None:
    found = _policy(
        tmp_path,
        auth=AUTH + session,
        more={"/etc/login.defs": defs, "/etc/default/login": "UMASK=077\n", f"{SECURITY}pam_umask.so": ""},
    )
    assert found["umask"] == umask


@pytest.mark.parametrize(
    ("auth", "refused"),
    [
        (AUTH, 1),
        ("auth sufficient pam_permit.so\n" + AUTH, 0),
        ("auth required pam_env.so\nauth required pam_permit.so\n", 0),
        ("auth optional pam_unix.so\nauth required pam_permit.so\n", 0),
        ("auth [success=1 default=ignore] pam_unix.so\nauth required pam_permit.so\n", 0),
        ("auth required pam_home_made.so\n", 1),
        ("auth sufficient pam_rootok.so\n" + AUTH, 1),
        ("", 1),
    ],
)
def test_a_stack_that_lets_everyone_in_is_told(tmp_path: Path, auth: str, refused: int) -> None:
    assert _policy(tmp_path, auth=auth)["wrong_refused"] == refused


# ---------------------------------------------------------------- against libpwquality

LIBRARY = ctypes.util.find_library("pwquality")
IDS = {"difok": 1, "minlen": 3, "dcredit": 4, "ucredit": 5, "lcredit": 6, "ocredit": 7, "minclass": 8, "dictcheck": 15,
       "usercheck": 16, "enforcing": 17, "retry": 18, "enforce_for_root": 19}  # fmt: skip
"""pwquality.h of libpwquality 1.4.5."""


@pytest.mark.skipif(LIBRARY is None, reason="libpwquality1 is not installed")
@pytest.mark.parametrize(
    ("main", "drop_ins"),
    [
        ("", {}),
        ("minlen = 11\n", {"a.conf": "minlen=12\n", "b.conf": "minlen=13\nminclass=3\n", "c.txt": "minlen=20\n"}),
        ("minlen 14 # x\nMINCLASS=2\nbogus = 1\ndcredit=-1\n", {}),
        ("minlen=abc\ndcredit=-1\n", {"a.conf": "difok=4"}),
        ("dcredit=-1\n", {"a.conf": "bogus\nminclass=4"}),
        ("minlen = 3\nenforce_for_root\nenforcing=0\n\nretry=5\ndictcheck = 0", {}),
        ("minlen = 12 \n minclass=4x\nretry=9", {}),
        ("minlen = 12\nminclass=9\n\tocredit\t=\t-2\nlcredit==3", {}),
    ],
)
def test_files_are_read_as_libpwquality_reads_them(tmp_path: Path, main: str, drop_ins: dict[str, str]) -> None:
    library = ctypes.CDLL(str(LIBRARY))
    library.pwquality_default_settings.restype = ctypes.c_void_p
    files: Files = {f"/etc/security/pwquality.conf.d/{name}": text for name, text in drop_ins.items()}
    root = make_root(tmp_path, {**files, "/etc/security/pwquality.conf": main})
    pointer = ctypes.c_void_p(library.pwquality_default_settings())
    problem = ctypes.c_void_p()
    conf = str(root / "etc/security/pwquality.conf").encode()
    library.pwquality_read_config(pointer, conf, ctypes.byref(problem))
    ours = _settings_of(root)
    for name, number in IDS.items():
        value = ctypes.c_int()
        assert library.pwquality_get_int_value(pointer, number, ctypes.byref(value)) == 0
        assert ours[name] == value.value, name


def _settings_of(root: Path) -> dict[str, int | None]:
    import time

    from secaudit.tables.host._pam import Rule
    from secaudit.targets.recorder import Cache, Recorder
    from secaudit.targets.root import RootAccess

    target = Recorder(RootAccess(str(root)), Cache(), 0, time.monotonic() + 9)
    rule = Rule("passwd", "password", "requisite", "pam_pwquality.so", (), "/etc/pam.d/passwd", 1, ())
    return {name: setting.number for name, setting in _pwquality.pwquality(target, rule).items()}
