// System V shared memory: attaching, rights of the mapping, what munmap and mprotect leave, fork, exec, exit, removal.
#include "guest.h"
#include <sys/ipc.h>
#include <sys/shm.h>
static int id;
static void state(const char *when) {
  struct shmid_ds d;
  if (shmctl(id, IPC_STAT, &d)) printf("%s: %s\n", when, errno == EIDRM ? "EIDRM" : error_name(errno));
  else printf("%s: %ld attached, %zu bytes, mode %o, by %d %d\n", when, (long)d.shm_nattch, d.shm_segsz, d.shm_perm.mode,
              d.shm_cpid == getpid(), d.shm_lpid == getpid());
  fflush(stdout);
}
static const char *at(void *p) { return p == (void *)-1 ? error_name(errno) : "attached"; }
static sigjmp_buf back;
static void fault(int sig) { siglongjmp(back, sig); }
static void touch(const char *what, volatile char *p, int write) {
  int sig = sigsetjmp(back, 1);
  if (sig) printf("%s: %s\n", what, sig == SIGSEGV ? "SIGSEGV" : "SIGBUS");
  else {
    if (write) *p = 1;
    else (void)*p;
    printf("%s: fine\n", what);
  }
}
int main(int argc, char **argv) {
  int st;
  if (argc > 1) {
    id = atoi(argv[1]);
    state("after exec");
    return 0;
  }
  set_handler(SIGSEGV, fault, 0);
  set_handler(SIGBUS, fault, 0);
  id = shmget(IPC_PRIVATE, 10000, 0600);
  MUST(id >= 0);
  state("new");
  char *p = shmat(id, 0, 0), *r = shmat(id, 0, SHM_RDONLY);
  MUST(p != (void *)-1 && r != (void *)-1);
  state("twice");
  strcpy(p + 4090, "across pages");
  printf("%s, %d\n", r + 4090, p[9999]);
  touch("behind the bytes", p + 10000, 1);
  touch("read", r, 0);
  touch("write", r, 1);
  SHOW(mprotect(r, 4096, PROT_READ | PROT_WRITE));
  SHOW(mprotect(r, 4096, PROT_READ | PROT_EXEC));
  state("a part has other rights");
  SHOW(mprotect(r, 4096, PROT_READ));
  state("the same again");
  SHOW(munmap(r + 4096, 4096));
  state("a hole");
  SHOW(shmdt(r + 8192));
  SHOW(shmdt(r + 1));
  SHOW(shmdt(r));
  state("both parts gone");
  touch("detached", r + 8192, 0);
  SHOW(shmdt(r));
  SHOW(shmdt(p));
  state("none");
  // Addresses.
  char *hole = mmap(0, 1 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(hole, 1 << 20);
  printf("given: %d\n", shmat(id, hole + 8192, 0) == hole + 8192);
  printf("taken: %s\n", at(shmat(id, hole + 4096, 0)));
  printf("replaced: %d\n", shmat(id, hole + 4096, SHM_REMAP) == hole + 4096);
  state("one covers the other in part");
  printf("odd: %s\n", at(shmat(id, hole + 65537, 0)));
  printf("rounded: %d\n", shmat(id, hole + 65537, SHM_RND) == hole + 65536);
  printf("remap of nothing: %s\n", at(shmat(id, 0, SHM_REMAP)));
  printf("remap at page 0: %s\n", at(shmat(id, (void *)5, SHM_REMAP | SHM_RND)));
  SHOW(shmdt(hole + 65536));
  SHOW(shmdt(hole + 8192));
  SHOW(shmdt(hole + 4096));
  state("all gone");
  // A mapping can move, and then is where it would have been attached.
  p = shmat(id, 0, 0);
  char *moved = mremap(p, 12288, 12288, MREMAP_MAYMOVE | MREMAP_FIXED, hole);
  printf("moved: %s\n", moved + 4090);
  state("moved");
  SHOW(shmdt(p));
  SHOW(shmdt(hole));
  // fork shares it, exec and exit detach.
  p = shmat(id, 0, 0);
  fflush(stdout);
  if (fork() == 0) {
    state("child");
    strcpy(p, "from the child");
    char text[16];
    snprintf(text, sizeof text, "%d", id);
    execl("/proc/self/exe", argv[0], text, (char *)0);
    _exit(99);
  }
  wait(&st);
  printf("%s\n", p);
  state("child gone");
  // Removal waits for the last.
  SHOW(shmctl(id, IPC_RMID, 0));
  state("removed");
  SHOW(shmctl(id, IPC_RMID, 0));
  r = shmat(id, 0, 0);
  printf("again: %s\n", at(r));
  SHOW(shmdt(p));
  state("one left");
  printf("%s\n", r);
  SHOW(shmdt(r));
  state("gone");
  printf("%s\n", at(shmat(id, 0, 0)));
  id = shmget(IPC_PRIVATE, 1, 0600);
  SHOW(shmctl(id, IPC_RMID, 0));
  state("never attached");
  SHOW(shmget(IPC_PRIVATE, 0, 0600));
  SHOW(shmget(IPC_PRIVATE, -1, 0600));
  SHOW(shmget(IPC_PRIVATE, 4096, 0600 | SHM_HUGETLB));
  SHOW(shmget(IPC_PRIVATE, 1L << 46, 0600));
  printf("%s\n", at(shmat(-1, 0, 0)));
  SHOW(shmctl(-1, IPC_STAT, 0));
  // Locking.
  id = shmget(IPC_PRIVATE, 8192, 0600);
  SHOW(shmctl(id, SHM_LOCK, 0));
  state("locked");
  SHOW(shmctl(id, SHM_UNLOCK, 0));
  state("unlocked");
  SHOW(shmctl(id, 99, 0));
  fflush(stdout);
  if (fork() == 0) {
    struct rlimit limit = {4096, 4096}, no = {0, 0};
    setrlimit(RLIMIT_MEMLOCK, &limit);
    struct shmid_ds d;
    shmctl(id, IPC_STAT, &d);
    d.shm_perm.uid = 1000;
    shmctl(id, IPC_SET, &d);
    MUST(setuid(1000) == 0);
    SHOW(shmctl(id, SHM_LOCK, 0));
    setrlimit(RLIMIT_MEMLOCK, &no);
    SHOW(shmctl(id, SHM_LOCK, 0));
    SHOW(shmctl(id, SHM_UNLOCK, 0));
    exit(0);
  }
  wait(0);
  SHOW(shmctl(id, IPC_RMID, 0));
  return 0;
}
