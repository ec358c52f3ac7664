/* The end of a process with several threads: exit_group(2) takes all of them, exit(2) one, whoever calls. */
#include "guest.h"
#include <pthread.h>
static int from_thread;
static void *sleeper(void *a) {
  for (;;) pause();
  return a;
}
static void *ender(void *a) {
  usleep(10000);
  syscall(from_thread ? SYS_exit_group : SYS_exit, 42);
  return a;
}
static void *watcher(void *a) {
  usleep(30000);
  printf("the others go on\n");
  fflush(stdout);
  syscall(SYS_exit_group, 43);
  return a;
}
static void in_process(const char *what, void (*f)(void)) {
  int status;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) f(), _exit(99);
  MUST(waitpid(child, &status, 0) == child);
  print_status(what, status);
}
static void start(void *(*f)(void *)) {
  pthread_t t;
  MUST(pthread_create(&t, 0, f, 0) == 0);
}
static void leader_ends_all(void) {
  start(sleeper), start(sleeper);
  usleep(10000);
  syscall(SYS_exit_group, 0x141);
}
static void thread_ends_all(void) {
  from_thread = 1;
  start(sleeper), start(ender);
  for (;;) pause();
}
static void thread_ends_itself(void) {
  start(ender), start(watcher);
  for (;;) pause();
}
static void leader_ends_itself(void) {
  start(watcher);
  syscall(SYS_exit, 44);
}
static void last_ends_itself(void) { syscall(SYS_exit, 45); }
static void main_returns(void) {
  start(sleeper);
  exit(46);
}
int main(void) {
  in_process("exit_group by the leader", leader_ends_all);
  in_process("exit_group by a thread", thread_ends_all);
  in_process("exit by a thread", thread_ends_itself);
  in_process("exit by the leader", leader_ends_itself);
  in_process("exit by the only thread", last_ends_itself);
  in_process("exit(3) with a thread", main_returns);
  start(sleeper);
  return 7;
}
