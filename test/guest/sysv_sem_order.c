// Who is served first: single operations, operations on several semaphores, those that wait for zero.
#include "guest.h"
#include <sys/ipc.h>
#include <sys/sem.h>
static int id, report[2];
static int compare(const void *a, const void *b) { return *(const char *)a - *(const char *)b; }
// A child that waits, and says its letter when it is served. Children are known to wait by the counts.
static void waiter(char letter, int count, struct sembuf *ops, int command, int n, int expected) {
  fflush(stdout);
  if (fork() == 0) {
    char c = semop(id, ops, count) == 0 ? letter : '!';
    write(report[1], &c, 1);
    _exit(0);
  }
  while (semctl(id, n, command) < expected) usleep(500);
}
static void served(const char *what, int count) {
  char letters[16] = "";
  for (int i = 0; i < count; i++) {
    MUST(read(report[0], letters + i, 1) == 1);
    usleep(500);
  }
  // Those that are served at once may report in any order.
  qsort(letters, count, 1, compare);
  printf("%s: %s\n", what, letters);
}
static void up(int n, int by) {
  struct sembuf s = {n, by, 0};
  MUST(semop(id, &s, 1) == 0);
}
int main(void) {
  pipe(report);
  id = semget(IPC_PRIVATE, 3, 0600);
  struct sembuf one = {0, -1, 0}, two = {0, -2, 0}, three = {0, -3, 0}, zero = {0, 0, 0};
  // One after the other, as each is enough for the first that fits.
  waiter('a', 1, &two, GETNCNT, 0, 1);
  waiter('b', 1, &one, GETNCNT, 0, 2);
  waiter('c', 1, &one, GETNCNT, 0, 3);
  up(0, 1);
  served("one for b", 1);
  up(0, 2);
  served("two for a", 1);
  up(0, 1);
  served("one for c", 1);
  printf("left %d\n", semctl(id, 0, GETVAL));
  // A small one overtakes a large one.
  waiter('a', 1, &three, GETNCNT, 0, 1);
  waiter('b', 1, &one, GETNCNT, 0, 2);
  up(0, 2);
  served("overtaken", 1);
  up(0, 2);
  served("then", 1);
  // Operations on several semaphores wait in one list with the single ones.
  struct sembuf both[2] = {{0, -1, 0}, {1, -1, 0}}, swap[2] = {{1, -1, 0}, {2, 1, 0}}, two_zero[2] = {{0, 0, 0}, {1, 0, 0}};
  waiter('a', 2, both, GETNCNT, 0, 1);
  waiter('b', 1, &one, GETNCNT, 0, 2);
  up(0, 1);
  served("single goes on", 1);
  up(1, 1);
  printf("%d %d\n", semctl(id, 0, GETNCNT), semctl(id, 1, GETNCNT));
  up(0, 1);
  served("both", 1);
  // What one does lets another go on.
  struct sembuf third = {2, -1, 0};
  waiter('a', 1, &third, GETNCNT, 2, 1);
  waiter('b', 2, swap, GETNCNT, 1, 1);
  up(1, 1);
  served("chain", 2);
  // Zero is looked at before increases are taken.
  up(0, 1);
  up(1, 1);
  waiter('z', 1, &zero, GETZCNT, 0, 1);
  waiter('y', 2, two_zero, GETZCNT, 0, 2);
  struct sembuf down = {0, -1, 0};
  MUST(semop(id, &down, 1) == 0);
  served("zero", 1);
  while (semctl(id, 1, GETZCNT) < 1) usleep(500);
  printf("%d %d\n", semctl(id, 0, GETZCNT), semctl(id, 1, GETZCNT));
  MUST(semctl(id, 1, SETVAL, 0) == 0);
  served("both zero", 1);
  // A value that is set serves as an increase does.
  waiter('a', 1, &two, GETNCNT, 0, 1);
  waiter('b', 1, &two, GETNCNT, 0, 2);
  semctl(id, 0, SETVAL, 3);
  served("set", 1);
  unsigned short all[3] = {4, 0, 0};
  semctl(id, 0, SETALL, all);
  served("all set", 1);
  printf("left %d\n", semctl(id, 0, GETVAL));
  semctl(id, 0, IPC_RMID);
  while (wait(0) > 0) {}
  return 0;
}
