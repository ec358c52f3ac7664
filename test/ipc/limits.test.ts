/** Limits of an IPC namespace: root changes them in /proc/sys, where a test may not natively. What is expected is Linux's. */
import { expect, it } from "vitest";
import { Isolate } from "../../src/machine/isolate.ts";
import { loadInterpreter } from "../../tools/interpreter.ts";
import { compile, hasCompiler, start } from "../machine/support.ts";

const isolate = new Isolate(loadInterpreter());

async function run(source: string): Promise<string> {
  const { status, stdout } = await start(isolate, compile(HEADER + source)).finished;
  expect(status.exitCode).toBe(0);
  return stdout;
}

const HEADER = `
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
const char *strerrorname_np(int);
int unshare(int);
#define SHOW(e) do { long r = (long)(e); printf("%s %ld %s\\n", #e, r, r < 0 ? strerrorname_np(errno) : ""); } while (0)
static int set(const char *name, const char *value) {
  char path[60];
  snprintf(path, sizeof path, "/proc/sys/%s", name);
  int fd = open(path, O_WRONLY), r = write(fd, value, strlen(value));
  close(fd);
  return r < 0 ? -1 : 0;
}
static void limit(const char *name) {
  char path[60], text[100] = "";
  snprintf(path, sizeof path, "/proc/sys/%s", name);
  int fd = open(path, O_RDONLY);
  read(fd, text, sizeof text - 1);
  printf("%s %s", name, text);
  close(fd);
}
`;

it.runIf(hasCompiler)("System V limits are changed in one namespace", async () => {
  const output = await run(`
int main(void) {
  struct { long type; char text[8]; } m = {1};
  struct msqid_ds d;
  int q = msgget(IPC_PRIVATE, 0600);
  SHOW(set("kernel/msgmax", "4\\n"));
  SHOW(msgsnd(q, &m, 5, IPC_NOWAIT));
  SHOW(msgsnd(q, &m, 4, IPC_NOWAIT));
  SHOW(set("kernel/msgmnb", "20\\n"));
  SHOW(msgctl(msgget(IPC_PRIVATE, 0600), IPC_STAT, &d));
  SHOW(d.msg_qbytes);
  d.msg_qbytes = 21;
  SHOW(msgctl(q, IPC_SET, &d));
  SHOW(set("kernel/msgmni", "2"));
  SHOW(msgget(IPC_PRIVATE, 0600));
  SHOW(set("kernel/sem", "2 5 3"));
  limit("kernel/sem");
  SHOW(semget(IPC_PRIVATE, 3, 0600));
  SHOW(semget(IPC_PRIVATE, 2, 0600));
  SHOW(semget(IPC_PRIVATE, 2, 0600));
  SHOW(semget(IPC_PRIVATE, 2, 0600));
  SHOW(set("kernel/shmmax", "100"));
  SHOW(shmget(IPC_PRIVATE, 101, 0600));
  SHOW(shmget(IPC_PRIVATE, 100, 0600));
  SHOW(set("kernel/shmall", "1"));
  SHOW(shmget(IPC_PRIVATE, 100, 0600));
  SHOW(set("kernel/shmall", "100"));
  SHOW(set("kernel/shmmni", "1"));
  SHOW(shmget(IPC_PRIVATE, 10, 0600));
  SHOW(set("kernel/msgmax", "-1"));
  SHOW(set("kernel/msgmni", "40000"));
  SHOW(set("kernel/shm_rmid_forced", "2"));
  SHOW(set("kernel/msgmnb", "x"));
  fflush(stdout);
  if (fork() == 0) {
    setuid(1000);
    d.msg_qbytes = 21, d.msg_perm.uid = 1000;
    SHOW(open("/proc/sys/kernel/msgmax", O_WRONLY));
    exit(0);
  }
  wait(0);
  fflush(stdout);
  if (fork() == 0) {
    SHOW(unshare(CLONE_NEWIPC));
    limit("kernel/msgmax"), limit("kernel/sem"), limit("kernel/shmmax"), limit("kernel/shmall");
    exit(0);
  }
  wait(0);
  return 0;
}`);
  expect(output.trimEnd().split("\n")).toEqual([
    'set("kernel/msgmax", "4\\n") 0 ',
    "msgsnd(q, &m, 5, IPC_NOWAIT) -1 EINVAL",
    "msgsnd(q, &m, 4, IPC_NOWAIT) 0 ",
    'set("kernel/msgmnb", "20\\n") 0 ',
    "msgctl(msgget(IPC_PRIVATE, 0600), IPC_STAT, &d) 0 ",
    "d.msg_qbytes 20 ",
    "msgctl(q, IPC_SET, &d) 0 ",
    'set("kernel/msgmni", "2") 0 ',
    "msgget(IPC_PRIVATE, 0600) -1 ENOSPC",
    'set("kernel/sem", "2 5 3") 0 ',
    "kernel/sem 2\t5\t3\t32000",
    "semget(IPC_PRIVATE, 3, 0600) -1 EINVAL",
    "semget(IPC_PRIVATE, 2, 0600) 0 ",
    "semget(IPC_PRIVATE, 2, 0600) 1 ",
    "semget(IPC_PRIVATE, 2, 0600) -1 ENOSPC",
    'set("kernel/shmmax", "100") 0 ',
    "shmget(IPC_PRIVATE, 101, 0600) -1 EINVAL",
    "shmget(IPC_PRIVATE, 100, 0600) 0 ",
    'set("kernel/shmall", "1") 0 ',
    "shmget(IPC_PRIVATE, 100, 0600) -1 ENOSPC",
    'set("kernel/shmall", "100") 0 ',
    'set("kernel/shmmni", "1") 0 ',
    "shmget(IPC_PRIVATE, 10, 0600) -1 ENOSPC",
    'set("kernel/msgmax", "-1") -1 EINVAL',
    'set("kernel/msgmni", "40000") -1 EINVAL',
    'set("kernel/shm_rmid_forced", "2") -1 EINVAL',
    'set("kernel/msgmnb", "x") -1 EINVAL',
    'open("/proc/sys/kernel/msgmax", O_WRONLY) -1 EACCES',
    "unshare(CLONE_NEWIPC) 0 ",
    "kernel/msgmax 8192",
    "kernel/sem 32000\t1024000000\t500\t32000",
    "kernel/shmmax 18446744073692774399",
    "kernel/shmall 18446744073692774399",
  ]);
});

