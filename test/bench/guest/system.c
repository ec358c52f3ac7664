/*
 * What the kernel costs: `system WORK COUNT` does one kind of work COUNT times and prints the count. Threads and processes
 * that hand over to each other share one CPU, so that all peers pay for the switch. With COUNT 0 only the preparation runs.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MUST(e) do { if (!(e)) { perror(#e); exit(99); } } while (0)
enum { MiB = 1 << 20, PAGE = 4096, BULK = 65536, WATCHED = 1000 };

static char *self;
static char bulk[BULK];

static void share_one_cpu(void) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  MUST(sched_setaffinity(0, sizeof one, &one) == 0);
}

static void null_call(long n) {
  while (n--) syscall(SYS_getppid);
}

/* ---- pipes */

static void through_pipe(long n, size_t size) {
  int ends[2];
  MUST(pipe(ends) == 0);
  while (n--) {
    MUST(write(ends[1], bulk, size) == (ssize_t)size);
    MUST(read(ends[0], bulk, size) == (ssize_t)size);
  }
}
static void pipe_byte(long n) { through_pipe(n, 1); }
static void pipe_bulk(long n) { through_pipe(n, BULK); }

/* One byte there and back between two processes: two switches. */
static void pipe_switch(long n) {
  int there[2], back[2];
  char byte = 1;
  share_one_cpu();
  MUST(pipe(there) == 0 && pipe(back) == 0);
  pid_t child = fork();
  MUST(child >= 0);
  if (child == 0) {
    close(there[1]);
    while (read(there[0], &byte, 1) == 1) MUST(write(back[1], &byte, 1) == 1);
    _exit(0);
  }
  while (n--) {
    MUST(write(there[1], &byte, 1) == 1);
    MUST(read(back[0], &byte, 1) == 1);
  }
  close(there[1]);
  MUST(waitpid(child, 0, 0) == child);
}

/* ---- sockets */

static void unix_pair(int ends[2]) { MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0); }

/* Two ends of a connection over the loopback interface. */
static void tcp_pair(int ends[2]) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t length = sizeof a;
  int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  MUST(bind(listener, (void *)&a, sizeof a) == 0 && listen(listener, 1) == 0);
  MUST(getsockname(listener, (void *)&a, &length) == 0);
  ends[0] = socket(AF_INET, SOCK_STREAM, 0);
  MUST(connect(ends[0], (void *)&a, sizeof a) == 0);
  ends[1] = accept(listener, 0, 0);
  MUST(ends[1] >= 0 && close(listener) == 0);
  for (int i = 0; i < 2; i++) MUST(setsockopt(ends[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0);
}

static void through_socket(long n, void make(int[2])) {
  int ends[2];
  make(ends);
  while (n--) {
    MUST(send(ends[1], bulk, BULK, 0) == BULK);
    MUST(recv(ends[0], bulk, BULK, MSG_WAITALL) == BULK);
  }
}
static void unix_bulk(long n) { through_socket(n, unix_pair); }
static void tcp_bulk(long n) { through_socket(n, tcp_pair); }

static void socket_switch(long n, void make(int[2])) {
  int ends[2];
  char byte = 1;
  share_one_cpu();
  make(ends);
  pid_t child = fork();
  MUST(child >= 0);
  if (child == 0) {
    close(ends[1]);
    while (recv(ends[0], &byte, 1, 0) == 1) MUST(send(ends[0], &byte, 1, 0) == 1);
    _exit(0);
  }
  close(ends[0]);
  while (n--) {
    MUST(send(ends[1], &byte, 1, 0) == 1);
    MUST(recv(ends[1], &byte, 1, 0) == 1);
  }
  close(ends[1]);
  MUST(waitpid(child, 0, 0) == child);
}
static void unix_switch(long n) { socket_switch(n, unix_pair); }
static void tcp_switch(long n) { socket_switch(n, tcp_pair); }

/* ---- processes */

static void fork_resident(long n, size_t size) {
  char *memory = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  MUST(memory != MAP_FAILED);
  for (size_t at = 0; at < size; at += PAGE) memory[at] = 1;
  while (n--) {
    int status;
    pid_t child = fork();
    MUST(child >= 0);
    if (child == 0) _exit(7);
    MUST(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 7);
  }
}
static void fork_small(long n) { fork_resident(n, MiB); }
static void fork_large(long n) { fork_resident(n, 32 * MiB); }

static void fork_exec(long n) {
  while (n--) {
    int status;
    pid_t child = fork();
    MUST(child >= 0);
    if (child == 0) {
      execl(self, self, "nothing", "0", (char *)0);
      _exit(99);
    }
    MUST(waitpid(child, &status, 0) == child && status == 0);
  }
}

static void nothing(long n) { (void)n; }

/* ---- signals and threads */

static volatile long handled;
static void handler(int signal) {
  (void)signal;
  handled++;
}
static void signal_delivery(long n) {
  struct sigaction action = {.sa_handler = handler};
  MUST(sigaction(SIGUSR1, &action, 0) == 0);
  pid_t pid = getpid(), tid = syscall(SYS_gettid);
  for (long i = 0; i < n; i++) syscall(SYS_tgkill, pid, tid, SIGUSR1);
  MUST(handled == n);
}

static _Atomic int turn;
static void await_turn(int mine) {
  for (int now; (now = atomic_load(&turn)) != mine;) syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, now, 0, 0, 0);
}
static void hand_over(int to) {
  atomic_store(&turn, to);
  syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0);
}
static void *partner(void *count) {
  for (long n = *(long *)count; n--;) await_turn(1), hand_over(0);
  return 0;
}
/* There and back: two switches. */
static void futex_hand_over(long n) {
  pthread_t thread;
  share_one_cpu();
  MUST(pthread_create(&thread, 0, partner, &(long){n}) == 0);
  for (long i = 0; i < n; i++) hand_over(1), await_turn(0);
  MUST(pthread_join(thread, 0) == 0);
}

