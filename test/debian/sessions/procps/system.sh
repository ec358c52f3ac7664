# free, uptime, vmstat, w, lsof, prlimit, choom, lsns, findmnt, df, ipcs, sysctl: names, formats, and values that must agree.
words() { tr -s ' ' '\n' | sed '/^$/d' | sort | tr '\n' ' '; echo; }
echo "-- free"
free | awk '{ print $1, NF }'
free -m -w | head -1 | words
free -b | awk '/Mem/ { print ($2 >= $3 + $6 * 0) ? "sums" : "does not" }'
free -h -t | awk 'END { print $1 }'
echo "-- uptime"
uptime | sed 's/[0-9][0-9:.]*/N/g; s/N \(min\|day\|days\)/N/; s/up *N,.*load/up N, load/; s/N, *N users*, //'
uptime -s | sed 's/[0-9]/N/g'
uptime -p | cut -d' ' -f1
echo "-- vmstat"
vmstat | sed -n 2p | words
vmstat | awk 'NR == 3 { print NF }'
vmstat -s | sed 's/^ *[0-9]* //' | head -5
vmstat -f | tr -d '0-9 '
echo "-- lsof"
exec 7</etc/passwd 8>/tmp/out 9<>/tmp/both
lsof -p $$ | awk 'NR == 1 { print $1, $2, $4, $5, $9 } $4 ~ /^[0-9]/ { print $1, $4, $5, ($9 ~ /pipe|FIFO/) ? "pipe" : $9 }'
lsof -p $$ -a -d cwd,rtd,txt -Fftn | grep -v -e '^p'
lsof -t /tmp/out | grep -c "^$$\$"
lsof /etc/hosts; echo "status $?"
rm /tmp/both; lsof +L1 -p $$ -a | awk 'NR > 1 { print $4, $5, $NF }'
exec 7<&- 8>&- 9>&-
rm /tmp/out
echo "-- prlimit"
prlimit --nofile --stack --core | sed 's/ *$//'
prlimit --nofile=100:200 sh -c 'ulimit -Sn; ulimit -Hn; grep "open files" /proc/self/limits'
echo "-- choom"
sleep 100 & p=$!
choom -p $p | sed "s/$p/PID/; s/[0-9]*$/N/"
choom -n 321 -p $p | sed "s/$p/PID/g; s/from [0-9-]*/from N/"
choom -n 99 -- sh -c 'cat /proc/self/oom_score_adj'
kill $p
echo "-- lsns"
lsns -n -o TYPE,NPROCS -p $$ | awk '{ print $1 }' | grep -v -e time | sort
echo "-- findmnt"
findmnt -n -o TARGET,FSTYPE /proc /tmp 2>&1
findmnt -n -r -o TARGET,FSTYPE | grep -e '^/proc ' -e '^/dev/shm ' -e '^/dev/pts ' | sort
findmnt /nothing; echo "status $?"
echo "-- df"
df -P /proc | awk '{ print NF, $6 }'
df -t proc -a --output=target,fstype | sed 's/ *$//'
echo "-- ipcs"
ipcs | grep -v '^0x' | sed 's/ *$//'
id=$(ipcmk -M 4096 | grep -o '[0-9]*$')
ipcs -m -i $id | grep -e mode -e bytes | sed 's/[0-9]* *nattch/nattch/'
ipcs -u | sed 's/ *$//; s/[0-9][0-9]*/N/g'
ipcs -m | awk -v id=$id '$2 == id { print $3, $4, $5, $6 }'
ipcrm -m $id
echo "-- sysctl"
sysctl kernel.ostype kernel.cap_last_cap kernel.ngroups_max fs.pipe-max-size net.core.somaxconn
sysctl -n kernel.random.uuid | sed 's/[0-9a-f]/x/g'
sysctl kernel.nothing; echo "status $?"
sysctl -w kernel.ostype=BSD; echo "status $?"
echo "-- others"
lslocks -n; echo "status $?"
nproc | sed 's/[0-9]*/N/'
w -h | wc -l
cat /proc/self/comm /proc/self/cgroup | head -1
tr '\0' ' ' </proc/self/cmdline; echo
cut -d' ' -f1-4 /proc/self/stat | sed 's/[0-9]\+/N/g'
head -c 10 /proc/self/environ | tr '\0' ' ' | wc -c
