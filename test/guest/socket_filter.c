/* SO_ATTACH_FILTER: what programs are refused, and what classic BPF lets through on datagram sockets. */
#include "guest.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
/* Of linux/filter.h and linux/bpf_common.h, which not every C library has. */
struct sock_filter { uint16_t code; uint8_t jt, jf; uint32_t k; };
struct sock_fprog { unsigned short len; struct sock_filter *filter; };
#define BPF_STMT(code, k) {(unsigned short)(code), 0, 0, k}
#define BPF_JUMP(code, k, jt, jf) {(unsigned short)(code), jt, jf, k}
enum { BPF_LD, BPF_LDX, BPF_ST, BPF_STX, BPF_ALU, BPF_JMP, BPF_RET, BPF_MISC };
enum { BPF_W = 0, BPF_H = 8, BPF_B = 0x10, BPF_IMM = 0, BPF_ABS = 0x20, BPF_IND = 0x40, BPF_MEM = 0x60, BPF_LEN = 0x80, BPF_MSH = 0xa0 };
enum { BPF_ADD = 0, BPF_MUL = 0x20, BPF_DIV = 0x30, BPF_AND = 0x50, BPF_LSH = 0x60, BPF_RSH = 0x70, BPF_MOD = 0x90, BPF_XOR = 0xa0 };
enum { BPF_JA = 0, BPF_JEQ = 0x10, BPF_JGT = 0x20, BPF_JGE = 0x30, BPF_K = 0, BPF_X = 8, BPF_A = 0x10, BPF_TAX = 0, BPF_TXA = 0x80 };
enum { SKF_AD_OFF = -0x1000, SKF_AD_PROTOCOL = 0, SKF_AD_ALU_XOR_X = 40 };
#ifndef SO_LOCK_FILTER
#define SO_LOCK_FILTER 44
#endif
#ifndef SO_GET_FILTER
#define SO_GET_FILTER SO_ATTACH_FILTER
#endif
#define ATTACH(fd, ...) attach(fd, #__VA_ARGS__, (struct sock_filter[]){__VA_ARGS__}, \
    sizeof (struct sock_filter[]){__VA_ARGS__} / sizeof(struct sock_filter))
