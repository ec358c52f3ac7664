"""threading: locks, conditions, barriers, locals, timers, pools, daemons, exceptions, signals in the main thread."""
import queue, signal, sys, threading, time
from concurrent.futures import ThreadPoolExecutor, as_completed, wait

counter, lock = 0, threading.Lock()
def add():
    global counter
    for _ in range(2000):
        with lock:
            counter += 1
threads = [threading.Thread(target=add) for _ in range(8)]
[t.start() for t in threads], [t.join() for t in threads]
print(counter, threading.active_count())
q, done = queue.Queue(maxsize=3), []
def consume():
    while (item := q.get()) is not None:
        done.append(item), q.task_done()
consumers = [threading.Thread(target=consume) for _ in range(3)]
[c.start() for c in consumers]
[q.put(i) for i in range(50)]
q.join()
[q.put(None) for _ in consumers], [c.join() for c in consumers]
print(sorted(done) == list(range(50)))
barrier, order = threading.Barrier(4, action=lambda: order.append("all")), []
def meet(i):
    barrier.wait()
    order.append("after")
threads = [threading.Thread(target=meet, args=(i,)) for i in range(4)]
[t.start() for t in threads], [t.join() for t in threads]
print(order)
local = threading.local()
local.x = "main"
def see():
    results.append(getattr(local, "x", "nothing"))
results = []
t = threading.Thread(target=see)
t.start(), t.join()
print(results, local.x)
event = threading.Event()
timer = threading.Timer(0.05, event.set)
timer.start()
print(event.wait(5), event.is_set(), threading.Event().wait(0.01))
condition, turns = threading.Condition(), []
def ping(name, other):
    for _ in range(5):
        with condition:
            condition.wait_for(lambda: not turns and name == "ping" or turns and turns[-1] == other)
            turns.append(name)
            condition.notify_all()
a, b = threading.Thread(target=ping, args=("ping", "pong")), threading.Thread(target=ping, args=("pong", "ping"))
a.start(), b.start(), a.join(), b.join()
print(turns)
with ThreadPoolExecutor(4) as pool:
    print(list(pool.map(lambda n: n * n, range(10))), pool.submit(divmod, 7, 0).exception())
    print(sorted(f.result() for f in as_completed([pool.submit(pow, 2, n) for n in range(5)])))
threading.excepthook = lambda e: print("in thread:", e.exc_type.__name__, e.exc_value)
t = threading.Thread(target=lambda: 1 / 0)
t.start(), t.join()
semaphore, peak, now = threading.BoundedSemaphore(2), 0, 0
def limited():
    global peak, now
    with semaphore:
        now += 1
        peak = max(peak, now)
        time.sleep(0.005)
        now -= 1
threads = [threading.Thread(target=limited) for _ in range(6)]
[t.start() for t in threads], [t.join() for t in threads]
print(peak <= 2)
hits = []
signal.signal(signal.SIGUSR1, lambda s, f: hits.append(threading.current_thread().name))
t = threading.Thread(target=lambda: signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1))
t.start(), t.join(), time.sleep(0.01)
print(hits, t.native_id != threading.get_native_id())
sys.setswitchinterval(0.0005)
def spin():
    x = 0
    for i in range(20000):
        x ^= i
    results.append(x)
threads = [threading.Thread(target=spin) for _ in range(4)]
[t.start() for t in threads], [t.join() for t in threads]
print(results[1:])
threading.stack_size(1 << 18)
def deep(n):
    return 0 if n == 0 else 1 + deep(n - 1)
t = threading.Thread(target=lambda: print("depth", deep(100)))
t.start(), t.join()
threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
print(threading.active_count())
