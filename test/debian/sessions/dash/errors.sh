# Errors, redirections and their statuses in dash.
nosuch; echo $?; /tmp; echo $?; /etc/passwd; echo $?; cat /nonexistent; echo $?; cd /nonexistent; echo $?
echo x >/nonexistent/y; echo $?; cat <&7; echo $?; : >/dev/full && echo x >/dev/full; echo $?
sh -c 'echo ${x?unset here}'; echo $?; sh -c 'set -u; echo $y'; echo $?; sh -c 'if'; echo $?; sh -c 'readonly r=1; r=2; echo no'; echo $?
sh -c 'exit 256'; echo $?; sh -c 'return 3'; echo $?; sh -c 'shift 5; echo no'; echo $?
echo 'echo file $1; exit 4' >/tmp/s; sh /tmp/s arg; echo $?; . /tmp/s
