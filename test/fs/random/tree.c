/*
 * Random operations on a tree of files, the same for the same seed: natively on a tmpfs and in Binlet what they answer and
 * what the tree then is must be equal.
 *
 *   tree DIRECTORY SEED OPERATIONS EVERY [FIRST LAST]
 *
 * After each EVERY operations it prints how many there were, a digest of all that they answered, and one of the whole tree
 * (names, types, modes, owners, sizes, blocks, links, contents, attributes). Operations FIRST to LAST are printed one by one,
 * and after LAST each file of the tree is. With OPERATIONS 0 it only fills the directory with a tree to begin from.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#define MAX_SIZE 40000
#define OPEN_FILES 10
#ifndef RENAME_WHITEOUT
#define RENAME_WHITEOUT 4
#endif

static uint64_t state, answers = 1;
static int printing;
static int files[OPEN_FILES];
static unsigned char data[MAX_SIZE], other[MAX_SIZE + 4096];

static unsigned rnd(unsigned below) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (unsigned)(state >> 33) % below;
}
static uint64_t mix(uint64_t h, uint64_t v) {
  h = (h ^ v) * 0x9e3779b97f4a7c15u;
  return h ^ h >> 29;
}
static uint64_t mix_bytes(uint64_t h, const void *p, size_t n) {
  const unsigned char *b = p;
  uint64_t v;
  for (; n >= 8; n -= 8, b += 8) memcpy(&v, b, 8), h = mix(h, v);
  for (; n; n--) h = mix(h, *b++);
  return h;
}

/* What an operation answered. */
static long say(long result, const char *format, ...) {
  int error = result == -1 ? errno : 0;
  answers = mix(mix(answers, (uint64_t)result), (uint64_t)error);
  if (printing) {
    va_list list;
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    printf(" = %ld%s%s\n", result, error ? " " : "", error ? strerror(error) : "");
    fflush(stdout);
  }
  return result;
}

/* A path of one to three names, here and there with a slash or dots too many. */
static const char *path(void) {
  static char paths[4][64];
  static int next;
  char *p = paths[next++ % 4];
  int depth = 1 + rnd(3), n = 0;
  for (int i = 0; i < depth; i++) n += sprintf(p + n, "%s%c", i ? "/" : "", 'a' + rnd(7));
  if (rnd(40) == 0) strcpy(p + n, "/");
  if (rnd(60) == 0) strcpy(p + n, "/.");
  if (rnd(60) == 0) strcpy(p + n, "/../x");
  return p;
}
static int slot(void) { return rnd(OPEN_FILES); }
static mode_t mode(void) {
  mode_t m = rnd(3) ? 0666 | rnd(512) : rnd(010000);
  if (m & 022) m &= ~01000; /* what sticky writable directories protect is a matter of sysctls */
  return m;
}
static void fill(size_t n) {
  unsigned v = rnd(1u << 31) | 1;
  for (size_t i = 0; i < n; i++) data[i] = (v = v * 1664525 + 1013904223) >> 24;
}
static unsigned length(void) { return rnd(4) ? rnd(6000) : rnd(MAX_SIZE); }
static unsigned offset(void) { return rnd(3) ? rnd(MAX_SIZE / 2) : rnd(8) * 4096; }

/* An access control list as an attribute's value, here and there one that is none (acl(5)). */
static int list_of_rights(unsigned char *value) {
  static const struct { int tag, id; } entries[] = {{1, -1}, {2, 6}, {2, 13}, {4, -1}, {8, 6}, {8, 13}, {16, -1}, {32, -1}};
  int n = 4, named = rnd(3);
  memcpy(value, "\2\0\0\0", 4);
  for (int i = 0; i < 8; i++) {
    if ((i == 1 || i == 2 || i == 4 || i == 5) && (!named || rnd(2))) continue;
    if (i == 6 && !named && rnd(2)) continue;
    if (rnd(60) == 0) continue;
    unsigned char entry[8] = {entries[i].tag, 0, rnd(8), 0, entries[i].id, entries[i].id >> 8, entries[i].id >> 16, entries[i].id >> 24};
    memcpy(value + n, entry, 8);
    n += 8;
  }
  return rnd(100) ? n : n - rnd(9);
}

