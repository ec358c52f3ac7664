# EXIT, ERR, DEBUG, RETURN and signal traps, in functions and subshells.
trap 'echo "exit trap: $?"' EXIT
f() { trap 'echo returned from ${FUNCNAME[0]}' RETURN; echo in f; return 3; }
f; echo "status $?"
trap - RETURN
set -o functrace
trap 'echo "about to: $BASH_COMMAND"' DEBUG
x=1
echo "x is $x"
trap - DEBUG
set +o functrace
set -E
trap 'echo "error $? at line $LINENO: $BASH_COMMAND"' ERR
false
(exit 5)
! false
false || true
g() { false; echo g goes on; }
g
trap - ERR
trap 'echo got USR1' USR1
trap 'echo got USR2; kill -USR1 $$' USR2
kill -USR2 $$
kill -USR1 $BASHPID
trap '' HUP
kill -HUP $$
echo survived HUP
(trap -p; echo "subshell $?")
trap -p
(trap 'echo inner exit' EXIT; exit 4); echo "inner $?"
trap 'echo term; exit 7' TERM
(sleep 0.05; kill -TERM $$) &
while :; do sleep 0.01; done
