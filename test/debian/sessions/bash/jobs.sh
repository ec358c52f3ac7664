# Background jobs with and without job control, without a terminal.
mkfifo /tmp/gate; exec 9<>/tmp/gate
stopped() { until [ "$(jobs -s)" ]; do sleep 0.01; done; }
read -u 9 & a=$!; (exit 4) & b=$!; sleep 0.1 & c=$!
wait -n $b; echo "b: $?"
wait $b; echo "b again: $?"
wait -n -p which $a $c; echo "first: $?"; [ "$which" = $c ] && echo c was first
echo >&9; wait; echo "all: $?"
wait 99999; echo "not a child: $?"
set -m
sleep 5 & jobs -r | sed 's/[0-9]\{2,\}/PID/'
kill -STOP %1; stopped; jobs -l | sed 's/ [0-9]* / PID /'
bg %1; jobs | cat
kill %1; wait %1; echo "killed: $?"
sh -c 'kill -STOP $$; echo continued' & stopped; jobs; fg %1; echo "fg: $?"
sleep 0.1 | cat & wait %1; echo "pipeline: $?"
[ "$(ps -o pgid= -p $$)" != "$(sleep 100 & ps -o pgid= -p $!; kill $!)" ] && echo own groups
set +m
(sleep 0.05; echo disowned; echo >&9) & disown; read -u 9
for i in 1 2 3; do (sleep 0.0$((4-i)); echo "job $i") & done | sort; wait
x=0; until ! jobs %% 2>/dev/null; do x=1; break; done; echo $x
time -p true 2>/dev/null; TIMEFORMAT=%R; { time sleep 0.1; } 2>&1 | awk '{ print ($1 >= 0.1) }'
yes | head -1 ; echo "${PIPESTATUS[@]}"
set -o pipefail; false | true; echo $?; (exit 3) | (exit 4) | true; echo "$? ${PIPESTATUS[*]}"
shopt -s lastpipe; echo last | read v; echo "v=$v"
suspend 2>&1; echo "suspend: $?"
nohup sh -c 'kill -HUP $$; echo immune' 2>&1 | cat
(trap 'echo TERM in child; exit 1' TERM; kill -TERM $BASHPID; echo not); echo "$?"
