/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_sparse.c: see lg_sparse.h. */

#include "lg_sparse.h"

#include "pub_tool_libcfile.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_vki.h"

#include "../host/lg_compat.h"

/* The file of a mapping. */
typedef struct {
    ULong        dev, ino;
    const HChar* name; /* may be NULL, or that of another file by now */
    Addr         start, end; /* of the mapping, inclusive */
    ULong        offset;
} File;

static Bool is_it(const struct vg_stat* st, const File* f)
{
    return VKI_S_ISREG(st->mode) && st->dev == f->dev && st->ino == f->ino;
}

/* Opens `path` if it is that file; else -1. */
static Int open_if_it(const HChar* path, const File* f)
{
    struct vg_stat st;

    /* To open something else might have effects. */
    if (sr_isError(VG_(stat)(path, &st)) || !is_it(&st, f))
        return -1;
    Int fd = VG_(fd_open)(path, VKI_O_RDONLY | VKI_O_NONBLOCK, 0);
    if (fd >= 0 && (VG_(fstat)(fd, &st) != 0 || !is_it(&st, f))) {
        VG_(close)(fd);
        return -1;
    }
    return fd;
}

/* A descriptor of the program's is enough to open the file, even if it has no
   name any more.  The descriptor itself and its position are the program's. */
static Int open_by_descriptor(const File* f)
{
    enum { MAX_DESCRIPTORS = 4096 };
    struct vg_stat st;
    HChar          path[32];

    for (Int n = 0; n < MAX_DESCRIPTORS; n++) {
        if (VG_(fstat)(n, &st) != 0 || !is_it(&st, f))
            continue;
        VG_(sprintf)(path, "/proc/self/fd/%d", n);
        Int fd = open_if_it(path, f);
        if (fd >= 0)
            return fd;
    }
    return -1;
}

/* Only a privileged process may open it in this way. */
static Int open_by_mapping(const File* f)
{
    HChar path[64];
    VG_(sprintf)(path, "/proc/self/map_files/%lx-%lx", f->start, f->end + 1);
    return open_if_it(path, f);
}

static Int open_file(const File* f)
{
    Int fd = -1;

    if (f->name != NULL)
        fd = open_if_it(f->name, f);
    if (fd < 0)
        fd = open_by_descriptor(f);
    return fd < 0 ? open_by_mapping(f) : fd;
}

/* The end of the part that begins at byte `at` of the file, at most `end`. */
static ULong end_of_part(Int fd, ULong at, ULong end, Bool* isHole)
{
    SysRes data = lg_compat_lseek(fd, at, LG_SEEK_DATA);

    *isHole = True;
    if (sr_isError(data)) /* none from there on, or it is beyond the end */
        return sr_Err(data) == VKI_ENXIO ? end : at;
    if (sr_Res(data) > at)
        return sr_Res(data) < end ? sr_Res(data) : end;
    *isHole = False;
    SysRes hole = lg_compat_lseek(fd, at, LG_SEEK_HOLE);
    if (sr_isError(hole) || sr_Res(hole) <= at)
        return at;
    return sr_Res(hole) < end ? sr_Res(hole) : end;
}

void lg_sparse_visit(const NSegment* seg, Addr lo, Addr hi,
                     void (*fn)(void* opaque, Addr lo, Addr hi, Bool isHole),
                     void* opaque)
{
    File f = {seg->dev, seg->ino, VG_(am_get_filename)(seg), seg->start,
              seg->end, (ULong)seg->offset};
    Int   fd = open_file(&f);
    ULong first = f.offset + (lo - f.start);
    ULong end = first + (hi - lo);

    for (ULong at = first; fd >= 0 && at < end;) {
        Bool  isHole;
        ULong next = end_of_part(fd, at, end, &isHole);
        if (next == at)
            break;
        fn(opaque, lo + (at - first), lo + (next - first), isHole);
        at = next;
        lo += at - first;
        first = at;
    }
    if (fd >= 0)
        VG_(close)(fd);
    if (lo < hi)
        fn(opaque, lo, hi, False);
}
