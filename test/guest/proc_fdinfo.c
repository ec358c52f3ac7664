/* /proc/self/fdinfo: position, flags, and what each kind of file adds; locks there and in /proc/locks. */
#include "guest.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
/* Without numbers that differ from machine to machine: inode, device and mount numbers, the process's own, times that run. */
static void info(const char *what, int fd) {
  char path[64], line[256];
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
  FILE *f = fopen(path, "r");
  MUST(f != 0);
  printf("%s\n", what);
  while (fgets(line, sizeof line, f)) {
    int pid, n;
    unsigned major, minor;
    long ino;
    char kind[16], how[16], mode[16], range[64];
    if (!strncmp(line, "mnt_id:", 7) || !strncmp(line, "ino:", 4) || !strncmp(line, "eventfd-id:", 11)) { printf("  %.*s\n", (int)strcspn(line, ":"), line); continue; }
    if (!strncmp(line, "it_value:", 9)) { printf("  it_value %d\n", strcmp(line, "it_value: (0, 0)\n") != 0); continue; }
    if (sscanf(line, "Pid:\t%d", &pid) == 1 || sscanf(line, "NSpid:\t%d", &pid) == 1) { printf("  %.*s %d\n", (int)strcspn(line, ":"), line, pid == getpid()); continue; }
    if (sscanf(line, "lock:\t%d: %15s %15s %15s %d %x:%x:%ld %63[^\n]", &n, kind, how, mode, &pid, &major, &minor, &ino, range) == 9) {
      printf("  lock %d %s %s %s %d %s\n", n, kind, how, mode, pid == getpid() ? 1 : pid, range);
      continue;
    }
    char *place = strstr(line, " ino:");
    if (place) strcpy(place, "\n");
    printf("  %s", line);
  }
  fclose(f);
  fflush(stdout);
}
int main(void) {
  enter_folder();
  int fd = open("file", O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  MUST(write(fd, "0123456789", 10) == 10);
  info("file", fd);
  lseek(fd, 4, SEEK_SET);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  fcntl(fd, F_SETFD, 0);
  info("file, moved", fd);
  flock(fd, LOCK_SH);
  struct flock lock = {.l_type = F_WRLCK, .l_start = 5, .l_len = 10};
  SHOW(fcntl(fd, F_SETLK, &lock));
  info("locks", fd);
  lock = (struct flock){.l_type = F_RDLCK, .l_start = 100};
  SHOW(fcntl(fd, F_OFD_SETLK, &lock));
  info("an open-file-description lock", fd);
  struct stat s;
  fstat(fd, &s);
  char line[256], place[64];
  snprintf(place, sizeof place, ":%lu ", (unsigned long)s.st_ino);
  FILE *locks = fopen("/proc/locks", "r");
  int found = 0;
  while (fgets(line, sizeof line, locks)) if (strstr(line, place)) found++;
  fclose(locks);
  printf("locks %d\n", found);
  int other = open("file", O_RDONLY);
  info("of another description", other);
  int ends[2];
  MUST(pipe2(ends, O_NONBLOCK) == 0);
  info("pipe, reading", ends[0]), info("pipe, writing", ends[1]);
  int event = eventfd(5, EFD_SEMAPHORE | EFD_CLOEXEC);
  info("eventfd", event);
  uint64_t big = 0x123456789abcull;
  write(event, &big, 8);
  info("eventfd", event);
  info("eventfd", eventfd(0, 0));
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  info("timerfd", timer);
  struct itimerspec t = {.it_value = {1000, 0}, .it_interval = {7, 9}};
  timerfd_settime(timer, 0, &t, 0), info("timerfd, armed", timer);
  t.it_value.tv_sec += 1000000, t.it_interval.tv_sec = 0, timerfd_settime(timer, TFD_TIMER_ABSTIME, &t, 0), info("timerfd, absolute", timer);
  t.it_value = (struct timespec){0, 1000000}, t.it_interval = (struct timespec){1000, 0}, timerfd_settime(timer, 0, &t, 0), usleep(5000), info("timerfd, expired", timer);
  info("timerfd", timerfd_create(CLOCK_REALTIME, 0));
  int epoll = epoll_create1(0);
  struct epoll_event e = {.events = EPOLLIN | EPOLLET, .data.u64 = 0x1234567812345678ull};
  info("epoll", epoll);
  epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &e), info("epoll", epoll);
  e.events = EPOLLOUT | EPOLLONESHOT, e.data.u64 = 1;
  epoll_ctl(epoll, EPOLL_CTL_MOD, ends[0], &e), info("epoll", epoll);
  sigset_t set;
  sigemptyset(&set), sigaddset(&set, SIGUSR1), sigaddset(&set, 40), sigaddset(&set, 64);
  info("signalfd", signalfd(-1, &set, 0));
  int pidfd = syscall(SYS_pidfd_open, getpid(), 0);
  info("pidfd", pidfd);
  int pair[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pair[0]);
  SHOW(access(path, R_OK));
  SHOW(stat(path, &s)), printf("%o\n", s.st_mode);
  SHOW(stat("/proc/self/fdinfo", &s)), printf("%o\n", s.st_mode);
  SHOW(access("/proc/self/fdinfo/999", F_OK));
  SHOW(access("/proc/self/fdinfo/01", F_OK));
  /* A descriptor that is closed while its file there is open. */
  int open_info = open(path, O_RDONLY);
  close(pair[0]);
  SHOW(read(open_info, line, sizeof line));
  info("a directory", open("/", O_RDONLY | O_DIRECTORY));
  info("a path", open("/", O_PATH));
  pid_t child = fork();
  if (child == 0) _exit(0);
  pidfd = syscall(SYS_pidfd_open, child, 0);
  waitpid(child, 0, 0);
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
  FILE *f = fopen(path, "r");
  while (fgets(line, sizeof line, f)) if (strstr(line, "id:\t")) fputs(strstr(line, "mnt") ? "" : line, stdout);
  fclose(f);
  unlink("file");
  leave_folder();
  return 0;
}
