#include "guest.h"
/* Tables of the memory allocator and of soft interrupts, and /proc/sys/user: forms, and what agrees with other files. */
static char text[1 << 20];
static const char *load(const char *path) {
  int fd = open(path, O_RDONLY), n = 0, r;
  if (fd < 0) return "";
  while ((r = read(fd, text + n, sizeof text - 1 - n)) > 0) n += r;
  text[n] = 0;
  close(fd);
  return text;
}
static void mode(const char *path) {
  struct stat s;
  if (stat(path, &s)) printf("%s: %s\n", path, error_name(errno));
  else printf("%s: %o %d\n", path, s.st_mode, (int)s.st_size);
}
static long number(const char *path) {
  return atol(load(path));
}
int main(void) {
  const char *files[] = {"/proc/buddyinfo", "/proc/zoneinfo", "/proc/slabinfo", "/proc/softirqs", "/proc/sys/user/max_user_namespaces", "/proc/sys/user/max_inotify_watches", "/proc/sys/kernel/ns_last_pid", "/proc/sys/vm/user_reserve_kbytes"};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    MUST(access(files[i], F_OK) == 0);
    mode(files[i]);
  }
  /* Zones of a node, and eleven orders of blocks. */
  load("/proc/buddyinfo");
  long pages = 0;
  int zones = 0, well = 1;
  for (char *line = text; *line; line = strchr(line, '\n') + 1) {
    int node, at;
    char zone[16];
    well &= sscanf(line, "Node %d, zone %15s %n", &node, zone, &at) == 2;
    char *p = line + at;
    for (int order = 0; order < 11; order++) pages += strtol(p, &p, 10) << order;
    zones++;
  }
  printf("zones %d, well formed %d, free %d\n", zones > 0, well, pages > 0);
  load("/proc/zoneinfo");
  int node, free_pages, managed = 0;
  char zone[16];
  MUST(sscanf(text, "Node %d, zone %15s", &node, zone) == 2);
  char *p = strstr(text, "pages free ");
  MUST(p && sscanf(p, "pages free %d", &free_pages) == 1);
  p = strstr(p, "managed ");
  MUST(p && sscanf(p, "managed %d", &managed) == 1);
  printf("free %d, managed %d\n", free_pages >= 0, managed >= free_pages);
  load("/proc/slabinfo");
  printf("slabs %d\n", strncmp(text, "slabinfo - version: 2.1\n# name ", 31) == 0);
  load("/proc/softirqs");
  printf("softirqs %d %d %d\n", strstr(text, "CPU0") != 0, strstr(text, "      NET_RX: ") != 0, strstr(text, "         RCU: ") != 0);
  printf("user namespaces %d\n", number("/proc/sys/user/max_user_namespaces") > 0);
  printf("time namespaces %d\n", number("/proc/sys/user/max_time_namespaces") > 0);
  printf("instances %d\n", number("/proc/sys/user/max_inotify_instances") == number("/proc/sys/fs/inotify/max_user_instances"));
  int fd = open("/proc/softirqs", O_WRONLY);
  SHOW(fd >= 0 ? write(fd, "x", 1) : -2);
  return 0;
}
