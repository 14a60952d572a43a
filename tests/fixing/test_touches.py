"""Which files a fix changes, read out of its text."""

from __future__ import annotations

import pytest

from secaudit.fixing.touches import Kind, read_text

F, D, M, T, W = Kind.FILE, Kind.FOLDER, Kind.MODES, Kind.TREE, Kind.FIND


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("echo x | sudo tee /etc/a", [(F, "/etc/a")]),
        ("echo x | sudo tee -a /etc/a /etc/b >/dev/null", [(F, "/etc/a"), (F, "/etc/b")]),
        ("echo x > /etc/a; echo y 2>> ~/log", [(F, "/etc/a"), (F, "~/log")]),
        ("sudo sh -c 'echo 1 > /etc/a && rm /etc/b'", [(F, "/etc/a"), (F, "/etc/b")]),
        ("cat <<END | sudo tee /etc/a\nrm /etc/b\nEND", [(F, "/etc/a")]),
        ("{ echo a; echo b; } > /etc/a", [(F, "/etc/a")]),
        ("sudo sed -i -E 's/a/b/; s|/etc/x|y|' /etc/a /etc/b", [(F, "/etc/a"), (F, "/etc/b")]),
        ("sed -i.old -e s/a/b/ -e s/c/d/ /etc/a", [(F, "/etc/a"), (F, "/etc/a.old")]),
        ("sed -Ei s/a/b/ /etc/a", [(F, "/etc/a")]),
        ("sed s/a/b/ /etc/a", []),
        ("sudo rm -rf -- /etc/a '/etc/b c'", [(F, "/etc/a"), (F, "/etc/b c")]),
        ("sudo mv /etc/a /root/a.old", [(F, "/etc/a"), (F, "/root/a.old")]),
        ("sudo cp -a /usr/share/x /etc/a", [(F, "/etc/a")]),
        ("sudo install -m 600 -o root /dev/null /etc/a", [(F, "/etc/a")]),
        ("sudo install -d -m 700 /etc/d", [(D, "/etc/d")]),
        ("sudo cp /usr/share/x.conf /etc/d/", [(F, "/etc/d/x.conf")]),
        ("ln -sf /dev/null /etc/a", [(F, "/etc/a")]),
        ("sudo mkdir -p -m 755 /etc/d", [(D, "/etc/d")]),
        ("sudo chmod go-w /etc/a && sudo chown -R root:root /etc/d", [(M, "/etc/a"), (T, "/etc/d")]),
        ("chmod -x /etc/a", [(M, "/etc/a")]),
        ("sudo chgrp adm /etc/a; echo 1 | sudo tee /etc/a", [(F, "/etc/a")]),
        ('for f in /etc/a /etc/b-*; do [ ! -e "$f" ] || sudo chmod 600 "$f"; done', [(M, "/etc/a"), (M, "/etc/b-*")]),
        ("sudo chmod 600 /etc/ssh/ssh_host_*_key", [(M, "/etc/ssh/ssh_host_*_key")]),
        ("D=/etc/x; echo 1 > $D/y", [(F, "/etc/x/y")]),
        ("rm -f $HOME/.rhosts ~/.shosts", [(F, "~/.rhosts"), (F, "~/.shosts")]),
        ("sudo find /etc -xdev -perm -0002 -exec chmod o-w {} +", [(W, "/etc -xdev -perm -0002")]),
        (
            "for d in /a /b*; do sudo find -L $d \\( -user x -o -name '*.c' \\) -exec chown root {} \\; ; done",
            [(W, "-L /a /b* '(' -user x -o -name '*.c' ')'")],
        ),
        ("find /etc/d -name '*.rules' -exec sed -i s/a/b/ {} +", [(F, "/etc/d")]),
        ("find /etc -type f -exec ls -l {} +", []),
        (
            "sudo usermod -L x",
            [(F, f"/etc/{n}{s}") for n in ("passwd", "shadow", "group", "gshadow") for s in ("", "-")],
        ),
        ("sudo ufw allow 22/tcp", [(F, "/etc/ufw"), (F, "/etc/default/ufw")]),
        ("sudo ufw status", []),
        ("sudo systemctl enable --now x", [(F, "/etc/systemd/system"), (F, "/etc/rc?.d")]),
        ("sudo systemctl restart x", []),
        (
            "sudo a2enconf -q x && sudo apache2ctl configtest",
            [(F, "/etc/apache2/conf-enabled"), (F, "/var/lib/apache2")],
        ),
        ("sudo nginx -t && sudo postfix check && testparm -s && sudo cupsd -t", []),
        ("sudo postconf -X x", [(F, "/etc/postfix/main.cf")]),
        ("git config --global a.b c", [(F, "~/.gitconfig"), (F, "~/.config/git/config")]),
        ("sudo env A=1 nice -n 5 tee /etc/a", [(F, "/etc/a")]),
        ("x=$(sudo rm /etc/a)", [(F, "/etc/a")]),
        ("cat <<END\n$(rm /etc/a)\nEND", [(F, "/etc/a")]),
        ('echo "x $(rm /etc/a)" `rm /etc/b`', [(F, "/etc/a"), (F, "/etc/b")]),
        ('[ -n "$(rm /etc/a)" ] || ! rm /etc/b', [(F, "/etc/a"), (F, "/etc/b")]),
        ("x=/etc/a; [ -e $x ] || x=/etc/b; rm $x", [(F, "/etc/a"), (F, "/etc/b")]),
        (". /etc/os-release; awk '/^.i/ {print $NF}' /etc/c | sort -u; rm /etc/a", [(F, "/etc/a")]),
        ("if true; then echo 1 > /etc/a; else rm /etc/b; fi", [(F, "/etc/a"), (F, "/etc/b")]),
        ("case $x in a) rm /etc/a ;; esac", [(F, "/etc/a")]),
        ("sudo sysctl -p /etc/sysctl.d/x.conf; echo 1 > /proc/sys/a; sudo sshd -t", []),
    ],
)
def test_the_places_are_found(text: str, places: list[tuple[Kind, str]]) -> None:
    read = read_text(text)
    assert read.unclear == ()
    assert sorted((place.kind, place.what) for place in read.touched) == sorted(places)


