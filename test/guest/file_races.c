/* Processes that work on the same files at once: locks that exclude, O_APPEND, O_EXCL, link and rename as atomic steps. */
#include "guest.h"
#include <dirent.h>
#include <sched.h>
#include <sys/file.h>
enum { PROCESSES = 5, ROUNDS = 40 };

static void in_children(const char *what, void (*work)(int)) {
  pid_t pids[PROCESSES];
  int failed = 0, status;
  fflush(stdout);
  for (int i = 0; i < PROCESSES; i++)
    if ((pids[i] = fork()) == 0) {
      work(i);
      _exit(0);
    }
  for (int i = 0; i < PROCESSES; i++) {
    waitpid(pids[i], &status, 0);
    failed += status != 0;
  }
  printf("%s: %d failed\n", what, failed);
}
static long number(const char *name) {
  char b[32] = "";
  int f = open(name, O_RDONLY);
  if (f < 0 || read(f, b, sizeof b - 1) < 0) return -1;
  close(f);
  return atol(b);
}
/* Reads, gives others a turn, writes one more. */
static void increment(int f) {
  char b[32] = "";
  MUST(pread(f, b, sizeof b - 1, 0) >= 0);
  long n = atol(b);
  sched_yield();
  sprintf(b, "%-10ld", n + 1);
  MUST(pwrite(f, b, 10, 0) == 10);
}
static void with_flock(int who) {
  int f = open("flock", O_RDWR | O_CREAT, 0600);
  for (int i = 0; i < ROUNDS; i++) {
    MUST(flock(f, LOCK_EX) == 0);
    increment(f);
    MUST(flock(f, LOCK_UN) == 0);
  }
}
static void with_records(int who) {
  int f = open("records", O_RDWR | O_CREAT, 0600);
  struct flock lock = {.l_type = F_WRLCK, .l_len = 10};
  for (int i = 0; i < ROUNDS; i++) {
    lock.l_type = F_WRLCK;
    MUST(fcntl(f, i % 2 ? F_OFD_SETLKW : F_SETLKW, &lock) == 0);
    increment(f);
    lock.l_type = F_UNLCK;
    MUST(fcntl(f, i % 2 ? F_OFD_SETLK : F_SETLK, &lock) == 0);
  }
}
/* A file that only one of them can make. */
static void with_exclusive(int who) {
  int f = open("exclusive", O_RDWR | O_CREAT, 0600);
  for (int i = 0; i < ROUNDS; i++) {
    int l;
    while ((l = open("exclusive.lock", O_CREAT | O_EXCL | O_WRONLY, 0600)) < 0) {
      MUST(errno == EEXIST);
      sched_yield();
    }
    increment(f);
    close(l);
    MUST(unlink("exclusive.lock") == 0);
  }
}
static void with_mkdir(int who) {
  int f = open("mkdir", O_RDWR | O_CREAT, 0600);
  for (int i = 0; i < ROUNDS; i++) {
    while (mkdir("mkdir.lock", 0700)) {
      MUST(errno == EEXIST);
      sched_yield();
    }
    increment(f);
    MUST(rmdir("mkdir.lock") == 0);
  }
}
static void with_link(int who) {
  char own[32];
  sprintf(own, "own%d", who);
  close(open(own, O_CREAT | O_WRONLY, 0600));
  int f = open("link", O_RDWR | O_CREAT, 0600);
  for (int i = 0; i < ROUNDS; i++) {
    while (link(own, "link.lock")) {
      MUST(errno == EEXIST);
      sched_yield();
    }
    struct stat st;
    MUST(stat(own, &st) == 0 && st.st_nlink == 2);
    increment(f);
    MUST(unlink("link.lock") == 0);
  }
  unlink(own);
}
static void with_append(int who) {
  int f = open("append", O_WRONLY | O_APPEND | O_CREAT, 0600);
  char line[300];
  for (int i = 0; i < ROUNDS; i++) {
    memset(line, 'a' + who, sizeof line);
    line[sizeof line - 1] = '\n';
    MUST(write(f, line, sizeof line) == sizeof line);
    if (i % 4 == 0) sched_yield();
  }
}
/* Each replaces the same name by a whole file; nobody ever sees it missing or half. */
static void with_rename(int who) {
  char own[32], text[2000], got[2000];
  sprintf(own, "new%d", who);
  for (int i = 0; i < ROUNDS; i++) {
    memset(text, 'a' + (who + i) % 26, sizeof text);
    int f = open(own, O_CREAT | O_EXCL | O_WRONLY, 0600);
    MUST(write(f, text, sizeof text) == sizeof text);
    close(f);
    MUST(rename(own, "current") == 0);
    sched_yield();
    f = open("current", O_RDONLY);
    MUST(f >= 0 && read(f, got, sizeof got) == sizeof got);
    for (int j = 0; j < (int)sizeof got; j++) MUST(got[j] == got[0]);
    close(f);
  }
}
/* One token, which goes from name to name: it is never there twice, and nobody loses it. */
static void with_token(int who) {
  char from[16], to[16];
  for (int i = 0, moved = 0; moved < 10 && i < 100000; i++) {
    sprintf(from, "token%d", i % 7);
    sprintf(to, "token%d", (i * 3 + who) % 7);
    if (strcmp(from, to) == 0) continue;
    if (syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 1) == 0) moved++, sched_yield();
    else MUST(errno == ENOENT || errno == EEXIST);
  }
}
static void with_directories(int who) {
  char a[32], b[32];
  for (int i = 0; i < ROUNDS; i++) {
    sprintf(a, "tree/%d", (who + i) % 3);
    sprintf(b, "tree/%d/%d", (who + i + 1) % 3, who);
    if (mkdir(a, 0700)) MUST(errno == EEXIST || errno == ENOENT);
    if (rename(a, b)) MUST(errno == EINVAL || errno == ENOENT || errno == ENOTEMPTY || errno == EEXIST);
    sched_yield();
  }
}
static long count(const char *name) {
  DIR *d = opendir(name);
  char below[512];
  long n = 0;
  struct stat st;
  MUST(d && stat(name, &st) == 0);
  for (struct dirent *e; (e = readdir(d));)
    if (e->d_name[0] != '.') sprintf(below, "%s/%s", name, e->d_name), n++, count(below), rmdir(below);
  closedir(d);
  if (n + 2 != (long)st.st_nlink) printf("%s has %ld directories and %ld links\n", name, n, (long)st.st_nlink);
  return n;
}

