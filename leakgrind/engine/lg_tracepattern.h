/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_tracepattern.h: the stack of a suppression entry.

   A pattern is a list of lines, innermost frame first:
       fun:NAME            the function of a C frame
       fun:NAME@MODULE     the same; or a frame of this module that has no name
       obj:MODULE          the module of a C frame
       src:FILE[:LINE]     the source of a C frame
       py-frame:NAME@FILE  the function of a Python frame, and its file, which
                           may be left out ("py-frame:NAME")
       ...                 any number of frames
   "*" and "?" in a name stand for any characters and for one.  Beyond that
   - a function's name is also compared without what compilers and linkers
     append to it (lg_name_bare_len); on both sides, if the pattern has no
     wildcard;
   - the pattern of a module or of a Python file that has no slash is also
     compared with the last part of the path;
   - a frame that is optional (an inlined call, known only where there is debug
     information) may be passed over without a line.

   Guarantees: parsing accepts any text and says what is wrong with it;
   matching takes time proportional to (lines * frames) name comparisons, each
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

/* Is this a line of a stack, going by how it begins? */
Bool lg_pattern_is_line(const HChar* text);

/* Appends a line (without blanks around it).  NULL when that worked, else what
   is wrong with the line. */
const HChar* lg_pattern_add(LgTracePattern* p, const HChar* text);

/* Does it name a frame at all, or is it made of "..." alone? */
Bool lg_pattern_names_a_frame(const LgTracePattern* p);

/* Drops what stands below the first n frames, as --num-callers does with
   stacks.  A pattern with Python frames stays as it is: Python stacks are not cut
   with the C stack, and the matcher knows where that was cut. */
void lg_pattern_cut(LgTracePattern* p, UInt n);

void lg_pattern_clear(LgTracePattern* p);

/* A stack to be compared with patterns.  Frames are asked for one by one, and
   what a frame is like only when a line wants to know. */
typedef struct {
    void* opaque;
    Bool  (*has)(void* opaque, UInt frame);
    /* What lines of kind k are compared with: a function, a module, a file.
       NULL when no line of that kind can match the frame. */
    const HChar* (*name)(void* opaque, UInt frame, LgLineKind k);
    /* Of a frame that has a name for LgLinePython. */
    const HChar* (*pythonFile)(void* opaque, UInt frame);
    /* Of a frame that has a name for LgLineSrc. */
    UInt (*line)(void* opaque, UInt frame);
    /* May the frame be passed over? */
    Bool (*isOptional)(void* opaque, UInt frame);
    /* Are C frames missing above this one, any number, because the C stack was
       cut off there?  Lines for C frames need no frame at such a place. */
    Bool (*isBelowCut)(void* opaque, UInt frame);
} LgTraceView;

/* What a view calls a function that has no name, as Valgrind does.  Lines with
   wildcards match it. */
extern const HChar lg_pattern_unknown[];

/* Does the pattern match the innermost frames of the stack? */
Bool lg_pattern_matches(const LgTracePattern* p, const LgTraceView* stack);

/* Does the text match a pattern of characters, "*" and "?"? */
Bool lg_glob(const HChar* pattern, const HChar* text);

/* The length of a function's name without what compilers and linkers append:
   ".part.0", ".constprop.0", ".isra.0", ".lto_priv.0", ".cold", ".llvm.123"
   and the like, repeatedly, and "@VERSION" or "@@VERSION".  At least 1, if the
   name is not empty. */
SizeT lg_name_bare_len(const HChar* name);

#endif