static int is_device(const char *p) {
  struct stat st;
  return stat(p, &st) == 0 && S_ISCHR(st.st_mode);
}
static void keep(int fd) {
  int i = slot();
  if (fd < 0) return;
  if (files[i] >= 0) close(files[i]);
  files[i] = fd;
}
static void show_stat(int result, const struct stat *st) {
  if (result < 0) return;
  say(st->st_mode, " mode");
  say(st->st_nlink, " nlink");
  say(st->st_size, " size");
  say(st->st_uid * 65536l + st->st_gid, " owner");
  say(st->st_blocks, " blocks");
}

/* Who makes the next operations. */
static void become(int id) {
  static const gid_t group = 6;
  setfsuid(0);
  if (setgroups(id == 13, &group)) exit(98);
  setfsgid(id);
  setfsuid(id);
  if (printing) printf("as %d ", id);
}

static void with_descriptor(int fd) {
  unsigned at = offset(), n = length();
  struct stat st;
  /* What a pipe holds depends on how it was written, in pages. */
  if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) && n > 100) n = 0;
  switch (rnd(24)) {
    case 0: case 1: case 2: fill(n); say(write(fd, data, n), "write(%d, %u)", fd, n); break;
    case 3: case 4: case 5: fill(n); say(pwrite(fd, data, n, at), "pwrite(%d, %u, %u)", fd, n, at); break;
    case 6: case 7: {
      long got = say(pread(fd, other, n, at), "pread(%d, %u, %u)", fd, n, at);
      if (got > 0) say((long)mix_bytes(1, other, got), " bytes");
      break;
    }
    case 8: {
      long got = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? say(read(fd, other, n), "read(%d, %u)", fd, n) : -1;
      if (got > 0) say((long)mix_bytes(1, other, got), " bytes");
      break;
    }
    case 9: say(ftruncate(fd, at), "ftruncate(%d, %u)", fd, at); break;
    case 10: {
      static const int modes[] = {0, 0, 1, 3, 3, 3, 2, 8, 16, 32, 64};
      int m = modes[rnd(11)];
      say(fallocate(fd, m, at, n), "fallocate(%d, %d, %u, %u)", fd, m, at, n);
      break;
    }
    case 11: {
      int whence = rnd(5);
      say(lseek(fd, at, whence), "lseek(%d, %u, %d)", fd, at, whence);
      break;
    }
    case 12: case 13: {
      if (fstat(fd, &st) || !S_ISREG(st.st_mode) || at >= st.st_size) break;
      at &= ~4095u;
      if (n > st.st_size - at) n = st.st_size - at;
      if (n == 0) break;
      unsigned char *p = mmap(0, n, PROT_READ | PROT_WRITE, MAP_SHARED, fd, at);
      say(p == MAP_FAILED ? -1 : 0, "mmap(%d, %u, %u)", fd, at, n);
      if (p == MAP_FAILED) break;
      say((long)mix_bytes(1, p, n), " bytes");
      fill(n);
      memcpy(p, data, n);
      munmap(p, n);
      break;
    }
    case 14: { int r = fstat(fd, &st); say(r, "fstat(%d)", fd); show_stat(r, &st); break; }
    case 15: { mode_t m = mode(); say(fchmod(fd, m), "fchmod(%d, %o)", fd, m); break; }
    case 16: { int u = rnd(3) * 7 - 1, g = rnd(3) * 7 - 1; say(fchown(fd, u, g), "fchown(%d, %d, %d)", fd, u, g); break; }
    case 17: {
      const char *to = path();
      char from[32];
      become(0); /* what others may link is a matter of a sysctl */
      sprintf(from, "/proc/self/fd/%d", fd);
      if (rnd(2)) say(linkat(AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW), "linkat(%s, %s)", from, to);
      else say(linkat(fd, "", AT_FDCWD, to, AT_EMPTY_PATH), "linkat(%d, %s)", fd, to);
      break;
    }
    case 18: {
      struct flock lock = {.l_type = rnd(3), .l_start = rnd(50), .l_len = rnd(50)};
      say(fcntl(fd, F_OFD_SETLK, &lock), "lock(%d, %d, %ld, %ld)", fd, lock.l_type, (long)lock.l_start, (long)lock.l_len);
      break;
    }
    case 19: {
      struct flock lock = {.l_type = rnd(2), .l_start = rnd(50), .l_len = rnd(50)};
      if (say(fcntl(fd, F_OFD_GETLK, &lock), "getlk(%d)", fd) == 0) say(lock.l_type, " type");
      break;
    }
    case 20: {
      static const int how[] = {LOCK_SH, LOCK_EX, LOCK_UN};
      int h = how[rnd(3)];
      say(flock(fd, h | LOCK_NB), "flock(%d, %d)", fd, h);
      break;
    }
    case 21: {
      int to = files[slot()];
      /* Nor does anyone say what becomes of a copy over itself. */
      ino_t inode = st.st_ino;
      if (to >= 0 && fstat(to, &st) == 0 && (S_ISFIFO(st.st_mode) || st.st_ino == inode)) break;
      off_t from = at, target = offset();
      if (to < 0) break;
      long moved = rnd(2) ? say(copy_file_range(fd, &from, to, &target, n, 0), "copy_file_range(%d, %u, %d, %u)", fd, at, to, n)
                          : say(sendfile(to, fd, &from, n), "sendfile(%d, %d, %u, %u)", to, fd, at, n);
      if (moved >= 0) say(from * 100000 + target, " offsets");
      break;
    }
    case 22: {
      char name[16], buffer[512];
      sprintf(name, rnd(2) ? "user.%c" : "trusted.%c", 'a' + rnd(3));
      fill(100);
      switch (rnd(4)) {
        case 0: case 1: say(fsetxattr(fd, name, data, rnd(100), rnd(3)), "fsetxattr(%d, %s)", fd, name); break;
        case 2: say(fremovexattr(fd, name), "fremovexattr(%d, %s)", fd, name); break;
        case 3: say(fgetxattr(fd, name, buffer, rnd(120)), "fgetxattr(%d, %s)", fd, name); break;
      }
      break;
    }
    case 23: {
      struct timespec times[2] = {{rnd(1u << 30), rnd(1000000000)}, {rnd(1u << 30), rnd(2) ? UTIME_NOW : UTIME_OMIT}};
      if (say(futimens(fd, times), "futimens(%d)", fd) == 0 && fstat(fd, &st) == 0) say(st.st_atim.tv_sec + st.st_atim.tv_nsec, " atime");
      break;
    }
  }
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void with_path(void) {
  const char *p = path();
  struct stat st;
  switch (rnd(32)) {
    case 0: case 1: case 2: case 3: case 4: case 5: case 6: {
      int flags = rnd(3) | (rnd(3) ? O_CREAT : 0) | (rnd(5) ? 0 : O_EXCL) | (rnd(6) ? 0 : O_TRUNC) | (rnd(6) ? 0 : O_APPEND) |
                  (rnd(8) ? 0 : O_NOFOLLOW) | (rnd(10) ? 0 : O_DIRECTORY) | (rnd(20) ? 0 : O_PATH) | (rnd(20) ? 0 : O_NOATIME);
      mode_t m = mode();
      if (!(flags & O_CREAT)) flags &= ~O_EXCL;
      if (is_device(p)) break;
      int fd = open(p, flags | O_NONBLOCK, m);
      say(fd, "open(%s, %x, %o)", p, flags, m);
      keep(fd);
      break;
    }
    case 7: case 8: case 9: { mode_t m = rnd(4) ? 0777 : mode(); say(mkdir(p, m), "mkdir(%s, %o)", p, m); break; }
    case 10: case 11: case 12: say(unlink(p), "unlink(%s)", p); break;
    case 13: case 14: say(rmdir(p), "rmdir(%s)", p); break;
    case 15: case 16: case 17: {
      static const int flags[] = {0, 0, 0, 0, 0, RENAME_NOREPLACE, RENAME_EXCHANGE, RENAME_EXCHANGE, RENAME_WHITEOUT, 3, 6, 5};
      int f = flags[rnd(12)];
      const char *to = path();
      say(syscall(SYS_renameat2, AT_FDCWD, p, AT_FDCWD, to, f), "rename(%s, %s, %d)", p, to, f);
      break;
    }
    case 18: { const char *to = path(); become(0); say(link(p, to), "link(%s, %s)", p, to); break; }
    case 19: {
      char target[80];
      sprintf(target, "%s%s", rnd(3) ? "" : "../", path());
      say(symlink(target, p), "symlink(%s, %s)", target, p);
      break;
    }
    case 20: {
      static const mode_t types[] = {S_IFIFO, S_IFSOCK, S_IFREG, S_IFDIR, S_IFLNK};
      mode_t m = types[rnd(5)] | mode();
      say(mknod(p, m, 0), "mknod(%s, %o)", p, m);
      break;
    }
    case 21: { mode_t m = mode(); say(fchmodat(AT_FDCWD, p, m, 0), "chmod(%s, %o)", p, m); break; }
    case 22: {
      int u = rnd(3) * 7 - 1, g = rnd(3) * 7 - 1, f = rnd(2) * AT_SYMLINK_NOFOLLOW;
      say(fchownat(AT_FDCWD, p, u, g, f), "chown(%s, %d, %d, %x)", p, u, g, f);
      break;
    }
    case 23: { unsigned n = length(); say(truncate(p, n), "truncate(%s, %u)", p, n); break; }
    case 24: {
      int r = rnd(2) ? lstat(p, &st) : stat(p, &st);
      say(r, "stat(%s)", p);
      show_stat(r, &st);
      break;
    }
    case 25: {
      DIR *d = opendir(p);
      say(d ? 0 : -1, "opendir(%s)", p);
      if (!d) break;
      long count = 0;
      uint64_t sum = 0;
      for (struct dirent *e; (e = readdir(d)); count++) sum += mix_bytes(e->d_type, e->d_name, strlen(e->d_name));
      say(count, " entries");
      say((long)sum, " names");
      closedir(d);
      break;
    }
    case 26: { int a = rnd(8); say(access(p, a), "access(%s, %d)", p, a); break; }
    case 27: {
      char target[100];
      long n = say(readlink(p, target, rnd(100)), "readlink(%s)", p);
      if (n > 0) say((long)mix_bytes(1, target, n), " target");
      break;
    }
    case 29: case 30: {
      static const char *const names[] = {"system.posix_acl_access", "system.posix_acl_default"};
      const char *name = names[rnd(2)];
      unsigned char value[128];
      long n;
      switch (rnd(6)) {
        case 0: say(removexattr(p, name), "removexattr(%s, %s)", p, name); break;
        case 1:
          n = say(getxattr(p, name, value, rnd(100)), "getxattr(%s, %s)", p, name);
          if (n > 0) say((long)mix_bytes(1, value, n), " list");
          break;
        default: n = list_of_rights(value); say(setxattr(p, name, value, n, 0), "setxattr(%s, %s, %ld)", p, name, n);
      }
      break;
    }
    case 31: {
      unsigned value[6] = {(2 + rnd(2)) << 24 | rnd(2), rnd(1u << 31), rnd(1u << 31), rnd(512), rnd(512), 0};
      int n = rnd(8) ? value[0] >> 24 == 2 ? 20 : 24 : rnd(25);
      if (rnd(3)) say(lsetxattr(p, "security.capability", value, n, rnd(3)), "setxattr(%s, security.capability, %d)", p, n);
      else if (rnd(2)) say(lgetxattr(p, "security.capability", value, rnd(30)), "getxattr(%s, security.capability)", p);
      else say(lremovexattr(p, "security.capability"), "removexattr(%s, security.capability)", p);
      break;
    }
    case 28: { int f = O_RDWR | O_TMPFILE | (rnd(4) ? 0 : O_EXCL); int fd = open(p, f, mode()); say(fd, "tmpfile(%s, %x)", p, f); keep(fd); break; }
  }
}

