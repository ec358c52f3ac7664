// Rights on System V objects: keys and flags of the get calls, modes, IPC_SET, owners, groups, users without privilege.
#include "guest.h"
#include <grp.h>
#include <sched.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#define KEY 0x1234
static int sem, msg, shm;
static void uses(const char *who) {
  struct sembuf up = {0, 1, 0}, zero = {1, 0, IPC_NOWAIT};
  struct { long type; char text[8]; } m = {1};
  struct semid_ds sd;
  struct msqid_ds md;
  struct shmid_ds hd;
  printf("-- %s\n", who);
  SHOW(semget(KEY, 1, 0400) >= 0);
  SHOW(semget(KEY, 1, 0200) >= 0);
  SHOW(semget(KEY, 1, 0777) >= 0);
  SHOW(semop(sem, &up, 1));
  SHOW(semop(sem, &zero, 1));
  SHOW(semctl(sem, 0, GETVAL) >= 0);
  SHOW(semctl(sem, 0, SETVAL, 1));
  SHOW(semctl(sem, 0, IPC_STAT, &sd));
  SHOW(msgsnd(msg, &m, 1, IPC_NOWAIT));
  SHOW(msgrcv(msg, &m, 1, 0, IPC_NOWAIT));
  SHOW(msgctl(msg, IPC_STAT, &md));
  void *p = shmat(shm, 0, 0);
  printf("shmat %s\n", p == (void *)-1 ? error_name(errno) : "attached");
  if (p != (void *)-1) shmdt(p);
  p = shmat(shm, 0, SHM_RDONLY);
  printf("shmat read-only %s\n", p == (void *)-1 ? error_name(errno) : "attached");
  if (p != (void *)-1) shmdt(p);
  p = shmat(shm, 0, SHM_RDONLY | SHM_EXEC);
  printf("shmat executable %s\n", p == (void *)-1 ? error_name(errno) : "attached");
  SHOW(shmctl(shm, IPC_STAT, &hd));
  hd.shm_perm.mode = 0600, hd.shm_perm.uid = hd.shm_perm.gid = 0;
  SHOW(shmctl(shm, IPC_SET, &hd));
  SHOW(shmctl(shm, SHM_LOCK, 0));
  SHOW(shmctl(shm, IPC_RMID, 0));
  SHOW(semctl(sem, 0, IPC_RMID));
  SHOW(msgctl(msg, IPC_RMID, 0));
  md.msg_qbytes = 20000;
  SHOW(msgctl(msg, IPC_SET, &md));
}
static void as(const char *who, uid_t uid, gid_t gid, int groups, gid_t group) {
  fflush(stdout);
  if (fork() == 0) {
    MUST(setgroups(groups, &group) == 0 && setgid(gid) == 0 && setuid(uid) == 0);
    uses(who);
    exit(0);
  }
  wait(0);
}
int main(void) {
  struct semid_ds sd;
  struct msqid_ds md;
  // Keys cannot collide with anybody's in here.
  MUST(unshare(CLONE_NEWIPC) == 0);
  SHOW(semget(KEY, 2, 0));
  SHOW(msgget(KEY, 0));
  SHOW(shmget(KEY, 100, 0));
  sem = semget(KEY, 2, IPC_CREAT | 0640);
  msg = msgget(KEY, IPC_CREAT | 0640);
  shm = shmget(KEY, 100, IPC_CREAT | 0640);
  printf("%d %d %d\n", sem, msg, shm);
  SHOW(semget(KEY, 2, IPC_CREAT | IPC_EXCL));
  SHOW(semget(KEY, 3, 0));
  SHOW(semget(KEY, 0, 0));
  SHOW(semget(KEY, 2, IPC_EXCL));
  SHOW(semget(KEY + 1, 0, IPC_CREAT));
  SHOW(semget(KEY + 1, -1, IPC_CREAT));
  SHOW(semget(KEY + 1, 32001, IPC_CREAT));
  SHOW(msgget(KEY, IPC_CREAT | IPC_EXCL));
  SHOW(shmget(KEY, 101, 0));
  SHOW(shmget(KEY, 0, 0));
  SHOW(shmget(KEY, 100, IPC_CREAT | IPC_EXCL));
  semctl(sem, 0, IPC_STAT, &sd);
  printf("key %x uid %d cuid %d mode %o seq %d nsems %ld otime %ld\n", sd.sem_perm.__key, sd.sem_perm.uid, sd.sem_perm.cuid,
         sd.sem_perm.mode, sd.sem_perm.__seq, (long)sd.sem_nsems, (long)sd.sem_otime);
  as("nobody", 65534, 65534, 0, 0);
  as("group", 65534, 0, 0, 0);
  as("supplementary group", 65534, 65534, 1, 0);
  // Given away: the new owner and the creator have the rights of the owner.
  sd.sem_perm.uid = 1000, sd.sem_perm.gid = 2000, sd.sem_perm.mode = 07604;
  SHOW(semctl(sem, 0, IPC_SET, &sd));
  msgctl(msg, IPC_STAT, &md);
  md.msg_perm.uid = 1000, md.msg_perm.gid = 2000, md.msg_perm.mode = 0204;
  SHOW(msgctl(msg, IPC_SET, &md));
  semctl(sem, 0, IPC_STAT, &sd);
  printf("uid %d gid %d cuid %d cgid %d mode %o\n", sd.sem_perm.uid, sd.sem_perm.gid, sd.sem_perm.cuid, sd.sem_perm.cgid, sd.sem_perm.mode);
  sd.sem_perm.uid = -1;
  SHOW(semctl(sem, 0, IPC_SET, &sd));
  as("others", 65534, 65534, 0, 0);
  as("new group", 65534, 2000, 0, 0);
  as("new owner", 1000, 1000, 0, 0);
  SHOW(semctl(sem, 0, GETVAL));
  SHOW(msgctl(msg, IPC_STAT, &md));
  SHOW(shmget(KEY, 100, 0) == shm);
  // The next objects with the same key are others.
  sem = semget(KEY, 1, IPC_CREAT);
  msg = msgget(KEY, IPC_CREAT);
  printf("%d %d\n", sem, msg);
  return 0;
}
