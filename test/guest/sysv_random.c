// Random operations on semaphores and messages that never wait: what each answers, as one number.
#include "guest.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#ifndef MSG_COPY
#define MSG_COPY 040000
#endif
static uint64_t state = 88172645463325252ull, h;
static unsigned draw(unsigned n) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return (state >> 11) % n;
}
static void note(long result) {
  int answer[2] = {result, result < 0 ? errno : 0};
  h = digest(answer, sizeof answer, h);
}
int main(void) {
  enum { COUNT = 5 };
  int sem = semget(IPC_PRIVATE, COUNT, 0600), msg = msgget(IPC_PRIVATE, 0600);
  struct { long type; char text[200]; } m;
  unsigned short values[COUNT];
  MUST(sem >= 0 && msg >= 0);
  for (int i = 0; i < 6000; i++) {
    struct sembuf ops[6];
    int n = 1 + draw(4);
    for (int k = 0; k < n; k++) {
      static const short changes[] = {0, 1, -1, 2, -2, 3, -5, 100, -100, 16000, 32767, -32767};
      ops[k] = (struct sembuf){draw(COUNT + (draw(50) == 0)), changes[draw(draw(8) ? 7 : 12)], IPC_NOWAIT | (draw(3) ? 0 : SEM_UNDO)};
    }
    note(semop(sem, ops, n));
    if (draw(20) == 0) note(semctl(sem, draw(COUNT), SETVAL, draw(40)));
    if (draw(40) == 0) {
      for (int k = 0; k < COUNT; k++) values[k] = draw(30000);
      note(semctl(sem, 0, SETALL, values));
    }
    if (draw(100) == 0) {
      fflush(stdout);
      if (fork() == 0) {
        for (int k = 0; k < 5; k++) {
          struct sembuf undone = {draw(COUNT), (int)draw(200) - 100, IPC_NOWAIT | SEM_UNDO};
          semop(sem, &undone, 1);
        }
        _exit(0);
      }
      wait(0);
    }
    memset(&m, i, sizeof m);
    m.type = (long)draw(6) - (draw(20) == 0);
    if (draw(3)) note(msgsnd(msg, &m, draw(200), IPC_NOWAIT));
    if (draw(3)) {
      static const int flags[] = {0, 0, 0, MSG_NOERROR, MSG_EXCEPT, MSG_COPY, MSG_COPY | MSG_NOERROR, MSG_EXCEPT | MSG_NOERROR};
      memset(&m, 0, sizeof m);
      note(msgrcv(msg, &m, draw(220), (long)draw(12) - 4, flags[draw(8)] | IPC_NOWAIT));
      h = digest(&m, sizeof m, h);
    }
    if (i % 1000 == 999) {
      struct msqid_ds d;
      semctl(sem, 0, GETALL, values);
      msgctl(msg, IPC_STAT, &d);
      printf("%d %d %d %d %d, %ld messages, %ld bytes, %016lx\n", values[0], values[1], values[2], values[3], values[4],
             (long)d.msg_qnum, (long)d.__msg_cbytes, h);
    }
  }
  semctl(sem, 0, IPC_RMID);
  msgctl(msg, IPC_RMID, 0);
  return 0;
}