/* The whole tree; the order of names in a directory is its own. */
static uint64_t tree(const char *name, uint64_t h) {
  struct stat st;
  if (lstat(name, &st)) return mix(h, errno);
  static char list[4096], value[4096];
  uint64_t content = 1, attributes = 1;
  long n = llistxattr(name, list, sizeof list);
  for (char *p = list; p < list + n; p += strlen(p) + 1) {
    long size = lgetxattr(name, p, value, sizeof value);
    attributes = mix_bytes(mix_bytes(attributes, p, strlen(p)), value, size < 0 ? 0 : size);
  }
  if (S_ISLNK(st.st_mode)) {
    long got = readlink(name, value, sizeof value);
    content = mix_bytes(1, value, got < 0 ? 0 : got);
  }
  if (S_ISREG(st.st_mode)) {
    int fd = open(name, O_RDONLY | O_NOATIME);
    for (long got; (got = read(fd, other, sizeof other)) > 0;) content = mix_bytes(content, other, got);
    close(fd);
  }
  if (printing)
    for (char *p = list; p < list + n; p += strlen(p) + 1) printf("%s %s %ld\n", name, p, lgetxattr(name, p, 0, 0));
  if (printing)
    printf("%s %o %u:%u links %lu size %ld blocks %ld content %" PRIx64 " attributes %" PRIx64 "\n", name, st.st_mode, st.st_uid,
           st.st_gid, (long)st.st_nlink, (long)st.st_size, (long)st.st_blocks, content, attributes);
  h = mix_bytes(h, name, strlen(name));
  h = mix(mix(mix(mix(h, st.st_mode), st.st_nlink), st.st_size), st.st_blocks);
  h = mix(mix(mix(h, st.st_uid * 65536l + st.st_gid), content), attributes);
  if (!S_ISDIR(st.st_mode)) return h;
  DIR *d = opendir(name);
  char *names[64];
  int count = 0;
  for (struct dirent *e; d && (e = readdir(d));)
    if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..") && count < 64) names[count++] = strdup(e->d_name);
  if (d) closedir(d);
  qsort(names, count, sizeof *names, by_name);
  for (int i = 0; i < count; i++) {
    char below[512];
    snprintf(below, sizeof below, "%s/%s", name, names[i]);
    h = tree(below, h);
    free(names[i]);
  }
  return h;
}

