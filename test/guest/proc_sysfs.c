/* /sys as programs read it: processors, the loopback interface, character devices; sizes, links, errors. Values agree with /proc. */
#include "guest.h"
#include <dirent.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
static char text[4096];
static const char *load(const char *path) {
  int fd = open(path, O_RDONLY), n;
  if (fd < 0) return error_name(errno);
  n = read(fd, text, sizeof text - 1);
  close(fd);
  if (n < 0) return error_name(errno);
  text[n] = 0;
  if (n && text[n - 1] == '\n') text[n - 1] = 0;
  return text;
}
static void has(const char *folder, const char *names) {
  char copy[512], path[256];
  strcpy(copy, names);
  printf("%s:", folder);
  for (char *name = strtok(copy, " "); name; name = strtok(0, " ")) {
    snprintf(path, sizeof path, "%s/%s", folder, name);
    printf(" %s %d", name, access(path, F_OK) == 0);
  }
  puts("");
}
static void leads(const char *path) {
  ssize_t n = readlink(path, text, sizeof text - 1);
  printf("%s -> %.*s\n", path, n < 0 ? 5 : (int)n, n < 0 ? "error" : text);
}
int main(void) {
  struct statfs f;
  struct stat s;
  if (statfs("/sys", &f) || f.f_type != 0x62656572) { puts("no sysfs"); return 0; }
  printf("block size %ld name %ld blocks %ld\n", (long)f.f_bsize, (long)f.f_namelen, (long)f.f_blocks);
  has("/sys", "block bus class dev devices fs kernel module firmware power nothing");
  has("/sys/devices/system/cpu", "online possible present offline kernel_max cpu0 cpu99999");
  has("/sys/devices/system/cpu/cpu0/topology", "core_id physical_package_id thread_siblings thread_siblings_list core_cpus_list package_cpus_list");
  printf("online from 0 %d, possible %d\n", load("/sys/devices/system/cpu/online")[0] == '0', load("/sys/devices/system/cpu/possible")[0] == '0');
  long online = 1;
  const char *range = load("/sys/devices/system/cpu/online");
  if (strchr(range, '-')) online = atol(strchr(range, '-') + 1) + 1;
  printf("sysconf agrees %d\n", sysconf(_SC_NPROCESSORS_ONLN) <= online && sysconf(_SC_NPROCESSORS_CONF) >= online);
  printf("cpu0 %s package %s\n", load("/sys/devices/system/cpu/cpu0/topology/core_id"), load("/sys/devices/system/cpu/cpu0/topology/physical_package_id"));
  leads("/sys/class/net/lo"), leads("/sys/class/mem/null"), leads("/sys/dev/char/1:3"), leads("/sys/dev/char/5:2"), leads("/sys/class/net/lo/subsystem");
  printf("lo: mtu %s type %s index %s address %s\n", "", "", "", load("/sys/class/net/lo/address"));
  printf("%s\n", load("/sys/class/net/lo/mtu")), printf("%s\n", load("/sys/class/net/lo/type")), printf("%s\n", load("/sys/class/net/lo/ifindex"));
  printf("%s\n", load("/sys/class/net/lo/addr_len")), printf("%s\n", load("/sys/class/net/lo/dev_id")), printf("%s\n", load("/sys/class/net/lo/tx_queue_len"));
  printf("%s\n", load("/sys/class/net/lo/uevent"));
  printf("%s\n", load("/sys/devices/virtual/mem/zero/dev")), printf("%s\n", load("/sys/devices/virtual/tty/ptmx/dev"));
  has("/sys/class/net/lo/statistics", "rx_bytes tx_bytes rx_packets tx_errors collisions");
  printf("counted alike %d\n", atol(load("/sys/class/net/lo/statistics/rx_bytes")) >= 0);
  SHOW(stat("/sys/class/net/lo/mtu", &s)), printf("size %ld\n", (long)s.st_size);
  SHOW(stat("/sys/devices/system/cpu/online", &s)), printf("%o size %ld links %d\n", s.st_mode, (long)s.st_size, (int)s.st_nlink);
  SHOW(stat("/sys/devices/system/cpu", &s)), printf("%o\n", s.st_mode);
  SHOW(lstat("/sys/class/net/lo", &s)), printf("%o\n", s.st_mode);
  int fd = open("/sys/class/net/lo/mtu", O_RDONLY);
  if (fd >= 0) {
    SHOW(read(fd, text, 3)), printf("%.3s\n", text);
    SHOW(read(fd, text, 100)), SHOW(read(fd, text, 100)), SHOW(pread(fd, text, 2, 1)), printf("%.2s\n", text);
    SHOW(lseek(fd, 0, SEEK_SET)), SHOW(read(fd, text, 100));
  }
  SHOW(open("/sys/nothing", O_RDONLY));
  SHOW(open("/sys/class/net/nothing/mtu", O_RDONLY));
  SHOW(mkdir("/sys/kernel/made", 0700) == -1);
  SHOW(unlink("/sys/kernel/uevent_seqnum") == -1);
  DIR *d = opendir("/sys/class/net");
  int found = 0;
  for (struct dirent *e; (e = readdir(d));) if (!strcmp(e->d_name, "lo")) found = e->d_type == DT_LNK;
  closedir(d);
  printf("lo is listed %d\n", found);
  return 0;
}
