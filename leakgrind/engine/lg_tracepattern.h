/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_tracepattern.h: the stack trace of a suppression entry.

   A pattern is a list of lines, innermost frame first:
       fun:NAME            the function of a C frame
       fun:NAME@MODULE     the same, or a frame in this module without a name
       obj:MODULE          the module of a C frame
       src:FILE[:LINE]     the source of a C frame
       py-frame:NAME@FILE  the function of a Python frame, and its file, which
                           may be left out ("py-frame:NAME")
       ...                 any number of frames
   "*" in a name stands for any characters, and "?" for one.  In addition,
   - function names are also compared without the suffixes that compilers and
     linkers add (lg_name_bare_len), on both sides if the pattern has no
     wildcard;
   - the pattern of a module or of a Python file is also compared with the last
     part of the path, if the pattern has no slash;
   - an optional frame (an inlined call, which is known only with debug
     information) needs no line.

   Guarantees: parsing accepts any text and says what is wrong with it; matching
   takes time proportional to (lines * frames) name comparisons, each
   proportional to (pattern * name), whatever the wildcards. */

#ifndef LG_TRACEPATTERN_H
#define LG_TRACEPATTERN_H

#include "pub_tool_basics.h"

typedef enum {
    LgLineAny, /* "..." */
    LgLineFun,
    LgLineObj,
    LgLineSrc,
    LgLinePython
} LgLineKind;

typedef struct {
    LgLineKind kind;
    HChar*     name; /* owned; NULL for LgLineAny; the file, for LgLineSrc */
    HChar*     file; /* owned; of a Python frame; NULL: any */
    UInt       line; /* of LgLineSrc; 0: any */
} LgStackLine;

typedef struct {
    LgStackLine* lines;
    UInt         n;
    UInt         capacity;
    Bool         hasPython; /* has a py-frame line */
    UChar*       states;    /* for lg_pattern_matches: capacity + 1 of them */
} LgTracePattern;

/* Is this a line of a trace, by its prefix? */
Bool lg_pattern_is_line(const HChar* text);

/* Appends a line, which has no blanks around it.  NULL, or what is wrong with
   the line. */
const HChar* lg_pattern_add(LgTracePattern* p, const HChar* text);

/* Does it have lines other than "..."? */
Bool lg_pattern_names_a_frame(const LgTracePattern* p);

/* Drops all lines after the first n, as --num-callers cuts traces.  A pattern
   with Python frames is left as it is: Python traces are not cut, and the
   matcher knows where the C trace was. */
void lg_pattern_cut(LgTracePattern* p, UInt n);

void lg_pattern_clear(LgTracePattern* p);

/* A trace to be compared with patterns.  Frames are asked for one by one, and
   their names only if a line needs them. */
typedef struct {
    void* opaque;
    Bool  (*has)(void* opaque, UInt frame);
    /* The function, module or file that lines of kind k are compared with.
       NULL if no line of that kind can match the frame. */
    const HChar* (*name)(void* opaque, UInt frame, LgLineKind k);
    /* Of a frame that has a name for LgLinePython. */
    const HChar* (*pythonFile)(void* opaque, UInt frame);
    /* Of a frame that has a name for LgLineSrc. */
    UInt (*line)(void* opaque, UInt frame);
    /* May the frame go without a line? */
    Bool (*isOptional)(void* opaque, UInt frame);
    /* Are any number of C frames missing before this one, because the C trace
       was cut there?  Lines for C frames need no frame at such a place. */
    Bool (*isBelowCut)(void* opaque, UInt frame);
} LgTraceView;

/* The name of a function without a name, as in Valgrind.  Lines with wildcards
   match it. */
extern const HChar lg_pattern_unknown[];

/* Does the pattern match the innermost frames of the trace? */
Bool lg_pattern_matches(const LgTracePattern* p, const LgTraceView* stack);

/* The length of a function's name without the suffixes of compilers and
   linkers: ".part.0", ".constprop.0", ".isra.0", ".lto_priv.0", ".cold",
   ".llvm.123" and the like, repeatedly, and "@VERSION" or "@@VERSION".  At
   least 1, if the name is not empty. */
SizeT lg_name_bare_len(const HChar* name);

#endif
