/* name_to_handle_at(2), open_by_handle_at(2): handles of files on a tmpfs, by path and descriptor, after moves, gone. */
#include "guest.h"
static struct { struct file_handle h; unsigned char bytes[128]; } a, b;
static int mount_id, other_id;
int main(void) {
  strcpy(guest_folder, "/dev/shm/guest.XXXXXX");
  MUST(mkdtemp(guest_folder) && chdir(guest_folder) == 0);
  int f = open("f", O_RDWR | O_CREAT, 0600);
  MUST(write(f, "text", 4) == 4);
  symlink("f", "s");
  mkdir("d", 0700);
  a.h.handle_bytes = 0;
  SHOW(name_to_handle_at(AT_FDCWD, "f", &a.h, &mount_id, 0));
  printf("needs %d\n", a.h.handle_bytes > 0);
  a.h.handle_bytes = 129;
  SHOW(name_to_handle_at(AT_FDCWD, "f", &a.h, &mount_id, 0));
  a.h.handle_bytes = 128;
  SHOW(name_to_handle_at(AT_FDCWD, "f", &a.h, &mount_id, 0x10));
  SHOW(name_to_handle_at(AT_FDCWD, "none", &a.h, &mount_id, 0));
  SHOW(name_to_handle_at(99, "f", &a.h, &mount_id, 0));
  SHOW(name_to_handle_at(AT_FDCWD, "f", &a.h, &mount_id, 0));
  printf("bytes %u type %d\n", a.h.handle_bytes, a.h.handle_type);
  b.h.handle_bytes = 128;
  SHOW(name_to_handle_at(f, "", &b.h, &other_id, AT_EMPTY_PATH));
  printf("the same %d %d\n", memcmp(&a, &b, sizeof a.h + a.h.handle_bytes) == 0, mount_id == other_id);
  b.h.handle_bytes = 128;
  SHOW(name_to_handle_at(AT_FDCWD, "s", &b.h, &other_id, AT_SYMLINK_FOLLOW));
  printf("followed %d\n", memcmp(&a, &b, sizeof a.h + a.h.handle_bytes) == 0);
  b.h.handle_bytes = 128;
  SHOW(name_to_handle_at(AT_FDCWD, "s", &b.h, &other_id, 0));
  printf("not followed %d\n", memcmp(&a, &b, sizeof a.h + a.h.handle_bytes) != 0);
  b.h.handle_bytes = 128;
  SHOW(name_to_handle_at(AT_FDCWD, "/proc/self/status", &b.h, &other_id, 0));

  int here = open(".", O_RDONLY);
  int fd = open_by_handle_at(here, &a.h, O_RDONLY);
  char text[8] = "";
  SHOW(read(fd, text, 8));
  SHOW(write(fd, "x", 1));
  close(fd);
  rename("f", "d/moved");
  fd = open_by_handle_at(here, &a.h, O_RDWR);
  SHOW(write(fd, "TE", 2));
  close(fd);
  SHOW(pread(f, text, 8, 0));
  printf("%.4s\n", text);
  SHOW(open_by_handle_at(99, &a.h, O_RDONLY));
  a.h.handle_bytes = 0;
  SHOW(open_by_handle_at(here, &a.h, O_RDONLY));
  a.h.handle_bytes = 200;
  SHOW(open_by_handle_at(here, &a.h, O_RDONLY));
  a.h.handle_bytes = 128;
  SHOW(name_to_handle_at(f, "", &a.h, &mount_id, AT_EMPTY_PATH));
  b.h.handle_bytes = 128;
  SHOW(name_to_handle_at(AT_FDCWD, "d", &b.h, &other_id, 0));
  fd = open_by_handle_at(here, &b.h, O_RDONLY | O_DIRECTORY);
  SHOW(faccessat(fd, "moved", F_OK, 0));
  close(fd);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    setuid(1000);
    SHOW(open_by_handle_at(here, &a.h, O_RDONLY));
    fflush(stdout);
    _exit(0);
  }
  waitpid(child, 0, 0);
  unlink("d/moved");
  close(f);
  SHOW(open_by_handle_at(here, &a.h, O_RDONLY));
  unlink("s");
  rmdir("d");
  close(here);
  leave_folder();
  return 0;
}
