/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_options.h: leakgrind's command line options, their values and their
   help text. */

#ifndef LG_OPTIONS_H
#define LG_OPTIONS_H

#include "pub_tool_basics.h"
#include "pub_tool_execontext.h"

#include "../../engine/lg_report.h"
#include "../../python/lg_pywatchspec.h"

typedef enum { LgCheckOff, LgCheckSummary, LgCheckFull } LgCheckMode;

/* Which stacks are kept for a block (--keep-stacktraces, as in memcheck). */
typedef enum {
    LgKeepAlloc,
    LgKeepFree,
    LgKeepAllocAndFree,
    LgKeepAllocThenFree,
    LgKeepNone
} LgKeepStacks;

/* Where the search looks for pointers (--roots). */
typedef enum {
    LgRootRegisters = 0, /* general registers of all threads */
    LgRootVectors   = 1, /* vector registers of all threads */
    LgRootStacks    = 2, /* live stacks of all threads */
    LgRootGlobals   = 3, /* data and bss of programs and libraries, other
                            mappings of files */
    LgRootMappings  = 4, /* other memory: anonymous and shared mappings, the
                            brk area */
    LG_N_ROOT_CLASSES = 5
} LgRootClass;

typedef struct {
    LgCheckMode    leakCheck;
    VgRes          leakResolution;
    LgKindSet      showLeakKinds;
    LgKindSet      errorsForLeakKinds;
    LgHeuristicSet heuristics;
    LgKeepStacks   keepStacks;
    ULong          checksEvery;    /* ms or bytes; 0: no checks in mid-run */
    Bool           checksAreTimed; /* it is in ms */
    const HChar*   outFile;        /* NULL: no data file */
    Bool           xtreeLeak;
    const HChar*   xtreeLeakFile;
    Bool           showMismatchedFrees;
    Bool           showReallocSizeZero;
    Int            mallocFill; /* a byte, or -1 */
    Int            freeFill;   /* a byte, or -1 */
    Bool           cleanStack;
    UInt           roots;      /* bit 1 << LgRootClass */
    Bool           python;     /* look into CPython's allocators */
    Bool           pyHooks;    /* place hooks in them */
    Bool           pyStacks;
    Int            pyStackDepth; /* frames, 1..LG_PY_MAX_DEPTH */
    UInt           pyRules;      /* which rules apply: bit 1 << LgRule */
    Bool           pyCycles;     /* show uncollected cycles */
    Int            showPaths;    /* number of paths; 0: none */
    Int            retained;     /* number of owners; 0: none */
    Int            limit;        /* of loss records in a report; 0: none */
    Int            pyTable;      /* number of rows; 0: no table; negative: ten,
                                    where something is lost */
    Bool           pyArenas;     /* print a table of the arenas */
    LgPyWatchSpec* pyWatch;      /* which objects to watch */
    UInt           nPyWatch;
    UInt           maxPyWatch;   /* for which there is room */
    Int            pyWatchMax;   /* how many objects, at least 1 */
} LgOptions;

extern LgOptions lg_options;

/* The i-th --py-watch. */
static inline LgPyWatchSpec* lg_options_watch(UInt i)
{
    return &lg_options.pyWatch[i];
}

/* The names of kinds and heuristics for VG_(parse_enum_set): bit i stands for
   the i-th name. */
const HChar* lg_options_kind_tokens(void);
const HChar* lg_options_heuristic_tokens(void);
/* The same names for help texts, with spaces between them. */
const HChar* lg_options_kind_help(void);
const HChar* lg_options_heuristic_help(void);

#define LG_ALL_KINDS ((1u << LG_N_RECORD_KINDS) - 1)

/* For VG_(needs_command_line_options). */
Bool lg_options_process(const HChar* arg);
void lg_options_usage(void);
void lg_options_debug_usage(void);

/* To be called after all options are read: settles options that depend on each
   other, and prints which options have no effect in leakgrind. */
void lg_options_settle(void);

/* Did the user set this option of Valgrind's core ("--NAME"), to any value? */
Bool lg_options_core_has(const HChar* name);

static inline Bool lg_keeps_alloc_stack(void)
{
    return lg_options.keepStacks == LgKeepAlloc ||
           lg_options.keepStacks == LgKeepAllocAndFree ||
           lg_options.keepStacks == LgKeepAllocThenFree;
}

static inline Bool lg_keeps_free_stack(void)
{
    return lg_options.keepStacks == LgKeepFree ||
           lg_options.keepStacks == LgKeepAllocAndFree ||
           lg_options.keepStacks == LgKeepAllocThenFree;
}

#endif
