/* statmount(2) and listmount(2), and the ids of mounts that statx(2) gives. */
#include "guest.h"
#include "acl.h"
#ifndef SYS_statmount
#define SYS_statmount 457
#define SYS_listmount 458
#endif
struct request { uint32_t size, fd; uint64_t id, parameter, namespace_id; };
struct answer {
  uint32_t size, options;
  uint64_t mask;
  uint32_t major, minor;
  uint64_t magic;
  uint32_t flags, type;
  uint64_t id, parent;
  uint32_t old_id, old_parent;
  uint64_t attributes, propagation, peers, master, from;
  uint32_t root, point;
  uint64_t namespace_id;
  uint32_t subtype, source, option_count, option_array, security_count, security_array;
  uint64_t supported, rest[45];
  char text[4096];
};
static struct answer a;
static uint64_t id_of(const char *path, int unique) {
  unsigned char s[256] = {0};
  MUST(syscall(SYS_statx, AT_FDCWD, path, 0, unique ? 0x4000 : 0x1000, s) == 0);
  MUST((*(uint32_t *)s & 0x5000) == (unique ? 0x4000 : 0x1000));
  return *(uint64_t *)(s + 144);
}
static long ask(uint64_t id, uint64_t mask, size_t size) {
  struct request r = {32, 0, id, mask, 0};
  memset(&a, 0x55, sizeof a);
  return syscall(SYS_statmount, &r, &a, size, 0);
}
/* What is below the folder of this program. */
static const char *local(const char *path) {
  size_t n = strlen(acl_folder);
  return strncmp(path, acl_folder, n) ? path : path + n;
}
static void tell(const char *path, uint64_t mask) {
  uint64_t id = id_of(path, 1);
  if (ask(id, mask, sizeof a) != 0) { printf("%s: %s\n", path, error_name(errno)); return; }
  printf("%s %lx: mask %lx", path, mask, a.mask);
  if (mask & 1) printf(" device %d magic %lx flags %x", a.major == 0 && a.minor != 0, a.magic, a.flags);
  if (mask & 2)
    printf(" id %d %d parent %d attributes %lx propagation %lx peers %d master %d", a.id == id, a.old_id == id_of(path, 0),
           a.parent >> 31 == 1 && a.parent != id, a.attributes, a.propagation, a.peers != 0, a.master != 0);
  if (mask & 4) printf(" from %d", a.from != 0 && a.from == a.master);
  if (mask & 8) printf(" root %s", a.text + a.root);
  if (mask & 0x10) printf(" point \"%s\"", local(a.text + a.point));
  if (mask & 0x20) printf(" type %s", a.text + a.type);
  if (mask & 0x40) printf(" namespace %d", a.namespace_id != 0);
  if (mask & 0x200) printf(" source %s", a.text + a.source);
  if (mask & 0x1000) printf(" supported %lx", a.supported & 0xfff);
  printf(" size %ld rest %lx\n", (long)a.size - (long)(mask & 0x10 ? strlen(a.text + a.point) : 0), a.rest[40]);
}
static void list(const char *what, uint64_t id, uint64_t last, size_t count, int flags) {
  uint64_t ids[64];
  struct request r = {32, 0, id, last, 0};
  long n = syscall(SYS_listmount, &r, ids, count, flags);
  printf("%s: %ld", what, n);
  for (long i = 0; i < n; i++) {
    MUST(ask(ids[i], 0x10, sizeof a) == 0);
    printf(" %s", local(a.text + a.point));
  }
  puts(n < 0 ? error_name(errno) : "");
}