/* ---- memory */

/* 16 pages. */
static void map_touch_unmap(long n) {
  while (n--) {
    char *memory = mmap(0, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    MUST(memory != MAP_FAILED);
    for (int page = 0; page < 16; page++) memory[page * PAGE] = 1;
    MUST(munmap(memory, 16 * PAGE) == 0);
  }
}

/* ---- waiting: 1,000 descriptors, of which the last is ready */

static void open_watched(int *fds) {
  struct rlimit limit;
  MUST(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = limit.rlim_max;
  MUST(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  for (int i = 0; i < WATCHED; i++) MUST((fds[i] = eventfd(i == WATCHED - 1, EFD_NONBLOCK)) >= 0);
}
static void poll_many(long n) {
  int fds[WATCHED];
  struct pollfd polled[WATCHED];
  open_watched(fds);
  for (int i = 0; i < WATCHED; i++) polled[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
  while (n--) MUST(poll(polled, WATCHED, -1) == 1);
}
static void epoll_many(long n) {
  int fds[WATCHED], epoll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN};
  open_watched(fds);
  for (int i = 0; i < WATCHED; i++) MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i], &event) == 0);
  while (n--) MUST(epoll_wait(epoll, &event, 1, -1) == 1);
}

/* ---- files, on a tmpfs */

static char path[] = "/dev/shm/benchXXXXXX";
static int temporary(void) {
  int fd = mkstemp(path);
  if (fd < 0) fd = mkstemp(strcpy(path, "/tmp/benchXXXXXX"));
  MUST(fd >= 0);
  return fd;
}
static void open_close(long n) {
  close(temporary());
  while (n--) close(open(path, O_RDONLY));
  unlink(path);
}
static void stat_file(long n) {
  struct stat status;
  close(temporary());
  while (n--) MUST(stat(path, &status) == 0);
  unlink(path);
}
static void write_page(long n) {
  int fd = temporary();
  while (n--) MUST(pwrite(fd, bulk, PAGE, 0) == PAGE);
  unlink(path);
}
static void read_page(long n) {
  int fd = temporary();
  MUST(write(fd, bulk, PAGE) == PAGE);
  while (n--) MUST(pread(fd, bulk, PAGE, 0) == PAGE);
  unlink(path);
}
static char megabyte[MiB];
static void write_bulk(long n) {
  int fd = temporary();
  while (n--) MUST(pwrite(fd, megabyte, MiB, 0) == MiB);
  unlink(path);
}
static void read_bulk(long n) {
  int fd = temporary();
  MUST(write(fd, megabyte, MiB) == MiB);
  while (n--) MUST(pread(fd, megabyte, MiB, 0) == MiB);
  unlink(path);
}
/* A directory of 10,000 names, read as readdir(3) reads it. */
static void read_directory(long n) {
  char name[64];
  close(temporary());
  MUST(unlink(path) == 0 && mkdir(path, 0700) == 0);
  for (int i = 0; i < 10000; i++) {
    sprintf(name, "%s/%d", path, i);
    MUST(mknod(name, S_IFREG | 0600, 0) == 0);
  }
  int fd = open(path, O_RDONLY | O_DIRECTORY);
  while (n--) {
    lseek(fd, 0, SEEK_SET);
    while (syscall(SYS_getdents64, fd, bulk, 32768) > 0) {}
  }
  for (int i = 0; i < 10000; i++) {
    sprintf(name, "%s/%d", path, i);
    unlink(name);
  }
  rmdir(path);
}
/* 64 bytes after the other, from the start again after 1 MiB. */
static void write_small(long n) {
  int fd = temporary();
  for (long i = 0; i < n; i++) {
    if (i % (MiB / 64) == 0) lseek(fd, 0, SEEK_SET);
    MUST(write(fd, bulk, 64) == 64);
  }
  unlink(path);
}

