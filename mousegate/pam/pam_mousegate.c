/*
 * pam_mousegate: asks for the mouse signature and lets mousegate-verify judge it.
 *
 * All that happens here: one child is started, at most one question is put through the application's conversation,
 * and two lines are read back. Nothing of the answer is understood here; it is handed on and wiped.
 *
 *     child to module   "ask"            the user is enrolled: put the question
 *                       "wait SECONDS"   too early for another attempt
 *                       "unknown"        the user is not enrolled
 *     module to child   "TOKEN ANSWER"   TOKEN: 32 hexadecimal digits, drawn for this attempt
 *     child to module   "TOKEN match"    the one thing that succeeds
 *                       "TOKEN no"
 *
 * Success is that one line. No exit status, signal, silence or other text of the child succeeds, so the application's
 * own handling of SIGCHLD does not matter.
 *
 *     PAM_SUCCESS             match
 *     PAM_AUTH_ERR            anything else that an enrolled user answers, or no answer
 *     PAM_AUTHINFO_UNAVAIL    the user is not enrolled, or sits at another machine, which has no mouse here
 *     PAM_SYSTEM_ERR          the child failed, is too slow, or said something else
 *
 * Arguments, in the service file: helper=PATH, store=DIRECTORY, timeout=SECONDS.
 */

#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <security/pam_ext.h>
#include <security/pam_modules.h>

#ifndef MOUSEGATE_VERIFY
#define MOUSEGATE_VERIFY "/usr/lib/mousegate/bin/mousegate-verify"
#endif

#define PROBE_PROMPT "mousegate-probe:1"
#define MATCHED "mousegate_matched"

enum {
    TOKEN_BYTES = 16,
    TOKEN_SIZE = 2 * TOKEN_BYTES + 1,
    LINE_SIZE = 64,
    ANSWER_MAX = 512, /* PAM_MAX_RESP_SIZE */
    NAME_MAX_BYTES = 256,
    TIMEOUT_S = 10,
    TIMEOUT_MAX_S = 60,
    WAIT_MAX_S = 3600,
    FAIL_DELAY_US = 2000000, /* what pam_unix asks for; libpam waits for the longest */
};

struct options {
    const char *helper;
    const char *store;
    int timeout_ms;
};

struct child {
    pid_t pid;
    int socket;
};

enum greeting { GREETING_BAD, GREETING_ASK, GREETING_UNKNOWN, GREETING_WAIT };
enum verdict { VERDICT_BAD, VERDICT_MATCH, VERDICT_NO };

/* --- what is read: pure functions over bounded text, which the fuzzer calls --- */

/* Parse digits without sign or space, 1 to `most`; -1 for anything else. */
static int parse_number(const char *text, int most)
{
    int value = 0;
    if (*text == '\0')
        return -1;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        value = 10 * value + (*text - '0');
        if (value > most)
            return -1;
    }
    return value > 0 ? value : -1;
}

static enum greeting parse_greeting(const char *line, int *wait_s)
{
    if (strcmp(line, "ask") == 0)
        return GREETING_ASK;
    if (strcmp(line, "unknown") == 0)
        return GREETING_UNKNOWN;
    if (strncmp(line, "wait ", 5) == 0) {
        *wait_s = parse_number(line + 5, WAIT_MAX_S);
        return *wait_s > 0 ? GREETING_WAIT : GREETING_BAD;
    }
    return GREETING_BAD;
}

static enum verdict parse_verdict(const char *line, const char *token)
{
    size_t length = strlen(token);
    if (length != TOKEN_SIZE - 1 || strncmp(line, token, length) != 0)
        return VERDICT_BAD;
    if (strcmp(line + length, " match") == 0)
        return VERDICT_MATCH;
    if (strcmp(line + length, " no") == 0)
        return VERDICT_NO;
    return VERDICT_BAD;
}

/* A user name that can be a folder's name and no option: everything else is nobody's. */
static bool is_user_name(const char *name)
{
    size_t length = strnlen(name, NAME_MAX_BYTES + 1);
    if (length == 0 || length > NAME_MAX_BYTES || name[0] == '-' || name[0] == '.')
        return false;
    for (size_t index = 0; index < length; index++) {
        unsigned char letter = (unsigned char)name[index];
        if (iscntrl(letter) || letter == '/' || letter == ' ')
            return false;
    }
    return true;
}

static bool parse_options(int argc, const char **argv, struct options *options)
{
    *options = (struct options){MOUSEGATE_VERIFY, NULL, TIMEOUT_S * 1000};
    for (int index = 0; index < argc; index++) {
        const char *argument = argv[index];
        if (strncmp(argument, "helper=/", 8) == 0) {
            options->helper = argument + 7;
        } else if (strncmp(argument, "store=/", 7) == 0) {
            options->store = argument + 6;
        } else if (strncmp(argument, "timeout=", 8) == 0) {
            int seconds = parse_number(argument + 8, TIMEOUT_MAX_S);
            if (seconds < 0)
                return false;
            options->timeout_ms = seconds * 1000;
        } else {
            return false;
        }
    }
    return true;
}