int main(void) {
  enter_folder();
  static const struct {
    const char *name;
    void (*work)(int);
  } counters[] = {{"flock", with_flock}, {"records", with_records}, {"exclusive", with_exclusive}, {"mkdir", with_mkdir}, {"link", with_link}};
  for (int i = 0; i < 5; i++) {
    in_children(counters[i].name, counters[i].work);
    printf("%ld\n", number(counters[i].name));
    unlink(counters[i].name);
  }
  in_children("append", with_append);
  static char all[PROCESSES * ROUNDS * 300 + 1];
  int f = open("append", O_RDONLY), whole = 0;
  printf("%ld bytes\n", (long)read(f, all, sizeof all));
  for (int i = 0; i < PROCESSES * ROUNDS; i++) {
    char *line = all + i * 300;
    int same = line[299] == '\n';
    for (int j = 1; j < 299; j++) same &= line[j] == line[0];
    whole += same;
  }
  printf("%d lines whole\n", whole);
  unlink("append");
  close(open("current", O_CREAT | O_WRONLY, 0600));
  in_children("rename", with_rename);
  unlink("current");
  close(open("token3", O_CREAT | O_WRONLY, 0600));
  in_children("token", with_token);
  int tokens = 0;
  for (int i = 0; i < 7; i++) {
    char name[16];
    sprintf(name, "token%d", i);
    tokens += unlink(name) == 0;
  }
  printf("%d token\n", tokens);
  mkdir("tree", 0700);
  in_children("directories", with_directories);
  count("tree");
  SHOW(rmdir("tree"));
  leave_folder();
  return 0;
}
