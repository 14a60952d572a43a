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
