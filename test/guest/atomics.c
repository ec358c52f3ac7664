/* LOCK-prefixed instructions through the compiler's builtins; CMPXCHG16B is left to a later CPU level. */
#include "guest.h"
int main(void) {
  long v = 10; int w = 5; char c = 1;
  printf("%ld %ld\n", __atomic_fetch_add(&v, 5, 5), v);
  printf("%ld %ld\n", __atomic_fetch_sub(&v, 3, 5), v);
  printf("%d %d\n", __atomic_fetch_or(&w, 8, 5), w);
  printf("%d %d\n", __atomic_xor_fetch(&c, 3, 5), c);
  printf("%ld %ld\n", __atomic_exchange_n(&v, 99, 5), v);
  long e = 99;
  int ok = __atomic_compare_exchange_n(&v, &e, 7, 0, 5, 5);
  printf("%d %ld\n", ok, v);
  ok = __atomic_compare_exchange_n(&v, &e, 1, 0, 5, 5);
  printf("%d %ld %ld\n", ok, v, e);
  printf("%d\n", __sync_lock_test_and_set(&w, 1));
  __sync_synchronize();
  unsigned lo, hi; unsigned char z;
  uint64_t m = 0x1122334455667788;
  __asm__ volatile("lock cmpxchg8b %0\n setz %3" : "+m"(m), "=a"(lo), "=d"(hi), "=r"(z) : "1"(0x55667788), "2"(0x11223344), "b"(1), "c"(2) : "cc");
  printf("%llx %d\n", (unsigned long long)m, z);
  __asm__ volatile("lock cmpxchg8b %0\n setz %3" : "+m"(m), "=a"(lo), "=d"(hi), "=r"(z) : "1"(9), "2"(9), "b"(1), "c"(2) : "cc");
  printf("%x %x %d\n", lo, hi, z);
  return 0;
}
