// POSIX message queues: names, attributes, priorities, O_NONBLOCK, limits, rights, errors.
#include "guest.h"
#include <mqueue.h>
#include <sched.h>
#include <sys/syscall.h>
static const char *name(int e) { return e == EMSGSIZE ? "EMSGSIZE" : error_name(e); }
#define TRY(e) do { long r_ = (long)(e); if (r_ == -1) printf("%s: %s\n", #e, name(errno)); else printf("%s: done\n", #e); } while (0)
static void state(const char *when, mqd_t q) {
  struct mq_attr a;
  if (mq_getattr(q, &a)) printf("%s: %s\n", when, name(errno));
  else printf("%s: flags %lo, %ld of %ld messages of %ld bytes\n", when, a.mq_flags, a.mq_curmsgs, a.mq_maxmsg, a.mq_msgsize);
}
static void get(mqd_t q, size_t size) {
  char text[8192] = "";
  unsigned priority = 77;
  ssize_t n = mq_receive(q, text, size, &priority);
  if (n < 0) printf("receive: %s\n", name(errno));
  else printf("receive: %zd of priority %u, %.20s\n", n, priority, text);
}
int main(void) {
  char long_name[300] = "/";
  struct mq_attr a = {0, 4, 16};
  // Names cannot collide with anybody's in here.
  MUST(unshare(CLONE_NEWIPC) == 0);
  umask(022);
  memset(long_name + 1, 'n', 256);
  TRY(mq_open("/none", O_RDWR));
  TRY(mq_open("/a/b", O_RDWR | O_CREAT, 0600, &a));
  TRY(mq_open("/", O_RDWR | O_CREAT, 0600, &a));
  TRY(mq_open("/..", O_RDWR | O_CREAT, 0600, &a));
  TRY(mq_open(long_name, O_RDWR | O_CREAT, 0600, &a));
  TRY(syscall(SYS_mq_open, "", O_RDWR | O_CREAT, 0600, 0));
  TRY(mq_unlink("/none"));
  mqd_t q = mq_open("/q", O_RDWR | O_CREAT | O_EXCL, 0666, &a);
  MUST(q >= 0);
  TRY(mq_open("/q", O_RDWR | O_CREAT | O_EXCL, 0666, &a));
  TRY(mq_open("/q", O_RDWR | O_WRONLY));
  state("new", q);
  struct stat st;
  MUST(fstat(q, &st) == 0);
  printf("mode %o size %ld nlink %ld, close-on-exec %d\n", st.st_mode, (long)st.st_size, (long)st.st_nlink, fcntl(q, F_GETFD));
  TRY(mq_send(q, "low", 3, 1));
  TRY(mq_send(q, "high one", 8, 9));
  TRY(mq_send(q, "high two", 8, 9));
  TRY(mq_send(q, "middle", 6, 5));
  state("full", q);
  struct mq_attr set = {O_NONBLOCK, 1, 1, 1}, old;
  TRY(mq_setattr(q, &set, &old));
  state("set", q);
  set.mq_flags = O_NONBLOCK | O_APPEND;
  TRY(mq_setattr(q, &set, 0));
  TRY(mq_send(q, "no room", 7, 1));
  get(q, 15);
  get(q, 16);
  get(q, 16);
  get(q, 16);
  get(q, 8192);
  get(q, 16);
  TRY(mq_send(q, "0123456789abcdefg", 17, 0));
  TRY(mq_send(q, "", 0, 32767));
  TRY(mq_send(q, "", 0, 32768));
  TRY(syscall(SYS_mq_timedsend, q, (void *)8, 3, 0, 0));
  get(q, 16);
  TRY(mq_send(q, "lost", 4, 0));
  TRY(syscall(SYS_mq_timedreceive, q, (void *)8, 16, 0, 0));
  state("lost", q);
  TRY(mq_send(1, "x", 1, 0));
  TRY(mq_send(99, "x", 1, 0));
  mqd_t reader = mq_open("/q", O_RDONLY), writer = mq_open("/q", O_WRONLY | O_NONBLOCK);
  TRY(mq_send(reader, "x", 1, 0));
  get(writer, 16);
  TRY(mq_send(writer, "through another", 15, 0));
  get(reader, 16);
  char line[100] = "";
  mq_send(q, "12345", 5, 0);
  SHOW(pread(q, line, sizeof line, 0));
  printf("%s", line);
  SHOW(read(q, line, 10));
  SHOW(lseek(q, 0, SEEK_CUR));
  SHOW(write(q, "x", 1));
  // The name goes, the queue stays while it is open.
  TRY(mq_unlink("/q"));
  TRY(mq_open("/q", O_RDWR));
  state("unlinked", q);
  get(q, 16);
  TRY(mq_close(q));
  TRY(mq_close(q));
  mq_close(reader), mq_close(writer);
  // Attributes beyond the limits, of which the hard ones hold for everybody.
  struct mq_attr many = {0, 11, 8}, large = {0, 1, 8193}, none = {0, 0, 8}, nothing = {0, 1, 0}, huge = {0, 65537, 1}, whale = {0, 1, (16 << 20) + 1};
  struct mq_attr costly = {0, 10, 5000}, fits = {0, 9, 5000}, small = {0, 1, 5000};
  TRY(mq_open("/none", O_RDWR | O_CREAT, 0600, &none));
  TRY(mq_open("/none", O_RDWR | O_CREAT, 0600, &nothing));
  TRY(mq_open("/none", O_RDWR | O_CREAT, 0600, &huge));
  TRY(mq_open("/none", O_RDWR | O_CREAT, 0600, &whale));
  TRY(q = mq_open("/default", O_RDWR | O_CREAT, 0640, 0));
  state("default", q);
  fflush(stdout);
  if (fork() == 0) {
    struct rlimit limit = {48000, 48000};
    MUST(setrlimit(RLIMIT_MSGQUEUE, &limit) == 0);
    MUST(setgid(1000) == 0 && setuid(1000) == 0);
    TRY(mq_open("/many", O_RDWR | O_CREAT, 0600, &many));
    TRY(mq_open("/large", O_RDWR | O_CREAT, 0600, &large));
    TRY(mq_open("/costly", O_RDWR | O_CREAT, 0600, &costly));
    TRY(q = mq_open("/fits", O_RDWR | O_CREAT, 0600, &fits));
    TRY(mq_open("/small", O_RDWR | O_CREAT, 0600, &small));
    TRY(mq_unlink("/fits"));
    TRY(mq_open("/small", O_RDWR | O_CREAT, 0600, &small));
    mq_close(q);
    TRY(mq_open("/small", O_RDWR | O_CREAT, 0600, &small));
    TRY(mq_unlink("/small"));
    TRY(mq_open("/default", O_RDONLY));
    TRY(mq_open("/own", O_RDONLY | O_CREAT, 0200, &a));
    TRY(mq_open("/own", O_RDONLY));
    TRY(mq_open("/own", O_WRONLY));
    TRY(mq_unlink("/default"));
    TRY(mq_unlink("/own"));
    exit(0);
  }
  wait(0);
  TRY(mq_unlink("/default"));
  return 0;
}
