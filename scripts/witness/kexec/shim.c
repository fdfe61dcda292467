/*
 * Lets the real kexec utility believe that it runs on another machine, and
 * keeps the header that it would hand to the kernel.
 *
 *     cc -shared -fPIC -o kexec_shim.so scripts/witness/kexec/shim.c -ldl
 *     KEXEC_ROOT=<tree> KEXEC_NR_CPUS=<n> KEXEC_OUT=<file> LD_PRELOAD=./kexec_shim.so \
 *         kexec -p --type=elf-x86_64 --args-linux --command-line=x <vmlinux>
 *
 * /proc and /sys come from KEXEC_ROOT, the count of configured CPUs from
 * KEXEC_NR_CPUS, the page size from KEXEC_PAGE_SIZE; kexec_load() is not made,
 * its ELF core header goes to KEXEC_OUT. Folders are read in the order of their
 * names, since that of a file system is none.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct kexec_segment {
	const void *buf;
	size_t bufsz;
	const void *mem;
	size_t memsz;
};

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* The path itself, or the same below KEXEC_ROOT. */
static const char *moved(const char *path, char *room, size_t size)
{
	const char *root = getenv("KEXEC_ROOT");

	if (!root || (strncmp(path, "/sys/", 5) && strncmp(path, "/proc/", 6)))
		return path;
	snprintf(room, size, "%s%s", root, path);
	return room;
}

#define MOVED(path) moved(path, (char[4096]){ 0 }, 4096)

FILE *fopen(const char *path, const char *mode)
{
	return REAL(fopen)(MOVED(path), mode);
}

FILE *fopen64(const char *path, const char *mode)
{
	return REAL(fopen64)(MOVED(path), mode);
}

int access(const char *path, int mode)
{
	return REAL(access)(MOVED(path), mode);
}

int stat(const char *path, struct stat *st)
{
	return REAL(stat)(MOVED(path), st);
}

int stat64(const char *path, struct stat64 *st)
{
	return REAL(stat64)(MOVED(path), st);
}

int open(const char *path, int flags, ...)
{
	va_list ap;
	int mode;

	va_start(ap, flags);
	mode = va_arg(ap, int);
	va_end(ap);
	return ((int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open"))(MOVED(path), flags, mode);
}

int open64(const char *path, int flags, ...)
{
	va_list ap;
	int mode;

	va_start(ap, flags);
	mode = va_arg(ap, int);
	va_end(ap);
	return ((int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open64"))(MOVED(path), flags, mode);
}

int lstat(const char *path, struct stat *st)
{
	return REAL(lstat)(MOVED(path), st);
}

int scandir(const char *path, struct dirent ***list, int (*filter)(const struct dirent *),
	    int (*compare)(const struct dirent **, const struct dirent **))
{
	return REAL(scandir)(MOVED(path), list, filter, compare);
}

/* Open folders, few of which are open at once. */
struct folder {
	DIR *dir;
	struct dirent **entries;
	int count, next;
};
static struct folder folders[8];

DIR *opendir(const char *path)
{
	DIR *dir = REAL(opendir)(MOVED(path));
	int i = 0;

	if (!dir)
		return dir;
	while (folders[i].dir)
		i++;
	folders[i].dir = dir;
	folders[i].next = 0;
	folders[i].count = REAL(scandir)(MOVED(path), &folders[i].entries, NULL, alphasort);
	return dir;
}

static struct folder *folder_of(DIR *dir)
{
	int i = 0;

	while (folders[i].dir != dir)
		i++;
	return &folders[i];
}

struct dirent *readdir(DIR *dir)
{
	struct folder *folder = folder_of(dir);

	return folder->next < folder->count ? folder->entries[folder->next++] : NULL;
}

struct dirent64 *readdir64(DIR *dir)
{
	return (struct dirent64 *)readdir(dir);
}

int closedir(DIR *dir)
{
	folder_of(dir)->dir = NULL;
	return REAL(closedir)(dir);
}

static long setting(const char *name, long otherwise)
{
	const char *text = getenv(name);

	return text ? atol(text) : otherwise;
}

long sysconf(int name)
{
	if (name == _SC_NPROCESSORS_CONF)
		return setting("KEXEC_NR_CPUS", REAL(sysconf)(name));
	if (name == _SC_PAGESIZE)
		return setting("KEXEC_PAGE_SIZE", REAL(sysconf)(name));
	return REAL(sysconf)(name);
}

int getpagesize(void)
{
	return sysconf(_SC_PAGESIZE);
}

static void keep(const struct kexec_segment *segment)
{
	const unsigned char *buf = segment->buf;
	FILE *out;

	if (segment->bufsz < 64 || memcmp(buf, "\177ELF", 4) || buf[16] != 4)
		return;
	out = REAL(fopen)(getenv("KEXEC_OUT"), "w");
	if (!out || fwrite(buf, 1, segment->bufsz, out) != segment->bufsz || fclose(out))
		perror("KEXEC_OUT");
}

long syscall(long number, ...)
{
	long args[6], i;
	va_list ap;

	va_start(ap, number);
	for (i = 0; i < 6; i++)
		args[i] = va_arg(ap, long);
	va_end(ap);
	if (number != SYS_kexec_load)
		return REAL(syscall)(number, args[0], args[1], args[2], args[3], args[4], args[5]);
	for (i = 0; i < args[1]; i++)
		keep((const struct kexec_segment *)args[2] + i);
	return 0;
}
