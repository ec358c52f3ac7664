/* What is asked of descriptors that are not of the kind it is meant for, and lesser questions of fcntl, lseek and ioctl. */
#include "guest.h"
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#define GET_RW_HINT 1035
#define SET_RW_HINT 1036

static void seeks(void) {
  const char *names[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/urandom"};
  for (int i = 0; i < 4; i++) {
    int f = open(names[i], O_RDONLY);
    MUST(f >= 0);
    CALL(lseek, f, -1L, SEEK_SET);
    CALL(lseek, f, 100, SEEK_SET);
    CALL(lseek, f, 100, SEEK_CUR);
    CALL(lseek, f, 0, SEEK_END);
    CALL(lseek, f, 0, 5);
    close(f);
  }
  int folder = open("/", O_RDONLY);
  CALL(lseek, folder, -1L, SEEK_SET);
  SHOW(lseek(folder, 0, SEEK_SET));
}

static void fcntls(int file, int folder, int pipes[2]) {
  int other = dup(file), tcp = socket(AF_INET, SOCK_STREAM, 0);
  SHOW(fcntl(folder, F_SETFL, O_DIRECT));
  SHOW(fcntl(tcp, F_SETFL, O_DIRECT | O_NONBLOCK));
  SHOW(fcntl(tcp, F_GETFL));
  SHOW(fcntl(pipes[1], F_SETFL, O_DIRECT));
  SHOW(fcntl(pipes[1], F_SETFL, 0));
  SHOW(fcntl(folder, F_SETLEASE, F_UNLCK));
  SHOW(fcntl(tcp, F_SETLEASE, F_UNLCK));
  SHOW(fcntl(file, F_SETLEASE, F_UNLCK));
  SHOW(fcntl(other, F_GETLEASE));
  uint64_t hint = 9;
  SHOW(fcntl(file, GET_RW_HINT, &hint));
  SHOW(hint);
  hint = 3;
  SHOW(fcntl(file, SET_RW_HINT, &hint));
  hint = 6;
  SHOW(fcntl(file, SET_RW_HINT, &hint));
  SHOW(fcntl(other, GET_RW_HINT, &hint));
  SHOW(hint);
  SHOW(fcntl(file, SET_RW_HINT, 0));
  close(other);
  close(tcp);
}

/* F_DUPFD_QUERY and F_CREATED_QUERY, where the kernel has them (6.10 and 6.12). */
static void queries(int made) {
  int again = open("f", O_RDWR | O_CREAT, 0600), copy = dup(made), named = open("f", O_PATH);
  MUST(again >= 0 && copy >= 0 && named >= 0);
  if (fcntl(made, 1028) == -1) MUST(errno == EINVAL);
  else {
    MUST(fcntl(made, 1027, copy) == 1 && fcntl(made, 1027, again) == 0);
    MUST(fcntl(made, 1027, 999) == -1 && errno == EBADF);
    MUST(fcntl(made, 1028) == 1 && fcntl(copy, 1028) == 1 && fcntl(again, 1028) == 0);
    MUST(fcntl(named, 1027, named) == 1 && fcntl(named, 1028) == 0);
  }
  close(again);
  close(copy);
  close(named);
}

static void splices(int file, int folder, int pipes[2]) {
  SHOW(splice(folder, 0, pipes[1], 0, 1, SPLICE_F_NONBLOCK));
  SHOW(splice(file, 0, pipes[1], 0, 1, SPLICE_F_NONBLOCK));
}

static void owners(void) {
  int s = socket(AF_UNIX, SOCK_STREAM, 0), id = -5;
  SHOW(ioctl(s, FIOGETOWN, &id));
  SHOW(id);
  id = getpid();
  SHOW(ioctl(s, FIOSETOWN, &id));
  SHOW(fcntl(s, F_GETOWN) == id);
  id = -getpgrp();
  SHOW(ioctl(s, SIOCSPGRP, &id));
  int told = 0;
  SHOW(ioctl(s, SIOCGPGRP, &told));
  SHOW(told == id);
  id = 0x7ffffff0;
  SHOW(ioctl(s, SIOCSPGRP, &id));
  id = INT_MIN;
  SHOW(ioctl(s, FIOSETOWN, &id));
  SHOW(fcntl(s, F_SETOWN, INT_MIN));
  id = 0;
  SHOW(ioctl(s, FIOSETOWN, &id));
  SHOW(fcntl(s, F_GETOWN));
  SHOW(ioctl(s, FIOSETOWN, 0));
  close(s);
  s = open("/dev/null", O_RDONLY);
  SHOW(ioctl(s, FIOSETOWN, &id));
  close(s);
}

static void kinds_of_sockets(void) {
  int four = socket(AF_INET, SOCK_DGRAM, 0), local = socket(AF_UNIX, SOCK_DGRAM, 0), value = 0;
  struct ifreq request = {0};
  strcpy(request.ifr_name, "lo");
  SHOW(ioctl(local, SIOCGIFADDR, &request));
  SHOW(ioctl(local, SIOCGIFNETMASK, &request));
  SHOW(ioctl(local, SIOCGIFINDEX, &request));
  SHOW(ioctl(four, SIOCGIFNETMASK, &request));
  SHOW(ioctl(local, SIOCATMARK, &value));
  char byte;
  SHOW(recv(four, &byte, 1, MSG_OOB | MSG_DONTWAIT));
  SHOW(send(four, "x", 1, MSG_OOB));
  close(four);
  close(local);
}

static void system_v(void) {
  int set = semget(IPC_PRIVATE, 1, 0600), segment = shmget(IPC_PRIVATE, 8192, 0600);
  MUST(set >= 0 && segment >= 0);
  /* Only the lower half of the union counts. */
  CALL(semctl, set, 0, SETVAL, -1L);
  CALL(semctl, set, 0, SETVAL, 0xffffffff00007fffL);
  CALL(semctl, set, 0, GETVAL, 0);
  CALL(semctl, set, 0, SETVAL, 0xffffffff00008000L);
  CALL(semctl, set, 0, IPC_RMID, 0);
  CALL(shmat, segment, 0xfffffffffffff000L, 0);
  CALL(shmctl, segment, IPC_RMID, 0);
}

/* Execution of what has no path, sizes of a pipe, requests that any file or only a device knows, options out of range. */
static void refusals(int pipes[2]) {
  char *none[] = {0};
  int tcp = socket(AF_INET, SOCK_STREAM, 0), six = socket(AF_INET6, SOCK_DGRAM, 0), random = open("/dev/urandom", O_RDONLY);
  MUST(tcp >= 0 && random >= 0);
  CALL(execveat, pipes[0], "", none, none, AT_EMPTY_PATH);
  CALL(execveat, tcp, "", none, none, AT_EMPTY_PATH);
  CALL(execveat, tcp, "", none, none, 0);
  SHOW(fcntl(pipes[0], F_SETPIPE_SZ, (1u << 31) + 1));
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    if (geteuid() == 0) MUST(setgid(65534) == 0 && setuid(65534) == 0);
    SHOW(fcntl(pipes[0], F_SETPIPE_SZ, 1u << 31));
    fflush(stdout);
    _exit(0);
  }
  MUST(waitpid(child, 0, 0) == child);
  int value = 0;
  SHOW(ioctl(random, 0x12345, &value));
  int memory = syscall(SYS_memfd_create, "m", 0);
  SHOW(ioctl(memory, 2, &value)); /* FIGETBSZ */
  SHOW(value);
  close(memory);
  for (value = -1; value < 3; value++) SHOW(setsockopt(tcp, IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS, &value, sizeof value));
  if (six >= 0) {
    MUST(setsockopt(six, IPPROTO_IPV6, 999, &value, 1) == -1 && errno == ENOPROTOOPT);
    MUST(setsockopt(six, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &value, 1) == -1 && errno == EINVAL);
  }
  close(tcp);
  close(six);
  close(random);
}

int main(void) {
  enter_folder();
  int pipes[2], file = open("f", O_RDWR | O_CREAT, 0600), folder = open(".", O_RDONLY);
  MUST(file >= 0 && folder >= 0 && pipe(pipes) == 0 && write(file, "contents", 8) == 8);
  lseek(file, 0, SEEK_SET);
  seeks();
  queries(file);
  fcntls(file, folder, pipes);
  splices(file, folder, pipes);
  refusals(pipes);
  owners();
  kinds_of_sockets();
  system_v();
  MUST(unlink("f") == 0);
  leave_folder();
}
