/** epoll(7), eventfd(2), timerfd_create(2) and signalfd(2): constants and structures (include/uapi/linux/eventpoll.h and kin). */

export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLL_CTL_MOD = 3;

/** Low bits of struct epoll_event.events are those of poll(2). */
export const EPOLLEXCLUSIVE = 0x1000_0000;
export const EPOLLWAKEUP = 0x2000_0000;
export const EPOLLONESHOT = 0x4000_0000;
export const EPOLLET = 0x8000_0000;

/** struct epoll_event, packed on x86-64: { u32 events; u64 data; }. */
export const EPOLL_EVENT_SIZE = 12;
/** Epoll instances that may watch each other in a row (fs/eventpoll.c, EP_MAX_NESTS). */
export const EPOLL_MAX_NESTS = 4;

export const EFD_SEMAPHORE = 1;

export const TFD_TIMER_ABSTIME = 1;
export const TFD_TIMER_CANCEL_ON_SET = 2;

/** struct signalfd_siginfo. */
export const SIGNALFD_SIGINFO_SIZE = 128;
