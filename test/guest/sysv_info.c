// Ids and their order, INFO and STAT commands by index, limits, and what /proc/sysvipc and /proc/sys/kernel show of it.
#include "guest.h"
#include <sched.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#ifndef SEM_STAT_ANY
#define SEM_STAT_ANY 20
#endif
#ifndef MSG_STAT_ANY
#define MSG_STAT_ANY 13
#endif
#ifndef SHM_STAT_ANY
#define SHM_STAT_ANY 15
#endif
// A file of /proc/sysvipc without what differs from run to run: pids become 0 or 1, times too.
static void table(const char *name, int pids, int more) {
  char path[40], line[400];
  snprintf(path, sizeof path, "/proc/sysvipc/%s", name);
  FILE *f = fopen(path, "r");
  MUST(f);
  fgets(line, sizeof line, f);
  printf("%s", line);
  while (fgets(line, sizeof line, f)) {
    int column = 0;
    for (char *word = strtok(line, " \n"); word; word = strtok(0, " \n"), column++) {
      long value = strtol(word, 0, 10);
      if ((column >= pids && column < pids + 2 && pids) || value > 1000000000) printf(" %s", value ? "set" : "0");
      else printf(" %s", word);
    }
    printf("\n");
  }
  fclose(f);
}
static void limit(const char *name) {
  char path[60], text[100] = "";
  snprintf(path, sizeof path, "/proc/sys/kernel/%s", name);
  int fd = open(path, O_RDONLY);
  MUST(fd >= 0);
  read(fd, text, sizeof text - 1);
  printf("%s %s", name, text);
  close(fd);
}
static void info(void) {
  struct seminfo s;
  struct msginfo m;
  struct shminfo h;
  struct shm_info hi;
  printf("highest %d\n", semctl(0, 0, IPC_INFO, &s));
  printf("sem %d %d %d %d %d %d %d %d %d %d\n", s.semmap, s.semmni, s.semmns, s.semmnu, s.semmsl, s.semopm, s.semume, s.semusz, s.semvmx, s.semaem);
  printf("highest %d\n", semctl(0, 0, SEM_INFO, &s));
  printf("sets %d semaphores %d\n", s.semusz, s.semaem);
  printf("highest %d\n", msgctl(0, IPC_INFO, (void *)&m));
  printf("msg %d %d %d %d %d %d %d %d\n", m.msgpool, m.msgmap, m.msgmax, m.msgmnb, m.msgmni, m.msgssz, m.msgtql, m.msgseg);
  printf("highest %d\n", msgctl(0, MSG_INFO, (void *)&m));
  printf("queues %d messages %d bytes %d\n", m.msgpool, m.msgmap, m.msgtql);
  printf("highest %d\n", shmctl(0, IPC_INFO, (void *)&h));
  printf("shm %lu %lu %lu %lu %lu\n", (long)h.shmmax, (long)h.shmmin, (long)h.shmmni, (long)h.shmseg, (long)h.shmall);
  printf("highest %d\n", shmctl(0, SHM_INFO, (void *)&hi));
  printf("segments %d pages %lu\n", hi.used_ids, hi.shm_tot);
}
int main(void) {
  static const char *const names[] = {"sem", "msgmax", "msgmnb", "msgmni", "shmmax", "shmall", "shmmni", "shm_rmid_forced"};
  struct semid_ds sd;
  struct msqid_ds md;
  struct shmid_ds hd;
  struct { long type; char text[8]; } m = {1};
  MUST(unshare(CLONE_NEWIPC) == 0);
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++) limit(names[i]);
  info();
  int sets[4], queues[3], segments[2];
  for (int i = 0; i < 4; i++) sets[i] = semget(i ? 100 + i : IPC_PRIVATE, i + 1, IPC_CREAT | 0600 + i);
  for (int i = 0; i < 3; i++) queues[i] = msgget(-1 - i, IPC_CREAT | 0640);
  for (int i = 0; i < 2; i++) segments[i] = shmget(0x1000 + i, 5000 * (i + 1), IPC_CREAT | 0644);
  printf("%d %d %d %d, %d %d %d, %d %d\n", sets[0], sets[1], sets[2], sets[3], queues[0], queues[1], queues[2], segments[0], segments[1]);
  msgsnd(queues[1], &m, 3, 0), msgsnd(queues[1], &m, 8, 0), msgrcv(queues[1], &m, 8, 0, 0);
  char *p = shmat(segments[1], 0, 0);
  struct sembuf up = {1, 1, 0};
  semop(sets[2], &up, 1);
  info();
  table("sem", 0, 0);
  table("msg", 5, 0);
  table("shm", 4, 0);
  SHOW(semctl(2, 0, SEM_STAT, &sd));
  printf("%d %ld\n", sd.sem_perm.__key, (long)sd.sem_nsems);
  SHOW(semctl(sets[3] + 1, 0, SEM_STAT, &sd));
  SHOW(msgctl(1, MSG_STAT, &md));
  printf("%ld %ld %d %d\n", (long)md.msg_qnum, (long)md.__msg_cbytes, md.msg_lspid == getpid(), md.msg_lrpid == getpid());
  SHOW(shmctl(1, SHM_STAT, &hd));
  printf("%ld %zu\n", (long)hd.shm_nattch, hd.shm_segsz);
  fflush(stdout);
  if (fork() == 0) {
    MUST(setuid(1000) == 0);
    SHOW(semctl(2, 0, SEM_STAT, &sd));
    SHOW(semctl(2, 0, SEM_STAT_ANY, &sd));
    SHOW(msgctl(1, MSG_STAT, &md));
    SHOW(msgctl(1, MSG_STAT_ANY, &md));
    SHOW(shmctl(1, SHM_STAT, &hd));
    SHOW(shmctl(0, SHM_STAT_ANY, &hd));
    exit(0);
  }
  wait(0);
  // An index is used again when all others have been, and its id is another one then.
  SHOW(semctl(sets[3], 0, IPC_RMID));
  SHOW(semctl(sets[1], 0, IPC_RMID));
  info();
  int first = semget(IPC_PRIVATE, 1, 0600), last = first, count = 1;
  while (count < 70) {
    int next = semget(IPC_PRIVATE, 1, 0600);
    if (next != last + 1) printf("after %d comes %d\n", last, next);
    last = next, count++;
  }
  printf("first %d, last %d\n", first, last);
  SHOW(semctl(sets[1], 0, GETVAL));
  SHOW(semctl(sets[1] + 32768, 0, GETVAL));
  fflush(stdout);
  if (fork() == 0) {
    unshare(CLONE_NEWIPC);
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) limit(names[i]);
    SHOW(semget(IPC_PRIVATE, 1, 0600));
    exit(0);
  }
  wait(0);
  return 0;
}
