/* System V calls that C libraries have another call for, or that leave no trace but an error. */
#include "guest.h"
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/shm.h>
int main(void) {
  int s = syscall(SYS_semget, IPC_PRIVATE, 2, 0600), m = syscall(SYS_shmget, IPC_PRIVATE, 8192, 0600), status;
  MUST(s >= 0 && m >= 0);
  struct sembuf up = {0, 3, 0}, down = {0, -2, IPC_NOWAIT}, both[2] = {{0, -1, 0}, {1, 1, 0}}, far = {2, 1, 0};
  SHOW(syscall(SYS_semop, s, &up, 1));
  SHOW(syscall(SYS_semop, s, &down, 1));
  SHOW(syscall(SYS_semop, s, &down, 1));
  SHOW(syscall(SYS_semop, s, both, 2));
  printf("%ld %ld\n", syscall(SYS_semctl, s, 0, GETVAL, 0), syscall(SYS_semctl, s, 1, GETVAL, 0));
  SHOW(syscall(SYS_semop, s, &far, 1));
  SHOW(syscall(SYS_semop, s, &up, 0));
  SHOW(syscall(SYS_semop, s, 8, 1));
  SHOW(syscall(SYS_semop, -1, &up, 1));
  pid_t child = fork();
  if (child == 0) {
    usleep(20000);
    _exit(syscall(SYS_semop, s, &up, 1));
  }
  down.sem_flg = 0;
  SHOW(syscall(SYS_semop, s, &down, 1));
  MUST(waitpid(child, &status, 0) == child);
  print_status("woken by", status);
  char *p = (char *)syscall(SYS_shmat, m, 0, 0), *q = (char *)syscall(SYS_shmat, m, 0, SHM_RDONLY);
  MUST((long)p > 0 && (long)q > 0);
  p[5000] = 'x';
  printf("%c\n", q[5000]);
  SHOW(syscall(SYS_shmdt, q));
  SHOW(syscall(SYS_shmdt, q));
  SHOW(syscall(SYS_shmdt, p + 4096));
  struct shmid_ds d;
  MUST(syscall(SYS_shmctl, m, IPC_STAT, &d) == 0);
  printf("attached %ld\n", (long)d.shm_nattch);
  SHOW(syscall(SYS_shmctl, m, IPC_RMID, 0));
  printf("%c\n", p[5000]);
  SHOW(syscall(SYS_shmdt, p));
  SHOW(syscall(SYS_shmctl, m, IPC_STAT, &d));
  SHOW(syscall(SYS_semctl, s, 0, IPC_RMID, 0));
  SHOW(syscall(SYS_semop, s, &up, 1));
  fflush(stdout);
  child = fork();
  if (child == 0) _exit(*(volatile char *)p);
  MUST(waitpid(child, &status, 0) == child);
  print_status("detached", status);
  return 0;
}
