/*
 * POST /producer or /producer/TYPE: each line of the body becomes a message of that type (1 when none is named). When the queue is full,
 * msgsnd waits for a consumer, wherever that one runs.
 */
#define _GNU_SOURCE
#include "queue.h"

int main(void) {
  struct message message = {.type = number_in_path(1)};
  if (message.type < 1) return fail("400 Bad Request", "type", "a message's type is above 0");
  int queue = open_queue(), count = 0;
  if (queue < 0) return fail("503 Service Unavailable", "msgget", strerror(errno));
  char *line = 0;
  size_t room = 0;
  for (ssize_t size; (size = getline(&line, &room, stdin)) > 0; count++) {
    if (line[size - 1] == '\n') size--;
    if (size > LONGEST) return fail("413 Content Too Large", line, "the line is too long for a message");
    memcpy(message.text, line, size);
    if (msgsnd(queue, &message, size, 0) < 0) return fail("503 Service Unavailable", "msgsnd", strerror(errno));
  }
  printf("Content-Type: text/plain\n\nsent %d\n", count);
  return 0;
}
