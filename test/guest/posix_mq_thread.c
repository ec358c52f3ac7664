// Notification of a POSIX message queue by a thread.
#include "guest.h"
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/socket.h>
#include <sys/syscall.h>
static mqd_t q;
static sem_t done;
static void *expected = &done;
static void told(union sigval value) {
  char text[16];
  ssize_t n = mq_receive(q, text, 16, 0);
  printf("told %d: %zd bytes, %s\n", value.sival_ptr == expected, n, text);
  sem_post(&done);
}
int main(void) {
  char name[40];
  struct mq_attr a = {0, 2, 16};
  struct sigevent event = {0};
  snprintf(name, sizeof name, "/guest-thread-%d", getpid());
  q = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &a);
  MUST(q >= 0 && mq_unlink(name) == 0);
  sem_init(&done, 0, 0);
  event.sigev_notify = SIGEV_THREAD;
  event.sigev_notify_function = told;
  event.sigev_value.sival_ptr = expected;
  for (int i = 0; i < 2; i++) {
    SHOW(mq_notify(q, &event));
    int sent = mq_send(q, i ? "again" : "first", 6, 0);
    sem_wait(&done);
    printf("sent %d\n", sent);
  }
  SHOW(mq_notify(q, &event));
  SHOW(mq_notify(q, &event));
  SHOW(mq_notify(q, 0));
  SHOW(mq_send(q, "quiet", 6, 0));
  // What the C library does for it: a cookie for a netlink socket.
  struct { void *cookie; int fd, kind; char rest[48]; } raw = {0};
  char cookie[32] = "a cookie", got[64] = "";
  raw.cookie = cookie, raw.kind = SIGEV_THREAD;
  raw.fd = -1;
  SHOW(syscall(SYS_mq_notify, q, &raw));
  raw.fd = q;
  printf("%d\n", syscall(SYS_mq_notify, q, &raw) == -1 && errno == ENOTSOCK);
  raw.fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  SHOW(syscall(SYS_mq_notify, q, &raw));
  raw.fd = socket(AF_NETLINK, SOCK_RAW, 0);
  raw.cookie = (void *)8;
  SHOW(syscall(SYS_mq_notify, q, &raw));
  raw.cookie = cookie;
  SHOW(syscall(SYS_mq_notify, q, &raw));
  SHOW(mq_notify(q, 0));
  SHOW(recv(raw.fd, got, sizeof got, MSG_DONTWAIT));
  printf("%s %d\n", got, got[31]);
  SHOW(recv(raw.fd, got, sizeof got, MSG_DONTWAIT));
  SHOW(syscall(SYS_mq_notify, q, &raw));
  MUST(mq_receive(q, got, 16, 0) == 6);
  SHOW(mq_send(q, "told", 5, 0));
  SHOW(recv(raw.fd, got, sizeof got, MSG_DONTWAIT));
  printf("%s %d\n", got, got[31]);
  return 0;
}
