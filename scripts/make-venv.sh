#!/bin/sh
# Make a virtual environment and install into it: make-venv.sh PYTHON FOLDER PIP-ARGUMENTS...
set -eu
python=$1 folder=$2
shift 2
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "error: Python 3.11 or newer is needed; $python is $("$python" --version 2>&1 || echo missing)" >&2
    echo "  fix: make PYTHON=/path/to/python3.11 ..." >&2
    exit 2
fi
if [ ! -x "$folder/bin/pip" ]; then
    rm -rf "$folder"
    if ! "$python" -m venv "$folder" >/dev/null 2>&1; then
        # Debian splits venv into a package of its own
        rm -rf "$folder"
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
        elif sudo -n true 2>/dev/null && command -v apt-get >/dev/null; then
            sudo apt-get update -qq && sudo apt-get install -y -qq python3-venv >/dev/null
        else
            echo "error: Python's venv is missing" >&2
            echo "  fix: sudo apt install python3-venv" >&2
            exit 2
        fi
        "$python" -m venv "$folder"
    fi
fi
echo "setting up secaudit in $folder ..." >&2
"$folder/bin/pip" install --quiet --disable-pip-version-check "$@"
# the program may be run where Python does not keep what it compiled: then each start would compile it again
[ ! -d src ] || "$folder/bin/python" -m compileall -q src || true
