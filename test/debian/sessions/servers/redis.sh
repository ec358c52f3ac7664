# redis-server with redis-cli over loopback and over a socket in a file: data types, transactions, scripts, expiry.
cd /tmp; mkdir data
redis-server --port 6379 --bind 127.0.0.1 ::1 --unixsocket /tmp/data/socket --dir /tmp/data --save '' --daemonize no --logfile /tmp/data/log &
server=$!
until redis-cli ping 2>/dev/null | grep -q PONG; do sleep 0.05; done
redis() { redis-cli "$@"; }
redis set greeting 'hello world'; redis get greeting; redis append greeting '!'; redis strlen greeting; redis getrange greeting 0 4
redis incr counter; redis incrby counter 41; redis incrbyfloat ratio 0.125; redis decr greeting
redis rpush list a b c d; redis lrange list 0 -1; redis lpop list; redis linsert list before c between; redis lrange list -2 -1
redis hset hash name Ada born 1815; redis hgetall hash; redis hincrby hash born 1; redis hget hash none
redis sadd one 1 2 3; redis sadd two 2 3 4; redis sinter one two | sort; redis scard one; redis smembers two | sort
redis zadd scores 3 c 1 a 2 b; redis zrange scores 0 -1 withscores; redis zrangebyscore scores '(1' 3; redis zrank scores c
redis xadd stream 1-1 field value; redis xadd stream 2-1 field other; redis xrange stream - +; redis xlen stream
redis setbit bits 7 1; redis bitcount bits; redis pfadd unique a b c a; redis pfcount unique; redis geoadd places 13.361389 38.115556 Palermo 15.087269 37.502669 Catania; redis geodist places Palermo Catania km
redis type list; redis lpush greeting x; redis nonsense; redis object encoding counter; redis exists list none
printf 'MULTI\nSET a 1\nINCR a\nGET a\nEXEC\nWATCH a\nDISCARD\n' | redis-cli
redis eval "local sum = 0; for i, v in ipairs(ARGV) do sum = sum + v end; redis.call('set', KEYS[1], sum); return {sum, redis.call('get', KEYS[1]), 'x' .. sum / 3}" 1 total 1 2 4
redis set fleeting x px 100000; redis pttl fleeting | awk '{ print ($1 > 50000 && $1 <= 100000) }'; redis pexpire fleeting 100; until [ "$(redis exists fleeting)" = 0 ]; do sleep 0.05; done; redis get fleeting; redis ttl fleeting; redis ttl list
for i in $(seq 500); do echo "SET key:$i $((i * i))"; done | redis-cli --pipe 2>&1 | tail -2
redis dbsize; redis mget key:3 key:77 key:500; redis --scan --pattern 'key:49*' | sort | tr '\n' ' '; echo
redis -s /tmp/data/socket get key:12; redis -h ::1 get key:13; redis -h localhost echo localhost
redis config get maxmemory; redis config set hz 50; redis client setname me; redis client list | sed 's/.*\(addr=127.0.0.1\).*\(laddr=[^ ]*\).*\(cmd=[^ ]*\).*/\1 \2 \3/'
redis info server | grep -E '^(redis_version|os|arch_bits|multiplexing_api|tcp_port)' | sed 's/os:Linux.*/os:Linux/'
redis --csv lrange list 0 -1; redis --no-raw hgetall hash; redis -r 3 -i 0.01 incr counter; echo raw | redis -x set raw; redis get raw
redis flushall; redis dbsize
redis shutdown nosave; wait $server; echo "status $?"
redis ping; ls data
grep -oE 'Ready to accept connections|User requested shutdown.*|bye bye.*|Removing the unix socket file' data/log
