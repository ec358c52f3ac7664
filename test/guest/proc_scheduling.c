/* /proc/[pid]/stat shows nice values, policies and priorities; links in /proc/[pid]/fd have a size. */
#include "guest.h"
#include <sched.h>
static void fields(pid_t pid) {
  char path[64], text[1024] = "";
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  int fd = open(path, O_RDONLY), n = 2;
  MUST(read(fd, text, sizeof text - 1) > 0);
  close(fd);
  for (char *p = strtok(strrchr(text, ')') + 1, " "); p; p = strtok(0, " "))
    if (++n == 18 || n == 19 || n == 38 || n == 40 || n == 41) printf("%d:%s ", n, p);
  puts("");
  fflush(stdout);
}
int main(void) {
  SHOW(setpriority(PRIO_PROCESS, 0, 7));
  fields(getpid());
  int ends[2];
  char c;
  MUST(pipe(ends) == 0);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) { close(ends[1]); read(ends[0], &c, 1); _exit(0); }
  fields(child);
  SHOW(setpriority(PRIO_PROCESS, child, -5));
  fields(child);
  struct sched_param param = {.sched_priority = 0};
  SHOW(sched_setscheduler(child, SCHED_BATCH, &param));
  fields(child);
  param.sched_priority = 10;
  if (sched_setscheduler(child, SCHED_RR, &param) == 0) fields(child);
  struct stat s;
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
  SHOW(lstat(path, &s));
  printf("size %ld\n", (long)s.st_size);
  close(ends[1]);
  waitpid(child, 0, 0);
  return 0;
}
