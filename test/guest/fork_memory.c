/* fork copies memory: private pages part ways, shared anonymous pages stay common, stack and heap too. */
#include "guest.h"
static int global = 1;
int main(void) {
  int local = 2;
  int *heap = malloc(sizeof(int) * 100000);
  for (int i = 0; i < 100000; i++) heap[i] = i;
  int *shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  shared[0] = 10;
  pid_t p = fork();
  if (p == 0) {
    global = 100; local = 200; heap[5] = -1; heap[99999] = -1; shared[0] = 20; shared[1] = 30;
    printf("child %d %d %d %d\n", global, local, heap[5], shared[0]);
    fflush(stdout);
    if (fork() == 0) { shared[2] = global + local; global = 7; _exit(0); }
    wait(0);
    printf("child still %d, grandchild said %d\n", global, shared[2]);
    exit(0);
  }
  wait(0);
  printf("parent %d %d %d %d, shared %d %d %d\n", global, local, heap[5], heap[99999], shared[0], shared[1], shared[2]);
  return 0;
}
