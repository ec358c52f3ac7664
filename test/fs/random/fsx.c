/*
 * Random operations on one file, each checked against a copy of what it must hold: read, write, append, mapped reads and
 * writes, truncate, fallocate with and without KEEP_SIZE, holes, copy_file_range, sendfile, splice through a pipe, vectors,
 * a second description of the file, lseek for data and holes.
 *
 *   fsx FILE SEED OPERATIONS [FIRST LAST]
 *
 * It ends at the first byte that is wrong. Every tenth of the operations it prints a digest of contents and size,
 * which natively on a tmpfs are the same. Operations FIRST to LAST are printed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAX 262144
static unsigned char model[MAX + 65536], data[65536], got[65536];
static long size, operation;
static uint64_t state;

static unsigned rnd(unsigned below) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (unsigned)(state >> 33) % below;
}
static uint64_t mix(uint64_t h, uint64_t v) {
  h = (h ^ v) * 0x9e3779b97f4a7c15u;
  return h ^ h >> 29;
}
static void fail(const char *what, long expected, long found) {
  printf("operation %ld: %s: %ld, not %ld (%s)\n", operation, what, found, expected, strerror(errno));
  exit(1);
}
static void expect(const char *what, long expected, long found) {
  if (expected != found) fail(what, expected, found);
}
static void compare(const char *what, const unsigned char *bytes, long at, long n) {
  for (long i = 0; i < n; i++)
    if (bytes[i] != model[at + i]) {
      printf("byte %ld of %ld at %ld: ", i, n, at);
      fail(what, model[at + i], bytes[i]);
    }
}
static void wrote(long at, const unsigned char *bytes, long n) {
  memcpy(model + at, bytes, n);
  if (n > 0 && at + n > size) size = at + n;
}
static long within(long at, long n) { return at >= size ? 0 : at + n > size ? size - at : n; }

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  state = strtoul(argv[2], 0, 0);
  long operations = atol(argv[3]), first = argc > 4 ? atol(argv[4]) : -1, last = argc > 5 ? atol(argv[5]) : -1;
  int fd = open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600), second = open(argv[1], O_RDWR), ends[2];
  int append = open(argv[1], O_WRONLY | O_APPEND);
  if (fd < 0 || second < 0 || append < 0 || pipe(ends)) return perror(argv[1]), 2;
  for (operation = 1; operation <= operations; operation++) {
    /* Mostly small, often at the edges of pages. */
    long at = rnd(4) ? rnd(MAX) : (long)rnd(MAX / 4096) * 4096 + (long)rnd(3) - 1, n = rnd(8) ? rnd(9000) : rnd(60000);
    if (at < 0) at = 0;
    if (rnd(3) == 0) n = (n + 4095) & ~4095l;
    if (at + n > MAX) n = MAX - at;
    if (n == 0) n = 1;
    int f = rnd(2) ? fd : second, kind = rnd(20);
    uint64_t fill = (uint64_t)operation * 0x9e3779b97f4a7c15u | 1;
    for (long i = 0; i < n; i += 8, fill = fill * 6364136223846793005u + 1) memcpy(data + i, &fill, 8);
    if (operation >= first && operation <= last) printf("#%ld kind %d at %ld n %ld size %ld\n", operation, kind, at, n, size), fflush(stdout);
    switch (kind) {
      case 0: case 1: expect("pwrite", n, pwrite(f, data, n, at)); wrote(at, data, n); break;
      case 2:
        expect("lseek", at, lseek(f, at, SEEK_SET));
        expect("write", n, write(f, data, n));
        expect("offset", at + n, lseek(f, 0, SEEK_CUR));
        wrote(at, data, n);
        break;
      case 3: case 4: expect("pread", within(at, n), pread(f, got, n, at)); compare("pread", got, at, within(at, n)); break;
      case 5: {
        struct iovec v[3] = {{got, n / 3}, {got + n / 3, 0}, {got + n / 3, n - n / 3}};
        expect("preadv", within(at, n), preadv(f, v, 3, at));
        compare("preadv", got, at, within(at, n));
        break;
      }
      case 6: {
        struct iovec v[2] = {{data, n / 2}, {data + n / 2, n - n / 2}};
        expect("pwritev", n, pwritev(f, v, 2, at));
        wrote(at, data, n);
        break;
      }
      case 7: case 8: { /* mapped reads */
        long page = at & ~4095l;
        if (within(at, n) == 0) break;
        unsigned char *p = mmap(0, at - page + n, PROT_READ, rnd(2) ? MAP_SHARED : MAP_PRIVATE, f, page);
        if (p == MAP_FAILED) fail("mmap", 0, -1);
        compare("mapped", p + (at - page), at, within(at, n));
        munmap(p, at - page + n);
        break;
      }
      case 9: case 10: { /* mapped writes, also seen by read */
        long page = at & ~4095l;
        n = within(at, n);
        if (n == 0) break;
        unsigned char *p = mmap(0, at - page + n, PROT_READ | PROT_WRITE, MAP_SHARED, f, page);
        if (p == MAP_FAILED) fail("mmap", 0, -1);
        memcpy(p + (at - page), data, n);
        wrote(at, data, n);
        expect("pread", n, pread(f, got, n, at));
        compare("pread of mapped", got, at, n);
        if (rnd(2)) {
          expect("pwrite", n / 2, pwrite(f, data + n / 2, n / 2, at));
          wrote(at, data + n / 2, n / 2);
          compare("mapped after pwrite", p + (at - page), at, n);
        }
        munmap(p, at - page + n);
        break;
      }
      case 11:
        if (rnd(3)) at %= size + 1;
        expect("ftruncate", 0, ftruncate(f, at));
        if (at < size) memset(model + at, 0, size - at);
        size = at;
        break;
      case 12: {
        int keep = rnd(2);
        expect("fallocate", 0, fallocate(f, keep ? FALLOC_FL_KEEP_SIZE : 0, at, n));
        if (!keep && at + n > size) size = at + n;
        break;
      }
      case 13:
        expect("punch", 0, fallocate(f, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, n));
        memset(model + at, 0, within(at, n));
        break;
      case 14: {
        off_t from = at, to = rnd(MAX - n);
        long count = within(at, n);
        if (labs((long)(to - from)) < count) break;
        long copied = copy_file_range(fd, &from, second, &to, n, 0);
        expect("copy_file_range", count, copied);
        memcpy(got, model + at, count);
        wrote(to - count, got, count);
        break;
      }
      case 15: {
        off_t from = at;
        long to = rnd(MAX - n), count = within(at, n);
        if (count == 0 || labs(to - at) < count) break;
        lseek(second, to, SEEK_SET);
        expect("sendfile", count, sendfile(second, fd, &from, count));
        expect("sendfile's offset", at + count, from);
        memcpy(got, model + at, count);
        wrote(to, got, count);
        break;
      }
      case 16: { /* file to pipe to file, one page at the most: it fits */
        loff_t from = at & ~4095l, to = rnd(MAX - 4096);
        long count = within(from, 1 + rnd(4096));
        if (count == 0 || labs((long)(to - from)) < count) break;
        expect("splice", count, splice(f, &from, ends[1], 0, count, 0));
        memcpy(got, model + from - count, count);
        expect("splice", count, splice(ends[0], 0, second, &to, count, 0));
        wrote(to - count, got, count);
        break;
      }
      case 17:
        if (size + n > MAX) break;
        expect("append", n, write(append, data, n));
        wrote(size, data, n);
        break;
      case 18: {
        struct stat st;
        expect("fstat", 0, fstat(f, &st));
        expect("size", size, st.st_size);
        break;
      }
      case 19: {
        long to = lseek(f, at, SEEK_DATA);
        if (to > at) for (long i = at; i < to; i++) if (model[i]) fail("data before SEEK_DATA", 0, i);
        long hole = lseek(f, at, SEEK_HOLE);
        if (at < size && (hole < at || hole > size)) fail("SEEK_HOLE", at, hole);
        break;
      }
    }
    if (operation % (operations / 10 ? operations / 10 : 1) == 0) {
      uint64_t h = mix(1, size), v;
      for (long i = 0; i < size; i += sizeof got) {
        long count = within(i, sizeof got);
        expect("pread", count, pread(fd, got, sizeof got, i));
        compare("whole", got, i, count);
        for (long j = 0; j + 8 <= count; j += 8) memcpy(&v, got + j, 8), h = mix(h, v);
      }
      printf("%ld operations: size %ld digest %016" PRIx64 "\n", operation, size, h);
      fflush(stdout);
    }
    if (operation == last) break;
  }
  return unlink(argv[1]);
}
