# Data through pipes, fifos, background writers, SIGPIPE.
seq 5000 | awk '{s+=$1} END {print s}'
yes | head -c 100000 | wc -c
mkfifo /tmp/p; (for i in 1 2 3; do echo "line $i"; done >/tmp/p) & while read l; do echo "read $l"; done </tmp/p; wait
mkfifo /tmp/q; exec 7<>/tmp/q; echo self >&7; read -u 7 x; echo $x; exec 7>&-
(trap '' PIPE; while echo x; do :; done 2>/tmp/e; echo "wrote $?" >&2) | head -1; head -c 60 /tmp/e; echo
seq 100000 | tac | head -2
seq 1000 | while read n; do ((n % 250)) || echo $n; done
head -c 200000 /dev/zero | tr '\0' a | fold -w 100 | sort -u | wc
a=$(seq 3000 | md5sum); b=$(seq 3000 | cat | cat | cat | cat | md5sum); [ "$a" = "$b" ] && echo same $a
(sleep 0.1; echo late) | (read x; echo "got $x")
{ echo 1; sleep 0.05; echo 2; } | while read x; do echo "at $x"; done
find /sessions -name '*.sh' | sort | xargs -n 5 basename -a | head -3
printf '%s\0' a 'b c' d | xargs -0 -I{} echo "<{}>"
seq 8 | xargs -P 4 -n 2 sh -c 'echo $(( $0 + $1 ))' | sort -n
timeout 0.1 cat /tmp/q; echo $?
mkfifo /tmp/r; timeout 0.1 sh -c 'echo x >/tmp/r'; echo $?
: | cat; echo "${PIPESTATUS[*]}"
cat /dev/stdin | wc -l
echo x | tee /dev/stderr /dev/fd/1 >/dev/null
(exec >/dev/full; echo lost); echo $?
cat </dev/zero | head -c 5 | od -An -tx1
