-- Moderation: who may say what in a show, who may not come in, and who decided so.

-- What viewers follow; a host may let followers alone speak.
CREATE TABLE follows (
    host_id      text NOT NULL REFERENCES accounts,
    account_id   text NOT NULL REFERENCES accounts,
    followed_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (host_id, account_id),
    CHECK (host_id <> account_id)
);

-- Random names that clients keep, so that a ban may hold them too. Purged when not seen for long.
CREATE TABLE account_devices (
    account_id  text NOT NULL REFERENCES accounts,
    device      text NOT NULL CHECK (length(device) BETWEEN 8 AND 64),
    seen_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, device)
);
CREATE INDEX account_devices_to_purge ON account_devices (seen_at);

CREATE TABLE chat_settings (
    show_id   text PRIMARY KEY REFERENCES shows,
    slow_s    integer NOT NULL DEFAULT 0 CHECK (slow_s BETWEEN 0 AND 3600),
    audience  text NOT NULL DEFAULT 'everyone'
              CHECK (audience IN ('everyone', 'followers', 'buyers')),
    links     text NOT NULL DEFAULT 'everyone' CHECK (links IN ('everyone', 'moderators')),
    words     text[] NOT NULL DEFAULT '{}' CHECK (cardinality(words) <= 200),
    -- The line above the chat, as it was said.
    pinned    jsonb CHECK (pinned ? 'id')
);

CREATE TABLE moderators (
    show_id       text NOT NULL REFERENCES shows,
    account_id    text NOT NULL REFERENCES accounts,
    appointed_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (show_id, account_id)
);

CREATE TABLE mutes (
    show_id     text NOT NULL REFERENCES shows,
    account_id  text NOT NULL REFERENCES accounts,
    until       timestamptz NOT NULL,
    PRIMARY KEY (show_id, account_id)
);

-- A ban is the host's: it holds in every show of theirs.
CREATE TABLE bans (
    host_id     text NOT NULL REFERENCES accounts,
    account_id  text NOT NULL REFERENCES accounts,
    devices     text[] NOT NULL DEFAULT '{}',
    banned_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (host_id, account_id),
    CHECK (host_id <> account_id)
);

-- Who did what, to whom, when and why. Nothing is ever changed or deleted here.
CREATE TABLE moderation_log (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    show_id     text NOT NULL REFERENCES shows,
    actor_id    text NOT NULL REFERENCES accounts,
    action      text NOT NULL CHECK (action IN (
        'mute', 'unmute', 'ban', 'unban', 'remove_line', 'pin_comment', 'unpin_comment', 'say',
        'settings', 'appoint', 'dismiss'
    )),
    subject_id  text REFERENCES accounts,
    line_id     text,
    -- The line as it was said, where it was still known.
    line        jsonb,
    until       timestamptz,
    reason      text CHECK (length(reason) <= 200),
    -- What else there is to say: the settings that changed, what a ban took along.
    details     jsonb NOT NULL DEFAULT '{}',
    at          timestamptz NOT NULL DEFAULT now(),
    CHECK (subject_id IS NOT NULL OR action NOT IN ('mute', 'unmute', 'ban', 'unban', 'appoint', 'dismiss')),
    CHECK (line_id IS NOT NULL OR action NOT IN ('remove_line', 'pin_comment', 'say'))
);
CREATE INDEX moderation_log_of_show ON moderation_log (show_id, id DESC);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the moderation log is only ever added to';
END $$;
CREATE TRIGGER moderation_log_stays BEFORE UPDATE OR DELETE ON moderation_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse();
