/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_errors.c: errors.  See lg_errors.h.  Suppressions are in
   lg_suppress.c. */

#include "lg_errors.h"

#include "pub_tool_libcassert.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_options.h"

#include "../../engine/lg_report.h"
#include "../host/lg_compat.h"
#include "../host/lg_options.h"
#include "../process/lg_python.h"
#include "../process/lg_texts.h"
#include "../trace/lg_context.h"
#include "../trace/lg_inlineinfo.h"
#include "../trace/lg_traceview.h"

static const LgErrorHost* host;

void lg_errors_init(const LgErrorHost* h)
{
    host = h;
}

/* --- Recording ----------------------------------------------------------- */

static void record_error(ThreadId tid, LgErrorKind kind, Addr a,
                         LgErrorExtra* extra)
{
    lg_inlineinfo_settle();
    host->begin();
    VG_(maybe_record_error)(tid, (ErrorKind)kind, a, NULL, extra);
    host->end();
}

/* For errors about an address, which is described when (and only when) the
   error turns out to be shown. */
static void record_address(ThreadId tid, LgErrorKind kind, Addr a)
{
    LgErrorExtra extra;
    VG_(memset)(&extra, 0, sizeof extra);
    extra.address.tag = Addr_Undescribed;
    record_error(tid, kind, a, &extra);
}

void lg_error_invalid_free(ThreadId tid, Addr a)
{
    record_address(tid, LgErrInvalidFree, a);
}

void lg_error_invalid_pool(ThreadId tid, Addr pool)
{
    record_address(tid, LgErrInvalidPool, pool);
}

void lg_error_describe_block(AddrInfo* ai, const LgBlock* b, Addr a,
                             BlockKind kind, const HChar* what, UInt freeCtx)
{
    ai->tag = Addr_Block;
    ai->Addr.Block.block_kind   = kind;
    ai->Addr.Block.block_desc   = what;
    ai->Addr.Block.block_szB    = b->szB;
    ai->Addr.Block.rwoffset     = (PtrdiffT)(a - b->start);
    ai->Addr.Block.allocated_at = lg_ctx_execontext(b->ctx);
    ai->Addr.Block.freed_at     = lg_ctx_execontext(freeCtx);
    VG_(initThreadInfo)(&ai->Addr.Block.alloc_tinfo);
}

/* For errors about a block that is about to go. */
static void record_block(ThreadId tid, LgErrorKind kind, const LgBlock* b)
{
    LgErrorExtra extra;
    VG_(memset)(&extra, 0, sizeof extra);
    lg_error_describe_block(&extra.address, b, b->start, Block_Mallocd, "block", 0);
    record_error(tid, kind, b->start, &extra);
}

void lg_error_mismatched_free(ThreadId tid, const LgBlock* b)
{
    if (lg_options.showMismatchedFrees)
        record_block(tid, LgErrMismatchedFree, b);
}

void lg_error_realloc_zero(ThreadId tid, const LgBlock* b)
{
    if (lg_options.showReallocSizeZero)
        record_block(tid, LgErrReallocZero, b);
}

static void record_fishy(ThreadId tid, const HChar* function,
                         const HChar* argument, SizeT value)
{
    LgErrorExtra extra;
    VG_(memset)(&extra, 0, sizeof extra);
    extra.fishy.function = function;
    extra.fishy.argument = argument;
    extra.fishy.value    = value;
    record_error(tid, LgErrFishyValue, 0, &extra);
}

Bool lg_error_if_fishy(ThreadId tid, const HChar* function,
                       const HChar* argument, SizeT value)
{
    if (LIKELY((SSizeT)value >= 0))
        return False;
    record_fishy(tid, function, argument, value);
    return True;
}

Bool lg_error_if_fishy_range(ThreadId tid, const HChar* function, Addr start,
                             SizeT szB)
{
    /* More than any processor's. */
    const SizeT addressSpace = (SizeT)1 << 57;

    if (LIKELY(szB <= addressSpace && start + szB <= addressSpace))
        return False;
    record_fishy(tid, function, "size", szB);
    return True;
}

