/*
 * Checks a writer against the vectors: check-vectors <vectors> <command>
 *
 * Walks index.txt; the command gets each request on stdin. Exit 0 of it: stdout
 * has the bytes. Exit 1: it refuses the input. Anything else, and no end within
 * ten seconds: it is broken.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { WORD = 256, MOST = 8 << 20, QUESTIONS = 4096, EM_PPC64 = 21, PT_NOTE = 4 };

/* Fields lie without gaps. */
struct field { const char *name; size_t size; };
static const struct field ehdr[] = {
	{"e_ident", 16}, {"e_type", 2}, {"e_machine", 2}, {"e_version", 4},
	{"e_entry", 8}, {"e_phoff", 8}, {"e_shoff", 8}, {"e_flags", 4}, {"e_ehsize", 2},
	{"e_phentsize", 2}, {"e_phnum", 2}, {"e_shentsize", 2}, {"e_shnum", 2},
	{"e_shstrndx", 2},
}, phdr[] = {
	{"p_type", 4}, {"p_flags", 4}, {"p_offset", 8}, {"p_vaddr", 8}, {"p_paddr", 8},
	{"p_filesz", 8}, {"p_memsz", 8}, {"p_align", 8},
};
static unsigned char expected[MOST], got[MOST];
static const char *root;

static FILE *open_in(const char *name, FILE *instead)
{
	char path[3 * WORD];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	file = instead ? freopen(path, "rb", instead) : fopen(path, "rb");
	if (!file) {
		perror(path);
		exit(2);
	}
	return file;
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

/* The rules that governs.txt has for a field, and the end of the line. */
static void print_rules(const char *part, const char *name)
{
	char wanted[WORD], field[WORD], rule[WORD];
	FILE *file = open_in("governs.txt", NULL);

	snprintf(wanted, sizeof(wanted), "%s%s", part, name);
	while (fscanf(file, "%255s %255s", field, rule) == 2)
		if (!strcmp(field, wanted))
			printf(" %s", rule);
	fclose(file);
	printf("\n");
}

/* Says what differs first. Returns whether anything does. */
static int differs(const char *id, size_t want, size_t have)
{
	size_t at = 0, start = 0, index, notes = 0, phnum = expected[56] | expected[57] << 8;
	const struct field *field = ehdr;
	const char *part = "ehdr.";

	while (at < want && at < have && expected[at] == got[at])
		at++;
	if (at == want && at == have)
		return 0;
	printf("%s: ", id);
	if (at == want || at == have) {
		printf("size: expected %zu, got %zu:", want, have);
		print_rules("size", "");
		return 1;
	}
	if (at >= 64 + 56 * phnum) {
		printf("padding at byte %#zx: expected %#x, got %#x:", at, expected[at], got[at]);
		print_rules("padding", "");
		return 1;
	}
	if (at >= 64) {
		index = (at - 64) / 56;
		while (notes < phnum && expected[64 + 56 * notes] == PT_NOTE)
			notes++; /* R07: the notes come first */
		part = index + 1 < notes ? "crash_notes." : index + 1 == notes ? "vmcoreinfo." :
		       index == notes && expected[18] != EM_PPC64 ? "kernel." : "ram.";
		field = phdr;
		start = 64 + 56 * index;
		printf("phdr[%zu].", index);
	}
	for (; at >= start + field->size; field++)
		start += field->size;
	printf("%s at byte %#zx:", field->name, start);
	print_number(" expected", expected, want, start, field->size);
	print_number(", got", got, have, start, field->size);
	printf(":");
	print_rules(part, field->name);
	return 1;
}

/* Asks one question. Returns whether the answer is wrong, and says why. */
static int ask(const char *id, const char *expect, const char *input,
	       const char *answer, const char *rules)
{
	FILE *child, *file;
	size_t size;
	int status;

	/* The command inherits stdin: names of files need no quotes then. */
	open_in(input, stdin);
	fflush(stdout);
	child = popen("exec timeout 10 sh -c \"$WRITER\"", "r");
	size = child ? fread(got, 1, MOST, child) : 0;
	status = child ? pclose(child) : -1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 1) {
		if (strcmp(expect, "answer"))
			return 0;
		printf("%s: refused a valid input\n", id);
	} else if (status) {
		status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		printf("%s: the writer is broken: %s %d\n", id,
		       status == 124 ? "no end within 10 s: exit" : "exit", status);
	} else if (!strcmp(expect, "refuse")) {
		printf("%s: accepted what it must refuse: %s\n", id, rules);
	} else {
		file = open_in(answer, NULL);
		status = differs(id, fread(expected, 1, MOST, file), size);
		fclose(file);
		return status;
	}
	return 1;
}

int main(int argc, char **argv)
{
	static struct { char id[WORD]; int wrong; } seen[QUESTIONS];
	char line[8 * WORD], profile[WORD], level[WORD], expect[WORD], input[WORD];
	char answer[WORD], twin[WORD], rules[WORD];
	int n = 0, wrong = 0, i;
	FILE *index;

	if (argc != 3) {
		fprintf(stderr, "Usage: check-vectors <vectors> <command>\n");
		return 2;
	}
	root = argv[1];
	setenv("WRITER", argv[2], 1); /* so that it needs no quotes */
	index = open_in("index.txt", NULL);
	while (fgets(line, sizeof(line), index)) {
		if (n == QUESTIONS ||
		    sscanf(line, "%255s %255s %255s %255s %255s %255s %255s %255s", profile,
			   seen[n].id, level, expect, input, answer, twin, rules) != 8) {
			fprintf(stderr, "index.txt cannot be read: %s\n", line);
			return 2;
		}
		if (strcmp(profile, "writer"))
			continue;
		seen[n].wrong = ask(seen[n].id, expect, input, answer, rules);
		/* Who refuses all refuses nothing rightly: valid twins come first. */
		for (i = 0; i < n && !strcmp(expect, "refuse") && !seen[n].wrong; i++)
			if (!strcmp(seen[i].id, twin) && seen[i].wrong)
				seen[n].wrong = printf("%s: refused, and its valid twin %s is wrong\n",
						       seen[n].id, twin) > 0;
		wrong += seen[n++].wrong;
	}
	printf("%d of %d wrong\n", wrong, n);
	return !n || wrong;
}
