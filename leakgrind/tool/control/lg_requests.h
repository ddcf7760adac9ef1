/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_requests.h: requests from the program: those of valgrind.h that concern
   blocks and pools, leakgrind.h's, and memcheck.h's, so that programs that
   were annotated for memcheck work unchanged. */

#ifndef LG_REQUESTS_H
#define LG_REQUESTS_H

#include "pub_tool_basics.h"

/* For VG_(needs_client_requests). */
Bool lg_request_handle(ThreadId tid, UWord* args, UWord* ret);

#endif
