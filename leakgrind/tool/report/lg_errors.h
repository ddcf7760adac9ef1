/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_errors.h: what leakgrind reports through Valgrind's error manager: wrong
   uses of the heap functions, and loss records.  The words and the XML kinds
   are memcheck's. */

#ifndef LG_ERRORS_H
#define LG_ERRORS_H

#include "pub_tool_basics.h"
#include "pub_tool_execontext.h"
#include "pub_tool_debuginfo.h"
#include "pub_tool_xarray.h"
#include "pub_tool_aspacemgr.h"
#include "pub_tool_addrinfo.h"
#include "pub_tool_tooliface.h"

#include "../../engine/lg_lossrec.h"

typedef enum {
    LgErrInvalidFree,
    LgErrMismatchedFree,
    LgErrFishyValue,
    LgErrReallocZero,
    LgErrInvalidPool,
    LgErrBadAlignment,
    LgErrZeroSize,
    LgErrSizeMismatch,
    LgErrAlignmentMismatch,
    LgErrLeak
} LgErrorKind;

/* What a function that releases a block was passed, and what the block was
   allocated with. */
typedef struct {
    const HChar* pair;      /* the functions: "new/delete" */
    SizeT        made;      /* of an alignment; the block has its size */
    SizeT        passed;
    Bool         isDefault; /* the function has no argument for it */
} LgMismatch;

/* A loss record in a report. */
typedef struct {
    const LgLossRecord* record;
    LgLossTable*        table; /* that it is in */
    UInt                number, nRecords;
    LgDeltaMode         delta;
} LgErrorLeak;

/* The tool's part of an Error. */
typedef union {
    AddrInfo address; /* InvalidFree, MismatchedFree, ReallocZero, InvalidPool */
    struct {
        const HChar* function;
        const HChar* argument;
        SizeT        value;
    } fishy;
    struct {
        SizeT        alignB;
        SizeT        szB;    /* 0: only the alignment is wrong */
        const HChar* should; /* what it should be */
    } values;
    struct {
        AddrInfo   address;
        LgMismatch values;
    } mismatch;
    LgErrorLeak leak;
} LgErrorExtra;

/* What modules above this one do for it. */
typedef struct {
    /* Fills *ai (tag Addr_Undescribed) for address `a`. */
    void (*describe)(DiEpoch ep, Addr a, AddrInfo* ai);
    /* begin and end are called around everything that may print errors,
       onPrinted when an error has been printed. */
    void (*begin)(void);
    void (*onPrinted)(const Error* err);
    void (*end)(void);
    /* Prints what else is known about a loss record, after its stack. */
    void (*explain)(const LgLossRecord* r);
} LgErrorHost;

/* To be called before the program starts.  `host` must stay valid. */
void lg_errors_init(const LgErrorHost* host);

/* The callbacks for VG_(needs_tool_errors). */
Bool lg_errors_are_same(VgRes res, const Error* e1, const Error* e2);
void lg_errors_before_print(const Error* err);
void lg_errors_print(const Error* err);
UInt lg_errors_update_extra(const Error* err);

/* Fills *ai with "`a` is N bytes inside block b".  The block was allocated at
   b->ctx and freed at freeCtx. */
void lg_error_describe_block(AddrInfo* ai, const LgBlock* b, Addr a,
                             BlockKind kind, const HChar* what, UInt freeCtx);

void lg_error_invalid_free(ThreadId tid, Addr a);
void lg_error_mismatched_free(ThreadId tid, const LgBlock* b);
void lg_error_invalid_pool(ThreadId tid, Addr pool);
void lg_error_realloc_zero(ThreadId tid, const LgBlock* b);

/* Reports a size that looks negative.  Returns whether it did. */
Bool lg_error_if_fishy(ThreadId tid, const HChar* function,
                       const HChar* argument, SizeT value);
/* The same for the size of memory at `start`.  Also reports a size with which
   the memory would end beyond the address space. */
Bool lg_error_if_fishy_range(ThreadId tid, const HChar* function, Addr start,
                             SizeT szB);

/* Alignments and sizes passed to functions of the heap (lg_heapargs.h). */
void lg_error_bad_alignment(ThreadId tid, SizeT alignB, SizeT szB,
                            const HChar* should);
void lg_error_zero_size(ThreadId tid);
void lg_error_size_mismatch(ThreadId tid, const LgBlock* b,
                            const LgMismatch* m);
void lg_error_alignment_mismatch(ThreadId tid, const LgBlock* b,
                                 const LgMismatch* m);

/* Asks the error manager whether a suppression entry matches the loss record,
   and returns the answer.  `count`: the record counts as an error. */
Bool lg_error_ask(ThreadId tid, const LgLossRecord* r, Bool count);

/* Prints a record through the error manager, after lg_error_ask has returned
   False.  `counted`: as an error; with --exit-on-first-error it then does not
   return. */
void lg_error_print_leak(ThreadId tid, const LgErrorLeak* leak, Bool counted);

/* The name of the first of the record's objects that has one; "": none has. */
const HChar* lg_error_name(const LgLossRecord* r);

/* How much of lg_error_name says which object it is, and not who holds it. */
SizeT lg_error_own_name_len(const LgLossRecord* r);

/* Prints a loss record as text, with its stack. */
void lg_error_print_record(const LgErrorLeak* leak);

#endif
