# System V objects and their tables: ipcmk, ipcs, ipcrm, lsipc, in an IPC namespace of their own.
[ -n "$OWN" ] || OWN=1 exec unshare --ipc bash "$0"
# Keys are random, times and pids differ.
steady() { sed -E 's/0x[0-9a-f]*[1-9a-f][0-9a-f]*/KEY/g; s/(Mon|Tue|Wed|Thu|Fri|Sat|Sun) .*[0-9]/TIME/; s/[A-Z][a-z]{2} +[0-9]+ [0-9:]{8}/TIME/g'; }
ipcs
ipcmk -S 3 -p 0640
ipcmk -S 1
ipcmk -Q
ipcmk -M 10000 -p 0600
ipcmk -M 1
ipcs | steady
ipcs -c | steady
ipcs -t | steady
ipcs -u
ipcs -l
ipcs -l -b
ipcs -s -i 0 | steady
ipcs -q -i 0 | steady
ipcs -m -i 0 | steady
ipcs -m -b | steady
lsipc
lsipc -s --noheadings -o ID,PERMS,NSEMS,CUID
lsipc -m -o ID,PERMS,SIZE,NATTCH,STATUS
lsipc -q -o ID,PERMS,USEDBYTES,MSGS
cat /proc/sysvipc/sem | sed -E 's/^ *-?[0-9]+ /KEY /; s/[0-9]{9,}/TIME/g'
ipcrm -s 0 -m 1
ipcrm -s 0; echo $?
ipcrm -q 77; echo $?
ipcrm --all=shm; echo $?
ipcs | steady
ipcrm -a; echo $?
ipcs
for f in sem msgmax msgmnb msgmni shmmax shmall shmmni; do echo $f $(cat /proc/sys/kernel/$f); done
for f in /proc/sys/fs/mqueue/*; do echo $f $(cat $f); done
