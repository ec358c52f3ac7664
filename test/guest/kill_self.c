/* A program that dies by SIGTERM. */
#include "guest.h"
int main(void) { write(1, "bye\n", 4); kill(getpid(), SIGTERM); for (;;) pause(); }
