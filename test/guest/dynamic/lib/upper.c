// A shared object that needs another one, with a function that programs may put their own in place of.
// link: -lcounter
#include <stdio.h>
extern int counter_next(void);
__attribute__((constructor)) static void begin(void) { printf("upper: constructor\n"); }
__attribute__((destructor)) static void end(void) { printf("upper: destructor\n"); }
__attribute__((weak)) const char *greeting(void) { return "upper's own"; }
const char *upper_greeting(void) { return greeting(); }
int upper_twice(void) { return counter_next() + counter_next(); }
