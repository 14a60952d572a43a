# ---- carrying it out

case $0 in
/*) self=$0 ;;
*) self=$PWD/$0 ;;
esac
case $0 in
*/*) undo=${0%/*}/$undo ;;
esac

# as_root FUNCTION WORDS: one of the functions above, with the rights that its files need.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        # shellcheck disable=SC2154
        sudo sh "$self" --internal "${force:-0}" "$@"
    else
        say "  root is needed, and sudo is not installed"
        return 1
    fi
}

# Copies of root's files and of one's own lie in two folders; root keeps all in one.
root_lines() {
    if [ "$(id -u)" = 0 ]; then
        "touches_$1" | sed 's/^[a-z]* //'
    else
        "touches_$1" | sed -n 's/^root //p'
    fi
}

own_lines() {
    if [ "$(id -u)" != 0 ]; then "touches_$1" | sed -n 's/^own //p'; fi
}

needs_root() {
    [ "$(id -u)" = 0 ] || [ -n "$(root_lines "$1")" ]
}

# A step that touches no file has an empty folder of copies, which tells that it was done.
has_own() {
    [ "$(id -u)" != 0 ] && { [ -n "$(own_lines "$1")" ] || [ -z "$(root_lines "$1")" ]; }
}

check_host() {
    if [ "${SECAUDIT_ANY_HOST:-}" = 1 ]; then
        return 0
    elif [ -z "$host" ]; then
        say "error: this script was made from a file system, so it cannot tell whether it runs on the right machine"
    elif [ "$(uname -n)" = "$host" ]; then
        return 0
    else
        say "error: this script is for the machine \"$host\", and this one is \"$(uname -n)\""
    fi
    say "  fix:     when it is the right one all the same: SECAUDIT_ANY_HOST=1 sh $0"
    exit 2
}

# Commands may ask for $USER; where sudo is not installed, root calls them without it.
prepare() {
    : "${USER:=$(id -un)}"
    export USER
    if [ "$(id -u)" != 0 ] || command -v sudo >/dev/null 2>&1; then
        return 0
    fi
    tools=$(mktemp -d) || exit 1
    trap 'rm -rf -- "$tools"' EXIT
    trap 'exit 130' INT TERM
    # shellcheck disable=SC2016
    printf '%s\n' '#!/bin/sh' 'case $1 in -*) echo "sudo is not installed" >&2; exit 1 ;; esac' 'exec env "$@"' >"$tools/sudo"
    chmod 700 "$tools/sudo"
    PATH=$PATH:$tools
}

# is_step WORD: whether it is the number of a step.
is_step() {
    case $1 in
    '' | *[!0-9]* | ????*) return 1 ;;
    esac
    [ "$1" -ge 1 ] && [ "$1" -le "$count" ]
}

list_steps() {
    number=0
    while [ "$number" -lt "$count" ]; do
        number=$((number + 1))
        about "$number"
        printf '%3d  %-8s  %s  (%s)\n' "$number" "$severity" "$title" "$id"
    done
}

# ask QUESTION: y, n, s or q; what is typed besides counts as no.
ask() {
    printf '%s [y]es, [n]o, [s]how the commands, [q]uit: ' "$1" >&2
    if ! IFS= read -r answer; then answer=q; fi
    case $answer in
    [yY]*) answer=y ;;
    [sS]*) answer=s ;;
    [qQ]*) answer=q ;;
    *) answer=n ;;
    esac
}

# wanted WORDS: reads the command line into $steps, $yes and $force.
wanted() {
    steps=
    yes=
    from=
    while [ $# -gt 0 ]; do
        case $1 in
        --yes) yes=1 ;;
        --force) force=1 ;;
        --list) list_steps && exit 0 ;;
        --from)
            from=${2:-}
            is_step "$from" || wrong "--from needs the number of a step"
            shift
            ;;
        -h | --help)
            sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$self"
            exit 0
            ;;
        *)
            is_step "$1" || wrong "there is no step \"$1\""
            steps="$steps $1"
            ;;
        esac
        shift
    done
    if [ -z "$steps" ]; then
        number=${from:-1}
        while [ "$number" -le "$count" ]; do
            steps="$steps $number"
            number=$((number + 1))
        done
    fi
    if [ -z "$yes" ] && [ ! -t 0 ]; then
        wrong "nobody can be asked here; --yes goes on without asking"
    fi
}

wrong() {
    say "error: $1"
    say "  help:    sh $0 --help"
    exit 2
}
