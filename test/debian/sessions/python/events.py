"""asyncio over pipes and subprocesses, selectors, select, epoll, poll, mmap, fcntl, timers."""
import asyncio, ctypes, fcntl, mmap, os, select, selectors, signal, socket, struct, sys, tempfile, time

async def tick(name, n):
    for i in range(n):
        await asyncio.sleep(0.01)
    return name

async def connect_pipe():
    r, w = os.pipe()
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1 << 20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(r, "rb"))
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, os.fdopen(w, "wb"))
    writer = asyncio.StreamWriter(transport, protocol, reader, loop)
    writer.write(b"line one\n" + b"x" * 200_000 + b"\nlast")
    drained = asyncio.create_task(writer.drain())
    print(await reader.readline(), end=" ")
    data = await asyncio.gather(reader.readline(), drained)
    writer.close()
    print(len(data[0]), await reader.read())

async def processes():
    p = await asyncio.create_subprocess_exec("sh", "-c", 'read x; echo "got $x"; echo err >&2; exit 3', stdin=-1, stdout=-1, stderr=-1)
    print(await p.communicate(b"input\n"), p.returncode)
    p = await asyncio.create_subprocess_shell("sleep 10")
    try:
        await asyncio.wait_for(p.wait(), 0.05)
    except asyncio.TimeoutError:
        p.terminate()
        print("terminated", await p.wait())
    ps = [await asyncio.create_subprocess_exec("sh", "-c", f"sleep 0.0{i}; exit {i}") for i in range(4)]
    print(await asyncio.gather(*(p.wait() for p in ps)))
    p = await asyncio.create_subprocess_exec("seq", "3", stdout=-1)
    print([line async for line in p.stdout], await p.wait())

async def unix_server():
    async def serve(reader, writer):
        async for line in reader:
            writer.write(line.upper())
        writer.close()
    server = await asyncio.start_unix_server(serve, "/tmp/socket")
    async def client(n):
        reader, writer = await asyncio.open_unix_connection("/tmp/socket")
        writer.write(b"line %d\n" % n * n)
        writer.write_eof()
        data = await reader.read()
        writer.close()
        return len(data), data[:7]
    print(await asyncio.gather(*(client(n) for n in (1, 100, 5000))))
    server.close()
    a, b = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=a)
    b.sendall(b"through a pair")
    b.shutdown(socket.SHUT_WR)
    print(await reader.read())
    writer.close(), b.close()

async def main():
    print(await asyncio.gather(tick("a", 3), tick("b", 1), tick("c", 2)))
    loop, got = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGUSR1, got.set)
    loop.call_later(0.02, os.kill, os.getpid(), signal.SIGUSR1)
    await asyncio.wait_for(got.wait(), 5)
    print("signal", await loop.run_in_executor(None, sum, range(1000)), await asyncio.to_thread(os.getpid) == os.getpid())
    await connect_pipe()
    await processes()
    await unix_server()
    queue, lock = asyncio.Queue(2), asyncio.Lock()
    async def worker(out):
        while (item := await queue.get()) is not None:
            async with lock:
                out.append(item)
    out = []
    async with asyncio.TaskGroup() as group:
        group.create_task(worker(out))
        for i in [1, 2, 3, 4, None]:
            await queue.put(i)
    print(out)
    task = asyncio.create_task(asyncio.sleep(10))
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("cancelled")
asyncio.run(main())

r, w = os.pipe()
print(select.select([r], [w], [], 0)[1] == [w], select.select([r], [], [], 0.01))
os.write(w, b"x")
poller = select.poll()
poller.register(r, select.POLLIN), poller.register(w, select.POLLOUT)
print(sorted(e for _, e in poller.poll(100)))
epoll = select.epoll()
epoll.register(r, select.EPOLLIN | select.EPOLLET)
print([e for _, e in epoll.poll(1)], epoll.poll(0.01), epoll.modify(r, select.EPOLLIN), [e for _, e in epoll.poll(1)])
os.close(w)
print([e for _, e in epoll.poll(1)], epoll.close())
with selectors.DefaultSelector() as s:
    s.register(r, selectors.EVENT_READ, "pipe")
    print(type(s).__name__, [(k.data, m) for k, m in s.select(0)])

m = mmap.mmap(-1, 10000)
m[:5] = b"hello"
if os.fork() == 0:
    m[0:1] = b"J"
    os._exit(0)
os.wait()
print(m[:5], m.find(b"lo"), len(m), m.close())
with tempfile.NamedTemporaryFile() as f:
    f.write(b"file contents " * 1000), f.flush()
    with mmap.mmap(f.fileno(), 0) as m:
        print(len(m), m.rfind(b"file"), m.readline()[:4])
        m[0:4] = b"FILE"
        m.flush()
        m.resize(20000)
    print(os.fstat(f.fileno()).st_size, os.pread(f.fileno(), 6, 0))
    with mmap.mmap(f.fileno(), 4096, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE, offset=4096) as m:
        m[0] = 0
        m.madvise(mmap.MADV_DONTNEED)
        print(bytes(m[:4]))
    fcntl.lockf(f, fcntl.LOCK_EX)
    pid = os.fork()
    if pid == 0:
        try:
            fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os._exit(1)
        os._exit(0)
    print(os.waitpid(pid, 0)[1] >> 8, fcntl.fcntl(f, fcntl.F_GETFD), fcntl.fcntl(f, fcntl.F_GETFL) & os.O_ACCMODE)
    other = os.open(f.name, os.O_RDWR)
    fcntl.flock(f, fcntl.LOCK_EX)
    try:
        fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as e:
        print(e.errno)
r, w = os.pipe()
os.write(w, b"12345")
print(struct.unpack("i", fcntl.ioctl(r, 0x541B, b"\0" * 4)), fcntl.fcntl(w, fcntl.F_GETPIPE_SZ), fcntl.fcntl(w, fcntl.F_SETPIPE_SZ, 10000))
libc = ctypes.CDLL(None, use_errno=True)
print(libc.getpid() == os.getpid(), libc.close(999), ctypes.get_errno(), libc.strlen(b"four"))
compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))(lambda a, b: a[0] - b[0])
array = (ctypes.c_int * 6)(5, 2, 9, 1, 7, 3)
libc.qsort(array, 6, 4, compare)
print(list(array), time.clock_gettime(time.CLOCK_MONOTONIC) > 0, time.get_clock_info("monotonic").monotonic)
print([line.upper() for line in sys.stdin])
