// Who is woken: threads that wait at one instance, instances that share a pipe, exclusive watches, signals, masks.
#include "guest.h"
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
static int ep, p[2], handled;
static volatile int got[4];
static void handler(int s) { handled = s; }
static void *waiter(void *arg) {
  struct epoll_event e;
  long i = (long)arg;
  while (epoll_wait(ep, &e, 1, -1) == 1) {
    char c;
    if (read(p[0], &c, 1) != 1 || c == '.') break;
    __sync_fetch_and_add(&got[i], 1);
  }
  return 0;
}
int main(void) {
  pthread_t t[4];
  struct epoll_event e = {.events = EPOLLIN};
  pipe(p);
  ep = epoll_create1(0);
  epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e);
  for (long i = 0; i < 4; i++) pthread_create(&t[i], 0, waiter, (void *)i);
  for (int i = 0; i < 100; i++) {
    write(p[1], "a", 1);
    if (i % 10 == 0) usleep(1000);
  }
  write(p[1], "....", 4);
  for (int i = 0; i < 4; i++) pthread_join(t[i], 0);
  printf("threads read %d\n", got[0] + got[1] + got[2] + got[3]);

  // Two instances of one pipe: both see it; exclusive ones at least one of them.
  int a = epoll_create1(0), b = epoll_create1(0);
  epoll_ctl(a, EPOLL_CTL_ADD, p[0], &e);
  epoll_ctl(b, EPOLL_CTL_ADD, p[0], &e);
  write(p[1], "x", 1);
  printf("shared: %d %d\n", epoll_wait(a, &e, 1, 0), epoll_wait(b, &e, 1, 0));
  char c;
  read(p[0], &c, 1);
  e.events = EPOLLIN | EPOLLEXCLUSIVE;
  int x = epoll_create1(0);
  SHOW(epoll_ctl(x, EPOLL_CTL_ADD, p[0], &e));
  SHOW(epoll_ctl(x, EPOLL_CTL_MOD, p[0], &e));
  e.events = EPOLLIN;
  SHOW(epoll_ctl(x, EPOLL_CTL_MOD, p[0], &e));
  e.events = EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT;
  SHOW(epoll_ctl(x, EPOLL_CTL_ADD, p[1], &e));
  fflush(stdout);
  int kids = 0, done[2];
  pipe(done);
  for (int i = 0; i < 3; i++) {
    if (fork() == 0) {
      int y = epoll_create1(0);
      e.events = EPOLLIN | EPOLLEXCLUSIVE;
      epoll_ctl(y, EPOLL_CTL_ADD, p[0], &e);
      if (epoll_wait(y, &e, 1, 5000) == 1 && read(p[0], &c, 1) == 1) write(done[1], &c, 1);
      _exit(0);
    }
  }
  usleep(50000);
  for (int i = 0; i < 3; i++) {
    write(p[1], "z", 1);
    read(done[0], &c, 1);
    kids++;
    usleep(20000);
  }
  printf("exclusive children: %d\n", kids);
  while (wait(0) > 0) {}

  set_handler(SIGALRM, handler, SA_RESTART);
  struct itimerval soon = {{0, 0}, {0, 20000}};
  setitimer(ITIMER_REAL, &soon, 0);
  SHOW(epoll_wait(ep, &e, 1, 5000));
  printf("handled %d\n", handled);
  sigset_t set, none;
  sigemptyset(&none);
  sigemptyset(&set);
  sigaddset(&set, SIGALRM);
  sigprocmask(SIG_BLOCK, &set, 0);
  handled = 0;
  raise(SIGALRM);
  SHOW(epoll_wait(ep, &e, 1, 0));
  printf("blocked, handled %d\n", handled);
  SHOW(epoll_pwait(ep, &e, 1, 5000, &none));
  printf("with a mask, handled %d\n", handled);
  sigset_t now;
  sigprocmask(0, 0, &now);
  printf("mask is back: %d\n", sigismember(&now, SIGALRM));
  struct timespec brief = {0, 5000000};
  SHOW(syscall(SYS_epoll_pwait2, ep, &e, 1, &brief, NULL, 8));
  brief.tv_nsec = 2000000000;
  SHOW(syscall(SYS_epoll_pwait2, ep, &e, 1, &brief, NULL, 8));
  SHOW(syscall(SYS_epoll_pwait, ep, &e, 1, 0, &none, 4));
  return 0;
}
