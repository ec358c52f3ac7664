/* Greets the query string: the shortest CGI program whose answer depends on the request. */
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  const char *name = getenv("QUERY_STRING");
  printf("Content-Type: text/plain\n\nhello, %s\n", name ? name : "world");
  return 0;
}
