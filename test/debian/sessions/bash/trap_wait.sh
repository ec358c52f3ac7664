# A trap interrupts wait; children reset traps; ignored signals stay ignored.
trap 'echo trapped' USR1
mkfifo /tmp/gate; exec 9<>/tmp/gate
(read -u 9; exit 9) & child=$!
# Once the shell sleeps, it waits.
(until read -r pid name state rest </proc/$$/stat && [ $state = S ]; do read -t 0.01 -u 9; done; kill -USR1 $$) &
wait $child; echo "wait: $?"
echo >&9
wait $child; echo "again: $?"
trap 'n=$((n+1))' CHLD; n=0
set -m
for i in 1 2 3; do sleep 0.0$i & done
wait
set +m
trap - CHLD
[ $n -ge 1 ] && echo chld seen
trap '' INT
bash -c 'trap -p INT; kill -INT $$; echo still here'
trap - INT
bash -c 'kill -INT $$; echo not here'; echo "int: $?"
bash -c 'trap "exit 3" QUIT; kill -QUIT $$; sleep 1'; echo "quit: $?"
bash -c 'kill -SEGV $$' 2>/dev/null; echo "segv: $?"
kill -l 137 15 TERM; kill -l | head -3
kill -0 $$ && echo alive
kill -NOSUCH $$; echo "$?"
kill -TERM 99999; echo "$?"
