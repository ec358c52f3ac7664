/* Ends as it is told, by a fault, a signal or a status. As a CGI program it takes the word from PATH_INFO. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <pthread.h>

static char data[] = {(char)0xc3};
static volatile int zero;
static volatile int *null;

static int overflow(int n) {
  volatile char frame[4096];
  frame[0] = n;
  return n < zero ? 0 : overflow(n + 1) + frame[0];
}
static void *fault(void *unused) {
  *null = 1;
  return unused;
}
static void again(int signal) {
  *null = signal;
}

static int end(const char *how) {
  if (!strcmp(how, "null")) *null = 1;
  if (!strcmp(how, "divide")) return 1 / zero;
  if (!strcmp(how, "minimum")) return (1 << 31) / (zero - 1);
  if (!strcmp(how, "abort")) abort();
  if (!strcmp(how, "illegal")) __asm__ volatile("ud2");
  if (!strcmp(how, "privileged")) __asm__ volatile("hlt");
  if (!strcmp(how, "breakpoint")) __asm__ volatile("int3");
  if (!strcmp(how, "noncanonical")) *(volatile int *)(1ul << 63) = 1;
  if (!strcmp(how, "data")) ((void (*)(void))(void *)data)();
  if (!strcmp(how, "stack")) return overflow(0);
  if (!strcmp(how, "text")) *(volatile char *)(void *)end = 1;
  if (!strcmp(how, "bus")) {
    FILE *file = tmpfile();
    *(volatile char *)mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(file), 0) = 1;
  }
  if (!strcmp(how, "thread")) {
    pthread_t t;
    pthread_create(&t, 0, fault, 0);
    pthread_join(t, 0);
  }
  if (!strcmp(how, "handler")) {
    signal(SIGSEGV, again);
    *null = 1;
  }
  if (!strcmp(how, "blocked")) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, 0);
    *null = 1;
  }
  if (!strcmp(how, "ignored")) {
    signal(SIGSEGV, SIG_IGN);
    *null = 1;
  }
  if (!strcmp(how, "child")) {
    int status;
    if (fork() == 0) end("null");
    wait(&status);
    return WTERMSIG(status);
  }
  if (!strncmp(how, "signal", 6)) raise(atoi(how + 6));
  return atoi(how);
}

int main(int argc, char **argv) {
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  const char *how = argc > 1 ? argv[1] : getenv("PATH_INFO") + 1;
  fprintf(stderr, "ends by %s\n", how);
  return end(how);
}
