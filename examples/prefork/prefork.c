/*
 * A prefork server whose clients are other requests. One request runs it (GET /prefork/serve): a master and its workers, which take
 * jobs from a System V message queue. Any other request (GET /prefork?NAME) sends a job and waits for its answer. They
 * find each other by the queue's key, since the function names a namespace.
 *
 *   SIGHUP to the master    the workers finish what they have, and new ones start with the settings as they are then
 *   SIGTERM                 the workers finish what they have, and the server ends
 *   GET /prefork/set/N      chooses greeting N from the next SIGHUP on; it is kept in a semaphore
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEY 0x70726566
#define WORKERS 4
/* Types of messages: a worker takes those up to JOB, the lowest first. An answer's type is the client's pid above ANSWER. */
enum { STOP = 1, JOB = 2, ANSWER = 1000 };
#define TEXT(message) (sizeof(message) - sizeof(long))

struct job { long type; int client; char name[64]; };
struct answer { long type; char text[160]; };

static const char *GREETINGS[] = {"Hello", "Bonjour", "Servus", "Ahoy"};
static volatile sig_atomic_t reload, finish;

static void on_signal(int signal) {
  if (signal == SIGHUP) reload = 1;
  if (signal == SIGTERM) finish = 1;
}

static int fail(const char *what) {
  printf("Status: 503\nContent-Type: text/plain\n\n%s: %s\n", what, strerror(errno));
  return 0;
}

static void work(int queue, const char *greeting) {
  struct job job;
  while (msgrcv(queue, &job, TEXT(job), -JOB, 0) >= 0 && job.type == JOB) {
    struct answer answer = {.type = ANSWER + job.client};
    snprintf(answer.text, sizeof answer.text, "%s, %s! (worker %d)\n", greeting, job.name, getpid());
    msgsnd(queue, &answer, TEXT(answer), 0);
  }
}

static void start_worker(int queue, int settings) {
  int count = sizeof GREETINGS / sizeof *GREETINGS;
  if (fork() > 0) return;
  signal(SIGHUP, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  work(queue, GREETINGS[semctl(settings, 0, GETVAL) % count]);
  _exit(0);
}

/* Each worker ends when it takes one of these, after the job that it has. */
static void stop_workers(int queue) {
  struct job stop = {.type = STOP};
  for (int i = 0; i < WORKERS; i++) msgsnd(queue, &stop, TEXT(stop), 0);
  for (int i = 0; i < WORKERS; i++) wait(0);
}

static int serve(void) {
  int queue = msgget(KEY, IPC_CREAT | IPC_EXCL | 0600);
  if (queue < 0) return fail("somebody serves already");
  int settings = semget(KEY, 1, IPC_CREAT | 0600);
  if (settings < 0) return fail("semget");
  struct sigaction action = {.sa_handler = on_signal};
  sigset_t blocked, waiting;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGHUP);
  sigaddset(&blocked, SIGTERM);
  sigprocmask(SIG_BLOCK, &blocked, &waiting);
  sigaction(SIGHUP, &action, 0);
  sigaction(SIGTERM, &action, 0);
  printf("Content-Type: text/plain\n\nmaster %d\n", getpid());
  for (int generation = 1; !finish; generation++) {
    for (int i = 0; i < WORKERS; i++) start_worker(queue, settings);
    printf("generation %d\n", generation);
    fflush(stdout);
    for (reload = 0; !reload && !finish;) sigsuspend(&waiting);
    stop_workers(queue);
  }
  msgctl(queue, IPC_RMID, 0);
  semctl(settings, 0, IPC_RMID);
  puts("done");
  return 0;
}

static int ask(const char *name) {
  int queue = msgget(KEY, 0);
  if (queue < 0) return fail("nobody serves");
  struct job job = {.type = JOB, .client = getpid()};
  snprintf(job.name, sizeof job.name, "%s", *name ? name : "world");
  struct answer answer;
  if (msgsnd(queue, &job, TEXT(job), 0) < 0 || msgrcv(queue, &answer, TEXT(answer), ANSWER + getpid(), 0) < 0)
    return fail("the server has gone");
  printf("Content-Type: text/plain\n\n%s", answer.text);
  return 0;
}

static int set(int greeting) {
  int settings = semget(KEY, 1, 0);
  if (settings < 0 || semctl(settings, 0, SETVAL, greeting) < 0) return fail("nobody serves");
  puts("Status: 204\n");
  return 0;
}

int main(void) {
  const char *path = getenv("PATH_INFO"), *query = getenv("QUERY_STRING");
  if (path == 0) path = "";
  if (strcmp(path, "/serve") == 0) return serve();
  if (strncmp(path, "/set/", 5) == 0) return set(atoi(path + 5));
  return ask(query == 0 ? "" : query);
}
