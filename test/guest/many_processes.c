/* Sixty processes at once, each with work to do, collected through one pipe. */
#include "guest.h"
int main(void) {
  int p[2];
  MUST(pipe(p) == 0);
  for (int i = 0; i < 60; i++)
    if (fork() == 0) {
      unsigned x = i;
      for (int k = 0; k < 5000; k++) x = x * 1103515245 + 12345;
      unsigned r[2] = {i, x};
      write(p[1], r, sizeof r);
      _exit(0);
    }
  unsigned r[2], sum = 0, seen = 0;
  for (int i = 0; i < 60; i++) { MUST(read(p[0], r, sizeof r) == sizeof r); sum ^= r[1] * (r[0] + 1); seen += r[0]; }
  int n = 0;
  while (wait(0) > 0) n++;
  printf("%u %u %d\n", sum, seen, n);
  return 0;
}
