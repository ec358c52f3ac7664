/* Instructions of all forms on memory that lies above 4 GiB, where it is reserved in a piece that has no room below: stacks, string
 * and atomic instructions, operands that cross pages, segment bases, code that is seen at another address too. */
#include "guest.h"
#include <pthread.h>
#define SET_GS 0x1001 /* ARCH_SET_GS */
#define PAGE 4096L
#define GIB (1L << 30)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW (PROT_READ | PROT_WRITE)
static sigjmp_buf back;
static volatile int fault;
static char *volatile where;
static void on_fault(int sig, siginfo_t *info, void *context) {
  fault = sig * 100 + info->si_code;
  where = info->si_addr;
  siglongjmp(back, 1);
}
/* The fault that a call ends with, and whether the address is that one. */
static void call_at(char *p) {
  fault = 0;
  if (sigsetjmp(back, 1) == 0) ((void (*)(void))p)();
  printf("a call there: %d %d\n", fault, where == p);
}
static void fill(char *p, long size) { for (long i = 0; i < size; i++) p[i] = i * 7 + (i >> 8); }
static void print_digest(const char *what, const char *p, long size) { printf("%s %llx\n", what, (unsigned long long)digest(p, size, 0)); }

static void atomics(char *p) {
  fill(p, 4 * PAGE);
  for (long at = PAGE - 16; at <= PAGE; at++) {
    char *q = p + at, sets, same;
    uint64_t v = 0x1234567890abcdefull, w = 3;
    __asm__ volatile("lock addq %1, (%0)\n lock xaddl %k1, 3(%0)\n lock notw 5(%0)\n lock decb 9(%0)\n lock btsl $17, (%0)\n setc %b1"
                     : : "r"(q), "r"(v) : "memory", "cc");
    __asm__ volatile("xchgq %0, 2(%1)\n lock btcq $40, 8(%1)\n setc %2" : "+r"(w), "+r"(q), "=q"(sets) : : "memory", "cc");
    uint64_t old = *(volatile uint64_t *)q;
    __asm__ volatile("lock cmpxchgq %3, (%2)\n sete %1" : "+a"(old), "=q"(same) : "r"(q), "r"(v + at) : "memory", "cc");
    printf("%ld: %d %d %llx\n", at, sets, same, (unsigned long long)w);
  }
  char *q = p + PAGE - 16;
  uint64_t low = *(uint64_t *)q, high = *(uint64_t *)(q + 8);
  __asm__ volatile("lock cmpxchg16b (%2)" : "+a"(low), "+d"(high) : "r"(q), "b"(77l), "c"(78l) : "memory", "cc");
  print_digest("atomics", p, 4 * PAGE);
}

static void strings(char *p) {
  fill(p, 8 * PAGE);
  for (long distance = 1L << 20; distance <= 4 * GIB; distance *= 4)
    for (long k = 0; k < 3; k++) {
      char *to = p + distance, *di = to + PAGE * 2 - 3 * k, *si = p + PAGE - 5 * k;
      long n = 2 * PAGE / 8 + 100 * k;
      MUST(mprotect(to, 8 * PAGE, RW) == 0);
      __asm__ volatile("rep movsq" : "+S"(si), "+D"(di), "+c"(n) : : "memory");
      n = 3000;
      __asm__ volatile("std\n rep movsb\n cld" : "+S"(si), "+D"(di), "+c"(n) : : "memory");
      n = 777, di += 5;
      __asm__ volatile("rep stosw" : "+D"(di), "+c"(n) : "a"(0x1234 + k) : "memory");
      char *found = to + PAGE;
      n = 6 * PAGE;
      __asm__ volatile("repne scasb" : "+D"(found), "+c"(n) : "a"(0x34) : "cc", "memory");
      char *a = p + 1, *b = to + 1;
      long m = 7 * PAGE;
      __asm__ volatile("repe cmpsb" : "+S"(a), "+D"(b), "+c"(m) : : "cc", "memory");
      long value = 0;
      __asm__ volatile("lodsq" : "+S"(a), "+a"(value) : : "memory");
      printf("%ld %ld: %ld %ld %ld %ld %lx\n", distance >> 20, k, (long)(di - to), n, m, (long)(found - to), value);
      print_digest("strings", to, 8 * PAGE);
      MUST(madvise(to, 8 * PAGE, MADV_DONTNEED) == 0);
    }
}

static void floating(char *p) {
  fill(p, 4 * PAGE);
  char *q = p + PAGE - 5;
  double d = 0;
  __asm__ volatile("fldpi\n fstpt (%1)\n fldt (%1)\n fld1\n faddp\n fstpl 16(%1)\n fldl 16(%1)\n fistpl 40(%1)\n movsd 16(%1), %0" : "=x"(d) : "r"(q) : "memory");
  printf("%.15g\n", d);
  q = p + 2 * PAGE;
  __asm__ volatile("movups -9(%0), %%xmm3\n paddb %%xmm3, %%xmm3\n movups %%xmm3, -7(%0)\n movaps (%0), %%xmm4\n movaps %%xmm4, -16(%0)\n"
                   "movhps -4(%0), %%xmm3\n movlps %%xmm3, -3(%0)\n movnti %0, 32(%0)\n xorps %%xmm3, %%xmm3\n movntps %%xmm3, 48(%0)\n"
                   "pcmpeqd %%xmm5, %%xmm5\n mov %0, %%rdi\n sub $8, %%rdi\n maskmovdqu %%xmm5, %%xmm4"
                   : : "r"(q) : "xmm3", "xmm4", "xmm5", "rdi", "memory");
  *(char **)(q + 32) = 0;
  /* The area of FXSAVE lies in two pages. */
  char *area = p + 3 * PAGE - 256;
  __asm__ volatile("fninit\n movups (%0), %%xmm7\n fxsave (%1)\n xorps %%xmm7, %%xmm7\n fxrstor (%1)\n movups %%xmm7, (%2)"
                   : : "r"(p), "r"(area), "r"(p + 100) : "xmm7", "memory");
  SHOW(memcmp(p, p + 100, 16));
  memset(area, 0, 512);
  print_digest("floating", p, 4 * PAGE);
}

