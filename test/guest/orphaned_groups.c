/* SIGHUP and SIGCONT go to stopped members of a process group that becomes orphaned, not of one that was one before. */
#include "guest.h"
static void stop_and_wait(pid_t p) {
  int status;
  kill(p, SIGSTOP);
  MUST(waitpid(p, &status, WUNTRACED) == p);
}
static pid_t sleeper(void) {
  pid_t p = fork();
  if (p == 0) for (;;) pause();
  return p;
}
int main(void) {
  int status;
  /* A session's only group has always been orphaned: the exit of a member leaves a stopped one as it is. */
  pid_t session = fork();
  if (session == 0) {
    setsid();
    pid_t stopped = sleeper();
    stop_and_wait(stopped);
    pid_t other = fork();
    if (other == 0) _exit(0);
    MUST(waitpid(other, 0, 0) == other);
    usleep(20000);
    printf("left alone %d\n", waitpid(stopped, &status, WNOHANG | WCONTINUED) == 0);
    fflush(stdout);
    kill(stopped, SIGKILL);
    MUST(waitpid(stopped, &status, 0) == stopped);
    print_status("stopped", status);
    _exit(0);
  }
  MUST(waitpid(session, 0, 0) == session);
  /* A job's leader ends while another member, whose parent is the shell too, keeps the group from being orphaned. */
  session = fork();
  if (session == 0) {
    setsid();
    pid_t leader = sleeper();
    setpgid(leader, leader);
    pid_t member = sleeper();
    setpgid(member, leader);
    stop_and_wait(member);
    kill(leader, SIGKILL);
    MUST(waitpid(leader, 0, 0) == leader);
    printf("linked %d\n", waitpid(member, &status, WNOHANG | WCONTINUED) == 0);
    fflush(stdout);
    kill(member, SIGKILL);
    MUST(waitpid(member, &status, 0) == member);
    print_status("member", status);
    _exit(0);
  }
  MUST(waitpid(session, 0, 0) == session);
  /* The shell ends: its stopped job gets both signals, SIGHUP ends it. */
  int ends[2];
  char c;
  MUST(pipe(ends) == 0);
  session = fork();
  if (session == 0) {
    setsid();
    pid_t job = sleeper();
    setpgid(job, job);
    stop_and_wait(job);
    _exit(0);
  }
  close(ends[1]);
  MUST(waitpid(session, 0, 0) == session);
  printf("hung up %zd\n", read(ends[0], &c, 1));
  return 0;
}
