/* Much of one machine with System V objects: lease COMMAND KEY [COUNT]. Objects are made when they are not there. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>

struct message {
	long type;
	char text[32];
};

static void fail(const char *what) {
	printf("%s: %s\n", what, strerror(errno));
	exit(1);
}

static int queue(int key) {
	int id = msgget(key, IPC_CREAT | 0600);
	if (id < 0) fail("msgget");
	return id;
}

static int set(int key) {
	int id = semget(key, 1, IPC_CREAT | 0600);
	if (id < 0) fail("semget");
	return id;
}

static void put(int id, long type, int number) {
	struct message m = {.type = type};
	sprintf(m.text, "%d", number);
	if (msgsnd(id, &m, strlen(m.text) + 1, 0) < 0) fail("msgsnd");
}

static int get(int id, long type) {
	struct message m;
	if (msgrcv(id, &m, sizeof m.text, type, 0) < 0) fail("msgrcv");
	return atoi(m.text);
}

static void change(int id, int by, int flags) {
	struct sembuf operation = {0, by, flags};
	if (semop(id, &operation, 1) < 0) fail("semop");
}

static int count(int id) {
	struct msqid_ds ds;
	if (msgctl(id, IPC_STAT, &ds) < 0) fail("IPC_STAT");
	return ds.msg_qnum;
}

/* A child sends back what it gets, as type 2. */
static void echo(int id, int n) {
	int sum = 0;
	pid_t child = fork();
	if (child == 0) {
		for (int i = 0; i < n; i++) put(id, 2, get(id, 1));
		_exit(0);
	}
	for (int i = 0; i < n; i++) put(id, 1, i), sum += get(id, 2);
	waitpid(child, NULL, 0);
	printf("%d\n", sum);
}

/* Adds to the number in the queue. */
static void slowly(int id, int n) {
	for (int i = 0; i < n; i++) {
		put(id, 1, get(id, 1) + 1);
		usleep(5000);
	}
}

int main(int argc, char **argv) {
	const char *command = argv[1];
	int key = argc > 2 ? atoi(argv[2]) : 0, n = argc > 3 ? atoi(argv[3]) : 0;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 3) return 2;
	if (!strcmp(command, "send")) {
		int id = queue(key);
		for (int i = 0; i < n; i++) put(id, 1, i);
	} else if (!strcmp(command, "receive")) {
		int id = queue(key);
		for (int i = 0; i < n; i++) printf("%d\n", get(id, 0));
	} else if (!strcmp(command, "count")) {
		printf("%d\n", count(queue(key)));
	} else if (!strcmp(command, "echo")) {
		echo(queue(key), n);
	} else if (!strcmp(command, "cycle")) { /* up and down; a child leaves something to be undone */
		int id = set(key);
		for (int i = 0; i < n; i++) change(id, 1, 0), change(id, -1, SEM_UNDO);
		change(id, 1, 0);
		if (fork() == 0) {
			change(id, 1, SEM_UNDO);
			change(id, -1, 0);
			printf("held %d\n", semctl(id, 0, GETVAL));
			_exit(0);
		}
		wait(NULL);
		printf("after %d\n", semctl(id, 0, GETVAL));
		change(id, n, 0);
		change(id, -n, 0);
		semctl(id, 0, SETVAL, 0);
	} else if (!strcmp(command, "value")) {
		printf("%d\n", semctl(set(key), 0, GETVAL));
	} else if (!strcmp(command, "slowly")) {
		slowly(queue(key), n);
	} else if (!strcmp(command, "spin")) { /* computes until there is a message of type 9 */
		int id = queue(key);
		struct message m;
		for (int i = 0; i < 3; i++) put(id, 1, i);
		do for (volatile int i = 0; i < 1000000; i++) {}
		while (msgrcv(id, &m, sizeof m.text, 9, IPC_NOWAIT) < 0 && errno == ENOMSG);
	} else if (!strcmp(command, "stop")) {
		put(queue(key), 9, 0);
	} else if (!strcmp(command, "hold")) { /* a lease, and something to be undone */
		int id = set(key);
		for (int i = 0; i < 10; i++) change(id, 1, SEM_UNDO);
		sleep(60);
	} else return 2;
	return 0;
}
