"""subprocess: run, Popen with pipes, time-outs, groups, descriptors handed over, errors."""
import os, signal, subprocess, sys, tempfile, threading, time
from subprocess import DEVNULL, PIPE, STDOUT, Popen, run

p = run(["sh", "-c", "cat; echo err >&2; exit 3"], input=b"input", capture_output=True)
print(p.returncode, p.stdout, p.stderr)
print(run("echo $((6*7)) | tr 4 x", shell=True, text=True, stdout=PIPE).stdout.strip())
print(run(["sh", "-c", "kill -9 $$"]).returncode, subprocess.call(["false"]), subprocess.check_output(["echo", "a b"]))
for bad in (["/nothing"], ["/etc/hosts"], ["true"]):
    try:
        run(bad, check=True, cwd="/none" if bad == ["true"] else None)
    except OSError as e:
        print(type(e).__name__, e.errno, e.filename)
try:
    run(["sh", "-c", "echo partial; exec sleep 5"], timeout=2, stdout=PIPE)
except subprocess.TimeoutExpired as e:
    print("timed out", e.timeout, e.output)
try:
    run("exit 9", shell=True, check=True)
except subprocess.CalledProcessError as e:
    print(e)
big = os.urandom(300_000)
print(run(["cat"], input=big, stdout=PIPE).stdout == big)
a = Popen(["seq", "20000"], stdout=PIPE)
b = Popen(["tail", "-1"], stdin=a.stdout, stdout=PIPE, text=True)
a.stdout.close()
print(b.communicate()[0].strip(), a.wait())
a = Popen(["yes"], stdout=PIPE)
print(a.stdout.readline(), a.stdout.close(), a.wait())
with Popen(["sh", "-c", 'while read l; do echo "<$l>"; done'], stdin=PIPE, stdout=PIPE, text=True, bufsize=1) as p:
    for word in ("one", "two"):
        p.stdin.write(word + "\n")
        print(p.stdout.readline().strip())
print(p.returncode)
p = Popen(["sleep", "10"], start_new_session=True)
print(p.poll(), os.getpgid(p.pid) == p.pid)
p.send_signal(signal.SIGSTOP), time.sleep(0.05), p.send_signal(signal.SIGCONT), p.terminate()
print(p.wait(timeout=5))
p = Popen(["sh", "-c", "sleep 10 & sleep 10"], process_group=0)
time.sleep(0.05)
os.killpg(p.pid, signal.SIGINT)
print(p.wait())
r, w = os.pipe()
print(run(["sh", "-c", f"echo handed over >&{w}; ls /proc/self/fd | wc -l"], pass_fds=[w], stdout=PIPE).stdout, os.read(r, 99))
with tempfile.TemporaryFile() as f:
    run(["sh", "-c", "echo out; echo err >&2"], stdout=f, stderr=STDOUT)
    f.seek(0)
    print(f.read())
print(run(["env"], env={"ONLY": "this"}, text=True, stdout=PIPE, executable="/usr/bin/env").stdout)
print(run(["sh", "-c", "umask; id -u; ulimit -n"], umask=0o77, user=65534, preexec_fn=lambda: __import__("resource").setrlimit(7, (33, 33)), stdout=PIPE, stdin=DEVNULL).stdout)
results = []
def worker(i):
    results.append(run(["sh", "-c", f"sleep 0.0{i}; echo {i}"], stdout=PIPE).stdout)
threads = [threading.Thread(target=worker, args=(i,)) for i in range(6)]
[t.start() for t in threads], [t.join() for t in threads]
print(sorted(results), subprocess.getstatusoutput("echo x; exit 5"))
print(run([sys.executable, "-c", "import sys; print(sys.argv[1:], sys.stdin.read()); sys.exit('bye')", "arg"], input="in", text=True, capture_output=True))
print(run([sys.executable, "-I", "-S", "-c", "1/0"], capture_output=True).stderr.splitlines()[-1])
