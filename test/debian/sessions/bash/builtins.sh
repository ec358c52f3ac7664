# read, select, getopts, printf, test, type, ulimit, umask, pushd, hash, times.
while getopts ':ab:c' o -a -b arg -c -x -b; do case $o in b) echo "b=$OPTARG";; :) echo "missing $OPTARG";; \?) echo "bad $OPTARG";; *) echo $o;; esac; done; echo $OPTIND
read -t 0.1 x < <(sleep 1); echo "read: $(( $? > 128 ))"
until read -t 0; do :; done; echo ready
read -n 3 x; echo "[$x]"; read -d ' ' y; echo "[$y]"; read -r -N 4 z; echo "[$z]"
IFS= read -r rest; echo "[$rest]"
PS3='choose: '; select c in red green blue; do echo "$REPLY: $c"; [ "$c" ] && break; done <<<$'9\n2'
type -t if echo ls cat nothing f; type echo cd; command -v cat; hash -r
umask 027; umask; umask -S; touch /tmp/m; stat -c %a /tmp/m; umask u=rwx,g=,o=; umask
ulimit -f 8; (dd if=/dev/zero of=/tmp/big bs=1k count=20 2>/dev/null; echo "dd: $?"); ls -s /tmp/big >/dev/null; stat -c %s /tmp/big; ulimit -S -n 20; ulimit -n; ulimit -H -c 0; ulimit -c
ulimit -t 100; ulimit -t; ulimit -v unlimited; ulimit -x
cd /tmp; mkdir -p d/e; ln -sfn d/e l; cd l; pwd; pwd -P; cd ..; pwd; cd -P l; pwd; cd - >/dev/null; pushd /etc; pushd /usr; dirs -v; popd; popd
cd /nowhere; echo $?; cd; pwd
test -f /etc/passwd -a -d /tmp && echo t; [ 3 -gt 2 ] && [ abc \< abd ] && [ -x /bin/ls ] && echo u; [ -p /dev/stdin ]; echo $?
[ -e /dev/null -a -c /dev/null ] && [ ! -s /dev/null ] && [ -r /etc -a -L /bin/sh ] && [ -z '' ] && echo dev
alias ll='echo aliased'; shopt -s expand_aliases
ll now
export -p | grep -c PATH; env -i A=b bash -c 'echo $A ${PATH:+path}'; declare -f nothing; echo $?
f() { local v=1; echo "${FUNCNAME[@]} $LINENO ${BASH_LINENO[0]}"; unset -f f; }; f; f 2>&1
caller; echo $?; enable -n test; type -t test; enable test
set -u; (echo $undefined) 2>&1; set +u; set -e; (false; echo no); echo "not reached $?"
