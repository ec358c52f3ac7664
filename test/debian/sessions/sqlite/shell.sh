# sqlite3's shell: tables, indexes, joins, window functions, JSON, full-text search, dump and restore, CSV, backup, triggers, errors.
sqlite3 --version | cut -d' ' -f1
sqlite3 test.db <<'END'
CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, value REAL, made TEXT DEFAULT '2024-01-01');
CREATE TABLE log(what TEXT, id INT); CREATE TRIGGER noted AFTER UPDATE ON t BEGIN INSERT INTO log VALUES('update', new.id); END;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO t(name, value) SELECT 'name' || i, i * 1.5 FROM n;
CREATE INDEX by_value ON t(value); ANALYZE;
.mode box
SELECT count(*), sum(value), avg(value), min(name), max(name), group_concat(id % 3, '') FILTER (WHERE id < 10) FROM t;
.mode table
SELECT id % 4 AS k, count(*) AS n, total(value) AS s FROM t GROUP BY k HAVING k > 0 ORDER BY s DESC;
.mode json
SELECT id, name, row_number() OVER (ORDER BY value DESC) AS r, lag(value, 1) OVER w AS l FROM t WHERE id < 5 WINDOW w AS (ORDER BY id);
.mode list
EXPLAIN QUERY PLAN SELECT a.name FROM t a JOIN t b ON a.value = b.value * 2 WHERE b.id BETWEEN 10 AND 20;
SELECT json_extract('{"a": [1, {"b": "x"}]}', '$.a[1].b'), json_group_array(id) FROM t WHERE id < 4;
SELECT value FROM json_each('[1, "two", null, 2.5]'); SELECT date('2024-02-28', '+2 days'), strftime('%W', '2024-07-01'), julianday('2000-01-01'), printf('%08.3f|%,d|%q', 3.14159, 1234567, 'it''s'), hex(zeroblob(3)), typeof(1 / 2.0), round(2.5), sqrt(2), pow(2, 0.5), ln(10);
UPDATE t SET value = -value WHERE id % 500 = 0; SELECT * FROM log; SELECT * FROM t ORDER BY value LIMIT 2;
BEGIN; DELETE FROM t; SELECT count(*) FROM t; ROLLBACK; SELECT count(*) FROM t;
SAVEPOINT s; INSERT INTO t(name) VALUES('extra'); RELEASE s; INSERT INTO t(name) VALUES('extra'); SELECT changes(), total_changes();
CREATE VIRTUAL TABLE words USING fts5(body); INSERT INTO words VALUES('the quick brown fox'), ('lazy dogs sleep'), ('quick dogs'); SELECT rowid, highlight(words, 0, '[', ']') FROM words WHERE words MATCH 'quick OR dog*' ORDER BY rank, rowid;
CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1, y0, y1); INSERT INTO boxes VALUES(1, 0, 10, 0, 10), (2, 5, 15, 5, 15); SELECT id FROM boxes WHERE x0 < 6 AND x1 > 12;
ALTER TABLE t RENAME COLUMN made TO created; ALTER TABLE t DROP COLUMN created;
.schema t
PRAGMA integrity_check; PRAGMA page_size; PRAGMA page_count; PRAGMA journal_mode; VACUUM; PRAGMA freelist_count;
INSERT INTO t(name, value) VALUES('upsert', 1) ON CONFLICT(name) DO UPDATE SET value = excluded.value + 1 RETURNING id, value;
SELECT nothing FROM t; SELEC 1;
.tables
.nonsense
END
echo "status $?"; sqlite3 test.db .dump >dump.sql; wc -l <dump.sql; sqlite3 copy.db <dump.sql; sqlite3 test.db 'SELECT count(*), sum(value) FROM t' '.backup saved.db'; sqlite3 copy.db 'SELECT count(*), sum(value) FROM t'; cmp <(sqlite3 saved.db .dump) dump.sql && echo 'the same dump'
printf 'id,city,people\n1,Ulm,126000\n2,"Bad ""X"", Y",9\n' >cities.csv; sqlite3 -csv -header test.db '.import cities.csv cities' "SELECT * FROM cities ORDER BY people DESC" ".once out.csv" 'SELECT * FROM cities'; cat out.csv; sqlite3 test.db '.mode insert cities' 'SELECT * FROM cities' '.mode markdown' 'SELECT * FROM cities' '.mode quote' "SELECT x'00ff', NULL, 1e100, 'a''b'"
sqlite3 -cmd '.changes on' -line test.db "DELETE FROM cities WHERE id = '1'; SELECT * FROM cities"; sqlite3 test.db '.parameter init' '.parameter set @x 5' 'SELECT name FROM t WHERE id = @x' '.read /dev/null' '.shell echo shelled' '.archive --version' 2>&1 | head -3
sqlite3 :memory: 'SELECT sqlite_version() > "3", 9223372036854775807 + 1, 5 / 0, CAST("12abc" AS INT), "a" < "B" COLLATE NOCASE, likelihood(1, 0.5), unicode("é"), quote(char(9731))'
sqlite3 -readonly test.db 'DELETE FROM t'; echo "status $?"; sqlite3 /nowhere/x.db 'CREATE TABLE x(y)'; echo "status $?"; echo 'no database at all, but a text' >text.db; sqlite3 text.db .tables; echo "status $?"; head -c 6000 test.db >cut.db; sqlite3 cut.db 'SELECT count(*) FROM t'; echo "status $?"
sqlite3 big.db 'CREATE TABLE blobs(b); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40) INSERT INTO blobs SELECT zeroblob(50000) FROM n' 'PRAGMA mmap_size=4194304' 'SELECT sum(length(b)) FROM blobs' 'DELETE FROM blobs WHERE rowid % 2' 'VACUUM'; stat -c %s big.db; sqlite3 test.db .sha3sum; sqlite3 -batch -bail test.db 'SELECT 1; SELECT * FROM none; SELECT 2'; ls
