/* The smallest useful CGI program: a header block, an empty line, and the body. */
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  const char *path = getenv("PATH_INFO");
  const char *name = path && path[0] == '/' && path[1] ? path + 1 : "world";
  printf("Content-Type: text/plain; charset=utf-8\n\nHello, %s!\n", name);
  return 0;
}
