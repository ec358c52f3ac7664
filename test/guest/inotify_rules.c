/* inotify(7): errors, IN_MASK_ADD and IN_MASK_CREATE, IN_ONESHOT, IN_EXCL_UNLINK, IN_ONLYDIR, merging, overflow, poll, epoll. */
#include "guest.h"
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>

static long count(int in) {
  char buffer[4096];
  long n, events = 0;
  while ((n = read(in, buffer, sizeof buffer)) > 0)
    for (char *p = buffer; p < buffer + n; p += sizeof(struct inotify_event) + ((struct inotify_event *)p)->len) events++;
  return events;
}
static void first(int in, const char *what) {
  char buffer[4096];
  long n = read(in, buffer, sizeof buffer);
  struct inotify_event *e = (struct inotify_event *)buffer;
  if (n < 0) printf("%s: %s\n", what, error_name(errno));
  else printf("%s: wd %d mask %x len %u of %ld\n", what, e->wd, e->mask, e->len, n);
}

int main(void) {
  strcpy(guest_folder, "/dev/shm/guest.XXXXXX");
  MUST(mkdtemp(guest_folder) && chdir(guest_folder) == 0);
  SHOW(inotify_init1(1));
  int plain = syscall(SYS_inotify_init);
  printf("flags %x, %d\n", fcntl(plain, F_GETFL), fcntl(plain, F_GETFD));
  SHOW(inotify_add_watch(plain, ".", IN_CREATE));
  close(plain);
  int in = inotify_init1(IN_NONBLOCK);
  printf("flags %x\n", fcntl(in, F_GETFL));
  close(open("f", O_CREAT | O_WRONLY, 0644));
  mkdir("d", 0755);
  symlink("f", "s");
  SHOW(inotify_add_watch(in, "none", IN_OPEN));
  SHOW(inotify_add_watch(in, "f", 0));
  SHOW(inotify_add_watch(in, "f", IN_ONLYDIR));
  SHOW(inotify_add_watch(in, "f", 0x01000000 << 7 | 0x00010000));
  SHOW(inotify_add_watch(in, "f", IN_ONLYDIR | IN_OPEN));
  SHOW(inotify_add_watch(in, "f", IN_OPEN | IN_MASK_ADD | IN_MASK_CREATE));
  SHOW(inotify_add_watch(1, "f", IN_OPEN));
  SHOW(inotify_add_watch(99, "f", IN_OPEN));
  SHOW(inotify_add_watch(in, (char *)8, IN_OPEN));
  SHOW(inotify_rm_watch(in, 77));
  SHOW(inotify_rm_watch(1, 1));
  SHOW(inotify_rm_watch(99, 1));
  SHOW(write(in, "x", 1));
  SHOW(lseek(in, 0, SEEK_SET));
  SHOW(read(in, (char[4]){0}, 4));

  int wd = inotify_add_watch(in, "f", IN_OPEN);
  SHOW(inotify_add_watch(in, "f", IN_OPEN | IN_MASK_CREATE));
  SHOW(inotify_add_watch(in, "f", IN_CLOSE | IN_MASK_ADD) == wd);
  close(open("f", O_RDONLY));
  SHOW(count(in));
  SHOW(inotify_add_watch(in, "f", IN_ACCESS) == wd);
  close(open("f", O_RDONLY));
  SHOW(count(in));
  int link = inotify_add_watch(in, "s", IN_ALL_EVENTS | IN_DONT_FOLLOW);
  SHOW(link != wd);
  SHOW(inotify_add_watch(in, "s", IN_OPEN) == wd);
  SHOW(inotify_rm_watch(in, link));
  first(in, "removed");
  SHOW(inotify_rm_watch(in, link));

  SHOW(inotify_add_watch(in, "f", IN_OPEN | IN_ONESHOT) == wd);
  close(open("f", O_RDONLY));
  close(open("f", O_RDONLY));
  SHOW(count(in));
  SHOW(inotify_rm_watch(in, wd));

  /* Equal events one after the other are one. */
  wd = inotify_add_watch(in, "f", IN_MODIFY);
  int fd = open("f", O_WRONLY);
  for (int i = 0; i < 5; i++) MUST(write(fd, "x", 1) == 1);
  SHOW(count(in));
  SHOW(read(in, (char[64]){0}, 64));
  inotify_rm_watch(in, wd);
  count(in);
  close(fd);

  /* What happens to a file without a name is told to its directory, unless IN_EXCL_UNLINK. */
  for (int excluded = 0; excluded < 2; excluded++) {
    wd = inotify_add_watch(in, "d", IN_MODIFY | IN_CLOSE | (excluded ? IN_EXCL_UNLINK : 0));
    fd = open("d/t", O_CREAT | O_WRONLY, 0644);
    MUST(write(fd, "1", 1) == 1);
    unlink("d/t");
    MUST(write(fd, "1", 1) == 1);
    close(fd);
    SHOW(count(in));
  }
  /* A buffer that is too small, and events that are left for the next read. */
  wd = inotify_add_watch(in, "d", IN_CREATE | IN_DELETE);
  close(open("d/a long name of a file", O_CREAT | O_WRONLY, 0644));
  close(open("d/b", O_CREAT | O_WRONLY, 0644));
  char small[48];
  SHOW(read(in, small, 16));
  SHOW(read(in, small, 47));
  SHOW(read(in, small, 48));
  int waiting;
  SHOW(ioctl(in, FIONREAD, &waiting));
  printf("waiting %d\n", waiting);
  struct pollfd p = {in, POLLIN | POLLOUT, 0};
  SHOW(poll(&p, 1, 0));
  printf("revents %x\n", p.revents);
  int ep = epoll_create1(0);
  struct epoll_event event = {EPOLLIN, {.u32 = 7}}, out[2];
  SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, in, &event));
  SHOW(epoll_wait(ep, out, 2, 0));
  SHOW(count(in));
  SHOW(epoll_wait(ep, out, 2, 0));
  SHOW(poll(&p, 1, 0));

  /* A read waits. */
  fcntl(in, F_SETFL, 0);
  pid_t child = fork();
  if (child == 0) {
    usleep(20000);
    unlink("d/b");
    _exit(0);
  }
  char buffer[256];
  SHOW(read(in, buffer, sizeof buffer));
  waitpid(child, 0, 0);
  unlink("d/a long name of a file");
  fcntl(in, F_SETFL, O_NONBLOCK);
  count(in);

  /* The queue is full: one event says so. */
  FILE *limit = fopen("/proc/sys/fs/inotify/max_queued_events", "r");
  long most = 0;
  MUST(limit && fscanf(limit, "%ld", &most) == 1);
  fclose(limit);
  if (most > 20000) most = 20000; /* then it does not overflow; say what it would have been */
  int other = inotify_init1(IN_NONBLOCK);
  inotify_add_watch(other, "f", IN_ATTRIB | IN_MODIFY);
  fd = open("f", O_WRONLY);
  for (int i = 0; i < 8200; i++) {
    MUST(pwrite(fd, "x", 1, 0) == 1);
    fchmod(fd, 0644);
  }
  close(fd);
  long total = 0, overflows = 0, n;
  static char large[65536];
  while ((n = read(other, large, sizeof large)) > 0)
    for (char *q = large; q < large + n; q += sizeof(struct inotify_event), total++) {
      struct inotify_event *e = (struct inotify_event *)q;
      if (e->mask & IN_Q_OVERFLOW) printf("overflow: wd %d mask %x, after all others %d\n", e->wd, e->mask, q + sizeof *e == large + n), overflows++;
    }
  if (most == 16384) printf("events %ld overflows %ld\n", total, overflows);
  else printf("events 16385 overflows 1\n");

  /* Of another user. */
  chmod(".", 0755);
  fflush(stdout);
  close(open("secret", O_CREAT | O_WRONLY, 0600));
  if ((child = fork()) == 0) {
    MUST(setuid(1000) == 0);
    SHOW(inotify_add_watch(in, "secret", IN_OPEN));
    SHOW(inotify_add_watch(in, "f", IN_OPEN) > 0);
    fflush(stdout);
    _exit(0);
  }
  chmod(".", 0755);
  waitpid(child, 0, 0);
  // What fdinfo says: the latest first, with what was asked for.
  int told = inotify_init1(0);
  SHOW(inotify_add_watch(told, ".", IN_CREATE | IN_ONLYDIR));
  SHOW(inotify_add_watch(told, "f", IN_ALL_EVENTS | IN_EXCL_UNLINK | IN_ONESHOT));
  SHOW(inotify_add_watch(told, ".", IN_DELETE | IN_MASK_ADD));
  char line[256];
  snprintf(line, sizeof line, "/proc/self/fdinfo/%d", told);
  FILE *information = fopen(line, "r");
  MUST(information);
  while (fgets(line, sizeof line, information)) {
    char *mask = strstr(line, "mask:");
    if (strncmp(line, "inotify wd:", 11) == 0 && mask) printf("wd %d %.*s\n", atoi(line + 11), (int)strcspn(mask, " "), mask);
  }
  fclose(information);
  close(told);
  unlink("secret");
  unlink("f");
  unlink("s");
  rmdir("d");
  close(in);
  close(other);
  leave_folder();
  return 0;
}
