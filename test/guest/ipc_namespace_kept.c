#include "guest.h"
#include <sched.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
/* An IPC namespace without processes lives on with an open file of it, also one on its way, and with a bind mount of that file. */
static int make(int number, int (*keep)(int)) {
  int go[2], done[2];
  char c;
  MUST(pipe(go) == 0 && pipe(done) == 0);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    MUST(unshare(CLONE_NEWIPC) == 0);
    MUST(semget(number, 1, IPC_CREAT | 0600) >= 0 && msgget(number, IPC_CREAT | 0600) >= 0);
    int shm = shmget(number, 4096, IPC_CREAT | 0600);
    MUST(shm >= 0);
    char *at = shmat(shm, 0, 0);
    sprintf(at, "text %d", number);
    write(done[1], "d", 1);
    read(go[0], &c, 1);
    _exit(0);
  }
  MUST(read(done[0], &c, 1) == 1);
  int kept = keep(child);
  write(go[1], "g", 1);
  int status;
  MUST(waitpid(child, &status, 0) == child);
  print_status("namespace", status);
  close(go[0]), close(go[1]), close(done[0]), close(done[1]);
  return kept;
}
static int opened(int pid) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/ipc", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  MUST(fd >= 0);
  return fd;
}
static int mounted(int pid) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/ipc", pid);
  int fd = open("at", O_CREAT | O_WRONLY, 0600);
  MUST(fd >= 0);
  close(fd);
  SHOW(mount(path, "at", 0, MS_BIND, 0));
  return -1;
}
static int sent[2];
static int in_flight(int pid) {
  int fd = opened(pid);
  char c = 'f', control[CMSG_SPACE(sizeof fd)] = {0};
  struct iovec v = {&c, 1};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *h = CMSG_FIRSTHDR(&m);
  h->cmsg_level = SOL_SOCKET, h->cmsg_type = SCM_RIGHTS, h->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(h), &fd, sizeof fd);
  MUST(sendmsg(sent[0], &m, 0) == 1);
  close(fd);
  return -1;
}
static void look(const char *what, int fd, int number) {
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    SHOW(setns(fd, CLONE_NEWIPC));
    int shm = shmget(number, 0, 0);
    printf("%s: sem %d, msg %d, shm %d", what, semget(number, 0, 0) >= 0, msgget(number, 0) >= 0, shm >= 0);
    char *at = shm >= 0 ? shmat(shm, 0, SHM_RDONLY) : "";
    printf(", %s, %d\n", at, semget(number + 1, 0, 0) >= 0);
    fflush(stdout);
    _exit(0);
  }
  waitpid(p, 0, 0);
}
int main(void) {
  setvbuf(stdout, 0, _IOLBF, 0);
  MUST(unshare(CLONE_NEWNS) == 0 && mount("none", "/", 0, MS_REC | MS_PRIVATE, 0) == 0);
  enter_folder();
  int fd = make(71, opened);
  look("open", fd, 71);
  look("still open", fd, 71);
  make(81, mounted);
  int at = open("at", O_RDONLY);
  look("mounted", at, 81);
  close(at);
  at = open("at", O_RDONLY);
  look("mounted again", at, 81);
  SHOW(umount2("at", MNT_DETACH));
  look("unmounted and open", at, 81);
  close(at), close(fd);
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, sent) == 0);
  make(91, in_flight);
  char c, control[CMSG_SPACE(sizeof(int))];
  struct iovec v = {&c, 1};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  MUST(recvmsg(sent[1], &m, 0) == 1);
  memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof fd);
  look("sent", fd, 91);
  unlink("at");
  leave_folder();
  return 0;
}
