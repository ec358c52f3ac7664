/* atexit handlers run in reverse order, then the status is the low byte. */
#include "guest.h"
static void a(void) { puts("first registered"); }
static void b(void) { puts("second registered"); }
int main(void) { atexit(a); atexit(b); printf("no newline yet"); exit(256 + 42); }
