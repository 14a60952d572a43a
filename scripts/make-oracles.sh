#!/bin/sh
# Other people's auditors, with which tests compare: make-oracles.sh FOLDER
# Each has a virtual environment of its own, FOLDER/NAME, since they want different versions of cryptography; its program
# is FOLDER/bin/NAME, and FOLDER/bin/python is that of checkdmarc. What cannot be fetched is named and left out; where CI is set, that is an error.
set -eu
folder=${1:?the folder to make them in}
python=${PYTHON:-python3}
mkdir -p "$folder/bin"
missing=
for wanted in sslyze==6.3.1 ssh-audit==3.9.0 checkdmarc==6.0.4; do
    name=${wanted%%==*}
    mark="$folder/$name/made-$wanted"
    [ -e "$mark" ] || {
        rm -rf "${folder:?}/$name"
        if "$python" -m venv "$folder/$name" && "$folder/$name/bin/pip" install -q --disable-pip-version-check "$wanted"; then
            touch "$mark"
        else
            rm -rf "${folder:?}/$name"
            missing="$missing $wanted"
            continue
        fi
    }
    ln -sfn "../$name/bin/$name" "$folder/bin/$name"
done
# for tests that ask checkdmarc by its functions
cat > "$folder/bin/python" <<'END'
#!/bin/sh
exec "$(dirname "$0")/../checkdmarc/bin/python" "$@"
END
chmod +x "$folder/bin/python"
[ -z "$missing" ] || {
    echo "note: could not be fetched:$missing; tests that compare with them say so" >&2
    [ -z "${CI:-}" ]
}
