/*
 * Runs instruction cases on the host's processor.
 *
 *   native CASES RESULTS
 *
 * Both files are described in cases.ts, which writes the first and reads the second.
 *
 * A case is entered by returning from a signal handler whose saved context was replaced by the case's: the kernel's
 * sigreturn loads every general register, RSP, RIP, RFLAGS and the FXSAVE area at once. It ends in a signal: its own
 * fault, or the INT3 that fills the code pages wherever the case has no instruction. That handler stores the outcome and
 * prepares the next case, so the program never comes back to main.
 *
 * Guest pages are one memfd, mapped with the guest's rights at the guest's addresses and once more, writable, at an address
 * of the kernel's choice. This program is a static PIE: nothing else is mapped below 4 GiB, as in the guest. Cases may
 * change the FS and GS bases, so nothing called from a handler may use thread-local storage: system calls are made
 * directly, and the file is compiled without stack protector.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

enum { MAGIC = 0x43504e42, MAX_REGIONS = 16, FX_BYTES = 416 };
enum { ARCH_SET_GS = 0x1001, ARCH_SET_FS = 0x1002, ARCH_GET_FS = 0x1003 };
enum { FX_SW_MAGIC_OFFSET = 464, FX_SW_MAGIC = 0x46505853, XSTATE_BV_OFFSET = 512 };

struct header {
  uint32_t magic, regions, cases, zero;
};

struct region_header {
  uint64_t address;
  uint32_t bytes, rights; /* 1 read, 2 write, 4 execute */
};

struct state {
  uint64_t gpr[16]; /* in encoding order: rax rcx rdx rbx rsp rbp rsi rdi r8 ... r15 */
  uint64_t rip, rflags, fs, gs;
  uint8_t fx[FX_BYTES];
};

struct case_header {
  struct state state;
  uint32_t patches, zero;
};

struct patch {
  uint64_t address;
  uint32_t bytes, zero; /* followed by the bytes, padded to 8 */
};

struct outcome {
  uint32_t signal;
  int32_t code;
  uint64_t address;
  uint32_t vector, error;
  struct state state;
  uint32_t changes, zero; /* followed by { u64 address, u64 new value } of each 8 bytes that changed */
};

struct region {
  uint64_t address;
  uint32_t bytes, rights;
  uint8_t *alias;   /* the pages, writable */
  uint8_t *before;  /* what they held when the case started */
  const uint8_t *base; /* what they hold between cases */
};

static const int gregs[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                              REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};

static struct region regions[MAX_REGIONS];
static uint32_t region_count, case_count;
static const uint8_t *cursor;            /* the next case */
static const struct case_header *running; /* NULL before the first */
static volatile uint32_t started;        /* cases entered so far */
static uint8_t output[4 << 20];
static size_t output_used;
static int output_fd;
static uint64_t own_fs;
static uint32_t ticked_at;

static long syscall3(long number, long a, long b, long c) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return result;
}

static void stop(int status, const char *why) {
  if (why) {
    syscall3(SYS_write, 2, (long)why, (long)strlen(why));
    syscall3(SYS_write, 2, (long)"\n", 1);
  }
  syscall3(SYS_exit_group, status, 0, 0);
}

static void flush(void) {
  size_t done = 0;
  while (done < output_used) {
    long n = syscall3(SYS_write, output_fd, (long)(output + done), (long)(output_used - done));
    if (n <= 0) stop(1, "native: cannot write the results");
    done += (size_t)n;
  }
  output_used = 0;
}

static struct region *find(uint64_t address, uint32_t bytes) {
  for (uint32_t i = 0; i < region_count; i++) {
    uint64_t offset = address - regions[i].address;
    if (offset < regions[i].bytes && bytes <= regions[i].bytes - offset) return &regions[i];
  }
  stop(1, "native: a patch outside the regions");
  return NULL;
}

static const struct patch *next_patch(const struct patch *p) {
  return (const struct patch *)((const uint8_t *)(p + 1) + ((p->bytes + 7) & ~7u));
}

