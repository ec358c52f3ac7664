// Threads that wait at System V objects: cancellation, exit of the process, exec, undo lists that they share.
#include "guest.h"
#include <pthread.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/syscall.h>
static int sem, msg;
static struct { long type; char text[16]; } m;
static volatile int waiting;
// Returns when the child, or a thread, waits.
static void asleep(const char *task, int id) {
  char path[60], state;
  snprintf(path, sizeof path, "/proc/%s%d/stat", task, id);
  do {
    usleep(1000);
    FILE *f = fopen(path, "r");
    MUST(f && fscanf(f, "%*d (%*[^)]) %c", &state) == 1);
    fclose(f);
  } while (state != 'S');
}
static void *take(void *arg) {
  struct sembuf down = {0, -1, SEM_UNDO};
  SHOW(semop(sem, &down, 1));
  return 0;
}
static void *wait_forever(void *arg) {
  struct { long type; char text[16]; } mine;
  waiting = syscall(SYS_gettid);
  msgrcv(msg, &mine, 16, 0, 0);
  printf("received\n");
  return 0;
}
static void *wait_both(void *arg) {
  struct sembuf down[2] = {{0, -1, SEM_UNDO}, {1, -1, SEM_UNDO}};
  semop(sem, down, 2);
  return 0;
}
static void state(const char *when) {
  struct msqid_ds d;
  MUST(msgctl(msg, IPC_STAT, &d) == 0);
  printf("%s: %ld messages, values %d %d, waiting %d %d\n", when, (long)d.msg_qnum, semctl(sem, 0, GETVAL), semctl(sem, 1, GETVAL),
         semctl(sem, 0, GETNCNT), semctl(sem, 1, GETNCNT));
  fflush(stdout);
}
int main(int argc, char **argv) {
  pthread_t t, u;
  if (argc > 1) {
    sem = atoi(argv[1]), msg = atoi(argv[2]);
    state("after exec");
    return 0;
  }
  sem = semget(IPC_PRIVATE, 2, 0600);
  msg = msgget(IPC_PRIVATE, 0600);
  // What a thread does is undone with the process, not with the thread.
  fflush(stdout);
  if (fork() == 0) {
    struct sembuf up = {0, 1, 0};
    pthread_create(&t, 0, take, 0);
    while (semctl(sem, 0, GETNCNT) == 0) usleep(1000);
    semop(sem, &up, 1);
    pthread_join(t, 0);
    state("thread has ended");
    exit(0);
  }
  wait(0);
  state("process has ended");
  semctl(sem, 0, SETVAL, 0);
  // msgrcv is a cancellation point; the one that is cancelled takes nothing.
  pthread_create(&t, 0, wait_forever, 0);
  while (!waiting) usleep(1000);
  asleep("self/task/", waiting);
  SHOW(pthread_cancel(t));
  SHOW(pthread_join(t, 0));
  m.type = 1;
  SHOW(msgsnd(msg, &m, 4, 0));
  state("cancelled");
  SHOW(msgrcv(msg, &m, 16, 0, 0));
  fflush(stdout);
  // Threads that wait when their process ends.
  if (fork() == 0) {
    waiting = 0;
    pthread_create(&t, 0, wait_forever, 0);
    pthread_create(&u, 0, wait_both, 0);
    while (semctl(sem, 0, GETNCNT) == 0 || !waiting) usleep(1000);
    asleep("self/task/", waiting);
    exit(0);
  }
  wait(0);
  m.type = 1;
  SHOW(msgsnd(msg, &m, 4, 0));
  semctl(sem, 0, SETVAL, 1);
  state("exited");
  SHOW(msgrcv(msg, &m, 16, 0, 0));
  semctl(sem, 0, SETVAL, 0);
  fflush(stdout);
  // And when another thread calls exec.
  if (fork() == 0) {
    char a[16], b[16];
    waiting = 0;
    pthread_create(&t, 0, wait_forever, 0);
    pthread_create(&u, 0, wait_both, 0);
    while (semctl(sem, 0, GETNCNT) == 0 || !waiting) usleep(1000);
    asleep("self/task/", waiting);
    snprintf(a, sizeof a, "%d", sem);
    snprintf(b, sizeof b, "%d", msg);
    execl("/proc/self/exe", argv[0], a, b, (char *)0);
    _exit(99);
  }
  wait(0);
  state("done");
  semctl(sem, 0, IPC_RMID);
  msgctl(msg, IPC_RMID, 0);
  return 0;
}
