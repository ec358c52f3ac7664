#include "guest.h"
#include <dirent.h>
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
/* Mount options of proc: who sees whose processes (hidepid, gid), and nothing but processes (subset). */
static pid_t roots, users;
static int listed(const char *folder, const char *name) {
  DIR *d = opendir(folder);
  if (!d) return -1;
  int found = 0;
  for (struct dirent *e; (e = readdir(d));) found |= strcmp(e->d_name, name) == 0;
  closedir(d);
  return found;
}
static void look(const char *what, pid_t pid) {
  char path[64], name[16];
  snprintf(name, sizeof name, "%d", pid);
  printf("%s: listed %d", what, listed("p", name));
  snprintf(path, sizeof path, "p/%d", pid);
  struct stat s;
  printf(", stat %s", stat(path, &s) ? error_name(errno) : "yes");
  int fd = open(path, O_RDONLY | O_DIRECTORY);
  printf(", open %s", fd < 0 ? error_name(errno) : "yes");
  close(fd);
  printf(", access %s", access(path, R_OK) ? error_name(errno) : "yes");
  int here = open(".", O_RDONLY);
  printf(", chdir %s", chdir(path) ? error_name(errno) : "yes");
  MUST(fchdir(here) == 0);
  close(here);
  snprintf(path, sizeof path, "p/%d/stat", pid);
  fd = open(path, O_RDONLY);
  printf(", stat file %s", fd < 0 ? error_name(errno) : "yes");
  close(fd);
  snprintf(path, sizeof path, "p/%d/fd", pid);
  printf(", fd %s", stat(path, &s) ? error_name(errno) : "yes");
  snprintf(path, sizeof path, "p/%d/nothing", pid);
  printf(", nothing %s", stat(path, &s) ? error_name(errno) : "yes");
  puts("");
}
static void as(const char *who, int uid, int gid) {
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    MUST(setgroups(0, 0) == 0 && setresgid(gid, gid, gid) == 0 && setresuid(uid, uid, uid) == 0);
    printf("-- %s\n", who);
    look("root's", roots);
    look("user's", users);
    look("own", getpid());
    printf("meminfo %s", access("p/meminfo", R_OK) ? error_name(errno) : "yes");
    printf(", listed %d", listed("p", "meminfo"));
    printf(", self %s, thread-self %s", access("p/self/stat", R_OK) ? error_name(errno) : "yes", access("p/thread-self/stat", R_OK) ? error_name(errno) : "yes");
    printf(", sys %s, mounts %s\n", access("p/sys/kernel/hostname", R_OK) ? error_name(errno) : "yes", access("p/mounts", R_OK) ? error_name(errno) : "yes");
    fflush(stdout);
    _exit(0);
  }
  waitpid(p, 0, 0);
}
static void options(void) {
  FILE *f = fopen("/proc/self/mounts", "r");
  char line[1024], wanted[96];
  snprintf(wanted, sizeof wanted, " %s/p ", guest_folder);
  while (fgets(line, sizeof line, f)) {
    if (!strstr(line, wanted)) continue;
    char *o = strstr(line, " proc ") + 6;
    o[strcspn(o, " ")] = 0;
    puts(o);
  }
  fclose(f);
}
static void with(const char *data) {
  printf("== %s\n", data);
  if (mount("proc", "p", "proc", 0, data)) { printf("%s\n", error_name(errno)); return; }
  options();
  as("root", 0, 0), as("user", 1000, 1000), as("another", 1001, 1001), as("in the group", 1001, 77);
  MUST(umount("p") == 0);
}
static pid_t sleeper(int uid) {
  int ready[2];
  char c;
  MUST(pipe(ready) == 0);
  pid_t p = fork();
  if (p == 0) {
    MUST(setresgid(uid, uid, uid) == 0 && setresuid(uid, uid, uid) == 0);
    prctl(4 /* PR_SET_DUMPABLE */, 1);
    write(ready[1], "r", 1);
    for (;;) pause();
  }
  MUST(read(ready[0], &c, 1) == 1);
  close(ready[0]), close(ready[1]);
  return p;
}
int main(void) {
  setvbuf(stdout, 0, _IOLBF, 0);
  MUST(unshare(CLONE_NEWNS) == 0 && mount("none", "/", 0, MS_REC | MS_PRIVATE, 0) == 0);
  enter_folder();
  MUST(mkdir("p", 0755) == 0 && chmod(".", 0755) == 0);
  MUST(mount("proc", "p", "proc", 0, 0) == 0 && umount("p") == 0);
  roots = sleeper(0), users = sleeper(1000);
  with("hidepid=0");
  with("hidepid=1");
  with("hidepid=2,gid=77");
  with("subset=pid,hidepid=noaccess");
  with("hidepid=3");
  with("hidepid=some");
  with("subset=all");
  with("gid=x");
  with("nothing");
  MUST(mount("proc", "p", "proc", 0, "hidepid=invisible") == 0);
  SHOW(mount("proc", "p", "proc", MS_REMOUNT, "hidepid=off"));
  options();
  SHOW(mount("proc", "p", "proc", MS_REMOUNT, "hidepid=1,gid=5"));
  options();
  SHOW(mount("proc", "p", "proc", MS_REMOUNT, "gid=0,hidepid=ptraceable"));
  options();
  SHOW(mount("proc", "p", "proc", MS_REMOUNT | MS_NOSUID, 0));
  options();
  SHOW(mount("proc", "p", "proc", MS_REMOUNT, "hidepid=9"));
  options();
  umount("p");
  kill(roots, SIGKILL), kill(users, SIGKILL);
  rmdir("p");
  leave_folder();
  return 0;
}
