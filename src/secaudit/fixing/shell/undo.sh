
undo_step() {
    about "$1"
    was_begun=
    if needs_root "$1" && as_root begun "$id"; then was_begun=1; fi
    if has_own "$1" && begun "$id"; then was_begun=1; fi
    if [ -z "$was_begun" ]; then
        say "step $1 ($id) was not done, or is undone already"
        return 0
    fi
    say ""
    say "undo of step $1: $title ($id)"
    while [ -z "$yes" ]; do
        ask "  undo it?"
        case $answer in
        y) break ;;
        s) sed -n "/^undo_$1() {\$/,/^} # undo $1\$/p" "$self" | sed '1d;$d' | sed '$d' >&2 ;;
        n) return 0 ;;
        q) exit "$code" ;;
        esac
    done
    if needs_root "$1"; then as_root compare "$id" || code=1; fi
    if has_own "$1"; then compare "$id" || code=1; fi
    (
        umask 022
        set -e
        "undo_$1"
    )
    # shellcheck disable=SC2181
    [ $? = 0 ] || say "  a command of the undo failed; the copies are put back all the same"
    if needs_root "$1"; then as_root restore "$id" || code=1; fi
    if has_own "$1"; then restore "$id" || code=1; fi
    "after_$1" || say "  the system could not be told of the old settings; restart the machine"
}

main() {
    if [ "${1:-}" = --internal ]; then
        force=$2
        shift 2
        "$@"
        exit
    fi
    wanted "$@"
    check_host
    prepare
    code=0
    backwards=
    # shellcheck disable=SC2086
    for step in $steps; do
        backwards="$step $backwards"
    done
    # shellcheck disable=SC2086
    for step in $backwards; do
        undo_step "$step"
    done
    if [ "$code" != 0 ]; then
        say ""
        say "not all could be put back, see above; --force puts back what others changed since, too"
        exit "$code"
    fi
    say ""
    say "undone. Packages that were installed stay. What runs now may still use the newer settings until a restart."
    by_hand >&2
}

main "$@"
