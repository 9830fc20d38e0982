-- Teams: who may do what in a host's shop beside the host, how they came in, and who changed it.

CREATE TABLE team_members (
    host_id      text NOT NULL REFERENCES accounts,
    account_id   text NOT NULL REFERENCES accounts,
    permissions  text[] NOT NULL CHECK (
        cardinality(permissions) BETWEEN 1 AND 7
        AND permissions <@ ARRAY[
            'run_show', 'moderate', 'sell', 'catalogue', 'orders', 'numbers', 'team'
        ]
    ),
    joined_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (host_id, account_id),
    CHECK (host_id <> account_id)
);
CREATE INDEX team_members_of_account ON team_members (account_id);

-- A link that one person may follow once. Only the digest of its code is kept.
CREATE TABLE team_invitations (
    id           text PRIMARY KEY,
    host_id      text NOT NULL REFERENCES accounts,
    digest       bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
    -- Whom it is for, in the inviter's words.
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    permissions  text[] NOT NULL,
    invited_by   text NOT NULL REFERENCES accounts,
    invited_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL
);
CREATE INDEX team_invitations_of_host ON team_invitations (host_id);

-- Who did what in a host's shop, in one order. Nothing is ever changed or deleted here.
CREATE TABLE audit_log (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    host_id     text NOT NULL,
    actor_id    text NOT NULL REFERENCES accounts,
    area        text NOT NULL CHECK (area IN ('team', 'chat')),
    action      text NOT NULL,
    subject_id  text REFERENCES accounts,
    show_id     text,
    -- A line of the chat, the name on an invitation.
    text        text,
    reason      text,
    permissions text[],
    at          timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audit_log_of_host ON audit_log (host_id, id DESC);
CREATE TRIGGER audit_log_stays BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse();

INSERT INTO audit_log (host_id, actor_id, area, action, subject_id, show_id, text, reason, at)
SELECT
    shows.host_id, actor_id, 'chat', action, subject_id, show_id, line->>'text', reason, at
FROM moderation_log JOIN shows ON shows.id = show_id
ORDER BY moderation_log.id;

-- What is decided about a chat is in the shop's list in the same statement.
CREATE FUNCTION audit_moderation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_log (host_id, actor_id, area, action, subject_id, show_id, text, reason, at)
    SELECT
        shows.host_id, NEW.actor_id, 'chat', NEW.action, NEW.subject_id, NEW.show_id,
        NEW.line->>'text', NEW.reason, NEW.at
    FROM shows WHERE shows.id = NEW.show_id;
    RETURN NULL;
END $$;
CREATE TRIGGER moderation_is_audited AFTER INSERT ON moderation_log
    FOR EACH ROW EXECUTE FUNCTION audit_moderation();

-- Moderators of one show stay what they are; a member with `moderate` is one in every show.
CREATE VIEW show_moderators AS
SELECT show_id, account_id FROM moderators
UNION
SELECT shows.id, team_members.account_id
FROM shows JOIN team_members ON team_members.host_id = shows.host_id
WHERE 'moderate' = ANY (team_members.permissions);
