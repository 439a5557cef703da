#!/bin/sh
# Prints the newest Python from 3.11 to 3.14 on PATH that starts and can make a venv; fails if there is none.
# A name on PATH is no promise: a pyenv shim refuses to run, and Debian's python3 may lack ensurepip.
# Not 3.15 and later: packages that we need have no wheels for it yet.
newest=0
found=
IFS=:
for folder in $PATH; do
    for name in python3.14 python3.13 python3.12 python3.11 python3; do
        test -x "$folder/$name" || continue
        minor=$("$folder/$name" -c 'import ensurepip, venv, sys; print(sys.version_info.minor)' 2>/dev/null) || continue
        case $minor in 11 | 12 | 13 | 14) ;; *) continue ;; esac
        if test "$minor" -gt "$newest"; then
            newest=$minor
            found=$folder/$name
        fi
    done
done
test -n "$found" && echo "$found"