void lg_error_bad_alignment(ThreadId tid, SizeT alignB, SizeT szB,
                            const HChar* should)
{
    LgErrorExtra extra;
    VG_(memset)(&extra, 0, sizeof extra);
    extra.values.alignB = alignB;
    extra.values.szB    = szB;
    extra.values.should = should;
    record_error(tid, LgErrBadAlignment, 0, &extra);
}

void lg_error_zero_size(ThreadId tid)
{
    LgErrorExtra extra;
    VG_(memset)(&extra, 0, sizeof extra);
    record_error(tid, LgErrZeroSize, 0, &extra);
}

static void record_mismatch(ThreadId tid, LgErrorKind kind, const LgBlock* b,
                            const LgMismatch* m)
{
    LgErrorExtra extra;
    VG_(memset)(&extra, 0, sizeof extra);
    lg_error_describe_block(&extra.mismatch.address, b, b->start, Block_Mallocd,
                      "block", 0);
    extra.mismatch.values = *m;
    record_error(tid, kind, b->start, &extra);
}

void lg_error_size_mismatch(ThreadId tid, const LgBlock* b, const LgMismatch* m)
{
    record_mismatch(tid, LgErrSizeMismatch, b, m);
}

void lg_error_alignment_mismatch(ThreadId tid, const LgBlock* b,
                                 const LgMismatch* m)
{
    record_mismatch(tid, LgErrAlignmentMismatch, b, m);
}

static Bool hand_over(ThreadId tid, LgErrorExtra* extra, Bool print,
                      Bool count)
{
    lg_inlineinfo_settle();
    host->begin();
    Bool isSuppressed = VG_(unique_error)(
        tid, (ErrorKind)LgErrLeak, 0, NULL, extra,
        lg_ctx_execontext(extra->leak.record->ctx), print,
        /*allow_GDB_attach*/ False, count);
    host->end();
    return isSuppressed;
}

Bool lg_error_ask(ThreadId tid, const LgLossRecord* r, Bool count)
{
    LgErrorExtra extra;
    VG_(memset)(&extra, 0, sizeof extra);
    extra.leak.record = r;
    return hand_over(tid, &extra, False, count);
}

/* Newer cores exit only when an error is counted while it is printed, and ours
   are counted before.  The words are the core's. */
static void exit_on_first_error(void)
{
    if (!VG_(clo_exit_on_first_error))
        return;
    if (VG_(clo_xml))
        VG_(printf_xml)("</valgrindoutput>\n");
    VG_(umsg)("\n");
    VG_(umsg)("Exit program on first error (--exit-on-first-error=yes)\n");
    VG_(client_exit)(VG_(clo_error_exitcode));
}

void lg_error_print_leak(ThreadId tid, const LgErrorLeak* leak, Bool counted)
{
    LgErrorExtra extra;
    VG_(memset)(&extra, 0, sizeof extra);
    extra.leak = *leak;
    hand_over(tid, &extra, True, False);
    if (counted)
        exit_on_first_error();
}

/* --- Printing ------------------------------------------------------------ */

static void print_what(const HChar* xmlKind, const HChar* what)
{
    if (VG_(clo_xml)) {
        VG_(printf_xml)("  <kind>%s</kind>\n", xmlKind);
        VG_(printf_xml)("  <what>%pS</what>\n", what);
    } else
        VG_(message)(Vg_UserMsg, "%s\n", what);
}

static void print_address_error(const Error* err, const HChar* xmlKind,
                                const HChar* what)
{
    const LgErrorExtra* extra = VG_(get_error_extra)(err);
    print_what(xmlKind, what);
    VG_(pp_ExeContext)(VG_(get_error_where)(err));
    VG_(pp_addrinfo_mc)(VG_(get_error_address)(err), &extra->address,
                        /*maybe_gcc*/ False);
}

static void print_fishy(const Error* err)
{
    const LgErrorExtra* extra = VG_(get_error_extra)(err);
    HChar               what[200];
    VG_(snprintf)(what, sizeof what,
                  "Argument '%s' of function %s has a fishy "
                  "(possibly negative) value: %ld",
                  extra->fishy.argument, extra->fishy.function,
                  (SSizeT)extra->fishy.value);
    print_what("FishyValue", what);
    VG_(pp_ExeContext)(VG_(get_error_where)(err));
}

