/** What strace prints for a program that makes its system calls itself. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Isolate } from "../../src/machine/isolate.ts";
import { loadInterpreter } from "../../tools/interpreter.ts";
import { hasCompiler, start } from "../machine/support.ts";

const BUILD = join(import.meta.dirname, "../../build/test/kernel");

const SOURCE = `
#define FOUR(n, a, b, c, d) ({ long r; register long r10 asm("r10") = (long)(d); \\
  asm volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory"); r; })
#define CALL(n, a, b, c) FOUR(n, a, b, c, 0)
static char buffer[64];
static int fds[2], status;
void _start(void) {
  CALL(1, 1, "tab\\there\\n\\1" "2 and a text that is too long to be shown", 53);
  FOUR(257, -100, "/none", 01101, 0644);
  FOUR(257, -100, "/none/x", 0, 0);
  CALL(293, fds, 02000000, 0);
  CALL(0, 0, buffer, 64);
  CALL(10, 4096, 4096, 3 | 16777216);
  FOUR(13, 15, 0, 0, 8);
  if (CALL(57, 0, 0, 0) == 0) CALL(231, 3, 0, 0);
  FOUR(61, -1, &status, 0, 0);
  CALL(157, 1, 15, 0);
  CALL(400, 1, 2, 3);
  CALL(62, CALL(39, 0, 0, 0), 15, 0);
}`;

const EXPECTED = `
execve("/program", ["/program"], 0x0 /* 0 vars */) = 0
write(1, "tab\\there\\n\\0012 and a text that is t"..., 53) = 53
openat(AT_FDCWD, "/none", O_WRONLY|O_CREAT|O_TRUNC, 0644) = 3
openat(AT_FDCWD, "/none/x", O_RDONLY)   = -1 ENOTDIR (Not a directory)
pipe2([4, 5], O_CLOEXEC)                = 0
read(0, "input\\n", 64)                  = 6
mprotect(0x1000, 4096, PROT_READ|PROT_WRITE|PROT_GROWSDOWN) = -1 ENOMEM (Cannot allocate memory)
rt_sigaction(SIGTERM, NULL, NULL, 8)    = 0
[pid     2] fork()                                  = 3
[pid     3] exit_group(3)                           = ?
[pid     3] +++ exited with 3 +++
[pid     2] wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 3
[pid     2] prctl(PR_SET_PDEATHSIG, 0xf)            = 0
[pid     2] syscall_400()                           = -1 ENOSYS (Function not implemented)
[pid     2] getpid()                                = 2
[pid     2] kill(2, SIGTERM)                        = 0
[pid     2] --- SIGTERM {si_signo=SIGTERM, si_code=SI_USER, si_pid=2, si_uid=0} ---
[pid     2] +++ killed by SIGTERM +++
`;

test.skipIf(!hasCompiler)("strace", async () => {
  mkdirSync(BUILD, { recursive: true });
  const program = join(BUILD, "strace");
  writeFileSync(`${program}.c`, SOURCE);
  execFileSync("gcc", ["-O1", "-static", "-nostdlib", "-w", "-fno-stack-protector", "-o", program, `${program}.c`]);
  const lines: string[] = [];
  const { finished } = start(new Isolate(loadInterpreter()), program, [], {
    input: "input\n",
    strace: (line) => lines.push(line),
  });
  expect((await finished).status).toEqual({ signal: 15 });
  expect(`\n${lines.join("\n")}\n`).toBe(EXPECTED);
});
