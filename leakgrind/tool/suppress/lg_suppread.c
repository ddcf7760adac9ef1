/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_suppread.c: reads the bodies of suppression entries.

   The core reads a file line by line, and lets a tool take lines from the
   middle of an entry; but it insists on reading the closing brace itself, and
   a line once taken cannot be given back.  So the file is read here a second
   time, ahead of the core; that tells how many lines to take. */

#include "pub_tool_basics.h"
#include "pub_tool_errormgr.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_libcfile.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_options.h"
#include "pub_tool_vki.h"

#include "../host/lg_compat.h"
#include "../host/lg_options.h"
#include "lg_suppress_priv.h"

/* --- The file ------------------------------------------------------------ */

/* The file that the core is reading.  Entries come in order, so that a search
   for a line starts where the last one ended. */
static struct {
    struct vg_stat id;       /* which file this is */
    HChar*         text;     /* text[0..szB) */
    SizeT          szB;
    SizeT          capacity;
    SizeT          at;       /* offset of the line that follows */
    Int            line;     /* the number of lines above it */
} file;

/* More of a file than this is not read.  Bytes. */
#define MAX_FILE_SZB (64 * 1024 * 1024)

static void start_text(Int line)
{
    file.szB  = 0;
    file.at   = 0;
    file.line = line;
}

static void append_text(const HChar* s, SizeT n)
{
    while (file.szB + n > file.capacity) {
        file.capacity = file.capacity ? 2 * file.capacity : 4096;
        file.text = VG_(realloc)("lg.supp.text", file.text, file.capacity);
    }
    VG_(memcpy)(file.text + file.szB, s, n);
    file.szB += n;
}

static void append_rest_of_fd(Int fd)
{
    HChar piece[4096];
    Int   n;
    while ((n = VG_(read)(fd, piece, sizeof piece)) > 0 &&
           file.szB < MAX_FILE_SZB)
        append_text(piece, (SizeT)n);
}

/* Takes all that is left of a pipe from the core, and has the core read it
   again from a file in memory: behind the end of a file, the core tries to
   read on. */
static void spool_pipe(Int fd, HChar** bufpp, SizeT* nBufp, Int lineno)
{
    Int line = lineno; /* lines so far in file.text */
    Int spool = lg_compat_memfd();

    for (;;) {
        Int lineAfter = line;
        /* At the end, and not for a line that begins with a NUL. */
        if (VG_(get_line)(fd, bufpp, nBufp, &lineAfter) && (*bufpp)[0] == 0)
            break;
        /* The core has skipped empty lines and comments. */
        for (; line + 1 < lineAfter; line++)
            append_text("\n", 1);
        append_text(*bufpp, VG_(strlen)(*bufpp));
        append_text("\n", 1);
        line = lineAfter;
    }
    if (spool < 0 ||
        VG_(write)(spool, file.text, (Int)file.szB) != (Int)file.szB ||
        VG_(lseek)(spool, 0, VKI_SEEK_SET) != 0 ||
        sr_isError(VG_(dup2)(spool, fd)))
        file.szB = 0; /* the core will miss the rest of the file, too */
    if (spool >= 0)
        VG_(close)(spool);
}

static Bool is_same_file(const struct vg_stat* a, const struct vg_stat* b)
{
    return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
           a->mtime == b->mtime && a->mtime_nsec == b->mtime_nsec;
}

/* Makes file.text what the core reads from fd. */
static void read_text(Int fd, HChar** bufpp, SizeT* nBufp, Int lineno)
{
    Off64T corePlace = VG_(lseek)(fd, 0, VKI_SEEK_CUR);
    if (corePlace < 0) {
        start_text(lineno);
        spool_pipe(fd, bufpp, nBufp, lineno);
    } else {
        start_text(0);
        VG_(lseek)(fd, 0, VKI_SEEK_SET);
        append_rest_of_fd(fd);
        VG_(lseek)(fd, corePlace, VKI_SEEK_SET);
    }
    VG_(fstat)(fd, &file.id);
}

