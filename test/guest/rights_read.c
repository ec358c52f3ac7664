/* Descriptors that come along with bytes that read(2) takes, or that have no place, are closed. */
#include "guest.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static void pass(int socket, int fd) {
    char control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec byte = {"x", 1};
    struct msghdr message = {.msg_iov = &byte, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &fd, sizeof(int));
    printf("sendmsg %zd\n", sendmsg(socket, &message, 0));
}

/* Whether the pipe has a writer left. */
static void writers(const char *when, int fd) {
    struct pollfd poll_fd = {fd, POLLIN, 0};
    poll(&poll_fd, 1, 0);
    printf("%s: hangup %d\n", when, (poll_fd.revents & POLLHUP) != 0);
}

int main(void) {
    static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
    for (int i = 0; i < 3; i++) {
        int ends[2], pair[2];
        char byte;
        pipe(ends);
        socketpair(AF_UNIX, types[i], 0, pair);
        pass(pair[0], ends[1]);
        close(ends[1]);
        writers("in flight", ends[0]);
        printf("read %zd\n", read(pair[1], &byte, 1));
        writers("read", ends[0]);
        close(ends[0]);

        pipe(ends);
        pass(pair[0], ends[1]);
        close(ends[1]);
        struct iovec vector = {&byte, 1};
        printf("readv %zd\n", readv(pair[1], &vector, 1));
        writers("readv", ends[0]);
        close(ends[0]);

        pipe(ends);
        pass(pair[0], ends[1]);
        close(ends[1]);
        struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
        printf("recvmsg %zd", recvmsg(pair[1], &message, 0));
        printf(" truncated %d\n", (message.msg_flags & MSG_CTRUNC) != 0);
        writers("recvmsg", ends[0]);
        close(ends[0]), close(pair[0]), close(pair[1]);
    }
    return 0;
}