/* --- the child --- */

static long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* What the child sees of our environment: where the person's own files are, and only if it gains nothing by them. */
static size_t inherit(char *environment[], size_t count)
{
    static const char *const names[] = {"HOME=", "XDG_DATA_HOME=", "XDG_CONFIG_HOME="};
    if (geteuid() == 0 || getuid() != geteuid() || getgid() != getegid())
        return count;
    for (char **entry = environ; entry != NULL && *entry != NULL; entry++)
        for (size_t index = 0; index < sizeof names / sizeof *names; index++)
            if (strncmp(*entry, names[index], strlen(names[index])) == 0 && count < 6)
                environment[count++] = *entry;
    return count;
}

static int spawn(const char *helper, char *const arguments[], char *const environment[], int end, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed != 0)
        return failed;
    failed = posix_spawnattr_init(&attributes);
    if (failed == 0) {
        sigemptyset(&none);
        sigfillset(&all);
        (void)(failed || (failed = posix_spawn_file_actions_adddup2(&actions, end, STDIN_FILENO)) ||
               (failed = posix_spawn_file_actions_adddup2(&actions, end, STDOUT_FILENO)) ||
               (failed = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", 1, 0)) ||
               (failed = posix_spawn_file_actions_addclosefrom_np(&actions, 3)) ||
               (failed = posix_spawn_file_actions_addchdir_np(&actions, "/")) ||
               (failed = posix_spawnattr_setsigmask(&attributes, &none)) ||
               (failed = posix_spawnattr_setsigdefault(&attributes, &all)) ||
               (failed = posix_spawnattr_setflags(
                    &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID)) ||
               (failed = posix_spawn(pid, helper, &actions, &attributes, arguments, environment)));
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

/* Start the helper with `what` (NULL: verify) for `user`. Returns false, having said why, when it cannot be. */
static bool start(pam_handle_t *pamh, const struct options *options, const char *user, const char *what,
                  struct child *child)
{
    const char *arguments[8] = {options->helper, "--user", user};
    char *environment[8] = {(char[]){"PATH=/usr/bin:/bin"}, (char[]){"LANG=C.UTF-8"}};
    size_t count = 3;
    int ends[2];
    if (options->store != NULL) {
        arguments[count++] = "--store";
        arguments[count++] = options->store;
    }
    if (what != NULL)
        arguments[count++] = what;
    environment[inherit(environment, 2)] = NULL;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        pam_syslog(pamh, LOG_ERR, "no socket for %s: %m", options->helper);
        return false;
    }
    if (ends[1] <= STDERR_FILENO) { /* an application without standard streams: keep clear of what dup2 replaces */
        close(ends[0]);
        close(ends[1]);
        pam_syslog(pamh, LOG_ERR, "the application runs without standard streams");
        return false;
    }
    int failed = spawn(options->helper, (char *const *)arguments, environment, ends[1], &child->pid);
    close(ends[1]);
    if (failed != 0) {
        close(ends[0]);
        pam_syslog(pamh, LOG_ERR, "%s cannot be started: %s", options->helper, strerror(failed));
        return false;
    }
    child->socket = ends[0];
    return true;
}

/* End the child. It has said all it had to say, or is too late to. */
static void stop(struct child *child)
{
    close(child->socket);
    kill(child->pid, SIGKILL);
    while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

/* Read one line within `timeout_ms`, without its newline. False on anything longer, later, or cut short. */
static bool read_line(int socket, char line[LINE_SIZE], int timeout_ms)
{
    long deadline = now_ms() + timeout_ms;
    size_t length = 0;
    while (length < LINE_SIZE) {
        struct pollfd ready = {.fd = socket, .events = POLLIN};
        long left = deadline - now_ms();
        if (left <= 0)
            return false;
        int polled = poll(&ready, 1, (int)left);
        if (polled < 0 && errno == EINTR)
            continue;
        if (polled <= 0)
            return false;
        ssize_t got = recv(socket, line + length, LINE_SIZE - length, MSG_DONTWAIT);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got <= 0)
            return false;
        length += (size_t)got;
        const char *newline = memchr(line, '\n', length);
        if (newline != NULL) {
            bool whole = newline == line + length - 1 && memchr(line, '\0', length) == NULL;
            line[length - 1] = '\0';
            return whole;
        }
    }
    return false;
}

static bool send_all(int socket, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(socket, text, length, MSG_NOSIGNAL | MSG_DONTWAIT); /* far below a socket's buffer */
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        text += sent;
        length -= (size_t)sent;
    }
    return true;
}

/* --- one attempt --- */

static bool draw_token(char token[TOKEN_SIZE])
{
    unsigned char bytes[TOKEN_BYTES];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return false;
    for (size_t index = 0; index < sizeof bytes; index++)
        snprintf(token + 2 * index, 3, "%02x", bytes[index]);
    explicit_bzero(bytes, sizeof bytes);
    return true;
}