/* Makes file.at the start of the line below the first `lineno` ones. */
static void find_line(Int fd, HChar** bufpp, SizeT* nBufp, Int lineno)
{
    struct vg_stat id;

    if (VG_(fstat)(fd, &id) != 0 || !is_same_file(&id, &file.id) ||
        lineno <= file.line)
        read_text(fd, bufpp, nBufp, lineno);
    while (file.line < lineno && file.at < file.szB)
        if (file.text[file.at++] == '\n')
            file.line++;
}

/* --- Lines of an entry --------------------------------------------------- */

/* The next line with a meaning, as the core would read it: without blanks
   around it.  False at the end of the file. */
static Bool next_line(HChar** start, SizeT* n)
{
    const HChar* text = file.text;
    SizeT        at = file.at, end;

    while (at < file.szB) {
        while (at < file.szB && VG_(isspace)(text[at]))
            if (text[at++] == '\n')
                file.line++;
        for (end = at; end < file.szB && text[end] != '\n';)
            end++;
        file.at = end < file.szB ? end + 1 : end;
        if (end < file.szB)
            file.line++;
        if (at < end && text[at] != '#') {
            while (VG_(isspace)(text[end - 1]))
                end--;
            *start = file.text + at;
            *n     = end - at;
            return True;
        }
        at = file.at;
    }
    return False;
}

/* The names that entries have for LgLossClass, in its order. */
static const HChar class_tokens[] = "no,lost,uncollected";

/* The text behind the key, without blanks; NULL if the line has another key. */
static const HChar* value_of(const HChar* line, const HChar* key)
{
    SizeT n = VG_(strlen)(key);
    if (VG_(strncmp)(line, key, n) != 0)
        return NULL;
    for (line += n; VG_(isspace)(*line);)
        line++;
    return line;
}

/* A set of tokens with blanks between them, commas, or both.  No set is as long
   as MAX_SET_SZB. */
static Bool parse_token_set(const HChar* tokens, const HChar* text, UInt* set)
{
    enum { MAX_SET_SZB = 1000 };
    HChar  commas[MAX_SET_SZB];
    HChar* to = commas;

    if (VG_(strlen)(text) >= sizeof commas)
        return False;
    while (*text != 0) {
        const HChar* from = text;
        while (*text == ',' || VG_(isspace)(*text))
            text++;
        if (text > from && to > commas && *text != 0)
            *to++ = ',';
        while (*text != 0 && *text != ',' && !VG_(isspace)(*text))
            *to++ = *text++;
    }
    *to = 0;
    return VG_(parse_enum_set)(tokens, /*allow_all*/ True, commas, set);
}

/* A number of references, from 1 to 999999999. */
static Bool parse_max(const HChar* text, UInt* max)
{
    enum { MAX_DIGITS = 9 };

    *max = 0;
    if (VG_(strlen)(text) > MAX_DIGITS)
        return False;
    for (; *text >= '0' && *text <= '9'; text++)
        *max = 10 * *max + (UInt)(*text - '0');
    return *text == 0 && *max > 0;
}

/* Stores a pattern.  Returns what is wrong: `isMissing`, `isThere` or NULL. */
static const HChar* take_pattern(HChar** to, const HChar* pattern,
                                 const HChar* isMissing, const HChar* isThere)
{
    if (*pattern == 0)
        return isMissing;
    if (*to != NULL)
        return isThere;
    *to = VG_(strdup)("lg.supp.pattern", pattern);
    return NULL;
}

/* Lines of Leak entries that are no part of the stack.  Returns what is wrong,
   or NULL; *known says whether the line is one. */
