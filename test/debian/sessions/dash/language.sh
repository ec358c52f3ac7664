# POSIX shell language in dash.
set -- one "two three" four; for a; do printf '<%s>' "$a"; done; echo " $#"
f() { local x=$1; [ "$x" -le 0 ] && return 0; echo -n "$x "; f $((x-1)); }; f 5; echo
i=0; while :; do i=$((i+1)); [ $i = 2 ] && continue; [ $i -gt 4 ] && break; echo -n $i; done; echo
until [ $i -le 2 ]; do i=$((i-1)); done; echo $i
case "hello" in h*o) echo yes;; *) echo no;; esac; case x in [a-w]|y) echo 1;; [!y]) echo 2;; esac
v=path/to/file.c; echo ${v##*/} ${v%.c} ${v%%/*} ${#v} ${u-unset} ${u:=now} ${u:+plus}
echo $((3*(2+4)%5)) $((1<<4|1)) $((5>=5&&0)) $((x=7)) $((0x10))
cat <<A; cat <<'B'
$v $(echo s) \$x
A
$v
B
echo a >/tmp/1; echo b >>/tmp/1; cat </tmp/1; cat <<-E
	tab
	E
(exit 3); echo $?; ! true; echo $?; true && false || echo or; { echo group; } 2>&1
x=1; (x=2; echo $x); echo $x; y=$(x=3; echo $x); echo $x $y; export z=9; sh -c 'echo $z'
trap 'echo bye $?' EXIT; trap 'echo usr1' USR1; kill -USR1 $$
read a b; echo "$b|$a"; read -r c; echo "$c"
set -- -a -b val rest; while getopts ab: o; do echo $o $OPTARG; done; shift $((OPTIND-1)); echo $1
eval "echo \$(( 1 + 1 ))"; echo "a b"   c; IFS=:; set -- a:b:c; p=x:y; for w in $p; do echo $w; done; unset IFS
sleep 0.1 & wait $!; echo "wait $?"; (exit 5) & wait $!; echo $?; sleep 9 & { kill $!; wait $!; echo $?; } 2>/dev/null
set -e; echo on; (set +e; false; echo off); false; echo unreached
