# Several clients of one redis-server: lists that are waited for, publish and subscribe, SAVE and BGSAVE, append-only files, a replica.
cd /tmp; mkdir one two
start() { redis-server --port $1 --dir /tmp/$2 --save '' --appendonly yes --repl-diskless-sync-delay 0 --logfile /tmp/$2/log "${@:3}" & until redis-cli -p $1 ping 2>/dev/null | grep -q PONG; do sleep 0.05; done; }
until_equal() { for i in $(seq 200); do [ "$("${@:2}" 2>&1)" = "$1" ] && echo "$1" && return; sleep 0.05; done; echo "never: $("${@:2}")"; }
start 6379 one; first=$!
redis-cli blpop queue other 10 >popped & popper=$!
redis-cli brpoplpush queue done 10 >moved & mover=$!
until_equal 2 sh -c 'redis-cli info clients | sed -n "s/blocked_clients:\([0-9]*\).*/\1/p"'
redis-cli rpush other first; wait $popper; cat popped; redis-cli rpush queue second; wait $mover; cat moved; redis-cli lrange done 0 -1
redis-cli blpop queue 0.1
redis-cli --csv subscribe news weather >heard & listener=$!
redis-cli --csv psubscribe 'ne*' >matched & matcher=$!
until_equal '2 1' sh -c 'set -- $(redis-cli pubsub numsub news weather) $(redis-cli pubsub numpat); echo $(($2 + $4)) $5'
redis-cli publish news 'it rains'; redis-cli publish weather wet; redis-cli publish sport none
until_equal 2 sh -c 'grep -c message.,.n heard matched | awk -F: "{ n += \$2 } END { print n }"'
kill $listener $matcher; wait $listener $matcher; grep -h 'message"' heard matched
for i in $(seq 200); do echo "SET k$i v$i"; done | redis-cli --pipe >/dev/null
redis-cli save; ls one; redis-cli lastsave | awk '{ print ($1 > 1000000000) }'
redis-cli bgsave; until_equal 0 sh -c 'redis-cli info persistence | sed -n "s/rdb_bgsave_in_progress:\([0-9]*\).*/\1/p"'; redis-cli info persistence | grep -o 'rdb_last_bgsave_status:ok'
redis-check-rdb one/dump.rdb | grep -oE '[0-9]+ keys read|RDB looks OK.*'
redis-cli bgrewriteaof; until_equal 0 sh -c 'redis-cli info persistence | sed -n "s/aof_rewrite_in_progress:\([0-9]*\).*/\1/p"'; redis-cli set after rewrite; ls one/appendonlydir
start 6380 two --replicaof 127.0.0.1 6379; second=$!
until_equal up sh -c 'redis-cli -p 6380 info replication | sed -n "s/master_link_status:\([a-z]*\).*/\1/p"'
redis-cli -p 6380 get k150; redis-cli -p 6380 set k1 x; redis-cli set late news; until_equal news redis-cli -p 6380 get late; redis-cli -p 6380 dbsize
redis-cli -p 6380 replicaof no one; redis-cli -p 6380 set k1 own; redis-cli get k1
{ kill -KILL $first; wait $first; } 2>/dev/null; echo "killed $?"
start 6379 one; third=$!
redis-cli dbsize; redis-cli mget k7 after late; redis-cli lrange done 0 -1
kill -TERM $second $third; wait $second; echo "second $?"; wait $third; echo "third $?"
grep -ohE 'Received SIGTERM scheduling shutdown|DB saved on disk|bye bye' two/log | sort -u
