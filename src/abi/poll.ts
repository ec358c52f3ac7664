/** poll(2) events (include/uapi/asm-generic/poll.h). */

export const POLLIN = 0x001;
export const POLLPRI = 0x002;
export const POLLOUT = 0x004;
export const POLLERR = 0x008;
export const POLLHUP = 0x010;
export const POLLNVAL = 0x020;
export const POLLRDNORM = 0x040;
export const POLLRDBAND = 0x080;
export const POLLWRNORM = 0x100;
export const POLLWRBAND = 0x200;
export const POLLMSG = 0x400;
export const POLLRDHUP = 0x2000;

/** struct pollfd: { int fd; short events; short revents; }. */
export const POLLFD_BYTES = 8;

/** select(2): which poll events make a descriptor readable, writable, exceptional (fs/select.c). */
export const SELECT_IN = POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR;
export const SELECT_OUT = POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR;
export const SELECT_EXCEPT = POLLPRI;

/** si_code of SIGIO: what has happened (siginfo.h). */
export const POLL_IN = 1;
export const POLL_OUT = 2;
export const POLL_MSG = 3;
export const POLL_ERR = 4;
export const POLL_PRI = 5;
export const POLL_HUP = 6;