/* Appends what the case changed in writable pages and puts the pages back. */
static uint32_t take_changes(void) {
  uint32_t changes = 0;
  for (uint32_t i = 0; i < region_count; i++) {
    struct region *r = &regions[i];
    if (!(r->rights & 2) || !memcmp(r->alias, r->before, r->bytes)) continue;
    for (uint32_t at = 0; at < r->bytes; at += 8) {
      uint64_t now, was, address = r->address + at;
      memcpy(&now, r->alias + at, 8);
      memcpy(&was, r->before + at, 8);
      if (now == was) continue;
      memcpy(output + output_used, &address, 8);
      memcpy(output + output_used + 8, &now, 8);
      output_used += 16;
      changes++;
      memcpy(r->alias + at, r->base + at, 8);
    }
  }
  const struct patch *p = (const struct patch *)(running + 1);
  for (uint32_t i = 0; i < running->patches; i++, p = next_patch(p)) {
    struct region *r = find(p->address, p->bytes);
    uint64_t at = p->address - r->address;
    memcpy(r->alias + at, r->base + at, p->bytes);
    memcpy(r->before + at, r->base + at, p->bytes);
  }
  cursor = (const uint8_t *)p;
  return changes;
}

static void store_outcome(const siginfo_t *info, const ucontext_t *context) {
  if (sizeof output - output_used < (1 << 20)) flush();
  struct outcome o;
  memset(&o, 0, sizeof o);
  o.signal = (uint32_t)info->si_signo;
  o.code = info->si_code;
  o.address = (uint64_t)info->si_addr;
  o.vector = (uint32_t)context->uc_mcontext.gregs[REG_TRAPNO];
  o.error = (uint32_t)context->uc_mcontext.gregs[REG_ERR];
  for (int i = 0; i < 16; i++) o.state.gpr[i] = (uint64_t)context->uc_mcontext.gregs[gregs[i]];
  o.state.rip = (uint64_t)context->uc_mcontext.gregs[REG_RIP];
  o.state.rflags = (uint64_t)context->uc_mcontext.gregs[REG_EFL];
  o.state.fs = running->state.fs;
  o.state.gs = running->state.gs;
  memcpy(o.state.fx, context->uc_mcontext.fpregs, FX_BYTES);
  size_t at = output_used;
  output_used += sizeof o;
  o.changes = take_changes();
  memcpy(output + at, &o, sizeof o);
}

static void enter_next(ucontext_t *context) {
  if (started == case_count) {
    flush();
    stop(0, NULL);
  }
  running = (const struct case_header *)cursor;
  const struct patch *p = (const struct patch *)(running + 1);
  for (uint32_t i = 0; i < running->patches; i++, p = next_patch(p)) {
    struct region *r = find(p->address, p->bytes);
    memcpy(r->alias + (p->address - r->address), p + 1, p->bytes);
    memcpy(r->before + (p->address - r->address), p + 1, p->bytes);
  }
  for (int i = 0; i < 16; i++) context->uc_mcontext.gregs[gregs[i]] = (greg_t)running->state.gpr[i];
  context->uc_mcontext.gregs[REG_RIP] = (greg_t)running->state.rip;
  context->uc_mcontext.gregs[REG_EFL] = (greg_t)running->state.rflags;
  uint8_t *fx = (uint8_t *)context->uc_mcontext.fpregs;
  memcpy(fx, running->state.fx, FX_BYTES);
  uint32_t magic;
  memcpy(&magic, fx + FX_SW_MAGIC_OFFSET, 4);
  if (magic == FX_SW_MAGIC) {
    uint64_t present = 3; /* x87 and SSE; everything newer in its initial state */
    memcpy(fx + XSTATE_BV_OFFSET, &present, 8);
  }
  if (running->state.fs) syscall3(SYS_arch_prctl, ARCH_SET_FS, (long)running->state.fs, 0);
  if (running->state.gs) syscall3(SYS_arch_prctl, ARCH_SET_GS, (long)running->state.gs, 0);
  started++;
}

