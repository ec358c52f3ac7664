"""os: fork, exec, pipes, wait in all forms, signals between processes, descriptors, environment, files."""
import errno, os, resource, signal, sys, time

def show(*values):
    print(*values, flush=True)

def attempt(function, *arguments):
    try:
        return function(*arguments)
    except OSError as e:
        return errno.errorcode[e.errno]

r, w = os.pipe()
pid = os.fork()
if pid == 0:
    os.close(r)
    os.write(w, b"from the child")
    os._exit(7)
os.close(w)
show(os.read(r, 100), os.read(r, 100))
_, status = os.waitpid(pid, 0)
show(os.waitstatus_to_exitcode(status), os.WIFEXITED(status), attempt(os.waitpid, pid, 0))
for end in (lambda: os.kill(os.getpid(), signal.SIGTERM), os.abort, lambda: sys.exit("message"), lambda: os._exit(255)):
    pid = os.fork()
    if pid == 0:
        sys.stderr = open("/dev/null", "w")
        try:
            end()
        except SystemExit:
            os._exit(1)
    show(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
pid = os.fork()
if pid == 0:
    os.execvpe("sh", ["sh", "-c", 'echo "$X $0"; exit 3', "zero"], {"X": "environment", "PATH": os.environ["PATH"]})
info = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
show(info.si_code, info.si_status, info.si_pid == pid, os.wait3(0)[1] >> 8)
show(os.spawnlp(os.P_WAIT, "false", "false"), os.system("exit 4") >> 8, os.popen("echo popen").read().strip())
pid = os.posix_spawn("/bin/sh", ["sh", "-c", "echo spawned >&3; cat"], {}, file_actions=[(os.POSIX_SPAWN_DUP2, 1, 3), (os.POSIX_SPAWN_OPEN, 0, "/etc/hosts", os.O_RDONLY, 0)], setsigmask=[signal.SIGUSR1], setpgroup=0)
show(os.waitpid(pid, 0)[1])
show(attempt(os.posix_spawn, "/nothing", ["x"], {}), attempt(os.execv, "/etc/hosts", ["x"]), attempt(os.kill, 99999, 0))
ready, told = os.pipe()
pid = os.fork()
if pid == 0:
    os.setsid()
    show(os.getsid(0) == os.getpid(), os.getpgrp() == os.getpid(), attempt(os.setpgid, 0, 0), attempt(os.open, "/dev/tty", os.O_RDWR))
    os.write(told, b"x")
    time.sleep(10)
os.read(ready, 1), os.close(ready), os.close(told)
fd = os.pidfd_open(pid)
signal.pidfd_send_signal(fd, signal.SIGKILL)
show(os.waitid(os.P_PIDFD, fd, os.WEXITED).si_status)
show(os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, 0), os.nice(3), resource.getrlimit(resource.RLIMIT_STACK))
resource.setrlimit(resource.RLIMIT_NOFILE, (10, 100))
opened = []
try:
    while True:
        opened.append(os.open("/dev/null", os.O_RDONLY))
except OSError as e:
    show(errno.errorcode[e.errno], opened[-1])
for fd in opened:
    os.close(fd)
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
show(os.memfd_create("m") > 2, os.get_inheritable(r), os.isatty(0), os.ctermid(), os.getresuid(), os.umask(0o77), os.umask(0o22))
os.chdir("/tmp")
with open("f", "wb") as f:
    f.write(b"x" * 100)
    f.flush()
    show(os.fstat(f.fileno()).st_size, os.pread(os.open("f", os.O_RDONLY), 3, 98), os.lseek(f.fileno(), -10, os.SEEK_END), os.truncate("f", 50), os.stat("f").st_size)
os.link("f", "g"), os.symlink("g", "s"), os.mkfifo("p"), os.makedirs("d/e"), os.rename("f", "d/f"), os.utime("g", ns=(1, 2))
show(sorted(os.listdir(".")), os.readlink("s"), os.stat("g").st_mtime_ns, os.stat("s").st_nlink, os.access("g", os.X_OK), attempt(os.rmdir, "d"), attempt(os.open, "no/file", 0))
show([(a, sorted(b), sorted(c)) for a, b, c in os.walk("/tmp")], sorted((e.name, e.is_dir(), e.is_symlink()) for e in os.scandir("/tmp")))
show(os.path.realpath("s"), os.path.samefile("g", "s"), os.sendfile(os.open("out", os.O_WRONLY | os.O_CREAT), os.open("g", 0), 0, 30), os.copy_file_range(os.open("g", 0), os.open("h", os.O_WRONLY | os.O_CREAT), 20), os.stat("h").st_size)
show(os.get_terminal_size.__name__, attempt(os.get_terminal_size), os.cpu_count() >= 1, len(os.urandom(9)), os.strerror(2), os.uname().sysname, os.getloadavg()[0] >= 0, os.times().user >= 0, os.confstr("CS_PATH"), os.sysconf("SC_PAGE_SIZE"))
show(attempt(os.chown, "nothing", 0, 0), attempt(os.chroot, "/nothing"), os.statvfs("/tmp").f_namemax, os.major(os.stat("/dev/null").st_rdev), os.posix_fallocate(os.open("h", os.O_WRONLY), 0, 9999), os.stat("h").st_size, os.WCOREDUMP(0x86), os.eventfd_read(os.eventfd(5)), os.splice(os.open("g", 0), os.pipe()[1], 10))
pid, fd = None, None
os.setpgid(0, 0) if os.getpgrp() != os.getpid() else None
sys.exit(12)
