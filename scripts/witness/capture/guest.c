/*
 * The guest's part of a capture: /init, static, talking over the console.
 *
 * Each line that arrives is a command; its output follows, and then, on a line
 * of its own behind an empty one, "@done <errno>", 0 where it worked. In the
 * capture kernel, after a panic, the same program runs and takes the same
 * commands.
 *
 *   cat <pattern>...           text files, a line "<path>\t<line>" each
 *   hex <path> <bytes>         the beginning of a file, in hex
 *   symbols <name>...          their lines of /proc/kallsyms
 *   dmesg                      the kernel's log
 *   write <path> <text>        into a file
 *   stay <cpu>                 on this CPU, whatever comes next
 *   insmod <path>              a module that lies in the initramfs
 *   load <flags> <kernel> <initrd or -> <command line>   kexec_file_load
 *   run <program>\t<argument>...   its output, standard error included
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define KEXEC_FILE_NO_INITRAMFS 4

static int cat_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;

	if (!file)
		return errno;
	while (getline(&line, &room, file) > 0) {
		line[strcspn(line, "\n")] = 0;
		printf("%s\t%s\n", path, line);
	}
	free(line);
	fclose(file);
	return 0;
}

/* A pattern without a match prints no lines; the host detects the absence. */
static int cat(char **patterns)
{
	glob_t found;

	for (; *patterns; patterns++) {
		if (glob(*patterns, 0, NULL, &found))
			continue;
		for (size_t i = 0; i < found.gl_pathc; i++)
			cat_file(found.gl_pathv[i]);
		globfree(&found);
	}
	return 0;
}

static int hex(const char *path, size_t size)
{
	int fd = open(path, O_RDONLY);
	unsigned char bytes[64];
	ssize_t n = 0;
	int error = 0;

	if (fd < 0)
		return errno;
	while (size && (n = read(fd, bytes, size < sizeof bytes ? size : sizeof bytes)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			printf("%02x", bytes[i]);
		putchar('\n');
		size -= n;
	}
	if (n < 0)
		error = errno;
	close(fd);
	return error;
}

static int symbols(char **names)
{
	FILE *file = fopen("/proc/kallsyms", "r");
	char line[512], name[256];

	if (!file)
		return errno;
	while (fgets(line, sizeof line, file))
		if (sscanf(line, "%*s %*s %255s", name) == 1)
			for (char **wanted = names; *wanted; wanted++)
				if (!strcmp(*wanted, name))
					fputs(line, stdout);
	fclose(file);
	return 0;
}

static int dmesg(void)
{
	static char log[1 << 20];
	int n = klogctl(3, log, sizeof log);

	if (n < 0)
		return errno;
	fwrite(log, 1, n, stdout);
	putchar('\n');
	return 0;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY), error = 0;
	ssize_t n;

	if (fd < 0)
		return errno;
	n = write(fd, text, strlen(text));
	if (n < 0)
		error = errno;
	else if ((size_t)n < strlen(text))
		error = EIO;
	close(fd);
	return error;
}

static int load(unsigned long flags, const char *kernel, const char *initrd, const char *cmdline)
{
	int kernel_fd = open(kernel, O_RDONLY), initrd_fd = -1, error = 0;

	if (kernel_fd < 0)
		return errno;
	if (!strcmp(initrd, "-"))
		flags |= KEXEC_FILE_NO_INITRAMFS;
	else if ((initrd_fd = open(initrd, O_RDONLY)) < 0)
		return errno;
	if (syscall(SYS_kexec_file_load, kernel_fd, initrd_fd, strlen(cmdline) + 1, cmdline, flags))
		error = errno;
	close(kernel_fd);
	close(initrd_fd);
	return error;
}

static int insmod(const char *path)
{
	int fd = open(path, O_RDONLY), error = 0;

	if (fd < 0)
		return errno;
	if (syscall(SYS_finit_module, fd, "", 0))
		error = errno;
	close(fd);
	return error;
}

static int stay(const char *cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(strtoul(cpu, NULL, 0), &cpus);
	return sched_setaffinity(0, sizeof cpus, &cpus) ? errno : 0;
}

static int run(char **argv)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		dup2(1, 2);
		execv(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Cuts the next word off a line. */
static char *word(char **line)
{
	char *next = strsep(line, " ");

	return next ? next : "";
}

static void mount_on(const char *type, const char *path)
{
	mkdir(path, 0755);
	if (mount(type, path, type, 0, NULL))
		printf("no %s: %s\n", type, strerror(errno));
}

static int obey(char *line)
{
	char *command = word(&line), *argv[64] = { 0 };

	if (!strcmp(command, "dmesg"))
		return dmesg();
	if (!strcmp(command, "hex")) {
		char *path = word(&line);

		return hex(path, strtoul(word(&line), NULL, 0));
	}
	if (!strcmp(command, "write")) {
		char *path = word(&line);

		return write_file(path, line ? line : "");
	}
	if (!strcmp(command, "load")) {
		unsigned long flags = strtoul(word(&line), NULL, 0);
		char *kernel = word(&line), *initrd = word(&line);

		return load(flags, kernel, initrd, line ? line : "");
	}
	if (!strcmp(command, "stay"))
		return stay(word(&line));
	if (!strcmp(command, "insmod"))
		return insmod(word(&line));
	for (int i = 0; i < 63 && line; i++)
		argv[i] = strsep(&line, strcmp(command, "run") ? " " : "\t");
	if (!strcmp(command, "cat"))
		return cat(argv);
	if (!strcmp(command, "symbols"))
		return symbols(argv);
	if (!strcmp(command, "run"))
		return run(argv);
	return ENOSYS;
}

int main(void)
{
	static char line[8192];
	struct termios console;

	mkdir("/tmp", 0755);
	mount_on("proc", "/proc");
	mount_on("sysfs", "/sys");
	mount_on("devtmpfs", "/dev");
	mount_on("debugfs", "/sys/kernel/debug");
	if (!tcgetattr(0, &console)) {
		console.c_lflag &= ~(ECHO | ICANON);
		tcsetattr(0, TCSANOW, &console);
	}
	write_file("/proc/sys/kernel/kptr_restrict", "0");
	/* Nothing but us on the console, emergencies included, until a panic. */
	write_file("/proc/sys/kernel/printk", "0");
	setenv("PATH", "/usr/sbin:/usr/bin", 1);
	printf("@ready\n");
	fflush(stdout);
	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\r\n")] = 0;
		if (!*line)
			continue;
		int error = obey(line);

		printf("\n@done %d\n", error);
		fflush(stdout);
	}
	return 1;
}
