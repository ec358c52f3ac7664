/* /proc/self/mem and pagemap; smaps; mappings of another process. */
#include "guest.h"
#define PAGE 4096
static long field(const char *file, unsigned long address, const char *name) {
  FILE *f = fopen(file, "r");
  MUST(f != 0);
  char line[512];
  unsigned long from, to;
  long value = -1;
  int inside = address == 0;
  while (fgets(line, sizeof line, f)) {
    if (sscanf(line, "%lx-%lx ", &from, &to) == 2 && address) inside = from <= address && address < to;
    else if (inside && !strncmp(line, name, strlen(name)) && line[strlen(name)] == ':') value = atol(line + strlen(name) + 1);
  }
  fclose(f);
  return value;
}
static void names(const char *file, int all) {
  FILE *f = fopen(file, "r");
  char line[512];
  unsigned long from, to;
  int areas = 0;
  while (fgets(line, sizeof line, f)) {
    if (sscanf(line, "%lx-%lx ", &from, &to) == 2) { if (areas++ && !all) break; continue; }
    line[strcspn(line, ":")] = 0;
    printf("%s ", line);
  }
  puts("");
  fclose(f);
}
static void flags(unsigned long address) {
  FILE *f = fopen("/proc/self/smaps", "r");
  char line[512];
  unsigned long from, to;
  int inside = 0;
  while (fgets(line, sizeof line, f)) {
    if (sscanf(line, "%lx-%lx ", &from, &to) == 2) inside = from <= address && address < to;
    else if (inside && !strncmp(line, "VmFlags:", 8)) {
      for (char *p = strtok(line + 8, " \n"); p; p = strtok(0, " \n")) if (strcmp(p, "sd") && strcmp(p, "nh") && strcmp(p, "me") ) printf("%s ", p);
      puts("");
    }
  }
  fclose(f);
}
static void shape(unsigned long at) {
  printf("Size %ld Rss %ld Anonymous %ld Private_Dirty %ld Shared_Dirty %ld Locked %ld\n", field("/proc/self/smaps", at, "Size"), field("/proc/self/smaps", at, "Rss"), field("/proc/self/smaps", at, "Anonymous"), field("/proc/self/smaps", at, "Private_Dirty"), field("/proc/self/smaps", at, "Shared_Dirty"), field("/proc/self/smaps", at, "Locked"));
}
int main(void) {
  char b[64] = "";
  char *m = mmap(0, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  MUST(m != MAP_FAILED && munmap(m, PAGE) == 0 && munmap(m + 7 * PAGE, PAGE) == 0);
  m += PAGE;
  unsigned long at = (unsigned long)m;
  shape(at);
  m[0] = m[PAGE] = m[2 * PAGE] = 'x';
  shape(at);
  flags(at);
  MUST(mprotect(m + 5 * PAGE, PAGE, PROT_NONE) == 0);
  int fd = open("/proc/self/mem", O_RDWR);
  strcpy(m, "in memory");
  SHOW(pread(fd, b, 10, at)), puts(b);
  SHOW(pwrite(fd, "written", 8, at)), puts(m);
  SHOW(lseek(fd, at + 1, SEEK_SET) == (long)at + 1);
  SHOW(read(fd, b, 4)), printf("%.4s %d\n", b, lseek(fd, 0, SEEK_CUR) == (long)at + 5);
  SHOW(lseek(fd, 0, SEEK_END));
  SHOW(lseek(fd, -2, SEEK_CUR) == (long)at + 3);
  /* Up to the end of what is mapped. */
  char *big = malloc(4 * PAGE);
  SHOW(pread(fd, big, 4 * PAGE, at + 4 * PAGE));
  SHOW(pread(fd, big, PAGE, at - PAGE));
  SHOW(pread(fd, big, PAGE, 0));
  SHOW(pread(fd, (void *)8, 16, at));
  SHOW(pwrite(fd, (void *)8, 16, at));
  /* Rights of mappings do not count, but a shared mapping is not written against its own. */
  SHOW(pwrite(fd, "hidden", 7, at + 5 * PAGE));
  SHOW(pread(fd, b, 7, at + 5 * PAGE)), puts(b);
  MUST(mprotect(m + 2 * PAGE, PAGE, PROT_READ) == 0);
  SHOW(pwrite(fd, "read-only", 10, at + 2 * PAGE)), puts(m + 2 * PAGE);
  char *shared = mmap(0, PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  SHOW(pwrite(fd, "no", 2, (unsigned long)shared));
  SHOW(pread(fd, b, 2, (unsigned long)shared));
  /* Code is changed under the processor. */
  unsigned char code[] = {0xb8, 1, 0, 0, 0, 0xc3};
  char *x = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memcpy(x, code, sizeof code);
  MUST(mprotect(x, PAGE, PROT_READ | PROT_EXEC) == 0);
  printf("%d ", ((int (*)(void))x)());
  SHOW(pwrite(fd, "\2", 1, (unsigned long)x + 1));
  printf("%d\n", ((int (*)(void))x)());
  /* Mappings as smaps and pagemap have them. */
  char *s = mmap(0, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  s[0] = s[PAGE] = 1;
  shape((unsigned long)s);
  flags((unsigned long)s);
  char *l = mmap(0, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  madvise(l, PAGE * 2, MADV_DONTFORK), madvise(l, PAGE * 2, MADV_DONTDUMP);
  flags((unsigned long)l);
  names("/proc/self/smaps", 0);
  names("/proc/self/smaps_rollup", 1);
  printf("rollup %d\n", field("/proc/self/smaps_rollup", 0, "Rss") >= 12);
  int map = open("/proc/self/pagemap", O_RDONLY);
  uint64_t e[6];
  SHOW(pread(map, e, sizeof e, at / PAGE * 8));
  for (int i = 0; i < 6; i++) printf("%d%d ", (int)(e[i] >> 63), (int)(e[i] >> 61 & 1));
  puts("");
  SHOW(pread(map, e, 16, (unsigned long)s / PAGE * 8)), printf("%d%d\n", (int)(e[0] >> 63), (int)(e[0] >> 61 & 1));
  SHOW(pread(map, e, 8, 0)), printf("%d\n", e[0] == 0);
  SHOW(pread(map, e, 7, 0));
  SHOW(pread(map, e, 8, 4));
  SHOW(pread(map, e, 0, 0));
  /* Another process's, also after its end. */
  int ends[2];
  MUST(pipe(ends) == 0);
  pid_t child = fork();
  if (child == 0) {
    close(ends[1]);
    strcpy(m, "of the child");
    read(ends[0], b, 1);
    _exit(m[0] == 'O' ? 3 : 4);
  }
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/mem", child);
  int other = open(path, O_RDWR);
  for (int i = 0; i < 500; i++) { pread(other, b, 13, at); if (!strcmp(b, "of the child")) break; usleep(1000); }
  puts(b);
  SHOW(pwrite(other, "O", 1, at));
  printf("mine: %s\n", m);
  snprintf(path, sizeof path, "/proc/%d/maps", child);
  int maps = open(path, O_RDONLY);
  close(ends[1]);
  int status;
  waitpid(child, &status, 0);
  print_status("child", status);
  SHOW(pread(other, b, 1, at));
  SHOW(pwrite(other, b, 1, at));
  SHOW(read(maps, b, 10));
  SHOW(open("/proc/self/clear_refs", O_RDONLY) >= 0);
  int clear = open("/proc/self/clear_refs", O_WRONLY);
  SHOW(write(clear, "5", 1));
  SHOW(write(clear, "9", 1));
  SHOW(write(clear, "x", 1));
  return 0;
}
