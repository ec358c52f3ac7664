/* What test/e2e/egress.test.ts has programs do with hosts outside of their machine. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *const names[] = {[EACCES] = "EACCES", [ECONNREFUSED] = "ECONNREFUSED", [ECONNRESET] = "ECONNRESET",
                                    [EINPROGRESS] = "EINPROGRESS", [ENETUNREACH] = "ENETUNREACH", [EPIPE] = "EPIPE"};
static const char *name_of(int e) { return e == 0 ? "0" : names[e] ? names[e] : strerror(e); }

static int connect_to(const char *host, const char *port) {
  struct addrinfo *list, hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
  int error = getaddrinfo(host, port, &hints, &list), s = -1;
  if (error) {
    printf("getaddrinfo: %s\n", gai_strerror(error));
    exit(1);
  }
  for (struct addrinfo *a = list; a; a = a->ai_next) {
    s = socket(a->ai_family, SOCK_STREAM, 0);
    if (connect(s, a->ai_addr, a->ai_addrlen) == 0) break;
    printf("connect: %s\n", name_of(errno));
    close(s);
    s = -1;
  }
  freeaddrinfo(list);
  if (s < 0) exit(1);
  return s;
}

static struct sockaddr_in address(const char *ip, const char *port) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
  inet_pton(AF_INET, ip, &a.sin_addr);
  return a;
}

static char pattern(long i) { return (char)((i * 31) >> 3); }

/* Sends bytes from a child, ends that direction, and reads until the other one ends. */
static void echo(int s, long total) {
  if (fork() == 0) {
    static char b[65536];
    for (long at = 0; at < total;) {
      long n = total - at < (long)sizeof b ? total - at : (long)sizeof b;
      for (long i = 0; i < n; i++) b[i] = pattern(at + i);
      for (long done = 0; done < n;) {
        long w = write(s, b + done, n - done);
        if (w < 0) _exit(1);
        done += w;
      }
      at += n;
    }
    shutdown(s, SHUT_WR);
    _exit(0);
  }
  static char b[40000];
  long got = 0, bad = 0, n;
  while ((n = read(s, b, sizeof b)) > 0)
    for (long i = 0; i < n; i++) bad += b[i] != pattern(got++);
  int status;
  wait(&status);
  printf("end %ld, got %ld, bad %ld, child %d\n", n, got, bad, status);
}

static void errors(const char *ip, const char *port) {
  struct sockaddr_in a = address(ip, port);
  int s = socket(AF_INET, SOCK_STREAM, 0);
  printf("connect %s\n", name_of(connect(s, (void *)&a, sizeof a) ? errno : 0));
  int n = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  int e = connect(n, (void *)&a, sizeof a) ? errno : 0;
  printf("non-blocking %s\n", name_of(e));
  if (e == EINPROGRESS) {
    struct pollfd p = {n, POLLOUT, 0};
    printf("poll %d", poll(&p, 1, 20000));
    int so;
    socklen_t length = sizeof so;
    getsockopt(n, SOL_SOCKET, SO_ERROR, &so, &length);
    printf(" %s, SO_ERROR %s\n", p.revents & POLLERR ? "POLLERR" : "no error", name_of(so));
  }
  int u = socket(AF_INET, SOCK_DGRAM, 0);
  printf("sendto %s\n", name_of(sendto(u, "x", 1, 0, (void *)&a, sizeof a) < 0 ? errno : 0));
  a.sin_port = htons(53);
  printf("DNS %s\n", name_of(sendto(u, "x", 1, 0, (void *)&a, sizeof a) < 0 ? errno : 0));
}

/* Many connections, all of them being made at one time. */
static void many(const char *ip, const char *port, int count) {
  struct sockaddr_in a = address(ip, port);
  struct pollfd p[64];
  int good = 0, pending = 0;
  for (int i = 0; i < count; i++) {
    p[i].fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    p[i].events = POLLOUT;
    pending += connect(p[i].fd, (void *)&a, sizeof a) < 0 && errno == EINPROGRESS;
  }
  for (int open = 0; open < count;) {
    poll(p, count, -1);
    for (int i = 0; i < count; i++)
      if (p[i].revents & POLLOUT && p[i].events == POLLOUT) {
        char b[16];
        write(p[i].fd, b, sprintf(b, "connection %d", i));
        p[i].events = 0;
        open++;
      }
  }
  for (int i = 0; i < count; i++) {
    char b[16] = {0}, want[16];
    sprintf(want, "connection %d", i);
    fcntl(p[i].fd, F_SETFL, 0);
    recv(p[i].fd, b, strlen(want), MSG_WAITALL);
    good += strcmp(b, want) == 0;
  }
  printf("%d pending, %d echoed\n", pending, good);
}

