/* quotactl(2) and quotactl_fd(2) where there are no quotas: on a tmpfs. */
#include "guest.h"
#include "acl.h"
#ifndef SYS_quotactl_fd
#define SYS_quotactl_fd 443
#endif
#define COMMAND(c, kind) ((long)(c) << 8 | (kind))
static char buffer[256];
int main(void) {
  acl_enter();
  int fd = open(".", O_RDONLY), path = open(".", O_PATH);
  /* A kernel that was built without quotas has neither call. */
  MUST(syscall(SYS_quotactl, COMMAND(0x800001, 0), 0, 0, 0) == 0);
  for (int kind = 0; kind < 4; kind++) {
    printf("kind %d\n", kind);
    CALL(quotactl, COMMAND(0x800001, kind), 0, 0, 0);
    CALL(quotactl, COMMAND(0x800007, kind), 0, 0, buffer);
    CALL(quotactl, COMMAND(0x800007, kind), "missing", 0, buffer);
    CALL(quotactl, COMMAND(0x800007, kind), ".", 0, buffer);
    CALL(quotactl, COMMAND(0x800007, kind), "/dev/null", 0, buffer);
    CALL(quotactl, COMMAND(0x800001, kind), ".", 0, 0);
    CALL(quotactl, COMMAND(0x800007, kind), 16, 0, buffer);
    CALL(quotactl_fd, fd, COMMAND(0x800001, kind), 0, 0);
    CALL(quotactl_fd, fd, COMMAND(0x800007, kind), 0, buffer);
    CALL(quotactl_fd, path, COMMAND(0x800007, kind), 0, buffer);
    CALL(quotactl_fd, fd, COMMAND(0x123456, kind), 0, buffer);
    CALL(quotactl_fd, 99, COMMAND(0x800007, kind), 0, buffer);
  }
  MUST(mount(0, acl_folder, 0, MS_REMOUNT | MS_BIND | MS_RDONLY, 0) == 0);
  CALL(quotactl_fd, fd, COMMAND(0x800008, 0), 0, buffer);
  CALL(quotactl_fd, fd, COMMAND(0x800007, 0), 0, buffer);
  CALL(quotactl_fd, fd, COMMAND(0x800002, 0), 0, buffer);
  close(fd);
  close(path);
  acl_leave();
  return 0;
}
