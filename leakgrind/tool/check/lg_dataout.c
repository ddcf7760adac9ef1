/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_dataout.c: see lg_dataout.h. */

#include "lg_dataout.h"

#include "pub_tool_clientstate.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_libcfile.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_libcproc.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_options.h"
#include "pub_tool_vki.h"
#include "pub_tool_xarray.h"

#include "../../engine/lg_datafile.h"
#include "../../lg_platform.h"
#include "../host/lg_arch.h"
#include "../host/lg_compat.h"
#include "../host/lg_options.h"
#include "../process/lg_forks.h"
#include "../process/lg_python.h"
#include "../process/lg_texts.h"
#include "../report/lg_errors.h"
#include "../trace/lg_context.h"
#include "lg_datastacks.h"
#include "lg_retained.h"
#include "lg_showpaths.h"

/* What is written of each record, of each check, and of each point of the course. */
enum { MAX_PATHS = 3, MAX_OWNERS = 200, MAX_COURSE_ROWS = 20 };

static struct {
    LgDataFile* file; /* NULL: none is open */
    Int         fd;
    HChar*      name;
    UInt        startMs;
    UInt        nErrors; /* records of the last check that count as errors */
} out;

Bool lg_dataout_is_open(void)
{
    return out.file != NULL;
}

const HChar* lg_dataout_name(void)
{
    return out.name;
}

static void close_data_file(void)
{
    lg_datafile_delete(out.file);
    lg_datastacks_forget();
    VG_(close)(out.fd);
    out.file = NULL;
}

/* --- The file ------------------------------------------------------------------ */

static Bool isFailed; /* while a section is written */

static void write_piece(void* opaque, const HChar* text, SizeT szB)
{
    (void)opaque;
    while (szB > 0 && !isFailed) {
        Int n = VG_(write)(out.fd, text, (Int)szB);
        if (n <= 0) {
            VG_(umsg)("Warning: %s cannot be written (error %d); it ends with the "
                      "last whole check\n", out.name, -n);
            isFailed = True;
            return;
        }
        text += n;
        szB -= (SizeT)n;
    }
}

/* To be called after each section. */
static void close_if_failed(void)
{
    if (isFailed)
        close_data_file();
}

static void write_header(void)
{
    XArray*       args = VG_(args_for_client);
    UInt          nArgs = (UInt)VG_(sizeXA)(args);
    const HChar** words =
        VG_(malloc)("lg.dataout.words", (nArgs + 1) * sizeof *words);
    HChar         version[32];
    UInt          v = LG_VG_VERSION;

    words[0] = VG_(args_the_exename);
    for (UInt i = 0; i < nArgs; i++)
        words[i + 1] = *(HChar**)VG_(indexXA)(args, (Word)i);
    VG_(sprintf)(version, "%u.%u.%u", v / 10000, v / 100 % 100, v % 100);
    lg_datafile_begin_run(
        out.file,
        &(LgDataRun){.tool = PACKAGE_VERSION,
                     .valgrind = version,
                     .arch = LG_ARCH_NAME,
                     .pid = (UInt)VG_(getpid)(),
                     .command = words,
                     .nCommand = nArgs + 1,
                     .options = VG_(sizeXA)(VG_(args_for_valgrind)) > 0
                                    ? VG_(indexXA)(VG_(args_for_valgrind), 0)
                                    : NULL,
                     .nOptions = (UInt)VG_(sizeXA)(VG_(args_for_valgrind)),
                     .directory = VG_(get_startup_wd)()});
    VG_(free)(words);
    close_if_failed();
}

static void open_data_file(void)
{
    SysRes res = VG_(open)(out.name, VKI_O_WRONLY | VKI_O_CREAT | VKI_O_TRUNC,
                           VKI_S_IRUSR | VKI_S_IWUSR | VKI_S_IRGRP | VKI_S_IROTH);

    if (sr_isError(res)) {
        VG_(umsg)("Warning: %s (--out-file) cannot be opened (error %lu); no data "
                  "file is written\n", out.name, sr_Err(res));
        return;
    }
    out.fd = lg_compat_safe_fd((Int)sr_Res(res));
    out.file = lg_datafile_new(write_piece, NULL);
    isFailed = False;
    write_header();
}

