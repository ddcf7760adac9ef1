/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pytraces_priv.h: the tables behind lg_pytraces.h.

   From memory to a number:

       cache    (innermost frame, instruction) -> trace, if every frame of the
                chain is still what it was         (lg_pytraces.c)
       sites    (code object, instruction) -> line; forgotten with the code
       lines    (function, file, line of source), each once
       traces   sequences of lines, each once      (lg_pytraces_tables.c)

   A trace consists of lines and not of sites, so it keeps its meaning when its
   code objects are gone. */

#ifndef LG_PYTRACES_PRIV_H
#define LG_PYTRACES_PRIV_H

#include "../base/lg_numbering.h"
#include "lg_pytraces.h"

typedef struct {
    Addr code; /* 0: forgotten */
    Addr instr;
    UInt line;       /* number of an LgPyLine */
    UInt nextOfCode; /* number + 1 of the next site of the same code object */
} LgPySite;

/* A code object, and its sites. */
typedef struct {
    Addr code;
    UInt firstSite; /* number + 1; 0: none, it is forgotten */
} LgPyCode;

typedef struct {
    const HChar* function;
    const HChar* file;
    UInt         line;
} LgPyLine;

typedef struct {
    UInt first, n; /* in `elements` */
} LgPyTrace;

/* An element of a trace. */
#define LG_PY_ELEMENT(line, isEntry) ((line) << 1 | ((isEntry) ? 1u : 0u))

enum { LG_PY_CACHED_TRACES = 1024 }; /* a power of two */

typedef struct {
    Addr  frame, previous, code, instr;
    UChar isEntry;
} LgPyCachedFrame;

/* The chain from tstate's frame on, and the trace that comes of it. */
typedef struct {
    UInt             generation; /* valid if it is the current one */
    UInt             trace;
    UInt             n; /* at least 1 */
    LgPyCachedFrame* frames;
} LgPyCachedTrace;

struct LgPyTraces {
    UInt depth;

    LgPyCachedTrace  cache[LG_PY_CACHED_TRACES];
    LgPyCachedFrame* cachedFrames; /* LG_PY_CACHED_TRACES * maxCached */
    UInt             maxCached;
    UInt             generation; /* 0 is never the current one */

    LgPySite*   sites;
    UInt        nSites, maxSites;
    LgNumbering siteNumbers;
    LgPyCode*   codes;
    UInt        nCodes, maxCodes;
    LgNumbering codeNumbers;

    HChar**     strings;
    UInt        nStrings, maxStrings;
    LgNumbering stringNumbers;
    LgPyLine*   lines;
    UInt        nLines, maxLines;
    LgNumbering lineNumbers;

    LgPyTrace*  traces;
    UInt        nTraces, maxTraces;
    UInt*       elements;
    UInt        nElements, maxElements;
    LgNumbering traceNumbers;

    LgPyLocation location; /* scratch */
};

/* Who wants a trace, and of which memory. */
typedef struct {
    const LgPyMem*    mem;
    const LgPyLayout* layout;
    void (*on_code)(void* opaque, Addr code);
    void* opaque;
} LgPyTraceRequest;

/* ---- lg_pytraces_tables.c ---- */

void lg_pytraces_tables_init(LgPyTraces* s);
void lg_pytraces_tables_free(LgPyTraces* s);

/* The number of the line that a frame is at; False if its code cannot be
   read. */
Bool lg_pytraces_line_of_frame(LgPyTraces* s, const LgPyTraceRequest* r,
                               const LgPyFrame* f, UInt* line);

/* The number + 1 of the trace with these elements. */
UInt lg_pytraces_intern(LgPyTraces* s, const UInt* elements, UInt n);

#endif
