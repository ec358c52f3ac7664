/* What a thread tells the kernel once: robust list, address to clear, restartable sequences, barriers, segment bases, personality. */
#include "guest.h"
#include <sys/personality.h>
static int in_child(int (*f)(void)) {
  int status;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    int r = f();
    fflush(stdout);
    _exit(r);
  }
  MUST(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}
static struct { void *next; long offset; void *pending; } head = {&head, 0, 0};
static void *got_head;
static size_t length;
static int robust(void) {
  CALL(set_robust_list, &head, sizeof head);
  CALL(set_robust_list, &head, 8);
  CALL(get_robust_list, 0, &got_head, &length);
  printf("same %d, %zu bytes\n", got_head == &head, length);
  return 0;
}
/* struct rseq of include/uapi/linux/rseq.h */
static struct { uint32_t start, cpu; uint64_t section; uint32_t flags, rest[11]; } area __attribute__((aligned(64)));
static int sequences(void) {
  long r = syscall(SYS_rseq, &area, 32, 0, 0x53053053);
  printf("first: %s\n", r == 0 ? "registered" : error_name(errno));
  r = syscall(SYS_rseq, &area, 32, 0, 0x53053053);
  printf("again: %s\n", r == 0 ? "registered" : error_name(errno));
  r = syscall(SYS_rseq, &area, 32, 1, 0x11111111);
  printf("away with another signature: %s\n", r == 0 ? "gone" : error_name(errno));
  CALL(rseq, &area, 32, 99, 0x53053053);
  r = syscall(SYS_rseq, &area, 32, 1, 0x53053053);
  printf("away: %s\n", r == 0 ? "gone" : error_name(errno));
  r = syscall(SYS_rseq, &area, 32, 1, 0x53053053);
  printf("away again: %s\n", r == 0 ? "gone" : error_name(errno));
  return 0;
}
static int barriers(void) {
  long commands = syscall(SYS_membarrier, 0, 0, 0);
  printf("commands %d\n", (commands & 0x19) == 0x19);
  CALL(membarrier, 1, 0, 0);
  CALL(membarrier, 8, 0, 0);
  CALL(membarrier, 16, 0, 0);
  CALL(membarrier, 8, 0, 0);
  CALL(membarrier, 1 << 30, 0, 0);
  CALL(membarrier, 0, 1, 0);
  CALL(membarrier, 1, 1, 0);
  return 0;
}
static int persona(void) {
  CALL(personality, 0xffffffff);
  CALL(personality, ADDR_NO_RANDOMIZE);
  CALL(personality, 0xffffffff);
  CALL(personality, PER_LINUX);
  CALL(personality, 0xffffffff);
  return 0;
}
static int inherited_persona(void) { return syscall(SYS_personality, 0xffffffff) >> 16; }
static unsigned long word = 0x123456789abcdef0;
static int segments(void) {
  unsigned long fs = 0, gs = 1;
  CALL(arch_prctl, 0x1003 /* ARCH_GET_FS */, &fs);
  unsigned long self;
  asm("mov %%fs:0, %0" : "=r"(self));
  printf("fs %d\n", fs == self);
  CALL(arch_prctl, 0x1004 /* ARCH_GET_GS */, &gs);
  printf("gs %lx\n", gs);
  CALL(arch_prctl, 0x1001 /* ARCH_SET_GS */, &word);
  CALL(arch_prctl, 0x1004, &gs);
  unsigned long read;
  asm volatile("mov %%gs:0, %0" : "=r"(read));
  printf("gs %d, through it %lx\n", gs == (unsigned long)&word, read);
  CALL(arch_prctl, 0x1001, 1ul << 47);
  CALL(arch_prctl, 0x1002, -1ul);
  CALL(arch_prctl, 0x1003, 8);
  CALL(arch_prctl, 0x1011 /* ARCH_GET_CPUID */, 0);
  CALL(arch_prctl, 0x7777, 0);
  /* What of its extended state a processor has differs. */
  unsigned long states = -1;
  CALL(arch_prctl, 0x1021 /* ARCH_GET_XCOMP_SUPP */, &states);
  printf("said %d\n", states != -1ul), states = -1;
  CALL(arch_prctl, 0x1022 /* ARCH_GET_XCOMP_PERM */, &states);
  printf("said %d\n", states != -1ul), states = -1;
  CALL(arch_prctl, 0x1024 /* ARCH_GET_XCOMP_GUEST_PERM */, &states);
  printf("said %d\n", states != -1ul);
  CALL(arch_prctl, 0x1021, 8);
  CALL(arch_prctl, 0x1022, 0);
  CALL(arch_prctl, 0x1023 /* ARCH_REQ_XCOMP_PERM */, 1);
  CALL(arch_prctl, 0x1023, 63);
  CALL(arch_prctl, 0x1025 /* ARCH_REQ_XCOMP_GUEST_PERM */, 1);
  CALL(arch_prctl, 0x1025, 63);
  return 0;
}
static int tid_word = 5;
static int cleared(void) { SHOW(syscall(SYS_set_tid_address, &tid_word) == syscall(SYS_gettid)); return 0; }
int main(void) {
  printf("-> %d\n", in_child(robust));
  CALL(get_robust_list, 0x3fffffff, &got_head, &length);
  CALL(get_robust_list, 0, 8, 8);
  printf("-> %d\n", in_child(sequences));
  printf("-> %d\n", in_child(barriers));
  printf("-> %d\n", in_child(persona));
  SHOW(syscall(SYS_personality, ADDR_NO_RANDOMIZE));
  printf("of a child %d\n", in_child(inherited_persona));
  printf("-> %d\n", in_child(segments));
  printf("-> %d\n", in_child(cleared));
  return 0;
}
