#!/bin/sh
# Make the Debian root in which the tests try out the fixes of checks: make-fix-root.sh FOLDER
# FOLDER holds the root "bookworm" of make-roots.sh; "fixes" is put beside it. Needs root and the network, once.
# All packages that a fix installs lie in it already downloaded, because the tests have no network.
set -eu
folder=$1
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
installed="apache2 apparmor at auditd ca-certificates cracklib-runtime cron dbus dconf-cli dconf-gsettings-backend dconf-service
    git gnupg grub2-common gsettings-desktop-schemas iproute2 kmod libglib2.0-bin libpam-pwquality libxml2 libxslt1.1 logrotate
    mariadb-server-core memcached mosquitto nano nftables nginx-light openvpn php-fpm postfix postgresql-client-15
    postgresql-common procps redis-server rsync rsyslog samba snmpd ssl-cert systemd-timesyncd unattended-upgrades"
downloaded="aide aide-common apparmor-utils avahi-daemon chrony clamav clamav-freshclam debian-security-support needrestart
    exim4-daemon-light nfs-kernel-server rpcbind rsyslog-gnutls telnet ufw vsftpd xinetd"
alone="cups-daemon systemd-resolved" # downloaded without what they recommend
made="$folder/fixes.made"
recipe=$(cksum <"$0")
if [ -d "$folder/fixes" ] && [ "$(cat "$made" 2>/dev/null)" = "$recipe" ]; then exit 0; fi
if [ "$(id -u)" != 0 ] || [ ! -d "$folder/bookworm" ]; then
    echo "note: no root for the tests of fixes: it needs root and the Debian root bookworm; those tests are skipped" >&2
    [ -z "${CI:-}" ] || exit 1
    exit 0
fi
echo "making the root in which fixes are tried out ..." >&2
root="$folder/fixes.new"
rm -rf "$root"
mkdir -p "$root"
cp -a "$folder/bookworm/." "$root/"

# no daemon may start here, and dpkg need not wait for the disk
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/fixes"
echo 'Acquire::Retries "0";' >"$root/etc/apt/apt.conf.d/00fixes" # without a network each one takes seconds
cp /etc/resolv.conf "$root/etc/resolv.conf"
site=$(awk '/^deb / {print $2; exit}' "$root/etc/apt/sources.list")
cat >"$root/etc/apt/sources.list" <<EOF
deb $site bookworm main
deb $site bookworm-updates main
deb ${site%/debian*}/debian-security bookworm-security main
EOF

inside() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C chroot "$root" "$@"; }
fill() {
    inside apt-get update -qq
    inside apt-get dist-upgrade -y -qq
    # shellcheck disable=SC2086
    inside apt-get install -y -qq --no-install-recommends $installed
    inside apt-get clean
    # each for itself: chrony and systemd-timesyncd exclude each other
    for package in $downloaded; do inside apt-get install -y -qq --download-only "$package"; done
    for package in $alone; do inside apt-get install -y -qq --no-install-recommends --download-only "$package"; done
    # PostgreSQL without its compiler, which is larger than all the rest: its files alone
    # shellcheck disable=SC2016
    inside sh -c 'cd "$(mktemp -d)" && apt-get download -qq postgresql-15 && dpkg -x postgresql-15_*.deb / && rm -r "$PWD"'
    # what a fix may bring back after a test took it away
    inside apt-get install -y -qq --download-only --reinstall apparmor auditd libpam-pwquality logrotate \
        libpwquality-common systemd-timesyncd unattended-upgrades
    echo 'debconf debconf/frontend select Noninteractive' | inside debconf-set-selections
    # the person who pastes: may use sudo, with the password "paste-me"
    inside useradd --create-home --shell /bin/bash --groups sudo --comment Ayesha ayesha
    echo 'ayesha:paste-me' | inside chpasswd
    inside chmod 700 /home/ayesha
}
fill >"$folder/fixes.log" 2>&1 & # in a condition of its own "set -e" would not hold inside
if ! wait $!; then
    tail -3 "$folder/fixes.log" >&2
    echo "note: the root for fixes could not be made; those tests are skipped" >&2
    [ -z "${CI:-}" ] || exit 1
    exit 0
fi
printf '127.0.0.1 localhost fixes\n::1 localhost ip6-localhost\n' >"$root/etc/hosts"
echo fixes >"$root/etc/hostname"
echo 'UUID=6c2f3a52-55be-4a0a-9b1e-4a1c7f2f0d11 / ext4 errors=remount-ro 0 1' >"$root/etc/fstab"
rm -rf "$folder/fixes"
mv "$root" "$folder/fixes"
echo "$recipe" >"$made"
