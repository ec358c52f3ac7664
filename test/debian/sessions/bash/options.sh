# set -x, -e, -n, -v; exec; exit statuses; restricted and POSIX modes; here a script calls others.
set -x; a=1; echo "a is $a"; [[ $a = 1 ]]; ((a++)); set +x
bash -e -c 'echo 1; false; echo 2'; echo $?
bash -c 'set -o errexit; f() { false; echo f; }; f || echo caught; f; echo no'; echo $?
bash -n -c 'echo not run'; bash -c 'if; then'; echo $?
bash -v -c 'echo verbose'
bash -c 'exec echo replaced; echo no'
bash -c 'exec nosuchprogram; echo no'; echo $?
bash -c 'exec -a zero bash -c "echo \$0"'
bash -r -c 'cd /'; echo $?
bash --posix -c 'echo $POSIXLY_CORRECT; set -o | grep posix'
nosuchcommand; echo $?; /etc; echo $?; /etc/passwd; echo $?
command_not_found_handle() { echo "handle $1"; return 5; }; whatisthis; echo $?
printf '#!/bin/bash\necho "$0 $# $*"\n' >/tmp/script; chmod +x /tmp/script; /tmp/script 1 2; PATH=/tmp script x
printf 'echo no interpreter $1\n' >/tmp/plain; chmod +x /tmp/plain; /tmp/plain arg
printf '#!/nonexistent\n' >/tmp/bad; chmod +x /tmp/bad; /tmp/bad; echo $?
printf '#!/usr/bin/awk -f\nBEGIN { print "awk script" }\n' >/tmp/awks; chmod +x /tmp/awks; /tmp/awks
printf '#!/tmp/script inner\n' >/tmp/two; chmod +x /tmp/two; /tmp/two outer
. /dev/stdin <<<'sourced=yes; return 6'; echo $? $sourced
source /nonexistent; echo $?
echo 'echo from stdin $0' | bash -s x; echo 'exit 9' | bash; echo $?
echo $BASH_SUBSHELL; (echo $BASH_SUBSHELL; (echo $BASH_SUBSHELL)); echo $SHLVL; bash -c 'echo $SHLVL'
bash -c 'echo "$-"'; RANDOM=42; echo $RANDOM $RANDOM; echo $EUID $UID ${GROUPS[0]} $OSTYPE $MACHTYPE
kill -9 $BASHPID | cat; (kill -9 $BASHPID); echo $?
bash -c 'kill -TERM $$'; echo $?
for i in {1..40}; do bash -c 'exit $0' $i; s=$((s+$?)); done; echo $s
i=0; while [ $i -lt 2000 ]; do i=$((i+1)); case $i in *7) n=$((n+1));; esac; done; echo $n
exit 300
