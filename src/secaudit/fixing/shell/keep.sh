# ---- copies: what a step touches is kept before it, and put back by the undo script
# Each step has a folder $keep/CHECK, closed to others: files/PATH (copies), kept, absent, folders and modes (lists),
# and after the step *.after (what it left).

nl='
'
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

say() {
    printf '%s\n' "$*" >&2
}

if [ "$(id -u)" = 0 ]; then
    keep=/var/backups/secaudit/$run
else
    keep=${XDG_STATE_HOME:-$HOME/.local/state}/secaudit/backups/$run
fi

is_there() {
    [ -e "$1" ] || [ -L "$1" ]
}

# Prints mode, owner, group and path of each argument; a name with a line break is left out.
show_modes='for f do
    case $f in
    *"
"*) continue ;;
    esac
    if [ -L "$f" ]; then f=$(readlink -f -- "$f") || continue; fi
    if [ -e "$f" ]; then stat -c "%a %u %g %n" -- "$f"; fi
done'

# expand PATTERN: the paths it names, one a line.
expand() {
    # shellcheck disable=SC2088
    case $1 in
    '~') set -- "$HOME" ;;
    '~/'*) set -- "$HOME/${1#??}" ;;
    esac
    # shellcheck disable=SC2086
    (
        IFS=
        for path in $1; do
            case $path in
            *"$nl"*) ;;
            *) printf '%s\n' "$path" ;;
            esac
        done
    )
}

# state PATH: a text that changes when the file, link or folder changes.
state() {
    if [ -L "$1" ]; then
        printf 'link %s\n' "$(readlink -- "$1")"
    elif [ -d "$1" ]; then
        (
            cd -- "$1" || exit 1
            find . -exec stat -c '%F %a %u %g %n' {} +
            find . -type f -exec cksum {} +
            find . -type l -exec readlink {} \;
        ) | LC_ALL=C sort | cksum
    elif [ -f "$1" ]; then
        printf '%s %s\n' "$(stat -c '%a %u %g' -- "$1")" "$(cksum <"$1")"
    elif [ -e "$1" ]; then
        printf 'something else\n'
    else
        printf 'absent\n'
    fi
}

states() {
    while IFS= read -r path; do
        printf '%s\n' "$(state "$path")"
    done
}

# begun CHECK: whether copies are kept for it.
begun() {
    [ -d "$keep/$1" ]
}

# save CHECK: reads lines "KIND PATTERN" and keeps all of it. A second time the first copies stay.
save() {
    place=$keep/$1
    umask 077
    if [ -d "$place" ]; then
        cat >/dev/null
        say "  copies of before are kept already in $place"
        look "$place" begin
        return 0
    fi
    rm -rf -- "$place.new"
    mkdir -p -- "$place.new/files" && chmod 700 "$keep" || return 1
    for list in kept absent folders modes; do
        : >"$place.new/$list" || return 1
    done
    while read -r kind what; do
        [ -n "$kind" ] || continue
        save_one "$kind" "$what" "$place.new" || {
            say "  no copy could be made of $what"
            return 1
        }
    done
    mv -- "$place.new" "$place" && say "  copies of before: $place"
}

save_one() {
    if [ "$1" = find ]; then
        eval "find $2 -exec sh -c \"\$show_modes\" sh {} +" >>"$3/modes" 2>/dev/null
        return 0 # a folder that does not exist is no reason to stop
    fi
    expand "$2" >"$3/paths" || return 1
    while IFS= read -r path; do
        case $1 in
        file) save_file "$path" "$3" || return 1 ;;
        folder) is_there "$path" || missing "$path" "$3" ;;
        modes) sh -c "$show_modes" sh "$path" >>"$3/modes" ;;
        tree) find "$path" ! -type l -exec sh -c "$show_modes" sh {} + >>"$3/modes" 2>/dev/null || : ;;
        esac
    done <"$3/paths"
    rm -f -- "$3/paths"
}

save_file() {
    if is_there "$1"; then
        mkdir -p -- "$2/files${1%/*}" && cp -a -- "$1" "$2/files$1" && printf '%s\n' "$1" >>"$2/kept"
    else
        case $1 in
        *[*?]*) return 0 ;;
        esac
        printf '%s\n' "$1" >>"$2/absent"
        missing "${1%/*}" "$2"
    fi
}

