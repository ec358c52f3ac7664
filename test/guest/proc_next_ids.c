#include "guest.h"
#include <sched.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
/* kernel.sem_next_id, msg_next_id and shm_next_id choose the next object's id, ns_last_pid the next process's. */
static long get(const char *path) {
  char text[64] = "";
  int fd = open(path, O_RDONLY);
  if (fd < 0) return -2;
  read(fd, text, sizeof text - 1);
  close(fd);
  return atol(text);
}
static long put(const char *path, const char *what) {
  int fd = open(path, O_WRONLY);
  if (fd < 0) return -1;
  long n = write(fd, what, strlen(what));
  int e = errno;
  close(fd);
  errno = e;
  return n;
}
#define FILE(name) "/proc/sys/kernel/" name
#define PUT(name, what) show(name " " #what, put(FILE(name), what))
#define GET(name) printf(name ": %ld\n", get(FILE(name)))
static int children(void) {
  GET("ns_last_pid");
  PUT("ns_last_pid", "100");
  GET("ns_last_pid");
  for (int i = 0; i < 2; i++) {
    pid_t p = fork();
    if (p == 0) _exit(0);
    printf("pid %d\n", p);
    waitpid(p, 0, 0);
  }
  GET("ns_last_pid");
  PUT("ns_last_pid", "-1");
  PUT("ns_last_pid", "x");
  PUT("ns_last_pid", "4194305");
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    MUST(setresuid(1000, 1000, 1000) == 0);
    PUT("ns_last_pid", "200");
    PUT("sem_next_id", "200");
    printf("access %s\n", access(FILE("sem_next_id"), W_OK) ? error_name(errno) : "yes");
    GET("sem_next_id");
    fflush(stdout);
    _exit(0);
  }
  waitpid(p, 0, 0);
  return 0;
}
int main(void) {
  setvbuf(stdout, 0, _IOLBF, 0);
  MUST(unshare(CLONE_NEWIPC) == 0);
  MUST(access(FILE("sem_next_id"), W_OK) == 0 && access(FILE("ns_last_pid"), W_OK) == 0);
  GET("sem_next_id"), GET("msg_next_id"), GET("shm_next_id");
  PUT("sem_next_id", "1000");
  GET("sem_next_id");
  SHOW(semget(IPC_PRIVATE, 1, 0600));
  GET("sem_next_id");
  SHOW(semget(IPC_PRIVATE, 1, 0600));
  PUT("sem_next_id", "1000");
  SHOW(semget(IPC_PRIVATE, 1, 0600));
  PUT("sem_next_id", "98305");
  SHOW(semget(IPC_PRIVATE, 1, 0600));
  SHOW(semget(IPC_PRIVATE, 1, 0600));
  PUT("msg_next_id", "7");
  SHOW(msgget(IPC_PRIVATE, 0600));
  SHOW(msgget(IPC_PRIVATE, 0600));
  PUT("shm_next_id", "65536");
  SHOW(shmget(IPC_PRIVATE, 4096, 0600));
  int id = shmget(IPC_PRIVATE, 4096, 0600);
  printf("%d\n", id);
  SHOW(shmctl(id, IPC_RMID, 0));
  SHOW(shmget(IPC_PRIVATE, 4096, 0600));
  PUT("sem_next_id", "-1");
  PUT("sem_next_id", "-5");
  PUT("sem_next_id", "2147483648");
  GET("sem_next_id");
  struct stat s;
  MUST(stat(FILE("sem_next_id"), &s) == 0);
  printf("mode %o\n", s.st_mode);
  SHOW(unshare(CLONE_NEWPID));
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) _exit(children());
  int status;
  MUST(waitpid(child, &status, 0) == child);
  print_status("namespace", status);
  return 0;
}