static void on_fault(int number, siginfo_t *info, void *opaque) {
  (void)number;
  if (running) {
    if (running->state.fs) syscall3(SYS_arch_prctl, ARCH_SET_FS, (long)own_fs, 0);
    if (running->state.gs) syscall3(SYS_arch_prctl, ARCH_SET_GS, 0, 0);
    /* sigreturn does not touch ID and NT, which POPF may have set. */
    __asm__ volatile("pushfq; andq $~0x244000, (%%rsp); popfq" ::: "cc", "memory");
    store_outcome(info, opaque);
  }
  enter_next(opaque);
}

/* A case that is still the same one after a whole tick hangs: it ends with SIGALRM. */
static void on_tick(int number, siginfo_t *info, void *opaque) {
  if (running && ticked_at == started) on_fault(number, info, opaque);
  ticked_at = started;
}

static void *map(void *address, size_t bytes, int rights, int flags, int fd, off_t offset) {
  void *p = mmap(address, bytes, rights, flags, fd, offset);
  if (p == MAP_FAILED || (address && p != address)) {
    perror("native: mmap");
    exit(1);
  }
  return p;
}

static const uint8_t *map_regions(const uint8_t *at) {
  const struct region_header *table = (const struct region_header *)at;
  const uint8_t *contents = at + region_count * sizeof *table;
  int fd = memfd_create("guest", 0);
  off_t end = 0;
  for (uint32_t i = 0; i < region_count; i++) {
    struct region *r = &regions[i];
    r->address = table[i].address;
    r->bytes = table[i].bytes;
    r->rights = table[i].rights;
    r->base = contents;
    contents += r->bytes;
    if (fd < 0 || ftruncate(fd, end + r->bytes)) {
      perror("native: memfd");
      exit(1);
    }
    int rights = (r->rights & 1 ? PROT_READ : 0) | (r->rights & 2 ? PROT_WRITE : 0) | (r->rights & 4 ? PROT_EXEC : 0);
    r->alias = map(NULL, r->bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, end);
    r->before = map(NULL, r->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(r->alias, r->base, r->bytes);
    memcpy(r->before, r->base, r->bytes);
    map((void *)r->address, r->bytes, rights, MAP_SHARED | MAP_FIXED_NOREPLACE | MAP_POPULATE, fd, end);
    end += r->bytes;
  }
  return contents;
}

int main(int argc, char **argv) {
  struct stat stat;
  int fd = argc == 3 ? open(argv[1], O_RDONLY) : -1;
  output_fd = argc == 3 ? open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0644) : -1;
  if (fd < 0 || output_fd < 0 || fstat(fd, &stat)) {
    fprintf(stderr, "usage: native CASES RESULTS\n");
    return 1;
  }
  const uint8_t *file = map(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  const struct header *header = (const struct header *)file;
  if ((size_t)stat.st_size < sizeof *header || header->magic != MAGIC || header->regions > MAX_REGIONS) {
    fprintf(stderr, "native: not a file of cases\n");
    return 1;
  }
  region_count = header->regions;
  case_count = header->cases;
  cursor = map_regions((const uint8_t *)(header + 1));

  syscall3(SYS_arch_prctl, ARCH_GET_FS, (long)&own_fs, 0);
  stack_t stack = {.ss_sp = map(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), .ss_size = 1 << 20};
  sigaltstack(&stack, NULL);
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigfillset(&action.sa_mask);
  static const int faults[] = {SIGTRAP, SIGSEGV, SIGILL, SIGFPE, SIGBUS};
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) sigaction(faults[i], &action, NULL);
  action.sa_sigaction = on_tick;
  sigaction(SIGALRM, &action, NULL);
  struct itimerval tick = {{1, 0}, {1, 0}};
  setitimer(ITIMER_REAL, &tick, NULL);
  raise(SIGTRAP);
  return 1;
}
