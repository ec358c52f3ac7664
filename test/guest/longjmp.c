#include "guest.h"
static jmp_buf env;
static void deeper(int n) { if (n == 0) longjmp(env, 5); deeper(n - 1); }
int main(void) {
  volatile int count = 0;
  int r = setjmp(env);
  count++;
  printf("setjmp returned %d, count %d\n", r, count);
  if (count < 4) deeper(count * 100);
  return r;
}
