/* System V objects from the command line: ipc COMMAND KEY ARGUMENTS. Keys are numbers; objects are made when they are not there. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TEXT 256
#define FAULT 31337 /* of worker.ts */

struct message {
	long type;
	char text[TEXT];
};

static int status;

static void fail(const char *what) {
	printf("%s: %s\n", what, strerror(errno));
	exit(1);
}

static void interrupted(int number) {
	(void)number;
}

static int queue(const char *key) {
	int id = msgget(atoi(key), IPC_CREAT | 0600);
	if (id < 0) fail("msgget");
	return id;
}

/* A set of one semaphore, which starts at 1: it is made by whoever wins, and is ready when sem_otime is not 0. */
static int semaphore(const char *key) {
	int id = semget(atoi(key), 1, IPC_CREAT | IPC_EXCL | 0600);
	struct sembuf up = {0, 1, 0};
	if (id >= 0) {
		if (semop(id, &up, 1) < 0) fail("semop");
		return id;
	}
	if (errno != EEXIST) fail("semget");
	id = semget(atoi(key), 1, 0);
	if (id < 0) fail("semget");
	for (;;) {
		struct semid_ds ds;
		if (semctl(id, 0, IPC_STAT, &ds) < 0) fail("IPC_STAT");
		if (ds.sem_otime != 0) return id;
		usleep(1000);
	}
}

static void change(int id, int by) {
	struct sembuf operation = {0, by, SEM_UNDO};
	if (semop(id, &operation, 1) < 0) fail("semop");
}

static void put(int id, long type, const char *text) {
	struct message m;
	m.type = type;
	strncpy(m.text, text, TEXT - 1);
	m.text[TEXT - 1] = 0;
	if (msgsnd(id, &m, strlen(m.text), 0) < 0) fail("msgsnd");
}

static void get(int id, long type, int flags, struct message *m) {
	ssize_t n = msgrcv(id, m, TEXT - 1, type, flags);
	if (n < 0) fail("msgrcv");
	m->text[n] = 0;
}

static void handler(int signal) {
	(void)signal;
}

