# Background jobs in dash, which turns job control off where there is no terminal.
set -m
echo $-
sleep 5 &
p=$!; jobs | cat; kill %1
{ kill -STOP $p; sleep 0.05; kill -CONT $p; kill $p; wait $p; echo "status $?"; } 2>/dev/null
stopped() { until read -r pid name state rest </proc/$1/stat && [ $state = T ]; do sleep 0.01; done; }
sh -c 'kill -STOP $$; exit 7' & p=$!; stopped $p; kill -CONT $p; wait $p; echo "continued $?"
sh -c 'kill -STOP $$; exit 7' & p=$!; stopped $p; true & sleep 0.05; { kill -KILL $p; wait $p; echo "killed $?"; } 2>/dev/null
fg %1; echo "fg $?"
sleep 0.1 | cat | cat & wait; echo done
(exit 1) & (exit 2) & wait; echo "wait $?"
set +m
sleep 5 & p=$!; { kill -9 $p; wait $p; echo "$?"; } 2>/dev/null
trap 'echo int' INT; kill -INT $$; (kill -INT $$); trap - INT
trap 'echo chld' CHLD; true & wait; trap - CHLD
exec 3>&1; echo three >&3; exec 3>&-; echo x >&3; echo "bad fd $?"
sh -c 'kill -ABRT $$'; echo $?
umask 077; echo x >/tmp/u; ls -l /tmp/u | cut -c1-10; umask; ulimit -n 50; ulimit -n; times >/dev/null
command -v ls; type cd; command nosuch; echo $?; hash ls; unset PATH; ls; echo $?; /bin/ls /sessions
