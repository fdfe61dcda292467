/*
 * Checks a writer against the vectors: check-vectors <vectors> <command>
 *
 * Walks index.txt; the command gets each request on stdin. Exit 0 of it: stdout
 * has the bytes. Exit 1: it refuses the input. Anything else: it is broken.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { WORD = 256, MOST = 8 << 20, PATH = 3 * WORD, EM_PPC64 = 21, PT_NOTE = 4 };

struct field { const char *name; int start, size; };

static const struct field ehdr[] = {
	{"e_ident", 0, 16}, {"e_type", 16, 2}, {"e_machine", 18, 2},
	{"e_version", 20, 4}, {"e_entry", 24, 8}, {"e_phoff", 32, 8},
	{"e_shoff", 40, 8}, {"e_flags", 48, 4}, {"e_ehsize", 52, 2},
	{"e_phentsize", 54, 2}, {"e_phnum", 56, 2}, {"e_shentsize", 58, 2},
	{"e_shnum", 60, 2}, {"e_shstrndx", 62, 2},
};
static const struct field phdr[] = {
	{"p_type", 0, 4}, {"p_flags", 4, 4}, {"p_offset", 8, 8}, {"p_vaddr", 16, 8},
	{"p_paddr", 24, 8}, {"p_filesz", 32, 8}, {"p_memsz", 40, 8}, {"p_align", 48, 8},
};
static unsigned char expected[MOST], got[MOST];
static const char *root;

static size_t read_all(FILE *file, unsigned char *to)
{
	return file ? fread(to, 1, MOST, file) : 0;
}

static size_t load(const char *name, unsigned char *to)
{
	char path[PATH];
	size_t size;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	file = fopen(path, "rb");
	if (!file) {
		perror(path);
		exit(2);
	}
	size = read_all(file, to);
	fclose(file);
	return size;
}

/* A field as it lies in the bytes that there are, its last byte first. */
static void print_number(const char *what, const unsigned char *data, size_t size,
			 size_t start, size_t count)
{
	size_t end = start + count < size ? start + count : size;

	printf("%s 0x", what);
	while (end-- > start)
		printf("%02x", data[end]);
}

/* The rules that governs.txt has for a field. */
static void print_rules(const char *part, const char *name)
{
	char path[PATH], wanted[WORD], field[WORD], rule[WORD];
	FILE *file;

	snprintf(wanted, sizeof(wanted), "%s%s", part, name);
	snprintf(path, sizeof(path), "%s/governs.txt", root);
	file = fopen(path, "r");
	while (file && fscanf(file, "%255s %255s", field, rule) == 2)
		if (!strcmp(field, wanted))
			printf(" %s", rule);
	if (file)
		fclose(file);
	printf("\n");
}

/* Says what differs first. Returns whether anything does. */
static int differs(const char *id, size_t want, size_t have)
{
	size_t at = 0, base, i, count, notes = 0, index, nr_fields = 8;
	size_t phnum = expected[56] | expected[57] << 8;
	const struct field *fields = phdr;
	const char *part = "ehdr.";

	while (at < want && at < have && expected[at] == got[at])
		at++;
	if (at == want && at == have)
		return 0;
	if (at == want || at == have) {
		printf("%s: size: expected %zu, got %zu:", id, want, have);
		print_rules("size", "");
		return 1;
	}
	base = at < 64 ? 0 : 64 + (at - 64) / 56 * 56;
	index = (base - 64) / 56;
	if (at >= 64 + 56 * phnum) {
		printf("%s: padding at byte %#zx: expected %#x, got %#x:", id, at,
		       expected[at], got[at]);
		print_rules("padding", "");
		return 1;
	}
	for (i = 0; i < phnum; i++)
		notes += expected[64 + 56 * i] == PT_NOTE;
	if (at < 64)
		fields = ehdr, nr_fields = 14;
	else
		part = index + 1 < notes ? "crash_notes." : index + 1 == notes ? "vmcoreinfo." :
		       index == notes && expected[18] != EM_PPC64 ? "kernel." : "ram.";
	for (count = 0; count < nr_fields; count++) {
		const struct field *f = &fields[count];
		size_t start = base + f->start;

		if (at < start || at >= start + f->size)
			continue;
		printf("%s: ", id);
		if (at >= 64)
			printf("phdr[%zu].", index);
		printf("%s at byte %#zx:", f->name, start);
		print_number(" expected", expected, want, start, f->size);
		print_number(", got", got, have, start, f->size);
		printf(have == want ? ":" : " (%zu bytes in all):", have);
		print_rules(part, f->name);
	}
	return 1;
}

static int ask(const char *id, const char *expect, const char *input,
	       const char *answer, const char *rules, const char *command)
{
	char path[PATH];
	size_t size;
	FILE *child;
	int status;

	/* The command inherits stdin: its name and ours may hold what a shell takes for its own. */
	snprintf(path, sizeof(path), "%s/%s", root, input);
	if (!freopen(path, "rb", stdin)) {
		perror(path);
		exit(2);
	}
	fflush(stdout);
	child = popen(command, "r");
	size = read_all(child, got);
	status = child ? pclose(child) : -1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 1) {
		if (strcmp(expect, "answer"))
			return 0;
		printf("%s: refused a valid input\n", id);
	} else if (WIFSIGNALED(status) || WEXITSTATUS(status)) {
		printf("%s: the writer is broken: %s %d\n", id,
		       WIFSIGNALED(status) ? "signal" : "exit",
		       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	} else if (size == MOST) {
		printf("%s: more output than any header has\n", id);
	} else if (!strcmp(expect, "refuse")) {
		printf("%s: accepted what it must refuse: %s\n", id, rules);
	} else {
		return differs(id, load(answer, expected), size);
	}
	return 1;
}

int main(int argc, char **argv)
{
	static struct { char id[WORD], twin[WORD]; int wrong, refuse; } seen[4096];
	char path[PATH], line[8 * WORD], profile[WORD], level[WORD], expect[WORD];
	char input[WORD], answer[WORD], rules[WORD];
	int n = 0, wrong = 0, i, j;
	FILE *index;

	if (argc != 3) {
		fprintf(stderr, "Usage: check-vectors <vectors> <command>\n");
		return 2;
	}
	root = argv[1];
	snprintf(path, sizeof(path), "%s/index.txt", root);
	index = fopen(path, "r");
	if (!index) {
		perror(path);
		return 2;
	}
	while (fgets(line, sizeof(line), index)) {
		if (n == 4096 ||
		    sscanf(line, "%255s %255s %255s %255s %255s %255s %255s %255s",
			   profile, seen[n].id, level, expect, input, answer,
			   seen[n].twin, rules) != 8) {
			fprintf(stderr, "%s: cannot be read: %s", path, line);
			return 2;
		}
		if (strcmp(profile, "writer"))
			continue;
		seen[n].wrong = ask(seen[n].id, expect, input, answer, rules, argv[2]);
		seen[n++].refuse = !strcmp(expect, "refuse");
	}
	/* Who refuses all refuses nothing rightly. */
	for (i = 0; i < n; i++)
		for (j = 0; j < n && seen[i].refuse && !seen[i].wrong; j++)
			if (!strcmp(seen[j].id, seen[i].twin) && seen[j].wrong) {
				printf("%s: refused, and its valid twin %s is wrong\n",
				       seen[i].id, seen[j].id);
				seen[i].wrong = 1;
			}
	for (i = 0; i < n; i++)
		wrong += seen[i].wrong;
	printf("%d of %d wrong\n", wrong, n);
	return !n || wrong;
}