static void attach(int fd, const char *text, struct sock_filter *code, int count) {
  struct sock_fprog program = {count, code};
  int result = setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
  printf("%s: %s\n", text, result < 0 ? error_name(errno) : "attached");
}
static void send_and_list(int from, int to, const char *what) {
  static const char *messages[] = {"a", "bee", "cat", "doughnut", "a long message for cutting"};
  for (int i = 0; i < 5; i++) {
    long n = send(from, messages[i], strlen(messages[i]), 0);
    if (n != (long)strlen(messages[i])) printf("send = %ld %s\n", n, error_name(errno));
  }
  printf("%s:", what);
  char buffer[64];
  for (long n; (n = recv(to, buffer, sizeof buffer, MSG_DONTWAIT)) >= 0;) printf(" [%.*s]", (int)n, buffer);
  printf("\n");
}
static void checks(int fd) {
  struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, 0xffff);
  struct sock_fprog program = {1, &all};
  SHOW(setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, 0, 0));
  int zero = 0, one = 1;
  SHOW(setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &zero, sizeof zero));
  SHOW(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, 8));
  program.len = 0;
  SHOW(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program));
  program.len = 4097;
  SHOW(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program));
  program.len = 1;
  program.filter = 0;
  SHOW(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program));
  program.filter = (void *)8;
  SHOW(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program));
  ATTACH(fd, BPF_STMT(BPF_LD | BPF_IMM, 1));
  ATTACH(fd, BPF_STMT(BPF_LD | BPF_MEM, 3), BPF_STMT(BPF_RET | BPF_A, 0));
  ATTACH(fd, BPF_STMT(BPF_ST, 16), BPF_STMT(BPF_RET | BPF_A, 0));
  ATTACH(fd, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), BPF_STMT(BPF_ST, 2), BPF_STMT(BPF_LD | BPF_MEM, 2), BPF_STMT(BPF_RET | BPF_A, 0));
  ATTACH(fd, BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), BPF_STMT(BPF_RET | BPF_A, 0));
  ATTACH(fd, BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 0), BPF_STMT(BPF_RET | BPF_A, 0));
  ATTACH(fd, BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32), BPF_STMT(BPF_RET | BPF_A, 0));
  ATTACH(fd, BPF_STMT(BPF_JMP | BPF_JA, 1), BPF_STMT(BPF_RET | BPF_A, 0));
  ATTACH(fd, BPF_STMT(0xff, 1), BPF_STMT(BPF_RET | BPF_A, 0));
  ATTACH(fd, BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + 100), BPF_STMT(BPF_RET | BPF_A, 0));
  struct sock_filter got[4] = {{0}};
  socklen_t n = sizeof got;
  SHOW(getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, got, &n));
  printf("none: %u\n", n);
  ATTACH(fd, BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), BPF_STMT(BPF_RET | BPF_A, 0));
  n = 0;
  SHOW(getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, got, &n));
  printf("count %u\n", n);
  n = 1;
  SHOW(getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, got, &n));
  n = 4;
  SHOW(getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, got, &n));
  printf("%u instructions, %x %x\n", n, got[0].code, got[1].code);
  n = sizeof zero;
  SHOW(setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &one, sizeof one));
  SHOW(setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &zero, sizeof zero));
  SHOW(getsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &zero, &n));
  printf("locked %d\n", zero);
  SHOW(setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &one, sizeof one));
  ATTACH(fd, BPF_STMT(BPF_RET | BPF_K, 0));
}
static void filters(int from, int to, int header) {
  send_and_list(from, to, "no filter");
  ATTACH(to, BPF_STMT(BPF_RET | BPF_K, 0));
  send_and_list(from, to, "nothing");
  ATTACH(to, BPF_STMT(BPF_RET | BPF_K, header + 4));
  send_and_list(from, to, "four bytes");
  ATTACH(to, BPF_STMT(BPF_RET | BPF_K, 1));
  send_and_list(from, to, "as little as there may be");
  ATTACH(to, BPF_STMT(BPF_LD | BPF_B | BPF_ABS, header + 1), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'e', 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0xffff), BPF_STMT(BPF_RET | BPF_K, 0));
  send_and_list(from, to, "second letter e");
  ATTACH(to, BPF_STMT(BPF_LDX | BPF_IMM, header), BPF_STMT(BPF_LD | BPF_H | BPF_IND, 1), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xff00),
      BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 8), BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 'c', 0, 1), BPF_STMT(BPF_RET | BPF_K, -1),
      BPF_STMT(BPF_RET | BPF_K, 0));
  send_and_list(from, to, "second letter beyond c");
  ATTACH(to, BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 2), BPF_STMT(BPF_ST, 7),
      BPF_STMT(BPF_LDX | BPF_MEM, 7), BPF_STMT(BPF_MISC | BPF_TXA, 0), BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 1000), BPF_STMT(BPF_RET | BPF_A, 0));
  send_and_list(from, to, "odd lengths");
  ATTACH(to, BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, header), BPF_STMT(BPF_MISC | BPF_TXA, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 12, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0xffff), BPF_STMT(BPF_RET | BPF_K, 0));
  send_and_list(from, to, "low half of the first byte is 3");
  ATTACH(to, BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_PROTOCOL), BPF_STMT(BPF_LDX | BPF_IMM, 0x0801),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_ALU_XOR_X), BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, header), BPF_STMT(BPF_RET | BPF_A, 0));
  send_and_list(from, to, "protocol");
  ATTACH(to, BPF_STMT(BPF_LDX | BPF_IMM, 0), BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0), BPF_STMT(BPF_RET | BPF_K, 99));
  send_and_list(from, to, "division by zero");
  int one = 1;
  SHOW(setsockopt(to, SOL_SOCKET, SO_DETACH_FILTER, &one, sizeof one));
  send_and_list(from, to, "detached");
}
int main(void) {
  int ends[2], stream[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, stream) == 0);
  checks(stream[0]);
  send_and_list(stream[0], stream[1], "a stream");
  MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0);
  filters(ends[0], ends[1], 0);
  MUST(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
  ATTACH(ends[1], BPF_STMT(BPF_RET | BPF_K, 2));
  send_and_list(ends[0], ends[1], "packets of two bytes");
  int from = socket(AF_INET, SOCK_DGRAM, 0), to = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t n = sizeof a;
  MUST(bind(to, (void *)&a, n) == 0 && getsockname(to, (void *)&a, &n) == 0 && connect(from, (void *)&a, n) == 0);
  filters(from, to, 8);
  ATTACH(to, BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 4), BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 12, 0, 1), BPF_STMT(BPF_RET | BPF_K, -1),
      BPF_STMT(BPF_RET | BPF_K, 0));
  send_and_list(from, to, "the header's length");
}
