/** Runs programs of Debian's packages on this machine's processor and kernel, in a root directory of their own. */
import { spawn } from "node:child_process";

export interface Session {
  readonly argv: readonly string[];
  readonly env: Record<string, string>;
  readonly cwd: string;
  readonly stdin: string | Buffer;
}

export interface Outcome {
  stdout: string;
  stderr: string;
  /** As a shell has it: 128 and the signal's number for one that was killed. */
  status: number;
}

/**
 * Mounts what a machine of Binlet has, in namespaces that go away with the program, and brings the loopback interface up. The
 * program leads a session, has pid 2 and no nice value, and its streams are pipes, as there. What is not in /tmp or /dev stays as it is.
 */
const INIT = `
perl -e 'socket(S, 2, 2, 0); $r = pack("a16 s x22", "lo", 0x41); ioctl(S, 0x8914, $r) or die "lo: $!"'
root=$1 cwd=$2; shift 2
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
cd "$root/dev"
mkdir -m 755 pts; mkdir -m 1777 shm
mknod -m 666 null c 1 3; mknod -m 666 zero c 1 5; mknod -m 666 full c 1 7; mknod -m 666 random c 1 8
mknod -m 666 urandom c 1 9; mknod -m 666 tty c 5 0
mount -t devpts -o newinstance,ptmxmode=666 devpts pts
mount -t tmpfs -o mode=1777 tmpfs shm
ln -s pts/ptmx ptmx; ln -s /proc/self/fd fd; ln -s fd/0 stdin; ln -s fd/1 stdout; ln -s fd/2 stderr
mount -o remount,bind,ro "$root"
umask 022; renice -n 0 -p $$ >/dev/null
echo 1 >/proc/sys/kernel/ns_last_pid
exec 3>&2 2>/dev/null
(exec setsid chroot "$root" env -C "$cwd" "$@" 2>&3 3>&-)
exit $?`;

/** Node's own pipes are sockets; programs may not open /dev/stdin anew then. Limits are those of a machine. */
const PIPES = `for fd in /proc/self/fd/*; do [ \${fd##*/} -le 2 ] || eval "exec \${fd##*/}>&-"; done
ulimit -n 1024; ulimit -u 4096; ulimit -i 4096
exec 4>&1
{ cat | "$@" 2>&3 3>&- 4>&- | cat >&4; exit \${PIPESTATUS[1]}; } 3>&1 | cat >&2
exit \${PIPESTATUS[0]}`;

export function runNatively(root: string, { argv, env, cwd, stdin }: Session): Promise<Outcome> {
  const inside = ["unshare", "--mount", "--net", "--pid", "--fork", "sh", "-c", INIT, "sh", root, cwd, ...argv];
  // Only what the session names reaches the program.
  const assignments = Object.entries({ PATH: "/usr/sbin:/usr/bin:/sbin:/bin", ...env }).map((pair) => pair.join("="));
  return new Promise((resolve, reject) => {
    const child = spawn("bash", ["-c", PIPES, "bash", "env", "-i", ...assignments, ...inside], { detached: true });
    const parts: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on("data", (data) => parts[0].push(data));
    child.stderr.on("data", (data) => parts[1].push(data));
    const timer = setTimeout(() => process.kill(-child.pid!, "SIGKILL"), 60_000);
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      const [stdout, stderr] = parts.map((part) => Buffer.concat(part).toString("latin1"));
      resolve({ stdout, stderr, status: code ?? -1 });
    });
    child.stdin.on("error", () => {});
    child.stdin.end(stdin);
  });
}
