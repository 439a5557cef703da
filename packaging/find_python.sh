#!/bin/sh
# Prints the newest Python from 3.11 to 3.14 on PATH that starts and can make a venv; fails if there is none.
# With an argument, prints that one (a path or a name on PATH) if it will do; fails if not.
# A name on PATH is no promise: a pyenv shim refuses to run or hangs, and Debian's python3 may lack ensurepip.
# Not 3.15 and later: packages that we need have no wheels for it yet.
seconds=10
limit=
command -v timeout >/dev/null 2>&1 && limit="timeout $seconds"

# Prints the minor version of an interpreter that will do.
minor_of() {
    minor=$($limit "$1" -c 'import ensurepip, venv, sys; print(*sys.version_info[:2])' 2>/dev/null </dev/null) || return 1
    case $minor in "3 11" | "3 12" | "3 13" | "3 14") echo "${minor#3 }" ;; *) return 1 ;; esac
}

if test -n "$1"; then
    minor_of "$1" >/dev/null && echo "$1"
    exit
fi
newest=0
found=
old_ifs=$IFS
IFS=:
set -- $PATH
IFS=$old_ifs
for folder; do
    for name in python3.14 python3.13 python3.12 python3.11 python3; do
        test -x "$folder/$name" || continue
        minor=$(minor_of "$folder/$name") || continue
        if test "$minor" -gt "$newest"; then
            newest=$minor
            found=$folder/$name
        fi
    done
done
test -n "$found" && echo "$found"
