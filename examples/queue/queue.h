/* What producer.c and consumer.c agree on: where the queue is, and how long a message may be (MSGMAX of a fresh Linux). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#define KEY 0x71756575
#define LONGEST 8192

struct message { long type; char text[LONGEST]; };

/* The queue, made by whoever comes first. It stays when both have gone. */
static int open_queue(void) { return msgget(KEY, IPC_CREAT | 0600); }

/* A number that follows the slash in PATH_INFO, else `otherwise`. */
static long number_in_path(long otherwise) {
  const char *path = getenv("PATH_INFO");
  return path != 0 && path[0] == '/' && path[1] != 0 ? atol(path + 1) : otherwise;
}

static int fail(const char *status, const char *what, const char *why) {
  printf("Status: %s\nContent-Type: text/plain\n\n%s: %s\n", status, what, why);
  return 0;
}
