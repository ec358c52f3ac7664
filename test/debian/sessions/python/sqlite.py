"""Processes that share a database: WAL (its index is shared memory in a file, its locks are POSIX ones), rollback journals, busy timeouts."""
import fcntl, os, signal, sqlite3, subprocess, sys, tempfile, threading, time

os.chdir(tempfile.mkdtemp())


def connect(timeout=20.0):
    return sqlite3.connect("shared.db", timeout=timeout, isolation_level=None)


def child(run):
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            run()
            status = 0
        finally:
            sys.stdout.flush()
            os._exit(status)
    return pid


def status(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def writes(name, count):
    def run():
        db = connect()
        for i in range(count):
            db.execute("BEGIN IMMEDIATE")
            (total,) = db.execute("SELECT total FROM sums").fetchone()
            db.execute("INSERT INTO rows VALUES(?, ?)", (name, i))
            db.execute("UPDATE sums SET total = ?", (total + 1,))
            db.execute("COMMIT")

    return run


def reads(seen):
    db, last = connect(), -1
    while last < seen:
        db.execute("BEGIN")
        (total,) = db.execute("SELECT total FROM sums").fetchone()
        (rows,) = db.execute("SELECT count(*) FROM rows").fetchone()
        db.execute("COMMIT")
        assert total == rows >= last, (total, rows, last)
        last = total


for mode in ("wal", "delete", "truncate", "persist"):
    db = connect()
    print(db.execute(f"PRAGMA journal_mode={mode}").fetchone())
    db.executescript("DROP TABLE IF EXISTS rows; DROP TABLE IF EXISTS sums; CREATE TABLE rows(who, n); CREATE TABLE sums(total); INSERT INTO sums VALUES(0)")
    db.close()
    children = [child(writes(name, 40)) for name in ("a", "b", "c")] + [child(lambda: reads(120))]
    print([status(pid) for pid in children])
    db = connect()
    print(db.execute("SELECT who, count(*), max(n) FROM rows GROUP BY who").fetchall(), db.execute("SELECT total FROM sums").fetchone(), db.execute("PRAGMA integrity_check").fetchone())
    if mode == "wal":
        print(sorted(os.listdir()), os.stat("shared.db-shm").st_size)
        print(db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone(), os.stat("shared.db-wal").st_size)
    db.close()
    print(sorted(os.listdir()))

# A reader keeps its snapshot while another process commits; then it may not write any more.
db = connect()
db.execute("PRAGMA journal_mode=wal")
db.execute("BEGIN")
before = db.execute("SELECT total FROM sums").fetchone()
print(status(child(lambda: connect().execute("UPDATE sums SET total = 1000"))))
print(before == db.execute("SELECT total FROM sums").fetchone())
try:
    db.execute("UPDATE sums SET total = 1")
except sqlite3.OperationalError as error:
    print(error)
db.execute("COMMIT")
print(db.execute("SELECT total FROM sums").fetchone())

# Busy timeouts: one that is too short, one that is long enough.
ready, done = os.pipe()
asked, ask = os.pipe()


def holds():
    other = connect()
    other.execute("BEGIN EXCLUSIVE")
    os.write(done, b"x")
    os.read(asked, 1)
    time.sleep(0.4)
    other.execute("COMMIT")


holder = child(holds)
os.read(ready, 1)
impatient, start = connect(timeout=0.1), time.monotonic()
try:
    impatient.execute("BEGIN IMMEDIATE")
except sqlite3.OperationalError as error:
    print(error, 0.08 < time.monotonic() - start < 5)
patient, start = connect(), time.monotonic()
os.write(ask, b"x")
patient.execute("BEGIN IMMEDIATE")
print("patient", time.monotonic() - start > 0.2)
patient.execute("ROLLBACK")
print(status(holder))

# A writer that is killed leaves a hot journal, or frames without a commit: the next process takes them back.
for mode in ("delete", "wal"):
    db.close(), impatient.close(), patient.close()
    db = impatient = patient = connect()
    db.execute(f"PRAGMA journal_mode={mode}").fetchone()

    def dies():
        other = connect()
        other.execute("PRAGMA cache_size=5")
        other.execute("BEGIN")
        other.executemany("INSERT INTO rows VALUES(?, ?)", (("x" * 500, i) for i in range(300)))
        other.execute("UPDATE sums SET total = -1")
        os.write(done, b"x")
        signal.pause()

    victim = child(dies)
    os.read(ready, 1)
    print(mode, [name for name in sorted(os.listdir()) if os.stat(name).st_size > 0])
    os.kill(victim, signal.SIGKILL)
    print(status(victim), db.execute("SELECT total FROM sums").fetchone(), db.execute("SELECT count(*) FROM rows").fetchone(), db.execute("PRAGMA integrity_check").fetchone())

# Threads with a connection each, and the backup interface while another process writes.
writer = child(writes("w", 60))
copy = sqlite3.connect("copy.db")
with connect() as source:
    source.backup(copy, pages=1)
print(status(writer), copy.execute("PRAGMA integrity_check").fetchone())
counts = []


def count():
    own = connect()
    counts.append(own.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT sum(i) FROM n, sums").fetchone()[0])
    own.close()


threads = [threading.Thread(target=count) for _ in range(4)]
[thread.start() for thread in threads], [thread.join() for thread in threads]
print(counts)

# The shell is a second program on the same files.
db.execute("PRAGMA journal_mode=wal")
shell = subprocess.run(["sqlite3", "-cmd", ".timeout 5000", "shared.db", "UPDATE sums SET total = 7", "PRAGMA journal_mode", "SELECT count(*) FROM rows"], capture_output=True, text=True)
print(shell.stdout.split(), shell.stderr, shell.returncode, db.execute("SELECT total FROM sums").fetchone())
db.execute("BEGIN IMMEDIATE")
shell = subprocess.run(["sqlite3", "shared.db", "DELETE FROM sums"], capture_output=True, text=True)
print(shell.stdout.split(), shell.stderr, shell.returncode)
db.execute("COMMIT")
db.close()

# What SQLite's locks are made of: they belong to the process, and go with the first close of the file.
with open("locks", "wb+") as one:
    fcntl.lockf(one, fcntl.LOCK_EX | fcntl.LOCK_NB, 10, 100)

    def tries():
        with open("locks", "rb+") as own:
            for start in (95, 100, 110):
                try:
                    fcntl.lockf(own, fcntl.LOCK_EX | fcntl.LOCK_NB, 10, start)
                    print(start, "locked")
                except OSError as error:
                    print(start, error.strerror)

    print(status(child(tries)))
    open("locks").close()
    print(status(child(tries)))
