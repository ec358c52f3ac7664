/* The string functions over all alignments and lengths near page ends (glibc picks SIMD versions by CPUID). */
#include "guest.h"
int main(void) {
  char *m = mmap(0, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  MUST(m != MAP_FAILED);
  mprotect(m + 8192, 4096, PROT_NONE);
  char *end = m + 8192;
  uint64_t h = 0;
  int bad = 0;
  for (int len = 0; len < 300; len++) {
    char *s = end - len - 1;
    memset(s, 'a' + len % 26, len);
    s[len] = 0;
    bad += strlen(s) != (size_t)len;
    bad += strnlen(s, 100) != (size_t)(len < 100 ? len : 100);
    bad += strchr(s, 0) != s + len;
    bad += memchr(s, '!', len) != 0;
    if (len) {
      s[len - 1] = '!';
      bad += strchr(s, '!') != s + len - 1;
      bad += strrchr(s, '!') != s + len - 1;
      bad += memchr(s, '!', len) != s + len - 1;
    }
    char copy[400];
    strcpy(copy, s);
    bad += strcmp(copy, s) != 0;
    bad += memcmp(copy, s, len + 1) != 0;
    for (int shift = 0; shift < 20; shift++) {
      memcpy(m + shift, s, len + 1);
      bad += strcmp(m + shift, s) != 0;
      memmove(m + shift + 3, m + shift, len + 1);
      bad += strcmp(m + shift + 3, s) != 0;
      memmove(m + shift, m + shift + 3, len + 1);
      bad += strncmp(m + shift, s, len + 5) != 0;
    }
    h = digest(s, len, h);
    if (len > 3) { s[len / 2] = 0x7f; int r = strcmp(s, copy); bad += r <= 0; }
    memset(s, 0, len + 1);
  }
  printf("bad %d digest %llx\n", bad, (unsigned long long)h);
  char t[] = "a,b;;c  d";
  for (char *p = strtok(t, ",; "); p; p = strtok(0, ",; ")) printf("<%s>", p);
  printf("\n%s %s %zu %zu\n", strstr("haystack with needle inside", "needle"), strpbrk("key=value", "=:"), strspn("aabbc", "ab"), strcspn("hello world", " "));
  static char big[1 << 20], other[1 << 20];
  for (int i = 0; i < 1 << 20; i++) big[i] = i * 7 + (i >> 8);
  memcpy(other, big, sizeof big);
  memmove(other + 12345, other, 500000);
  memmove(other, other + 777, 900000);
  printf("%llx\n", (unsigned long long)digest(other, sizeof other, 0));
  return 0;
}
