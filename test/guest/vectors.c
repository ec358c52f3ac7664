/* readv, writev, preadv, sendfile, copy between descriptors. */
#include "guest.h"
#include <sys/sendfile.h>
int main(void) {
  enter_folder();
  int f = open("f", O_CREAT | O_RDWR, 0600);
  struct iovec v[4] = {{"one ", 4}, {"", 0}, {"two ", 4}, {"three", 5}};
  SHOW(writev(f, v, 4));
  char a[3] = {0}, b[5] = {0}, c[20] = {0};
  struct iovec r[3] = {{a, 2}, {b, 4}, {c, 19}};
  lseek(f, 0, SEEK_SET);
  SHOW(readv(f, r, 3));
  printf("[%s][%s][%s]\n", a, b, c);
  SHOW(preadv(f, r, 2, 4));
  printf("[%s][%s]\n", a, b);
  SHOW(pwritev(f, v, 1, 20));
  int g = open("g", O_CREAT | O_RDWR, 0600);
  off_t off = 1;
  SHOW(sendfile(g, f, &off, 100));
  printf("offset %ld\n", (long)off);
  SHOW(lseek(g, 0, SEEK_END));
  SHOW(copy_file_range(f, &(off_t){0}, g, &(off_t){0}, 5, 0));
  char all[64] = {0};
  SHOW(pread(g, all, 63, 0));
  printf("%s\n", all);
  printf("%llx\n", (unsigned long long)digest(all, 23, 0));
  unlink("f"); unlink("g");
  leave_folder();
  return 0;
}
