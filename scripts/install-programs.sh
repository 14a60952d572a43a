#!/bin/sh
# Install the Debian packages of the programs in a list, where we may: install-programs.sh LIST
# A line is PROGRAM PACKAGE. Without root, sudo without a password, or apt, it says what is missing and goes on;
# in CI (CI=true) a missing program is an error.
set -eu
list=$1
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
missing() {
    while read -r program package; do
        case "$program" in '' | '#'*) continue ;; esac
        case "$program" in
            /*) test -e "$program" || echo "$package" ;;
            *) command -v "$program" >/dev/null 2>&1 || echo "$package" ;;
        esac
    done <"$list" | sort -u
}
wanted=$(missing)
[ -n "$wanted" ] || exit 0
if command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then run=""; elif sudo -n true 2>/dev/null; then run="sudo"; else run="none"; fi
    if [ "$run" != none ]; then
        echo "installing for the tests: $(echo "$wanted" | tr '\n' ' ')" >&2
        $run apt-get update -qq || true
        # Servers come along as judges. They must not run here: neither now nor after the next start.
        policy=/usr/sbin/policy-rc.d
        [ -e "$policy" ] || { $run sh -c "printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy"; made=$policy; }
        for package in $wanted; do
            $run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" \
                >/dev/null 2>&1 || echo "note: the package $package could not be installed" >&2
            case "$package" in
                nginx* | apache2 | redis-server | postfix | mosquitto | vsftpd | samba* | auditd | openssh-server | rsyslog)
                    for unit in $(dpkg -L "$package" 2>/dev/null | sed -n 's|.*/systemd/system/\([^@/]*\.service\)$|\1|p'); do
                        $run systemctl disable "$unit" >/dev/null 2>&1 || true
                    done
                    ;;
            esac
        done
        [ -z "${made:-}" ] || $run rm -f "$made"
    fi
fi
wanted=$(missing)
[ -n "$wanted" ] || exit 0
echo "not installed: $(echo "$wanted" | tr '\n' ' ')" >&2
if [ -n "${CI:-}" ]; then
    echo "error: in CI every program the tests need must be there" >&2
    exit 1
fi
echo "  the tests that need them are skipped and say so" >&2
echo "  fix: sudo apt install $(echo "$wanted" | tr '\n' ' ')" >&2