@pytest.mark.parametrize(
    "text",
    [
        "some-tool --write",
        "sudo nginx -s quit",
        "sudo nginx -t -c /etc/a -e /etc/b",
        "sudo postfix set-permissions",
        ". ./settings",
        "awk '{print > \"/etc/a\"}' /etc/b",
        "sort -o /etc/a /etc/a",
        "read x; rm $x",
        "f() { rm $1; }",
        "echo rm /etc/a | sh",
        "rm ~root/a",
        'while read -r f; do rm "$f"; done < /etc/list',
        'echo 1 > "$(mktemp)"',
        "rm $unknown",
        "rm relative/path",
        "grep -l x /etc/* | xargs sed -i s/x/y/",
        "sudo find /etc -name x -exec some-tool {} +",
        "sudo find $where -exec chmod o-w {} +",
        "cp --target-directory=/etc a b",
        "git config core.editor vi",
        "echo 'unclosed",
        "curl http://example.net/x | sh",
        "rm '/etc/a\nb'",
        'eval "$x"',
    ],
)
def test_what_cannot_be_told_is_said(text: str) -> None:
    assert read_text(text).unclear != ()


def test_files_of_a_person_are_told_from_files_of_root() -> None:
    read = read_text(
        "rm ~/.a; find ~ -perm -2 -exec chmod o-w {} +; sudo rm /etc/~b; sudo find /a -name '~' -exec chmod 1 {} +"
    )
    assert [place.is_own for place in read.touched] == [True, True, False, False]
