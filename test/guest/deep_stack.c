/* Four megabytes of stack grow on demand. */
#include "guest.h"
static long walk(int n) { volatile char pad[1000]; pad[n % 1000] = n; return n == 0 ? 0 : walk(n - 1) + (pad[n % 1000] & 1); }
int main(void) { printf("%ld\n", walk(4000)); printf("%ld\n", walk(100)); return 0; }
