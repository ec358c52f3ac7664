#include "guest.h"
/* What /proc shows of what has no name any more, and of what has been renamed: maps, exe, cwd, fd, map_files. */
static void shown(const char *what, const char *path) {
  char target[512];
  ssize_t n = readlink(path, target, sizeof target - 1);
  if (n < 0) { printf("%s: %s\n", what, error_name(errno)); return; }
  target[n] = 0;
  char *folder = strstr(target, guest_folder);
  printf("%s: %s\n", what, folder ? folder + strlen(guest_folder) : target);
}
static unsigned long mapped(void *at) {
  FILE *f = fopen("/proc/self/maps", "r");
  char line[1024];
  unsigned long end = 0;
  while (fgets(line, sizeof line, f)) {
    unsigned long a, b;
    int name;
    sscanf(line, "%lx-%lx %*s %*s %*s %*s %n", &a, &b, &name);
    if (a != (unsigned long)at) continue;
    line[strlen(line) - 1] = 0;
    char *folder = strstr(line + name, guest_folder);
    printf("maps: %s\n", folder ? folder + strlen(guest_folder) : line + name);
    end = b;
  }
  fclose(f);
  return end;
}
static void map_file(void *at, unsigned long end) {
  char path[128];
  snprintf(path, sizeof path, "/proc/self/map_files/%lx-%lx", (unsigned long)at, end);
  shown("map_files", path);
  struct stat s;
  printf("stat: %s\n", stat(path, &s) ? error_name(errno) : "found");
  int fd = open(path, O_RDONLY);
  char c = 0;
  if (fd >= 0 && read(fd, &c, 1) == 1) printf("read: %c\n", c);
  if (fd >= 0) close(fd);
}
static void copy(const char *from, const char *to) {
  char buffer[65536];
  int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT, 0755);
  MUST(in >= 0 && out >= 0);
  for (ssize_t n; (n = read(in, buffer, sizeof buffer)) > 0;) MUST(write(out, buffer, n) == n);
  close(in), close(out);
}
static void as_program(const char *pid) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%s/exe", pid);
  shown("exe", path);
  MUST(rename("program", "renamed") == 0);
  shown("exe renamed", path);
  MUST(unlink("renamed") == 0);
  shown("exe unlinked", path);
  struct stat s;
  printf("exe: %s\n", stat(path, &s) ? error_name(errno) : "found");
}
int main(int argc, char **argv) {
  setvbuf(stdout, 0, _IOLBF, 0);
  if (argc > 1) {
    strcpy(guest_folder, argv[1]);
    as_program("self");
    return 0;
  }
  enter_folder();
  int fd = open("file", O_RDWR | O_CREAT, 0600);
  MUST(fd >= 0 && write(fd, "x", 1) == 1);
  void *a = mmap(0, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
  void *b = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  map_file(a, mapped(a));
  MUST(rename("file", "other") == 0);
  map_file(a, mapped(a));
  MUST(mkdir("d", 0700) == 0 && rename("other", "d/moved") == 0);
  map_file(b, mapped(b));
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  shown("fd", path);
  MUST(unlink("d/moved") == 0);
  map_file(b, mapped(b));
  map_file(a, mapped(a));
  shown("fd", path);
  int again = open(path, O_RDONLY);
  char c = 0;
  if (again >= 0) SHOW(read(again, &c, 1));
  close(again);
  /* A file of the same name is another one. */
  int same = open("d/moved", O_RDWR | O_CREAT, 0600);
  mapped(a);
  shown("fd", path);
  MUST(unlink("d/moved") == 0);
  close(same);
  int link_fd = open("first", O_RDWR | O_CREAT, 0600);
  MUST(link("first", "second") == 0);
  void *l = mmap(0, 4096, PROT_READ, MAP_SHARED, link_fd, 0);
  MUST(unlink("first") == 0);
  mapped(l);
  snprintf(path, sizeof path, "/proc/self/fd/%d", link_fd);
  shown("fd", path);
  MUST(unlink("second") == 0);
  MUST(chdir("d") == 0);
  MUST(rmdir("../d") == 0);
  shown("cwd", "/proc/self/cwd");
  MUST(chdir(guest_folder) == 0);
  int memory = memfd_create("name", 0);
  MUST(ftruncate(memory, 4096) == 0);
  void *m = mmap(0, 4096, PROT_READ, MAP_SHARED, memory, 0);
  mapped(m);
  snprintf(path, sizeof path, "/proc/self/fd/%d", memory);
  shown("fd", path);
  void *shared = mmap(0, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  mapped(shared);
  copy("/proc/self/exe", "program");
  pid_t child = fork();
  if (child == 0) {
    execl("./program", "program", guest_folder, (char *)0);
    _exit(99);
  }
  int status;
  MUST(waitpid(child, &status, 0) == child);
  print_status("program", status);
  int tmp = open(guest_folder, O_TMPFILE | O_RDWR, 0600);
  if (tmp >= 0) {
    char target[512];
    snprintf(path, sizeof path, "/proc/self/fd/%d", tmp);
    ssize_t n = readlink(path, target, sizeof target - 1);
    target[n < 0 ? 0 : n] = 0;
    printf("tmpfile: %s\n", strstr(target, " (deleted)") ? "deleted" : target);
  }
  leave_folder();
  return 0;
}
