/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_suppfiles.c: a suppression file, which lg_suppread.c reads beside the
   core: here a small core with files of the system.  Where an entry is good, the
   closing brace, or the end of the file, is what the core reads next; where it
   is not, one message says so.

   Input: a byte, whose lowest bit says whether the file is a pipe, and the next
   ones what the entries suppress; the file. */

#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../leakgrind/tool/suppress/lg_suppread.c"

/* Its names of fields are macros. */
#include <sys/stat.h>

#include "fuzz.h"

/* --- What the reader asks for ---------------------------------------------- */

const HChar* lg_options_kind_tokens(void)
{
    return "reachable,possible,indirect,definite";
}

Int VG_(clo_backtrace_size) = 12;

static unsigned nMessages;

void* VG_(malloc)(const HChar* what, SizeT szB)
{
    (void)what;
    return malloc(szB);
}

void* VG_(realloc)(const HChar* what, void* p, SizeT szB)
{
    (void)what;
    return realloc(p, szB);
}

void VG_(free)(void* p)
{
    free(p);
}

HChar* VG_(strdup)(const HChar* what, const HChar* s)
{
    (void)what;
    return strdup(s);
}

void* VG_(memcpy)(void* to, const void* from, SizeT szB)
{
    return memcpy(to, from, szB);
}

SizeT VG_(strlen)(const HChar* s)
{
    return strlen(s);
}

HChar* VG_(strchr)(const HChar* s, HChar c)
{
    return strchr(s, c);
}

HChar* VG_(strcpy)(HChar* to, const HChar* from)
{
    return strcpy(to, from);
}

Int VG_(strncmp)(const HChar* a, const HChar* b, SizeT n)
{
    return strncmp(a, b, n);
}

