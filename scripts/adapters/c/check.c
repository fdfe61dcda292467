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

/* A line of fields.txt: where a field lies in its part of the header. */
struct field { char part[WORD], name[WORD], rules[WORD]; size_t at, size; };
static unsigned char expected[MOST], got[MOST];
static const char *root;

static FILE *open_in(const char *name, FILE *instead)
{
	char path[3 * WORD];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	file = instead ? freopen(path, "rb", instead) : fopen(path, "rb");
	if (!file)
		perror(path), exit(2);
	return file;
}

/* A field as it lies in the bytes that there are, its last byte first. */
static void print_number(const char *what, const unsigned char *data, size_t size,
			 size_t start, size_t count)
{
	printf("%s 0x", what);
	while (count--)
		if (start + count < size)
			printf("%02x", data[start + count]);
}

/* The field that a byte of a part lies in. */
static struct field field_at(const char *part, size_t at)
{
	FILE *file = open_in("fields.txt", NULL);
	struct field f;

	while (fscanf(file, "%255s %255s %zu %zu %255s", f.part, f.name, &f.at, &f.size, f.rules) == 5)
		if (!strcmp(f.part, part) && at >= f.at && at < f.at + f.size)
			return fclose(file), f;
	fprintf(stderr, "fields.txt has no byte %zu of %s\n", at, part);
	exit(2);
}

/* Says what differs first. Returns 0 where nothing does, else what printf() returns. */
static int differs(const char *id, size_t want, size_t have)
{
	size_t at = 0, start = 0, index, notes = 0, phnum = expected[56] | expected[57] << 8;
	const char *part = "ehdr";
	struct field field;

	while (at < want && at < have && expected[at] == got[at])
		at++;
	if (at == want && at == have)
		return 0;
	printf("%s: ", id);
	if (at == want || at == have)
		return printf("size: expected %zu, got %zu: %s\n", want, have, field_at("size", 0).rules);
	if (at >= 64 + 56 * phnum) {
		part = "padding";
		start = at;
	} else if (at >= 64) {
		index = (at - 64) / 56;
		while (notes < phnum && expected[64 + 56 * notes] == PT_NOTE)
			notes++; /* R07: the notes come first */
		part = index + 1 < notes ? "crash_notes" : index + 1 == notes ? "vmcoreinfo" :
		       index == notes && expected[18] != EM_PPC64 ? "kernel" : "ram";
		start = 64 + 56 * index;
		printf("phdr[%zu].", index);
	}
	field = field_at(part, at - start);
	printf("%s at byte %#zx:", field.name, start + field.at);
	print_number(" expected", expected, want, start + field.at, field.size);
	print_number(", got", got, have, start + field.at, field.size);
	return printf(": %s\n", field.rules);
}

/* Asks one question. Returns 0 where the answer is right, else says why, as above. */
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
		if (!strcmp(expect, "answer"))
			return printf("%s: refused a valid input\n", id);
		printf("%s: refused, expected %s: %s\n", id, expect, rules);
		return 0;
	}
	if (status) {
		status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		return printf("%s: the writer is broken: exit %d%s\n", id, status,
			      status == 124 ? ": no end within 10 s" : "");
	}
	if (!strcmp(expect, "refuse"))
		return printf("%s: accepted what it must refuse: %s\n", id, rules);
	file = open_in(answer, NULL);
	status = differs(id, fread(expected, 1, MOST, file), size);
	fclose(file);
	return status;
}

int main(int argc, char **argv)
{
	static struct { char id[WORD]; int wrong; } seen[QUESTIONS];
	char line[8 * WORD], profile[WORD], level[WORD], expect[WORD], input[WORD], answer[WORD];
	char twin[WORD], rules[WORD], more;
	int n = 0, wrong = 0, i;
	FILE *index;

	if (argc != 3)
		return fprintf(stderr, "Usage: check-vectors <vectors> <command>\n"), 2;
	root = argv[1];
	setenv("WRITER", argv[2], 1); /* so that it needs no quotes */
	index = open_in("index.txt", NULL);
	while (fgets(line, sizeof(line), index)) {
		if (n == QUESTIONS ||
		    sscanf(line, "%255s %255s %255s %255s %255s %255s %255s %255s %c", profile,
			   seen[n].id, level, expect, input, answer, twin, rules, &more) != 8)
			return fprintf(stderr, "index.txt cannot be read: %s\n", line), 2;
		if (strcmp(profile, "writer"))
			continue;
		seen[n].wrong = ask(seen[n].id, expect, input, answer, rules);
		/* A refusal counts only if its valid twin passed; twins come first. */
		for (i = 0; i < n && !strcmp(expect, "refuse") && !seen[n].wrong; i++)
			if (!strcmp(seen[i].id, twin) && seen[i].wrong)
				seen[n].wrong = printf("%s: refused, and its valid twin %s is wrong\n", seen[n].id, twin);
		wrong += seen[n++].wrong != 0;
	}
	printf("%d of %d wrong%s\n", wrong, n, n ? "" : ": no vectors of a writer");
	return !n || wrong;
}
