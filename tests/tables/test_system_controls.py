"""system_controls and network_controls: sysctl.d precedence, the kernel's own rules, and the real kernel."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows, rows_of

SYSTEMD = {"/usr/lib/systemd/systemd-sysctl": ""}
DEBIAN = {"/etc/os-release": "ID=debian\n"}


def control(root: Path, name: str) -> dict[str, str | int | None]:
    (row,) = (row for row in rows("system_controls", root) if row["name"] == name)
    return row


def test_later_file_name_wins_whatever_its_folder(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {
            "/etc/sysctl.d/10-a.conf": "kernel.kptr_restrict = 1\n",
            "/usr/lib/sysctl.d/50-b.conf": "# x\nkernel.kptr_restrict=2\n",
        },
    )
    row = control(root, "kernel.kptr_restrict")
    assert (row["boot_value"], row["path"], row["line"]) == ("2", "/usr/lib/sysctl.d/50-b.conf", 2)
    assert (row["current_value"], row["value"], row["is_configured"]) == (None, "2", 1)


@pytest.mark.parametrize("stronger", ["/etc", "/run", "/usr/local/lib"])
def test_same_name_in_a_stronger_folder_hides_the_weaker_file(tmp_path: Path, stronger: str) -> None:
    root = make_root(
        tmp_path,
        {
            f"{stronger}/sysctl.d/50-a.conf": "kernel.sysrq = 16\n",
            "/usr/lib/sysctl.d/50-a.conf": "kernel.sysrq = 1\nkernel.kexec_load_disabled = 1\n",
        },
    )
    assert control(root, "kernel.sysrq")["boot_value"] == "16"
    assert control(root, "kernel.kexec_load_disabled")["boot_value"] == "0"


def test_link_to_dev_null_switches_a_vendor_file_off(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/usr/lib/sysctl.d/50-a.conf": "fs.suid_dumpable = 2\n", "/etc/sysctl.d/x": ""})
    (root / "etc/sysctl.d/50-a.conf").symlink_to("/dev/null")
    assert control(root, "fs.suid_dumpable")["is_configured"] == 0


def test_merged_usr_reads_each_file_once(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/usr/lib/sysctl.d/50-a.conf": "fs.suid_dumpable = 2\n"})
    (root / "lib").symlink_to("usr/lib")
    assert control(root, "fs.suid_dumpable")["path"] == "/usr/lib/sysctl.d/50-a.conf"


def test_sysctl_conf_counts_last_without_systemd(tmp_path: Path) -> None:
    files = {"/etc/sysctl.conf": "kernel.kptr_restrict=1\n", "/etc/sysctl.d/zz.conf": "kernel.kptr_restrict=2\n"}
    assert control(make_root(tmp_path / "procps", files), "kernel.kptr_restrict")["boot_value"] == "1"
    assert control(make_root(tmp_path / "systemd", {**files, **SYSTEMD}), "kernel.kptr_restrict")["boot_value"] == "2"


def test_sysctl_conf_counts_with_systemd_through_its_link(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/etc/sysctl.conf": "kernel.kptr_restrict=1\n", "/etc/sysctl.d/x": "", **SYSTEMD})
    (root / "etc/sysctl.d/99-sysctl.conf").symlink_to("../sysctl.conf")
    assert control(root, "kernel.kptr_restrict")["path"] == "/etc/sysctl.d/99-sysctl.conf"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("net.ipv4.conf.eth0/1.rp_filter", "net.ipv4.conf.eth0/1.rp_filter"),
        ("net/ipv4/conf/eth0.1/rp_filter", "net.ipv4.conf.eth0/1.rp_filter"),
        ("/net/ipv4/conf/eth0.1/rp_filter", "net.ipv4.conf.eth0/1.rp_filter"),
        ("-net.ipv4.conf.eth0.rp_filter ", "net.ipv4.conf.eth0.rp_filter"),
    ],
)
def test_first_separator_decides_which_one_separates(tmp_path: Path, written: str, name: str) -> None:
    assert control(make_root(tmp_path, {"/etc/sysctl.d/a.conf": f"{written} = 2\n"}), name)["boot_value"] == "2"


def test_exact_names_beat_patterns_and_exclusions_keep_patterns_off(tmp_path: Path) -> None:
    text = (
        "net.ipv4.conf.hub0.rp_filter = 1\nnet.ipv4.conf.*.rp_filter = 2\n-net.ipv4.conf.all.rp_filter\n"
        "net.ipv4.conf.*.log_martians = 0\nnet.ipv4.conf.*.log_martians = 1\nnet.*.rp_filter = 9\n"
    )
    root = make_root(tmp_path, {"/etc/sysctl.d/a.conf": text})
    assert control(root, "net.ipv4.conf.hub0.rp_filter")["boot_value"] == "1"
    assert control(root, "net.ipv4.conf.default.rp_filter")["boot_value"] == "2"
    assert control(root, "net.ipv4.conf.all.rp_filter")["is_configured"] == 0
    assert control(root, "net.ipv4.conf.all.log_martians")["boot_value"] == "1"


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        (["net.ipv4.ip_forward = 1", "net.ipv4.conf.all.forwarding = 0"], "0"),
        (["net.ipv4.conf.all.forwarding = 0", "net.ipv4.ip_forward = 1"], "1"),
        (["net.ipv4.ip_forward = 0", "net.ipv4.conf.all.forwarding = 1", "net.ipv4.ip_forward = 1"], "1"),
        # systemd-sysctl leaves a line where it was when the same value comes again
        (["net.ipv4.ip_forward = 1", "net.ipv4.conf.all.forwarding = 0", "net.ipv4.ip_forward = 1"], "0"),
    ],
)
def test_two_names_of_one_switch_have_the_value_written_last(tmp_path: Path, lines: list[str], value: str) -> None:
    root = make_root(tmp_path, {"/etc/sysctl.d/a.conf": "\n".join(lines) + "\n"})
    assert control(root, "net.ipv4.ip_forward")["boot_value"] == value
    assert control(root, "net.ipv4.conf.all.forwarding")["boot_value"] == value


def test_values_are_written_as_the_kernel_shows_them(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/etc/sysctl.d/a.conf": "kernel.sysrq=0x1b6\nnet.ipv4.ping_group_range =  0   010\n"})
    assert control(root, "kernel.sysrq")["boot_value"] == "438"
    assert control(root, "kernel.sysrq")["config_value"] == "0x1b6"
    assert control(root, "net.ipv4.ping_group_range")["boot_value"] == "0 8"


def test_comments_and_lines_without_equals_are_passed_over(tmp_path: Path) -> None:
    text = "; kernel.sysrq=1\n# kernel.sysrq=1\nkernel.sysrq\n = 3\n\n"
    assert control(make_root(tmp_path, {"/etc/sysctl.d/a.conf": text}), "kernel.sysrq")["is_configured"] == 0


def test_ufw_settings_count_when_ufw_is_on(tmp_path: Path) -> None:
    files = {
        "/etc/default/ufw": "IPT_SYSCTL=/etc/ufw/sysctl.conf\n",
        "/etc/ufw/sysctl.conf": "net/ipv4/conf/all/accept_redirects=0\n",
    }
    on = make_root(tmp_path / "on", {**files, "/etc/ufw/ufw.conf": "ENABLED=yes\n"})
    off = make_root(tmp_path / "off", {**files, "/etc/ufw/ufw.conf": "ENABLED=no\n"})
    name = "net.ipv4.conf.all.accept_redirects"
    assert (control(on, name)["boot_value"], control(on, name)["path"]) == ("0", "/etc/ufw/sysctl.conf")
    assert control(off, name)["boot_value"] == "1"


def test_unset_names_have_the_kernels_default_when_it_is_known(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {
            "/etc/os-release": "ID=fedora\n",
            "/boot/vmlinuz-6.9.1-200.fc40.x86_64": "",
            "/boot/config-6.9.1-200.fc40.x86_64": (
                "CONFIG_SECURITY_DMESG_RESTRICT=y\n# CONFIG_BPF_UNPRIV_DEFAULT_OFF is not set\n"
                "CONFIG_MAGIC_SYSRQ_DEFAULT_ENABLE=0x10\n"
            ),
        },
    )
    found = {row["name"]: row["boot_value"] for row in rows("system_controls", root)}
    assert found["kernel.dmesg_restrict"] == "1"
    assert found["kernel.unprivileged_bpf_disabled"] == "0"
    assert found["kernel.sysrq"] == "16"
    assert found["kernel.perf_event_paranoid"] == "2"
    assert found["kernel.yama.ptrace_scope"] == "1"
    assert found["fs.protected_symlinks"] == "0"


def test_unknown_default_is_null_not_a_guess(tmp_path: Path) -> None:
    found = {row["name"]: row["boot_value"] for row in rows("system_controls", make_root(tmp_path, DEBIAN))}
    assert found["kernel.dmesg_restrict"] is None
    assert found["kernel.yama.ptrace_scope"] is None
    assert found["fs.protected_symlinks"] is None


@pytest.mark.parametrize(
    ("release", "boot_value"),
    [
        ("6.1.0-18-amd64", ""),
        ("5.15.0-91-generic", ""),
        ("6.5.13", ""),
        ("6.6.0-1-lts", "0"),
        ("6.12.48+deb13-amd64", "0"),
        ("5.14.0-427.el9.x86_64", None),
        ("", None),
    ],
)
def test_setting_that_came_with_a_later_kernel(tmp_path: Path, release: str, boot_value: str | None) -> None:
    root = make_root(tmp_path, {f"/boot/vmlinuz-{release}": ""} if release else {})
    found = [row for row in rows("system_controls", root) if row["name"] == "kernel.io_uring_disabled"]
    assert [row["boot_value"] for row in found] == ([] if boot_value == "" else [boot_value])


def test_setting_that_the_kernel_lacks_is_empty_though_a_file_sets_it(tmp_path: Path) -> None:
    files = {"/boot/vmlinuz-6.1.0-18-amd64": "", "/etc/sysctl.d/a.conf": "kernel.io_uring_disabled = 2\n"}
    row = control(make_root(tmp_path, files), "kernel.io_uring_disabled")
    assert (row["value"], row["boot_value"], row["config_value"]) == ("", "", "2")


def test_unreadable_file_makes_the_table_partial(tmp_path: Path, as_nobody) -> None:  # type: ignore[no-untyped-def]
    root = make_root(tmp_path, {"/etc/sysctl.d/a.conf": "kernel.sysrq=1\n"}, {"/etc/sysctl.d/a.conf": 0})
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.getuid() and not folder.stat().st_mode & 0o001:
            folder.chmod(0o755)
    data = as_nobody(lambda: read_table("system_controls", root))
    assert data.status == "partial"
    assert "/etc/sysctl.d/a.conf" in str(data.reason)


def test_hostile_files_cost_little(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {
            "/etc/sysctl.d/a.conf": "=\n" + "x." * 100_000 + "=1\n" + "".join(f"a.b{n} = {n}\n" for n in range(20_000)),
            "/etc/sysctl.d/b.conf": b"\xff\xfe\x00=\x01\n[[[*=1\n-\n",
        },
    )
    (root / "etc/sysctl.d/loop.conf").symlink_to("loop.conf")
    assert read_table("system_controls", root).status == "partial"  # more names than any kernel has


@pytest.mark.skipif(shutil.which("sysctl") is None, reason="sysctl is not installed")
def test_running_values_agree_with_sysctl() -> None:
    text = subprocess.run(["sysctl", "-a"], capture_output=True, text=True, check=False).stdout
    real = {name: " ".join(value.split()) for line in text.splitlines() for name, _, value in [line.partition(" = ")]}
    ours = {str(row["name"]): row["current_value"] for row in rows("system_controls")}
    shared = [name for name in ours if name in real and not re.search(r"random|nr_|perf_|state|pid|core_modes", name)]
    assert len(shared) > 300
    assert {name: ours[name] for name in shared} == {name: real[name] for name in shared}


@pytest.mark.skipif(shutil.which("sysctl") is None or os.geteuid() != 0, reason="needs sysctl and root")
def test_order_agrees_with_sysctl_system_in_a_namespace(tmp_path: Path) -> None:
    """The real program applies real files in a network namespace of its own; what it leaves is what we foretell."""
    files = {
        "/etc/sysctl.d/10-a.conf": "net.ipv4.conf.default.rp_filter=1\nnet.ipv4.conf.all.log_martians=1\n",
        "/etc/sysctl.d/20-b.conf": "net/ipv4/conf/default/rp_filter = 2\n",
        "/run/sysctl.d/20-b.conf": "net.ipv4.conf.default.rp_filter = 0\n",
        "/usr/lib/sysctl.d/30-c.conf": "net.ipv4.conf.*.send_redirects = 0\n-net.ipv4.conf.all.send_redirects\n",
        "/usr/lib/sysctl.d/40-d.conf": "net.ipv4.conf.lo.send_redirects=1\nnet.ipv4.tcp_syncookies = 0x2\n",
        "/etc/sysctl.conf": "net.ipv4.conf.all.log_martians=0\n-net.ipv4.icmp_echo_ignore_all = 1\n",
    }
    root = make_root(tmp_path / "root", files)
    script = " && ".join(
        f"mkdir -p {folder} && mount --bind {tmp_path}/root{folder} {folder}"
        for folder in ("/etc/sysctl.d", "/run/sysctl.d", "/usr/lib/sysctl.d")
    )
    script += f" && mount --bind {tmp_path}/root/etc/sysctl.conf /etc/sysctl.conf && sysctl --system >&2; sysctl -a"
    done = subprocess.run(
        ["unshare", "--mount", "--net", "sh", "-c", script], capture_output=True, text=True, check=False
    )
    real = dict(line.split(" = ", 1) for line in done.stdout.splitlines() if " = " in line)
    if "net.ipv4.tcp_syncookies" not in real:
        pytest.skip(f"no namespaces here: {done.stderr[-200:]}")
    ours = {str(row["name"]): row for row in rows("system_controls", root)}
    for name in (
        "net.ipv4.conf.default.rp_filter",
        "net.ipv4.conf.all.log_martians",
        "net.ipv4.conf.default.send_redirects",
        "net.ipv4.conf.all.send_redirects",
        "net.ipv4.conf.lo.send_redirects",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.icmp_echo_ignore_all",
    ):
        assert ours[name]["boot_value"] == real[name], name


# ---------------------------------------------------------------- network_controls


def effect(root: Path, family: str, setting: str, interface: str = "default") -> int | None:
    (row,) = (
        row
        for row in rows("network_controls", root)
        if (row["family"], row["setting"], row["interface"]) == (family, setting, interface)
    )
    return row["boot_value"]  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("setting", "everything", "own", "result"),
    [
        ("accept_redirects", 0, 0, 0),
        ("accept_redirects", 0, 1, 1),  # either one is enough on a machine that does not forward
        ("accept_redirects", 1, 0, 1),
        ("send_redirects", 0, 1, 1),
        ("send_redirects", 0, 0, 0),
        ("log_martians", 1, 0, 1),
        ("accept_source_route", 0, 1, 0),  # both are needed
        ("accept_source_route", 1, 1, 1),
        ("rp_filter", 0, 2, 2),  # the larger one counts
        ("rp_filter", 1, 0, 1),
    ],
)
def test_all_and_interface_are_combined_as_the_kernel_does(
    tmp_path: Path, setting: str, everything: int, own: int, result: int
) -> None:
    text = f"net.ipv4.conf.all.{setting} = {everything}\nnet.ipv4.conf.default.{setting} = {own}\n"
    assert effect(make_root(tmp_path, {"/etc/sysctl.d/a.conf": text}), "ipv4", setting) == result


def test_a_router_needs_both_to_accept_redirects(tmp_path: Path) -> None:
    text = "net.ipv4.ip_forward = 1\nnet.ipv4.conf.all.accept_redirects = 0\n"
    root = make_root(tmp_path, {"/etc/sysctl.d/a.conf": text})
    assert effect(root, "ipv4", "accept_redirects") == 0


def test_interface_that_no_file_names_follows_default(tmp_path: Path) -> None:
    text = "net.ipv4.conf.default.rp_filter = 1\nnet.ipv4.conf.eth0.log_martians = 1\n"
    root = make_root(tmp_path, {"/etc/sysctl.d/a.conf": text})
    assert effect(root, "ipv4", "rp_filter", "eth0") == 1
    assert effect(root, "ipv4", "log_martians", "eth0") == 1


def test_ipv6_off_means_nothing_is_accepted(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/etc/sysctl.d/a.conf": "net.ipv6.conf.all.disable_ipv6 = 1\n"})
    assert effect(root, "ipv6", "accept_ra") == 0
    assert effect(root, "ipv6", "accept_redirects") == 0


@pytest.mark.parametrize(("accept", "forward", "result"), [(1, 0, 1), (1, 1, 0), (2, 1, 1), (0, 0, 0)])
def test_router_advertisements_and_forwarding(tmp_path: Path, accept: int, forward: int, result: int) -> None:
    text = f"net.ipv6.conf.default.accept_ra={accept}\nnet.ipv6.conf.all.forwarding={forward}\n"
    assert effect(make_root(tmp_path, {"/etc/sysctl.d/a.conf": text}), "ipv6", "accept_ra") == result


def test_loopback_is_left_out_on_this_machine() -> None:
    data = read_table("network_controls")
    assert data.status == "ok"
    assert "lo" not in {row["interface"] for row in rows_of(data)}


def test_a_program_that_cannot_be_looked_for_leaves_the_files_open(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/etc/sysctl.conf": "kernel.sysrq = 1\n", "/usr/lib/systemd/x": ""})
    (root / "usr/lib/systemd/systemd-sysctl").symlink_to("/usr/lib/systemd/systemd-sysctl")
    data = read_table("system_controls", root)
    assert data.status == "partial"
    assert {row["boot_value"] for row in rows_of(data)} <= {None, ""}