Bool VG_(isspace)(HChar c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

UInt VG_(umsg)(const HChar* format, ...)
{
    (void)format;
    return ++nMessages;
}

Int VG_(read)(Int fd, void* to, Int n)
{
    return (Int)read(fd, to, (size_t)n);
}

Int VG_(write)(Int fd, const void* from, Int n)
{
    return (Int)write(fd, from, (size_t)n);
}

void VG_(close)(Int fd)
{
    close(fd);
}

Off64T VG_(lseek)(Int fd, Off64T to, Int whence)
{
    return lseek(fd, to, whence);
}

static SysRes result_of(long r)
{
    SysRes res;

    memset(&res, 0, sizeof res);
    res._isError = r < 0;
    res._val = (UWord)(r < 0 ? errno : r);
    return res;
}

SysRes VG_(dup2)(Int from, Int to)
{
    return result_of(dup2(from, to));
}

SysRes VG_(do_syscall)(UWord number, RegWord a, RegWord b, RegWord c, RegWord d,
                       RegWord e, RegWord f, RegWord g, RegWord h)
{
    (void)g;
    (void)h;
    return result_of(syscall((long)number, a, b, c, d, e, f));
}

Int VG_(fstat)(Int fd, struct vg_stat* out)
{
    struct stat s;

    memset(out, 0, sizeof *out);
    if (fstat(fd, &s) != 0)
        return -1;
    out->dev = s.st_dev;
    out->ino = s.st_ino;
    out->size = s.st_size;
    return 0;
}

/* The set of tokens, "all" or "none". */
Bool VG_(parse_enum_set)(const HChar* tokens, Bool allowAll,
                         const HChar* input, UInt* set)
{
    HChar copy[8192];
    HChar* save = NULL;

    REQUIRE(allowAll && strlen(input) < sizeof copy);
    strcpy(copy, input);
    *set = 0;
    if (strcmp(input, "none") == 0)
        return True;
    for (HChar* t = strtok_r(copy, ",", &save); t != NULL;
         t = strtok_r(NULL, ",", &save)) {
        const HChar* found = strstr(tokens, t);
        if (found == NULL && strcmp(t, "all") != 0)
            return False;
        *set |= 1;
    }
    return *set != 0;
}

/* The core's own buffer. */
static struct {
    HChar bytes[256];
    Int   n, at;
} ahead;

static Bool get_char(Int fd, HChar* c)
{
    if (ahead.at == ahead.n) {
        ahead.at = 0;
        ahead.n = VG_(read)(fd, ahead.bytes, sizeof ahead.bytes);
        if (ahead.n <= 0) {
            ahead.n = 0;
            return False;
        }
    }
    *c = ahead.bytes[ahead.at++];
    return True;
}

/* The next line with a meaning, without blanks around it; a last line without
   an end is as it is.  False at the end. */
static Bool core_line(Int fd, HChar** bufpp, SizeT* nBufp, Int* lineno)
{
    HChar c;

    for (;;) {
        SizeT n = 0;

        (*bufpp)[0] = 0;
        do {
            if (!get_char(fd, &c))
                return False;
            if (c == '\n')
                (*lineno)++;
        } while (VG_(isspace)(c));
        do {
            if (n + 2 > *nBufp)
                *bufpp = realloc(*bufpp, *nBufp *= 2);
            (*bufpp)[n++] = c;
            (*bufpp)[n] = 0;
            if (!get_char(fd, &c))
                return True;
        } while (c != '\n');
        (*lineno)++;
        while (n > 1 && VG_(isspace)((*bufpp)[n - 1]))
            (*bufpp)[--n] = 0;
        if ((*bufpp)[0] != '#')
            return True;
    }
}

/* True at the end, and for a line of the stack, too. */
Bool VG_(get_line)(Int fd, HChar** bufpp, SizeT* nBufp, Int* lineno)
{
    return !core_line(fd, bufpp, nBufp, lineno) ||
           strncmp(*bufpp, "fun:", 4) == 0 || strncmp(*bufpp, "obj:", 4) == 0 ||
           strcmp(*bufpp, "...") == 0;
}

/* --- The core reads a file --------------------------------------------------- */

static HChar* buf;
static SizeT  nBuf;

/* An entry behind its opening brace; False: it is malformed, and the run ends. */
static Bool read_entry(Int fd, Int* line, LgSuppKind kind, Bool isOurs)
{
    LgSuppEntry e;

    memset(&e, 0, sizeof e);
    e.kind = kind;
    e.isOurs = isOurs;
    nMessages = 0;
    Bool ok = lg_supp_read(fd, &buf, &nBuf, line, &e);
    REQUIRE(nMessages == !ok);
    REQUIRE(strlen(buf) < nBuf);
    REQUIRE(!ok || e.stack.n == 0 || e.stack.lines != NULL);
    lg_pattern_clear(&e.stack);
    free(e.pyType);
    free(e.function);
    if (ok) {
        ok = core_line(fd, &buf, &nBuf, line) && strcmp(buf, "}") == 0;
        REQUIRE(ok || !core_line(fd, &buf, &nBuf, line));
    }
    return ok;
}

static void read_file(Int fd, LgSuppKind kind, Bool isOurs)
{
    Int line = 0;

    ahead.n = ahead.at = 0;
    nBuf = 16;
    buf = malloc(nBuf);
    buf[0] = 0;
    do {
        if (!core_line(fd, &buf, &nBuf, &line) || strcmp(buf, "{") != 0 ||
            !core_line(fd, &buf, &nBuf, &line) || /* its name */
            !core_line(fd, &buf, &nBuf, &line)) /* its kind */
            break;
    } while (read_entry(fd, &line, kind, isOurs));
    free(buf);
}

/* A file with these bytes, at its start. */
static Int file_of(const uint8_t* data, size_t n, Bool isPipe)
{
    Int fds[2];

    if (isPipe)
        REQUIRE(pipe(fds) == 0);
    else
        fds[0] = fds[1] = memfd_create("suppressions", 0);
    REQUIRE(write(fds[1], data, n) == (ssize_t)n);
    if (isPipe)
        close(fds[1]);
    else
        REQUIRE(lseek(fds[0], 0, SEEK_SET) == 0);
    return fds[0];
}

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t n)
{
    if (n == 0 || n > 8000)
        return 0;
    Int fd = file_of(data + 1, n - 1, data[0] & 1);
    read_file(fd, (LgSuppKind)(data[0] / 4 % (LgSuppAlignMismatch + 1)),
              data[0] & 2);
    close(fd);
    return 0;
}
