# nginx with a master and two workers, spoken to by curl: files, ranges, conditions, chunks, keep-alive, proxying, reload, quit.
cd /tmp; mkdir -p www/dir logs tmp
cat >nginx.conf <<'END'
worker_processes 2; pid /tmp/nginx.pid; error_log /tmp/logs/error.log notice; user root;
events { worker_connections 64; }
http {
  log_format short '$request $status $body_bytes_sent $http_x_mark'; access_log /tmp/logs/access.log short;
  client_body_temp_path /tmp/tmp; proxy_temp_path /tmp/tmp; fastcgi_temp_path /tmp/tmp; uwsgi_temp_path /tmp/tmp; scgi_temp_path /tmp/tmp;
  types { text/html html; text/plain txt; application/json json; } default_type application/octet-stream;
  sendfile on; tcp_nopush on; keepalive_timeout 5; gzip_types text/plain; server_tokens off;
  upstream both { server 127.0.0.1:8081; server unix:/tmp/upstream; keepalive 4; }
  server {
    listen 8080; listen [::1]:8080; root /tmp/www;
    location /old { return 301 /new; }
    location /dir/ { autoindex on; autoindex_format json; }
    location /both { proxy_pass http://both; proxy_http_version 1.1; proxy_set_header Connection ""; }
    location /text { return 200 "$scheme $request_method $host $args $http_x_mark\n"; }
    location /packed { gzip on; default_type text/plain; alias /tmp/www/long.txt; }
    location /secret { deny all; }
    location /put { client_max_body_size 100k; proxy_pass http://127.0.0.1:8081; }
    error_page 404 /missing.html;
  }
  server { listen 127.0.0.1:8081; location / { return 200 "tcp $request_uri $content_length\n"; } }
  server { listen unix:/tmp/upstream; location / { return 200 "unix $request_uri\n"; } }
}
END
echo '<h1>Hello</h1>' >www/index.html; echo '<p>nothing here</p>' >www/missing.html; echo '{"a": 1}' >www/dir/a.json
touch -d '2024-03-01 12:00:00 UTC' www/* www/dir/*
seq 4000 >www/long.txt; seq 170000 | head -c 1048576 >www/megabyte
nginx -t -c /tmp/nginx.conf; nginx -v
nginx -c /tmp/nginx.conf; echo "started $?"
workers() { ps -o args --ppid $(cat nginx.pid) --no-headers; }
until [ "$(workers | grep -c 'worker process$')" = 2 ]; do sleep 0.02; done; workers
base=http://127.0.0.1:8080
curl -si $base/ | grep -v ^Date; curl -si $base/nowhere | grep -v -e ^Date -e ^ETag; curl -sI $base/index.html | grep -v ^Date; curl -s -o /dev/null -w '%{http_code} %{redirect_url}\n' $base/old
curl -s "$base/text?x=1&y=%20" -H 'X-Mark: seen'; curl -s -X DELETE $base/text; curl -s http://[::1]:8080/text; curl -s -o /dev/null -w '%{http_code}\n' $base/secret
curl -s $base/megabyte | cmp - www/megabyte && echo 'a megabyte'; curl -s -r 1000-1019 $base/megabyte; curl -s -r -12 -w '%{http_code}\n' $base/megabyte
curl -s -D - -o /dev/null -r 0-1,5-6 $base/long.txt | grep -c multipart/byteranges; curl -s -r 99999999- -o /dev/null -w '%{http_code}\n' $base/long.txt
curl -s -H 'If-Modified-Since: Fri, 01 Mar 2024 12:00:00 GMT' -w '%{http_code}\n' $base/index.html; curl -s -z '2024-02-01' -w '%{http_code}\n' $base/index.html
curl -s --compressed $base/packed | md5sum; curl -sD - -o /dev/null -H 'Accept-Encoding: gzip' $base/packed | grep -iE '^(transfer|content)-encoding'; curl -s --raw -H 'Accept-Encoding: gzip' $base/packed | head -c 3 | od -c
curl -s $base/dir/ | sed 's/"mtime":"[^"]*"/MTIME/'; curl -s $base/both/[1-4]
curl -s $base/index.html $base/text $base/index.html -w '%{num_connects} %{http_version} %{size_download}\n'; curl -s --http1.0 -w '%{http_version}\n' $base/text
head -c 90000 www/megabyte | curl -s -T - $base/put; head -c 200000 www/megabyte | curl -s -o /dev/null -w '%{http_code}\n' --data-binary @- $base/put; curl -s --data-binary @www/long.txt $base/put/long
for i in 1 2 3 4 5 6 7 8; do curl -s -o out.$i $base/megabyte & done; wait; md5sum out.* | cut -c1-32 | uniq -c
printf 'GET /text HTTP/1.1\r\nHost: one\r\n\r\nGET /text HTTP/1.1\r\nHost: two\r\nConnection: close\r\n\r\n' | curl -s telnet://127.0.0.1:8080 | grep -a http; printf 'NONSENSE\r\n\r\n' | curl -s telnet://127.0.0.1:8080 | tail -3
sed -i 's/worker_processes 2/worker_processes 1/; s/nothing/x/; s/"tcp /"TCP /' nginx.conf
tell() { nginx -s $1 -c /tmp/nginx.conf 2>&1 | grep -o 'signal process started'; }
tell reload; until [ "$(workers | grep -c .)" = 1 ] && grep -q 'reconfiguring' logs/error.log && [ "$(curl -s $base/put)" = 'TCP /put ' ]; do sleep 0.02; done; workers
mv logs/access.log logs/old.log; tell reopen; until [ "$(grep -c 'reopening logs' logs/error.log)" = 3 ]; do sleep 0.02; done; curl -s -o /dev/null -H 'X-Mark: reopened' $base/text; until grep -q reopened logs/access.log; do sleep 0.02; done; cat logs/access.log
tell quit; while [ -e nginx.pid ]; do sleep 0.02; done
curl -s $base/; echo "curl $?"; grep -v '/put  *HTTP/1.1 200 10' logs/old.log | grep -v 'GET /put ' | sort | uniq -c
grep -oE '(start worker processes|signal 1 \(SIGHUP\) received from|signal 3 \(SIGQUIT\) received from|gracefully shutting down|worker process [0-9]+ exited with code 0|reopening logs|exit$)' logs/error.log | sed 's/[0-9]\{2,\}/N/' | sort -u; rm -f /tmp/upstream