/* What a tree may begin with: directories, files, links, modes and owners. */
static void prepare(void) {
  for (int i = 0; i < 400; i++) {
    const char *p = path(), *to = path();
    unsigned n = rnd(3) ? rnd(6000) : rnd(MAX_SIZE);
    int fd;
    switch (rnd(6)) {
      case 0: case 1: mkdir(p, 0755); break;
      case 2: case 3:
        if ((fd = open(p, O_WRONLY | O_CREAT | O_EXCL, 0644)) < 0) break;
        fill(n);
        if (write(fd, data, n) < 0 || fchmod(fd, rnd(512) | 0600) || fchown(fd, 6 * rnd(2), 13 * rnd(2))) exit(97);
        close(fd);
        break;
      case 4: if (link(p, to)) break; break;
      case 5: if (symlink(to, p)) break; break;
    }
  }
}

int main(int argc, char **argv) {
  if (argc < 5 || chdir(argv[1]) || (mkdir("top", 0777) && errno != EEXIST) || chdir("top")) return perror("tree"), 2;
  state = strtoul(argv[2], 0, 0);
  long operations = atol(argv[3]), every = atol(argv[4]);
  long first = argc > 5 ? atol(argv[5]) : -1, last = argc > 6 ? atol(argv[6]) : -1;
  for (int i = 0; i < OPEN_FILES; i++) files[i] = -1;
  umask(0);
  close_range(3, ~0u, 0);
  if (operations == 0) prepare();
  for (long i = 1; i <= operations; i++) {
    printing = i >= first && i <= last;
    if (printing) printf("#%ld ", i);
    if (rnd(12) == 0) become(rnd(3) ? 0 : 6 + 7 * rnd(2));
    int fd = files[slot()];
    if (fd >= 0 && rnd(2)) with_descriptor(fd);
    else with_path();
    if (i % every == 0) {
      become(0);
      printf("%ld operations: answers %016" PRIx64, i, answers);
      fflush(stdout);
      if (printing) printf("\n");
      printf(" tree %016" PRIx64 "\n", tree("..", 1));
      fflush(stdout);
    }
    if (i == last) { printing = 1; become(0); tree("..", 1); return 0; }
  }
  return 0;
}
