# cmake -D SOURCE=FOLDER -D TO=FILE -P commit.cmake: writes which commit the sources are of, for `zctrace --version`; what
# is not committed is "-dirty".

set(COMMIT "commit unknown")
# Of an archive that git made: a line that it fills in.
file(STRINGS ${SOURCE}/packaging/commit.txt ARCHIVED)
if(NOT ARCHIVED MATCHES "Format")
  set(COMMIT ${ARCHIVED})
endif()
# The sources may lie in another one's repository.
if(EXISTS ${SOURCE}/.git)
  execute_process(COMMAND git -c safe.directory=* describe --always --dirty --abbrev=10 "--exclude=*"
    WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE DESCRIBED OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(DESCRIBED)
    set(COMMIT ${DESCRIBED})
  endif()
endif()
file(CONFIGURE OUTPUT ${TO} CONTENT [[#include "userspace/commit.h"

const char* const zctrace::kCommit = "@COMMIT@";
]] @ONLY)
