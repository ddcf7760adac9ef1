/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_compat.h: all that differs between Valgrind 3.16 and 3.27 for a tool.

   Guarantees: the rest of the tool is written against one interface, the one
   below, and names no Valgrind version.  What it does not do: it hides no
   difference of behaviour that users see; such differences have a feature
   macro or a function here that tells which behaviour this Valgrind has.

   Everything is static inline, so that including this costs nothing. */

#ifndef LG_COMPAT_H
#define LG_COMPAT_H

#include "lg_config.h"

#include "pub_tool_basics.h"
#include "pub_tool_aspacemgr.h"
#include "pub_tool_debuginfo.h"
#include "pub_tool_execontext.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_options.h"
#include "pub_tool_replacemalloc.h"
#include "pub_tool_tooliface.h"
#include "pub_tool_vkiscnums.h"
#include "pub_tool_xarray.h"

/* LG_VG_VERSION comes from configure: 3.19.0 is 31900. */
#if LG_VG_VERSION < 31600
#error "leakgrind needs Valgrind 3.16 or newer"
#endif

/* ---- Features -------------------------------------------------------------

   LG_HAS_ALIGNED_NEW  the core tells operator new with an alignment from
                       plain operator new, and likewise delete (since 3.17)
   LG_HAS_ORIG_ALIGN   the core passes the alignment that the program asked
                       for, before rounding (since 3.22)
   LG_HAS_OOM_ERRNO    VG_(out_of_memory_NORETURN) wants the error that the
                       kernel returned, and VG_(am_shadow_alloc) returns one
                       (since 3.21)
   LG_HAS_REALLOC_ZERO the core has --realloc-zero-bytes-frees (since 3.21)
   LG_HAS_CORE_ERRORS  asking for the errors that the core itself reports
                       takes an argument (since 3.23)
   LG_HAS_HEAP_ARGS    the replaced functions tell what alignment and size the
                       program passed: under every tool they send the request
                       that memcheck.h calls
                       _VG_USERREQ__MEMCHECK_VERIFY_ALIGNMENT, with a struct
                       AlignedAllocInfo (pub_tool_replacemalloc.h; begun in
                       3.22, whole since 3.23)
   LG_HAS_XML_SUMMARY  the core writes XML protocol 6, in which tools tell
                       their summaries, too (since 3.26) */
#if LG_VG_VERSION >= 31700
#define LG_HAS_ALIGNED_NEW 1
#endif
#if LG_VG_VERSION >= 32100
#define LG_HAS_OOM_ERRNO 1
#define LG_HAS_REALLOC_ZERO 1
#endif
#if LG_VG_VERSION >= 32200
#define LG_HAS_ORIG_ALIGN 1
#endif
#if LG_VG_VERSION >= 32300
#define LG_HAS_CORE_ERRORS 1
#define LG_HAS_HEAP_ARGS 1
#endif
#if LG_VG_VERSION >= 32600
#define LG_HAS_XML_SUMMARY 1
#endif

/* ---- Heap callbacks -------------------------------------------------------

   The tool defines these, and lg_compat_register_malloc() hands them to the
   core.  `align` is what the block must be aligned to; `origAlign` is what
   the program asked for, or the same as `align` where the core does not
   tell. */
void* lg_heap_malloc(ThreadId tid, SizeT szB);
void* lg_heap_new(ThreadId tid, SizeT szB);
void* lg_heap_new_aligned(ThreadId tid, SizeT szB, SizeT align,
                          SizeT origAlign);
void* lg_heap_vec_new(ThreadId tid, SizeT szB);
void* lg_heap_vec_new_aligned(ThreadId tid, SizeT szB, SizeT align,
                              SizeT origAlign);
void* lg_heap_memalign(ThreadId tid, SizeT align, SizeT origAlign, SizeT szB);
void* lg_heap_calloc(ThreadId tid, SizeT nmemb, SizeT elemSzB);
void  lg_heap_free(ThreadId tid, void* p);
void  lg_heap_delete(ThreadId tid, void* p);
void  lg_heap_delete_aligned(ThreadId tid, void* p, SizeT align);
void  lg_heap_vec_delete(ThreadId tid, void* p);
void  lg_heap_vec_delete_aligned(ThreadId tid, void* p, SizeT align);
void* lg_heap_realloc(ThreadId tid, void* p, SizeT szB);
SizeT lg_heap_usable_size(ThreadId tid, void* p);

/* Trampolines where the core's signatures are not the canonical ones. */
#ifdef LG_HAS_ORIG_ALIGN
#define lg_compat_new_aligned     lg_heap_new_aligned
#define lg_compat_vec_new_aligned lg_heap_vec_new_aligned
#define lg_compat_memalign        lg_heap_memalign
#else
static inline void* lg_compat_new_aligned(ThreadId tid, SizeT szB, SizeT align)
{
    return lg_heap_new_aligned(tid, szB, align, align);
}

static inline void* lg_compat_vec_new_aligned(ThreadId tid, SizeT szB,
                                              SizeT align)
{
    return lg_heap_vec_new_aligned(tid, szB, align, align);
}

