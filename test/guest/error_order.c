/* Which of several errors a call tells, and what is no error although it looks like one. */
#include "guest.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>

int main(void) {
  char name[] = "/tmp/error_order.XXXXXX";
  int file = mkstemp(name), pipes[2], none = 999;
  MUST(file >= 0 && unlink(name) == 0 && pipe(pipes) == 0 && write(file, "contents", 8) == 8);
  long *readonly = mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), position = -5;
  /* The position is written back whatever comes of the rest. */
  CALL(sendfile, pipes[1], file, readonly, 4);
  CALL(sendfile, none, file, readonly, 4);
  CALL(sendfile, pipes[1], pipes[0], readonly, 4);
  /* Where it reads is looked at before where it writes. */
  CALL(sendfile, none, file, &position, 4);
  position = 0x7fffffffffffffff;
  CALL(sendfile, none, file, &position, 4);
  position = 2;
  CALL(sendfile, none, file, &position, 4);
  CALL(sendfile, pipes[1], file, &position, 4);
  SHOW(position);

  /* What stays as it is is not looked at any further. */
  static char area[16384];
  struct { void *sp; int flags; size_t size; } stack = {0, SS_DISABLE, 0}, old;
  CALL(sigaltstack, &stack, 0);
  CALL(sigaltstack, &stack, &old);
  SHOW(old.flags == SS_DISABLE && old.size == 0);
  stack.flags = 0;
  CALL(sigaltstack, &stack, 0);
  stack.sp = area, stack.size = sizeof area;
  CALL(sigaltstack, &stack, 0);
  CALL(sigaltstack, &stack, &old);
  SHOW(old.flags == 0 && old.size == sizeof area);

  SHOW(open("./", O_CREAT | O_EXCL, 0600));
  SHOW(open("./", O_CREAT, 0600));
  SHOW(open("/", O_CREAT | O_EXCL, 0600));
  SHOW(open("/tmp/", O_CREAT | O_EXCL, 0600));
  SHOW(open("/tmp", O_CREAT | O_EXCL, 0600));

  struct stat s;
  CALL(newfstatat, AT_FDCWD, "/", &s, 0x2000);
  CALL(newfstatat, AT_FDCWD, 8, &s, 0x6000);
  CALL(newfstatat, AT_FDCWD, 8, &s, 0x200);
  CALL(readahead, file, 0, -1L);
  CALL(readahead, file, 0, 1ul << 62);

  /* Addresses that no program has are bad also where nothing is moved. */
  char byte;
  struct iovec parts[2] = {{&byte, 1}, {(void *)-4096, 0}};
  lseek(file, 0, SEEK_SET);
  SHOW(readv(file, parts, 2));
  SHOW(writev(file, parts + 1, 1));
  parts[1].iov_base = 0;
  SHOW(readv(file, parts, 2));

  /* Whose address is none at all is told before its bytes are looked at. */
  int datagrams = socket(AF_UNIX, SOCK_DGRAM, 0);
  struct sockaddr_un other = {AF_INET};
  SHOW(sendto(datagrams, (void *)8, 5, 0, (void *)&other, sizeof other));
  other.sun_family = AF_UNIX;
  strcpy(other.sun_path, "/nowhere/at all");
  SHOW(sendto(datagrams, (void *)8, 5, 0, (void *)&other, sizeof other));
  SHOW(sendto(datagrams, "hello", 5, 0, (void *)&other, sizeof other));
}
