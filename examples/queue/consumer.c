/*
 * GET /consumer or /consumer/TYPE: waits until a message is in the queue, and answers with it and with those behind it, a line each. TYPE is
 * as msgrcv has it: 0 for any, 3 for those of type 3, -3 for the lowest type up to 3. GET /consumer?SECONDS waits no longer than
 * that (25 when nothing is said) and answers 204 when nothing came.
 */
#define _GNU_SOURCE
#include "queue.h"
#include <signal.h>
#include <unistd.h>

/* Most messages in one answer: others are for other consumers. */
#define MOST 100

/* That it is there is enough: the signal interrupts msgrcv, which is never restarted. */
static void on_alarm(int signal) { (void)signal; }

int main(void) {
  const char *query = getenv("QUERY_STRING");
  struct sigaction action = {.sa_handler = on_alarm};
  struct message message;
  long type = number_in_path(0);
  int queue = open_queue();
  if (queue < 0) return fail("503 Service Unavailable", "msgget", strerror(errno));
  sigaction(SIGALRM, &action, 0);
  alarm(query != 0 && *query != 0 ? atoi(query) : 25);
  ssize_t size = msgrcv(queue, &message, LONGEST, type, 0);
  alarm(0);
  if (size < 0 && errno == EINTR) return puts("Status: 204\n") < 0;
  if (size < 0) return fail("503 Service Unavailable", "msgrcv", strerror(errno));
  printf("Content-Type: text/plain\n\n");
  for (int i = 1; size >= 0; i++) {
    printf("%ld %.*s\n", message.type, (int)size, message.text);
    size = i < MOST ? msgrcv(queue, &message, LONGEST, type, IPC_NOWAIT) : -1;
  }
  return 0;
}