int main(int argc, char **argv) {
	const char *command = argv[1], *key = argv[2];
	struct message m;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 3) return 2;
	if (!strcmp(command, "send")) { /* TYPE TEXT */
		put(queue(key), atol(argv[3]), argv[4]);
		printf("sent\n");
	} else if (!strcmp(command, "receive")) { /* TYPE [COUNT [except]] */
		int id = queue(key);
		for (int n = argc > 4 ? atoi(argv[4]) : 1; n > 0; n--) {
			get(id, atol(argv[3]), argc > 5 ? MSG_EXCEPT : 0, &m);
			printf("%ld %s\n", m.type, m.text);
		}
	} else if (!strcmp(command, "produce")) { /* SENDER COUNT TYPES */
		int id = queue(key);
		for (int i = 0; i < atoi(argv[4]); i++) {
			char text[32];
			sprintf(text, "%s %d", argv[3], i);
			put(id, 1 + i % atoi(argv[5]), text);
		}
		printf("produced\n");
	} else if (!strcmp(command, "semaphore")) {
		semaphore(key);
	} else if (!strcmp(command, "add")) { /* COUNT: to the number in the queue of the next key, under the semaphore */
		int id = semaphore(key), number = msgget(atoi(key) + 1, 0);
		if (number < 0) fail("msgget");
		for (int i = 0; i < atoi(argv[3]); i++) {
			change(id, -1);
			get(number, 0, 0, &m);
			sprintf(m.text, "%ld", atol(m.text) + 1);
			put(number, 1, m.text);
			change(id, 1);
		}
		printf("added\n");
	} else if (!strcmp(command, "hold")) { /* HOW: crash, kill, spin, print, fault, sleep */
		change(semaphore(key), -1);
		printf("held\n");
		if (!strcmp(argv[3], "crash")) abort();
		if (!strcmp(argv[3], "kill")) kill(getpid(), SIGKILL);
		if (!strcmp(argv[3], "spin")) for (;;) {}
		if (!strcmp(argv[3], "print")) for (;;) printf("still here\n"), usleep(20000);
		if (!strcmp(argv[3], "fault")) getrandom(malloc(FAULT), FAULT, 0);
		sleep(60);
	} else if (!strcmp(command, "down") || !strcmp(command, "zero") || !strcmp(command, "up")) { /* without SEM_UNDO */
		struct sembuf operation = {0, !strcmp(command, "down") ? -1 : !strcmp(command, "up"), 0};
		if (semop(semaphore(key), &operation, 1) < 0) fail("semop");
		printf("%s\n", command);
	} else if (!strcmp(command, "limit")) { /* BYTES that the queue holds */
		struct msqid_ds ds;
		int id = queue(key);
		if (msgctl(id, IPC_STAT, &ds) < 0) fail("IPC_STAT");
		ds.msg_qbytes = atol(argv[3]);
		if (msgctl(id, IPC_SET, &ds) < 0) fail("IPC_SET");
	} else if (!strcmp(command, "value")) {
		printf("%d\n", semctl(semaphore(key), 0, GETVAL));
	} else if (!strcmp(command, "waiters")) {
		printf("%d\n", semctl(semaphore(key), 0, GETNCNT));
	} else if (!strcmp(command, "messages")) {
		struct msqid_ds ds;
		if (msgctl(queue(key), IPC_STAT, &ds) < 0) fail("IPC_STAT");
		printf("%lu\n", (unsigned long)ds.msg_qnum);
	} else if (!strcmp(command, "remove")) {
		int id = msgget(atoi(key), 0);
		if (id >= 0 && msgctl(id, IPC_RMID, NULL) < 0) fail("IPC_RMID");
		id = semget(atoi(key), 0, 0);
		if (id >= 0 && semctl(id, 0, IPC_RMID) < 0) fail("IPC_RMID");
		printf("removed\n");
	} else if (!strcmp(command, "interrupted")) { /* a signal interrupts msgrcv */
		struct sigaction action = {.sa_handler = handler};
		int id = queue(key);
		sigaction(SIGALRM, &action, NULL);
		alarm(1);
		if (msgrcv(id, &m, TEXT, 0, 0) >= 0) printf("received\n");
		else printf("%s\n", strerror(errno));
	} else if (!strcmp(command, "timed")) { /* MILLISECONDS: semtimedop gives up */
		struct sembuf down = {0, -1, 0};
		struct timespec timeout = {atoi(argv[3]) / 1000, atoi(argv[3]) % 1000 * 1000000L};
		if (semtimedop(semaphore(key), &down, 1, &timeout) == 0) printf("done\n");
		else printf("%s\n", strerror(errno));
	} else if (!strcmp(command, "private")) { /* a child of the same machine; the queue's id for others */
		int id = msgget(IPC_PRIVATE, 0600);
		if (fork() == 0) {
			put(id, 1, "from the child");
			_exit(0);
		}
		get(id, 0, 0, &m);
		wait(&status);
		printf("%s\n", m.text);
		put(id, 2, "for others");
		printf("%d\n", id);
	} else if (!strcmp(command, "shared")) { /* SECONDS or until SIGUSR1, as "shares": memory that a child writes; how it is seen elsewhere */
		signal(SIGUSR1, interrupted);
		int id = shmget(atoi(key), 4096, IPC_CREAT | 0600);
		if (id < 0) fail("shmget");
		int *memory = shmat(id, NULL, 0);
		if (memory == (void *)-1) fail("shmat");
		if (fork() == 0) {
			memory[0] = 42;
			_exit(0);
		}
		wait(&status);
		printf("%d\n%d\n", memory[0], id);
		prctl(PR_SET_NAME, "shares");
		sleep(atoi(argv[3]));
		if (shmctl(id, IPC_RMID, NULL) < 0) fail("IPC_RMID");
	} else if (!strcmp(command, "attach")) { /* the key is an id */
		if (shmat(atoi(key), NULL, 0) == (void *)-1) fail("shmat");
		printf("attached\n");
	} else if (!strcmp(command, "byid")) { /* the key is an id */
		get(atoi(key), 0, 0, &m);
		printf("%s\n", m.text);
	} else {
		return 2;
	}
	return 0;
}
