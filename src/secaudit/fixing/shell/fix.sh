
keep_copies() {
    if needs_root "$1"; then
        root_lines "$1" | as_root save "$id" || return 1
    fi
    if has_own "$1"; then
        own_lines "$1" | save "$id" || return 1
    fi
}

note_left() {
    if needs_root "$1"; then as_root left "$id"; fi
    if has_own "$1"; then left "$id"; fi
}

do_step() {
    about "$1"
    say ""
    say "step $1 of $count: $title ($id)"
    [ -z "$careful" ] || say "  careful: $careful"
    while [ -z "$yes" ]; do
        ask "  do it?"
        case $answer in
        y) break ;;
        s) sed -n "/^step_$1() {\$/,/^} # step $1\$/p" "$self" | sed '1d;$d' | sed '$d' >&2 ;;
        n)
            say "  left out"
            return 0
            ;;
        q)
            say "  stopped; steps from $1 on were not begun"
            exit 0
            ;;
        esac
    done
    if ! keep_copies "$1"; then
        say "error: step $1 ($id) was not begun: no copies could be kept"
        exit 1
    fi
    (
        umask 022
        set -e
        "step_$1"
    )
    code=$?
    note_left "$1"
    if [ "$code" != 0 ]; then
        say ""
        say "error: step $1 ($id) failed with exit code $code; nothing after it was begun"
        say "  undo:    sh $undo $1"
        [ "$1" = "$count" ] || say "  go on:   sh $0 --from $(($1 + 1))"
        exit 1
    fi
    finished="$finished $1"
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
    finished=
    # shellcheck disable=SC2086
    for step in $steps; do
        do_step "$step"
    done
    say ""
    say "done:${finished:- nothing}"
    say "  check:   $again"
    say "  undo:    sh $undo"
    by_hand >&2
}

main "$@"
