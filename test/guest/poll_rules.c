/* poll, select and epoll: results by kind of descriptor and event, errors, masks, time-outs, exclusive and one-shot watches. */
#include "guest.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
static volatile int hits;
static void on(int sig) { hits++; }
static short look(int fd, short events) {
  struct pollfd f = {fd, events, 0x5555};
  int n = poll(&f, 1, 0);
  if (n < 0) return -errno;
  return f.revents;
}
#define EVENTS(fd) printf("%s: %#x\n", #fd, look(fd, POLLIN | POLLOUT | POLLPRI | POLLRDHUP | POLLRDNORM | POLLWRNORM | POLLRDBAND | POLLWRBAND))
static void kinds(void) {
  int p[2], q[2], dir = open("/", O_RDONLY), path = open("/", 010000000), null = open("/dev/null", O_RDWR), event = eventfd(0, 0), full = eventfd(0xfffffffe, 0),
      timer = timerfd_create(CLOCK_MONOTONIC, 0), ep = epoll_create1(0), self = syscall(434, getpid(), 0);
  sigset_t none;
  sigemptyset(&none);
  int signals = signalfd(-1, &none, 0);
  MUST(pipe(p) == 0 && pipe(q) == 0);
  EVENTS(p[0]);
  EVENTS(p[1]);
  write(p[1], "x", 1);
  EVENTS(p[0]);
  close(p[1]);
  EVENTS(p[0]);
  char c;
  read(p[0], &c, 1);
  EVENTS(p[0]);
  close(q[0]);
  EVENTS(q[1]);
  EVENTS(dir);
  EVENTS(path);
  EVENTS(null);
  EVENTS(event);
  eventfd_write(full, 0xffffffff00000000);
  EVENTS(full);
  EVENTS(timer);
  EVENTS(ep);
  EVENTS(self);
  EVENTS(signals);
  EVENTS(99);
  EVENTS(-1);
  EVENTS(-99);
}
static void errors(void) {
  struct pollfd f = {0, POLLIN, 0};
  struct timespec bad = {0, 1000000000}, negative = {-1, 0}, zero = {0, 0};
  struct timeval bad_v = {-1, 0};
  fd_set s;
  SHOW(syscall(SYS_poll, 8, 1, 0));
  SHOW(syscall(SYS_poll, 8, 0, 0));
  SHOW(syscall(SYS_ppoll, &f, 0, &bad, 0, 8));
  SHOW(syscall(SYS_ppoll, &f, 0, &negative, 0, 8));
  SHOW(syscall(SYS_ppoll, &f, 0, 8, 0, 8));
  SHOW(syscall(SYS_ppoll, &f, 0, &zero, &zero, 7));
  SHOW(syscall(SYS_ppoll, &f, 0, &zero, 8, 8));
  FD_ZERO(&s); FD_SET(40, &s);
  SHOW(syscall(SYS_select, -1, 0, 0, 0, 0));
  SHOW(syscall(SYS_select, 41, &s, 0, 0, &zero));
  SHOW(syscall(SYS_select, 1, 8, 0, 0, &zero));
  SHOW(syscall(SYS_select, 0, 0, 0, 0, &bad_v));
  SHOW(syscall(SYS_select, 0, 0, 0, 0, 8));
  SHOW(syscall(SYS_pselect6, 0, 0, 0, 0, &bad, 0));
  uint64_t pair[2] = {(uintptr_t)&zero, 7};
  SHOW(syscall(SYS_pselect6, 0, 0, 0, 0, &zero, pair));
  SHOW(syscall(SYS_pselect6, 0, 0, 0, 0, &zero, 8));
  struct epoll_event e = {.events = EPOLLIN, .data.u64 = 7}, out[4];
  int ep = epoll_create1(0), other = epoll_create1(0), p[2], file = open("/proc/self/exe", O_RDONLY);
  pipe(p);
  SHOW(syscall(SYS_epoll_create, 0));
  SHOW(syscall(SYS_epoll_create, -1));
  SHOW(epoll_create1(1));
  SHOW(fcntl(epoll_create1(EPOLL_CLOEXEC), F_GETFD));
  SHOW(epoll_ctl(99, EPOLL_CTL_ADD, p[0], &e));
  SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, 99, &e));
  SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, ep, &e));
  SHOW(epoll_ctl(p[0], EPOLL_CTL_ADD, p[1], &e));
  SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, file, &e));
  SHOW(epoll_ctl(ep, 77, p[0], &e));
  SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], (void *)8));
  SHOW(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &e));
  SHOW(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], 0));
  SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e));
  SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e));
  int same = dup(p[0]);
  SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, same, &e));
  SHOW(epoll_ctl(ep, EPOLL_CTL_DEL, same, &e));
  e.events = EPOLLIN | EPOLLEXCLUSIVE;
  SHOW(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &e));
  SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, same, &e));
  SHOW(epoll_ctl(ep, EPOLL_CTL_MOD, same, &e));
  e.events = EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT;
  SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, p[1], &e));
  e.events = EPOLLIN | EPOLLEXCLUSIVE;
  SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, other, &e));
  e.events = EPOLLIN;
  SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, other, &e));
  SHOW(epoll_ctl(other, EPOLL_CTL_ADD, ep, &e));
  SHOW(epoll_wait(99, out, 4, 0));
  SHOW(epoll_wait(p[0], out, 4, 0));
  SHOW(epoll_wait(ep, out, 0, 0));
  SHOW(epoll_wait(ep, out, -1, 0));
  SHOW(epoll_wait(ep, out, 4, 0));
  SHOW(epoll_wait(ep, (void *)8, 4, 0));
  write(p[1], "x", 1);
  SHOW(epoll_wait(ep, (void *)8, 4, 0));
  SHOW(epoll_wait(ep, out, 4, 0));
  SHOW(syscall(SYS_epoll_pwait, ep, out, 4, 0, &e, 7ul));
  SHOW(syscall(441, ep, out, 4, &bad, 0, 8));
  SHOW(syscall(441, ep, out, 4, &zero, 0, 8));
  SHOW(syscall(441, ep, out, 4, 8, 0, 8));
  char c;
  SHOW(read(ep, &c, 1));
  SHOW(write(ep, "x", 1));
}
static void modes(void) {
  int ep = epoll_create1(0), e1 = eventfd(0, 0);
  struct epoll_event e = {.events = EPOLLIN | EPOLLONESHOT, .data.u32 = 1}, out[4];
  epoll_ctl(ep, EPOLL_CTL_ADD, e1, &e);
  eventfd_write(e1, 1);
  SHOW(epoll_wait(ep, out, 4, 0));
  SHOW(epoll_wait(ep, out, 4, 0));
  e.events = EPOLLIN | EPOLLET, e.data.u32 = 2;
  SHOW(epoll_ctl(ep, EPOLL_CTL_MOD, e1, &e));
  SHOW(epoll_wait(ep, out, 4, 0));
  printf("data %u events %#x\n", out[0].data.u32, out[0].events);
  SHOW(epoll_wait(ep, out, 4, 0));
  eventfd_write(e1, 1);
  SHOW(epoll_wait(ep, out, 4, 0));
  e.events = 0;
  SHOW(epoll_ctl(ep, EPOLL_CTL_MOD, e1, &e));
  SHOW(epoll_wait(ep, out, 4, 0));
  /* The watch belongs to the description: it goes with the last descriptor, not with this one. */
  e.events = EPOLLIN;
  epoll_ctl(ep, EPOLL_CTL_MOD, e1, &e);
  int copy = dup(e1);
  close(e1);
  SHOW(epoll_wait(ep, out, 4, 0));
  SHOW(epoll_ctl(ep, EPOLL_CTL_DEL, e1, 0));
  close(copy);
  SHOW(epoll_wait(ep, out, 4, 0));
  /* Fairness: more ready ones than room. */
  int many[5], seen = 0;
  for (int i = 0; i < 5; i++) {
    many[i] = eventfd(1, 0);
    e = (struct epoll_event){.events = EPOLLIN, .data.u32 = i};
    epoll_ctl(ep, EPOLL_CTL_ADD, many[i], &e);
  }
  for (int round = 0; round < 3; round++)
    for (int n = epoll_wait(ep, out, 2, 0), i = 0; i < n; i++) seen |= 1 << out[i].data.u32;
  printf("all had a turn %#x\n", seen);
}
static void masks(void) {
  sigset_t block, none, now;
  sigemptyset(&none), sigemptyset(&block), sigaddset(&block, SIGUSR1);
  sigprocmask(SIG_BLOCK, &block, 0);
  set_handler(SIGUSR1, on, SA_RESTART);
  int p[2], ep = epoll_create1(0);
  pipe(p);
  struct pollfd f = {p[0], POLLIN, 0};
  struct epoll_event e;
  struct timespec ten = {10, 0}, kept = ten, zero = {0, 0};
  raise(SIGUSR1);
  SHOW(syscall(SYS_ppoll, &f, 1, &ten, &none, 8ul));
  printf("hits %d, remaining below ten: %d\n", hits, ten.tv_sec == 9);
  raise(SIGUSR1), ten = kept;
  uint64_t pair[2] = {(uintptr_t)&none, 8};
  fd_set s;
  FD_ZERO(&s); FD_SET(p[0], &s);
  SHOW(syscall(SYS_pselect6, p[0] + 1, &s, 0, 0, &ten, pair));
  printf("hits %d, remaining %d, set kept %d\n", hits, ten.tv_sec == 9, !!FD_ISSET(p[0], &s));
  raise(SIGUSR1);
  SHOW(syscall(SYS_epoll_pwait, ep, &e, 1, 10000, &none, 8ul));
  printf("hits %d\n", hits);
  raise(SIGUSR1), ten = kept;
  SHOW(syscall(441, ep, &e, 1, &ten, &none, 8ul));
  printf("hits %d, untouched %d\n", hits, ten.tv_sec == 10);
  /* Something is ready: the call succeeds and the signal stays. */
  write(p[1], "x", 1);
  raise(SIGUSR1);
  SHOW(syscall(SYS_ppoll, &f, 1, &zero, &none, 8ul));
  sigpending(&now);
  printf("hits %d pending %d\n", hits, sigismember(&now, SIGUSR1));
  sigprocmask(SIG_BLOCK, 0, &now);
  printf("mask put back %d\n", sigismember(&now, SIGUSR1));
  struct timeval tv = {0, 30000};
  long before = milliseconds();
  SHOW(syscall(SYS_select, 0, 0, 0, 0, &tv));
  printf("%d, remaining %ld\n", milliseconds() - before >= 28, (long)tv.tv_usec);
  before = milliseconds();
  SHOW(poll(0, 0, 30));
  struct timespec brief = {0, 30000000};
  SHOW(syscall(441, ep, &e, 1, &brief, 0, 0));
  printf("%d\n", milliseconds() - before >= 58);
}
int main(void) {
  setvbuf(stdout, 0, _IONBF, 0);
  kinds();
  errors();
  modes();
  masks();
  return 0;
}
