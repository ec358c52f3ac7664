/* Pids that one process tells another across pid namespaces: credentials of sockets, owners of files and locks, System V. */
#include "guest.h"
#include <sched.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
static int pair[2], locked, queue;
static void send_credentials(const char *who, int socket, int pid) {
  char byte = 'x', control[CMSG_SPACE(sizeof(struct ucred))] = {0};
  struct iovec iov = {&byte, 1};
  struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *c = CMSG_FIRSTHDR(&m);
  c->cmsg_level = SOL_SOCKET, c->cmsg_type = SCM_CREDENTIALS, c->cmsg_len = CMSG_LEN(sizeof(struct ucred));
  *(struct ucred *)CMSG_DATA(c) = (struct ucred){pid, getuid(), getgid()};
  long n = sendmsg(socket, &m, 0);
  if (!who) return;
  printf("%s sends as %s: %s\n", who, pid == getpid() ? "itself" : "another", n < 0 ? error_name(errno) : "sent");
  fflush(stdout);
}
static int receive_credentials(int socket) {
  char byte, control[CMSG_SPACE(sizeof(struct ucred))];
  struct iovec iov = {&byte, 1};
  struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  MUST(recvmsg(socket, &m, 0) == 1 && CMSG_FIRSTHDR(&m));
  return ((struct ucred *)CMSG_DATA(CMSG_FIRSTHDR(&m)))->pid;
}
static int holder(void) {
  struct flock l = {.l_type = F_WRLCK};
  MUST(fcntl(locked, F_GETLK, &l) == 0);
  return l.l_type == F_UNLCK ? -1 : l.l_pid;
}
int main(void) {
  MUST(administrator());
  int on = 1, status;
  setvbuf(stdout, 0, _IOFBF, 4096); /* musl writes its first line at once otherwise */
  enter_folder();
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  MUST(setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0);
  MUST(setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0);
  MUST((locked = open("locked", O_CREAT | O_RDWR, 0600)) >= 0);
  int set = semget(IPC_PRIVATE, 1, 0600);
  MUST(set >= 0);
  struct sembuf up = {0, 1, 0};
  MUST(semop(set, &up, 1) == 0);
  struct flock l = {.l_type = F_WRLCK, .l_len = 10};
  MUST(fcntl(locked, F_SETLK, &l) == 0);
  fflush(stdout);
  pid_t child = syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
  if (child == 0) {
    printf("child: message from %d\n", receive_credentials(pair[1]));
    struct ucred peer;
    socklen_t length = sizeof peer;
    MUST(getsockopt(pair[1], SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0);
    printf("child: peer %d\n", peer.pid);
    printf("child: lock of %d\n", holder());
    printf("child: semaphore changed by %d\n", semctl(set, 0, GETPID));
    send_credentials("child", pair[1], getpid());
    send_credentials("child", pair[1], 4711);
    MUST(semop(set, &up, 1) == 0);
    SHOW(fcntl(pair[1], F_SETOWN, getpid()));
    SHOW(fcntl(pair[1], F_GETOWN));
    SHOW(fcntl(pair[1], F_SETOWN, 4711));
    struct flock second = {.l_type = F_WRLCK, .l_start = 100, .l_len = 1};
    MUST(fcntl(locked, F_SETLK, &second) == 0);
    char c;
    fflush(stdout);
    send_credentials("child", pair[1], 1);
    MUST(recv(pair[1], &c, 1, 0) == 1);
    exit(0);
  }
  send_credentials(0, pair[0], getpid());
  printf("parent: message from the child %d\n", receive_credentials(pair[0]) == child);
  printf("parent: message from the child %d\n", receive_credentials(pair[0]) == child);
  printf("parent: semaphore changed by the child %d\n", semctl(set, 0, GETPID) == child);
  printf("parent: owner is the child %d\n", fcntl(pair[1], F_GETOWN) == child);
  l = (struct flock){.l_type = F_WRLCK, .l_start = 100, .l_len = 1};
  MUST(fcntl(locked, F_GETLK, &l) == 0);
  printf("parent: lock of the child %d\n", l.l_pid == child);
  MUST(send(pair[0], "x", 1, 0) == 1);
  MUST(waitpid(child, &status, 0) == child);
  print_status("child", status);
  semctl(set, 0, IPC_RMID);
  unlink("locked");
  leave_folder();
  return 0;
}
