/* sendmmsg(2), recvmmsg(2), and receives that wait: timeouts, low-water marks, signals, several waiters. */
#include "guest.h"
#include <sys/socket.h>
static volatile int alarms;
static void on(int s) { (void)s; alarms++; }
static void every(long us, int flags) {
  set_handler(SIGALRM, on, flags);
  struct itimerval t = {{0, us}, {0, us}};
  setitimer(ITIMER_REAL, &t, 0);
}
int main(void) {
  int s[2];
  char b[8][16];
  struct iovec v[8];
  struct mmsghdr m[8];
  memset(m, 0, sizeof m);
  MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, s) == 0);
  for (int i = 0; i < 8; i++) {
    v[i] = (struct iovec){b[i], sprintf(b[i], "message %d", i) - (i == 2)};
    m[i].msg_hdr.msg_iov = &v[i];
    m[i].msg_hdr.msg_iovlen = 1;
  }
  SHOW(sendmmsg(s[0], m, 5, 0));
  printf("%u %u %u\n", m[0].msg_len, m[2].msg_len, m[4].msg_len);
  for (int i = 0; i < 8; i++) v[i].iov_len = 16;
  SHOW(recvmmsg(s[1], m, 3, 0, 0));
  printf("%u %u %u\n", m[0].msg_len, m[1].msg_len, m[2].msg_len);
  SHOW(recvmmsg(s[1], m, 8, MSG_WAITFORONE, 0));
  SHOW(recvmmsg(s[1], m, 8, MSG_DONTWAIT, 0));
  m[1].msg_hdr.msg_iov = (void *)8;
  SHOW(sendmmsg(s[0], m, 3, 0));
  SHOW(sendmmsg(s[0], m + 1, 1, 0));
  SHOW(sendmmsg(s[0], m, 0, 0));
  m[1].msg_hdr.msg_iov = &v[1];
  SHOW(recv(s[1], b[0], 16, MSG_DONTWAIT) > 0);
  struct timespec t = {0, 10000000}, bad = {0, -1};
  SHOW(recvmmsg(s[1], m, 1, 0, &bad));
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    for (;;) {
      usleep(8000);
      send(s[0], "late", 4, 0);
    }
  }
  long got = recvmmsg(s[1], m, 8, 0, &t);
  printf("some before the time was over: %d\n", got >= 1 && got <= 8);
  kill(child, SIGKILL);
  wait(0);
  while (recv(s[1], b[0], 16, MSG_DONTWAIT) > 0);
  /* Timeouts. */
  struct timeval limit = {0, 30000};
  SHOW(setsockopt(s[1], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
  long start = milliseconds();
  SHOW(recv(s[1], b[0], 16, 0));
  SHOW(read(s[1], b[0], 16));
  long waited = milliseconds() - start;
  printf("twice 30 ms: %d\n", waited >= 58 && waited < 10000);
  limit = (struct timeval){20, 0};
  MUST(setsockopt(s[1], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0);
  every(5000, SA_RESTART);
  SHOW(recv(s[1], b[0], 16, 0));
  printf("a wait with a timeout is interrupted: %d\n", alarms > 0);
  limit.tv_sec = 0;
  setsockopt(s[1], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  alarms = 0;
  fflush(stdout);
  child = fork();
  if (child == 0) {
    usleep(30000);
    _exit(send(s[0], "restarted", 9, 0) != 9);
  }
  SHOW(recv(s[1], b[0], 16, 0));
  printf("one without is restarted: %d\n", alarms > 0);
  wait(0);
  every(5000, 0);
  SHOW(recv(s[1], b[0], 16, 0));
  every(0, 0);
  close(s[0]), close(s[1]);
  /* Low-water marks, and all that was asked for. */
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
  int low = 6;
  SHOW(setsockopt(s[1], SOL_SOCKET, SO_RCVLOWAT, &low, sizeof low));
  fflush(stdout);
  child = fork();
  if (child == 0) {
    for (int i = 0; i < 4; i++) {
      send(s[0], "abc", 3, 0);
      usleep(10000);
    }
    _exit(0);
  }
  SHOW(recv(s[1], b[0], 16, 0) >= 6);
  wait(0);
  while (recv(s[1], b[0], 16, MSG_DONTWAIT) > 0);
  send(s[0], "xy", 2, 0);
  SHOW(recv(s[1], b[0], 16, MSG_DONTWAIT));
  low = 1;
  setsockopt(s[1], SOL_SOCKET, SO_RCVLOWAT, &low, sizeof low);
  send(s[0], "part", 4, 0);
  every(20000, 0);
  SHOW(recv(s[1], b[0], 16, MSG_WAITALL));
  every(0, 0);
  limit.tv_usec = 20000;
  setsockopt(s[1], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  send(s[0], "some", 4, 0);
  SHOW(recv(s[1], b[0], 16, MSG_WAITALL));
  setsockopt(s[0], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  static char big[1 << 20];
  ssize_t n = send(s[0], big, sizeof big, 0);
  printf("as much as fits: %d\n", n > 0 && n < (ssize_t)sizeof big);
  SHOW(send(s[0], big, sizeof big, 0));
  close(s[0]), close(s[1]);
  /* Each message goes to one of those who wait. */
  MUST(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s) == 0);
  fflush(stdout);
  for (int i = 0; i < 4; i++)
    if (fork() == 0) {
      close(s[0]);
      _exit(recv(s[1], b[0], 16, 0));
    }
  for (int i = 1; i <= 4; i++) send(s[0], "1234", i, 0);
  int status, sum = 0;
  for (int i = 0; i < 4; i++) {
    wait(&status);
    sum += WEXITSTATUS(status);
  }
  printf("lengths add up to %d\n", sum);
  /* The offset of peeks. */
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
  int offset = 2;
  SHOW(setsockopt(s[1], SOL_SOCKET, SO_PEEK_OFF, &offset, sizeof offset));
  write(s[0], "abcdefgh", 8);
  for (int i = 0; i < 2; i++) {
    memset(b[0], 0, 16);
    recv(s[1], b[0], 3, MSG_PEEK);
    printf("peeked %s\n", b[0]);
  }
  memset(b[0], 0, 16);
  recv(s[1], b[0], 4, 0);
  printf("read %s\n", b[0]);
  memset(b[0], 0, 16);
  SHOW(recv(s[1], b[0], 8, MSG_PEEK | MSG_DONTWAIT));
  return 0;
}