static const HChar* leak_line(LgSuppEntry* e, const HChar* line, Bool* known)
{
    const HChar* kinds = value_of(line, "match-leak-kinds:");
    const HChar* type = value_of(line, "py-type:");
    const HChar* cycle = value_of(line, "py-cycle:");
    const HChar* max = value_of(line, "py-max-references:");
    const HChar* name = value_of(line, "py-name:");

    *known = kinds != NULL || type != NULL || cycle != NULL || max != NULL ||
             name != NULL;
    if (kinds != NULL &&
        !parse_token_set(lg_options_kind_tokens(), kinds, &e->kinds))
        return "leak kinds are definite, indirect, possible, reachable, "
               "reference, over-released, all and none";
    if (cycle != NULL &&
        !parse_token_set(class_tokens, cycle, &e->pyClasses))
        return "\"py-cycle:\" wants no, lost, uncollected or all";
    if (max != NULL && !parse_max(max, &e->maxRefs))
        return "\"py-max-references:\" wants a number from 1 to 999999999";
    if (name != NULL)
        return take_pattern(&e->pyName, name, "\"py-name:\" wants a name",
                            "there are two lines \"py-name:\"");
    if (type != NULL)
        return take_pattern(&e->pyType, type,
                            "\"py-type:\" wants the name of a type",
                            "there are two lines \"py-type:\"");
    return NULL;
}

/* "function(argument)". */
static const HChar* fishy_line(LgSuppEntry* e, const HChar* line)
{
    HChar* function = VG_(strdup)("lg.supp.fishy", line);
    HChar* open = VG_(strchr)(function, '(');
    HChar* close = open ? VG_(strchr)(open, ')') : NULL;
    if (close == NULL) {
        VG_(free)(function);
        return "a FishyValue entry names function(argument)";
    }
    *open = *close = 0;
    e->function = function;
    e->argument = open + 1;
    return NULL;
}

/* Returns what is wrong with a line of an entry, or NULL. */
static const HChar* take_line(LgSuppEntry* e, const HChar* line)
{
    const HChar* wrong;
    Bool         known = False;

    if (e->stack.n > 0 || lg_pattern_is_line(line))
        return lg_pattern_add(&e->stack, line);
    if (e->kind == LgSuppLeak) {
        wrong = leak_line(e, line, &known);
        if (known)
            return wrong;
    }
    if (e->kind == LgSuppFishyValue && e->function == NULL)
        return fishy_line(e, line);
    return lg_pattern_add(&e->stack, line);
}

/* --- An entry ------------------------------------------------------------ */

/* Reads ahead up to the closing brace, and stores how many lines there are
   above it.  False when a line is wrong: the last one of them. */
static Bool read_ahead(LgSuppEntry* e, UInt* nLines)
{
    HChar* start;
    SizeT  n;

    for (*nLines = 0; next_line(&start, &n); (*nLines)++) {
        if (n == 1 && *start == '}')
            return True;
        HChar*       line = VG_(malloc)("lg.supp.line", n + 1);
        VG_(memcpy)(line, start, n);
        line[n] = 0;
        const HChar* wrong = take_line(e, line);
        if (wrong != NULL)
            VG_(umsg)("Line %d, \"%s\":\n   %s\n", file.line, line, wrong);
        VG_(free)(line);
        if (wrong != NULL) {
            (*nLines)++;
            return False;
        }
    }
    return True;
}

/* The line that the core gets for a stack.  It can match all stacks, or else
   the core has a message of its own for what is amiss. */
static const HChar* line_for_core(const LgSuppEntry* e)
{
    if (e->stack.n == 0)
        return "";
    if (!lg_pattern_names_a_frame(&e->stack) && e->pyType == NULL &&
        e->pyName == NULL)
        return "...";
    return "obj:*";
}

Bool lg_supp_read(Int fd, HChar** bufpp, SizeT* nBufp, Int* lineno,
                  LgSuppEntry* e)
{
    UInt nLines;

    find_line(fd, bufpp, nBufp, *lineno);
    Bool ok = read_ahead(e, &nLines);
    for (UInt i = 0; i < nLines; i++)
        VG_(get_line)(fd, bufpp, nBufp, lineno);
    /* As in the core, which compares one frame even with --num-callers=1.
       Entries of our files are not cut: nobody wrote them for this program, so
       they must not match more because its stacks are short. */
    if (!e->isOurs)
        lg_pattern_cut(&e->stack, (UInt)VG_MAX(VG_(clo_backtrace_size), 1));
    VG_(strcpy)(*bufpp, line_for_core(e));
    return ok;
}