# missing FOLDER: it and the folders above it that are not there, the deepest first.
missing() {
    folder=$1
    while [ -n "$folder" ] && ! is_there "$folder"; do
        grep -qxF -e "$folder" "$2/folders" || printf '%s\n' "$folder" >>"$2/folders"
        folder=${folder%/*}
    done
}

# look PLACE WHEN: notes how everything in the lists is now.
look() {
    for list in kept absent; do
        states <"$1/$list" >"$1/$list.$2"
    done
    modes_now <"$1/modes" >"$1/modes.$2"
}

# left CHECK: notes what the step left, so that later changes of others are seen. What a second run did not change
# stays as it was noted: another step may have changed it in between, and is undone first.
left() {
    place=$keep/$1
    [ -d "$place" ] || return 0
    umask 077
    look "$place" end
    for list in kept absent modes; do
        if [ -f "$place/$list.after" ] && [ -f "$place/$list.begin" ] && cmp -s "$place/$list.begin" "$place/$list.end"; then
            continue
        fi
        mv -- "$place/$list.end" "$place/$list.after"
    done
    rm -f -- "$place"/*.begin "$place"/*.end
}

modes_now() {
    while read -r _ _ _ path; do
        stat -c '%a %u %g' -- "$path" 2>/dev/null || echo -
    done
}

# compare CHECK: notes what others changed since; to be called before anything is undone.
compare() {
    place=$keep/$1
    [ -d "$place" ] || return 0
    umask 077
    look "$place" now
}

# is_safe FOLDER: root may write here by name: nobody else can swap a folder of the path for a link.
is_safe() {
    [ "$(id -u)" = 0 ] || return 0
    folder=$1
    [ "$folder" = "$safe" ] && return 0
    while :; do
        [ -z "$(find "${folder:-/}" -prune \( ! -user 0 -o \( ! -type l -perm -0002 \) -o \( ! -type l -perm -0020 ! -group 0 \) \))" ] || return 1
        is_there "${folder:-/}" || return 1
        [ -n "$folder" ] || break
        folder=${folder%/*}
    done
    real=$(cd -P -- "${1:-/}" 2>/dev/null && pwd -P) || return 1
    if [ "$real" != "${1:-/}" ]; then
        is_safe "${real%/}" || return 1
    fi
    safe=$1
}
safe=-

# package PATH: whether a package brought this file.
package() {
    if [ -e /var/lib/dpkg/status ]; then
        dpkg-query -S "$1"
    elif [ -d /var/lib/pacman ]; then
        pacman -Qo "$1"
    elif [ -d /var/lib/rpm ] || [ -d /usr/lib/sysimage/rpm ]; then
        rpm -qf "$1"
    else
        false
    fi >/dev/null 2>&1
}

# restore CHECK: puts everything back that nobody changed since; with $force, that too.
restore() {
    place=$keep/$1
    [ -d "$place" ] || return 0
    umask 077
    problems=0
    mkdir -p -- "$place/replaced"
    each kept restore_file
    each absent remove_file
    each modes restore_mode
    while IFS= read -r path; do
        if is_safe "${path%/*}"; then rmdir -- "$path" 2>/dev/null || :; fi
    done <"$place/folders"
    if [ "$problems" = 0 ]; then
        mv -- "$place" "$place.undone-$(date -u +%Y%m%dT%H%M%SZ)-$$"
    else
        say "  the copies stay in $place/files"
        return 1
    fi
}

# each LIST FUNCTION: the function for each entry, which others did not change since.
each() {
    [ -f "$place/$1.after" ] || cp -- "$place/$1.now" "$place/$1.after"
    while IFS= read -r entry <&3; do
        IFS= read -r after <&4
        IFS= read -r now <&5
        if [ "$1" = modes ]; then path=${entry#* * * }; else path=$entry; fi
        if [ "$after" != "$now" ] && [ "${force:-}" != 1 ]; then
            stays "it was changed since" && continue
        fi
        if ! is_safe "${path%/*}"; then
            stays "its folder is not closed to others" && continue
        fi
        $2 || stays "it could not be written"
    done 3<"$place/$1" 4<"$place/$1.after" 5<"$place/$1.now"
}

stays() {
    say "  left as it is: $path ($1)"
    problems=1
}

restore_file() {
    if [ "$(state "$path")" = "$(state "$place/files$path")" ]; then
        return 0
    fi
    new=$path.secaudit-$$
    mkdir -p -- "${path%/*}" "$place/replaced${path%/*}" && cp -a -- "$place/files$path" "$new" || return 1
    if is_there "$path"; then
        cp -a -- "$path" "$place/replaced$path" || return 1
    fi
    if [ -d "$path" ] && [ ! -L "$path" ]; then
        mv -- "$path" "$new.old" && mv -- "$new" "$path" && rm -rf -- "$new.old"
    else
        mv -f -- "$new" "$path"
    fi && say "  put back: $path"
}

remove_file() {
    if ! is_there "$path"; then
        return 0
    elif package "$path"; then
        say "  left as it is: $path (it belongs to a package that was installed)"
    elif [ -d "$path" ] && [ ! -L "$path" ]; then
        stays "it is a folder that was not there before"
    else
        mkdir -p -- "$place/replaced${path%/*}" && cp -a -- "$path" "$place/replaced$path" || return 1
        rm -f -- "$path" && say "  removed: $path"
    fi
}

restore_mode() {
    if [ "$now" = - ] || [ "$entry" = "$now $path" ]; then
        return 0
    fi
    mode=${entry%% *}
    owner=${entry#* }
    group=${owner#* }
    chown -h -- "${owner%% *}:${group%% *}" "$path" && chmod -- "$mode" "$path" && say "  put back: mode $mode of $path"
}
