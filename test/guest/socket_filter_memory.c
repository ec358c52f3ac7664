/* What socket filters take up (sk_filter_charge): less than net.core.optmem_max for a socket, counted as eBPF. */
#include "guest.h"
#include <sys/socket.h>
/* Of linux/filter.h, which not every C library has. */
struct sock_filter { uint16_t code; uint8_t jt, jf; uint32_t k; };
struct sock_fprog { unsigned short len; struct sock_filter *filter; };
enum { LD_W_ABS = 0x20, LD_B_ABS = 0x30, LD_W_IND = 0x40, LDX_MSH = 0xb1, LD_IMM = 0, DIV_X = 0x3c, JEQ = 0x15, RET = 6 };
static struct sock_filter code[4096];
static long limit;

/* A program of `count` instructions, all of one kind but the last. */
static int attach(int fd, struct sock_filter kind, int count) {
  for (int i = 0; i < count - 1; i++) code[i] = kind;
  code[count - 1] = (struct sock_filter){RET, 0, 0, -1};
  struct sock_fprog program = {count, code};
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0 ? errno : 0;
}

static void attached(const char *what, int fd, struct sock_filter kind, int count) {
  int error = attach(fd, kind, count);
  printf("%s: %s\n", what, error ? error_name(error) : "attached");
}

/* `size`: eBPF instructions that one becomes. */
static void fits(const char *what, struct sock_filter kind, int size) {
  int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  int most = (limit - 400) / (8 * size);
  if (most > 4000) most = 4000;
  attached(what, fd, kind, most);
  close(fd);
  fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  attached("some more", fd, kind, most + 60 / size + 2);
  close(fd);
}

static void replace(void) {
  int fd = socket(AF_UNIX, SOCK_DGRAM, 0), other = socket(AF_INET, SOCK_DGRAM, 0), none = 0;
  struct sock_filter load = {LD_W_ABS};
  int half = limit / 2 / (8 * 13);
  attached("a little less than half", fd, load, half - 10);
  attached("again", fd, load, half - 10);
  attached("more than half instead", fd, load, half + 20);
  SHOW(setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof none));
  attached("alone", fd, load, half + 20);
  attached("again", fd, load, half + 20);
  attached("another socket", other, load, half + 20);
  /* The one before is still there. */
  socklen_t length = 0;
  SHOW(getsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, 0, &length));
  printf("%d\n", (int)length == half + 20);
}

int main(void) {
  FILE *file = fopen("/proc/sys/net/core/optmem_max", "r");
  MUST(file != 0 && fscanf(file, "%ld", &limit) == 1);
  fits("words", (struct sock_filter){LD_W_ABS, 0, 0, 0}, 13);
  fits("words further on", (struct sock_filter){LD_W_ABS, 0, 0, 4}, 14);
  fits("words far on", (struct sock_filter){LD_W_ABS, 0, 0, 40000}, 16);
  fits("bytes", (struct sock_filter){LD_B_ABS, 0, 0, 0}, 12);
  fits("bytes of the network header", (struct sock_filter){LD_B_ABS, 0, 0, -0x100000}, 8);
  fits("words at X", (struct sock_filter){LD_W_IND, 0, 0, 0}, 8);
  fits("lengths of headers", (struct sock_filter){LDX_MSH, 0, 0, 0}, 18);
  fits("divisions", (struct sock_filter){DIV_X, 0, 0, 0}, 5);
  fits("the interface", (struct sock_filter){LD_W_ABS, 0, 0, -0x1000 + 8}, 4);
  fits("constants", (struct sock_filter){LD_IMM, 0, 0, 7}, 1);
  replace();
}