static void print_bad_alignment(const Error* err)
{
    const LgErrorExtra* extra = VG_(get_error_extra)(err);
    HChar               what[200];

    if (extra->values.szB == 0) {
        VG_(snprintf)(what, sizeof what, "Invalid alignment value: %lu (%s)",
                      extra->values.alignB, extra->values.should);
        print_what("InvalidAlignment", what);
    } else {
        VG_(snprintf)(what, sizeof what,
                      "Invalid size value: %lu alignment value: %lu (%s)",
                      extra->values.szB, extra->values.alignB,
                      extra->values.should);
        print_what("InvalidSizeAndAlignment", what);
    }
    VG_(pp_ExeContext)(VG_(get_error_where)(err));
}

static void print_mismatch(const Error* err)
{
    const LgErrorExtra* extra = VG_(get_error_extra)(err);
    const LgMismatch*   m = &extra->mismatch.values;
    HChar               what[200], passed[30] = "default-aligned";

    if (!m->isDefault)
        VG_(snprintf)(passed, sizeof passed, "%lu", m->passed);
    if (VG_(get_error_kind)(err) == (ErrorKind)LgErrSizeMismatch) {
        VG_(snprintf)(what, sizeof what, "Mismatched %s size value: %s",
                      m->pair, passed);
        print_address_error(err, "MismatchedAllocateDeallocateSize", what);
    } else {
        VG_(snprintf)(what, sizeof what,
                      "Mismatched %s alignment alloc value: %lu dealloc "
                      "value: %s",
                      m->pair, m->made, passed);
        print_address_error(err, "MismatchedAllocateDeallocateAlignment", what);
    }
}

const HChar* lg_error_name(const LgLossRecord* r)
{
    return r->kind >= LG_N_KINDS ? lg_texts_get(r->name)
                                  : lg_python_type_name(r->name);
}

SizeT lg_error_own_name_len(const LgLossRecord* r)
{
    const HChar* name = lg_error_name(r);
    const HChar* holder =
        r->kind == LgOverReleased ? VG_(strstr)(name, LG_HELD_BY) : NULL;

    return holder != NULL ? (SizeT)(holder - name) : VG_(strlen)(name);
}

void lg_error_print_record(const LgErrorLeak* leak)
{
    const LgLossRecord* r = leak->record;
    HChar               line[LG_REPORT_LINE_SZB];

    lg_report_record(line, r, leak->number, leak->nRecords, leak->delta);
    VG_(message)(Vg_UserMsg, "%s\n", line);
    if (r->type != 0) {
        lg_report_python(line, r, lg_python_type_name(r->type),
                         lg_error_name(r));
        VG_(message)(Vg_UserMsg, " %s\n", line);
    } else if (r->cls == LgLossThread) {
        lg_report_threads(line, r);
        VG_(message)(Vg_UserMsg, " %s\n", line);
    }
    lg_traceview_print(r->ctx);
}

/* Elements that only leakgrind has; parsers that do not know them ignore
   them. */
static void print_objects_xml(const LgLossRecord* r)
{
    if (r->type == 0)
        return;
    VG_(printf_xml)("    <pytype>%pS</pytype>\n",
                    lg_python_type_name(r->type));
    if (r->name != 0)
        VG_(printf_xml)(r->kind >= LG_N_KINDS
                            ? "    <pyname>%pS</pyname>\n"
                            : "    <pyclass>%pS</pyclass>\n",
                        lg_error_name(r));
    VG_(printf_xml)("    <pyobjects>%u</pyobjects>\n", r->nBlocks);
    VG_(printf_xml)("    <pyreferences>%llu</pyreferences>\n",
                    r->nExcessRefs);
    if (r->nCRefs > 0)
        VG_(printf_xml)("    <pycreferences>%llu</pycreferences>\n", r->nCRefs);
    if (r->cls == LgLossCycle || r->cls == LgLossGarbage ||
        r->cls == LgLossOwnType)
        VG_(printf_xml)("    <pycycle>%s</pycycle>\n",
                        r->cls == LgLossGarbage ? "uncollected" : "lost");
}

