/* Indirect calls and data-dependent branches: quicksort through a comparator pointer. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef int compare(const void *, const void *);

static int ascending(const void *a, const void *b) {
  int x = *(const int *)a, y = *(const int *)b;
  return (x > y) - (x < y);
}

__attribute__((noinline)) static void sort(int *first, int *last, compare *order) {
  while (first < last) {
    int pivot = first[(last - first) / 2], *i = first, *j = last;
    while (i <= j) {
      while (order(i, &pivot) < 0) i++;
      while (order(j, &pivot) > 0) j--;
      if (i > j) break;
      int swap = *i;
      *i++ = *j;
      *j-- = swap;
    }
    if (j - first < last - i) {
      sort(first, j, order);
      first = i;
    } else {
      sort(i, last, order);
      last = j;
    }
  }
}

int main(int argc, char **argv) {
  size_t n = argc > 1 ? (size_t)atol(argv[1]) : 4 * 1000 * 1000;
  int *numbers = malloc(n * sizeof *numbers);
  if (!numbers) return 1;
  uint32_t seed = 1;
  for (size_t i = 0; i < n; i++) {
    seed = seed * 1664525 + 1013904223;
    numbers[i] = (int)(seed ^ seed >> 15);
  }
  compare *volatile order = ascending;
  sort(numbers, numbers + n - 1, order);
  uint64_t sum = 0;
  for (size_t i = 0; i < n; i++) sum = sum * 31 + (uint32_t)numbers[i];
  printf("%zu numbers, checksum %016lx\n", n, sum);
  return 0;
}
