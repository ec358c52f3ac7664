# A trap interrupts wait; children reset traps; ignored signals stay ignored.
trap 'echo trapped' USR1
(sleep 0.2; exit 9) & child=$!
(sleep 0.05; kill -USR1 $$) &
wait $child; echo "wait: $?"
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