void lg_dataout_init(void)
{
    if (lg_options.outFile == NULL)
        return;
    out.startMs = lg_plat_millis();
    out.name = VG_(expand_file_name)("--out-file", lg_options.outFile);
    open_data_file();
}

void lg_dataout_in_child(void)
{
    HChar* parents = out.name;

    if (out.file == NULL)
        return;
    close_data_file();
    out.name = VG_(expand_file_name)("--out-file", lg_options.outFile);
    if (!lg_forks_is_mute() && !VG_STREQ(out.name, parents))
        open_data_file();
    VG_(free)(parents);
}

/* --- Checks -------------------------------------------------------------------- */

static void write_path(void* opaque, UInt nBlocks, const HChar* steps)
{
    (void)opaque;
    lg_datafile_path(out.file, nBlocks, steps);
}

static void write_record(const LgLossTable* records, UInt r)
{
    const LgLossRecord* record = lg_loss_record(records, r);
    UInt                stack = lg_datastacks_of(out.file, record->ctx);
    Bool                isError = !record->suppressed &&
                   record->cls != LgLossGarbage &&
                   (lg_options.errorsForLeakKinds & LG_KIND_BIT(record->kind));

    out.nErrors += isError;
    lg_datafile_record(out.file, record,
                       record->type != 0 ? lg_python_type_name(record->type)
                                         : NULL,
                       record->name != 0 ? lg_error_name(record) : NULL, stack,
                       isError);
    lg_showpaths_each(r, MAX_PATHS, write_path, NULL);
}

/* Something leads to blocks of these. */
static Bool can_have_paths(const LgLossRecord* r)
{
    return !r->suppressed && r->nBlocks > 0 && r->kind != LgDefinite &&
           r->kind != LgIndirect;
}

/* What was in use is written when Python's interpreter begins to end
   (lg_dataout_in_use); what it leaves behind tells nobody anything. */
static Bool tells_what_is_in_use(const LgHeapSearch* s)
{
    return s->moment != LgAtExit || !lg_python_is_finalized();
}

static void begin_paths_of(const LgDataCheck* c)
{
    UChar* isShown =
        VG_(calloc)("lg.dataout.paths", lg_loss_count(c->records) + 1, 1);

    for (UInt i = 0; i < c->nOrdered; i++)
        isShown[c->order[i]] =
            can_have_paths(lg_loss_record(c->records, c->order[i]));
    lg_showpaths_begin(c->search, c->records, isShown);
    VG_(free)(isShown);
}

static void write_records(const LgDataCheck* c)
{
    Bool isUse = tells_what_is_in_use(c->search);

    if (isUse)
        begin_paths_of(c);
    for (UInt i = 0; i < c->nOrdered; i++)
        if (isUse || lg_loss_record(c->records, c->order[i])->kind != LgReachable)
            write_record(c->records, c->order[i]);
    lg_showpaths_end();
}

static void write_owner(void* opaque, const HChar* name, UInt nBlocks, ULong szB)
{
    (void)opaque;
    lg_datafile_owner(out.file, name, nBlocks, szB);
}

static void write_owner_type(void* opaque, const HChar* type, UInt nBlocks,
                             ULong szB)
{
    (void)opaque;
    lg_datafile_owner_type(out.file, type, nBlocks, szB);
}

static void write_owners(LgHeapSearch* s)
{
    static const LgOwnerVisitor visitor = {write_owner, write_owner_type};

    if (tells_what_is_in_use(s))
        lg_retained_each(s, MAX_OWNERS, &visitor, NULL);
}

static LgDataTotal total_of(const HChar* name, const LgAmount* a)
{
    return (LgDataTotal){name, a->nBlocks, a->szB};
}

