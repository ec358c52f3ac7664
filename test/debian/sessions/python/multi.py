"""multiprocessing by fork: queues, pools, locks, shared memory, pipes, a manager."""
import multiprocessing as mp
import os, signal, sys, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import shared_memory

def square(n):
    return n * n

def fail(n):
    raise ValueError(f"no {n}")

def produce(queue, n):
    for i in range(n):
        queue.put((os.getpid() > 0, i, "x" * i))
    queue.put(None)

def count(lock, value, array, barrier):
    barrier.wait()
    for i in range(50):
        with lock:
            value.value += 1
            array[i % 4] += i

def touch_shared(name):
    block = shared_memory.SharedMemory(name=name)
    block.buf[:5] = b"child"
    block.close()

def answer(connection):
    while (request := connection.recv()) != "end":
        connection.send(request[::-1])
    connection.close()

def wait_for(event, condition, queue):
    event.wait()
    with condition:
        queue.put("waiting")
        condition.wait()
    queue.put("notified")

def change(shared, listed):
    shared["b"] = 2
    listed.sort()

def main(method):
    context = mp.get_context(method)
    print("method", method)
    queue = context.Queue()
    p = context.Process(target=produce, args=(queue, 5), name="producer", daemon=True)
    p.start()
    items = list(iter(queue.get, None))
    p.join()
    print(len(items), items[-1], p.exitcode, p.name)
    value, array, lock, barrier = context.Value("i", 0), context.Array("l", 4), context.Lock(), context.Barrier(3)
    workers = [context.Process(target=count, args=(lock, value, array, barrier)) for _ in range(3)]
    [w.start() for w in workers], [w.join() for w in workers]
    print(value.value, list(array), [w.exitcode for w in workers])
    block = shared_memory.SharedMemory(create=True, size=100)
    p = context.Process(target=touch_shared, args=(block.name,))
    p.start(), p.join()
    print(bytes(block.buf[:5]), block.size >= 100, os.path.exists("/dev/shm/" + block.name))
    block.close(), block.unlink()
    ours, theirs = context.Pipe()
    p = context.Process(target=answer, args=(theirs,))
    p.start()
    for word in ("abc", [1, 2, 3], b"\0" * 100_000):
        ours.send(word)
        print(len(ours.recv()))
    print(ours.poll(0.01), ours.send("end"), p.join(), p.exitcode)
    event, condition, queue = context.Event(), context.Condition(), context.SimpleQueue()
    p = context.Process(target=wait_for, args=(event, condition, queue))
    p.start()
    event.set()
    print(queue.get())
    with condition:
        condition.notify_all()
    print(queue.get(), p.join())
    p = context.Process(target=time.sleep, args=(10,))
    p.start(), time.sleep(0.05), p.terminate(), p.join()
    print(p.exitcode, context.Semaphore(2).acquire(), context.RLock().acquire(timeout=0.1))
    with context.Pool(3) as pool:
        print(pool.map(square, range(20), chunksize=3), pool.apply_async(square, (9,)).get(10))
        print(sorted(pool.imap_unordered(square, range(4))), pool.starmap(max, [(1, 2), (4, 3)]))
        try:
            pool.apply(fail, (3,))
        except ValueError as e:
            print("raised", e)
        pool.close(), pool.join()
    with context.Manager() as manager:
        shared, listed = manager.dict(a=1), manager.list([3, 1, 2])
        p = context.Process(target=change, args=(shared, listed))
        p.start(), p.join()
        print(dict(shared), list(listed), p.exitcode)

if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "fork")
    with ProcessPoolExecutor(2, mp_context=mp.get_context("fork")) as executor:
        print(list(executor.map(square, range(5))), executor.submit(os.getppid).result() == os.getpid())
    print(len(mp.active_children()))
