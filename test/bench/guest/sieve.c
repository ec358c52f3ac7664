/* Byte stores with a stride: the sieve of Eratosthenes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t count(unsigned char *composite, size_t n) {
  memset(composite, 0, n);
  for (size_t i = 2; i * i < n; i++) {
    if (composite[i]) continue;
    for (size_t j = i * i; j < n; j += i) composite[j] = 1;
  }
  size_t primes = 0;
  for (size_t i = 2; i < n; i++) primes += !composite[i];
  return primes;
}

int main(int argc, char **argv) {
  size_t n = argc > 1 ? (size_t)atol(argv[1]) : 10 * 1000 * 1000;
  int rounds = argc > 2 ? atoi(argv[2]) : 1;
  unsigned char *composite = malloc(n);
  if (!composite) return 1;
  size_t primes = 0;
  for (int i = 0; i < rounds; i++) primes = count(composite, n);
  printf("%zu primes below %zu\n", primes, n);
  return 0;
}