static inline void* lg_compat_memalign(ThreadId tid, SizeT align, SizeT szB)
{
    return lg_heap_memalign(tid, align, align, szB);
}
#endif

/* Makes the lg_heap_* functions the program's heap, with `redzoneSzB` bytes
   kept free on both sides of a block.  Call it once, in pre_clo_init. */
static inline void lg_compat_register_malloc(SizeT redzoneSzB)
{
#ifdef LG_HAS_ALIGNED_NEW
    VG_(needs_malloc_replacement)(
        lg_heap_malloc, lg_heap_new, lg_compat_new_aligned, lg_heap_vec_new,
        lg_compat_vec_new_aligned, lg_compat_memalign, lg_heap_calloc,
        lg_heap_free, lg_heap_delete, lg_heap_delete_aligned,
        lg_heap_vec_delete, lg_heap_vec_delete_aligned, lg_heap_realloc,
        lg_heap_usable_size, redzoneSzB);
#else
    VG_(needs_malloc_replacement)(
        lg_heap_malloc, lg_heap_new, lg_heap_vec_new, lg_compat_memalign,
        lg_heap_calloc, lg_heap_free, lg_heap_delete, lg_heap_vec_delete,
        lg_heap_realloc, lg_heap_usable_size, redzoneSzB);
#endif
}

/* What realloc(p, 0) does to a block: True, it frees it and returns NULL;
   False, it makes a block of no bytes.  Where the core has no option for
   that, it is as in glibc, which frees. */
static inline Bool lg_compat_realloc_zero_bytes_frees(void)
{
#ifdef LG_HAS_REALLOC_ZERO
    return VG_(clo_realloc_zero_bytes_frees);
#else
    return True;
#endif
}

/* Is it known how the core's client arena takes memory from the kernel (see
   lg_fresh.c)?  The same in all versions from 3.16 to 3.27. */
static inline Bool lg_compat_knows_superblocks(void)
{
    return LG_VG_VERSION < 32800;
}

/* ---- Memory for the tool --------------------------------------------------- */

/* Zero-filled whole pages that nothing but the tool uses; NULL when there is
   no memory. */
static inline void* lg_compat_shadow_alloc(SizeT szB)
{
#ifdef LG_HAS_OOM_ERRNO
    SysRes res = VG_(am_shadow_alloc)(szB);
    return sr_isError(res) ? NULL : (void*)(Addr)sr_Res(res);
#else
    return VG_(am_shadow_alloc)(szB);
#endif
}

/* Ends the run because `szB` bytes for `who` could not be had. */
static inline void lg_compat_out_of_memory(const HChar* who, SizeT szB)
{
#ifdef LG_HAS_OOM_ERRNO
    VG_(out_of_memory_NORETURN)(who, szB, 0);
#else
    VG_(out_of_memory_NORETURN)(who, szB);
#endif
}

/* ---- Errors ------------------------------------------------------------------ */

/* Asks for the errors that the core reports itself, such as closing a file
   descriptor twice; a tool without them counts such an error as none. */
static inline void lg_compat_need_core_errors(void)
{
#ifdef LG_HAS_CORE_ERRORS
    VG_(needs_core_errors)(True);
#else
    VG_(needs_core_errors)();
#endif
}

/* Does the XML output have the summaries that text has? */
static inline Bool lg_compat_xml_has_summary(void)
{
#ifdef LG_HAS_XML_SUMMARY
    return True;
#else
    return False;
#endif
}

/* ---- Declared by hand -------------------------------------------------------

   Symbols of libcoregrind that no tool header declares, unchanged in all
   versions from 3.16 to 3.27. */

/* --read-inline-info: on by default only for the tools the core knows. */
extern Bool VG_(clo_read_inline_info);

/* --keep-debuginfo: of what is unmapped from now on. */
extern Bool VG_(clo_keep_debuginfo);

/* --sanity-level: 1 by default, 3 and more cost time. */
extern Int VG_(clo_sanity_level);

static inline Int lg_compat_sanity_level(void)
{
    return VG_(clo_sanity_level);
}

/* --merge-recursive-frames: 0, every stack is complete. */
extern Int VG_(clo_merge_recursive_frames);

/* Names of the suppression files, an XArray of HChar*. */
extern XArray* VG_(clo_suppressions);

/* --default-suppressions */
extern Bool VG_(clo_default_supp);

/* --run-libc-freeres, --run-cxx-freeres */
extern Bool VG_(clo_run_libc_freeres);
extern Bool VG_(clo_run_cxx_freeres);

/* --child-silent-after-fork */
extern Bool VG_(clo_child_silent_after_fork);

/* --gen-suppressions: 0 no, 1 ask, 2 all */
extern Int VG_(clo_gen_suppressions);

/* --exit-on-first-error, and what the exit code is then: --error-exitcode */
extern Bool VG_(clo_exit_on_first_error);
extern Int VG_(clo_error_exitcode);

/* Ends the process as if the program had called exit, without a report. */
extern void VG_(client_exit)(Int status);

