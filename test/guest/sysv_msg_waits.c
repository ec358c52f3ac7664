// Waiting for messages and for room: order, types, limits, signals, stops, removal, rights that are taken away.
#include "guest.h"
#include <sys/ipc.h>
#include <sys/msg.h>
static struct { long type; char text[4000]; } m;
static int q, report[2];
static void nothing(int sig) {}
static const char *name(int e) { return e == EIDRM ? "EIDRM" : e == ENOMSG ? "ENOMSG" : error_name(e); }
static void say(const char *who, ssize_t n) {
  char line[80];
  int length = n < 0 ? snprintf(line, sizeof line, "%s: %s\n", who, name(errno))
                     : snprintf(line, sizeof line, "%s: %zd of type %ld\n", who, n, m.type);
  write(report[1], line, length);
}
// Returns when the child, or a thread, waits.
static void asleep(const char *task, int id) {
  char path[60], state;
  snprintf(path, sizeof path, "/proc/%s%d/stat", task, id);
  do {
    usleep(1000);
    FILE *f = fopen(path, "r");
    MUST(f && fscanf(f, "%*d (%*[^)]) %c", &state) == 1);
    fclose(f);
  } while (state != 'S');
}
static pid_t receiver(const char *who, long type, size_t size, int flags, uid_t uid) {
  pid_t child = fork();
  if (child == 0) {
    set_handler(SIGUSR1, nothing, SA_RESTART);
    if (uid) setuid(uid);
    say(who, msgrcv(q, &m, size, type, flags));
    _exit(0);
  }
  asleep("", child);
  return child;
}
static pid_t sender(const char *who, long type, size_t size) {
  pid_t child = fork();
  if (child == 0) {
    set_handler(SIGUSR1, nothing, SA_RESTART);
    m.type = type;
    say(who, msgsnd(q, &m, size, 0));
    _exit(0);
  }
  asleep("", child);
  return child;
}
static void put(long type, size_t size) {
  m.type = type;
  MUST(msgsnd(q, &m, size, IPC_NOWAIT) == 0);
}
static int compare(const void *a, const void *b) { return strcmp(a, b); }
// Prints that many lines, sorted: those that are served at once may report in any order.
static void reported(int count) {
  char lines[4][80] = {{0}};
  for (int i = 0; i < count; i++) {
    char *c = lines[i];
    do MUST(read(report[0], c, 1) == 1);
    while (*c++ != '\n');
  }
  qsort(lines, count, sizeof *lines, compare);
  for (int i = 0; i < count; i++) fputs(lines[i], stdout);
  fflush(stdout);
}
static void state(const char *when) {
  struct msqid_ds d;
  msgctl(q, IPC_STAT, &d);
  printf("%s: %ld messages, %ld bytes\n", when, (long)d.msg_qnum, (long)d.__msg_cbytes);
  fflush(stdout);
}
int main(void) {
  struct msqid_ds d;
  int st;
  pipe(report);
  q = msgget(IPC_PRIVATE, 0600);
  // Who has waited longest gets what it wants.
  receiver("first, any", 0, 100, 0, 0);
  receiver("second, any", 0, 100, 0, 0);
  receiver("type 2", 2, 100, 0, 0);
  receiver("not 3", 3, 100, MSG_EXCEPT, 0);
  receiver("up to 1", -1, 100, 0, 0);
  put(2, 5), reported(1);
  put(3, 6), reported(1);
  put(3, 7), state("nobody wants it");
  put(2, 8), reported(1);
  put(1, 9), reported(1);
  put(1, 10), reported(1);
  MUST(msgrcv(q, &m, 100, 0, 0) == 7);
  // One that is too large ends the wait of who has no room, and goes to the next.
  receiver("small", 0, 4, 0, 0);
  receiver("cut", 0, 4, MSG_NOERROR, 0);
  put(1, 50), reported(2);
  state("both served");
  // A handler ends the wait, SA_RESTART or not; a stop does not.
  pid_t child = receiver("signal", 0, 100, 0, 0);
  kill(child, SIGUSR1), reported(1);
  child = receiver("stop", 0, 100, 0, 0);
  kill(child, SIGSTOP);
  waitpid(child, &st, WUNTRACED);
  put(4, 1);
  state("while stopped");
  kill(child, SIGCONT), reported(1);
  child = receiver("killed", 0, 100, 0, 0);
  kill(child, SIGKILL);
  waitpid(child, &st, 0);
  put(4, 2);
  state("not for the dead");
  MUST(msgrcv(q, &m, 100, 0, 0) == 2);
  // Senders wait for room, and go on in order as far as their messages fit.
  msgctl(q, IPC_STAT, &d);
  d.msg_qbytes = 100;
  SHOW(msgctl(q, IPC_SET, &d));
  put(1, 40), put(1, 50);
  SHOW(msgsnd(q, &m, 11, IPC_NOWAIT));
  fflush(stdout);
  sender("60 bytes", 2, 60);
  sender("20 bytes", 3, 20);
  sender("30 bytes", 4, 30);
  state("three wait");
  MUST(msgrcv(q, &m, 100, 0, 0) == 40);
  reported(2);
  state("two fit");
  for (int i = 0; i < 4; i++) MUST(msgrcv(q, &m, 100, 0, 0) >= 0);
  reported(1);
  state("all sent");
  put(1, 100);
  child = sender("signal", 2, 1);
  kill(child, SIGUSR1), reported(1);
  sender("more room", 2, 1);
  d.msg_qbytes = 101;
  msgctl(q, IPC_SET, &d), reported(1);
  // Empty messages count too.
  d.msg_qbytes = 3;
  while (msgrcv(q, &m, 100, 0, IPC_NOWAIT) >= 0) {}
  msgctl(q, IPC_SET, &d);
  put(1, 0), put(1, 0), put(1, 0);
  SHOW(msgsnd(q, &m, 0, IPC_NOWAIT));
  fflush(stdout);
  while (msgrcv(q, &m, 100, 0, IPC_NOWAIT) >= 0) {}
  // Others may read until they may not.
  d.msg_perm.mode = 0666;
  d.msg_qbytes = 100;
  msgctl(q, IPC_SET, &d);
  receiver("other user", 0, 100, 0, 65534);
  d.msg_perm.mode = 0600;
  msgctl(q, IPC_SET, &d), reported(1);
  // Removal.
  receiver("removed", 0, 100, 0, 0);
  SHOW(msgctl(q, IPC_RMID, 0));
  reported(1);
  q = msgget(IPC_PRIVATE, 0600);
  d.msg_qbytes = 1;
  msgctl(q, IPC_SET, &d);
  put(1, 1);
  sender("removed", 1, 1);
  SHOW(msgctl(q, IPC_RMID, 0));
  reported(1);
  while (wait(0) > 0) {}
  return 0;
}
