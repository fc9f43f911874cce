#include <stdlib.h>
#include <string.h>

#include "userspace/lab/init/init.h"

#define LONGEST_REQUEST (16u << 20)

static char* next_field(char** at, const char* end) {
  char* field = *at;
  if (field == end) return NULL;
  *at += strlen(field) + 1;
  return field;
}

static char** next_list(char** at, const char* end) {
  const char* number = next_field(at, end);
  if (!number) return NULL;
  const unsigned long count = strtoul(number, NULL, 10);
  if (count > (unsigned long)(end - *at)) return NULL;  // each has a NUL at least
  char** list = calloc(count + 1, sizeof *list);
  for (unsigned long i = 0; list && i < count; i++) {
    list[i] = next_field(at, end);
    if (list[i]) continue;
    free(list);
    return NULL;
  }
  return list;
}

const char* parse_request(char* fields, unsigned long bytes, struct request* request) {
  if (bytes == 0 || fields[bytes - 1]) return "the request's last field has no end";
  char* at = fields;
  const char* end = fields + bytes;
  *request = (struct request){0};
  request->command = next_list(&at, end);
  if (request->command) request->folder = next_field(&at, end);
  if (request->folder) request->environment = next_list(&at, end);
  const char* why = NULL;
  if (!request->environment)
    why = "the request lacks a field";
  else if (!request->command[0])
    why = "the request names no command";
  if (why) {
    free(request->command);
    free(request->environment);
  }
  return why;
}

struct request read_request(int control) {
  char length[16] = "";
  for (size_t i = 0; i < sizeof length - 1; i++) {
    if (!read_exactly(control, &length[i], 1)) fail("the request is cut short");
    if (length[i] == '\n') break;
  }
  const unsigned long bytes = strtoul(length, NULL, 10);
  if (bytes == 0 || bytes > LONGEST_REQUEST) fail("the request is %lu bytes long", bytes);
  char* fields = malloc(bytes);
  if (!fields) fail("no memory for the request");
  if (!read_exactly(control, fields, bytes)) fail("the request is cut short");
  struct request request;
  const char* why = parse_request(fields, bytes, &request);
  if (why) fail("%s", why);
  return request;
}