/* ---- System V */

static void semaphore(long n) {
  int id = semget(IPC_PRIVATE, 1, 0600);
  struct sembuf up = {0, 1, 0}, down = {0, -1, 0};
  MUST(id >= 0);
  while (n--) MUST(semop(id, &up, 1) == 0 && semop(id, &down, 1) == 0);
  semctl(id, 0, IPC_RMID);
}
/* Two processes that hand over to each other by two semaphores: two switches. */
static void semaphore_switch(long n) {
  int id = semget(IPC_PRIVATE, 2, 0600);
  struct sembuf ops[2][2] = {{{0, -1, 0}, {1, 1, 0}}, {{1, -1, 0}, {0, 1, 0}}};
  MUST(id >= 0);
  share_one_cpu();
  pid_t child = fork();
  for (long i = 0; i < n; i++) {
    if (child == 0) MUST(semop(id, &ops[0][0], 1) == 0 && semop(id, &ops[0][1], 1) == 0);
    else MUST(semop(id, &ops[1][1], 1) == 0 && semop(id, &ops[1][0], 1) == 0);
  }
  if (child == 0) _exit(0);
  wait(NULL);
  semctl(id, 0, IPC_RMID);
}
struct message {
  long type;
  char text[64];
};
static void message(long n) {
  int id = msgget(IPC_PRIVATE, 0600);
  struct message m = {1, ""};
  MUST(id >= 0);
  while (n--) MUST(msgsnd(id, &m, sizeof m.text, 0) == 0 && msgrcv(id, &m, sizeof m.text, 0, 0) == sizeof m.text);
  msgctl(id, IPC_RMID, NULL);
}
/* A message there and another back: two switches. */
static void message_switch(long n) {
  int id = msgget(IPC_PRIVATE, 0600);
  struct message m = {1, ""};
  MUST(id >= 0);
  share_one_cpu();
  pid_t child = fork();
  for (long i = 0; i < n; i++) {
    if (child == 0) MUST(msgrcv(id, &m, sizeof m.text, 1, 0) == sizeof m.text);
    m.type = child == 0 ? 2 : 1;
    MUST(msgsnd(id, &m, sizeof m.text, 0) == 0);
    if (child != 0) MUST(msgrcv(id, &m, sizeof m.text, 2, 0) == sizeof m.text);
  }
  if (child == 0) _exit(0);
  wait(NULL);
  msgctl(id, IPC_RMID, NULL);
}

static const struct {
  const char *name;
  void (*run)(long);
} works[] = {
    {"null-call", null_call},     {"pipe-byte", pipe_byte},   {"pipe-bulk", pipe_bulk},       {"pipe-switch", pipe_switch},
    {"fork-1", fork_small},       {"fork-32", fork_large},    {"fork-exec", fork_exec},       {"nothing", nothing},
    {"signal", signal_delivery},  {"futex", futex_hand_over}, {"map", map_touch_unmap},       {"poll", poll_many},
    {"epoll", epoll_many},        {"open-close", open_close}, {"stat", stat_file},            {"write-page", write_page},
    {"read-page", read_page},     {"write-small", write_small}, {"write-bulk", write_bulk},
    {"read-bulk", read_bulk},     {"readdir", read_directory}, {"sem", semaphore},           {"sem-switch", semaphore_switch},
    {"msg", message},             {"msg-switch", message_switch},
    {"unix-switch", unix_switch}, {"unix-bulk", unix_bulk},   {"tcp-switch", tcp_switch},     {"tcp-bulk", tcp_bulk},
};

int main(int argc, char **argv) {
  MUST(argc == 3);
  self = argv[0];
  for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
    if (strcmp(works[i].name, argv[1])) continue;
    long count = atol(argv[2]);
    works[i].run(count);
    if (works[i].run != nothing) printf("%s %ld\n", argv[1], count);
    return 0;
  }
  fprintf(stderr, "no work named %s\n", argv[1]);
  return 1;
}
