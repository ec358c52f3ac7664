/* What has been written is to be stored, or will be read soon: fsync and its kin, readahead, fadvise. */
#include "guest.h"
int main(void) {
  int p[2];
  enter_folder();
  int f = open("f", O_CREAT | O_RDWR, 0600), w = open("f", O_WRONLY), r = open("f", O_RDONLY), d = open(".", O_RDONLY), path = open("f", O_PATH);
  MUST(f >= 0 && w >= 0 && r >= 0 && d >= 0 && path >= 0 && pipe(p) == 0);
  SHOW(write(f, "0123456789", 10));
  CALL(fsync, f);
  CALL(fsync, r);
  CALL(fsync, d);
  CALL(fsync, p[0]);
  CALL(fsync, path);
  CALL(fsync, 99);
  CALL(fdatasync, f);
  CALL(fdatasync, p[0]);
  CALL(fdatasync, path);
  CALL(fdatasync, 99);
  CALL(sync);
  CALL(syncfs, f);
  CALL(syncfs, d);
  CALL(syncfs, path);
  CALL(syncfs, 99);
  CALL(sync_file_range, f, 0, 0, 0);
  CALL(sync_file_range, f, 2, 3, 2);
  CALL(sync_file_range, f, 0, 0, 8);
  CALL(sync_file_range, f, -1, 5, 2);
  CALL(sync_file_range, p[0], 0, 0, 2);
  CALL(sync_file_range, 99, 0, 0, 2);
  CALL(readahead, r, 0, 10);
  CALL(readahead, w, 0, 10);
  CALL(readahead, p[0], 0, 10);
  CALL(readahead, 99, 0, 10);
  CALL(fadvise64, f, 0, 0, POSIX_FADV_WILLNEED);
  CALL(fadvise64, f, 0, 5, POSIX_FADV_DONTNEED);
  CALL(fadvise64, f, 0, -1, POSIX_FADV_NORMAL);
  CALL(fadvise64, f, 0, 0, 77);
  CALL(fadvise64, p[0], 0, 0, POSIX_FADV_NORMAL);
  CALL(fadvise64, 99, 0, 0, POSIX_FADV_NORMAL);
  char *m = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
  m[0] = 'M';
  CALL(msync, m, 4096, MS_SYNC);
  char b = 0;
  SHOW(pread(r, &b, 1, 0));
  printf("%c\n", b);
  unlink("f");
  leave_folder();
  return 0;
}
