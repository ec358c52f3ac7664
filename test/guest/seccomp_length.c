/* How many filters a thread may have: 32768 instructions of eBPF, and four more for each that is there already. */
#include "guest.h"
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
struct sock_filter { uint16_t code; uint8_t jt, jf; uint32_t k; };
struct sock_fprog { unsigned short len; struct sock_filter *filter; };
enum { LD_W_ABS = 0x20, ADD_K = 4, JEQ = 0x15, JSET = 0x45, RET = 6, ALLOW = 0x7fff0000 };
static struct sock_filter code[4096];

static void count(const char *what, struct sock_filter kind, int length) {
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    code[0] = (struct sock_filter){LD_W_ABS, 0, 0, 4};
    for (int i = 1; i <= length; i++) code[i] = kind;
    /* Two, for jumps. */
    code[length + 1] = code[length + 2] = (struct sock_filter){RET, 0, 0, ALLOW};
    struct sock_fprog program = {length + 3, code};
    int filters = 0;
    while (syscall(SYS_seccomp, 1, 0, &program) == 0) filters++;
    printf("%s: %d, then %s\n", what, filters, error_name(errno));
    exit(0);
  }
  waitpid(pid, 0, 0);
}

int main(void) {
  count("additions", (struct sock_filter){ADD_K, 0, 0, 1}, 1000);
  count("loads", (struct sock_filter){LD_W_ABS, 0, 0, 8}, 1000);
  count("jumps if equal", (struct sock_filter){JEQ, 1, 0, 1}, 1000);
  count("jumps if not", (struct sock_filter){JEQ, 0, 1, 1}, 1000);
  count("jumps both ways", (struct sock_filter){JEQ, 1, 1, 1}, 1000);
  count("jumps if bits are set", (struct sock_filter){JSET, 1, 0, 1}, 1000);
  count("jumps if they are not", (struct sock_filter){JSET, 0, 1, 1}, 1000);
  count("comparisons with large numbers", (struct sock_filter){JEQ, 1, 0, 0x80000000}, 1000);
  count("large programs", (struct sock_filter){ADD_K, 0, 0, 1}, 4000);
  count("verdicts", (struct sock_filter){RET, 0, 0, ALLOW}, 1000);
}
