"""multiprocessing by spawn: a fresh interpreter for each child, and the resource tracker."""
import multiprocessing as mp
import os, sys
from multiprocessing import shared_memory

def child(queue, value, name):
    block = shared_memory.SharedMemory(name=name)
    block.buf[0] = 42
    block.close()
    with value.get_lock():
        value.value += 1
    queue.put((os.getppid(), sys.argv[0], mp.current_process().name))

if __name__ == "__main__":
    context = mp.get_context("spawn")
    block = shared_memory.SharedMemory(create=True, size=10)
    queue, value = context.SimpleQueue(), context.Value("i", 5)
    p = context.Process(target=child, args=(queue, value, block.name))
    p.start()
    ppid, argv, name = queue.get()
    p.join()
    print(ppid == os.getpid(), argv, name, p.exitcode, value.value, block.buf[0])
    block.close(), block.unlink()
