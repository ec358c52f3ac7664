# ps, pgrep, pkill, top, pmap: what they find of processes in known states. Pid 1 differs and is left out. The list is complete
# before another program looks at it, which would be in it now and then, and is made when the shell waits for it.
others() { awk '$1 != 1'; }
squeezed() { sed 's/^ *//; s/ *$//' | tr -s ' '; }
# Nothing else is forked while the loop forks its sleep, so that pids are the same every time.
mkfifo /tmp/nothing; exec 9<>/tmp/nothing; rm /tmp/nothing
becomes() { until read -r pid now rest <"/proc/$1/stat" && [ "$now ${rest%% *}" = "$2" ]; do read -t 0.01 -u 9; done 2>/dev/null; }
list() { (becomes $$ '(bash) S'; exec "$@" >/tmp/list); }
sleep 1000 & first=$!
(exec -a renamed sleep 1001) & second=$!
sh -c 'trap "" TERM; while :; do sleep 1000; done' & third=$!
becomes $first '(sleep) S'; becomes $second '(sleep) S'; becomes $((third + 1)) '(sleep) S'; becomes $third '(sh) S'
kill -STOP $second; becomes $second '(sleep) T'
echo "-- ps -o"
list ps -e -o pid,ppid,pgid,sid,tty,stat,ni,pri,cls,comm,args; others </tmp/list | squeezed
echo "-- ps -ef"
list ps -ef; awk '$2 != 1 { $4 = $5 = $7 = "-"; print }' /tmp/list
echo "-- ps aux"
list ps aux; awk '$2 != 1 { $3 = $4 = $5 = $6 = $9 = $10 = "-"; print }' /tmp/list
echo "-- ps -eLf"
list ps -eLf; awk '$2 != 1 { $5 = $7 = $9 = "-"; print }' /tmp/list
echo "-- ps axjf"
list ps axjf; awk '$2 != 1 { $9 = "-"; print }' /tmp/list
echo "-- ps l"
ps -l -p $first,$second | awk '{ $10 = $11 = $13 = "-"; print }'
ps -o pid= -o user= -o group= -o ruid= -o nlwp= -o nice= -o policy= -o rtprio= -o stat= -p $first | squeezed
ps -o ignored,blocked,caught,pending -p $third
list ps --ppid $$ -o args=; grep -c -e sleep -e renamed /tmp/list
ps -C sleep -o args= | sort
ps -p 9999 | squeezed; echo
ps -o label,ipcns,netns -p $$ | awk 'NR > 1 { print NF }'
echo "-- threads"
ps -T -p $first -o pid,spid,comm | squeezed
echo "-- pgrep"
pgrep sleep | wc -l
pgrep -x sleep -a | awk '{ print $2, $3 }' | sort
pgrep -f 'renamed' | wc -l
pgrep -P $$ -c
pgrep -o sleep | grep -c "^$first$"
pgrep nothing; echo "status $?"
pgrep -u root -c sleep
pgrep -s 0 -l sleep | awk '{ print $2 }'
pgrep -r T | grep -c "^$second$"
echo "-- top"
list top -b -n 1 -w 200; awk 'NR > 7 && $1 != 1 { print $1, $2, $3, $4, $8, $12 }' /tmp/list | sort -n
top -b -n 1 -p $first | awk 'NR == 2 || NR == 7 { print }' | sed 's/ *$//'
top -b -n 1 -p $first | awk 'NR == 4 { print $1, $2, $3, $5, $7, $9 }'
top -H -b -n 1 -p $first | tail -1 | awk '{ print $2, $12 }'
echo "-- pmap"
pmap $first | awk 'NR == 1 || / (r-x|rw-)/ { $1 = $2 = "-"; print }' | grep -v anon | sort -u
pmap -x $first | head -2 | tail -1
pmap -X $first | sed -n 2p | awk '{ print $1, $2, $3, $4, $5, $6, $7, $8 }'
pmap 9999; echo "status $?"
echo "-- pkill"
pkill -CONT -f renamed; becomes $second '(sleep) S'
ps -o stat= -p $second
# bash tells of a job that a signal ended when it notices, which may be before the wait.
{ pkill -x -f 'renamed 1001'; wait $second; } 2>/dev/null; echo "status $?"
pkill -P $third
pkill nothing; echo "status $?"
{ kill -KILL $third; wait $third; } 2>/dev/null; echo "status $?"
{ killall -s KILL sleep; wait $first; } 2>/dev/null; echo "status $?"
fuser /proc/self/exe >/dev/null 2>&1; echo "fuser $?"
pstree -A $$ | grep -o -e '^bash' -e pstree
rm /tmp/list