/* An answer that cannot be a probe is handed on as none, so that it counts as an attempt all the same. */
static size_t usable_length(const char *answer)
{
    size_t length = answer != NULL ? strnlen(answer, ANSWER_MAX + 1) : 0;
    if (length > ANSWER_MAX)
        return 0;
    for (size_t index = 0; index < length; index++)
        if (answer[index] < ' ' || answer[index] > '~')
            return 0;
    return length;
}

static enum verdict ask_and_judge(pam_handle_t *pamh, const struct options *options, const struct child *child)
{
    char token[TOKEN_SIZE], line[LINE_SIZE], message[TOKEN_SIZE + 1 + ANSWER_MAX + 1];
    char *answer = NULL;
    if (!draw_token(token))
        return VERDICT_BAD;
    int asked = pam_prompt(pamh, PAM_PROMPT_ECHO_ON, &answer, "%s", PROBE_PROMPT);
    size_t length = asked == PAM_SUCCESS ? usable_length(answer) : 0;
    memcpy(message, token, TOKEN_SIZE - 1);
    message[TOKEN_SIZE - 1] = ' ';
    if (length > 0)
        memcpy(message + TOKEN_SIZE, answer, length);
    message[TOKEN_SIZE + length] = '\n';
    if (answer != NULL)
        explicit_bzero(answer, strlen(answer));
    free(answer);
    bool told = send_all(child->socket, message, TOKEN_SIZE + length + 1);
    explicit_bzero(message, sizeof message);
    if (!told || !read_line(child->socket, line, options->timeout_ms))
        return VERDICT_BAD;
    return parse_verdict(line, token);
}

static int attempt(pam_handle_t *pamh, const struct options *options, const char *user)
{
    struct child child;
    char line[LINE_SIZE];
    int wait_s = 0, result = PAM_SYSTEM_ERR;
    if (!start(pamh, options, user, NULL, &child))
        return PAM_SYSTEM_ERR;
    enum greeting greeting =
        read_line(child.socket, line, options->timeout_ms) ? parse_greeting(line, &wait_s) : GREETING_BAD;
    if (greeting == GREETING_UNKNOWN) {
        result = PAM_AUTHINFO_UNAVAIL;
    } else if (greeting == GREETING_WAIT) {
        pam_error(pamh, "Too many attempts. Wait %d seconds, then try again.", wait_s);
        result = PAM_AUTH_ERR;
    } else if (greeting == GREETING_ASK) {
        enum verdict verdict = ask_and_judge(pamh, options, &child);
        if (verdict != VERDICT_BAD)
            result = verdict == VERDICT_MATCH ? PAM_SUCCESS : PAM_AUTH_ERR;
    }
    stop(&child);
    if (result == PAM_SYSTEM_ERR)
        pam_syslog(pamh, LOG_ERR, "%s failed or was too slow; nobody is let in", options->helper);
    return result;
}

static bool is_remote(pam_handle_t *pamh)
{
    const void *host = NULL;
    if (pam_get_item(pamh, PAM_RHOST, &host) != PAM_SUCCESS || host == NULL)
        return false;
    return *(const char *)host != '\0' && strcmp(host, "localhost") != 0;
}

PAM_EXTERN int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    struct options options;
    const char *user = NULL;
    (void)flags;
    pam_fail_delay(pamh, FAIL_DELAY_US);
    if (!parse_options(argc, argv, &options)) {
        pam_syslog(pamh, LOG_ERR, "bad argument in the service file: helper=/PATH, store=/DIRECTORY, timeout=SECONDS");
        return PAM_SYSTEM_ERR;
    }
    if (pam_get_user(pamh, &user, NULL) != PAM_SUCCESS || user == NULL || !is_user_name(user))
        return PAM_USER_UNKNOWN;
    if (is_remote(pamh))
        return PAM_AUTHINFO_UNAVAIL;
    int result = attempt(pamh, &options, user);
    if (result == PAM_SUCCESS && pam_set_data(pamh, MATCHED, (void *)(long)1, NULL) != PAM_SUCCESS)
        return PAM_SYSTEM_ERR;
    return result;
}

/* Applications come here once the whole stack is satisfied: only then are earlier failures forgotten. */
PAM_EXTERN int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    struct options options;
    struct child child;
    const char *user = NULL;
    const void *matched = NULL;
    char line[LINE_SIZE];
    if (((unsigned)flags & PAM_DELETE_CRED) != 0 || pam_get_data(pamh, MATCHED, &matched) != PAM_SUCCESS || matched == NULL)
        return PAM_IGNORE;
    pam_set_data(pamh, MATCHED, NULL, NULL);
    if (!parse_options(argc, argv, &options) || pam_get_user(pamh, &user, NULL) != PAM_SUCCESS || user == NULL)
        return PAM_IGNORE;
    if (!start(pamh, &options, user, "--clear", &child))
        return PAM_IGNORE;
    if (!read_line(child.socket, line, options.timeout_ms) || strcmp(line, "cleared") != 0)
        pam_syslog(pamh, LOG_WARNING, "earlier failures of %s are not forgotten: %s failed", user, options.helper);
    stop(&child);
    return PAM_IGNORE;
}