/* Asks the user on the terminal; sets *clo to False if not to be asked
   again. */
extern Bool VG_(is_action_requested)(const HChar* action, Bool* clo);

/* All frames of a stack, those below main too. */
extern Addr* VG_(get_ExeContext_StackTrace)(ExeContext* e);

/* The name of a function as suppressions spell it: as in the symbol table,
   without Valgrind's own mangling.  For inlined frames as VG_(describe_IP). */
extern Bool VG_(get_fnname_no_cxx_demangle)(DiEpoch ep, Addr a,
                                            const HChar** name,
                                            const InlIPCursor* iipc);

/* Where the program comes to when it calls `orig`: another address if the
   function there is replaced. */
extern Addr VG_(redir_do_lookup)(Addr orig, Bool* isWrap);

/* --demangle.  The name as it stands in the source, if the symbol is one of C++'s; it
   is valid until the next name is asked for. */
extern Bool VG_(clo_demangle);
extern void VG_(demangle)(Bool cxx, Bool z, const HChar* symbol,
                          const HChar** name);

/* The symbols of a file, sorted by address. */
extern Int VG_(DebugInfo_syms_howmany)(const DebugInfo* di);
extern void VG_(DebugInfo_syms_getidx)(const DebugInfo* di, Int i, Addr* start,
                                       UInt* szB, const HChar** name,
                                       const HChar*** otherNames, Bool* isText,
                                       Bool* isIFunc, Bool* isGlobal);

/* Is `a` in a function that other files may call? */
static inline Bool lg_compat_is_global_function(const DebugInfo* di, Addr a)
{
    Int lo = 0, hi = VG_(DebugInfo_syms_howmany)(di) - 1;

    while (lo <= hi) {
        Int           i = lo + (hi - lo) / 2;
        Addr          start;
        UInt          szB;
        const HChar*  name;
        const HChar** otherNames;
        Bool          isText, isIFunc, isGlobal;
        VG_(DebugInfo_syms_getidx)(di, i, &start, &szB, &name, &otherNames,
                                   &isText, &isIFunc, &isGlobal);
        if (a < start)
            hi = i - 1;
        else if (a - start >= szB)
            lo = i + 1;
        else
            return isGlobal;
    }
    return False;
}

extern SysRes VG_(do_syscall)(UWord sysno, RegWord, RegWord, RegWord, RegWord,
                              RegWord, RegWord, RegWord, RegWord);

/* MADV_HUGEPAGE of Linux, the same on all architectures but one (alpha). */
#define LG_MADV_HUGEPAGE 14

static inline SysRes lg_compat_madvise(Addr a, SizeT szB, UWord advice)
{
    return VG_(do_syscall)(__NR_madvise, a, szB, advice, 0, 0, 0, 0, 0);
}

static inline SysRes lg_compat_mincore(Addr a, SizeT szB, UChar* pages)
{
    return VG_(do_syscall)(__NR_mincore, a, szB, (UWord)pages, 0, 0, 0, 0, 0);
}

static inline SysRes lg_compat_pread(Int fd, void* to, SizeT szB, ULong at)
{
    return VG_(do_syscall)(__NR_pread64, (UWord)fd, (UWord)to, szB, at, 0, 0,
                           0, 0);
}

/* Where data begins or a hole, from byte `at` of the file on: LG_SEEK_DATA,
   LG_SEEK_HOLE. */
enum { LG_SEEK_DATA = 3, LG_SEEK_HOLE = 4 };

static inline SysRes lg_compat_lseek(Int fd, ULong at, Int whence)
{
    return VG_(do_syscall)(__NR_lseek, (UWord)fd, at, (UWord)whence, 0, 0, 0,
                           0, 0);
}

/* The start of Linux' struct sysinfo, as words. */
enum { LG_SYSINFO_TOTAL_SWAP = 8, LG_SYSINFO_FREE_SWAP = 9,
       LG_SYSINFO_WORDS = 14 };

static inline SysRes lg_compat_sysinfo(UWord* words)
{
    return VG_(do_syscall)(__NR_sysinfo, (UWord)words, 0, 0, 0, 0, 0, 0, 0);
}

/* Moves a file descriptor to where the program's are not, and has it closed on
   exec. */
extern Int VG_(safe_fd)(Int fd);

static inline Int lg_compat_safe_fd(Int fd)
{
    return VG_(safe_fd)(fd);
}

/* A file in memory; -1 when there can be none. */
static inline Int lg_compat_memfd(void)
{
    enum { CLOSE_ON_EXEC = 1 }; /* MFD_CLOEXEC */
    SysRes res = VG_(do_syscall)(__NR_memfd_create, (UWord) "leakgrind",
                                 CLOSE_ON_EXEC, 0, 0, 0, 0, 0, 0);
    return sr_isError(res) ? -1 : (Int)sr_Res(res);
}

static inline SysRes lg_compat_ioctl(Int fd, UWord request, UWord arg)
{
    return VG_(do_syscall)(__NR_ioctl, (UWord)fd, request, arg, 0, 0, 0, 0, 0);
}

#endif
