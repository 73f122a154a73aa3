/* Feeds everything that pam_mousegate reads with arbitrary bytes. `make fuzz-pam` runs it under libFuzzer's sanitizers. */

#include "../../mousegate/pam/pam_mousegate.c"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a child says, through a real socket: whatever is read is a whole line, and only exact words mean anything. */
static void feed_lines(const uint8_t *data, size_t size)
{
    static const char token[] = "0123456789abcdef0123456789abcdef";
    char line[LINE_SIZE];
    int ends[2], wait_s = 0;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return;
    bool sent = send_all(ends[1], (const char *)data, size < 4096 ? size : 4096);
    close(ends[1]);
    while (sent && read_line(ends[0], line, 1000)) {
        assert(strlen(line) < LINE_SIZE);
        enum greeting greeting = parse_greeting(line, &wait_s);
        assert((greeting == GREETING_ASK) == (strcmp(line, "ask") == 0));
        assert(greeting != GREETING_WAIT || (wait_s > 0 && wait_s <= WAIT_MAX_S));
        enum verdict verdict = parse_verdict(line, token);
        assert((verdict == VERDICT_MATCH) == (strcmp(line, "0123456789abcdef0123456789abcdef match") == 0));
    }
    close(ends[0]);
}

/* What an application and a service file say. */
static void feed_texts(char *text, size_t size)
{
    const char *arguments[] = {text};
    struct options options;
    if (parse_options(1, arguments, &options))
        assert(options.helper[0] == '/' && options.timeout_ms >= 1000 && options.timeout_ms <= 1000 * TIMEOUT_MAX_S);
    if (is_user_name(text))
        assert(strchr(text, '/') == NULL && text[0] != '-' && text[0] != '.' && strlen(text) <= NAME_MAX_BYTES);
    size_t usable = usable_length(text);
    assert(usable == 0 || (usable == strlen(text) && usable <= ANSWER_MAX && strchr(text, '\n') == NULL));
    (void)size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (text == NULL)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    feed_lines(data, size);
    feed_texts(text, size);
    free(text);
    return 0;
}