it.runIf(hasCompiler)("shm_rmid_forced destroys what nobody has attached any more", async () => {
  const output = await run(`
int main(void) {
  struct shmid_ds d;
  int orphan, mine = shmget(IPC_PRIVATE, 10, 0600), attached = shmget(IPC_PRIVATE, 10, 0600);
  void *p = shmat(attached, 0, 0);
  if (fork() == 0) _exit(shmget(IPC_PRIVATE, 10, 0600));
  wait(&orphan);
  orphan = WEXITSTATUS(orphan);
  SHOW(shmctl(orphan, IPC_STAT, &d));
  SHOW(set("kernel/shm_rmid_forced", "1"));
  SHOW(shmctl(orphan, IPC_STAT, &d));
  SHOW(shmctl(mine, IPC_STAT, &d));
  SHOW(shmdt(p));
  SHOW(shmctl(attached, IPC_STAT, &d));
  if (fork() == 0) _exit(shmget(IPC_PRIVATE, 10, 0600));
  wait(&orphan);
  SHOW(shmctl(WEXITSTATUS(orphan), IPC_STAT, &d));
  return 0;
}`);
  expect(output.trimEnd().split("\n")).toEqual([
    "shmctl(orphan, IPC_STAT, &d) 0 ",
    'set("kernel/shm_rmid_forced", "1") 0 ',
    "shmctl(orphan, IPC_STAT, &d) -1 EINVAL",
    "shmctl(mine, IPC_STAT, &d) 0 ",
    "shmdt(p) 0 ",
    "shmctl(attached, IPC_STAT, &d) -1 EINVAL",
    "shmctl(WEXITSTATUS(orphan), IPC_STAT, &d) -1 EINVAL",
  ]);
});

