# Runs a command that ends with its owner:
#
#     leash.sh LOG LAST COMMAND [ARGUMENT...]
#
# Standard input is a pipe from the owner. A line names a signal for the command, and is
# answered by the command's process id after the signal was sent. When the pipe is closed for any
# reason, the command gets the signal LAST, and KILL if it is still running ten seconds later.

log=$1 last=$2
shift 2
exec 3<&0

# mongod keeps a file open for each collection and index, so the usual soft limit of 1024 is not
# enough. MongoDB recommends 64000. macOS reports no hard limit but does not accept "unlimited".
for limit in 64000 "$(ulimit -Hn)" 10240; do
    ulimit -Sn "$limit" && break
done 2>/dev/null

"$@" 3<&- >>"$log" 2>&1 &
command=$!

(
    trap '' HUP INT PIPE TERM
    while read -r signal; do
        kill -s "$signal" "$command"
        echo "$command"
    done
    kill -s "$last" "$command"
    kill -s CONT "$command" # a paused command hears only this and KILL
    tenths=0
    while [ "$tenths" -lt 100 ] && kill -0 "$command"; do
        sleep 0.1
        tenths=$((tenths + 1))
    done
    kill -s KILL "$command"
) <&3 3<&- &
watch=$!
exec 3<&-

trap 'kill -s TERM "$command"' HUP INT TERM
wait "$command"
status=$?
while kill -0 "$command"; do # a trapped signal ended the waiting, not the command
    wait "$command"
    status=$?
done
kill -s KILL "$watch"
exit "$status"
