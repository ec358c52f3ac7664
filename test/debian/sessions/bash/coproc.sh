# Coprocesses, descriptors by number and by name.
coproc W { while read -r l; do echo "got $l"; done; echo end >&2; }
pid=$W_PID
echo one >&${W[1]}; read -r r <&${W[0]}; echo "$r"
echo two >&${W[1]}; read -r r <&${W[0]}; echo "$r"
exec {w}>&${W[1]}; eval "exec ${W[1]}>&-"; exec {w}>&-
wait $pid; echo "status $?"
coproc tr a-z A-Z
# bash closes its end when it notices that the coprocess has ended.
exec {r}<&${COPROC[0]}
printf 'text\n' >&${COPROC[1]}; eval "exec ${COPROC[1]}>&-"; cat <&$r; exec {r}<&-
wait
exec 3>/tmp/out 4>&1 1>&3; echo into file; echo to four >&4; exec 1>&4 4>&- 3>&-; cat /tmp/out
exec {fd}<>/tmp/rw; echo hello >&$fd; exec {fd}<&-; cat /tmp/rw; [ $fd -ge 10 ] && echo high
{ echo out; echo err >&2; } 2>&1 >/tmp/o | sed s/^/piped:/; cat /tmp/o
echo both &>/tmp/both; echo more &>>/tmp/both; cat /tmp/both
set -C; echo x >/tmp/both; echo $?; echo y >|/tmp/both; cat /tmp/both; set +C
(echo a; echo b >&2) |& sort
exec 6<&0 0</etc/hosts; read h; echo "$h"; exec 0<&6 6<&-; read l; echo "$l"
echo closed >&9; echo $?
cat <&- ; echo $?
cat /tmp/nothing 2>/dev/null || echo none; : >/tmp/nodir/x; echo $?
dd if=/dev/zero bs=1000 count=3 2>/dev/null | { head -c 1500 | wc -c; wc -c; }
ls -l /proc/self/fd | awk 'NR>1 {print $9}' | sort | tr '\n' ' '