it.runIf(hasCompiler)("POSIX queues are files in /dev/mqueue and wherever they are mounted, by namespace", async () => {
  const output = await run(`
int main(void) {
  struct mq_attr a = {0, 11, 8}, got;
  struct stat st;
  SHOW(stat("/dev/mqueue", &st));
  printf("%o %d\\n", st.st_mode, (int)st.st_size);
  SHOW(set("fs/mqueue/msg_max", "10"));
  mqd_t q = mq_open("/q", O_RDWR | O_CREAT, 0640, &a);
  SHOW(q >= 0);
  SHOW(stat("/dev/mqueue/q", &st));
  printf("%o %d\\n", st.st_mode, (int)st.st_size);
  SHOW(mkdir("/dev/mqueue/d", 0700));
  SHOW(rename("/dev/mqueue/q", "/dev/mqueue/p"));
  SHOW(link("/dev/mqueue/q", "/dev/mqueue/p"));
  close(open("/dev/mqueue/by open", O_RDWR | O_CREAT, 0600));
  mqd_t other = mq_open("/by open", O_RDWR);
  SHOW(mq_getattr(other, &got));
  printf("%ld %ld\\n", got.mq_maxmsg, got.mq_msgsize);
  SHOW(unlink("/dev/mqueue/by open"));
  SHOW(mq_open("/by open", O_RDWR));
  SHOW(set("fs/mqueue/queues_max", "1"));
  SHOW(set("fs/mqueue/msgsize_default", "127"));
  SHOW(set("fs/mqueue/msgsize_default", "128"));
  mkdir("/tmp/m", 0700);
  fflush(stdout);
  if (fork() == 0) {
    SHOW(mount("x", "/tmp/m", "mqueue", 0, 0));
    SHOW(access("/tmp/m/q", F_OK));
    SHOW(unshare(CLONE_NEWIPC));
    SHOW(mq_open("/q", O_RDWR));
    SHOW(access("/dev/mqueue/q", F_OK));
    q = mq_open("/q", O_RDWR | O_CREAT, 0600, 0);
    SHOW(mq_getattr(q, &got));
    printf("%ld\\n", got.mq_msgsize);
    SHOW(umount("/tmp/m"));
    SHOW(mount("x", "/tmp/m", "mqueue", 0, 0));
    SHOW(stat("/tmp/m/q", &st));
    exit(0);
  }
  wait(0);
  fflush(stdout);
  if (fork() == 0) {
    setuid(1000);
    SHOW(mq_open("/second", O_RDWR | O_CREAT, 0600, 0));
    exit(0);
  }
  wait(0);
  return 0;
}`);
  expect(output.trimEnd().split("\n")).toEqual([
    'stat("/dev/mqueue", &st) 0 ',
    "41777 0",
    'set("fs/mqueue/msg_max", "10") 0 ',
    "q >= 0 1 ",
    'stat("/dev/mqueue/q", &st) 0 ',
    "100640 80",
    'mkdir("/dev/mqueue/d", 0700) -1 EPERM',
    'rename("/dev/mqueue/q", "/dev/mqueue/p") -1 EPERM',
    'link("/dev/mqueue/q", "/dev/mqueue/p") -1 EPERM',
    "mq_getattr(other, &got) 0 ",
    "10 8192",
    'unlink("/dev/mqueue/by open") 0 ',
    'mq_open("/by open", O_RDWR) -1 ENOENT',
    'set("fs/mqueue/queues_max", "1") 0 ',
    'set("fs/mqueue/msgsize_default", "127") -1 EINVAL',
    'set("fs/mqueue/msgsize_default", "128") 0 ',
    'mount("x", "/tmp/m", "mqueue", 0, 0) 0 ',
    'access("/tmp/m/q", F_OK) 0 ',
    "unshare(CLONE_NEWIPC) 0 ",
    'mq_open("/q", O_RDWR) -1 ENOENT',
    'access("/dev/mqueue/q", F_OK) 0 ',
    "mq_getattr(q, &got) 0 ",
    "8192",
    'umount("/tmp/m") 0 ',
    'mount("x", "/tmp/m", "mqueue", 0, 0) 0 ',
    'stat("/tmp/m/q", &st) 0 ',
    'mq_open("/second", O_RDWR | O_CREAT, 0600, 0) -1 ENOSPC',
  ]);
});

it.runIf(hasCompiler)("memory is bounded, and given back when a namespace ends", async () => {
  const output = await run(`
static long fill(void) {
  static struct { long type; char text[8192]; } m = {1};
  long sent = 0;
  for (;;) {
    int q = msgget(IPC_PRIVATE, 0600);
    if (q < 0) break;
    while (msgsnd(q, &m, 8192, IPC_NOWAIT) == 0) sent++;
    if (errno != EAGAIN) break;
  }
  printf("%s %s\\n", strerrorname_np(errno), sent > 1000 && sent < 4000 ? "after some MiB" : "too early or late");
  return sent;
}
int main(void) {
  for (int i = 0; i < 3; i++) {
    fflush(stdout);
    if (fork() == 0) {
      unshare(CLONE_NEWIPC);
      fill();
      SHOW(semget(IPC_PRIVATE, 32000, 0600));
      exit(0);
    }
    wait(0);
  }
  SHOW(semget(IPC_PRIVATE, 32000, 0600));
  return 0;
}`);
  const full = ["ENOMEM after some MiB", "semget(IPC_PRIVATE, 32000, 0600) -1 ENOMEM"];
  expect(output.trimEnd().split("\n")).toEqual([...full, ...full, ...full, "semget(IPC_PRIVATE, 32000, 0600) 0"]);
});
