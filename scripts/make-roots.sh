#!/bin/sh
# Make Debian root file systems for the tests: make-roots.sh FOLDER. Needs root and debootstrap; each is made once.
set -eu
folder=$1
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
if [ "$(id -u)" != 0 ] || ! command -v debootstrap >/dev/null 2>&1; then
    echo "note: no Debian roots: they need root and debootstrap; the tests that use them are skipped" >&2
    [ -z "${CI:-}" ] || exit 1
    exit 0
fi
mkdir -p "$folder"
for suite in bullseye bookworm trixie; do
    [ ! -d "$folder/$suite" ] || continue
    echo "making a Debian root: $suite ..." >&2
    rm -rf "$folder/$suite.new"
    if debootstrap --variant=minbase --include=openssh-server,sudo,libpam-pwquality,systemd-sysv,cron \
        "$suite" "$folder/$suite.new" >"$folder/$suite.log" 2>&1; then
        mv "$folder/$suite.new" "$folder/$suite"
    else
        tail -3 "$folder/$suite.log" >&2
        echo "note: the Debian root $suite could not be made" >&2
        [ -z "${CI:-}" ] || exit 1
    fi
done

# "normal": what a laptop or small server has, with one person (dana). For the view of an ordinary user.
if [ -d "$folder/bookworm" ] && [ ! -d "$folder/normal" ]; then
    echo "making a Debian root: normal ..." >&2
    new=$folder/normal.new
    rm -rf "$new"
    cp -a "$folder/bookworm" "$new"
    mirror=$(sed -n 's|^deb \([^ ]*\) .*|\1|p' "$new/etc/apt/sources.list" | head -1)
    for words in "$mirror bookworm" "$mirror bookworm-updates" "$mirror-security bookworm-security"; do
        echo "deb $words main"
    done >"$new/etc/apt/sources.list"
    echo 'UUID=3b0d6a4e-3c3f-4a6f-9b9e-0a4d4f2b8c11 / ext4 errors=remount-ro 0 1' >"$new/etc/fstab"
    cp /etc/resolv.conf "$new/etc/resolv.conf"
    printf '#!/bin/sh\nexit 101\n' >"$new/usr/sbin/policy-rc.d" # nothing is started
    chmod 755 "$new/usr/sbin/policy-rc.d"
    if NEW=$new unshare -m --propagation private sh -ec '
        mount -t proc proc "$NEW/proc"
        mount --rbind /dev "$NEW/dev"
        mount -t tmpfs tmpfs "$NEW/run"
        exec chroot "$NEW" sh -ec "
            export DEBIAN_FRONTEND=noninteractive
            apt-get update
            apt-get install -y --no-install-recommends apparmor ca-certificates cron cups curl dbus dconf-cli \
                firefox-esr git initramfs-tools iproute2 less libpam-pwquality linux-image-cloud-amd64 locales \
                logrotate man-db nano needrestart network-manager openssh-client openssh-server polkitd procps \
                rsyslog sudo systemd-timesyncd ufw unattended-upgrades zstd
            apt-get -y dist-upgrade
            apt-get clean
            useradd -m -s /bin/bash -u 1000 -c Dana dana
        "' >"$folder/normal.log" 2>&1; then
        rm -rf "$new/usr/sbin/policy-rc.d" "$new"/run/*
        mv "$new" "$folder/normal"
    else
        tail -3 "$folder/normal.log" >&2
        echo "note: the Debian root normal could not be made" >&2
        [ -z "${CI:-}" ] || exit 1
    fi
fi