/* PUSH, POP, CALL, ENTER and LEAVE with the stack there, over the edge of a page. */
static long on_stack(long (*f)(long), long x, char *top) {
  long result;
  __asm__ volatile("mov %%rsp, %%rbx\n mov %3, %%rsp\n push %%rbx\n push $5\n pushw $7\n popw %%ax\n pop %%rax\n push (%%rsp)\n pop -64(%%rsp)\n"
                   "enter $48, $1\n leave\n pushf\n popf\n call *%1\n pop %%rsp"
                   : "=a"(result) : "r"(f), "D"(x), "r"(top) : "rbx", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory", "cc");
  return result;
}
static long recurse(long n) { volatile char room[40]; room[0] = n; return n == 0 ? 0 : recurse(n - 1) + room[0] % 7; }
static void stacks(char *p) {
  for (long at = 0; at < 64; at += 16) printf("%ld\n", on_stack(recurse, 300, p + 15 * PAGE + at + 8));
}

static void segments(char *p) {
  MUST(syscall(SYS_arch_prctl, SET_GS, p + PAGE - 3) == 0);
  fill(p, 2 * PAGE);
  long v, w = 5;
  __asm__ volatile("movq %%gs:0, %0\n addq %0, %%gs:100\n incb %%gs:(%1)\n lock xaddl %k2, %%gs:-20" : "=&r"(v), "+r"(w) : "r"(w) : "memory");
  printf("%lx\n", v);
  print_digest("segments", p, 2 * PAGE);
  MUST(syscall(SYS_arch_prctl, SET_GS, 0) == 0);
}

/* Code that is executed at one address is written at another. */
static void alias(char *p) {
  int fd = memfd_create("code", 0);
  MUST(fd >= 0 && ftruncate(fd, PAGE) == 0);
  unsigned char *code = mmap(0, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0), *there = mmap(p, PAGE, RW, MAP_SHARED | MAP_FIXED, fd, 0);
  MUST(code != MAP_FAILED && there == (unsigned char *)p);
  memcpy(there, "\xb8\0\0\0\0\xc3", 6); /* mov eax, imm32; ret */
  int sum = 0;
  for (int i = 0; i < 50; i++) {
    there[1] = i;
    sum += ((int (*)(void))code)() * (i + 1);
    if (i % 3 == 0) MUST(pwrite(fd, "\1", 1, 2) == 1);
    if (i % 5 == 0) *(volatile short *)(there + 3) = i;
    sum += ((int (*)(void))code)();
  }
  printf("code %d\n", sum);
  munmap(code, PAGE), close(fd);
}

/* A thread whose stack, thread area and what the kernel keeps for it are there. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static __thread int local = 41;
static volatile int handled;
static void on_signal(int sig, siginfo_t *info, void *context) { char here; handled += sig == SIGUSR1 && (long)&here >> 32 != 0; }
static void *body(void *argument) {
  char here[3000];
  local++;
  memset(here, 1, sizeof here);
  printf("above 4 GiB: %d, %d\n", (long)here >> 32 != 0, local);
  for (int i = 0; i < 20; i++) pthread_kill(pthread_self(), SIGUSR1);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    here[5] = 9, local++;
    _exit(here[5] + local);
  }
  int status;
  MUST(waitpid(child, &status, 0) == child);
  print_status("child", status);
  pthread_mutex_lock(&lock);
  local += here[5];
  pthread_mutex_unlock(&lock);
  return (void *)(long)local;
}
static void threads(char *p) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  MUST(pthread_attr_setstack(&attributes, p, 256 * 1024) == 0);
  set_info_handler(SIGUSR1, on_signal, 0);
  for (int i = 0; i < 3; i++) {
    pthread_t t;
    void *result;
    pthread_mutex_lock(&lock);
    MUST(pthread_create(&t, &attributes, body, 0) == 0);
    usleep(1000);
    pthread_mutex_unlock(&lock);
    MUST(pthread_join(t, &result) == 0);
    SHOW(result);
  }
  SHOW(handled);
  /* A handler with its own stack there. */
  stack_t stack = {.ss_sp = p + 3, .ss_size = 64 * 1024};
  SHOW(sigaltstack(&stack, 0));
  handled = 0;
  set_info_handler(SIGUSR1, on_signal, SA_ONSTACK);
  raise(SIGUSR1);
  SHOW(handled);
}

int main(void) {
  char *p = mmap(0, 12 * GIB, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);
  MUST(p != MAP_FAILED);
  set_info_handler(SIGSEGV, on_fault, SA_NODEFER);
  MUST(mprotect(p, 16 * PAGE, RW) == 0);
  atomics(p);
  strings(p);
  floating(p);
  stacks(p);
  segments(p);
  alias(p + GIB);
  MUST(mprotect(p + GIB, 64 * PAGE, RW) == 0);
  call_at(p);
  call_at(p + GIB);
  call_at(p + 2 * GIB);
  threads(p + GIB);
  MUST(munmap(p, 12 * GIB) == 0);
  call_at(p);
  return 0;
}
