# Runs a command that ends when its owner does:
#
#     leash.sh LOG FAREWELL COMMAND [ARGUMENT...]
#
# Standard input is a pipe that the owner holds. A line on it names a signal for the command, and is
# answered by the command's process id once the signal is sent. When the pipe closes, whatever ended
# the owner, the command gets the signal FAREWELL, and KILL if it is still there ten seconds later.

log=$1 farewell=$2
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
    kill -s "$farewell" "$command"
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
