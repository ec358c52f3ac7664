// makecontext, swapcontext, getcontext: coroutines on stacks of their own, signal masks that go with them.
// libc: glibc
#include "guest.h"
#include <ucontext.h>
static ucontext_t scheduler, routine[3];
static char stacks[3][65536];
static int turns;
static void body(int id, int from) {
  double d = id * 0.5;
  for (int i = from; i < from + 3; i++) {
    printf("routine %d: %d %.2f\n", id, i, d += i);
    turns++;
    swapcontext(&routine[id], &scheduler);
  }
}
int main(void) {
  for (int i = 0; i < 3; i++) {
    getcontext(&routine[i]);
    routine[i].uc_stack.ss_sp = stacks[i];
    routine[i].uc_stack.ss_size = sizeof stacks[i];
    routine[i].uc_link = &scheduler;
    if (i == 1) sigaddset(&routine[i].uc_sigmask, SIGUSR1);
    makecontext(&routine[i], (void (*)(void))body, 2, i, i * 10);
  }
  for (int round = 0; round < 4; round++)
    for (int i = 0; i < 3; i++) swapcontext(&scheduler, &routine[i]);
  sigset_t now;
  sigprocmask(0, 0, &now);
  printf("turns %d, mask %d\n", turns, sigismember(&now, SIGUSR1));
  volatile int again = 0;
  ucontext_t here;
  getcontext(&here);
  if (again++ < 2) setcontext(&here);
  printf("again %d\n", again);
  return 0;
}