int main(void) {
  acl_enter();
  MUST(mkdir("a", 0755) == 0 && mkdir("b", 0755) == 0 && mkdir("c", 0755) == 0 && mkdir("e", 0755) == 0);
  uint64_t id = id_of(".", 1);
  /* As of Linux 6.18: a namespace is given by a descriptor. */
  struct request r = {32, open("/proc/self/ns/mnt", O_RDONLY), id, 3, 0};
  MUST(syscall(SYS_statmount, &r, &a, sizeof a, 0) == 0);
  close(r.fd);
  r.fd = 0;
  MUST(mount("src", "a", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOATIME, "mode=711") == 0 && mkdir("a/in", 0755) == 0 && mkdir("a/x", 0755) == 0);
  MUST(mount("inner", "a/in", "tmpfs", MS_RDONLY | MS_NOEXEC, 0) == 0 && mount("a/x", "b", 0, MS_BIND, 0) == 0);
  MUST(mount(0, "a", 0, MS_SHARED, 0) == 0 && mount("none", "c", "proc", 0, 0) == 0 && mount("a", "e", 0, MS_BIND, 0) == 0);
  MUST(mount(0, "e", 0, MS_SLAVE, 0) == 0 && mount(0, "b", 0, MS_UNBINDABLE, 0) == 0);
  const char *all[] = {".", "a", "a/in", "b", "c", "e"};
  for (int i = 0; i < 6; i++) {
    tell(all[i], 0x27f);
    tell(all[i], 3);
    tell(all[i], 0x200);
    tell(all[i], 0x10);
    tell(all[i], 0);
  }
  tell("a", 0x1000);
  /* Sizes: the fixed part as far as it goes, the strings whole. */
  id = id_of("a", 1);
  SHOW(ask(id, 3, 0));
  SHOW(ask(id, 3, 16));
  printf("%d %lx %lx\n", a.size, a.mask, a.magic);
  SHOW(ask(id, 3, 512));
  static const int sizes[] = {0, 100, 512, 513, 518, 519, 600};
  for (int i = 0; i < 7; i++) {
    printf("%d: ", sizes[i]);
    SHOW(ask(id, 0x20, sizes[i]));
  }
  /* Requests that are none. */
  r = (struct request){24, 0, id, 3, 0};
  SHOW(syscall(SYS_statmount, &r, &a, sizeof a, 0));
  SHOW(syscall(SYS_statmount, &r, &a, sizeof a, 1));
  r.size = 23;
  SHOW(syscall(SYS_statmount, &r, &a, sizeof a, 0));
  r.size = 4097;
  SHOW(syscall(SYS_statmount, &r, &a, sizeof a, 0));
  static unsigned char large[4096];
  r.size = 4096;
  memcpy(large, &r, sizeof r);
  SHOW(syscall(SYS_statmount, large, &a, sizeof a, 0));
  large[40] = 1;
  SHOW(syscall(SYS_statmount, large, &a, sizeof a, 0));
  SHOW(syscall(SYS_statmount, 16, &a, sizeof a, 0));
  r.size = 32;
  SHOW(syscall(SYS_statmount, &r, 16, sizeof a, 0));
  static const uint64_t wrong[] = {0, 1, 1ul << 31, (1ul << 31) + (1ul << 30), ~0ul};
  for (int i = 0; i < 5; i++) {
    r.id = wrong[i];
    SHOW(syscall(SYS_statmount, &r, &a, sizeof a, 0));
  }
  r.id = id, r.namespace_id = 5;
  SHOW(syscall(SYS_statmount, &r, &a, sizeof a, 0));
  r.namespace_id = 0, r.fd = 1234;
  SHOW(syscall(SYS_statmount, &r, &a, sizeof a, 0));
  r.fd = open("/proc/self/ns/mnt", O_RDONLY);
  if ((int)r.fd < 0) r.fd = open("c/self/ns/mnt", O_RDONLY);
  SHOW(syscall(SYS_statmount, &r, &a, sizeof a, 0));
  r.namespace_id = 5;
  SHOW(syscall(SYS_statmount, &r, &a, sizeof a, 0));
  r.namespace_id = 0, r.fd = open("a", O_RDONLY);
  SHOW(syscall(SYS_statmount, &r, &a, sizeof a, 0));

  id = id_of(".", 1);
  uint64_t in = id_of("a/in", 1);
  list("all below", id, 0, 64, 0);
  list("backwards", id, 0, 64, 1);
  list("two", id, 0, 2, 0);
  list("after one", id, in, 64, 0);
  list("before one", id, in, 64, 1);
  list("none", id, 0, 0, 0);
  list("below a", id_of("a", 1), 0, 64, 0);
  list("below a/in", in, 0, 64, 0);
  list("wrong flag", id, 0, 64, 2);
  list("wrong start", id, 5, 64, 0);
  list("too many", id, 0, 1000001, 0);
  list("no mount", (1ul << 31) + (1ul << 30), 0, 64, 0);
  list("wrong id", 7, 0, 64, 0);
  r = (struct request){32, 0, id, 0, 0};
  SHOW(syscall(SYS_listmount, &r, 0, 4, 0));
  SHOW(syscall(SYS_listmount, &r, 0, 0, 0));
  /* From another root. */
  fflush(stdout);
  for (int user = 0; user < 2; user++)
    if (fork() == 0) {
      MUST(chroot("a") == 0);
      if (user) MUST(setgid(5) == 0 && setuid(5) == 0);
      list("from the root", ~0ul, 0, 64, 0);
      tell("/", 0x18);
      tell("/in", 0x18);
      tell(".", 0x10);
      list("outside", id, 0, 64, 0);
      fflush(stdout);
      _exit(0);
    } else wait(0);
  acl_leave();
  return 0;
}