static void print_leak(const Error* err)
{
    const LgErrorExtra* extra = VG_(get_error_extra)(err);
    const LgLossRecord* r = extra->leak.record;
    HChar               line[LG_REPORT_LINE_SZB];

    if (!VG_(clo_xml)) {
        lg_error_print_record(&extra->leak);
        host->explain(r);
        return;
    }
    lg_report_record(line, r, extra->leak.number, extra->leak.nRecords,
                     extra->leak.delta);
    VG_(printf_xml)("  <kind>%s</kind>\n", lg_report_kind_xml(r->kind));
    VG_(printf_xml)("  <xwhat>\n");
    VG_(printf_xml)("    <text>%pS</text>\n", line);
    VG_(printf_xml)("    <leakedbytes>%lu</leakedbytes>\n",
                    r->szB + r->indirectB);
    VG_(printf_xml)("    <leakedblocks>%u</leakedblocks>\n", r->nBlocks);
    print_objects_xml(r);
    if (r->cls == LgLossThread)
        VG_(printf_xml)("    <unjoinedthreads>%u</unjoinedthreads>\n",
                        r->nBlocks);
    VG_(printf_xml)("  </xwhat>\n");
    lg_traceview_print(r->ctx);
    host->explain(r);
}

void lg_errors_print(const Error* err)
{
    switch ((LgErrorKind)VG_(get_error_kind)(err)) {
    case LgErrInvalidFree:
        print_address_error(err, "InvalidFree",
                            "Invalid free() / delete / delete[] / realloc()");
        break;
    case LgErrMismatchedFree:
        print_address_error(err, "MismatchedFree",
                            "Mismatched free() / delete / delete []");
        break;
    case LgErrReallocZero:
        print_address_error(err, "ReallocSizeZero", "realloc() with size 0");
        break;
    case LgErrInvalidPool:
        print_address_error(err, "InvalidMemPool",
                            "Illegal memory pool address");
        break;
    case LgErrFishyValue:
        print_fishy(err);
        break;
    case LgErrBadAlignment:
        print_bad_alignment(err);
        break;
    case LgErrZeroSize:
        print_what("InvalidSize", "Unsafe allocation with size of zero is "
                                  "implementation-defined");
        VG_(pp_ExeContext)(VG_(get_error_where)(err));
        break;
    case LgErrSizeMismatch:
    case LgErrAlignmentMismatch:
        print_mismatch(err);
        break;
    case LgErrLeak:
        print_leak(err);
        break;
    }
    host->onPrinted(err);
}

void lg_errors_before_print(const Error* err)
{
    (void)err;
}

/* --- Comparing, completing ----------------------------------------------- */

Bool lg_errors_are_same(VgRes res, const Error* e1, const Error* e2)
{
    const LgErrorExtra* x1 = VG_(get_error_extra)(e1);
    const LgErrorExtra* x2 = VG_(get_error_extra)(e2);
    (void)res;

    switch ((LgErrorKind)VG_(get_error_kind)(e1)) {
    case LgErrFishyValue:
        return VG_STREQ(x1->fishy.function, x2->fishy.function) &&
               VG_STREQ(x1->fishy.argument, x2->fishy.argument);
    case LgErrBadAlignment:
        return x1->values.alignB == x2->values.alignB &&
               x1->values.szB == x2->values.szB;
    case LgErrSizeMismatch:
    case LgErrAlignmentMismatch:
        return x1->mismatch.values.made == x2->mismatch.values.made &&
               x1->mismatch.values.passed == x2->mismatch.values.passed;
    default:
        return True; /* the same kind at the same place */
    }
}

UInt lg_errors_update_extra(const Error* err)
{
    LgErrorExtra* extra = VG_(get_error_extra)(err);

    switch ((LgErrorKind)VG_(get_error_kind)(err)) {
    case LgErrInvalidFree:
    case LgErrInvalidPool:
        host->describe(
            VG_(get_ExeContext_epoch)(VG_(get_error_where)(err)),
            VG_(get_error_address)(err), &extra->address);
        break;
    default:
        break;
    }
    return sizeof *extra;
}