static void lookup(const char *host, int family) {
  struct addrinfo *list, hints = {.ai_family = family, .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
  int error = getaddrinfo(host, "80", &hints, &list), count = 0;
  if (error) {
    printf("%s: %s\n", host, error == EAI_AGAIN ? "EAI_AGAIN" : error == EAI_NONAME ? "EAI_NONAME" : gai_strerror(error));
    return;
  }
  printf("%s:", host);
  for (struct addrinfo *a = list; a; a = a->ai_next, count++) {
    char text[INET6_ADDRSTRLEN];
    getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof text, 0, 0, NI_NUMERICHOST);
    if (count < 4) printf(" %s", text);
  }
  printf(" (%d)\n", count);
}

static void interfaces(void) {
  struct ifaddrs *list;
  if (getifaddrs(&list)) return;
  for (struct ifaddrs *i = list; i; i = i->ifa_next) {
    char text[INET6_ADDRSTRLEN];
    if (!i->ifa_addr || (i->ifa_addr->sa_family != AF_INET && i->ifa_addr->sa_family != AF_INET6)) continue;
    socklen_t length = i->ifa_addr->sa_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    getnameinfo(i->ifa_addr, length, text, sizeof text, 0, 0, NI_NUMERICHOST);
    printf("%s %s\n", i->ifa_name, text);
  }
}

/* Tells the other side when it does not read, and when it begins to. */
static void slow(int s) {
  struct timespec nap = {1, 500000000};
  write(s, "s", 1);
  nanosleep(&nap, 0);
  write(s, "r", 1);
  static char b[65536];
  long got = 0, n;
  while ((n = read(s, b, sizeof b)) > 0) got += n;
  printf("end %ld, got %ld\n", n, got);
}

static void reset(int s) {
  char b[16];
  write(s, "reset", 5);
  long n = read(s, b, sizeof b);
  printf("read %s\n", n < 0 ? name_of(errno) : n ? "data" : "end");
}

/* Sends a request and closes at once. */
static void put(int s, const char *host, long total) {
  static char b[65536];
  int n = sprintf(b, "PUT /count HTTP/1.1\r\nHost: %s\r\nContent-Length: %ld\r\n\r\n", host, total);
  write(s, b, n);
  memset(b, 'x', sizeof b);
  for (long w; total > 0; total -= w)
    if ((w = write(s, b, total < (long)sizeof b ? total : (long)sizeof b)) < 0) return;
}

int main(int argc, char **argv) {
  setbuf(stdout, 0);
  const char *what = argc > 1 ? argv[1] : "";
  if (!strcmp(what, "echo")) echo(connect_to(argv[2], argv[3]), atol(argv[4]));
  else if (!strcmp(what, "errors")) errors(argv[2], argv[3]);
  else if (!strcmp(what, "many")) many(argv[2], argv[3], atoi(argv[4]));
  else if (!strcmp(what, "lookup")) for (int i = 2; i < argc; i++) lookup(argv[i], AF_UNSPEC);
  else if (!strcmp(what, "interfaces")) interfaces();
  else if (!strcmp(what, "slow")) slow(connect_to(argv[2], argv[3]));
  else if (!strcmp(what, "reset")) reset(connect_to(argv[2], argv[3]));
  else if (!strcmp(what, "put")) put(connect_to(argv[2], argv[3]), argv[2], atol(argv[4]));
  else if (!strcmp(what, "last")) write(connect_to(argv[2], argv[3]), "last words", 10);
  else if (!strcmp(what, "hold")) { connect_to(argv[2], argv[3]); puts("held"); if (argc > 4) pause(); }
  else if (!strcmp(what, "stream")) { connect_to(argv[2], argv[3]); for (;; usleep(20000)) puts("streaming"); }
  return 0;
}
