// System V messages: types positive, negative and zero, MSG_EXCEPT, MSG_NOERROR, MSG_COPY, sizes, errors.
#include "guest.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#ifndef MSG_COPY
#define MSG_COPY 040000
#endif
static struct { long type; char text[9000]; } m;
static int q;
static void put(long type, const char *text) {
  m.type = type;
  strcpy(m.text, text);
  if (msgsnd(q, &m, strlen(text), 0)) printf("msgsnd %ld %s: %s\n", type, text, error_name(errno));
}
static void get(long type, size_t size, int flags) {
  memset(&m, 0, 64);
  ssize_t n = msgrcv(q, &m, size, type, flags | IPC_NOWAIT);
  if (n < 0) printf("%ld %zu %o: %s\n", type, size, flags, errno == ENOMSG ? "ENOMSG" : error_name(errno));
  else printf("%ld %zu %o: %zd of type %ld, %.20s\n", type, size, flags, n, m.type, m.text);
}
static void state(void) {
  struct msqid_ds d;
  msgctl(q, IPC_STAT, &d);
  printf("%ld messages, %ld bytes of %ld\n", (long)d.msg_qnum, (long)d.__msg_cbytes, (long)d.msg_qbytes);
}
int main(void) {
  q = msgget(IPC_PRIVATE, 0600);
  MUST(q >= 0);
  get(0, 10, 0);
  put(3, "three");
  put(1, "one");
  put(2, "two");
  put(1, "uno");
  put(5, "five");
  state();
  get(0, 100, MSG_COPY);
  get(4, 100, MSG_COPY);
  get(5, 100, MSG_COPY);
  get(-1, 100, MSG_COPY);
  SHOW(msgrcv(q, &m, 100, 0, MSG_COPY));
  SHOW(msgrcv(q, &m, 100, 0, MSG_COPY | MSG_EXCEPT | IPC_NOWAIT));
  get(2, 2, MSG_COPY);
  get(2, 2, MSG_COPY | MSG_NOERROR);
  get(2, 2, 0);
  get(2, 2, MSG_NOERROR);
  get(2, 100, 0);
  get(-4, 100, 0);
  get(-1, 100, 0);
  get(-1, 100, 0);
  get(3, 100, MSG_EXCEPT);
  get(3, 100, MSG_EXCEPT);
  get(0, 0, MSG_NOERROR);
  get(0, 100, 0);
  put(LONG_MAX, "largest");
  put(LONG_MAX - 1, "next");
  put(1L << 53, "2^53");
  put((1L << 53) + 1, "2^53+1");
  get(1L << 53, 100, MSG_COPY | 0);
  get((1L << 53) + 1, 100, 0);
  get(-(1L << 53), 100, 0);
  get(LONG_MAX, 100, MSG_EXCEPT);
  get(LONG_MIN, 100, 0);
  put(7, "");
  get(0, 0, 0);
  put(7, "");
  get(7, 100, MSG_EXCEPT);
  get(0, 100, 0);
  put(0, "type 0");
  put(-1, "type -1");
  m.type = 1;
  memset(m.text, 'x', sizeof m.text);
  SHOW(msgsnd(q, &m, 8193, 0));
  SHOW(msgsnd(q, &m, -1, 0));
  SHOW(msgsnd(q, &m, 8192, IPC_NOWAIT));
  SHOW(msgsnd(q, &m, 8192, IPC_NOWAIT));
  SHOW(msgsnd(q, &m, 1, IPC_NOWAIT));
  SHOW(msgsnd(q, &m, 0, IPC_NOWAIT));
  state();
  SHOW(msgrcv(q, &m, -1, 0, 0));
  SHOW(msgrcv(q, &m, LONG_MAX, 0, 0));
  get(1, 9000, 0);
  get(0, 100, 0);
  SHOW(msgsnd(q, (void *)8, 1, 0));

  SHOW(msgsnd(-1, &m, 1, 0));
  SHOW(msgrcv(-1, &m, 1, 0, 0));
  put(9, "lost");
  SHOW(msgrcv(q, (void *)8, 100, 0, 0));
  state();
  SHOW(msgctl(q, 99, 0));
  SHOW(msgctl(q, IPC_RMID, 0));
  SHOW(msgctl(q, IPC_RMID, 0));
  SHOW(msgsnd(q, &m, 1, 0));
  return 0;
}
