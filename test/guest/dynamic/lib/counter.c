// A shared object with state, thread-local storage, constructors and destructors.
#include <stdio.h>
static int count = 10;
__thread int per_thread = 7;
int version = 3;
__attribute__((constructor(201))) static void second(void) { printf("counter: constructor 201\n"); }
__attribute__((constructor(200))) static void first(void) { printf("counter: constructor 200, count %d\n", count); }
__attribute__((destructor)) static void last(void) { printf("counter: destructor, count %d\n", count); }
int counter_next(void) { return ++count; }
int counter_per_thread(void) { return ++per_thread; }
int *counter_address(void) { return &per_thread; }
