"""signal: handlers, masks, timers, waiting, wake-up descriptor, interrupted calls."""
import errno, faulthandler, os, select, signal, sys, time

seen = []
def handler(number, frame):
    seen.append(signal.Signals(number).name)
for s in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGCHLD, signal.SIGRTMIN + 3):
    signal.signal(s, handler)
os.kill(os.getpid(), signal.SIGUSR1)
signal.raise_signal(signal.SIGUSR2)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
os.kill(os.getpid(), signal.SIGUSR1)
os.kill(os.getpid(), signal.SIGUSR1)
print(seen, signal.sigpending())
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})
print(seen)
start = time.monotonic()
signal.setitimer(signal.ITIMER_REAL, 0.05, 0.02)
while seen.count("SIGALRM") < 3:
    signal.pause()
print(signal.setitimer(signal.ITIMER_REAL, 0)[1], 0.08 < time.monotonic() - start < 5)
signal.setitimer(signal.ITIMER_VIRTUAL, 0.02)
signal.signal(signal.SIGVTALRM, handler)
while "SIGVTALRM" not in seen:
    sum(range(1000))
signal.alarm(1), print(signal.alarm(0))
time.sleep(0.1)
before = time.monotonic()
signal.setitimer(signal.ITIMER_REAL, 0.02)
time.sleep(0.1)
print(time.monotonic() - before >= 0.1)
r, w = os.pipe()
signal.setitimer(signal.ITIMER_REAL, 0.02)
signal.siginterrupt(signal.SIGALRM, True)
if os.fork() == 0:
    time.sleep(0.1)
    os.write(w, b"data after a signal")
    os._exit(0)
print(os.read(r, 100))
os.wait()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGRTMIN, signal.SIGTERM, signal.SIGCHLD})
os.kill(os.getpid(), signal.SIGTERM)
print(signal.sigwait({signal.SIGTERM}), signal.sigtimedwait({signal.SIGRTMIN}, 0.01))
os.kill(os.getpid(), signal.SIGRTMIN)
info = signal.sigwaitinfo({signal.SIGRTMIN})
print(info.si_signo == signal.SIGRTMIN, info.si_pid == os.getpid(), info.si_code)
if os.fork() == 0:
    os._exit(5)
while (info := signal.sigwaitinfo({signal.SIGCHLD})).si_status != 5:
    pass
print(info.si_status, info.si_code)
signal.pthread_sigmask(signal.SIG_SETMASK, set())
os.set_blocking(r, False), os.set_blocking(w, False)
signal.set_wakeup_fd(w)
signal.raise_signal(signal.SIGUSR2)
print(os.read(r, 10) == bytes([signal.SIGUSR2]))
signal.set_wakeup_fd(-1)
def interrupt(number, frame):
    signal.setitimer(signal.ITIMER_REAL, 0)
    raise TimeoutError("from the handler")
signal.signal(signal.SIGALRM, interrupt)
for wait in (lambda: select.select([r], [], []), lambda: time.sleep(10), lambda: signal.pause()):
    try:
        # A signal that comes just before the wait is followed by another.
        signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
        wait()
    except TimeoutError as e:
        print(e)
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(1)
except KeyboardInterrupt:
    print("KeyboardInterrupt")
print(signal.getsignal(signal.SIGPIPE), signal.signal(signal.SIGHUP, signal.SIG_IGN), signal.strsignal(11), signal.SIGRTMAX - signal.SIGRTMIN)
try:
    signal.signal(signal.SIGKILL, handler)
except OSError as e:
    print(errno.errorcode[e.errno])
for code in ("import os; os.abort()", "import ctypes; ctypes.string_at(8)", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "import faulthandler; faulthandler.enable(open('/dev/null', 'w')); faulthandler._sigsegv()"):
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open("/dev/null", os.O_WRONLY), 2)
        os.execv(sys.executable, ["python3", "-c", code])
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
print(sorted(set(seen)), flush=True)
signal.signal(signal.SIGTERM, signal.SIG_DFL)
os.kill(os.getpid(), signal.SIGTERM)