static void write_totals(const LgTotals* t)
{
    LgDataTotal totals[LG_N_RECORD_KINDS + 2];
    UInt        n = 0;

    for (UInt k = 0; k < LG_N_KINDS; k++)
        totals[n++] = total_of(lg_report_kind_option(k), &t->kind[k]);
    totals[n++] = total_of("suppressed", &t->suppressed);
    totals[n++] = total_of("cycles", &t->cycles);
    lg_datafile_end_check(out.file, totals, n);
}

void lg_dataout_check(const LgDataCheck* c)
{
    if (out.file == NULL)
        return;
    out.nErrors = 0;
    lg_datafile_begin_check(out.file, c->moment, c->label != NULL ? c->label : "",
                            lg_plat_millis() - out.startMs);
    if (c->search->snap != NULL) {
        write_records(c);
        write_owners(c->search);
    }
    write_totals(c->totals);
    close_if_failed();
}

/* --- When Python's interpreter ends --------------------------------------------- */

static void count_in_use(LgHeapSearch* s, LgLossTable* records, LgTotals* t)
{
    LgAmount* total = &t->kind[LgReachable];

    lg_ctx_resolve_begin(lg_options.leakResolution);
    for (UInt i = 0; i < lg_snap_count(s->snap); i++) {
        const LgSnapBlock* b = &lg_snap_blocks(s->snap)[i];
        LgLossKey          key = lg_heapsearch_key(s, i);
        if (lg_sb_kind(b) != LgReachable || lg_sb_suppressed(b))
            continue;
        key.ctx = lg_ctx_resolve(key.ctx);
        lg_loss_add(records, key, (LgLossAmount){.szB = lg_sb_szB(b)});
        total->nBlocks++;
        total->szB += lg_sb_szB(b);
    }
    lg_ctx_resolve_end();
}

void lg_dataout_in_use(LgHeapSearch* s)
{
    LgTotals    totals;
    LgDataCheck c = {.moment = "finalize", .search = s, .totals = &totals};

    if (out.file == NULL)
        return;
    VG_(memset)(&totals, 0, sizeof totals);
    LgLossTable* records = lg_loss_new();
    lg_loss_begin(records);
    count_in_use(s, records, &totals);
    c.records = records;
    c.order = lg_loss_sort(records, &c.nOrdered);
    lg_dataout_check(&c);
    lg_loss_delete(records);
}

/* --- The course ------------------------------------------------------------------ */

static void write_point(const LgCoursePoint* p)
{
    static const HChar* const names[LG_N_COURSE_TABLES] = {
        [LgCourseTypes] = "types",
        [LgCourseLines] = "lines",
        [LgCourseOwners] = "owners"};

    lg_datafile_point(out.file, p);
    for (UInt t = 0; t < LG_N_COURSE_TABLES; t++)
        for (UInt i = 0; i < p->nRows[t] && i < MAX_COURSE_ROWS; i++)
            lg_datafile_detail(out.file, names[t],
                               lg_texts_get(p->rows[t][i].key),
                               p->rows[t][i].nBlocks, p->rows[t][i].szB);
}

void lg_dataout_course(const LgCourse* course)
{
    if (out.file == NULL)
        return;
    lg_datafile_begin_course(out.file, lg_options.checksAreTimed);
    for (UInt i = 0; i < lg_course_count(course); i++)
        write_point(lg_course_point(course, i));
    lg_datafile_end_course(out.file);
    close_if_failed();
}

/* --- The end ---------------------------------------------------------------------- */

void lg_dataout_finish(void)
{
    if (out.file == NULL)
        return;
    lg_datafile_end_run(out.file);
    if (!isFailed && VG_(clo_verbosity) >= 1 && !VG_(clo_xml))
        VG_(umsg)("%'u loss record%s; to see all: leakgrind report %s\n\n",
                  out.nErrors, out.nErrors == 1 ? " is an error" : "s are errors",
                  out.name);
    close_data_file();
}
